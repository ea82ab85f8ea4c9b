//! Sheets of cells, printed as a table for people, CSV or Markdown. Formatting is pure.

mod csv;
mod json;
mod markdown;
mod remarks;
mod rows;
mod table;
mod text;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{IsTerminal, stdout};

use terminal_size::terminal_size;
use tokreckon::money::{Currency, Exact};
use tokreckon::report::{Bounds, Group};

pub(crate) use self::json::json_document;
pub(crate) use self::remarks::Remarks;
use self::rows::Rows;
pub(crate) use self::text::{clean, folded, harmless, shortened, width};
use crate::args::OutputFormat;
use crate::keys::without_keys;
pub(crate) use tokreckon::words::{grouped, grouped_text};

/// How a column is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// Text.
    Left,
    /// Counts; digits are grouped for people.
    Count,
    /// Amounts; decimal points stand under each other for people.
    Amount,
}

/// Named columns and rows of raw cells: digits without grouping, no padding.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    columns: Vec<(String, Align)>,
    rows: Rows,
    total: Option<Vec<String>>,
    /// Text in CSV as it is, even what a spreadsheet would take for a formula.
    raw: bool,
    /// Columns that go first where a terminal is too narrow, in that order.
    spare: &'static [&'static str],
}

/// Columns (names, and whether they hold figures), rows and total, for people.
pub(crate) type Cells = (Vec<(String, bool)>, Vec<Vec<String>>, Option<Vec<String>>);

impl Sheet {
    pub(crate) fn new(columns: impl IntoIterator<Item = (impl Into<String>, Align)>) -> Self {
        let columns: Vec<(String, Align)> =
            columns.into_iter().map(|(name, align)| (name.into(), align)).collect();
        let rows = Rows::of(columns.len());
        Self { columns, rows, total: None, raw: false, spare: &[] }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(without_keys_in(cells));
    }

    /// The last row, set apart.
    pub(crate) fn total(&mut self, cells: Vec<String>) {
        self.total = Some(without_keys_in(cells));
    }

    /// Leaves text in CSV as it is.
    pub(crate) const fn raw(mut self, raw: bool) -> Self {
        self.raw = raw;
        self
    }

    /// Names the columns that go first where a terminal is too narrow.
    pub(crate) const fn spare(mut self, names: &'static [&'static str]) -> Self {
        self.spare = names;
        self
    }

    /// The sheet as a page shows it: digits grouped, decimal points aligned.
    pub(crate) fn into_cells(self) -> Cells {
        let mut rows = self.for_people();
        for cell in rows.iter_mut().flatten() {
            // A blank as wide as a figure keeps decimal points under each other.
            *cell = clean(cell).replace('\u{a0}', "\u{2007}");
        }
        let total = self.total.as_ref().and_then(|_| rows.pop());
        let columns = self.columns.into_iter();
        (columns.map(|(name, align)| (name, align != Align::Left)).collect(), rows, total)
    }

    /// Adds a column of words or bars on the right; missing cells are empty.
    pub(crate) fn with_column(mut self, name: &str, cells: Vec<String>) -> Self {
        self.columns.push((name.to_owned(), Align::Left));
        let mut cells = without_keys_in(cells).into_iter();
        let mut with_next = |mut row: Vec<String>| {
            row.push(cells.next().unwrap_or_default());
            row
        };
        self.rows = self.rows.changed(self.columns.len(), &mut with_next);
        self.total = self.total.map(with_next);
        self
    }

    /// Leaves out columns in which every cell is empty.
    pub(crate) fn without_empty_columns(mut self) -> Self {
        let is_used = |at: usize| {
            let in_total = self.total.as_ref().and_then(|total| total.get(at));
            in_total.is_some_and(|cell| !cell.is_empty())
                || self.rows.column(at).any(|cell| !cell.is_empty())
        };
        let used: Vec<bool> = (0..self.columns.len()).map(is_used).collect();
        let keep = |row: Vec<String>| -> Vec<String> {
            row.into_iter().zip(&used).filter_map(|(cell, used)| used.then_some(cell)).collect()
        };
        if used.contains(&false) {
            let left = used.iter().filter(|used| **used).count();
            self.rows = self.rows.changed(left, keep);
            self.total = self.total.map(keep);
            let mut used = used.iter();
            self.columns.retain(|_| *used.next().unwrap_or(&true));
        }
        self
    }

    /// Prints the sheet; JSON is each command's own.
    pub(crate) fn print(&self, format: OutputFormat, out: &mut String) {
        match format {
            OutputFormat::Csv => self.csv(out),
            OutputFormat::Md => self.markdown(out),
            OutputFormat::Table | OutputFormat::Json => self.table(terminal_width(), out),
        }
    }

    /// Rows with digits grouped and decimal points aligned.
    fn for_people(&self) -> Vec<Vec<String>> {
        let rows = (0..self.rows.len()).map(|at| self.rows.row(at).map(str::to_owned).collect());
        let mut rows: Vec<Vec<String>> = rows.chain(self.total.clone()).collect();
        for (at, (_, align)) in self.columns.iter().enumerate() {
            let mut cells: Vec<&mut String> =
                rows.iter_mut().filter_map(|row| row.get_mut(at)).collect();
            match align {
                Align::Left => {}
                Align::Count => cells.iter_mut().for_each(|cell| **cell = grouped_text(cell)),
                Align::Amount => align_points(&mut cells),
            }
        }
        rows
    }
}

/// What a command says, as it may be shown: no key in it, nothing that steers, and in Markdown nothing
/// that is markup but the tables.
pub(crate) fn shown(text: String, format: OutputFormat) -> String {
    let text = match without_keys(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(hidden) => hidden,
    };
    match format {
        OutputFormat::Table => harmless(&text, true),
        OutputFormat::Md => markdown::prose(&harmless(&text, false)),
        // Their cells and strings are harmless one by one.
        OutputFormat::Csv | OutputFormat::Json => text,
    }
}

/// Cells without keys: a stand-in is shorter, so widths are those of the stand-ins.
fn without_keys_in(mut cells: Vec<String>) -> Vec<String> {
    for cell in &mut cells {
        if let Cow::Owned(hidden) = without_keys(cell) {
            *cell = hidden;
        }
    }
    cells
}

/// The total alone, for scripts: one number, or both bounds on one line; with its currency only
/// where there are several. An open end is `unknown`.
pub(crate) fn total_text<G>(sums: &BTreeMap<Currency, (Bounds, G)>) -> String {
    let mut text = String::new();
    for (currency, (bounds, _)) in sums {
        let [low, high] = bounds_cells(bounds);
        let named = if sums.len() > 1 { currency.to_string() } else { String::new() };
        let words = [low, high, named];
        let words: Vec<&str> =
            words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        text.push_str(&words.join(" "));
        text.push('\n');
    }
    text
}

/// Cells of the terminal that is printed to; `None` for a file or a pipe.
pub(crate) fn terminal_width() -> Option<usize> {
    let is_terminal = stdout().is_terminal();
    is_terminal.then(|| terminal_size().map_or(80, |(width, _)| usize::from(width.0)))
}

/// Pads amounts on the right so that their decimal points stand under each other.
fn align_points(cells: &mut [&mut String]) {
    let is_number = |cell: &str| cell.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    let places = |cell: &str| cell.split_once('.').map_or(0, |(_, fraction)| fraction.len() + 1);
    let most =
        cells.iter().filter(|cell| is_number(cell)).map(|cell| places(cell)).max().unwrap_or(0);
    for cell in cells.iter_mut().filter(|cell| is_number(cell)) {
        let blanks = most - places(cell);
        **cell = format!("{}{}", grouped_text(cell), "\u{a0}".repeat(blanks));
    }
}

/// A bar of full and broken blocks up to `low`, and of light ones on to `high`.
pub(crate) fn bar(low: Exact, high: Exact, longest: Exact) -> String {
    const WIDTH: u128 = 16;
    let eighths = |amount: Exact| {
        let reaches =
            |step: &u128| match (longest.times_count(*step), amount.times_count(WIDTH * 8)) {
                (Ok(step), Ok(amount)) => step <= amount && !longest.is_zero(),
                _ => false,
            };
        (1..=WIDTH * 8).take_while(reaches).count()
    };
    let (low, high) = (eighths(low), eighths(high));
    let mut bar = "\u{2588}".repeat(low / 8);
    if low % 8 > 0 {
        bar.extend(char::from_u32(0x2590 - u32::try_from(low % 8).unwrap_or(0)));
    }
    bar.push_str(&"\u{2591}".repeat(high.div_ceil(8).saturating_sub(low.div_ceil(8))));
    bar
}

/// A cost in one or two cells: exact, or low and high; an open end is said in words.
pub(crate) fn bounds_cells(bounds: &Bounds) -> [String; 2] {
    match bounds.single() {
        Some(exact) => [exact.to_string(), String::new()],
        None if bounds.open => [bounds.low.to_string(), "unknown".to_owned()],
        None => [bounds.low.to_string(), bounds.high.to_string()],
    }
}

/// What all records of a group cost, in one or two cells: `unknown` where none was charged.
pub(crate) fn cost_cells(group: &Group, currency: Option<Currency>) -> [String; 2] {
    match currency.filter(|currency| group.costs.get(currency).is_some()) {
        Some(currency) => bounds_cells(&group.cost_in(currency)),
        None if group.records.not_charged > 0 => ["unknown".to_owned(), String::new()],
        None => [String::new(), String::new()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_amounts() {
        let of = |low: &str, high: &str| {
            let [low, high] = [low, high].map(|text| text.parse().expect("a number"));
            bar(low, high, "16".parse().expect("a number"))
        };
        assert_eq!(of("0", "0"), "");
        assert_eq!(of("16", "16"), "\u{2588}".repeat(16));
        assert_eq!(of("2.5", "2.5"), "\u{2588}\u{2588}\u{258c}");
        assert_eq!(of("1", "3"), "\u{2588}\u{2591}\u{2591}");
        assert_eq!(of("0.125", "2"), "\u{258f}\u{2591}");
        assert_eq!(bar(Exact::ZERO, Exact::ZERO, Exact::ZERO), "");
    }
}
