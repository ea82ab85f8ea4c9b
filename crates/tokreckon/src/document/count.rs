//! Tokens of texts, requests and batch files.

use crate::request::{PartCount, RequestCount, TokenClass, Tokens};

/// Tokens of texts, of whole requests and of batch files: what `count` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CountDocument {
    /// Shape and its version: [`CountDocument::SCHEMA`].
    pub schema: String,
    /// Texts.
    pub texts: Vec<TextCountDocument>,
    /// Whole requests.
    pub requests: Vec<RequestCountDocument>,
    /// Batch files.
    pub batches: Vec<BatchCountDocument>,
}

/// Tokens of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TextCountDocument {
    /// What it is called.
    pub file: String,
    /// Name of the encoding; for `estimate`, the one that the band stands on.
    pub encoding: String,
    /// Bytes in UTF-8.
    pub bytes: u64,
    /// Tokens; of a band, the most likely number.
    pub tokens: u64,
    /// Lower bound.
    pub low: u64,
    /// Upper bound.
    pub high: Option<u64>,
    /// `exact`, `assumed`, or `estimate`: between the bounds.
    pub kind: String,
    /// What it takes for granted, in words.
    pub assumptions: Vec<String>,
    /// What is billed for it as the one message of a user, where a model is named.
    pub as_request: Option<TokensDocument>,
}

/// Tokens of a request, part by part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RequestCountDocument {
    /// What it is called.
    pub file: String,
    /// The endpoint it was read for.
    pub endpoint: String,
    /// The model, as the request or the caller names it.
    pub model: Option<String>,
    /// What counts its texts; none for an unknown model.
    pub encoding: Option<String>,
    /// All of it.
    pub total: TokensDocument,
    /// Its parts, in the order of the request.
    pub parts: Vec<PartCountDocument>,
}

/// Tokens of one part of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PartCountDocument {
    /// Which part.
    pub part: String,
    /// The rule that counted it.
    pub rule: String,
    /// Its tokens.
    pub tokens: TokensDocument,
    /// What is uncertain or could not be counted, and why.
    pub note: Option<String>,
}

/// Tokens of a batch file, by model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BatchCountDocument {
    /// What it is called.
    pub file: String,
    /// Lines that are not blank.
    pub lines: u64,
    /// Lines that cannot be read.
    pub rejected: u64,
    /// Lines whose id another line had before.
    pub duplicate_ids: u64,
    /// Sums by model.
    pub models: Vec<ModelCountDocument>,
}

/// Tokens of the requests to one model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ModelCountDocument {
    /// The model; empty where none is named.
    pub model: String,
    /// How many requests.
    pub requests: u64,
    /// Their tokens.
    pub tokens: TokensDocument,
    /// Requests of which a part could not be counted.
    pub not_fully_counted: u64,
}

/// A number of tokens and how much it can be trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TokensDocument {
    /// `exact`, `estimate` (between two bounds) or `at least`.
    pub kind: String,
    /// The most likely number; of what is counted in part, the part.
    pub likely: u64,
    /// Lower bound.
    pub low: u64,
    /// Upper bound; none where a part cannot be counted.
    pub high: Option<u64>,
}

impl CountDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-count/1";

    /// These counts.
    #[must_use]
    pub fn new(
        texts: Vec<TextCountDocument>,
        requests: Vec<RequestCountDocument>,
        batches: Vec<BatchCountDocument>,
    ) -> Self {
        Self { schema: Self::SCHEMA.to_owned(), texts, requests, batches }
    }
}

impl TextCountDocument {
    /// A text of this name and so many bytes, counted by an encoding; `assumptions` are what that takes
    /// for granted.
    #[must_use]
    pub fn new(
        file: &str,
        encoding: &str,
        bytes: u64,
        tokens: Tokens,
        assumptions: Vec<String>,
    ) -> Self {
        let TokensDocument { kind, likely, low, high } = tokens.into();
        let is_assumed = tokens.class() == TokenClass::Exact && !assumptions.is_empty();
        Self {
            file: file.to_owned(),
            encoding: encoding.to_owned(),
            bytes,
            tokens: likely,
            low,
            high,
            kind: if is_assumed { "assumed".to_owned() } else { kind },
            assumptions,
            as_request: None,
        }
    }

    /// The same with what is billed for it as a request.
    #[must_use]
    pub fn sent_as(self, request: Option<Tokens>) -> Self {
        Self { as_request: request.map(TokensDocument::from), ..self }
    }
}

impl RequestCountDocument {
    /// The request of a file.
    #[must_use]
    pub fn new(file: &str, count: &RequestCount) -> Self {
        Self {
            file: file.to_owned(),
            endpoint: count.endpoint.name().to_owned(),
            model: count.model.clone(),
            encoding: count.tokenizer.map(|tokenizer| tokenizer.name().to_owned()),
            total: count.total().into(),
            parts: count.parts.iter().map(PartCountDocument::from).collect(),
        }
    }
}

impl From<&PartCount> for PartCountDocument {
    fn from(part: &PartCount) -> Self {
        Self {
            part: part.part.clone(),
            rule: part.rule.to_owned(),
            tokens: part.tokens.into(),
            note: part.note.clone(),
        }
    }
}

impl BatchCountDocument {
    /// A batch file of so many lines.
    #[must_use]
    pub fn new(
        file: &str,
        [lines, rejected, duplicate_ids]: [u64; 3],
        models: Vec<ModelCountDocument>,
    ) -> Self {
        Self { file: file.to_owned(), lines, rejected, duplicate_ids, models }
    }
}

impl ModelCountDocument {
    /// So many requests to a model, and of how many of them a part could not be counted.
    #[must_use]
    pub fn new(model: &str, requests: u64, tokens: Tokens, not_fully_counted: u64) -> Self {
        Self { model: model.to_owned(), requests, tokens: tokens.into(), not_fully_counted }
    }
}

impl TokensDocument {
    /// A number of tokens by its bounds.
    #[must_use]
    pub fn between(likely: u64, low: u64, high: Option<u64>) -> Self {
        let kind = match high {
            None => "at least",
            Some(high) if high == low => "exact",
            Some(_) => "estimate",
        };
        Self { kind: kind.to_owned(), likely, low, high }
    }
}

impl From<Tokens> for TokensDocument {
    fn from(tokens: Tokens) -> Self {
        let band = tokens.band();
        let kind = match tokens.class() {
            TokenClass::Exact => "exact",
            TokenClass::Estimate => "estimate",
            TokenClass::Unknown => "at least",
        };
        Self { kind: kind.to_owned(), likely: band.likely, low: band.low, high: band.high }
    }
}
