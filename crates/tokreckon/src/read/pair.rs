//! Logged pairs: the request beside the response, under the names that logs use.
//!
//! | | member | may hold |
//! |---|---|---|
//! | request | `request`, `request_body`, `requestBody`, `body`, `proxy_server_request`, `input`, `messages`, `modelInput` | a body, a list of messages, or either around a `body` |
//! | response | `response`, `response_body`, `responseBody`, `output`, `modelOutput` | a body, or a part of one beside a `usage` of the line |
//!
//! Bodies that are written as text inside of the JSON are parsed.

use super::json_look::is_written_json;
use super::names;
use super::object::Object;
use super::source::Source;
use crate::json::Value;
use crate::record::Evidence;

/// The object with its bodies parsed, where one is written as text.
pub(super) fn parsed<'v>(object: &'v Object<'v>, source: Source<'v>) -> &'v Object<'v> {
    let mut parsed = object;
    for (name, value) in object.of(&names::BODIES) {
        let Some(text) = value.as_str().filter(|text| is_written_json(text)) else { continue };
        let value = source.shapes.read(text, source.room);
        if let Some(value @ (Value::Object(_) | Value::Array(_))) = value {
            parsed = source.room.alloc(parsed.with(name, value, source.room));
        }
    }
    parsed
}

/// The member that holds the response: under `response` whatever it is, under another name when it
/// is an object with a usage, or the line has one.
pub(super) fn response<'v>(object: &Object<'v>) -> Option<&'v Value<'v>> {
    object.first(&names::RESPONSE).or_else(|| {
        let is_answer = |body: &Object| {
            let counted = |body: &Object| body.has(&names::USAGE);
            counted(body) || counted(object) || body.get("body").is_some_and(Value::is_object)
        };
        let mut others = object.of(&names::OTHER_RESPONSES).map(|(_, value)| value);
        others.find(|value| value.as_object().is_some_and(is_answer))
    })
}

/// The body that was sent.
pub(super) fn request<'v>(object: &Object<'v>) -> Option<&'v Value<'v>> {
    let is_body = |value: &&Value| match value {
        Value::Object(body) => !body.is_empty(),
        Value::Array(messages) => !messages.is_empty(),
        _ => false,
    };
    let value = object.of(&names::REQUESTS).map(|(_, value)| value).find(is_body)?;
    match value.get("body") {
        Some(body @ Value::Object(_)) => Some(body),
        _ => Some(value),
    }
}

/// What a row of a log with counts of its own keeps besides them.
pub(super) fn evidence<'v>(object: &Object<'v>) -> Evidence<'v> {
    let answer = object.first(&names::RESPONSE).or_else(|| object.first(&names::OTHER_RESPONSES));
    let response = answer.and_then(Value::as_object).filter(|body| !body.is_empty());
    let response = response.map(|body| match body.get("body") {
        Some(Value::Object(inner)) => inner,
        _ => body,
    });
    Evidence {
        request: request(object),
        response,
        text: answer.and_then(Value::as_str),
        visible_tokens: None,
    }
}

/// The model that the request or the line names, where the response names none.
pub(super) fn model<'v>(object: &Object<'v>, request: Option<&Value<'v>>) -> Option<&'v str> {
    let named = |value: &Value<'v>| value.as_str().filter(|text| !text.is_empty());
    request.and_then(|body| named(body.get("model")?)).or_else(|| named(object.get("model")?))
}
