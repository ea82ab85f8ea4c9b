//! What became of the rows of a file, for the summary.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Map, Value, json};
use tokreckon::dedup::Tally;
use tokreckon::read::{Note, Skip};

use crate::context::counted;
use crate::print::grouped;

/// What was read from one file.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileTally {
    pub(crate) name: String,
    /// Format by name; empty when the file could not be read.
    pub(crate) format: &'static str,
    /// Records that were read, copies included.
    pub(crate) offered: u64,
    pub(crate) records: u64,
    pub(crate) empty: u64,
    pub(crate) rejected: u64,
    /// Rows that belong to the record of another row.
    pub(crate) joined: u64,
    /// Rows that are deliberately not counted.
    pub(crate) skipped: BTreeMap<Skip, u64>,
    /// Copies of other records.
    pub(crate) copies: Tally,
    /// Copies that nobody can be sure of: they were said.
    pub(crate) left_out: u64,
    /// The file whose very bytes these are, though its rows cannot be known again.
    pub(crate) same_bytes: bool,
    pub(crate) notes: Vec<Note>,
    /// Why the file could not be read, or not to its end.
    pub(crate) failure: Option<String>,
}

impl FileTally {
    /// Adds the rows of another part of the same file.
    pub(crate) fn add(&mut self, part: Self) {
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
    }

    /// No row was left out as a copy, and there are some.
    pub(crate) fn counts_all(&self) -> bool {
        self.records > 0 && self.copies.duplicates == 0 && self.copies.replaced.is_empty()
    }

    /// Something about its rows should be cleared up: they are no usage, or may count twice or not at
    /// all.
    pub(crate) fn is_open(&self) -> bool {
        self.rejected > 0
            || self.left_out > 0
            || self.same_bytes
            || !self.copies.conflicts.is_empty()
    }

    /// Rows of the file, whatever became of them.
    pub(crate) fn rows(&self) -> u64 {
        self.records
            + self.empty
            + self.rejected
            + self.joined
            + self.skipped.values().sum::<u64>()
            + self.copies.duplicates
            + self.replaced()
    }

    fn replaced(&self) -> u64 {
        self.copies.replaced.values().sum()
    }

    /// What of a file that could not be read to its end is in the sums all the same.
    pub(crate) fn read_before_failure(&self) -> String {
        match self.rows() {
            0 => String::new(),
            1 => "; the 1 row before that counts".to_owned(),
            rows => format!("; the {} before that count", counted(rows, "row")),
        }
    }

    /// `usage.csv: openai-usage, 10 rows = 8 records + 2 empty + 0 rejected`, and what else there is.
    pub(crate) fn text(&self, files: &[Self]) -> String {
        if let Some(failure) = &self.failure {
            let not_read = if self.rows() == 0 { "not read" } else { "not read to its end" };
            return format!("{}: {not_read}: {failure}{}", self.name, self.read_before_failure());
        }
        let count = |count: u64| grouped(u128::from(count));
        let mut text = format!(
            "{}: {}, {} = {} + {} empty + {} rejected",
            self.name,
            self.format,
            counted(self.rows(), "row"),
            counted(self.records, "record"),
            count(self.empty),
            count(self.rejected)
        );
        if self.joined > 0 {
            let _ = write!(text, " + {} joined to others", count(self.joined));
        }
        for (why, rows) in &self.skipped {
            let _ = write!(text, " + {} {}", count(*rows), why.as_str());
        }
        if self.copies.duplicates > 0 {
            let _ = write!(text, " + {} duplicate", count(self.copies.duplicates));
        }
        if self.copies.differing > 0 {
            let _ = write!(text, " ({} differ from the first)", count(self.copies.differing));
        }
        for (by, rows) in &self.copies.replaced {
            let by = files.get(*by).map_or("", |file| file.name.as_str());
            let _ = write!(text, " + {} replaced by {by}", count(*rows));
        }
        if self.copies.unrecognisable > 0 {
            let records = counted(self.copies.unrecognisable, "record");
            let _ = write!(text, "; {records} without an id: copies cannot be recognised");
        }
        for note in &self.notes {
            let _ = write!(text, "; {}", note.as_str());
        }
        text
    }

    /// The same for machines.
    pub(crate) fn json(&self, files: &[Self]) -> Value {
        let skipped: Map<String, Value> = self
            .skipped
            .iter()
            .map(|(why, rows)| (why.as_str().to_owned(), (*rows).into()))
            .collect();
        let by_file = |rows: &BTreeMap<usize, u64>| -> Map<String, Value> {
            let name = |file: &usize| files.get(*file).map_or(String::new(), |f| f.name.clone());
            rows.iter().map(|(file, rows)| (name(file), (*rows).into())).collect()
        };
        json!({
            "name": self.name,
            "format": self.format,
            "rows": self.rows(),
            "records": self.records,
            "empty": self.empty,
            "rejected": self.rejected,
            "joined": self.joined,
            "skipped": skipped,
            "duplicates": self.copies.duplicates,
            "duplicates_that_differ": self.copies.differing,
            "replaced": by_file(&self.copies.replaced),
            "conflicts": by_file(&self.copies.conflicts),
            "without_id": self.copies.unrecognisable,
            "notes": self.notes.iter().map(|note| note.as_str()).collect::<Vec<_>>(),
            "failure": self.failure,
        })
    }
}
