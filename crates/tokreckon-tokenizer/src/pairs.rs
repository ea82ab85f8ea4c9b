//! Byte-pair encoding of short pieces by merging pairs, several pieces at once.
//!
//! Of all neighbours that merge, those merge first whose token has the lowest id, the leftmost of
//! equals. What is looked up is seldom near the core, and what is looked up next depends on it: so a
//! step of each piece is taken in turn, without branches, and the pieces wait together.
//!
//! Merges start from bytes, but most characters of two or three bytes are one token long before
//! anything else of them merges. Merges happen in the order of the ids of their tokens. Before the one
//! that completes a character with token `c`, nothing but merges inside of it touches its bytes if
//! every token that joins a part of it with a byte before or after it has an id above `c`; and a
//! token made of the whole character has an id above `c` anyway. Then it is the same to start with
//! the whole character, which is what [`Start`] does.

use crate::vocabulary::Ranks;

/// How many pieces are encoded at once.
pub(crate) const LANES: usize = 4;

/// The tokens that a piece is merged from.
#[derive(Clone, Copy)]
pub(crate) struct Start<const PLACES: usize> {
    tokens: [u32; PLACES],
    number: usize,
}

impl<const PLACES: usize> Start<PLACES> {
    /// Nothing to merge.
    pub(crate) const EMPTY: Start<PLACES> = Start { tokens: [0; PLACES], number: 0 };

    /// The start for a piece of whole characters of at most `PLACES` bytes.
    #[inline(always)]
    pub(crate) fn of(ranks: Ranks, piece: &[u8]) -> Start<PLACES> {
        let mut start = Self::EMPTY;
        if piece.is_ascii() {
            for (token, byte) in start.tokens.iter_mut().zip(piece) {
                *token = ranks.byte(*byte);
            }
            start.number = piece.len();
            return start;
        }
        let mut at = 0;
        while at < piece.len() {
            let (token, width) = start_at(ranks, piece, at);
            if token == Ranks::NO_TOKEN {
                for &byte in &piece[at..(at + width).min(piece.len())] {
                    start.push(ranks.byte(byte));
                }
            } else {
                start.push(token);
            }
            at += width;
        }
        start
    }

    #[inline(always)]
    fn push(&mut self, token: u32) {
        self.tokens[self.number % PLACES] = token;
        self.number += 1;
    }

    /// The same with fewer places, if they are enough.
    pub(crate) fn narrow<const FEWER: usize>(&self) -> Option<Start<FEWER>> {
        let tokens = *self.tokens.first_chunk()?;
        (self.number < FEWER).then_some(Start { tokens, number: self.number })
    }
}

/// The token of the whole character at some place if it is safe to start with, and its width.
#[inline(always)]
fn start_at(ranks: Ranks, piece: &[u8], at: usize) -> (u32, usize) {
    let byte = |at: usize| piece.get(at).copied().unwrap_or(0);
    let bits = |at: usize| usize::from(byte(at) & 0x3F);
    let first = byte(at);
    let (code_point, width) = match first {
        0..0x80 => return (ranks.byte(first), 1),
        0x80..0xE0 => (usize::from(first & 0x1F) << 6 | bits(at + 1), 2),
        0xE0..0xF0 => (usize::from(first & 0x0F) << 12 | bits(at + 1) << 6 | bits(at + 2), 3),
        0xF0.. => return (Ranks::NO_TOKEN, 4),
    };
    let token = ranks.character(code_point);
    let before = if at == 0 { u32::MAX } else { ranks.border(byte(at - 1), first) };
    let end = at + width;
    let after = if end >= piece.len() { u32::MAX } else { ranks.border(byte(end - 1), byte(end)) };
    if token < before.min(after) { (token, width) } else { (Ranks::NO_TOKEN, width) }
}

/// The numbers of tokens of several pieces.
#[inline(always)]
pub(crate) fn count<const PLACES: usize, const LANES: usize>(
    ranks: Ranks,
    pieces: &[Start<PLACES>; LANES],
) -> [usize; LANES] {
    let mut lanes = [const { Lane::EMPTY }; LANES];
    for (lane, piece) in lanes.iter_mut().zip(pieces) {
        lane.start(ranks, piece);
    }
    let mut all_done = false;
    while !all_done {
        all_done = true;
        for lane in &mut lanes {
            all_done &= lane.merge(ranks);
        }
    }
    lanes.each_ref().map(|lane| lane.starts.count_ones() as usize)
}

/// A piece while it is encoded.
struct Lane<const PLACES: usize> {
    /// The tokens at the places where they start. The last place is never a start.
    tokens: [u32; PLACES],
    /// For each start the token made of this one and the next above the place.
    merges: [i32; PLACES],
    /// A bit for each place where a token starts.
    starts: u64,
}

/// No merge: more than any.
const NONE: i32 = i32::MAX;

impl<const PLACES: usize> Lane<PLACES> {
    const EMPTY: Lane<PLACES> = Lane { tokens: [0; PLACES], merges: [NONE; PLACES], starts: 0 };

    /// Nothing has merged.
    #[inline(always)]
    fn start(&mut self, ranks: Ranks, start: &Start<PLACES>) {
        self.tokens = start.tokens;
        let neighbours = start.tokens[..start.number].windows(2);
        for ((merge, two), place) in self.merges.iter_mut().zip(neighbours).zip(0..) {
            *merge = merge_at(ranks.merge_first(two[0], two[1]), place);
        }
        self.starts = (1 << start.number) - 1;
    }

    /// Merges two tokens, unless no two merge: then all is done.
    #[inline(always)]
    fn merge(&mut self, ranks: Ranks) -> bool {
        let best = self.merges.iter().copied().fold(NONE, i32::min);
        let done = best == NONE;
        let (token, place) = ((best >> 6).cast_unsigned(), (best & 63).cast_unsigned());
        // When all is done this is place 63: nothing is after it, and what is written there or at the
        // last place is not read.
        let after = self.starts & ((u64::MAX - 1) << place);
        let removed = after & after.wrapping_neg();
        let after = after ^ removed;
        let before = self.starts & ((1 << place) - 1);
        self.starts ^= removed;
        let (left, right) = (63_u32.wrapping_sub(before.leading_zeros()), after.trailing_zeros());
        let with_left =
            merge_at(ranks.merge(self.tokens[left as usize % PLACES], token), left & 63);
        let with_right = merge_at(ranks.merge(token, self.tokens[right as usize % PLACES]), place);
        self.tokens[place as usize % PLACES] = token;
        self.merges[removed.trailing_zeros() as usize % PLACES] = NONE;
        let none_left = i32::from(before == 0 || done).wrapping_neg() & NONE;
        let none_right = i32::from(after == 0).wrapping_neg() & NONE;
        self.merges[left as usize % PLACES] = with_left | none_left;
        self.merges[place as usize % PLACES] = with_right | none_right;
        done
    }
}

/// A merge to a token at some place.
#[inline(always)]
fn merge_at(token: u32, place: u32) -> i32 {
    if token == Ranks::NO_TOKEN { NONE } else { (token << 6 | place).cast_signed() }
}

#[cfg(test)]
mod tests {
    use super::{Start, count};
    use crate::encoding::Encoding;
    use crate::merge::{self, Scratch};

    /// Merging pairs and choosing tokens from the left are two ways to the same encoding: on joined
    /// ends and starts of tokens, where parts of characters come beside each other.
    #[test]
    fn both_ways_to_encode_agree() {
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut below = |limit: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % limit
        };
        for encoding in [Encoding::O200kBase, Encoding::Cl100kBase, Encoding::R50kBase] {
            let (ranks, mut scratch) = (encoding.ranks(), Scratch::default());
            let mut tried = 0;
            while tried < 100_000 {
                let piece: Vec<u8> = (0..=below(4))
                    .filter_map(|_| {
                        u32::try_from(below(200_000)).ok().and_then(|id| ranks.bytes(id))
                    })
                    .flatten()
                    .copied()
                    .collect();
                let Some(piece) = piece.utf8_chunks().map(|chunk| chunk.valid()).max() else {
                    continue;
                };
                if piece.len() >= 32 {
                    continue;
                }
                let [number] = count(ranks, &[Start::<32>::of(ranks, piece.as_bytes())]);
                let expected = merge::encode(ranks, piece.as_bytes(), &mut scratch).len();
                assert_eq!(number, expected, "{encoding} {piece:?}");
                tried += 1;
            }
        }
    }
}
