//! Tokens of a text alone, without the frame of a request.

use tokreckon_tokenizer::{Standing, Tokenizer};

use super::engine::text_band;
use super::model::find;
use super::tokens::Tokens;

/// No rule knows a model, so neither its tokenizer nor a band.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no tokenizer and no band is known for model `{model}`")]
#[non_exhaustive]
pub struct UnknownModel {
    /// As asked.
    pub model: String,
}

impl UnknownModel {
    /// Stable code for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "unknown-model"
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        "count with a tokenizer of your own: `tokreckon_tokenizer::Tokenizer`"
    }
}

/// The tokens of a text alone for a model: exact where its maker documents the tokenizer and it is here,
/// else a band. What stands around texts in a request is billed as well:
/// [`Request::count`](super::Request::count) counts that.
///
/// ```
/// use tokreckon::request::{Tokens, count};
///
/// assert_eq!(count("gpt-4o", "Hello, world")?.to_string(), "3");
/// let band = count("gemini-2.5-pro", "Hello, world")?.band();
/// assert!((2..=4).contains(&band.likely));
/// assert_eq!(count("no-such-model", "Hello").unwrap_err().code(), "unknown-model");
/// # Ok::<(), tokreckon::request::UnknownModel>(())
/// ```
///
/// # Errors
/// For a model that no rule knows.
pub fn count(model: &str, text: &str) -> Result<Tokens, UnknownModel> {
    let known = Tokenizer::for_model(model);
    if let Some(found) = known
        && found.standing == Standing::Documented
        && found.tokenizer.assumption().is_none()
    {
        return Ok(Tokens::exact(found.tokenizer.count(text) as u64));
    }
    let found = find(model).ok_or_else(|| UnknownModel { model: model.to_owned() })?;
    Ok(text_band(model, found, text))
}
