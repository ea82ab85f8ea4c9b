//! Reads Anthropic Messages: `system`, `messages` with tool use inside, `tools` with `input_schema`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::chat::{named_schema, role_of, tool_kind};
use super::pieces::{content, part};
use super::{kind_of, list, object, text};
use crate::request::body::{Body, Call, Choice, Entry, Function, Role};
use crate::request::json_text::{COMPACT, write};

/// Whether a body with `messages` is written for Anthropic rather than for `OpenAI`.
pub(super) fn is_shape(body: &Map<String, Value>) -> bool {
    OWN.iter().any(|field| body.contains_key(*field))
        || is_for_claude(body)
        || list(body, "tools").iter().any(|tool| tool.get("input_schema").is_some())
        || list(body, "messages").iter().any(|message| {
            let parts = message.get("content").and_then(Value::as_array);
            parts.into_iter().flatten().any(|part| {
                let kind = part.get("type").and_then(Value::as_str);
                matches!(kind, Some("tool_use" | "tool_result" | "thinking"))
                    || part.get("source").is_some()
            })
        })
}

/// Members that no other endpoint with `messages` has.
const OWN: [&str; 7] = [
    "system",
    "anthropic_version",
    "output_config",
    "output_format",
    "stop_sequences",
    "container",
    "mcp_servers",
];

/// Members of Chat Completions that Messages does not have.
const CHAT: [&str; 8] = [
    "response_format",
    "max_completion_tokens",
    "n",
    "stop",
    "reasoning_effort",
    "functions",
    "frequency_penalty",
    "stream_options",
];

/// A plain id of Claude, a limit of tokens, and nothing that only Chat Completions has.
fn is_for_claude(body: &Map<String, Value>) -> bool {
    let model = text(body, "model").unwrap_or_default();
    let roles = list(body, "messages").iter().filter_map(|message| message.get("role")?.as_str());
    model.contains("claude")
        && !model.contains('/')
        && body.contains_key("max_tokens")
        && !CHAT.iter().any(|field| body.contains_key(*field))
        && !list(body, "tools").iter().any(|tool| tool.get("function").is_some())
        && !roles.into_iter().any(|role| matches!(role, "system" | "developer" | "tool"))
}

/// Reads a body.
pub(super) fn read(body: &Map<String, Value>) -> Body<'_> {
    let mut read = Body::default();
    let system = content(body.get("system"));
    if !system.is_empty() {
        read.entries.push(Entry::Message { role: Role::System, name: None, pieces: system });
    }
    for message in list(body, "messages") {
        match message.as_object() {
            Some(message) => add_message(&mut read, message),
            None => read.unread.push(format!("{} in `messages`", kind_of(message))),
        }
    }
    for tool in list(body, "tools") {
        match (tool.get("name").and_then(Value::as_str), tool.get("input_schema")) {
            (Some(name), Some(schema)) => read.functions.push(Function {
                name,
                description: tool.get("description").and_then(Value::as_str),
                parameters: Some(schema),
                whole: tool,
            }),
            _ => read.builtins.push(tool_kind(tool)),
        }
    }
    if body.get("context_management").is_some_and(|value| !value.is_null()) {
        read.stored.push("context_management");
    }
    let thinking = object(body, "thinking").and_then(|thinking| text(thinking, "type"));
    read.thinking = matches!(thinking, Some("enabled" | "adaptive"));
    let output = object(body, "output_config").and_then(|output| object(output, "format"));
    read.format = output.or(object(body, "output_format")).map(named_schema);
    if let Some(chosen) = object(body, "tool_choice") {
        read.one_call_at_a_time =
            chosen.get("disable_parallel_tool_use") == Some(&Value::Bool(true));
        read.choice = match (text(chosen, "type"), text(chosen, "name")) {
            (Some("none"), _) => Choice::None,
            (Some("any"), _) => Choice::Any,
            (Some("tool"), Some(name)) => Choice::Named(name),
            _ => Choice::Free,
        };
    }
    read
}

/// Splits a message into what was said, called and returned.
fn add_message<'a>(read: &mut Body<'a>, message: &'a Map<String, Value>) {
    let role = role_of(text(message, "role"));
    let Some(parts) = message.get("content").and_then(Value::as_array) else {
        let pieces = content(message.get("content"));
        read.entries.push(Entry::Message { role, name: None, pieces });
        return;
    };
    let (mut pieces, mut calls) = (Vec::new(), Vec::new());
    for value in parts {
        match value.get("type").and_then(Value::as_str) {
            Some("tool_use" | "server_tool_use") => calls.push(call(value)),
            Some("tool_result") => read.entries.push(Entry::Result {
                call: value.get("tool_use_id").and_then(Value::as_str),
                name: None,
                pieces: content(value.get("content")),
                legacy: false,
            }),
            Some("thinking" | "redacted_thinking") => read.entries.push(Entry::Thoughts(None)),
            _ => pieces.push(part(value)),
        }
    }
    if !calls.is_empty() {
        read.entries.push(Entry::Calls { name: None, pieces, calls, legacy: false });
    } else if !pieces.is_empty() {
        read.entries.push(Entry::Message { role, name: None, pieces });
    }
}

fn call(value: &Value) -> Call<'_> {
    Call {
        id: value.get("id").and_then(Value::as_str),
        name: value.get("name").and_then(Value::as_str).unwrap_or_default(),
        arguments: match value.get("input") {
            Some(input) => Cow::Owned(write(input, COMPACT)),
            None => Cow::Borrowed(""),
        },
    }
}
