//! The rows below a header, one by one: each becomes an item or a reject.

use std::io::BufRead;

use super::rows::{Broken, Cells, Rows};
use super::short::Short;
use super::table::{Each, Header, Row, RowReader, reader};
use super::{Format, Item, Options, Problem, ReadError, Reject, Skip};
use crate::record::Request;

/// What turns rows below a header into items.
pub(super) struct Body {
    header: Header,
    pub(super) reader: Box<dyn RowReader>,
    /// Fields of the header.
    pub(super) expected: usize,
}

impl Body {
    pub(super) fn new(
        mut header: Header,
        format: Format,
        options: &Options<'_>,
    ) -> Result<Self, ReadError> {
        let reader = reader(format, &mut header, options)?;
        let expected = header.columns();
        Ok(Self { header, reader, expected })
    }

    /// Hands over the row that has been read last.
    pub(super) fn row<R: BufRead>(&mut self, rows: &Rows<R>, each: Each<'_>) {
        let (line, cells) = (rows.line(), rows.cells());
        let line_text = std::str::from_utf8(cells.line()).ok();
        match rows.broken() {
            None => self.cells(line, cells, line_text, each),
            Some(broken) => {
                let problem = match broken {
                    Broken::StrayQuote => Problem::StrayQuote,
                    Broken::TooLong => Problem::LineTooLong,
                };
                each(Item::Reject(Reject { line, problem }));
            }
        }
    }

    /// Hands over a row as a plain request, where it is one.
    #[inline]
    pub(super) fn short(&mut self, row: &Short<'_>, take: &mut dyn FnMut(&Request<'_>)) -> bool {
        row.fields() == self.expected && self.reader.short(row, take)
    }

    /// Hands over a row of these cells. `line_text` is the line when it is UTF-8.
    pub(super) fn cells(
        &mut self,
        line: u64,
        cells: Cells<'_>,
        line_text: Option<&str>,
        each: Each<'_>,
    ) {
        let (expected, found) = (self.expected, cells.len());
        if found != expected {
            let problem = Problem::FieldCount { expected, found };
            each(Item::Reject(Reject { line, problem }));
            return;
        }
        let row = Row::of_cells(cells, &self.header, line, line_text);
        if let Err(problem) = self.reader.row(&row, each) {
            if row.is_header() {
                each(Item::Skipped { line, why: Skip::Header });
            } else {
                each(Item::Reject(Reject { line, problem }));
            }
        }
    }
}
