//! A report to keep.

use std::collections::BTreeMap;

use super::{
    AmountDocument, AsIfDocument, BudgetDocument, ChangeDocument, FileDocument, UnpricedDocument,
    codes,
};
use crate::grade::{Assumption, Assumptions, Doubt, Doubts};
use crate::ledger::{Dimension, NotChargedTally, RoundingPolicy};
use crate::money::Currency;
use crate::pipeline::FileTally;
use crate::report::{Bounds, Group, Groups, OpenPoint, Provenance, Report, RoundingEffect};
use crate::time::day_text;
use crate::usage::Meter;

/// A report: groups, their total, and the prices behind them.
///
/// `G` are the groups: a list of their own, or those of a report as they are written
/// ([`ReportDocument::written`]).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ReportDocument<G = Vec<GroupDocument>> {
    /// Shape and its version: [`ReportDocument::SCHEMA`].
    pub schema: String,
    /// The answer in one line, for people.
    pub headline: String,
    /// What it rests on and leaves open, for people.
    pub notes: Vec<String>,
    /// Version of this library.
    pub tokreckon: String,
    /// The built-in price book.
    pub price_book: BookDocument,
    /// The inputs; none where the report was not made of any.
    pub files: Vec<FileDocument>,
    /// Names of the dimensions of the groups, in order.
    pub by: Vec<String>,
    /// Groups, sorted by their labels.
    pub groups: G,
    /// All records.
    pub total: GroupDocument,
    /// First and last day with a record; none without a time.
    pub days: Option<DaysDocument>,
    /// Records that reach over more than one day of the zone; they count for its first day.
    pub over_more_than_one_day: u64,
    /// Rounding of the seller's sums and what it adds; none for full precision.
    pub rounding: Option<RoundingDocument>,
    /// Every price used.
    pub prices: Vec<PriceDocument>,
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

/// The built-in price book.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BookDocument {
    /// Digest of its data, 16 hexadecimal digits.
    pub hash: String,
    /// Day on which the newest of its prices was seen.
    pub newest_seen: String,
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

/// Two days, `YYYY-MM-DD` each, both included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DaysDocument {
    /// The first.
    pub first: String,
    /// The last.
    pub last: String,
}

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

/// Rounding of a seller's sums, and what it adds to the report's unrounded ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RoundingDocument {
    /// `line`, `day` or `invoice`.
    pub scope: String,
    /// Decimal places.
    pub places: u32,
    /// `half-even` or `half-up`.
    pub mode: String,
    /// By currency.
    pub difference: Vec<AmountDocument>,
}

/// A price of the report and where it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PriceDocument {
    /// Who sends the bill.
    pub provider: String,
    /// Model id as the book lists it.
    pub model: String,
    /// The meter.
    pub meter: String,
    /// Unit price for people.
    pub price: String,
    /// Service tier.
    pub service_tier: String,
    /// Period in which it holds.
    pub period: String,
    /// How well it is supported.
    pub standing: String,
    /// Day it was last seen.
    pub seen: String,
    /// Who says so.
    pub source: String,
    /// Competing values seen elsewhere.
    pub also_seen: String,
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
        Self::of(report, WrittenGroups { by: &report.by, groups: &report.groups })
    }
}

impl From<&Report> for ReportDocument {
    fn from(report: &Report) -> Self {
        let written = WrittenGroups { by: &report.by, groups: &report.groups };
        Self::of(report, written.iter().collect())
    }
}

/// The groups of a report, each a [`GroupDocument`] when it is written.
#[derive(Clone, Copy, Debug)]
pub struct WrittenGroups<'r> {
    by: &'r [Dimension],
    groups: &'r Groups,
}

impl WrittenGroups<'_> {
    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = GroupDocument> {
        self.groups.iter().map(|group| GroupDocument::new(self.by, &group))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for WrittenGroups<'_> {
    /// As a list of [`GroupDocument`]s.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<G> ReportDocument<G> {
    /// The same with the inputs it was made of.
    #[must_use]
    pub fn with_files(mut self, files: &[FileTally]) -> Self {
        self.files = FileDocument::all(files);
        self
    }
}

impl BookDocument {
    fn builtin() -> Self {
        Self {
            hash: format!("{:016x}", tokreckon_data::BOOK_HASH),
            newest_seen: day_text(tokreckon_data::BOOK_DAY.into()),
        }
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

/// What it rests on, then what it leaves open, each with what to do about it.
pub(super) fn notes(report: &Report, open: impl Fn(&OpenPoint) -> bool) -> Vec<String> {
    let lines = |point: OpenPoint| {
        let hint = point.hint.map(|hint| format!("  hint: {hint}"));
        std::iter::once(point.says).chain(hint)
    };
    let open = report.open_points().into_iter().filter(open).flat_map(lines);
    report.assumed().into_iter().chain(open).collect()
}

impl<G> ReportDocument<G> {
    /// All of a report but its groups, and these.
    fn of(report: &Report, groups: G) -> Self {
        Self {
            schema: ReportDocument::SCHEMA.to_owned(),
            headline: report.headline(),
            notes: notes(report, |_| true),
            tokreckon: env!("CARGO_PKG_VERSION").to_owned(),
            price_book: BookDocument::builtin(),
            files: Vec::new(),
            by: report.by.iter().map(|dimension| dimension.name().to_owned()).collect(),
            groups,
            total: GroupDocument::new(&report.by, &report.total),
            days: report.days.map(|(first, last)| DaysDocument {
                first: first.to_string(),
                last: last.to_string(),
            }),
            over_more_than_one_day: report.straddling,
            rounding: report.rounding.as_ref().map(|(policy, effects)| rounding(*policy, effects)),
            prices: report.provenance.iter().map(PriceDocument::from).collect(),
            as_if: Vec::new(),
            meters: None,
            budget: None,
        }
    }
}

impl GroupDocument {
    /// A group, whose labels are of these dimensions.
    #[must_use]
    pub fn new(by: &[Dimension], group: &Group) -> Self {
        let names = by.iter().map(|dimension| dimension.name().to_owned());
        let by_currency = |(currency, amount): (&Currency, &crate::money::Exact)| {
            (currency.to_string(), amount.to_string())
        };
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

impl From<&Provenance> for PriceDocument {
    fn from(used: &Provenance) -> Self {
        Self {
            provider: used.provider.clone(),
            model: used.model.clone(),
            meter: used.meter.to_string(),
            price: used.price.clone(),
            service_tier: used.service_tier.clone(),
            period: used.period.clone(),
            standing: used.standing.clone(),
            seen: used.seen.clone(),
            source: used.source.clone(),
            also_seen: used.also_seen.clone(),
        }
    }
}

fn rounding(
    policy: RoundingPolicy,
    effects: &BTreeMap<Currency, RoundingEffect>,
) -> RoundingDocument {
    RoundingDocument {
        scope: policy.scope.name().to_owned(),
        places: policy.places,
        mode: policy.mode.name().to_owned(),
        difference: effects
            .iter()
            .map(|(currency, effect)| AmountDocument::closed(*currency, effect.low, effect.high))
            .collect(),
    }
}
