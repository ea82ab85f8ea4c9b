//! Prices beyond their evidence: before a price was first seen, after it was last held, and in the
//! gap between two.
//!
//! What stands on one side only and is contradicted by nothing is taken to hold there (*assumed*);
//! in a gap either side may hold (*between*). A price that began on a day that somebody announced
//! reaches back no further, and none reaches back before the model's release.

use super::Found;
use super::dispute::{is_contested, rivals};
use super::resolve::{Surely, bound_range, time_holds, window_holds};
use crate::grade::{Assumption, Assumptions};
use crate::price::{Precision, Rate, ServiceTier, Standing};
use crate::time::Period;

/// What two prices must share to stand for each other at different times.
fn place<'b>(rate: &Rate<'b>) -> (ServiceTier, &'b str, u64, crate::usage::Meter) {
    (rate.service_tier(), rate.variant(), rate.threshold(), rate.meter())
}

/// The prices taken to hold at places for which the book has none in force.
pub(super) fn extended<'b>(
    found: &Found<'b>,
    rates: &[Rate<'b>],
    in_force: &[(Rate<'b>, Surely)],
    period: Period,
) -> Vec<(Rate<'b>, Surely)> {
    if found.released().is_some_and(|day| period.end.0 <= day) {
        return Vec::new();
    }
    let whole_card = in_force.is_empty();
    // A user says since when and until when a price holds.
    let own = |rate: &&Rate<'b>| rate.standing() != Standing::User;
    let mut open: Vec<Rate<'b>> = rates.iter().filter(own).copied().collect();
    open.retain(|rate| !in_force.iter().any(|(held, _)| place(held) == place(rate)));
    open.sort_by_key(place);
    let first = nearest(&open, period, Side::Later).map(|rate| start(&rate));
    let mut extended = Vec::new();
    for group in open.chunk_by(|a, b| place(a) == place(b)) {
        let plain = group.first().is_some_and(|rate| rate.threshold() == 0);
        let standard =
            group.first().is_some_and(|rate| rate.service_tier() == ServiceTier::Standard);
        // A long-prompt price or a tier that ended was given up, and one that came later than the
        // rest of its card was not yet there: what went on without it holds.
        let before = nearest(group, period, Side::Earlier).filter(|_| whole_card && standard);
        let after = nearest(group, period, Side::Later)
            .filter(|rate| plain || whole_card && first == Some(start(rate)))
            .filter(|rate| !begins_surely(rate));
        let surely =
            if before.is_some() && after.is_some() { Surely::Perhaps } else { Surely::Yes };
        for bound in [before, after].into_iter().flatten() {
            let same = group.iter().filter(|rate| rate.row.from == bound.row.from);
            let inside = same.filter(|rate| window_holds(rate, period) != Surely::No);
            extended.extend(inside.map(|rate| (*rate, surely)));
        }
    }
    extended
}

/// Which neighbour of a period is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Earlier,
    Later,
}

/// The price that ended last before a period, or the one that begins first after it.
fn nearest<'b>(group: &[Rate<'b>], period: Period, side: Side) -> Option<Rate<'b>> {
    let is_later = |rate: &&Rate<'b>| period.end.0 <= start(rate);
    let mut rates = group.iter().filter(|rate| is_later(rate) == (side == Side::Later)).copied();
    let first = rates.next()?;
    Some(rates.fold(first, |best, rate| {
        let earlier = start(&rate) < start(&best);
        if earlier == (side == Side::Later) { rate } else { best }
    }))
}

/// The first second for which the price is evidenced.
fn start(rate: &Rate<'_>) -> i64 {
    bound_range(rate.row.from, rate.row.seen_day, true).0
}

/// True when somebody said that the price begins on that day: it was another one before, or none.
fn begins_surely(rate: &Rate<'_>) -> bool {
    let seen_only = ["first seen", "third-party", "the table gives no start"];
    rate.row.from.precision != Precision::Unknown
        && !seen_only.iter().any(|basis| rate.basis().starts_with(basis))
        && !rate.note().contains("not verified")
}

/// What is taken for granted when these prices answer for a period.
pub(super) fn assumptions(rates: &[Rate<'_>], period: Period) -> Assumptions {
    let beyond = |assumed: Assumptions, rate: &Rate<'_>| {
        if is_contested(rate) && rivals(rate, period).is_empty() {
            return assumed.with(Assumption::Disputed);
        }
        let assumed = match rate.standing() {
            Standing::ByRule => assumed.with(Assumption::TierRule),
            _ => assumed,
        };
        if time_holds(rate.row, period) != Surely::No {
            return assumed;
        }
        assumed.with(if period.end.0 <= start(rate) {
            Assumption::BeforeFirstSeen
        } else {
            Assumption::AfterLastSeen
        })
    };
    rates.iter().fold(Assumptions::NONE, beyond)
}

/// True when one of the prices answers for a period that its evidence does not reach.
pub(super) fn reach_beyond(rates: &[Rate<'_>], period: Period) -> bool {
    rates.iter().any(|rate| time_holds(rate.row, period) == Surely::No)
}
