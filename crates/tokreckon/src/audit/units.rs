//! Counts that are no tokens: usage multiplied by a price, as sellers of credits report it.
//!
//! A seller that counts in credits reports `round(tokens × price per 1M × a constant)`. Such counts
//! contradict the text they stand for, and fall on the few numbers that the product can make. Two
//! ways lead to the finding:
//!
//! - **With the text**: read as tokens the counts contradict the answer or the request; read as
//!   credits both fit.
//! - **Without**: over the distinct counts of one seller, every input and every output falls on
//!   what one unit can make, which chance would do less often than once in a million.
//!
//! Where the constant makes a unit smaller than a token, every number can be made: such rows are
//! consistent with credits and prove little alone.

mod fit;
mod merge;
mod prices;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use self::fit::{Odds, tokens};
use self::prices::{ListPrice, list_prices};
use self::text::{FEWEST_ODDS, found, is_own, with_text};
use super::check::Needs;
use super::raw_sum::RawSum;
use super::view::{Found, View};
use super::{MAX_ROWS, RowRef};
use crate::book::PriceBook;
use crate::charge::Shape;
use crate::ledger::RawCost;
use crate::lookup::Lookup;
use crate::money::{Currency, Exact};

/// A unit in which a seller counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unit {
    /// Multiplies the list price per 1M tokens: mantissa and decimal places.
    factor: (i128, u32),
    /// Units for one dollar.
    per_dollar: u64,
    /// In words.
    what: &'static str,
}

/// Units that sellers are known to count in.
const UNITS: [Unit; 4] = [
    Unit {
        factor: (21, 1),
        per_dollar: 2_000_000,
        what: "list price per 1M x 2.1: 2,000,000 credits a dollar at 1.05 x list, as AIMLAPI's",
    },
    Unit {
        factor: (2, 0),
        per_dollar: 2_000_000,
        what: "list price per 1M x 2: 2,000,000 credits a dollar",
    },
    Unit {
        factor: (1, 0),
        per_dollar: 1_000_000,
        what: "list price per 1M: millionths of a dollar",
    },
    Unit {
        factor: (5, 1),
        per_dollar: 500_000,
        what: "list price per 1M x 0.5: 500,000 a dollar, as the quota of one-api and new-api",
    },
];

/// How the counts of a record read as credits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reading {
    unit: Unit,
    input: Exact,
    output: Exact,
    /// Whose list.
    price: usize,
}

/// The counts of one model at one seller.
#[derive(Debug, Default)]
struct Slot {
    prices: Vec<ListPrice>,
    /// Every unit with each of the lists.
    readings: Vec<Reading>,
    /// What still fits every record so far.
    live: Vec<Reading>,
    /// One of these may not fit the next record.
    is_open: bool,
    inputs: BTreeSet<u64>,
    outputs: BTreeSet<u64>,
    /// Records that were not found with their text.
    records: u64,
    /// Their counts, input and output, and what these were charged as tokens.
    units: u128,
    charged: RawSum,
    rows: Vec<(RowRef, u64, u64)>,
}

/// What all records of a model at a seller show.
pub(super) struct Together {
    pub(super) records: u64,
    /// Their counts, input and output.
    pub(super) tokens: u128,
    /// The first of them; what is at stake in all of them stands with the first.
    pub(super) rows: Vec<(RowRef, Found)>,
    pub(super) hint: String,
}

/// So many distinct counts of a model are kept.
const MAX_DISTINCT: usize = 64;

/// What is remembered of every seller's counts.
#[derive(Debug, Default)]
pub(super) struct Sellers {
    /// By seller, then by model.
    numbers: Lookup<Box<str>, Lookup<Box<str>, usize>>,
    slots: Vec<Slot>,
    /// Rows that were found with their text, by seller and unit.
    found: BTreeMap<(String, &'static str), WithText>,
}

/// Rows that were found with their text: distinct pairs of counts, since equal ones say nothing
/// new, and how seldom chance does each. The smallest pairs are kept, whatever came first.
#[derive(Debug, Default)]
struct WithText(BTreeMap<(u64, u64), Odds>);

impl WithText {
    fn add(&mut self, counts: (u64, u64), odds: Odds) {
        let known = self.0.entry(counts).or_insert(odds);
        *known = odds.min(*known);
        if self.0.len() > MAX_DISTINCT {
            self.0.pop_last();
        }
    }

    /// How seldom chance does all of them; `None` for a single one.
    fn odds(&self) -> Option<Odds> {
        let all = self.0.values().fold(Odds::CERTAIN, |all, odds| all.and(*odds));
        (self.0.len() > 1).then_some(all)
    }
}

impl Sellers {
    /// Notes a record's counts, and says whether its text shows that they are no tokens.
    pub(super) fn check(&mut self, view: &View<'_, '_>, row: RowRef) -> Option<Found> {
        let record = view.record;
        let (input, output) = (view.totals.input?, view.totals.output?);
        if record.shape != Shape::Request || input == 0 || output == 0 || record.model.is_empty() {
            return None;
        }
        let new = || self.number(view.ledger().book(), record.provider, record.model);
        let number = view.profile.seller_of(record, new);
        let slot = self.slots.get_mut(number)?;
        // Counts alone contradict no text.
        let with_text = (view.has() > Needs::Counts).then(|| with_text(view, slot, input, output));
        let Some((reading, decoded)) = with_text.flatten() else {
            slot.add(input, output, row, view.cost);
            return None;
        };
        let odds = Odds::CERTAIN.times(reading.input).times(reading.output);
        // Without the prompt, and from a seller that is not known for it, one row must say more.
        let is_known = decoded.prompt_agrees || is_own(view, &reading.unit);
        if !is_known && !odds.at_least(FEWEST_ODDS) {
            slot.add(input, output, row, view.cost);
            return None;
        }
        let seller = (record.provider.to_owned(), reading.unit.what);
        self.found.entry(seller).or_default().add((input, output), odds);
        let list = slot.prices.get(reading.price)?;
        Some(found(view, &reading, &decoded, odds, list))
    }

    /// The number of the slot for a seller and a model.
    pub(super) fn number(&mut self, book: &PriceBook<'_>, seller: &str, model: &str) -> usize {
        let known = self.known(seller, model);
        known.unwrap_or_else(|| self.open(Slot::new(book, seller, model), seller, model))
    }

    #[inline]
    fn known(&self, seller: &str, model: &str) -> Option<usize> {
        self.numbers.get(seller)?.get(model).copied()
    }

    /// Gives a slot its number.
    #[cold]
    fn open(&mut self, slot: Slot, seller: &str, model: &str) -> usize {
        let number = self.slots.len();
        self.slots.push(slot);
        let models = self.numbers.entry_or_insert_with(seller.into(), Lookup::default);
        models.insert(model.into(), number);
        number
    }

    /// Every seller and model with the number of its slot, in their order.
    fn sorted(&self) -> impl Iterator<Item = (&str, &str, usize)> {
        let sellers = self.numbers.sorted().into_iter();
        sellers.flat_map(|(seller, models)| {
            let models = models.sorted().into_iter();
            models.map(|(model, number)| (&**seller, &**model, *number))
        })
    }

    /// Hints for the rows found with their text: how sure all of them together are.
    pub(super) fn together(&self) -> BTreeMap<String, String> {
        let all = self.found.iter();
        all.map(|((seller, what), found)| (message(seller, what), hint(found.odds()))).collect()
    }

    /// Sellers whose counts all fall on what one unit can make, and the other rows of sellers that
    /// were found with a text.
    pub(super) fn finish(&self) -> Vec<Together> {
        let mut sellers: BTreeMap<&str, Vec<(&str, &Slot)>> = BTreeMap::new();
        for (seller, model, number) in self.sorted() {
            let slot = self.slots.get(number).map(|slot| (model, slot));
            sellers.entry(seller).or_default().extend(slot);
        }
        let mut all = Vec::new();
        for (seller, slots) in sellers {
            let known = |unit: &&Unit| {
                self.found.keys().any(|(found, what)| found == seller && *what == unit.what)
            };
            let known = UNITS.iter().find(known).map(|unit| (unit, None));
            let fitting = || UNITS.iter().find_map(|unit| Some((unit, Some(fits(unit, &slots)?))));
            if let Some((unit, odds)) = known.or_else(fitting) {
                all.extend(
                    slots.iter().filter_map(|(model, slot)| slot.found(seller, model, unit, odds)),
                );
            }
        }
        all
    }
}

/// How seldom chance does it, when every model's counts fit the unit and chance does not explain it.
fn fits(unit: &Unit, slots: &[(&str, &Slot)]) -> Option<Odds> {
    let (mut inputs, mut outputs) = (Odds::CERTAIN, Odds::CERTAIN);
    for (_, slot) in slots {
        if slot.prices.is_empty() {
            continue;
        }
        let reading = slot.live.iter().find(|reading| reading.unit == *unit)?;
        // Several lists and units were tried.
        let tries = u64::try_from(slot.prices.len() * UNITS.len()).unwrap_or(u64::MAX);
        let (mut of_inputs, mut of_outputs) = (Odds::CERTAIN, Odds::CERTAIN);
        for _ in &slot.inputs {
            of_inputs = of_inputs.times(reading.input);
        }
        for _ in &slot.outputs {
            of_outputs = of_outputs.times(reading.output);
        }
        inputs = inputs.and(of_inputs.less(tries));
        outputs = outputs.and(of_outputs.less(tries));
    }
    (inputs.at_least(1_000) && outputs.at_least(1_000)).then(|| inputs.and(outputs))
}

impl Slot {
    fn new(book: &PriceBook<'_>, seller: &str, model: &str) -> Self {
        let prices = list_prices(book, seller, model);
        let mut readings = Vec::new();
        for unit in UNITS {
            for (price, list) in prices.iter().enumerate() {
                let factor = Exact::new(unit.factor.0, unit.factor.1).unwrap_or(Exact::ONE);
                let scaled = (list.input.times(factor), list.output.times(factor));
                let (Ok(input), Ok(output)) = scaled else { continue };
                readings.push(Reading { unit, input, output, price });
            }
        }
        let live = readings.clone();
        Self { prices, readings, live, is_open: true, ..Self::default() }
    }

    fn add(&mut self, input: u64, output: u64, row: RowRef, cost: Option<RawCost>) {
        if self.live.is_empty() {
            return;
        }
        if let Some(cost) = cost.filter(|cost| cost.currency == Currency::USD) {
            self.charged.add(cost.mantissa, cost.scale);
        }
        self.records += 1;
        self.units += u128::from(input) + u128::from(output);
        if self.is_open {
            // Below one token every number fits.
            let fits = |count, factor| factor <= Exact::ONE || tokens(count, factor).is_some();
            self.live.retain(|reading| fits(input, reading.input) && fits(output, reading.output));
            let of_one = |reading: &Reading| reading.input.max(reading.output);
            self.is_open = self.live.iter().any(|reading| of_one(reading) > Exact::ONE);
        }
        // Round numbers are chosen, not counted: chance says nothing of them.
        let is_round = |count: u64| count.is_multiple_of(10) || count.is_multiple_of(64);
        if self.inputs.len() < MAX_DISTINCT && !is_round(input) {
            self.inputs.insert(input);
        }
        if self.outputs.len() < MAX_DISTINCT && !is_round(output) {
            self.outputs.insert(output);
        }
        if self.rows.len() < MAX_ROWS {
            self.rows.push((row, input, output));
        }
    }

    /// The finding over all rows of a model; where every number fits there is nothing to show.
    fn found(
        &self,
        seller: &str,
        model: &str,
        unit: &Unit,
        sure: Option<Odds>,
    ) -> Option<Together> {
        let reading = self.live.iter().find(|reading| reading.unit == *unit)?;
        if self.records == 0 {
            return None;
        }
        let odds = Odds::CERTAIN.times(reading.input).times(reading.output);
        let little = if odds.at_least(2) { "" } else { LITTLE };
        let shown = self.rows.iter().map(|(row, input, output)| {
            let decoded = |reported, factor| tokens(reported, factor).map_or(0, |fit| fit.nearest);
            let figures = format!(
                "fits the same unit: `{model}`, {input} = {} x {}, {output} = {} x {}{little}",
                decoded(*input, reading.input),
                reading.input,
                decoded(*output, reading.output),
                reading.output
            );
            let found = Found { message: message(seller, unit.what), figures, stake: None };
            (*row, found)
        });
        let mut rows: Vec<(RowRef, Found)> = shown.collect();
        if let Some((_, first)) = rows.first_mut() {
            first.stake = self.stake(unit);
        }
        let hint = hint(sure);
        Some(Together { records: self.records, tokens: self.units, rows, hint })
    }

    /// What lies between the two readings of all records.
    fn stake(&self, unit: &Unit) -> Option<(Currency, Exact)> {
        let units = Exact::ONE.times_count(self.units).ok()?;
        let credits = units.divided_by(Exact::from(unit.per_dollar)).ok()?;
        Some((Currency::USD, self.charged.total()?.minus(credits).ok()?))
    }
}

/// Said where a unit is so small that it can make every number, or nearly so.
const LITTLE: &str = "; a unit so small makes nearly every number: it proves little alone";

fn message(seller: &str, what: &str) -> String {
    let at = if seller.is_empty() { String::new() } else { format!(" at `{seller}`") };
    format!("the counts{at} are not tokens; they are tokens x {what}")
}

/// What to do, after how sure it is.
fn hint(sure: Option<Odds>) -> String {
    let sure = match sure {
        None => String::new(),
        Some(odds) if odds.at_least(2) => {
            format!("by chance all of these fit 1 time in {odds}; ")
        }
        Some(_) => "units so small make nearly every number, in all of these; ".to_owned(),
    };
    format!("{sure}ask the seller for its unit, and price by its reported cost")
}
