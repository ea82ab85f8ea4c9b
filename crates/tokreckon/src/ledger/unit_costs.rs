//! What single records cost at least, from integers: for whoever looks at records one by one.
//!
//! Within one card, situation and terms a cost is the sum of counts times the cost of one. Those
//! costs of one are brought to a common scale once, so that a record takes a few multiplications.

use super::{CellKey, CellTerms, Ledger, Outcome, Posting};
use crate::charge::PriceMasks;
use crate::lookup::Lookup;
use crate::money::{Currency, Exact};
use crate::price::RateCard;
use crate::record::Record;
use crate::usage::{Meter, Usage};

/// What one of each meter costs at least, under one card, situation and terms.
#[derive(Debug)]
pub(super) struct UnitCosts {
    /// In units of `1 / 10^scale`; `None` where they have too many digits.
    of_one: Option<Box<[i64; Meter::COUNT]>>,
    scale: u32,
    currency: Currency,
    /// Meters without a price, and those whose price is a range.
    masks: PriceMasks,
}

/// All that were needed so far.
#[derive(Debug, Default)]
pub(super) struct AllUnitCosts {
    numbers: Lookup<CellKey, u32>,
    all: Vec<UnitCosts>,
}

impl AllUnitCosts {
    /// The number of the costs for a cell, whatever its group and day.
    pub(super) fn number(&mut self, card: &RateCard<'_>, key: CellKey, terms: CellTerms) -> u32 {
        let key = CellKey { group: 0, rounding_day: 0, ..key };
        *self.numbers.entry_or_insert_with(key, || {
            let costs = card.least_costs_of_one(key.situation, terms.factor);
            let scale = costs.iter().flatten().map(|cost| cost.scale()).max().unwrap_or(0);
            let of_one = costs.and_then(|costs| at_scale(&costs, scale));
            let masks = card.price_masks(key.situation);
            self.all.push(UnitCosts { of_one, scale, currency: terms.currency, masks });
            u32::try_from(self.all.len().saturating_sub(1)).expect("fewer than 2^32 situations")
        })
    }

    /// Which prices are known, by the number of the costs.
    pub(super) fn masks(&self, number: u32) -> PriceMasks {
        self.all.get(number as usize).map_or(PriceMasks::default(), |costs| costs.masks)
    }
}

fn at_scale(costs: &[Exact; Meter::COUNT], scale: u32) -> Option<Box<[i64; Meter::COUNT]>> {
    let mut all = Box::new([0; Meter::COUNT]);
    for (one, cost) in all.iter_mut().zip(costs) {
        let factor = 10_i128.checked_pow(scale.checked_sub(cost.scale())?)?;
        *one = i64::try_from(cost.mantissa().checked_mul(factor)?).ok()?;
    }
    Some(all)
}

impl UnitCosts {
    fn of(&self, usage: &Usage) -> Option<RawCost> {
        let of_one = self.of_one.as_ref()?;
        let mut mantissa = 0_i128;
        for (meter, count) in usage.counts() {
            // A product of 63 and 64 bits is not too large for 127.
            let of_one = i128::from(of_one[meter as usize]);
            mantissa = mantissa.checked_add(of_one.wrapping_mul(i128::from(count)))?;
        }
        Some(RawCost { mantissa, scale: self.scale, currency: self.currency })
    }
}

/// A cost that is not yet brought to lowest terms: `mantissa / 10^scale`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawCost {
    pub(crate) mantissa: i128,
    pub(crate) scale: u32,
    pub(crate) currency: Currency,
}

impl RawCost {
    /// The amount in lowest terms.
    pub(crate) fn exact(self) -> Option<(Currency, Exact)> {
        Some((self.currency, Exact::new(self.mantissa, self.scale).ok()?))
    }
}

impl Ledger<'_> {
    /// What a record was charged, at least, and whether that is all that it may have been charged;
    /// `None` when it was not charged.
    pub(crate) fn cost(&self, record: &Record<'_>, posting: &Posting) -> Option<(RawCost, bool)> {
        let Outcome::Charged { usage, card: index, .. } = &posting.outcome else {
            return None;
        };
        if let Some(costs) = self.costs_of(posting)
            && let Some(cost) = costs.of(usage)
        {
            let PriceMasks { ranged, unpriced, unread, .. } = costs.masks;
            return Some((cost, !unread && usage.metered() & (ranged | unpriced) == 0));
        }
        let card = self.cards.get(*index)?;
        let (terms, currency) = self.terms_for(record, *index);
        let amount = card.charge_with(usage, record.shape, terms).ok()?.low.amount;
        let cost = RawCost { mantissa: amount.mantissa(), scale: amount.scale(), currency };
        Some((cost, false))
    }

    /// How much less a record would have been charged, at least, for a smaller usage; `None` where
    /// that has other prices, or is not known without a look at each line.
    pub(crate) fn saved(
        &self,
        record: &Record<'_>,
        posting: &Posting,
        less: &Usage,
    ) -> Option<RawCost> {
        let Outcome::Charged { usage, card, .. } = &posting.outcome else {
            return None;
        };
        let (costs, card) = (self.costs_of(posting)?, self.cards.get(*card)?);
        if card.situation(less, record.shape) != card.situation(usage, record.shape) {
            return None;
        }
        let (whole, rest) = (costs.of(usage)?, costs.of(less)?);
        Some(RawCost { mantissa: whole.mantissa.checked_sub(rest.mantissa)?, ..whole })
    }

    /// What a record was charged, at most; `None` when it was not charged, or something of it has no
    /// price or was not read.
    pub(crate) fn highest_cost(&self, record: &Record<'_>, posting: &Posting) -> Option<RawCost> {
        let Outcome::Charged { usage, card: index, .. } = &posting.outcome else {
            return None;
        };
        if let Some(UnitCosts { masks: PriceMasks { unpriced, unread, .. }, .. }) =
            self.costs_of(posting)
            && (*unread || usage.metered() & unpriced != 0)
        {
            return None;
        }
        let card = self.cards.get(*index)?;
        let (terms, currency) = self.terms_for(record, *index);
        let amount = card.charge_with(usage, record.shape, terms).ok()?.high?.amount;
        Some(RawCost { mantissa: amount.mantissa(), scale: amount.scale(), currency })
    }

    /// Meters without a price for a record, one bit each.
    pub(crate) fn unpriced(&self, posting: &Posting) -> u32 {
        if let Some(costs) = self.costs_of(posting) {
            return costs.masks.unpriced;
        }
        let Outcome::Charged { card, situation, .. } = &posting.outcome else {
            return 0;
        };
        self.cards.get(*card).map_or(0, |card| card.price_masks(*situation).unpriced)
    }

    fn costs_of(&self, posting: &Posting) -> Option<&UnitCosts> {
        self.unit_costs.all.get(posting.costs? as usize)
    }
}
