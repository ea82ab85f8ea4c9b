//! JSON documents: every digit as a string, nothing in them that could steer a terminal.

use std::fmt::Write;

use serde::Serialize;

use super::text::steers;

/// A document of the library, which names its schema first.
pub(crate) fn json_document(document: &impl Serialize, out: &mut String) {
    let text = serde_json::to_string_pretty(document).expect("texts, numbers and lists of them");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_direction_characters_are_escaped_and_come_back() {
        let mut out = String::new();
        let name = "a\u{9b}31m\u{202e}\u{7f}\u{1b}\u{61c}b";
        json_document(&std::collections::BTreeMap::from([("model", name)]), &mut out);
        assert!(!out.chars().any(|c| steers(c) && c != '\n'), "{out}");
        assert!(out.contains("\\u009b31m\\u202e\\u007f\\u001b\\u061cb"), "{out}");
        let value: serde_json::Value = serde_json::from_str(&out).expect("still JSON");
        assert_eq!(value["model"], name);
    }
}
