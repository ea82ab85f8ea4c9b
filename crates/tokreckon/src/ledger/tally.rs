//! What a group holds besides charged cells: refusals, reported costs, members not read.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Ledger, NotCharged, NotChargedTally, Refusal};
use crate::lookup::{Grow, Numbers, Seen};
use crate::money::{Currency, InexactError, Money, Sum};
use crate::usage::Totals;

/// What a group holds besides charged cells.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupTally {
    pub(crate) cost_only: u64,
    /// Sums of reported costs; nearly always of one currency.
    pub(crate) reported: Vec<(Currency, Sum)>,
    pub(crate) with_reported: u64,
    /// Members that no reader knows, and in how many records.
    pub(crate) unread: BTreeMap<Box<str>, u64>,
}

impl GroupTally {
    /// The sum of reported costs in a currency.
    pub(super) fn reported_in(&mut self, currency: Currency) -> &mut Sum {
        let at = self.reported.iter().position(|(other, _)| *other == currency);
        let at = at.unwrap_or_else(|| {
            // Of one currency, nearly always, in each of many groups.
            self.reported.reserve_exact(1);
            self.reported.push((currency, Sum::default()));
            self.reported.len().saturating_sub(1)
        });
        &mut self.reported[at].1
    }

    pub(super) fn absorb(&mut self, other: Self) -> Result<(), InexactError> {
        self.cost_only.grow(other.cost_only);
        self.with_reported.grow(other.with_reported);
        for (currency, sum) in other.reported {
            self.reported_in(currency).add(sum.total()?)?;
        }
        for (path, records) in other.unread {
            self.unread.entry(path).or_default().grow(records);
        }
        Ok(())
    }
}

/// What a group, a cell, records refused for one reason and the reason take, with what a report makes of
/// them: at least what `tests/memory.rs` measures. Names are taken to be some tens of letters long.
const GROUP_BYTES: usize = 350;
const CELL_BYTES: usize = 250;
const REFUSED_BYTES: usize = 200;
const REASON_BYTES: usize = 500;

impl Ledger<'_> {
    /// About what its groups take, with what a report makes of them.
    #[inline]
    pub(crate) const fn group_bytes(&self) -> usize {
        // Each of them takes memory: there are not so many that this wraps.
        let groups = GROUP_BYTES.wrapping_mul(self.groups.count());
        let cells = CELL_BYTES.wrapping_mul(self.cells.count());
        let refused = REFUSED_BYTES.wrapping_mul(self.refused.all.len());
        let reasons = REASON_BYTES.wrapping_mul(self.refusals.len());
        groups.wrapping_add(cells).wrapping_add(refused).wrapping_add(reasons)
    }

    /// How many groups there are.
    pub(crate) const fn group_count(&self) -> usize {
        self.groups.count()
    }

    pub(super) fn add_reported(&mut self, group: u32, reported: Option<Money>) {
        let Some(Money { amount, currency }) = reported else { return };
        let tally = self.groups.tally(group);
        tally.with_reported.grow(1);
        if let Err(error) = tally.reported_in(currency).add(amount) {
            self.inexact = self.inexact.or(Some(error));
        }
    }

    pub(super) fn add_unread(&mut self, group: u32, unread: &str) {
        let tally = self.groups.tally(group);
        let paths = || unread.split(", ").filter(|path| !path.is_empty());
        for (at, path) in paths().enumerate() {
            // One record, however often it has the member.
            if paths().take(at).any(|before| before == path) {
                continue;
            }
            match tally.unread.get_mut(path) {
                Some(records) => records.grow(1),
                None => drop(tally.unread.insert(path.into(), 1)),
            }
        }
    }

    /// The number of a reason.
    pub(super) fn refusal(&mut self, reason: NotCharged) -> Refusal {
        let Self { refusals, refusal_ids, .. } = self;
        // What its text leaves out decides what there is to do, and is compared as well.
        let is_it = |number: u32| *refusals[number as usize] == reason;
        let (number, seen) = refusal_ids.number(&reason.to_string(), is_it, refusals.len());
        if seen == Seen::First {
            refusals.push(Arc::new(reason));
        }
        Refusal(number)
    }

    /// Counts a record of a group that was not charged; says where.
    pub(super) fn tally_refused(
        &mut self,
        known: Option<u32>,
        group: u32,
        refusal: Refusal,
        totals: &Totals,
    ) -> u32 {
        let number = known.unwrap_or_else(|| self.refused_of(group, refusal));
        self.refused.of(number).add(totals);
        number
    }

    pub(super) fn refused_of(&mut self, group: u32, refusal: Refusal) -> u32 {
        self.refused.number((group, refusal))
    }

    /// How many groups of records there are that were not charged, alike in group and reason.
    pub(crate) const fn refused_count(&self) -> usize {
        self.refused.all.len()
    }

    /// The group of records that were not charged, by number.
    pub(crate) fn not_charged_in(&self, number: u32) -> u32 {
        self.refused.all[number as usize].0.0
    }

    /// Records of one group that were not charged for one reason, by number.
    pub(crate) fn not_charged(&self, number: u32) -> NotChargedTally {
        let ((_, refusal), counts) = &self.refused.all[number as usize];
        NotChargedTally {
            records: counts.records,
            input_tokens: counts.input_tokens,
            cached_tokens: counts.cached_tokens,
            output_tokens: counts.output_tokens,
            ..NotChargedTally::new(Arc::clone(&self.refusals[refusal.number()]))
        }
    }
}

/// Records that were not charged, by group and reason, and by number.
#[derive(Debug, Default)]
pub(super) struct AllRefused {
    numbers: Numbers,
    all: Vec<((u32, Refusal), RefusedCounts)>,
}

impl AllRefused {
    /// The number of a group and a reason.
    fn number(&mut self, key: (u32, Refusal)) -> u32 {
        let Self { numbers, all } = self;
        let is_it = |number: u32| all[number as usize].0 == key;
        let (number, seen) = numbers.number(&key, is_it, all.len());
        if seen == Seen::First {
            all.push((key, RefusedCounts::default()));
        }
        number
    }

    /// The counts with a number.
    pub(super) fn of(&mut self, number: u32) -> &mut RefusedCounts {
        &mut self.all[number as usize].1
    }

    /// All of them.
    pub(super) fn all(&self) -> &[((u32, Refusal), RefusedCounts)] {
        &self.all
    }
}

/// How many records of one group were not charged for one reason.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RefusedCounts {
    records: u64,
    input_tokens: u128,
    cached_tokens: u128,
    output_tokens: u128,
}

impl RefusedCounts {
    fn add(&mut self, totals: &Totals) {
        self.records.grow(1);
        self.input_tokens.grow(totals.whole_input().unwrap_or(0));
        self.cached_tokens.grow(u128::from(totals.cache_read.unwrap_or(0)));
        self.output_tokens.grow(totals.whole_output().unwrap_or(0));
    }

    /// So many records with these input, cached and output tokens.
    pub(super) fn of(records: u64, tokens: [u128; 3]) -> Self {
        let [input_tokens, cached_tokens, output_tokens] = tokens;
        Self { records, input_tokens, cached_tokens, output_tokens }
    }

    pub(super) fn absorb(&mut self, other: &Self) {
        self.records.grow(other.records);
        self.input_tokens.grow(other.input_tokens);
        self.cached_tokens.grow(other.cached_tokens);
        self.output_tokens.grow(other.output_tokens);
    }
}
