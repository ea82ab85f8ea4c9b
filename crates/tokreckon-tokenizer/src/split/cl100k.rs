//! The pieces of `cl100k_base`.
//!
//! ```text
//! '(?i:[sdmt]|ll|ve|re)
//! [^\r\n\p{L}\p{N}]?+\p{L}++
//! \p{N}{1,3}+
//!  ?[^\s\p{L}\p{N}]++[\r\n]*+
//! \s++$
//! \s*[\r\n]
//! \s+(?!\S)
//! \s
//! ```

use super::{WhiteSpace, contraction_in_any_case, run, up_to_three_numbers};
use crate::unicode::{LETTERS, NUMBER, SYMBOLS, WORD_PREFIX, class_at};

/// Where the piece that starts at `at` ends.
pub(super) fn piece_end(text: &[u8], at: usize) -> usize {
    if let Some(end) = contraction_in_any_case(text, at) {
        return end;
    }
    let (class, width) = class_at(text, at);
    if class == NUMBER {
        return up_to_three_numbers(text, at, width);
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
    match white.after_newline {
        Some(end) if white.end < text.len() => end,
        _ => white.before_text(text, at),
    }
}
