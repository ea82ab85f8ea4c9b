//! Which two tokens make up each token, found by replaying the merges in rank order.

use std::collections::HashMap;

use crate::{files, hash};

/// The merges of one vocabulary.
pub(crate) struct Merges {
    /// The two parts of each token by id; a single byte, or an id without token, is its own first part.
    pub(crate) splits: Vec<(u32, u32)>,
}

impl Merges {
    /// Replays byte-pair encoding on the bytes of every token with the tokens before it.
    ///
    /// Every token of the vocabularies ends as exactly two parts, both of lower rank; the count
    /// at run time rests on that, so it is checked here.
    pub(crate) fn of(tokens: &[Vec<u8>]) -> Merges {
        let mut byte_ids = [0_u32; 256];
        let mut pairs: HashMap<(u32, u32), u32> = HashMap::new();
        let mut splits = Vec::with_capacity(tokens.len());
        for (id, token) in tokens.iter().enumerate() {
            let id = files::word(id);
            if let [byte] = token[..] {
                byte_ids[usize::from(byte)] = id;
            }
            if token.len() < 2 {
                splits.push((id, id));
                continue;
            }
            let mut parts: Vec<u32> = token.iter().map(|&b| byte_ids[usize::from(b)]).collect();
            while let Some((rank, at)) = best_merge(&parts, &pairs) {
                parts[at] = rank;
                parts.remove(at + 1);
            }
            let &[left, right] = parts.as_slice() else {
                panic!("token {id} is made of {} parts, not 2", parts.len());
            };
            assert!(left < id && right < id, "token {id} is older than its parts");
            pairs.insert((left, right), id);
            splits.push((left, right));
        }
        Merges { splits }
    }

    /// A hash table without probing from two parts to their token.
    ///
    /// An entry is the parts (36 bits) above the token's id (18 bits), all ones when empty. The second
    /// table has for each bucket of parts what moves them to slots of their own (the lowest 8 bits),
    /// and above it 24 bits, of which each two parts set one by their hash: most parts that do not
    /// merge are told by it. The third table has for each token the slot of its parts.
    pub(crate) fn pair_table(&self) -> (Vec<u64>, Vec<u32>, Vec<u32>) {
        let slots = self.splits.len().next_power_of_two();
        let merged: Vec<(u64, u64)> = (0..)
            .zip(&self.splits)
            .filter(|&(id, &(left, _))| left != id)
            .map(|(id, &(left, right))| {
                let key = (u64::from(left) << 18) | u64::from(right);
                (pair_hash(key), (key << 18) | u64::from(id))
            })
            .collect();
        let hashes: Vec<u64> = merged.iter().map(|&(hash, _)| hash).collect();
        let (places, mut heads) = hash::places(&hashes, slots);
        let mut table = vec![u64::MAX; slots];
        let mut slot_of = vec![0; self.splits.len()];
        for (&(hash, entry), place) in merged.iter().zip(places) {
            table[place] = entry;
            slot_of[usize::try_from(entry & 0x3_FFFF).expect("18 bits")] = files::word(place);
            heads[hash::home(hash, slots / hash::SLOTS_PER_BUCKET)] |= 1 << mask_bit(hash);
        }
        (table, heads, slot_of)
    }

    /// The token that each two bytes' tokens merge to, all ones for none, all ones but the lowest bit
    /// for one that needs more bits.
    pub(crate) fn byte_pairs(&self) -> Vec<u8> {
        let mut table = vec![u16::MAX; 1 << 16];
        for (id, &(left, right)) in self.splits.iter().enumerate().skip(256) {
            if left < 256 && right < 256 {
                let short = u16::try_from(id).unwrap_or(u16::MAX).min(u16::MAX - 1);
                table[(left << 8 | right) as usize] = short;
            }
        }
        table.iter().flat_map(|token| token.to_le_bytes()).collect()
    }
}

/// The merge of lowest rank, the leftmost of equals.
fn best_merge(parts: &[u32], pairs: &HashMap<(u32, u32), u32>) -> Option<(u32, usize)> {
    let ranked = parts.windows(2).enumerate();
    ranked.filter_map(|(at, pair)| Some((*pairs.get(&(pair[0], pair[1]))?, at))).min()
}

/// The hash of two parts side by side; `src/vocabulary.rs` has the same.
fn pair_hash(key: u64) -> u64 {
    let product = u128::from(key ^ 0x243F_6A88_85A3_08D3) * 0x9E37_79B9_7F4A_7C15;
    let [low, high] = [product & u128::from(u64::MAX), product >> 64];
    u64::try_from(low ^ high).expect("64 bits")
}

/// Which bit of the head of its bucket a hash sets; `src/vocabulary.rs` has the same.
fn mask_bit(hash: u64) -> u64 {
    8 + (((hash & 0xFFFF) * 24) >> 16)
}
