//! Classes of 64 bytes at once, one bit per byte.

/// For each class of ASCII characters the bytes that have it; bit 0 is the first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Masks {
    /// `a` to `z` and `A` to `Z`.
    pub(super) letters: u64,
    /// Bytes whose bit 5 is set: the lower-case ones among the letters.
    pub(super) lower_bit: u64,
    /// `0` to `9`.
    pub(super) digits: u64,
    /// U+0020.
    pub(super) spaces: u64,
    /// U+0009 to U+000D.
    pub(super) controls: u64,
    /// Carriage return and line feed.
    pub(super) newlines: u64,
    /// The apostrophe.
    pub(super) apostrophes: u64,
    /// `/`.
    pub(super) slashes: u64,
    /// Bytes of other than ASCII characters.
    pub(super) foreign: u64,
}

impl Masks {
    /// The classes of `block`.
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    #[inline(always)]
    pub(super) fn of(block: &[u8; 64]) -> Masks {
        // SAFETY: `cfg` has this line only where the whole program is compiled for SSE2, so the
        // machine has it; that is all the callee asks for. The tests pass under AddressSanitizer:
        // RUSTFLAGS=-Zsanitizer=address cargo +nightly test -p tokreckon-tokenizer --target x86_64-unknown-linux-gnu
        #[expect(
            unsafe_code,
            reason = "measured: without it English takes 26 % more time, code 16 %, JSON 38 %"
        )]
        unsafe {
            sse2::masks(block)
        }
    }

    /// The classes of `block`.
    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
    #[inline(always)]
    pub(super) fn of(block: &[u8; 64]) -> Masks {
        words::masks(block)
    }

    /// The classes of the bytes from `first` on.
    #[inline(always)]
    pub(super) fn from(self, first: u32) -> Masks {
        Masks {
            letters: self.letters >> first,
            lower_bit: self.lower_bit >> first,
            digits: self.digits >> first,
            spaces: self.spaces >> first,
            controls: self.controls >> first,
            newlines: self.newlines >> first,
            apostrophes: self.apostrophes >> first,
            slashes: self.slashes >> first,
            foreign: self.foreign >> first,
        }
    }
}

/// Eight bytes at once, on any machine.
#[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "sse2"))))]
mod words {
    use super::Masks;

    /// The upper bit of each byte.
    const UPPER: u64 = 0x8080_8080_8080_8080;
    /// The lowest bit of each byte.
    const ONES: u64 = 0x0101_0101_0101_0101;

    pub(super) fn masks(block: &[u8; 64]) -> Masks {
        let (words, _) = block.as_chunks::<8>();
        let bits = |class: fn(u64) -> u64| {
            let places = |bits, (at, word): (usize, &[u8; 8])| {
                bits | (gathered(class(u64::from_le_bytes(*word))) << (8 * at))
            };
            words.iter().enumerate().fold(0, places)
        };
        Masks {
            letters: bits(|word| between(word | (ONES * 0x20), b'a', b'z')),
            lower_bit: bits(|word| word << 2),
            digits: bits(|word| between(word, b'0', b'9')),
            spaces: bits(|word| between(word, b' ', b' ')),
            controls: bits(|word| between(word, 9, 13)),
            newlines: bits(|word| between(word, b'\n', b'\n') | between(word, b'\r', b'\r')),
            apostrophes: bits(|word| between(word, b'\'', b'\'')),
            slashes: bits(|word| between(word, b'/', b'/')),
            foreign: bits(|word| word),
        }
    }

    /// The upper bit of each byte from `first` to `last`, both ASCII.
    fn between(word: u64, first: u8, last: u8) -> u64 {
        let ascii = word & !UPPER;
        let at_least = |byte: u8| ascii + ONES * u64::from(0x80 - byte);
        at_least(first) & !at_least(last + 1) & !word
    }

    /// The upper bits of the bytes, side by side.
    fn gathered(word: u64) -> u64 {
        ((word & UPPER) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    }
}

/// Sixteen bytes at once with SSE2, which every x86-64 machine has.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2 {
    use std::arch::x86_64::{
        __m128i, _mm_and_si128, _mm_cmpeq_epi8, _mm_cmpgt_epi8, _mm_movemask_epi8, _mm_or_si128,
        _mm_set_epi64x, _mm_set1_epi8, _mm_slli_epi16,
    };

    use super::Masks;

    #[inline]
    #[target_feature(enable = "sse2")]
    pub(super) fn masks(block: &[u8; 64]) -> Masks {
        let mut masks = Masks {
            letters: 0,
            lower_bit: 0,
            digits: 0,
            spaces: 0,
            controls: 0,
            newlines: 0,
            apostrophes: 0,
            slashes: 0,
            foreign: 0,
        };
        let (parts, _) = block.as_chunks::<16>();
        for (at, part) in parts.iter().enumerate() {
            let bytes = load(part);
            let shift = 16 * at;
            let folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
            masks.letters |= bits(between(folded, b'a', b'z')) << shift;
            masks.lower_bit |= bits(_mm_slli_epi16::<2>(bytes)) << shift;
            masks.digits |= bits(between(bytes, b'0', b'9')) << shift;
            masks.spaces |= bits(equal(bytes, b' ')) << shift;
            masks.controls |= bits(between(bytes, 9, 13)) << shift;
            let newlines = _mm_or_si128(equal(bytes, b'\n'), equal(bytes, b'\r'));
            masks.newlines |= bits(newlines) << shift;
            masks.apostrophes |= bits(equal(bytes, b'\'')) << shift;
            masks.slashes |= bits(equal(bytes, b'/')) << shift;
            masks.foreign |= bits(bytes) << shift;
        }
        masks
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn load(part: &[u8; 16]) -> __m128i {
        let (halves, _) = part.as_chunks::<8>();
        _mm_set_epi64x(i64::from_le_bytes(halves[1]), i64::from_le_bytes(halves[0]))
    }

    /// Bytes from `first` to `last`, both ASCII; other than ASCII bytes are negative and so below.
    #[inline]
    #[target_feature(enable = "sse2")]
    fn between(bytes: __m128i, first: u8, last: u8) -> __m128i {
        let above = _mm_cmpgt_epi8(bytes, _mm_set1_epi8(first.cast_signed() - 1));
        _mm_and_si128(above, _mm_cmpgt_epi8(_mm_set1_epi8(last.cast_signed() + 1), bytes))
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn equal(bytes: __m128i, byte: u8) -> __m128i {
        _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte.cast_signed()))
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn bits(bytes: __m128i) -> u64 {
        u64::from(_mm_movemask_epi8(bytes).cast_unsigned())
    }
}

#[cfg(test)]
mod tests {
    use super::{Masks, words};

    #[test]
    fn all_ways_agree_on_every_byte_at_every_place() {
        for first in 0..=255_u8 {
            let mut block = [0; 64];
            for (byte, offset) in block.iter_mut().zip(0..64) {
                *byte = first.wrapping_add(offset);
            }
            let masks = Masks::of(&block);
            assert_eq!(masks, words::masks(&block));
            for (at, &byte) in block.iter().enumerate() {
                let has = |mask: u64| (mask >> at) & 1 == 1;
                assert_eq!(has(masks.letters), byte.is_ascii_alphabetic());
                assert_eq!(has(masks.lower_bit), byte & 0x20 != 0);
                assert_eq!(has(masks.digits), byte.is_ascii_digit());
                assert_eq!(has(masks.spaces), byte == b' ');
                assert_eq!(has(masks.controls), (9..=13).contains(&byte));
                assert_eq!(has(masks.newlines), byte == b'\r' || byte == b'\n');
                assert_eq!(has(masks.apostrophes), byte == b'\'');
                assert_eq!(has(masks.slashes), byte == b'/');
                assert_eq!(has(masks.foreign), byte >= 0x80);
            }
        }
    }
}
