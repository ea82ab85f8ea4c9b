//! In the place of an audit, where it is not built: none can be asked for.

use std::io;

use crate::ledger::{Ledger, Posting};
use crate::read::Reject;
use crate::record::Record;

/// No store is opened.
pub(super) trait Store {}

/// Nothing is looked for.
#[derive(Debug, Default)]
pub(super) struct Auditor;

impl Auditor {
    pub(super) const fn of_ids() -> Self {
        Self
    }

    pub(super) const fn sibling(&self) -> Self {
        Self
    }

    pub(super) const fn with_threads(self, _threads: usize) -> Self {
        self
    }

    pub(super) fn with_store(
        self,
        _bytes: usize,
        _open: impl FnOnce() -> io::Result<Box<dyn Store>> + Send + 'static,
    ) -> Self {
        self
    }

    pub(super) const fn has_baseline(&self) -> bool {
        false
    }

    pub(super) const fn has_many_ids(&self) -> bool {
        false
    }

    pub(super) const fn reject(&mut self, _file: usize, _reject: &Reject) {}

    pub(super) const fn observe(
        &mut self,
        _file: usize,
        _record: &Record<'_>,
        _posting: &Posting,
        _ledger: &Ledger<'_>,
    ) {
    }

    pub(super) const fn settle(&mut self, _part: &mut Self) {}

    pub(super) const fn absorb(&mut self, _part: Self) {}

    pub(super) const fn checkpoint(&self) {}

    pub(super) const fn roll_back(&mut self, _to: &()) {}

    pub(super) const fn finish(self) -> io::Result<()> {
        Ok(())
    }
}
