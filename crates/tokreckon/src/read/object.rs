//! Members of a JSON object: text, counts, amounts and times, or what is wrong with them.

use serde_json::{Map, Value};

use super::{Problem, cell, shortened};
use crate::money::Exact;
use crate::time::Period;

pub(super) type Object = Map<String, Value>;

/// A text that is not empty.
pub(super) fn text<'v>(object: &'v Object, key: &str) -> Option<&'v str> {
    object.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// The first of several members that is an object.
pub(super) fn inner<'v>(object: &'v Object, keys: &[&str]) -> Option<&'v Object> {
    keys.iter().find_map(|key| object.get(*key)?.as_object())
}

/// A count, which must be written as a number.
pub(super) fn count(object: &Object, key: &str) -> Result<Option<u64>, Problem> {
    object.get(key).map_or(Ok(None), |value| count_of(key, value))
}

/// The count that a member of this name holds; `None` for null.
pub(super) fn count_of(name: &str, value: &Value) -> Result<Option<u64>, Problem> {
    let Value::Number(number) = value else {
        return if value.is_null() { Ok(None) } else { Err(not_a_count(name, value)) };
    };
    if let Some(count) = number.as_u64() {
        return Ok(Some(count));
    }
    cell::count(number.to_string().as_bytes()).map(Some).ok_or_else(|| not_a_count(name, value))
}

fn not_a_count(name: &str, value: &Value) -> Problem {
    let value = shortened(value.to_string().as_bytes());
    Problem::NotACount { column: name.to_owned(), value }
}

/// A count in an object that may not be there.
pub(super) fn inner_count(object: Option<&Object>, key: &str) -> Result<Option<u64>, Problem> {
    object.map_or(Ok(None), |object| count(object, key))
}

/// An exact amount, written as a number or as text.
pub(super) fn amount(object: &Object, key: &str) -> Result<Option<Exact>, Problem> {
    let written = match object.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let wrong =
        || Problem::NotAnAmount { column: key.to_owned(), value: shortened(written.as_bytes()) };
    cell::amount(written.as_bytes()).map(Some).ok_or_else(wrong)
}

/// Names of the time of a request or a response, the most telling first.
pub(super) const TIMES: [&str; 24] = [
    "timestamp",
    "created",
    "created_at",
    "createTime",
    "createdAt",
    "create_time",
    "timestamp_utc",
    "created_utc",
    "time_utc",
    "date_utc",
    "datetime_utc",
    "timestamp_ms",
    "ts",
    "start_time",
    "startTime",
    "started_at",
    "startedAt",
    "request_time",
    "completed_at",
    "completedAt",
    "logged_at",
    "datetime",
    "date",
    "time",
];

/// The first of several members that is a time.
///
/// # Errors
/// When none is one though at least one is there: what cannot be read is not "no time".
pub(super) fn period(object: &Object, keys: &[&str]) -> Result<Option<Period>, Problem> {
    let mut wrong = None;
    for key in keys {
        let value = match object.get(*key) {
            None | Some(Value::Null) => continue,
            Some(Value::String(text)) if text.is_empty() => continue,
            // As MongoDB exports times.
            Some(Value::Object(date)) => match date.get("$date") {
                Some(value) => value,
                None => continue,
            },
            Some(value) => value,
        };
        if let Some(period) = time(value) {
            return Ok(Some(period));
        }
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let value = shortened(value.as_bytes());
        wrong = wrong.or_else(|| Some(Problem::NotATime { column: (*key).to_owned(), value }));
    }
    wrong.map_or(Ok(None), Err)
}

fn time(value: &Value) -> Option<Period> {
    match value {
        Value::Number(number) => epoch(&number.to_string()),
        Value::String(text) if text.contains('-') => cell::time(text.as_bytes()),
        Value::String(text) => epoch(text).or_else(|| http_date(text)),
        _ => None,
    }
}

/// A number of seconds since 1970, or of milli-, micro- or nanoseconds: their sizes tell. A day that
/// is written as `20250301` is none of them.
fn epoch(written: &str) -> Option<Period> {
    const DAYS: std::ops::RangeInclusive<i128> = 19_000_101..=21_001_231;
    let number = cell::amount(written.as_bytes())?;
    let whole = number.mantissa() / 10_i128.checked_pow(number.scale())?;
    let seconds = match whole {
        ..100_000_000_000 => whole,
        100_000_000_000..100_000_000_000_000 => whole / 1_000,
        100_000_000_000_000..100_000_000_000_000_000 => whole / 1_000_000,
        _ => whole / 1_000_000_000,
    };
    if whole < 0 || DAYS.contains(&whole) {
        return None;
    }
    cell::time(seconds.to_string().as_bytes())
}

/// `Sat, 20 Sep 2025 11:08:40 GMT`, as HTTP writes a date.
fn http_date(text: &str) -> Option<Period> {
    let instant = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    cell::time(instant.as_second().to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_in_every_size() {
        let at = |value: Value| {
            let line = json!({ "ts": value });
            let found = period(line.as_object().expect("an object"), &TIMES);
            found.map(|period| period.map(|period| period.to_string()))
        };
        let day = "2025-02-19T21:20:00Z";
        for time in [
            json!(1_740_000_000),
            json!("1740000000"),
            json!(1_740_000_000_000_u64),
            json!(1_740_000_000_000_000_u64),
            json!(1_740_000_000_000_000_000_u64),
            json!("2025-02-19T21:20:00.123Z"),
            json!("Wed, 19 Feb 2025 21:20:00 GMT"),
            json!({"$date": "2025-02-19T21:20:00Z"}),
            serde_json::from_str("1.74e9").expect("JSON"),
            serde_json::from_str("1740000000.75").expect("JSON"),
        ] {
            assert_eq!(at(time.clone()), Ok(Some(day.to_owned())), "{time}");
        }
        for absent in [json!(null), json!("")] {
            assert_eq!(at(absent), Ok(None));
        }
        for bad in [json!("yesterday"), json!(-1), json!(20_250_301), json!(true)] {
            assert!(at(bad.clone()).is_err(), "{bad}");
        }
    }
}
