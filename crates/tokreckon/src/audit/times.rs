//! Times at which the usage cannot have happened.

use super::view::{Checked, Found, View};
use crate::time::{DAY_SECONDS, Instant, Period};

/// 2020-01-01: no model in the book was sold before.
const FIRST_SECOND: i64 = 1_577_836_800;

/// Why a time cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Impossible {
    BeforeAll,
    Future,
    BeforeRelease,
}

/// What is impossible about a time, if anything. One day of difference is left for zones and
/// clocks.
#[inline]
pub(super) fn of(
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

/// The seconds of which [`of`] finds nothing impossible: from the first until the last.
pub(super) fn span(released: Option<&(i64, String)>, now: Option<Instant>) -> (i64, i64) {
    let from = released.map_or(i64::MIN, |(day, _)| day.saturating_sub(DAY_SECONDS));
    let until = now.map_or(i64::MAX, |now| now.0.saturating_add(DAY_SECONDS).saturating_add(1));
    (from.max(FIRST_SECOND), until)
}

/// A time before there were such models, before the release of this one, or after now.
pub(super) fn impossible(
    view: &View<'_, '_>,
    released: Option<&(i64, String)>,
    now: Option<Instant>,
) -> Checked {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_span_is_where_nothing_is_found() {
        let days = [FIRST_SECOND - 9, FIRST_SECOND + 5 * DAY_SECONDS, FIRST_SECOND + 900_000];
        for released in [None, Some((days[0], String::new())), Some((days[1], String::new()))] {
            for now in [None, Some(Instant(days[1])), Some(Instant(days[2]))] {
                let (from, until) = span(released.as_ref(), now);
                for near in [FIRST_SECOND, days[0], days[1], days[2], from, until.min(days[2])] {
                    for second in near - 2 * DAY_SECONDS..=near + 2 * DAY_SECONDS {
                        let found = of(Period::at(Instant(second)), released.as_ref(), now);
                        let is_within = from <= second && second < until;
                        assert_eq!(found.is_none(), is_within, "{second} {released:?} {now:?}");
                    }
                }
            }
        }
    }
}
