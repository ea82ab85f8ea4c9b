//! A baseline: one count per request (or per request of a bucket), by model and label.
//!
//! Memory: 8 bytes a row while it is read and 4 afterwards, at most [`Baseline::MAX_ROWS`] rows of
//! a group and [`Baseline::MAX_ALL_ROWS`] rows of all.

use std::fmt::Write;

use super::rank::MAX_RANK_ROWS;
use crate::charge::Shape;
use crate::ledger::{Dimension, plain_label};
use crate::lookup::Lookup;
use crate::record::Record;
use crate::usage::Meter;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Measure {
    /// Reasoning tokens; all output tokens otherwise.
    pub reasoning: bool,
    /// Averages per request of a bucket, in thousandths; single requests otherwise.
    pub average: bool,
}

impl Measure {
    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match (self.reasoning, self.average) {
            (true, false) => "reasoning tokens per request",
            (false, false) => "output tokens per request",
            (true, true) => "reasoning tokens per request, averages of buckets",
            (false, true) => "output tokens per request, averages of buckets",
        }
    }
}

/// Rows of the past to compare with, by group.
///
/// A group has one provider, one model as written, one label for each further dimension, and one
/// kind of row: single requests or buckets, with or without a reasoning count.
#[derive(Debug)]
pub struct Baseline {
    by: Vec<Dimension>,
    ids: Lookup<Box<str>, usize>,
    groups: Vec<Group>,
    /// Where the key of a record is put together.
    key: String,
    kept: u64,
    left_out: u64,
    last_second: Option<i64>,
}

#[derive(Debug)]
struct Group {
    labels: Vec<String>,
    average: bool,
    /// Reasoning and all output; reasoning is 0 where it is not reported.
    rows: Vec<(u32, u32)>,
}

/// A record of one kind, measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Measured {
    pub(super) average: bool,
    pub(super) reasoning: Option<u32>,
    pub(super) output: u32,
}

impl Baseline {
    /// Most rows kept of a group: the first.
    pub const MAX_ROWS: u64 = MAX_RANK_ROWS;

    /// Most rows kept of all groups together: the first.
    pub const MAX_ALL_ROWS: u64 = 1 << 24;

    /// What groups can be told apart by, besides provider and model.
    pub const DIMENSIONS: [Dimension; 4] =
        [Dimension::Project, Dimension::ApiKey, Dimension::User, Dimension::ServiceTier];

    /// An empty baseline whose groups are told apart by these dimensions, besides provider and
    /// model. Others than [`Self::DIMENSIONS`] are left out.
    #[must_use]
    pub fn new(by: &[Dimension]) -> Self {
        let always = [Dimension::Provider, Dimension::Model];
        let chosen = Self::DIMENSIONS.into_iter().filter(|dimension| by.contains(dimension));
        Self {
            by: always.into_iter().chain(chosen).collect(),
            ids: Lookup::default(),
            groups: Vec::new(),
            key: String::new(),
            kept: 0,
            left_out: 0,
            last_second: None,
        }
    }

    /// Adds a record; `false` when it cannot be compared: no output count, impossible counts, or a
    /// bucket that does not say its number of requests.
    pub fn push(&mut self, record: &Record<'_>) -> bool {
        let Some(Ok(measured)) = measured(record) else {
            return false;
        };
        if self.kept >= Self::MAX_ALL_ROWS {
            self.left_out += 1;
            return true;
        }
        write_key(&mut self.key, &self.by, record, measured);
        let id = self.ids.get(self.key.as_str()).copied().unwrap_or_else(|| {
            let labels = labels(&self.by, record);
            self.groups.push(Group { labels, average: measured.average, rows: Vec::new() });
            self.ids.insert(self.key.as_str().into(), self.groups.len() - 1);
            self.groups.len() - 1
        });
        let rows = &mut self.groups[id].rows;
        if (rows.len() as u64) < Self::MAX_ROWS {
            rows.push((measured.reasoning.unwrap_or(0), measured.output));
            self.kept += 1;
        } else {
            self.left_out += 1;
        }
        let second = record.period.map(|period| period.start.0);
        self.last_second = self.last_second.max(second);
        true
    }

    /// The dimensions of a group's labels.
    #[must_use]
    pub fn by(&self) -> &[Dimension] {
        &self.by
    }

    /// Number of rows kept.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.kept
    }

    /// Rows beyond the most that are kept.
    #[must_use]
    pub const fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The same, ready to be compared with.
    pub(super) fn sorted(self) -> Reference {
        let Self { by, ids, groups, last_second, .. } = self;
        let samples = groups.into_iter().map(Sample::of).collect();
        Reference { by, ids, samples, last_second }
    }
}

/// A baseline with its values in ascending order.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) by: Vec<Dimension>,
    ids: Lookup<Box<str>, usize>,
    pub(super) samples: Vec<Sample>,
    /// Start of the latest record.
    pub(super) last_second: Option<i64>,
}

impl Reference {
    /// The group of a record: an index of `samples`. `key` is room to put its key together.
    pub(super) fn group(
        &self,
        record: &Record<'_>,
        measured: Measured,
        key: &mut String,
    ) -> Option<usize> {
        write_key(key, &self.by, record, measured);
        self.ids.get(key.as_str()).copied()
    }

    pub(super) fn labels(&self, record: &Record<'_>) -> Vec<String> {
        labels(&self.by, record)
    }
}

/// The values of a group.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) labels: Vec<String>,
    pub(super) measure: Measure,
    pub(super) values: Vec<u32>,
}

impl Sample {
    /// Reasoning tokens when most rows have some; all output otherwise, which contains them.
    fn of(group: Group) -> Self {
        let with_reasoning = group.rows.iter().filter(|(reasoning, _)| *reasoning > 0).count();
        let reasoning = with_reasoning * 2 > group.rows.len();
        let value = |(hidden, output)| if reasoning { hidden } else { output };
        let mut values: Vec<u32> = group.rows.into_iter().map(value).collect();
        values.sort_unstable();
        let measure = Measure { reasoning, average: group.average };
        Self { labels: group.labels, measure, values }
    }

    /// What of a record is compared with the values.
    pub(super) fn value(&self, measured: Measured) -> u32 {
        let reasoning = measured.reasoning.filter(|_| self.measure.reasoning);
        reasoning.unwrap_or(measured.output)
    }
}

/// The counts of a record, or why there are none; nothing for a record without usage.
pub(super) fn measured(record: &Record<'_>) -> Option<Result<Measured, &'static str>> {
    let totals = record.totals?;
    let (requests, thousandths, average) = match record.shape {
        Shape::Request => (1, 1, false),
        Shape::Sum { requests: Some(requests) } if requests > 0 => (requests, 1000, true),
        Shape::Sum { .. } => return Some(Err(NO_REQUESTS)),
    };
    if totals.output.is_none() {
        return Some(Err(NO_OUTPUT));
    }
    let Ok(usage) = totals.to_usage() else {
        return Some(Err(IMPOSSIBLE));
    };
    let of_one = |count: u128| u32::try_from(count * thousandths / u128::from(requests));
    let Ok(output) = of_one(usage.output_tokens()) else {
        return Some(Err(TOO_LARGE));
    };
    let hidden = || of_one(u128::from(usage.count(Meter::Reasoning))).ok();
    let reasoning = totals.reasoning.and_then(|_| hidden());
    Some(Ok(Measured { average, reasoning, output }))
}

const NO_REQUESTS: &str = "drift: a bucket that does not say its number of requests";
const NO_OUTPUT: &str = "drift: no output count";
const IMPOSSIBLE: &str = "drift: counts that contradict each other";
const TOO_LARGE: &str = "drift: an output count beyond 4,294,967 tokens a request";

fn labels(by: &[Dimension], record: &Record<'_>) -> Vec<String> {
    by.iter().map(|&by| plain_label(record, by).unwrap_or("").to_owned()).collect()
}

/// Labels, one after the other, and the kind of row.
fn write_key(key: &mut String, by: &[Dimension], record: &Record<'_>, measured: Measured) {
    key.clear();
    for &dimension in by {
        let label = plain_label(record, dimension).unwrap_or("");
        // The length first: no two lists of labels come out alike.
        let _ = write!(key, "{}:{label}", label.len());
    }
    key.push(if measured.average { 'a' } else { 'r' });
    key.push(if measured.reasoning.is_some() { 'h' } else { 'o' });
}
