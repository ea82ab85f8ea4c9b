//! Lines of a batch file: `custom_id`, `method`, `url` and `body`, one request each.

use serde_json::Value;

use super::{Endpoint, Request, RequestError};

/// A line of a batch file.
#[derive(Clone, Debug)]
pub struct BatchLine {
    /// The caller's name for the request; unique in the file, which is the reader's to check.
    pub custom_id: String,
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
/// assert_eq!(line.custom_id, "a");
/// assert_eq!(line.request.count(&CountOptions::default()).total().to_string(), "9");
/// # Ok::<(), tokreckon::request::BatchLineError>(())
/// ```
pub fn line(text: &[u8]) -> Result<BatchLine, BatchLineError> {
    let mut value = super::parse(text)?;
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
    Ok(BatchLine { custom_id, request })
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
}
