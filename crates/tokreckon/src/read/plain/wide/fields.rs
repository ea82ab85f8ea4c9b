//! The fields of a row, read eight bytes at a time: all bytes around a row are there, so that no place
//! in it is beyond.

use std::arch::x86_64::__m256i;

use pulp::x86::V3;

use crate::money::{Exact, POWERS};
use crate::read::ordinary::Unusual;
use crate::record::{Name, Text};

/// Marks that are looked at for a row: those of rows with one field less.
pub(super) const WINDOW: usize = 33;
/// Bytes of a row, its line end included: a power of two, so that a place in it is never beyond.
pub(super) const ROW_BYTES: usize = 512;
/// Bytes that are looked at for a row: some before it, and some behind the longest.
pub(super) const AROUND: usize = BEFORE + ROW_BYTES + 24;
const BEFORE: usize = 8;

/// A row without quotes, and the marks around its fields.
#[derive(Clone, Copy)]
pub(super) struct Fields<'r> {
    /// From [`BEFORE`] the mark before the row on.
    bytes: &'r [u8; AROUND],
    marks: &'r [u32; WINDOW],
}

#[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
impl<'r> Fields<'r> {
    /// The row of so many fields behind the first mark; its bytes and many more are there.
    #[inline(always)]
    pub(super) fn new(
        text: &'r [u8],
        marks: &'r [u32; WINDOW],
        expected: usize,
    ) -> Result<Self, Unusual> {
        let start = (marks[0] as usize).wrapping_sub(BEFORE);
        let bytes = text.get(start..).and_then(<[u8]>::first_chunk).ok_or(Unusual)?;
        match marks.get(expected) {
            Some(end) if (end.wrapping_sub(marks[0]) as usize) < ROW_BYTES => {
                Ok(Self { bytes, marks })
            }
            _ => Err(Unusual),
        }
    }

    /// The marks before and behind a field; of a field that is not there, as of an empty one.
    #[inline(always)]
    pub(super) fn around(&self, column: usize) -> (u32, u32) {
        if column < WINDOW - 1 {
            (self.marks[column], self.marks[column + 1])
        } else {
            (self.marks[0], self.marks[0].wrapping_add(1))
        }
    }

    /// Where a mark of the row lies among the bytes.
    #[inline(always)]
    const fn place(&self, mark: u32) -> usize {
        BEFORE + mark.wrapping_sub(self.marks[0]) as usize % ROW_BYTES
    }

    /// The bytes between two marks of the row.
    #[inline(always)]
    pub(super) fn between(&self, before: u32, end: u32) -> Result<&'r [u8], Unusual> {
        self.bytes.get(self.place(before) + 1..self.place(end)).ok_or(Unusual)
    }

    /// The eight bytes from so many behind a mark on.
    #[inline(always)]
    fn eight_behind<const N: usize>(&self, before: u32) -> u64 {
        word_at(&self.bytes[self.place(before) + N..])
    }

    /// The eight bytes before a mark.
    #[inline(always)]
    pub(super) fn eight(&self, end: u32) -> u64 {
        word_at(&self.bytes[self.place(end) - 8..])
    }

    /// Up to eight bytes as a number, the first in the lowest bits; 0 for none.
    #[inline(always)]
    pub(super) fn word(&self, column: usize) -> Result<u64, Unusual> {
        let (before, end) = self.around(column);
        let word = self.eight(end);
        match end.wrapping_sub(before) {
            1 => Ok(0),
            // With a zero byte at the end it would be the number of a shorter text.
            distance @ 2..=9 if word >> 56 != 0 => Ok(word >> (72 - 8 * distance)),
            _ => Err(Unusual),
        }
    }

    /// A text with nothing around it that may have a meaning of its own.
    #[inline(always)]
    pub(super) fn words(&self, column: usize) -> Result<Text<'r>, Unusual> {
        let (before, end) = self.around(column);
        match self.between(before, end)? {
            [first, .., last] | [first @ last] if is_odd(*first, *last) => Err(Unusual),
            text => Ok(Text::of_utf8(text)),
        }
    }

    /// A name, with nothing around it either; `usual` where there is none.
    #[inline(always)]
    pub(super) fn name(&self, column: usize, usual: Name<'r>) -> Result<Name<'r>, Unusual> {
        let (before, end) = self.around(column);
        let text = self.between(before, end)?;
        if text.is_empty() {
            return Ok(usual);
        }
        let (first, second) = (self.eight_behind::<1>(before), self.eight_behind::<9>(before));
        let last = self.eight(end);
        let [first_byte, last_byte] = [first.to_le_bytes()[0], last.to_le_bytes()[7]];
        if is_odd(first_byte, last_byte) {
            return Err(Unusual);
        }
        let kept = KEPT[text.len().min(16)];
        let last = last >> (64 - 8 * text.len().min(8));
        Ok(Name::of_words([first & kept[0], second & kept[1], last], Text::of_utf8(text)))
    }

    /// An amount below ten, with a point.
    #[inline(always)]
    pub(super) fn amount(&self, simd: V3, column: usize) -> Result<Option<Exact>, Unusual> {
        let (before, end) = self.around(column);
        let places = end.wrapping_sub(before).wrapping_sub(3);
        let Some(shifts) = SHIFTS.get(places as usize) else {
            // There is nothing between marks that stand side by side.
            return if end.wrapping_sub(before) == 1 { Ok(None) } else { Err(Unusual) };
        };
        let [whole, point, ..] = self.eight_behind::<1>(before).to_le_bytes();
        let whole = whole.wrapping_sub(b'0');
        if whole > 9 || point != b'.' || places == 0 {
            return Err(Unusual);
        }
        let words = [self.eight(end.wrapping_sub(8)), self.eight(end), 0, 0];
        let [first, last, ..] = numbers(simd, words, pulp::cast(*shifts))?;
        let fraction = first * 100_000_000 + last;
        // Of at most 17 digits.
        let power = POWERS[places as usize].unsigned_abs();
        let mantissa = u64::from(whole).wrapping_mul(power) + fraction;
        Ok(Some(Exact::in_lowest_terms(mantissa, places)))
    }
}

/// Eight bytes as a number, the first in the lowest bits.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
fn word_at(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// True for what a text begins or ends with when it may have a meaning of its own.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
const fn is_odd(first: u8, last: u8) -> bool {
    ODD_FIRST[first as usize] || last <= b' '
}

const ODD_FIRST: [bool; 256] = {
    let mut odd = [false; 256];
    let mut at = 0_u8;
    while at <= b'n' {
        odd[at as usize] = matches!(at, 0..=b' ' | b'-' | b'N' | b'n');
        at += 1;
    }
    odd
};

/// For a fraction of so many places, the bits before its digits in the words of its first ones and
/// of its last eight; two more words have no digit.
const SHIFTS: [[u64; 4]; 17] = {
    let mut shifts = [[64; 4]; 17];
    let mut places = 1;
    while places < shifts.len() {
        let last = if places < 8 { places } else { 8 };
        shifts[places] = [64 - 8 * (places - last) as u64, 64 - 8 * last as u64, 64, 64];
        places += 1;
    }
    shifts
};

/// Of the first two words of a name, the bits that are left when it has so many bytes.
const KEPT: [[u64; 2]; 17] = {
    let mut kept = [[0; 2]; 17];
    let mut length = 1;
    while length < kept.len() {
        let second = if length > 8 { u64::MAX >> (128 - 8 * length) } else { 0 };
        let first = if length < 8 { u64::MAX >> (64 - 8 * length) } else { u64::MAX };
        kept[length] = [first, second];
        length += 1;
    }
    kept
};

/// Four numbers of at most eight digits, the last of which are the highest bytes of a word; the
/// bits before a number are shifted out. One of no digits is 0.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
pub(super) fn numbers(simd: V3, words: [u64; 4], shifts: __m256i) -> Result<[u64; 4], Unusual> {
    let V3 { avx, avx2, .. } = simd;
    let words = joined(simd, words);
    let digits = avx2._mm256_xor_si256(words, avx._mm256_set1_epi8(b'0'.cast_signed()));
    let digits = avx2._mm256_sllv_epi64(avx2._mm256_srlv_epi64(digits, shifts), shifts);
    let above_nine = avx2._mm256_subs_epu8(digits, avx._mm256_set1_epi8(9));
    if avx._mm256_testz_si256(above_nine, above_nine) == 0 {
        return Err(Unusual);
    }
    let pairs = avx2._mm256_maddubs_epi16(digits, avx._mm256_set1_epi16(0x010a));
    let fours = avx2._mm256_madd_epi16(pairs, avx._mm256_set1_epi32(0x0001_0064));
    let first = avx2._mm256_mul_epu32(fours, avx._mm256_set1_epi64x(10_000));
    let last = avx2._mm256_srli_epi64::<32>(fours);
    Ok(pulp::cast(avx2._mm256_add_epi64(first, last)))
}

/// Not by way of memory: what is written in parts is slow to read as a whole.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
pub(super) fn joined(simd: V3, words: [u64; 4]) -> __m256i {
    let [a, b, c, d] = words;
    simd.avx._mm256_setr_epi64x(a.cast_signed(), b.cast_signed(), c.cast_signed(), d.cast_signed())
}
