//! Counts of pieces that were counted before.
//!
//! Text repeats its words, so most pieces are found here and not in the vocabulary. Two tables,
//! both direct-mapped: a new piece takes the place of an older one with the same slot. Pieces
//! are compared in full; a hit is never a guess.

#![expect(
    clippy::cast_possible_truncation,
    reason = "slots and lengths are below 2^17, halves of wider numbers are meant"
)]

/// Pieces of at most 15 bytes: the bytes, and above them a byte of length and count.
const SHORT_SLOTS: usize = 1 << 17;
/// Pieces of at most 62 bytes: the bytes, their length, and the count.
const LONG_SLOTS: usize = 1 << 15;

/// The longest piece of the first table.
pub(crate) const SHORT: usize = 15;
/// The longest piece of the second table.
pub(crate) const LONG: usize = 62;

/// The counts of recent pieces of one vocabulary.
pub(crate) struct Cache {
    short: Box<[u128]>,
    long: Box<[[u8; 64]]>,
}

impl Default for Cache {
    /// Zeroed memory, which the system hands out page by page as it is used.
    fn default() -> Cache {
        Cache {
            short: vec![0; SHORT_SLOTS].into_boxed_slice(),
            long: vec![[0; 64]; LONG_SLOTS].into_boxed_slice(),
        }
    }
}

/// A piece of at most 15 bytes with its length in bits 120 to 123. Bits 124 to 127 are free for
/// the count.
#[derive(Clone, Copy)]
pub(crate) struct ShortKey(u128);

impl ShortKey {
    /// The key of `text[start..end]`, which is 1 to 15 bytes long.
    #[inline(always)]
    pub(crate) fn of(text: &[u8], start: usize, end: usize) -> ShortKey {
        let length = end - start;
        let bytes = if let Some(bytes) = text[start..].first_chunk::<16>() {
            u128::from_le_bytes(*bytes) & BELOW[length & 15]
        } else {
            let mut bytes = [0; 16];
            bytes[..length].copy_from_slice(&text[start..end]);
            u128::from_le_bytes(bytes)
        };
        ShortKey(bytes | ((length as u128) << 120))
    }

    #[inline(always)]
    fn slot(self) -> usize {
        let (low, high) = (self.0 as u64, (self.0 >> 64) as u64);
        let mixed = (low ^ high.rotate_left(23).wrapping_mul(0xD6E8_FEB8_6659_FD93))
            .wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> (64 - SHORT_SLOTS.trailing_zeros())) as usize & (SHORT_SLOTS - 1)
    }
}

/// All bits of the first so many bytes.
const BELOW: [u128; 16] = {
    let mut below = [0; 16];
    let mut length = 1;
    while length < 16 {
        below[length] = (1 << (8 * length)) - 1;
        length += 1;
    }
    below
};

impl Cache {
    /// The count of a short piece, zero if it is not known.
    #[inline(always)]
    pub(crate) fn short(&self, key: ShortKey) -> usize {
        let entry = self.short[key.slot()];
        if (entry ^ key.0) << 4 == 0 { (entry >> 124) as usize } else { 0 }
    }

    /// Remembers the count of a short piece.
    #[inline]
    pub(crate) fn put_short(&mut self, key: ShortKey, count: usize) {
        self.short[key.slot()] = key.0 | ((count as u128) << 124);
    }

    /// The entry for a piece of 16 to 62 bytes, with the count open, and its slot.
    #[inline]
    pub(crate) fn long_entry(piece: &[u8]) -> ([u8; 64], usize) {
        let mut entry = [0; 64];
        entry[..piece.len()].copy_from_slice(piece);
        entry[62] = piece.len() as u8;
        let mut hash = 0_u64;
        let (words, _) = entry.as_chunks::<8>();
        for word in &words[..piece.len().div_ceil(8)] {
            hash = (hash.rotate_left(29) ^ u64::from_le_bytes(*word))
                .wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
        (entry, (hash >> (64 - LONG_SLOTS.trailing_zeros())) as usize)
    }

    /// The count of a longer piece, zero if it is not known.
    #[inline]
    pub(crate) fn long(&self, entry: &[u8; 64], slot: usize) -> usize {
        let known = &self.long[slot];
        if known[..63] == entry[..63] { usize::from(known[63]) } else { 0 }
    }

    /// Remembers the count of a longer piece.
    #[inline]
    pub(crate) fn put_long(&mut self, mut entry: [u8; 64], slot: usize, count: usize) {
        entry[63] = count as u8;
        self.long[slot] = entry;
    }
}
