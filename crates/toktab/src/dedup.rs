//! Between reading and the ledger: one request is one record, however often it is written down.
//!
//! What makes two records copies of one thing is each source's own business
//! ([`Repeats`]):
//!
//! - The same id in another file (with the same content, unless the source's ids are unique), or
//!   the nth equal row where there are no ids: the copy is dropped at once. Only fingerprints
//!   are kept, 18 to 21 bytes a record, 22 to 26 where ids are unique, and only when
//!   there are several files. Inside of one file nothing is dropped.
//! - Copies of a response that grow while it streams: they are held until every file is read, and
//!   the largest goes on; about 300 bytes a response.
//! - Buckets of exports that overlap: with several files they are held too, and of the files that
//!   cover a span the one with more in it holds, key by key, since the counters of an open day only
//!   grow. That does not depend on the order of the files. A smaller count is taken for an earlier
//!   state only near the end of its file; elsewhere both are kept and the difference is reported.
//!   Keys that only one of the files has are kept: exports of different projects are added.
//!
//! Nothing disappears silently: [`Dedup::tallies`] says per file what was dropped, and why.

mod held;
mod overlap;
mod seen;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use self::held::{Held, Texts};
use self::seen::Seen;
use crate::lookup::Lookup;
use crate::record::{Record, Repeats, fingerprint};

/// What becomes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a record that is not new must not be charged"]
pub enum Verdict {
    /// It counts.
    New,
    /// It is a copy of a record of another file.
    Duplicate,
    /// It is kept until every file is read: [`Dedup::finish`] hands it on or counts it out.
    Held,
}

/// What was found in one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// Ids that are unique, with a part of their first record's fingerprint.
    ids: Seen,
    order_matters: AtomicBool,
    kept: Mutex<Kept>,
}

/// What one thread after the other adds to.
#[derive(Debug, Default)]
struct Kept {
    texts: Texts,
    /// Responses that stream, each by the fingerprint of its id.
    growing: Vec<Held>,
    growing_at: Lookup<u128, usize>,
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
            seen: Seen::new(false),
            ids: Seen::new(true),
            order_matters: AtomicBool::new(false),
            kept: Mutex::new(Kept { tallies: vec![Tally::default(); files], ..Kept::default() }),
        }
    }

    /// Says what becomes of a record of a file.
    pub fn add(&self, file: usize, record: &Record<'_>) -> Verdict {
        match record.repeats {
            Repeats::Growing if !record.id.is_empty() => self.kept().grows(file, record),
            Repeats::Growing | Repeats::Unknown => self.kept().unrecognisable(file),
            _ if !self.several_files => Verdict::New,
            Repeats::SameId | Repeats::UniqueId if record.id.is_empty() => Verdict::New,
            Repeats::SameId => self.occurs(file, content(record)),
            Repeats::UniqueId => self.occurs_with_id(file, record),
            Repeats::SameRow(row) => self.occurs(file, row),
            Repeats::Bucket(export) => {
                let mut kept = self.kept();
                let held = Held::new(file, record, &mut kept.texts);
                kept.buckets.entry(export).or_default().push(held);
                Verdict::Held
            }
        }
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
        self.ids.forget(number(file));
        *self.order_matters.get_mut() = false;
        let kept = self.kept_mut();
        for rows in kept.buckets.values_mut() {
            rows.retain(|held| held.file() != file);
        }
        *kept.tally(file) = Tally::default();
    }

    /// The nth occurrence in this file is the nth of an earlier file, if that has so many.
    fn occurs(&self, file: usize, of: u128) -> Verdict {
        let (times, _) = self.seen.see(of, number(file), 0);
        if times.here <= times.before {
            self.kept().tally(file).duplicates += 1;
            return Verdict::Duplicate;
        }
        if times.before > 0 {
            self.order_matters.store(true, Ordering::Relaxed);
        }
        Verdict::New
    }

    /// The same, where the id alone decides; 32 bits tell a copy from one that differs.
    fn occurs_with_id(&self, file: usize, record: &Record<'_>) -> Verdict {
        let content = u32::try_from(content(record) & u128::from(u32::MAX)).unwrap_or(0);
        let (times, first) = self.ids.see(fingerprint(record.id), number(file), content);
        if times.here <= times.before {
            let mut kept = self.kept();
            let tally = kept.tally(file);
            tally.duplicates += 1;
            tally.differing += u64::from(first != content);
            return Verdict::Duplicate;
        }
        if times.before > 0 || first != content {
            self.order_matters.store(true, Ordering::Relaxed);
        }
        Verdict::New
    }

    /// Hands on what was held, with the index of its file, when every file is read.
    pub fn finish(&mut self, each: &mut dyn FnMut(usize, &Record<'_>)) {
        self.kept_mut().finish(each);
    }

    /// What was found in each file.
    #[must_use]
    pub fn tallies(&mut self) -> &[Tally] {
        &self.kept_mut().tallies
    }
}

impl Kept {
    fn unrecognisable(&mut self, file: usize) -> Verdict {
        self.tally(file).unrecognisable += 1;
        Verdict::New
    }

    fn tally(&mut self, file: usize) -> &mut Tally {
        if self.tallies.len() <= file {
            self.tallies.resize(file + 1, Tally::default());
        }
        &mut self.tallies[file]
    }

    /// The largest copy stays; of equals the first.
    fn grows(&mut self, file: usize, record: &Record<'_>) -> Verdict {
        let id = fingerprint(record.id);
        let held = Held::new(file, record, &mut self.texts);
        let Some(&at) = self.growing_at.get(&id) else {
            self.growing_at.insert(id, self.growing.len());
            self.growing.push(held);
            return Verdict::Held;
        };
        let Some(known) = self.growing.get_mut(at) else {
            return Verdict::New;
        };
        let loser = if held.weight() > known.weight() {
            std::mem::replace(known, held).file()
        } else {
            file
        };
        self.tally(loser).duplicates += 1;
        if loser == file { Verdict::Duplicate } else { Verdict::Held }
    }

    fn finish(&mut self, each: &mut dyn FnMut(usize, &Record<'_>)) {
        for held in std::mem::take(&mut self.growing) {
            held.with_record(&self.texts, each);
        }
        for mut rows in std::mem::take(&mut self.buckets).into_values() {
            // Threads may have added them in another order.
            rows.sort_by_key(Held::place);
            let settled = overlap::settle(&rows);
            for (held, fate) in rows.iter().zip(settled) {
                match fate {
                    overlap::Fate::Kept => held.with_record(&self.texts, each),
                    overlap::Fate::Conflicts(with) => {
                        *self.tally(held.file()).conflicts.entry(with).or_default() += 1;
                        held.with_record(&self.texts, each);
                    }
                    overlap::Fate::Replaced(by) => {
                        *self.tally(held.file()).replaced.entry(by).or_default() += 1;
                    }
                }
            }
        }
    }
}

fn number(file: usize) -> u32 {
    u32::try_from(file).unwrap_or(u32::MAX)
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
