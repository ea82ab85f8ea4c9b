//! What an audit finds, and where.

use std::collections::BTreeMap;

use super::{Chance, Code};
use crate::hint::Hint;
use crate::money::{Currency, Exact};

/// A row of an input file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct RowRef {
    /// Index of the file in the order it was read.
    pub file: usize,
    /// Line, from 1.
    pub line: u64,
}

/// Most rows listed with one finding; the rest is counted.
pub const MAX_ROWS: usize = 20;

/// A difference that needs explaining.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What it is about.
    pub code: Code,
    /// What was compared, with figures.
    pub message: String,
    /// What to do about it, if anything.
    pub hint: Option<Hint>,
    /// How many records.
    pub records: u64,
    /// The first of them, at most [`MAX_ROWS`].
    pub rows: Vec<RowRef>,
    /// The figures of each of these rows, where rows differ; empty otherwise.
    pub figures: Vec<String>,
    /// Their tokens, input and output, as reported.
    pub tokens: u128,
    /// What they were charged, at least, by currency. For [`Code::Drift`] an estimate of what was
    /// charged beyond the baseline's level ([`Finding::stake_is_estimate`]).
    pub at_stake: BTreeMap<Currency, Exact>,
    /// What chance has to do with it; only for [`FindingClass::Unusual`](super::FindingClass::Unusual).
    pub chance: Option<Chance>,
}

impl Finding {
    /// True when the money at stake is an estimate.
    #[must_use]
    pub const fn stake_is_estimate(&self) -> bool {
        matches!(self.code, Code::Drift)
    }

    /// A finding that no record is counted in yet.
    pub(super) const fn new(code: Code, message: String, hint: Option<Hint>) -> Self {
        Self {
            code,
            message,
            hint,
            records: 0,
            rows: Vec::new(),
            figures: Vec::new(),
            tokens: 0,
            at_stake: BTreeMap::new(),
            chance: None,
        }
    }

    /// Adds one more record.
    pub(super) fn add(&mut self, row: RowRef, tokens: u128, stake: Option<(Currency, Exact)>) {
        if self.rows.len() < MAX_ROWS {
            self.rows.push(row);
        }
        self.count(tokens, stake);
    }

    /// Counts one more record, whatever its row.
    pub(super) fn count(&mut self, tokens: u128, stake: Option<(Currency, Exact)>) {
        self.records += 1;
        self.tokens += tokens;
        self.add_stake(stake);
    }

    pub(super) fn add_stake(&mut self, stake: Option<(Currency, Exact)>) {
        if let Some((currency, amount)) = stake {
            let sum = self.at_stake.entry(currency).or_default();
            *sum = sum.plus(amount).unwrap_or(*sum);
        }
    }
}
