//! The same request id twice.
//!
//! Ids are kept as 128-bit fingerprints (two keyed SipHash values): among a thousand million ids
//! the chance of one false pair is below 2e-21. 48 bytes of memory an id.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::RowRef;
use crate::lookup::Lookup;

#[derive(Debug, Default)]
pub(super) struct Ids {
    seen: Lookup<(u64, u64), RowRef>,
}

impl Ids {
    /// The row that had this id first; `None` when this is the first.
    pub(super) fn repeats(&mut self, id: &str, row: RowRef) -> Option<RowRef> {
        self.seen.insert_new((hash(0, id), hash(1, id)), row).copied()
    }
}

fn hash(key: u8, id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (key, id).hash(&mut hasher);
    hasher.finish()
}
