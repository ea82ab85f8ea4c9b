//! What became of the rows of an input.

use std::collections::BTreeMap;

use crate::dedup::Tally;
use crate::ledger::saved::{SavedCell, SavedLedger, SavedSource, SavedSums};
use crate::read::{Format, Item, Note, RowSums, Skip};

/// What was read from one input. Its [`rows`](Self::rows) are all accounted for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileTally {
    /// What it is called.
    pub name: String,
    /// Format by name; empty when it could not be read.
    pub format: &'static str,
    /// Records that were read, copies included.
    pub offered: u64,
    /// Records that count.
    pub records: u64,
    /// Buckets in which nothing happened.
    pub empty: u64,
    /// Rows that cannot be read.
    pub rejected: u64,
    /// Rows that belong to the record of another row.
    pub joined: u64,
    /// Rows that are deliberately not counted.
    pub skipped: BTreeMap<Skip, u64>,
    /// Copies of other records.
    pub copies: Tally,
    /// Copies that nobody can be sure of: they were said.
    pub left_out: u64,
    /// Its very bytes are those of another input, and its rows cannot be known again.
    pub same_bytes: bool,
    /// What its rows do not show.
    pub notes: Vec<Note>,
    /// What rows that add up others say, each with its line.
    pub totals: Vec<(u64, RowSums)>,
    /// What the rows of a table with such totals come to.
    pub sums: RowSums,
    /// Why it could not be read, or not to its end.
    pub failure: Option<String>,
}

impl FileTally {
    /// The source as it is saved, with its cells. `digest` is that of an input, by its number.
    pub(super) fn saved(
        &self,
        cells: BTreeMap<SavedCell, SavedSums>,
        digest: &dyn Fn(usize) -> Option<u128>,
    ) -> SavedSource {
        let skipped = self.skipped.iter().map(|(why, rows)| (why.as_str().to_owned(), *rows));
        let rows = [
            ("records", self.records),
            ("empty", self.empty),
            ("rejected", self.rejected),
            ("joined", self.joined),
            ("duplicates", self.copies.duplicates),
            ("differing", self.copies.differing),
            ("unrecognisable", self.copies.unrecognisable),
            ("left out", self.left_out),
        ];
        let rows = rows.into_iter().map(|(name, rows)| (name.to_owned(), rows)).chain(skipped);
        let by_digest = |by_number: &BTreeMap<usize, u64>| {
            let known = by_number.iter().filter_map(|(file, rows)| Some((digest(*file)?, *rows)));
            known.collect()
        };
        SavedSource {
            name: self.name.clone(),
            format: self.format.to_owned(),
            rows: rows.filter(|(_, rows)| *rows > 0).collect(),
            notes: self.notes.iter().map(|note| note.as_str().to_owned()).collect(),
            replaced: by_digest(&self.copies.replaced),
            conflicts: by_digest(&self.copies.conflicts),
            cells,
        }
    }

    /// What became of the rows of each source of a saved ledger, as it was said then.
    #[must_use]
    pub fn all_saved(ledger: &SavedLedger) -> Vec<Self> {
        let number: BTreeMap<u128, usize> = ledger.sources.keys().copied().zip(0..).collect();
        let by_number = |by_digest: &BTreeMap<u128, u64>| {
            let known = by_digest.iter();
            known.filter_map(|(digest, rows)| Some((*number.get(digest)?, *rows))).collect()
        };
        let tally = |source: &SavedSource| {
            let rows = |name: &str| source.rows.get(name).copied().unwrap_or_default();
            let all = Skip::ALL.iter().map(|why| (*why, rows(why.as_str())));
            let notes = Note::ALL.iter().filter(|note| source.notes.contains(note.as_str()));
            Self {
                name: source.name.clone(),
                format: Format::from_name(&source.format).map_or("saved", Format::name),
                offered: rows("records") + rows("duplicates"),
                records: rows("records"),
                empty: rows("empty"),
                rejected: rows("rejected"),
                joined: rows("joined"),
                skipped: all.filter(|(_, rows)| *rows > 0).collect(),
                copies: Tally {
                    duplicates: rows("duplicates"),
                    differing: rows("differing"),
                    replaced: by_number(&source.replaced),
                    conflicts: by_number(&source.conflicts),
                    unrecognisable: rows("unrecognisable"),
                },
                left_out: rows("left out"),
                same_bytes: false,
                totals: Vec::new(),
                sums: RowSums::default(),
                notes: notes.copied().collect(),
                failure: None,
            }
        };
        ledger.sources.values().map(tally).collect()
    }

    pub(super) fn of(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Adds the rows of another part of the same input.
    pub(super) fn add(&mut self, part: Self) {
        if !part.format.is_empty() {
            self.format = part.format;
        }
        self.failure = self.failure.take().or(part.failure);
        self.offered += part.offered;
        self.records += part.records;
        self.empty += part.empty;
        self.rejected += part.rejected;
        self.joined += part.joined;
        for (why, rows) in part.skipped {
            *self.skipped.entry(why).or_default() += rows;
        }
        self.left_out += part.left_out;
        self.copies.duplicates += part.copies.duplicates;
        self.copies.differing += part.copies.differing;
        self.copies.unrecognisable += part.copies.unrecognisable;
        for (by, rows) in part.copies.replaced {
            *self.copies.replaced.entry(by).or_default() += rows;
        }
        for (with, rows) in part.copies.conflicts {
            *self.copies.conflicts.entry(with).or_default() += rows;
        }
        self.notes.extend(part.notes);
        if !part.totals.is_empty() {
            self.sums = part.sums;
        }
        self.totals.extend(part.totals);
    }

    /// Counts a row that is no copy.
    pub(super) fn count(&mut self, item: &Item<'_>) {
        match item {
            Item::Record(_) => self.records += 1,
            Item::Reject(_) => self.rejected += 1,
            Item::Skipped { why, .. } => *self.skipped.entry(*why).or_default() += 1,
            Item::Joined { .. } => self.joined += 1,
            Item::Total { line, says, rows } => {
                *self.skipped.entry(Skip::Total).or_default() += 1;
                self.totals.push((*line, **says));
                self.sums = **rows;
            }
            Item::Note(note) if !self.notes.contains(note) => self.notes.push(*note),
            Item::Note(_) => {}
            Item::Empty { .. } => self.empty += 1,
        }
    }

    /// The last row that adds up others, if what it says is not what rows come to: its line, what it is
    /// about, what it says, and what rows come to. Sums of parts may stand before it.
    #[must_use]
    pub fn differing_total(&self) -> Option<(u64, &'static str, String, String)> {
        let agrees = |(_, stated): &(u64, RowSums)| stated.differs_from(&self.sums).is_none();
        if self.totals.iter().any(agrees) {
            return None;
        }
        let (line, stated) = self.totals.iter().max_by_key(|(line, _)| *line)?;
        let (what, says, comes_to) = stated.differs_from(&self.sums)?;
        Some((*line, what, says, comes_to))
    }

    /// No row was left out as a copy, and there are some.
    pub(super) fn counts_all(&self) -> bool {
        self.records > 0 && self.copies.duplicates == 0 && self.copies.replaced.is_empty()
    }

    /// Something about its rows should be cleared up: they are no usage, or may count twice or not at
    /// all.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.rejected > 0
            || self.left_out > 0
            || self.same_bytes
            || self.differing_total().is_some()
            || !self.copies.conflicts.is_empty()
    }

    /// Rows of the input, whatever became of them.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.records
            + self.empty
            + self.rejected
            + self.joined
            + self.skipped.values().sum::<u64>()
            + self.copies.duplicates
            + self.copies.replaced.values().sum::<u64>()
    }
}
