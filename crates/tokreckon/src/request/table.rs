//! Rows of the tables in `data/counting`: read whole or not at all.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The rows of a list, each with no fields but these.
pub(super) fn rows<'t, 'd>(
    file: &'t DeTable<'d>,
    list: &str,
    fields: &[&str],
) -> Option<Vec<&'t DeTable<'d>>> {
    let DeValue::Array(rows) = file.get(list)?.get_ref() else {
        return None;
    };
    rows.iter()
        .map(|row| match row.get_ref() {
            DeValue::Table(row) => {
                let known = row.keys().all(|key| fields.contains(&key.get_ref().as_ref()));
                known.then_some(row)
            }
            _ => None,
        })
        .collect()
}

/// A text.
pub(super) fn text_of(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        _ => None,
    }
}

/// A whole number.
pub(super) fn number(value: &Spanned<DeValue<'_>>) -> Option<u64> {
    match value.get_ref() {
        DeValue::Integer(number) => number.as_str().parse().ok(),
        _ => None,
    }
}

/// A list of texts, empty where the field is not there.
pub(super) fn texts(row: &DeTable<'_>, field: &str) -> Option<Vec<String>> {
    match row.get(field).map(Spanned::get_ref) {
        None => Some(Vec::new()),
        Some(DeValue::Array(items)) => items.iter().map(text_of).collect(),
        Some(_) => None,
    }
}

/// A truth value, `false` where the field is not there.
pub(super) fn truth(row: &DeTable<'_>, field: &str) -> Option<bool> {
    match row.get(field).map(Spanned::get_ref) {
        None => Some(false),
        Some(DeValue::Boolean(truth)) => Some(*truth),
        Some(_) => None,
    }
}

/// Three whole numbers.
pub(super) fn three(value: &Spanned<DeValue<'_>>) -> Option<[u64; 3]> {
    list(value, number)?.try_into().ok()
}

/// Three pairs of whole numbers.
pub(super) fn three_pairs(value: &Spanned<DeValue<'_>>) -> Option<[[u64; 2]; 3]> {
    let pair = |value: &Spanned<DeValue<'_>>| list(value, number)?.try_into().ok();
    list(value, pair)?.try_into().ok()
}

fn list<T>(
    value: &Spanned<DeValue<'_>>,
    item: impl Fn(&Spanned<DeValue<'_>>) -> Option<T>,
) -> Option<Vec<T>> {
    match value.get_ref() {
        DeValue::Array(items) => items.iter().map(item).collect(),
        _ => None,
    }
}
