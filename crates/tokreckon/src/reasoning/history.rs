//! The user's own requests: what they needed, by model, effort and label.
//!
//! Logs grow and are learnt again, and machines' histories are added up. So a history is a set of requests,
//! told apart by their second and their counts: merging is the larger number of each, which is the same in any
//! order and however often. Only requests without a time keep the order in which they were learnt.

use std::collections::BTreeMap;

use super::drift::regime;
use crate::charge::Shape;
use crate::record::Record;
use crate::time::Instant;
use crate::usage::{Meter, Usage};

/// One request of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HistoryRow {
    /// When; `None` where the log does not say.
    pub at: Option<Instant>,
    /// Prompt tokens.
    pub prompt: u64,
    /// All billed output.
    pub output: u64,
    /// Reasoning among it; `None` when it was not reported, which is not zero.
    pub hidden: Option<u64>,
}

impl HistoryRow {
    /// A row that says how much was reasoning, of no known time.
    #[must_use]
    pub const fn split(prompt: u64, hidden: u64, visible: u64) -> Self {
        Self { at: None, prompt, output: hidden.saturating_add(visible), hidden: Some(hidden) }
    }

    /// The output that is not reasoning; `None` when that is not known.
    #[must_use]
    pub fn visible(&self) -> Option<u64> {
        self.hidden.map(|hidden| self.output.saturating_sub(hidden))
    }
}

/// What rows are told apart by.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HistoryKey {
    /// Model id.
    pub model: String,
    /// Effort as given; empty when none was.
    pub effort: String,
    /// The user's own name for this kind of request; empty for none. Never guessed.
    pub label: String,
}

/// The user's own requests. The rows of a key are in order of time, those without one first, as they were learnt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    rows: BTreeMap<HistoryKey, Vec<HistoryRow>>,
}

/// What became of the rows of a history that was merged into another one. Any others had no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LearntRows {
    /// Rows that were not there, and are.
    pub added: usize,
    /// Rows that were there before.
    pub known: usize,
}

impl History {
    /// Most rows kept for one key: the newest.
    pub const MAX_ROWS: usize = 10_000;

    /// No rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row in its place in time; the oldest leaves when there are [`Self::MAX_ROWS`]. False when this
    /// is the oldest.
    pub fn push(&mut self, key: HistoryKey, row: HistoryRow) -> bool {
        place(self.rows.entry(key).or_default(), row)
    }

    /// Adds the rows that are not here yet. A row that stands several times in one of both stands as often in
    /// the whole; in both, as often as in the one that has more of it. The newest [`Self::MAX_ROWS`] of a key
    /// stay.
    pub fn merge(&mut self, other: Self) -> LearntRows {
        let mut merged = LearntRows::default();
        for (key, others) in other.rows {
            let rows = self.rows.entry(key).or_default();
            let mut here: BTreeMap<HistoryRow, usize> = BTreeMap::new();
            for row in &*rows {
                *here.entry(*row).or_default() += 1;
            }
            let mut all: Vec<(HistoryRow, bool)> = rows.iter().map(|row| (*row, false)).collect();
            for row in others {
                match here.get_mut(&row).filter(|times| **times > 0) {
                    Some(times) => {
                        *times -= 1;
                        merged.known += 1;
                    }
                    None => all.push((row, true)),
                }
            }
            // Those without a time stay as they came, before all others.
            all.sort_by_key(|(row, _)| row.at.map(|_| *row));
            let all = all.split_off(all.len().saturating_sub(Self::MAX_ROWS));
            merged.added += all.iter().filter(|(_, is_new)| *is_new).count();
            *rows = all.into_iter().map(|(row, _)| row).collect();
        }
        merged
    }

    /// Adds one request; false when it has no output at all. How much of the output was reasoning
    /// need not be known: all of it is billed.
    pub fn push_usage(&mut self, key: HistoryKey, usage: &Usage, at: Option<Instant>) -> bool {
        let (Ok(output), Ok(prompt)) =
            (u64::try_from(usage.output_tokens()), u64::try_from(usage.prompt_tokens()))
        else {
            return false;
        };
        let hidden = (!usage.unreported.reasoning).then(|| usage.count(Meter::Reasoning));
        if output == 0 || hidden.is_some_and(|hidden| hidden > output) {
            return false;
        }
        self.push(key, HistoryRow { at, prompt, output, hidden });
        true
    }

    /// Adds a record when it is one request that reports its output; false otherwise.
    pub fn push_record(&mut self, record: &Record<'_>, effort: &str, label: &str) -> bool {
        if record.shape != Shape::Request || record.model.is_empty() {
            return false;
        }
        let reported = record.totals.filter(|totals| totals.output.is_some());
        let Some(Ok(usage)) = reported.map(|totals| totals.to_usage()) else {
            return false;
        };
        let key = HistoryKey {
            model: record.model.to_owned(),
            effort: effort.to_owned(),
            label: label.to_owned(),
        };
        self.push_usage(key, &usage, record.period.map(|period| period.start))
    }

    /// Keys and their rows, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&HistoryKey, &[HistoryRow])> {
        self.rows.iter().map(|(key, rows)| (key, rows.as_slice()))
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.values().map(Vec::len).sum()
    }

    /// True without rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many of the oldest rows of a key are of another regime: the lengths of its answers have
    /// changed since, so they say nothing about the next request.
    #[must_use]
    pub fn set_aside(rows: &[HistoryRow]) -> usize {
        let outputs: Vec<u64> = rows.iter().map(|row| row.output).collect();
        regime(&outputs)
    }

    /// The rows whose key passes, each key's without those of another regime, and how many those are.
    pub(crate) fn rows_where(&self, keep: impl Fn(&HistoryKey) -> bool) -> Present {
        let mut present = Present::default();
        for (_, rows) in self.rows.iter().filter(|(key, _)| keep(key)) {
            let older = Self::set_aside(rows);
            present.rows.extend(rows.iter().skip(older));
            present.set_aside += older as u64;
        }
        present
    }
}

/// Puts a row in its place in time; false when there is no room for one so old.
fn place(rows: &mut Vec<HistoryRow>, row: HistoryRow) -> bool {
    let is_before = |other: &HistoryRow| match row.at {
        None => other.at.is_none(),
        Some(_) => *other <= row,
    };
    let at = rows.partition_point(is_before);
    let is_full = rows.len() >= History::MAX_ROWS;
    if is_full && at == 0 {
        return false;
    }
    rows.insert(at, row);
    if is_full {
        rows.remove(0);
    }
    true
}

/// Rows of the present regime.
#[derive(Clone, Debug, Default)]
pub(crate) struct Present {
    pub(crate) rows: Vec<HistoryRow>,
    /// Older rows, which are of another regime.
    pub(crate) set_aside: u64,
}
