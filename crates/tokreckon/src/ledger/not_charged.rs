//! Records without a charge: why, and how many.

use std::sync::Arc;

use crate::book::{FindError, PriceBook};
use crate::hint::{Hint, Setting};
use crate::lookup::Grow;
use crate::money::InexactError;
use crate::usage::UsageError;

/// Why a record has no charge.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotCharged {
    /// The source does not say who sends the bill.
    #[error("no provider")]
    NoProvider,
    /// The source does not say who sends the bill, and several sell this model; none of them makes it.
    #[error("no provider: `{model}` is sold by {}", .sellers.join(", "))]
    SeveralSellers {
        /// As the usage writes it.
        model: String,
        /// Who sells it.
        sellers: Vec<String>,
    },
    /// The source does not say who sends the bill, and nobody in the book sells this model.
    #[error("no provider in the price book sells `{model}`")]
    UnknownModel {
        /// As the usage writes it.
        model: String,
    },
    /// The source does not say which model.
    #[error("no model")]
    NoModel,
    /// The source does not say when.
    #[error("no time")]
    NoTime,
    /// The book has no card.
    #[error(transparent)]
    NoCard(#[from] FindError),
    /// The counts contradict each other.
    #[error(transparent)]
    Impossible(#[from] UsageError),
    /// As it was said when the ledger was saved.
    #[error("{reason}")]
    AsSaved {
        /// The code of that time.
        code: String,
        /// The reason of that time.
        reason: String,
    },
    /// The cost by the price is no finite decimal.
    #[error("no exact cost: a price per unit of time or the like does not divide by these counts")]
    NoExactCost(#[from] InexactError),
}

impl NotCharged {
    /// Stable code for machines.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::NoProvider => "no-provider",
            Self::SeveralSellers { .. } => "several-sellers",
            Self::UnknownModel { .. } => "unknown-model",
            Self::NoModel => "no-model",
            Self::NoTime => "no-time",
            Self::NoCard(error) => error.code(),
            Self::Impossible(_) => "impossible-usage",
            Self::NoExactCost(_) => "no-exact-cost",
            Self::AsSaved { code, .. } => code,
        }
    }

    /// What to do about it, if anything.
    #[must_use]
    pub fn hint(&self, book: &PriceBook<'_>) -> Option<Hint> {
        match self {
            Self::NoProvider | Self::SeveralSellers { .. } => {
                Some(Hint::around("name it with ", Setting::Provider, ""))
            }
            Self::NoTime => {
                let column = Setting::Columns("time=…".into());
                let hint = Hint::around("name the column with ", column, ", or the time with ");
                Some(hint.and(Setting::Time, ""))
            }
            Self::NoCard(error) => error.hint(book),
            Self::NoExactCost(_) => {
                Some("give the price of the smallest unit that is billed, such as a second".into())
            }
            Self::NoModel => {
                let column = Setting::Columns("model=…".into());
                let after = ", or price the file as one model: ";
                Some(Hint::around("name the column with ", column, after).and(Setting::Model, ""))
            }
            Self::UnknownModel { model } => {
                let near: Vec<&str> = book.near_models(None, model).into_iter().take(3).collect();
                Some(if near.is_empty() {
                    Hint::own_price()
                } else {
                    format!("near names: {}", near.join(", ")).into()
                })
            }
            Self::Impossible(_) | Self::AsSaved { .. } => None,
        }
    }
}

/// Records that were not charged for one reason.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NotChargedTally {
    /// The reason: one for all groups that have it.
    pub reason: Arc<NotCharged>,
    /// What to do about it; only in the total of a report, for the reasons that it tells one by one
    /// ([`Report::open_points`](crate::report::Report::open_points)).
    pub hint: Option<Hint>,
    /// How many records.
    pub records: u64,
    /// Their input tokens as far as reported, cached and written ones included.
    pub input_tokens: u128,
    /// Their input tokens served from a cache, as far as reported.
    pub cached_tokens: u128,
    /// Their output tokens as far as reported, reasoning included.
    pub output_tokens: u128,
}

impl NotChargedTally {
    /// No records yet.
    pub(crate) const fn new(reason: Arc<NotCharged>) -> Self {
        Self { reason, hint: None, records: 0, input_tokens: 0, cached_tokens: 0, output_tokens: 0 }
    }

    /// The records of another tally of the same reason.
    pub(crate) fn absorb(&mut self, other: &Self) {
        // Of reasons that read alike, the same one in any order.
        if self.reason != other.reason
            && format!("{:?}", other.reason) < format!("{:?}", self.reason)
        {
            self.reason = Arc::clone(&other.reason);
        }
        self.records.grow(other.records);
        self.input_tokens.grow(other.input_tokens);
        self.cached_tokens.grow(other.cached_tokens);
        self.output_tokens.grow(other.output_tokens);
    }
}
