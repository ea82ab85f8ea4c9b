//! Currencies, and amounts in them.

use std::fmt;
use std::str::FromStr;

use super::{Exact, shortened};

/// A currency: an ISO 4217 code such as `USD`, or a provider's own credits.
///
/// At most 31 bytes, so that it can be copied without care.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency {
    bytes: [u8; 31],
    len: u8,
}

/// A currency code is empty, longer than 31 bytes, or not plain ASCII.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{code}` is not a currency code: 1 to 31 letters, digits or hyphens are")]
pub struct CurrencyError {
    /// The text.
    pub code: String,
}

impl Currency {
    /// United States dollars.
    pub const USD: Self = Self::iso(*b"USD");
    /// Chinese yuan.
    pub const CNY: Self = Self::iso(*b"CNY");
    /// ISO 4217's code for "no currency": an amount whose currency nobody names.
    pub const UNNAMED: Self = Self::iso(*b"XXX");

    const fn iso(code: [u8; 3]) -> Self {
        let mut bytes = [0; 31];
        bytes[0] = code[0];
        bytes[1] = code[1];
        bytes[2] = code[2];
        Self { bytes, len: 3 }
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or("")
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;

    /// Reads a code; three letters are taken as ISO 4217 and written in upper case.
    fn from_str(code: &str) -> Result<Self, CurrencyError> {
        let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if code.is_empty() || code.len() > 31 || !plain {
            return Err(CurrencyError { code: shortened(code) });
        }
        let mut bytes = [0; 31];
        for (to, from) in bytes.iter_mut().zip(code.bytes()) {
            *to = if code.len() == 3 { from.to_ascii_uppercase() } else { from };
        }
        Ok(Self { bytes, len: u8::try_from(code.len()).unwrap_or(0) })
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An exact amount in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// How much.
    pub amount: Exact,
    /// Of what.
    pub currency: Currency,
}

/// A text is not an amount with its currency.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an amount with its currency: write `123.45USD`")]
pub struct ParseMoneyError {
    /// The text.
    pub text: String,
}

impl FromStr for Money {
    type Err = ParseMoneyError;

    /// Reads `123.45USD` or `123.45 USD`.
    fn from_str(text: &str) -> Result<Self, ParseMoneyError> {
        let wrong = || ParseMoneyError { text: shortened(text) };
        let split = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(wrong)?;
        let (amount, currency) = text.split_at(split);
        let amount = amount.trim_end().parse().map_err(|_| wrong())?;
        Ok(Self { amount, currency: currency.parse().map_err(|_| wrong())? })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}
