//! A report to keep.

#![cfg_attr(
    feature = "serde",
    expect(
        clippy::disallowed_types,
        reason = "what serde derives for a flattened part can hold any number; ours are texts and whole"
    )
)]

use std::collections::BTreeMap;

#[cfg(feature = "serde")]
use super::sums;
use super::sums::notes;
use super::{
    AmountDocument, AsIfDocument, BudgetDocument, FileDocument, GroupDocument, SumsDocument,
    WrittenGroups, codes,
};
use crate::grade::{Assumption, Assumptions, Doubt, Doubts};
use crate::hint::Hint;
use crate::money::Currency;
use crate::pipeline::FileTally;
use crate::report::{Bounds, Report};
use crate::usage::Meter;

/// A report: groups, their total, and the prices behind them.
///
/// `G` are the groups: a list of their own, or those of a report as they are written
/// ([`ReportDocument::written`]).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(bound(deserialize = "G: serde::de::DeserializeOwned")))]
#[non_exhaustive]
pub struct ReportDocument<G = Vec<GroupDocument>> {
    /// Shape and its version: [`ReportDocument::SCHEMA`].
    pub schema: String,
    /// Groups, their total and the prices: members of the document itself.
    #[cfg_attr(feature = "serde", serde(flatten, deserialize_with = "sums::members"))]
    pub sums: SumsDocument<G>,
    /// The same usage under other terms; left out where there are none.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub as_if: Vec<AsIfDocument>,
    /// What of each group was paid for which meter; left out where that was not asked.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub meters: Option<Vec<MeterCostDocument>>,
    /// How a budget stands; left out without one.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub budget: Option<BudgetDocument>,
}

/// What of a group was paid for one meter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct MeterCostDocument {
    /// Label by dimension; empty where the source does not say.
    pub labels: BTreeMap<String, String>,
    /// What was counted.
    pub meter: String,
    /// How many.
    pub quantity: String,
    /// `exact`, `assumed`, `between` or `unknown`.
    pub grade: String,
    /// What it costs.
    pub cost: AmountDocument,
    /// Codes of what makes it a range; see [`Doubt::code`].
    pub doubts: Vec<String>,
    /// Codes of what it takes for granted; see [`Assumption::code`].
    pub assumptions: Vec<String>,
}

impl ReportDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-report/1";
}

impl<'r> ReportDocument<WrittenGroups<'r>> {
    /// The document of a report, of which each group is made when it is written: a million of them take
    /// no more memory than one.
    #[must_use]
    pub fn written(report: &'r Report) -> Self {
        Self::of(report, WrittenGroups::of(report))
    }
}

impl From<&Report> for ReportDocument {
    fn from(report: &Report) -> Self {
        Self::of(report, WrittenGroups::of(report).iter().collect())
    }
}

impl<G> ReportDocument<G> {
    /// The same with hints in the words of whoever shows them, such as [`Hint::named`] with the options of
    /// a program.
    #[must_use]
    pub fn with_hints(mut self, report: &Report, words: &dyn Fn(&Hint) -> String) -> Self {
        self.sums.notes = notes(report, |_| true, words);
        self
    }

    /// The same with the inputs it was made of.
    #[must_use]
    pub fn with_files(mut self, files: &[FileTally]) -> Self {
        self.sums.files = FileDocument::all(files);
        self
    }
}

impl MeterCostDocument {
    /// What of a group was paid for one meter, with the reasons.
    #[must_use]
    pub fn new(
        labels: BTreeMap<String, String>,
        meter: Meter,
        quantity: u128,
        (currency, bounds): (Currency, &Bounds),
        (doubts, assumptions): (Doubts, Assumptions),
    ) -> Self {
        Self {
            labels,
            meter: meter.to_string(),
            quantity: quantity.to_string(),
            grade: bounds.grade(assumptions).to_string(),
            cost: AmountDocument::new(currency, bounds),
            doubts: codes(doubts.iter(), Doubt::code),
            assumptions: codes(assumptions.iter(), Assumption::code),
        }
    }
}

impl<G> ReportDocument<G> {
    /// All of a report but its groups, and these.
    fn of(report: &Report, groups: G) -> Self {
        Self {
            schema: ReportDocument::SCHEMA.to_owned(),
            sums: SumsDocument::of(report, groups),
            as_if: Vec::new(),
            meters: None,
            budget: None,
        }
    }
}
