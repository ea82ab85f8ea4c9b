//! Ids that do not fit into memory: on disk, in pieces as they were in memory.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom, Write};

use super::packed::{PARTITIONS, PIECE_BYTES};
use super::slabs::Slabs;

/// Where ids can be written and read again, such as a temporary file.
pub trait Store: Read + Write + Seek + Send {}

impl<T: Read + Write + Seek + Send> Store for T {}

/// Opens a [`Store`], once it is needed.
pub(super) struct Opener(pub(super) Box<dyn FnOnce() -> io::Result<Box<dyn Store>> + Send>);

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opener")
    }
}

/// A store with the pieces of every partition.
pub(super) struct Spill {
    store: Box<dyn Store>,
    /// The number of each piece in the store, and the count of its entries.
    pieces: Vec<Vec<(u32, u16)>>,
    count: u32,
}

impl fmt::Debug for Spill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spill").field("count", &self.count).finish_non_exhaustive()
    }
}

impl Spill {
    pub(super) fn new(store: Box<dyn Store>) -> Self {
        Self { store, pieces: vec![Vec::new(); PARTITIONS], count: 0 }
    }

    /// How many pieces there are.
    pub(super) const fn count(&self) -> usize {
        self.count as usize
    }

    /// Forgets all pieces but so many of the first.
    pub(super) fn keep_first(&mut self, count: usize) {
        for pieces in &mut self.pieces {
            pieces.retain(|(number, _)| (*number as usize) < count);
        }
        self.count = self.count.min(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// Writes pieces behind the others.
    pub(super) fn write(&mut self, slabs: &Slabs) -> io::Result<()> {
        self.store.seek(SeekFrom::Start(u64::from(self.count) * PIECE_BYTES as u64))?;
        for slab in slabs.slabs() {
            self.store.write_all(slab.bytes())?;
            for (partition, _, entries) in slab.pieces() {
                let entries = u16::try_from(entries).map_err(io::Error::other)?;
                self.pieces[usize::from(partition)].push((self.count, entries));
                self.count = self.count.checked_add(1).ok_or(io::ErrorKind::FileTooLarge)?;
            }
        }
        Ok(())
    }

    /// The pieces of a partition one after the other, and how many entries are in each.
    pub(super) fn read(&mut self, partition: usize, into: &mut Vec<u8>) -> io::Result<Vec<usize>> {
        let pieces = &self.pieces[partition];
        into.resize(pieces.len() * PIECE_BYTES, 0);
        for ((number, _), room) in pieces.iter().zip(into.chunks_exact_mut(PIECE_BYTES)) {
            self.store.seek(SeekFrom::Start(u64::from(*number) * PIECE_BYTES as u64))?;
            self.store.read_exact(room)?;
        }
        Ok(pieces.iter().map(|(_, entries)| usize::from(*entries)).collect())
    }
}
