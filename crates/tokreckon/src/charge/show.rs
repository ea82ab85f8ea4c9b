//! A charge for people: the amount, and in brackets how far it can be trusted.

use std::fmt;

use super::Charge;
use crate::grade::{Assumption, Doubt, Grade};

impl Charge<'_> {
    /// What it takes for granted, in words; empty for nothing.
    #[must_use]
    pub fn assumed_text(&self) -> String {
        let words: Vec<_> = self.assumptions.iter().map(Assumption::explanation).collect();
        words.join(", ")
    }

    /// Why it is no one amount, in words; empty for one amount.
    #[must_use]
    pub fn doubt_text(&self) -> String {
        let words: Vec<_> = self.doubts.iter().map(Doubt::explanation).collect();
        words.join(", ")
    }
}

impl fmt::Display for Charge<'_> {
    /// `0.0095975 USD (exact)`, `0.0075 USD (assumed: …)`, `4.27 to 11.63 USD (between: …)`,
    /// `≥ 4.27 USD (unknown: …)`; `unknown (…)` where nothing has a price.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grade = self.grade();
        match (grade, self.high) {
            (Grade::Exact, _) => write!(f, "{} ({grade})", self.low),
            (Grade::Assumed, _) => write!(f, "{} ({grade}: {})", self.low, self.assumed_text()),
            (_, Some(high)) => {
                write!(f, "{} to {high} ({grade}: {})", self.low.amount, self.doubt_text())
            }
            (_, None) if self.lines.is_empty() => write!(f, "{grade} ({})", self.doubt_text()),
            (_, None) => write!(f, "≥ {} ({grade}: {})", self.low, self.doubt_text()),
        }
    }
}
