//! Records with ids on their way into their partitions: those of one are written together.
//!
//! Where a partition goes on is nearly always far away in memory, and further with every record
//! between two of the same partition. Here all are near: for each partition a few entries, and how
//! many there are of each in a table by itself.

use super::packed::{PARTITIONS, Short};

/// Entries that wait for each partition: half a kilobyte.
const MANY: usize = if cfg!(test) { 3 } else { 16 };

/// Entries of all partitions that are not written yet.
#[derive(Debug)]
pub(super) struct Waiting {
    counts: [u8; PARTITIONS],
    /// None before the first entry.
    entries: Vec<[Short; MANY]>,
}

impl Default for Waiting {
    fn default() -> Self {
        Self { counts: [0; PARTITIONS], entries: Vec::new() }
    }
}

impl Waiting {
    /// Adds an entry; false when there is no room.
    #[inline]
    pub(super) fn push(&mut self, partition: u8, short: &Short) -> bool {
        let at = usize::from(partition);
        let room = self.entries.get_mut(at);
        let count = &mut self.counts[at];
        match room.and_then(|entries| entries.get_mut(usize::from(*count))) {
            Some(room) => {
                *room = *short;
                *count += 1;
                true
            }
            None => false,
        }
    }

    /// The entries of a partition, in their order.
    #[inline]
    pub(super) fn entries(&self, partition: u8) -> &[Short] {
        let at = usize::from(partition);
        let entries = self.entries.get(at);
        entries.and_then(|entries| entries.get(..usize::from(self.counts[at]))).unwrap_or(&[])
    }

    /// Forgets the entries of a partition, and makes room for as many.
    pub(super) fn renew(&mut self, partition: u8) {
        self.entries.resize(PARTITIONS, [Short::default(); MANY]);
        self.counts[usize::from(partition)] = 0;
    }
}
