//! The answer: every part of a request with its tokens, its rule and why, and their sum.

use tokreckon_tokenizer::Tokenizer;

use super::model::Found;
use super::read::Endpoint;
use super::tokens::Tokens;

/// The tokens of one part of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartCount {
    /// Which part: `message 2 (user)`, `2 functions`, `opening of the reply`.
    pub part: String,
    /// The rule that counted it; [`rule`](super::rule) says more.
    pub rule: &'static str,
    /// Its tokens.
    pub tokens: Tokens,
    /// What is uncertain or could not be counted, and why.
    pub note: Option<String>,
}

/// The tokens of a whole request, part by part.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestCount {
    /// The endpoint it was read for.
    pub endpoint: Endpoint,
    /// The model, as the request or the caller named it.
    pub model: Option<String>,
    /// The family of models whose rules were used; `None` for a model that no rule knows.
    pub family: Option<&'static str>,
    /// What counts the texts; for a band, what it stands on. `None` for an unknown model.
    pub tokenizer: Option<Tokenizer>,
    /// The parts, in the order of the request.
    pub parts: Vec<PartCount>,
    /// The provider's own count, where the caller supplied one.
    pub provider_count: Option<u64>,
}

impl RequestCount {
    /// The input tokens of the request: the provider's own count where there is one, else the sum of
    /// the parts, which is exact only if every part is.
    #[must_use]
    pub fn total(&self) -> Tokens {
        match self.provider_count {
            Some(tokens) => Tokens::exact(tokens),
            None => self.sum(),
        }
    }

    /// The sum of the parts, whatever the provider said.
    #[must_use]
    pub fn sum(&self) -> Tokens {
        self.parts.iter().fold(Tokens::NONE, |sum, part| sum.plus(part.tokens))
    }

    /// The same count with the provider's own number as its total (from a `count_tokens` endpoint, or
    /// the `usage` of the same request sent before).
    ///
    /// ```
    /// use tokreckon::request::{CountOptions, Request};
    ///
    /// let body = r#"{"model": "claude-haiku-4-5", "messages": [{"role": "user", "content": "Hi"}]}"#;
    /// let count = Request::from_json(body)?.count(&CountOptions::default());
    /// assert!(count.total().to_string().starts_with("about "));
    /// assert_eq!(count.with_provider_count(8).total().to_string(), "8");
    /// # Ok::<(), tokreckon::request::RequestError>(())
    /// ```
    #[must_use]
    pub fn with_provider_count(mut self, tokens: u64) -> RequestCount {
        self.provider_count = Some(tokens);
        self
    }

    /// A count without parts.
    pub(crate) fn start(endpoint: Endpoint, model: Option<String>, found: Option<Found>) -> Self {
        RequestCount {
            endpoint,
            model,
            family: found.map(|found| found.family.name),
            tokenizer: found.map(|found| {
                let band = Tokenizer::OpenAi(found.family.kind.encoding());
                found.given.or(found.tokenizer).unwrap_or(band)
            }),
            parts: Vec::new(),
            provider_count: None,
        }
    }

    /// Widens the bands of the largest parts: for what is known of the whole request only.
    pub(crate) fn widen(&mut self, less: u64, more: u64, note: &str) {
        let mut largest: Vec<&mut PartCount> = self.parts.iter_mut().collect();
        largest.sort_by_key(|part| std::cmp::Reverse(part.tokens.band().low));
        let (mut less, mut more) = (less, more);
        for part in largest {
            let taken = less.min(part.tokens.band().low);
            part.tokens = part.tokens.widened(taken, more);
            part.note.get_or_insert_with(|| note.to_owned());
            (less, more) = (less - taken, 0);
            if less == 0 {
                break;
            }
        }
    }

    /// Adds a part.
    pub(crate) fn add(&mut self, part: impl Into<String>, rule: &'static str, tokens: Tokens) {
        self.parts.push(PartCount { part: part.into(), rule, tokens, note: None });
    }

    /// Adds a part with a note.
    pub(crate) fn add_noted(
        &mut self,
        part: impl Into<String>,
        rule: &'static str,
        tokens: Tokens,
        note: impl Into<String>,
    ) {
        self.parts.push(PartCount { part: part.into(), rule, tokens, note: Some(note.into()) });
    }
}
