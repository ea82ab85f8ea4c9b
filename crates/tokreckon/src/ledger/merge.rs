//! Two ledgers made one: integer cells add up, in any order.

use std::sync::Arc;

use super::route::intern_card;
use super::{CellKey, GroupKey, Ledger, Refusal, Routes};
use crate::lookup::Grow;

/// Where the cards and refusals of a ledger that was absorbed stand now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    cards: Vec<u32>,
    refusals: Vec<Refusal>,
}

impl Merged {
    /// The index of a card, by the one it had.
    pub(crate) fn card(&self, before: u32) -> u32 {
        own(&self.cards, before)
    }

    /// The number of a refusal, by the one it had.
    pub(crate) fn refusal(&self, before: Refusal) -> Refusal {
        self.refusals[before.0 as usize]
    }
}

impl Ledger<'_> {
    /// An empty ledger with the same book and settings.
    #[must_use]
    pub fn sibling(&self) -> Self {
        Self::new(self.book.clone(), self.settings.clone())
    }

    /// True before the first record.
    const fn is_untouched(&self) -> bool {
        let Self { records, cards, groups, refusals, .. } = self;
        *records == 0 && cards.is_empty() && groups.count() == 0 && refusals.is_empty()
    }

    /// Adds what another ledger holds. Both must have been made with the same book and settings.
    ///
    /// The report is the same whichever of the two a record went into. Says what became of the
    /// other's cards, for [`Reconciler::absorb`](crate::reconcile::Reconciler::absorb).
    pub fn absorb(&mut self, other: Self) -> Merged {
        if self.is_untouched() {
            let cards = (0..).take(other.cards.len()).collect();
            let refusals = (0..).take(other.refusals.len()).map(Refusal).collect();
            // Its memory of where records go is that of a thread which has ended.
            *self = Self { routes: Routes::default(), ..other };
            return Merged { cards, refusals };
        }
        let cards: Vec<u32> =
            other.cards.into_iter().map(|card| intern_card(&mut self.cards, card)).collect();
        let terms: Vec<u32> = other.terms.iter().map(|&terms| self.intern_terms(terms)).collect();
        let labels: Vec<u32> = other.names.all().map(|label| self.names.number(label)).collect();
        let refusals: Vec<Refusal> =
            other.refusals.into_iter().map(|it| self.refusal(Arc::unwrap_or_clone(it))).collect();
        let mut groups = Vec::new();
        for (key, tally) in other.groups.into_all() {
            let mut own = GroupKey::default();
            for (own, id) in own.iter_mut().zip(&key) {
                *own = labels[*id as usize];
            }
            let group = self.groups.number(&own);
            groups.push(group);
            if let Some(tally) = tally
                && let Err(error) = self.groups.tally(group).absorb(*tally)
            {
                self.inexact = self.inexact.or(Some(error));
            }
        }
        let merged = Merged { cards, refusals };
        for &((group, refusal), counts) in other.refused.all() {
            let number = self.refused_of(own(&groups, group), merged.refusal(refusal));
            self.refused.of(number).absorb(&counts);
        }
        for (key, cell) in other.cells.iter() {
            let key = CellKey {
                group: own(&groups, key.group),
                card: merged.card(key.card),
                terms: own(&terms, key.terms),
                ..key
            };
            if let Err(error) = self.cells.entry(key, || cell.emptied()).absorb(cell) {
                self.inexact = self.inexact.or(Some(error));
            }
        }
        self.records.grow(other.records);
        self.straddling.grow(other.straddling);
        self.unreadable.grow(other.unreadable);
        self.span = (self.span.0.min(other.span.0), self.span.1.max(other.span.1));
        self.inexact = self.inexact.or(other.inexact);
        merged
    }
}

fn own(ids: &[u32], id: u32) -> u32 {
    ids[id as usize]
}
