//! Tables of the page: headings for screen readers, digits grouped, long tables cut with a note.

use std::fmt::Write;

use askama::Template;
use tokreckon::pipeline::FileTally;
use tokreckon::report::Report;

use crate::args::OutputFormat;
use crate::print::{Align, Sheet, grouped};
use crate::report::groups_sheet;

/// Most rows of one table.
const MAX_ROWS: usize = 500;

/// Columns that a narrow screen does without.
const SPARE: [&str; 6] = ["records", "input", "cached", "cache write", "output", "reasoning"];

/// Text as HTML: what stands between backticks is code.
pub(super) fn code(text: &str) -> String {
    let escape = |c: char, html: &mut String| match c {
        '&' | '<' | '>' | '"' | '\'' => {
            let _ = write!(html, "&#{};", u32::from(c));
        }
        c => html.push(c),
    };
    let pairs = text.matches('`').count() / 2;
    let (mut html, mut ticks) = (String::with_capacity(text.len()), 0);
    for c in text.chars() {
        if c == '`' && ticks < pairs * 2 {
            html.push_str(if ticks % 2 == 0 { "<code>" } else { "</code>" });
            ticks += 1;
        } else {
            escape(c, &mut html);
        }
    }
    html
}

/// A table with its headings.
#[derive(Clone, Template)]
#[template(path = "table.html")]
pub(super) struct Table {
    id: &'static str,
    caption: String,
    /// Names, and whether they hold figures.
    columns: Vec<(String, bool)>,
    rows: Vec<Vec<String>>,
    total: Option<Vec<String>>,
    more: String,
}

impl Table {
    pub(super) fn of(id: &'static str, caption: impl Into<String>, sheet: Sheet<'_>) -> Self {
        Self::at_most(MAX_ROWS, id, caption, sheet)
    }

    pub(super) fn at_most(
        most: usize,
        id: &'static str,
        caption: impl Into<String>,
        sheet: Sheet<'_>,
    ) -> Self {
        let (columns, rows, total, left_out) = sheet.without_empty_columns().into_cells(most);
        let more = if left_out > 0 { grouped(left_out as u128) } else { String::new() };
        Self { id, caption: caption.into(), columns, rows, total, more }
    }

    /// The class of a column, as an attribute: figures stand on the right, and counts beside a cost go
    /// first where the screen is narrow.
    fn class(&self, figures: bool, name: &str) -> &'static str {
        match (figures, self.is_spare(name)) {
            (true, true) => " class=\"n spare\"",
            (true, false) => " class=\"n\"",
            (false, true) => " class=\"spare\"",
            (false, false) => "",
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand references over")]
    fn class_at(&self, at: &usize) -> &'static str {
        self.columns.get(*at).map_or("", |(name, figures)| self.class(*figures, name))
    }

    fn is_spare(&self, name: &str) -> bool {
        ["days", "models", "groups"].contains(&self.id) && SPARE.contains(&name)
    }

    fn has_spare(&self) -> bool {
        self.columns.iter().any(|(name, _)| self.is_spare(name))
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn code(&self, text: &str) -> String {
        code(text)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Groups with their costs, and the total.
pub(super) fn groups(id: &'static str, report: &Report) -> Table {
    let names: Vec<&str> = report.by.iter().map(|dimension| dimension.name()).collect();
    let caption = format!("Cost by {}", names.join(", "));
    Table::of(id, caption, groups_sheet(report, OutputFormat::Table))
}

/// Rows in = records + empty + rejected + what else there is, file by file.
pub(super) fn files(files: &[FileTally]) -> Table {
    let columns = [
        ("file", Align::Left),
        ("format", Align::Left),
        ("rows", Align::Count),
        ("records", Align::Count),
        ("empty", Align::Count),
        ("rejected", Align::Count),
        ("joined", Align::Count),
        ("not counted", Align::Count),
        ("duplicate", Align::Count),
        ("replaced", Align::Count),
    ];
    let mut sheet = Sheet::new(columns);
    for file in files {
        let counts = [
            file.rows(),
            file.records,
            file.empty,
            file.rejected,
            file.joined,
            file.skipped.values().sum(),
            file.copies.duplicates,
            file.copies.replaced.values().sum(),
        ];
        let mut row = vec![file.name.clone(), file.format.to_owned()];
        row.extend(counts.map(|count| count.to_string()));
        if let Some(failure) = &file.failure {
            row[1] = format!("not read to its end: {failure}");
        }
        sheet.row(row);
    }
    Table::of("files", "Rows in = records + empty + rejected + …", sheet)
}
