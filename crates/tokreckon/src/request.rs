//! What would be sent: the input tokens of a whole request, part by part, each exact, within a band,
//! or unknown.
//!
//! ```
//! use tokreckon::request::{TokenClass, CountOptions, Request};
//!
//! let body = r#"{
//!     "model": "gpt-4o-mini",
//!     "messages": [
//!         {"role": "system", "content": "You are helpful assistant"},
//!         {"role": "user", "content": "Tell me a joke, please."}
//!     ]
//! }"#;
//! let count = Request::from_json(body)?.count(&CountOptions::default());
//! assert_eq!(count.total().class(), TokenClass::Exact);
//! assert_eq!(count.total().to_string(), "22");
//! # Ok::<(), tokreckon::request::RequestError>(())
//! ```

mod tokens;
mod json_text;
mod leaves;
mod image;
mod image_header;
mod model;
mod body;
mod read;
mod render;
mod table;
mod frames;
mod rule_table;
mod rules;
mod scripts;
mod vocabularies;
mod band_table;
mod count;
mod engine;
mod text;
pub mod batch;

use jiff::civil::Date;
use serde_json::{Map, Value};
use tokreckon_tokenizer::Tokenizer;

pub(crate) use model::{Kind, find as find_model};

pub use batch::{BatchLine, BatchLineError};
pub use count::{PartCount, RequestCount};
pub use image::ImageSize;
pub use read::Endpoint;
pub use rule_table::{CountingRule, rule, rules};
pub use text::{UnknownModel, count};
pub use tokens::{AtLeast, Band, ExactTokens, TokenClass, TokenEstimate, Tokens};

/// The body of a request to a model.
#[derive(Clone, Debug)]
pub struct Request {
    body: Map<String, Value>,
    endpoint: Endpoint,
}

/// What a count depends on besides the request.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CountOptions {
    /// The model, where it is not the one that the request names (Gemini requests name none).
    pub model: Option<String>,
    /// Who serves the model, where its id does not tell: `aws_bedrock` bills `OpenAI` models a little
    /// differently; no other provider that was recorded does.
    pub provider: Option<String>,
    /// The sizes of the images, in the order of the request, where the caller knows them; images that
    /// are in the request as data URLs tell theirs.
    pub image_sizes: Vec<ImageSize>,
    /// What counts the texts in place of the model's own tokenizer: any of those here, or a file. The frame
    /// around them stays what is known of the model, else a band.
    pub tokenizer: Option<Tokenizer>,
    /// The day on which the request is or was sent; `None` for the rules in force now.
    pub date: Option<Date>,
}

/// Why a request could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The text is not JSON.
    #[error("request is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The JSON is not an object.
    #[error("request is not a JSON object")]
    NotAnObject,
    /// The text is longer than the limit.
    #[error("request has {bytes} bytes: the limit is {limit}")]
    TooLong {
        /// Its length, bytes.
        bytes: usize,
        /// The limit, bytes.
        limit: usize,
    },
    /// Lists and objects are nested more deeply than the limit.
    #[error("request is nested more than {limit} levels deep")]
    TooDeep {
        /// The limit, levels.
        limit: usize,
    },
    /// There are more values than the limit.
    #[error("request has more than {limit} values")]
    TooManyValues {
        /// The limit, values.
        limit: usize,
    },
    /// No endpoint has these fields.
    #[error(
        "request has none of `messages`, `input`, `prompt`, `contents`: no endpoint is known by it"
    )]
    UnknownShape,
}

impl Request {
    /// Reads a request from JSON.
    pub fn from_json(text: impl AsRef<[u8]>) -> Result<Request, RequestError> {
        Request::from_value(parse(text.as_ref())?)
    }

    /// Takes a request that is already JSON. Whether the order of its fields and the text of its
    /// numbers are those of the request is up to the caller: both may be billed.
    pub fn from_value(value: Value) -> Result<Request, RequestError> {
        within_limits(&value)?;
        let Value::Object(body) = value else {
            return Err(RequestError::NotAnObject);
        };
        let endpoint = Endpoint::of_body(&body).ok_or(RequestError::UnknownShape)?;
        Ok(Request { body, endpoint })
    }

    /// A text as one message of a user, to a model or to one that is named later.
    ///
    /// ```
    /// use tokreckon::request::{CountOptions, Request};
    ///
    /// let request = Request::from_text(Some("gpt-4o"), "Hello!")?;
    /// assert_eq!(request.count(&CountOptions::default()).total().to_string(), "9");
    /// # Ok::<(), tokreckon::request::RequestError>(())
    /// ```
    pub fn from_text(model: Option<&str>, text: &str) -> Result<Request, RequestError> {
        let message = serde_json::json!({ "role": "user", "content": text });
        Request::from_value(serde_json::json!({ "model": model, "messages": [message] }))
    }

    /// The same request for an endpoint that its shape may not tell.
    #[must_use]
    pub fn for_endpoint(mut self, endpoint: Endpoint) -> Request {
        self.endpoint = endpoint;
        self
    }

    /// The endpoint it is for.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// The model that it names.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.body.get("model").and_then(Value::as_str)
    }

    /// Its body.
    #[must_use]
    pub fn body(&self) -> &Map<String, Value> {
        &self.body
    }

    /// Counts its input tokens.
    ///
    /// A model that no rule knows, and parts that no rule knows, are part of the answer.
    #[must_use]
    pub fn count(&self, options: &CountOptions) -> RequestCount {
        let model = options.model.as_deref().or(self.model());
        let mut found = model.and_then(model::find);
        if let (Some(found), Some("aws_bedrock")) = (&mut found, options.provider.as_deref()) {
            found.on_bedrock = true;
        }
        if let Some(tokenizer) = options.tokenizer {
            found = Some(model::with_tokenizer(found, tokenizer));
        }
        let mut count = RequestCount::start(self.endpoint, model.map(str::to_owned), found);
        let mut body = self.endpoint.read(&self.body);
        body.give_sizes(&options.image_sizes);
        match found {
            Some(found) => engine::count(&mut count, &body, found, options),
            None => engine::count_unknown_model(&mut count, &body),
        }
        count
    }
}

impl CountOptions {
    /// The same options with a model.
    #[must_use]
    pub fn with_model(mut self, model: impl Into<String>) -> CountOptions {
        self.model = Some(model.into());
        self
    }

    /// The same options with a provider.
    #[must_use]
    pub fn with_provider(mut self, provider: impl Into<String>) -> CountOptions {
        self.provider = Some(provider.into());
        self
    }

    /// The same options with the sizes of the images, in the order of the request.
    ///
    /// ```
    /// use tokreckon::request::{CountOptions, ImageSize, Request};
    ///
    /// let body = r#"{"model": "gpt-4o", "messages": [{"role": "user", "content": [
    ///     {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]}]}"#;
    /// let sizes = vec![ImageSize { width: 1126, height: 488 }];
    /// let count = Request::from_json(body)?.count(&CountOptions::default().with_image_sizes(sizes));
    /// assert_eq!(count.total().to_string(), "602");
    /// # Ok::<(), tokreckon::request::RequestError>(())
    /// ```
    #[must_use]
    pub fn with_image_sizes(mut self, sizes: Vec<ImageSize>) -> CountOptions {
        self.image_sizes = sizes;
        self
    }

    /// The same options with a tokenizer.
    #[must_use]
    pub fn with_tokenizer(mut self, tokenizer: Tokenizer) -> CountOptions {
        self.tokenizer = Some(tokenizer);
        self
    }

    /// The same options with a day.
    #[must_use]
    pub fn with_date(mut self, date: Date) -> CountOptions {
        self.date = Some(date);
        self
    }
}

/// Parses JSON of a limited length.
fn parse(text: &[u8]) -> Result<Value, RequestError> {
    match text.len() {
        bytes if bytes > BYTE_LIMIT => Err(RequestError::TooLong { bytes, limit: BYTE_LIMIT }),
        _ => Ok(serde_json::from_slice(text)?),
    }
}

/// Holds a value to the limits, without recursion.
fn within_limits(value: &Value) -> Result<(), RequestError> {
    let (mut left, mut values) = (vec![(value, 1)], 0);
    while let Some((value, depth)) = left.pop() {
        values += 1;
        if values > VALUE_LIMIT {
            return Err(RequestError::TooManyValues { limit: VALUE_LIMIT });
        }
        if depth > DEPTH_LIMIT {
            return Err(RequestError::TooDeep { limit: DEPTH_LIMIT });
        }
        match value {
            Value::Array(items) => left.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(fields) => left.extend(fields.values().map(|field| (field, depth + 1))),
            _ => {}
        }
    }
    Ok(())
}

/// A request may be so long, bytes: `OpenAI` takes 512 MB at most, most of it images.
const BYTE_LIMIT: usize = 512 << 20;
/// Lists and objects may be nested so deeply.
const DEPTH_LIMIT: usize = 128;
/// A request may have so many values, token ids among them.
const VALUE_LIMIT: usize = 20_000_000;
