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

mod arithmetic;
mod currency;
mod sum;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

pub use self::arithmetic::{MoneyError, TrySum};
pub use self::currency::{Currency, CurrencyError, Money, ParseMoneyError};
pub(crate) use self::sum::{POWERS, Sum, digits_and_places};

/// An exact decimal number: `mantissa / 10^scale`, always in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Exact {
    mantissa: i128,
    scale: u32,
}

/// The exact result needs more than 38 digits, or never ends. Nothing was rounded; there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the exact result needs more than 38 digits, or never ends")]
pub struct InexactError;

/// A text is not a decimal number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseExactError {
    /// Something other than digits, one sign, one point and one exponent.
    #[error("`{text}` is not a decimal number")]
    NotANumber {
        /// The text, shortened.
        text: String,
    },
    /// More than 38 significant digits, or an exponent beyond ±38.
    #[error("`{text}` has more than 38 digits")]
    TooLong {
        /// The text, shortened.
        text: String,
    },
}

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
        let (mut mantissa, mut scale) = (mantissa, scale);
        if mantissa == 0 {
            return Ok(Self::ZERO);
        }
        if let Ok(mut short) = i64::try_from(mantissa) {
            // Most amounts: dividing 64 bits takes a tenth of the time.
            while scale > 0 && short % 10 == 0 {
                short /= 10;
                scale -= 1;
            }
            mantissa = i128::from(short);
        }
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        if scale > Self::MAX_SCALE {
            return Err(InexactError);
        }
        Ok(Self { mantissa, scale })
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
        let scale = self.scale + other.scale;
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
            scale -= 1;
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
        Self::new(self.mantissa, self.scale + places)
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
        let (mut twos, mut fives) = (0, 0);
        while below % 2 == 0 {
            below /= 2;
            twos += 1;
        }
        while below % 5 == 0 {
            below /= 5;
            fives += 1;
        }
        if below.abs() != 1 {
            return Err(InexactError);
        }
        let places: u32 = twos.max(fives);
        let power = |base: i128, exponent: u32| base.checked_pow(exponent).ok_or(InexactError);
        let quotient = Self { mantissa: numerator, scale: 0 }
            .times(Self { mantissa: power(2, places - twos)?, scale: 0 })?
            .times(Self { mantissa: power(5, places - fives)?, scale: 0 })?
            .times(Self {
                mantissa: below * power(10, divisor.scale)?,
                scale: self.scale + places,
            })?;
        Ok(quotient)
    }

    /// The number rounded to `places` decimal places. The only operation that changes a value.
    #[must_use]
    pub fn rounded(self, places: u32, rounding: Rounding) -> Self {
        if self.scale <= places {
            return self;
        }
        let divisor = 10_i128.pow(self.scale - places);
        let (quotient, rest) = (self.mantissa / divisor, (self.mantissa % divisor).abs());
        let up = match rest.cmp(&(divisor - rest)) {
            Ordering::Less => false,
            Ordering::Greater => true,
            Ordering::Equal => rounding == Rounding::HalfUp || quotient % 2 != 0,
        };
        let rounded = if up { quotient + self.mantissa.signum() } else { quotient };
        Self::new(rounded, places).unwrap_or(Self::ZERO)
    }

    /// The number with exactly `places` decimal places when it has no more than that, else all its digits.
    #[must_use]
    pub fn to_string_padded(self, places: u32) -> String {
        let plain = self.to_string();
        let have = self.scale;
        if have >= places {
            return plain;
        }
        let zeros = "0".repeat((places - have) as usize);
        if have == 0 { format!("{plain}.{zeros}") } else { format!("{plain}{zeros}") }
    }

    fn at(self, scale: u32) -> Result<i128, InexactError> {
        let factor = 10_i128.checked_pow(scale - self.scale).ok_or(InexactError)?;
        self.mantissa.checked_mul(factor).ok_or(InexactError)
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_sign = self.mantissa.signum().cmp(&other.mantissa.signum());
        if by_sign != Ordering::Equal || self.mantissa == 0 {
            return by_sign;
        }
        // Whole parts first; equal whole parts leave fractions, compared digit by digit.
        let (left, right) = (self.mantissa.unsigned_abs(), other.mantissa.unsigned_abs());
        let (left_unit, right_unit) = (10_u128.pow(self.scale), 10_u128.pow(other.scale));
        let by_size = (left / left_unit).cmp(&(right / right_unit)).then_with(|| {
            let (mut a, mut b) = (left % left_unit, right % right_unit);
            let (mut a_unit, mut b_unit) = (left_unit, right_unit);
            loop {
                if a == 0 || b == 0 {
                    return a.cmp(&b);
                }
                a_unit /= 10;
                b_unit /= 10;
                let by_digit = (a / a_unit).cmp(&(b / b_unit));
                if by_digit != Ordering::Equal {
                    return by_digit;
                }
                a %= a_unit;
                b %= b_unit;
            }
        });
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
            let (whole, fraction) = digits.split_at(digits.len() - scale);
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
        let (number, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], parse_exponent(&rest[at + 1..]).ok_or_else(not_a_number)?),
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
            let digit = i128::from(digit - b'0');
            let digit = if negative { -digit } else { digit };
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|value| value.checked_add(digit))
                .ok_or_else(too_long)?;
        }
        let places = i64::try_from(fraction.len()).map_err(|_| too_long())? - exponent;
        scaled(mantissa, places).ok_or_else(too_long)
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
const fn drop_factor(left: &mut i128, right: &mut i128, prime: i128) -> bool {
    let factor = if *left % prime == 0 {
        left
    } else if *right % prime == 0 {
        right
    } else {
        return false;
    };
    *factor /= prime;
    true
}

/// Above zero, unless both are zero or the result is 2^127.
const fn greatest_common_divisor(left: i128, right: i128) -> i128 {
    let (mut left, mut right) = (left.unsigned_abs(), right.unsigned_abs());
    while right != 0 {
        (left, right) = (right, left % right);
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
    let factor = 10_i128.checked_pow(u32::try_from(-places).ok()?)?;
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
pub enum Rounding {
    /// To the neighbour whose last digit is even (0.125 → 0.12).
    HalfEven,
    /// Away from zero (0.125 → 0.13).
    HalfUp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        text.parse().expect(text)
    }

    #[test]
    fn reads_what_exports_write() {
        assert_eq!(exact("0.003835980000000000000000000000").to_string(), "0.00383598");
        assert_eq!(exact("3.4500000000000004e-05").to_string(), "0.000034500000000000004");
        assert_eq!(exact("-0.50").to_string(), "-0.5");
        assert_eq!(exact("1e3").to_string(), "1000");
        assert_eq!(exact("0e-9999"), Exact::ZERO);
        for bad in ["", ".", "-", "1,234.5", "$1", " 1", "1_000", "NaN", "1e", "0x1", "١", "1.2.3"]
        {
            assert!(bad.parse::<Exact>().is_err(), "{bad}");
        }
        assert!(matches!("1e39".parse::<Exact>(), Err(ParseExactError::TooLong { .. })));
    }

    #[test]
    fn keeps_what_rust_decimal_loses() {
        let sum = exact("1e19").plus(exact("1e-10")).expect("29 digits");
        assert_eq!(sum.to_string(), "10000000000000000000.0000000001");
        assert_eq!(exact("1e30").plus(exact("1e-10")), Err(InexactError));
        assert_eq!(exact("0.111").divided_by(exact("3600")), Err(InexactError));
        assert_eq!(
            exact("0.006").divided_by(exact("60")).map(|e| e.to_string()),
            Ok("0.0001".into())
        );
    }

    #[test]
    fn rounds_only_by_name() {
        assert_eq!(exact("0.125").rounded(2, Rounding::HalfEven).to_string(), "0.12");
        assert_eq!(exact("0.125").rounded(2, Rounding::HalfUp).to_string(), "0.13");
        assert_eq!(exact("-0.125").rounded(2, Rounding::HalfUp).to_string(), "-0.13");
        assert_eq!(exact("0.1251").rounded(2, Rounding::HalfEven).to_string(), "0.13");
        assert_eq!(exact("7").rounded(2, Rounding::HalfUp).to_string(), "7");
    }

    #[test]
    fn orders_by_value() {
        assert!(exact("0.1") > exact("0.09999999999999999999999999999999999"));
        assert!(exact("-1.5") < exact("-1.25"));
        assert!(exact("10") > exact("9.99"));
        assert_eq!(exact("1.0").cmp(&exact("1")), Ordering::Equal);
    }
}
