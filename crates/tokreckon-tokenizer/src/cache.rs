//! Counts of pieces that were counted before.
//!
//! Text repeats its words, so most pieces are found here and not in the vocabulary. There are two
//! tables. Both start small, because a page of memory that is touched for the first time costs as
//! much as several new pieces, and grow as new pieces come, up to a limit; from then on a new piece
//! takes the place of an older one. Pieces are compared in full; a hit is never a guess.

#![expect(
    clippy::cast_possible_truncation,
    reason = "slots and lengths are below 2^19, halves of wider numbers are meant"
)]

use crate::vocabulary::Ranks;

/// Pairs of pieces of at most 15 bytes: at first, and at most.
const SHORT_PAIRS: [u32; 2] = [12, 17];
/// Pieces of at most 62 bytes: at first, and at most.
const LONG_SLOTS: [u32; 2] = [9, 15];
/// How much a table grows at once.
const GROWTH: u32 = 1;

/// The longest piece of the first table.
pub(crate) const SHORT: usize = 15;
/// The longest piece of the second table.
pub(crate) const LONG: usize = 62;

/// The counts of recent pieces of one vocabulary.
pub(crate) struct Cache {
    short: Short,
    long: Long,
}

impl Default for Cache {
    fn default() -> Cache {
        Cache { short: Short::new(SHORT_PAIRS[0]), long: Long::new(LONG_SLOTS[0]) }
    }
}

impl Cache {
    /// The count of a short piece, zero if it is not known.
    #[inline(always)]
    pub(crate) fn short(&self, key: ShortKey) -> usize {
        self.short.count(key)
    }

    /// The same, where it is looked for in both places.
    #[inline]
    pub(crate) fn short_again(&mut self, key: ShortKey) -> usize {
        self.short.count_again(key)
    }

    /// Remembers the count of a short piece.
    #[inline]
    pub(crate) fn put_short(&mut self, key: ShortKey, count: usize) {
        if self.short.room == 0 {
            self.short.grow();
        }
        self.short.room -= 1;
        self.short.put(key.0 | ((count as u128) << 124));
    }

    /// The count of a longer piece, zero if it is not known.
    #[inline]
    pub(crate) fn long(&self, key: &LongKey) -> usize {
        self.long.count(key)
    }

    /// Remembers the count of a longer piece.
    #[inline]
    pub(crate) fn put_long(&mut self, key: LongKey, count: usize) {
        if self.long.room == 0 {
            self.long.grow();
        }
        self.long.room -= 1;
        let mut words = key.0;
        words[7] |= (count as u64) << 56;
        self.long.put(words);
    }
}

/// A piece of at most 15 bytes with its length in bits 120 to 123. Bits 124 to 127 are free for
/// the count.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ShortKey(u128);

impl ShortKey {
    /// The key of `text[start..end]`, which is 1 to 15 bytes long.
    #[inline(always)]
    pub(crate) fn of(text: &[u8], start: usize, end: usize) -> ShortKey {
        let length = end - start;
        let bytes = if let Some(bytes) = text[start..].first_chunk::<16>() {
            u128::from_le_bytes(*bytes)
        } else if let Some(bytes) = text.last_chunk::<16>() {
            u128::from_le_bytes(*bytes) >> (8 * (16 - (text.len() - start)))
        } else {
            let mut bytes = [0; 16];
            bytes[..length].copy_from_slice(&text[start..end]);
            u128::from_le_bytes(bytes)
        };
        ShortKey(bytes & BELOW[length & 15] | ((length as u128) << 120))
    }

    /// Whether the piece is one token.
    #[inline(always)]
    pub(crate) fn is_token(self, ranks: Ranks) -> bool {
        ranks.is_token(self.0 & BELOW[15], (self.0 >> 120) as usize & 15, self.hash())
    }

    /// The bytes of the piece and how many they are.
    #[inline(always)]
    pub(crate) fn bytes(self) -> ([u8; 16], usize) {
        (self.0.to_le_bytes(), (self.0 >> 120) as usize & 15)
    }

    /// The count in an entry if it is one of this piece, otherwise zero.
    #[inline(always)]
    fn count_in(self, entry: u128) -> usize {
        if (entry ^ self.0) << 4 == 0 { (entry >> 124) as usize } else { 0 }
    }

    #[inline(always)]
    fn hash(self) -> u64 {
        let (low, high) = (self.0 as u64, (self.0 >> 64) as u64);
        (low ^ high.rotate_left(23).wrapping_mul(0xD6E8_FEB8_6659_FD93))
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
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

/// Keys with their counts; two places for each hash, the newer one first.
struct Short {
    entries: Box<[u128]>,
    /// The first entry at the start of a cache line, so that no pair lies in two.
    first: usize,
    pairs_log2: u32,
    /// How many pieces may come before the table grows.
    room: usize,
}

impl Short {
    fn new(pairs_log2: u32) -> Short {
        // Zeroed memory, which the system hands out page by page as it is used.
        let entries = vec![0; (2 << pairs_log2) + 3].into_boxed_slice();
        let first = entries.as_ptr().align_offset(64).min(3);
        let room = if pairs_log2 < SHORT_PAIRS[1] { 1 << pairs_log2 } else { usize::MAX };
        Short { entries, first, pairs_log2, room }
    }

    #[inline(always)]
    fn place(&self, key: ShortKey) -> usize {
        self.first + 2 * (key.hash() >> (64 - self.pairs_log2)) as usize
    }

    #[inline(always)]
    fn count(&self, key: ShortKey) -> usize {
        key.count_in(self.entries[self.place(key)])
    }

    #[inline]
    fn count_again(&mut self, key: ShortKey) -> usize {
        let place = self.place(key);
        let [newer, older] = [self.entries[place], self.entries[place + 1]];
        let count = key.count_in(older);
        if count != 0 {
            self.entries[place] = older;
            self.entries[place + 1] = newer;
            return count;
        }
        key.count_in(newer)
    }

    #[inline]
    fn put(&mut self, entry: u128) {
        let place = self.place(ShortKey(entry & (u128::MAX >> 4)));
        let newer = self.entries[place];
        if newer != entry {
            self.entries[place + 1] = newer;
            self.entries[place] = entry;
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        let mut grown = Short::new((self.pairs_log2 + GROWTH).min(SHORT_PAIRS[1]));
        for &[newer, older] in self.entries[self.first..].as_chunks().0 {
            for entry in [older, newer].into_iter().filter(|entry| *entry != 0) {
                grown.put(entry);
            }
        }
        *self = grown;
    }
}

/// A piece of 16 to 62 bytes with its length in byte 62. Byte 63 is free for the count.
#[derive(Clone, Copy)]
pub(crate) struct LongKey([u64; 8]);

impl LongKey {
    /// The key of nothing.
    pub(crate) const EMPTY: LongKey = LongKey([0; 8]);

    /// The key of a piece.
    #[inline]
    pub(crate) fn of(piece: &[u8]) -> LongKey {
        let mut bytes = [0; 64];
        bytes[..piece.len()].copy_from_slice(piece);
        bytes[62] = piece.len() as u8;
        let mut words = [0; 8];
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        LongKey(words)
    }

    #[inline]
    fn hash(&self) -> u64 {
        let words = (self.0[7] >> 48 & 0x3F) as usize / 8 + 1;
        let mix = |hash: u64, word: &u64| {
            (hash.rotate_left(29) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        };
        self.0[..words].iter().fold(0, mix)
    }
}

/// Keys with their counts; one place for each hash.
struct Long {
    entries: Box<[[u64; 8]]>,
    slots_log2: u32,
    /// How many pieces may come before the table grows.
    room: usize,
}

impl Long {
    fn new(slots_log2: u32) -> Long {
        let entries = vec![[0; 8]; 1 << slots_log2].into_boxed_slice();
        let room = if slots_log2 < LONG_SLOTS[1] { 1 << (slots_log2 - 1) } else { usize::MAX };
        Long { entries, slots_log2, room }
    }

    #[inline]
    fn slot(&self, key: &LongKey) -> usize {
        (key.hash() >> (64 - self.slots_log2)) as usize
    }

    #[inline]
    fn count(&self, key: &LongKey) -> usize {
        let known = &self.entries[self.slot(key)];
        let different = |at: usize| known[at] ^ key.0[at];
        if (0..7).fold(different(7) << 8, |all, at| all | different(at)) == 0 {
            (known[7] >> 56) as usize
        } else {
            0
        }
    }

    #[inline]
    fn put(&mut self, mut entry: [u64; 8]) {
        let count = entry[7] >> 56 << 56;
        entry[7] ^= count;
        let slot = self.slot(&LongKey(entry));
        entry[7] |= count;
        self.entries[slot] = entry;
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        let mut grown = Long::new((self.slots_log2 + GROWTH).min(LONG_SLOTS[1]));
        for entry in self.entries.iter().filter(|entry| **entry != [0; 8]) {
            grown.put(*entry);
        }
        *self = grown;
    }
}

#[cfg(test)]
mod tests {
    use super::{Cache, LongKey, ShortKey};

    /// While the tables grow, what was put in is found with its own count or, rarely, not at all.
    #[test]
    fn growing_keeps_counts() {
        let mut cache = Cache::default();
        let text = |number: u64, length: usize| format!("{number:0length$}");
        for number in 0..100_000 {
            let short = text(number, 9);
            cache.put_short(ShortKey::of(short.as_bytes(), 0, 9), 1 + number as usize % 9);
            let long = LongKey::of(text(number, 20).as_bytes());
            cache.put_long(long, 1 + number as usize % 20);
        }
        let (mut shorts, mut longs) = (0, 0);
        for number in 0..100_000 {
            let short = text(number, 9);
            let count = cache.short_again(ShortKey::of(short.as_bytes(), 0, 9));
            assert!(count == 0 || count == 1 + number as usize % 9);
            shorts += usize::from(count != 0);
            let count = cache.long(&LongKey::of(text(number, 20).as_bytes()));
            assert!(count == 0 || count == 1 + number as usize % 20);
            longs += usize::from(count != 0);
        }
        assert!(shorts > 66_666, "{shorts} of 100,000 short pieces");
        assert!(longs > 20_000, "{longs} of 32,768 places for long pieces");
    }
}
