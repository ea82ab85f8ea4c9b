//! Logged pairs: the request beside the response, under the names that logs use.
//!
//! | | member | may hold |
//! |---|---|---|
//! | request | `request`, `request_body`, `requestBody`, `body`, `proxy_server_request`, `input`, `messages` | a body, a list of messages, or either around a `body` |
//! | response | `response`, `response_body`, `responseBody`, `output` | a body, or a part of one beside a `usage` of the line |
//!
//! Bodies that are written as text inside of the JSON are parsed.

use serde_json::Value;

use super::object::Object;
use crate::record::Evidence;

/// Names of the request, in the order of preference.
const REQUESTS: [&str; 7] =
    ["request", "request_body", "requestBody", "body", "proxy_server_request", "input", "messages"];

/// Names of the response.
const RESPONSES: [&str; 4] = ["response", "response_body", "responseBody", "output"];

/// The object with its bodies parsed, when one is written as text.
pub(super) fn parsed(object: &Object) -> Option<Object> {
    let mut parsed = None;
    for name in REQUESTS.into_iter().chain(RESPONSES) {
        let Some(Value::String(text)) = object.get(name) else { continue };
        if !text.trim_start().starts_with(['{', '[']) {
            continue;
        }
        if let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
            parsed.get_or_insert_with(|| object.clone()).insert(name.to_owned(), value);
        }
    }
    parsed
}

/// The member that holds the response: under `response` whatever it is, under another name when it
/// is an object with a usage, or the line has one.
pub(super) fn response(object: &Object) -> Option<&Value> {
    object.get("response").or_else(|| {
        let others = RESPONSES.iter().skip(1).filter_map(|name| object.get(*name));
        let is_answer = |body: &Object| {
            let counted = |body: &Object| body.contains_key("usage");
            counted(body) || counted(object) || body.get("body").is_some_and(Value::is_object)
        };
        others.into_iter().find(|value| value.as_object().is_some_and(is_answer))
    })
}

/// The body that was sent.
pub(super) fn request(object: &Object) -> Option<&Value> {
    let is_body = |value: &&Value| match value {
        Value::Object(body) => !body.is_empty(),
        Value::Array(messages) => !messages.is_empty(),
        _ => false,
    };
    let value = REQUESTS.iter().filter_map(|name| object.get(*name)).find(is_body)?;
    match value.get("body") {
        Some(body @ Value::Object(_)) => Some(body),
        _ => Some(value),
    }
}

/// What a row of a log with counts of its own keeps besides them.
pub(super) fn evidence(object: &Object) -> Evidence<'_> {
    let answer = RESPONSES.iter().find_map(|name| object.get(*name));
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
pub(super) fn model<'v>(object: &'v Object, request: Option<&'v Value>) -> Option<&'v str> {
    let named = |value: &'v Value| value.as_str().filter(|text| !text.is_empty());
    request.and_then(|body| named(body.get("model")?)).or_else(|| named(object.get("model")?))
}
