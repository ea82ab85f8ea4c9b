//! Counts in sentences: digits grouped, one or several. And texts of others that are to be shown
//! without harm.

use std::fmt::Write;

/// A number with its digits grouped; any other text as it is.
///
/// ```
/// assert_eq!(tokreckon::words::grouped_text("-1234567.0125"), "-1,234,567.0125");
/// ```
#[must_use]
pub fn grouped_text(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) =
        digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    fraction.map_or(format!("{sign}{grouped}"), |fraction| format!("{sign}{grouped}.{fraction}"))
}

pub use tokreckon_data::words::steers;

/// A text as a TOML string, with whatever [`steers`] escaped.
#[cfg(feature = "read")]
pub(crate) fn toml_string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        // A string takes whatever is written to it.
        let _ = match c {
            '"' | '\\' => write!(quoted, "\\{c}"),
            c if steers(c) && u32::from(c) > 0xffff => write!(quoted, "\\U{:08x}", u32::from(c)),
            c if steers(c) => write!(quoted, "\\u{:04x}", u32::from(c)),
            c => write!(quoted, "{c}"),
        };
    }
    quoted.push('"');
    quoted
}

/// The same JSON with whatever [`steers`] escaped, but for the line ends between its parts.
///
/// ```
/// assert_eq!(tokreckon::words::escaped_json("[\"a\u{202e}b\"]\n"), "[\"a\\u202eb\"]\n");
/// ```
#[must_use]
pub fn escaped_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if steers(c) && c != '\n' {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // A string takes whatever is written to it.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// `1,234,567`.
#[must_use]
pub fn grouped(count: u128) -> String {
    grouped_text(&count.to_string())
}

/// `1 record`, `2 records`.
#[must_use]
pub fn counted(count: impl Into<CountOf>, noun: &str) -> String {
    let CountOf(count) = count.into();
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(count))
}

/// Any unsigned count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountOf(u128);

impl From<usize> for CountOf {
    fn from(count: usize) -> Self {
        Self(count as u128)
    }
}

impl From<u64> for CountOf {
    fn from(count: u64) -> Self {
        Self(u128::from(count))
    }
}
