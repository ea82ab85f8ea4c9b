//! Lines of a file of requests, one each: `OpenAI`'s batches (`custom_id`, `method`, `url`, `body`),
//! Anthropic's (`custom_id`, `params`), Gemini's (`key`, `request`), and bare bodies.

use serde_json::Value;

use super::{Endpoint, Request, RequestError};

/// A line of a batch file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BatchLine {
    /// The caller's name for the request; unique in the file, which is the reader's to check. `None` for a
    /// bare body, which is no line of a batch.
    pub custom_id: Option<String>,
    /// The request.
    pub request: Request,
}

/// Why a line of a batch file could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchLineError {
    /// A field is missing or not a text.
    #[error("batch line has no text `{field}`")]
    NoField {
        /// The field.
        field: &'static str,
    },
    /// The method is not `POST`.
    #[error("batch line has method `{method}`: only `POST` is allowed")]
    Method {
        /// The method.
        method: String,
    },
    /// The URL is of no endpoint that can be counted.
    #[error("batch line has url `{url}`: no rules for this endpoint")]
    Url {
        /// The URL.
        url: String,
    },
    /// The request cannot be read.
    #[error(transparent)]
    Request(#[from] RequestError),
}

/// Reads one line of a batch file.
///
/// ```
/// use tokreckon::request::{CountOptions, batch};
///
/// let line = r#"{"custom_id": "a", "method": "POST", "url": "/v1/chat/completions",
///     "body": {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}}"#;
/// let line = batch::line(line.as_bytes())?;
/// assert_eq!(line.custom_id.as_deref(), Some("a"));
/// assert_eq!(line.request.count(&CountOptions::default()).total().to_string(), "9");
/// # Ok::<(), tokreckon::request::BatchLineError>(())
/// ```
pub fn line(text: &[u8]) -> Result<BatchLine, BatchLineError> {
    let mut value = super::parse(text)?;
    let own = |name: &str| value.get(name).is_some_and(|value| !value.is_null());
    if own("body") || own("url") || own("method") {
        return openai(value);
    }
    let (member, endpoint) = match (own("params"), own("request")) {
        (true, _) => ("params", Endpoint::Messages),
        (_, true) => ("request", Endpoint::GenerateContent),
        _ if own("custom_id") => return openai(value),
        _ => return Ok(BatchLine { custom_id: None, request: Request::from_value(value)? }),
    };
    let id = if member == "params" { "custom_id" } else { "key" };
    let custom_id = value.get(id).and_then(Value::as_str).map(str::to_owned);
    if member == "params" && custom_id.is_none() {
        return Err(BatchLineError::NoField { field: "custom_id" });
    }
    let body = value.get_mut(member).map(Value::take).unwrap_or_default();
    Ok(BatchLine { custom_id, request: Request::from_value(body)?.for_endpoint(endpoint) })
}

/// A line of `OpenAI`'s.
fn openai(mut value: Value) -> Result<BatchLine, BatchLineError> {
    let field = |field: &'static str| match value.get(field).and_then(Value::as_str) {
        Some(text) => Ok(text.to_owned()),
        None => Err(BatchLineError::NoField { field }),
    };
    let (custom_id, method, url) = (field("custom_id")?, field("method")?, field("url")?);
    if method != "POST" {
        return Err(BatchLineError::Method { method });
    }
    let Some(endpoint) = Endpoint::of_url(&url) else {
        return Err(BatchLineError::Url { url });
    };
    let body = value.get_mut("body").map(Value::take).unwrap_or_default();
    let request = Request::from_value(body)?.for_endpoint(endpoint);
    Ok(BatchLine { custom_id: Some(custom_id), request })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_lines_say_why() {
        let said =
            |text: &str| line(text.as_bytes()).map(|_| ()).map_err(|error| error.to_string());
        let body = r#""body": {"model": "gpt-4o", "input": "Hi"}"#;
        for (text, why) in [
            (format!("{{{body}}}"), "batch line has no text `custom_id`"),
            (
                format!(r#"{{"custom_id": "a", "method": "GET", "url": "/v1/responses", {body}}}"#),
                "batch line has method `GET`: only `POST` is allowed",
            ),
            (
                format!(r#"{{"custom_id": "a", "method": "POST", "url": "/v1/images", {body}}}"#),
                "batch line has url `/v1/images`: no rules for this endpoint",
            ),
            (
                r#"{"custom_id": "a", "method": "POST", "url": "/v1/responses"}"#.to_owned(),
                "request is not a JSON object",
            ),
        ] {
            assert_eq!(said(&text), Err(why.to_owned()));
        }
        let right =
            format!(r#"{{"custom_id": "a", "method": "POST", "url": "/v1/responses", {body}}}"#);
        assert_eq!(said(&right), Ok(()));
    }

    #[test]
    fn lines_of_others_and_bare_bodies() {
        let read = |text: &str| {
            let line = line(text.as_bytes()).expect(text);
            (line.custom_id, line.request.endpoint())
        };
        let message = r#"[{"role": "user", "content": "Hi"}]"#;
        let anthropic =
            format!(r#"{{"custom_id": "a", "params": {{"model": "m", "messages": {message}}}}}"#);
        assert_eq!(read(&anthropic), (Some("a".to_owned()), Endpoint::Messages));
        let gemini = r#"{"key": "k", "request": {"contents": [{"parts": [{"text": "Hi"}]}]}}"#;
        assert_eq!(read(gemini), (Some("k".to_owned()), Endpoint::GenerateContent));
        let bare = format!(r#"{{"model": "gpt-4o", "messages": {message}}}"#);
        assert_eq!(read(&bare), (None, Endpoint::ChatCompletions));
    }
}
