//! One row with named cells, of a delimited file or of a JSON document: no format knows which.
//!
//! Every cell is read quickly where it is as nearly all are, and by [`cell`](super::cell) where it is
//! not, inside of the cell: quotes off, blanks off, the words for nothing, numbers with exponents.

mod whole;
mod words;

use std::borrow::Cow;
use std::cell::Cell;

use super::clock::Clock;
use super::columns::{ColumnCell, Columns, is_odd, text_of};
use super::header::Header;
use super::object::Object;
use super::rows::Cells;
use super::unread::decides_by_word;
use super::written::{self, NoReading, Reading};
use super::{Problem, cell, digits, shortened};
use crate::grade::Assumptions;
use crate::json::{Shapes, Value};
use crate::money::{Currency, Exact};
use crate::time::Period;
use bumpalo::Bump;

/// One row with the names of its columns.
pub(super) struct Row<'r> {
    source: Source<'r>,
    header: &'r Header,
    line: u64,
    /// Where texts are kept that do not stand in the row as they are.
    arena: &'r Bump,
    /// The shapes of the JSON in its cells.
    shapes: &'r Shapes,
    /// What was taken for granted in reading it.
    assumed: Cell<Assumptions>,
}

enum Source<'r> {
    Cells(Cells<'r>),
    /// Cells that lie in columns, all of the row of this number.
    Columns {
        columns: &'r dyn Columns,
        row: usize,
    },
    /// An object, and the one around it that holds what all of its kind share.
    Object {
        object: &'r Object<'r>,
        around: Option<&'r Object<'r>>,
    },
}

impl<'r> Row<'r> {
    /// A row of a JSON document.
    pub(super) const fn of_object(
        object: &'r Object<'r>,
        around: Option<&'r Object<'r>>,
        header: &'r Header,
        line: u64,
        arena: &'r Bump,
        shapes: &'r Shapes,
    ) -> Self {
        let (source, assumed) = (Source::Object { object, around }, Cell::new(Assumptions::NONE));
        Self { source, header, line, arena, shapes, assumed }
    }

    /// A row of a delimited file.
    #[inline]
    pub(super) const fn of_cells(
        cells: Cells<'r>,
        header: &'r Header,
        line: u64,
        arena: &'r Bump,
        shapes: &'r Shapes,
    ) -> Self {
        let assumed = Cell::new(Assumptions::NONE);
        Self { source: Source::Cells(cells), header, line, arena, shapes, assumed }
    }

    /// What was taken for granted in reading it so far.
    #[inline]
    pub(super) const fn assumed(&self) -> Assumptions {
        self.assumed.get()
    }

    fn rests_on<T>(&self, reading: Reading<T>) -> T {
        if let Some(assumption) = reading.by {
            self.assumed.set(self.assumed.get().with(assumption));
        }
        reading.value
    }

    /// A row of a table of columns.
    #[inline]
    pub(super) const fn of_columns(
        columns: &'r dyn Columns,
        row: usize,
        header: &'r Header,
        line: u64,
        arena: &'r Bump,
        shapes: &'r Shapes,
    ) -> Self {
        let assumed = Cell::new(Assumptions::NONE);
        Self { source: Source::Columns { columns, row }, header, line, arena, shapes, assumed }
    }

    /// Line number, from 1.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    /// True for a row of a delimited file all of whose cells are text; of columns only those are
    /// wanted that may be something else.
    #[inline]
    pub(super) const fn is_text(&self) -> bool {
        matches!(&self.source, Source::Cells(cells) if cells.is_text())
    }

    /// True for a row of a delimited file, which people may have written.
    pub(super) const fn is_delimited(&self) -> bool {
        matches!(&self.source, Source::Cells(_))
    }

    /// True for a cell that is no text as it lies there: nothing in it depends on how people write.
    fn is_typed(&self, at: usize) -> bool {
        matches!(&self.source, Source::Columns { columns, row }
            if !matches!(columns.cell(at, *row), ColumnCell::Text(_) | ColumnCell::Bytes(_)))
    }

    /// A text that lives as long as the row.
    pub(super) fn keep(&self, text: &str) -> &'r str {
        self.arena.alloc_str(text)
    }

    /// A cell as it is, without quotes; `None` for a null or a column that is not there.
    fn raw(&self, column: Option<usize>) -> Option<(usize, Cow<'r, [u8]>)> {
        let column = column?;
        let bytes = match &self.source {
            Source::Cells(cells) => cells.field(column),
            Source::Columns { columns, row } => match columns.cell(column, *row) {
                ColumnCell::Null => return None,
                ColumnCell::Text(text) => Cow::Borrowed(text.as_bytes()),
                ColumnCell::Bytes(bytes) => Cow::Borrowed(bytes),
                _ => Cow::Owned(text_of(*columns, column, *row).into_bytes()),
            },
            Source::Object { .. } => match self.value(column)? {
                Value::String(text) => Cow::Borrowed(text.as_bytes()),
                Value::Null => return None,
                other => Cow::Owned(other.to_string().into_bytes()),
            },
        };
        (!cell::is_null(&bytes)).then_some((column, bytes))
    }

    /// The value of a column in an object.
    fn value(&self, column: usize) -> Option<&'r Value<'r>> {
        let Source::Object { object, around } = self.source else {
            return None;
        };
        let within = |object: &'r Object<'r>, name: &str| {
            let direct = object.get(name);
            direct.or_else(|| {
                let (outer, inner) = name.split_once('.')?;
                object.get(outer)?.get(inner)
            })
        };
        let names = self.header.names.get(column)?.split('|');
        let found = names.filter_map(|name| {
            within(object, name).or_else(|| within(around?, name)).filter(|value| !value.is_null())
        });
        found.into_iter().next()
    }

    /// The object, for a row of a JSON document.
    pub(super) const fn of_json(&self) -> Option<&'r Object<'r>> {
        match self.source {
            Source::Object { object, .. } => Some(object),
            Source::Cells(_) | Source::Columns { .. } => None,
        }
    }

    /// The name of a column, for messages.
    pub(super) fn name(&self, column: usize) -> String {
        let name = self.header.names.get(column).map_or("", String::as_str);
        name.split('|').next().unwrap_or(name).to_owned()
    }

    /// Says that a needed cell is empty.
    pub(super) fn missing(&self, column: Option<usize>) -> Problem {
        Problem::MissingCell { column: column.map_or_else(String::new, |at| self.name(at)) }
    }

    /// True when a cell is there and not a null.
    pub(super) fn has(&self, column: Option<usize>) -> bool {
        self.raw(column).is_some()
    }

    /// True when a cell holds a number other than zero, or the name of a tier.
    pub(super) fn counts_something(&self, column: usize) -> bool {
        if let Source::Cells(cells) = &self.source
            && matches!(cells.written(column), b"" | b"0")
        {
            return false;
        }
        if let Source::Columns { columns, row } = &self.source
            && columns.cell(column, *row).is_nothing()
        {
            return false;
        }
        let Some((_, bytes)) = self.raw(Some(column)) else { return false };
        match cell::amount(&bytes) {
            Some(amount) => !amount.is_zero(),
            None => cell::flag(&bytes).is_none() && decides_by_word(&self.name(column)),
        }
    }

    /// Text of a cell; empty for a null or a column that is not there.
    ///
    /// # Errors
    /// When it is not UTF-8.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call a cell costs more than what it does")]
    pub(super) fn text(&self, column: Option<usize>) -> Result<&'r str, Problem> {
        let Some(at) = column else { return Ok("") };
        match &self.source {
            Source::Cells(cells) => {
                if let Some(text) = cells.text(at) {
                    return Ok(text);
                }
            }
            Source::Columns { columns, row } => match columns.cell(at, *row) {
                ColumnCell::Text(text) if !is_odd(text) => return Ok(text),
                ColumnCell::Null => return Ok(""),
                _ => {}
            },
            Source::Object { .. } => {}
        }
        self.odd_text(at)
    }

    /// Quotes, blanks, words for nothing, values of JSON.
    #[cold]
    #[inline(never)]
    fn odd_text(&self, column: usize) -> Result<&'r str, Problem> {
        if let Source::Cells(cells) = &self.source
            && let Some(text) = cells.quoted_text(column)
        {
            return Ok(text);
        }
        let Some((column, bytes)) = self.raw(Some(column)) else {
            return Ok("");
        };
        let not_utf8 = || Problem::NotUtf8 { column: self.name(column) };
        match bytes {
            Cow::Borrowed(bytes) => {
                std::str::from_utf8(bytes).map(str::trim).map_err(|_| not_utf8())
            }
            Cow::Owned(bytes) => {
                let text = std::str::from_utf8(&bytes).map_err(|_| not_utf8())?;
                Ok(self.keep(text.trim()))
            }
        }
    }

    /// What `parse` makes of a cell, or what is wrong with it.
    fn parsed<T>(
        &self,
        column: Option<usize>,
        parse: impl FnOnce(&[u8]) -> Option<T>,
        problem: impl Fn(String, String) -> Problem,
    ) -> Result<Option<T>, Problem> {
        let Some((column, bytes)) = self.raw(column) else {
            return Ok(None);
        };
        let wrong = || problem(self.name(column), shortened(&bytes));
        parse(&bytes).map(Some).ok_or_else(wrong)
    }

    /// A count; `None` for a null or a column that is not there.
    ///
    /// # Errors
    /// When it is no whole number at or above zero.
    pub(super) fn count(&self, column: Option<usize>) -> Result<Option<u64>, Problem> {
        let Some(at) = column else { return Ok(None) };
        self.count_at(at)
    }

    /// A count of a column that is there.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call a cell costs more than what it does")]
    pub(super) fn count_at(&self, at: usize) -> Result<Option<u64>, Problem> {
        match &self.source {
            Source::Cells(cells) => {
                let (start, end) = cells.place(at);
                if start == end {
                    return Ok(None);
                }
                if let Some(count) = digits::count(cells.bytes(), start, end) {
                    return Ok(Some(count));
                }
            }
            Source::Columns { columns, row } => match columns.cell(at, *row) {
                ColumnCell::Whole(count) => return Ok(Some(count)),
                ColumnCell::Null => return Ok(None),
                _ => {}
            },
            Source::Object { .. } => {}
        }
        self.odd_count(Some(at))
    }

    #[cold]
    #[inline(never)]
    fn odd_count(&self, column: Option<usize>) -> Result<Option<u64>, Problem> {
        if let (Source::Cells(cells), Some(at)) = (&self.source, column) {
            let (start, mut end) = cells.between_quotes(at).unwrap_or_else(|| cells.place(at));
            let bytes = cells.bytes();
            if bytes.get(start..end).is_some_and(|cell| cell.ends_with(b".0")) {
                end -= 2;
            }
            if let Some(count) = digits::count(bytes, start, end) {
                return Ok(Some(count));
            }
        }
        let Some((at, bytes)) = self.raw(column) else { return Ok(None) };
        if let Some(count) = cell::count(&bytes) {
            return Ok(Some(count));
        }
        let is_written = !self.is_typed(at);
        match written::count(&bytes, self.header.style(at)) {
            Ok(reading) if is_written => Ok(Some(self.rests_on(reading))),
            _ => Err(Problem::NotACount { column: self.name(at), value: shortened(&bytes) }),
        }
    }

    /// An exact amount; `None` for a null or a column that is not there.
    ///
    /// # Errors
    /// When it is no decimal number.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call a cell costs more than what it does")]
    pub(super) fn amount(&self, column: Option<usize>) -> Result<Option<Exact>, Problem> {
        let Some(at) = column else { return Ok(None) };
        if let Source::Cells(cells) = &self.source {
            let (start, end) = cells.place(at);
            if start == end {
                return Ok(None);
            }
            if let Some((digits, places)) = digits::amount(cells.bytes(), start, end) {
                return Ok(Some(Exact::in_lowest_terms(digits, places)));
            }
        }
        if let Some(amount) = self.typed_amount(at) {
            return Ok(Some(amount));
        }
        self.odd_amount(column)
    }

    /// An amount that lies in a column as a number.
    #[inline]
    fn typed_amount(&self, at: usize) -> Option<Exact> {
        let Source::Columns { columns, row } = &self.source else { return None };
        match columns.cell(at, *row) {
            ColumnCell::Whole(whole) => Some(Exact::in_lowest_terms(whole, 0)),
            ColumnCell::Decimal { digits, places } if places <= Exact::MAX_SCALE => {
                Some(Exact::in_lowest_terms(digits, places))
            }
            _ => None,
        }
    }

    #[cold]
    #[inline(never)]
    fn odd_amount(&self, column: Option<usize>) -> Result<Option<Exact>, Problem> {
        self.parsed(column, cell::amount, |column, value| Problem::NotAnAmount { column, value })
    }

    /// An amount as people write it, and the currency beside it: `$1,234.50`, `(6,50 €)`.
    ///
    /// # Errors
    /// When it is no amount, or may be either of two.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call a cell costs more than what it does")]
    pub(super) fn money(
        &self,
        column: Option<usize>,
    ) -> Result<Option<(Exact, Option<Currency>)>, Problem> {
        let Some(at) = column else { return Ok(None) };
        if let Source::Cells(cells) = &self.source {
            let (start, end) = cells.place(at);
            if start == end {
                return Ok(None);
            }
            if let Some((digits, places)) = digits::amount(cells.bytes(), start, end)
                && !self.header.is_odd(at)
            {
                return Ok(Some((Exact::in_lowest_terms(digits, places), None)));
            }
        }
        if let Some(amount) = self.typed_amount(at) {
            return Ok(Some((amount, None)));
        }
        self.odd_money(at)
    }

    #[cold]
    #[inline(never)]
    fn odd_money(&self, column: usize) -> Result<Option<(Exact, Option<Currency>)>, Problem> {
        if let Source::Cells(cells) = &self.source
            && !self.header.is_odd(column)
            && let Some((start, end)) = cells.between_quotes(column)
            && let Some((digits, places)) = digits::amount(cells.bytes(), start, end)
        {
            return Ok(Some((Exact::in_lowest_terms(digits, places), None)));
        }
        let Some((at, bytes)) = self.raw(Some(column)) else { return Ok(None) };
        if self.is_typed(at) {
            return Ok(self.odd_amount(Some(at))?.map(|amount| (amount, None)));
        }
        match written::money(&bytes, self.header.style(at)) {
            Ok(reading) => Ok(Some(self.rests_on(reading))),
            Err(_) => Err(Problem::NotAnAmount { column: self.name(at), value: shortened(&bytes) }),
        }
    }

    /// A time; `None` for a null or a column that is not there.
    ///
    /// # Errors
    /// When it is no time.
    #[inline]
    pub(super) fn time(
        &self,
        column: Option<usize>,
        clock: &mut Clock,
    ) -> Result<Option<Period>, Problem> {
        let Some(at) = column else { return Ok(None) };
        match &self.source {
            Source::Cells(cells) => {
                let written = cells.bare(at);
                if written.is_empty() {
                    return Ok(None);
                }
                if written.first().is_some_and(u8::is_ascii_digit)
                    && let Some(period) = clock.read(written)
                {
                    return Ok(Some(period));
                }
            }
            Source::Columns { columns, row } => {
                let found = match columns.cell(at, *row) {
                    ColumnCell::Second { second, is_utc } => clock.second(second, is_utc),
                    ColumnCell::Text(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
                        clock.read(text.as_bytes())
                    }
                    _ => None,
                };
                if found.is_some() {
                    return Ok(found);
                }
            }
            Source::Object { .. } => {}
        }
        self.odd_time(column, clock)
    }

    #[cold]
    #[inline(never)]
    fn odd_time(
        &self,
        column: Option<usize>,
        clock: &mut Clock,
    ) -> Result<Option<Period>, Problem> {
        let Some((at, bytes)) = self.raw(column) else { return Ok(None) };
        if let Some(period) = clock.read(&bytes) {
            return Ok(Some(period));
        }
        let (column, value) = (self.name(at), shortened(&bytes));
        if self.is_typed(at) {
            return Err(Problem::NotATime { column, value });
        }
        match clock.read_written(&bytes, self.header.style(at)) {
            Ok(reading) => Ok(Some(self.rests_on(reading))),
            Err(NoReading::Either(days)) => Err(Problem::TwoDates { column, value, days }),
            Err(NoReading::Nothing) => Err(Problem::NotATime { column, value }),
        }
    }
}
