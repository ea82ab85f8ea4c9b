//! The same request id twice, in memory that is stated.
//!
//! Of every id 88 bits of a fingerprint (SipHash with a key of this run) are kept: among a thousand million ids the
//! chance of one false pair is below 2e-9. With its line and what its record came to that is about
//! 19.6 bytes an id (see [`packed`](super::packed)), 19.6 MB a million ids, measured at ten million.
//! Ids are only appended, in any order, by any number of threads; at the end each partition is looked
//! through by itself. Beyond a limit they go to a [`Store`](super::Store).

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::copies::{Copies, Search};
use super::packed::{
    Entries, Entry, Kind, PARTITIONS, PIECE_BYTES, Piece, Short, joined, place, row, split,
};
use super::slabs::{self, Slabs};
use super::spill::{Opener, Spill};
use super::waiting::Waiting;
use super::{Finding, RowRef};
use crate::ledger::RawCost;
use crate::money::Currency;
use crate::record::fingerprint_of_bytes;

/// Bytes of ids that one thread looks through sooner than several are started.
const FEW_BYTES: usize = 1 << 20;

/// Every id that was seen.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// Records on their way into the last pieces.
    waiting: Waiting,
    /// The last piece of each partition; none before the first id.
    tails: Vec<Piece>,
    full: Slabs,
    kinds: Kinds,
    /// Bytes after which ids go to the store.
    limit: Option<(usize, Option<Opener>)>,
    spill: Option<Spill>,
    failure: Option<io::Error>,
}

/// What had been handed over at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    spilled: usize,
    full: slabs::Mark,
}

/// Currencies and scales by number, the same for all parts of an audit.
#[derive(Debug, Default)]
struct Kinds {
    all: Arc<Mutex<Vec<(Currency, u32)>>>,
    /// Those that this part knows; the one used last stands at `last`.
    known: Vec<(Currency, u32)>,
    last: usize,
}

impl Kinds {
    #[inline]
    fn number(&mut self, wanted: (Currency, u32)) -> Kind {
        if self.known.get(self.last) != Some(&wanted) {
            let known = self.known.iter().position(|known| *known == wanted);
            self.last = known.unwrap_or_else(|| self.learn(wanted));
        }
        Kind::try_from(self.last + 1).unwrap_or(Kind::MAX)
    }

    #[cold]
    fn learn(&mut self, wanted: (Currency, u32)) -> usize {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let at = all.iter().position(|known| *known == wanted).unwrap_or_else(|| {
            all.push(wanted);
            all.len() - 1
        });
        self.known.clone_from(&all);
        at
    }
}

impl Ids {
    /// Ids of which at most so many bytes are kept in memory.
    pub(super) fn with_store(limit: usize, store: Opener) -> Self {
        Self { limit: Some((limit, Some(store))), ..Self::default() }
    }

    /// For a part of the same input.
    pub(super) fn sibling(&self) -> Self {
        let kinds = Kinds { all: Arc::clone(&self.kinds.all), ..Kinds::default() };
        Self { kinds, ..Self::default() }
    }

    /// Notes a record.
    #[inline]
    pub(super) fn see(&mut self, id: &[u8], row: RowRef, tokens: u128, stake: Option<RawCost>) {
        self.see_hash(fingerprint_of_bytes(id), row, tokens, stake);
    }

    #[inline]
    pub(super) fn see_hash(
        &mut self,
        hash: u128,
        row: RowRef,
        tokens: u128,
        stake: Option<RawCost>,
    ) {
        let (kind, mantissa) = match &stake {
            Some(stake) => (self.kinds.number((stake.currency, stake.scale)), stake.mantissa),
            None => (0, 0),
        };
        self.see_kind(hash, row, tokens, (kind, mantissa));
    }

    /// Notes a record whose stake has a known kind.
    #[inline]
    fn see_kind(&mut self, hash: u128, row: RowRef, tokens: u128, (kind, mantissa): (Kind, i128)) {
        let (partition, bits) = split(hash);
        let entry = Entry { bits, place: place(row), tokens, kind, mantissa };
        match Short::of(&entry) {
            Some(short) => self.put_short(partition, &short),
            None => self.put_wide(partition, &entry),
        }
    }

    /// Puts a record with those that wait for its partition.
    #[inline]
    fn put_short(&mut self, partition: u8, short: &Short) {
        if !self.waiting.push(partition, short) {
            self.put_waiting(partition);
            self.waiting.push(partition, short);
        }
    }

    /// Puts records that wait into their partition.
    #[inline(never)]
    fn put_waiting(&mut self, partition: u8) {
        let mut done = 0;
        loop {
            let left = &self.waiting.entries(partition)[done..];
            let refused = match self.tails.get_mut(usize::from(partition)) {
                Some(tail) => left.iter().position(|short| !tail.push(short)),
                None => (!left.is_empty()).then_some(0),
            };
            let Some(refused) = refused else { break };
            done += refused;
            self.make_room(partition);
        }
        self.waiting.renew(partition);
    }

    /// Puts a record that is not short into its partition, after those that wait.
    #[inline(never)]
    fn put_wide(&mut self, partition: u8, entry: &Entry) {
        self.put_waiting(partition);
        let push = |tails: &mut [Piece]| {
            let tail = tails.get_mut(usize::from(partition));
            tail.is_some_and(|tail| tail.push_wide(entry))
        };
        if !push(&mut self.tails) {
            self.make_room(partition);
            push(&mut self.tails);
        }
    }

    /// Keeps the last piece of a partition, and begins a new one.
    fn make_room(&mut self, partition: u8) {
        self.tails.resize_with(PARTITIONS, Piece::default);
        let Some(tail) = self.tails.get_mut(usize::from(partition)) else { return };
        self.full.keep(partition, tail);
        tail.renew();
        self.keep_within_limit();
    }

    /// Puts all records that wait into their partitions.
    fn put_all_waiting(&mut self) {
        for partition in 0..=u8::MAX {
            if !self.waiting.entries(partition).is_empty() {
                self.put_waiting(partition);
            }
        }
    }

    /// True when a part should be settled.
    #[inline]
    pub(super) const fn are_many(&self) -> bool {
        self.full.are_many()
    }

    /// Takes most of what a part has seen.
    pub(super) fn settle(&mut self, part: &mut Self) {
        if self.is_sibling_of(&part.kinds) {
            self.full.take_full(&mut part.full);
        } else {
            for (partition, entries) in part.full.entries() {
                self.copy(partition, &entries, &part.kinds);
            }
            part.full.clear();
        }
        self.keep_within_limit();
    }

    /// Takes all that a part has seen.
    pub(super) fn absorb(&mut self, mut part: Self) {
        part.put_all_waiting();
        self.put_all_waiting();
        self.settle(&mut part);
        let is_sibling = self.is_sibling_of(&part.kinds);
        let tails = (0..=u8::MAX).zip(part.tails);
        if is_sibling {
            self.full.take_open(part.full);
            self.tails.resize_with(PARTITIONS, Piece::default);
            for ((partition, piece), tail) in tails.zip(&mut self.tails) {
                tail.append(piece, |piece| self.full.keep(partition, piece));
            }
        } else {
            for (partition, piece) in tails {
                self.copy(partition, &piece.entries(), &part.kinds);
            }
        }
        self.keep_within_limit();
    }

    /// Where the full pieces end now.
    pub(super) fn mark(&self) -> Mark {
        Mark { spilled: self.spill.as_ref().map_or(0, Spill::count), full: self.full.mark() }
    }

    /// Forgets the pieces that parts have handed over since.
    pub(super) fn forget_since(&mut self, mark: &Mark) {
        match &mut self.spill {
            Some(spill) if spill.count() > mark.spilled => {
                // Those of then were written before those since then.
                self.full.clear();
                spill.keep_first(mark.spilled + mark.full.pieces());
            }
            _ => self.full.forget_since(&mark.full),
        }
    }

    /// Whether numbers of kinds mean the same in both.
    fn is_sibling_of(&self, kinds: &Kinds) -> bool {
        Arc::ptr_eq(&self.kinds.all, &kinds.all)
    }

    /// Notes the entries of a part that numbers its kinds in another way.
    fn copy(&mut self, partition: u8, entries: &Entries<'_>, kinds: &Kinds) {
        entries.for_each(|entry| self.copy_entry(partition, entry, kinds));
    }

    fn copy_entry(&mut self, partition: u8, entry: &Entry, kinds: &Kinds) {
        let stake = kinds.known.get((entry.kind as usize).wrapping_sub(1));
        let stake = stake.map(|(currency, scale)| RawCost {
            mantissa: entry.mantissa,
            scale: *scale,
            currency: *currency,
        });
        let hash = joined(partition, entry.bits);
        self.see_hash(hash, row(entry.place), entry.tokens, stake);
    }

    fn keep_within_limit(&mut self) {
        let Some((limit, store)) = &mut self.limit else { return };
        if self.full.bytes() <= *limit || self.failure.is_some() {
            return;
        }
        if let Some(Opener(open)) = store.take() {
            match open() {
                Ok(store) => self.spill = Some(Spill::new(store)),
                Err(error) => self.failure = Some(error),
            }
        }
        if let Some(spill) = &mut self.spill {
            self.failure = spill.write(&self.full).err();
            self.full.clear();
        }
    }

    /// The copies, summed up: those whose first copy comes first by themselves.
    pub(super) fn findings(mut self, threads: usize) -> io::Result<Vec<Finding>> {
        self.put_all_waiting();
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let mut full: Vec<_> = self.full.entries().collect();
        full.sort_by_key(|(partition, _)| *partition);
        let kinds = std::mem::take(&mut self.kinds.all);
        let kinds = kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let few = self.full.bytes() <= FEW_BYTES && self.spill.is_none();
        let (spill, next) = (Mutex::new(self.spill), AtomicUsize::new(0));
        let (tails, full) = (&self.tails, &full);
        let work = || -> io::Result<Copies> {
            let mut search = Search::new(&kinds);
            let mut room = Vec::new();
            loop {
                let partition = next.fetch_add(1, Ordering::Relaxed);
                let Some(tail) = tails.get(partition) else { break };
                let from = full.partition_point(|(of, _)| usize::from(*of) < partition);
                let own = full[from..].iter().take_while(|(of, _)| usize::from(*of) == partition);
                let spilled = match &mut *spill.lock().unwrap_or_else(PoisonError::into_inner) {
                    Some(spill) => spill.read(partition, &mut room)?,
                    None => Vec::new(),
                };
                let (bytes, _) = room.as_chunks::<PIECE_BYTES>();
                let spilled = bytes.iter().zip(spilled);
                let spilled = spilled.map(|(bytes, count)| Entries::new(bytes, count));
                let own = own.map(|(_, entries)| *entries);
                let pieces: Vec<_> = spilled.chain(own).chain([tail.entries()]).collect();
                search.partition(&pieces);
            }
            Ok(search.copies)
        };
        let mut copies = Copies::default();
        if few || threads < 2 {
            copies.absorb(work()?);
        } else {
            thread::scope(|scope| -> io::Result<()> {
                let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
                for worker in workers {
                    match worker.join() {
                        Ok(found) => copies.absorb(found?),
                        Err(panic) => std::panic::resume_unwind(panic),
                    }
                }
                Ok(())
            })?;
        }
        self.full.free(threads);
        Ok(copies.findings())
    }
}

#[cfg(test)]
mod tests;
