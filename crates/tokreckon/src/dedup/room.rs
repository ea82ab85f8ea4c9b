//! The memory that may be taken: counted where it grows, refused where it ends.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Bytes that may be taken, and those that are. Several threads may ask at once.
#[derive(Debug)]
pub(super) struct Room {
    limit: usize,
    taken: AtomicUsize,
    is_full: AtomicBool,
}

impl Room {
    pub(super) const fn new(limit: usize) -> Self {
        Self { limit, taken: AtomicUsize::new(0), is_full: AtomicBool::new(false) }
    }

    /// Takes so many bytes; `false`, from then on always, when there is no room for them.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let before = self.taken.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.limit {
            self.is_full.store(true, Ordering::Relaxed);
        }
        !self.is_full()
    }

    pub(super) fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Relaxed)
    }

    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    #[cfg(test)]
    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

/// One part of the records of several: which one a fingerprint belongs to is said by bits that no
/// list is ordered by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) number: u32,
    pub(super) of: u32,
}

impl Part {
    /// All records.
    pub(super) const WHOLE: Self = Self { number: 0, of: 1 };

    pub(super) const fn has(self, fingerprint: u128) -> bool {
        if self.of == 1 {
            return true;
        }
        let low = fingerprint & u32::MAX as u128;
        (low * self.of as u128) >> 32 == self.number as u128
    }

    /// Whether what belongs to no part by a fingerprint belongs to this one.
    pub(super) const fn is_first(self) -> bool {
        self.number == 0
    }
}
