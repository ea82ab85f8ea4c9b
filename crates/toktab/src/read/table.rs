//! Delimited files: the header decides the format, then rows become records.

use std::borrow::Cow;
use std::io::BufRead;

use super::rows::{Broken, Rows};
use super::{
    Format, Item, Options, Problem, ReadError, Reject, cell, openai_cost, openai_usage, plain,
    shortened,
};
use crate::book::near;
use crate::money::Exact;
use crate::time::Period;

/// The names of the columns.
pub(super) struct Header {
    names: Vec<String>,
}

impl Header {
    fn new(names: Vec<String>) -> Result<Self, ReadError> {
        for (at, name) in names.iter().enumerate() {
            if !name.is_empty() && names[..at].contains(name) {
                return Err(ReadError::DuplicateColumn { column: shortened(name.as_bytes()) });
            }
        }
        Ok(Self { names })
    }

    /// Index of a column.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|other| other == name)
    }

    /// Index of the first column of several spellings.
    pub(super) fn any(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.column(name))
    }

    /// Index of a column the format cannot do without.
    pub(super) fn need(&self, format: Format, name: &str) -> Result<usize, ReadError> {
        self.column(name).ok_or_else(|| ReadError::MissingColumn {
            format: format.name(),
            column: name.to_owned(),
            near: near(name, self.names.iter().map(String::as_str)),
        })
    }

    fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.column(name).is_some())
    }

    fn format(&self) -> Option<Format> {
        let times = ["start_time", "end_time", "start_time_iso", "end_time_iso"];
        if self.has(&["amount_value", "amount_currency"]) || self.has(&["cost_in_major"]) {
            Some(Format::OpenAiCost)
        } else if self.has(&["start_time_iso", "num_model_requests"])
            || (self.names.len() == 4 && self.has(&times))
        {
            Some(Format::OpenAiUsage)
        } else if plain::recognises(self) {
            Some(Format::Plain)
        } else {
            None
        }
    }
}

/// One row with the names of its columns.
pub(super) struct Row<'r, R> {
    rows: &'r Rows<R>,
    header: &'r Header,
    /// The whole line, when it is UTF-8.
    line_text: Option<&'r str>,
}

impl<'r, R: BufRead> Row<'r, R> {
    /// Line number, from 1.
    pub(super) const fn line(&self) -> u64 {
        self.rows.line()
    }

    fn raw(&self, column: Option<usize>) -> Option<(usize, Cow<'r, [u8]>)> {
        let column = column?;
        let bytes = self.rows.field(column);
        (!cell::is_null(&bytes)).then_some((column, bytes))
    }

    fn name(&self, column: usize) -> String {
        self.header.names.get(column).cloned().unwrap_or_default()
    }

    /// Text of a cell; empty for a null or a column that is not there.
    pub(super) fn text(&self, column: Option<usize>) -> Result<Cow<'r, str>, Problem> {
        let Some((column, bytes)) = self.raw(column) else { return Ok(Cow::Borrowed("")) };
        // The line was checked as a whole; its fields need no second look.
        let place = self.rows.plain_field(column);
        let checked =
            self.line_text.zip(place).and_then(|(line, (start, end))| line.get(start..end));
        if let Some(text) = checked {
            return Ok(Cow::Borrowed(text.trim_ascii()));
        }
        let text = match bytes {
            Cow::Borrowed(bytes) => {
                std::str::from_utf8(bytes).map(|text| Cow::Borrowed(text.trim())).ok()
            }
            Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).ok(),
        };
        text.ok_or_else(|| Problem::NotUtf8 { column: self.name(column) })
    }

    /// A count; `None` for a null or a column that is not there.
    pub(super) fn count(&self, column: Option<usize>) -> Result<Option<u64>, Problem> {
        let Some((column, bytes)) = self.raw(column) else {
            return Ok(None);
        };
        let not_a_count =
            || Problem::NotACount { column: self.name(column), value: shortened(&bytes) };
        cell::count(&bytes).map(Some).ok_or_else(not_a_count)
    }

    /// An exact amount; `None` for a null or a column that is not there.
    pub(super) fn amount(&self, column: Option<usize>) -> Result<Option<Exact>, Problem> {
        let Some((column, bytes)) = self.raw(column) else {
            return Ok(None);
        };
        let wrong = || Problem::NotAnAmount { column: self.name(column), value: shortened(&bytes) };
        cell::amount(&bytes).map(Some).ok_or_else(wrong)
    }

    /// A time; `None` for a null or a column that is not there.
    pub(super) fn time(&self, column: Option<usize>) -> Result<Option<Period>, Problem> {
        let Some((column, bytes)) = self.raw(column) else {
            return Ok(None);
        };
        let wrong = || Problem::NotATime { column: self.name(column), value: shortened(&bytes) };
        cell::time(&bytes).map(Some).ok_or_else(wrong)
    }

    /// A word of a fixed list; `None` for a null or a column that is not there.
    pub(super) fn word<T>(
        &self,
        column: Option<usize>,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some((at, bytes)) = self.raw(column) else {
            return Ok(None);
        };
        let text =
            std::str::from_utf8(&bytes).map_err(|_| Problem::NotUtf8 { column: self.name(at) })?;
        let wrong =
            || Problem::NotAWord { column: self.name(at), value: shortened(&bytes), expected };
        parse(text).map(Some).ok_or_else(wrong)
    }

    /// True when every cell but the given ones is empty.
    pub(super) fn is_blank_but(&self, columns: &[Option<usize>]) -> bool {
        (0..self.rows.len())
            .filter(|at| !columns.contains(&Some(*at)))
            .all(|at| cell::is_null(&self.rows.field(at)))
    }
}

/// Turns rows of one format into items.
pub(super) trait RowReader {
    /// Hands the row's item to `each`, or says why it cannot be read.
    fn row<R: BufRead>(
        &self,
        row: &Row<'_, R>,
        each: &mut dyn FnMut(Item<'_>),
    ) -> Result<(), Problem>;
}

pub(super) fn read<R: BufRead>(
    input: R,
    delimiter: u8,
    options: &Options<'_>,
    each: &mut dyn FnMut(Item<'_>),
) -> Result<Format, ReadError> {
    let mut rows = Rows::new(input, delimiter);
    if !rows.next(None)? {
        return Err(ReadError::Empty);
    }
    let names =
        (0..rows.len()).map(|at| String::from_utf8_lossy(rows.field(at).trim_ascii()).into_owned());
    let header = Header::new(names.collect())?;
    let mapped = options.mapping.map(|_| Format::Plain);
    let Some(format) = options.format.or(mapped).or_else(|| header.format()) else {
        return Err(ReadError::UnknownFormat {
            header: shortened(header.names.join(",").as_bytes()),
        });
    };
    match format {
        Format::OpenAiUsage => run(&openai_usage::Columns::new(&header)?, &header, rows, each)?,
        Format::OpenAiCost => run(&openai_cost::Columns::new(&header)?, &header, rows, each)?,
        Format::Plain | Format::UsageJson => {
            run(&plain::Columns::new(&header, options)?, &header, rows, each)?;
        }
    }
    Ok(format)
}

fn run<R: BufRead>(
    reader: &impl RowReader,
    header: &Header,
    mut rows: Rows<R>,
    each: &mut dyn FnMut(Item<'_>),
) -> Result<(), ReadError> {
    let expected = header.names.len();
    while rows.next(Some(expected))? {
        let line = rows.line();
        let found = rows.len();
        let problem = match rows.broken() {
            Some(Broken::StrayQuote) => Some(Problem::StrayQuote),
            Some(Broken::TooLong) => Some(Problem::LineTooLong),
            None if found != expected => Some(Problem::FieldCount { expected, found }),
            None => {
                let line_text = rows.text();
                reader.row(&Row { rows: &rows, header, line_text }, each).err()
            }
        };
        if let Some(problem) = problem {
            each(Item::Reject(Reject { line, problem }));
        }
    }
    Ok(())
}
