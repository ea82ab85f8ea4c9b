//! The same request id twice, in memory that is stated.
//!
//! Of every id 88 bits of a fingerprint (SipHash-1-3) and its line are kept: 16 bytes. Among a
//! thousand million ids the chance of one false pair is below 2e-9. A filter of 10 to 20 bits an id
//! says which ids may have been seen before; of these the cost is kept too, and at the end one pass
//! over all ids tells the true copies from the others. At a million ids with 3 % of copies that
//! is 19 bytes an id. Rows come in the order of the input, so that the first one is the first.

use std::collections::BTreeMap;

use super::RowRef;
use crate::ledger::RawCost;
use crate::money::{Currency, Exact};
use crate::record::fingerprint;

/// A record with an id.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sighting {
    fingerprint: u128,
    row: RowRef,
    tokens: u128,
    stake: Option<RawCost>,
}

impl Sighting {
    #[inline]
    pub(super) fn new(id: &str, row: RowRef, tokens: u128, stake: Option<RawCost>) -> Self {
        Self { fingerprint: fingerprint(id), row, tokens, stake }
    }

    fn stake(&self) -> Option<(Currency, Exact)> {
        let RawCost { mantissa, scale, currency } = self.stake?;
        Some((currency, Exact::new(mantissa, scale).ok()?))
    }
}

/// A copy of a request: its row, that of the first, its tokens and what it was charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Copy {
    pub(super) row: RowRef,
    pub(super) first: RowRef,
    pub(super) tokens: u128,
    pub(super) stake: Option<(Currency, Exact)>,
}

/// Ids that are kept in one piece of memory: no piece has to be copied to grow.
const PIECE: usize = 1 << 16;
/// Bits of a fingerprint's place in an entry, above those of the line.
const LINE_BITS: u32 = 40;
/// Ids for each 64-bit word of the filter at most.
const IDS_PER_WORD: usize = 6;

/// Every id that was seen.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// Fingerprint and line, in the order of the input.
    entries: Vec<Vec<u128>>,
    count: usize,
    /// From which entry on rows are of another file.
    files: Vec<(usize, usize)>,
    filter: Filter,
    maybe: Vec<Maybe>,
    currencies: Vec<Currency>,
    /// Tokens and stakes with more digits than [`Maybe`] has room for, by entry.
    large: BTreeMap<usize, (u128, Option<(Currency, Exact)>)>,
}

/// An entry that may be a copy.
#[derive(Clone, Copy, Debug)]
struct Maybe {
    entry: usize,
    tokens: u64,
    /// Its stake: `mantissa / 10^scale` of a currency; scale 255 for none, 254 for one in `large`.
    mantissa: i64,
    scale: u8,
    currency: u8,
}

const NO_STAKE: u8 = 255;
const IS_LARGE: u8 = 254;

impl Ids {
    /// Notes records, in the order of the input.
    pub(super) fn see(&mut self, sightings: &[Sighting]) {
        for sighting in sightings {
            let file = sighting.row.file;
            if self.files.last().is_none_or(|(_, last)| *last != file) {
                self.files.push((self.count, file));
            }
            if self.count >= self.filter.words.len() * IDS_PER_WORD {
                self.filter = Filter::with_room(self.count.max(PIECE) * 2, &self.entries);
            }
            let bits = sighting.fingerprint >> LINE_BITS;
            if self.filter.insert(bits) {
                self.keep(sighting);
            }
            if self.count % PIECE == 0 {
                self.entries.push(Vec::with_capacity(PIECE));
            }
            if let Some(piece) = self.entries.last_mut() {
                let line = u128::from(sighting.row.line.min((1 << LINE_BITS) - 1));
                piece.push(bits << LINE_BITS | line);
            }
            self.count += 1;
        }
    }

    fn keep(&mut self, sighting: &Sighting) {
        let mut maybe =
            Maybe { entry: self.count, tokens: 0, mantissa: 0, scale: NO_STAKE, currency: 0 };
        let fits = (|| {
            maybe.tokens = u64::try_from(sighting.tokens).ok()?;
            if let Some((currency, amount)) = sighting.stake() {
                maybe.mantissa = i64::try_from(amount.mantissa()).ok()?;
                maybe.scale = u8::try_from(amount.scale()).ok()?;
                maybe.currency = u8::try_from(self.currency(currency)).ok()?;
            }
            Some(())
        })();
        if fits.is_none() {
            maybe.scale = IS_LARGE;
            self.large.insert(self.count, (sighting.tokens, sighting.stake()));
        }
        self.maybe.push(maybe);
    }

    fn currency(&mut self, currency: Currency) -> usize {
        let known = self.currencies.iter().position(|known| *known == currency);
        known.unwrap_or_else(|| {
            self.currencies.push(currency);
            self.currencies.len() - 1
        })
    }

    /// Hands over every copy, in the order of the input.
    pub(super) fn copies(&self, each: &mut dyn FnMut(Copy)) {
        // Where an id that may be a copy stands first.
        let mut firsts: Vec<(u128, usize)> =
            self.maybe.iter().map(|maybe| (self.entry(maybe.entry).0, usize::MAX)).collect();
        firsts.sort_unstable();
        firsts.dedup();
        let mut wanted = Filter::with_room(firsts.len(), &[]);
        for (bits, _) in &firsts {
            wanted.insert(*bits);
        }
        let find = |firsts: &[(u128, usize)], bits: u128| {
            firsts.binary_search_by_key(&bits, |(bits, _)| *bits).ok()
        };
        for (at, entry) in self.entries.iter().flatten().enumerate() {
            let bits = entry >> LINE_BITS;
            if wanted.holds(bits)
                && let Some(found) = find(&firsts, bits)
            {
                firsts[found].1 = at.min(firsts[found].1);
            }
        }
        for maybe in &self.maybe {
            let (bits, row) = self.entry(maybe.entry);
            let first = find(&firsts, bits).map_or(maybe.entry, |found| firsts[found].1);
            if first < maybe.entry {
                let (tokens, stake) = self.details(maybe);
                each(Copy { row, first: self.entry(first).1, tokens, stake });
            }
        }
    }

    fn details(&self, maybe: &Maybe) -> (u128, Option<(Currency, Exact)>) {
        if maybe.scale == IS_LARGE {
            return self.large.get(&maybe.entry).copied().unwrap_or((0, None));
        }
        let currency = self.currencies.get(usize::from(maybe.currency));
        let amount = Exact::new(i128::from(maybe.mantissa), u32::from(maybe.scale)).ok();
        let stake = currency.copied().zip(amount).filter(|_| maybe.scale != NO_STAKE);
        (u128::from(maybe.tokens), stake)
    }

    /// The fingerprint and the row of an entry.
    fn entry(&self, at: usize) -> (u128, RowRef) {
        let entry = self.entries.get(at / PIECE).and_then(|piece| piece.get(at % PIECE));
        let entry = entry.copied().unwrap_or(0);
        let before = self.files.partition_point(|(from, _)| *from <= at);
        let file = self.files.get(before.saturating_sub(1)).map_or(0, |(_, file)| *file);
        let line = u64::try_from(entry & ((1 << LINE_BITS) - 1)).unwrap_or(0);
        (entry >> LINE_BITS, RowRef { file, line })
    }
}

/// Which fingerprints may have been seen: four bits of one word for each.
#[derive(Debug, Default)]
struct Filter {
    words: Vec<u64>,
}

impl Filter {
    /// A filter for so many ids that holds these already.
    fn with_room(ids: usize, entries: &[Vec<u128>]) -> Self {
        let mut filter = Self { words: vec![0; ids / IDS_PER_WORD + 1] };
        for entry in entries.iter().flatten() {
            filter.insert(entry >> LINE_BITS);
        }
        filter
    }

    /// True when it may have been there before.
    #[inline]
    fn insert(&mut self, bits: u128) -> bool {
        let (at, mask) = self.place(bits);
        let Some(word) = self.words.get_mut(at) else { return true };
        let was_there = *word & mask == mask;
        *word |= mask;
        was_there
    }

    #[inline]
    fn holds(&self, bits: u128) -> bool {
        let (at, mask) = self.place(bits);
        self.words.get(at).is_some_and(|word| word & mask == mask)
    }

    #[inline]
    fn place(&self, bits: u128) -> (usize, u64) {
        let low = u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
        let high = u64::try_from(bits >> 64).unwrap_or(0);
        let at = u128::from(low) * self.words.len() as u128 >> 64;
        let bit = |shift: u32| 1_u64 << (high >> shift & 63);
        let mask = bit(0) | bit(6) | bit(12) | bit(18);
        (usize::try_from(at).unwrap_or(0), mask)
    }
}
