//! A cursor over one TOML table: every key is asked for by name, what is left over is unknown.

use std::borrow::Cow;
use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::entry::Place;
use super::{Mistake, Origin};
use crate::words::steers;

/// A text being read, and the mistakes found so far.
pub(super) struct Reader<'t> {
    text: &'t str,
    line_starts: Vec<usize>,
    pub(super) origin: Origin,
    pub(super) mistakes: Vec<Mistake>,
}

/// One table and the keys asked for.
pub(super) struct Fields<'a> {
    /// How messages call the table, such as `[[price]]`.
    pub(super) what: Cow<'static, str>,
    /// Byte offset of its header.
    pub(super) offset: usize,
    table: &'a DeTable<'a>,
    asked: Vec<&'static str>,
}

/// A value and where it stands.
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) offset: usize,
}

impl<'a> Fields<'a> {
    pub(super) fn new(
        what: impl Into<Cow<'static, str>>,
        offset: usize,
        table: &'a DeTable<'a>,
    ) -> Self {
        Self { what: what.into(), offset, table, asked: Vec::new() }
    }

    /// The value of a key, which is known from now on.
    pub(super) fn take(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.take_with_key(key).map(|(_, value)| value)
    }

    /// The value of a key and the byte offset of the key itself.
    pub(super) fn take_with_key(
        &mut self,
        key: &'static str,
    ) -> Option<(usize, &'a Spanned<DeValue<'a>>)> {
        // Some are asked for twice: for what they say, and for how that is to be read.
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        let mut entries = self.table.iter();
        let (name, value) = entries.find(|(name, _)| name.get_ref().as_ref() == key)?;
        Some((name.span().start, value))
    }

    /// True when the key is there, whatever its value.
    pub(super) fn has(&mut self, key: &'static str) -> bool {
        self.take(key).is_some()
    }

    /// Where a key stands, for messages; nothing for the file itself.
    fn location(&self) -> String {
        if self.what == "the file" { String::new() } else { format!(" in `{}`", self.what) }
    }
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, origin: Origin) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Self { text, line_starts, origin, mistakes: Vec::new() }
    }

    /// Line and column of a byte offset.
    pub(super) fn place(&self, offset: usize) -> Place {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self.text.get(start..offset).map_or(0, |before| before.chars().count()) + 1;
        Place {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    /// Notes a mistake at a byte offset.
    pub(super) fn mistake(
        &mut self,
        offset: usize,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let Place { line, column } = self.place(offset);
        self.mistakes.push(Mistake { line, column, message: message.into(), hint: hint.into() });
    }

    /// Notes every key that was not asked for; true when there is none.
    pub(super) fn finish(&mut self, fields: &Fields<'_>) -> bool {
        let before = self.mistakes.len();
        for (name, _) in fields.table {
            let key = name.get_ref().as_ref();
            if !fields.asked.contains(&key) {
                let message = format!("unknown key `{key}`{}", fields.location());
                self.mistake(name.span().start, message, did_you_mean(key, &fields.asked));
            }
        }
        self.mistakes.len() == before
    }

    /// Notes a missing key, at the header of its table.
    pub(super) fn missing(&mut self, fields: &Fields<'_>, key: &str, hint: &str) {
        let message = format!("`{key}` is missing{}", fields.location());
        self.mistake(fields.offset, message, hint);
    }

    fn wrong_type(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        want: &str,
    ) {
        let found = kind(value.get_ref());
        let message = format!("`{key}`{} is {found}, not {want}", fields.location());
        self.mistake(value.span().start, message, "");
    }

    /// A string that is not empty and stays on one line.
    pub(super) fn text(
        &mut self,
        fields: &mut Fields<'_>,
        key: &'static str,
    ) -> Option<Found<String>> {
        let value = fields.take(key)?;
        let DeValue::String(text) = value.get_ref() else {
            self.wrong_type(fields, key, value, "a string");
            return None;
        };
        let location = format!("`{key}`{}", fields.location());
        self.one_line(&location, text, value.span().start)
    }

    /// A string that must be there.
    pub(super) fn required_text(
        &mut self,
        fields: &mut Fields<'_>,
        key: &'static str,
        hint: &str,
    ) -> Option<Found<String>> {
        if !fields.has(key) {
            self.missing(fields, key, hint);
            return None;
        }
        self.text(fields, key)
    }

    /// A string without blanks around it, without what [`steers`] and not empty.
    fn one_line(&mut self, location: &str, text: &str, offset: usize) -> Option<Found<String>> {
        let (message, hint) = if text.is_empty() {
            (
                format!("{location} is empty"),
                "give it a value, or leave the key out where it may be absent",
            )
        } else if text.contains(steers) {
            // In a name it is not seen, and in a script or on a page it would act.
            let message = format!("{location} holds a line break, or a character that is not seen");
            (message, "use one line of characters that are seen")
        } else if text.trim() != text {
            (format!("{location} has blanks around it"), "remove them")
        } else {
            return Some(Found { value: text.to_owned(), offset });
        };
        self.mistake(offset, message, hint);
        None
    }

    /// A list of different strings, never empty.
    pub(super) fn texts(
        &mut self,
        fields: &mut Fields<'_>,
        key: &'static str,
    ) -> Option<Vec<Found<String>>> {
        let value = fields.take(key)?;
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(fields, key, value, "a list of strings");
            return None;
        };
        let location = format!("`{key}`{}", fields.location());
        if items.iter().next().is_none() {
            let hint = "give it a value, or leave the key out where it may be absent";
            self.mistake(value.span().start, format!("{location} is empty"), hint);
        }
        let mut texts: Vec<Found<String>> = Vec::new();
        let mut listed = BTreeSet::new();
        for item in items {
            let offset = item.span().start;
            let DeValue::String(text) = item.get_ref() else {
                let message = format!("{location} holds {}, not a string", kind(item.get_ref()));
                self.mistake(offset, message, "");
                continue;
            };
            if !listed.insert(text.as_ref()) {
                self.mistake(offset, format!("{location} lists `{text}` twice"), "remove one");
            } else if let Some(found) = self.one_line(&location, text, offset) {
                texts.push(found);
            }
        }
        Some(texts)
    }

    /// A list of strings, without their positions; empty when the key is absent.
    pub(super) fn words(&mut self, fields: &mut Fields<'_>, key: &'static str) -> Vec<String> {
        let found = self.texts(fields, key).unwrap_or_default();
        found.into_iter().map(|text| text.value).collect()
    }

    /// A string; empty when the key is absent.
    pub(super) fn optional(&mut self, fields: &mut Fields<'_>, key: &'static str) -> String {
        self.text(fields, key).map_or_else(String::new, |found| found.value)
    }

    /// A positive integer; `None` when the key is absent.
    pub(super) fn count(
        &mut self,
        fields: &mut Fields<'_>,
        key: &'static str,
    ) -> Option<Found<u64>> {
        let value = fields.take(key)?;
        let DeValue::Integer(digits) = value.get_ref() else {
            self.wrong_type(fields, key, value, "an integer");
            return None;
        };
        let offset = value.span().start;
        let Ok(count) = u64::from_str_radix(digits.as_str(), digits.radix()) else {
            let message = format!("`{key}`{} is negative or too large", fields.location());
            self.mistake(offset, message, "");
            return None;
        };
        if count == 0 {
            let message = format!("`{key}`{} is 0", fields.location());
            let hint = match fields.what.as_ref() {
                "above" => "a price without `above` is the base price",
                _ => "leave the key out when the figure is not known",
            };
            self.mistake(offset, message, hint);
            return None;
        }
        Some(Found { value: count, offset })
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, fields: &mut Fields<'_>, key: &'static str) -> Option<bool> {
        let value = fields.take(key)?;
        let DeValue::Boolean(flag) = value.get_ref() else {
            self.wrong_type(fields, key, value, "`true` or `false`");
            return None;
        };
        Some(*flag)
    }

    /// One of the words of a fixed vocabulary, called `vocabulary` in messages.
    pub(super) fn word<T: Copy>(
        &mut self,
        fields: &mut Fields<'_>,
        key: &'static str,
        vocabulary: &str,
        all: &[T],
        spelling: fn(T) -> &'static str,
    ) -> Option<T> {
        let found = self.text(fields, key)?;
        let word = all.iter().copied().find(|word| spelling(*word) == found.value);
        if word.is_none() {
            let known: Vec<&str> = all.iter().map(|word| spelling(*word)).collect();
            let message = format!("unknown {vocabulary} `{}`", found.value);
            self.mistake(found.offset, message, did_you_mean(&found.value, &known));
        }
        word
    }
}

/// What a TOML value is, for messages.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The nearest known name as a hint, or all of them when none is near.
pub(super) fn did_you_mean(name: &str, known: &[&str]) -> String {
    let distance = |other: &&&str| strsim::osa_distance(&name.to_lowercase(), other);
    let farthest = (name.chars().count() / 3).max(1);
    match known.iter().min_by_key(distance).filter(|near| distance(near) <= farthest) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => String::new(),
        None => format!("known are `{}`", known.join("`, `")),
    }
}
