//! The built-in reasoning priors: constants written by `build.rs`.

#![expect(clippy::unreadable_literal, reason = "rows are written by a program")]

use crate::priors::{DefaultEffort, EffortRatio, Grade, Held, Measure, Prior, Priors, Scope};

/// The built-in reasoning priors.
pub static PRIORS: Priors<'static> =
    Priors { rows: PRIOR_ROWS, ratios: EFFORT_RATIOS, defaults: DEFAULT_EFFORTS };

include!(concat!(env!("OUT_DIR"), "/priors.rs"));
