//! Byte-pair encoding of one piece, in time proportional to its length.
//!
//! Instead of merging pairs, tokens are chosen from the left: at each place the longest token that
//! may follow the one before it ([`Ranks::compatible`]). The encoding of a text restricted to its
//! first tokens is the encoding of their bytes, so when no token fits, no encoding passes through
//! this place: it is marked dead and the token before it is exchanged for a shorter one. No place
//! dies twice, which bounds the work.

#![expect(clippy::cast_possible_truncation, reason = "slots are below 2^16")]

use crate::vocabulary::{Found, Ranks};

/// Memory that is used again from piece to piece.
pub(crate) struct Scratch {
    tokens: Vec<u32>,
    dead: Vec<u64>,
    neighbours: Neighbours,
}

impl Default for Scratch {
    fn default() -> Scratch {
        let neighbours = Neighbours { answers: vec![0; Neighbours::SLOTS].into_boxed_slice() };
        Scratch { tokens: Vec::new(), dead: Vec::new(), neighbours }
    }
}

/// Remembers which tokens are compatible; a new answer takes the place of an older one.
struct Neighbours {
    /// The two tokens above a bit that is always set and the answer.
    answers: Box<[u64]>,
}

impl Neighbours {
    const SLOTS: usize = 1 << 16;

    /// [`Ranks::compatible`], asked once.
    #[inline]
    fn compatible(&mut self, ranks: Ranks, left: u32, right: u32) -> bool {
        let key = (u64::from(left) << 20) | (u64::from(right) << 2) | 2;
        let mixed = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let slot = (mixed >> (64 - Self::SLOTS.trailing_zeros())) as usize;
        let Some(answer) = self.answers.get_mut(slot) else {
            return ranks.compatible(left, right);
        };
        if *answer & !1 != key {
            *answer = key | u64::from(ranks.compatible(left, right));
        }
        *answer & 1 == 1
    }
}

/// The tokens of `piece`.
pub(crate) fn encode<'s>(ranks: Ranks, piece: &[u8], scratch: &'s mut Scratch) -> &'s [u32] {
    let Scratch { tokens, dead, neighbours } = scratch;
    tokens.clear();
    dead.clear();
    dead.resize(piece.len() / 64 + 1, 0);
    let mut at = 0;
    while at < piece.len() {
        let mut candidate = Some(ranks.longest(&piece[at..]));
        loop {
            let previous = tokens.last().copied();
            if let Some(Found { id, length }) = candidate {
                let end = at + length;
                let is_dead = (dead[end / 64] >> (end % 64)) & 1 == 1;
                let fits = |left| neighbours.compatible(ranks, left, id);
                if !is_dead && previous.is_none_or(fits) {
                    tokens.push(id);
                    at = end;
                    break;
                }
                candidate = ranks.shorter(id);
            } else {
                dead[at / 64] |= 1 << (at % 64);
                let id = tokens.pop().unwrap_or(0);
                at -= ranks.length(id);
                candidate = ranks.shorter(id);
            }
        }
    }
    tokens
}
