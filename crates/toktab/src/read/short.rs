//! A row on the short way: a line of UTF-8 and where its fields lie, before anything is made of it.

use super::marks::Line;
use super::rows::Cells;

/// A row as it lies in its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Short<'r> {
    /// Line number, from 1.
    pub(super) line: u64,
    /// The text that the places are places of.
    pub(super) text: &'r str,
    pub(super) places: Places<'r>,
}

/// Where the fields of a row lie.
#[derive(Clone, Copy, Debug)]
pub(super) enum Places<'r> {
    /// Between marks, in a block: there are no quotes. The last field ends at `end`.
    Bare { line: Line<'r>, end: u32 },
    /// In a line with quotes.
    Cells(Cells<'r>),
}

impl Short<'_> {
    /// How many fields there are.
    #[inline]
    pub(super) const fn fields(&self) -> usize {
        match self.places {
            Places::Bare { line, .. } => line.fields(),
            Places::Cells(cells) => cells.len(),
        }
    }
}
