//! Where a text may be cut so that its parts count like the whole.
//!
//! A cut is safe
//! - before a space (U+0020) whose previous character is not white space: no pattern takes a space
//!   after anything but white space, and the part before does not end with white space, the only
//!   thing whose pieces depend on what follows;
//! - after a line feed that the next character, neither white space nor `/`, follows. In the older
//!   encodings (`r50k_base`, `p50k_base` and their kin), whose pattern knows no line feeds, the
//!   line feed must not follow white space either.

use crate::encoding::Encoding;
use crate::split::Pattern;
use crate::unicode::{WHITE, class_at};

/// The first safe cut at or after `from`, which may be inside a character.
pub(crate) fn after(encoding: Encoding, text: &str, from: usize) -> Option<usize> {
    let text = text.as_bytes();
    (from.max(1)..text.len()).find(|&at| is_safe(encoding.pattern(), text, at))
}

/// The last safe cut of the text, if there is one at or after `from`.
pub(crate) fn last(encoding: Encoding, text: &str, from: usize) -> Option<usize> {
    let text = text.as_bytes();
    (from.max(1)..text.len()).rev().find(|&at| is_safe(encoding.pattern(), text, at))
}

/// Whether a cut between two characters, the next of which starts at `at`, is safe.
#[inline]
fn is_safe(pattern: Pattern, text: &[u8], at: usize) -> bool {
    if text[at] == b' ' {
        return !is_white_before(text, at);
    }
    text[at - 1] == b'\n'
        && text[at] != b'/'
        && !WHITE.has(class_at(text, at).0)
        && (pattern != Pattern::R50k || at == 1 || !is_white_before(text, at - 1))
}

/// Whether the character that ends at `at` is white space.
fn is_white_before(text: &[u8], at: usize) -> bool {
    let mut start = at - 1;
    while start > 0 && text[start] & 0xC0 == 0x80 {
        start -= 1;
    }
    WHITE.has(class_at(text, start).0)
}
