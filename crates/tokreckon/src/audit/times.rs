//! Times at which the usage cannot have happened.

use super::view::{Checked, Found, View};
use crate::time::{DAY_SECONDS, Instant, Period};

/// 2020-01-01: no model in the book was sold before.
const FIRST_SECOND: i64 = 1_577_836_800;

/// Why a time cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Impossible {
    BeforeAll,
    Future,
    BeforeRelease,
}

/// What is impossible about a time, if anything. One day of difference is left for zones and
/// clocks.
#[inline]
fn of(
    period: Period,
    released: Option<&(i64, String)>,
    now: Option<Instant>,
) -> Option<Impossible> {
    let start = period.start.0;
    if start < FIRST_SECOND {
        Some(Impossible::BeforeAll)
    } else if now.is_some_and(|now| start > now.0.saturating_add(DAY_SECONDS)) {
        Some(Impossible::Future)
    } else {
        let before = |(day, _): &(i64, String)| period.end.0.saturating_add(DAY_SECONDS) <= *day;
        released.is_some_and(before).then_some(Impossible::BeforeRelease)
    }
}

/// A time before there were such models, before the release of this one, or after now.
pub(super) fn impossible(view: &View<'_, '_>, now: Option<Instant>) -> Checked {
    let released = view.limits.released.as_ref();
    let Some(period) = view.record.period else {
        return Err("the time of use: the source does not say");
    };
    let message = match (of(period, released, now), released) {
        (Some(Impossible::BeforeAll), _) => "before 2020: no model was sold".to_owned(),
        (Some(Impossible::Future), _) => "in the future".to_owned(),
        (Some(Impossible::BeforeRelease), Some((_, written))) => {
            format!("before `{}` was released on {written}", view.record.model)
        }
        _ => return Ok(None),
    };
    Ok(Some(Found { message, figures: period.start.to_string(), stake: view.charge() }))
}
