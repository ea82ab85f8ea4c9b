//! The built-in priors of output length: constants written by `build.rs`.

#![expect(clippy::unreadable_literal, reason = "rows are written by a program")]

use crate::priors::{Cell, Coverage, EffortRatio, Generation, Habit, Priors, Source, Work};

/// The built-in priors of output length.
pub static PRIORS: Priors<'static> = Priors {
    sources: SOURCES,
    generations: GENERATIONS,
    cells: CELLS,
    ratios: EFFORT_RATIOS,
    coverage: COVERAGE,
};

include!(concat!(env!("OUT_DIR"), "/priors.rs"));
