//! The table that tells whether a whole piece is a token.

use crate::{files, hash};

/// The longest token in the table.
const LONGEST: usize = 15;

/// The tokens of at most 15 bytes by their hash: 14 bits of it above the token's id (18 bits), all
/// ones when empty; and the pilot of each bucket. The reader compares the bytes.
pub(crate) fn table(tokens: &[Vec<u8>]) -> (Vec<u32>, Vec<u8>) {
    let short = |token: &Vec<u8>| (1..=LONGEST).contains(&token.len());
    let ids: Vec<usize> = (0..tokens.len()).filter(|&id| short(&tokens[id])).collect();
    let hashes: Vec<u64> = ids.iter().map(|&id| piece_hash(&tokens[id])).collect();
    let slots = ids.len().next_power_of_two();
    let (places, pilots) = hash::places(&hashes, slots);
    let mut table = vec![u32::MAX; slots];
    for ((&id, hash), place) in ids.iter().zip(hashes).zip(places) {
        let check = u32::try_from(hash >> 20 & 0x3FFF).expect("14 bits");
        table[place] = check << 18 | files::word(id);
    }
    let pilots = pilots.iter().map(|&pilot| u8::try_from(pilot).expect("8 bits")).collect();
    (table, pilots)
}

/// The hash of a piece; `src/cache.rs` has the same.
fn piece_hash(piece: &[u8]) -> u64 {
    let mut bytes = [0; 16];
    bytes[..piece.len()].copy_from_slice(piece);
    bytes[15] = u8::try_from(piece.len()).expect("at most 15");
    let [low, high] =
        [0, 8].map(|at| u64::from_le_bytes(*bytes[at..].first_chunk().expect("16 bytes")));
    (low ^ high.rotate_left(23).wrapping_mul(0xD6E8_FEB8_6659_FD93))
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
