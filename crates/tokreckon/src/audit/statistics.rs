//! What a comparison with a baseline came to: for every group, tested or not.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::RowRef;
use super::baseline::Measure;
use super::betting::BettingEvidence;
use super::conformal::{Fraction, rows_needed};
use super::rank::{MIN_RANK_ROWS, RankTest};
use crate::ledger::Dimension;
use crate::money::{Currency, Exact, Rounding};
use crate::time::Instant;

/// How often an audit may name a group in which nothing has changed: one audit in this many, for
/// each of `drift` and `drift-over-time`.
pub const FALSE_ALARMS_ONE_IN: u64 = 100;

/// A comparison with a baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// The dimensions of the groups' labels.
    pub by: Vec<Dimension>,
    /// Rows of the baseline.
    pub baseline_rows: u64,
    /// Groups with rows in the window, by label and measure.
    pub groups: Vec<GroupStatistics>,
    /// Rows that were compared one by one.
    pub compared: u64,
    /// Those of them that are unusual.
    pub unusual: u64,
    /// How many of them chance alone makes unusual: at most this, on average.
    pub expected_by_chance: Exact,
    /// True when the baseline reaches into the time of the window.
    pub overlaps: bool,
}

/// A group of the window and its baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupStatistics {
    /// One label per dimension; empty where the source does not say.
    pub labels: Vec<String>,
    /// What is compared.
    pub measure: Measure,
    /// Rows of the baseline.
    pub baseline_rows: u64,
    /// Rows of the window.
    pub rows: u64,
    /// Rows compared one by one; `None` when the baseline is too small.
    pub unusual: Option<UnusualRows>,
    /// All rows compared together; `None` when a side is too small or too large.
    pub shift: Option<Shift>,
    /// Rows compared in the order of time; `None` when the baseline is too small.
    pub over_time: Option<OverTime>,
}

/// Rows higher than nearly all of the baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnusualRows {
    /// How many.
    pub count: u64,
    /// How many chance alone makes: at most this, on average.
    pub expected: Exact,
    /// Rows above this are unusual.
    pub above: u32,
    /// The highest of them, at most [`MAX_ROWS`](super::MAX_ROWS).
    pub highest: Vec<UnusualRow>,
}

/// A row and how rare it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnusualRow {
    /// Which row.
    pub row: RowRef,
    /// Its value, in the unit of its group's measure.
    pub value: u32,
    /// Its conformal p-value.
    pub p: Fraction,
}

/// A rank test and what it means in money.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shift {
    /// The test.
    pub test: RankTest,
    /// Its p-value after Holm's adjustment for all groups tested.
    pub adjusted_p: Exact,
    /// Estimate: what the window's tokens cost beyond the same requests at the baseline's level,
    /// rounded down to 6 places. Empty when the ratio is not above one.
    pub excess: BTreeMap<Currency, Exact>,
}

/// A bet in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OverTime {
    /// What it came to.
    pub evidence: BettingEvidence,
    /// Evidence that makes a finding: one hundred times the number of groups in the baseline.
    pub limit: u64,
    /// When that was reached, if it was and the row has a time.
    pub reached_at: Option<Instant>,
}

/// What chance has to do with a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Chance {
    /// How likely such rows are without a cause: the smallest p-value of the rows, or the p-value
    /// of the group after adjustment for all groups. Rounded up.
    pub p: Exact,
    /// The same as an exact fraction, where it is one.
    pub p_exact: Option<Fraction>,
    /// How many such rows (or findings) chance makes in this audit: at most this, on average.
    pub expected: Exact,
}

impl GroupStatistics {
    /// A group that is only in the window.
    pub(super) const fn not_in_baseline(labels: Vec<String>, measure: Measure, rows: u64) -> Self {
        let (unusual, shift, over_time) = (None, None, None);
        Self { labels, measure, baseline_rows: 0, rows, unusual, shift, over_time }
    }

    /// What could not be compared, and what that needs.
    #[must_use]
    pub fn missing(&self) -> Option<String> {
        let (baseline, rows) = (self.baseline_rows, self.rows);
        if baseline == 0 {
            return Some("not in the baseline".to_owned());
        }
        let mut missing = Vec::new();
        if baseline < rows_needed() {
            missing.push(format!("unusual rows need {} baseline rows", rows_needed()));
        }
        if baseline < MIN_RANK_ROWS {
            missing.push(format!("drift needs {MIN_RANK_ROWS} baseline rows"));
        }
        if !missing.is_empty() {
            missing.push(format!("there are {baseline}"));
        }
        if baseline >= MIN_RANK_ROWS && rows < MIN_RANK_ROWS {
            missing.push(format!("drift needs {MIN_RANK_ROWS} rows, there are {rows}"));
        }
        (!missing.is_empty()).then(|| missing.join(", "))
    }

    /// `` `o1-mini` at `openai`, project `web` ``.
    #[must_use]
    pub fn text(&self, by: &[Dimension]) -> String {
        let label = |wanted: Dimension| {
            let found = by.iter().zip(&self.labels).find(|(by, _)| **by == wanted);
            found.map_or("", |(_, label)| label.as_str())
        };
        let mut text = format!("`{}`", label(Dimension::Model));
        if !label(Dimension::Provider).is_empty() {
            let _ = write!(text, " at `{}`", label(Dimension::Provider));
        }
        for (by, label) in by.iter().zip(&self.labels) {
            let said = matches!(by, Dimension::Provider | Dimension::Model);
            if !said && !label.is_empty() {
                let _ = write!(text, ", {} `{label}`", by.name());
            }
        }
        text
    }

    /// A value in the unit of the measure, in tokens.
    #[must_use]
    pub fn tokens(&self, value: u32) -> Exact {
        let places = if self.measure.average { 3 } else { 0 };
        Exact::new(i128::from(value), places).unwrap_or(Exact::ZERO)
    }
}

/// An expected number as people say it: one place below ten, none above.
#[must_use]
pub fn about(expected: Exact) -> Exact {
    let places = u32::from(expected < Exact::from(10));
    expected.rounded(places, Rounding::HalfUp)
}

/// Thousandths as a decimal number.
#[must_use]
pub fn thousandths(count: u64) -> Exact {
    Exact::new(i128::from(count), 3).unwrap_or(Exact::ZERO)
}
