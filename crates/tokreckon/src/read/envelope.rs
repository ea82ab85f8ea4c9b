//! Where the response and its usage stand in an object: bare, in a line of a batch, of a log or of a
//! stream, or under the names that programs wrap responses in.

use crate::json::Value;

use super::object::{Object, inner, text};
use super::spelling_of::is_usage;
use super::{Problem, batch_line, names, pair, shortened};

/// How deep wrappers are followed.
const MAX_DEPTH: usize = 4;

/// The response in an object.
pub(super) enum Inner<'v> {
    Response {
        /// The object with the usage.
        response: &'v Object<'v>,
        /// The object with the answer; mostly the same.
        answer: &'v Object<'v>,
        /// Whose batch it is of: see [`batch_line::seller`].
        batch: Option<&'static str>,
    },
    /// A request that failed.
    Failed,
}

/// True for an object that is a response, a line of a batch, or a bare usage.
pub(super) fn is_response(object: &Object) -> bool {
    object.has(&names::RESPONSE)
        || batch_line::seller(object).is_some()
        || pair::response(object).is_some()
        || object.get("response_body").or(object.get("responseBody")).is_some()
        || object.has(&names::USAGES)
        || wrapped(object, MAX_DEPTH).is_some()
        || !by_model(object).is_empty()
}

/// The usages of an object by model; empty where it has none.
pub(super) fn by_model<'v>(object: &Object<'v>) -> Vec<(&'v str, &'v Object<'v>)> {
    let models = object.first_object(&names::BY_MODEL);
    let usages = models.into_iter().flatten().filter_map(|(model, usage)| {
        Some((model, usage.as_object().filter(|usage| is_usage(usage))?))
    });
    usages.collect()
}

/// The usage of a response, which may be the object itself.
pub(super) fn usage<'v>(response: &'v Object<'v>) -> Result<&'v Object<'v>, Problem> {
    let mut is_null = false;
    for (_, value) in response.of(&names::USAGES) {
        match value {
            Value::Object(usage) => return Ok(usage),
            Value::Null => is_null = true,
            _ => {}
        }
    }
    if is_usage(response) {
        return Ok(response);
    }
    // Cohere, version 1.
    if let Some(meta) = inner(response, &["meta"]).filter(|meta| meta.contains_key("billed_units"))
    {
        return Ok(meta);
    }
    // Replicate.
    if let Some(metrics) =
        response.first_object(&names::METRICS).filter(|m| m.has(&names::REPLICATE))
    {
        return Ok(metrics);
    }
    Err(if is_null { Problem::NoUsageReported { detail: String::new() } } else { Problem::NoUsage })
}

/// The object with a usage: this one, or one that it wraps.
fn wrapped<'v>(object: &'v Object<'v>, depth: usize) -> Option<&'v Object<'v>> {
    if usage(object).is_ok() {
        return Some(object);
    }
    let depth = depth.checked_sub(1)?;
    object.of(&names::WRAPPERS).find_map(|(_, inner)| wrapped(inner.as_object()?, depth))
}

/// The answers of a line whose response is a list, each with its own pieces: a list of one stream is one
/// answer. Empty where the response is no list.
pub(super) fn answers<'v>(object: &Object<'v>) -> Vec<&'v [Value<'v>]> {
    let pieces = pair::response(object).and_then(Value::as_array).unwrap_or(&[]);
    let (mut answers, mut start) = (Vec::new(), 0);
    let mut before: Option<&Object> = None;
    for (at, piece) in pieces.iter().enumerate() {
        let Some(piece) = piece.as_object() else { continue };
        if usage(piece).is_err() {
            continue;
        }
        if before.is_some_and(|before| !is_of_one_stream(before, piece)) {
            // What comes before a piece that counts belongs to it.
            let from =
                pieces[start..at].iter().rposition(counts).map_or(start, |last| start + last + 1);
            answers.push(&pieces[start..from]);
            start = from;
        }
        before = Some(piece);
    }
    if !pieces.is_empty() {
        answers.push(&pieces[start..]);
    }
    answers
}

/// True for a line with counts of its own, beside what came back.
pub(super) fn counts_itself(object: &Object) -> bool {
    object.first_object(&names::USAGES).is_some() || is_usage(object)
}

fn counts(piece: &Value) -> bool {
    piece.as_object().is_some_and(|piece| usage(piece).is_ok())
}

/// True for two pieces with counts, one after the other, of one stream: their ids say so, or the first of
/// them does not end its answer, or the second has no answer.
fn is_of_one_stream(first: &Object, second: &Object) -> bool {
    let id = |piece: &Object| piece.first_text(&names::IDS).map(str::to_owned);
    if let (Some(first), Some(second)) = (id(first), id(second)) {
        return first == second;
    }
    let ends = |part: &Value| {
        ["finishReason", "finish_reason"]
            .iter()
            .any(|name| part.get(name).is_some_and(|reason| !reason.is_null()))
    };
    match (parts_of(first), parts_of(second)) {
        (Some(_), None) => true,
        (Some(first), Some(_)) => !first.iter().any(ends),
        // Counts without an answer are whole, but for those of an event that ends none.
        (None, _) => inner(first, &["delta"])
            .is_some_and(|delta| delta.get("stop_reason").is_none_or(Value::is_null)),
    }
}

/// The alternatives of an answer, or of a piece of one.
fn parts_of<'v>(piece: &Object<'v>) -> Option<&'v [Value<'v>]> {
    let list = |name| piece.get(name).and_then(Value::as_array).filter(|list| !list.is_empty());
    list("candidates").or_else(|| list("choices"))
}

/// The response inside of a batch line, a log line or a stream event, and whether it was a batch.
pub(super) fn unwrap<'v>(object: &'v Object<'v>) -> Result<Inner<'v>, Problem> {
    let batch = batch_line::seller(object);
    // A line of Anthropic's message batches.
    let message = inner(object, &["result"]).filter(|_| batch.is_some());
    if let Some(response) = message.and_then(|result| inner(result, &["message"])) {
        return Ok(Inner::Response { response, answer: response, batch });
    }
    let is_failed = batch.is_some() && batch_line::failed(object);
    let Some(value) = pair::response(object) else {
        if is_failed {
            return Ok(Inner::Failed);
        }
        let response = wrapped(object, MAX_DEPTH).unwrap_or(object);
        return Ok(Inner::Response { response, answer: response, batch });
    };
    // A line of a log with the usage beside what came back.
    let beside = object.first_object(&names::USAGES).is_some();
    let failed = |detail: String| Problem::NoUsageReported { detail };
    // The pieces of a stream in one line: the last that counts holds the counts of all. Of several answers
    // each is read by itself: see `answers`.
    let pieces = value.as_array().into_iter().flatten().filter_map(Value::as_object);
    if let Some(response) = pieces.rev().find(|piece| usage(piece).is_ok()) {
        return Ok(Inner::Response { response, answer: response, batch });
    }
    let Some(outer) = value.as_object() else {
        if beside || is_usage(object) {
            return Ok(Inner::Response { response: object, answer: object, batch });
        }
        if is_failed {
            return Ok(Inner::Failed);
        }
        let message = inner(object, &["error"]).and_then(|error| text(error, "message"));
        return Err(failed(
            message.map_or(String::new(), |m| format!(": {}", shortened(m.as_bytes()))),
        ));
    };
    let status = outer.get("status_code").and_then(Value::as_u64);
    let has_usage = |object: &Object| usage(object).is_ok();
    match outer.get("body") {
        _ if (beside || is_usage(object)) && !has_usage(outer) => {
            Ok(Inner::Response { response: object, answer: outer, batch })
        }
        _ if is_failed && wrapped(outer, MAX_DEPTH).is_none() => Ok(Inner::Failed),
        Some(Value::Object(body)) if wrapped(body, MAX_DEPTH).is_none() => {
            if status.is_some_and(|status| status >= 400) {
                return Ok(Inner::Failed);
            }
            Err(failed(status.map_or(String::new(), |status| format!(": status {status}"))))
        }
        _ => {
            let response = wrapped(outer, MAX_DEPTH).unwrap_or(outer);
            Ok(Inner::Response { response, answer: response, batch })
        }
    }
}
