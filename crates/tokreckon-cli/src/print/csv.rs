//! Sheets as CSV: raw cells, no digits grouped, nothing that a spreadsheet would run.

use std::fmt::Write;

use tokreckon::money::Exact;
use tokreckon::words::steers;

use super::{Align, Column, Sheet};

impl Sheet<'_> {
    pub(super) fn csv(&self, out: &mut dyn Write) {
        let names: Vec<String> =
            self.columns.iter().map(|column| csv_cell(&column.name, true)).collect();
        let _ = writeln!(out, "{}", names.join(","));
        let mut line = |row: &[String]| {
            let is_text = |column: &Column| column.align == Align::Left && !self.raw;
            let cells = row.iter().zip(&self.columns);
            let cells = cells.map(|(cell, column)| csv_cell(cell, is_text(column)));
            let _ = writeln!(out, "{}", cells.collect::<Vec<_>>().join(","));
        };
        self.each(&self.columns, &mut line);
    }
}

/// A CSV cell; text that a spreadsheet would take for a formula gets a leading apostrophe: after
/// any blanks one of `= + - @`, also in full width, or a blank that cuts cells (tab, return).
fn csv_cell(text: &str, is_text: bool) -> String {
    let start =
        text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    let formula = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    let cuts = ['\t', '\r', '\n', '\0'];
    let risky = is_text
        && (start.starts_with(formula) || text.starts_with(cuts))
        && text.parse::<Exact>().is_err();
    let text = if risky { format!("'{text}") } else { text.to_owned() };
    // Quotes hold the blanks that cut cells; whatever else steers has no place in a file either.
    let held = |c: char| cuts.contains(&c) && c != '\0';
    let text = text.chars().map(|c| if steers(c) && !held(c) { '\u{fffd}' } else { c });
    let text: String = text.collect();
    if text.contains([',', '"', '\n', '\r', ';', '\t']) || text.starts_with(' ') {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_safe() {
        assert_eq!(csv_cell("=1+1", true), "'=1+1");
        assert_eq!(csv_cell("-5", true), "-5");
        assert_eq!(csv_cell("-5+cmd", true), "'-5+cmd");
        for risky in [" =1", "\u{ff1d}1", "\t1", "\r=1", "@A1", "\u{ff20}A1", "\u{feff}=1", "\n1"] {
            assert!(csv_cell(risky, true).trim_start_matches('"').starts_with('\''), "{risky:?}");
            assert!(!csv_cell(risky, false).contains('\''), "{risky:?}");
        }
        assert_eq!(csv_cell("a\u{202e}b\u{9b}c\u{1b}d", false), "a\u{fffd}b\u{fffd}c\u{fffd}d");
        assert_eq!(csv_cell("a\tb\nc", true), "\"a\tb\nc\"");
        assert_eq!(csv_cell("o1-mini", true), "o1-mini");
        assert_eq!(csv_cell("a,\"b\"", true), "\"a,\"\"b\"\"\"");
    }
}
