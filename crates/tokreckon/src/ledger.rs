//! Every record, charged or named as not charged; none lost.
//!
//! Records are added up in integer cells, one per (group, card, situation, conversion), and
//! priced once when the [`Report`](crate::report::Report) is made. Integer sums merge exactly in
//! any order, so neither the order nor the split of the input can change a digit.

mod not_charged;
mod settings;
mod cells;
mod answers;
mod labels;
mod costs;
mod lanes;
mod merge;
mod places;
mod tally;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use self::answers::Slot;
use self::cells::Cells;
use self::costs::AllLeastCosts;
pub(crate) use self::costs::{CostsOfOne, RawCost};
use self::labels::DateCache;
pub(crate) use self::labels::plain_label;
use self::lanes::Lanes;
pub use self::lanes::Posted;
pub use self::merge::Merged;
pub use self::not_charged::{NotCharged, NotChargedTally};
pub use self::settings::{
    Adjustment, AsIf, Conversion, Dimension, RoundingPolicy, RoundingScope, Settings,
};
pub(crate) use self::tally::GroupTally;
use crate::book::PriceBook;
use crate::charge::{Counts, PriceMasks, Shape, Situation, Terms};
use crate::lookup::Lookup;
use crate::money::{Currency, Exact, InexactError, Sum};
use crate::price::RateCard;
use crate::record::Record;
use crate::time::Period;
use crate::usage::{Meter, Totals, Usage};

/// What became of a record.
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
    /// Not charged, and why.
    NotCharged(NotCharged),
    /// A billed cost without usage.
    CostOnly,
}

/// Integer sums of records that are priced alike.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    /// Records with one exact charge; below, between two bounds, and charged in part.
    pub(crate) exact: u64,
    /// Records with one amount that takes something for granted.
    pub(crate) assumed: u64,
    pub(crate) bounded: u64,
    pub(crate) partly: u64,
    masks: PriceMasks,
    pub(crate) counts: Counts,
    /// Output tokens of records that do not say how much of them was reasoning.
    pub(crate) unsplit_output: u128,
    /// What rounding each record's lines added, low and high.
    pub(crate) line_rounding: (Exact, Exact),
    /// Costs in dollars that requests report, and how many do; not in their group's sums.
    pub(crate) reported_usd: Sum,
    pub(crate) with_reported: u64,
}

/// What plain requests are counted in.
const FEW_METERS: [Meter; 4] = [Meter::Input, Meter::CacheRead, Meter::Output, Meter::Reasoning];

/// Output of which nobody says how much was reasoning.
#[inline]
fn unsplit(usage: &Usage) -> u128 {
    if usage.unreported.reasoning { u128::from(usage.count(Meter::Output)) } else { 0 }
}

impl Cell {
    /// Adds one record.
    #[inline]
    fn add(&mut self, usage: &Usage) {
        let (mut metered, mut bit) = (0, 1);
        for (sum, &count) in self.counts.iter_mut().zip(usage.all()) {
            if count > 0 {
                // Sums of u64 in a u128 overflow after 2^64 records.
                *sum += u128::from(count);
                metered |= bit;
            }
            bit <<= 1;
        }
        self.unsplit_output += unsplit(usage);
        self.count(self.certainty(metered));
    }

    /// Adds one record of few meters, of whose output so much is not split; says which of them have
    /// a count.
    #[inline]
    fn add_few(&mut self, counts: [u64; 4], unsplit: u64) -> u32 {
        let mut metered = 0;
        // Not a loop over a list: where each sum lies is known before.
        let mut add = |meter: Meter, count: u64| {
            self.counts[meter as usize] += u128::from(count);
            metered |= u32::from(count > 0) << meter as u32;
        };
        add(FEW_METERS[0], counts[0]);
        add(FEW_METERS[1], counts[1]);
        add(FEW_METERS[2], counts[2]);
        add(FEW_METERS[3], counts[3]);
        self.unsplit_output += u128::from(unsplit);
        self.count(self.certainty(metered));
        metered
    }

    /// What is known about the prices of the meters a record has counts of.
    const fn certainty(&self, metered: u32) -> Certainty {
        if metered & self.masks.unpriced != 0 || self.masks.unread {
            Certainty::Partly
        } else if metered & self.masks.ranged != 0 {
            Certainty::Bounded
        } else if metered & self.masks.assumed != 0 {
            Certainty::Assumed
        } else {
            Certainty::Exact
        }
    }

    const fn count(&mut self, certainty: Certainty) {
        match certainty {
            Certainty::Exact => self.exact += 1,
            Certainty::Assumed => self.assumed += 1,
            Certainty::Bounded => self.bounded += 1,
            Certainty::Partly => self.partly += 1,
        }
    }
}

/// How well a record could be charged, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Certainty {
    Exact,
    Assumed,
    Bounded,
    Partly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CellKey {
    pub(crate) group: u32,
    pub(crate) card: u32,
    pub(crate) terms: u32,
    pub(crate) situation: Situation,
    /// UTC day or month when sums of it are rounded; 0 otherwise.
    pub(crate) rounding_day: i64,
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
    /// By the labels of provider and model.
    slots: Lookup<(u32, u32), Vec<Slot>>,
    pub(crate) cards: Vec<RateCard<'b>>,
    pub(crate) terms: Vec<CellTerms>,
    labels: Vec<Box<str>>,
    /// The label last used for each dimension: exports repeat themselves.
    last_labels: [u32; Dimension::ALL.len()],
    label_ids: Lookup<Box<str>, u32>,
    date_labels: Lookup<(Dimension, Date), u32>,
    group_ids: Lookup<GroupKey, u32>,
    groups: Vec<(GroupKey, GroupTally)>,
    pub(crate) cells: Cells,
    lanes: Lanes,
    least_costs: AllLeastCosts,
    dates: DateCache,
    last_dates: DateCache,
    /// Records whose period reaches over more than one day of the zone; they count for its first day.
    pub(crate) straddling: u64,
    /// Records seen.
    pub(crate) records: u64,
    /// First error of exact arithmetic, if any.
    pub(crate) inexact: Option<InexactError>,
}

/// Ids of a group's labels, in the order of the dimensions; unused ones are 0.
type GroupKey = [u32; Dimension::ALL.len()];

impl<'b> Ledger<'b> {
    /// An empty ledger.
    #[must_use]
    pub fn new(book: PriceBook<'b>, settings: Settings) -> Self {
        Self {
            book,
            settings,
            slots: Lookup::default(),
            cards: Vec::new(),
            terms: Vec::new(),
            labels: Vec::new(),
            last_labels: [0; Dimension::ALL.len()],
            label_ids: Lookup::default(),
            date_labels: Lookup::default(),
            group_ids: Lookup::default(),
            groups: Vec::new(),
            cells: Cells::default(),
            lanes: Lanes::default(),
            least_costs: AllLeastCosts::default(),
            dates: DateCache::default(),
            last_dates: DateCache::default(),
            straddling: 0,
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

    /// Adds one record.
    pub fn add(&mut self, record: &Record<'_>) -> Outcome {
        self.records += 1;
        if let Some(outcome) = self.add_in_lane(record) {
            return outcome;
        }
        self.least_costs.last = None;
        let group = self.group(record);
        self.add_reported(group, record.reported);
        self.add_unread(group, record.unread);
        let Some(totals) = record.totals else {
            if let Some((_, tally)) = self.groups.get_mut(group as usize) {
                tally.cost_only += 1;
            }
            return Outcome::CostOnly;
        };
        match self.settings.as_if.clone() {
            Some(as_if) => self.add_usage(&as_if.apply(record), group, &totals),
            None => self.add_usage(record, group, &totals),
        }
    }

    fn add_usage(&mut self, record: &Record<'_>, group: u32, totals: &Totals) -> Outcome {
        let result = totals.to_usage().map_err(NotCharged::from).and_then(|mut usage| {
            usage.unreported.member = !record.unread.is_empty();
            let (card, period) = self.card(record)?;
            self.check_end(card, &usage, record.shape)?;
            Ok((usage, card, period))
        });
        match result {
            Ok((usage, card, period)) => self.charge(record, group, usage, card, period),
            Err(reason) => {
                self.tally_not_charged(group, &reason, totals);
                Outcome::NotCharged(reason)
            }
        }
    }

    /// A cost that is no finite decimal is nobody's amount of money, and no sum of a report.
    fn check_end(&self, card: u32, usage: &Usage, shape: Shape) -> Result<(), NotCharged> {
        if let Some(card) = self.cards.get(card as usize).filter(|card| !card.always_ends()) {
            card.charge_with(usage, shape, Terms::LIST)?;
        }
        Ok(())
    }

    fn charge(
        &mut self,
        record: &Record<'_>,
        group: u32,
        usage: Usage,
        card: u32,
        period: Period,
    ) -> Outcome {
        let currency = self.cards.get(card as usize).map_or(Currency::USD, |card| card.currency);
        let terms = match self.cell_terms(record, currency) {
            Ok(terms) => self.intern_terms(terms),
            Err(error) => {
                self.inexact = self.inexact.or(Some(error));
                0
            }
        };
        let rounding_day = self.rounding_day(period);
        let has_lane = self.open_lane(
            record,
            CellKey { group, card, terms, situation: Situation::PLAIN, rounding_day },
        );
        let index = card as usize;
        let Some(card_ref) = self.cards.get(index) else {
            return Outcome::CostOnly;
        };
        let situation = card_ref.situation(&usage, record.shape);
        let key = CellKey { group, card, terms, situation, rounding_day };
        if has_lane && let Some(terms) = self.terms.get(terms as usize) {
            self.least_costs.last = Some(self.least_costs.number(card_ref, key, *terms));
        }
        let new_cell = |situation| {
            let of_last = self.least_costs.last.map(|costs| self.least_costs.masks(costs));
            let masks = of_last.unwrap_or_else(|| card_ref.price_masks(situation));
            Cell { masks, ..Cell::default() }
        };
        if card_ref.has_marginal_bracket() {
            let mut certainty = Certainty::Exact;
            for (situation, counts) in card_ref.parts(&usage, record.shape) {
                let cell = self.cells.entry(CellKey { situation, ..key }, || new_cell(situation));
                let mut metered = 0;
                for (meter, count) in counted(&counts) {
                    cell.counts[meter as usize] += count;
                    metered |= 1 << meter as u32;
                }
                certainty = certainty.max(cell.certainty(metered));
            }
            let cell = self.cells.entry(key, || new_cell(situation));
            cell.unsplit_output += unsplit(&usage);
            cell.count(certainty);
        } else {
            self.cells.entry(key, || new_cell(situation)).add(&usage);
        }
        if let Err(error) = self.round_lines(key, &usage, record.shape) {
            self.inexact = self.inexact.or(Some(error));
        }
        Outcome::Charged { usage, card: index, situation }
    }

    fn round_lines(
        &mut self,
        key: CellKey,
        usage: &Usage,
        shape: Shape,
    ) -> Result<(), InexactError> {
        let Some(RoundingPolicy { scope: RoundingScope::Line, places, mode }) =
            self.settings.rounding
        else {
            return Ok(());
        };
        let (Some(card), Some(terms)) =
            (self.cards.get(key.card as usize), self.terms.get(key.terms as usize))
        else {
            return Ok(());
        };
        let exact =
            card.charge_with(usage, shape, Terms { factor: terms.factor, line_rounding: None })?;
        let rounded = card.charge_with(
            usage,
            shape,
            Terms { factor: terms.factor, line_rounding: Some((places, mode)) },
        )?;
        let low = rounded.low.amount.minus(exact.low.amount)?;
        let high = match (rounded.high, exact.high) {
            (Some(rounded), Some(exact)) => rounded.amount.minus(exact.amount)?,
            _ => low,
        };
        let cell = self.cells.entry(key, Cell::default);
        cell.line_rounding = (cell.line_rounding.0.plus(low)?, cell.line_rounding.1.plus(high)?);
        Ok(())
    }

    fn rounding_day(&self, period: Period) -> i64 {
        match self.settings.rounding {
            Some(RoundingPolicy { scope: RoundingScope::Day, .. }) => period.start.day(),
            Some(RoundingPolicy { scope: RoundingScope::Invoice, .. }) => {
                let date = period.start.date_in(&TimeZone::UTC);
                date.map_or(0, |date| i64::from(date.year()) * 12 + i64::from(date.month()))
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
        let conversions = self.settings.conversions.iter().filter(|conversion| {
            conversion.from == currency && at.is_some_and(|at| conversion.since <= at)
        });
        let Some(conversion) = conversions.max_by_key(|conversion| conversion.since) else {
            return Ok(CellTerms { factor, adjustment: factor, ..CellTerms::list(currency) });
        };
        let (adjustment, rate) = (factor, conversion.rate);
        Ok(CellTerms { factor: factor.times(rate)?, adjustment, rate, currency: conversion.to })
    }

    fn intern_terms(&mut self, terms: CellTerms) -> u32 {
        let at = self.terms.iter().position(|other| *other == terms).unwrap_or_else(|| {
            self.terms.push(terms);
            self.terms.len() - 1
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }
}

/// The meters of a count array that are above zero.
pub(crate) fn counted(counts: &Counts) -> impl Iterator<Item = (Meter, u128)> + '_ {
    Meter::ALL.iter().map(|&meter| (meter, counts[meter as usize])).filter(|&(_, count)| count > 0)
}
