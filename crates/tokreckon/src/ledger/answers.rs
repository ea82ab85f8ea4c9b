//! The book's answers, remembered for as long as they hold.

use std::collections::BTreeMap;

use super::{Dimension, Ledger, NotCharged};
use crate::book::{Holds, Known, Query};
use crate::price::{RateCard, ServiceTier};
use crate::record::Record;
use crate::time::Period;

/// Answers of the book for one (provider, model, service tier, variant).
#[derive(Debug)]
pub(super) struct Slot {
    service_tier: Known<ServiceTier>,
    variant: Known<Box<str>>,
    /// Of what lies in a span, by its first second, with the second after the last.
    within: BTreeMap<i64, (i64, Answer)>,
    /// Of periods in the course of which something changes.
    of_periods: BTreeMap<(i64, i64), Answer>,
}

/// A card, or why there is none.
type Answer = Result<u32, NotCharged>;

impl Slot {
    fn answer(&self, period: Period) -> Option<Answer> {
        let (start, end) = (period.start.0, period.end.0);
        let within = self.within.range(..=start).next_back();
        if let Some((_, (_, answer))) = within.filter(|(_, (until, _))| end <= *until) {
            return Some(answer.clone());
        }
        self.of_periods.get(&(start, end)).cloned()
    }

    fn remember(&mut self, holds: Holds, answer: Answer) {
        match holds {
            Holds::Within(start, end) => {
                self.within.insert(start, (end, answer));
            }
            Holds::Only(period) => {
                self.of_periods.insert((period.start.0, period.end.0), answer);
            }
        }
    }
}

impl Ledger<'_> {
    /// The card for a record, from the slot's answers or from the book.
    pub(super) fn card(&mut self, record: &Record<'_>) -> Result<(u32, Period), NotCharged> {
        let period = record.period.or(self.settings.undated).ok_or(NotCharged::NoTime)?;
        if record.provider.is_empty() {
            return Err(NotCharged::NoProvider);
        }
        if record.model.is_empty() {
            return Err(NotCharged::NoModel);
        }
        let service_tier = self.service_tier_of(record);
        let slot = self.slot(record, service_tier);
        if let Some(known) = slot.answer(period) {
            return known.map(|card| (card, period));
        }
        let query = Query {
            provider: record.provider,
            model: record.model,
            period,
            service_tier,
            variant: record.variant,
        };
        let found = self.book.answer(&query);
        let answer = match found.card {
            Ok(card) => Ok(intern_card(&mut self.cards, card)),
            Err(error) => Err(NotCharged::NoCard(error)),
        };
        self.slot(record, service_tier).remember(found.holds, answer.clone());
        answer.map(|card| (card, period))
    }

    /// From when until when the remembered answer for a record's instant holds.
    pub(super) fn answer_span(&mut self, record: &Record<'_>) -> Option<(i64, i64)> {
        let service_tier = self.service_tier_of(record);
        let at = record.period?.start.0;
        let slot = self.slot(record, service_tier);
        let (start, (end, _)) = slot.within.range(..=at).next_back()?;
        (at < *end).then_some((*start, *end))
    }

    fn service_tier_of(&self, record: &Record<'_>) -> Known<ServiceTier> {
        match (record.service_tier, self.settings.service_tier) {
            (Known::Unknown, Some(tier)) => Known::Is(tier),
            (tier, _) => tier,
        }
    }

    fn slot(&mut self, record: &Record<'_>, service_tier: Known<ServiceTier>) -> &mut Slot {
        let provider = self.text_label(Dimension::Provider, record.provider);
        let model = self.text_label(Dimension::Model, record.model);
        let slots = self.slots.entry_or_insert_with((provider, model), Vec::new);
        let same = |slot: &Slot| {
            slot.service_tier == service_tier
                && match (&slot.variant, record.variant) {
                    (Known::Is(left), Known::Is(right)) => {
                        (left.is_empty() && right.is_empty()) || **left == *right
                    }
                    (left, right) => matches!((left, right), (Known::Unknown, Known::Unknown)),
                }
        };
        let at = slots.iter().position(same).unwrap_or_else(|| {
            let variant = match record.variant {
                Known::Is(variant) => Known::Is(variant.into()),
                Known::Unknown => Known::Unknown,
            };
            slots.push(Slot {
                service_tier,
                variant,
                within: BTreeMap::new(),
                of_periods: BTreeMap::new(),
            });
            slots.len() - 1
        });
        &mut slots[at]
    }
}

pub(super) fn intern_card<'b>(cards: &mut Vec<RateCard<'b>>, card: RateCard<'b>) -> u32 {
    let same = |other: &RateCard<'b>| {
        other.provider == card.provider
            && other.model == card.model
            && other.brackets == card.brackets
    };
    let at = cards.iter().position(same).unwrap_or_else(|| {
        cards.push(card);
        cards.len() - 1
    });
    u32::try_from(at).unwrap_or(u32::MAX)
}
