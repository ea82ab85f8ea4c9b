//! Reasoning and cached tokens against the steps in which single families of models report them.

use super::family::{Family, Known};
use super::view::{Checked, Found, View};
use crate::usage::Meter;

pub(super) const NO_REASONING: &str = "reasoning in steps of 64: the source reports no reasoning";
pub(super) const NOT_MEASURED: &str = "reasoning in steps of 64: not measured for the model";

/// Whether anything is to be said of the steps of a family.
pub(super) fn has_rule(family: Family) -> bool {
    family.steps != Known::Fails || family.cache_steps
}

/// Whether reasoning tokens are off their step, or why that cannot be said.
#[inline]
pub(super) fn is_off_step(
    family: Option<Family>,
    reasoning: Option<u64>,
) -> Result<bool, &'static str> {
    let known = family.map_or(Known::Fails, |family| family.steps);
    match (known, reasoning) {
        (Known::Fails, _) | (_, Some(0)) => Ok(false),
        (_, None) => Err(NO_REASONING),
        (Known::NotMeasured, _) => Err(NOT_MEASURED),
        (Known::Holds, Some(tokens)) => Ok(!tokens.is_multiple_of(64)),
    }
}

/// Whether there are cached tokens, of a model that reports them in steps.
#[inline]
pub(super) fn has_cached_in_steps(family: Option<Family>, cached: u64) -> bool {
    cached > 0 && family.is_some_and(|family| family.cache_steps)
}

/// Whether cached tokens are off their step.
#[inline]
pub(super) fn is_cached_off_step(family: Option<Family>, cached: u64) -> bool {
    !cached.is_multiple_of(128) && has_cached_in_steps(family, cached)
}

/// Reasoning tokens that are no multiple of 64. A sum of multiples is one, so buckets are checked
/// like requests.
pub(super) fn reasoning(view: &View<'_, '_>) -> Checked {
    let reported = view.totals.reasoning;
    let (true, Some(tokens)) = (is_off_step(view.family, reported)?, reported) else {
        return Ok(None);
    };
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
    if !is_cached_off_step(view.family, tokens) {
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
