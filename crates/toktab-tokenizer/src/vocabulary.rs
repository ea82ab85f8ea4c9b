//! One vocabulary: token bytes, the trie that finds tokens, and how tokens merge.

#![expect(
    clippy::cast_possible_truncation,
    reason = "fields of packed table entries are below their width"
)]

/// The tables of one vocabulary, all of them static and read in place.
pub(crate) struct Vocabulary {
    /// A double-array trie; see `build/trie.rs` for the layout.
    pub(crate) nodes: &'static [[u8; 8]],
    /// The longest token that is a proper prefix of each token: length above id, 0 for none.
    pub(crate) shorter: &'static [[u8; 4]],
    /// The two tokens that each token is merged from.
    pub(crate) splits: &'static [[u8; 8]],
    /// The hash table from two tokens to the token they merge to.
    pub(crate) pairs: &'static [[u8; 4]],
    /// A bit for each hash of two tokens that merge.
    pub(crate) filter: &'static [[u8; 8]],
    /// Where the bytes of each token start, and after the last one where they end.
    pub(crate) starts: &'static [[u8; 4]],
    /// The bytes of all tokens.
    pub(crate) bytes: &'static [u8],
}

/// The tokens of a vocabulary with ids below `limit`: what an encoding without its special tokens is.
#[derive(Clone, Copy)]
pub(crate) struct Ranks {
    vocabulary: &'static Vocabulary,
    limit: u32,
}

/// A token found in a text.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    /// The token's id.
    pub(crate) id: u32,
    /// Its length in bytes.
    pub(crate) length: usize,
}

impl Ranks {
    /// All tokens with ids below `limit`.
    pub(crate) const fn new(vocabulary: &'static Vocabulary, limit: u32) -> Ranks {
        Ranks { vocabulary, limit }
    }

    /// The bytes of a token, unless the id has none.
    pub(crate) fn bytes(self, id: u32) -> Option<&'static [u8]> {
        if id >= self.limit {
            return None;
        }
        let start = u32::from_le_bytes(*self.vocabulary.starts.get(id as usize)?) as usize;
        let end = u32::from_le_bytes(*self.vocabulary.starts.get(id as usize + 1)?) as usize;
        self.vocabulary.bytes.get(start..end).filter(|bytes| !bytes.is_empty())
    }

    /// The length of a token in bytes.
    #[inline]
    pub(crate) fn length(self, id: u32) -> usize {
        let starts = &self.vocabulary.starts;
        let start = u32::from_le_bytes(starts[id as usize]);
        (u32::from_le_bytes(starts[id as usize + 1]) - start) as usize
    }

    /// The longest token that `text` starts with. Every byte is a token, so that there is always
    /// one unless the text is empty.
    #[inline]
    pub(crate) fn longest(self, text: &[u8]) -> Found {
        let mut found = Found { id: 0, length: 0 };
        let mut node = u64::from_le_bytes(self.vocabulary.nodes[0]);
        for (at, &byte) in text.iter().enumerate() {
            let child = ((node >> 9) & 0x7F_FFFF) as usize ^ usize::from(byte);
            let Some(&entry) = self.vocabulary.nodes.get(child) else {
                break;
            };
            node = u64::from_le_bytes(entry);
            if node & 0x1FF != u64::from(byte) | 0x100 {
                break;
            }
            let token = (node >> 32) as u32;
            if token.wrapping_sub(1) < self.limit {
                found = Found { id: token - 1, length: at + 1 };
            }
        }
        found
    }

    /// The longest token that is a proper prefix of this one.
    #[inline]
    pub(crate) fn shorter(self, id: u32) -> Option<Found> {
        let mut entry = u32::from_le_bytes(self.vocabulary.shorter[id as usize]);
        while entry & 0xFF_FFFF >= self.limit {
            entry = u32::from_le_bytes(self.vocabulary.shorter[(entry & 0xFF_FFFF) as usize]);
        }
        (entry != 0).then_some(Found { id: entry & 0xFF_FFFF, length: (entry >> 24) as usize })
    }

    /// Whether byte-pair encoding leaves these two tokens beside each other when it is given
    /// their joined bytes.
    ///
    /// The merges that make the two tokens are undone from the last one back. As long as the two
    /// parts that touch stand beside each other, a token made of both must not have been the next
    /// merge: its rank must not be below that of the merge undone last, or equal to it when that
    /// one lies to the right, because of two equal merges the left one comes first.
    #[inline]
    pub(crate) fn compatible(self, mut left: u32, mut right: u32) -> bool {
        let mut limit = self.limit;
        loop {
            if self.merged(left, right).is_some_and(|token| token < limit) {
                return false;
            }
            if left > right {
                if left < 256 {
                    return true;
                }
                limit = left;
                left = self.parts(left).1;
            } else {
                if right < 256 {
                    return true;
                }
                limit = right + 1;
                right = self.parts(right).0;
            }
        }
    }

    /// The two tokens that a token of more than one byte is merged from.
    #[inline]
    fn parts(self, id: u32) -> (u32, u32) {
        let entry = u64::from_le_bytes(self.vocabulary.splits[id as usize]);
        (entry as u32, (entry >> 32) as u32)
    }

    /// The token that two tokens merge to.
    #[inline]
    fn merged(self, left: u32, right: u32) -> Option<u32> {
        const ID: u32 = (1 << 18) - 1;
        let pairs = self.vocabulary.pairs;
        let key = (u64::from(left) << 32) | u64::from(right);
        let product = u128::from(key ^ 0x243F_6A88_85A3_08D3) * 0x9E37_79B9_7F4A_7C15;
        let hash = product as u64 ^ (product >> 64) as u64;
        let filter = self.vocabulary.filter;
        let bit = (hash >> (58 - filter.len().trailing_zeros())) as usize;
        if (u64::from_le_bytes(filter[bit / 64]) >> (bit % 64)) & 1 == 0 {
            return None;
        }
        let check = (hash & 0x3FFF) as u32;
        let mut slot = (hash >> (64 - pairs.len().trailing_zeros())) as usize;
        loop {
            let entry = u32::from_le_bytes(pairs[slot]);
            if entry == u32::MAX {
                return None;
            }
            if entry >> 18 == check && self.parts(entry & ID) == (left, right) {
                return Some(entry & ID);
            }
            slot = (slot + 1) & (pairs.len() - 1);
        }
    }
}
