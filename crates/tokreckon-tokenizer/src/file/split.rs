//! Cutting text into pieces by the rules of a `pre_tokenizer`.

use std::sync::LazyLock;

use serde_json::Value;

use super::TokenizerFileError;
use super::pattern::{GPT2, Pattern};

/// A rule that cuts pieces into smaller ones.
#[derive(Debug)]
pub(super) enum Cut {
    /// At the matches of a pattern.
    Matches { pattern: Pattern, invert: bool, behavior: Behavior },
    /// Bytes as characters, with a space in front of the text where it has none.
    ByteLevel { space: bool, pattern: Option<Pattern> },
    /// Digits by themselves, or runs of them.
    Digits { single: bool },
    /// Spaces as `▁`, each at the start of a piece.
    Metaspace { mark: String, prepend: Prepend, split: bool },
}

/// What becomes of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behavior {
    Removed,
    Isolated,
    WithPrevious,
    WithNext,
}

/// Where a mark is put in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prepend {
    Always,
    First,
    Never,
}

/// The rules of a `pre_tokenizer`, in order.
pub(super) fn read(value: &Value, cuts: &mut Vec<Cut>) -> Result<(), TokenizerFileError> {
    if value.is_null() {
        return Ok(());
    }
    let kind = value.get("type").and_then(Value::as_str).unwrap_or("");
    let flag = |name: &str, default| value.get(name).and_then(Value::as_bool).unwrap_or(default);
    match kind {
        "Sequence" => {
            let parts = value.get("pretokenizers").and_then(Value::as_array);
            for part in parts.into_iter().flatten() {
                read(part, cuts)?;
            }
        }
        "Split" => cuts.push(Cut::Matches {
            pattern: pattern(value.get("pattern"))?,
            invert: flag("invert", false),
            behavior: behavior(value.get("behavior").and_then(Value::as_str).unwrap_or(""))?,
        }),
        "ByteLevel" => cuts.push(Cut::ByteLevel {
            space: flag("add_prefix_space", true),
            pattern: flag("use_regex", true).then(|| Pattern::read(GPT2)).transpose()?,
        }),
        "Digits" => cuts.push(Cut::Digits { single: flag("individual_digits", false) }),
        "Metaspace" => {
            let scheme = value.get("prepend_scheme").and_then(Value::as_str);
            let prepend = match scheme {
                Some("always") => Prepend::Always,
                Some("first") => Prepend::First,
                Some("never") => Prepend::Never,
                Some(other) => return Err(TokenizerFileError::unknown("prepend scheme", other)),
                None if flag("add_prefix_space", true) => Prepend::Always,
                None => Prepend::Never,
            };
            let mark = value.get("replacement").and_then(Value::as_str).unwrap_or("\u{2581}");
            cuts.push(Cut::Metaspace {
                mark: mark.to_owned(),
                prepend,
                split: flag("split", true),
            });
        }
        other => return Err(TokenizerFileError::unknown("pre-tokenizer", other)),
    }
    Ok(())
}

/// A `pattern`: a text, or an expression.
pub(super) fn pattern(value: Option<&Value>) -> Result<Pattern, TokenizerFileError> {
    let text = |name: &str| value.and_then(|value| value.get(name)).and_then(Value::as_str);
    match (text("Regex"), text("String")) {
        (Some(expression), _) => Pattern::read(expression),
        (None, Some(text)) if !text.is_empty() => Ok(Pattern::Text(text.to_owned())),
        (None, _) => Err(TokenizerFileError::new("a rule has no pattern")),
    }
}

fn behavior(name: &str) -> Result<Behavior, TokenizerFileError> {
    Ok(match name {
        "Removed" => Behavior::Removed,
        "Isolated" => Behavior::Isolated,
        "MergedWithPrevious" => Behavior::WithPrevious,
        "MergedWithNext" => Behavior::WithNext,
        other => return Err(TokenizerFileError::unknown("split behavior", other)),
    })
}

/// A text cut by all rules; `first` tells whether it is the start of what was given.
pub(super) fn cut(text: &str, cuts: &[Cut], first: bool) -> Vec<String> {
    let mut pieces = vec![text.to_owned()];
    for rule in cuts {
        let mut next = Vec::with_capacity(pieces.len());
        for (at, piece) in pieces.iter().enumerate().filter(|(_, piece)| !piece.is_empty()) {
            one(piece, rule, first && at == 0, &mut next);
        }
        pieces = next;
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn one(piece: &str, rule: &Cut, first: bool, pieces: &mut Vec<String>) {
    match rule {
        Cut::Matches { pattern, invert, behavior } => {
            let mut matches = Vec::new();
            pattern.each_match(piece, |start, end| matches.push((start, end)));
            by_matches(piece, &matches, *invert, *behavior, pieces);
        }
        Cut::ByteLevel { space, pattern } => {
            let spaced = if *space && !piece.starts_with(' ') { " " } else { "" };
            let text = format!("{spaced}{piece}");
            let as_characters = |text: &str| text.bytes().map(byte_character).collect::<String>();
            match pattern {
                Some(pattern) => {
                    pattern.each_match(&text, |start, end| {
                        pieces.push(as_characters(&text[start..end]));
                    });
                }
                None => pieces.push(as_characters(&text)),
            }
        }
        Cut::Digits { single } => {
            let mut digits = Vec::new();
            for (at, character) in piece.char_indices().filter(|(_, one)| one.is_numeric()) {
                match digits.last_mut() {
                    Some((_, end)) if *end == at && !single => *end = at + character.len_utf8(),
                    _ => digits.push((at, at + character.len_utf8())),
                }
            }
            by_matches(piece, &digits, false, Behavior::Isolated, pieces);
        }
        Cut::Metaspace { mark, prepend, split } => {
            let mut text = piece.replace(' ', mark);
            let wanted = *prepend == Prepend::Always || (*prepend == Prepend::First && first);
            if wanted && !text.starts_with(mark.as_str()) {
                text.insert_str(0, mark);
            }
            if *split {
                let marks: Vec<_> = text
                    .match_indices(mark.as_str())
                    .map(|(at, one)| (at, at + one.len()))
                    .collect();
                by_matches(&text, &marks, false, Behavior::WithNext, pieces);
            } else {
                pieces.push(text);
            }
        }
    }
}

/// What matches and what stands between, as the behavior says.
fn by_matches(
    text: &str,
    matches: &[(usize, usize)],
    invert: bool,
    behavior: Behavior,
    pieces: &mut Vec<String>,
) {
    let mut parts: Vec<(usize, usize, bool)> = Vec::new();
    let mut at = 0;
    for &(start, end) in matches {
        if start > at {
            parts.push((at, start, invert));
        }
        parts.push((start, end, !invert));
        at = end;
    }
    if at < text.len() {
        parts.push((at, text.len(), invert));
    }
    match behavior {
        Behavior::Removed => parts.retain(|(.., matched)| !matched),
        Behavior::Isolated => {}
        Behavior::WithPrevious => {
            let mut joined: Vec<(usize, usize, bool)> = Vec::new();
            for (start, end, matched) in parts {
                match joined.last_mut() {
                    Some(last) if matched && !last.2 => *last = (last.0, end, true),
                    _ => joined.push((start, end, matched)),
                }
            }
            parts = joined;
        }
        Behavior::WithNext => {
            let mut joined: Vec<(usize, usize, bool)> = Vec::new();
            for (start, end, matched) in parts.into_iter().rev() {
                match joined.last_mut() {
                    Some(next) if matched && !next.2 => *next = (start, next.1, true),
                    _ => joined.push((start, end, matched)),
                }
            }
            joined.reverse();
            parts = joined;
        }
    }
    pieces.extend(parts.into_iter().map(|(start, end, _)| text[start..end].to_owned()));
}

/// The characters that stand for bytes, as in GPT-2: visible ones are themselves, the others follow on 256.
static BYTE_CHARACTERS: LazyLock<[char; 256]> = LazyLock::new(|| {
    let mut others = '\u{100}'..;
    std::array::from_fn(|byte| match u8::try_from(byte) {
        Ok(byte @ (b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff)) => char::from(byte),
        _ => others.next().expect("there are more than 256 characters"),
    })
});

fn byte_character(byte: u8) -> char {
    BYTE_CHARACTERS[usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_characters_of_their_own() {
        let all: std::collections::BTreeSet<char> = (0..=255).map(byte_character).collect();
        assert_eq!(all.len(), 256);
        assert_eq!((byte_character(b' '), byte_character(b'\n')), ('\u{120}', '\u{10a}'));
    }

    #[test]
    fn matches_stay_alone_or_join() {
        for (behavior, pieces) in [
            (Behavior::Removed, &["a", "b"][..]),
            (Behavior::Isolated, &["a", "-", "-", "b"]),
            (Behavior::WithPrevious, &["a-", "-", "b"]),
            (Behavior::WithNext, &["a", "-", "-b"]),
        ] {
            let mut found = Vec::new();
            by_matches("a--b", &[(1, 2), (2, 3)], false, behavior, &mut found);
            assert_eq!(found, pieces, "{behavior:?}");
        }
    }
}
