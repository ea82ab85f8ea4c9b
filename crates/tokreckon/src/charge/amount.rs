//! What a charge comes to, without its lines: both bounds and the grade. Amounts add up.

use std::fmt;

use super::Charge;
use crate::grade::Grade;
use crate::money::{Money, MoneyError};

/// An amount with its bounds and how far it can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// Lower bound; the amount itself when both are equal.
    pub low: Money,
    /// Upper bound; `None` when there is none.
    pub high: Option<Money>,
    /// How far it can be trusted; a sum is as good as its worst part.
    pub grade: Grade,
}

impl Amount {
    /// The sum of two: bounds add up, the worse grade holds.
    ///
    /// # Errors
    /// For two currencies, or when a sum needs more than 38 digits.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        let high = match (self.high, other.high) {
            (Some(high), Some(other)) => Some(high.plus(other)?),
            _ => None,
        };
        Ok(Self { low: self.low.plus(other.low)?, high, grade: self.grade.max(other.grade) })
    }

    /// The sum of several; `None` for none of them.
    ///
    /// # Errors
    /// For two currencies, or when a sum needs more than 38 digits.
    pub fn try_sum(amounts: impl IntoIterator<Item = Self>) -> Result<Option<Self>, MoneyError> {
        let mut sum: Option<Self> = None;
        for amount in amounts {
            sum = Some(sum.map_or(Ok(amount), |sum| sum.plus(amount))?);
        }
        Ok(sum)
    }
}

impl fmt::Display for Amount {
    /// `0.0095975 USD (exact)`, `4.27 to 11.63 USD (between)`, `≥ 4.27 USD (unknown)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.high {
            Some(high) if high == self.low => write!(f, "{high} ({})", self.grade),
            Some(high) => write!(f, "{} to {high} ({})", self.low.amount, self.grade),
            None => write!(f, "≥ {} ({})", self.low, self.grade),
        }
    }
}

impl Charge<'_> {
    /// What it comes to, without its lines.
    #[must_use]
    pub fn total(&self) -> Amount {
        Amount { low: self.low, high: self.high, grade: self.grade() }
    }
}
