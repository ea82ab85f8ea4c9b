//! JSON Lines and JSON documents: one value after the other, each sent to the reader of its shape.
//!
//! A value may be a page, a bucket or a list; the rows are the objects inside. In JSON Lines a
//! row's line is the line; in a document that runs over several lines it is the number of the row.

use std::io::{BufRead, Read};

use bumpalo::Bump;
use serde_json::Value;

use super::header::Header;
use super::object::Object;
use super::row::Row;
use super::rows::{MAX_LINE_BYTES, skip_line};
use super::table::{Each, RowReader};
use super::{
    Format, Item, Note, Options, Problem, ReadError, Reject, Skip, claude_code, codex, otel, pair,
    registry, usage_object,
};
use crate::record::{Evidence, Record, Repeats};

/// Largest document that is not JSON Lines, in bytes.
const MAX_DOCUMENT_BYTES: u64 = 1 << 30;

/// Reads JSON Lines, or one document (an object, an array, or several one after the other).
pub(super) fn read(
    input: impl BufRead,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<Format, ReadError> {
    let mut lines = Lines::new(input, Reader::new(options), 0);
    while lines.next(each)? {}
    Ok(lines.finish(each))
}

/// What is left of an input, line by line.
pub(super) struct Lines<'o, R> {
    input: R,
    reader: Reader<'o>,
    /// Number of the line before.
    number: u64,
    /// There was no line yet.
    first: bool,
    line: Vec<u8>,
}

impl<'o, R: BufRead> Lines<'o, R> {
    pub(super) const fn new(input: R, reader: Reader<'o>, number: u64) -> Self {
        Self { input, reader, number, first: true, line: Vec::new() }
    }

    /// There were lines before: no document is to come.
    pub(super) fn after_first(self) -> Self {
        Self { first: false, ..self }
    }

    /// True when the file says what it is, and its lines do not depend on each other.
    pub(super) fn stand_alone(&self) -> bool {
        let depends =
            |format| matches!(format, Format::ClaudeCode | Format::Codex | Format::DeepSeekUsage);
        !self.first && self.reader.found.is_some_and(|format| !depends(format))
    }

    /// The rest of the input, what is remembered, and the number of the line before.
    pub(super) fn into_parts(self) -> (R, Reader<'o>, u64) {
        (self.input, self.reader, self.number)
    }

    /// Reads a line; false when there is none.
    pub(super) fn next(&mut self, each: Each<'_>) -> Result<bool, ReadError> {
        let Self { input, reader, number, first, line } = self;
        line.clear();
        let limit = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
        let read = input.by_ref().take(limit).read_until(b'\n', line)?;
        if read == 0 {
            return Ok(false);
        }
        *number += 1;
        if !*first && read == MAX_LINE_BYTES && line.last() != Some(&b'\n') {
            skip_line(input)?;
            each(Item::Reject(Reject { line: *number, problem: Problem::LineTooLong }));
            return Ok(true);
        }
        if line.trim_ascii().is_empty() {
            return Ok(true);
        }
        if *first && serde_json::from_slice::<Value>(line).is_err_and(|error| error.is_eof()) {
            input.by_ref().take(MAX_DOCUMENT_BYTES).read_to_end(line)?;
            reader.document(line, *number, each)?;
            return Ok(false);
        }
        *first = false;
        reader.line(line, *number, each)?;
        Ok(true)
    }

    /// The format, when all is read.
    pub(super) fn finish(mut self, each: Each<'_>) -> Format {
        self.reader.finish(each);
        self.reader.options.format.or(self.reader.found).unwrap_or(Format::UsageJson)
    }
}

/// What is remembered from value to value.
pub(super) struct Reader<'o> {
    options: &'o Options<'o>,
    /// The format of the first row.
    found: Option<Format>,
    tables: Vec<(Format, Header, Box<dyn RowReader>)>,
    codex: codex::Session,
    /// The number of the row, in a document that is not JSON Lines.
    row: Option<u64>,
}

impl<'o> Reader<'o> {
    pub(super) fn new(options: &'o Options<'o>) -> Self {
        Self {
            options,
            found: options.format,
            tables: Vec::new(),
            codex: codex::Session::default(),
            row: None,
        }
    }

    /// For more of a file whose first lines say that it is of this format.
    pub(super) fn of(found: Option<Format>, options: &'o Options<'o>) -> Self {
        Self { found, ..Self::new(options) }
    }

    pub(super) const fn found(&self) -> Option<Format> {
        self.found
    }

    pub(super) fn line(
        &mut self,
        line: &[u8],
        number: u64,
        each: Each<'_>,
    ) -> Result<(), ReadError> {
        match serde_json::from_slice::<Value>(line.trim_ascii_end()) {
            Ok(value) => self.value(&value, None, number, each),
            Err(error) => {
                self.not_read(line, number, &error, each);
                Ok(())
            }
        }
    }

    /// Reads a line that stands alone; false for one that does not, and then nothing is read.
    pub(super) fn line_alone(
        &mut self,
        line: &[u8],
        number: u64,
        keeps: Keeps,
        each: Each<'_>,
    ) -> Result<bool, ReadError> {
        match serde_json::from_slice::<Value>(line.trim_ascii_end()) {
            Ok(value) if self.depends(&value, keeps)? => return Ok(false),
            Ok(value) => self.value(&value, None, number, each)?,
            Err(error) => self.not_read(line, number, &error, each),
        }
        Ok(true)
    }

    /// True for a value with a row that belongs together with others. Where a look at its keys does
    /// not say, what it comes to is looked at before anything is handed on.
    fn depends(&mut self, value: &Value, keeps: Keeps) -> Result<bool, ReadError> {
        if is_of_session(value) {
            return Ok(true);
        }
        if let Value::Object(object) = value
            && !LISTS.iter().any(|list| object.contains_key(*list))
        {
            let requests = keeps == Keeps::Requests;
            let alone = match self.row_format(object, None) {
                Some(format) => !requests || !registry::keeps_bodies(format),
                None => !(may_grow(object) || requests && pair::request(object).is_some()),
            };
            if alone {
                return Ok(false);
            }
        }
        let mut depends = false;
        self.value(value, None, 0, &mut |item| {
            depends |= matches!(item, Item::Record(record) if keeps.keeps(record));
        })?;
        Ok(depends)
    }

    fn not_read(&self, line: &[u8], number: u64, error: &serde_json::Error, each: Each<'_>) {
        let is_log = matches!(self.found, Some(Format::ClaudeCode | Format::Codex));
        each(if is_log && error.is_eof() && line.last() != Some(&b'\n') {
            Item::Skipped { line: number, why: Skip::CutOff }
        } else {
            let problem = not_json(line.trim_ascii_end(), error);
            Item::Reject(Reject { line: number, problem })
        });
    }

    /// A document that runs over several lines. If it turns out to be JSON Lines whose first line
    /// is broken, every line is read by itself.
    fn document(&mut self, text: &[u8], first: u64, each: Each<'_>) -> Result<(), ReadError> {
        let values = serde_json::Deserializer::from_slice(text).into_iter::<Value>();
        let mut read = Vec::new();
        for value in values {
            match value {
                Ok(value) => read.push(value),
                Err(_) if read.is_empty() && has_json_line(text) => {
                    for (at, line) in text.split_inclusive(|&byte| byte == b'\n').enumerate() {
                        if !line.trim_ascii().is_empty() {
                            self.line(line, first + at as u64, each)?;
                        }
                    }
                    return Ok(());
                }
                Err(error) => {
                    let line = first + u64::try_from(error.line().saturating_sub(1)).unwrap_or(0);
                    each(Item::Reject(Reject { line, problem: not_json(text, &error) }));
                    break;
                }
            }
        }
        self.row = Some(0);
        for value in read {
            self.value(&value, None, 0, each)?;
        }
        Ok(())
    }

    /// Reads a value: the rows inside of it, or itself as a row.
    fn value(
        &mut self,
        value: &Value,
        around: Option<&Object>,
        line: u64,
        each: Each<'_>,
    ) -> Result<(), ReadError> {
        let object = match value {
            Value::Array(values) => {
                return values.iter().try_for_each(|value| self.value(value, around, line, each));
            }
            Value::Object(object) => object,
            _ => {
                each(Item::Reject(Reject { line: self.number(line), problem: Problem::NoUsage }));
                return Ok(());
            }
        };
        if is_partial(object) {
            each(Item::Note(Note::Partial));
        }
        if let Some(format) = self.row_format(object, around) {
            return self.table_row(format, object, around, line, each);
        }
        if usage_object::is_response(object) || self.is_log_line(object) {
            let line = self.number(line);
            self.log_line(object, line, each);
            return Ok(());
        }
        for list in LISTS {
            let Some(inner @ (Value::Array(_) | Value::Object(_))) = object.get(list) else {
                continue;
            };
            if list == SPANS {
                self.found = self.found.or(Some(Format::OpenTelemetry));
                let options = self.options;
                otel::export(object, options, &mut || self.number(line), each);
                return Ok(());
            }
            if list == "results" && inner.as_array().is_some_and(Vec::is_empty) {
                each(Item::Empty { line: self.number(line) });
            }
            return self.value(inner, Some(object), line, each);
        }
        let line = self.number(line);
        self.log_line(object, line, each);
        Ok(())
    }

    /// The number of the next row.
    fn number(&mut self, line: u64) -> u64 {
        match &mut self.row {
            Some(row) => {
                *row += 1;
                *row
            }
            None => line,
        }
    }

    fn row_format(&self, object: &Object, around: Option<&Object>) -> Option<Format> {
        let lists = LISTS.iter().filter(|key| **key != SPANS);
        let is_container = lists
            .into_iter()
            .any(|key| matches!(object.get(*key), Some(Value::Array(_) | Value::Object(_))));
        match self.options.format {
            Some(format) if !is_log_format(format) && !is_container => Some(format),
            Some(format) if is_log_format(format) => None,
            _ => registry::of_object(object, around),
        }
    }

    fn is_log_line(&self, object: &Object) -> bool {
        self.found.is_some_and(|format| {
            matches!(format, Format::ClaudeCode | Format::Codex | Format::OpenTelemetry)
        }) && !object.contains_key("resourceSpans")
            || claude_code::recognises(object)
            || codex::recognises(object)
            || otel::recognises(object)
    }

    fn table_row(
        &mut self,
        format: Format,
        object: &Object,
        around: Option<&Object>,
        line: u64,
        each: Each<'_>,
    ) -> Result<(), ReadError> {
        let line = self.number(line);
        self.found = self.found.or(Some(format));
        if !self.tables.iter().any(|(known, ..)| *known == format) {
            let mut header = Header::open();
            let rows = registry::reader(format, &mut header, self.options)?;
            self.tables.push((format, header, rows));
        }
        let keeps_bodies = registry::keeps_bodies(format);
        let parsed = if keeps_bodies { pair::parsed(object) } else { None };
        let kept = parsed.as_ref().unwrap_or(object);
        let evidence = if keeps_bodies { pair::evidence(kept) } else { Evidence::NONE };
        let mut each = |item: Item<'_>| match item {
            Item::Record(record) if keeps_bodies => {
                each(Item::Record(&Record { evidence, ..*record }));
            }
            item => each(item),
        };
        let arena = Bump::new();
        if let Some((_, header, rows)) = self.tables.iter_mut().find(|(known, ..)| *known == format)
            && let Err(problem) =
                rows.row(&Row::of_object(object, around, header, line, &arena), &mut each)
        {
            each(Item::Reject(Reject { line, problem }));
        }
        Ok(())
    }

    /// Reads an object that is a line of a log, or a response with its usage.
    fn log_line(&mut self, object: &Object, line: u64, each: Each<'_>) {
        let format = match self.found {
            Some(format @ (Format::ClaudeCode | Format::Codex | Format::OpenTelemetry)) => format,
            _ if claude_code::recognises(object) => Format::ClaudeCode,
            _ if codex::recognises(object) => Format::Codex,
            _ if otel::recognises(object) => Format::OpenTelemetry,
            _ => Format::UsageJson,
        };
        self.found = self.found.or(Some(format));
        let result = match format {
            Format::ClaudeCode => claude_code::line(object, line, self.options, each),
            Format::Codex => self.codex.line(object, line, self.options, each),
            Format::OpenTelemetry => otel::span(object, line, self.options, each),
            _ => usage_object::read(object, line, self.options, each),
        };
        if let Err(problem) = result {
            each(Item::Reject(Reject { line, problem }));
        }
    }

    pub(super) fn finish(&mut self, each: Each<'_>) {
        for (_, _, rows) in &mut self.tables {
            rows.finish(each);
        }
    }
}

/// Keys of lists of rows.
const LISTS: [&str; 6] = ["data", "items", "results", "line_items", "daily_costs", SPANS];
const SPANS: &str = "resourceSpans";

/// Which records are kept together, in their order. Those of sessions always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeps {
    /// Copies that grow; no table has any.
    Growing,
    /// And records with their request.
    Requests,
}

impl Keeps {
    fn keeps(self, record: &Record<'_>) -> bool {
        record.repeats == Repeats::Growing
            || (self == Self::Requests && record.evidence.request.is_some())
    }
}

/// False for an object whose counts surely do not grow: a usage stands in objects, or in one that is
/// written as text.
fn may_grow(object: &Object) -> bool {
    object.contains_key("totalTokenCount")
        || object.values().any(|value| match value {
            Value::Object(inner) => may_grow(inner),
            Value::String(text) => {
                text == "chat.completion.chunk" || text.trim_start().starts_with(['{', '['])
            }
            _ => false,
        })
}

/// True for a value with a line of a session in it.
fn is_of_session(value: &Value) -> bool {
    match value {
        Value::Array(values) => values.iter().any(is_of_session),
        Value::Object(object) => {
            claude_code::recognises(object)
                || codex::recognises(object)
                || LISTS.iter().any(|list| object.get(*list).is_some_and(is_of_session))
        }
        _ => false,
    }
}

const fn is_log_format(format: Format) -> bool {
    matches!(format, Format::UsageJson | Format::ClaudeCode | Format::Codex | Format::OpenTelemetry)
}

/// True when a page says that others follow.
fn is_partial(object: &Object) -> bool {
    let says_so = |object: &Object| object.get("has_more").and_then(Value::as_bool) == Some(true);
    let items = object.get("items").and_then(Value::as_array).map(Vec::len);
    let total = object.get("total").and_then(Value::as_u64);
    says_so(object)
        || object.get("pagination").and_then(Value::as_object).is_some_and(says_so)
        || items.zip(total).is_some_and(|(items, total)| (items as u64) < total)
}

fn has_json_line(text: &[u8]) -> bool {
    let mut lines = text.split(|&byte| byte == b'\n').skip(1);
    lines.any(|line| matches!(serde_json::from_slice::<Value>(line), Ok(Value::Object(_))))
}

fn not_json(text: &[u8], error: &serde_json::Error) -> Problem {
    let single_quoted = text.windows(2).take(200).any(|pair| pair == b"{'" || pair == b"['");
    let message = if single_quoted {
        "single quotes, as Python prints a dict".to_owned()
    } else {
        let text = error.to_string();
        let reason = text.split(" at line ").next().unwrap_or(&text).to_owned();
        format!("{reason} at column {}", error.column())
    };
    Problem::NotJson { message }
}
