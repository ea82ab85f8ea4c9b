//! What a group holds besides charged cells: refusals, reported costs, members not read.

use std::collections::BTreeMap;

use super::{Ledger, NotCharged, NotChargedTally};
use crate::money::{Currency, InexactError, Money, Sum};
use crate::usage::Totals;

/// What a group holds besides charged cells.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupTally {
    pub(crate) not_charged: BTreeMap<String, NotChargedTally>,
    pub(crate) cost_only: u64,
    /// Sums of reported costs; nearly always of one currency.
    pub(crate) reported: Vec<(Currency, Sum)>,
    pub(crate) with_reported: u64,
    /// Members that no reader knows, and in how many records.
    pub(crate) unread: BTreeMap<Box<str>, u64>,
}

impl GroupTally {
    /// The sum of reported costs in a currency.
    fn reported_in(&mut self, currency: Currency) -> &mut Sum {
        let at = self.reported.iter().position(|(other, _)| *other == currency);
        let at = at.unwrap_or_else(|| {
            self.reported.push((currency, Sum::default()));
            self.reported.len() - 1
        });
        &mut self.reported[at].1
    }

    pub(super) fn absorb(&mut self, other: Self) -> Result<(), InexactError> {
        for (key, tally) in other.not_charged {
            let new = || NotChargedTally::new(tally.reason.clone());
            self.not_charged.entry(key).or_insert_with(new).absorb(&tally);
        }
        self.cost_only += other.cost_only;
        self.with_reported += other.with_reported;
        for (currency, sum) in other.reported {
            self.reported_in(currency).add(sum.total()?)?;
        }
        for (path, records) in other.unread {
            *self.unread.entry(path).or_default() += records;
        }
        Ok(())
    }
}

impl Ledger<'_> {
    pub(super) fn add_reported(&mut self, group: u32, reported: Option<Money>) {
        let (Some(Money { amount, currency }), Some((_, tally))) =
            (reported, self.groups.get_mut(group as usize))
        else {
            return;
        };
        tally.with_reported += 1;
        if let Err(error) = tally.reported_in(currency).add(amount) {
            self.inexact = self.inexact.or(Some(error));
        }
    }

    pub(super) fn add_unread(&mut self, group: u32, unread: &str) {
        let Some((_, tally)) = self.groups.get_mut(group as usize) else { return };
        for path in unread.split(", ").filter(|path| !path.is_empty()) {
            match tally.unread.get_mut(path) {
                Some(records) => *records += 1,
                None => drop(tally.unread.insert(path.into(), 1)),
            }
        }
    }

    pub(super) fn tally_not_charged(&mut self, group: u32, reason: &NotCharged, totals: &Totals) {
        let Some((_, tally)) = self.groups.get_mut(group as usize) else {
            return;
        };
        let key = format!("{} {reason}", reason.code());
        let new = || NotChargedTally::new(reason.clone());
        tally.not_charged.entry(key).or_insert_with(new).add(totals);
    }
}
