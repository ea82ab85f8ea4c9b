//! Function definitions as the text that the model sees, which is the text that is billed.
//!
//! `OpenAI` rewrites the JSON schema of functions into something like TypeScript. There are two
//! dialects: [`Dialect::First`] of the `cl100k_base` models and [`Dialect::Second`] of all later ones.

mod first;
mod second;

use serde_json::{Map, Value};

use super::body::Function;
use super::json_text::{COMPACT, SPACED, write};

/// A way to write function definitions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dialect {
    /// For models of the `cl100k_base` age.
    First,
    /// For models of the `o200k_base` age, with and without reasoning.
    Second,
}

/// The text of function definitions, and how far it can be trusted.
pub(crate) struct Rendered {
    pub(crate) text: String,
    /// Tokens billed besides those of the text.
    pub(crate) extra: u64,
    pub(crate) doubt: Doubt,
}

/// What the text does not settle.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Doubt {
    /// The provider may bill so many tokens less.
    pub(crate) less: u64,
    /// The provider may bill so many tokens more.
    pub(crate) more: u64,
    /// The schema is larger than the limits: the text is incomplete.
    pub(crate) incomplete: bool,
}

impl Dialect {
    /// Writes functions.
    pub(crate) fn write(self, functions: &[Function<'_>]) -> Rendered {
        let mut writer = Writer::default();
        writer.text.push_str("namespace functions {\n\n");
        for function in functions {
            match self {
                Dialect::First => first::function(&mut writer, function),
                Dialect::Second => second::function(&mut writer, function),
            }
            writer.text.push_str("\n\n");
        }
        writer.text.push_str("} // namespace functions");
        Rendered { text: writer.text, extra: writer.extra, doubt: writer.doubt }
    }
}

/// The text so far, the doubts so far, and what is left of the limits.
#[derive(Default)]
struct Writer {
    text: String,
    extra: u64,
    doubt: Doubt,
    schemas: usize,
}

impl Writer {
    /// Takes one schema from the budget; `false` where a limit is reached.
    fn take(&mut self, depth: usize) -> bool {
        self.schemas += 1;
        let within =
            self.schemas <= SCHEMA_LIMIT && depth <= DEPTH_LIMIT && self.text.len() <= TEXT_LIMIT;
        self.doubt.incomplete |= !within;
        within
    }

    fn doubt(&mut self, less: u64, more: u64) {
        self.doubt.less = self.doubt.less.saturating_add(less);
        self.doubt.more = self.doubt.more.saturating_add(more);
    }

    fn push(&mut self, pieces: &[&str]) {
        for piece in pieces {
            self.text.push_str(piece);
        }
    }
}

/// The properties of the parameters of a function, where there are any.
fn parameters<'a>(function: &Function<'a>) -> Option<&'a Map<String, Value>> {
    let parameters = function.parameters?.as_object()?;
    properties(parameters).next().is_some().then_some(parameters)
}

/// The properties of an object schema in their order.
fn properties(schema: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

/// `?` after a property that is not required.
fn mark<'a>(schema: &Map<String, Value>, key: &str) -> &'a str {
    let required = schema.get("required").and_then(Value::as_array);
    if required.into_iter().flatten().any(|name| name.as_str() == Some(key)) { "" } else { "?" }
}

/// A text field that is not empty.
fn filled<'a>(schema: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    schema.get(field)?.as_str().filter(|text| !text.is_empty())
}

/// The title, which is written whenever it is there.
fn title(schema: &Map<String, Value>) -> Option<String> {
    match schema.get("title")? {
        Value::Null => None,
        Value::String(title) => Some(title.clone()),
        other => Some(write(other, COMPACT)),
    }
}

/// A default: a text raw between quotes, anything else as JSON.
fn default(value: &Value) -> String {
    match value {
        Value::String(text) => format!("\"{text}\""),
        other => write(other, SPACED),
    }
}

/// The members of an `enum`: texts raw between quotes.
fn members(schema: &Map<String, Value>, quoted: bool) -> Option<String> {
    let members = schema.get("enum")?.as_array().filter(|members| !members.is_empty())?;
    let words: Vec<String> = members
        .iter()
        .map(|member| match member {
            Value::String(text) if quoted => format!("\"{text}\""),
            Value::String(text) => text.clone(),
            other if quoted => format!("\"{}\"", write(other, COMPACT)),
            other => write(other, COMPACT),
        })
        .collect();
    Some(words.join(" | "))
}

/// Schemas inside schemas, at most.
const SCHEMA_LIMIT: usize = 20_000;
/// Objects in objects, at most.
const DEPTH_LIMIT: usize = 32;
/// Bytes of text, at most: `$ref` may repeat a large schema.
const TEXT_LIMIT: usize = 8 << 20;
