//! JSON as text, in the ways that providers write it before they count it.

use serde_json::Value;

/// How to write JSON.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    /// A space after `,` and `:`.
    pub(crate) spaced: bool,
    /// Characters beyond ASCII as `\uXXXX`.
    pub(crate) ascii: bool,
}

/// `{"a":1}`, characters as they are.
pub(crate) const COMPACT: Style = Style { spaced: false, ascii: false };
/// `{"a":1}`, characters beyond ASCII escaped.
pub(crate) const COMPACT_ASCII: Style = Style { spaced: false, ascii: true };
/// `{"a": 1}`, characters as they are.
pub(crate) const SPACED: Style = Style { spaced: true, ascii: false };
/// `{"a": 1}`, characters beyond ASCII escaped.
pub(crate) const SPACED_ASCII: Style = Style { spaced: true, ascii: true };

/// A value as text. The door has limited its nesting, so the recursion ends.
pub(crate) fn write(value: &Value, style: Style) -> String {
    let mut text = String::new();
    write_value(&mut text, value, style);
    text
}

/// Appends a value.
pub(crate) fn write_value(text: &mut String, value: &Value, style: Style) {
    let (comma, colon) = if style.spaced { (", ", ": ") } else { (",", ":") };
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => text.push_str(&number.to_string()),
        Value::String(string) => write_string(text, string, style),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push_str(comma);
                }
                write_value(text, item, style);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            text.push('{');
            for (index, (key, field)) in fields.iter().enumerate() {
                if index > 0 {
                    text.push_str(comma);
                }
                write_string(text, key, style);
                text.push_str(colon);
                write_value(text, field, style);
            }
            text.push('}');
        }
    }
}

/// Appends a string with its quotes.
pub(crate) fn write_string(text: &mut String, string: &str, style: Style) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            character if u32::from(character) < 0x20 => {
                push_escape(text, u32::from(character));
            }
            character if style.ascii && !character.is_ascii() => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    push_escape(text, u32::from(*unit));
                }
            }
            character => text.push(character),
        }
    }
    text.push('"');
}

fn push_escape(text: &mut String, unit: u32) {
    text.push_str("\\u");
    for shift in [12, 8, 4, 0] {
        text.push(char::from_digit((unit >> shift) & 0xf, 16).unwrap_or('0'));
    }
}

/// Rewrites a JSON text compactly, as providers do with the arguments of a call; a text that is not
/// JSON stays as it is.
pub(crate) fn compact(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => write(&value, COMPACT),
        Err(_) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles() {
        let value = serde_json::from_str("{\"b\": [1.50, \"é\\n😀\"], \"a\": null}").expect("JSON");
        assert_eq!(write(&value, COMPACT), "{\"b\":[1.50,\"é\\n😀\"],\"a\":null}");
        assert_eq!(
            write(&value, SPACED_ASCII),
            "{\"b\": [1.50, \"\\u00e9\\n\\ud83d\\ude00\"], \"a\": null}"
        );
        assert_eq!(compact("{\"a\": 1}"), "{\"a\":1}");
        assert_eq!(compact("not JSON"), "not JSON");
    }
}
