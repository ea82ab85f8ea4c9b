//! An audit in parts, one for each thread: added up they are what one auditor would have found.

use super::check::Memory;
use super::drift::Window;
use super::duplicates::Mark;
use super::{Auditor, Finding, MAX_ROWS};

/// What an auditor had taken from its parts at a time.
#[derive(Clone, Copy, Debug)]
pub struct Checkpoint(Mark);

impl Auditor {
    /// The same at another time.
    #[must_use]
    pub(crate) fn with_now(self, now: crate::time::Instant) -> Self {
        Self { memory: Memory::at(Some(now)), ..self }
    }

    /// An auditor for a part of the input, to be given to [`Auditor::absorb`]. It knows what time
    /// it is, and compares with the same baseline.
    #[must_use]
    pub fn sibling(&self) -> Self {
        Self {
            memory: Memory::at(self.memory.now),
            ids: self.ids.sibling(),
            only_ids: self.only_ids,
            window: self.window.as_ref().map(Window::sibling),
            ..Self::default()
        }
    }

    /// True when a part has seen so many ids that it should be settled, to keep to the limit of
    /// [`Auditor::with_store`].
    #[inline]
    #[must_use]
    pub const fn has_many_ids(&self) -> bool {
        self.ids.are_many()
    }

    /// Takes the ids that a part of the auditor has seen. Parts may be settled at any time.
    pub fn settle(&mut self, part: &mut Self) {
        self.ids.settle(&mut part.ids);
    }

    /// How far parts have been settled.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint(self.ids.mark())
    }

    /// Forgets what parts have settled since, when they are not to be absorbed.
    pub fn roll_back(&mut self, checkpoint: &Checkpoint) {
        self.ids.forget_since(&checkpoint.0);
    }

    /// Adds the findings and the ids of a part; parts come in any order.
    ///
    /// Records that keep their request must all be in one part: a request repeated within minutes
    /// is looked for among the records of a part.
    pub fn absorb(&mut self, mut part: Self) {
        part.list_refused();
        self.ids.absorb(part.ids);
        self.memory.absorb(part.memory);
        self.records += part.records;
        if let (Some(window), Some(part)) = (&mut self.window, part.window) {
            window.absorb(part);
        }
        for (what, records) in part.not_checked.into_iter().flatten() {
            self.unchecked(0, what, records);
        }
        for (key, other) in part.findings {
            self.add_finding(key, other);
        }
    }
}

impl Finding {
    /// Adds the records of another part. The first rows of both are the first of all, each with
    /// its figures.
    pub(super) fn absorb(&mut self, other: Self) {
        self.records += other.records;
        self.tokens += other.tokens;
        let has_figures = !self.figures.is_empty() || !other.figures.is_empty();
        let rows = self.rows.drain(..).chain(other.rows);
        let mut figures = self.figures.drain(..).chain(other.figures);
        let mut all: Vec<_> = rows.map(|row| (row, figures.next().unwrap_or_default())).collect();
        drop(figures);
        all.sort_by_key(|(row, _)| *row);
        all.truncate(MAX_ROWS);
        let (rows, figures) = all.into_iter().unzip();
        self.rows = rows;
        self.figures = if has_figures { figures } else { Vec::new() };
        for (currency, amount) in other.at_stake {
            let sum = self.at_stake.entry(currency).or_default();
            *sum = sum.plus(amount).unwrap_or(*sum);
        }
    }
}
