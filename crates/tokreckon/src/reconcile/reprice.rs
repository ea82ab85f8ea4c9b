//! The same usage once more, with conditions changed.

use super::change::{Change, Part, Variation};
use super::intake::Atom;
use super::line_item::Class;
use crate::book::{Known, Query};
use crate::charge::{Counts, Situation, Terms};
use crate::ledger::Ledger;
use crate::lookup::Lookup;
use crate::money::{Currency, Exact, InexactError};
use crate::price::{Entry, RateCard, ServiceTier};
use crate::report::Bounds;
use crate::time::Period;
use crate::usage::{Meter, Unreported};

/// What usage costs, by the classes of a bill's lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Priced {
    pub(super) classes: [Option<Bounds>; Class::ALL.len()],
    /// True when something has no price: there is no upper bound.
    pub(super) open: bool,
    /// True when something that may be charged was not read: there is no upper bound either, but a
    /// bill that agrees to the last digit shows that it was not.
    pub(super) unread: bool,
}

impl Priced {
    /// Adds a cost to a class.
    pub(super) fn add(
        &mut self,
        class: Class,
        low: Exact,
        high: Exact,
    ) -> Result<(), InexactError> {
        let bounds = self.classes[class as usize].get_or_insert_default();
        bounds.low = bounds.low.plus(low)?;
        bounds.high = bounds.high.plus(high)?;
        Ok(())
    }

    /// Everything together.
    pub(super) fn total(&self) -> Result<Bounds, InexactError> {
        let mut total = Bounds { open: self.is_open(), ..Bounds::default() };
        for bounds in self.classes.iter().flatten() {
            total.low = total.low.plus(bounds.low)?;
            total.high = total.high.plus(bounds.high)?;
        }
        Ok(total)
    }

    /// True when there is no upper bound.
    pub(super) const fn is_open(&self) -> bool {
        self.open || self.unread
    }

    /// True when everything has one exact price.
    pub(super) fn is_exact(&self) -> bool {
        !self.is_open() && self.classes.iter().flatten().all(|bounds| bounds.low == bounds.high)
    }

    /// Amounts of classes that a bill does not have put where it has them.
    pub(super) fn folded(&self, fold: impl Fn(Class) -> Class) -> Result<Self, InexactError> {
        let mut folded = Self { open: self.open, unread: self.unread, ..Self::default() };
        for (class, bounds) in Class::ALL.into_iter().zip(&self.classes) {
            if let Some(bounds) = bounds {
                folded.add(fold(class), bounds.low, bounds.high)?;
            }
        }
        Ok(folded)
    }
}

/// A question to the book, to be asked once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Asked {
    provider: String,
    model: String,
    period: (i64, i64),
    service_tier: Known<ServiceTier>,
    variant: Known<String>,
}

/// Where a card is.
#[derive(Clone, Copy, Debug)]
enum Place {
    Ledger(usize),
    Asked(usize),
}

/// Prices usage under changed conditions.
pub(super) struct Pricer<'r, 'b> {
    ledger: &'r Ledger<'b>,
    cards: Vec<RateCard<'b>>,
    answers: Lookup<Asked, Option<usize>>,
}

impl<'r, 'b> Pricer<'r, 'b> {
    pub(super) fn new(ledger: &'r Ledger<'b>) -> Self {
        Self { ledger, cards: Vec::new(), answers: Lookup::default() }
    }

    /// The ledger's own book.
    pub(super) fn ledger(&self) -> &'r Ledger<'b> {
        self.ledger
    }

    /// What atoms cost under variations. Rounding is not done here.
    pub(super) fn price(
        &mut self,
        atoms: &[(&Atom, &str)],
        currency: Currency,
        variations: &[&Variation],
    ) -> Result<Priced, InexactError> {
        let mut sum = Priced::default();
        for &(atom, model) in atoms {
            let applied: Vec<&Change> = variations
                .iter()
                .filter(|variation| variation.only.as_deref().is_none_or(|only| only == model))
                .map(|variation| &variation.change)
                .collect();
            self.add(&mut sum, atom, model, currency, &applied)?;
        }
        Ok(sum)
    }

    fn add(
        &mut self,
        sum: &mut Priced,
        atom: &Atom,
        model: &str,
        currency: Currency,
        changes: &[&Change],
    ) -> Result<(), InexactError> {
        sum.unread |= atom.unreported.leaves_open();
        let counts = changed_counts(&atom.counts, changes);
        if counts == Counts::NONE {
            sum.open |= atom.card.is_err();
            return Ok(());
        }
        let found = self.card(atom, changes);
        let Some(card) = found.and_then(|found| self.at(found)) else {
            sum.open = true;
            return Ok(());
        };
        // A rate the user gave is part of the factor; a card in another currency has none.
        let known = atom.currency.unwrap_or(card.currency);
        let own = atom.card.as_ref().ok().and_then(|&at| self.ledger.cards().get(at));
        if known != currency || own.is_some_and(|own| own.currency != card.currency) {
            sum.open = true;
            return Ok(());
        }
        let factor = changes.iter().try_fold(atom.factor, |factor, change| match change {
            Change::Factor(by) => factor.times(*by),
            _ => Ok(factor),
        })?;
        let terms = Terms { factor, line_rounding: None };
        let situation = situation(atom, card, changes);
        let charge = card.charge_counts(situation, &counts, terms)?;
        for line in &charge.lines {
            let class = Class::of(line.meter);
            let times = times_of(class, model, changes);
            sum.add(class, line.low.times_count(times)?, line.high.times_count(times)?)?;
        }
        sum.open |= charge
            .unpriced
            .iter()
            .any(|unpriced| times_of(Class::of(unpriced.meter), model, changes) > 0);
        Ok(())
    }

    /// The card under the changed conditions: the ledger's own when nothing that decides it changed.
    fn card(&mut self, atom: &Atom, changes: &[&Change]) -> Option<Place> {
        let mut period = atom.period;
        let (mut provider, mut service_tier) = (&*atom.labels[0], atom.service_tier);
        let mut variant = match &atom.variant {
            Known::Is(variant) => Known::Is(&**variant),
            Known::Unknown => Known::Unknown,
        };
        let mut asks = false;
        for change in changes {
            match change {
                Change::ServiceTier(tier) => service_tier = Known::Is(*tier),
                Change::At { .. } => period = change.period(),
                Change::Variant(other) => variant = Known::Is(other.as_str()),
                Change::Provider(other) => provider = other.as_str(),
                _ => continue,
            }
            asks = true;
        }
        if !asks {
            return atom.card.as_ref().ok().map(|&at| Place::Ledger(at));
        }
        let period = period?;
        let asked = Asked {
            provider: provider.to_owned(),
            model: atom.labels[1].to_string(),
            period: (period.start.0, period.end.0),
            service_tier,
            variant: match variant {
                Known::Is(variant) => Known::Is(variant.to_owned()),
                Known::Unknown => Known::Unknown,
            },
        };
        if let Some(&answer) = self.answers.get(&asked) {
            return answer.map(Place::Asked);
        }
        let card = self.find(&asked, period, provider != &*atom.labels[0]);
        let place = card.as_ref().map(|_| self.cards.len());
        self.cards.extend(card);
        self.answers.insert(asked, place);
        place.map(Place::Asked)
    }

    fn at(&self, place: Place) -> Option<&RateCard<'b>> {
        match place {
            Place::Ledger(at) => self.ledger.cards().get(at),
            Place::Asked(at) => self.cards.get(at),
        }
    }

    fn find(&self, asked: &Asked, period: Period, other_seller: bool) -> Option<RateCard<'b>> {
        let book = self.ledger.book();
        let query = |model| Query {
            provider: &asked.provider,
            model,
            period,
            service_tier: asked.service_tier,
            variant: match &asked.variant {
                Known::Is(variant) => Known::Is(variant.as_str()),
                Known::Unknown => Known::Unknown,
            },
        };
        book.find(&query(&asked.model)).ok().or_else(|| {
            if !other_seller {
                return None;
            }
            // Another seller may spell the model otherwise.
            let sellers = book.sellers(&asked.model);
            let (_, model) = sellers.iter().find(|(seller, _)| *seller == asked.provider)?;
            book.find(&query(model)).ok()
        })
    }
}

/// How often a class of a model is charged.
fn times_of(class: Class, model: &str, changes: &[&Change]) -> u128 {
    let is = |part: &Part| {
        part.model.as_deref().is_none_or(|of| of == model)
            && part.class.is_none_or(|of| of == class)
    };
    changes.iter().fold(1, |times, change| match change {
        Change::Without(part) if is(part) => 0,
        Change::Twice(part) if is(part) => times * 2,
        _ => times,
    })
}

fn changed_counts(counts: &Counts, changes: &[&Change]) -> Counts {
    let mut counts = *counts;
    let mut moved = |from: &[Meter], to: Meter| {
        for &meter in from {
            counts[to] += std::mem::take(&mut counts[meter]);
        }
    };
    for change in changes {
        match change {
            Change::CachedAsInput => {
                moved(&[Meter::CacheRead], Meter::Input);
                moved(&[Meter::CacheReadAudio], Meter::InputAudio);
                moved(&[Meter::CacheReadImage], Meter::InputImage);
            }
            Change::InputAsCached => moved(&[Meter::Input], Meter::CacheRead),
            Change::WrittenAsInput => {
                let written = [Meter::CacheWrite, Meter::CacheWrite5m, Meter::CacheWrite1h];
                moved(&written, Meter::Input);
            }
            _ => {}
        }
    }
    for change in changes {
        match change {
            Change::ReasoningTwice => counts[Meter::Reasoning] *= 2,
            Change::ReasoningFree => counts[Meter::Reasoning] = 0,
            _ => {}
        }
    }
    counts
}

/// The situation on a card: the ledger's own where nothing else decides it.
pub(super) fn situation(atom: &Atom, card: &RateCard<'_>, changes: &[&Change]) -> Situation {
    let (shortest, longest) = atom.prompts;
    let bracket = |prompt: u128| {
        let reached = card
            .brackets
            .iter()
            .rposition(|bracket| bracket.threshold == 0 || bracket.holds(prompt));
        u8::try_from(reached.unwrap_or(0)).unwrap_or(u8::MAX)
    };
    let modal = matches!(card.brackets[0].entry(Meter::OutputThinkingMode), Some(Entry::Rate(_)));
    let reasons = atom.counts[Meter::Reasoning] > 0;
    let unknown = atom.unreported.reasoning || reasons;
    let mut situation = atom.situation.unwrap_or(Situation {
        first_bracket: 0,
        last_bracket: 0,
        thinking: if modal && unknown { None } else { Some(false) },
        unreported: Unreported { reasoning: false, ..atom.unreported },
    });
    let other_card = changes.iter().any(|change| {
        matches!(
            change,
            Change::ServiceTier(_) | Change::At { .. } | Change::Variant(_) | Change::Provider(_)
        )
    });
    if other_card || atom.situation.is_none() {
        (situation.first_bracket, situation.last_bracket) = (bracket(shortest), bracket(longest));
        if modal && unknown && situation.thinking == Some(false) {
            situation.thinking = None;
        }
    }
    for change in changes {
        match change {
            Change::LongPrices(true) => {
                let last = u8::try_from(card.brackets.len() - 1).unwrap_or(u8::MAX);
                (situation.first_bracket, situation.last_bracket) = (last, last);
            }
            Change::LongPrices(false) => {
                (situation.first_bracket, situation.last_bracket) = (0, 0);
            }
            Change::CachedAsInput | Change::InputAsCached => situation.unreported.cache = false,
            _ => {}
        }
    }
    situation
}
