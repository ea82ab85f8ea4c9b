//! The scan with instructions on 32 bytes, which most processors of this kind have.

use std::arch::x86_64::__m256i;

use pulp::x86::V3;

use super::{Found, Masks, Scanner, SeparatorIndex};

/// Finds all separators; `None` when a quote is out of its place.
pub(super) fn search(
    simd: V3,
    index: &mut SeparatorIndex,
    block: &[u8],
    delimiter: u8,
    has_quotes: bool,
) -> Option<Found> {
    let scanner = Avx2 { simd, delimiter: simd.avx._mm256_set1_epi8(delimiter.cast_signed()) };
    if has_quotes {
        simd.vectorize(Scan::<true> { index, block, scanner })
    } else {
        simd.vectorize(Scan::<false> { index, block, scanner })
    }
}

/// A scan as a task for these instructions.
struct Scan<'s, const QUOTES: bool> {
    index: &'s mut SeparatorIndex,
    block: &'s [u8],
    scanner: Avx2,
}

impl<const QUOTES: bool> pulp::NullaryFnOnce for Scan<'_, QUOTES> {
    type Output = Option<Found>;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn call(self) -> Option<Found> {
        self.index.scan::<QUOTES>(self.block, self.scanner)
    }
}

#[derive(Clone, Copy)]
struct Avx2 {
    simd: V3,
    delimiter: __m256i,
}

impl Scanner for Avx2 {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn masks<const QUOTES: bool>(self, chunk: &[u8; 64]) -> Masks {
        let V3 { avx, avx2, .. } = self.simd;
        let [first, last]: [__m256i; 2] = pulp::cast(*chunk);
        let bits = |wanted: __m256i| {
            let of = |part| {
                avx2._mm256_movemask_epi8(avx2._mm256_cmpeq_epi8(part, wanted)).cast_unsigned()
            };
            u64::from(of(first)) | u64::from(of(last)) << 32
        };
        let byte = |byte: u8| avx._mm256_set1_epi8(byte.cast_signed());
        Masks {
            delimiters: bits(self.delimiter),
            line_feeds: bits(byte(b'\n')),
            quotes: if QUOTES { bits(byte(b'"')) } else { 0 },
            returns: if QUOTES { bits(byte(b'\r')) } else { 0 },
        }
    }
}
