//! Sheets as tables on a terminal or in a file: nothing is broken over lines that a reader would
//! copy. Where the terminal is too narrow, ids are shortened and columns left out, and that is said.

use std::collections::BTreeSet;
use std::fmt::Write;

use anstyle::Style;

use super::{Align, Column, Facts, SENTENCE, Sheet, clean, for_people, shortened, width, wrapped};

/// Headings and totals.
const BOLD: Style = Style::new().bold();
/// What an id keeps before columns are left out, and what it keeps in any case, in cells.
const ID: [usize; 2] = [24, 14];
/// Blanks between columns.
const GAP: usize = 2;

impl Sheet<'_> {
    /// Prints the table for a terminal of this width; `None` for a file, which has all of it.
    pub(super) fn table(&self, terminal: Option<usize>, out: &mut dyn Write) {
        let (columns, note) = match terminal {
            Some(room) => self.fitted(room),
            None => (self.columns.clone(), String::new()),
        };
        self.laid_out(&columns, terminal, out);
        if !note.is_empty() {
            let _ = writeln!(out, "({note})");
        }
    }

    /// The columns as they fit into so many cells, and what had to go.
    fn fitted(&self, room: usize) -> (Vec<Column>, String) {
        let mut columns = self.columns.clone();
        let mut left_out: Vec<String> = Vec::new();
        let mut shorter = false;
        let mut spare = self.spare.iter();
        if self.least_width(&columns) > room {
            shorter |= self.shorten_ids(&mut columns, ID[0]);
        }
        while self.least_width(&columns) > room {
            let Some(name) = spare.next() else { break };
            if let Some(at) = position(&columns, name) {
                left_out.push((*name).to_owned());
                remove(&mut columns, at);
            }
        }
        if self.least_width(&columns) > room {
            shorter |= self.shorten_ids(&mut columns, ID[1]);
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
        (columns, gone.join("; "))
    }

    /// Shortens the ids of every column that has longer ones, unless two of them would look alike.
    fn shorten_ids(&self, columns: &mut [Column], most: usize) -> bool {
        let mut any = false;
        for at in 0..columns.len() {
            if columns[at].align != Align::Left {
                continue;
            }
            let (mut longest, mut has_sentence) = (0, false);
            self.each_row(columns, &mut |row| {
                longest = longest.max(width(&row[at]));
                has_sentence |= row[at].contains(' ');
            });
            if has_sentence || longest <= most {
                continue;
            }
            let apart = |most: &usize| {
                let (mut whole, mut short) = (BTreeSet::new(), BTreeSet::new());
                self.each_row(columns, &mut |row| {
                    whole.insert(row[at].clone());
                    short.insert(shortened(&row[at], *most));
                });
                whole.len() == short.len()
            };
            let Some(most) = (most..longest).find(apart) else { continue };
            columns[at].most = Some(most);
            any = true;
        }
        any
    }

    /// How wide the table is when headings are broken between words and sentences are folded.
    fn least_width(&self, columns: &[Column]) -> usize {
        let facts = self.facts(columns);
        let widths = columns.iter().zip(&facts).map(|(column, facts)| {
            let heading = column.name.split(' ').map(width).max().unwrap_or(0);
            facts.least_width().max(heading) + GAP
        });
        widths.sum::<usize>().saturating_sub(GAP)
    }

    fn laid_out(&self, columns: &[Column], terminal: Option<usize>, out: &mut dyn Write) {
        let facts = self.facts(columns);
        let natural = columns
            .iter()
            .zip(&facts)
            .map(|(column, facts)| facts.width().max(width(&column.name)) + GAP);
        let natural = natural.sum::<usize>().saturating_sub(GAP);
        let narrow = terminal.filter(|room| natural > *room);
        // On a narrow terminal headings break between words.
        let headings: Vec<String> = columns
            .iter()
            .zip(&facts)
            .map(|(Column { name, .. }, facts)| match narrow {
                Some(_) if width(name) > facts.width() => name.replace(' ', "\n"),
                _ => name.clone(),
            })
            .collect();
        let mut widths: Vec<usize> = headings
            .iter()
            .zip(&facts)
            .map(|(name, facts)| name.lines().map(width).max().unwrap_or(0).max(facts.width()))
            .collect();
        if let Some(room) = narrow {
            fold(&mut widths, columns, &facts, room);
        }
        let mut line = |cells: &[String], style: Style| {
            for line in lines(cells, columns, &widths) {
                let _ = writeln!(out, "{style}{}{style:#}", line.trim_end());
            }
        };
        line(&headings, BOLD);
        let people = |row: &[String]| -> Vec<String> {
            let cells = row.iter().zip(columns).zip(&facts);
            let cells = cells.map(|((cell, column), facts)| {
                clean(&for_people(cell, column.align, facts.places))
            });
            cells.collect()
        };
        self.each_row(columns, &mut |row| line(&people(row), Style::new()));
        if let Some(total) = self.total_in(columns) {
            line(&people(&total), BOLD);
        }
    }
}

/// The column of this name; a heading may say the currency besides: `cost (USD)`.
fn position(columns: &[Column], name: &str) -> Option<usize> {
    let is_it = |column: &Column| column.name.split(" (").next().is_some_and(|own| own == name);
    columns.iter().position(is_it)
}

fn remove(columns: &mut Vec<Column>, at: usize) {
    let gone = columns.remove(at);
    // The word `total` stands in the first column, whichever that is.
    if let (0, Some(first)) = (at, columns.first_mut()) {
        first.instead = Some(gone.cell);
    }
}

/// Gives columns of sentences what the others leave, the narrow ones first.
fn fold(widths: &mut [usize], columns: &[Column], facts: &[Facts], room: usize) {
    let is_folded = |at: usize| {
        columns[at].align == Align::Left && facts[at].is_sentence && facts[at].width() > SENTENCE
    };
    let (mut folded, fixed): (Vec<usize>, Vec<usize>) =
        (0..widths.len()).partition(|&at| is_folded(at));
    let fixed: usize = fixed.into_iter().map(|at| widths[at]).sum();
    let gaps = GAP * widths.len().saturating_sub(1);
    let mut left = room.saturating_sub(fixed + gaps);
    folded.sort_by_key(|&at| widths[at]);
    for (done, &at) in folded.iter().enumerate() {
        let share = left / (folded.len() - done);
        widths[at] = widths[at].min(share.max(SENTENCE));
        left = left.saturating_sub(widths[at]);
    }
}

/// A row as one line, or as several where a cell has several or is too wide.
fn lines(cells: &[String], columns: &[Column], widths: &[usize]) -> Vec<String> {
    let parts: Vec<Vec<String>> =
        cells.iter().zip(widths).map(|(cell, room)| wrapped(cell, *room)).collect();
    let height = parts.iter().map(Vec::len).max().unwrap_or(0);
    let line = |at: usize| {
        let mut line = String::new();
        for (number, ((parts, column), room)) in parts.iter().zip(columns).zip(widths).enumerate() {
            let part = parts.get(at).map_or("", String::as_str);
            let blanks = " ".repeat(room.saturating_sub(width(part)));
            let (before, after) =
                if column.align == Align::Left { ("", &*blanks) } else { (&*blanks, "") };
            if number > 0 {
                line.push_str("  ");
            }
            line.extend([before, part, after]);
        }
        line
    };
    (0..height).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet<'static> {
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
        let (columns, note) = sheet.fitted(20);
        let mut short = BTreeSet::new();
        sheet.each(&columns, &mut |row| {
            short.insert(row[0].clone());
        });
        assert_eq!(short.len(), 2, "{short:?}");
        assert!(short.iter().all(|id| id.contains('…')), "{short:?}");
        assert!(note.contains("shortened"), "{note}");
    }
}
