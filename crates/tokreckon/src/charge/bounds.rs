//! Costs between two bounds.

use crate::grade::{Assumptions, Grade};
use crate::money::{Exact, InexactError};

/// A cost with both bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Lower bound; the exact cost when both are equal.
    pub low: Exact,
    /// Upper bound of what has a price.
    pub high: Exact,
    /// True when something has no price, so that there is no upper bound.
    pub open: bool,
}

impl Bounds {
    /// The one number, if it is one: exact or assumed, which bounds do not tell.
    #[must_use]
    pub fn single(&self) -> Option<Exact> {
        (!self.open && self.low == self.high).then_some(self.low)
    }

    /// How far the amount can be trusted that these assumptions are behind.
    #[must_use]
    pub fn grade(&self, assumptions: Assumptions) -> Grade {
        Grade::of(self.low, (!self.open).then_some(self.high), assumptions)
    }

    /// What this costs more than another, whichever of their amounts are true.
    ///
    /// # Errors
    /// When a difference needs more than 38 digits.
    pub fn minus(&self, other: &Self) -> Result<Self, InexactError> {
        Ok(Self {
            low: self.low.minus(other.high)?,
            high: self.high.minus(other.low)?,
            open: self.open || other.open,
        })
    }

    #[cfg(feature = "read")]
    pub(crate) fn add(&mut self, other: Self) -> Result<(), InexactError> {
        self.low = self.low.plus(other.low)?;
        self.high = self.high.plus(other.high)?;
        self.open |= other.open;
        Ok(())
    }
}
