//! Cuts a text into the pieces that are encoded one by one.
//!
//! Each encoding family defines its pieces by a regular expression. There is no regular expression
//! here: each file matches one of them by hand, alternative by alternative, with its backtracking.

mod cl100k;
mod o200k;
mod r50k;
mod qwen;
mod deepseek;
mod masks;
mod blocks;

use crate::unicode::{NEWLINE, SPACE, class_at};

/// Which pattern cuts the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// `o200k_base` and `o200k_harmony`.
    O200k,
    /// `cl100k_base`.
    Cl100k,
    /// `r50k_base`, `p50k_base`, `p50k_edit`.
    R50k,
    /// Qwen 2 and 3.
    Qwen,
    /// GLM.
    Glm,
    /// Mistral's Tekken.
    Tekken,
    /// `DeepSeek` V3.
    DeepSeek,
}

impl Pattern {
    /// Gives the pieces of `text` in order, each as its start and its end. `text` is valid UTF-8.
    #[inline(always)]
    pub(crate) fn for_each_piece(self, text: &[u8], mut give: impl FnMut(usize, usize)) {
        match self {
            Pattern::O200k => {
                for_each_piece::<{ Pattern::O200k as u8 }>(text, o200k::piece_end, give);
            }
            Pattern::Cl100k => {
                for_each_piece::<{ Pattern::Cl100k as u8 }>(text, cl100k::piece_end, give);
            }
            Pattern::R50k => for_each_piece::<{ Pattern::R50k as u8 }>(text, r50k::piece_end, give),
            Pattern::Qwen => one_by_one(text, qwen::piece_end::<1>, give),
            Pattern::Glm => one_by_one(text, qwen::piece_end::<3>, give),
            Pattern::Tekken => one_by_one(text, o200k::tekken_piece_end, give),
            Pattern::DeepSeek => {
                deepseek::for_each_part(text, |start, end| {
                    let part = &text[start..end];
                    one_by_one(part, deepseek::piece_end, |first, last| {
                        give(start + first, start + last);
                    });
                });
            }
        }
    }
}

/// The pieces of a text, each by itself.
#[inline(always)]
fn one_by_one(
    text: &[u8],
    piece_end: impl Fn(&[u8], usize) -> usize,
    mut give: impl FnMut(usize, usize),
) {
    let mut at = 0;
    while at < text.len() {
        let end = piece_end(text, at);
        give(at, end);
        at = end;
    }
}

/// Many pieces at a time where the text is ASCII, one by one elsewhere and where a block of ASCII
/// does not tell.
#[inline(always)]
fn for_each_piece<const PATTERN: u8>(
    text: &[u8],
    piece_end: fn(&[u8], usize) -> usize,
    mut give: impl FnMut(usize, usize),
) {
    const FOREIGN: u64 = 0x8080_8080_8080_8080;
    let mut at = 0;
    while at < text.len() {
        let near = text[at..].first_chunk::<8>();
        if near.is_some_and(|near| u64::from_le_bytes(*near) & FOREIGN == 0) {
            let first = at;
            let mut starts = blocks::starts::<PATTERN>(text, at) & !1;
            if starts != 0 {
                while starts != 0 {
                    let next = first + starts.trailing_zeros() as usize;
                    give(at, next);
                    at = next;
                    starts &= starts - 1;
                }
                continue;
            }
        }
        let end = piece_end(text, at);
        give(at, end);
        at = end;
    }
}

/// A stretch of white space from some place on.
struct WhiteSpace {
    /// After its last character.
    end: usize,
    /// Where its last character starts.
    last: usize,
    /// After its last carriage return or line feed.
    after_newline: Option<usize>,
}

impl WhiteSpace {
    /// The white space at `start`.
    fn at(text: &[u8], start: usize) -> WhiteSpace {
        let mut white = WhiteSpace { end: start, last: start, after_newline: None };
        loop {
            let (class, width) = class_at(text, white.end);
            match class {
                SPACE => {}
                NEWLINE => white.after_newline = Some(white.end + width),
                _ => return white,
            }
            white.last = white.end;
            white.end += width;
        }
    }

    /// `\s+(?!\S)|\s`: all but the last character before other text, but at least one.
    fn before_text(&self, text: &[u8], start: usize) -> usize {
        if self.end == text.len() || self.last == start { self.end } else { self.last }
    }
}

/// The end of an English contraction (`'s 't 'm 'd 're 've 'll`) at `at`, in lower case.
fn contraction(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at..)? {
        [b'\'', b's' | b't' | b'm' | b'd', ..] => Some(at + 2),
        [b'\'', b'r' | b'v', b'e', ..] | [b'\'', b'l', b'l', ..] => Some(at + 3),
        _ => None,
    }
}

/// The end of an English contraction in any case. The long s `ſ` (U+017F) is an `s` in another case.
fn contraction_in_any_case(text: &[u8], at: usize) -> Option<usize> {
    if *text.get(at)? != b'\'' {
        return None;
    }
    match text.get(at + 1..)? {
        [b's' | b't' | b'm' | b'd' | b'S' | b'T' | b'M' | b'D', ..] => Some(at + 2),
        [b'r' | b'v' | b'R' | b'V', b'e' | b'E', ..] | [b'l' | b'L', b'l' | b'L', ..] => {
            Some(at + 3)
        }
        [0xC5, 0xBF, ..] => Some(at + 3),
        _ => None,
    }
}

/// The end of `\p{N}{1,3}` after a first number of `width` bytes at `at`.
fn up_to_three_numbers(text: &[u8], at: usize, width: usize) -> usize {
    numbers::<3>(text, at, width)
}

/// The end of `\p{N}{1,MOST}` after a first number of `width` bytes at `at`.
fn numbers<const MOST: usize>(text: &[u8], at: usize, width: usize) -> usize {
    let mut end = at + width;
    for _ in 1..MOST {
        let (class, width) = class_at(text, end);
        if class != crate::unicode::NUMBER {
            break;
        }
        end += width;
    }
    end
}

/// The end of the characters of these classes from `at` on.
fn run(text: &[u8], mut at: usize, set: crate::unicode::Set) -> usize {
    loop {
        let (class, width) = class_at(text, at);
        if !set.has(class) {
            return at;
        }
        at += width;
    }
}
