//! The dialect of the `o200k_base` models, with and without reasoning.
//!
//! Fitted on recorded requests. Flat schemas were exact throughout; arrays, defaults and `$ref` were
//! exact where recorded; unions and objects written in place are in doubt.

use serde_json::{Map, Value};

use super::{Writer, default, filled, mark, members, parameters, properties, title};
use crate::request::body::Function;

/// `type NAME = (_: { … }) => any;` with the description in front, its lines trimmed.
pub(super) fn function(writer: &mut Writer, function: &Function<'_>) {
    for line in function.description.unwrap_or_default().split('\n').map(str::trim) {
        if !line.is_empty() {
            writer.push(&["// ", line, "\n"]);
        }
    }
    let Some(schema) = parameters(function) else {
        return writer.push(&["type ", function.name, " = () => any;"]);
    };
    writer.push(&["type ", function.name, " = (_: "]);
    for field in ["title", "description"] {
        if let Some(text) = filled(schema, field) {
            writer.push(&["// ", text, "\n"]);
        }
    }
    let root = Root { definitions: schema };
    root.object(writer, schema, 0);
    writer.push(&[") => any;"]);
}

/// The schema that `$ref` looks into.
#[derive(Clone, Copy)]
struct Root<'a> {
    definitions: &'a Map<String, Value>,
}

impl<'a> Root<'a> {
    /// `{ a: string,` LF `b?: number}`; a nested object has a space before each of its lines.
    fn object(self, writer: &mut Writer, schema: &'a Map<String, Value>, depth: usize) {
        writer.push(&["{ "]);
        let indent = " ".repeat(depth);
        let mut rest = properties(schema).peekable();
        while let Some((key, property)) = rest.next() {
            let last = rest.peek().is_none();
            let fields = property.as_object();
            if let Some(fields) = fields {
                comments(writer, fields, &indent);
            }
            writer.push(&[&indent, key, mark(schema, key), ": "]);
            let start = writer.text.len();
            self.kind(writer, property, depth);
            if last && depth == 0 {
                shorten_array(&mut writer.text, start);
            }
            if !last {
                writer.push(&[","]);
            }
            let value = fields.and_then(|fields| fields.get("default"));
            if let Some(value) = value {
                writer.push(&[" // default: ", &default(value)]);
            }
            if !last || value.is_some() {
                writer.push(&["\n"]);
            }
        }
        writer.push(&["}"]);
    }

    /// The type of a property.
    fn kind(self, writer: &mut Writer, schema: &'a Value, depth: usize) {
        let (Some(fields), true) = (schema.as_object(), writer.take(depth)) else {
            return writer.push(&["any"]);
        };
        if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
            writer.doubt(1, 1);
            return match self.definition(target) {
                Some(Value::Object(object)) if is_object(object) => {
                    self.object(writer, object, depth + 1);
                }
                Some(other) => self.kind(writer, other, depth + 1),
                None => writer.push(&["any"]),
            };
        }
        if let Some(variants) = fields.get("anyOf").and_then(Value::as_array) {
            if variants.iter().any(|variant| variant.get("type").is_some_and(|kind| kind == "null"))
            {
                writer.extra += NULL_VARIANT;
                writer.doubt(NULL_VARIANT + 1, 4);
            } else {
                writer.doubt(1, 6);
            }
            return self.union(writer, variants, depth);
        }
        match fields.get("type") {
            Some(Value::Array(kinds)) => {
                writer.doubt(4, 4);
                let description = filled(fields, "description");
                for (index, kind) in kinds.iter().filter_map(Value::as_str).enumerate() {
                    if index > 0 {
                        writer.push(&[" | "]);
                    }
                    if let Some(description) = description {
                        writer.push(&["// ", description, "\n"]);
                    }
                    writer.push(&[word(kind)]);
                }
            }
            Some(Value::String(kind)) if kind == "array" => {
                match fields.get("items") {
                    Some(items) => self.kind(writer, items, depth),
                    None => writer.push(&["any"]),
                }
                writer.push(&["[]"]);
            }
            Some(Value::String(kind)) if kind == "object" => {
                let count = u64::try_from(properties(fields).count()).unwrap_or(u64::MAX);
                writer.doubt(2, count.saturating_add(2));
                self.object(writer, fields, depth + 1);
            }
            Some(Value::String(kind)) => scalar(writer, fields, kind),
            _ => {
                writer.push(&["any"]);
                writer.doubt(0, 8);
            }
        }
    }

    fn union(self, writer: &mut Writer, variants: &'a [Value], depth: usize) {
        for (index, variant) in variants.iter().enumerate() {
            if index > 0 {
                writer.push(&[" | "]);
            }
            self.kind(writer, variant, depth + 1);
        }
    }

    /// The schema that `#/$defs/NAME` or `#/definitions/NAME` means.
    fn definition(self, target: &str) -> Option<&'a Value> {
        let (place, name) = target.strip_prefix("#/")?.split_once('/')?;
        matches!(place, "$defs" | "definitions").then_some(())?;
        self.definitions.get(place)?.get(name)
    }
}

/// Title and description of a property; the lines of the description are not trimmed.
fn comments(writer: &mut Writer, fields: &Map<String, Value>, indent: &str) {
    if let Some(title) = title(fields) {
        writer.push(&[indent, "// ", &title, "\n"]);
    }
    for line in filled(fields, "description").into_iter().flat_map(|text| text.split('\n')) {
        writer.push(&[indent, "// ", line, "\n"]);
    }
}

fn scalar(writer: &mut Writer, fields: &Map<String, Value>, kind: &str) {
    let members = match kind {
        "string" => members(fields, true),
        "number" | "integer" => members(fields, false).inspect(|_| writer.doubt(2, 2)),
        _ => None,
    };
    match kind {
        "string" | "number" | "integer" | "boolean" | "null" => {
            writer.push(&[members.as_deref().unwrap_or(word(kind))]);
        }
        _ => {
            writer.push(&["any"]);
            writer.doubt(0, 8);
        }
    }
}

/// An array of scalars that is the last parameter is billed one token less: the tokens are those of
/// the text without `[]` (8 of 8 recorded tool sets; elsewhere the brackets count).
fn shorten_array(text: &mut String, start: usize) {
    if text[start..].ends_with("[]") && !text[start..].ends_with("}[]") {
        text.truncate(text.len() - 2);
    }
}

/// A union with `null` is billed so many tokens more than its text (one recorded tool set).
const NULL_VARIANT: u64 = 5;

/// The word for a JSON type.
fn word(kind: &str) -> &str {
    match kind {
        "integer" => "number",
        other => other,
    }
}

fn is_object(schema: &Map<String, Value>) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("object")
}
