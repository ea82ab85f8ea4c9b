//! Reasoning tokens against the output they lie in, and against the model.

use super::family::Family;
use super::view::{Found, View};
use crate::usage::{Meter, Place, Totals};

/// More reasoning than output where the output includes it.
pub(super) fn reasoning_above_output(view: &View<'_, '_>) -> Option<Found> {
    let totals = view.totals;
    let (Some(output), Some(reasoning)) = (totals.output, totals.reasoning) else {
        return None;
    };
    if totals.layout.reasoning == Place::Beside || reasoning <= output {
        return None;
    }
    let whole = Totals { reasoning: None, ..totals };
    Some(Found {
        message: "reasoning tokens exceed the output they lie in".to_owned(),
        figures: format!("reasoning {reasoning}, output {output}"),
        stake: whole.to_usage().ok().and_then(|usage| view.list_charge(&usage)),
    })
}

/// Whether anything is to be said of a family's reasoning.
pub(super) const fn has_rule(family: Family) -> bool {
    family.never_reasons
}

/// Whether a model without reasoning is said to have reasoned.
#[inline]
pub(super) fn is_plain_but_reasons(family: Option<Family>, reasoning: u64) -> bool {
    reasoning > 0 && family.is_some_and(|family| family.never_reasons)
}

/// Reasoning tokens of a model that has none.
pub(super) fn reasoning_of_plain_model(view: &View<'_, '_>) -> Option<Found> {
    let tokens = view.totals.reasoning.unwrap_or(0);
    if !is_plain_but_reasons(view.family, tokens) {
        return None;
    }
    Some(Found {
        message: format!("`{}` has no reasoning tokens", view.record.model),
        figures: format!("{tokens} reported"),
        stake: view.charge_of_part(Meter::Reasoning, u64::MAX),
    })
}
