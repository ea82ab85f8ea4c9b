//! Usage × rate card = charge: line items that add up, exact or with both bounds and their reasons.
//!
//! Which price a meter gets depends on the record only through its [`Situation`] (price tier,
//! thinking mode, what is not reported). Within one situation a charge is linear in the counts,
//! so charging a sum of records gives the same digits as summing their charges.

mod amount;
mod bounds;
mod counts;
mod quote;
mod shape;
mod show;

use std::sync::Arc;

pub use self::amount::{Amount, AssumedError};
pub use self::bounds::Bounds;
pub use self::counts::Counts;
use self::quote::Quote;
pub use self::shape::Shape;
use crate::grade::{Assumptions, Grade};
use crate::money::{Exact, InexactError, Money, Rounding};
use crate::price::{Bracket, Doubt, Doubts, Question, Rate, RateCard, Scope, State, UnitPrice};
use crate::usage::{Meter, Unreported, Usage};

/// Everything besides counts that decides which prices of a card apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Situation {
    /// First possible price tier: an index into [`RateCard::brackets`].
    pub first_bracket: u8,
    /// Last possible price tier.
    pub last_bracket: u8,
    /// Whether the thinking mode was on; `None` when not known.
    pub thinking: Option<bool>,
    /// What the source does not report.
    pub unreported: Unreported,
}

impl Situation {
    /// One price tier, no thinking mode, everything reported.
    pub(crate) const PLAIN: Self = Self {
        first_bracket: 0,
        last_bracket: 0,
        thinking: Some(false),
        unreported: Unreported::NOTHING,
    };
}

/// Sets of meters, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PriceMasks {
    /// Meters whose price is a range.
    pub(crate) ranged: u32,
    /// Meters without a price.
    pub(crate) unpriced: u32,
    /// Meters whose price takes something for granted.
    pub(crate) assumed: u32,
    /// Something beside all meters was not read.
    pub(crate) unread: bool,
}

/// What is agreed beyond the list price, and how the seller rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Multiplies every cost: 0.8 for 20 % off, 1.05 for a mark-up.
    pub factor: Exact,
    /// Rounding of each line item: decimal places and mode; `None` for none.
    pub line_rounding: Option<(u32, Rounding)>,
}

impl Terms {
    /// List price, no rounding.
    pub const LIST: Self = Self { factor: Exact::ONE, line_rounding: None };
}

/// Meter × quantity × unit price.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LineItem<'b> {
    /// What was counted.
    pub meter: Meter,
    /// The meter whose price applies, such as output for reasoning.
    pub priced_as: Meter,
    /// How many.
    pub quantity: u128,
    /// Lowest unit price.
    pub low_price: UnitPrice,
    /// Highest unit price; equal to the lowest when nothing is in doubt.
    pub high_price: UnitPrice,
    /// Quantity × lowest unit price ÷ unit, under the terms.
    pub low: Exact,
    /// Quantity × highest unit price ÷ unit, under the terms.
    pub high: Exact,
    /// The book's prices behind it.
    pub rates: Vec<Rate<'b>>,
    /// Why it is a range; empty for one number.
    pub doubts: Doubts,
    /// What its price takes for granted.
    pub assumptions: Assumptions,
}

/// A count without a price.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Unpriced<'b> {
    /// What was counted.
    pub meter: Meter,
    /// How many.
    pub quantity: u128,
    /// Not offered, not sourced, or not listed by any source (`None`).
    pub state: Option<State>,
    /// Who says so; `None` when nobody lists it.
    pub rate: Option<Rate<'b>>,
}

/// A usage with its cost.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Charge<'b> {
    /// Who sends the bill.
    pub provider: &'b str,
    /// Model id as the book lists it.
    pub model: &'b str,
    /// What the book was asked: the model as the usage writes it, and when it happened; none where the
    /// card answers many questions.
    pub asked: Option<Arc<Question>>,
    /// The priced part.
    pub lines: Vec<LineItem<'b>>,
    /// The part without a price: never zero, always named.
    pub unpriced: Vec<Unpriced<'b>>,
    /// Lower bound; the exact cost when [`Charge::exact`] says so.
    pub low: Money,
    /// Upper bound; `None` when a count has no price or something was not read.
    pub high: Option<Money>,
    /// Why it is a range; empty for one number.
    pub doubts: Doubts,
    /// What the prices take for granted; empty for an exact charge.
    pub assumptions: Assumptions,
    /// What rounding added to the lower bound (negative when it took away).
    pub rounding_difference: Exact,
}

impl Charge<'_> {
    /// The cost, when its grade is [`Grade::Exact`]: nothing about it was assumed.
    #[must_use]
    pub fn exact(&self) -> Option<Money> {
        self.single().filter(|_| self.grade() == Grade::Exact)
    }

    /// The cost, when it is one number: exact, or assumed ([`Self::grade`] tells).
    #[must_use]
    pub fn single(&self) -> Option<Money> {
        self.high.filter(|high| *high == self.low)
    }

    /// How far the amount can be trusted.
    #[must_use]
    pub fn grade(&self) -> Grade {
        Grade::of(self.low, self.high, self.assumptions)
    }
}

impl<'b> RateCard<'b> {
    /// The charge of one request at list price, unrounded.
    ///
    /// ```
    /// use tokreckon::book::{PriceBook, Query};
    /// use tokreckon::time::Period;
    /// use tokreckon::usage::{Meter, Usage};
    ///
    /// let day = Period::parse("2025-04-09").unwrap();
    /// let card = PriceBook::builtin().find(&Query::new("openai", "o1-mini", day)).unwrap();
    /// let usage = Usage::NONE.with(Meter::Input, 57).with(Meter::Output, 2167);
    /// let charge = card.charge(&usage).unwrap();
    /// assert_eq!(charge.exact().unwrap().to_string(), "0.0095975 USD");
    /// ```
    ///
    /// # Errors
    /// When an exact cost needs more than 38 digits; it is never rounded.
    pub fn charge(&self, usage: &Usage) -> Result<Charge<'b>, InexactError> {
        self.charge_with(usage, Shape::Request, Terms::LIST)
    }

    /// The charge of one usage.
    ///
    /// # Errors
    /// When an exact cost needs more than 38 digits; it is never rounded unless the terms say so.
    pub fn charge_with(
        &self,
        usage: &Usage,
        shape: Shape,
        terms: Terms,
    ) -> Result<Charge<'b>, InexactError> {
        let mut builder = Builder::new(self, terms);
        let mut usage = *usage;
        usage.unreported.requests |= !self.add_requests(&mut usage, shape);
        for (situation, part) in self.parts(&usage, shape) {
            builder.add(situation, &part)?;
        }
        Ok(builder.finish())
    }

    /// The charge of the summed counts of records that share a situation.
    pub fn charge_counts(
        &self,
        situation: Situation,
        counts: &Counts,
        terms: Terms,
    ) -> Result<Charge<'b>, InexactError> {
        let mut builder = Builder::new(self, terms);
        builder.add(situation, counts)?;
        Ok(builder.finish())
    }

    /// The situations of a usage and the counts that fall into each: one, unless a price tier is marginal.
    #[must_use]
    pub fn parts(&self, usage: &Usage, shape: Shape) -> Vec<(Situation, Counts)> {
        let situation = self.situation(usage, shape);
        let counts = Counts::from(usage);
        if situation.first_bracket != situation.last_bracket {
            return vec![(situation, counts)];
        }
        self.split_marginal(situation, &counts)
    }

    /// The situation of a usage under whole-request price tiers.
    #[must_use]
    pub fn situation(&self, usage: &Usage, shape: Shape) -> Situation {
        let single = shape.is_one_request();
        let thought = usage.count(Meter::Reasoning) > 0;
        let output = usage.output_tokens();
        self.situation_of(single, usage.prompt_tokens(), output, thought, usage.unreported)
    }

    /// The situation of a single request or of a sum of several, with these tokens of prompt and
    /// output, some of them reasoning or none.
    pub(crate) fn situation_of(
        &self,
        single: bool,
        prompt: u128,
        output: u128,
        thought: bool,
        unreported: Unreported,
    ) -> Situation {
        let reached = self
            .brackets
            .iter()
            .rposition(|bracket| bracket.threshold == 0 || bracket.holds(prompt));
        let last_bracket = bracket_number(reached.unwrap_or(0));
        // What no request can hold were several, whose single prompts nobody knows.
        let single = single && self.most.reads(prompt);
        let first_bracket = if single { last_bracket } else { 0 };
        let modal = self.base().entry(Meter::OutputThinkingMode).is_some();
        let thinking = if !modal || output == 0 {
            Some(false)
        } else if thought {
            // Of a sum that holds reasoning, nobody says whether every request thought.
            single.then_some(true)
        } else if unreported.reasoning {
            None
        } else {
            Some(false)
        };
        let unreported = Unreported { reasoning: false, ..unreported };
        Situation { first_bracket, last_bracket, thinking, unreported }
    }

    /// True when [`Self::situation`] depends on nothing but whether cache reads are reported.
    pub(crate) fn has_one_situation(&self) -> bool {
        self.brackets.len() == 1 && self.base().entry(Meter::OutputThinkingMode).is_none()
    }

    /// True when a price tier charges only the part beyond its threshold.
    #[must_use]
    pub fn has_marginal_bracket(&self) -> bool {
        self.brackets
            .iter()
            .any(|bracket| bracket.threshold > 0 && bracket.scope == Scope::Marginal)
    }

    fn split_marginal(&self, situation: Situation, counts: &Counts) -> Vec<(Situation, Counts)> {
        if !self.has_marginal_bracket() {
            return vec![(situation, *counts)];
        }
        let mut parts = Vec::new();
        let mut left = *counts;
        for (index, bracket) in self.brackets.iter().enumerate().rev() {
            let at = bracket_number(index);
            let whole = bracket.threshold > 0 && bracket.scope == Scope::WholeRequest;
            if at > situation.last_bracket {
                continue;
            }
            let mut part = Counts::NONE;
            for &meter in Meter::ALL {
                // Searches, images and seconds have no price tiers.
                let split = !whole && meter.counts_tokens();
                let floor = if split { u128::from(bracket.threshold) } else { 0 };
                part[meter] = left[meter].saturating_sub(floor);
                left[meter] -= part[meter];
            }
            if part != Counts::NONE {
                parts.push((Situation { first_bracket: at, last_bracket: at, ..situation }, part));
            }
            if whole {
                break;
            }
        }
        parts.reverse();
        parts
    }

    /// Which meters have a range, and which no price, in a situation.
    pub(crate) fn price_masks(&self, situation: Situation) -> PriceMasks {
        let mut masks =
            PriceMasks { unread: situation.unreported.leaves_open(), ..PriceMasks::default() };
        for &meter in Meter::ALL {
            let bit = 1 << meter as u32;
            match self.quote(situation, meter) {
                Ok(quote) if quote.low != quote.high => masks.ranged |= bit,
                Ok(quote) if !quote.assumptions.union(self.assumptions).is_empty() => {
                    masks.assumed |= bit;
                }
                Ok(_) => {}
                Err(_) => masks.unpriced |= bit,
            }
        }
        masks
    }

    /// What one of each meter costs at least in a situation: nothing where there is no price;
    /// `None` where a price does not come to a finite decimal.
    pub(crate) fn least_costs_of_one(
        &self,
        situation: Situation,
        factor: Exact,
    ) -> Option<[Exact; Meter::COUNT]> {
        let mut costs = [Exact::ZERO; Meter::COUNT];
        for (cost, &meter) in costs.iter_mut().zip(Meter::ALL) {
            if let Ok(quote) = self.quote(situation, meter) {
                let amount = quote.low.amount.times(factor).ok()?;
                *cost = UnitPrice { amount, ..quote.low }.cost(1).ok()?;
            }
        }
        Some(costs)
    }

    fn base(&self) -> &Bracket<'b> {
        &self.brackets[0]
    }

    pub(crate) fn lists_any(&self, meters: &[Meter]) -> bool {
        meters
            .iter()
            .any(|&meter| self.brackets.iter().any(|bracket| bracket.entry(meter).is_some()))
    }
}

fn bracket_number(index: usize) -> u8 {
    u8::try_from(index).expect("fewer than 256 price tiers")
}

/// Collects line items.
struct Builder<'c, 'b> {
    card: &'c RateCard<'b>,
    terms: Terms,
    charge: Charge<'b>,
    low: Exact,
    high: Exact,
}

impl<'c, 'b> Builder<'c, 'b> {
    fn new(card: &'c RateCard<'b>, terms: Terms) -> Self {
        let nothing = Money { amount: Exact::ZERO, currency: card.currency };
        let charge = Charge {
            provider: card.provider,
            model: card.model,
            asked: card.asked.clone(),
            lines: Vec::new(),
            unpriced: Vec::new(),
            low: nothing,
            high: Some(nothing),
            doubts: Doubts::NONE,
            assumptions: Assumptions::NONE,
            rounding_difference: Exact::ZERO,
        };
        Self { card, terms, charge, low: Exact::ZERO, high: Exact::ZERO }
    }

    fn add(&mut self, situation: Situation, counts: &Counts) -> Result<(), InexactError> {
        let Unreported { member, requests, .. } = situation.unreported;
        for (is_open, doubt) in [(member, Doubt::NotRead), (requests, Doubt::RequestFees)] {
            if is_open {
                self.charge.doubts = self.charge.doubts.with(doubt);
                self.charge.high = None;
            }
        }
        for &meter in Meter::ALL {
            let quantity = counts[meter];
            if quantity == 0 {
                continue;
            }
            match self.card.quote(situation, meter) {
                Ok(quote) => self.add_line(meter, quantity, quote)?,
                Err((state, rate)) => {
                    self.charge.unpriced.push(Unpriced { meter, quantity, state, rate });
                    self.charge.doubts = self.charge.doubts.with(Doubt::NoPrice);
                    self.charge.high = None;
                }
            }
        }
        Ok(())
    }

    fn add_line(
        &mut self,
        meter: Meter,
        quantity: u128,
        quote: Quote<'b>,
    ) -> Result<(), InexactError> {
        // The factor goes first: what it makes of a price may end where the price alone does not.
        let cost = |price: UnitPrice| {
            let amount = price.amount.times(self.terms.factor)?;
            UnitPrice { amount, ..price }.cost(quantity)
        };
        let (exact_low, exact_high) = (cost(quote.low)?, cost(quote.high)?);
        let (low, high) = match self.terms.line_rounding {
            Some((places, rounding)) => {
                (exact_low.rounded(places, rounding), exact_high.rounded(places, rounding))
            }
            None => (exact_low, exact_high),
        };
        let difference = low.minus(exact_low)?;
        self.charge.rounding_difference = self.charge.rounding_difference.plus(difference)?;
        self.low = self.low.plus(low)?;
        self.high = self.high.plus(high)?;
        let Quote { priced_as, low: low_price, high: high_price, rates, doubts, assumptions } =
            quote;
        let assumptions = assumptions.union(self.card.assumptions);
        self.charge.assumptions = self.charge.assumptions.union(assumptions);
        // A price that differs without changing the cost is no doubt.
        let doubts = if low == high { Doubts::NONE } else { doubts };
        self.charge.doubts = self.charge.doubts.union(doubts);
        self.charge.lines.push(LineItem {
            meter,
            priced_as,
            quantity,
            low_price,
            high_price,
            low,
            high,
            rates,
            doubts,
            assumptions,
        });
        Ok(())
    }

    fn finish(mut self) -> Charge<'b> {
        self.charge.low.amount = self.low;
        if let Some(high) = &mut self.charge.high {
            high.amount = self.high;
        }
        self.charge
    }
}
