//! Why the book has no card, and what to do about it.

use std::error::Error;
use std::fmt;

use super::PriceBook;
use crate::hint::{Hint, Setting};
use crate::price::ServiceTier;

/// Why the book has no card.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindError {
    /// No such provider.
    UnknownProvider {
        /// As asked.
        provider: String,
    },
    /// The provider has no such model.
    UnknownModel {
        /// Who sends the bill.
        provider: String,
        /// As asked.
        model: String,
    },
    /// The model is priced, but not then.
    NotInForce {
        /// Who sends the bill.
        provider: String,
        /// Model id as listed.
        model: String,
        /// The periods it has prices for.
        known: String,
        /// True when the first period starts where a source first saw the price, not where it began.
        first_seen: bool,
    },
    /// A price is known, but not since when; the usage is older than its first sighting.
    StartUnknown {
        /// Who sends the bill.
        provider: String,
        /// Model id as listed.
        model: String,
        /// Day of the sighting.
        seen: String,
    },
    /// Not priced in this service tier.
    NoSuchServiceTier {
        /// Who sends the bill.
        provider: String,
        /// Model id as listed.
        model: String,
        /// As asked.
        service_tier: ServiceTier,
        /// Tiers that are priced.
        known: Vec<String>,
    },
    /// Not priced in this region or variant.
    NoSuchVariant {
        /// Who sends the bill.
        provider: String,
        /// Model id as listed.
        model: String,
        /// As asked; empty for none.
        variant: String,
        /// Variants that are priced.
        known: Vec<String>,
    },
    /// Prices of one threshold disagree on how a prompt is compared with it, or on what it charges.
    MixedPriceTier {
        /// Who sends the bill.
        provider: String,
        /// Model id as listed.
        model: String,
        /// The threshold.
        threshold: u64,
    },
    /// Prices in several currencies answer the question.
    SeveralCurrencies {
        /// Who sends the bill.
        provider: String,
        /// Model id as listed.
        model: String,
    },
}

impl fmt::Display for FindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownProvider { provider } => {
                write!(f, "no provider `{provider}` in the price book")
            }
            Self::UnknownModel { provider, model } => {
                write!(f, "no price for model `{model}` at `{provider}`")
            }
            Self::NotInForce { provider, model, known, .. } => {
                write!(f, "no price in force for `{model}` at `{provider}`: the book knows {known}")
            }
            Self::StartUnknown { provider, model, seen } => write!(
                f,
                "the price of `{model}` at `{provider}` was seen on {seen}; since when it holds is not known"
            ),
            Self::NoSuchServiceTier { provider, model, service_tier, known } => {
                let known = known.join(", ");
                write!(
                    f,
                    "no {service_tier} price for `{model}` at `{provider}`: the book has {known}"
                )
            }
            Self::NoSuchVariant { provider, model, variant, known } => {
                let known = known.join(", ");
                write!(
                    f,
                    "no price for `{model}` at `{provider}` with variant `{variant}`: the book has {known}"
                )
            }
            Self::MixedPriceTier { provider, model, threshold } => write!(
                f,
                "the prices of `{model}` at `{provider}` beyond {threshold} tokens differ in comparison or scope"
            ),
            Self::SeveralCurrencies { provider, model } => {
                write!(f, "`{model}` at `{provider}` is priced in several currencies")
            }
        }
    }
}

impl Error for FindError {}

impl FindError {
    /// Stable code for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownProvider { .. } => "unknown-provider",
            Self::UnknownModel { .. } => "unknown-model",
            Self::NotInForce { .. } => "not-in-force",
            Self::StartUnknown { .. } => "start-unknown",
            Self::NoSuchServiceTier { .. } => "no-such-service-tier",
            Self::NoSuchVariant { .. } => "no-such-variant",
            Self::MixedPriceTier { .. } => "mixed-price-tier",
            Self::SeveralCurrencies { .. } => "several-currencies",
        }
    }

    /// What to do about it, if anything. Near names are looked for here, in the book that was asked,
    /// and not before: an error that nobody prints costs nothing.
    #[must_use]
    pub fn hint(&self, book: &PriceBook<'_>) -> Option<Hint> {
        match self {
            Self::UnknownProvider { .. } => named("near names: ", &self.near(book)).map(Hint::from),
            Self::UnknownModel { provider, model } => {
                let elsewhere = book.sold_elsewhere(provider, model);
                let hints =
                    [named("near names: ", &self.near(book)), named("sold by: ", &elsewhere)];
                let text = hints.into_iter().flatten().collect::<Vec<_>>().join("; ");
                Some(if text.is_empty() { Hint::own_price() } else { text.into() })
            }
            Self::NotInForce { first_seen: true, .. } => Some(Hint::around(
                "the price may be older than its first sighting: if you know it held, give it with ",
                Setting::Prices,
                "",
            )),
            Self::StartUnknown { .. } => Some(Hint::around(
                "give the period in a price file of your own with ",
                Setting::Prices,
                "",
            )),
            Self::MixedPriceTier { .. } => Some(
                "give every meter of the price tier in your price file, with one `above`".into(),
            ),
            _ => None,
        }
    }

    /// Names of the book that are spelled nearly like the one that it does not have.
    #[must_use]
    pub fn near(&self, book: &PriceBook<'_>) -> Vec<String> {
        match self {
            Self::UnknownProvider { provider } => book.near_providers(provider),
            Self::UnknownModel { provider, model } => {
                let near = book.near_models(Some(provider), model).into_iter();
                near.take(3).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn named(label: &str, names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| format!("{label}{}", names.join(", ")))
}
