//! How a budget stands.

use jiff::civil::Date;

use crate::forecast::Range;
use crate::money::{Exact, Money};
use crate::report::Bounds;

/// How a budget stands: what was spent of it, and what the rest of the period will add at this rate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BudgetDocument {
    /// `day`, `week`, `month` or `year`.
    pub period: String,
    /// The budget.
    pub amount: String,
    /// ISO 4217 code, or a seller's own credits.
    pub currency: String,
    /// First day of the period.
    pub first: String,
    /// The last day with usage.
    pub until: String,
    /// Last day of the period.
    pub last: String,
    /// Lower and upper bound of what was spent so far.
    pub so_far: [String; 2],
    /// True when what was spent has no upper bound.
    pub so_far_is_open: bool,
    /// The whole period: 5 % of such sums are below the first, 5 % above the last, the middle one is
    /// as likely above as below. None when too few days say nothing, or days without an
    /// upper bound, or when the period is over.
    pub forecast: Option<[String; 3]>,
    /// Past days that the forecast rests on.
    pub forecast_days: u64,
    /// `exceeded`, `will exceed it`, `may exceed it`, `within it` or `not known`.
    pub verdict: String,
    /// Days that cost far more than those before: day, the least it cost, and the most that the median
    /// before it was.
    pub spikes: Vec<[String; 3]>,
}

impl BudgetDocument {
    /// A budget for a period, from its first day to its last; `until` is the last day with usage.
    #[must_use]
    pub fn new(
        (period, budget): (&str, Money),
        [first, until, last]: [Date; 3],
        so_far: &Bounds,
        forecast: Option<&Range>,
        verdict: &str,
        spikes: &[(Date, Exact, Exact)],
    ) -> Self {
        let spike = |(day, cost, median): &(Date, Exact, Exact)| {
            [day.to_string(), cost.to_string(), median.to_string()]
        };
        let range = |of: &Range| [of.low, of.median, of.high].map(|amount| amount.to_string());
        Self {
            period: period.to_owned(),
            amount: budget.amount.to_string(),
            currency: budget.currency.to_string(),
            first: first.to_string(),
            until: until.to_string(),
            last: last.to_string(),
            so_far: [so_far.low, so_far.high].map(|amount| amount.to_string()),
            so_far_is_open: so_far.open,
            forecast: forecast.map(range),
            forecast_days: forecast.map_or(0, |of| of.days as u64),
            verdict: verdict.to_owned(),
            spikes: spikes.iter().map(spike).collect(),
        }
    }
}
