//! JSON documents: every digit as a string, nothing in them that could steer a terminal.

use std::fmt;
use std::io;

use serde::Serialize;
use tokreckon::words::escaped_json;

/// A document of the library, which names its schema first. It is printed as it is written, however long.
pub(crate) fn json_document(document: &impl Serialize, out: &mut dyn fmt::Write) {
    let written = serde_json::to_writer_pretty(Escaping(out), document);
    written.expect("texts, numbers and lists of them");
    // What cannot be printed is told where it is printed.
    let _ = out.write_str("\n");
}

/// Escapes what could steer a terminal. It is handed whole texts, never a part of a character.
struct Escaping<'o>(&'o mut dyn fmt::Write);

impl io::Write for Escaping<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        let is_plain = bytes.iter().all(|byte| matches!(byte, b'\n' | b' '..=b'~'));
        let _ =
            if is_plain { self.0.write_str(text) } else { self.0.write_str(&escaped_json(text)) };
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
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
