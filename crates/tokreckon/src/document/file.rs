//! What became of the rows of an input.

use std::collections::BTreeMap;

use crate::pipeline::FileTally;

/// What was read from one input, and what became of each row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FileDocument {
    /// What it is called.
    pub name: String,
    /// Format by name; empty when it could not be read.
    pub format: String,
    /// All rows.
    pub rows: u64,
    /// Records that count.
    pub records: u64,
    /// Buckets in which nothing happened.
    pub empty: u64,
    /// Rows that cannot be read.
    pub rejected: u64,
    /// Rows that belong to the record of another row.
    pub joined: u64,
    /// Rows that are deliberately not counted, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Copies of records in other inputs.
    pub duplicates: u64,
    /// Those of them that tell something else than the record that counts.
    pub duplicates_that_differ: u64,
    /// Rows in whose place those of another input count, by its name.
    pub replaced: BTreeMap<String, u64>,
    /// Rows that another input reports with other counts, by its name.
    pub conflicts: BTreeMap<String, u64>,
    /// Records whose copies cannot be recognised.
    pub without_id: u64,
    /// What its rows do not show.
    pub notes: Vec<String>,
    /// Why it could not be read, or not to its end.
    pub failure: Option<String>,
}

impl FileDocument {
    /// One of several inputs, which it may name.
    #[must_use]
    pub fn new(file: &FileTally, files: &[FileTally]) -> Self {
        let by_file = |rows: &BTreeMap<usize, u64>| {
            let name = |file: &usize| files.get(*file).map_or(String::new(), |f| f.name.clone());
            rows.iter().map(|(file, rows)| (name(file), *rows)).collect()
        };
        let skipped = file.skipped.iter().map(|(why, rows)| (why.as_str().to_owned(), *rows));
        Self {
            name: file.name.clone(),
            format: file.format.to_owned(),
            rows: file.rows(),
            records: file.records,
            empty: file.empty,
            rejected: file.rejected,
            joined: file.joined,
            skipped: skipped.collect(),
            duplicates: file.copies.duplicates,
            duplicates_that_differ: file.copies.differing,
            replaced: by_file(&file.copies.replaced),
            conflicts: by_file(&file.copies.conflicts),
            without_id: file.copies.unrecognisable,
            notes: file.notes.iter().map(|note| note.as_str().to_owned()).collect(),
            failure: file.failure.clone(),
        }
    }

    /// All inputs of a run.
    #[must_use]
    pub fn all(files: &[FileTally]) -> Vec<Self> {
        files.iter().map(|file| Self::new(file, files)).collect()
    }
}
