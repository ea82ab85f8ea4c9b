//! One record with its text: read as tokens it contradicts itself, read as credits it does not.

use std::cmp::Reverse;
use std::fmt::Write;

use super::fit::{Odds, tokens};
use super::prices::{ListPrice, list_charge};
use super::{LITTLE, Reading, Slot, UNITS, Unit, message};
use crate::audit::residual::{Residual, framing, residual};
use crate::audit::view::{Found, View};
use crate::money::{Currency, Exact, Rounding};
use crate::request::Tokens;

/// The tokens behind the counts, and what the answer leaves for framing.
pub(super) struct Decoded {
    input: u64,
    output: u64,
    visible: u64,
    rest: i128,
    /// The prompt was counted again, and agrees.
    pub(super) prompt_agrees: bool,
}

/// True for the unit that the record's seller is known to count in.
pub(super) fn is_own(view: &View<'_, '_>, unit: &Unit) -> bool {
    view.record.provider == "aimlapi" && *unit == UNITS[0]
}

/// How seldom chance must do it, one time in so many, where one row speaks without its prompt.
pub(super) const FEWEST_ODDS: u128 = 50;

/// The reading under which counts that contradict their text agree with it.
pub(super) fn with_text(
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
    let fitting = slot.readings.iter().copied().filter_map(|reading| {
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

/// What one record shows.
pub(super) fn found(
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
    let list = list_charge(view);
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
