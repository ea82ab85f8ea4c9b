//! JSON documents: every digit as a string, nothing in them that could steer a terminal.

use serde::Serialize;
use tokreckon::words::escaped_json;

/// A document of the library, which names its schema first.
pub(crate) fn json_document(document: &impl Serialize, out: &mut String) {
    let text = serde_json::to_string_pretty(document).expect("texts, numbers and lists of them");
    out.push_str(&escaped_json(&text));
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use tokreckon::words::steers;

    use super::*;

    #[test]
    fn control_and_direction_characters_are_escaped_and_come_back() {
        let mut out = String::new();
        let name = "a\u{9b}31m\u{202e}\u{7f}\u{1b}\u{61c}b\u{e0041}";
        json_document(&std::collections::BTreeMap::from([("model", name)]), &mut out);
        assert!(!out.chars().any(|c| steers(c) && c != '\n'), "{out}");
        assert!(out.contains("\\u009b31m\\u202e\\u007f\\u001b\\u061cb\\udb40\\udc41"), "{out}");
        let value: serde_json::Value = serde_json::from_str(&out).expect("still JSON");
        assert_eq!(value["model"], name);
    }
}
