//! What tokens cost that are known within bounds: exact where everything is, else a range.

use super::sending::CacheWrites;
use crate::charge::{Counts, Shape, Situation, Terms};
use crate::money::{Currency, Exact, InexactError};
use crate::price::{Doubt, Doubts, RateCard};
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
    /// Whether they ask to write the rest to a cache ([`Sending::cache_writes`](super::Sending::cache_writes)).
    pub writes: CacheWrites,
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
            let at = card.situation(&usage(end, group.cached, Meter::Input), Shape::Request);
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

/// A prompt of so many tokens, a part of it cached, the rest of it counted by a meter.
fn usage(tokens: u64, cached: u64, rest: Meter) -> Usage {
    let cached = cached.min(tokens);
    Usage::NONE.with(rest, tokens - cached).with(Meter::CacheRead, cached)
}

/// The meters that may count a prompt in the place of plain input.
fn written_as(card: &RateCard<'_>, writes: CacheWrites) -> &'static [Meter] {
    match writes {
        // Prices by lifetime are for those who ask for one.
        CacheWrites::NotAsked if card.lists_any(&[Meter::CacheWrite]) => &[Meter::CacheWrite],
        CacheWrites::NotAsked => &[],
        CacheWrites::FiveMinutes => &[Meter::CacheWrite5m],
        CacheWrites::Hour => &[Meter::CacheWrite5m, Meter::CacheWrite1h],
    }
}

/// All of a prompt is plain input, or all of it is written to a cache, or something between.
fn prompt_cost(card: &RateCard<'_>, group: &Prompts) -> Result<Priced, InexactError> {
    let mut cost = prompt_cost_as(card, group, Meter::Input)?;
    for &meter in written_as(card, group.writes) {
        let written = prompt_cost_as(card, group, meter)?;
        let doubts =
            if (written.low, written.high, written.open) == (cost.low, cost.high, cost.open) {
                cost.doubts
            } else {
                cost.doubts.with(Doubt::CacheWrites)
            };
        let low = if written.open { cost.low } else { cost.low.min(written.low) };
        cost = Priced { low, doubts: doubts.union(written.doubts), ..cost.up_to(written) };
    }
    Ok(cost)
}

fn prompt_cost_as(
    card: &RateCard<'_>,
    group: &Prompts,
    rest: Meter,
) -> Result<Priced, InexactError> {
    let end = |tokens| {
        let parts = card.parts(&usage(tokens, group.cached, rest), Shape::Request);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::{PriceBook, Query};
    use crate::time::Period;

    /// A million tokens of prompt and no output.
    fn prompt(provider: &str, model: &str, writes: CacheWrites) -> (String, Doubts) {
        let day = Period::parse("2026-08-01").expect("a day");
        let card = PriceBook::builtin().find(&Query::new(provider, model, day)).expect("a card");
        let million = 1_000_000;
        let prompts =
            [Prompts { low: million, high: Some(million), cached: 0, requests: 1, writes }];
        let output = Output { low: 0, high: Some(0), thinking: Some(false) };
        let cost = cost(&card, &prompts, output).expect("an exact cost");
        (cost.bounds.text(cost.currency), cost.doubts)
    }

    #[test]
    fn what_may_be_written_to_a_cache_may_cost_as_much() {
        let doubts = Doubts::NONE.with(Doubt::CacheWrites);
        let claude = |writes| prompt("anthropic", "claude-opus-4-5", writes);
        assert_eq!(claude(CacheWrites::NotAsked), ("5 USD".to_owned(), Doubts::NONE));
        assert_eq!(claude(CacheWrites::FiveMinutes), ("5 to 6.25 USD".to_owned(), doubts));
        assert_eq!(claude(CacheWrites::Hour), ("5 to 10 USD".to_owned(), doubts));
        // The seller writes unasked; so long a prompt costs double there.
        let unasked = prompt("openai", "gpt-5.6", CacheWrites::NotAsked);
        assert_eq!(unasked, ("10 to 12.5 USD".to_owned(), doubts));
        // Nobody says what a written token costs there.
        let (open, _) = prompt("openai", "gpt-4o", CacheWrites::Hour);
        assert_eq!(open, "≥ 2.5 USD");
    }
}
