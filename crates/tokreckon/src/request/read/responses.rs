//! Reads Responses requests: `input`, `instructions`, `tools`, `text.format`, and what is stored.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::chat::{add_function, called, choice, named_schema, role_of, tool_kind};
use super::pieces::content;
use super::{kind_of, list, object, text};
use crate::request::body::{Body, Entry, Piece, Role};

/// Reads a body.
pub(super) fn read(body: &Map<String, Value>) -> Body<'_> {
    let format = object(body, "text").and_then(|text| object(text, "format"));
    let mut read = Body {
        choice: choice(body),
        format: format
            .filter(|format| text(format, "type") == Some("json_schema"))
            .map(named_schema),
        one_call_at_a_time: body.get("parallel_tool_calls") == Some(&Value::Bool(false)),
        ..Body::default()
    };
    for field in ["previous_response_id", "conversation", "prompt", "context_management"] {
        if body.get(field).is_some_and(|value| !value.is_null()) {
            read.stored.push(field);
        }
    }
    if let Some(text) = text(body, "instructions").filter(|text| !text.is_empty()) {
        read.instructed = true;
        let pieces = vec![Piece::Text(text)];
        read.entries.push(Entry::Message { role: Role::System, name: None, pieces });
    }
    match body.get("input") {
        Some(Value::String(text)) => {
            let pieces = vec![Piece::Text(text)];
            read.entries.push(Entry::Message { role: Role::User, name: None, pieces });
        }
        Some(Value::Array(items)) => items.iter().for_each(|item| add_item(&mut read, item)),
        None | Some(Value::Null) => {}
        Some(other) => read.unread.push(format!("{} as `input`", kind_of(other))),
    }
    for tool in list(body, "tools") {
        match tool.as_object() {
            Some(function) if text(function, "type") == Some("function") => {
                add_function(&mut read, function, tool);
            }
            _ => read.builtins.push(tool_kind(tool)),
        }
    }
    read
}

/// Adds an item of the input; consecutive calls become one entry, as parallel calls are one message.
fn add_item<'a>(read: &mut Body<'a>, value: &'a Value) {
    let Some(item) = value.as_object() else {
        read.unread.push(format!("{} in `input`", kind_of(value)));
        return;
    };
    match text(item, "type").unwrap_or("message") {
        "message" => read.entries.push(Entry::Message {
            role: role_of(text(item, "role")),
            name: None,
            pieces: content(item.get("content")),
        }),
        "function_call" => {
            let call = called(item, text(item, "call_id"));
            match read.entries.last_mut() {
                Some(Entry::Calls { calls, .. }) => calls.push(call),
                _ => read.entries.push(Entry::Calls {
                    name: None,
                    pieces: Vec::new(),
                    calls: vec![call],
                    legacy: false,
                }),
            }
        }
        "function_call_output" => read.entries.push(Entry::Result {
            call: text(item, "call_id"),
            name: None,
            pieces: content(item.get("output")),
            legacy: false,
        }),
        "reasoning" => {
            let encrypted = text(item, "encrypted_content").map(str::len);
            read.entries.push(Entry::Thoughts(encrypted));
        }
        "item_reference" => read.stored.push("item_reference"),
        other => read.entries.push(Entry::Other(Cow::Borrowed(other))),
    }
}
