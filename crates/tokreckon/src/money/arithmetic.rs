//! Adding, scaling and comparing amounts of one currency, exactly or not at all.

use std::cmp::Ordering;
use std::error::Error;
use std::fmt;

use rust_decimal::Decimal;

use super::{Currency, Exact, InexactError, Money};

/// Two amounts cannot be reckoned together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MoneyError {
    /// They are in different currencies; nothing converts them silently.
    Currencies {
        /// One currency.
        left: Currency,
        /// The other.
        right: Currency,
    },
    /// The exact result needs more than 38 digits.
    Inexact(InexactError),
}

impl fmt::Display for MoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Currencies { left, right } => write!(
                f,
                "{left} and {right} cannot be added or compared: convert one of them first"
            ),
            Self::Inexact(error) => error.fmt(f),
        }
    }
}

impl Error for MoneyError {}

impl From<InexactError> for MoneyError {
    fn from(error: InexactError) -> Self {
        Self::Inexact(error)
    }
}

impl Money {
    /// Nothing, in a currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { amount: Exact::ZERO, currency }
    }

    /// The sum.
    ///
    /// # Errors
    /// For two currencies, or when the sum needs more than 38 digits.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.of_one_currency(other)?;
        Ok(Self { amount: self.amount.plus(other.amount)?, ..self })
    }

    /// The difference.
    ///
    /// # Errors
    /// For two currencies, or when the difference needs more than 38 digits.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.of_one_currency(other)?;
        Ok(Self { amount: self.amount.minus(other.amount)?, ..self })
    }

    /// The amount times a factor, such as a mark-up of 1.05.
    ///
    /// # Errors
    /// When the product needs more than 38 digits.
    pub fn times(self, factor: Exact) -> Result<Self, MoneyError> {
        Ok(Self { amount: self.amount.times(factor)?, ..self })
    }

    /// Which is more.
    ///
    /// # Errors
    /// For two currencies.
    pub fn compare(self, other: Self) -> Result<Ordering, MoneyError> {
        self.of_one_currency(other)?;
        Ok(self.amount.cmp(&other.amount))
    }

    fn of_one_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::Currencies { left: self.currency, right: other.currency })
    }
}

impl TryFrom<Money> for Decimal {
    type Error = InexactError;

    /// The amount without its currency: exact, or an error when [`Decimal`] has too few digits.
    fn try_from(money: Money) -> Result<Self, InexactError> {
        money.amount.try_into()
    }
}

/// What adds up exactly or not at all.
pub trait TryAdd: Sized {
    /// The sum of two.
    ///
    /// # Errors
    /// For two currencies, or when the sum needs more than 38 digits.
    fn try_add(self, other: Self) -> Result<Self, MoneyError>;
}

impl TryAdd for Money {
    fn try_add(self, other: Self) -> Result<Self, MoneyError> {
        self.plus(other)
    }
}

/// Sums of iterators that are exact or an error; `None` for the sum of nothing, which has no currency.
pub trait TrySum: Iterator<Item: TryAdd> + Sized {
    /// The sum.
    ///
    /// # Errors
    /// For two currencies, or when the sum needs more than 38 digits.
    fn try_sum(mut self) -> Result<Option<Self::Item>, MoneyError> {
        let Some(first) = self.next() else { return Ok(None) };
        self.try_fold(first, TryAdd::try_add).map(Some)
    }
}

impl<I: Iterator<Item: TryAdd>> TrySum for I {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_never_mix() {
        let [usd, cny]: [Money; 2] = ["1.5USD", "2CNY"].map(|text| text.parse().expect("money"));
        let error = usd.plus(cny).expect_err("two currencies");
        assert_eq!(
            error.to_string(),
            "USD and CNY cannot be added or compared: convert one of them first"
        );
        assert_eq!([usd, usd].into_iter().try_sum().expect("one"), "3USD".parse().ok());
        assert!([usd, cny].into_iter().try_sum().is_err());
        assert_eq!(std::iter::empty::<Money>().try_sum().expect("nothing"), None);
        assert_eq!(usd.minus(usd).expect("one"), Money::zero(Currency::USD));
        assert_eq!(usd.compare(Money::zero(Currency::USD)), Ok(Ordering::Greater));
    }
}
