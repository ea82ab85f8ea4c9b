//! The rows below a header, one by one: each becomes an item or a reject.

use std::io::BufRead;

use bumpalo::Bump;

use super::columns::Columns;
use super::header::Header;
use super::row::Row;
use super::rows::{Broken, Cells, Rows};
use super::table::{Each, RowReader};
use super::{Format, Item, Options, Problem, ReadError, Reject, Skip, registry};
use crate::json::Shapes;

/// What turns rows below a header into items.
pub(super) struct Body {
    header: Header,
    pub(super) reader: Box<dyn RowReader>,
    /// Cells of the header.
    pub(super) expected: usize,
    shapes: Shapes,
}

impl Body {
    pub(super) fn new(
        mut header: Header,
        format: Format,
        options: &Options<'_>,
    ) -> Result<Self, ReadError> {
        let reader = registry::reader(format, &mut header, options)?;
        let expected = header.columns();
        Ok(Self { header, reader, expected, shapes: Shapes::default() })
    }

    pub(super) fn into_header(self) -> Header {
        self.header
    }

    /// Hands over a row that lies in columns.
    #[inline]
    pub(super) fn columns(
        &mut self,
        line: u64,
        (columns, row): (&dyn Columns, usize),
        arena: &Bump,
        each: Each<'_>,
    ) {
        let row = Row::of_columns(columns, row, &self.header, line, arena, &self.shapes);
        if let Err(problem) = self.reader.row(&row, each) {
            each(Item::Reject(Reject { line, problem }));
        }
    }

    /// Hands over the row that has been read last.
    pub(super) fn row<R: BufRead>(
        &mut self,
        rows: &Rows<R>,
        each: Each<'_>,
    ) -> Result<(), ReadError> {
        let problem = match rows.broken() {
            None => return self.cells(rows.line(), rows.cells(), &Bump::new(), each),
            Some(Broken::StrayQuote) => Problem::StrayQuote,
            Some(Broken::TooLong) => Problem::LineTooLong,
        };
        each(Item::Reject(Reject { line: rows.line(), problem }));
        Ok(())
    }

    /// Hands over a row of these cells.
    ///
    /// # Errors
    /// When the row is another header: what follows belongs to it.
    #[inline]
    pub(super) fn cells(
        &mut self,
        line: u64,
        cells: Cells<'_>,
        arena: &Bump,
        each: Each<'_>,
    ) -> Result<(), ReadError> {
        let (expected, found) = (self.expected, cells.len());
        if found != expected {
            let problem = Problem::FieldCount { expected, found };
            each(Item::Reject(Reject { line, problem }));
            return Ok(());
        }
        let row = Row::of_cells(cells, &self.header, line, arena, &self.shapes);
        match self.reader.row(&row, each) {
            Ok(()) => Ok(()),
            Err(problem) => self.not_read(&row, problem, each),
        }
    }

    /// A row that cannot be read is a reject, or a header once more.
    #[cold]
    fn not_read(&self, row: &Row<'_>, problem: Problem, each: Each<'_>) -> Result<(), ReadError> {
        let line = row.line();
        let names = row.as_names().unwrap_or_default();
        if names == self.header.names {
            each(Item::Skipped { line, why: Skip::Header });
            return Ok(());
        }
        let is_header =
            Header::new(names).is_ok_and(|mut other| registry::of_header(&mut other).is_some());
        if is_header {
            return Err(ReadError::HeaderChanges { line });
        }
        each(Item::Reject(Reject { line, problem }));
        Ok(())
    }
}
