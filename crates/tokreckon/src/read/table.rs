//! Rows with named cells, of a delimited file or of a list of JSON objects.
//!
//! A reader of one format names its columns once and then reads row after row, whichever of the
//! two they come from.

use std::borrow::Cow;
use std::io::BufRead;

use serde_json::Value;

use super::body::Body;
pub(super) use super::header::Header;
use super::rows::{Cells, Rows, sniff_delimiter};
use super::short::{Run, Short};
use super::{
    Format, Item, Options, Problem, ReadError, aimlapi, anthropic_cost, anthropic_usage, bills,
    cell, cursor, deepseek, focus, helicone, langfuse, litellm, one_api, openai_activity,
    openai_cost, openai_usage, openrouter, openrouter_activity, plain, shortened,
};
use crate::money::Exact;
use crate::read::object::Object;
use crate::record::{Request, fingerprint};
use crate::time::Period;

/// Where items go.
pub(super) type Each<'e> = &'e mut dyn FnMut(Item<'_>);

/// One row with the names of its columns.
pub(super) struct Row<'r> {
    source: Source<'r>,
    header: &'r Header,
    line: u64,
    /// The whole line, when it is UTF-8.
    line_text: Option<&'r str>,
}

enum Source<'r> {
    Cells(Cells<'r>),
    /// An object, and the one around it that holds what all of its kind share.
    Object {
        object: &'r Object,
        around: Option<&'r Object>,
    },
}

impl<'r> Row<'r> {
    /// A row of a JSON document.
    pub(super) const fn of_object(
        object: &'r Object,
        around: Option<&'r Object>,
        header: &'r Header,
        line: u64,
    ) -> Self {
        Self { source: Source::Object { object, around }, header, line, line_text: None }
    }

    /// A row of a delimited file. `line_text` is the line when it is UTF-8.
    #[inline]
    pub(super) const fn of_cells(
        cells: Cells<'r>,
        header: &'r Header,
        line: u64,
        line_text: Option<&'r str>,
    ) -> Self {
        Self { source: Source::Cells(cells), header, line, line_text }
    }

    /// Line number, from 1.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    fn raw(&self, column: Option<usize>) -> Option<(usize, Cow<'r, [u8]>)> {
        let column = column?;
        let bytes = match &self.source {
            Source::Cells(cells) => cells.field(column),
            Source::Object { .. } => match self.value(column)? {
                Value::String(text) => Cow::Borrowed(text.as_bytes()),
                Value::Null => return None,
                other => Cow::Owned(other.to_string().into_bytes()),
            },
        };
        (!cell::is_null(&bytes)).then_some((column, bytes))
    }

    /// The value of a column in an object.
    fn value(&self, column: usize) -> Option<&'r Value> {
        let Source::Object { object, around } = self.source else {
            return None;
        };
        let within = |object: &'r Object, name: &str| {
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

    /// True for a row of a JSON document.
    pub(super) const fn is_object(&self) -> bool {
        matches!(self.source, Source::Object { .. })
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

    /// Text of a cell; empty for a null or a column that is not there.
    pub(super) fn text(&self, column: Option<usize>) -> Result<Cow<'r, str>, Problem> {
        // The line was checked as a whole: its cells need no second look.
        if let (Source::Cells(cells), Some(line), Some(column)) =
            (&self.source, self.line_text, column)
            && let Some(text) = cells.place(column).and_then(|(start, end)| line.get(start..end))
        {
            let null = cell::is_null(text.as_bytes());
            return Ok(Cow::Borrowed(if null { "" } else { text.trim_ascii() }));
        }
        let Some((column, bytes)) = self.raw(column) else {
            return Ok(Cow::Borrowed(""));
        };
        let text = match bytes {
            Cow::Borrowed(bytes) => {
                std::str::from_utf8(bytes).map(|text| Cow::Borrowed(text.trim())).ok()
            }
            Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).ok(),
        };
        text.ok_or_else(|| Problem::NotUtf8 { column: self.name(column) })
    }

    /// What `parse` makes of a cell, or what is wrong with it.
    fn parsed<T>(
        &self,
        column: Option<usize>,
        parse: impl Fn(&[u8]) -> Option<T>,
        problem: impl Fn(String, String) -> Problem,
    ) -> Result<Option<T>, Problem> {
        let Some((column, bytes)) = self.raw(column) else {
            return Ok(None);
        };
        let wrong = || problem(self.name(column), shortened(&bytes));
        parse(&bytes).map(Some).ok_or_else(wrong)
    }

    /// A count; `None` for a null or a column that is not there.
    pub(super) fn count(&self, column: Option<usize>) -> Result<Option<u64>, Problem> {
        if let (Source::Cells(cells), Some(column)) = (&self.source, column)
            && let Some(count) = cells.plain(column).and_then(cell::whole)
        {
            return Ok(Some(count));
        }
        self.parsed(column, cell::count, |column, value| Problem::NotACount { column, value })
    }

    /// An exact amount; `None` for a null or a column that is not there.
    pub(super) fn amount(&self, column: Option<usize>) -> Result<Option<Exact>, Problem> {
        self.parsed(column, cell::amount, |column, value| Problem::NotAnAmount { column, value })
    }

    /// An amount of dollars as people write it: `$1,234.50`.
    pub(super) fn dollars(&self, column: Option<usize>) -> Result<Option<Exact>, Problem> {
        self.parsed(column, cell::dollars, |column, value| Problem::NotAnAmount { column, value })
    }

    /// A time; `None` for a null or a column that is not there.
    pub(super) fn time(&self, column: Option<usize>) -> Result<Option<Period>, Problem> {
        self.parsed(column, cell::time, |column, value| Problem::NotATime { column, value })
    }

    /// A time in a bill, where a date may be written `month/day/year` as well.
    pub(super) fn bill_time(&self, column: Option<usize>) -> Result<Option<Period>, Problem> {
        let parse = |bytes: &[u8]| cell::time(bytes).or_else(|| cell::american_date(bytes));
        self.parsed(column, parse, |column, value| Problem::NotATime { column, value })
    }

    /// A time that must be there.
    pub(super) fn needed_time(&self, column: Option<usize>) -> Result<Period, Problem> {
        self.time(column)?.ok_or_else(|| self.missing(column))
    }

    /// A time that must be there, and is often that of the row before.
    pub(super) fn repeated_time(
        &self,
        column: Option<usize>,
        last: &mut LastTime,
    ) -> Result<Period, Problem> {
        let cell = match (&self.source, column) {
            (Source::Cells(cells), Some(column)) => cells.plain(column),
            _ => None,
        };
        if let (Some(cell), Some(period)) = (cell, last.period)
            && *cell == *last.text
        {
            return Ok(period);
        }
        let period = self.needed_time(column)?;
        if let Some(cell) = cell {
            *last = LastTime { text: cell.to_owned(), period: Some(period) };
        }
        Ok(period)
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

    /// A cell as it is written, and whether the quotes in it are doubled; `None` where there is none,
    /// or no text.
    pub(super) fn written(&self, column: Option<usize>) -> Option<(&'r str, bool)> {
        let (Source::Cells(cells), Some(line)) = (&self.source, self.line_text) else {
            return None;
        };
        let (start, end, doubled) = cells.written(column?);
        Some((line.get(start..end)?, doubled))
    }

    /// A JSON object, as such or as text in a cell; `None` for an empty cell.
    pub(super) fn object(&self, column: Option<usize>) -> Result<Option<Cow<'r, Object>>, Problem> {
        if let Some(Value::Object(object)) = column.and_then(|column| self.value(column)) {
            return Ok(Some(Cow::Borrowed(object)));
        }
        let parse = |text: &str| serde_json::from_str::<Object>(text).ok();
        Ok(self.word(column, "a JSON object", parse)?.map(Cow::Owned))
    }

    /// True when every cell but the given ones is empty.
    pub(super) fn is_blank_but(&self, columns: &[Option<usize>]) -> bool {
        match &self.source {
            Source::Cells(cells) => (0..cells.len())
                .filter(|at| !columns.contains(&Some(*at)))
                .all(|at| cell::is_null(&cells.field(at))),
            Source::Object { object, .. } => object.is_empty(),
        }
    }

    /// 128 bits that stand for the whole row.
    pub(super) fn fingerprint(&self) -> u128 {
        match &self.source {
            Source::Cells(cells) => fingerprint(cells.line()),
            Source::Object { object, .. } => {
                fingerprint(&serde_json::to_string(object).unwrap_or_default())
            }
        }
    }

    /// True for the header once more.
    pub(super) fn is_header(&self) -> bool {
        let Source::Cells(cells) = &self.source else {
            return false;
        };
        let names = self.header.names.iter().enumerate();
        names.into_iter().all(|(at, name)| cells.field(at).trim_ascii() == name.as_bytes())
    }
}

/// A time as a column had it last.
#[derive(Debug, Default)]
pub(super) struct LastTime {
    text: Vec<u8>,
    period: Option<Period>,
}

/// Turns rows of one format into items.
pub(super) trait RowReader {
    /// Hands the row's item to `each`, or says why it cannot be read.
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem>;

    /// Hands over the row as a plain request, where it is one and the format has such rows; the
    /// same as the record that [`RowReader::row`] makes of it. False for any other row.
    fn short(&mut self, _row: &Short<'_>, _take: &mut dyn FnMut(&Request<'_>)) -> bool {
        false
    }

    /// Hands over rows as [`RowReader::short`] does, up to the first that is no plain request; says
    /// how many.
    fn run(&mut self, _run: &Run<'_>, _take: &mut dyn FnMut(&Request<'_>)) -> usize {
        0
    }

    /// Hands over what was kept for the rows to come: there are none.
    fn finish(&mut self, _each: Each<'_>) {}
}

/// The reader of a format whose rows have named cells.
pub(super) fn reader(
    format: Format,
    header: &mut Header,
    options: &Options<'_>,
) -> Result<Box<dyn RowReader>, ReadError> {
    Ok(match format {
        Format::OpenAiUsage => Box::new(openai_usage::Columns::new(header)?),
        Format::OpenAiCost => Box::new(openai_cost::Columns::new(header)?),
        Format::OpenAiActivity => Box::new(openai_activity::Columns::new(header)?),
        Format::AnthropicUsage => Box::new(anthropic_usage::Columns::new(header)?),
        Format::AnthropicCost => Box::new(anthropic_cost::Columns::new(header)?),
        Format::OpenRouter => Box::new(openrouter::Columns::new(header)?),
        Format::OpenRouterActivity => Box::new(openrouter_activity::Columns::new(header)?),
        Format::LiteLlm => Box::new(litellm::Columns::new(header, options)?),
        Format::OneApi | Format::NewApi => {
            Box::new(one_api::Columns::new(format, header, options)?)
        }
        Format::AimlApi => Box::new(aimlapi::Columns::new(header)?),
        Format::DeepSeekUsage => Box::new(deepseek::UsageColumns::new(header, options)?),
        Format::DeepSeekCost => Box::new(deepseek::CostColumns::new(header, options)?),
        Format::Cursor => Box::new(cursor::Columns::new(header)?),
        Format::Langfuse => Box::new(langfuse::Columns::new(header, options)?),
        Format::Helicone => Box::new(helicone::Columns::new(header, options)?),
        Format::AzureCost | Format::AwsCur | Format::GoogleBilling => {
            Box::new(bills::Columns::new(format, header)?)
        }
        Format::Focus => Box::new(focus::Columns::new(header)?),
        Format::UsageJson
        | Format::OpenTelemetry
        | Format::ClaudeCode
        | Format::Codex
        | Format::Plain => Box::new(plain::Columns::new(header, options)?),
    })
}

/// A delimited file whose header has been read.
pub(super) struct Table<R> {
    pub(super) rows: Rows<R>,
    pub(super) header: Header,
    pub(super) format: Format,
}

/// Reads the header of a delimited file.
pub(super) fn begin<R: BufRead>(
    mut input: R,
    options: &Options<'_>,
) -> Result<Table<R>, ReadError> {
    let delimiter = sniff_delimiter(input.fill_buf()?);
    let mut rows = Rows::new(input, delimiter);
    if !rows.next(None)? {
        return Err(ReadError::Empty);
    }
    let cells = rows.cells();
    let names = (0..cells.len())
        .map(|at| String::from_utf8_lossy(cells.field(at).trim_ascii()).into_owned());
    let header = Header::new(names.collect())?;
    let mapped = options.mapping.map(|_| Format::Plain);
    let Some(format) = options.format.or(mapped).or_else(|| header.format()) else {
        return Err(ReadError::UnknownFormat {
            header: shortened(header.names.join(",").as_bytes()),
        });
    };
    Ok(Table { rows, header, format })
}

/// Reads the rows below the header.
pub(super) fn finish<R: BufRead>(
    table: Table<R>,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<Format, ReadError> {
    let Table { mut rows, header, format } = table;
    let mut body = Body::new(header, format, options)?;
    while rows.next(Some(body.expected))? {
        body.row(&rows, each);
    }
    body.reader.finish(each);
    Ok(format)
}
