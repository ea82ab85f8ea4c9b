//! One cell: a count, an amount, a time or a word, as exports write them.

use crate::money::Exact;
use crate::price::ServiceTier;
use crate::time::{Period, parse_export_time};

/// True for an empty cell and the words that exports write for "nothing here". Never zero.
pub(crate) fn is_null(cell: &[u8]) -> bool {
    let Some(first) = cell.first() else { return true };
    if !matches!(first, b'-' | b'n' | b'N') && !first.is_ascii_whitespace() {
        return false;
    }
    matches!(
        cell.trim_ascii(),
        b"" | b"--" | b"-" | b"null" | b"None" | b"none" | b"N/A" | b"n/a" | b"not_available"
    )
}

/// A whole number at or above zero: `59200`, `59200.0`, `1e3`. Fractions and signs are errors.
pub(crate) fn count(cell: &[u8]) -> Option<u64> {
    if let Some(count) = plain_count(cell) {
        return Some(count);
    }
    let exact = amount(cell)?;
    if exact.scale() > 0 { None } else { u64::try_from(exact.mantissa()).ok() }
}

/// At most 19 digits and nothing else: the usual case, without a detour.
fn plain_count(cell: &[u8]) -> Option<u64> {
    if cell.is_empty() || cell.len() > 19 {
        return None;
    }
    cell.iter().try_fold(0, |value: u64, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| value * 10 + u64::from(digit))
    })
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
    let is = |word: &[u8]| cell.trim_ascii().eq_ignore_ascii_case(word);
    if is(b"true") || is(b"1") || is(b"yes") {
        Some(true)
    } else if is(b"false") || is(b"0") || is(b"no") {
        Some(false)
    } else {
        None
    }
}

/// A service tier in the spellings of providers: `default` is standard, OpenAI's `fast` is priority.
pub(crate) fn service_tier(cell: &str) -> Option<ServiceTier> {
    match cell {
        "default" | "standard" => Some(ServiceTier::Standard),
        _ => match cell.trim().to_ascii_lowercase().as_str() {
            "default" | "standard" | "on_demand" => Some(ServiceTier::Standard),
            other => ServiceTier::from_word(other),
        },
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
