//! A row's own cost against its usage times the book's price, seller by seller.
//!
//! Sources write costs as floats, or rounded: a difference below half a unit of the last place that a
//! seller writes is none. Where all rows of a seller differ by one factor that can be an agreed discount
//! or a gateway's fee, nothing is found, and the factor is said; another factor is a difference. A cost of
//! zero for usage that has a price is its own finding.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::raw_sum::RawSum;
use super::view::View;
use super::{Code, Finding, RowRef};
use crate::agreed;
use crate::ledger::RawCost;
use crate::money::{Currency, Exact, POWERS, times_power};

/// Rows with one factor are an agreement only when there are so many of them.
const FEWEST_ROWS: u64 = 5;

/// How many places a seller may round its costs to, and what is that exact or more so.
const PLACES: [u32; 4] = [2, 3, 4, 6];

/// Own and computed cost of one row, as integers of one scale.
#[derive(Clone, Copy, Debug)]
struct Pair {
    own: i128,
    low: i128,
    high: i128,
    scale: u32,
}

/// What a seller's rows came to.
#[derive(Debug, Default)]
struct Seller {
    rows: u64,
    /// Places of the cost written with most of them.
    places: u32,
    /// Rows that differ by more than half a unit of so many places, and not of fewer, for each of
    /// [`PLACES`].
    differing: [Differing; PLACES.len()],
    zero: Differing,
    /// The first row with a cost, to compare the factor of the others with.
    first: Option<Pair>,
    /// All rows so far have the factor of the first.
    has_one_factor: bool,
}

/// Rows whose own cost is another one.
#[derive(Debug, Default)]
struct Differing {
    finding: Option<Box<Finding>>,
    /// What is at stake in its rows since it was summed up last.
    stake: RawSum,
}

/// All sellers.
#[derive(Debug, Default)]
pub(super) struct OwnCosts {
    /// By currency and provider.
    numbers: BTreeMap<Currency, BTreeMap<Box<str>, usize>>,
    all: Vec<Seller>,
}

/// One row: where it stands, its tokens, its own cost and what it costs by the book, at least and at
/// most.
#[derive(Clone, Copy, Debug)]
struct Row {
    at: RowRef,
    tokens: u128,
    own: Exact,
    low: RawCost,
    high: RawCost,
}

impl OwnCosts {
    /// Compares one row, where it has a cost of its own and one of its usage.
    pub(super) fn look(&mut self, view: &View<'_, '_>, row: RowRef) {
        let Some(reported) = view.record.reported else { return };
        let (Some(low), Some(high)) = (view.cost, view.highest_cost()) else { return };
        if reported.currency == low.currency {
            let counts = [view.totals.input, view.totals.output];
            let tokens = counts.into_iter().flatten().map(u128::from).sum();
            let own = reported.amount;
            let row = Row { at: row, tokens, own, low, high };
            let Some(pair) = Pair::new(&row) else { return };
            let provider = view.record.provider;
            let new = || self.number(low.currency, provider);
            let number = view.profile.own_cost_of(view.record, low.currency, new);
            self.all[number].add(provider, &row, &pair);
        }
    }

    /// The number of a seller.
    fn number(&mut self, currency: Currency, provider: &str) -> usize {
        let numbers = self.numbers.entry(currency).or_default();
        if let Some(number) = numbers.get(provider) {
            return *number;
        }
        let number = self.all.len();
        self.all.push(Seller { has_one_factor: true, ..Seller::default() });
        numbers.insert(provider.into(), number);
        number
    }

    /// All sellers, by currency and provider.
    fn into_sorted(self) -> impl Iterator<Item = (Currency, Box<str>, Seller)> {
        let mut all: Vec<_> = self.all.into_iter().map(Some).collect();
        let sellers = self.numbers.into_iter().flat_map(|(currency, numbers)| {
            numbers.into_iter().map(move |(provider, number)| (currency, provider, number))
        });
        sellers.filter_map(move |(currency, provider, number)| {
            Some((currency, provider, all.get_mut(number)?.take()?))
        })
    }

    /// Adds what another part of the input shows.
    pub(super) fn absorb(&mut self, part: Self) {
        for (currency, provider, seller) in part.into_sorted() {
            let number = self.number(currency, &provider);
            self.all[number].absorb(seller);
        }
    }

    /// The findings, and what is taken for granted of how many rows.
    pub(super) fn finish(self) -> (Vec<Finding>, Vec<(String, u64)>) {
        let (mut findings, mut granted) = (Vec::new(), Vec::new());
        for (currency, provider, seller) in self.into_sorted() {
            let at = PLACES.iter().position(|places| *places >= seller.places);
            let at = at.unwrap_or(PLACES.len() - 1);
            let factor = seller.factor();
            let differing = seller.differing.into_iter().take(at + 1).reduce(Differing::and);
            let differing = differing.and_then(|differing| differing.finish(currency));
            findings.extend(seller.zero.finish(currency));
            match (differing, factor) {
                (Some(finding), Some(factor)) if agreed::is_near(factor) => granted.push((
                    format!("own costs {}: all are about {factor} x the book's price: taken for what was agreed", of_seller(&provider)),
                    finding.records,
                )),
                (Some(mut finding), Some(factor)) => {
                    let _ = write!(finding.message, ": in all rows about {factor} times as much");
                    findings.push(finding);
                }
                (finding, None) => findings.extend(finding),
                (None, Some(_)) => {}
            }
        }
        (findings, granted)
    }
}

fn of_seller(provider: &str) -> String {
    match provider {
        "" => "of rows that name no provider".to_owned(),
        _ => format!("of `{provider}`"),
    }
}

impl Pair {
    fn new(row: &Row) -> Option<Self> {
        let scale = row.own.scale().max(row.low.scale).max(row.high.scale);
        let at =
            |mantissa: i128, own: u32| times_power(mantissa, *POWERS.get((scale - own) as usize)?);
        let own = at(row.own.mantissa(), row.own.scale())?;
        let low = at(row.low.mantissa, row.low.scale)?;
        Some(Self { own, low, high: at(row.high.mantissa, row.high.scale)?, scale })
    }

    /// How far the own cost lies outside of the computed bounds.
    fn gap(&self) -> i128 {
        (self.low - self.own).max(self.own - self.high).max(0)
    }

    /// The first of [`PLACES`] by more than half a unit of which it lies outside; `None` when it
    /// does by less, or by no more than floats lose: a part in a thousand million.
    fn differs(&self) -> Option<usize> {
        let gap = self.gap();
        if gap == 0 || gap.saturating_mul(1_000_000_000) <= self.high.abs() {
            return None;
        }
        let doubled = gap.saturating_mul(2);
        PLACES.iter().position(|places| {
            let unit = self.scale.checked_sub(*places).and_then(|at| POWERS.get(at as usize));
            // A unit that is smaller than the last place of both is never reached.
            unit.is_none_or(|unit| doubled > i128::from(*unit))
        })
    }

    /// Whether own and lowest cost of both rows have one ratio, to a part in ten thousand or half a
    /// millionth of money.
    fn has_factor_of(&self, first: &Self) -> bool {
        let expected = self.low.checked_mul(first.own).zip(self.own.checked_mul(first.low));
        let Some((expected, is)) = expected else { return false };
        let gap = expected.abs_diff(is);
        let half = self.scale.checked_sub(6).and_then(|at| POWERS.get(at as usize));
        let rounding = half
            .map_or(0, |unit| first.low.unsigned_abs().saturating_mul(unit.unsigned_abs().into()));
        gap <= (expected.unsigned_abs() / 10_000).max(rounding)
    }
}

impl Seller {
    fn add(&mut self, provider: &str, row: &Row, pair: &Pair) {
        self.rows += 1;
        if pair.own == 0 && pair.low > 0 {
            let what = "a cost of zero for usage that has a price";
            self.zero.add(row, (provider, what), pair.low, pair.scale);
            return;
        }
        self.places = self.places.max(row.own.scale());
        match &self.first {
            None if pair.low > 0 => self.first = Some(*pair),
            None => {}
            Some(first) => self.has_one_factor = self.has_one_factor && pair.has_factor_of(first),
        }
        if let Some(at) = pair.differs() {
            let what = "another cost than the usage times the book's price";
            self.differing[at].add(row, (provider, what), pair.gap(), pair.scale);
        }
    }

    fn absorb(&mut self, other: Self) {
        self.rows += other.rows;
        self.places = self.places.max(other.places);
        self.zero.absorb(other.zero);
        for (own, other) in self.differing.iter_mut().zip(other.differing) {
            own.absorb(other);
        }
        self.has_one_factor = self.has_one_factor && other.has_one_factor;
        match (&self.first, &other.first) {
            (Some(first), Some(other)) => {
                self.has_one_factor = self.has_one_factor && other.has_factor_of(first);
            }
            (None, first) => self.first = *first,
            (Some(_), None) => {}
        }
    }

    /// The factor of all rows, in thousandths, when they are many enough to show one.
    fn factor(&self) -> Option<Exact> {
        let first = self.first.filter(|_| self.has_one_factor && self.rows >= FEWEST_ROWS)?;
        let thousandths = first.own.checked_mul(1_000)?.checked_add(first.low / 2)? / first.low;
        Exact::new(thousandths, 3).ok()
    }
}

impl Differing {
    fn add(&mut self, row: &Row, (provider, what): (&str, &str), gap: i128, scale: u32) {
        let finding = self.finding.get_or_insert_with(|| {
            // Of what names no seller the rows are all there is to name.
            let message = match provider {
                "" => format!("rows that name no provider report {what}"),
                _ => format!("`{provider}` reports {what}"),
            };
            Box::new(Finding::new(Code::OwnCostDiffers, message, None))
        });
        let before = finding.rows.len();
        finding.add(row.at, row.tokens, None);
        if finding.rows.len() > before {
            let figures = row.low.exact().zip(row.high.exact()).map(|((_, low), (_, high))| {
                let high = if low == high { String::new() } else { format!(" to {high}") };
                format!("{} reported, {low}{high} by the price", row.own)
            });
            finding.figures.push(figures.unwrap_or_default());
        }
        self.stake.add(gap, scale);
    }

    /// The finding with all that is at stake.
    fn finish(self, currency: Currency) -> Option<Finding> {
        let mut finding = *self.finding?;
        finding.add_stake(self.stake.total().map(|stake| (currency, stake)));
        Some(finding)
    }

    fn and(mut self, other: Self) -> Self {
        self.absorb(other);
        self
    }

    fn absorb(&mut self, other: Self) {
        self.stake.absorb(other.stake);
        match (&mut self.finding, other.finding) {
            (Some(own), Some(other)) => own.absorb(*other),
            (own @ None, other) => *own = other,
            (Some(_), None) => {}
        }
    }
}
