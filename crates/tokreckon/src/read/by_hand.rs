//! Rows of tables that people keep: those that add up others, and blank ones.

use super::row::Row;
use super::written::Style;
use super::{RowSums, written};

/// What a row is called that adds up others, in small letters.
const WORDS: [&str; 17] = [
    "total",
    "totals",
    "grand total",
    "sub total",
    "subtotal",
    "sub-total",
    "sum",
    "sums",
    "overall",
    "summe",
    "gesamt",
    "gesamtsumme",
    "zwischensumme",
    "totale",
    "totaal",
    "总计",
    "合計",
];

/// Where what is added up stands, and what tells rows apart.
#[derive(Clone, Copy)]
pub(super) struct Places {
    pub(super) time: Option<usize>,
    pub(super) model: Option<usize>,
    pub(super) input: Option<usize>,
    pub(super) output: Option<usize>,
    pub(super) cost: Option<usize>,
}

/// A row that is no record.
pub(super) enum Other {
    /// There is nothing in it.
    Blank,
    /// It says what others come to.
    Total(RowSums),
}

/// What a row is that is no record: blank, or the sum of others. The latter has nothing in it but
/// numbers and words for a total; without such a word it is one where time and model, which other rows
/// have, are both empty.
#[cold]
pub(super) fn other_row(row: &Row<'_>, places: Places) -> Option<Other> {
    if !row.is_delimited() {
        return None;
    }
    let (mut words, mut numbers) = (0, 0);
    for cell in row.filled() {
        if is_number(&cell) {
            numbers += 1;
        } else if is_word(&cell) {
            words += 1;
        } else {
            return None;
        }
    }
    if words + numbers == 0 {
        return Some(Other::Blank);
    }
    let is_empty = |column: Option<usize>| column.is_some() && !row.has(column);
    let is_total = words > 0 || is_empty(places.time) && is_empty(places.model);
    let count = |column| row.count(column).ok().flatten().map(u128::from);
    let cost = row.money(places.cost).ok().flatten().map(|(amount, _)| amount);
    let sums = RowSums {
        input: count(places.input),
        output: count(places.output),
        cost,
        ..RowSums::default()
    };
    is_total.then_some(Other::Total(sums))
}

fn is_number(cell: &[u8]) -> bool {
    written::money(cell, Style::default()) != Err(written::NoReading::Nothing)
}

fn is_word(cell: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(cell) else { return false };
    let small = text.trim().trim_end_matches(':').to_lowercase();
    WORDS.contains(&&*small)
}
