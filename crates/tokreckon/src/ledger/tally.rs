//! What a group holds besides charged cells: refusals, reported costs, members not read.

use crate::lookup::Grow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Ledger, NotCharged, NotChargedTally, Refusal};
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

/// About what a group, a cell, records refused for one reason and the reason take, with what a report
/// makes of them. A group of one cell: 3.8 kB. The difference in peak memory between reports by 100,000 and by
/// 200,000 projects is 1.9 kB a group as CSV, 5.0 kB as a table and 6.5 kB as JSON, so what is printed for people and
/// as JSON takes more than is counted here. The other three are estimates from the sizes of their parts.
const GROUP_BYTES: usize = 3_500;
const CELL_BYTES: usize = 300;
const REFUSED_BYTES: usize = 600;
const REASON_BYTES: usize = 600;

impl Ledger<'_> {
    /// About what its groups take, with what a report makes of them.
    #[inline]
    pub(crate) const fn group_bytes(&self) -> usize {
        let groups = GROUP_BYTES.saturating_mul(self.groups.len());
        let cells = CELL_BYTES.saturating_mul(self.cells.count());
        let refused = REFUSED_BYTES.saturating_mul(self.refused.len());
        let reasons = REASON_BYTES.saturating_mul(self.refusals.len());
        groups.saturating_add(cells).saturating_add(refused).saturating_add(reasons)
    }

    /// How many groups there are.
    pub(crate) const fn group_count(&self) -> usize {
        self.groups.len()
    }

    pub(super) fn add_reported(&mut self, group: u32, reported: Option<Money>) {
        let (Some(Money { amount, currency }), Some((_, tally))) =
            (reported, self.groups.get_mut(group as usize))
        else {
            return;
        };
        tally.with_reported.grow(1);
        if let Err(error) = tally.reported_in(currency).add(amount) {
            self.inexact = self.inexact.or(Some(error));
        }
    }

    pub(super) fn add_unread(&mut self, group: u32, unread: &str) {
        let Some((_, tally)) = self.groups.get_mut(group as usize) else { return };
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
        // The text does not say all: what it leaves out decides what there is to do.
        let text = format!("{} {reason} {reason:?}", reason.code());
        Refusal(*refusal_ids.entry_or_insert_with(text, || {
            refusals.push(Arc::new(reason));
            u32::try_from(refusals.len().saturating_sub(1)).expect("fewer than 2^32 reasons")
        }))
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
        self.refused[number as usize].1.add(totals);
        number
    }

    pub(super) fn refused_of(&mut self, group: u32, refusal: Refusal) -> u32 {
        let Self { refused, refused_ids, .. } = self;
        *refused_ids.entry_or_insert_with((group, refusal), || {
            refused.push(((group, refusal), RefusedCounts::default()));
            u32::try_from(refused.len().saturating_sub(1)).expect("fewer than 2^32 reasons")
        })
    }

    /// Records that were not charged, with their groups: reasons that read alike are one.
    pub(crate) fn not_charged(&self) -> BTreeMap<(u32, String), NotChargedTally> {
        let mut all: BTreeMap<(u32, String), NotChargedTally> = BTreeMap::new();
        for ((group, refusal), counts) in &self.refused {
            let Some(reason) = self.refusals.get(refusal.number()) else { continue };
            let tally = NotChargedTally {
                records: counts.records,
                input_tokens: counts.input_tokens,
                cached_tokens: counts.cached_tokens,
                output_tokens: counts.output_tokens,
                ..NotChargedTally::new(Arc::clone(reason))
            };
            let new = || NotChargedTally::new(Arc::clone(reason));
            let key = (*group, format!("{} {reason}", reason.code()));
            all.entry(key).or_insert_with(new).absorb(&tally);
        }
        all
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
