//! Counts against each other and against the model: parts and wholes, reported totals.

use super::view::{Checked, Found, View};
use crate::usage::{Meter, Place, Totals};

pub(super) const NO_TOTAL: &str = "whether totals add up: the source reports none";

/// More reasoning than output where the output includes it.
pub(super) fn reasoning_above_output(view: &View<'_, '_>) -> Option<Found> {
    let totals = view.totals;
    let (Some(output), Some(reasoning)) = (totals.output, totals.reasoning) else {
        return None;
    };
    if totals.layout.reasoning == Place::Beside || reasoning <= output {
        return None;
    }
    let whole = Totals { reasoning: None, ..*totals };
    Some(Found {
        message: "reasoning tokens exceed the output they lie in".to_owned(),
        figures: format!("reasoning {reasoning}, output {output}"),
        stake: whole.to_usage().ok().and_then(|usage| view.list_charge(&usage)),
    })
}

/// A reported total that is not the sum of its parts.
pub(super) fn totals_disagree(view: &View<'_, '_>) -> Checked {
    let total = view.totals.total.ok_or(NO_TOTAL)?;
    let Some(expected) = view.totals.expected_total().filter(|sum| *sum != u128::from(total))
    else {
        return Ok(None);
    };
    let direction = if u128::from(total) > expected { "above" } else { "below" };
    let message = format!("the reported total is {direction} the sum of its parts");
    Ok(Some(Found::alike(view, message)))
}

/// Reasoning tokens of a model that has none.
pub(super) fn reasoning_of_plain_model(view: &View<'_, '_>) -> Option<Found> {
    let tokens = view.totals.reasoning.unwrap_or(0);
    if tokens == 0 || !view.family.is_some_and(|family| family.never_reasons) {
        return None;
    }
    Some(Found {
        message: format!("`{}` has no reasoning tokens", view.record.model),
        figures: format!("{tokens} reported"),
        stake: view.charge_of_part(Meter::Reasoning, u64::MAX),
    })
}
