//! Cells that hold a word of a list, or JSON.

use super::super::object::Object;
use super::super::{Problem, cell, shortened};
use super::{ColumnCell, Row, Source};
use crate::json::Value;
use crate::price::ServiceTier;

impl<'r> Row<'r> {
    /// A cell as it is written, but for its quotes; `None` where it is no text as it lies there.
    #[inline]
    fn plain_word(&self, at: usize) -> Option<&'r [u8]> {
        match &self.source {
            Source::Cells(cells) => Some(cells.bare(at)),
            Source::Columns { columns, row } => match columns.cell(at, *row) {
                ColumnCell::Null => Some(b""),
                ColumnCell::Text(text) => Some(text.as_bytes()),
                _ => None,
            },
            Source::Object { .. } => None,
        }
    }

    /// A service tier; `None` for a null or a column that is not there.
    #[inline]
    pub(in crate::read) fn service_tier(
        &self,
        column: Option<usize>,
    ) -> Result<Option<ServiceTier>, Problem> {
        let Some(at) = column else { return Ok(None) };
        if let Some(word) = self.plain_word(at) {
            match word {
                b"" => return Ok(None),
                b"default" | b"standard" => return Ok(Some(ServiceTier::Standard)),
                b"batch" => return Ok(Some(ServiceTier::Batch)),
                b"flex" => return Ok(Some(ServiceTier::Flex)),
                b"priority" => return Ok(Some(ServiceTier::Priority)),
                _ => {}
            }
        }
        let expected = "a service tier such as `standard` or `batch`";
        self.word(column, expected, |text| match text.trim() {
            // OpenAI's exports call it so.
            "fast" => Some(ServiceTier::Priority),
            _ => cell::service_tier(text),
        })
    }

    /// Yes or no; `None` for a null or a column that is not there.
    #[inline]
    pub(in crate::read) fn flag(&self, column: Option<usize>) -> Result<Option<bool>, Problem> {
        let Some(at) = column else { return Ok(None) };
        if let Some(word) = self.plain_word(at) {
            match word {
                b"" => return Ok(None),
                b"false" | b"False" | b"FALSE" | b"0" => return Ok(Some(false)),
                b"true" | b"True" | b"TRUE" | b"1" => return Ok(Some(true)),
                _ => {}
            }
        }
        self.word(column, "yes or no", |text| cell::flag(text.as_bytes()))
    }

    /// A word of a fixed list; `None` for a null or a column that is not there.
    ///
    /// # Errors
    /// When it is none of them.
    pub(in crate::read) fn word<T>(
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

    /// A text of this row that is JSON; `None` when it is none.
    pub(in crate::read) fn json(&self, text: &'r str) -> Option<Value<'r>> {
        self.shapes.read(text, self.arena)
    }

    /// A JSON object, as such or as text in a cell; `None` for an empty cell.
    pub(in crate::read) fn object(
        &self,
        column: Option<usize>,
    ) -> Result<Option<&'r Object<'r>>, Problem> {
        let Some(at) = column else { return Ok(None) };
        let found = match &self.source {
            Source::Cells(cells) => match cells.within_quotes(at) {
                Some((text, true)) => self.shapes.read_doubled(text, self.arena),
                Some((text, false)) => self.json(text),
                None => None,
            },
            // A text, or one that is written from members.
            Source::Columns { .. } => None,
            Source::Object { .. } => self.value(at).copied(),
        };
        if let Some(Value::Object(object)) = found {
            return Ok(Some(object));
        }
        // Text in JSON, blanks, words for nothing.
        let text = self.text(column)?;
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = || Problem::NotAWord {
            column: self.name(at),
            value: shortened(text.as_bytes()),
            expected: "a JSON object",
        };
        let found = self.json(text).and_then(|value| value.as_object());
        found.map(Some).ok_or_else(wrong)
    }
}
