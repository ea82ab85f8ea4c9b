//! Cells that lie in columns, each as what it is.

use std::fmt::Write;

/// A cell as it lies in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnCell<'c> {
    /// Nothing.
    Null,
    /// A text.
    Text(&'c str),
    /// Bytes that may be a text.
    Bytes(&'c [u8]),
    /// A whole number from zero on.
    Whole(u64),
    /// A decimal number from zero on.
    Decimal {
        /// All of its digits as a whole number.
        digits: u64,
        /// How many of them stand behind the point: at most 38.
        places: u32,
    },
    /// A second since 1970-01-01: in UTC, or of a clock whose zone nobody says.
    Second {
        /// The second, cut down where there are parts of it.
        second: i64,
        /// It is in UTC.
        is_utc: bool,
    },
    /// Anything else: [`Columns::write`] writes it.
    Other,
}

impl ColumnCell<'_> {
    /// True for nothing, and for zero.
    pub(super) const fn is_nothing(&self) -> bool {
        matches!(self, Self::Null | Self::Whole(0) | Self::Decimal { digits: 0, .. })
    }
}

/// Rows whose cells lie in columns: those of a [`TableLayout`](super::TableLayout), in its order.
pub trait Columns {
    /// How many rows there are.
    fn rows(&self) -> usize;

    /// A cell; [`ColumnCell::Null`] for a column that is not wanted.
    fn cell(&self, column: usize, row: usize) -> ColumnCell<'_>;

    /// Writes a cell as text, the way it would stand in CSV: numbers with all their digits and no
    /// others, times in RFC 3339, what has members as JSON.
    fn write(&self, column: usize, row: usize, into: &mut String);
}

/// True for a text that is not what it looks like: blanks around it, or a word for nothing.
#[inline]
pub(super) fn is_odd(text: &str) -> bool {
    let is_odd = matches!(text.as_bytes(), [..=b' ' | b'-' | b'N' | b'n', ..] | [.., ..=b' ']);
    is_odd && !(text.starts_with('n') && text.len() > 4 && !text.ends_with(|last| last <= ' '))
}

/// A cell as text.
pub(super) fn text_of(columns: &dyn Columns, column: usize, row: usize) -> String {
    let mut text = String::new();
    columns.write(column, row, &mut text);
    text
}

/// All cells of a row as one text, another one for other cells.
pub(super) fn line(columns: &dyn Columns, count: usize, row: usize) -> String {
    let mut line = String::new();
    for column in 0..count {
        let before = line.len();
        if !matches!(columns.cell(column, row), ColumnCell::Null) {
            columns.write(column, row, &mut line);
        }
        // With their lengths, cells do not run into each other.
        let length = line.len() - before;
        // Writing to a text does not fail.
        let _ = write!(line, ",{length};");
    }
    line
}
