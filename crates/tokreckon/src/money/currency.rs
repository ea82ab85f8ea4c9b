//! Currencies, and amounts in them.

use std::error::Error;
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
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CurrencyError {
    /// The text.
    pub code: String,
}

impl fmt::Display for CurrencyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code } = self;
        write!(f, "`{code}` is not a currency code: 1 to 31 letters, digits or hyphens are")
    }
}

impl Error for CurrencyError {}

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
        let len = u8::try_from(code.len()).ok().filter(|len| (1..=31).contains(len));
        let (Some(len), true) = (len, plain) else {
            return Err(CurrencyError { code: shortened(code) });
        };
        let mut bytes = [0; 31];
        for (to, from) in bytes.iter_mut().zip(code.bytes()) {
            *to = if code.len() == 3 { from.to_ascii_uppercase() } else { from };
        }
        Ok(Self { bytes, len })
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
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseMoneyError {
    /// The text.
    pub text: String,
}

impl fmt::Display for ParseMoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text } = self;
        write!(f, "`{text}` is not an amount with its currency: write `123.45USD`")
    }
}

impl Error for ParseMoneyError {}

impl FromStr for Money {
    type Err = ParseMoneyError;

    /// Reads `123.45USD`, `123.45 USD` or `1e3USD`.
    fn from_str(text: &str) -> Result<Self, ParseMoneyError> {
        let wrong = || ParseMoneyError { text: shortened(text) };
        let (amount, currency) = text.split_at(end_of_number(text));
        let amount = amount.trim_end().parse().map_err(|_| wrong())?;
        Ok(Self { amount, currency: currency.parse().map_err(|_| wrong())? })
    }
}

/// Where the number ends that a text begins with. An `e` with digits behind it belongs to it.
fn end_of_number(text: &str) -> usize {
    let letter = |text: &str| text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, rest) = text.split_at(letter(text));
    let exponent = rest.strip_prefix(['e', 'E']).map(|rest| rest.trim_start_matches(['+', '-']));
    match exponent {
        Some(exponent) if exponent.starts_with(|c: char| c.is_ascii_digit()) => {
            let after = exponent.trim_start_matches(|c: char| c.is_ascii_digit());
            text.len().saturating_sub(after.len())
        }
        _ => number.len(),
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_ends_where_its_currency_begins() {
        let read = |text: &str| text.parse::<Money>().map(|money| money.to_string());
        assert_eq!(read("123.45USD").as_deref(), Ok("123.45 USD"));
        assert_eq!(read("123.45 usd").as_deref(), Ok("123.45 USD"));
        assert_eq!(read("1e1USD").as_deref(), Ok("10 USD"));
        assert_eq!(read("5E-2EUR").as_deref(), Ok("0.05 EUR"));
        assert_eq!(read("10EUR").as_deref(), Ok("10 EUR"));
        for wrong in ["USD", "12", "", "1e1", "1,5USD", "1..5USD", "1USD!", "€5"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_code_has_1_to_31_plain_characters() {
        assert_eq!("usd".parse::<Currency>(), Ok(Currency::USD));
        assert_eq!("my-Credits".parse::<Currency>().expect("a code").as_str(), "my-Credits");
        let longest = "a".repeat(31);
        assert_eq!(longest.parse::<Currency>().expect("a code").as_str(), longest);
        for wrong in ["", &"a".repeat(32), &"a".repeat(300), "U$D", "ΕUR", "a b"] {
            assert!(wrong.parse::<Currency>().is_err(), "{wrong}");
        }
    }
}
