//! The price book: its lists, and what differs from another or between its sources.

use super::{RateDocument, SellerPricesDocument};
use crate::differences::{Competing, Difference, DifferenceOutcome, moment, ratio};
use crate::price::Rate;

/// Prices of a model at its sellers: what `prices show` answers for all of time, or for one seller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PricesDocument {
    /// Shape and its version: [`PricesDocument::SCHEMA`].
    pub schema: String,
    /// One each seller.
    pub sellers: Vec<SellerPricesDocument>,
}

/// Unit prices of every model that some words name: what `prices list WORDS` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PriceListDocument {
    /// Shape and its version: [`PriceListDocument::SCHEMA`].
    pub schema: String,
    /// Every model at every seller.
    pub models: Vec<SellerPricesDocument>,
    /// Models without a plain price then: other tiers, variants or times only.
    pub without_price: u64,
}

/// Everybody whose prices the book holds: what `prices list` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PriceProvidersDocument {
    /// Shape and its version: [`PriceProvidersDocument::SCHEMA`].
    pub schema: String,
    /// Sorted by id.
    pub providers: Vec<PriceProviderDocument>,
}

/// How many prices of a provider the book holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PriceProviderDocument {
    /// Its id.
    pub provider: String,
    /// Models with a price.
    pub models: u64,
    /// Their prices, of all times.
    pub prices: u64,
    /// Day on which the newest of them was last seen.
    pub seen: String,
}

/// Two price books, compared: what `prices diff` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PricesDiffDocument {
    /// Shape and its version: [`PricesDiffDocument::SCHEMA`].
    pub schema: String,
    /// The first book.
    pub left: String,
    /// The second book.
    pub right: String,
    /// How many prices came to what, those included that are not listed.
    pub counts: OutcomesDocument,
    /// The prices that were asked for.
    pub prices: Vec<DifferenceDocument>,
}

/// How many prices came to what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OutcomesDocument {
    /// The same in both books.
    pub same: u64,
    /// In both books, and not the same.
    pub differ: u64,
    /// In the first book only.
    pub left: u64,
    /// In the second book only.
    pub right: u64,
}

/// A price of two books.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DifferenceDocument {
    /// Who sends the bill.
    pub provider: String,
    /// Model id.
    pub model: String,
    /// What is counted.
    pub meter: String,
    /// Service tier.
    pub service_tier: String,
    /// Region or other variant; empty for none.
    pub variant: String,
    /// Hours in which it holds; empty for all.
    pub hours: String,
    /// Fewest prompt tokens with which it holds; 0 for always.
    pub from_tokens: u64,
    /// True when it applies to what is beyond the threshold only.
    pub marginal: bool,
    /// Currency.
    pub currency: String,
    /// Start of the period; none where neither book gives one.
    pub from: Option<String>,
    /// End of the period; none where neither book gives one.
    pub until: Option<String>,
    /// `same`, `differ`, `left` or `right`.
    pub outcome: String,
    /// The price of the first book.
    pub left: Option<RateDocument>,
    /// The price of the second book.
    pub right: Option<RateDocument>,
    /// The second amount divided by the first, where they differ.
    pub ratio: Option<String>,
}

/// Where sources disagree about a price: what `prices conflicts` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ConflictsDocument {
    /// Shape and its version: [`ConflictsDocument::SCHEMA`].
    pub schema: String,
    /// Every competing value.
    pub conflicts: Vec<CompetingDocument>,
}

/// A price of the book and another source's value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CompetingDocument {
    /// Who sends the bill.
    pub provider: String,
    /// Model id.
    pub model: String,
    /// The price of the book.
    pub price: RateDocument,
    /// The other amount, in the unit of the price.
    pub also_seen: String,
    /// Who gives it, and when it was seen.
    pub by: String,
    /// The other amount divided by that of the book.
    pub ratio: Option<String>,
}

impl PricesDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-prices/2";

    /// Prices of these sellers.
    #[must_use]
    pub fn new(sellers: Vec<SellerPricesDocument>) -> Self {
        Self { schema: Self::SCHEMA.to_owned(), sellers }
    }
}

impl PriceListDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-price-list/1";

    /// Prices of these models, and how many models have no plain one.
    #[must_use]
    pub fn new(models: Vec<SellerPricesDocument>, without_price: u64) -> Self {
        Self { schema: Self::SCHEMA.to_owned(), models, without_price }
    }
}

impl PriceProvidersDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-price-providers/1";

    /// Providers and how many of their models have a price, how many prices, and the day on which
    /// the newest was last seen.
    #[must_use]
    pub fn new<'p>(providers: impl IntoIterator<Item = (&'p str, [u64; 2], String)>) -> Self {
        let providers = providers.into_iter().map(|(provider, [models, prices], seen)| {
            PriceProviderDocument { provider: provider.to_owned(), models, prices, seen }
        });
        Self { schema: Self::SCHEMA.to_owned(), providers: providers.collect() }
    }
}

impl PricesDiffDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-prices-diff/1";

    /// Everything that was found between two books, of which these outcomes are listed.
    #[must_use]
    pub fn new(
        [left, right]: [String; 2],
        found: &[Difference<'_>],
        is_listed: impl Fn(DifferenceOutcome) -> bool,
    ) -> Self {
        let count = |outcome| found.iter().filter(|line| line.outcome == outcome).count() as u64;
        let [same, differ, only_left, only_right] = DifferenceOutcome::ALL.map(count);
        let listed = found.iter().filter(|line| is_listed(line.outcome));
        Self {
            schema: Self::SCHEMA.to_owned(),
            left,
            right,
            counts: OutcomesDocument { same, differ, left: only_left, right: only_right },
            prices: listed.map(DifferenceDocument::from).collect(),
        }
    }
}

impl From<&Difference<'_>> for DifferenceDocument {
    fn from(line: &Difference<'_>) -> Self {
        let (from, until) = line.period;
        let both = line.left.as_ref().zip(line.right.as_ref());
        let both = both.filter(|_| line.outcome == DifferenceOutcome::Differ);
        Self {
            provider: line.provider.to_owned(),
            model: line.model.to_owned(),
            meter: line.meter.to_string(),
            service_tier: line.conditions.service_tier.to_string(),
            variant: line.conditions.variant.to_owned(),
            hours: line.conditions.hours.clone(),
            from_tokens: line.conditions.from_tokens,
            marginal: line.conditions.marginal,
            currency: line.conditions.currency.to_owned(),
            from: from.map(moment),
            until: until.map(moment),
            outcome: line.outcome.as_str().to_owned(),
            left: line.left.as_ref().map(RateDocument::from),
            right: line.right.as_ref().map(RateDocument::from),
            ratio: both.and_then(|(left, right)| ratio(left, right)),
        }
    }
}

impl ConflictsDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-prices-conflicts/1";

    /// These competing values.
    #[must_use]
    pub fn new(conflicts: Vec<CompetingDocument>) -> Self {
        Self { schema: Self::SCHEMA.to_owned(), conflicts }
    }
}

impl CompetingDocument {
    /// Another source's value beside a price of a provider's model.
    #[must_use]
    pub fn new(provider: &str, model: &str, rate: &Rate<'_>, other: &Competing) -> Self {
        Self {
            provider: provider.to_owned(),
            model: model.to_owned(),
            price: RateDocument::from(rate),
            also_seen: other.amount.clone(),
            by: other.by.clone(),
            ratio: other.ratio.clone(),
        }
    }
}
