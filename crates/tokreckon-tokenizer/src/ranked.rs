//! Vocabularies of other makers: packed in the program, unpacked when one is first used.
//!
//! Only what counting needs is kept: the bytes of each token and the order in which tokens merge.
//! Two neighbours merge where their joined bytes are a token, the one that stands first in that order
//! before all others, the leftmost of equals.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::Read;

/// The tokens of one vocabulary by their bytes.
#[derive(Debug)]
pub(crate) struct Ranked {
    /// Where the bytes of each token start, and after the last one where they end.
    starts: Box<[u32]>,
    /// The bytes of all tokens, in the order in which they merge.
    bytes: Box<[u8]>,
    /// Open addressing: a token's place and one more in the lower bits, of its hash the upper ones.
    slots: Box<[u32]>,
}

/// So many bits of a slot are the place of a token.
const PLACE_BITS: u32 = 19;
/// Slots: at least twice as many as the largest vocabulary has tokens.
const SLOT_BITS: u32 = 19;

impl Ranked {
    /// Unpacks frames made by `vocabularies/pack.py`, the tokens of each after those before it.
    ///
    /// `None` where a frame is not one, which the tests rule out for those in the program.
    pub(crate) fn unpack(frames: &[&[u8]]) -> Option<Ranked> {
        let mut tokens = Tokens::default();
        for frame in frames {
            let mut plain = Vec::new();
            let mut decoder = ruzstd::decoding::StreamingDecoder::new(*frame).ok()?;
            decoder.read_to_end(&mut plain).ok()?;
            tokens.add_all(&plain)?;
        }
        Some(Ranked::of(tokens))
    }

    /// The table of these tokens.
    pub(crate) fn of(tokens: Tokens) -> Ranked {
        let Tokens { starts, bytes } = tokens;
        let slots = vec![0; 1 << SLOT_BITS].into_boxed_slice();
        let mut ranked =
            Ranked { starts: starts.into_boxed_slice(), bytes: bytes.into_boxed_slice(), slots };
        for place in 0..ranked.starts.len().saturating_sub(1) {
            let hash = hash(ranked.token(place));
            let mut slot = slot(hash);
            while ranked.slots[slot] != 0 {
                slot = (slot + 1) & ((1 << SLOT_BITS) - 1);
            }
            let entry = u32::try_from(place + 1).expect("`Tokens::add` bounds their number");
            ranked.slots[slot] = entry | tag(hash);
        }
        ranked
    }

    fn token(&self, place: usize) -> &[u8] {
        &self.bytes[self.starts[place] as usize..self.starts[place + 1] as usize]
    }

    /// All tokens, in the order in which they merge.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = &[u8]> {
        (1..self.starts.len()).map(|place| self.token(place - 1))
    }

    /// The rank of a token, `None` where the bytes are none.
    #[inline]
    pub(crate) fn rank(&self, bytes: &[u8]) -> Option<u32> {
        let hash = hash(bytes);
        let mut slot = slot(hash);
        loop {
            let entry = self.slots[slot];
            if entry == 0 {
                return None;
            }
            let place = entry & ((1 << PLACE_BITS) - 1);
            if entry ^ place == tag(hash) && self.token(place as usize - 1) == bytes {
                return Some(place - 1);
            }
            slot = (slot + 1) & ((1 << SLOT_BITS) - 1);
        }
    }

    /// The number of tokens of a piece of bytes: one where it is a token, else what its bytes merge to.
    #[inline]
    pub(crate) fn count(&self, piece: &[u8], merger: &mut Merger) -> usize {
        if self.rank(piece).is_some() {
            return 1;
        }
        let mut tokens = 0;
        let rank = |start, _, end| self.rank(&piece[start..end]);
        merger.merge(1..=piece.len(), rank, |_, _| tokens += 1);
        tokens
    }

    /// Whether any token has a place where this holds of its bytes before and from there on.
    #[cfg(test)]
    pub(crate) fn any_inside(&self, holds: impl Fn(&[u8], &[u8]) -> bool) -> bool {
        (1..self.starts.len()).any(|place| {
            let token = self.token(place - 1);
            (1..token.len()).any(|at| holds(&token[..at], &token[at..]))
        })
    }
}

/// Tokens in the order in which they merge.
pub(crate) struct Tokens {
    starts: Vec<u32>,
    bytes: Vec<u8>,
}

impl Default for Tokens {
    fn default() -> Tokens {
        Tokens { starts: vec![0], bytes: Vec::new() }
    }
}

impl Tokens {
    /// Adds a token; `None` where there is no room for it.
    pub(crate) fn add(&mut self, token: &[u8]) -> Option<()> {
        (self.starts.len() < 1 << (SLOT_BITS - 1)).then_some(())?;
        self.bytes.extend_from_slice(token);
        self.starts.push(u32::try_from(self.bytes.len()).ok()?);
        Some(())
    }

    /// Adds what one unpacked frame holds: the number of tokens, their lengths, their bytes.
    fn add_all(&mut self, plain: &[u8]) -> Option<()> {
        /// A length that stands for the 16 bits after it.
        const LONG: u8 = 255;
        let (number, mut rest) = plain.split_first_chunk::<4>()?;
        let mut lengths = Vec::new();
        for _ in 0..u32::from_le_bytes(*number) {
            let (&length, after) = rest.split_first()?;
            rest = after;
            if length == LONG {
                let (length, after) = rest.split_first_chunk::<2>()?;
                rest = after;
                lengths.push(usize::from(u16::from_le_bytes(*length)));
            } else {
                lengths.push(usize::from(length));
            }
        }
        for length in lengths {
            let (token, after) = rest.split_at_checked(length)?;
            rest = after;
            self.add(token)?;
        }
        rest.is_empty().then_some(())
    }
}

#[inline]
fn hash(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let start = (bytes.len() as u64).wrapping_mul(FACTOR);
    let mixed = words.iter().chain([&last]).fold(start, |hash, word| {
        let product = u128::from(hash ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR.into());
        fold(product)
    });
    mixed.wrapping_mul(FACTOR)
}

#[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
fn fold(product: u128) -> u64 {
    product as u64 ^ (product >> 64) as u64
}

fn slot(hash: u64) -> usize {
    (hash >> (64 - SLOT_BITS)) as usize
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
fn tag(hash: u64) -> u32 {
    hash as u32 >> PLACE_BITS << PLACE_BITS
}

/// Memory that is used again from piece to piece.
#[derive(Default)]
pub(crate) struct Merger {
    /// Where the symbol before each ends up, and the one after it; `starts[i]` is where it starts.
    symbols: Vec<Symbol>,
    /// Merges to do: rank, the left symbol, the ends of both when it was found.
    merges: BinaryHeap<Reverse<(u32, u32, u32, u32)>>,
}

#[derive(Clone, Copy)]
struct Symbol {
    start: u32,
    /// Zero once it is part of the one before it.
    end: u32,
    before: u32,
    after: u32,
}

const NONE: u32 = u32::MAX;

/// A place in a piece, and the number of a symbol of it.
#[inline]
fn place(at: usize) -> u32 {
    u32::try_from(at).expect("a piece is shorter than 4 GiB")
}

impl Merger {
    /// Merges symbols, whose ends are given, and calls back with start and end of each that is left.
    ///
    /// `rank` tells of two symbols, by start, middle and end, whether they merge: the lowest first, of equal
    /// ones the leftmost.
    ///
    /// # Panics
    ///
    /// For a piece of 4 GiB or more, whose places are no `u32`: a wrong count would be no better.
    #[inline]
    pub(crate) fn merge(
        &mut self,
        ends: impl Iterator<Item = usize>,
        rank: impl Fn(usize, usize, usize) -> Option<u32>,
        mut give: impl FnMut(usize, usize),
    ) {
        let Merger { symbols, merges } = self;
        symbols.clear();
        merges.clear();
        let mut start = 0;
        for (at, end) in ends.enumerate() {
            let (end, at) = (place(end), place(at));
            symbols.push(Symbol { start, end, before: at.wrapping_sub(1), after: at + 1 });
            start = end;
        }
        if let Some(last) = symbols.last_mut() {
            last.after = NONE;
        }
        for left in 1..symbols.len() {
            Self::look(symbols, merges, &rank, place(left - 1));
        }
        while let Some(Reverse((_, left, middle, end))) = merges.pop() {
            let Symbol { end: left_end, after, .. } = symbols[left as usize];
            // What was found before one of the two merged otherwise is no longer there.
            if left_end != middle || after == NONE || symbols[after as usize].end != end {
                continue;
            }
            let next = symbols[after as usize].after;
            symbols[after as usize].end = 0;
            symbols[left as usize].end = end;
            symbols[left as usize].after = next;
            if next != NONE {
                symbols[next as usize].before = left;
                Self::look(symbols, merges, &rank, left);
            }
            let before = symbols[left as usize].before;
            if before != NONE {
                Self::look(symbols, merges, &rank, before);
            }
        }
        for symbol in symbols.iter().filter(|symbol| symbol.end != 0) {
            give(symbol.start as usize, symbol.end as usize);
        }
    }

    /// Notes the merge of a symbol with the one after it, if they merge.
    #[inline]
    fn look(
        symbols: &[Symbol],
        merges: &mut BinaryHeap<Reverse<(u32, u32, u32, u32)>>,
        rank: &impl Fn(usize, usize, usize) -> Option<u32>,
        left: u32,
    ) {
        let Symbol { start, end: middle, after, .. } = symbols[left as usize];
        let end = symbols[after as usize].end;
        if let Some(rank) = rank(start as usize, middle as usize, end as usize) {
            merges.push(Reverse((rank, left, middle, end)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Merger, Ranked, Tokens};

    fn merged(tokens: &[&str], text: &str) -> Vec<String> {
        let mut all = Tokens::default();
        for token in tokens {
            all.add(token.as_bytes()).expect("room");
        }
        let (ranked, mut left) = (Ranked::of(all), Vec::new());
        let rank = |start, _, end| ranked.rank(&text.as_bytes()[start..end]);
        Merger::default().merge(1..=text.len(), rank, |start, end| {
            left.push(text[start..end].to_owned());
        });
        left
    }

    #[test]
    fn the_first_in_order_merges_first_and_of_equals_the_leftmost() {
        assert_eq!(merged(&["a", "b", "c", "bc", "ab", "abc"], "abc"), ["abc"]);
        assert_eq!(merged(&["a", "b", "c", "bc", "ab"], "abc"), ["a", "bc"]);
        assert_eq!(merged(&["a", "aa"], "aaa"), ["aa", "a"]);
        assert_eq!(merged(&["a"], "aaa"), ["a", "a", "a"]);
        assert_eq!(merged(&["a"], ""), [""; 0]);
    }

    /// A place that is no `u32` would wrap around to another one, and the count be wrong.
    #[test]
    #[should_panic(expected = "shorter than 4 GiB")]
    fn a_piece_of_4_gib_is_refused() {
        Merger::default().merge([1, 1 << 32].into_iter(), |_, _, _| None, |_, _| {});
    }
}
