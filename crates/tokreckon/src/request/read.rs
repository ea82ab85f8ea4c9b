//! Reads a request of any endpoint into one shape.

mod pieces;
mod chat;
mod responses;
mod anthropic;
mod gemini;
mod converse;
mod cohere;
mod known;

use serde_json::{Map, Value};

use super::body::{Bare, Body};

/// Which endpoint a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `OpenAI` Chat Completions (`/v1/chat/completions`), and what others offer in its shape.
    ChatCompletions,
    /// `OpenAI` Responses (`/v1/responses`).
    Responses,
    /// Embeddings (`/v1/embeddings`).
    Embeddings,
    /// Legacy completions (`/v1/completions`).
    Completions,
    /// Anthropic Messages (`/v1/messages`).
    Messages,
    /// Gemini `generateContent`.
    GenerateContent,
    /// Amazon Bedrock `Converse`.
    Converse,
}

impl Endpoint {
    /// All endpoints.
    pub const ALL: [Endpoint; 7] = [
        Endpoint::ChatCompletions,
        Endpoint::Responses,
        Endpoint::Embeddings,
        Endpoint::Completions,
        Endpoint::Messages,
        Endpoint::GenerateContent,
        Endpoint::Converse,
    ];

    /// The endpoint that a URL or path ends with, as in the `url` of a batch line.
    ///
    /// ```
    /// use tokreckon::request::Endpoint;
    ///
    /// assert_eq!(Endpoint::of_url("/v1/responses"), Some(Endpoint::Responses));
    /// assert_eq!(Endpoint::of_url("/v1/images"), None);
    /// ```
    #[must_use]
    pub fn of_url(url: &str) -> Option<Endpoint> {
        let path = url.split(['?', '#']).next().unwrap_or(url).trim_end_matches('/');
        [
            ("/chat/completions", Endpoint::ChatCompletions),
            ("/completions", Endpoint::Completions),
            ("/responses", Endpoint::Responses),
            ("/embeddings", Endpoint::Embeddings),
            ("/messages", Endpoint::Messages),
            ("/messages/count_tokens", Endpoint::Messages),
            (":generateContent", Endpoint::GenerateContent),
            (":streamGenerateContent", Endpoint::GenerateContent),
            (":countTokens", Endpoint::GenerateContent),
            ("/converse", Endpoint::Converse),
            ("/converse-stream", Endpoint::Converse),
        ]
        .into_iter()
        .find_map(|(end, endpoint)| path.ends_with(end).then_some(endpoint))
    }

    /// The endpoint that a body is written for, told by its fields.
    pub(crate) fn of_body(body: &Map<String, Value>) -> Option<Endpoint> {
        if cohere::is_shape(body) {
            Some(Endpoint::ChatCompletions)
        } else if body.contains_key("contents") {
            Some(Endpoint::GenerateContent)
        } else if body.contains_key("messages") {
            Some(if converse::is_shape(body) {
                Endpoint::Converse
            } else if anthropic::is_shape(body) {
                Endpoint::Messages
            } else {
                Endpoint::ChatCompletions
            })
        } else if body.get("prompt").is_some_and(|prompt| !prompt.is_object() && !prompt.is_null())
        {
            Some(Endpoint::Completions)
        } else if body.get("input").is_some_and(is_embedding_input)
            || text(body, "model").is_some_and(|model| model.contains("embed"))
        {
            Some(Endpoint::Embeddings)
        } else if RESPONSES_FIELDS.iter().any(|field| body.contains_key(*field)) {
            Some(Endpoint::Responses)
        } else {
            None
        }
    }

    /// Reads a body.
    pub(crate) fn read(self, body: &Map<String, Value>) -> Body<'_> {
        let mut read = match self {
            Endpoint::ChatCompletions if cohere::is_shape(body) => cohere::read(body),
            Endpoint::ChatCompletions => chat::read(body),
            Endpoint::Responses => responses::read(body),
            Endpoint::Messages => anthropic::read(body),
            Endpoint::GenerateContent => gemini::read(body),
            Endpoint::Converse => converse::read(body),
            Endpoint::Embeddings => bare(body, "input"),
            Endpoint::Completions => bare(body, "prompt"),
        };
        read.unread.extend(known::unknown(self, body));
        read
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Endpoint::ChatCompletions => "chat/completions",
            Endpoint::Responses => "responses",
            Endpoint::Embeddings => "embeddings",
            Endpoint::Completions => "completions",
            Endpoint::Messages => "messages",
            Endpoint::GenerateContent => "generateContent",
            Endpoint::Converse => "converse",
        }
    }
}

/// A list of texts or of token ids, which no Responses request has.
fn is_embedding_input(input: &Value) -> bool {
    input.as_array().is_some_and(|items| {
        !items.is_empty() && items.iter().all(|item| !item.is_object() && !item.is_null())
    })
}

/// Embeddings and legacy completions: one input or a list of them.
fn bare<'a>(body: &'a Map<String, Value>, field: &'static str) -> Body<'a> {
    let mut read = Body::default();
    match body.get(field) {
        Some(Value::String(text)) => read.bare.push(Bare::Text(text)),
        Some(Value::Array(items)) if items.iter().all(Value::is_number) => {
            read.bare.push(Bare::Ids(items.len()));
        }
        Some(Value::Array(items)) => {
            for item in items {
                match item {
                    Value::String(text) => read.bare.push(Bare::Text(text)),
                    Value::Array(ids) if ids.iter().all(Value::is_number) => {
                        read.bare.push(Bare::Ids(ids.len()));
                    }
                    other => {
                        read.unread.push(format!("{} in `{field}`", kind_of(other)));
                    }
                }
            }
        }
        Some(other) => read.unread.push(format!("{} as `{field}`", kind_of(other))),
        None => read.unread.push(format!("no `{field}`")),
    }
    read
}

/// A field that is a text.
fn text<'a>(object: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    object.get(field)?.as_str()
}

/// A field that is a list; nothing where it is not.
fn list<'a>(object: &'a Map<String, Value>, field: &str) -> &'a [Value] {
    object.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A field that is an object.
fn object<'a>(object: &'a Map<String, Value>, field: &str) -> Option<&'a Map<String, Value>> {
    object.get(field)?.as_object()
}

/// True for a value that is neither empty nor a number, and not switched off.
fn may_bring_text(value: &Value) -> bool {
    match value {
        Value::Null | Value::Number(_) | Value::Bool(false) => false,
        Value::Bool(true) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// What a JSON value is, in a word.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Any of these makes a body a Responses request.
const RESPONSES_FIELDS: [&str; 5] =
    ["input", "instructions", "previous_response_id", "conversation", "prompt"];
