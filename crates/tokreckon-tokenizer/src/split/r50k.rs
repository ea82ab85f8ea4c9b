//! The pieces of `r50k_base` (also called `gpt2`), `p50k_base` and `p50k_edit`.
//!
//! ```text
//! '(?:[sdmt]|ll|ve|re)
//!  ?\p{L}++
//!  ?\p{N}++
//!  ?[^\s\p{L}\p{N}]++
//! \s++$
//! \s+(?!\S)
//! \s
//! ```

use super::{WhiteSpace, contraction, run};
use crate::unicode::{LETTERS, NUMBER, SYMBOLS, Set, class_at};

/// Where the piece that starts at `at` ends.
pub(super) fn piece_end(text: &[u8], at: usize) -> usize {
    if let Some(end) = contraction(text, at) {
        return end;
    }
    let start = if text[at] == b' ' { at + 1 } else { at };
    for set in [LETTERS, Set::of(&[NUMBER]), SYMBOLS] {
        if set.has(class_at(text, start).0) {
            return run(text, start, set);
        }
    }
    WhiteSpace::at(text, at).before_text(text, at)
}
