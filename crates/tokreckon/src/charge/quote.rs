//! What one meter costs on a card: its own price, or the rule by which it is billed as another.

use super::Situation;
use crate::grade::{Assumption, Assumptions};
use crate::money::Exact;
use crate::price::{Bracket, Doubt, Doubts, Entry, Rate, RateCard, State, UnitPrice};
use crate::usage::Meter;

/// What one meter costs in one situation.
#[derive(Clone, Debug)]
pub(super) struct Quote<'b> {
    pub(super) priced_as: Meter,
    pub(super) low: UnitPrice,
    pub(super) high: UnitPrice,
    pub(super) rates: Vec<Rate<'b>>,
    pub(super) doubts: Doubts,
    pub(super) assumptions: Assumptions,
}

/// A price, or why there is none.
pub(super) type Answer<'b> = Result<Quote<'b>, (Option<State>, Option<Rate<'b>>)>;

impl Quote<'_> {
    fn plus_doubt(mut self, doubt: Doubt) -> Self {
        self.doubts = self.doubts.with(doubt);
        self
    }

    /// The range that covers both, with a doubt if it is wider than either.
    fn or(mut self, other: Self, doubt: Doubt) -> Self {
        let lower = other.low.compare(&self.low) == Some(std::cmp::Ordering::Less);
        let higher = other.high.compare(&self.high) == Some(std::cmp::Ordering::Greater);
        let differs = self.low != other.low || self.high != other.high;
        if lower {
            self.low = other.low;
        }
        if higher {
            self.high = other.high;
        }
        self.doubts = self.doubts.union(other.doubts);
        self.assumptions = self.assumptions.union(other.assumptions);
        self.rates.extend(other.rates);
        if differs { self.plus_doubt(doubt) } else { self }
    }

    fn down_to_nothing(mut self, doubt: Doubt) -> Self {
        self.low.amount = Exact::ZERO;
        self.plus_doubt(doubt)
    }
}

impl<'b> RateCard<'b> {
    /// True where a meter has a price above zero.
    pub(crate) fn charges(&self, meter: Meter) -> bool {
        self.quote(Situation::PLAIN, meter).is_ok_and(|quote| !quote.high.amount.is_zero())
    }

    /// What a meter costs in a situation: the range over its possible price tiers.
    pub(super) fn quote(&self, situation: Situation, meter: Meter) -> Answer<'b> {
        if !meter.counts_tokens() {
            return self.quote_in(self.base(), situation, meter);
        }
        let (first, last) =
            (usize::from(situation.first_bracket), usize::from(situation.last_bracket));
        let mut brackets = self.brackets.iter().take(last + 1).skip(first);
        let Some(bracket) = brackets.next() else {
            return Err((None, None));
        };
        let mut quote = self.quote_in(bracket, situation, meter)?;
        for bracket in brackets {
            quote = quote.or(self.quote_in(bracket, situation, meter)?, Doubt::PriceTierOfSum);
        }
        Ok(quote)
    }

    /// The rules by which a meter without a price of its own is billed as another.
    fn quote_in(&self, bracket: &Bracket<'b>, situation: Situation, meter: Meter) -> Answer<'b> {
        use Meter as M;
        match meter {
            M::Input => {
                let mut input = listed(bracket, M::Input)?;
                if !situation.unreported.cache {
                    return Ok(input);
                }
                if self.lists_any(&[M::CacheRead]) {
                    input = input.or(Self::cache_read(bracket)?, Doubt::CachedShare);
                }
                // What was written to a cache is input as well, and costs more where it has a price.
                for written in [M::CacheWrite, M::CacheWrite5m, M::CacheWrite1h] {
                    if let Ok(written) = listed(bracket, written) {
                        input = input.or(written, Doubt::CachedShare);
                    }
                }
                Ok(input)
            }
            M::CacheRead => Self::cache_read(bracket),
            M::CacheReadAudio => match listed(bracket, meter) {
                Err((None | Some(State::NotSourced), _)) => {
                    let audio = self.as_input(bracket, M::InputAudio)?;
                    Ok(audio.down_to_nothing(Doubt::CachePriceNotSourced))
                }
                answer => answer,
            },
            M::CacheReadImage => listed(bracket, meter).or_else(|_| Self::cache_read(bracket)),
            M::CacheWrite => listed(bracket, meter).or_else(|missing| {
                let five = listed(bracket, M::CacheWrite5m);
                match (five, listed(bracket, M::CacheWrite1h)) {
                    (Ok(five), Ok(hour)) => Ok(five.or(hour, Doubt::CacheLifetime)),
                    (Ok(five), Err(_)) => Ok(five),
                    _ => Err(missing),
                }
            }),
            M::CacheWrite5m => listed(bracket, meter).or_else(|_| listed(bracket, M::CacheWrite)),
            M::InputAudio | M::InputImage | M::InputVideo => self.as_input(bracket, meter),
            M::Output => Self::output(bracket, situation),
            // Tables of prices list a reranker by the query or the request, its seller by the unit: a query
            // over many documents is several units, and tables do not say which of them they mean.
            M::SearchUnits => listed(bracket, meter).or_else(|missing| {
                let mut quote = listed(bracket, M::Requests).or(Err(missing))?;
                quote.priced_as = M::Requests;
                quote.assumptions = quote.assumptions.with(Assumption::UnitAsRequest);
                Ok(quote)
            }),
            M::Reasoning => listed(bracket, meter).or_else(|_| Self::output(bracket, situation)),
            _ => listed(bracket, meter),
        }
    }

    /// Cached input: its own price; where that is not sourced, between nothing and plain input.
    fn cache_read(bracket: &Bracket<'b>) -> Answer<'b> {
        match listed(bracket, Meter::CacheRead) {
            Err((None | Some(State::NotSourced), rate)) => {
                let mut quote =
                    listed(bracket, Meter::Input)?.down_to_nothing(Doubt::CachePriceNotSourced);
                quote.rates.extend(rate);
                Ok(quote)
            }
            answer => answer,
        }
    }

    /// Audio, image and video input is billed as input unless the card prices that modality apart.
    fn as_input(&self, bracket: &Bracket<'b>, meter: Meter) -> Answer<'b> {
        use Meter as M;
        let family: &[Meter] = match meter {
            M::InputAudio => &[M::InputAudio, M::CacheReadAudio, M::OutputAudio],
            M::InputImage => &[M::InputImage, M::CacheReadImage],
            _ => &[M::InputVideo],
        };
        if self.lists_any(family) { listed(bracket, meter) } else { listed(bracket, M::Input) }
    }

    /// Output: one price for all of it, chosen by the thinking mode where the card has two.
    fn output(bracket: &Bracket<'b>, situation: Situation) -> Answer<'b> {
        match situation.thinking {
            Some(true) => listed(bracket, Meter::OutputThinkingMode),
            Some(false) => listed(bracket, Meter::Output),
            None => {
                let plain = listed(bracket, Meter::Output)?;
                Ok(plain.or(listed(bracket, Meter::OutputThinkingMode)?, Doubt::ThinkingMode))
            }
        }
    }
}

fn listed<'b>(bracket: &Bracket<'b>, meter: Meter) -> Answer<'b> {
    match bracket.entry(meter) {
        Some(Entry::Rate(range)) => Ok(Quote {
            priced_as: meter,
            low: range.low,
            high: range.high,
            rates: range.rates.clone(),
            doubts: range.doubts,
            assumptions: range.assumptions,
        }),
        Some(Entry::Missing(state, rate)) => Err((Some(*state), Some(*rate))),
        None => Err((None, None)),
    }
}
