//! One cell: a count, an amount, a time or a word, as exports write them.

use crate::money::Exact;
use crate::price::ServiceTier;
use crate::time::{Period, parse_export_time};

/// True for an empty cell and the words that exports write for "nothing here". Never zero.
pub(crate) fn is_null(cell: &[u8]) -> bool {
    matches!(
        cell.trim_ascii(),
        b"" | b"--" | b"-" | b"null" | b"None" | b"none" | b"N/A" | b"n/a" | b"not_available"
    )
}

/// A whole number at or above zero: `59200`, `59200.0`, `1e3`. Fractions and signs are errors.
pub(crate) fn count(cell: &[u8]) -> Option<u64> {
    let cell = cell.trim_ascii();
    if !cell.is_empty() && cell.len() <= 19 && cell.iter().all(u8::is_ascii_digit) {
        return Some(cell.iter().fold(0, |value, byte| value * 10 + u64::from(byte - b'0')));
    }
    let exact = amount(cell)?;
    if exact.scale() > 0 { None } else { u64::try_from(exact.mantissa()).ok() }
}

/// An exact decimal number; `None` for anything else, thousands separators and currency signs included.
pub(crate) fn amount(cell: &[u8]) -> Option<Exact> {
    std::str::from_utf8(cell.trim_ascii()).ok()?.parse().ok()
}

/// A time as exports write it; a clock without an offset is read as UTC.
pub(crate) fn time(cell: &[u8]) -> Option<Period> {
    parse_export_time(cell.trim_ascii(), true)
}

/// Yes or no in the spellings of exports.
pub(crate) fn flag(cell: &[u8]) -> Option<bool> {
    match cell.trim_ascii().to_ascii_lowercase().as_slice() {
        b"true" | b"1" | b"yes" => Some(true),
        b"false" | b"0" | b"no" => Some(false),
        _ => None,
    }
}

/// A service tier in the spellings of providers: `default` is standard, OpenAI's `fast` is priority.
pub(crate) fn service_tier(cell: &str) -> Option<ServiceTier> {
    match cell.trim().to_ascii_lowercase().as_str() {
        "default" | "standard" | "on_demand" => Some(ServiceTier::Standard),
        other => ServiceTier::from_word(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        assert_eq!(count(b"59200.0"), Some(59200));
        assert_eq!(count(b" 10 "), Some(10));
        assert_eq!(count(b"1e3"), Some(1000));
        assert_eq!(count(b"18446744073709551615"), Some(u64::MAX));
        for bad in ["18446744073709551616", "-1", "1.5", "12,345", "", "NaN", "1_0", "ten"] {
            assert_eq!(count(bad.as_bytes()), None, "{bad}");
        }
    }
}
