//! Counts against each other: a reported total and its parts.

use crate::usage::Totals;

/// What is wrong with the reported total, if anything.
pub(super) fn totals_disagree(totals: &Totals) -> Option<String> {
    let (total, expected) = (totals.total?, totals.expected_total()?);
    if u128::from(total) == expected {
        return None;
    }
    let direction = if u128::from(total) > expected { "above" } else { "below" };
    Some(format!("the reported total is {direction} the sum of its parts"))
}
