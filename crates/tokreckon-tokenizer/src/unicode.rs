//! The class of a character, as far as the patterns of the encodings tell characters apart.
//!
//! The tables are made while building from the Unicode version that the reference's regular
//! expressions use; a newer or older version would count some texts differently.

use crate::tables::{UNICODE_BLOCKS, UNICODE_INDEX};

/// Everything that is none of the others: controls, formats, unassigned.
pub(crate) const OTHER: u8 = 0;
/// `\p{M}`, combining marks.
pub(crate) const MARK: u8 = 1;
/// `\p{Ll}`.
pub(crate) const LOWER: u8 = 2;
/// `\p{Lu}` and `\p{Lt}`.
pub(crate) const UPPER: u8 = 3;
/// `\p{Lm}` and `\p{Lo}`, letters without case.
pub(crate) const CASELESS: u8 = 4;
/// `\p{N}`.
pub(crate) const NUMBER: u8 = 5;
/// `\s` without carriage return and line feed.
pub(crate) const SPACE: u8 = 6;
/// Carriage return and line feed.
pub(crate) const NEWLINE: u8 = 7;
/// `\p{P}` and `\p{S}`.
pub(crate) const SIGN: u8 = 8;
/// Past the last character.
pub(crate) const END: u8 = 9;

/// A set of classes, one bit each.
#[derive(Clone, Copy)]
pub(crate) struct Set(u16);

impl Set {
    /// The set of these classes.
    pub(crate) const fn of(classes: &[u8]) -> Set {
        let mut bits = 0;
        let mut at = 0;
        while at < classes.len() {
            bits |= 1 << classes[at];
            at += 1;
        }
        Set(bits)
    }

    /// Whether the class is in the set.
    #[inline(always)]
    pub(crate) const fn has(self, class: u8) -> bool {
        (self.0 >> class) & 1 == 1
    }
}

/// `\p{L}`.
pub(crate) const LETTERS: Set = Set::of(&[LOWER, UPPER, CASELESS]);
/// `\s`.
pub(crate) const WHITE: Set = Set::of(&[SPACE, NEWLINE]);
/// `[^\s\p{L}\p{N}]`.
pub(crate) const SYMBOLS: Set = Set::of(&[OTHER, SIGN, MARK]);
/// `[^\r\n\p{L}\p{N}]`, what may stand before the letters of a word.
pub(crate) const WORD_PREFIX: Set = Set::of(&[OTHER, SIGN, MARK, SPACE]);

/// The class of the character that starts at `at`, and its width in bytes; `END` and 0 past the end.
#[inline(always)]
pub(crate) fn class_at(text: &[u8], at: usize) -> (u8, usize) {
    let Some(&first) = text.get(at) else {
        return (END, 0);
    };
    if first < 0x80 {
        return (UNICODE_BLOCKS[usize::from(first)], 1);
    }
    let tail = |offset: usize| usize::from(text.get(at + offset).copied().unwrap_or(0) & 0x3F);
    let (code_point, width) = match first {
        0..0xE0 => ((usize::from(first & 0x1F) << 6) | tail(1), 2),
        0xE0..0xF0 => ((usize::from(first & 0x0F) << 12) | (tail(1) << 6) | tail(2), 3),
        0xF0.. => {
            let upper = (usize::from(first & 0x07) << 18) | (tail(1) << 12);
            (upper | (tail(2) << 6) | tail(3), 4)
        }
    };
    let block = usize::from(UNICODE_INDEX[code_point >> 7]);
    (UNICODE_BLOCKS[(block << 7) | (code_point & 0x7F)], width)
}
