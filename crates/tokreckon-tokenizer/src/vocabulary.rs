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
    /// Which entry of `pairs` has the two tokens that each token is merged from.
    pub(crate) splits: &'static [[u8; 4]],
    /// The hash table from two tokens to the token they merge to; see `build/merges.rs`.
    pub(crate) pairs: &'static [[u8; 8]],
    /// What moves each bucket of that table, and bits that tell most pairs that do not merge.
    pub(crate) heads: &'static [[u8; 4]],
    /// The token that each two tokens of a byte merge to, as far as 16 bits tell.
    pub(crate) byte_pairs: &'static [[u8; 2]],
    /// The hash table of tokens of at most 15 bytes; see `build/whole.rs`.
    pub(crate) whole: &'static [[u8; 4]],
    /// What moves each bucket of that table.
    pub(crate) whole_pilots: &'static [u8],
    /// Which block describes each 64 code points of characters of two or three bytes.
    pub(crate) character_index: &'static [[u8; 2]],
    /// The tokens of 64 characters after one another.
    pub(crate) characters: &'static [[u8; 4]],
    /// A quarter of the first token that joins a part of a character with something of another one.
    pub(crate) borders: &'static [[u8; 2]],
    /// The token of each byte.
    pub(crate) byte_ids: &'static [u8; 256],
    /// Where the bytes of the first of each 64 tokens start.
    pub(crate) bases: &'static [[u8; 4]],
    /// How far after that the bytes of each token start, and after the last one where they end.
    pub(crate) starts: &'static [[u8; 2]],
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
        let (start, end) = (self.start(id)?, self.start(id + 1)?);
        self.vocabulary.bytes.get(start..end).filter(|bytes| !bytes.is_empty())
    }

    /// Where the bytes of a token start.
    #[inline]
    fn start(self, id: u32) -> Option<usize> {
        let base = u32::from_le_bytes(*self.vocabulary.bases.get(id as usize / 64)?);
        let after = u16::from_le_bytes(*self.vocabulary.starts.get(id as usize)?);
        Some((base + u32::from(after)) as usize)
    }

    /// The length of a token in bytes.
    #[inline]
    pub(crate) fn length(self, id: u32) -> usize {
        self.start(id).zip(self.start(id + 1)).map_or(0, |(start, end)| end - start)
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
        let slot = u32::from_le_bytes(self.vocabulary.splits[id as usize]);
        let entry = u64::from_le_bytes(self.vocabulary.pairs[slot as usize]);
        ((entry >> 36) as u32, (entry >> 18) as u32 & 0x3_FFFF)
    }

    /// The token that two tokens merge to.
    #[inline]
    fn merged(self, left: u32, right: u32) -> Option<u32> {
        let token = self.merge(left, right);
        (token != Self::NO_TOKEN).then_some(token)
    }

    /// What [`Ranks::merge`] gives when there is no such token.
    pub(crate) const NO_TOKEN: u32 = (1 << 18) - 1;

    /// The token that two tokens merge to, or [`Ranks::NO_TOKEN`].
    #[inline(always)]
    pub(crate) fn merge(self, left: u32, right: u32) -> u32 {
        let Vocabulary { pairs, heads, .. } = *self.vocabulary;
        let key = (u64::from(left) << 18) | u64::from(right);
        let hash = pair_hash(key);
        let head =
            u32::from_le_bytes(heads[(hash >> (64 - heads.len().trailing_zeros())) as usize]);
        // Where the bit says that they do not merge, the first slot is looked at: it is always near.
        let bit = (head >> (8 + (((hash & 0xFFFF) * 24) >> 16))) & 1;
        let slot = moved(hash, head & 0xFF, pairs.len()) & (bit as usize).wrapping_neg();
        let entry = u64::from_le_bytes(pairs[slot]);
        let token = (entry & 0x3_FFFF) as u32;
        if entry >> 18 == key && token < self.limit { token } else { Self::NO_TOKEN }
    }

    /// Whether a piece of at most 15 bytes is one token: its bytes with zeros after them, and its hash.
    ///
    /// Not found does not mean that it is none.
    #[inline(always)]
    pub(crate) fn is_token(self, piece: u128, length: usize, hash: u64) -> bool {
        let Vocabulary { whole, whole_pilots: pilots, .. } = *self.vocabulary;
        let pilot = pilots[(hash >> (64 - pilots.len().trailing_zeros())) as usize];
        let entry = u32::from_le_bytes(whole[moved(hash, u32::from(pilot), whole.len())]);
        // Where the hash says no, the first token is looked at: it is always near.
        let same = u32::from(entry >> 18 == (hash >> 20 & 0x3FFF) as u32);
        let id = entry & 0x3_FFFF & same.wrapping_neg();
        let (Some(start), Some(end)) = (self.start(id), self.start(id + 1)) else {
            return false;
        };
        let Some(bytes) = self.vocabulary.bytes[start..].first_chunk() else {
            return false;
        };
        let unlike = (u128::from_le_bytes(*bytes) ^ piece) << (8 * (16 - length));
        let unlike = unlike | (end - start).abs_diff(length) as u128;
        unlike == 0 && id < self.limit
    }

    /// What two tokens merge to, which may be those of bytes.
    #[inline(always)]
    pub(crate) fn merge_first(self, left: u32, right: u32) -> u32 {
        if (left | right) >= 256 {
            return self.merge(left, right);
        }
        match u16::from_le_bytes(self.vocabulary.byte_pairs[(left << 8 | right) as usize]) {
            u16::MAX => Self::NO_TOKEN,
            token if token == u16::MAX - 1 || u32::from(token) >= self.limit => {
                self.merge(left, right)
            }
            token => u32::from(token),
        }
    }

    /// The token of a byte.
    #[inline(always)]
    pub(crate) fn byte(self, byte: u8) -> u32 {
        u32::from(self.vocabulary.byte_ids[usize::from(byte)])
    }

    /// The token of a character of two or three bytes, or [`Ranks::NO_TOKEN`].
    #[inline(always)]
    pub(crate) fn character(self, code_point: usize) -> u32 {
        let block = u16::from_le_bytes(self.vocabulary.character_index[code_point / 64]);
        let place = (usize::from(block) * 64) + code_point % 64;
        let token = u32::from_le_bytes(self.vocabulary.characters[place]);
        if token < self.limit { token } else { Self::NO_TOKEN }
    }

    /// A bound below which tokens do not join a part of a character that ends in the byte `left` or of
    /// one that starts with the byte `right` with something of the other.
    #[inline(always)]
    pub(crate) fn border(self, left: u8, right: u8) -> u32 {
        let border = usize::from(left) << 6 | usize::from(right & 0x3F);
        u32::from(u16::from_le_bytes(self.vocabulary.borders[border])) * 4
    }
}

/// The hash of two tokens side by side.
#[inline(always)]
fn pair_hash(key: u64) -> u64 {
    let product = u128::from(key ^ 0x243F_6A88_85A3_08D3) * 0x9E37_79B9_7F4A_7C15;
    product as u64 ^ (product >> 64) as u64
}

/// Where the pilot of its bucket moves a hash.
#[inline(always)]
fn moved(hash: u64, pilot: u32, slots: usize) -> usize {
    let moved = hash ^ u64::from(pilot).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (moved.wrapping_mul(0xA076_1D64_78BD_642F) >> (64 - slots.trailing_zeros())) as usize
}
