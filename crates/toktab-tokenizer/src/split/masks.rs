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
        // machine has it; that is all the callee asks for.
        #[expect(
            unsafe_code,
            reason = "measured: classes one word at a time cost a fifth of the speed"
        )]
        unsafe {
            sse2::masks(block)
        }
    }

    /// The classes of `block`.
    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
    #[inline(always)]
    pub(super) fn of(block: &[u8; 64]) -> Masks {
        Masks::one_by_one(block)
    }

    /// The classes of `block` on any machine.
    #[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "sse2"))))]
    fn one_by_one(block: &[u8; 64]) -> Masks {
        let bits = |has: fn(u8) -> bool| {
            let set = |bits, (at, &byte): (usize, &u8)| bits | (u64::from(has(byte)) << at);
            block.iter().enumerate().fold(0, set)
        };
        Masks {
            letters: bits(|byte| byte.is_ascii_alphabetic()),
            lower_bit: bits(|byte| byte & 0x20 != 0),
            digits: bits(|byte| byte.is_ascii_digit()),
            spaces: bits(|byte| byte == b' '),
            controls: bits(|byte| (9..=13).contains(&byte)),
            newlines: bits(|byte| byte == b'\r' || byte == b'\n'),
            apostrophes: bits(|byte| byte == b'\''),
            slashes: bits(|byte| byte == b'/'),
            foreign: bits(|byte| byte >= 0x80),
        }
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
    use super::Masks;

    #[test]
    fn both_ways_agree_on_every_byte_at_every_place() {
        for first in 0..=255_u8 {
            let mut block = [0; 64];
            for (byte, offset) in block.iter_mut().zip(0..64) {
                *byte = first.wrapping_add(offset);
            }
            assert_eq!(Masks::of(&block), Masks::one_by_one(&block));
        }
    }
}
