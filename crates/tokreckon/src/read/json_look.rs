//! What a JSON text or value is at a glance: a page of several, counts that grow, lines or a document.

use serde_json::Value;

use super::Problem;
use super::object::Object;

/// False for an object whose counts surely do not grow: a usage stands in objects, or in one that is
/// written as text.
pub(super) fn may_grow(object: &Object) -> bool {
    object.contains_key("totalTokenCount")
        || object.values().any(|value| match value {
            Value::Object(inner) => may_grow(inner),
            Value::String(text) => {
                text == "chat.completion.chunk" || text.trim_start().starts_with(['{', '['])
            }
            _ => false,
        })
}

/// True when a page says that others follow.
pub(super) fn is_partial(object: &Object) -> bool {
    let says_so = |object: &Object| object.get("has_more").and_then(Value::as_bool) == Some(true);
    let items = object.get("items").and_then(Value::as_array).map(Vec::len);
    let total = object.get("total").and_then(Value::as_u64);
    says_so(object)
        || object.get("pagination").and_then(Value::as_object).is_some_and(says_so)
        || items.zip(total).is_some_and(|(items, total)| (items as u64) < total)
}

/// True when a line after the first is an object.
pub(super) fn has_json_line(text: &[u8]) -> bool {
    let mut lines = text.split(|&byte| byte == b'\n').skip(1);
    lines.any(|line| matches!(serde_json::from_slice::<Value>(line), Ok(Value::Object(_))))
}

/// What is wrong with a text that is no JSON.
pub(super) fn not_json(text: &[u8], error: &serde_json::Error) -> Problem {
    let single_quoted = text.windows(2).take(200).any(|pair| pair == b"{'" || pair == b"['");
    let message = if single_quoted {
        "single quotes, as Python prints a dict".to_owned()
    } else {
        let text = error.to_string();
        let reason = text.split(" at line ").next().unwrap_or(&text).to_owned();
        format!("{reason} at column {}", error.column())
    };
    Problem::NotJson { message }
}
