//! What single records cost at least, from integers: for whoever looks at records one by one.
//!
//! Within one card, situation and terms a cost is the sum of counts times the cost of one. Those
//! costs of one are brought to a common scale once, so that a record takes a few multiplications.

use super::{CellKey, CellTerms, FEW_METERS, Ledger, Outcome, Posted};
use crate::charge::PriceMasks;
use crate::lookup::Lookup;
use crate::money::{Currency, Exact};
use crate::price::RateCard;
use crate::record::Record;
use crate::usage::{Meter, Usage};

/// What one of each meter costs at least, under one card, situation and terms.
#[derive(Debug)]
pub(super) struct LeastCosts {
    /// In units of `1 / 10^scale`; `None` where they have too many digits.
    of_one: Option<Box<[i64; Meter::COUNT]>>,
    scale: u32,
    currency: Currency,
    /// Meters without a price, and those whose price is a range.
    masks: PriceMasks,
}

/// All that were needed so far.
#[derive(Debug, Default)]
pub(super) struct AllLeastCosts {
    numbers: Lookup<CellKey, u32>,
    all: Vec<LeastCosts>,
    /// Those of the record added last, when it has a lane.
    pub(super) last: Option<u32>,
}

impl AllLeastCosts {
    /// The number of the costs for a cell, whatever its group and day.
    pub(super) fn number(&mut self, card: &RateCard<'_>, key: CellKey, terms: CellTerms) -> u32 {
        let key = CellKey { group: 0, rounding_day: 0, ..key };
        *self.numbers.entry_or_insert_with(key, || {
            let costs = card.least_costs_of_one(key.situation, terms.factor);
            let scale = costs.iter().flatten().map(|cost| cost.scale()).max().unwrap_or(0);
            let of_one = costs.and_then(|costs| at_scale(&costs, scale));
            let masks = card.price_masks(key.situation);
            self.all.push(LeastCosts { of_one, scale, currency: terms.currency, masks });
            u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
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
        let factor = 10_i128.checked_pow(scale - cost.scale())?;
        *one = i64::try_from(cost.mantissa().checked_mul(factor)?).ok()?;
    }
    Some(all)
}

impl LeastCosts {
    fn of(&self, usage: &Usage) -> Option<Exact> {
        let of_one = self.of_one.as_ref()?;
        let mut sum = 0_i128;
        for (one, &count) in of_one.iter().zip(usage.all()) {
            if count > 0 {
                sum = sum.checked_add(i128::from(*one) * i128::from(count))?;
            }
        }
        Exact::new(sum, self.scale).ok()
    }
}

/// A cost that is not yet brought to lowest terms: `mantissa / 10^scale`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawCost {
    pub(crate) mantissa: i128,
    pub(crate) scale: u32,
    pub(crate) currency: Currency,
}

/// What single tokens cost at least under one card, situation and terms, of those meters that
/// [`Posted`] counts, in their order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CostsOfOne {
    /// In units of `1 / 10^scale`.
    of_one: [i64; 4],
    /// None of them is so large that few tokens of each would come to more than 64 bits.
    are_small: bool,
    pub(crate) scale: u32,
    pub(crate) currency: Currency,
    /// Meters without a price, one bit each.
    pub(crate) unpriced: u32,
}

impl CostsOfOne {
    /// What a request was charged at least, in units of `1 / 10^scale`; `None` when that takes more
    /// digits than there are here.
    #[inline]
    pub(crate) fn least(&self, posted: &Posted) -> Option<i128> {
        let counts = posted.counts;
        let all = self.of_one.iter().zip(counts);
        if self.are_small && counts.iter().fold(0, |bits, count| bits | count) >> 32 == 0 {
            // Four products of 29 and of 32 bits.
            let sum: u64 = all.map(|(one, count)| one.cast_unsigned() * count).sum();
            return Some(sum.into());
        }
        all.into_iter().try_fold(0_i128, |sum, (one, count)| {
            sum.checked_add(i128::from(*one) * i128::from(count))
        })
    }
}

impl Ledger<'_> {
    /// What one token of each meter of a request costs at least, by the number of its costs; `None`
    /// where that takes more digits than there are here.
    pub(crate) fn costs_of_one(&self, posted: &Posted) -> Option<CostsOfOne> {
        let LeastCosts { of_one, scale, currency, masks } =
            self.least_costs.all.get(posted.costs as usize)?;
        let all = of_one.as_ref()?;
        let of_one = FEW_METERS.map(|meter| all[meter as usize]);
        let are_small = of_one.iter().all(|one| (0..1 << 29).contains(one));
        let (scale, currency, unpriced) = (*scale, *currency, masks.unpriced);
        Some(CostsOfOne { of_one, are_small, scale, currency, unpriced })
    }

    /// What became of a request, as [`Ledger::add`] says it.
    pub(crate) fn outcome_of(&self, posted: &Posted, record: &Record<'_>) -> Option<Outcome> {
        let usage = record.totals?.to_usage().ok()?;
        let card = posted.card as usize;
        let situation = self.cards.get(card)?.situation(&usage, record.shape);
        Some(Outcome::Charged { usage, card, situation })
    }

    /// What the record that was added last was charged, at least; `None` when it was not charged.
    pub(crate) fn least_cost_of_last(
        &self,
        record: &Record<'_>,
        outcome: &Outcome,
    ) -> Option<(Currency, Exact)> {
        let Outcome::Charged { usage, card: index, .. } = outcome else {
            return None;
        };
        if let Some(costs) = self.last_costs()
            && let Some(cost) = costs.of(usage)
        {
            return Some((costs.currency, cost));
        }
        let card = self.cards.get(*index)?;
        let (terms, currency) = self.terms_for(record, *index);
        let charge = card.charge_with(usage, record.shape, terms).ok()?;
        Some((currency, charge.low.amount))
    }

    /// Meters without a price for the record that was added last, one bit each.
    pub(crate) fn unpriced_for_last(&self, outcome: &Outcome) -> u32 {
        if let Some(costs) = self.last_costs() {
            return costs.masks.unpriced;
        }
        let Outcome::Charged { card, situation, .. } = outcome else {
            return 0;
        };
        self.cards.get(*card).map_or(0, |card| card.price_masks(*situation).unpriced)
    }

    fn last_costs(&self) -> Option<&LeastCosts> {
        self.least_costs.all.get(self.least_costs.last? as usize)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::book::{Known, PriceBook};
    use crate::ledger::Settings;
    use crate::price::ServiceTier;
    use crate::time::{Instant, Period};
    use crate::usage::{Layout, Totals};

    /// Models without and with a price of cached input, and one of two price tiers.
    const MODELS: [(&str, &str); 3] =
        [("openai", "o1-mini"), ("openai", "gpt-4o-mini"), ("google", "gemini-2.5-pro")];

    proptest! {
        /// Whether a record opens a lane or goes along one: it was charged as its card says.
        #[test]
        fn least_costs_are_those_of_the_card(
            rows in prop::collection::vec(
                (0..MODELS.len(), 0..400_000_u64, prop::option::of(0..100_u64), 0..9_000_u64, any::<bool>()),
                1..40,
            ),
        ) {
            let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
            for (model, input, cached, output, is_batch) in rows {
                let (provider, model) = MODELS[model];
                let record = Record {
                    provider,
                    model,
                    period: Some(Period::at(Instant(1_751_500_000))),
                    service_tier: Known::Is(if is_batch { ServiceTier::Batch } else { ServiceTier::Standard }),
                    totals: Some(Totals {
                        layout: Layout::INSIDE,
                        input: Some(input),
                        cache_read: cached.map(|cached| cached.min(input)),
                        output: Some(output),
                        reasoning: Some(0),
                        ..Totals::default()
                    }),
                    ..Record::EMPTY
                };
                let outcome = ledger.add(&record);
                let found = ledger.least_cost_of_last(&record, &outcome);
                let Outcome::Charged { usage, card, .. } = outcome else {
                    prop_assert!(is_batch, "{model} has a price");
                    continue;
                };
                prop_assert!(ledger.last_costs().is_some(), "it has a lane");
                let (terms, currency) = ledger.terms_for(&record, card);
                let charge = ledger.cards()[card].charge_with(&usage, record.shape, terms);
                let low = charge.expect("finite").low.amount;
                prop_assert_eq!(found, Some((currency, low)));
            }
        }
    }
}
