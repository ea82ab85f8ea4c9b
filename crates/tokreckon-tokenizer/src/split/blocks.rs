//! Piece starts in up to 64 ASCII characters at once, by arithmetic on sets of places.
//!
//! A piece starts at the first place. The starts after it follow from the patterns (see the files
//! beside this one), read for ASCII, where no character is on both sides of the case:
//!
//! - letters are a piece each time they begin, and in `o200k` where an upper-case letter follows a
//!   lower-case one; a single character before them, neither letter, number nor line feed, belongs
//!   to them unless it already belongs to the piece before;
//! - numbers are pieces of three;
//! - symbols are a piece with one space before them and the line feeds after them;
//! - white space that is left is one piece up to its last line feed, then one up to its last
//!   character, which is a piece or belongs to what follows.
//!
//! Places are bits, the first one the lowest. Adding a bit to a run of bits carries it past the end of
//! the run, which finds whole runs in one step.

#![expect(clippy::cast_possible_truncation, reason = "places in a block are below 64")]

use super::masks::Masks;
use super::{Pattern, contraction, contraction_in_any_case};

/// The places of `text` where pieces start, as far as the first 64 characters tell for sure; bit 0
/// is always set. What follows the last start is not known.
#[inline(always)]
pub(super) fn starts<const PATTERN: u8>(text: &[u8], at: usize) -> u64 {
    let Some((masks, loaded)) = load(text, at) else {
        return 1;
    };
    let known = loaded.min(masks.foreign.trailing_zeros());
    if known < 4 {
        return 1;
    }
    let places = Places::of(masks, u64::MAX >> (64 - known));
    let starts = if PATTERN == Pattern::O200k as u8 {
        o200k(&places, text, at)
    } else if PATTERN == Pattern::Cl100k as u8 {
        cl100k(&places, text, at)
    } else {
        r50k(&places, text, at)
    };
    // What a contraction is depends on two more characters, what white space is on all of it.
    let sure = u64::MAX >> (64 - (known - 2));
    let not_white = !places.white & (u64::MAX >> (64 - known));
    let white_start = 64 - not_white.leading_zeros();
    let sure = sure & (u64::MAX >> (63 - white_start.min(63)));
    (starts & sure) | 1
}

/// The classes of the characters from `at` on, and how many they are.
#[inline(always)]
fn load(text: &[u8], at: usize) -> Option<(Masks, u32)> {
    if let Some(block) = text[at..].first_chunk::<64>() {
        return Some((Masks::of(block), 64));
    }
    // Near the end of the text: its last 64 bytes.
    let left = (text.len() - at) as u32;
    if let Some(block) = text.last_chunk::<64>() {
        return Some((Masks::of(block).from(64 - left), left));
    }
    if left < 8 {
        return None;
    }
    let mut block = [0; 64];
    block[..left as usize].copy_from_slice(&text[at..]);
    Some((Masks::of(&block), left))
}

/// The characters by class.
struct Places {
    letters: u64,
    upper: u64,
    lower: u64,
    digits: u64,
    spaces: u64,
    newlines: u64,
    white: u64,
    symbols: u64,
    slashes: u64,
    apostrophes: u64,
}

impl Places {
    #[inline(always)]
    fn of(masks: Masks, known: u64) -> Places {
        let letters = masks.letters & known;
        let digits = masks.digits & known;
        let white = (masks.spaces | masks.controls) & known;
        Places {
            letters,
            upper: letters & !masks.lower_bit,
            lower: letters & masks.lower_bit,
            digits,
            spaces: masks.spaces & known,
            newlines: masks.newlines & known,
            white,
            symbols: known & !(letters | digits | white),
            slashes: masks.slashes & known,
            apostrophes: masks.apostrophes & known,
        }
    }
}

#[inline(always)]
fn o200k(places: &Places, text: &[u8], at: usize) -> u64 {
    let Pieces { mut starts, .. } = pieces(places, places.newlines | places.slashes);
    starts |= places.upper & (places.lower << 1);
    // A contraction belongs to the word before it, unless that has one already.
    let mut after_letter = places.apostrophes & (places.letters << 1) & (places.letters >> 1);
    let mut blocked = 0;
    while after_letter != 0 {
        let place = after_letter.trailing_zeros();
        after_letter &= after_letter - 1;
        if place == blocked {
            continue;
        }
        if let Some(end) = contraction_in_any_case(text, at + place as usize) {
            let length = (end - at) as u32 - place;
            blocked = place + length;
            starts &= !(((1 << length) - 1) << place);
            starts |= places.letters & 1_u64.checked_shl(blocked).unwrap_or(0);
        }
    }
    starts
}

#[inline(always)]
fn cl100k(places: &Places, text: &[u8], at: usize) -> u64 {
    let Pieces { starts, symbol_starts } = pieces(places, places.newlines);
    let contractions = symbol_starts & places.apostrophes & (places.letters >> 1);
    with_contractions(starts, contractions, places, |place| {
        contraction_in_any_case(text, at + place).map(|end| end - at)
    })
}

#[inline(always)]
fn r50k(places: &Places, text: &[u8], at: usize) -> u64 {
    let Places { letters, digits, spaces, white, symbols, .. } = places;
    let begin = |set: u64| set & !(set << 1);
    let symbol_starts = begin(*symbols) & !(spaces << 1);
    let joined = spaces << 1;
    let mut starts = symbol_starts | ((begin(*letters) | begin(*digits)) & !joined);
    starts |= begin(*white) | (white & !(white >> 1));
    let contractions = symbol_starts & places.apostrophes & (letters >> 1);
    with_contractions(starts, contractions, places, |place| {
        contraction(text, at + place).map(|end| end - at)
    })
}

/// Contractions that are pieces of their own.
#[inline(always)]
fn with_contractions(
    mut starts: u64,
    mut candidates: u64,
    places: &Places,
    end: impl Fn(usize) -> Option<usize>,
) -> u64 {
    while candidates != 0 {
        let place = candidates.trailing_zeros();
        candidates &= candidates - 1;
        if let Some(end) = end(place as usize) {
            starts &= !(2 << place);
            starts |= places.letters & 1_u64.checked_shl(end as u32).unwrap_or(0);
        }
    }
    starts
}

/// The piece starts of the newer patterns without contractions.
struct Pieces {
    starts: u64,
    /// Where symbols start a piece.
    symbol_starts: u64,
}

/// `tail`: what belongs to symbols when it follows them, line feeds and in `o200k` slashes.
#[inline(always)]
fn pieces(places: &Places, tail: u64) -> Pieces {
    let Places { letters, digits, spaces, newlines, white, symbols, .. } = *places;
    let begin = |set: u64| set & !(set << 1);

    // From each line feed after a symbol on, the whole run of line feeds and slashes.
    let first_tails = newlines & (symbols << 1);
    let tails = (tail & !tail.wrapping_add(first_tails)) | first_tails;
    let symbols = symbols & !tails;
    let white = white & !tails;
    let blanks = white & !newlines;

    let symbol_starts = begin(symbols) & !(spaces << 1);
    let word_prefixes = blanks | symbol_starts;
    let letter_starts = begin(letters) & !(word_prefixes << 1);

    // Blanks after a line feed, unless one more line feed follows them.
    let mut blank_starts = blanks & ((white & newlines) << 1);
    let mut before_newline = blanks & (newlines >> 1);
    if before_newline != 0 {
        let mut run = blanks;
        for shift in [1, 2, 4, 8, 16, 32] {
            before_newline |= run & (before_newline >> shift);
            run &= run >> shift;
        }
        blank_starts &= !before_newline;
    }
    let last_blanks = blanks & !(white >> 1);

    let mut digit_starts = begin(digits);
    let after_three = digits & (digits << 1) & (digits << 2) & (digits << 3);
    let mut next = (digit_starts << 3) & after_three;
    while next != 0 {
        digit_starts |= next;
        next = (next << 3) & after_three;
    }

    let white_starts = begin(white) | blank_starts | last_blanks;
    Pieces { starts: symbol_starts | letter_starts | digit_starts | white_starts, symbol_starts }
}
