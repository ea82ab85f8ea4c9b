//! Which two tokens make up each token, found by replaying the merges in rank order.

use std::collections::HashMap;

use crate::files;

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

    /// An open-addressing hash table from two parts to their token.
    ///
    /// An entry is a check (14 bits of the hash) above the token's id (18 bits), all ones when
    /// empty. The reader compares the parts with `splits`, so that an equal check proves nothing.
    pub(crate) fn pair_table(&self) -> Vec<u32> {
        let slots = (self.splits.len() * 2).next_power_of_two();
        let mut table = vec![u32::MAX; slots];
        for (id, &(left, right)) in self.splits.iter().enumerate() {
            let id = files::word(id);
            if left == id {
                continue;
            }
            let hash = pair_hash(left, right);
            let mut slot = home_slot(hash, slots);
            while table[slot] != u32::MAX {
                slot = (slot + 1) % slots;
            }
            table[slot] = (check(hash) << 18) | id;
        }
        table
    }
}

impl Merges {
    /// One bit for each hash of two parts that merge: most parts that do not are told by it, and
    /// it is small enough to stay near the core.
    pub(crate) fn pair_filter(&self) -> Vec<u64> {
        let bits = (self.splits.len() * 8).next_power_of_two();
        let mut filter = vec![0_u64; bits / 64];
        for (id, &(left, right)) in self.splits.iter().enumerate() {
            if left != files::word(id) {
                let bit = home_slot(pair_hash(left, right), bits);
                filter[bit / 64] |= 1 << (bit % 64);
            }
        }
        filter
    }
}

/// The merge of lowest rank, the leftmost of equals.
fn best_merge(parts: &[u32], pairs: &HashMap<(u32, u32), u32>) -> Option<(u32, usize)> {
    let ranked = parts.windows(2).enumerate();
    ranked.filter_map(|(at, pair)| Some((*pairs.get(&(pair[0], pair[1]))?, at))).min()
}

/// The hash of two parts; `src/vocabulary.rs` has the same.
fn pair_hash(left: u32, right: u32) -> u64 {
    let key = (u64::from(left) << 32) | u64::from(right);
    let product = u128::from(key ^ 0x243F_6A88_85A3_08D3) * 0x9E37_79B9_7F4A_7C15;
    let [low, high] = [product & u128::from(u64::MAX), product >> 64];
    u64::try_from(low ^ high).expect("64 bits")
}

/// The upper bits choose the slot.
fn home_slot(hash: u64, slots: usize) -> usize {
    usize::try_from(hash >> (64 - slots.trailing_zeros())).expect("a slot is an index")
}

/// The lowest bits are the check.
fn check(hash: u64) -> u32 {
    u32::try_from(hash & 0x3FFF).expect("14 bits")
}
