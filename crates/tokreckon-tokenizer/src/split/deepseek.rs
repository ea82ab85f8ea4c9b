//! The pieces of `DeepSeek` V3: a text is cut three times, each time what is left of it.
//!
//! ```text
//! \p{N}{1,3}
//!
//! [一-龥぀-ゟ゠-ヿ]+
//!
//! [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+
//! [^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+
//!  ?[\p{P}\p{S}]+[\r\n]*
//! \s*[\r\n]+
//! \s+(?!\S)
//! \s+
//! ```
//!
//! What none of them matches is a piece too.

use super::{WhiteSpace, numbers, run};
use crate::unicode::{CASELESS, LOWER, MARK, NEWLINE, NUMBER, SIGN, Set, UPPER, WHITE, class_at};

/// `[\p{L}\p{M}]`
const WORD: Set = Set::of(&[LOWER, UPPER, CASELESS, MARK]);
/// `[\p{P}\p{S}]`
const SIGNS: Set = Set::of(&[SIGN]);
/// `[\r\n\p{L}\p{P}\p{S}]`, what does not stand before the letters of a word.
const NO_PREFIX: Set = Set::of(&[NEWLINE, LOWER, UPPER, CASELESS, SIGN]);

/// Gives the parts of a text that the first two patterns leave, and with them their own pieces.
pub(super) fn for_each_part(text: &[u8], mut give: impl FnMut(usize, usize)) {
    let (mut start, mut at) = (0, 0);
    while at < text.len() {
        let (class, width) = class_at(text, at);
        let end = if class == NUMBER { numbers::<3>(text, at, width) } else { han_end(text, at) };
        if end == at {
            at += width;
            continue;
        }
        if start < at {
            give(start, at);
        }
        give(at, end);
        (start, at) = (end, end);
    }
    if start < text.len() {
        give(start, text.len());
    }
}

/// The end of `[一-龥぀-ゟ゠-ヿ]+`, `at` itself where it does not match.
fn han_end(text: &[u8], mut at: usize) -> usize {
    while let Some(&[first, second, third]) = text.get(at..).and_then(|rest| rest.first_chunk()) {
        let point =
            u32::from(first & 0x0F) << 12 | u32::from(second & 0x3F) << 6 | u32::from(third & 0x3F);
        let han = matches!(point, 0x4E00..=0x9FA5 | 0x3040..=0x30FF);
        if first & 0xF0 != 0xE0 || !han {
            break;
        }
        at += 3;
    }
    at
}

/// Where the piece of a part that starts at `at` ends. A part of numbers or of Han and kana is one.
pub(super) fn piece_end(part: &[u8], at: usize) -> usize {
    let (class, _) = class_at(part, at);
    if class == NUMBER || han_end(part, at) > at {
        return part.len();
    }
    let mut end = at;
    while end < part.len() {
        if let Some(matched) = matched(part, end) {
            return if end == at { matched } else { end };
        }
        end += class_at(part, end).1;
    }
    end
}

/// The end of what the third pattern matches at `at`.
fn matched(part: &[u8], at: usize) -> Option<usize> {
    if part[at].is_ascii_punctuation() {
        let letters = part[at + 1..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        if letters > 0 {
            return Some(at + 1 + letters);
        }
    }
    let (class, width) = class_at(part, at);
    let letters = if NO_PREFIX.has(class) { at } else { at + width };
    let end = run(part, letters, WORD);
    // A mark may be all of the word that it would stand before.
    if end > letters || class == MARK {
        return Some(end);
    }
    let signs = if part[at] == b' ' { at + 1 } else { at };
    if SIGNS.has(class_at(part, signs).0) {
        let mut end = run(part, signs, SIGNS);
        while matches!(part.get(end), Some(b'\r' | b'\n')) {
            end += 1;
        }
        return Some(end);
    }
    WHITE.has(class).then(|| {
        let white = WhiteSpace::at(part, at);
        white.after_newline.unwrap_or_else(|| white.before_text(part, at))
    })
}
