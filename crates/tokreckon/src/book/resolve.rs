//! From the unit prices of a model under the conditions of a query to the card that answers it: periods,
//! hours, price tiers.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use tokreckon_data::table::{Bound, Price, Tables, Window};

use super::dispute::{first_sightings, rivals};
use super::extend::{assumptions, extended, reach_beyond};
use super::{FindError, Found, Holds, Known, Query};
use crate::grade::{Assumption, Assumptions};
use crate::money::Currency;
use crate::price::{
    Bracket, Comparison, Doubt, Doubts, Entry, Precision, Rate, RateCard, RateRange, Scope,
    UnitPrice, bound_text,
};
use crate::time::{DAY_SECONDS, Instant, Period, day_text};
use crate::usage::Meter;

/// How surely something holds over a whole period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Surely {
    No,
    Perhaps,
    Yes,
}

/// The rates that are, or may be, in force, and how surely; unless strict, those that are taken
/// to be where the book has none.
pub(super) fn in_force<'b>(
    found: &Found<'b>,
    rates: &[Rate<'b>],
    query: &Query<'_>,
    strict: bool,
) -> Result<Vec<(Rate<'b>, Surely)>, FindError> {
    let mut candidates = Vec::new();
    let mut too_early: Option<i32> = None;
    for &rate in rates {
        let by_time = time_holds(rate.row, query.period);
        if by_time == Surely::No {
            let before_sighting = rate.row.from.precision == Precision::Unknown
                && query.period.start.day() < i64::from(rate.row.seen_day);
            if before_sighting {
                too_early = Some(too_early.unwrap_or(rate.row.seen_day).max(rate.row.seen_day));
            }
            continue;
        }
        let by_window = window_holds(&rate, query.period);
        if by_window != Surely::No {
            candidates.push((rate, by_time.min(by_window)));
        }
    }
    if !strict {
        candidates.extend(extended(found, rates, &candidates, query.period));
    }
    if candidates.is_empty() {
        let (provider, model) = (found.provider.to_owned(), found.model.to_owned());
        if let Some(day) = too_early {
            return Err(FindError::StartUnknown { provider, model, seen: day_text(day.into()) });
        }
        return Err(FindError::NotInForce {
            provider,
            model,
            known: known_periods(rates),
            first_seen: begins_at_first_sighting(rates, query.period),
        });
    }
    Ok(candidates)
}

/// True when the usage is older than every price, and the oldest one starts at its first sighting.
fn begins_at_first_sighting(rates: &[Rate<'_>], period: Period) -> bool {
    let oldest = rates.iter().min_by_key(|rate| rate.row.from.seconds);
    oldest.is_some_and(|rate| {
        rate.row.from.seconds >= period.end.0 && rate.basis().starts_with("first seen")
    })
}

/// The times with a price, those that touch as one.
fn known_periods(rates: &[Rate<'_>]) -> String {
    let mut bounds: Vec<(Bound, Bound)> =
        rates.iter().map(|rate| (rate.row.from, rate.row.until)).collect();
    bounds.sort_by_key(|(from, _)| from.seconds);
    let end = |until: Bound| match until.precision {
        Precision::Unknown | Precision::Open => i64::MAX,
        Precision::Day | Precision::Instant => until.seconds,
    };
    let mut periods: Vec<(Bound, Bound)> = Vec::new();
    for (from, until) in bounds {
        match periods.last_mut() {
            Some((_, last)) if end(*last) >= from.seconds => {
                if end(until) > end(*last) {
                    *last = until;
                }
            }
            _ => periods.push((from, until)),
        }
    }
    let text = |(from, until)| format!("{} to {}", bound_text(from), bound_text(until));
    periods.into_iter().map(text).collect::<Vec<_>>().join(", ")
}

/// Earliest and latest second at which a bound may lie.
pub(super) fn bound_range(bound: Bound, seen_day: i32, is_start: bool) -> (i64, i64) {
    match bound.precision {
        Precision::Day => (bound.seconds, bound.seconds + DAY_SECONDS),
        Precision::Instant => (bound.seconds, bound.seconds),
        // A start nobody knows: the price is vouched for from the day it was seen.
        Precision::Unknown if is_start => {
            let seen = i64::from(seen_day).saturating_mul(DAY_SECONDS);
            (seen, seen)
        }
        Precision::Unknown | Precision::Open => (i64::MAX, i64::MAX),
    }
}

pub(super) fn time_holds(row: &Price, period: Period) -> Surely {
    let (from_first, from_last) = bound_range(row.from, row.seen_day, true);
    let (until_first, until_last) = bound_range(row.until, row.seen_day, false);
    if period.end.0 <= from_first || period.start.0 >= until_last {
        Surely::No
    } else if period.start.0 >= from_last && period.end.0 <= until_first {
        Surely::Yes
    } else {
        Surely::Perhaps
    }
}

pub(super) fn window_holds(rate: &Rate<'_>, period: Period) -> Surely {
    let index = usize::from(rate.row.window);
    let Some(window) = index.checked_sub(1).and_then(|at| rate.tables.windows.get(at)) else {
        return Surely::Yes;
    };
    let inside = if period.is_instant() {
        inside_window(rate.tables, window, period.start)
    } else {
        Surely::Perhaps
    };
    match (inside, rate.row.outside_window) {
        (Surely::Perhaps, _) => Surely::Perhaps,
        (Surely::Yes, false) | (Surely::No, true) => Surely::Yes,
        _ => Surely::No,
    }
}

/// Whether an instant lies inside of a window; perhaps, where a holiday calendar does not reach.
fn inside_window(tables: &Tables, window: &Window, at: Instant) -> Surely {
    let minute = u16::try_from(at.0.rem_euclid(DAY_SECONDS) / 60).unwrap_or(0);
    let mut day = at.day();
    let inside = window.hours.iter().any(|&(start, end)| {
        if start == end {
            return false;
        }
        if start < end {
            return start <= minute && minute < end;
        }
        if minute < end {
            day = at.day() - 1;
            return true;
        }
        start <= minute
    });
    // 1970-01-01 was a Thursday: bit 3.
    let weekday = (day + 3).rem_euclid(7);
    if !inside || window.days & (1 << weekday) == 0 {
        return Surely::No;
    }
    let index = usize::from(window.except);
    let Some(calendar) = index.checked_sub(1).and_then(|at| tables.calendars.get(at)) else {
        return Surely::Yes;
    };
    let local_day = Instant(at.0 + i64::from(calendar.utc_offset_minutes) * 60).day();
    let complete = i64::from(calendar.complete_from_day)..i64::from(calendar.complete_until_day);
    if !complete.contains(&local_day) {
        return Surely::Perhaps;
    }
    let days = Tables::rows(&tables.calendar_days, calendar.days);
    if days.iter().any(|&day| i64::from(day) == local_day) { Surely::No } else { Surely::Yes }
}

/// Puts the candidates of each (price tier, meter) together on a card.
pub(super) fn card<'b>(
    found: Found<'b>,
    candidates: Vec<(Rate<'b>, Surely)>,
    query: &Query<'_>,
) -> Result<RateCard<'b>, FindError> {
    let mut candidates = without_replaced(candidates, query.period);
    candidates.sort_by_key(|(rate, _)| {
        (rate.row.threshold, rate.row.meter, std::cmp::Reverse(rate.layer))
    });
    let currency = candidates.first().map_or(Currency::USD, |(rate, _)| rate.currency());
    if candidates.iter().any(|(rate, _)| rate.currency() != currency) {
        return Err(FindError::SeveralCurrencies {
            provider: found.provider.to_owned(),
            model: found.model.to_owned(),
        });
    }
    let mut brackets = vec![Bracket {
        threshold: 0,
        comparison: Comparison::Above,
        scope: Scope::WholeRequest,
        entries: Vec::new(),
    }];
    for group in candidates.chunk_by(|(a, _), (b, _)| same_place(a.row, b.row)) {
        let Some(entry) = entry(group, query) else {
            continue;
        };
        let rows: Vec<&Price> = match &entry {
            Entry::Rate(range) => range.rates.iter().map(|rate| rate.row).collect(),
            Entry::Missing(_, rate) => vec![rate.row],
        };
        let Some(row) = rows.first() else {
            continue;
        };
        if brackets.last().is_none_or(|last| last.threshold != row.threshold) {
            brackets.push(Bracket {
                threshold: row.threshold,
                comparison: row.comparison,
                scope: row.scope,
                entries: Vec::new(),
            });
        }
        if let Some(bracket) = brackets.last_mut() {
            let kind = (bracket.comparison, bracket.scope);
            if row.threshold > 0 && rows.iter().any(|row| (row.comparison, row.scope) != kind) {
                return Err(FindError::MixedPriceTier {
                    provider: found.provider.to_owned(),
                    model: found.model.to_owned(),
                    threshold: row.threshold,
                });
            }
            bracket.entries.push((row.meter, entry));
        }
    }
    let most = found.most();
    let Found { provider, model, matched, .. } = found;
    let assumptions = Assumptions::NONE;
    Ok(RateCard { provider, model, matched, brackets, most, currency, assumptions, asked: None })
}

/// Without the prices that a later layer replaces as a whole. Whoever gives the input and the output
/// of a model under one set of conditions gives its card: what the built-in book knows beside, such
/// as a cache or a long-prompt price, is not of that card. A price of the output alone replaces the
/// one of a thinking mode, which is a price of the whole output too.
fn without_replaced<'b>(
    candidates: Vec<(Rate<'b>, Surely)>,
    period: Period,
) -> Vec<(Rate<'b>, Surely)> {
    let mut layers: Vec<usize> = candidates.iter().map(|(rate, _)| rate.layer).collect();
    layers.sort_unstable();
    layers.dedup();
    let conditions = |rate: &Rate<'b>| (rate.service_tier(), rate.variant());
    let is_given = |layer: usize, of: &Rate<'b>, meter: Meter| {
        let is = |rate: &Rate<'b>| {
            rate.layer == layer
                && rate.meter() == meter
                && rate.threshold() == 0
                && conditions(rate) == conditions(of)
        };
        let given: Vec<_> = candidates.iter().filter(|(rate, _)| is(rate)).collect();
        let sure = given.iter().any(|(_, surely)| *surely == Surely::Yes);
        sure || !given.is_empty() && follow_each_other(&given, period)
    };
    let is_replaced = |rate: &Rate<'b>| {
        layers.iter().filter(|layer| **layer > rate.layer).any(|&layer| {
            is_given(layer, rate, Meter::Output)
                && (rate.meter() == Meter::OutputThinkingMode
                    || is_given(layer, rate, Meter::Input))
        })
    };
    if layers.len() < 2 {
        return candidates;
    }
    candidates.iter().filter(|(rate, _)| !is_replaced(rate)).copied().collect()
}

fn same_place(a: &Price, b: &Price) -> bool {
    (a.threshold, a.meter) == (b.threshold, b.meter)
}

/// One entry from the candidates of a meter: for each service tier and variant the user's layer
/// first, lower ones where it leaves a gap.
fn entry<'b>(group: &[(Rate<'b>, Surely)], query: &Query<'_>) -> Option<Entry<'b>> {
    let conditions = |rate: &Rate<'b>| (rate.service_tier(), rate.variant());
    let all: BTreeSet<_> = group.iter().map(|(rate, _)| conditions(rate)).collect();
    let mut rates: Vec<Rate<'b>> = Vec::new();
    for of in all {
        let same: Vec<_> = group.iter().filter(|(rate, _)| conditions(rate) == of).collect();
        for layer in same.chunk_by(|(a, _), (b, _)| a.layer == b.layer) {
            // A price for certain hours goes before one for all hours.
            let in_its_hours = |(rate, surely): &(Rate<'b>, Surely)| {
                rate.row.window != 0 && *surely == Surely::Yes
            };
            let only_windowed = layer.iter().any(|candidate| in_its_hours(candidate));
            let kept = layer.iter().filter(|candidate| !only_windowed || in_its_hours(candidate));
            rates.extend(kept.map(|(rate, _)| *rate));
            let sure = layer.iter().any(|(_, surely)| *surely == Surely::Yes);
            if sure || follow_each_other(layer, query.period) {
                break;
            }
        }
    }
    if let Some(missing) = rates.iter().find(|rate| rate.unit_price().is_none()) {
        return Some(Entry::Missing(missing.state(), *missing));
    }
    let told = rates.iter().filter_map(Rate::unit_price);
    let others = rates.iter().flat_map(|rate| rivals(rate, query.period));
    let prices: Vec<UnitPrice> = told.chain(others).collect();
    let by_amount = |a: &&UnitPrice, b: &&UnitPrice| a.compare(b).unwrap_or(Ordering::Equal);
    let low = *prices.iter().min_by(by_amount)?;
    let high = *prices.iter().max_by(by_amount)?;
    let doubts = if low.compare(&high) == Some(Ordering::Equal) {
        Doubts::NONE
    } else {
        doubts_of(&rates, query)
    };
    let mut assumptions = assumptions(&rates, query.period);
    if let Known::Is(tier) = query.service_tier
        && rates.iter().any(|rate| rate.service_tier() != tier)
    {
        assumptions = assumptions.with(Assumption::TierRule);
    }
    Some(Entry::Rate(RateRange { low, high, rates, doubts, assumptions }))
}

/// True when prices for all hours, one after the other, leave no gap in a period.
fn follow_each_other(layer: &[&(Rate<'_>, Surely)], period: Period) -> bool {
    let mut rows: Vec<&Price> =
        layer.iter().map(|(rate, _)| rate.row).filter(|row| row.window == 0).collect();
    rows.sort_by_key(|row| row.from.seconds);
    let starts = |row: &Price| bound_range(row.from, row.seen_day, true).1 <= period.start.0;
    let ends = |row: &Price| bound_range(row.until, row.seen_day, false).0 >= period.end.0;
    rows.first().is_some_and(|row| starts(row))
        && rows.last().is_some_and(|row| ends(row))
        && rows.windows(2).all(|pair| pair[0].until == pair[1].from)
}

fn doubts_of(rates: &[Rate<'_>], query: &Query<'_>) -> Doubts {
    let differ = |same: fn(&Rate<'_>, &Rate<'_>) -> bool| {
        rates.windows(2).any(|pair| !same(&pair[0], &pair[1]))
    };
    let mut doubts = Doubts::NONE;
    if differ(|a, b| a.row.service_tier == b.row.service_tier) {
        doubts = doubts.with(Doubt::ServiceTier);
    }
    if differ(|a, b| a.variant() == b.variant()) {
        doubts = doubts.with(Doubt::Variant);
    }
    if differ(|a, b| (a.row.window, a.row.outside_window) == (b.row.window, b.row.outside_window)) {
        doubts = doubts.with(Doubt::PeakHours);
    }
    if rates.iter().any(|rate| !rivals(rate, query.period).is_empty()) {
        doubts = doubts.with(Doubt::Disputed);
    }
    if reach_beyond(rates, query.period) {
        doubts = doubts.with(Doubt::BetweenSightings);
    } else if differ(|a, b| a.row.from == b.row.from)
        && let Some(doubt) = change_within(rates, query.period)
    {
        doubts = doubts.with(doubt);
    }
    doubts
}

/// The doubt that a start or an end within the period gives rise to.
fn change_within(rates: &[Rate<'_>], period: Period) -> Option<Doubt> {
    let bounds = rates.iter().flat_map(|rate| {
        let (from, until) = (rate.row.from, rate.row.until);
        [(from, true), (until, false)].map(|(bound, is_start)| {
            let (first, last) = bound_range(bound, rate.row.seen_day, is_start);
            (bound.precision, first, last)
        })
    });
    let mut within = bounds.filter(|&(_, first, last)| {
        if first == last {
            period.start.0 < first && first < period.end.0
        } else {
            period.start.0 < last && first < period.end.0
        }
    });
    let (precision, ..) = within.next()?;
    let of_day = precision == Precision::Day || within.any(|(other, ..)| other == Precision::Day);
    let one_day = period.end.0 - period.start.0 <= DAY_SECONDS;
    Some(if one_day && of_day { Doubt::ChangeDay } else { Doubt::PeriodSpansChange })
}

/// Between which instants around a period every rate stays what it is: in force or not, inside of
/// its hours or not.
pub(super) fn holds(rates: &[Rate<'_>], period: Period, released: Option<i64>) -> Holds {
    let (mut first, mut last) = (i64::MIN, i64::MAX);
    let at = period.start.0;
    let mut edge = |edge: i64| {
        if edge <= at {
            first = first.max(edge);
        } else {
            last = last.min(edge);
        }
    };
    released.into_iter().for_each(&mut edge);
    for rate in rates {
        let starts = bound_range(rate.row.from, rate.row.seen_day, true);
        let ends = bound_range(rate.row.until, rate.row.seen_day, false);
        for bound in [starts.0, starts.1, ends.0, ends.1] {
            edge(bound);
        }
        first_sightings(rate).for_each(&mut edge);
        if rate.row.window == 0 {
            continue;
        }
        let midnight = period.start.day() * DAY_SECONDS;
        edge(midnight);
        edge(midnight + DAY_SECONDS);
        let window = rate.tables.windows.get(usize::from(rate.row.window) - 1);
        for &(start, end) in window.iter().flat_map(|window| &window.hours) {
            edge(midnight + i64::from(start) * 60);
            edge(midnight + i64::from(end) * 60);
        }
        // Days of a holiday calendar begin at its own midnight.
        let calendar = window.and_then(|window| {
            rate.tables.calendars.get(usize::from(window.except).checked_sub(1)?)
        });
        if let Some(calendar) = calendar {
            let offset = i64::from(calendar.utc_offset_minutes) * 60;
            edge(midnight - offset);
            edge(midnight + DAY_SECONDS - offset);
        }
    }
    if period.end.0 <= last { Holds::Within(first, last) } else { Holds::Only(period) }
}
