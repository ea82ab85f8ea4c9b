//! An exact amount in a currency.
//!
//! [`Exact`] is a decimal number of up to 38 digits in an `i128` with its own scale. Every
//! operation is exact or returns [`InexactError`]; nothing is ever rounded unless a
//! [`Rounding`] is asked for by name. That is the difference to `rust_decimal`, whose
//! `checked_*` operations drop digits silently when they run out (1e19 + 1e-10 loses the 1e-10);
//! it is used at the edge only, where [`Exact`] converts to and from it without loss.
//!
//! Why sums come out the same in any order: an operation fails only when a result needs more
//! than 38 digits. Amounts with at most `s` decimal places whose absolute values add up to less
//! than 1.7e38 / 10^`s` never do, whatever the order (`s` = 24, finer than any unit price in the
//! book times one token: 170 trillion).

// Every operator here could wrap or panic: each is written as what it does then.
#![deny(clippy::arithmetic_side_effects)]

mod arithmetic;
mod currency;
mod sum;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::error::Error;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

pub use self::arithmetic::{MoneyError, TryAdd, TrySum};
pub use self::currency::{Currency, CurrencyError, Money, ParseMoneyError};
pub(crate) use self::sum::{POWERS, Sum, digits_and_places, times_power};

/// An exact decimal number: `mantissa / 10^scale`, always in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Exact {
    mantissa: i128,
    scale: u32,
}

/// The exact result needs more than 38 digits, or never ends. Nothing was rounded; there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InexactError;

impl fmt::Display for InexactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the exact result needs more than 38 digits, or never ends")
    }
}

impl Error for InexactError {}

/// A text is not a decimal number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseExactError {
    /// Something other than digits, one sign, one point and one exponent.
    NotANumber {
        /// The text, shortened.
        text: String,
    },
    /// More than 38 significant digits, or an exponent beyond ±38.
    TooLong {
        /// The text, shortened.
        text: String,
    },
}

impl fmt::Display for ParseExactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber { text } => write!(f, "`{text}` is not a decimal number"),
            Self::TooLong { text } => write!(f, "`{text}` has more than 38 digits"),
        }
    }
}

impl Error for ParseExactError {}

impl Exact {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: 0, scale: 0 };
    /// One.
    pub const ONE: Self = Self { mantissa: 1, scale: 0 };
    /// Largest number of decimal places.
    pub const MAX_SCALE: u32 = 38;

    /// The number `mantissa / 10^scale`.
    ///
    /// # Errors
    /// When `scale` is above [`Self::MAX_SCALE`] even in lowest terms.
    pub fn new(mantissa: i128, scale: u32) -> Result<Self, InexactError> {
        let lowest = Self::lowest(mantissa, scale);
        if lowest.scale > Self::MAX_SCALE { Err(InexactError) } else { Ok(lowest) }
    }

    /// The same without its trailing zeros.
    fn lowest(mut mantissa: i128, mut scale: u32) -> Self {
        if mantissa == 0 {
            return Self::ZERO;
        }
        if let Ok(mut short) = i64::try_from(mantissa) {
            // Most amounts: dividing 64 bits takes a tenth of the time.
            while scale > 0 && short % 10 == 0 {
                short /= 10;
                scale = scale.saturating_sub(1);
            }
            mantissa = i128::from(short);
        }
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale = scale.saturating_sub(1);
        }
        Self { mantissa, scale }
    }

    /// The digits without their decimal point.
    #[must_use]
    pub const fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// Digits after the decimal point.
    #[must_use]
    pub const fn scale(self) -> u32 {
        self.scale
    }

    /// True for zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// True below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Result<Self, InexactError> {
        let scale = self.scale.max(other.scale);
        let sum = self.at(scale)?.checked_add(other.at(scale)?).ok_or(InexactError)?;
        Self::new(sum, scale)
    }

    /// The difference.
    pub fn minus(self, other: Self) -> Result<Self, InexactError> {
        self.plus(other.negated()?)
    }

    /// The number with its sign changed.
    pub fn negated(self) -> Result<Self, InexactError> {
        let mantissa = self.mantissa.checked_neg().ok_or(InexactError)?;
        Ok(Self { mantissa, scale: self.scale })
    }

    /// The product.
    ///
    /// # Errors
    /// When the product needs more than 38 digits, whatever its factors need.
    pub fn times(self, other: Self) -> Result<Self, InexactError> {
        // At most 76.
        let scale = self.scale.saturating_add(other.scale);
        if let Some(mantissa) = self.mantissa.checked_mul(other.mantissa) {
            return Self::new(mantissa, scale);
        }
        // The digits run out before the trailing zeros are dropped: drop them from the factors.
        let (mut left, mut right, mut scale) = (self.mantissa, other.mantissa, scale);
        while scale > 0 && drop_factor(&mut left, &mut right, 5) {
            let two = drop_factor(&mut left, &mut right, 2);
            if !two {
                left = left.checked_mul(5).ok_or(InexactError)?;
                break;
            }
            scale = scale.saturating_sub(1);
        }
        Self::new(left.checked_mul(right).ok_or(InexactError)?, scale)
    }

    /// The product with a whole number, such as a number of tokens.
    pub fn times_count(self, count: u128) -> Result<Self, InexactError> {
        let count = i128::try_from(count).map_err(|_| InexactError)?;
        self.times(Self { mantissa: count, scale: 0 })
    }

    /// The quotient by a power of ten, such as the 1,000,000 tokens of a pricing unit.
    pub fn shifted(self, places: u32) -> Result<Self, InexactError> {
        Self::new(self.mantissa, self.scale.checked_add(places).ok_or(InexactError)?)
    }

    /// The quotient, when it is a finite decimal of at most 38 digits.
    ///
    /// # Errors
    /// When the quotient does not end (0.111 / 3600), or the divisor is zero.
    pub fn divided_by(self, divisor: Self) -> Result<Self, InexactError> {
        if divisor.is_zero() {
            return Err(InexactError);
        }
        if divisor.mantissa == 1_000_000 && divisor.scale == 0 {
            return self.shifted(6);
        }
        // In lowest terms only twos and fives may be left below the line: they become places.
        let common = greatest_common_divisor(self.mantissa, divisor.mantissa);
        let numerator = self.mantissa.checked_div(common).ok_or(InexactError)?;
        let mut below = divisor.mantissa.checked_div(common).ok_or(InexactError)?;
        let twos = below.trailing_zeros();
        below = below.wrapping_shr(twos);
        let mut fives = 0_u32;
        while below % 5 == 0 {
            below /= 5;
            fives = fives.saturating_add(1);
        }
        if below.unsigned_abs() != 1 {
            return Err(InexactError);
        }
        let places = twos.max(fives);
        let power = |base: i128, exponent: u32| {
            let mantissa = base.checked_pow(exponent).ok_or(InexactError)?;
            Ok(Self { mantissa, scale: 0 })
        };
        let sign_and_places = Self { mantissa: below, scale: self.scale.saturating_add(places) };
        Self { mantissa: numerator, scale: 0 }
            .times(power(2, places.saturating_sub(twos))?)?
            .times(power(5, places.saturating_sub(fives))?)?
            .times(power(10, divisor.scale)?.times(sign_and_places)?)
    }

    /// The number rounded to `places` decimal places. The only operation that changes a value.
    #[must_use]
    pub fn rounded(self, places: u32, rounding: Rounding) -> Self {
        if self.scale <= places {
            return self;
        }
        let Some((quotient, rest, divisor)) = self.split_at(self.scale.saturating_sub(places))
        else {
            return self;
        };
        let up = match rest.cmp(&divisor.abs_diff(rest)) {
            Ordering::Less => false,
            Ordering::Greater => true,
            Ordering::Equal => rounding == Rounding::HalfUp || quotient % 2 != 0,
        };
        // At least one digit was dropped: one more has room.
        let away_from_zero = if up { self.mantissa.signum() } else { 0 };
        Self::lowest(quotient.saturating_add(away_from_zero), places)
    }

    /// The number with exactly `places` decimal places when it has no more than that, else all its
    /// digits. More than [`Self::MAX_SCALE`] places are as many as that.
    #[must_use]
    pub fn to_string_padded(self, places: u32) -> String {
        let mut text = self.to_string();
        if self.scale == 0 && places > 0 {
            text.push('.');
        }
        for _ in self.scale..places.min(Self::MAX_SCALE) {
            text.push('0');
        }
        text
    }

    /// The digits before the last `digits`, the absolute value of those, and what one before them
    /// is worth of them; `None` for more than 38.
    fn split_at(self, digits: u32) -> Option<(i128, u128, u128)> {
        let divisor = 10_i128.checked_pow(digits)?;
        let rest = self.mantissa.checked_rem(divisor)?;
        Some((self.mantissa.checked_div(divisor)?, rest.unsigned_abs(), divisor.unsigned_abs()))
    }

    fn at(self, scale: u32) -> Result<i128, InexactError> {
        let places = scale.checked_sub(self.scale).ok_or(InexactError)?;
        let factor = 10_i128.checked_pow(places).ok_or(InexactError)?;
        self.mantissa.checked_mul(factor).ok_or(InexactError)
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_sign = self.mantissa.signum().cmp(&other.mantissa.signum());
        if by_sign != Ordering::Equal || self.mantissa == 0 {
            return by_sign;
        }
        // Whole parts first; equal whole parts leave fractions, of as many places as the longer has.
        let scale = self.scale.max(other.scale);
        let parts = |exact: Self| {
            let (whole, fraction, _) = exact.split_at(exact.scale)?;
            let factor = 10_u128.checked_pow(scale.checked_sub(exact.scale)?)?;
            Some((whole.unsigned_abs(), fraction.checked_mul(factor)?))
        };
        let by_size = parts(*self).cmp(&parts(*other));
        if self.is_negative() { by_size.reverse() } else { by_size }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<u64> for Exact {
    fn from(count: u64) -> Self {
        Self { mantissa: i128::from(count), scale: 0 }
    }
}

impl fmt::Display for Exact {
    /// All digits, no exponent, no trailing zeros after the point.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = self.scale as usize;
        let text = if scale == 0 {
            digits
        } else if digits.len() > scale {
            let (whole, fraction) = digits.split_at(digits.len().saturating_sub(scale));
            format!("{whole}.{fraction}")
        } else {
            format!("0.{digits:0>scale$}")
        };
        f.pad_integral(self.mantissa >= 0, "", &text)
    }
}

impl FromStr for Exact {
    type Err = ParseExactError;

    /// Reads `12`, `-0.50`, `.5`, `3.45e-05`, with as many trailing zeros as you like.
    ///
    /// Blanks, thousands separators, underscores, currency signs and `NaN` are errors: what they
    /// mean is for the reader of the file to decide.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let not_a_number = || ParseExactError::NotANumber { text: shortened(text) };
        let too_long = || ParseExactError::TooLong { text: shortened(text) };
        let (negative, rest) = match text.as_bytes() {
            [b'-', ..] => (true, &text[1..]),
            [b'+', ..] => (false, &text[1..]),
            _ => (false, text),
        };
        let (number, exponent) = match rest.split_once(['e', 'E']) {
            Some((number, exponent)) => {
                (number, parse_exponent(exponent).ok_or_else(not_a_number)?)
            }
            None => (rest, 0),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() {
            return Err(not_a_number());
        }
        if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return Err(not_a_number());
        }
        // Trailing zeros carry no value: `0.003835980000000000000000000000` has six digits.
        let fraction = fraction.trim_end_matches('0');
        let mut mantissa: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            let digit = i128::from(digit & 0xf);
            let tens = mantissa.checked_mul(10);
            let sum = tens.and_then(|tens| {
                if negative { tens.checked_sub(digit) } else { tens.checked_add(digit) }
            });
            mantissa = sum.ok_or_else(too_long)?;
        }
        let places = i64::try_from(fraction.len()).ok().and_then(|len| len.checked_sub(exponent));
        places.and_then(|places| scaled(mantissa, places)).ok_or_else(too_long)
    }
}

impl TryFrom<Decimal> for Exact {
    type Error = InexactError;

    fn try_from(decimal: Decimal) -> Result<Self, InexactError> {
        Self::new(decimal.mantissa(), decimal.scale())
    }
}

impl TryFrom<Exact> for Decimal {
    type Error = InexactError;

    /// Exact, or an error when the number needs more than the 96 bits or 28 places of [`Decimal`].
    fn try_from(exact: Exact) -> Result<Self, InexactError> {
        Self::try_from_i128_with_scale(exact.mantissa, exact.scale).map_err(|_| InexactError)
    }
}

/// Divides one of two factors by a prime; false when neither is a multiple of it.
fn drop_factor(left: &mut i128, right: &mut i128, prime: i128) -> bool {
    for factor in [left, right] {
        if factor.checked_rem(prime) == Some(0)
            && let Some(quotient) = factor.checked_div(prime)
        {
            *factor = quotient;
            return true;
        }
    }
    false
}

/// Above zero, unless both are zero or the result is 2^127.
fn greatest_common_divisor(left: i128, right: i128) -> i128 {
    let (mut left, mut right) = (left.unsigned_abs(), right.unsigned_abs());
    while let Some(rest) = left.checked_rem(right) {
        (left, right) = (right, rest);
    }
    left.cast_signed()
}

fn scaled(mantissa: i128, places: i64) -> Option<Exact> {
    if mantissa == 0 {
        return Some(Exact::ZERO);
    }
    if places >= 0 {
        return Exact::new(mantissa, u32::try_from(places).ok()?).ok();
    }
    let factor = 10_i128.checked_pow(u32::try_from(places.checked_neg()?).ok()?)?;
    Exact::new(mantissa.checked_mul(factor)?, 0).ok()
}

fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// How an amount half way between two neighbours is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rounding {
    /// To the neighbour whose last digit is even (0.125 → 0.12).
    HalfEven,
    /// Away from zero (0.125 → 0.13).
    HalfUp,
}

impl Rounding {
    /// The name on the command line and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HalfEven => "half-even",
            Self::HalfUp => "half-up",
        }
    }
}
