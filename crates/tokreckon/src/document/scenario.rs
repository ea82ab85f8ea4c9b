//! The same usage under other terms.

use super::{AmountDocument, GroupDocument};
use crate::ledger::AsIf;
use crate::money::Currency;
use crate::price::ServiceTier;
use crate::report::Bounds;

/// The same usage under other terms, group by group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AsIfDocument {
    /// The terms as they were asked for.
    pub text: String,
    /// The terms that are changed.
    pub terms: AsIfTermsDocument,
    /// The groups of the report, in its order, each with what the terms change.
    pub groups: Vec<GroupDocument>,
    /// All records.
    pub total: GroupDocument,
    /// `held as they were`: another model would split text into other tokens.
    pub counts: String,
}

/// The terms that are changed; none for what stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AsIfTermsDocument {
    /// Who sends the bill.
    pub provider: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Service tier.
    pub service_tier: Option<String>,
    /// Region or other variant; empty for the plain price.
    pub variant: Option<String>,
    /// When.
    pub at: Option<String>,
}

/// What other terms change, in one currency, or why that is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ChangeDocument {
    /// ISO 4217 code, or a seller's own credits.
    pub currency: String,
    /// The one number, if it is one; above zero where the other terms cost more.
    pub amount: Option<String>,
    /// Lower bound; none where it is not known.
    pub low: Option<String>,
    /// Upper bound; none where it is not known.
    pub high: Option<String>,
    /// Why it is not known.
    pub unknown: Option<String>,
}

impl AsIfDocument {
    /// Groups and their total under these terms.
    #[must_use]
    pub fn new(text: &str, terms: &AsIf, groups: Vec<GroupDocument>, total: GroupDocument) -> Self {
        let counts = "held as they were".to_owned();
        Self { text: text.to_owned(), terms: terms.into(), groups, total, counts }
    }
}

impl From<&AsIf> for AsIfTermsDocument {
    fn from(terms: &AsIf) -> Self {
        let AsIf { provider, model, service_tier, variant, period } = terms;
        Self {
            provider: provider.clone(),
            model: model.clone(),
            service_tier: service_tier.map(ServiceTier::as_str).map(str::to_owned),
            variant: variant.clone(),
            at: period.map(|period| period.to_string()),
        }
    }
}

impl ChangeDocument {
    /// What changes.
    #[must_use]
    pub fn of(currency: Currency, bounds: &Bounds) -> Self {
        let AmountDocument { currency, amount, low, high } = AmountDocument::new(currency, bounds);
        Self { currency, amount, low: Some(low), high, unknown: None }
    }

    /// Why that is not known.
    #[must_use]
    pub fn unknown(currency: Currency, why: &str) -> Self {
        let (currency, unknown) = (currency.to_string(), Some(why.to_owned()));
        Self { currency, unknown, ..Self::default() }
    }
}
