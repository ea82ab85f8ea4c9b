//! Sheets as tables on a terminal or in a file: nothing is broken over lines that a reader would
//! copy. Where the terminal is too narrow, ids are shortened and columns left out, and that is said.

use std::collections::BTreeSet;
use std::fmt::Write;

use anstyle::Style;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::{Align, Sheet, clean, shortened, width};

/// Headings and totals.
const BOLD: Style = Style::new().bold();
/// What an id keeps before columns are left out, and what it keeps in any case, in cells.
const ID: [usize; 2] = [24, 14];
/// The narrowest that a column of sentences may be.
const SENTENCE: u16 = 12;

impl Sheet {
    /// Prints the table for a terminal of this width; `None` for a file, which has all of it.
    pub(super) fn table(&self, terminal: Option<usize>, out: &mut String) {
        let (fitted, note) = match terminal {
            Some(room) => self.fitted(room),
            None => (self.clone(), String::new()),
        };
        fitted.laid_out(terminal, out);
        if !note.is_empty() {
            let _ = writeln!(out, "({note})");
        }
    }

    /// The sheet as it fits into so many cells, and what had to go.
    fn fitted(&self, room: usize) -> (Self, String) {
        let mut sheet = self.clone();
        let mut left_out: Vec<String> = Vec::new();
        let mut shorter = false;
        let mut spare = self.spare.iter();
        if sheet.least_width() > room {
            shorter |= sheet.shorten_ids(ID[0]);
        }
        while sheet.least_width() > room {
            let Some(name) = spare.next() else { break };
            if let Some(at) = sheet.column(name) {
                left_out.push((*name).to_owned());
                sheet.remove(at);
            }
        }
        if sheet.least_width() > room {
            shorter |= sheet.shorten_ids(ID[1]);
        }
        let mut gone = Vec::new();
        if !left_out.is_empty() {
            gone.push(format!("left out: {}", left_out.join(", ")));
        }
        if shorter {
            gone.push("ids are shortened".to_owned());
        }
        if !gone.is_empty() {
            gone.push("a wider terminal or `--format csv` shows all".to_owned());
        }
        (sheet, gone.join("; "))
    }

    /// The column of this name; a heading may say the currency besides: `cost (USD)`.
    fn column(&self, name: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|(other, _)| other.split(" (").next().is_some_and(|other| other == name))
    }

    fn remove(&mut self, at: usize) {
        self.columns.remove(at);
        let without = |mut row: Vec<String>| {
            // The word `total` stands in the first column, whichever that is.
            if at == 0 && row.len() > 1 && row[1].is_empty() {
                row.swap(0, 1);
            }
            row.remove(at);
            row
        };
        self.rows = self.rows.changed(self.columns.len(), without);
        self.total = self.total.take().map(without);
    }

    /// Shortens the ids of every column that has longer ones, unless two of them would look alike.
    fn shorten_ids(&mut self, most: usize) -> bool {
        let mut any = false;
        for at in 0..self.columns.len() {
            if self.columns[at].1 != Align::Left {
                continue;
            }
            let cells = || self.rows.column(at);
            if cells().any(|cell| cell.contains(' ')) || cells().all(|cell| width(cell) <= most) {
                continue;
            }
            let apart = |most: usize| {
                let whole: BTreeSet<&str> = cells().collect();
                let short: BTreeSet<String> = cells().map(|cell| shortened(cell, most)).collect();
                whole.len() == short.len()
            };
            let longest = cells().map(width).max().unwrap_or(0);
            let Some(most) = (most..longest).find(|most| apart(*most)) else { continue };
            let short = |mut row: Vec<String>| {
                row[at] = shortened(&row[at], most);
                row
            };
            self.rows = self.rows.changed(self.columns.len(), short);
            self.total = self.total.take().map(short);
            any = true;
        }
        any
    }

    /// How wide the table is when headings are broken between words and sentences are folded: two
    /// blanks between columns.
    fn least_width(&self) -> usize {
        let people = self.for_people();
        let widths = self.columns.iter().enumerate().map(|(at, (name, align))| {
            let heading = name.split(' ').map(width).max().unwrap_or(0);
            let cells = people.iter().filter_map(|row| row.get(at));
            let least = |cell: &String| match align {
                // A sentence may be folded; a figure and an id may not.
                Align::Left if cell.contains(' ') => {
                    let word = cell.split(' ').map(width).max().unwrap_or(0);
                    word.max(usize::from(SENTENCE))
                }
                _ => width(cell),
            };
            cells.map(least).max().unwrap_or(0).max(heading) + 2
        });
        widths.sum::<usize>().saturating_sub(2)
    }

    /// How wide it is when nothing is broken.
    fn natural_width(&self) -> usize {
        let people = self.for_people();
        let widths = self.columns.iter().enumerate().map(|(at, (name, _))| {
            let cells = people.iter().filter_map(|row| row.get(at));
            cells.map(|cell| width(cell)).max().unwrap_or(0).max(width(name)) + 2
        });
        widths.sum::<usize>().saturating_sub(2)
    }

    fn laid_out(&self, terminal: Option<usize>, out: &mut String) {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        let narrow = terminal.is_some_and(|room| self.natural_width() > room);
        if let Some(room) = terminal {
            // The table pads each side by one cell, which is taken off again below.
            table.set_width(u16::try_from(room + 2).unwrap_or(u16::MAX));
        }
        let people = self.for_people();
        let widest = |at: usize| people.iter().map(|row| width(&row[at])).max().unwrap_or(0);
        // On a narrow terminal headings break between words.
        let heading = |(at, (name, _)): (usize, &(String, Align))| {
            if narrow && width(name) > widest(at) { name.replace(' ', "\n") } else { name.clone() }
        };
        let headings: Vec<String> = self.columns.iter().enumerate().map(heading).collect();
        let height = headings.iter().map(|name| name.lines().count()).max().unwrap_or(1);
        table.set_header(headings);
        for row in &people {
            table.add_row(row.iter().map(|cell| clean(cell)).collect::<Vec<_>>());
        }
        for (at, (_, align)) in self.columns.iter().enumerate() {
            let Some(column) = table.column_mut(at) else { continue };
            column.set_constraint(ColumnConstraint::ContentWidth);
            let is_sentence = people.iter().any(|row| row[at].contains(' '));
            if *align != Align::Left {
                column.set_cell_alignment(CellAlignment::Right);
            } else if is_sentence && widest(at) > usize::from(SENTENCE) {
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(SENTENCE)));
            }
        }
        let text = table.to_string();
        let total_at = text.lines().count() - usize::from(self.total.is_some());
        for (at, line) in text.lines().enumerate() {
            let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
            let style = if at < height || at >= total_at { BOLD } else { Style::new() };
            let _ = writeln!(out, "{style}{line}{style:#}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let mut sheet = Sheet::new([
            ("model", Align::Left),
            ("records", Align::Count),
            ("cost (USD)", Align::Amount),
        ])
        .spare(&["records"]);
        sheet.row(["claude-sonnet-4-5-20250929", "12", "1.5"].map(str::to_owned).to_vec());
        sheet.row(["claude-sonnet-4-6-20260217", "7", "12.25"].map(str::to_owned).to_vec());
        sheet.total(["total", "19", "13.75"].map(str::to_owned).to_vec());
        sheet
    }

    fn lines(room: Option<usize>) -> Vec<String> {
        let mut out = String::new();
        sheet().table(room, &mut out);
        // Without the sequences for bold.
        let plain = out.replace(&format!("{BOLD}"), "").replace(&format!("{BOLD:#}"), "");
        plain.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_wide_terminal_and_a_file_have_all_of_it() {
        let all = lines(None);
        assert_eq!(all, lines(Some(80)));
        assert_eq!(all[1], "claude-sonnet-4-5-20250929       12        1.5");
        assert_eq!(
            all.last().map(String::as_str),
            Some("total                            19       13.75")
        );
    }

    #[test]
    fn a_narrow_one_shortens_ids_then_leaves_columns_out_and_says_so() {
        let narrow = lines(Some(40));
        assert!(
            narrow.iter().all(|line| line.starts_with('(') || width(line) <= 40),
            "{narrow:#?}"
        );
        assert!(narrow.iter().any(|line| line.starts_with("claude-sonnet-4-…0250929")));
        assert_eq!(
            narrow.last().map(String::as_str),
            Some("(ids are shortened; a wider terminal or `--format csv` shows all)")
        );
        let narrower = lines(Some(30));
        assert!(!narrower[0].contains("records"), "{narrower:#?}");
        assert!(narrower.last().is_some_and(|line| line.starts_with("(left out: records; ids")));
        assert!(narrower.iter().any(|line| line.contains("13.75")));
    }

    #[test]
    fn ids_stay_apart() {
        let mut sheet = Sheet::new([("model", Align::Left)]);
        for middle in ["a", "b"] {
            sheet.row(vec![format!("a-very-long-{middle}-name-of-a-model-with-equal-ends")]);
        }
        let (short, note) = sheet.fitted(20);
        assert_ne!(short.rows.cell(0, 0), short.rows.cell(1, 0));
        assert!(note.contains("shortened"), "{note}");
    }
}
