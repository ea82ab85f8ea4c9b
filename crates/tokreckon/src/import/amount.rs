//! Amounts as other tables write them: decimal text, never a float, with float noise repaired.

use std::fmt;

/// Digits from which on a number may be the trace of a calculation with floats.
const NOISY_DIGITS: u32 = 15;
/// Digits that are looked at to find the number that was meant.
const KEPT_DIGITS: u32 = 12;
/// Most digits of a number that was meant.
const MEANT_DIGITS: u32 = 9;

/// A decimal number at or above zero: `digits * 10^exponent`, without zeros at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    digits: u128,
    exponent: i32,
}

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotAnAmount {
    /// Below zero.
    Negative,
    /// Not a decimal number, or one of absurd length.
    NotANumber,
}

impl Amount {
    /// Reads digits with a point and an exponent: `1.5e-07`.
    pub(super) fn parse(text: &str) -> Result<Self, NotAnAmount> {
        let wrong = NotAnAmount::NotANumber;
        if let Some(text) = text.strip_prefix('-') {
            let zero = !text.starts_with('-') && Self::parse(text).is_ok_and(Self::is_zero);
            if !zero && Self::parse(text).is_err() {
                return Err(wrong);
            }
            return if zero { Ok(Self::ZERO) } else { Err(NotAnAmount::Negative) };
        }
        let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || number.ends_with('.') || !all_digits(whole) || !all_digits(fraction)
        {
            return Err(wrong);
        }
        let exponent: i32 =
            exponent.strip_prefix('+').unwrap_or(exponent).parse().map_err(|_| wrong)?;
        let places = i32::try_from(fraction.len()).map_err(|_| wrong)?;
        let all = format!("{whole}{fraction}");
        let significant = all.trim_start_matches('0').trim_end_matches('0');
        if significant.is_empty() {
            return Ok(Self::ZERO);
        }
        let ending = all.len() - all.trim_end_matches('0').len();
        let ending = i32::try_from(ending).map_err(|_| wrong)?;
        let exponent = exponent.checked_sub(places).and_then(|e| e.checked_add(ending));
        let exponent = exponent.filter(|exponent| (-100..=100).contains(exponent)).ok_or(wrong)?;
        if significant.len() > 38 {
            return Err(wrong);
        }
        Ok(Self { digits: significant.parse().map_err(|_| wrong)?, exponent })
    }

    const ZERO: Self = Self { digits: 0, exponent: 0 };

    pub(super) const fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// The same times a power of ten.
    pub(super) const fn shifted(self, places: i32) -> Self {
        Self { digits: self.digits, exponent: self.exponent + places }
    }

    /// The number that was meant, when this one is the trace of a calculation with floats:
    /// at least 15 digits, of which rounding to 12 leaves at most 9, at a distance of at most one
    /// part in 10^12.
    pub(super) fn repaired(self) -> Option<Self> {
        let length = digits_of(self.digits);
        if length < NOISY_DIGITS {
            return None;
        }
        let unit = 10_u128.pow(length - KEPT_DIGITS);
        let (mut digits, rest) = (self.digits / unit, self.digits % unit);
        let distance = if rest * 2 >= unit {
            digits += 1;
            unit - rest
        } else {
            rest
        };
        let mut exponent = self.exponent + i32::try_from(length - KEPT_DIGITS).unwrap_or(0);
        while digits % 10 == 0 {
            digits /= 10;
            exponent += 1;
        }
        let near = distance.checked_mul(10_u128.pow(12)).is_some_and(|far| far <= self.digits);
        (near && digits_of(digits) <= MEANT_DIGITS).then_some(Self { digits, exponent })
    }

    /// Digits without their point, and how many stand behind it, when a price file can hold them.
    pub(super) fn mantissa(self) -> Option<(i64, u8)> {
        let (digits, scale) = match u32::try_from(self.exponent) {
            Ok(zeros) => (self.digits.checked_mul(10_u128.checked_pow(zeros)?)?, 0),
            Err(_) => (self.digits, self.exponent.unsigned_abs()),
        };
        // As a file writes it: a digit before the point and two behind it at least.
        let written = digits_of(digits).max(scale + 1) + 2_u32.saturating_sub(scale);
        if written > 18 {
            return None;
        }
        Some((i64::try_from(digits).ok()?, u8::try_from(scale).ok()?))
    }
}

impl fmt::Display for Amount {
    /// Plain digits where that is short, else with an exponent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mantissa() {
            Some((mantissa, scale)) => f.write_str(&plain(mantissa, scale, 0)),
            None => write!(f, "{}e{}", self.digits, self.exponent),
        }
    }
}

/// An amount in digits, with at least so many behind the point.
pub(super) fn plain(mantissa: i64, scale: u8, least: usize) -> String {
    let scale = usize::from(scale);
    let digits = format!("{:0>width$}", mantissa, width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    if scale == 0 && least == 0 {
        return whole.to_owned();
    }
    format!("{whole}.{fraction:0<least$}")
}

fn digits_of(number: u128) -> u32 {
    number.checked_ilog10().map_or(1, |log| log + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn million(text: &str) -> String {
        let amount = Amount::parse(text).expect("an amount");
        amount.repaired().unwrap_or(amount).shifted(6).to_string()
    }

    #[test]
    fn per_token_becomes_per_million_without_a_float() {
        for (text, expected) in [
            ("1.5e-07", "0.15"),
            ("2e-07", "0.2"),
            ("0.0000025", "2.5"),
            ("6E-5", "60"),
            ("1.25e-6", "1.25"),
            ("5.46875e-07", "0.546875"),
            ("1.9e-08", "0.019"),
            ("3e+0", "3000000"),
        ] {
            assert_eq!(million(text), expected, "{text}");
        }
    }

    #[test]
    fn float_noise_is_repaired_and_nothing_else() {
        for (text, expected) in [
            ("1.5000000000000002e-07", "0.15"),
            ("7.999999999999999e-07", "0.8"),
            ("2.9999900000000002e-06", "2.99999"),
            ("0.18000000000000002", "180000"),
            // A fraction that does not end, and one of fifteen digits that were all meant.
            ("8.333333333333334e-08", "0.08333333333333334"),
            ("1.23456789012345e-06", "1.23456789012345"),
        ] {
            assert_eq!(million(text), expected, "{text}");
        }
        assert_eq!(Amount::parse("0.15").expect("an amount").repaired(), None);
    }

    #[test]
    fn what_is_no_amount() {
        for text in ["", ".", "1.", ".5", "1e", "abc", "1e999", "--1", "1,5", "NaN", "1e2147483648"]
        {
            assert_eq!(Amount::parse(text), Err(NotAnAmount::NotANumber), "{text}");
        }
        assert_eq!(Amount::parse("-1"), Err(NotAnAmount::Negative));
        assert!(Amount::parse("-0.0").is_ok_and(Amount::is_zero));
        assert_eq!(Amount::parse("123456789012345678901e-3").map(Amount::mantissa), Ok(None));
        // Sixteen digits and the two that are written behind the point.
        assert!(Amount::parse("9999999999999999").expect("an amount").mantissa().is_some());
        assert_eq!(Amount::parse("99999999999999991").map(Amount::mantissa), Ok(None));
        assert_eq!(plain(15, 2, 2), "0.15");
        assert_eq!(plain(3, 0, 2), "3.00");
        assert_eq!(plain(5, 4, 2), "0.0005");
    }
}
