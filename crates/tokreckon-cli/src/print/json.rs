//! JSON documents: every digit as a string, nothing in them that could steer a terminal.

use std::fmt::Write;

use serde_json::Value;
use tokreckon::document::AmountDocument;
use tokreckon::money::Currency;
use tokreckon::report::Bounds;

use super::text::steers;

/// A JSON document with its schema name first.
pub(crate) fn json_document(schema: &str, value: Value, out: &mut String) {
    let mut object = serde_json::Map::new();
    object.insert("schema".to_owned(), schema.into());
    if let Value::Object(fields) = value {
        object.extend(fields);
    }
    let text = serde_json::to_string_pretty(&Value::Object(object)).unwrap_or_default();
    for c in text.chars() {
        // Line ends stand between members; in strings they are escaped already.
        if steers(c) && c != '\n' {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out.push('\n');
}

/// A document of the library as a value.
pub(crate) fn value_of(document: &impl serde::Serialize) -> Value {
    serde_json::to_value(document).expect("texts, numbers and lists of them")
}

/// Both bounds of a cost, and the one number where they are equal.
pub(crate) fn json_bounds(currency: Currency, bounds: &Bounds) -> Value {
    value_of(&AmountDocument::new(currency, bounds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_direction_characters_are_escaped_and_come_back() {
        let mut out = String::new();
        let name = "a\u{9b}31m\u{202e}\u{7f}\u{1b}\u{61c}b";
        json_document("schema/1", serde_json::json!({ "model": name }), &mut out);
        assert!(!out.chars().any(|c| steers(c) && c != '\n'), "{out}");
        assert!(out.contains("\\u009b31m\\u202e\\u007f\\u001b\\u061cb"), "{out}");
        let value: Value = serde_json::from_str(&out).expect("still JSON");
        assert_eq!(value["model"], name);
    }
}
