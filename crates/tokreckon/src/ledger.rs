//! Every record, charged or named as not charged; none lost.
//!
//! Records are added up in integer cells, one per (group, card, situation, conversion), and
//! priced once when the [`Report`](crate::report::Report) is made. Integer sums merge exactly in
//! any order, so neither the order nor the split of the input can change a digit.

#![deny(clippy::arithmetic_side_effects)]

mod not_charged;
mod settings;
mod names;
mod cells;
mod labels;
mod filter;
mod tally;
mod unit_costs;
mod spans;
mod route;
mod merge;
pub mod saved;

use std::sync::Arc;

use crate::lookup::Grow;
use jiff::tz::TimeZone;

pub(crate) use self::cells::{Cell, CellKey, Cells};
pub use self::filter::Filter;
use self::labels::KnownGroups;
pub(crate) use self::labels::plain_label;
pub use self::merge::Merged;
use self::names::Names;
pub use self::not_charged::{NotCharged, NotChargedTally};
use self::route::{Kind, RouteCell, Routes, Target};
pub use self::settings::{
    Adjustment, AsIf, Conversion, Defaults, Dimension, LabelName, RoundingPolicy, RoundingScope,
    Settings,
};
use self::tally::AllRefused;
pub(crate) use self::tally::GroupTally;
use self::unit_costs::AllUnitCosts;
pub(crate) use self::unit_costs::RawCost;
use crate::book::PriceBook;
use crate::charge::{Shape, Situation, Terms};
use crate::lookup::Numbers;
use crate::money::{Currency, Exact, InexactError, Rounding};
use crate::price::RateCard;
use crate::record::Record;
use crate::time::Period;
use crate::usage::{Unreported, Usage};

/// What became of a record.
#[expect(clippy::large_enum_variant, reason = "nearly every record is charged, and none is stored")]
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Charged by a card, in a situation.
    Charged {
        /// Its disjoint usage.
        usage: Usage,
        /// Index of the card in [`Ledger::cards`].
        card: usize,
        /// Which prices of the card apply.
        situation: Situation,
    },
    /// Not charged; [`Ledger::reason`] says why.
    NotCharged(Refusal),
    /// A billed cost without usage.
    CostOnly,
}

/// The number of a reason for which records of a ledger were not charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Refusal(u32);

impl Refusal {
    /// The number itself.
    pub(crate) const fn number(self) -> usize {
        self.0 as usize
    }
}

/// A record in a ledger: what became of it, and where.
#[derive(Clone, Debug)]
pub struct Posting {
    /// What became of it.
    pub outcome: Outcome,
    /// The same number for records of the same names, service tier, variant and card, or reason for
    /// having none.
    pub(crate) subject: u32,
    /// Number of its unit costs, where it has them.
    costs: Option<u32>,
}

/// Terms and conversion of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CellTerms {
    pub(crate) factor: Exact,
    /// The factor is this, discounts and mark-ups, times the rate into another currency.
    pub(crate) adjustment: Exact,
    pub(crate) rate: Exact,
    pub(crate) currency: Currency,
}

impl CellTerms {
    /// List price, in the card's currency.
    const fn list(currency: Currency) -> Self {
        Self { factor: Exact::ONE, adjustment: Exact::ONE, rate: Exact::ONE, currency }
    }
}

/// All records.
#[derive(Debug)]
pub struct Ledger<'b> {
    book: PriceBook<'b>,
    pub(crate) settings: Settings,
    /// Of what it groups by, names that decide nothing else.
    named: Vec<Dimension>,
    names: Names,
    pub(crate) cards: Vec<RateCard<'b>>,
    pub(crate) terms: Vec<CellTerms>,
    groups: KnownGroups,
    pub(crate) cells: Cells,
    refusals: Vec<Arc<NotCharged>>,
    refusal_ids: Numbers,
    refused: AllRefused,
    routes: Routes,
    unit_costs: AllUnitCosts,
    /// Records whose period reaches over more than one day of the zone; they count for its first day.
    pub(crate) straddling: u64,
    /// Rows that could not be read, and inputs that were not read to their end.
    pub(crate) unreadable: u64,
    /// First and last second that records are about; the first is later where none is dated.
    pub(crate) span: (i64, i64),
    /// Records seen.
    pub(crate) records: u64,
    /// First error of exact arithmetic, if any.
    pub(crate) inexact: Option<InexactError>,
}

/// Ids of a group's labels, in the order of the dimensions; unused ones are 0.
type GroupKey = [u32; MOST_DIMENSIONS];

/// Every dimension once, and one label.
const MOST_DIMENSIONS: usize = Dimension::ALL.len() + 1;

impl<'b> Ledger<'b> {
    /// An empty ledger.
    #[must_use]
    pub fn new(book: PriceBook<'b>, settings: Settings) -> Self {
        Self {
            book,
            groups: KnownGroups::new(&settings.by),
            named: settings.by.iter().copied().filter(|by| by.is_name()).collect(),
            settings,
            names: Names::default(),
            cards: Vec::new(),
            terms: Vec::new(),
            cells: Cells::default(),
            refusals: Vec::new(),
            refusal_ids: Numbers::default(),
            refused: AllRefused::default(),
            routes: Routes::default(),
            unit_costs: AllUnitCosts::default(),
            unreadable: 0,
            straddling: 0,
            span: (i64::MAX, i64::MIN),
            records: 0,
            inexact: None,
        }
    }

    /// The book it charges by.
    #[must_use]
    pub const fn book(&self) -> &PriceBook<'b> {
        &self.book
    }

    /// How it adds up.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The cards used so far; [`Outcome::Charged`] holds indices into them.
    #[must_use]
    pub fn cards(&self) -> &[RateCard<'b>] {
        &self.cards
    }

    /// The terms that hold for a record charged by a card: factor and currency.
    #[must_use]
    pub fn terms_for(&self, record: &Record<'_>, card: usize) -> (Terms, Currency) {
        let currency = self.cards.get(card).map_or(Currency::USD, |card| card.currency);
        let terms = self.cell_terms(record, currency);
        let terms = terms.unwrap_or(CellTerms::list(currency));
        (Terms { factor: terms.factor, line_rounding: None }, terms.currency)
    }

    /// Why records were not charged, by the number in [`Outcome::NotCharged`].
    #[must_use]
    pub fn reason(&self, refusal: Refusal) -> &NotCharged {
        self.refusals.get(refusal.0 as usize).map_or(&NotCharged::NoModel, |reason| reason)
    }

    /// Counts rows that could not be read, and inputs that were not read to their end: what they cost is in
    /// no sum, and no total is exact.
    pub const fn count_unreadable(&mut self, rows: u64) {
        self.unreadable = self.unreadable.saturating_add(rows);
    }

    /// Adds one record.
    pub fn add(&mut self, record: &Record<'_>) -> Posting {
        self.records.grow(1);
        let at = self.route(record);
        let route = &self.routes.all[at];
        let (group, subject, target) = (route.group, route.subject, route.target);
        self.straddling.grow(u64::from(route.straddles));
        if let Some(period) = record.period.or(self.settings.undated) {
            // A period ends before its end, an instant at itself.
            let last = period.start.0.max(period.end.0.saturating_sub(1));
            self.span = (self.span.0.min(period.start.0), self.span.1.max(last));
        }
        if record.reported.is_some() {
            self.add_reported(group, record.reported);
        }
        if !record.unread.is_empty() {
            self.add_unread(group, record.unread);
        }
        let Some(totals) = &record.totals else {
            self.groups.tally(group).cost_only.grow(1);
            return Posting { outcome: Outcome::CostOnly, subject, costs: None };
        };
        let mut usage = Usage::NONE;
        let charged = match (totals.split_into(&mut usage), target) {
            (Err(error), _) => Err(self.refusal(error.into())),
            (Ok(()), Err(refusal)) => {
                let known = self.routes.all[at].refused;
                let refused = self.tally_refused(known, group, refusal, totals);
                self.routes.all[at].refused = Some(refused);
                let outcome = Outcome::NotCharged(refusal);
                return Posting { outcome, subject, costs: None };
            }
            (Ok(()), Ok(target)) => {
                let card = &self.cards[target.card as usize];
                if let Some(what) = record.complete(&mut usage, card, target.lists_requests) {
                    self.add_unread(group, what);
                }
                let charged = self.charge(at, &target, &usage, record.shape);
                charged.map(|(situation, costs)| (target.card as usize, situation, costs))
            }
        };
        match charged {
            Ok((card, situation, costs)) => {
                Posting { outcome: Outcome::Charged { usage, card, situation }, subject, costs }
            }
            Err(refusal) => {
                self.tally_refused(None, group, refusal, totals);
                Posting { outcome: Outcome::NotCharged(refusal), subject, costs: None }
            }
        }
    }

    /// Charges a usage by the card of a route: in which situation, and the number of its unit costs.
    #[inline]
    fn charge(
        &mut self,
        at: usize,
        target: &Target,
        usage: &Usage,
        shape: Shape,
    ) -> Result<(Situation, Option<u32>), Refusal> {
        if target.kind == Kind::EachByItself {
            return Ok((self.charge_by_itself(at, target, usage, shape)?, None));
        }
        let card = target.card as usize;
        let situation = if target.kind == Kind::Simple {
            let unreported = Unreported { reasoning: false, ..usage.unreported };
            Situation { unreported, ..Situation::PLAIN }
        } else {
            self.cards[card].situation(usage, shape)
        };
        let known = self.routes.all[at].cell(situation);
        let RouteCell { cell, costs, .. } =
            known.unwrap_or_else(|| self.open_cell(at, target, situation));
        if let Some(cell) = self.cells.get_mut(cell) {
            cell.add(usage);
        }
        if self.settings.rounding.is_some() {
            self.round_lines(target.key(self.routes.all[at].group, situation), usage, shape);
        }
        Ok((situation, Some(costs)))
    }

    #[cold]
    #[inline(never)]
    fn open_cell(&mut self, at: usize, target: &Target, situation: Situation) -> RouteCell {
        let route = &mut self.routes.all[at];
        let key = target.key(route.group, situation);
        let card = &self.cards[target.card as usize];
        let costs = self.unit_costs.number(card, key, self.terms[target.terms as usize]);
        let masks = self.unit_costs.masks(costs);
        let cell = self.cells.number(key, || Cell::new(masks));
        let cell = RouteCell { situation, cell, costs };
        route.remember(cell);
        cell
    }

    /// Charges a usage that falls into several price tiers, or whose cost may not end: a cost that is
    /// no finite decimal is nobody's amount of money, and no sum of a report.
    fn charge_by_itself(
        &mut self,
        at: usize,
        target: &Target,
        usage: &Usage,
        shape: Shape,
    ) -> Result<Situation, Refusal> {
        let index = target.card as usize;
        let group = self.routes.all[at].group;
        let card = &self.cards[index];
        let ends = card.always_ends() || card.charge_with(usage, shape, Terms::LIST).is_ok();
        if !ends {
            return Err(self.refusal(NotCharged::NoExactCost(InexactError)));
        }
        let situation = card.situation(usage, shape);
        let key = target.key(group, situation);
        let cells = &mut self.cells;
        let mut entry = |situation: Situation| {
            cells.number(CellKey { situation, ..key }, || Cell::new(card.price_masks(situation)))
        };
        let own = entry(situation);
        if card.has_marginal_bracket() {
            let parts = card.parts(usage, shape);
            let parts: Vec<_> =
                parts.into_iter().map(|(situation, counts)| (entry(situation), counts)).collect();
            let mut certainty = None;
            for (cell, counts) in parts {
                let cell = self.cells.get_mut(cell);
                certainty = certainty.max(cell.map(|cell| cell.add_counts(&counts)));
            }
            if let Some(cell) = self.cells.get_mut(own) {
                cell.add_marginal(usage, certainty);
            }
        } else if let Some(cell) = self.cells.get_mut(own) {
            cell.add(usage);
        }
        self.round_lines(key, usage, shape);
        Ok(situation)
    }

    fn round_lines(&mut self, key: CellKey, usage: &Usage, shape: Shape) {
        if let Some(RoundingPolicy { scope: RoundingScope::Line, places, mode }) =
            self.settings.rounding
            && let Err(error) = self.add_rounding(key, usage, shape, (places, mode))
        {
            self.inexact = self.inexact.or(Some(error));
        }
    }

    fn add_rounding(
        &mut self,
        key: CellKey,
        usage: &Usage,
        shape: Shape,
        rounding: (u32, Rounding),
    ) -> Result<(), InexactError> {
        let (card, terms) = (&self.cards[key.card as usize], self.terms[key.terms as usize]);
        let charge = |line_rounding| {
            card.charge_with(usage, shape, Terms { factor: terms.factor, line_rounding })
        };
        let (exact, rounded) = (charge(None)?, charge(Some(rounding))?);
        let low = rounded.low.amount.minus(exact.low.amount)?;
        let high = match (rounded.high, exact.high) {
            (Some(rounded), Some(exact)) => rounded.amount.minus(exact.amount)?,
            _ => low,
        };
        self.cells.entry(key, Cell::default).add_line_rounding([low, high])
    }

    fn rounding_day(&self, period: Period) -> i64 {
        match self.settings.rounding {
            Some(RoundingPolicy { scope: RoundingScope::Day, .. }) => period.start.day(),
            Some(RoundingPolicy { scope: RoundingScope::Invoice, .. }) => {
                let date = period.start.date_in(&TimeZone::UTC);
                date.map_or(0, |date| {
                    i64::from(date.year())
                        .saturating_mul(12)
                        .saturating_add(i64::from(date.month()))
                })
            }
            _ => 0,
        }
    }

    fn cell_terms(
        &self,
        record: &Record<'_>,
        currency: Currency,
    ) -> Result<CellTerms, InexactError> {
        let mut factor = Exact::ONE;
        for adjustment in &self.settings.adjustments {
            let same = |wanted: &Option<String>, is: &str| {
                wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(is))
            };
            if same(&adjustment.provider, record.provider) && same(&adjustment.model, record.model)
            {
                factor = factor.times(adjustment.factor)?;
            }
        }
        let at = record.period.or(self.settings.undated).map(|period| period.start);
        let conversions = &self.settings.conversions;
        let Some(conversion) = at.and_then(|at| Conversion::at(conversions, currency, at)) else {
            return Ok(CellTerms { factor, adjustment: factor, ..CellTerms::list(currency) });
        };
        let (adjustment, rate) = (factor, conversion.rate);
        Ok(CellTerms { factor: factor.times(rate)?, adjustment, rate, currency: conversion.to })
    }

    /// The number of the terms for a record that is charged by a card.
    fn terms_of(&mut self, record: &Record<'_>, card: u32) -> u32 {
        let currency = self.cards.get(card as usize).map_or(Currency::USD, |card| card.currency);
        let terms = self.cell_terms(record, currency).unwrap_or_else(|error| {
            self.inexact = self.inexact.or(Some(error));
            CellTerms::list(currency)
        });
        self.intern_terms(terms)
    }

    fn intern_terms(&mut self, terms: CellTerms) -> u32 {
        let at = self.terms.iter().position(|other| *other == terms).unwrap_or_else(|| {
            self.terms.push(terms);
            self.terms.len().saturating_sub(1)
        });
        u32::try_from(at).expect("few terms")
    }
}
