//! One response, one charge: a JSON text in, the amount with its grade out.
//!
//! ```
//! use tokreckon::prelude::*;
//!
//! let body = r#"{"model": "o1-mini", "created": 1744186226, "usage": {"prompt_tokens": 57,
//!     "completion_tokens": 2167, "prompt_tokens_details": {"cached_tokens": 0}}}"#;
//! let charge = PriceBook::builtin().price_response("openai", body)?;
//! assert_eq!(charge.to_string(), "0.0095975 USD (exact)");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::book::{PriceBook, Query};
use crate::charge::{Charge, Terms};
use crate::hint::Hint;
use crate::ledger::NotCharged;
use crate::read::{Item, Options, ReadError, Reject, read};
use crate::record::Record;
use crate::time::Period;

/// Why a response has no charge.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// It cannot be read at all.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is no response with usage.
    #[error("{}", .0.problem)]
    Rejected(Reject),
    /// It holds so many records of usage, not one: read them with [`read`].
    #[error("{0} records of usage, not one")]
    NotOne(usize),
    /// It was read, and has no price.
    #[error(transparent)]
    NotCharged(#[from] NotCharged),
}

impl ResponseError {
    /// Stable code for machines.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Read(_) => "not-read",
            Self::Rejected(reject) => reject.problem.code(),
            Self::NotOne(_) => "not-one-record",
            Self::NotCharged(reason) => reason.code(),
        }
    }

    /// What to do about it, if anything.
    #[must_use]
    pub fn hint(&self, book: &PriceBook<'_>) -> Option<Hint> {
        match self {
            Self::Read(_) => Some(
                "it is to be one JSON object with a `usage` or `usageMetadata` object in it: an answer \
                 that failed has none"
                    .into(),
            ),
            Self::Rejected(reject) => reject.problem.hint().map(Hint::from),
            Self::NotOne(_) => Some("read them as a log, which may hold any number".into()),
            Self::NotCharged(NotCharged::NoTime) => Some(
                "such responses do not say when they were made: give the time beside the text"
                    .into(),
            ),
            Self::NotCharged(NotCharged::NoProvider) => {
                Some("say who sends the bill, such as `openai`".into())
            }
            Self::NotCharged(reason) => reason.hint(book),
        }
    }
}

impl<'b> PriceBook<'b> {
    /// The charge of one response as a provider sent it: its model, its time, its service tier, its
    /// usage. `provider` is who sends the bill; empty where the response says so itself.
    ///
    /// # Errors
    /// When it cannot be read, says no time as those of Anthropic and Google (then
    /// [`Self::price_response_at`] helps), or has no price.
    pub fn price_response(&self, provider: &str, body: &str) -> Result<Charge<'b>, ResponseError> {
        self.price_one(provider, body, None)
    }

    /// The same, at this time where the response does not say one.
    ///
    /// # Errors
    /// When it cannot be read or has no price.
    pub fn price_response_at(
        &self,
        provider: &str,
        body: &str,
        period: Period,
    ) -> Result<Charge<'b>, ResponseError> {
        self.price_one(provider, body, Some(period))
    }

    fn price_one(
        &self,
        provider: &str,
        body: &str,
        undated: Option<Period>,
    ) -> Result<Charge<'b>, ResponseError> {
        let options = Options { provider, ..Options::default() };
        let (mut charges, mut reject) = (Vec::new(), None);
        read(body.as_bytes(), &options, &mut |item| match item {
            Item::Record(record) => charges.push(self.charge_record(record, undated)),
            Item::Reject(rejected) => reject = Some(rejected),
            _ => {}
        })?;
        match (charges.len(), reject) {
            (_, Some(reject)) => Err(ResponseError::Rejected(reject)),
            (1, None) => charges.swap_remove(0).map_err(ResponseError::NotCharged),
            (several, None) => Err(ResponseError::NotOne(several)),
        }
    }

    /// The charge of one record at list price; `undated` is its time where it does not say one.
    ///
    /// # Errors
    /// When it has no provider, no model, no time or no price, or its counts contradict each other.
    pub fn charge_record(
        &self,
        record: &Record<'_>,
        undated: Option<Period>,
    ) -> Result<Charge<'b>, NotCharged> {
        let mut usage = record.totals.unwrap_or_default().to_usage()?;
        let period = record.period.or(undated).ok_or(NotCharged::NoTime)?;
        if record.provider.is_empty() {
            return Err(NotCharged::NoProvider);
        }
        if record.model.is_empty() {
            return Err(NotCharged::NoModel);
        }
        let card = self.find(&Query {
            provider: record.provider,
            model: record.model,
            period,
            service_tier: record.service_tier,
            variant: record.variant,
        })?;
        record.complete(&mut usage, &card, card.lists_requests());
        Ok(card.charge_with(&usage, record.shape, Terms::LIST)?)
    }
}
