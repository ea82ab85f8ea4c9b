//! Times at which the usage cannot have happened.

use super::view::{Checked, Found, View};
use crate::time::{DAY_SECONDS, Instant};

/// 2020-01-01: no model in the book was sold before.
const FIRST_SECOND: i64 = 1_577_836_800;

/// A time before there were such models, before the release of this one, or after now. One day of
/// difference is left for zones and clocks.
pub(super) fn impossible(
    view: &View<'_, '_>,
    released: Option<&(i64, String)>,
    now: Option<Instant>,
) -> Checked {
    let Some(period) = view.record.period else {
        return Err("the time of use: the source does not say");
    };
    let start = period.start.0;
    let message = if start < FIRST_SECOND {
        "before 2020: no model was sold".to_owned()
    } else if now.is_some_and(|now| start > now.0.saturating_add(DAY_SECONDS)) {
        "in the future".to_owned()
    } else if let Some((day, written)) = released
        && period.end.0.saturating_add(DAY_SECONDS) <= *day
    {
        format!("before `{}` was released on {written}", view.record.model)
    } else {
        return Ok(None);
    };
    Ok(Some(Found { message, figures: period.start.to_string(), stake: view.charge() }))
}
