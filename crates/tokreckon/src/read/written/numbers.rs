//! Counts and amounts as people and spreadsheets write them.

use super::{NoReading, Read, Reading, Style, plainly};
use crate::grade::Assumption;
use crate::money::{Currency, Exact};
use crate::read::cell;

/// A number with signs in it: digits, and commas, points, blanks or apostrophes between them.
pub(super) struct Number<'t> {
    text: &'t str,
    is_negative: bool,
    currency: Option<&'t str>,
}

/// What the signs in a number are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signs {
    None,
    /// One sign, between thousands.
    Thousands(u8),
    /// One sign before a fraction.
    Fraction(u8),
    /// One sign, and three digits behind it.
    Open(u8),
    /// Thousands and a fraction.
    Both {
        fraction: u8,
    },
    /// No number has such signs.
    Wrong,
}

impl<'t> Number<'t> {
    /// A number between currencies, signs and brackets; `None` for anything else.
    pub(super) fn of(text: &'t str) -> Option<Self> {
        let text = text.trim();
        let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let mut number =
            Self { text: inner.unwrap_or(text), is_negative: inner.is_some(), currency: None };
        // A minus stands on either side of the currency.
        for _ in 0..2 {
            if let Some(rest) = number.text.strip_prefix(['-', '\u{2212}']) {
                if std::mem::replace(&mut number.is_negative, true) {
                    return None;
                }
                number.text = rest.trim_start();
            }
            let start =
                number.text.find(|c: char| c.is_ascii_digit() || c == '-' || c == '\u{2212}')?;
            let (before, rest) = number.text.split_at(start);
            if !before.trim().is_empty() {
                if number.currency.replace(before.trim()).is_some() {
                    return None;
                }
                number.text = rest;
            }
        }
        let end = number.text.rfind(|c: char| c.is_ascii_digit())? + 1;
        let (digits, after) = number.text.split_at(end);
        if !after.trim().is_empty() && number.currency.replace(after.trim()).is_some() {
            return None;
        }
        number.text = digits;
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, ',' | '.') || is_blank(c);
        (digits.starts_with(|c: char| c.is_ascii_digit()) && digits.chars().all(is_part))
            .then_some(number)
    }

    /// True when the words beside it are no currency: it is no amount, but a name with digits in it.
    pub(super) fn has_odd_words(&self) -> bool {
        self.currency.is_some_and(|written| currency(written).is_none())
    }

    pub(super) fn signs(&self) -> Signs {
        let count = |sign: char| self.text.matches(sign).count();
        let (commas, points) = (count(','), count('.'));
        let blanks = self.text.contains(is_blank);
        let last = |sign: char| self.text.rfind(sign).unwrap_or(0);
        let signs = match (commas, points) {
            (0, 0) => Signs::None,
            (_, 0) => self.one_sign(b',', commas, last(',')),
            (0, _) => self.one_sign(b'.', points, last('.')),
            (_, 1) if last(',') < last('.') => Signs::Both { fraction: b'.' },
            (1, _) if last('.') < last(',') => Signs::Both { fraction: b',' },
            _ => Signs::Wrong,
        };
        let signs = match signs {
            // Blanks part the thousands: one sign more is before the fraction.
            Signs::Open(sign) if blanks => Signs::Fraction(sign),
            Signs::Thousands(_) | Signs::Both { .. } if blanks => Signs::Wrong,
            signs => signs,
        };
        let (whole, fraction) = match signs {
            Signs::Fraction(sign) | Signs::Both { fraction: sign } => {
                let (whole, fraction) = self.text.split_at(last(char::from(sign)));
                (whole, &fraction[1..])
            }
            _ => (self.text, ""),
        };
        let is_whole = fraction.bytes().all(|byte| byte.is_ascii_digit());
        if is_whole && is_grouped(whole) { signs } else { Signs::Wrong }
    }

    fn one_sign(&self, sign: u8, count: usize, last: usize) -> Signs {
        let (before, behind) = (&self.text[..last], &self.text[last + 1..]);
        match (count, behind.len()) {
            (1, 3) if before == "0" || before.len() > 3 && !before.contains(is_blank) => {
                Signs::Fraction(sign)
            }
            (1, 3) => Signs::Open(sign),
            (1, _) => Signs::Fraction(sign),
            _ => Signs::Thousands(sign),
        }
    }

    /// The number, with this sign before its fraction.
    fn exact(&self, fraction: Option<u8>) -> Option<Exact> {
        let point = fraction.and_then(|sign| self.text.rfind(char::from(sign)));
        let plain: String = self
            .text
            .char_indices()
            .filter_map(|(at, c)| match c {
                _ if Some(at) == point => Some('.'),
                c => c.is_ascii_digit().then_some(c),
            })
            .collect();
        let number: Exact = plain.parse().ok()?;
        if self.is_negative { number.negated().ok() } else { Some(number) }
    }
}

/// Blanks and apostrophes that part thousands.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '\u{2019}')
}

/// True for digits without signs, or in groups of three of one sign.
fn is_grouped(whole: &str) -> bool {
    let Some(sign) = whole.chars().find(|c| !c.is_ascii_digit()) else { return !whole.is_empty() };
    let mut groups = whole.split(sign);
    let first = groups.next().unwrap_or("");
    let is_number = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && is_number(first)
        && groups.all(|group| group.len() == 3 && is_number(group))
}

/// A count: a whole number at or above zero. A comma parts thousands, since counts are whole; a point
/// may be that of a float.
pub(in crate::read) fn count(cell: &[u8], style: Style) -> Read<u64> {
    let text = std::str::from_utf8(cell).map_err(|_| NoReading::Nothing)?;
    let number = Number::of(text).ok_or(NoReading::Nothing)?;
    if number.is_negative || number.currency.is_some() {
        return Err(NoReading::Nothing);
    }
    let (fraction, by) = match number.signs() {
        Signs::None | Signs::Thousands(_) => (None, None),
        Signs::Fraction(sign) | Signs::Both { fraction: sign } => (Some(sign), None),
        Signs::Open(sign) => match (sign, style.is_fraction(sign)) {
            (b',', None | Some(false)) => (None, None),
            (_, Some(false)) => (None, Some(Assumption::NumberSigns)),
            (sign, _) => return Err(either(&number, sign)),
        },
        Signs::Wrong => return Err(NoReading::Nothing),
    };
    let exact = number.exact(fraction).filter(|exact| exact.scale() == 0);
    let count = exact.and_then(|exact| u64::try_from(exact.mantissa()).ok());
    Ok(Reading { value: count.ok_or(NoReading::Nothing)?, by })
}

/// An amount, and the currency beside it.
pub(in crate::read) fn money(cell: &[u8], style: Style) -> Read<(Exact, Option<Currency>)> {
    if let Some(amount) = cell::amount(cell)
        && !(style.is_odd() && cell.contains(&b'.'))
    {
        return Ok(plainly((amount, None)));
    }
    let text = std::str::from_utf8(cell).map_err(|_| NoReading::Nothing)?;
    let number = Number::of(text).ok_or(NoReading::Nothing)?;
    let currency = match number.currency {
        Some(written) => Some(currency(written).ok_or(NoReading::Nothing)?),
        None => None,
    };
    let (fraction, by) = match number.signs() {
        Signs::None | Signs::Thousands(_) => (None, None),
        Signs::Fraction(sign) | Signs::Both { fraction: sign } => (Some(sign), None),
        Signs::Open(sign) => match style.is_fraction(sign) {
            Some(true) => (Some(sign), Some(Assumption::NumberSigns)),
            Some(false) => (None, Some(Assumption::NumberSigns)),
            None => return Err(either(&number, sign)),
        },
        Signs::Wrong => return Err(NoReading::Nothing),
    };
    let amount = number.exact(fraction).ok_or(NoReading::Nothing)?;
    Ok(Reading { value: (amount, currency), by })
}

/// Both numbers that one with a sign before three digits may be.
fn either(number: &Number<'_>, sign: u8) -> NoReading {
    let of = |fraction| number.exact(fraction).map(|exact| exact.to_string());
    match (of(None), of(Some(sign))) {
        (Some(whole), Some(part)) => NoReading::Either([whole, part]),
        _ => NoReading::Nothing,
    }
}

/// The currency that a sign or a code names. A dollar without a country is that of the United States.
pub(in crate::read) fn currency(written: &str) -> Option<Currency> {
    let code = match written {
        "$" | "US$" | "US-$" => "USD",
        "€" => "EUR",
        "£" => "GBP",
        "₹" => "INR",
        "₩" => "KRW",
        "CA$" | "C$" => "CAD",
        "A$" | "AU$" => "AUD",
        "CN¥" | "元" => "CNY",
        "JP¥" => "JPY",
        code if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) => code,
        _ => return None,
    };
    code.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_groups_of_three() {
        for written in [
            "1,200,000",
            "1.200.000",
            "1 200 000",
            "1'200'000",
            "1\u{a0}200\u{a0}000",
            "1,200,000.00",
            "1.200.000,0",
        ] {
            assert_eq!(
                count(written.as_bytes(), Style::default()),
                Ok(plainly(1_200_000)),
                "{written}"
            );
        }
        assert_eq!(count(b"1,200", Style::default()), Ok(plainly(1_200)));
        for nothing in
            ["12,00,000", "1,20", "0,200,000", "-1,200", "$1,200", "1,200 000", "1 2 3", "1.5"]
        {
            assert_eq!(
                count(nothing.as_bytes(), Style::default()),
                Err(NoReading::Nothing),
                "{nothing}"
            );
        }
        let either = Err(NoReading::Either(["12000".to_owned(), "12".to_owned()]));
        assert_eq!(count(b"12.000", Style::default()), either);
        assert_eq!(count(b"12,000", Style::of(&["1,5"])), either);
        let by = Some(Assumption::NumberSigns);
        assert_eq!(count(b"12.000", Style::of(&["1.200.000"])), Ok(Reading { value: 12_000, by }));
    }

    #[test]
    fn money_as_people_write_it() {
        let usd = Some(Currency::USD);
        let eur: Option<Currency> = "EUR".parse().ok();
        for (written, amount, currency) in [
            ("$6.50", "6.5", usd),
            ("-$6.50", "-6.5", usd),
            ("$-6.50", "-6.5", usd),
            ("(6.50)", "-6.5", None),
            ("6,50 €", "6.5", eur),
            ("USD 6.50", "6.5", usd),
            ("1.234,56 EUR", "1234.56", eur),
            ("$1,234.56", "1234.56", usd),
            ("1,234,567", "1234567", None),
            ("1 234,567", "1234.567", None),
            ("0,123", "0.123", None),
            ("6.500", "6.5", None),
            ("1e-5", "0.00001", None),
        ] {
            let amount: Exact = amount.parse().expect("an amount");
            assert_eq!(
                money(written.as_bytes(), Style::default()),
                Ok(plainly((amount, currency))),
                "{written}"
            );
        }
        let either = Err(NoReading::Either(["6500".to_owned(), "6.5".to_owned()]));
        assert_eq!(money(b"6,500", Style::default()), either);
        assert_eq!(money("6.500 €".as_bytes(), Style::default()), either);
        let by = Some(Assumption::NumberSigns);
        let six = |text: &str| (text.parse::<Exact>().expect("an amount"), None);
        assert_eq!(money(b"6,500", Style::of(&["6,50"])), Ok(Reading { value: six("6.5"), by }));
        assert_eq!(money(b"6.500", Style::of(&["6,50"])), Ok(Reading { value: six("6500"), by }));
        assert_eq!(
            money(b"6,500", Style::of(&["1,234.56"])),
            Ok(Reading { value: six("6500"), by })
        );
        for nothing in ["¥5", "5 apples", "--5", "1,23,4", "$5 EUR", ""] {
            assert_eq!(
                money(nothing.as_bytes(), Style::default()),
                Err(NoReading::Nothing),
                "{nothing}"
            );
        }
    }
}
