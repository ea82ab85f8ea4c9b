//! Between reading and the ledger: one request is one record, however often it is written down.
//!
//! What makes two records copies of one thing is each source's own business
//! ([`Repeats`]):
//!
//! - The same id with the same content in another file, or the nth equal row where there are no
//!   ids: the copy is dropped at once. Only fingerprints are kept, 18 to 21 bytes a record, and only
//!   when there are several files. Inside of one file nothing is dropped. A number that counts rows
//!   is no id ([`Record::request_id`]).
//! - The same id in another file, where the source gives each request its own: with several files
//!   these are held, about 300 bytes each, and the fullest copy goes on.
//! - Copies of a response that grow while it streams: they are held until every file is read, and
//!   the largest goes on; about 300 bytes a response.
//! - Buckets of exports that overlap: with several files they are held too, and of the files that
//!   cover a span the one with more in it holds, key by key, since the counters of an open day only
//!   grow. That does not depend on the order of the files. A file is taken for an earlier state only
//!   near its end, and only where none of its counts is larger; elsewhere both are kept and the
//!   difference is reported.
//!   Keys that only one of the files has are kept: exports of different projects are added.
//!
//! Nothing disappears silently: [`Dedup::tallies`] says per file what was dropped, and why.
//!
//! Memory has a limit ([`Dedup::with_limit`]). Where the files can be read several times, what does
//! not fit is looked for part by part ([`Dedup::of_part`]): a record belongs to one part, its copies
//! to the same, and each part gets what the whole would get. Buckets are all in the first part.

mod room;
mod overlap;
mod seen;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use self::room::{Part, Room};
use self::seen::Seen;
use crate::lookup::Lookup;
use crate::record::held::{Held, Texts};
use crate::record::{Record, Repeats, fingerprint};

/// What becomes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a record that is not new must not be charged"]
pub enum CopyVerdict {
    /// It counts.
    New,
    /// It is a copy of a record of another file.
    Duplicate,
    /// It is kept until every file is read: [`Dedup::finish`] hands it on or counts it out.
    Held,
    /// It belongs to another part (see [`Dedup::of_part`]).
    OfAnotherPart,
    /// There is no room left to say (see [`Dedup::with_limit`]): from here on, that is what is said
    /// of every record, and what was said of the others is of no use.
    NoRoom,
}

/// What was found in one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Records that are copies of others.
    pub duplicates: u64,
    /// Those among them whose content differs from that of the copy that counts.
    pub differing: u64,
    /// Buckets that another file reports as well: by the index of that file.
    pub replaced: BTreeMap<usize, u64>,
    /// Buckets that another file reports too, with other content, and that were kept.
    pub conflicts: BTreeMap<usize, u64>,
    /// Records whose copies, if there are any, cannot be recognised.
    pub unrecognisable: u64,
}

/// The stage itself. Files are numbered from 0 and come one after the other; several threads may add
/// the records of one file at once (see [`Dedup::order_matters`]).
#[derive(Debug)]
pub struct Dedup {
    several_files: bool,
    /// Records that are the same whenever their fingerprints are.
    seen: Seen,
    order_matters: AtomicBool,
    kept: Mutex<Kept>,
    room: Room,
    part: Part,
}

/// What one thread after the other adds to.
#[derive(Debug, Default)]
struct Kept {
    texts: Texts,
    /// Requests of sources that give each an id of its own, by its fingerprint.
    unique: Vec<(u128, Held)>,
    /// Responses that stream, each by the fingerprint of its id.
    growing: Vec<Held>,
    growing_at: Lookup<u128, usize>,
    /// What buckets take, about.
    bucket_bytes: usize,
    /// Buckets by export.
    buckets: BTreeMap<&'static str, Vec<Held>>,
    tallies: Vec<Tally>,
}

impl Dedup {
    /// A stage for so many files.
    #[must_use]
    pub fn new(files: usize) -> Self {
        Self {
            several_files: files > 1,
            seen: Seen::new(),
            order_matters: AtomicBool::new(false),
            kept: Mutex::new(Kept { tallies: vec![Tally::default(); files], ..Kept::default() }),
            room: Room::new(usize::MAX),
            part: Part::WHOLE,
        }
    }

    /// The same stage within so many bytes: 18 to 21 a record, about 300 one that is held. When they are taken, [`CopyVerdict::NoRoom`] is all that it says.
    #[must_use]
    pub fn with_limit(self, bytes: usize) -> Self {
        Self { room: Room::new(bytes), ..self }
    }

    /// The same stage for one part of all records, by number from 0: it says
    /// [`CopyVerdict::OfAnotherPart`] of all others. Reading the same files once for each part comes to
    /// what reading them once for all comes to.
    #[must_use]
    pub fn of_part(self, number: u32, of: u32) -> Self {
        Self { part: Part { number, of: of.max(1) }, ..self }
    }

    /// True for the part that has what belongs to no part by itself: records without copies,
    /// buckets. Rows that are no records should be counted with it.
    #[must_use]
    pub const fn is_first_part(&self) -> bool {
        self.part.is_first()
    }

    /// True when there was no room, and more parts make it no better: most of it is taken by buckets.
    #[must_use]
    pub fn has_too_many_buckets(&self) -> bool {
        self.room.is_full() && self.kept().bucket_bytes > self.room.limit() / 2
    }

    /// Says what becomes of a record of a file.
    pub fn add(&self, file: usize, record: &Record<'_>) -> CopyVerdict {
        if self.room.is_full() {
            return CopyVerdict::NoRoom;
        }
        match record.repeats {
            Repeats::Growing if !record.id.is_empty() => self.grows(file, record),
            Repeats::Growing | Repeats::Unknown => self.rest(|| self.kept().unrecognisable(file)),
            _ if !self.several_files => self.rest(|| CopyVerdict::New),
            Repeats::SameId | Repeats::UniqueId if record.request_id().is_none() => {
                self.rest(|| CopyVerdict::New)
            }
            Repeats::SameId => self.occurs(file, content(record)),
            Repeats::UniqueId => self.holds_id(file, record),
            Repeats::SameRow(row) => self.occurs(file, row),
            Repeats::Bucket(export) => self.rest(|| self.holds_bucket(export, file, record)),
        }
    }

    /// What belongs to no part by itself.
    fn rest(&self, say: impl FnOnce() -> CopyVerdict) -> CopyVerdict {
        if self.part.is_first() { say() } else { CopyVerdict::OfAnotherPart }
    }

    fn grows(&self, file: usize, record: &Record<'_>) -> CopyVerdict {
        let id = fingerprint(record.id);
        if !self.part.has(id) {
            return CopyVerdict::OfAnotherPart;
        }
        let mut kept = self.kept();
        let (verdict, bytes) = kept.grows(id, file, record);
        if self.room.take(bytes) { verdict } else { CopyVerdict::NoRoom }
    }

    fn holds_bucket(&self, export: &'static str, file: usize, record: &Record<'_>) -> CopyVerdict {
        let mut kept = self.kept();
        let texts = kept.texts.bytes();
        let held = Held::new(file, record, &mut kept.texts);
        let bytes = held.bytes() + kept.texts.bytes() - texts;
        kept.buckets.entry(export).or_default().push(held);
        kept.bucket_bytes += bytes;
        if self.room.take(bytes) { CopyVerdict::Held } else { CopyVerdict::NoRoom }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept_mut(&mut self) -> &mut Kept {
        self.kept.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// True when, since this was last asked, a file held more copies of a record than those before
    /// it, or different records of one id: then the verdicts on them depend on which came first, and
    /// that file must be added once more by one thread, in order, after [`Dedup::forget`].
    pub fn order_matters(&self) -> bool {
        self.order_matters.swap(false, Ordering::Relaxed)
    }

    /// Forgets what the last file had, so that it can be added once more. Responses that grow while
    /// they stream are not forgotten.
    pub fn forget(&mut self, file: usize) {
        self.seen.forget(number(file));
        *self.order_matters.get_mut() = false;
        let kept = self.kept_mut();
        kept.unique.retain(|(_, held)| held.file() != file);
        for rows in kept.buckets.values_mut() {
            rows.retain(|held| held.file() != file);
        }
        *kept.tally(file) = Tally::default();
    }

    /// The nth occurrence in this file is the nth of an earlier file, if that has so many.
    fn occurs(&self, file: usize, of: u128) -> CopyVerdict {
        if !self.part.has(of) {
            return CopyVerdict::OfAnotherPart;
        }
        let Some(times) = self.seen.see(of, number(file), &self.room) else {
            return CopyVerdict::NoRoom;
        };
        if times.here <= times.before {
            self.kept().tally(file).duplicates += 1;
            return CopyVerdict::Duplicate;
        }
        if times.before > 0 {
            self.order_matters.store(true, Ordering::Relaxed);
        }
        CopyVerdict::New
    }

    /// The id alone decides: which copy tells most is known when all have been read.
    fn holds_id(&self, file: usize, record: &Record<'_>) -> CopyVerdict {
        let id = fingerprint(record.id);
        if !self.part.has(id) {
            return CopyVerdict::OfAnotherPart;
        }
        let mut kept = self.kept();
        let texts = kept.texts.bytes();
        let held = Held::new(file, record, &mut kept.texts);
        let bytes = held.bytes() + size_of::<u128>() + kept.texts.bytes() - texts;
        kept.unique.push((id, held));
        if self.room.take(bytes) { CopyVerdict::Held } else { CopyVerdict::NoRoom }
    }

    /// Hands on what was held, with the index of its file, when every file is read; and to `left_out`
    /// what does not count though nobody can be sure that it is a copy, with the index of the file
    /// that counts instead: money that somebody should know of.
    pub fn finish(
        &mut self,
        each: &mut dyn FnMut(usize, &Record<'_>),
        left_out: &mut dyn FnMut(usize, usize, &Record<'_>),
    ) {
        self.kept_mut().finish(each, left_out);
    }

    /// What was found in each file.
    #[must_use]
    pub fn tallies(&mut self) -> &[Tally] {
        &self.kept_mut().tallies
    }
}

impl Kept {
    fn unrecognisable(&mut self, file: usize) -> CopyVerdict {
        self.tally(file).unrecognisable += 1;
        CopyVerdict::New
    }

    fn tally(&mut self, file: usize) -> &mut Tally {
        if self.tallies.len() <= file {
            self.tallies.resize(file + 1, Tally::default());
        }
        &mut self.tallies[file]
    }

    /// The copy with the most output stays, then the largest; of equals the first. Says what that takes, too.
    fn grows(&mut self, id: u128, file: usize, record: &Record<'_>) -> (CopyVerdict, usize) {
        let texts = self.texts.bytes();
        let held = Held::new(file, record, &mut self.texts);
        let texts = self.texts.bytes() - texts;
        let Some(&at) = self.growing_at.get(&id) else {
            self.growing_at.insert(id, self.growing.len());
            let bytes = held.bytes() + texts + PLACE_BYTES;
            self.growing.push(held);
            return (CopyVerdict::Held, bytes);
        };
        let Some(known) = self.growing.get_mut(at) else {
            return (CopyVerdict::New, texts);
        };
        let loser = if held.progress() > known.progress() {
            std::mem::replace(known, held).file()
        } else {
            file
        };
        self.tally(loser).duplicates += 1;
        (if loser == file { CopyVerdict::Duplicate } else { CopyVerdict::Held }, texts)
    }

    fn finish(
        &mut self,
        each: &mut dyn FnMut(usize, &Record<'_>),
        left_out: &mut dyn FnMut(usize, usize, &Record<'_>),
    ) {
        for held in std::mem::take(&mut self.growing) {
            held.with_record(&self.texts, each);
        }
        self.finish_unique(each, left_out);
        for mut rows in std::mem::take(&mut self.buckets).into_values() {
            // Threads may have added them in another order.
            rows.sort_by_key(Held::place);
            let settled = overlap::settle(&rows);
            for (held, fate) in rows.iter().zip(settled) {
                let file = held.file();
                match fate {
                    overlap::Fate::Kept => held.with_record(&self.texts, each),
                    overlap::Fate::Conflicts(with) => {
                        *self.tally(file).conflicts.entry(with).or_default() += 1;
                        held.with_record(&self.texts, each);
                    }
                    overlap::Fate::Copy(by) => {
                        *self.tally(file).replaced.entry(by).or_default() += 1;
                    }
                    overlap::Fate::Replaced(by) => {
                        *self.tally(file).replaced.entry(by).or_default() += 1;
                        let mut tell = |file, record: &Record<'_>| left_out(file, by, record);
                        held.with_record(&self.texts, &mut tell);
                    }
                }
            }
        }
    }

    /// Of copies with one id in several files, those of the file count that has most of them, and
    /// tells most: not of the file that happens to come first.
    fn finish_unique(
        &mut self,
        each: &mut dyn FnMut(usize, &Record<'_>),
        left_out: &mut dyn FnMut(usize, usize, &Record<'_>),
    ) {
        let mut all = std::mem::take(&mut self.unique);
        all.sort_by_key(|(id, held)| (*id, held.place()));
        let mut counted = Vec::with_capacity(all.len());
        for same in all.chunk_by(|(left, _), (right, _)| left == right) {
            let files = same.chunk_by(|(_, left), (_, right)| left.file() == right.file());
            let rank = |rows: &&[(u128, Held)]| {
                let sum =
                    |of: fn(&Held) -> u128| rows.iter().map(|(_, held)| of(held)).sum::<u128>();
                let first = rows.first().map(|(_, held)| std::cmp::Reverse(held.file()));
                (rows.len(), sum(|held| held.fullness().into()), sum(Held::weight), first)
            };
            let Some(winners) = files.max_by_key(rank) else { continue };
            let Some((_, winner)) = winners.first() else { continue };
            counted.extend(winners.iter().map(|(_, held)| held));
            for (_, held) in same.iter().filter(|(_, held)| held.file() != winner.file()) {
                let tally = self.tally(held.file());
                tally.duplicates += 1;
                tally.differing += u64::from(!held.tells_the_same(winner));
                if !held.is_within(winner) {
                    let mut tell =
                        |file, record: &Record<'_>| left_out(file, winner.file(), record);
                    held.with_record(&self.texts, &mut tell);
                }
            }
        }
        // As they stand in their files, whatever their ids.
        counted.sort_by_key(|held| held.place());
        for held in counted {
            held.with_record(&self.texts, each);
        }
    }
}

/// What a response that grows takes to be found again.
const PLACE_BYTES: usize = 48;

fn number(file: usize) -> u32 {
    u32::try_from(file).expect("fewer than 2^32 files")
}

/// What a request is, beside its line: two copies agree in all of it.
fn content(record: &Record<'_>) -> u128 {
    let counts = record.totals.map(|totals| {
        [totals.input, totals.cache_read, totals.output, totals.reasoning, totals.total]
    });
    let start = record.period.map(|period| period.start);
    let cost = record.reported.map(|reported| reported.amount);
    fingerprint(&(record.id, record.model, start, counts, cost))
}
