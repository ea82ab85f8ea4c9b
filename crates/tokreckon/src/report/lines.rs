//! The report's line items: one per group, meter and unit price, which is a charge in the words of FOCUS.
//!
//! A line has one price. Where the evidence leaves the price open, it is a range; where nobody
//! states a price, there is none. Lines add up to the report to the last digit.

use std::collections::{BTreeMap, BTreeSet};

use super::{Bounds, Grouped};
use crate::charge::{LineItem, Terms};
use crate::grade::Assumptions;
use crate::ledger::{CellTerms, Ledger};
use crate::money::{Currency, Exact, InexactError};
use crate::price::{Doubts, Noun, State, UnitPrice};
use crate::usage::Meter;

/// One meter of one group at one unit price.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Line {
    /// One label per dimension of the settings.
    pub labels: Vec<String>,
    /// Who sends the bill.
    pub provider: String,
    /// Model id as the book lists it.
    pub model: String,
    /// What was counted.
    pub meter: Meter,
    /// How many.
    pub quantity: u128,
    /// Currency of the costs.
    pub currency: Currency,
    /// The cost, or what the book says about a meter without a price; `None` when it does not list it.
    pub cost: Result<LineCost, Option<State>>,
}

/// What a line costs.
#[derive(Clone, Debug, PartialEq)]
pub struct LineCost {
    /// The meter whose price applies, such as output for reasoning.
    pub priced_as: Meter,
    /// Lowest unit price of the book, in the card's currency.
    pub low_price: UnitPrice,
    /// Highest unit price; equal to the lowest when nothing is in doubt.
    pub high_price: UnitPrice,
    /// Units of [`Line::currency`] for one unit of the card's currency; 1 when they are the same.
    pub rate: Exact,
    /// Cost at the book's price.
    pub list: Bounds,
    /// What discounts and mark-ups multiply the list cost by.
    pub factor: Exact,
    /// Cost under the terms: list cost × factor.
    pub under_terms: Bounds,
    /// Why the cost is a range, or a lower bound only; empty for one number.
    pub doubts: Doubts,
    /// What the price takes for granted; empty for an exact cost.
    pub assumptions: Assumptions,
    /// Who states the price, and the day it was last seen there.
    pub sources: BTreeSet<(String, String)>,
}

/// A line as a bill states it: `quantity` × `list_unit_price` is the list cost, to the last digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pricing {
    /// Pricing units.
    pub quantity: Exact,
    /// How many of [`Self::noun`] make one pricing unit.
    pub unit_size: u128,
    /// What a pricing unit counts.
    pub noun: Noun,
    /// List cost of one pricing unit at the lowest price, in the currency of the costs.
    pub list_unit_price: Exact,
    /// The same under the terms.
    pub contracted_unit_price: Exact,
}

impl LineCost {
    /// The line in pricing units whose price and quantity are both finite decimals: those of the
    /// book where that is so, else single things (seconds instead of hours), else all at once.
    ///
    /// # Errors
    /// When an exact number needs more than 38 digits.
    pub fn pricing(&self, quantity: u128) -> Result<Pricing, InexactError> {
        let price = self.low_price;
        let counted = price.counted_per_unit()?;
        let single = price.noun.counted();
        let amount = price.amount.times(self.rate)?;
        let all = Exact::ONE.times_count(quantity)?;
        let (quantity, unit_size, noun, list_unit_price) =
            match (all.divided_by(counted), amount.divided_by(counted)) {
                (Ok(units), _) => (units, u128::from(price.per), price.noun, amount),
                (_, Ok(each)) => (all, 1, single, each),
                _ => (Exact::ONE, quantity, single, self.list.low),
            };
        let contracted_unit_price = list_unit_price.times(self.factor)?;
        Ok(Pricing { quantity, unit_size, noun, list_unit_price, contracted_unit_price })
    }
}

/// Lines of a group with equal keys are one.
type Key = (String, String, Meter, Currency, Option<PriceKey>, Option<State>);
type PriceKey = (Meter, Exact, Exact, u64, &'static str, Exact, Exact, (Doubts, Assumptions));

impl Ledger<'_> {
    /// Every charged count with its price, sorted. Records that were not charged are in the groups
    /// of the [`Report`](super::Report).
    ///
    /// # Errors
    /// When an exact cost needs more than 38 digits; nothing is rounded.
    pub fn lines(&self) -> Result<Vec<Line>, InexactError> {
        if let Some(error) = self.inexact {
            return Err(error);
        }
        let cells = Grouped::new(self.cells.count(), |number| self.cells.group(number));
        let mut all = Vec::new();
        for group in self.sorted_groups() {
            all.extend(self.lines_of(group, cells.of(group))?);
        }
        Ok(all)
    }

    /// The lines of a group, which has these cells.
    fn lines_of(
        &self,
        group: u32,
        cells: &[u32],
    ) -> Result<impl Iterator<Item = Line>, InexactError> {
        let labels: Vec<String> = self.labels(group).map(str::to_owned).collect();
        let mut lines: BTreeMap<Key, Line> = BTreeMap::new();
        for &number in cells {
            let (key, cell) = self.cells.get(number);
            let (card, terms) = (&self.cards[key.card as usize], self.terms[key.terms as usize]);
            let under = |factor: Exact| {
                let terms = Terms { factor, line_rounding: None };
                card.charge_counts(key.situation, &cell.counts(), terms)
            };
            let (list, charged) = (under(terms.rate)?, under(terms.factor)?);
            let line = |meter, quantity, cost| Line {
                labels: labels.clone(),
                provider: card.provider.to_owned(),
                model: card.model.to_owned(),
                meter,
                quantity,
                currency: terms.currency,
                cost,
            };
            for (listed, item) in list.lines.iter().zip(&charged.lines) {
                let mut cost = line_cost(listed, item, terms);
                let open = list.doubts.beside_lines();
                if !open.is_empty() {
                    // Of no line of such a record it is known that it is all there is.
                    cost.doubts = cost.doubts.union(open);
                    (cost.list.open, cost.under_terms.open) = (true, true);
                }
                add(&mut lines, line(listed.meter, listed.quantity, Ok(cost)))?;
            }
            for unpriced in charged.unpriced {
                add(&mut lines, line(unpriced.meter, unpriced.quantity, Err(unpriced.state)))?;
            }
        }
        Ok(lines.into_values())
    }
}

fn line_cost(list: &LineItem<'_>, charged: &LineItem<'_>, terms: CellTerms) -> LineCost {
    let sources = list.rates.iter().map(|rate| (rate.source().to_owned(), rate.seen()));
    LineCost {
        priced_as: list.priced_as,
        low_price: list.low_price,
        high_price: list.high_price,
        rate: terms.rate,
        list: Bounds { low: list.low, high: list.high, open: false },
        factor: terms.adjustment,
        under_terms: Bounds { low: charged.low, high: charged.high, open: false },
        doubts: list.doubts,
        assumptions: list.assumptions,
        sources: sources.collect(),
    }
}

fn add(lines: &mut BTreeMap<Key, Line>, line: Line) -> Result<(), InexactError> {
    let price = line.cost.as_ref().ok().map(|cost| {
        let (low, high) = (cost.low_price, cost.high_price);
        let (amounts, noun) = ((low.amount, high.amount), low.noun.as_str());
        let reasons = (cost.doubts, cost.assumptions);
        (cost.priced_as, amounts.0, amounts.1, low.per, noun, cost.rate, cost.factor, reasons)
    });
    let state = line.cost.as_ref().err().copied().flatten();
    let (provider, model) = (line.provider.clone(), line.model.clone());
    let key = (provider, model, line.meter, line.currency, price, state);
    let Some(sum) = lines.get_mut(&key) else {
        lines.insert(key, line);
        return Ok(());
    };
    sum.quantity += line.quantity;
    if let (Ok(sum), Ok(cost)) = (&mut sum.cost, line.cost) {
        sum.list.add(cost.list)?;
        sum.under_terms.add(cost.under_terms)?;
        sum.sources.extend(cost.sources);
    }
    Ok(())
}
