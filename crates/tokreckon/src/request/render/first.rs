//! The dialect of the `cl100k_base` models: descriptions on the top level only.
//!
//! Source: the published reverse engineering of 2023, reproduced on its own cases; titles and
//! defaults are not in it and were added from recorded requests.

use serde_json::{Map, Value};

use super::{Writer, default, filled, mark, members, parameters, properties, title};
use crate::request::body::Function;

/// `type NAME = (_: { … }) => any;` with the description in front.
pub(super) fn function(writer: &mut Writer, function: &Function<'_>) {
    if let Some(description) = function.description.filter(|text| !text.is_empty()) {
        writer.push(&["// ", description, "\n"]);
        if description.contains('\n') {
            writer.doubt(1, 0);
        }
    }
    match parameters(function) {
        Some(schema) => {
            writer.push(&["type ", function.name, " = (_: {\n"]);
            lines(writer, schema, 0);
            writer.push(&["\n}) => any;"]);
        }
        None => writer.push(&["type ", function.name, " = () => any;"]),
    }
}

/// The properties, a line each, joined by line feeds.
fn lines(writer: &mut Writer, schema: &Map<String, Value>, depth: usize) {
    let indent = " ".repeat(2 * depth);
    for (index, (key, property)) in properties(schema).enumerate() {
        if index > 0 {
            writer.push(&["\n"]);
        }
        let fields = property.as_object();
        if depth == 0
            && let Some(fields) = fields
        {
            if let Some(title) = title(fields) {
                writer.push(&["// ", &title, "\n"]);
                writer.doubt(1, 8);
            }
            if let Some(description) = filled(fields, "description") {
                writer.push(&["// ", description, "\n"]);
            }
        }
        writer.push(&[&indent, key, mark(schema, key), ": "]);
        kind(writer, property, depth);
        writer.push(&[","]);
        if let Some(value) = fields.and_then(|fields| fields.get("default")) {
            writer.push(&[" // default: ", &default(value)]);
            writer.doubt(0, 2);
        }
    }
}

/// The type of a property.
fn kind(writer: &mut Writer, schema: &Value, depth: usize) {
    let (Some(fields), true) = (schema.as_object(), writer.take(depth)) else {
        return writer.push(&["any"]);
    };
    if let Some(variants) = fields.get("anyOf").and_then(Value::as_array) {
        writer.doubt(1, 6);
        for (index, variant) in variants.iter().enumerate() {
            if index > 0 {
                writer.push(&[" | "]);
            }
            kind(writer, variant, depth + 1);
        }
        return;
    }
    match fields.get("type").and_then(Value::as_str) {
        Some("string") => {
            writer.push(&[members(fields, true).as_deref().unwrap_or("string")]);
        }
        Some("number" | "integer") => {
            writer.push(&[members(fields, false).as_deref().unwrap_or("number")]);
        }
        Some("boolean") => writer.push(&["boolean"]),
        Some("null") => writer.push(&["null"]),
        Some("array") => {
            match fields.get("items") {
                Some(items) => kind(writer, items, depth),
                None => writer.push(&["any"]),
            }
            writer.push(&["[]"]);
            writer.doubt(1, 0);
        }
        Some("object") => {
            writer.push(&["{\n"]);
            lines(writer, fields, depth + 1);
            writer.push(&["\n}"]);
        }
        _ => {
            writer.push(&["any"]);
            writer.doubt(0, 8);
        }
    }
}
