//! Texts inside of JSON.

use std::fmt::Write;

/// Writes a text with its quotes.
pub(crate) fn text(text: &str, into: &mut String) {
    into.push('"');
    for c in text.chars() {
        match c {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            c if c.is_control() => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    // Writing to a text does not fail.
                    let _ = write!(into, "\\u{unit:04x}");
                }
            }
            c => into.push(c),
        }
    }
    into.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_text_is_escaped() {
        let mut json = String::new();
        text("a\"b\\c\nd\u{7f}é", &mut json);
        assert_eq!(json, r#""a\"b\\c\u000ad\u007fé""#);
    }
}
