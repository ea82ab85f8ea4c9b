//! The sums of usage, as a report and an audit have them.

use std::collections::BTreeMap;

use super::{AmountDocument, FileDocument, GroupDocument};
use crate::hint::Hint;
use crate::ledger::{Dimension, RoundingPolicy};
use crate::money::Currency;
use crate::report::{Groups, OpenPoint, Provenance, Report, RoundingEffect};
use crate::time::day_text;

/// The sums of usage: groups, their total, the prices behind them, and what they were read from.
///
/// `G` are the groups: a list of their own, or those of a report as they are written
/// ([`ReportDocument::written`](super::ReportDocument::written)).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SumsDocument<G = Vec<GroupDocument>> {
    /// The answer in one line, for people.
    pub headline: String,
    /// What it rests on and leaves open, for people.
    pub notes: Vec<String>,
    /// Version of this library.
    pub tokreckon: String,
    /// The built-in price book.
    pub price_book: BookDocument,
    /// The inputs; none where a report was not made of any.
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

/// The groups of a report, each a [`GroupDocument`] when it is written.
#[derive(Clone, Copy, Debug)]
pub struct WrittenGroups<'r> {
    by: &'r [Dimension],
    groups: &'r Groups,
}

impl<'r> WrittenGroups<'r> {
    pub(super) fn of(report: &'r Report) -> Self {
        Self { by: &report.by, groups: &report.groups }
    }

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

/// Reads sums from the members of a document that holds them.
///
/// What serde keeps of members until it knows whose they are has numbers in a form that only
/// `serde_json` knows ("arbitrary precision"): they become its values before they become these.
#[cfg(feature = "serde")]
pub(super) fn members<'de, G, D>(document: D) -> Result<SumsDocument<G>, D::Error>
where
    G: serde::de::DeserializeOwned,
    D: serde::Deserializer<'de>,
{
    let members = <serde_json::Value as serde::Deserialize>::deserialize(document)?;
    serde_json::from_value(members).map_err(serde::de::Error::custom)
}

impl<G> SumsDocument<G> {
    /// All of a report but its groups, and these.
    pub(super) fn of(report: &Report, groups: G) -> Self {
        Self {
            headline: report.headline(),
            notes: notes(report, |_| true, &Hint::to_string),
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
        }
    }
}

/// What it rests on, then what it leaves open, each with what to do about it.
pub(super) fn notes(
    report: &Report,
    open: impl Fn(&OpenPoint) -> bool,
    words: &dyn Fn(&Hint) -> String,
) -> Vec<String> {
    let lines = |point: OpenPoint| {
        let hint = point.hint.map(|hint| format!("  hint: {}", words(&hint)));
        std::iter::once(point.says).chain(hint)
    };
    let open = report.open_points().into_iter().filter(open).flat_map(lines);
    report.assumed().into_iter().chain(open).collect()
}

impl BookDocument {
    fn builtin() -> Self {
        Self {
            hash: format!("{:016x}", tokreckon_data::BOOK_HASH),
            newest_seen: day_text(tokreckon_data::BOOK_DAY.into()),
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
