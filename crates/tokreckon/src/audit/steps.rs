//! Reasoning and cached tokens against the steps in which single families of models report them.

use super::family::Known;
use super::view::{Checked, Found, View};
use crate::usage::Meter;

pub(super) const NO_REASONING: &str = "reasoning in steps of 64: the source reports no reasoning";
pub(super) const NOT_MEASURED: &str = "reasoning in steps of 64: not measured for the model";

/// Whether there are cached tokens, of a model that reports them in steps.
#[inline]
pub(super) fn has_cached_in_steps(view: &View<'_, '_>) -> bool {
    view.totals.cache_read.unwrap_or(0) > 0 && view.family.is_some_and(|family| family.cache_steps)
}

/// Reasoning tokens that are no multiple of 64. A sum of multiples is one, so buckets are checked
/// like requests.
pub(super) fn reasoning(view: &View<'_, '_>) -> Checked {
    let tokens =
        match (view.family.map_or(Known::Fails, |family| family.steps), view.totals.reasoning) {
            (Known::Fails, _) | (_, Some(0)) => return Ok(None),
            (_, None) => return Err(NO_REASONING),
            (Known::NotMeasured, _) => return Err(NOT_MEASURED),
            (Known::Holds, Some(tokens)) => tokens,
        };
    if tokens.is_multiple_of(64) {
        return Ok(None);
    }
    Ok(Some(Found {
        message: format!(
            "reasoning tokens of `{}` come in steps of 64; these do not",
            view.record.model
        ),
        figures: format!("{tokens} = {} x 64 + {}", tokens / 64, tokens % 64),
        stake: view.charge_of_part(Meter::Reasoning, u64::MAX),
    }))
}

/// Cached tokens that are no multiple of 128.
pub(super) fn cached(view: &View<'_, '_>) -> Option<Found> {
    let tokens = view.totals.cache_read.unwrap_or(0);
    if tokens.is_multiple_of(128) || !has_cached_in_steps(view) {
        return None;
    }
    Some(Found {
        message: format!(
            "cached tokens of `{}` are documented in steps of 128; these are not",
            view.record.model
        ),
        figures: format!("{tokens} = {} x 128 + {}", tokens / 128, tokens % 128),
        stake: None,
    })
}
