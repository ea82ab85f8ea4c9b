//! Texts as numbers: exports repeat a few names over and over, and a number is compared at once.

use std::ops::Range;

use crate::lookup::{Numbers, Seen};

/// Texts that are remembered by their ends, as a power of two.
const RECENT: usize = 1 << 8;
/// Of a hash all but the highest bits, which number one of these.
const BITS_DROPPED: u32 = u64::BITS - RECENT.trailing_zeros();

/// Every text that was seen, by number. Equal texts have equal numbers.
#[derive(Debug)]
pub(super) struct Names {
    numbers: Numbers,
    /// All of them, one after the other: a text of its own for each takes three times as much.
    texts: String,
    /// Where each ends.
    ends: Vec<usize>,
    /// The text last seen with these ends, by a hash of them.
    recent: Box<[(Ends, u32); RECENT]>,
}

/// The first and the last eight bytes of a text, and its length: a text of at most 16 bytes is
/// nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ends {
    first: u64,
    last: u64,
    length: usize,
}

impl Default for Names {
    fn default() -> Self {
        // The ends of the empty text, whose number is 0, are all 0.
        let recent = Box::new([(Ends::default(), Self::EMPTY); RECENT]);
        let (numbers, texts, ends) = Default::default();
        let mut names = Self { numbers, texts, ends, recent };
        names.look_up("", Ends::default());
        names
    }
}

impl Names {
    /// The number of the empty text.
    pub(super) const EMPTY: u32 = 0;

    /// The number of a text.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs more than what it nearly always does")]
    pub(super) fn number(&mut self, text: &str) -> u32 {
        let ends = Ends::of(text.as_bytes());
        let at = ends.place();
        let (recent, number) = self.recent[at];
        if recent == ends && (ends.length <= 16 || self.is_it(number, text)) {
            return number;
        }
        self.look_up(text, ends)
    }

    #[inline(never)]
    fn look_up(&mut self, text: &str, ends: Ends) -> u32 {
        let Self { numbers, texts, ends: known, .. } = self;
        let is_it = |number: u32| texts.as_bytes()[place(known, number)] == *text.as_bytes();
        let (number, seen) = numbers.number(text, is_it, known.len());
        if seen == Seen::First {
            texts.push_str(text);
            known.push(texts.len());
        }
        self.recent[ends.place()] = (ends, number);
        number
    }

    /// The text with a number; empty for one that was never given.
    pub(super) fn text(&self, number: u32) -> &str {
        &self.texts[place(&self.ends, number)]
    }

    /// Whether a number is that of a text.
    #[inline]
    fn is_it(&self, number: u32, text: &str) -> bool {
        self.texts.as_bytes()[place(&self.ends, number)] == *text.as_bytes()
    }

    /// Every text, in the order of the numbers.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        (0..).take(self.ends.len()).map(|number| self.text(number))
    }
}

/// Where the text with a number stands, by where each ends; nowhere for one that was never given.
#[inline]
fn place(ends: &[usize], number: u32) -> Range<usize> {
    let at = number as usize;
    let Some(&end) = ends.get(at) else { return 0..0 };
    let start = at.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    start..end
}

impl Ends {
    #[inline]
    fn of(text: &[u8]) -> Self {
        let length = text.len();
        let eight = text.first_chunk::<8>().zip(text.last_chunk::<8>());
        let four = text.first_chunk::<4>().zip(text.last_chunk::<4>());
        let (first, last) = if let Some((first, last)) = eight {
            (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
        } else if let Some((first, last)) = four {
            (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into())
        } else {
            (text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0)
        };
        Self { first, last, length }
    }

    /// A place by all of it.
    #[inline]
    fn place(self) -> usize {
        // An odd number without a pattern: the digits of pi.
        let mixed = (self.first ^ self.last.rotate_left(23) ^ self.length as u64)
            .wrapping_mul(0x243f_6a88_85a3_08d3);
        usize::try_from(mixed >> BITS_DROPPED).expect("eight bits")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn equal_texts_have_equal_numbers(texts in prop::collection::vec("[ab]{0,18}|[ab]{0,3}\\x00{0,2}", 0..400)) {
            let mut names = Names::default();
            let numbers: Vec<u32> = texts.iter().map(|text| names.number(text)).collect();
            for (number, text) in numbers.iter().zip(&texts) {
                prop_assert_eq!(names.text(*number), text);
                prop_assert_eq!(names.number(text), *number);
            }
        }
    }
}
