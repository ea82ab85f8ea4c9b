//! Rows on the short way: lines of UTF-8 and where their fields lie, before anything is made of them.

use super::marks::{Line, Marks};
use super::rows::{Cells, MAX_LINE_BYTES};

/// A row as it lies in its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Short<'r> {
    /// Line number, from 1.
    pub(super) line: u64,
    /// The text that the places are places of, UTF-8.
    pub(super) text: &'r [u8],
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

/// Lines of a block without quotes, from one of them on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'r> {
    /// The block, UTF-8.
    pub(super) text: &'r [u8],
    pub(super) marks: &'r Marks,
    /// Which of its lines is the first.
    pub(super) first: usize,
    /// Line number of the block's first line, from 1.
    pub(super) line: u64,
    /// Fields of the header.
    pub(super) expected: usize,
}

impl<'r> Run<'r> {
    /// The row of a line, where it is one that has all fields and is not too long.
    #[inline]
    pub(super) fn row(&self, number: usize) -> Option<Short<'r>> {
        let line = self.marks.line(number);
        let (start, mut end) = (line.start() as usize, line.end() as usize);
        if line.fields() != self.expected || start == end || end - start >= MAX_LINE_BYTES - 2 {
            return None;
        }
        if self.text.get(end - 1) == Some(&b'\r') {
            end -= 1;
            if start == end {
                return None;
            }
        }
        let places = Places::Bare { line, end: u32::try_from(end).ok()? };
        Some(Short { line: self.line + number as u64, text: self.text, places })
    }
}
