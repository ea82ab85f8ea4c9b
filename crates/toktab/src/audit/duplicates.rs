//! The same request id twice, in memory that is stated.
//!
//! Of every id 88 bits of a fingerprint (SipHash-1-3) and its line are kept: 16 bytes. Among a
//! thousand million ids the chance of one false pair is below 2e-9. A filter of 8 to 12 bits an id
//! says which ids may have been seen before; of these the cost is kept too, and at the end one pass
//! over all ids tells the true copies from the others. With 3 % of copies that is 20.5 bytes an id, measured at ten million.
//! Beyond a limit the ids go to a [`Store`](super::Store). Rows come in the order of the input, so that the first
//! one is the first.

use std::collections::BTreeMap;
use std::io;

use super::RowRef;
use super::spill::{Opener, Spill, Store};
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
    /// Which record with an id it is, from 0, and which one was the first.
    pub(super) at: u64,
    pub(super) first_at: u64,
    /// The first of the copies.
    pub(super) is_second: bool,
    pub(super) row: RowRef,
    pub(super) first: RowRef,
    pub(super) tokens: u128,
    pub(super) stake: Option<(Currency, Exact)>,
}

/// Ids that are kept in one piece of memory: no piece has to be copied to grow.
const PIECE: usize = 1 << 16;
/// Bits of the line in an entry, below those of the fingerprint.
const LINE_BITS: u32 = 40;
/// Ids for each 64-bit word of the filter at most.
const IDS_PER_WORD: usize = 8;

/// Every id that was seen.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// Fingerprint and line, in the order of the input.
    entries: Vec<Vec<u128>>,
    count: u64,
    /// From which entry on rows are of another file.
    files: Vec<(u64, usize)>,
    filter: Filter,
    /// Those that may be copies, in the order of the input.
    maybe: Vec<Noted>,
    /// Found out once, when all ids are there.
    firsts: Vec<First>,
    currencies: Vec<Currency>,
    /// Tokens and stakes with more digits than [`Noted`] has room for, by entry.
    large: BTreeMap<u64, (u128, Option<(Currency, Exact)>)>,
    /// Bytes after which ids go to the store.
    limit: Option<(usize, Option<Opener>)>,
    spill: Option<Spill>,
    failure: Option<io::Error>,
}

/// An id with its place in the input, and what its record came to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noted {
    /// Fingerprint and line.
    pub(super) entry: u128,
    pub(super) at: u64,
    pub(super) tokens: u64,
    /// Its stake: `mantissa / 10^scale` of a currency; or one of the values below.
    pub(super) mantissa: i64,
    pub(super) scale: u8,
    pub(super) currency: u8,
}

/// The first id with a fingerprint.
#[derive(Clone, Copy, Debug)]
struct First {
    entry: u128,
    at: u64,
}

impl First {
    const fn fingerprint(&self) -> u128 {
        self.entry >> LINE_BITS
    }
}

const NO_STAKE: u8 = 255;
const IS_LARGE: u8 = 254;

impl Noted {
    pub(super) const fn fingerprint(&self) -> u128 {
        self.entry >> LINE_BITS
    }
}

impl Ids {
    /// Ids of which at most so many bytes are kept in memory.
    pub(super) fn with_store(limit: usize, store: Opener) -> Self {
        Self { limit: Some((limit, Some(store))), ..Self::default() }
    }

    /// Notes records, in the order of the input.
    pub(super) fn see(&mut self, sightings: &[Sighting]) {
        for sighting in sightings {
            let file = sighting.row.file;
            if self.files.last().is_none_or(|(_, last)| *last != file) {
                self.files.push((self.count, file));
            }
            let line = u128::from(sighting.row.line.min((1 << LINE_BITS) - 1));
            let entry = sighting.fingerprint >> LINE_BITS << LINE_BITS | line;
            if self.spill.is_some() {
                let noted = self.noted(sighting, entry);
                self.push(&noted);
            } else {
                self.see_in_memory(sighting, entry);
            }
            self.count += 1;
        }
        let (limit, store) = match &mut self.limit {
            Some((limit, store)) => (*limit, store),
            None => return,
        };
        let bytes = self.entries.len() * PIECE * size_of::<u128>()
            + self.maybe.len() * size_of::<Noted>()
            + self.filter.words.len() * size_of::<u64>();
        if bytes > limit
            && let Some(Opener(open)) = store.take()
        {
            match open() {
                Ok(store) => self.move_to(store),
                Err(error) => self.failure = Some(error),
            }
        }
    }

    fn see_in_memory(&mut self, sighting: &Sighting, entry: u128) {
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        if count >= self.filter.words.len() * IDS_PER_WORD {
            self.filter = Filter::default();
            self.filter = Filter::with_room(count.max(PIECE) / 2 * 3, &self.entries);
        }
        if self.filter.insert(entry >> LINE_BITS) {
            let noted = self.noted(sighting, entry);
            if self.maybe.len() == self.maybe.capacity() {
                // Twice the room would be a byte more for each id.
                self.maybe.reserve_exact(self.maybe.len() / 8 + 1_024);
            }
            self.maybe.push(noted);
        }
        if count % PIECE == 0 {
            self.entries.push(Vec::with_capacity(PIECE));
        }
        if let Some(piece) = self.entries.last_mut() {
            piece.push(entry);
        }
    }

    fn noted(&mut self, sighting: &Sighting, entry: u128) -> Noted {
        let mut noted =
            Noted { entry, at: self.count, tokens: 0, mantissa: 0, scale: NO_STAKE, currency: 0 };
        let fits = (|| {
            noted.tokens = u64::try_from(sighting.tokens).ok()?;
            if let Some((currency, amount)) = sighting.stake() {
                noted.mantissa = i64::try_from(amount.mantissa()).ok()?;
                noted.scale = u8::try_from(amount.scale()).ok()?;
                noted.currency = u8::try_from(self.currency(currency)).ok()?;
            }
            Some(())
        })();
        if fits.is_none() {
            noted.scale = IS_LARGE;
            self.large.insert(self.count, (sighting.tokens, sighting.stake()));
        }
        noted
    }

    fn currency(&mut self, currency: Currency) -> usize {
        let known = self.currencies.iter().position(|known| *known == currency);
        known.unwrap_or_else(|| {
            self.currencies.push(currency);
            self.currencies.len() - 1
        })
    }

    fn push(&mut self, noted: &Noted) {
        if let (Some(spill), None) = (&mut self.spill, &self.failure) {
            self.failure = spill.push(noted).err();
        }
    }

    /// Moves everything to the store.
    fn move_to(&mut self, store: Box<dyn Store>) {
        self.spill = Some(Spill::new(store));
        self.filter = Filter::default();
        let mut maybe = std::mem::take(&mut self.maybe).into_iter().peekable();
        let mut at = 0;
        for piece in std::mem::take(&mut self.entries) {
            for entry in piece {
                // An id that cannot be a copy needs no stake: only copies have one.
                let bare =
                    Noted { entry, at, tokens: 0, mantissa: 0, scale: NO_STAKE, currency: 0 };
                let noted = maybe.next_if(|noted| noted.at == at).unwrap_or(bare);
                self.push(&noted);
                at += 1;
            }
        }
    }

    /// Hands over every copy; those of one request in the order of the input.
    pub(super) fn copies(&mut self, each: &mut dyn FnMut(Copy)) -> io::Result<()> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let Some(mut spill) = self.spill.take() else {
            self.copies_in_memory(each);
            return Ok(());
        };
        let result = spill.parts(&mut |part| {
            for same in part.chunk_by(|left, right| left.fingerprint() == right.fingerprint()) {
                let Some((first, copies)) = same.split_first() else { continue };
                for (number, copy) in copies.iter().enumerate() {
                    each(self.copy(copy, first.entry, first.at, number == 0));
                }
            }
        });
        self.spill = Some(spill);
        result
    }

    fn copies_in_memory(&mut self, each: &mut dyn FnMut(Copy)) {
        if self.firsts.is_empty() {
            self.filter = Filter::default();
            self.firsts = self.find_firsts();
        }
        let mut copies = vec![0_u32; self.firsts.len()];
        for noted in &self.maybe {
            let bits = noted.fingerprint();
            let Ok(found) = self.firsts.binary_search_by_key(&bits, First::fingerprint) else {
                continue;
            };
            let First { entry, at } = self.firsts[found];
            if at < noted.at {
                copies[found] = copies[found].saturating_add(1);
                each(self.copy(noted, entry, at, copies[found] == 1));
            }
        }
    }

    /// Where the ids that may be copies stand first, by fingerprint.
    fn find_firsts(&self) -> Vec<First> {
        let mut firsts: Vec<First> =
            self.maybe.iter().map(|noted| First { entry: noted.entry, at: noted.at }).collect();
        firsts.sort_unstable_by_key(|first| (first.fingerprint(), first.at));
        firsts.dedup_by_key(|first| first.fingerprint());
        let mut wanted = Filter::with_room(firsts.len(), &[]);
        for first in &firsts {
            wanted.insert(first.fingerprint());
        }
        for (at, &entry) in (0..).zip(self.entries.iter().flatten()) {
            let bits = entry >> LINE_BITS;
            if wanted.holds(bits)
                && let Ok(found) = firsts.binary_search_by_key(&bits, First::fingerprint)
                && at < firsts[found].at
            {
                firsts[found] = First { entry, at };
            }
        }
        firsts
    }

    fn copy(&self, noted: &Noted, first: u128, first_at: u64, is_second: bool) -> Copy {
        let (tokens, stake) = self.details(noted);
        let (row, first) = (self.row(noted.entry, noted.at), self.row(first, first_at));
        Copy { at: noted.at, first_at, is_second, row, first, tokens, stake }
    }

    fn details(&self, noted: &Noted) -> (u128, Option<(Currency, Exact)>) {
        if noted.scale == IS_LARGE {
            return self.large.get(&noted.at).copied().unwrap_or((0, None));
        }
        let currency = self.currencies.get(usize::from(noted.currency));
        let amount = Exact::new(i128::from(noted.mantissa), u32::from(noted.scale)).ok();
        let stake = currency.copied().zip(amount).filter(|_| noted.scale != NO_STAKE);
        (u128::from(noted.tokens), stake)
    }

    fn row(&self, entry: u128, at: u64) -> RowRef {
        let before = self.files.partition_point(|(from, _)| *from <= at);
        let file = self.files.get(before.saturating_sub(1)).map_or(0, |(_, file)| *file);
        RowRef { file, line: u64::try_from(entry & ((1 << LINE_BITS) - 1)).unwrap_or(0) }
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
        let at = (u128::from(low) * self.words.len() as u128) >> 64;
        let bit = |shift: u32| 1_u64 << (high >> shift & 63);
        let mask = bit(0) | bit(6) | bit(12) | bit(18);
        (usize::try_from(at).unwrap_or(0), mask)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn sighting(id: u32, file: usize, line: u64, large: bool) -> Sighting {
        let cost = RawCost {
            mantissa: if large { i128::MAX / 7 } else { i128::from(line) * 3 },
            scale: 9,
            currency: if line.is_multiple_of(5) { Currency::CNY } else { Currency::USD },
        };
        let stake = (!line.is_multiple_of(3)).then_some(cost);
        Sighting::new(&format!("id-{id}"), RowRef { file, line }, u128::from(line) * 7, stake)
    }

    fn copies(mut ids: Ids) -> Vec<Copy> {
        let mut all = Vec::new();
        ids.copies(&mut |copy| all.push(copy)).expect("memory");
        all.sort_by_key(|copy| copy.at);
        all
    }

    proptest! {
        #[test]
        fn copies_are_those_that_a_map_finds(
            seen in prop::collection::vec((0..400_u32, any::<bool>()), 0..600),
            pieces in 1..50_usize,
            limit in prop::option::of(0..3_usize),
        ) {
            let sightings: Vec<Sighting> = (0..)
                .zip(&seen)
                .map(|(at, (id, large))| sighting(*id, at / 250, at as u64 + 2, *large))
                .collect();
            let mut firsts: BTreeMap<u32, usize> = BTreeMap::new();
            let mut expected = Vec::new();
            let mut times: BTreeMap<u32, u32> = BTreeMap::new();
            for (at, (id, _)) in seen.iter().enumerate() {
                let first = *firsts.entry(*id).or_insert(at);
                *times.entry(*id).or_default() += 1;
                if first != at {
                    let sighting = &sightings[at];
                    expected.push(Copy {
                        at: at as u64,
                        first_at: first as u64,
                        is_second: times[id] == 2,
                        row: sighting.row,
                        first: sightings[first].row,
                        tokens: sighting.tokens,
                        stake: sighting.stake(),
                    });
                }
            }
            let mut ids = match limit {
                None => Ids::default(),
                // Some ids are in memory already when the limit is reached.
                Some(limit) => Ids::with_store(
                    limit << 20,
                    Opener(Box::new(|| Ok(Box::new(Cursor::new(Vec::new()))))),
                ),
            };
            for piece in sightings.chunks(pieces) {
                ids.see(piece);
            }
            prop_assert_eq!(ids.spill.is_some(), limit.is_some_and(|limit| limit < 2) && !seen.is_empty());
            prop_assert_eq!(copies(ids), expected);
        }
    }
}
