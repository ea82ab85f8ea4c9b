//! Sheets as Markdown tables: what a file says is text there, never a link, an image or a tag.

use std::fmt::Write;

use super::{Align, Column, Sheet, clean, for_people};

impl Sheet<'_> {
    pub(super) fn markdown(&self, out: &mut dyn Write) {
        let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
        let names = self.columns.iter().map(|column| markdown_cell(&column.name));
        let rule = |column: &Column| if column.align == Align::Left { "---" } else { "---:" };
        let rules = self.columns.iter().map(|column| rule(column).to_owned());
        let _ = writeln!(out, "{}\n{}", line(names.collect()), line(rules.collect()));
        self.each(&self.columns, &mut |row| {
            let cells = row.iter().zip(&self.columns);
            // Nothing is padded: whoever shows the text sets the columns.
            let cell = |(cell, column): (&String, &Column)| {
                markdown_cell(for_people(cell, column.align, 0).trim())
            };
            let _ = writeln!(out, "{}", line(cells.map(cell).collect()));
        });
    }
}

/// Text around tables in which nothing is markup either. The lines of tables are made of such cells.
pub(super) fn prose(text: &str) -> String {
    let is_table = |line: &str| line.starts_with("| ") && line.ends_with(" |");
    let lines = text
        .split('\n')
        .map(|line| if is_table(line) { line.to_owned() } else { markdown_cell(line) });
    lines.collect::<Vec<_>>().join("\n")
}

/// A cell in which no sign has a meaning of its own, but for the backticks of our messages: what
/// stands between two of them is code, and no link, image or tag either.
fn markdown_cell(text: &str) -> String {
    let mut cell = String::new();
    for c in clean(text).chars() {
        match c {
            '\\' | '|' | '*' | '[' | ']' | '!' | '~' => cell.extend(['\\', c]),
            '<' => cell.push_str("&lt;"),
            '>' => cell.push_str("&gt;"),
            '&' => cell.push_str("&amp;"),
            // An address would become a link by itself: `https://…`, `www.…`, `name@host`.
            ':' => cell.push_str(if cell.ends_with("http") || cell.ends_with("https") {
                "&#58;"
            } else {
                ":"
            }),
            '@' => cell.push_str("&#64;"),
            '.' if cell.to_ascii_lowercase().ends_with("www") => cell.push_str("&#46;"),
            c => cell.push(c),
        }
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_file_is_markup() {
        for (text, cell) in [
            ("a|b", "a\\|b"),
            ("gpt-4o_mini", "gpt-4o_mini"),
            ("![b](http://x/p.png)", "\\!\\[b\\](http&#58;//x/p.png)"),
            ("<img src=x>", "&lt;img src=x&gt;"),
            ("&#60;b>", "&amp;#60;b&gt;"),
            ("no model `o1|x`", "no model `o1\\|x`"),
            ("www.example.org", "www&#46;example.org"),
            ("anna@example.org", "anna&#64;example.org"),
            ("`a` and `b`", "`a` and `b`"),
            ("`a`<b>`", "`a`&lt;b&gt;`"),
        ] {
            assert_eq!(markdown_cell(text), cell);
            assert_eq!(prose(&format!("| \\! |\n{text}\n")), format!("| \\! |\n{cell}\n"));
        }
    }
}
