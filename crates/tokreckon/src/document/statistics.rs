//! A comparison with a baseline.

use std::collections::BTreeMap;

use super::FileDocument;
use crate::audit::{
    GroupStatistics, MIN_RANK_ROWS, OverTime, Shift, Statistics, UnusualRow, rows_needed,
    thousandths,
};
use crate::ledger::Dimension;
use crate::pipeline::FileTally;
use crate::time::day_text;

/// A comparison with a baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct StatisticsDocument {
    /// The baseline's inputs.
    pub baseline: Vec<FileDocument>,
    /// Their rows that are compared with.
    pub baseline_rows: u64,
    /// Rows that were compared one by one.
    pub compared: u64,
    /// Those of them that are unusual.
    pub unusual: u64,
    /// How many of them chance alone makes unusual: at most this, on average.
    pub expected_by_chance: String,
    /// True when the baseline reaches into the time of the audit.
    pub baseline_reaches_into_audit: bool,
    /// Rows of a baseline that are needed.
    pub rows_needed: RowsNeededDocument,
    /// Every group, tested or not.
    pub groups: Vec<GroupStatisticsDocument>,
}

/// Rows of a baseline that a comparison needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RowsNeededDocument {
    /// To call a row unusual.
    pub unusual_row: u64,
    /// To see a drift.
    pub drift: u64,
}

/// A group and its baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct GroupStatisticsDocument {
    /// Label by dimension; empty where the source does not say.
    pub labels: BTreeMap<String, String>,
    /// What is compared.
    pub measure: String,
    /// Rows of the baseline.
    pub baseline_rows: u64,
    /// Rows that are audited.
    pub rows: u64,
    /// Rows compared one by one.
    pub unusual: Option<UnusualRowsDocument>,
    /// All rows compared together.
    pub drift: Option<DriftDocument>,
    /// Rows compared in the order of time.
    pub drift_over_time: Option<OverTimeDocument>,
    /// What could not be compared, and what that needs.
    pub missing: Option<String>,
}

/// Rows higher than nearly all of the baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct UnusualRowsDocument {
    /// How many.
    pub count: u64,
    /// How many chance alone makes: at most this, on average.
    pub expected_by_chance: String,
    /// Rows above so many tokens are unusual.
    pub above: String,
    /// The highest of them.
    pub highest: Vec<UnusualRowDocument>,
}

/// A row and how rare it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct UnusualRowDocument {
    /// The input's name.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: u64,
    /// Its tokens.
    pub tokens: String,
    /// Its conformal p-value, rounded up to 12 places.
    pub p: String,
    /// The same as a fraction.
    pub p_exact: String,
}

/// A rank test and what it means in money.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DriftDocument {
    /// Twice the statistic U of Mann and Whitney.
    pub doubled_u: String,
    /// Pairs of rows.
    pub pairs: String,
    /// The p-value.
    pub p: String,
    /// After Holm's adjustment for all groups tested.
    pub p_adjusted: String,
    /// How many times as high; none above 1000.
    pub times: Option<String>,
    /// The lower end of its interval of 95 %.
    pub times_low: Option<String>,
    /// The upper end.
    pub times_high: Option<String>,
    /// Estimate of what tokens beyond the baseline's level cost, by currency.
    pub excess_estimate: BTreeMap<String, String>,
}

/// A bet in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OverTimeDocument {
    /// The highest capital.
    pub evidence: u64,
    /// Evidence that makes a finding.
    pub limit: u64,
    /// After how many rows that was reached.
    pub reached_after_rows: Option<u64>,
    /// On which day, `YYYY-MM-DD`.
    pub reached_on: Option<String>,
}

impl StatisticsDocument {
    /// A comparison of these inputs with a baseline.
    #[must_use]
    pub fn new(statistics: &Statistics, baseline: Vec<FileDocument>, files: &[FileTally]) -> Self {
        let by = &statistics.by;
        let groups = statistics.groups.iter();
        Self {
            baseline,
            baseline_rows: statistics.baseline_rows,
            compared: statistics.compared,
            unusual: statistics.unusual,
            expected_by_chance: statistics.expected_by_chance.to_string(),
            baseline_reaches_into_audit: statistics.overlaps,
            rows_needed: RowsNeededDocument { unusual_row: rows_needed(), drift: MIN_RANK_ROWS },
            groups: groups.map(|of| GroupStatisticsDocument::new(of, by, files)).collect(),
        }
    }
}

impl GroupStatisticsDocument {
    fn new(group: &GroupStatistics, by: &[Dimension], files: &[FileTally]) -> Self {
        let names = by.iter().map(|by| by.name().to_owned());
        let unusual = group.unusual.as_ref().map(|unusual| {
            let row = |row: &UnusualRow| UnusualRowDocument::new(group, row, files);
            UnusualRowsDocument {
                count: unusual.count,
                expected_by_chance: unusual.expected.to_string(),
                above: group.tokens(unusual.above).to_string(),
                highest: unusual.highest.iter().map(row).collect(),
            }
        });
        Self {
            labels: names.zip(group.labels.iter().cloned()).collect(),
            measure: group.measure.name().to_owned(),
            baseline_rows: group.baseline_rows,
            rows: group.rows,
            unusual,
            drift: group.shift.as_ref().map(DriftDocument::from),
            drift_over_time: group.over_time.map(OverTimeDocument::from),
            missing: group.missing(),
        }
    }
}

impl UnusualRowDocument {
    fn new(group: &GroupStatistics, row: &UnusualRow, files: &[FileTally]) -> Self {
        Self {
            file: files.get(row.row.file).map(|file| file.name.clone()),
            line: row.row.line,
            tokens: group.tokens(row.value).to_string(),
            p: row.p.rounded_up(12).to_string(),
            p_exact: row.p.to_string(),
        }
    }
}

impl From<&Shift> for DriftDocument {
    fn from(shift: &Shift) -> Self {
        let ratio = |ratio: Option<u64>| ratio.map(|ratio| thousandths(ratio).to_string());
        Self {
            doubled_u: shift.test.doubled_u.to_string(),
            pairs: shift.test.pairs.to_string(),
            p: shift.test.p.to_string(),
            p_adjusted: shift.adjusted_p.to_string(),
            times: ratio(shift.test.ratio.thousandths),
            times_low: ratio(shift.test.ratio.low),
            times_high: ratio(shift.test.ratio.high),
            excess_estimate: super::by_currency(&shift.excess),
        }
    }
}

impl From<OverTime> for OverTimeDocument {
    fn from(over_time: OverTime) -> Self {
        Self {
            evidence: over_time.evidence.highest,
            limit: over_time.limit,
            reached_after_rows: over_time.evidence.reached_after,
            reached_on: over_time.reached_at.map(|at| day_text(at.day())),
        }
    }
}
