//! One group of a report.

use std::collections::BTreeMap;

use super::{AmountDocument, ChangeDocument, UnpricedDocument, codes};
use crate::grade::{Assumption, Doubt};
use crate::ledger::{Dimension, NotChargedTally};
use crate::money::{Currency, Exact};
use crate::report::Group;

/// One group, or the total.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct GroupDocument {
    /// Label by dimension; empty where the source does not say.
    pub labels: BTreeMap<String, String>,
    /// `exact`, `assumed`, `between` or `unknown`: that of the worst record.
    pub grade: String,
    /// How many records came to what.
    pub records: RecordsDocument,
    /// Counts of charged records by meter.
    pub counts: BTreeMap<String, String>,
    /// Cost by currency; without an upper bound where a record, or a part of one, has no price.
    pub costs: Vec<AmountDocument>,
    /// By currency, the part of the costs whose line items are one number each.
    pub exact_part: BTreeMap<String, String>,
    /// Counts whose split the source does not report.
    pub not_reported: NotReportedDocument,
    /// Codes of what makes costs ranges; see [`Doubt::code`].
    pub doubts: Vec<String>,
    /// Codes of what costs take for granted; see [`Assumption::code`].
    pub assumptions: Vec<String>,
    /// Members that count or decide a price and were not read, and in how many records.
    pub not_read: BTreeMap<String, u64>,
    /// Counts without a price.
    pub unpriced: Vec<UnpricedDocument>,
    /// Records that were not charged, by reason.
    pub not_charged: Vec<NotChargedDocument>,
    /// Costs as the source reports them, by currency.
    pub reported: BTreeMap<String, String>,
    /// Under other terms: what that changes, by currency; left out otherwise.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub difference: Option<Vec<ChangeDocument>>,
}

/// How many records came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RecordsDocument {
    /// All of them.
    pub all: u64,
    /// With one exact charge.
    pub exact: u64,
    /// With one charge that takes something for granted.
    pub assumed: u64,
    /// With a charge between two bounds.
    pub bounded: u64,
    /// Charged in part.
    pub partly: u64,
    /// Not charged.
    pub not_charged: u64,
    /// Billed costs without usage.
    pub cost_only: u64,
}

/// Counts whose split the source does not report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct NotReportedDocument {
    /// Output tokens of which nobody says how many were reasoning.
    pub reasoning_of_output: String,
    /// Input tokens of which nobody says how many came from a cache.
    pub cached_of_input: String,
}

/// Records that were not charged for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct NotChargedDocument {
    /// Stable code.
    pub code: String,
    /// The reason for people.
    pub reason: String,
    /// How many records.
    pub records: u64,
    /// Their input tokens as far as reported.
    pub input_tokens: String,
    /// Of these, from a cache.
    pub cached_tokens: String,
    /// Their output tokens as far as reported.
    pub output_tokens: String,
}

impl GroupDocument {
    /// A group, whose labels are of these dimensions.
    #[must_use]
    pub fn new(by: &[Dimension], group: &Group) -> Self {
        let names = by.iter().map(|dimension| dimension.name().to_owned());
        let by_currency =
            |(currency, amount): (&Currency, &Exact)| (currency.to_string(), amount.to_string());
        Self {
            labels: names.zip(group.labels.iter().cloned()).collect(),
            grade: group.grade().to_string(),
            records: RecordsDocument {
                all: group.records.all,
                exact: group.records.exact,
                assumed: group.records.assumed,
                bounded: group.records.bounded,
                partly: group.records.partly,
                not_charged: group.records.not_charged,
                cost_only: group.records.cost_only,
            },
            counts: group
                .counts
                .iter()
                .map(|(meter, count)| (meter.to_string(), count.to_string()))
                .collect(),
            costs: group
                .costs
                .keys()
                .map(|&currency| AmountDocument::new(currency, &group.cost_in(currency)))
                .collect(),
            exact_part: group.firm.iter().map(by_currency).collect(),
            not_reported: NotReportedDocument {
                reasoning_of_output: group.unsplit_output.to_string(),
                cached_of_input: group.unsplit_input.to_string(),
            },
            doubts: codes(group.doubts.iter(), Doubt::code),
            assumptions: codes(group.assumptions.iter(), Assumption::code),
            not_read: group
                .unread
                .iter()
                .map(|(path, &records)| (path.to_string(), records))
                .collect(),
            unpriced: group
                .unpriced
                .iter()
                .map(|(&(meter, state), &quantity)| UnpricedDocument::new(meter, quantity, state))
                .collect(),
            not_charged: group.not_charged.iter().map(NotChargedDocument::from).collect(),
            reported: group.reported.iter().map(by_currency).collect(),
            difference: None,
        }
    }
}

impl From<&NotChargedTally> for NotChargedDocument {
    fn from(tally: &NotChargedTally) -> Self {
        Self {
            code: tally.reason.code().to_owned(),
            reason: tally.reason.to_string(),
            records: tally.records,
            input_tokens: tally.input_tokens.to_string(),
            cached_tokens: tally.cached_tokens.to_string(),
            output_tokens: tally.output_tokens.to_string(),
        }
    }
}
