//! The pieces of Qwen 2 and 3 (one number at a time) and of GLM (three).
//!
//! ```text
//! (?i:'s|'t|'re|'ve|'m|'ll|'d)
//! [^\r\n\p{L}\p{N}]?\p{L}+
//! \p{N}             (GLM: \p{N}{1,3})
//!  ?[^\s\p{L}\p{N}]+[\r\n]*
//! \s*[\r\n]+
//! \s+(?!\S)
//! \s+
//! ```

use super::{WhiteSpace, contraction_in_any_case, numbers, run};
use crate::unicode::{LETTERS, NUMBER, SYMBOLS, WORD_PREFIX, class_at};

/// Where the piece that starts at `at` ends, with at most so many numbers in one.
pub(super) fn piece_end<const NUMBERS: usize>(text: &[u8], at: usize) -> usize {
    if let Some(end) = contraction_in_any_case(text, at) {
        return end;
    }
    let (class, width) = class_at(text, at);
    if class == NUMBER {
        return numbers::<NUMBERS>(text, at, width);
    }
    let letters = if WORD_PREFIX.has(class) { at + width } else { at };
    let end = run(text, letters, LETTERS);
    if end > letters {
        return end;
    }
    let symbols = if text[at] == b' ' { at + 1 } else { at };
    if SYMBOLS.has(class_at(text, symbols).0) {
        let mut end = run(text, symbols, SYMBOLS);
        while matches!(text.get(end), Some(b'\r' | b'\n')) {
            end += 1;
        }
        return end;
    }
    let white = WhiteSpace::at(text, at);
    white.after_newline.unwrap_or_else(|| white.before_text(text, at))
}
