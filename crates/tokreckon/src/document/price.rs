//! Priced usage, and the same usage at several sellers.

use super::{AmountDocument, ChargeDocument, LineDocument, RateDocument, UnpricedDocument, codes};
use crate::charge::Charge;
use crate::grade::{Assumption, Assumptions};
use crate::price::RateCard;
use crate::time::Period;

/// What usage cost, record by record: what `price` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ChargesDocument {
    /// Shape and its version: [`ChargesDocument::SCHEMA`].
    pub schema: String,
    /// The answer in one line, for people; none without a charge.
    pub headline: Option<String>,
    /// What the answer rests on, for people.
    pub notes: Vec<String>,
    /// One each record.
    pub charges: Vec<PricedUsageDocument>,
}

/// One priced record: a [`ChargeDocument`] and whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PricedUsageDocument {
    /// File and line, or `command line`.
    pub usage: String,
    /// Who sends the bill.
    pub provider: String,
    /// Model id as the book lists it.
    pub model: String,
    /// `exact`, `assumed`, `between` or `unknown`.
    pub grade: String,
    /// What it comes to.
    pub total: AmountDocument,
    /// Codes of what makes it a range; see [`Doubt::code`](crate::grade::Doubt::code).
    pub doubts: Vec<String>,
    /// Codes of what it takes for granted; see [`Assumption::code`].
    pub assumptions: Vec<String>,
    /// What rounding the lines added.
    pub rounding_difference: String,
    /// The priced part.
    pub lines: Vec<LineDocument>,
    /// The part without a price.
    pub unpriced: Vec<UnpricedDocument>,
}

/// The same usage for several models at every seller, cheapest first: what `compare` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CompareDocument {
    /// Shape and its version: [`CompareDocument::SCHEMA`].
    pub schema: String,
    /// The answer in one line, for people; none without an offer.
    pub headline: Option<String>,
    /// What the answer rests on, for people.
    pub notes: Vec<String>,
    /// The models that were asked for.
    pub models: Vec<String>,
    /// The instant or period whose prices are compared.
    pub period: String,
    /// Codes of what the question takes for granted; see [`Assumption::code`].
    pub assumptions: Vec<String>,
    /// One each seller: priced ones by their upper bound in the currency of most, then those in other
    /// currencies, those that shut the model down, and unpriced ones.
    pub offers: Vec<OfferDocument>,
}

/// What usage costs at one seller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OfferDocument {
    /// Who sends the bill.
    pub provider: String,
    /// Model id as the book lists it.
    pub model: String,
    /// Region or other variant that the id names; empty for none.
    pub variant: String,
    /// The charge; none without a price.
    pub charge: Option<ChargeDocument>,
    /// Why there is no charge.
    pub unknown_because: Option<String>,
    /// The day or month in which the seller shut the model down, where that is not after the time that
    /// was asked for.
    pub retired: Option<String>,
}

/// What every seller of a model asks for: what `prices MODEL` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct UnitPricesDocument {
    /// Shape and its version: [`UnitPricesDocument::SCHEMA`].
    pub schema: String,
    /// The answer in one line, for people; none without a price.
    pub headline: Option<String>,
    /// What the answer rests on, for people.
    pub notes: Vec<String>,
    /// The model that was asked for; several with commas between.
    pub model: String,
    /// The maker first, then the cheapest.
    pub sellers: Vec<SellerPricesDocument>,
    /// Sellers without a price then.
    pub without_price: Vec<String>,
}

/// Unit prices of a model at one seller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SellerPricesDocument {
    /// Who sends the bill.
    pub provider: String,
    /// Model id as the book lists it.
    pub model: String,
    /// Region or other variant that the id names, empty for none; left out where all are listed.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub variant: Option<String>,
    /// Its unit prices.
    pub rates: Vec<RateDocument>,
}

impl ChargesDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-price/1";

    /// These charges, without words for people.
    #[must_use]
    pub fn new(charges: Vec<PricedUsageDocument>) -> Self {
        let schema = Self::SCHEMA.to_owned();
        Self { schema, headline: None, notes: Vec::new(), charges }
    }
}

impl PricedUsageDocument {
    /// The charge of usage by a card; `usage` says where it stands.
    #[must_use]
    pub fn new(usage: &str, card: &RateCard<'_>, charge: &Charge<'_>) -> Self {
        let charge = ChargeDocument::from(charge);
        Self {
            usage: usage.to_owned(),
            provider: card.provider.to_owned(),
            model: card.model.to_owned(),
            grade: charge.grade,
            total: charge.total,
            doubts: charge.doubts,
            assumptions: charge.assumptions,
            rounding_difference: charge.rounding_difference,
            lines: charge.lines,
            unpriced: charge.unpriced,
        }
    }
}

impl CompareDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-compare/2";

    /// These offers, without words for people.
    #[must_use]
    pub fn new(
        models: Vec<String>,
        period: Period,
        assumptions: Assumptions,
        offers: Vec<OfferDocument>,
    ) -> Self {
        Self {
            schema: Self::SCHEMA.to_owned(),
            headline: None,
            notes: Vec::new(),
            models,
            period: period.to_string(),
            assumptions: codes(assumptions.iter(), Assumption::code),
            offers,
        }
    }
}

impl OfferDocument {
    /// A charge at a seller, or why there is none.
    #[must_use]
    pub fn new(
        [provider, model, variant]: [&str; 3],
        charge: Result<&Charge<'_>, &String>,
    ) -> Self {
        Self {
            provider: provider.to_owned(),
            model: model.to_owned(),
            variant: variant.to_owned(),
            charge: charge.ok().map(ChargeDocument::from),
            unknown_because: charge.err().cloned(),
            retired: None,
        }
    }

    /// The same of a seller that shut the model down then.
    #[must_use]
    pub fn retired(mut self, day: Option<&str>) -> Self {
        self.retired = day.map(str::to_owned);
        self
    }
}

impl UnitPricesDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-unit-prices/1";

    /// Prices of these sellers, without words for people.
    #[must_use]
    pub fn new(
        model: &str,
        sellers: Vec<SellerPricesDocument>,
        without_price: Vec<String>,
    ) -> Self {
        let (schema, model) = (Self::SCHEMA.to_owned(), model.to_owned());
        Self { schema, headline: None, notes: Vec::new(), model, sellers, without_price }
    }
}

impl SellerPricesDocument {
    /// Unit prices of a model at a seller, of all its variants or of one.
    #[must_use]
    pub fn new(
        provider: &str,
        model: &str,
        variant: Option<&str>,
        rates: impl IntoIterator<Item = RateDocument>,
    ) -> Self {
        Self {
            provider: provider.to_owned(),
            model: model.to_owned(),
            variant: variant.map(str::to_owned),
            rates: rates.into_iter().collect(),
        }
    }
}
