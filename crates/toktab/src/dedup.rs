//! Between reading and the ledger: one request is one record, however often it is written down.
//!
//! What makes two records copies of one thing is each source's own business
//! ([`Repeats`]):
//!
//! - The same id in another file (with the same content, unless the source's ids are unique), or
//!   the nth equal row where there are no ids: the copy is dropped at once. Only fingerprints of
//!   128 bits are kept, at most 150 bytes a record (measured at a
//!   million) and only when there are several files. Inside of
//!   one file nothing is dropped.
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

use std::collections::BTreeMap;

use self::held::{Held, Texts};
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

/// How often a fingerprint was seen.
#[derive(Clone, Copy, Debug)]
struct Seen {
    file: u32,
    /// In this file.
    here: u32,
    /// In the earlier file that has it most often.
    before: u32,
    /// The content of the first one.
    content: u64,
}

/// The stage itself. Files are numbered from 0 and come one after the other.
#[derive(Debug)]
pub struct Dedup {
    several_files: bool,
    seen: Lookup<u128, Seen>,
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
            seen: Lookup::default(),
            texts: Texts::default(),
            growing: Vec::new(),
            growing_at: Lookup::default(),
            buckets: BTreeMap::new(),
            tallies: vec![Tally::default(); files],
        }
    }

    /// Says what becomes of a record of a file.
    pub fn add(&mut self, file: usize, record: &Record<'_>) -> Verdict {
        match record.repeats {
            Repeats::Growing if !record.id.is_empty() => self.grows(file, record),
            Repeats::Growing | Repeats::Unknown => self.unrecognisable(file),
            _ if !self.several_files => Verdict::New,
            Repeats::SameId | Repeats::UniqueId if record.id.is_empty() => Verdict::New,
            Repeats::SameId => self.occurs(file, content(record), 0),
            Repeats::UniqueId => {
                // The lower half tells a copy from one that differs.
                let content = u64::try_from(content(record) & u128::from(u64::MAX)).unwrap_or(0);
                self.occurs(file, fingerprint(record.id), content)
            }
            Repeats::SameRow(row) => self.occurs(file, row, 0),
            Repeats::Bucket(export) => {
                let held = Held::new(file, record, &mut self.texts);
                self.buckets.entry(export).or_default().push(held);
                Verdict::Held
            }
        }
    }

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

    /// The nth occurrence in this file is the nth of an earlier file, if that has so many.
    fn occurs(&mut self, file: usize, of: u128, content: u64) -> Verdict {
        let number = u32::try_from(file).unwrap_or(u32::MAX);
        let new = || Seen { file: number, here: 0, before: 0, content };
        let seen = self.seen.entry_or_insert_with(of, new);
        if seen.file != number {
            *seen = Seen { file: number, here: 0, before: seen.before.max(seen.here), ..*seen };
        }
        seen.here = seen.here.saturating_add(1);
        if seen.here > seen.before {
            return Verdict::New;
        }
        let differs = seen.content != content;
        let tally = self.tally(file);
        tally.duplicates += 1;
        tally.differing += u64::from(differs);
        Verdict::Duplicate
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

    /// Hands on what was held, with the index of its file, when every file is read.
    pub fn finish(&mut self, each: &mut dyn FnMut(usize, &Record<'_>)) {
        for held in std::mem::take(&mut self.growing) {
            held.with_record(&self.texts, each);
        }
        for rows in std::mem::take(&mut self.buckets).into_values() {
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

    /// What was found in each file.
    #[must_use]
    pub fn tallies(&self) -> &[Tally] {
        &self.tallies
    }
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
