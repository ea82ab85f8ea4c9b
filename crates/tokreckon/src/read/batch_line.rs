//! Lines of the files in which sellers hand back a batch: what was answered is charged as a batch.
//!
//! | seller | line |
//! |---|---|
//! | OpenAI and who copies it, Anthropic, Mistral | `custom_id` beside `response` or `result` |
//! | Gemini's API | nothing but `key` beside `response` or `error` |
//! | Vertex AI | `processed_time` beside `response` |
//! | Bedrock | `recordId` and `modelInput` beside `modelOutput` or `error` |

use super::names;
use super::object::{Object, inner, text};
use crate::json::Value;

/// Who wrote a line of a batch; `Some("")` where several sellers write such lines, `None` for any
/// other line.
pub(super) fn seller(object: &Object) -> Option<&'static str> {
    if object.has(&names::CUSTOM_ID) || object.first_text(&names::KIND) == Some("batch") {
        return Some("");
    }
    let place = object.first(&names::BATCH_PLACE)?;
    let has = |name| object.contains_key(name);
    let by_key = || {
        let answer = inner(object, &["response"]);
        answer.is_none_or(|answer| answer.has(&names::USAGE_METADATA))
            && object.keys().all(|name| matches!(name, "key" | "response" | "error"))
    };
    if has("recordId") && has("modelInput") {
        Some("aws-bedrock")
    } else if has("processed_time") && has("response") {
        Some("google-vertex")
    } else if place.is_string() && by_key() && (has("response") || has("error")) {
        Some("google")
    } else {
        None
    }
}

/// True where a line of a batch says that its request failed.
pub(super) fn failed(object: &Object) -> bool {
    let result = inner(object, &["result"]).and_then(|result| text(result, "type"));
    matches!(result, Some("errored" | "expired" | "canceled"))
        || object.get("error").is_some_and(Value::is_object)
        // Vertex writes what went wrong where nothing stands otherwise.
        || text(object, "status").is_some() && object.contains_key("processed_time")
}
