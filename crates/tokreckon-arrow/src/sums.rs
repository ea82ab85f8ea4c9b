//! Cells, and what they are cells of.

use std::collections::BTreeMap;

use tokreckon::ledger::saved::{SavedCell, SavedLedger, SavedSums};

use crate::Error;

/// Cells, and what they are cells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sums {
    /// Digest of the book that charged them, or several.
    pub(crate) book: String,
    /// What they tell apart, in what zone.
    pub(crate) ledger: SavedLedger,
    pub(crate) cells: BTreeMap<SavedCell, SavedSums>,
    /// Rows that are no records, by what became of them.
    pub(crate) rows: BTreeMap<String, u64>,
}

impl Sums {
    pub(crate) fn add_cell(&mut self, cell: SavedCell, sums: &SavedSums) -> Result<(), Error> {
        Ok(self.cells.entry(cell).or_default().add(sums)?)
    }

    pub(crate) fn add_rows(&mut self, what: &str, rows: u64) {
        let sum = self.rows.entry(what.to_owned()).or_default();
        *sum = sum.saturating_add(rows);
    }
}
