//! Counts and amounts as people type them: `1k`, `1,000`, `1e6`; `$0.001`, `0.001USD`.

use tokreckon::money::{Currency, Exact};

/// Tokens: `1000`, `1,000`, `1_000`, `1k`, `2.5M`, `1e6`.
///
/// # Errors
/// When it is no whole number of that kind, with what to type instead.
pub(crate) fn tokens(text: &str) -> Result<u64, String> {
    let wrong =
        || format!("`{text}` is no count\nhint: write `1000`, `1,000`, `1k`, `2.5M` or `1e6`");
    let (digits, zeros) = match text.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (&text[..at], 3),
        Some((at, 'm' | 'M')) => (&text[..at], 6),
        Some((at, 'b' | 'B' | 'g' | 'G')) => (&text[..at], 9),
        _ => match text.split_once(['e', 'E']) {
            Some((digits, zeros)) => (digits, zeros.parse().map_err(|_| wrong())?),
            None => (text, 0),
        },
    };
    let amount = plain(digits).ok_or_else(wrong)?;
    let scaled = 10_u128.checked_pow(zeros).and_then(|factor| amount.times_count(factor).ok());
    let whole = scaled.filter(|amount| amount.scale() == 0 && !amount.is_negative());
    whole.and_then(|amount| u64::try_from(amount.mantissa()).ok()).ok_or_else(wrong)
}

/// An amount and its currency, if it names one: `25`, `1,234.50`, `$0.001`, `0.001USD`, `EUR 5`.
///
/// # Errors
/// When it is no amount, with what to type instead.
pub(crate) fn amount(text: &str) -> Result<(Exact, Option<Currency>), String> {
    let wrong =
        || format!("`{text}` is no amount\nhint: write `25`, `1,234.50`, `$0.001` or `0.001USD`");
    let trimmed = text.trim();
    let dollars = trimmed.strip_prefix('$').or(trimmed.strip_suffix('$'));
    let (digits, currency) = if let Some(digits) = dollars {
        (digits, Some(Currency::USD))
    } else {
        let digits = trimmed.trim_matches(|c: char| c.is_ascii_alphabetic());
        let code = trimmed.replacen(digits, "", 1).to_ascii_uppercase();
        if !(code.trim().is_empty() || code.trim().len() == 3) {
            return Err(wrong());
        }
        let currency = (!code.is_empty()).then(|| code.trim().parse()).transpose();
        (digits, currency.map_err(|_| wrong())?)
    };
    Ok((plain(digits.trim()).ok_or_else(wrong)?, currency))
}

/// An amount that names its currency, as [`amount`] reads it, in one spelling: `123.45USD`.
///
/// # Errors
/// When it is no amount or names no currency, with what to type instead.
pub(crate) fn money(text: &str) -> Result<String, String> {
    let (sum, currency) = amount(text)?;
    let currency = currency.ok_or_else(|| {
        format!("`{text}` names no currency\nhint: write `{text}USD` or `${text}`")
    })?;
    Ok(format!("{sum}{currency}"))
}

/// A decimal number, whose thousands may be set apart by commas or underscores: `1,234.50`.
fn plain(text: &str) -> Option<Exact> {
    let (whole, fraction) =
        text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    for mark in [',', '_'] {
        let mut groups = whole.split(mark);
        let first = groups.next().unwrap_or("");
        let grouped = whole.contains(mark);
        // `1,5` is one and a half to some, and fifteen to nobody.
        if grouped && (first.is_empty() || first.len() > 3 || groups.any(|group| group.len() != 3))
        {
            return None;
        }
    }
    let digits = whole.replace([',', '_'], "");
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let fraction_is_fine = fraction.is_none_or(is_digits);
    if !(is_digits(&digits) || (digits.is_empty() && fraction.is_some())) || !fraction_is_fine {
        return None;
    }
    let digits = if digits.is_empty() { "0" } else { &digits };
    fraction
        .map_or_else(|| digits.parse().ok(), |fraction| format!("{digits}.{fraction}").parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_people_type_them() {
        for (text, count) in [
            ("1000", 1000),
            ("1,000", 1000),
            ("1_000_000", 1_000_000),
            ("1k", 1000),
            ("2.5M", 2_500_000),
            ("1e6", 1_000_000),
            ("1.5e3", 1500),
            ("0", 0),
            ("12K", 12_000),
            ("1,234.5k", 1_234_500),
        ] {
            assert_eq!(tokens(text), Ok(count), "{text}");
        }
        for text in [
            "",
            "k",
            "1,5",
            "1,00",
            "-5",
            "1.5",
            "0.5",
            "1.2345k",
            "abc",
            "1e",
            "1e-3",
            "99999999999G",
            "1,,000",
            "1 000",
        ] {
            assert!(tokens(text).is_err(), "{text}");
        }
    }

    #[test]
    fn amounts_as_people_type_them() {
        let exact = |text: &str| text.parse::<Exact>().expect("a number");
        for (text, sum, currency) in [
            ("25", "25", None),
            ("$0.001", "0.001", Some("USD")),
            ("0.001USD", "0.001", Some("USD")),
            ("0.001 usd", "0.001", Some("USD")),
            ("EUR 5", "5", Some("EUR")),
            ("1,234.50", "1234.5", None),
            (".5", "0.5", None),
            ("5$", "5", Some("USD")),
        ] {
            let currency = currency.map(|code: &str| code.parse().expect("a currency"));
            assert_eq!(amount(text), Ok((exact(sum), currency)), "{text}");
        }
        assert_eq!(money("$1,234.50"), Ok("1234.5USD".to_owned()));
        assert!(money("5").is_err_and(|error| error.contains("hint: write `5USD`")));
        for text in ["", "$", "-5", "1e3", "0,5", "five", "5 dollars", "1.2.3"] {
            assert!(amount(text).is_err(), "{text}");
        }
    }
}
