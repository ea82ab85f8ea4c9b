//! Reads Cohere's first Chat: `message`, `chat_history`, `preamble`, tools with `parameter_definitions`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{kind_of, list, may_bring_text, text};
use crate::request::body::{Body, Call, Entry, Function, Piece, Role};

/// Whether a body is written for it.
pub(super) fn is_shape(body: &Map<String, Value>) -> bool {
    !body.contains_key("messages") && body.get("message").is_some_and(Value::is_string)
}

/// A call in the words of Cohere: `name` and `parameters`.
fn call(value: &Value) -> Option<Call<'_>> {
    let call = value.as_object()?;
    let arguments = call.get("parameters").map_or(String::new(), Value::to_string);
    Some(Call { id: None, name: text(call, "name")?, arguments: Cow::Owned(arguments) })
}

/// Reads a body.
pub(super) fn read(body: &Map<String, Value>) -> Body<'_> {
    let mut read = Body::default();
    let said = |role, text| Entry::Message { role, name: None, pieces: vec![Piece::Text(text)] };
    if let Some(preamble) = text(body, "preamble") {
        read.entries.push(said(Role::System, preamble));
    }
    let mut unread = Vec::new();
    for turn in list(body, "chat_history") {
        let Some(turn) = turn.as_object() else {
            unread.push(format!("{} in `chat_history`", kind_of(turn)));
            continue;
        };
        let written = text(turn, "message");
        let calls: Vec<Call<'_>> = list(turn, "tool_calls").iter().filter_map(call).collect();
        let whole = calls.len() == list(turn, "tool_calls").len();
        let known = ["role", "message", "tool_calls"];
        let other =
            turn.iter().find(|(name, value)| !known.contains(&&***name) && may_bring_text(value));
        match (text(turn, "role"), written) {
            (Some("CHATBOT"), written) if !calls.is_empty() => {
                let pieces = written.map(Piece::Text).into_iter().collect();
                read.entries.push(Entry::Calls { name: None, pieces, calls, legacy: false });
            }
            (Some("SYSTEM"), Some(text)) => read.entries.push(said(Role::System, text)),
            (Some("CHATBOT"), Some(text)) => read.entries.push(said(Role::Assistant, text)),
            (Some("USER"), Some(text)) => read.entries.push(said(Role::User, text)),
            _ => unread.push("an object in `chat_history`".to_owned()),
        }
        if !whole {
            unread.push("`tool_calls` in `chat_history`".to_owned());
        }
        if let Some((name, _)) = other {
            unread.push(format!("`{name}` in `chat_history`"));
        }
    }
    if let Some(message) = text(body, "message") {
        read.entries.push(said(Role::User, message));
    }
    for tool in list(body, "tools") {
        match tool.get("name").and_then(Value::as_str) {
            Some(name) => read.functions.push(Function {
                name,
                description: tool.get("description").and_then(Value::as_str),
                parameters: tool.get("parameter_definitions"),
                whole: tool,
            }),
            None => unread.push(format!("{} in `tools`", kind_of(tool))),
        }
    }
    read.documents = list(body, "documents").iter().collect();
    read.unread = unread;
    read
}
