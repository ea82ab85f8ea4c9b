//! What a charge comes to, without its lines: both bounds and the grade. Amounts add up.

use std::error::Error;
use std::fmt;

use super::Charge;
use crate::grade::Grade;
use crate::money::{Money, MoneyError, TryAdd};

/// An amount with its bounds and how far it can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
}

impl TryAdd for Amount {
    fn try_add(self, other: Self) -> Result<Self, MoneyError> {
        self.plus(other)
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

/// Only an exact amount was asked for, and a charge takes something for granted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssumedError {
    /// What it takes for granted, in words.
    pub assumed: String,
}

impl AssumedError {
    /// Stable code for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "assumed"
    }
}

impl fmt::Display for AssumedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "assumed: {}", self.assumed)
    }
}

impl Error for AssumedError {}

impl Charge<'_> {
    /// This charge, or an error that names what it takes for granted. One between two bounds and one
    /// without an upper bound take nothing for granted: whether it is one number says
    /// [`Charge::exact`].
    ///
    /// # Errors
    /// When the grade is [`Grade::Assumed`].
    pub fn strict(self) -> Result<Self, AssumedError> {
        if self.grade() == Grade::Assumed {
            return Err(AssumedError { assumed: self.assumed_text() });
        }
        Ok(self)
    }
}
