//! Counting by a tokenizer that the caller has as a file: what may not be shipped, and what is not known
//! here.
//!
//! | file | known by | counts by |
//! |---|---|---|
//! | `tokenizer.json` of Hugging Face | a JSON object with `model` | its normalizer, pre-tokenizer and merges |
//! | `tekken.json` of Mistral | a JSON object with `vocab` and `config` | its pattern and ranks |
//! | `.tiktoken`, `tokenizer.model` of Llama 3 and 4 | lines of Base64 and a rank | its ranks; the pattern is [assumed](TokenizerFile::assumption) by their number |
//! | `.model` of `SentencePiece` | its protobuf | the scores of its pieces |
//!
//! What a file asks for and is not known here is an error that names it: nothing is counted by half.

mod pattern;
mod own;
mod split;
mod normal;
mod hugging_face;
mod ranks;
mod sentence_piece;

use std::error::Error;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ptr;

use hugging_face::HuggingFace;
use ranks::Ranks;
use sentence_piece::SentencePiece;

/// A tokenizer that was read from a file.
///
/// It counts ordinary text: no token that begins or ends a text is added, and text that spells a special
/// token is text.
#[derive(Debug)]
pub struct TokenizerFile {
    name: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    HuggingFace(Box<HuggingFace>),
    Ranks(Ranks),
    SentencePiece(SentencePiece),
}

/// Why a file is no tokenizer that can be counted by.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenizerFileError {
    /// What is wrong, or not known.
    pub message: String,
}

impl TokenizerFileError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    fn unknown(what: &str, name: &str) -> Self {
        Self::new(format!(
            "{what} `{name}` is not known here, so nothing can be counted by the file"
        ))
    }
}

/// Only itself: two files of one name may be different.
impl PartialEq for TokenizerFile {
    fn eq(&self, other: &Self) -> bool {
        ptr::eq(self, other)
    }
}

impl Eq for TokenizerFile {}

impl Hash for TokenizerFile {
    fn hash<H: Hasher>(&self, state: &mut H) {
        ptr::hash(self, state);
    }
}

impl fmt::Display for TokenizerFileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Error for TokenizerFileError {}

impl TokenizerFile {
    /// Reads a file; `name` is what it is called by.
    ///
    /// # Errors
    ///
    /// A file of another kind, or one that asks for something that is not known here, named.
    pub fn from_bytes(name: impl Into<String>, bytes: &[u8]) -> Result<Self, TokenizerFileError> {
        let kind = if bytes.trim_ascii_start().first() == Some(&b'{') {
            let value = serde_json::from_slice(bytes)
                .map_err(|error| TokenizerFileError::new(format!("not JSON: {error}")))?;
            if hugging_face::fits(&value) {
                Kind::HuggingFace(Box::new(HuggingFace::read(&value)?))
            } else if ranks::fits(&value) {
                Kind::Ranks(Ranks::of_tekken(&value)?)
            } else {
                let message =
                    "a JSON object with neither `model` nor `vocab` and `config`: no tokenizer";
                return Err(TokenizerFileError::new(message));
            }
        } else if let Some(text) = ranks::lines(bytes) {
            Kind::Ranks(Ranks::of_lines(text)?)
        } else {
            Kind::SentencePiece(SentencePiece::read(bytes)?)
        };
        Ok(Self { name: name.into(), kind })
    }

    /// What it is called by.
    #[must_use]
    pub const fn name(&self) -> &str {
        self.name.as_str()
    }

    /// What is assumed of it, where the file does not say all that its counts depend on.
    #[must_use]
    pub fn assumption(&self) -> Option<&str> {
        match &self.kind {
            Kind::Ranks(tokenizer) => tokenizer.assumed.as_deref(),
            Kind::HuggingFace(_) | Kind::SentencePiece(_) => None,
        }
    }

    /// The number of tokens of a text.
    #[must_use]
    pub fn count(&self, text: &str) -> usize {
        match &self.kind {
            Kind::HuggingFace(tokenizer) => tokenizer.count(text),
            Kind::Ranks(tokenizer) => tokenizer.count(text),
            Kind::SentencePiece(tokenizer) => tokenizer.count(text),
        }
    }
}
