//! Answers to keep: owned, serialisable, every digit a string, with the version of their shape.
//!
//! A [`Charge`](crate::charge::Charge) borrows from the book and a [`Report`](crate::report::Report)
//! holds wide sums; these hold texts. What the program prints with `--json` is made of them.
//! Amounts are decimal texts because JSON numbers are read as floats by most programs.
//!
//! With the feature `serde` each of them is `Serialize` and `Deserialize`, and a charge and a report are
//! written as their documents; the feature `schema` adds the JSON Schemas, which are in `docs/schema/`.

mod charge;
mod group;
mod sums;
mod report;
mod scenario;
mod budget;
mod file;
mod statistics;
mod audit;
mod bill;
mod count;
mod price;
mod models;
mod prices;
mod import;
mod estimate;
mod estimate_batch;
#[cfg(feature = "schema")]
mod schema;

use std::collections::BTreeMap;

pub use self::audit::{
    AuditDocument, ByChanceDocument, ChanceDocument, FindingDocument, NotCheckedDocument,
    RecordedDocument, RowDocument,
};
pub use self::bill::{
    BillDocument, BillSumsDocument, CauseSumDocument, ComparisonDocument, ExplanationDocument,
    GapPartDocument, KindSumsDocument, NotComparedDocument, NotPricedDocument,
};
pub use self::budget::BudgetDocument;
pub use self::charge::{ChargeDocument, LineDocument, RateDocument, UnpricedDocument};
pub use self::count::{
    BatchCountDocument, CountDocument, ModelCountDocument, PartCountDocument, RequestCountDocument,
    TextCountDocument, TokensDocument,
};
pub use self::estimate::{
    BudgetHeldDocument, CapDocument, CapTokensDocument, CardDocument, CardSourceDocument,
    CostDocument, EstimateDocument, HeldShareDocument, LevelDocument, OutputTokensDocument,
    RequestFindingDocument,
};
pub use self::estimate_batch::{
    EstimateBatchDocument, EstimateCompareDocument, EstimateModelDocument, EstimateOfferDocument,
    OfferLevelDocument, TotalLevelDocument,
};
pub use self::file::FileDocument;
pub use self::group::{GroupDocument, NotChargedDocument, NotReportedDocument, RecordsDocument};
pub use self::import::{
    ContradictionDocument, ImportDocument, ImportedProviderDocument, LeftOutDocument,
    PriceChangeDocument, RefreshDocument, RepairDocument,
};
pub use self::models::{
    ModelDocument, ModelsDocument, ProvidersDocument, RateLimitDocument, StatementDocument,
};
pub use self::price::{
    ChargesDocument, CompareDocument, OfferDocument, PricedUsageDocument, SellerPricesDocument,
    UnitPricesDocument,
};
pub use self::prices::{
    CompetingDocument, ConflictsDocument, DifferenceDocument, OutcomesDocument, PriceListDocument,
    PriceProviderDocument, PriceProvidersDocument, PricesDiffDocument, PricesDocument,
};
pub use self::report::{MeterCostDocument, ReportDocument};
pub use self::scenario::{AsIfDocument, AsIfTermsDocument, ChangeDocument};
#[cfg(feature = "schema")]
pub use self::schema::schemas;
pub use self::statistics::{
    DriftDocument, GroupStatisticsDocument, OverTimeDocument, RowsNeededDocument,
    StatisticsDocument, UnusualRowDocument, UnusualRowsDocument,
};
pub use self::sums::{
    BookDocument, DaysDocument, PriceDocument, RoundingDocument, SumsDocument, WrittenGroups,
};
use crate::money::{Currency, Exact, Money, ParseMoneyError};
use crate::report::Bounds;

/// An amount with its bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AmountDocument {
    /// ISO 4217 code, or a seller's own credits.
    pub currency: String,
    /// The one number, if it is one: exact or assumed, as the grade beside it says.
    pub amount: Option<String>,
    /// Lower bound.
    pub low: String,
    /// Upper bound; none where something has no price or was not read.
    pub high: Option<String>,
}

impl AmountDocument {
    /// The bounds of a cost in a currency.
    #[must_use]
    pub fn new(currency: Currency, bounds: &Bounds) -> Self {
        Self {
            currency: currency.to_string(),
            amount: bounds.single().map(|amount| amount.to_string()),
            low: bounds.low.to_string(),
            high: (!bounds.open).then(|| bounds.high.to_string()),
        }
    }

    /// The one number, if it is one, to calculate with again.
    ///
    /// # Errors
    /// When what was stored is no amount or no currency.
    pub fn money(&self) -> Result<Option<Money>, ParseMoneyError> {
        let Some(text) = &self.amount else { return Ok(None) };
        let wrong = || ParseMoneyError { text: format!("{text} {}", self.currency) };
        let amount = text.parse().map_err(|_| wrong())?;
        Ok(Some(Money { amount, currency: self.currency.parse().map_err(|_| wrong())? }))
    }

    fn closed(currency: Currency, low: Exact, high: Exact) -> Self {
        Self::new(currency, &Bounds { low, high, open: false })
    }
}

fn codes<T>(all: impl Iterator<Item = T>, code: fn(T) -> &'static str) -> Vec<String> {
    all.map(|one| code(one).to_owned()).collect()
}

/// Amounts by the names of their currencies.
fn by_currency(amounts: &BTreeMap<Currency, Exact>) -> BTreeMap<String, String> {
    let text = |(currency, amount): (&Currency, &Exact)| (currency.to_string(), amount.to_string());
    amounts.iter().map(text).collect()
}

#[cfg(feature = "serde")]
impl serde::Serialize for crate::charge::Charge<'_> {
    /// As its [`ChargeDocument`].
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ChargeDocument::from(self).serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for crate::report::Report {
    /// As its [`ReportDocument`].
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ReportDocument::written(self).serialize(serializer)
    }
}
