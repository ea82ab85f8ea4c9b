//! Charges grouped and totalled: what `report` prints.
//!
//! Every group holds exact sums with both bounds, what has no price, and what was not charged
//! and why. Displayed or not, groups add up to the total to the last digit.

mod by_currency;
mod groups;
mod headline;
mod lines;
mod meter_counts;
mod regroup;

use std::collections::{BTreeMap, BTreeSet};

pub use self::by_currency::ByCurrency;
pub use self::groups::{Groups, Unpacked};
pub use self::headline::OpenPoint;
pub use self::lines::{Line, LineCost, Pricing};
pub use self::meter_counts::MeterCounts;
use self::regroup::Sum;
pub use crate::charge::Bounds;
use crate::charge::{Charge, Terms};
use crate::grade::{Assumptions, Grade};
use jiff::civil::Date;

use crate::ledger::{Cell, Dimension, Ledger, NotChargedTally, RoundingPolicy, RoundingScope};
use crate::money::{Currency, Exact, InexactError};
use crate::price::{Doubts, State};
use crate::time::Instant;
use crate::usage::Meter;

/// How many records came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordCounts {
    /// All of them.
    pub all: u64,
    /// With one exact charge.
    pub exact: u64,
    /// With one charge that takes something for granted.
    pub assumed: u64,
    /// With a charge between two bounds.
    pub bounded: u64,
    /// Charged in part: a count has no price.
    pub partly: u64,
    /// Not charged.
    pub not_charged: u64,
    /// Billed costs without usage.
    pub cost_only: u64,
}

impl RecordCounts {
    /// With a charge that nothing is missing from: exact, assumed or between two bounds.
    #[must_use]
    pub const fn charged(&self) -> u64 {
        self.exact + self.assumed + self.bounded
    }

    fn add(&mut self, other: Self) {
        self.all += other.all;
        self.exact += other.exact;
        self.assumed += other.assumed;
        self.bounded += other.bounded;
        self.partly += other.partly;
        self.not_charged += other.not_charged;
        self.cost_only += other.cost_only;
    }
}

/// Counts without a price, by meter.
pub type UnpricedCounts = BTreeMap<(Meter, Option<State>), u128>;

/// One group, or the total.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Group {
    /// One label per dimension; empty where the source does not say.
    pub labels: Vec<String>,
    /// How many records came to what.
    pub records: RecordCounts,
    /// Counts of charged records, priced or not.
    pub counts: MeterCounts,
    /// Output tokens of records that do not say how much of them was reasoning.
    pub unsplit_output: u128,
    /// Plain input tokens of records that do not say how much of them came from a cache.
    pub unsplit_input: u128,
    /// Cost by currency.
    pub costs: ByCurrency<Bounds>,
    /// The part of the costs that is known exactly: line items of one amount, of records of which all
    /// was read, by prices that take nothing for granted.
    pub firm: ByCurrency<Exact>,
    /// Why costs are ranges.
    pub doubts: Doubts,
    /// What prices take for granted.
    pub assumptions: Assumptions,
    /// Members that count or decide a price and were not read, and in how many records.
    pub unread: BTreeMap<Box<str>, u64>,
    /// Counts without a price.
    pub unpriced: UnpricedCounts,
    /// Records that were not charged, by reason.
    pub not_charged: Vec<NotChargedTally>,
    /// Costs as the source reports them, by currency.
    pub reported: ByCurrency<Exact>,
    /// How many records report a cost.
    pub with_reported: u64,
}

impl Group {
    /// How far the cost can be trusted: as far as that of its worst record.
    #[must_use]
    pub fn grade(&self) -> Grade {
        let of_costs = self.costs.keys().map(|&currency| self.cost_in(currency));
        let grades = of_costs.map(|bounds| bounds.grade(self.assumptions));
        // Without a cost in any currency.
        let none = Grade::of(0, (!self.is_open()).then_some(0), self.assumptions);
        grades.max().unwrap_or(none)
    }

    /// True when a record has no price, or a part of one has none: no cost has an upper bound then, since
    /// nobody knows in which currency it would be.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.records.not_charged > 0
            || self.records.partly > 0
            || self.costs.values().any(|bounds| bounds.open)
    }

    /// What all its records cost in a currency: as [`costs`](Self::costs), and without an upper bound
    /// where that of a record is not known.
    #[must_use]
    pub fn cost_in(&self, currency: Currency) -> Bounds {
        let cost = self.costs.get(&currency).copied().unwrap_or_default();
        Bounds { open: self.is_open(), ..cost }
    }

    /// Input tokens of charged records, cached and written ones included.
    #[must_use]
    pub fn input_tokens(&self) -> u128 {
        self.counts.iter().filter(|(meter, _)| meter.is_prompt()).map(|(_, count)| count).sum()
    }

    /// Input tokens served from a cache.
    #[must_use]
    pub fn cached_tokens(&self) -> u128 {
        let cached = [Meter::CacheRead, Meter::CacheReadAudio, Meter::CacheReadImage];
        cached.iter().map(|&meter| self.counts[meter]).sum()
    }

    /// Output tokens of charged records, reasoning included.
    #[must_use]
    pub fn output_tokens(&self) -> u128 {
        let output =
            self.counts.iter().filter(|(meter, _)| meter.counts_tokens() && !meter.is_prompt());
        output.map(|(_, count)| count).sum()
    }
}

/// Where a price of the report comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Provenance {
    /// Who sends the bill.
    pub provider: String,
    /// Model id as the book lists it.
    pub model: String,
    /// The meter.
    pub meter: Meter,
    /// Unit price for people.
    pub price: String,
    /// Service tier.
    pub service_tier: String,
    /// Period in which it holds.
    pub period: String,
    /// How well it is supported.
    pub standing: String,
    /// Who says so.
    pub source: String,
    /// Day it was last seen.
    pub seen: String,
    /// Competing values seen elsewhere.
    pub also_seen: String,
}

/// What rounding the seller's sums changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoundingEffect {
    /// Added to the lower bound.
    pub low: Exact,
    /// Added to the upper bound.
    pub high: Exact,
}

/// Charges grouped and totalled.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// Dimensions of the groups.
    pub by: Vec<Dimension>,
    /// Groups, sorted by their labels.
    pub groups: Groups,
    /// All records.
    pub total: Group,
    /// Rows that could not be read, and inputs that were not read to their end: what they cost is in no
    /// sum ([`Ledger::count_unreadable`]).
    pub unreadable: u64,
    /// Records that reach over more than one day of the zone; they count for its first day.
    pub straddling: u64,
    /// First and last day of dated records, in the zone; `None` where none is dated.
    pub days: Option<(Date, Date)>,
    /// Rounding policy and what it adds, by currency. Never part of the groups.
    pub rounding: Option<(RoundingPolicy, BTreeMap<Currency, RoundingEffect>)>,
    /// Costs of all records by meter.
    pub meters: BTreeMap<(Currency, Meter), Bounds>,
    /// Every price used, sorted.
    pub provenance: Vec<Provenance>,
}

impl Ledger<'_> {
    /// The report.
    ///
    /// # Errors
    /// When an exact sum needs more than 38 digits; nothing is rounded.
    pub fn report(&self) -> Result<Report, InexactError> {
        if let Some(error) = self.inexact {
            return Err(error);
        }
        let mut groups = Groups::default();
        let mut total = Sum::default();
        let mut sums = Sums::default();
        let cells = Grouped::new(self.cells.count(), |number| self.cells.group(number));
        let refused = Grouped::new(self.refused_count(), |number| self.not_charged_in(number));
        for number in self.sorted_groups() {
            let mut sum = Sum::of(self.told(number)?);
            for &at in refused.of(number) {
                let tally = self.not_charged(at);
                sum.group().records.not_charged += tally.records;
                sum.add_not_charged(&tally);
            }
            for &at in cells.of(number) {
                self.charge_cell(sum.group(), at, &mut sums)?;
            }
            let records = &mut sum.group().records;
            records.all =
                records.charged() + records.partly + records.not_charged + records.cost_only;
            let group = sum.finish(self.labels(number).map(str::to_owned).collect());
            total.add(&group)?;
            groups.push(&group);
        }
        let Sums { rounded, effects, meters } = sums;
        let mut total = total.finish(Vec::new());
        // Near names of each of a hundred thousand models would take minutes.
        for at in total.told() {
            let tally = &mut total.not_charged[at];
            tally.hint = tally.reason.hint(self.book());
        }
        let rounding = self.settings.rounding.map(|policy| {
            Ok::<_, InexactError>((policy, rounding_effects(policy, effects, rounded)?))
        });
        Ok(Report {
            by: self.settings.by.clone(),
            groups,
            total,
            unreadable: self.unreadable,
            straddling: self.straddling,
            days: self.days(),
            rounding: rounding.transpose()?,
            meters,
            provenance: self.provenance(),
        })
    }

    /// What is told of a group besides its usage.
    fn told(&self, group: u32) -> Result<Group, InexactError> {
        let mut told = Group::default();
        let Some(tally) = self.group_tally(group) else { return Ok(told) };
        told.records.cost_only = tally.cost_only;
        for (currency, sum) in &tally.reported {
            let known = told.reported.entry(*currency);
            *known = known.plus(sum.total()?)?;
        }
        told.with_reported = tally.with_reported;
        told.unread.clone_from(&tally.unread);
        Ok(told)
    }

    /// Adds a cell to its group, and to what is summed over all groups.
    fn charge_cell<'l>(
        &'l self,
        group: &mut Group,
        number: u32,
        sums: &mut Sums<'l>,
    ) -> Result<(), InexactError> {
        let (key, cell) = self.cells.get(number);
        let (card, terms) = (&self.cards[key.card as usize], self.terms[key.terms as usize]);
        let list = Terms { factor: terms.factor, line_rounding: None };
        let counts = cell.counts();
        let charge = card.charge_counts(key.situation, &counts, list)?;
        let bounds = add_cell(group, &charge, cell, terms.currency)?;
        for line in &charge.lines {
            let sum = sums.meters.entry((terms.currency, line.meter)).or_default();
            sum.add(Bounds { low: line.low, high: line.high, open: false })?;
        }
        if key.situation.unreported.cache {
            group.unsplit_input += counts[Meter::Input];
        }
        let sum = sums.rounded.entry((terms.currency, card.provider, key.rounding_day));
        sum.or_default().add(bounds)?;
        let effect = sums.effects.entry(terms.currency).or_default();
        let [low, high] = cell.line_rounding();
        effect.low = effect.low.plus(low)?;
        effect.high = effect.high.plus(high)?;
        Ok(())
    }

    fn days(&self) -> Option<(Date, Date)> {
        let (first, last) = self.span;
        let date = |second: i64| Instant(second).date_in(&self.settings().zone);
        if first <= last { date(first).zip(date(last)) } else { None }
    }

    fn provenance(&self) -> Vec<Provenance> {
        let cards: BTreeSet<u32> = self.cells.cards().collect();
        let mut used: Vec<Provenance> = cards
            .into_iter()
            .filter_map(|card| self.cards.get(card as usize))
            .flat_map(|card| {
                card.rates().map(move |rate| Provenance {
                    provider: card.provider.to_owned(),
                    model: card.model.to_owned(),
                    meter: rate.meter(),
                    price: rate
                        .unit_price()
                        .map_or_else(|| rate.state().to_string(), |price| price.to_string()),
                    service_tier: rate.service_tier().to_string(),
                    period: rate.period_text(),
                    standing: rate.standing().to_string(),
                    source: rate.source().to_owned(),
                    seen: rate.seen(),
                    also_seen: rate.also_seen().to_owned(),
                })
            })
            .collect();
        used.sort();
        used.dedup();
        used
    }
}

fn add_cell(
    group: &mut Group,
    charge: &Charge<'_>,
    cell: &Cell,
    currency: Currency,
) -> Result<Bounds, InexactError> {
    group.records.exact += cell.exact;
    group.records.assumed += cell.assumed;
    group.records.bounded += cell.bounded;
    group.records.partly += cell.partly;
    group.unsplit_output += cell.unsplit_output();
    group.counts.add_all(&cell.counts());
    for unpriced in &charge.unpriced {
        *group.unpriced.entry((unpriced.meter, unpriced.state)).or_default() += unpriced.quantity;
    }
    group.doubts = group.doubts.union(charge.doubts);
    group.assumptions = group.assumptions.union(charge.assumptions);
    let mut bounds = Bounds::default();
    let mut firm = Exact::ZERO;
    for line in &charge.lines {
        let is_read = charge.doubts.beside_lines().is_empty();
        if is_read && line.low == line.high && line.assumptions.is_empty() {
            firm = firm.plus(line.low)?;
        }
        bounds.add(Bounds { low: line.low, high: line.high, open: false })?;
    }
    bounds.open = charge.high.is_none();
    let sum = group.firm.entry(currency);
    *sum = sum.plus(firm)?;
    group.costs.entry(currency).add(bounds)?;
    Ok(bounds)
}

/// What is summed over all groups.
#[derive(Default)]
struct Sums<'l> {
    /// By currency, provider and day or month: what a seller rounds.
    rounded: BTreeMap<(Currency, &'l str, i64), Bounds>,
    effects: BTreeMap<Currency, RoundingEffect>,
    meters: BTreeMap<(Currency, Meter), Bounds>,
}

/// The numbers of things, by the group that they belong to.
struct Grouped {
    /// Group after group.
    numbers: Vec<u32>,
    /// Where each group ends.
    ends: Vec<usize>,
}

impl Grouped {
    /// So many things, each of a group.
    fn new(count: usize, group_of: impl Fn(u32) -> u32) -> Self {
        let mut numbers: Vec<u32> = (0..).take(count).collect();
        // A stable sort: in a group the numbers keep their order.
        numbers.sort_by_key(|&number| group_of(number));
        let mut ends = Vec::new();
        for (at, &number) in numbers.iter().enumerate() {
            ends.resize(group_of(number) as usize, at);
        }
        ends.push(numbers.len());
        Self { numbers, ends }
    }

    /// Those of a group.
    fn of(&self, group: u32) -> &[u32] {
        let at = group as usize;
        let end = |at: usize| self.ends.get(at).copied().unwrap_or(self.numbers.len());
        let start = at.checked_sub(1).map_or(0, end);
        &self.numbers[start..end(at)]
    }
}

fn rounding_effects(
    policy: RoundingPolicy,
    mut effects: BTreeMap<Currency, RoundingEffect>,
    sums: BTreeMap<(Currency, &str, i64), Bounds>,
) -> Result<BTreeMap<Currency, RoundingEffect>, InexactError> {
    if policy.scope == RoundingScope::Line {
        return Ok(effects);
    }
    for ((currency, _, _), sum) in sums {
        let effect = effects.entry(currency).or_default();
        let low = sum.low.rounded(policy.places, policy.mode).minus(sum.low)?;
        let high = sum.high.rounded(policy.places, policy.mode).minus(sum.high)?;
        effect.low = effect.low.plus(low)?;
        effect.high = effect.high.plus(high)?;
    }
    Ok(effects)
}
