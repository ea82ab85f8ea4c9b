//! The table of llm-prices: today's prices, or all with the days from and to which they held.

use serde_json::Value;
use tokreckon_data::words::{Comparison, Meter};

use super::Why;
use super::collect::{At, Collector, Meant, Span, Unit};
use crate::time::parse_date;

const PRICES: [(&str, Meter); 3] =
    [("input", Meter::Input), ("input_cached", Meter::CacheRead), ("output", Meter::Output)];

/// One row: the vendor, the model and its prices.
pub(super) struct Entry<'d> {
    vendor: &'d str,
    id: &'d str,
    name: &'d str,
    prices: &'d Value,
}

/// The rows of any of the published files; `None` when it is another document.
pub(super) fn entries(document: &Value) -> Option<Vec<Entry<'_>>> {
    if let Some(rows) = document.get("prices").and_then(Value::as_array) {
        let entry = |row| {
            Some(Entry {
                vendor: str_of(row, "vendor")?,
                id: str_of(row, "id")?,
                name: str_of(row, "name").unwrap_or(""),
                prices: row,
            })
        };
        return rows.iter().map(entry).collect();
    }
    // The file of one vendor, with the history of each model.
    let vendor = str_of(document, "vendor")?;
    let mut entries = Vec::new();
    for model in document.get("models")?.as_array()? {
        let (id, name) = (str_of(model, "id")?, str_of(model, "name").unwrap_or(""));
        for prices in model.get("price_history")?.as_array()? {
            entries.push(Entry { vendor, id, name, prices });
        }
    }
    Some(entries)
}

fn str_of<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

/// Reads the table; `None` when it is another document.
pub(super) fn read(document: &Value, out: &mut Collector<'_>) -> Option<()> {
    let entries = entries(document)?;
    for entry in &entries {
        let (id, above) = match threshold(entry, &entries) {
            Ok((id, above)) => (id, above),
            Err(why) => {
                let at = match out.place(entry.vendor, entry.id) {
                    Ok(at) | Err((at, _)) => at,
                };
                leave_all(entry, &at, why, out);
                continue;
            }
        };
        let at = match out.place(entry.vendor, id) {
            Ok(at) => at,
            Err((at, why)) => {
                leave_all(entry, &at, why, out);
                continue;
            }
        };
        let at = At { label: entry.id.to_owned(), ..at };
        let Some(span) = span_of(entry.prices) else {
            leave_all(entry, &at, Why::Condition, out);
            continue;
        };
        let span = Span { from: span.0, until: span.1 };
        for (field, meter) in PRICES {
            if let Some(value) = entry.prices.get(field) {
                let above = above.map(|tokens| (tokens, Comparison::Above));
                let meant = Meant { above, span, ..Meant::plain(meter, Unit::MillionTokens) };
                out.add(&at, field, value, meant);
            }
        }
    }
    Some(())
}

fn leave_all(entry: &Entry<'_>, at: &At, why: Why, out: &mut Collector<'_>) {
    for (field, _) in PRICES {
        if let Some(value) = entry.prices.get(field).filter(|value| !value.is_null()) {
            out.leave(at, field, value, why);
        }
    }
}

/// `gpt-5.4-272k`, named `GPT-5.4 >272k`, is `gpt-5.4` above 272,000 tokens.
fn threshold<'d>(entry: &Entry<'d>, all: &[Entry<'_>]) -> Result<(&'d str, Option<u64>), Why> {
    let Some((_, above)) = entry.name.rsplit_once('>') else {
        return Ok((entry.id, None));
    };
    let above = above.trim();
    let tokens = above.strip_suffix(['k', 'K']).and_then(|digits| digits.parse::<u64>().ok());
    let tokens = tokens.filter(|tokens| (1..=1_000_000).contains(tokens)).ok_or(Why::Condition)?;
    let ending = format!("-{tokens}k");
    let base = entry.id.strip_suffix(ending.as_str()).unwrap_or(entry.id);
    let is_base = |other: &Entry<'_>| {
        other.vendor == entry.vendor && other.id == base && !other.name.contains('>')
    };
    if base != entry.id && all.iter().any(is_base) {
        return Ok((base, Some(tokens * 1_000)));
    }
    Err(Why::Condition)
}

/// `from_date` and `to_date`; `None` when one of them is no day.
fn span_of(prices: &Value) -> Option<(Option<i32>, Option<i32>)> {
    let day = |key: &str| match prices.get(key) {
        None | Some(Value::Null) => Some(None),
        Some(value) => {
            let day = parse_date(value.as_str()?.as_bytes())?;
            Some(Some(i32::try_from(day).ok()?))
        }
    };
    Some((day("from_date")?, day("to_date")?))
}
