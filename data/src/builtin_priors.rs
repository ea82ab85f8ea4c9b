//! The built-in priors of output length: constants written by `build.rs`.

#![expect(clippy::unreadable_literal, reason = "rows are written by a program")]

use crate::priors::{
    Cell, Constants, Coverage, EffortRatio, Generation, Habit, LimitCounts, LooseLimit, Priors,
    Source, TotalCoverage, Work,
};

/// The built-in priors of output length.
pub static PRIORS: Priors<'static> = Priors {
    sources: SOURCES,
    generations: GENERATIONS,
    limits: LIMITS,
    cells: CELLS,
    ratios: EFFORT_RATIOS,
    coverage: COVERAGE,
    totals: TOTALS,
    constants: CONSTANTS,
};

include!(concat!(env!("OUT_DIR"), "/priors.rs"));
