//! What rows of a table come to, to be compared with a row that adds them up.

use crate::money::{Exact, Sum};
use crate::usage::Totals;

/// What rows of a table come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowSums {
    /// Input tokens as they are written; `None` where no row says.
    pub input: Option<u128>,
    /// Output tokens as they are written; `None` where no row says.
    pub output: Option<u128>,
    /// Costs as they are written, of whatever currency; `None` where no row says.
    pub cost: Option<Exact>,
    /// A sum of costs has more than 38 digits: nothing can be said of it.
    pub is_inexact: bool,
}

impl RowSums {
    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        let count = |own: Option<u128>, more: Option<u128>| match (own, more) {
            (Some(own), Some(more)) => Some(own.saturating_add(more)),
            (own, more) => own.or(more),
        };
        self.input = count(self.input, other.input);
        self.output = count(self.output, other.output);
        self.is_inexact |= other.is_inexact;
        self.cost = match (self.cost, other.cost) {
            (Some(own), Some(more)) => {
                let sum = own.plus(more);
                self.is_inexact |= sum.is_err();
                Some(sum.unwrap_or(own))
            }
            (own, more) => own.or(more),
        };
    }

    /// What both say of one thing, where they do not agree: its name, and both.
    #[must_use]
    pub fn differs_from(&self, other: &Self) -> Option<(&'static str, String, String)> {
        let counts = [("input", self.input, other.input), ("output", self.output, other.output)];
        let counts = counts.into_iter().filter_map(|(what, own, other)| {
            own.zip(other).map(|(own, other)| (what, own.to_string(), other.to_string()))
        });
        let costs = self.cost.zip(other.cost).filter(|_| !self.is_inexact && !other.is_inexact);
        let costs = costs.map(|(own, other)| ("cost", own.to_string(), other.to_string()));
        counts.chain(costs).find(|(_, own, other)| own != other)
    }
}

/// What rows come to while they are read, one by one.
#[derive(Debug, Default)]
pub(super) struct RunningSums {
    input: Option<u128>,
    output: Option<u128>,
    cost: Option<Sum>,
    is_inexact: bool,
}

impl RunningSums {
    /// Adds what one row says.
    #[inline]
    pub(super) fn add(&mut self, totals: Option<&Totals>, cost: Option<Exact>) {
        let add = |sum: &mut Option<u128>, count: Option<u64>| {
            if let Some(count) = count {
                let sum = sum.get_or_insert(0);
                // Of counts of 64 bits one of 128 never runs over.
                *sum = sum.wrapping_add(count.into());
            }
        };
        if let Some(Totals { input, output, .. }) = totals {
            add(&mut self.input, *input);
            add(&mut self.output, *output);
        }
        if let Some(cost) = cost {
            self.is_inexact |= self.cost.get_or_insert_default().add(cost).is_err();
        }
    }

    /// What they come to.
    pub(super) fn sums(&self) -> RowSums {
        let cost = self.cost.map(Sum::total).transpose();
        RowSums {
            input: self.input,
            output: self.output,
            is_inexact: self.is_inexact || cost.is_err(),
            cost: cost.ok().flatten(),
        }
    }
}

/// What is found of a table while it is read.
#[derive(Debug, Default)]
pub(super) struct TableSums {
    /// What rows come to.
    pub(super) rows: RowSums,
    /// What rows that add up others say, each with its line.
    pub(super) totals: Vec<(u64, RowSums)>,
}
