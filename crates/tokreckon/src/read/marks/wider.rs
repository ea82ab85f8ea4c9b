//! The search for marks with instructions on 32 bytes, which most processors of this kind have.

use std::arch::x86_64::__m256i;

use pulp::x86::V3;

use super::{Eyes, Found, Marks, Masks};

#[derive(Clone, Copy)]
struct Wide {
    simd: V3,
    delimiters: __m256i,
    line_ends: __m256i,
}

#[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
impl Wide {
    #[inline(always)]
    fn marks(self, part: __m256i) -> u64 {
        let avx2 = self.simd.avx2;
        let delimiters = avx2._mm256_cmpeq_epi8(part, self.delimiters);
        let line_ends = avx2._mm256_cmpeq_epi8(part, self.line_ends);
        self.highest_bits(avx2._mm256_or_si256(delimiters, line_ends))
    }

    #[inline(always)]
    fn highest_bits(self, part: __m256i) -> u64 {
        u64::from(self.simd.avx2._mm256_movemask_epi8(part).cast_unsigned())
    }
}

impl Eyes for Wide {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn masks(self, chunk: &[u8; 64]) -> Masks {
        let [first, last]: [__m256i; 2] = pulp::cast(*chunk);
        let either = self.simd.avx2._mm256_or_si256(first, last);
        Masks {
            marks: self.marks(first) | self.marks(last) << 32,
            beyond_ascii: self.highest_bits(either),
        }
    }
}

/// The search for all marks of a block.
pub(super) struct NoteAll<'m> {
    pub(super) marks: &'m mut Marks,
    pub(super) block: &'m [u8],
    pub(super) delimiter: u8,
    pub(super) found: usize,
    pub(super) simd: V3,
}

impl pulp::NullaryFnOnce for NoteAll<'_> {
    type Output = Found;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined has none of the instructions")]
    fn call(self) -> Found {
        let Self { marks, block, delimiter, found, simd } = self;
        let delimiters = simd.avx._mm256_set1_epi8(delimiter.cast_signed());
        let line_ends = simd.avx._mm256_set1_epi8(b'\n'.cast_signed());
        marks.note_all(block, found, Wide { simd, delimiters, line_ends })
    }
}
