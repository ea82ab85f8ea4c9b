//! One cell: a count, an amount, a time or a word, as exports write them.

use crate::money::Exact;
use crate::price::ServiceTier;
use crate::time::{Instant, Period, parse_export_time};

/// True for an empty cell and the words that exports write for "nothing here". Never zero.
#[inline]
pub(crate) fn is_null(cell: &[u8]) -> bool {
    // Most cells are numbers or long texts.
    if cell.first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    match cell.trim_ascii() {
        b"" | b"-" | b"--" | b"N/A" | b"n/a" | b"not_available" => true,
        word if word.len() == 4 => matches!(word, b"null" | b"NULL" | b"None" | b"none"),
        _ => false,
    }
}

/// A whole number written in digits alone, of at most 19.
#[inline]
pub(crate) fn digits(cell: &[u8]) -> Option<u64> {
    if cell.is_empty() || cell.len() > 19 {
        return None;
    }
    cell.iter().try_fold(0_u64, |value, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| value * 10 + u64::from(digit))
    })
}

/// A whole number in digits alone, or with the `.0` that makes it a float.
#[inline]
pub(crate) fn whole(cell: &[u8]) -> Option<u64> {
    digits(cell).or_else(|| digits(cell.strip_suffix(b".0")?))
}

/// A whole number at or above zero: `59200`, `59200.0`, `1e3`. Fractions and signs are errors, as is
/// `12.000`, which is twelve thousand to many.
pub(crate) fn count(cell: &[u8]) -> Option<u64> {
    let cell = cell.trim_ascii();
    if let Some(count) = whole(cell) {
        return Some(count);
    }
    if matches!(cell, [.., b'.', b'0', b'0', b'0']) && cell.len() <= 7 {
        return None;
    }
    let exact = amount(cell)?;
    if exact.scale() > 0 { None } else { u64::try_from(exact.mantissa()).ok() }
}

/// An exact decimal number; `None` for anything else, thousands separators and currency signs included.
pub(crate) fn amount(cell: &[u8]) -> Option<Exact> {
    let cell = cell.trim_ascii();
    Exact::from_digits(cell).or_else(|| std::str::from_utf8(cell).ok()?.parse().ok())
}

/// The first day, since 1970-01-01, that no time is read of: calendars end in the year 9999.
pub(crate) const LAST_DAY: i64 = 2_932_896;

/// A time as exports write it; a clock without an offset is read as UTC. Days that no report can name
/// are none.
pub(crate) fn time(cell: &[u8]) -> Option<Period> {
    parse_export_time(cell.trim_ascii(), true).filter(in_calendars)
}

/// The second since 1970; none after the last day of calendars.
pub(crate) fn instant(second: i64) -> Option<Period> {
    Some(Period::at(Instant(second))).filter(in_calendars)
}

const fn in_calendars(period: &Period) -> bool {
    period.end.day() < LAST_DAY
}

/// Yes or no in the spellings of exports.
pub(crate) fn flag(cell: &[u8]) -> Option<bool> {
    let is = |words: [&[u8]; 3]| {
        words.into_iter().any(|word| cell.trim_ascii().eq_ignore_ascii_case(word))
    };
    if is([b"false", b"0", b"no"]) {
        return Some(false);
    }
    is([b"true", b"1", b"yes"]).then_some(true)
}

/// A service tier in the spellings of providers: `default` is standard, OpenAI's `fast` is priority.
pub(crate) fn service_tier(cell: &str) -> Option<ServiceTier> {
    match cell {
        "default" | "standard" => Some(ServiceTier::Standard),
        _ => service_tier_in_any_case(&cell.trim().to_ascii_lowercase()),
    }
}

fn service_tier_in_any_case(word: &str) -> Option<ServiceTier> {
    match word {
        "default" | "standard" | "on_demand" => Some(ServiceTier::Standard),
        other => ServiceTier::from_word(other),
    }
}

/// `geo=us` for a region that has prices of its own; global and not available have none.
pub(crate) fn region(geo: &str) -> String {
    match geo {
        "" | "global" | "not_available" => String::new(),
        geo => format!("geo={geo}"),
    }
}

/// The provider that gateways and tracers mean by their own words; as written when not known.
pub(crate) fn provider(word: &str) -> &str {
    match word {
        "azure" | "azure_ai" | "AZURE" | "azure.ai.openai" | "az.ai.openai" => "azure-openai",
        "azure.ai.inference" | "az.ai.inference" => "azure-ai",
        "bedrock" | "bedrock_converse" | "aws.bedrock" | "BEDROCK" | "AWS" => "aws-bedrock",
        "gemini" | "gcp.gemini" | "gcp.gen_ai" | "GOOGLE" => "google",
        "vertex_ai" | "vertex_ai_beta" | "gcp.vertex_ai" => "google-vertex",
        "fireworks_ai" | "FIREWORKS" => "fireworks",
        "together_ai" | "TOGETHER" => "together",
        "x_ai" | "XAI" => "xai",
        "mistral_ai" | "MISTRAL" => "mistral",
        "OPENAI" => "openai",
        "ANTHROPIC" => "anthropic",
        "OPENROUTER" => "openrouter",
        "GROQ" => "groq",
        "DEEPSEEK" => "deepseek",
        other => other,
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
        assert_eq!(count(b"0018446744073709551615.0"), Some(u64::MAX));
        for bad in [
            "18446744073709551616.0",
            "18446744073709551616",
            "-1",
            "1.5",
            "12,345",
            "",
            "NaN",
            "1_0",
            "ten",
            "12.000",
            "1.000",
        ] {
            assert_eq!(count(bad.as_bytes()), None, "{bad}");
        }
    }
}
