//! Pieces that are not in the cache: counted together, a few at a time.
//!
//! A short piece that is one token as a whole is found by one look-up; what is left is merged from
//! pairs, several pieces at once ([`crate::pairs`]).

use crate::cache::{Cache, LongKey, ShortKey};
use crate::pairs::{self, Start};
use crate::vocabulary::Ranks;

/// Pieces of one text that are not in the cache, to be encoded together.
pub(crate) struct New {
    short: [ShortKey; New::MOST],
    shorts: usize,
    long_16: NewLong<16>,
    long_32: NewLong<32>,
}

impl Default for New {
    fn default() -> New {
        New {
            short: [ShortKey::default(); New::MOST],
            shorts: 0,
            long_16: NewLong::EMPTY,
            long_32: NewLong::EMPTY,
        }
    }
}

impl New {
    const MOST: usize = 64;

    /// Takes a short piece if its count is zero. Without a branch, because nobody can tell which
    /// pieces are new; whether it is time to count them.
    #[inline(always)]
    pub(crate) fn take_short(&mut self, key: ShortKey, count: usize) -> bool {
        self.short[self.shorts % New::MOST] = key;
        self.shorts += usize::from(count == 0);
        self.shorts == New::MOST
    }

    /// Takes a longer piece unless that has too many parts; the number of tokens that are counted now.
    pub(crate) fn take_long(
        &mut self,
        key: LongKey,
        piece: &[u8],
        ranks: Ranks,
        cache: &mut Cache,
    ) -> Option<usize> {
        let start = Start::<64>::of(ranks, piece);
        if let Some(start) = start.narrow() {
            return Some(self.long_16.take(key, start, ranks, cache));
        }
        Some(self.long_32.take(key, start.narrow()?, ranks, cache))
    }

    /// The number of tokens of all that is left.
    #[inline]
    pub(crate) fn count_rest(&mut self, ranks: Ranks, cache: &mut Cache) -> usize {
        let mut total = 0;
        if self.shorts > 0 {
            total += self.count_short(ranks, cache);
        }
        if self.long_16.number > 0 {
            total += self.long_16.count(ranks, cache);
        }
        if self.long_32.number > 0 {
            total += self.long_32.count(ranks, cache);
        }
        total
    }

    /// The number of tokens of all short pieces together, which are then forgotten.
    #[inline(never)]
    pub(crate) fn count_short(&mut self, ranks: Ranks, cache: &mut Cache) -> usize {
        let mut total = 0;
        let mut new = 0;
        for at in 0..self.shorts {
            let key = self.short[at % New::MOST];
            let count = cache.short_again(key);
            total += count;
            self.short[new % New::MOST] = key;
            new += usize::from(count == 0);
        }
        self.shorts = 0;
        let keys = &mut self.short[..new];
        // The same pieces beside each other, and those of similar length, which are done together.
        keys.sort_unstable();
        let mut whole = [false; New::MOST];
        for (whole, key) in whole.iter_mut().zip(&*keys) {
            *whole = key.is_token(ranks);
        }
        let mut group = Group::default();
        for (key, whole) in keys.iter().zip(whole) {
            if whole {
                cache.put_short(*key, 1);
                total += 1;
            } else {
                total += group.take(*key, ranks, cache);
            }
        }
        total + group.count(ranks, cache)
    }
}

/// A few different pieces and how often each of them comes.
#[derive(Default)]
struct Group {
    keys: [ShortKey; pairs::LANES],
    times: [usize; pairs::LANES],
    number: usize,
}

impl Group {
    /// Takes one more piece; the number of tokens of all before it if they are enough to be encoded
    /// together.
    #[inline]
    fn take(&mut self, key: ShortKey, ranks: Ranks, cache: &mut Cache) -> usize {
        if self.number > 0 && self.keys[self.number - 1] == key {
            self.times[self.number - 1] += 1;
            return 0;
        }
        let count = if self.number == pairs::LANES { self.count(ranks, cache) } else { 0 };
        self.keys[self.number] = key;
        self.times[self.number] = 1;
        self.number += 1;
        count
    }

    /// The number of tokens of all pieces together, which are then forgotten.
    #[inline]
    fn count(&mut self, ranks: Ranks, cache: &mut Cache) -> usize {
        match std::mem::take(&mut self.number) {
            0 => 0,
            1 => self.count_first::<1>(ranks, cache),
            2 => self.count_first::<2>(ranks, cache),
            3 => self.count_first::<3>(ranks, cache),
            _ => self.count_first::<4>(ranks, cache),
        }
    }

    #[inline(never)]
    fn count_first<const LANES: usize>(&self, ranks: Ranks, cache: &mut Cache) -> usize {
        let mut starts = [Start::<16>::EMPTY; LANES];
        for (start, key) in starts.iter_mut().zip(&self.keys) {
            let (bytes, length) = key.bytes();
            *start = Start::of(ranks, &bytes[..length]);
        }
        let counts = pairs::count(ranks, &starts);
        for (key, count) in self.keys.iter().zip(counts) {
            cache.put_short(*key, count);
        }
        counts.iter().zip(self.times).map(|(count, times)| count * times).sum()
    }
}

/// Longer pieces that are not in the cache.
struct NewLong<const PLACES: usize> {
    keys: [LongKey; pairs::LANES],
    starts: [Start<PLACES>; pairs::LANES],
    number: usize,
}

impl<const PLACES: usize> NewLong<PLACES> {
    const EMPTY: NewLong<PLACES> = NewLong {
        keys: [LongKey::EMPTY; pairs::LANES],
        starts: [Start::EMPTY; pairs::LANES],
        number: 0,
    };

    /// Takes one more piece; the number of tokens of all if they are enough to be encoded together.
    fn take(
        &mut self,
        key: LongKey,
        start: Start<PLACES>,
        ranks: Ranks,
        cache: &mut Cache,
    ) -> usize {
        self.keys[self.number % pairs::LANES] = key;
        self.starts[self.number % pairs::LANES] = start;
        self.number += 1;
        if self.number == pairs::LANES { self.count(ranks, cache) } else { 0 }
    }

    /// The number of tokens of all pieces together, which are then forgotten.
    #[inline(never)]
    fn count(&mut self, ranks: Ranks, cache: &mut Cache) -> usize {
        let number = std::mem::take(&mut self.number);
        match number {
            1 => self.count_group::<1>(ranks, cache),
            2 => self.count_group::<2>(ranks, cache),
            3 => self.count_group::<3>(ranks, cache),
            _ => self.count_group::<4>(ranks, cache),
        }
    }

    #[inline(never)]
    fn count_group<const LANES: usize>(&mut self, ranks: Ranks, cache: &mut Cache) -> usize {
        let Some(starts) = self.starts.first_chunk::<LANES>() else {
            return 0;
        };
        let counts = pairs::count(ranks, starts);
        for (key, count) in self.keys.iter().zip(counts) {
            cache.put_long(*key, count);
        }
        counts.iter().sum()
    }
}
