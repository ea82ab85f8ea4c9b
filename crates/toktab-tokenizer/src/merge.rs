//! Byte-pair encoding of one piece, in time proportional to its length.
//!
//! Instead of merging pairs, tokens are chosen from the left: at each place the longest token that
//! may follow the one before it ([`Ranks::compatible`]). The encoding of a text restricted to its
//! first tokens is the encoding of their bytes, so when no token fits, no encoding passes through
//! this place: it is marked dead and the token before it is exchanged for a shorter one. No place
//! dies twice, which bounds the work.

use crate::vocabulary::{Found, Ranks};

/// Memory that is used again from piece to piece.
#[derive(Default)]
pub(crate) struct Scratch {
    tokens: Vec<u32>,
    dead: Vec<u64>,
}

/// The tokens of `piece`.
pub(crate) fn encode<'s>(ranks: Ranks, piece: &[u8], scratch: &'s mut Scratch) -> &'s [u32] {
    let Scratch { tokens, dead } = scratch;
    tokens.clear();
    dead.clear();
    dead.resize(piece.len() / 64 + 1, 0);
    let mut at = 0;
    while at < piece.len() {
        let mut candidate = Some(ranks.longest(&piece[at..]));
        loop {
            let previous = tokens.last().copied();
            match candidate {
                Some(Found { id, length }) => {
                    let end = at + length;
                    let is_dead = (dead[end / 64] >> (end % 64)) & 1 == 1;
                    if !is_dead && previous.is_none_or(|left| ranks.compatible(left, id)) {
                        tokens.push(id);
                        at = end;
                        break;
                    }
                    candidate = ranks.shorter(id);
                }
                None => {
                    dead[at / 64] |= 1 << (at % 64);
                    let id = tokens.pop().unwrap_or(0);
                    at -= ranks.length(id);
                    candidate = ranks.shorter(id);
                }
            }
        }
    }
    tokens
}
