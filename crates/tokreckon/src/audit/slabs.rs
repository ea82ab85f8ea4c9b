//! Full pieces in memory, many in one stretch: handed over at once, written at once, given back at once.
//!
//! A piece that is full is copied to the end of a stretch, and its own bytes are used again: so memory
//! is asked for seldom, and in large parts.

use std::thread;

use super::packed::{Entries, PIECE_BYTES, Piece};

/// Pieces in a stretch of 1 MB.
const PIECES: usize = if cfg!(test) { 4 } else { 256 };

/// The pieces of all partitions that were full.
#[derive(Debug, Default)]
pub(super) struct Slabs {
    full: Vec<Slab>,
    /// The one that pieces are copied to.
    open: Option<Slab>,
    /// Empty ones, to be used again.
    spare: Vec<Slab>,
}

/// How many there were at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    full: usize,
    open: usize,
    pieces: usize,
}

impl Mark {
    /// Pieces that there were.
    pub(super) const fn pieces(&self) -> usize {
        self.pieces
    }
}

impl Slabs {
    /// Copies a piece of a partition.
    pub(super) fn keep(&mut self, partition: u8, piece: &Piece) {
        let Some(bytes) = piece.bytes() else { return };
        self.keep_entries(partition, bytes, piece.entries().count());
    }

    fn keep_entries(&mut self, partition: u8, bytes: &[u8; PIECE_BYTES], count: usize) {
        let spare = || self.spare.pop().unwrap_or_else(Slab::new);
        let open = self.open.get_or_insert_with(spare);
        let (rooms, _) = open.room.as_chunks_mut::<PIECE_BYTES>();
        if let Some(room) = rooms.get_mut(open.pieces.len()) {
            room.copy_from_slice(bytes);
            open.pieces.push((partition, u16::try_from(count).unwrap_or(u16::MAX)));
        }
        if open.pieces.len() == PIECES {
            self.full.extend(self.open.take());
        }
    }

    /// True when there is a full stretch.
    #[inline]
    pub(super) const fn are_many(&self) -> bool {
        !self.full.is_empty()
    }

    /// Takes the full stretches of a part, and gives it an empty one.
    pub(super) fn take_full(&mut self, part: &mut Self) {
        self.full.append(&mut part.full);
        part.spare.extend(self.spare.pop());
    }

    /// Takes the other pieces of a part.
    pub(super) fn take_open(&mut self, part: Self) {
        let Some(slab) = part.open else { return };
        if self.open.is_none() {
            self.open = Some(slab);
            return;
        }
        for (partition, bytes, count) in slab.pieces() {
            self.keep_entries(partition, bytes, count);
        }
    }

    /// Bytes of all pieces.
    pub(super) fn bytes(&self) -> usize {
        self.count() * PIECE_BYTES
    }

    fn count(&self) -> usize {
        self.slabs().map(|slab| slab.pieces.len()).sum()
    }

    /// The open one first: the others may be those of parts since a [`Mark`].
    pub(super) fn slabs(&self) -> impl Iterator<Item = &Slab> {
        self.open.iter().chain(&self.full)
    }

    /// All entries, each piece with its partition.
    pub(super) fn entries(&self) -> impl Iterator<Item = (u8, Entries<'_>)> {
        let pieces = self.slabs().flat_map(Slab::pieces);
        pieces.map(|(partition, bytes, count)| (partition, Entries::new(bytes, count)))
    }

    /// Forgets all pieces.
    pub(super) fn clear(&mut self) {
        for mut slab in self.open.take().into_iter().chain(self.full.drain(..)) {
            slab.pieces.clear();
            self.spare.push(slab);
        }
    }

    /// Gives all memory back, with so many threads: of much that takes a while.
    pub(super) fn free(mut self, threads: usize) {
        let share = self.full.len().div_ceil(threads.max(1));
        thread::scope(|scope| {
            while self.full.len() > share {
                let part = self.full.split_off(self.full.len() - share);
                scope.spawn(|| drop(part));
            }
            drop(self);
        });
    }

    /// How many there are.
    pub(super) fn mark(&self) -> Mark {
        let open = self.open.as_ref().map_or(0, |open| open.pieces.len());
        Mark { full: self.full.len(), open, pieces: self.count() }
    }

    /// Forgets all stretches that were taken since.
    pub(super) fn forget_since(&mut self, mark: &Mark) {
        self.full.truncate(mark.full);
        if let Some(open) = &mut self.open {
            open.pieces.truncate(mark.open);
        }
    }
}

/// A stretch of memory with pieces.
#[derive(Debug)]
pub(super) struct Slab {
    room: Box<[u8]>,
    /// Their partitions, and how many entries are in each.
    pieces: Vec<(u8, u16)>,
}

impl Slab {
    fn new() -> Self {
        Self {
            room: vec![0; PIECES * PIECE_BYTES].into_boxed_slice(),
            pieces: Vec::with_capacity(PIECES),
        }
    }

    /// The bytes of all pieces, for a store.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.room[..self.pieces.len() * PIECE_BYTES]
    }

    /// The pieces: the partition, the bytes and the number of entries of each.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (u8, &[u8; PIECE_BYTES], usize)> {
        let (rooms, _) = self.room.as_chunks::<PIECE_BYTES>();
        let pieces = rooms.iter().zip(&self.pieces);
        pieces.map(|(bytes, (partition, count))| (*partition, bytes, usize::from(*count)))
    }
}
