//! Changing text before it is cut, by the rules of a `normalizer`.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::TokenizerFileError;
use super::pattern::Pattern;
use super::split::pattern;

/// A rule that changes a text.
#[derive(Debug)]
pub(super) enum Change {
    Composed,
    Decomposed,
    CompatiblyComposed,
    CompatiblyDecomposed,
    Lowercase,
    Replace { pattern: Pattern, by: String },
    Prepend(String),
}

/// The rules of a `normalizer`, in order.
pub(super) fn read(value: &Value, changes: &mut Vec<Change>) -> Result<(), TokenizerFileError> {
    if value.is_null() {
        return Ok(());
    }
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
    match text("type").as_str() {
        "Sequence" => {
            let parts = value.get("normalizers").and_then(Value::as_array);
            for part in parts.into_iter().flatten() {
                read(part, changes)?;
            }
        }
        "NFC" => changes.push(Change::Composed),
        "NFD" => changes.push(Change::Decomposed),
        "NFKC" => changes.push(Change::CompatiblyComposed),
        "NFKD" => changes.push(Change::CompatiblyDecomposed),
        "Lowercase" => changes.push(Change::Lowercase),
        "Replace" => {
            let pattern = pattern(value.get("pattern"))?;
            changes.push(Change::Replace { pattern, by: text("content") });
        }
        "Prepend" => changes.push(Change::Prepend(text("prepend"))),
        other => return Err(TokenizerFileError::unknown("normalizer", other)),
    }
    Ok(())
}

/// A text after all rules.
pub(super) fn changed(text: &str, changes: &[Change]) -> String {
    changes.iter().fold(text.to_owned(), |text, change| match change {
        Change::Composed => text.nfc().collect(),
        Change::Decomposed => text.nfd().collect(),
        Change::CompatiblyComposed => text.nfkc().collect(),
        Change::CompatiblyDecomposed => text.nfkd().collect(),
        // Each character by itself: a sigma at the end of a word is no other one.
        Change::Lowercase => text.chars().flat_map(char::to_lowercase).collect(),
        Change::Replace { pattern, by } => pattern.replaced(&text, by),
        Change::Prepend(_) if text.is_empty() => text,
        Change::Prepend(start) => format!("{start}{text}"),
    })
}
