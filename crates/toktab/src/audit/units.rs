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
mod prices;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use self::fit::{Odds, tokens};
use self::prices::{ListPrice, list_prices};
use super::residual::{Residual, framing, residual};
use super::view::{Found, View};
use super::{MAX_ROWS, RowRef};
use crate::charge::Shape;
use crate::lookup::Lookup;
use crate::money::{Currency, Exact, Rounding};
use crate::request::Tokens;

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
    /// What still fits every record so far.
    live: Vec<Reading>,
    inputs: BTreeSet<u64>,
    outputs: BTreeSet<u64>,
    /// Records that were not found with their text.
    records: u64,
    rows: Vec<(RowRef, u64, u64)>,
}

/// So many distinct counts of a model are kept.
const MAX_DISTINCT: usize = 64;

/// What is remembered of every seller's counts.
#[derive(Debug, Default)]
pub(super) struct Sellers {
    /// By seller and model.
    numbers: Lookup<(Box<str>, Box<str>), usize>,
    slots: Vec<Slot>,
    /// The slot last used: exports repeat themselves.
    last: Option<(Box<str>, Box<str>, usize)>,
    /// Rows that were found with their text, by seller and unit: their number and odds.
    found: BTreeMap<(String, &'static str), (u64, Odds)>,
}

impl Sellers {
    /// Notes a record's counts, and says whether its text shows that they are no tokens.
    pub(super) fn check(&mut self, view: &View<'_, '_>, row: RowRef) -> Option<Found> {
        let record = view.record;
        let (input, output) = (view.totals.input?, view.totals.output?);
        if record.shape != Shape::Request || input == 0 || output == 0 || record.model.is_empty() {
            return None;
        }
        let number = self.number(view);
        let slot = self.slots.get_mut(number)?;
        slot.add(input, output, row);
        let (reading, decoded) = with_text(view, slot, input, output)?;
        let odds = Odds::CERTAIN.times(reading.input).times(reading.output);
        // Without the prompt, and from a seller that is not known for it, one row must say more.
        let is_known = decoded.prompt_agrees || is_own(view, &reading.unit);
        if !is_known && !odds.at_least(FEWEST_ODDS) {
            return None;
        }
        slot.records = slot.records.saturating_sub(1);
        slot.rows.retain(|(kept, ..)| *kept != row);
        let seller = (record.provider.to_owned(), reading.unit.what);
        let (count, all) = self.found.entry(seller).or_insert((0, Odds::CERTAIN));
        *count += 1;
        *all = all.and(odds);
        let list = slot.prices.get(reading.price)?;
        Some(found(view, &reading, &decoded, odds, list))
    }

    /// The number of the slot for the record's seller and model.
    fn number(&mut self, view: &View<'_, '_>) -> usize {
        let (seller, model) = (view.record.provider, view.record.model);
        match &self.last {
            Some((last, of, number)) if **last == *seller && **of == *model => return *number,
            _ => {}
        }
        let key: (Box<str>, Box<str>) = (seller.into(), model.into());
        let number = self.numbers.get(&key).copied().unwrap_or_else(|| {
            self.slots.push(Slot::new(view));
            self.slots.len() - 1
        });
        self.numbers.insert(key.clone(), number);
        self.last = Some((key.0, key.1, number));
        number
    }

    /// Hints for the rows found with their text: how sure all of them together are.
    pub(super) fn together(&self) -> BTreeMap<String, String> {
        let hint = |(count, odds): &(u64, Odds)| {
            let sure = if *count == 1 {
                String::new()
            } else if *odds == Odds::CERTAIN {
                "at units below one token every number fits, in all of these; ".to_owned()
            } else {
                format!("by chance all of these fit 1 time in {odds}; ")
            };
            format!("{sure}ask the seller for its unit, and price by its reported cost")
        };
        let messages =
            self.found.iter().map(|((seller, what), found)| (message(seller, what), hint(found)));
        messages.collect()
    }

    /// Sellers whose counts all fall on what one unit can make, and the other rows of sellers that
    /// were found with a text.
    pub(super) fn finish(&self) -> Vec<(u64, Vec<(RowRef, Found)>)> {
        let mut sellers: BTreeMap<&str, Vec<(&str, &Slot)>> = BTreeMap::new();
        for ((seller, model), number) in self.numbers.sorted() {
            let slot = self.slots.get(*number).map(|slot| (&**model, slot));
            sellers.entry(seller).or_default().extend(slot);
        }
        let mut all = Vec::new();
        for (seller, slots) in sellers {
            let known = |unit: &&Unit| {
                self.found.keys().any(|(found, what)| found == seller && *what == unit.what)
            };
            let unit = UNITS.iter().find(known);
            if let Some(unit) = unit.or_else(|| UNITS.iter().find(|unit| fits(unit, &slots))) {
                all.extend(
                    slots.iter().filter_map(|(model, slot)| slot.found(seller, model, unit)),
                );
            }
        }
        all
    }
}

/// True when every model's counts fit the unit, and chance does not explain it.
fn fits(unit: &Unit, slots: &[(&str, &Slot)]) -> bool {
    let (mut inputs, mut outputs) = (Odds::CERTAIN, Odds::CERTAIN);
    for (_, slot) in slots {
        if slot.prices.is_empty() {
            continue;
        }
        let Some(reading) = slot.live.iter().find(|reading| reading.unit == *unit) else {
            return false;
        };
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
    inputs.at_least(1_000) && outputs.at_least(1_000)
}

impl Slot {
    fn new(view: &View<'_, '_>) -> Self {
        let prices = list_prices(view);
        let mut live = Vec::new();
        for unit in UNITS {
            for (price, list) in prices.iter().enumerate() {
                let factor = Exact::new(unit.factor.0, unit.factor.1).unwrap_or(Exact::ONE);
                let scaled = (list.input.times(factor), list.output.times(factor));
                let (Ok(input), Ok(output)) = scaled else { continue };
                live.push(Reading { unit, input, output, price });
            }
        }
        Self { prices, live, ..Self::default() }
    }

    fn add(&mut self, input: u64, output: u64, row: RowRef) {
        if self.live.is_empty() {
            return;
        }
        self.records += 1;
        // Below one token every number fits.
        let fits = |count, factor| factor <= Exact::ONE || tokens(count, factor).is_some();
        self.live.retain(|reading| fits(input, reading.input) && fits(output, reading.output));
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
    fn found(&self, seller: &str, model: &str, unit: &Unit) -> Option<(u64, Vec<(RowRef, Found)>)> {
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
        Some((self.records, shown.collect()))
    }
}

/// The tokens behind the counts, and what the answer leaves for framing.
struct Decoded {
    input: u64,
    output: u64,
    visible: u64,
    rest: i128,
    /// The prompt was counted again, and agrees.
    prompt_agrees: bool,
}

/// True for the unit that the record's seller is known to count in.
fn is_own(view: &View<'_, '_>, unit: &Unit) -> bool {
    view.record.provider == "aimlapi" && *unit == UNITS[0]
}

/// How seldom chance must do it, one time in so many, where one row speaks without its prompt.
const FEWEST_ODDS: u128 = 50;

/// The reading under which counts that contradict their text agree with it.
fn with_text(
    view: &View<'_, '_>,
    slot: &Slot,
    input: u64,
    output: u64,
) -> Option<(Reading, Decoded)> {
    let bounds = framing(view).ok()?;
    let Residual { visible, rest, least, most } = residual(view).ok()??;
    let prompt = match view.recount().ok().map(crate::request::RequestCount::total) {
        Some(total @ (Tokens::Exact(_) | Tokens::Estimate(_))) => Some(total.band()),
        _ => None,
    };
    // One token of difference is left for what the log may have changed in the text.
    let is_prompt = |low: u64, high: u64| {
        prompt.is_none_or(|band| {
            low <= band.high.unwrap_or(u64::MAX).saturating_add(1)
                && high.saturating_add(1) >= band.low
        })
    };
    let is_answer = |rest: i128| least <= rest && rest <= most;
    if is_answer(rest) && is_prompt(input, input) {
        return None;
    }
    let reasoning = view.totals.reasoning.unwrap_or(0);
    let all = UNITS.iter().flat_map(|unit| {
        let lists = slot.prices.iter().enumerate();
        lists.filter_map(move |(price, list)| {
            let factor = Exact::new(unit.factor.0, unit.factor.1).ok()?;
            let (input, output) = (list.input.times(factor).ok()?, list.output.times(factor).ok()?);
            Some(Reading { unit: *unit, input, output, price })
        })
    });
    let fitting = all.filter_map(|reading| {
        let (sent, made) = (tokens(input, reading.input)?, tokens(output, reading.output)?);
        if !is_prompt(sent.low, sent.high) {
            return None;
        }
        let (least, most) = bounds.bounds(visible);
        let known = i128::from(reasoning) + i128::from(visible);
        let low = i128::from(made.low).max(known + least);
        let high = i128::from(made.high).min(known + most);
        if low > high {
            return None;
        }
        let output = i128::from(made.nearest).clamp(low, high);
        let decoded = Decoded {
            input: sent.nearest,
            output: u64::try_from(output).ok()?,
            visible,
            rest: output - known,
            prompt_agrees: prompt.is_some(),
        };
        Some((reading, decoded))
    });
    // The seller's own unit first; of the others the one that fits least often by chance.
    fitting.max_by_key(|(reading, _)| {
        let odds = Odds::CERTAIN.times(reading.input).times(reading.output);
        (is_own(view, &reading.unit), odds, Reverse(reading.price))
    })
}

/// Said where a unit is so small that it can make every number, or nearly so.
const LITTLE: &str = "; a unit so small makes nearly every number: it proves little alone";

fn message(seller: &str, what: &str) -> String {
    let at = if seller.is_empty() { String::new() } else { format!(" at `{seller}`") };
    format!("the counts{at} are not tokens; they are tokens x {what}")
}

/// What one record shows.
fn found(
    view: &View<'_, '_>,
    reading: &Reading,
    decoded: &Decoded,
    odds: Odds,
    list: &ListPrice,
) -> Found {
    let (input, output) = (view.totals.input.unwrap_or(0), view.totals.output.unwrap_or(0));
    let reasoning = view.totals.reasoning.unwrap_or(0);
    let Decoded { input: sent, output: made, visible, rest, .. } = decoded;
    let mut figures = format!(
        "{input} = {sent} tokens x {}, {output} = {made} tokens x {} (list {} / {} at `{}`); \
         of the {made}: {reasoning} reasoning, not scaled, {visible} visible, {rest} framing",
        reading.input, reading.output, list.input, list.output, list.seller
    );
    if odds.at_least(2) {
        let _ = write!(figures, "; by chance both fit 1 time in {odds}");
    } else {
        figures.push_str(LITTLE);
    }
    let stake = money(view, reading, &mut figures);
    Found { message: message(view.record.provider, reading.unit.what), figures, stake }
}

/// Both readings in money, and what lies between them.
fn money(
    view: &View<'_, '_>,
    reading: &Reading,
    figures: &mut String,
) -> Option<(Currency, Exact)> {
    let (input, output) = (view.totals.input?, view.totals.output?);
    let dollars = |units: Exact| units.divided_by(Exact::from(reading.unit.per_dollar)).ok();
    let sum = |left: Exact, right: Exact| left.plus(right).ok();
    let credits = dollars(sum(Exact::from(input), Exact::from(output))?)?;
    let scaled = |count: u64, factor: Exact| factor.times_count(count.into()).ok();
    let sold = dollars(sum(scaled(input, reading.input)?, scaled(output, reading.output)?)?)?;
    let _ = write!(figures, "; as credits {credits} USD, as tokens {sold} USD at that unit");
    if let Some(times) = times_more(sold, credits) {
        let _ = write!(figures, " ({times} times as much)");
    }
    let list = prices::list_charge(view);
    if let Some((seller, amount)) = list {
        let _ = write!(figures, " and {amount} USD at `{seller}`'s list of the day");
    }
    let tokens = match view.charge() {
        Some((Currency::USD, charged)) => charged,
        _ => list?.1,
    };
    Some((Currency::USD, tokens.minus(credits).ok()?))
}

/// A quotient of two amounts with one decimal.
fn times_more(whole: Exact, part: Exact) -> Option<Exact> {
    let scale = whole.scale().max(part.scale());
    let at =
        |amount: Exact| amount.mantissa().checked_mul(10_i128.checked_pow(scale - amount.scale())?);
    let (whole, part) = (at(whole)?, at(part)?);
    let hundredths = whole.checked_mul(100)?.checked_div(part)?;
    Some(Exact::new(hundredths, 2).ok()?.rounded(1, Rounding::HalfUp))
}
