//! JSON Lines and JSON documents: one value after the other, each sent to the reader of its shape.
//!
//! A value may be a page, a bucket or a list; the rows are the objects inside. In JSON Lines a
//! row's line is the line; in a document that runs over several lines it is the number of the row.

use std::rc::Rc;

use bumpalo::Bump;

use super::header::Header;
use super::json_look::{has_json_line, is_partial, not_json};
use super::logs::Stated;
use super::object::Object;
use super::origin::Origins;
use super::row::Row;
use super::source::{Source, values};
use super::table::{Each, RowReader};
use super::{
    Format, Item, Note, Options, Problem, ReadError, Reject, Skip, logs, names, otel, pair,
    registry, usage_object,
};
use crate::json::{Shapes, Value, refusal, refusal_of_several};
use crate::lookup::Lookup;
use crate::record::{Evidence, Record, Repeats};

/// Rows that are kept as unknown until one says what the file is.
const MAX_UNKNOWN: usize = 100_000;

/// Shapes of objects whose table is remembered.
const MAX_SHAPES: usize = 1_024;

/// What is remembered from value to value.
pub(super) struct Reader<'o> {
    options: &'o Options<'o>,
    /// The format of the first row.
    found: Option<Format>,
    tables: Vec<(Format, Header, Box<dyn RowReader>)>,
    /// By shape, and that of the object around: the table that an object is a row of, if any.
    formats: Lookup<(u64, Option<u64>), Option<Format>>,
    logs: Vec<(Format, Box<dyn logs::Log>)>,
    /// Rows without anything that is known, while no row said what the file is.
    unknown: Vec<u64>,
    origins: Origins,
    /// What spans state, for the sums of metrics.
    pub(super) spans: Stated,
    /// The number of the row, in a document that is not JSON Lines.
    row: Option<u64>,
    /// What lines look like.
    shapes: Rc<Shapes>,
    /// What does not stand in the line as it is; empty between two lines.
    room: Bump,
}

impl<'o> Reader<'o> {
    pub(super) fn new(options: &'o Options<'o>) -> Self {
        Self {
            options,
            found: options.format,
            tables: Vec::new(),
            formats: Lookup::default(),
            logs: Vec::new(),
            unknown: Vec::new(),
            origins: Origins::default(),
            spans: Stated::default(),
            row: None,
            shapes: Rc::default(),
            room: Bump::new(),
        }
    }

    /// For more of a file whose first lines say that it is of this format.
    pub(super) fn of(found: Option<Format>, options: &'o Options<'o>) -> Self {
        Self { found, ..Self::new(options) }
    }

    pub(super) const fn found(&self) -> Option<Format> {
        self.found
    }

    /// The format, when all is read.
    ///
    /// # Errors
    /// When nothing of it was recognised.
    pub(super) fn format(&self) -> Result<Format, ReadError> {
        match self.options.format.or(self.found) {
            None if !self.unknown.is_empty() => {
                Err(ReadError::NothingRecognised { rows: self.unknown.len() })
            }
            found => Ok(found.unwrap_or(Format::UsageJson)),
        }
    }

    pub(super) fn line(
        &mut self,
        line: &[u8],
        number: u64,
        each: Each<'_>,
    ) -> Result<(), ReadError> {
        self.at_hand(|reader, source| {
            if let Some(value) = source.read(line) {
                reader.value(&value, None, source, number, each)
            } else {
                reader.not_read(line, number, each);
                Ok(())
            }
        })
    }

    /// Reads a line that stands alone; false for one that does not, and then nothing is read.
    pub(super) fn line_alone(
        &mut self,
        line: &[u8],
        number: u64,
        keeps: Keeps,
        each: Each<'_>,
    ) -> Result<bool, ReadError> {
        self.at_hand(|reader, source| {
            let Some(value) = source.read(line) else {
                reader.not_read(line, number, each);
                return Ok(true);
            };
            if let Value::Object(object) = value
                && !object.has(&names::LISTS)
            {
                // Of one record it is known when it comes whether it stands alone, and what belongs to it
                // comes behind it.
                if reader.row_format(object, None).is_none() && is_of_session(&value) {
                    return Ok(false);
                }
                let mut depends = false;
                reader.value(&value, None, source, number, &mut |item| {
                    depends |= keeps.keeps(&item);
                    if !depends {
                        each(item);
                    }
                })?;
                return Ok(!depends);
            }
            let mut depends = is_of_session(&value);
            if !depends {
                let each = &mut |item: Item<'_>| depends |= keeps.keeps(&item);
                reader.value(&value, None, source, 0, each)?;
            }
            if !depends {
                reader.value(&value, None, source, number, each)?;
            }
            Ok(!depends)
        })
    }

    /// True for a first line that ends inside of a value: a document of several lines.
    pub(super) fn is_begun(&mut self, line: &[u8]) -> bool {
        self.at_hand(|_, source| source.read(line).is_none() && refusal(line).is_eof())
    }

    /// Does something with room for values; what is in it afterwards is forgotten.
    fn at_hand<T>(&mut self, act: impl FnOnce(&mut Self, Source<'_>) -> T) -> T {
        let shapes = Rc::clone(&self.shapes);
        let mut room = std::mem::take(&mut self.room);
        let done = act(self, Source { shapes: &shapes, room: &room });
        room.reset();
        self.room = room;
        done
    }

    fn not_read(&self, line: &[u8], number: u64, each: Each<'_>) {
        let is_log = self.found.and_then(logs::named).is_some();
        let text = line.trim_ascii_end();
        let error = refusal(text);
        each(if is_log && error.is_eof() && line.last() != Some(&b'\n') {
            Item::Skipped { line: number, why: Skip::CutOff }
        } else {
            Item::Reject(Reject { line: number, problem: not_json(text, &error) })
        });
    }

    /// A document that runs over several lines. If it turns out to be JSON Lines whose first line
    /// is broken, every line is read by itself.
    pub(super) fn document(
        &mut self,
        text: &[u8],
        first: u64,
        each: Each<'_>,
    ) -> Result<(), ReadError> {
        let are_lines = self.at_hand(|reader, source| {
            let (values, is_whole) = values(text, source);
            if !is_whole && values.is_empty() && has_json_line(text) {
                return Ok(true);
            }
            if !is_whole {
                let error = refusal_of_several(text);
                let line = first + u64::try_from(error.line().saturating_sub(1)).unwrap_or(0);
                each(Item::Reject(Reject { line, problem: not_json(text, &error) }));
            }
            reader.row = Some(0);
            for value in values {
                reader.value(&value, None, source, 0, each)?;
            }
            Ok::<bool, ReadError>(false)
        })?;
        if are_lines {
            for (at, line) in text.split_inclusive(|&byte| byte == b'\n').enumerate() {
                if !line.trim_ascii().is_empty() {
                    self.line(line, first + at as u64, each)?;
                }
            }
        }
        Ok(())
    }

    /// Reads a value: the rows inside of it, or itself as a row.
    fn value<'v>(
        &mut self,
        value: &Value<'v>,
        around: Option<&'v Object<'v>>,
        source: Source<'v>,
        line: u64,
        each: Each<'_>,
    ) -> Result<(), ReadError> {
        let object = match *value {
            Value::Array(values) => {
                let mut values = values.iter();
                return values.try_for_each(|value| self.value(value, around, source, line, each));
            }
            Value::Object(object) => object,
            _ => {
                each(Item::Reject(Reject { line: self.number(line), problem: Problem::NoUsage }));
                return Ok(());
            }
        };
        if self.fits(object) {
            let line = self.number(line);
            self.log_line(object, source, line, each);
            return Ok(());
        }
        if is_partial(object) {
            each(Item::Note(Note::Partial));
        }
        if let Some(format) = self.row_format(object, around) {
            return self.table_row(format, object, around, source, line, each);
        }
        if usage_object::is_response(object) || self.is_log_line(object) {
            let line = self.number(line);
            self.log_line(object, source, line, each);
            return Ok(());
        }
        for (list, inner) in object.of(&names::LISTS) {
            if !matches!(inner, Value::Array(_) | Value::Object(_)) {
                continue;
            }
            if names::SPANS.names.contains(&list) {
                self.decide(Format::OpenTelemetry, each);
                let options = self.options;
                let mut stated = std::mem::take(&mut self.spans);
                otel::export(object, options, &mut stated, &mut || self.number(line), each);
                self.spans = stated;
                return Ok(());
            }
            if list == "results" && inner.as_array().is_some_and(<[_]>::is_empty) {
                each(Item::Empty { line: self.number(line) });
            }
            return self.value(inner, Some(object), source, line, each);
        }
        let line = self.number(line);
        self.log_line(object, source, line, each);
        Ok(())
    }

    /// True for a response in a file of responses: most lines are, and need not be held against every
    /// other format.
    fn fits(&self, object: &Object) -> bool {
        self.found == Some(Format::UsageJson)
            && self.options.mapping.is_none()
            && object.first_object(&names::COUNTED).is_some()
            && !object.has(&names::DETAILED)
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

    fn row_format(&mut self, object: &Object, around: Option<&Object>) -> Option<Format> {
        if self.fits(object) {
            return None;
        }
        let is_container = object.of(&names::LISTS).any(|(name, value)| {
            let is_inner = matches!(value, Value::Array(_) | Value::Object(_));
            is_inner && !names::SPANS.names.contains(&name)
        });
        match self.options.format {
            None if !is_container && self.options.mapped().is_some() => self.options.mapped(),
            Some(format) if !is_log_format(format) && !is_container => Some(format),
            Some(format) if is_log_format(format) => None,
            _ => self.table_of(object, around),
        }
    }

    /// The table that an object is a row of, by its names and those around it; where it says itself of what
    /// kind it is, that decides, too.
    fn table_of(&mut self, object: &Object, around: Option<&Object>) -> Option<Format> {
        let shapes = match around {
            None => object.shape_id().map(|id| (id, None)),
            Some(around) => object.shape_id().zip(around.shape_id().map(Some)),
        };
        let Some(shapes) = shapes.filter(|_| !object.has(&names::KIND)) else {
            return registry::of_object(object, around);
        };
        if let Some(known) = self.formats.get(&shapes) {
            return *known;
        }
        let format = registry::of_object(object, around);
        if self.formats.len() < MAX_SHAPES {
            self.formats.insert(shapes, format);
        }
        format
    }

    fn is_log_line(&self, object: &Object) -> bool {
        !object.has(&names::SPANS)
            && (self.found.and_then(logs::named).is_some() || logs::of(object).is_some())
    }

    fn table_row<'v>(
        &mut self,
        format: Format,
        object: &'v Object<'v>,
        around: Option<&'v Object<'v>>,
        source: Source<'v>,
        line: u64,
        each: Each<'_>,
    ) -> Result<(), ReadError> {
        let line = self.number(line);
        self.decide(format, each);
        if !self.tables.iter().any(|(known, ..)| *known == format) {
            let mut header = Header::open();
            let rows = registry::reader(format, &mut header, self.options)?;
            self.tables.push((format, header, rows));
        }
        let keeps_bodies = registry::keeps_bodies(format);
        let evidence = if keeps_bodies {
            pair::evidence(pair::parsed(object, source))
        } else {
            Evidence::NONE
        };
        let mut each = |item: Item<'_>| match item {
            Item::Record(record) if keeps_bodies => {
                each(Item::Record(&Record { evidence, ..*record }));
            }
            item => each(item),
        };
        let Source { shapes, room } = source;
        if let Some((_, header, rows)) = self.tables.iter_mut().find(|(known, ..)| *known == format)
            && let Err(problem) =
                rows.row(&Row::of_object(object, around, header, line, room, shapes), &mut each)
        {
            each(Item::Reject(Reject { line, problem }));
        }
        Ok(())
    }

    /// Reads an object that is a line of a log, or a response with its usage.
    fn log_line<'v>(
        &mut self,
        object: &'v Object<'v>,
        source: Source<'v>,
        line: u64,
        each: Each<'_>,
    ) {
        let kind = self.log(object);
        match self.origins.of(object, kind, self.options.label) {
            Some(origin) => self.log_row(kind, object, source, line, &mut |item| {
                origin.hand_on(item, each);
            }),
            None => self.log_row(kind, object, source, line, each),
        }
    }

    fn log_row<'v>(
        &mut self,
        kind: Option<&'static logs::Kind>,
        object: &'v Object<'v>,
        source: Source<'v>,
        line: u64,
        each: Each<'_>,
    ) {
        let result = match kind {
            Some(kind) => {
                self.decide(kind.format, each);
                let options = self.options;
                self.machine(kind).line(object, line, options, each)
            }
            None => {
                match usage_object::read(pair::parsed(object, source), line, self.options, each) {
                    Err(Problem::NoUsage)
                        if self.found.is_none() && self.unknown.len() < MAX_UNKNOWN =>
                    {
                        self.unknown.push(line);
                        return;
                    }
                    result => {
                        self.decide(Format::UsageJson, each);
                        result
                    }
                }
            }
        };
        if let Err(problem) = result {
            each(Item::Reject(Reject { line, problem }));
        }
    }

    /// The log that an object is a line of: that of the file, unless the line is of another.
    fn log(&self, object: &Object) -> Option<&'static logs::Kind> {
        let of_file = self.found.and_then(logs::named);
        match of_file {
            Some(kind) if self.options.format.is_some() || (kind.recognises)(object) => of_file,
            _ => logs::of(object).or(of_file),
        }
    }

    /// The file is of this format, if nothing said so before; what was not known until here is not
    /// usage.
    fn decide(&mut self, format: Format, each: Each<'_>) {
        self.found = self.found.or(Some(format));
        for line in std::mem::take(&mut self.unknown) {
            each(Item::Reject(Reject { line, problem: Problem::NoUsage }));
        }
    }

    fn machine(&mut self, kind: &logs::Kind) -> &mut dyn logs::Log {
        let known = self.logs.iter().position(|(format, _)| *format == kind.format);
        let at = known.unwrap_or_else(|| {
            self.logs.push((kind.format, (kind.open)()));
            self.logs.len() - 1
        });
        &mut *self.logs[at].1
    }

    pub(super) fn finish(&mut self, each: Each<'_>) {
        self.tables.iter_mut().for_each(|(.., rows)| rows.finish(each));
        let mut stated = std::mem::take(&mut self.spans);
        for (format, log) in &mut self.logs {
            let origin = self.origins.last(*format);
            let mut each = |item: Item<'_>| origin.hand_on(item, each);
            let own = log.stated(&stated, &mut each);
            stated.absorb(own, &mut each);
        }
        for (format, log) in &mut self.logs {
            let origin = self.origins.last(*format);
            let mut each = |item: Item<'_>| origin.hand_on(item, each);
            log.give_way(&stated, &mut each);
            log.finish(self.options, &mut each);
        }
    }
}

/// Which records are kept together, in their order. Those of sessions always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeps {
    /// Copies that grow; no table has any.
    Growing,
    /// And records with their request.
    Requests,
}

impl Keeps {
    fn keeps(self, item: &Item<'_>) -> bool {
        let Item::Record(record) = item else { return false };
        record.repeats == Repeats::Growing
            || (self == Self::Requests && record.evidence.request.is_some())
    }
}

/// True for a value with a line of a session in it.
fn is_of_session(value: &Value) -> bool {
    match value {
        Value::Array(values) => values.iter().any(is_of_session),
        Value::Object(object) => {
            logs::of(object).is_some_and(|log| !log.alone)
                || object.of(&names::LISTS).any(|(_, list)| is_of_session(list))
        }
        _ => false,
    }
}

fn is_log_format(format: Format) -> bool {
    format == Format::UsageJson || logs::named(format).is_some()
}
