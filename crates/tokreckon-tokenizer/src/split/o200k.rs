//! The pieces of `o200k_base` and `o200k_harmony`.
//!
//! ```text
//! [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//! [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//! \p{N}{1,3}
//!  ?[^\s\p{L}\p{N}]+[\r\n/]*
//! \s*[\r\n]+
//! \s+(?!\S)
//! \s+
//! ```

use super::{WhiteSpace, contraction_in_any_case, run, up_to_three_numbers};
use crate::unicode::{
    CASELESS, LETTERS, LOWER, MARK, NUMBER, SYMBOLS, Set, UPPER, WORD_PREFIX, class_at,
};

/// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
const UPPER_SIDE: Set = Set::of(&[UPPER, CASELESS, MARK]);
/// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
const LOWER_SIDE: Set = Set::of(&[LOWER, CASELESS, MARK]);

/// Where the piece that starts at `at` ends.
pub(super) fn piece_end(text: &[u8], at: usize) -> usize {
    end::<false>(text, at)
}

/// The same for Mistral's Tekken: numbers one by one, contractions are no part of a word.
pub(super) fn tekken_piece_end(text: &[u8], at: usize) -> usize {
    end::<true>(text, at)
}

#[inline(always)]
fn end<const TEKKEN: bool>(text: &[u8], at: usize) -> usize {
    let with_contraction =
        |text: &[u8], end| if TEKKEN { end } else { with_contraction(text, end) };
    let (class, width) = class_at(text, at);
    if LETTERS.has(class) {
        let letters = Letters::at(text, at);
        return with_contraction(text, letters.lower_end.unwrap_or(letters.upper_end));
    }
    if class == NUMBER {
        return if TEKKEN { at + width } else { up_to_three_numbers(text, at, width) };
    }
    if WORD_PREFIX.has(class) {
        let letters = Letters::at(text, at + width);
        if let Some(end) = letters.lower_end {
            return with_contraction(text, end);
        }
        // A mark may be a lower-side letter on its own, which comes before a prefix to upper-case letters.
        if class == MARK {
            return with_contraction(text, at + width);
        }
        if letters.upper_end > at + width {
            return with_contraction(text, letters.upper_end);
        }
    }
    let symbols = if text[at] == b' ' { at + 1 } else { at };
    if SYMBOLS.has(class_at(text, symbols).0) {
        let mut end = run(text, symbols, SYMBOLS);
        while matches!(text.get(end), Some(b'\r' | b'\n' | b'/')) {
            end += 1;
        }
        return end;
    }
    let white = WhiteSpace::at(text, at);
    white.after_newline.unwrap_or_else(|| white.before_text(text, at))
}

/// What the letters and marks at some place match.
struct Letters {
    /// The end of `U*L+`, if it matches (`U` the upper side, `L` the lower side).
    lower_end: Option<usize>,
    /// The end of `U*`.
    upper_end: usize,
}

impl Letters {
    fn at(text: &[u8], start: usize) -> Letters {
        let mut at = start;
        // `U*` takes all it can; when no lower-case letter follows, it gives back as far as the last
        // character that is on both sides, and that one is all of `L+`.
        let mut after_both_sides = None;
        loop {
            let (class, width) = class_at(text, at);
            if class == LOWER {
                return Letters { lower_end: Some(run(text, at, LOWER_SIDE)), upper_end: at };
            }
            if !UPPER_SIDE.has(class) {
                return Letters { lower_end: after_both_sides, upper_end: at };
            }
            at += width;
            if class != UPPER {
                after_both_sides = Some(at);
            }
        }
    }
}

fn with_contraction(text: &[u8], end: usize) -> usize {
    contraction_in_any_case(text, end).unwrap_or(end)
}
