//! What tokens cost that are known within bounds: exact where everything is, else a range.

use crate::charge::{Counts, Shape, Situation, Terms};
use crate::money::{Currency, Exact, InexactError};
use crate::price::{Doubts, RateCard};
use crate::report::Bounds;
use crate::usage::{Meter, Unreported, Usage};

/// Requests whose prompts are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prompts {
    /// Tokens of each at least.
    pub low: u64,
    /// Tokens of each at most; `None` when there is no bound.
    pub high: Option<u64>,
    /// Tokens of each that are read from a cache.
    pub cached: u64,
    /// How many requests.
    pub requests: u64,
}

/// Output of all requests together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output {
    /// Tokens at least.
    pub low: u128,
    /// Tokens at most; `None` when there is no bound.
    pub high: Option<u128>,
    /// Whether the models think; `None` when not known.
    pub thinking: Option<bool>,
}

/// A cost with its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// Currency of the card.
    pub currency: Currency,
    /// Lower and upper bound; open where a count or a price is not known.
    pub bounds: Bounds,
    /// Why the price is a range; empty when only the counts are.
    pub doubts: Doubts,
}

/// Prices prompts and their output by one card, in exact decimals.
///
/// # Errors
/// When an exact cost needs more than 38 digits; it is never rounded.
pub fn cost(
    card: &RateCard<'_>,
    prompts: &[Prompts],
    output: Output,
) -> Result<Cost, InexactError> {
    let nothing = Bounds { low: Exact::ZERO, high: Exact::ZERO, open: false };
    let mut cost = Cost { currency: card.currency, bounds: nothing, doubts: Doubts::NONE };
    let mut brackets = (u8::MAX, 0);
    for group in prompts {
        for end in [Some(group.low), group.high].into_iter().flatten() {
            let at = card.situation(&usage(end, group.cached), Shape::Request);
            brackets = (brackets.0.min(at.first_bracket), brackets.1.max(at.last_bracket));
        }
        cost.add(prompt_cost(card, group)?)?;
    }
    let first_bracket = if card.has_marginal_bracket() { 0 } else { brackets.0.min(brackets.1) };
    // Most cards have no thinking mode; then there is nothing to be unsure of.
    let modal = card.brackets.first().is_some_and(|b| b.entry(Meter::OutputThinkingMode).is_some());
    let situation = Situation {
        first_bracket,
        last_bracket: brackets.1,
        thinking: if modal { output.thinking } else { Some(false) },
        unreported: Unreported::default(),
    };
    let low = output_cost(card, situation, output.thinking, output.low)?;
    let high = match output.high {
        Some(high) => output_cost(card, situation, output.thinking, high)?,
        None => Priced { open: true, ..low },
    };
    cost.add(low.up_to(high))?;
    Ok(cost)
}

/// Bounds of a part, with the reasons.
#[derive(Clone, Copy)]
struct Priced {
    low: Exact,
    high: Exact,
    open: bool,
    doubts: Doubts,
}

impl Priced {
    const NOTHING: Self =
        Self { low: Exact::ZERO, high: Exact::ZERO, open: false, doubts: Doubts::NONE };

    /// From the lower bound of this to the upper bound of another.
    fn up_to(self, other: Self) -> Self {
        Self {
            low: self.low,
            high: other.high.max(self.high),
            open: self.open || other.open,
            doubts: self.doubts.union(other.doubts),
        }
    }

    fn plus(self, other: Self) -> Result<Self, InexactError> {
        Ok(Self {
            low: self.low.plus(other.low)?,
            high: self.high.plus(other.high)?,
            open: self.open || other.open,
            doubts: self.doubts.union(other.doubts),
        })
    }
}

impl Cost {
    fn add(&mut self, part: Priced) -> Result<(), InexactError> {
        self.bounds.low = self.bounds.low.plus(part.low)?;
        self.bounds.high = self.bounds.high.plus(part.high)?;
        self.bounds.open |= part.open;
        self.doubts = self.doubts.union(part.doubts);
        Ok(())
    }
}

/// A prompt of so many tokens, a part of it cached.
fn usage(tokens: u64, cached: u64) -> Usage {
    let cached = cached.min(tokens);
    Usage::NONE.with(Meter::Input, tokens - cached).with(Meter::CacheRead, cached)
}

fn prompt_cost(card: &RateCard<'_>, group: &Prompts) -> Result<Priced, InexactError> {
    let end = |tokens| {
        let parts = card.parts(&usage(tokens, group.cached), Shape::Request);
        parts.into_iter().try_fold(Priced::NOTHING, |sum, (situation, counts)| {
            let mut all = Counts::NONE;
            counts
                .iter()
                .for_each(|(meter, count)| all[meter] = count * u128::from(group.requests));
            sum.plus(charged(card, situation, &all)?)
        })
    };
    let low = end(group.low)?;
    Ok(match group.high {
        Some(high) => low.up_to(end(high)?),
        None => Priced { open: true, ..low },
    })
}

/// Output is billed as one, unless the card prices reasoning apart: then it lies between both.
fn output_cost(
    card: &RateCard<'_>,
    situation: Situation,
    thinking: Option<bool>,
    tokens: u128,
) -> Result<Priced, InexactError> {
    let as_meter = |meter: Meter| {
        let mut counts = Counts::NONE;
        counts[meter] = tokens;
        charged(card, situation, &counts)
    };
    let plain = as_meter(Meter::Output)?;
    if thinking == Some(false) {
        return Ok(plain);
    }
    let hidden = as_meter(Meter::Reasoning)?;
    Ok(Priced { low: plain.low.min(hidden.low), ..plain.up_to(hidden) })
}

fn charged(
    card: &RateCard<'_>,
    situation: Situation,
    counts: &Counts,
) -> Result<Priced, InexactError> {
    let charge = card.charge_counts(situation, counts, Terms::LIST)?;
    let low = charge.low.amount;
    Ok(Priced {
        low,
        high: charge.high.map_or(low, |high| high.amount),
        open: charge.high.is_none(),
        doubts: charge.doubts,
    })
}
