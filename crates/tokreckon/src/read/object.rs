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
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let written = value.to_string();
            let wrong = || Problem::NotACount {
                column: key.to_owned(),
                value: shortened(written.as_bytes()),
            };
            let is_number = value.is_number();
            cell::count(written.as_bytes()).filter(|_| is_number).map(Some).ok_or_else(wrong)
        }
    }
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

/// The first of several members that is a time.
pub(super) fn period(object: &Object, keys: &[&str]) -> Option<Period> {
    keys.iter().find_map(|key| match object.get(*key)? {
        Value::Number(number) => cell::time(number.to_string().as_bytes()),
        Value::String(text) => cell::time(text.as_bytes()),
        _ => None,
    })
}
