//! The integer sums of a ledger, each with a number by which it is found again at once.

use super::{Cell, CellKey};
use crate::lookup::Lookup;

/// Cells by key and by number.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    numbers: Lookup<CellKey, u32>,
    all: Vec<(CellKey, Cell)>,
}

impl Cells {
    /// The number of the cell with this key, made when it is not there.
    pub(super) fn number(&mut self, key: CellKey, new: impl FnOnce() -> Cell) -> u32 {
        *self.numbers.entry_or_insert_with(key, || {
            self.all.push((key, new()));
            u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// The cell with this key, made when it is not there.
    pub(super) fn entry(&mut self, key: CellKey, new: impl FnOnce() -> Cell) -> &mut Cell {
        let number = self.number(key, new);
        &mut self.all[number as usize].1
    }

    /// The cell with this number.
    #[inline]
    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut Cell> {
        self.all.get_mut(number as usize).map(|(_, cell)| cell)
    }

    /// Cells by key.
    pub(crate) fn sorted(&self) -> Vec<(&CellKey, &Cell)> {
        let mut cells: Vec<_> = self.all.iter().map(|(key, cell)| (key, cell)).collect();
        cells.sort_by_key(|(key, _)| *key);
        cells
    }
}
