//! Sheets of cells, printed as a table for people, CSV or Markdown. Formatting is pure.

mod csv;
mod json;
mod markdown;
mod out;
mod remarks;
mod rows;
mod table;
mod text;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::{IsTerminal, stdout};

use terminal_size::terminal_size;
use tokreckon::money::{Currency, Exact};
use tokreckon::report::{Bounds, Group};

pub(crate) use self::json::json_document;
pub(crate) use self::out::Out;
pub(crate) use self::remarks::Remarks;
use self::rows::Rows;
pub(crate) use self::text::{clean, folded, harmless, shortened, width, wrapped};
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
pub(crate) struct Sheet<'r> {
    columns: Vec<Column>,
    rows: Rows<'r>,
    total: Option<Vec<String>>,
    /// Text in CSV as it is, even what a spreadsheet would take for a formula.
    raw: bool,
    /// Columns that go first where a terminal is too narrow, in that order.
    spare: &'static [&'static str],
}

/// A column of a sheet.
#[derive(Clone, Debug)]
struct Column {
    name: String,
    align: Align,
    /// Which cell of a row stands in it.
    cell: usize,
    /// Which other cell, where that is empty: one whose own column was left out.
    instead: Option<usize>,
    /// How wide its ids may be.
    most: Option<usize>,
}

impl Column {
    /// Puts what of a row stands in the column in place of what was there.
    fn put(&self, row: &[String], cell: &mut String) {
        let at = |at: usize| row.get(at).map_or("", String::as_str);
        let own = at(self.cell);
        let text = if own.is_empty() { self.instead.map_or("", at) } else { own };
        cell.clear();
        match self.most {
            Some(most) => cell.push_str(&shortened(text, most)),
            None => cell.push_str(text),
        }
    }
}

/// Columns (names, and whether they hold figures), rows, total, and how many rows there are besides, for
/// people.
pub(crate) type Cells = (Vec<(String, bool)>, Vec<Vec<String>>, Option<Vec<String>>, usize);

impl<'r> Sheet<'r> {
    pub(crate) fn new(columns: impl IntoIterator<Item = (impl Into<String>, Align)>) -> Self {
        let columns = columns.into_iter().enumerate().map(|(cell, (name, align))| Column {
            name: name.into(),
            align,
            cell,
            instead: None,
            most: None,
        });
        let (columns, rows) = (columns.collect(), Rows::Held(Vec::new()));
        Self { columns, rows, total: None, raw: false, spare: &[] }
    }

    /// The same with rows that are made each time they are looked at, as many cells each as there are
    /// columns.
    pub(crate) fn made(self, make: impl Fn(&mut dyn FnMut(Vec<String>)) + 'r) -> Self {
        let make = move |each: &mut dyn FnMut(Vec<String>)| {
            make(&mut |row| each(without_keys_in(row)));
        };
        Self { rows: Rows::Made(Box::new(make)), ..self }
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

    /// The sheet as a page shows it: digits grouped, decimal points aligned, and so many rows at most.
    pub(crate) fn into_cells(self, most: usize) -> Cells {
        let facts = self.facts(&self.columns);
        let (mut rows, mut left_out) = (Vec::new(), 0);
        let people = |row: &[String]| {
            let cells = row.iter().zip(&self.columns).zip(&facts);
            let cell = |((cell, column), facts): ((&String, &Column), &Facts)| {
                let cell = clean(&for_people(cell, column.align, facts.places));
                // A blank as wide as a figure keeps decimal points under each other.
                cell.replace('\u{a0}', "\u{2007}")
            };
            cells.map(cell).collect::<Vec<_>>()
        };
        self.each_row(&self.columns, &mut |row| {
            if rows.len() < most { rows.push(people(row)) } else { left_out += 1 }
        });
        let total = self.total_in(&self.columns).map(|row| people(&row));
        let columns = self.columns.into_iter();
        let columns = columns.map(|column| (column.name, column.align != Align::Left));
        (columns.collect(), rows, total, left_out)
    }

    /// Adds a column of words or bars on the right; missing cells are empty.
    pub(crate) fn with_column(mut self, name: &str, cells: Vec<String>) -> Self {
        let (name, cell) = (name.to_owned(), self.columns.len());
        let (align, instead, most) = (Align::Left, None, None);
        self.columns.push(Column { name, align, cell, instead, most });
        Self { rows: self.rows.with_cells(without_keys_in(cells)), ..self }
    }

    /// Leaves out columns in which every cell is empty.
    pub(crate) fn without_empty_columns(mut self) -> Self {
        let mut used = vec![false; self.columns.len()];
        self.each(&self.columns, &mut |row| {
            used.iter_mut().zip(row).for_each(|(used, cell)| *used |= !cell.is_empty());
        });
        let mut used = used.into_iter();
        self.columns.retain(|_| used.next().unwrap_or(true));
        self
    }

    /// Prints the sheet; JSON is each command's own.
    pub(crate) fn print(&self, format: OutputFormat, out: &mut dyn Write) {
        match format {
            OutputFormat::Csv => self.csv(out),
            OutputFormat::Md => self.markdown(out),
            OutputFormat::Table | OutputFormat::Json => self.table(terminal_width(), out),
        }
    }

    /// Hands over row after row, and the total at the end, as they stand in these columns.
    fn each(&self, columns: &[Column], each: &mut dyn FnMut(&[String])) {
        self.each_row(columns, each);
        if let Some(total) = self.total_in(columns) {
            each(&total);
        }
    }

    fn each_row(&self, columns: &[Column], each: &mut dyn FnMut(&[String])) {
        let mut cells = vec![String::new(); columns.len()];
        self.rows.each(&mut |row| {
            columns.iter().zip(&mut cells).for_each(|(column, cell)| column.put(row, cell));
            each(&cells);
        });
    }

    fn total_in(&self, columns: &[Column]) -> Option<Vec<String>> {
        let total = self.total.as_ref()?;
        let mut cells = vec![String::new(); columns.len()];
        columns.iter().zip(&mut cells).for_each(|(column, cell)| column.put(total, cell));
        Some(cells)
    }

    /// What the cells of these columns need.
    fn facts(&self, columns: &[Column]) -> Vec<Facts> {
        let mut facts = vec![Facts::default(); columns.len()];
        self.each(columns, &mut |row| {
            let cells = row.iter().zip(columns).zip(&mut facts);
            cells.for_each(|((cell, column), facts)| facts.add(cell, column.align));
        });
        facts
    }
}

/// What the cells of a column need, in cells of a terminal.
#[derive(Clone, Copy, Debug, Default)]
struct Facts {
    /// For the point of an amount and what is behind it.
    places: usize,
    /// For what is before it.
    before: usize,
    /// For any other cell as it is.
    other: usize,
    /// For any other cell when sentences are folded.
    folded: usize,
    /// A cell is a sentence.
    is_sentence: bool,
}

impl Facts {
    fn add(&mut self, cell: &str, align: Align) {
        if align == Align::Amount && is_number(cell) {
            let places = places(cell);
            self.places = self.places.max(places);
            self.before = self.before.max(width(&grouped_text(cell)) - places);
            return;
        }
        let cell = clean(&for_people(cell, align, 0));
        let own = width(&cell);
        self.other = self.other.max(own);
        // A sentence may be folded; a figure and an id may not.
        let is_sentence = align == Align::Left && cell.contains(' ');
        self.is_sentence |= cell.contains(' ');
        let longest = || cell.split(' ').map(width).max().unwrap_or(0).max(SENTENCE);
        self.folded = self.folded.max(if is_sentence { longest() } else { own });
    }

    /// When nothing is folded.
    fn width(&self) -> usize {
        self.other.max(self.before + self.places)
    }

    fn least_width(&self) -> usize {
        self.folded.max(self.before + self.places)
    }
}

/// The narrowest that a column of sentences may be.
const SENTENCE: usize = 12;

/// A cell with digits grouped, and room for so many places.
fn for_people(cell: &str, align: Align, most: usize) -> String {
    match align {
        Align::Count => grouped_text(cell),
        Align::Amount if is_number(cell) => {
            let blanks = most.saturating_sub(places(cell));
            format!("{}{}", grouped_text(cell), "\u{a0}".repeat(blanks))
        }
        Align::Left | Align::Amount => cell.to_owned(),
    }
}

fn is_number(cell: &str) -> bool {
    cell.starts_with(|c: char| c.is_ascii_digit() || c == '-')
}

/// The point of an amount and what is behind it.
fn places(cell: &str) -> usize {
    cell.split_once('.').map_or(0, |(_, fraction)| fraction.len() + 1)
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
