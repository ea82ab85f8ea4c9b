//! Sheets of cells, printed as a table for people, CSV or Markdown. Formatting is pure.

use std::fmt::Write;

use anstyle::Style;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};
use serde_json::Value;
use tokreckon::money::Exact;
use tokreckon::report::Bounds;

use crate::args::OutputFormat;

/// A blank of no width: where an id may be broken. It is never printed.
const MAY_BREAK: char = '\u{200b}';
/// Headings and totals.
const BOLD: Style = Style::new().bold();

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
    rows: Vec<Vec<String>>,
    total: Option<Vec<String>>,
    /// Text in CSV as it is, even what a spreadsheet would take for a formula.
    raw: bool,
}

/// Columns (names, and whether they hold figures), rows and total, for people.
pub(crate) type Cells = (Vec<(String, bool)>, Vec<Vec<String>>, Option<Vec<String>>);

impl Sheet {
    pub(crate) fn new(columns: impl IntoIterator<Item = (impl Into<String>, Align)>) -> Self {
        let columns = columns.into_iter().map(|(name, align)| (name.into(), align)).collect();
        Self { columns, rows: Vec::new(), total: None, raw: false }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The last row, set apart.
    pub(crate) fn total(&mut self, cells: Vec<String>) {
        self.total = Some(cells);
    }

    /// Leaves text in CSV as it is.
    pub(crate) const fn raw(mut self, raw: bool) -> Self {
        self.raw = raw;
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
        let mut cells = cells.into_iter();
        for row in self.rows.iter_mut().chain(&mut self.total) {
            row.push(cells.next().unwrap_or_default());
        }
        self
    }

    /// Leaves out columns in which every cell is empty.
    pub(crate) fn without_empty_columns(mut self) -> Self {
        let used: Vec<bool> = (0..self.columns.len())
            .map(|at| {
                self.rows
                    .iter()
                    .chain(&self.total)
                    .any(|row| row.get(at).is_some_and(|cell| !cell.is_empty()))
            })
            .collect();
        let keep = |row: &mut Vec<String>| {
            let mut used = used.iter();
            row.retain(|_| *used.next().unwrap_or(&true));
        };
        self.rows.iter_mut().chain(self.total.as_mut()).for_each(keep);
        let mut used = used.iter();
        self.columns.retain(|_| *used.next().unwrap_or(&true));
        self
    }

    /// Prints the sheet; JSON is each command's own.
    pub(crate) fn print(&self, format: OutputFormat, out: &mut String) {
        match format {
            OutputFormat::Csv => self.csv(out),
            OutputFormat::Md => self.markdown(out),
            OutputFormat::Table | OutputFormat::Json => self.table(out),
        }
    }

    fn table(&self, out: &mut String) {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        let people = self.for_people();
        let widest =
            |at: usize| people.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
        let narrow = table.width().is_some_and(|width| self.natural_width() > usize::from(width));
        // On a narrow terminal headings break between words, and ids after their signs.
        let heading = |(at, (name, _)): (usize, &(String, Align))| {
            if narrow && name.chars().count() > widest(at) {
                name.replace(' ', "\n")
            } else {
                name.clone()
            }
        };
        let headings: Vec<String> = self.columns.iter().enumerate().map(heading).collect();
        let height = headings.iter().map(|name| name.lines().count()).max().unwrap_or(1);
        table.set_header(headings);
        for row in &people {
            let cells = row.iter().zip(&self.columns).map(|(cell, (_, align))| match align {
                Align::Left if narrow => breakable(&clean(cell)),
                _ => clean(cell),
            });
            table.add_row(cells.collect::<Vec<_>>());
        }
        let least = if narrow { 9 } else { 12 };
        for (at, (_, align)) in self.columns.iter().enumerate() {
            let Some(column) = table.column_mut(at) else { continue };
            column.set_constraint(ColumnConstraint::ContentWidth);
            if *align != Align::Left {
                // A figure is never broken over two lines, however narrow the terminal.
                column.set_cell_alignment(CellAlignment::Right);
            } else if widest(at) > usize::from(least) {
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
            }
            let has_blanks =
                people.iter().any(|row| row.get(at).is_some_and(|cell| cell.contains(' ')));
            if narrow && *align == Align::Left && !has_blanks {
                column.set_delimiter(MAY_BREAK);
            }
        }
        let text = table.to_string().replace(MAY_BREAK, "");
        let total_at = text.lines().count() - usize::from(self.total.is_some());
        for (at, line) in text.lines().enumerate() {
            let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
            let style = if at < height || at >= total_at { BOLD } else { Style::new() };
            let _ = writeln!(out, "{style}{line}{style:#}");
        }
    }

    /// How wide the table is when nothing is broken: two blanks between columns.
    fn natural_width(&self) -> usize {
        let people = self.for_people();
        let widths = self.columns.iter().enumerate().map(|(at, (name, _))| {
            let cells = people.iter().filter_map(|row| row.get(at));
            let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
            widest.max(name.chars().count()) + 2
        });
        widths.sum::<usize>().saturating_sub(2)
    }

    fn markdown(&self, out: &mut String) {
        let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
        let names: Vec<String> = self.columns.iter().map(|(name, _)| markdown_cell(name)).collect();
        let rules: Vec<String> = self
            .columns
            .iter()
            .map(
                |(_, align)| {
                    if *align == Align::Left { "---".to_owned() } else { "---:".to_owned() }
                },
            )
            .collect();
        let _ = writeln!(out, "{}\n{}", line(&names), line(&rules));
        for row in self.for_people() {
            let cells: Vec<String> = row.iter().map(|cell| markdown_cell(cell.trim())).collect();
            let _ = writeln!(out, "{}", line(&cells));
        }
    }

    fn csv(&self, out: &mut String) {
        let names: Vec<String> =
            self.columns.iter().map(|(name, _)| csv_cell(name, true)).collect();
        let _ = writeln!(out, "{}", names.join(","));
        for row in self.rows.iter().chain(&self.total) {
            let cells = row
                .iter()
                .zip(&self.columns)
                .map(|(cell, (_, align))| csv_cell(cell, *align == Align::Left && !self.raw));
            let _ = writeln!(out, "{}", cells.collect::<Vec<_>>().join(","));
        }
    }

    /// Rows with digits grouped and decimal points aligned.
    fn for_people(&self) -> Vec<Vec<String>> {
        let mut rows: Vec<Vec<String>> = self.rows.iter().chain(&self.total).cloned().collect();
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

/// An id with places at which it may be broken.
fn breakable(id: &str) -> String {
    if id.contains(' ') {
        return id.to_owned();
    }
    let mut broken = String::new();
    for c in id.chars() {
        broken.push(c);
        if "-_/.:".contains(c) {
            broken.push(MAY_BREAK);
        }
    }
    broken
}

/// A number with its digits grouped; any other text as it is.
pub(crate) fn grouped_text(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) =
        digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    fraction.map_or(format!("{sign}{grouped}"), |fraction| format!("{sign}{grouped}.{fraction}"))
}

/// `1,234,567`.
pub(crate) fn grouped(count: u128) -> String {
    grouped_text(&count.to_string())
}

/// How many columns a text takes: characters without the sequences that colour them.
fn visible(text: &str) -> usize {
    let mut escaped = false;
    let shown = text.chars().filter(|&c| {
        let hidden = escaped || c == '\u{1b}';
        escaped = hidden && c != 'm';
        !hidden
    });
    shown.count()
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

/// Text with lines longer than a terminal folded between words, two blanks further in.
pub(crate) fn folded(text: &str, width: usize) -> String {
    let mut folded = String::new();
    for line in text.lines() {
        if visible(line) <= width {
            folded.push_str(line);
            folded.push('\n');
            continue;
        }
        let indent = line.len() - line.trim_start().len() + 2;
        let mut at = 0;
        for (number, word) in line.split(' ').enumerate() {
            let length = visible(word);
            if number > 0 && at + 1 + length > width && at > indent {
                folded.push('\n');
                folded.push_str(&" ".repeat(indent));
                at = indent;
            } else if number > 0 {
                folded.push(' ');
                at += 1;
            }
            folded.push_str(word);
            at += length;
        }
        folded.push('\n');
    }
    folded
}

/// Text without characters that could steer a terminal or reorder what is read.
pub(crate) fn clean(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

fn markdown_cell(text: &str) -> String {
    clean(text).replace('\\', "\\\\").replace('|', "\\|")
}

/// A CSV cell; text that a spreadsheet would take for a formula gets a leading apostrophe: after
/// any blanks one of `= + - @`, also in full width, or a blank that cuts cells (tab, return).
pub(crate) fn csv_cell(text: &str, is_text: bool) -> String {
    let start =
        text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    let formula = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    let cuts = ['\t', '\r', '\n', '\0'];
    let risky = is_text
        && (start.starts_with(formula) || text.starts_with(cuts))
        && text.parse::<Exact>().is_err();
    let text = if risky { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r', ';', '\t']) || text.starts_with(' ') {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

/// A cost in one or two cells: exact, or low and high; an open end is said in words.
pub(crate) fn bounds_cells(bounds: &Bounds) -> [String; 2] {
    match bounds.exact() {
        Some(exact) => [exact.to_string(), String::new()],
        None if bounds.open => [bounds.low.to_string(), "unknown".to_owned()],
        None => [bounds.low.to_string(), bounds.high.to_string()],
    }
}

/// A JSON document with its schema name first.
pub(crate) fn json_document(schema: &str, value: Value, out: &mut String) {
    let mut object = serde_json::Map::new();
    object.insert("schema".to_owned(), schema.into());
    if let Value::Object(fields) = value {
        object.extend(fields);
    }
    let text = serde_json::to_string_pretty(&Value::Object(object));
    let _ = writeln!(out, "{}", text.unwrap_or_default());
}

/// `low`, `high` and `exact` of a cost, every digit as a string; `null` for no upper bound.
pub(crate) fn json_bounds(currency: &str, bounds: &Bounds) -> Value {
    let high = (!bounds.open).then(|| bounds.high.to_string());
    serde_json::json!({
        "currency": currency,
        "exact": bounds.exact().map(|exact| exact.to_string()),
        "low": bounds.low.to_string(),
        "high": high,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_fold_between_words() {
        assert_eq!(folded("one two three\nfour\n", 8), "one two\n  three\nfour\n");
        assert_eq!(folded("\u{1b}[1mone two\u{1b}[0m\n", 8), "\u{1b}[1mone two\u{1b}[0m\n");
        assert_eq!(folded("  a_very_long_word b\n", 8), "  a_very_long_word\n    b\n");
    }

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

    #[test]
    fn cells_are_safe() {
        assert_eq!(csv_cell("=1+1", true), "'=1+1");
        assert_eq!(csv_cell("-5", true), "-5");
        assert_eq!(csv_cell("-5+cmd", true), "'-5+cmd");
        for risky in [" =1", "\u{ff1d}1", "\t1", "\r=1", "@A1", "\u{ff20}A1", "\u{feff}=1", "\n1"] {
            assert!(csv_cell(risky, true).trim_start_matches('"').starts_with('\''), "{risky:?}");
            assert!(!csv_cell(risky, false).contains('\''), "{risky:?}");
        }
        assert_eq!(csv_cell("o1-mini", true), "o1-mini");
        assert_eq!(csv_cell("a,\"b\"", true), "\"a,\"\"b\"\"\"");
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c"), "a\u{fffd}[31mb\u{fffd}c");
        assert_eq!(markdown_cell("a|b"), "a\\|b");
        assert_eq!(grouped_text("-1234567.1234567"), "-1,234,567.1234567");
    }
}
