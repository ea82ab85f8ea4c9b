//! Reads Gemini `generateContent`: `contents`, `systemInstruction`, `tools`, in both spellings.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::chat::role_of;
use super::{kind_of, list, object, text};
use crate::request::body::{Body, Call, Entry, Format, Function, Image, Piece, Role, Source};
use crate::request::json_text::{COMPACT, write};

/// Reads a body.
pub(super) fn read(body: &Map<String, Value>) -> Body<'_> {
    let mut read = Body::default();
    if let Some(system) = field(body, "systemInstruction", "system_instruction") {
        match system {
            Value::String(text) => read.entries.push(Entry::Message {
                role: Role::System,
                name: None,
                pieces: vec![Piece::Text(text)],
            }),
            other => add_content(&mut read, other, Role::System),
        }
    }
    for value in list(body, "contents") {
        let role = role_of(value.get("role").and_then(Value::as_str).or(Some("user")));
        add_content(&mut read, value, role);
    }
    for tool in list(body, "tools") {
        add_tool(&mut read, tool);
    }
    if field(body, "cachedContent", "cached_content").is_some_and(|value| !value.is_null()) {
        read.stored.push("cachedContent");
    }
    let config = field(body, "generationConfig", "generation_config").and_then(Value::as_object);
    let schema = config.and_then(|config| {
        field(config, "responseSchema", "response_schema")
            .or_else(|| field(config, "responseJsonSchema", "response_json_schema"))
    });
    read.format = schema.filter(|schema| !schema.is_null()).map(|schema| Format {
        name: "",
        description: None,
        schema,
        strict: false,
    });
    read
}

/// Adds what one content holds: texts and images, calls, and results.
fn add_content<'a>(read: &mut Body<'a>, content: &'a Value, role: Role<'a>) {
    let Some(parts) = content.get("parts").and_then(Value::as_array) else {
        read.unread.push(format!("{} without `parts`", kind_of(content)));
        return;
    };
    let (mut pieces, mut calls) = (Vec::new(), Vec::new());
    for value in parts {
        let Some(part) = value.as_object() else {
            pieces.push(Piece::Other(Cow::Borrowed(kind_of(value))));
            continue;
        };
        if field(part, "thoughtSignature", "thought_signature").is_some() {
            // The thoughts behind it are billed as input again.
            read.entries.push(Entry::Thoughts(None));
        }
        if let Some(text) = text(part, "text") {
            if part.get("thought") == Some(&Value::Bool(true)) {
                read.entries.push(Entry::Thoughts(None));
            } else {
                pieces.push(Piece::Text(text));
            }
        } else if let Some(call) = fields(part, "functionCall", "function_call") {
            calls.push(Call {
                id: text(call, "id"),
                name: text(call, "name").unwrap_or_default(),
                arguments: json(call.get("args")),
            });
        } else if let Some(result) = fields(part, "functionResponse", "function_response") {
            add_result(read, result);
        } else {
            pieces.push(media(part));
        }
    }
    if !calls.is_empty() {
        read.entries.push(Entry::Calls { name: None, pieces, calls, legacy: false });
    } else if !pieces.is_empty() {
        read.entries.push(Entry::Message { role, name: None, pieces });
    }
}

/// A result is an object: its keys and texts are billed, its numbers are not.
fn add_result<'a>(read: &mut Body<'a>, result: &'a Map<String, Value>) {
    let mut pieces = Vec::new();
    if let Some(response) = result.get("response") {
        add_leaves(&mut pieces, response);
    }
    if let Some(Value::Array(parts)) = result.get("parts") {
        pieces.extend(parts.iter().filter_map(Value::as_object).map(media));
    }
    read.entries.push(Entry::Result {
        call: text(result, "id"),
        name: text(result, "name"),
        pieces,
        legacy: false,
    });
}

/// Adds each key and each text of a value.
fn add_leaves<'a>(pieces: &mut Vec<Piece<'a>>, value: &'a Value) {
    match value {
        Value::String(text) => pieces.push(Piece::Text(text)),
        Value::Array(items) => items.iter().for_each(|item| add_leaves(pieces, item)),
        Value::Object(fields) => {
            for (key, field) in fields {
                pieces.push(Piece::Text(key));
                add_leaves(pieces, field);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn media(part: &Map<String, Value>) -> Piece<'_> {
    let inline = fields(part, "inlineData", "inline_data");
    let file = fields(part, "fileData", "file_data");
    let Some(data) = inline.or(file) else {
        return Piece::Other(match part.keys().next() {
            Some(key) => Cow::Owned(format!("a part with `{key}`")),
            None => Cow::Borrowed("an empty part"),
        });
    };
    let kind = field(data, "mimeType", "mime_type").and_then(Value::as_str).unwrap_or_default();
    match kind.split('/').next() {
        Some("image") => {
            let source = text(data, "data").map_or(Source::Elsewhere, Source::Base64);
            Piece::Image(Image { source, low: false, given: None })
        }
        Some("audio") => Piece::Media("audio"),
        Some("video") => Piece::Media("video"),
        _ => Piece::Media("file"),
    }
}

fn add_tool<'a>(read: &mut Body<'a>, tool: &'a Value) {
    let Some(kinds) = tool.as_object() else {
        read.unread.push(format!("{} in `tools`", kind_of(tool)));
        return;
    };
    for (kind, value) in kinds {
        if !matches!(kind.as_str(), "functionDeclarations" | "function_declarations") {
            if !value.is_null() {
                read.builtins.push(Cow::Borrowed(kind));
            }
            continue;
        }
        for function in value.as_array().into_iter().flatten() {
            match function.get("name").and_then(Value::as_str) {
                Some(name) => read.functions.push(Function {
                    name,
                    description: function.get("description").and_then(Value::as_str),
                    parameters: ["parameters", "parametersJsonSchema", "parameters_json_schema"]
                        .iter()
                        .find_map(|name| function.get(*name)),
                    whole: function,
                }),
                None => read.unread.push("a function without a name".to_owned()),
            }
        }
    }
}

fn json(value: Option<&Value>) -> Cow<'_, str> {
    value.map_or(Cow::Borrowed(""), |value| Cow::Owned(write(value, COMPACT)))
}

/// A field in either spelling.
fn field<'a>(object: &'a Map<String, Value>, camel: &str, snake: &str) -> Option<&'a Value> {
    object.get(camel).or_else(|| object.get(snake))
}

/// An object in either spelling.
fn fields<'a>(
    part: &'a Map<String, Value>,
    camel: &str,
    snake: &str,
) -> Option<&'a Map<String, Value>> {
    object(part, camel).or_else(|| object(part, snake))
}
