//! Two ledgers made one: integer cells add up, in any order.

use super::answers::intern_card;
use super::labels::intern_label;
use super::{Cell, CellKey, GroupKey, Ledger};
use crate::money::InexactError;

/// Where the cards of a ledger that was absorbed stand now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged(Vec<u32>);

impl Merged {
    /// The index of a card, by the one it had.
    pub(crate) fn card(&self, before: u32) -> u32 {
        self.0.get(before as usize).copied().unwrap_or(before)
    }
}

impl Ledger<'_> {
    /// An empty ledger with the same book and settings.
    #[must_use]
    pub fn sibling(&self) -> Self {
        Self::new(self.book.clone(), self.settings.clone())
    }

    /// Adds what another ledger holds. Both must have been made with the same book and settings.
    ///
    /// The report is the same whichever of the two a record went into. Says what became of the
    /// other's cards, for [`Reconciler::absorb`](crate::reconcile::Reconciler::absorb).
    pub fn absorb(&mut self, other: Self) -> Merged {
        let cards: Vec<u32> =
            other.cards.into_iter().map(|card| intern_card(&mut self.cards, card)).collect();
        let terms: Vec<u32> = other.terms.iter().map(|&terms| self.intern_terms(terms)).collect();
        let labels: Vec<u32> = other
            .labels
            .iter()
            .map(|label| intern_label(&mut self.labels, &mut self.label_ids, label))
            .collect();
        let mut groups = Vec::new();
        for (key, tally) in other.groups {
            let mut own = GroupKey::default();
            for (at, id) in key.iter().enumerate().take(self.settings.by.len()) {
                own[at] = labels.get(*id as usize).copied().unwrap_or(0);
            }
            let group = self.group_of(own);
            groups.push(group);
            if let Some((_, sum)) = self.groups.get_mut(group as usize)
                && let Err(error) = sum.absorb(tally)
            {
                self.inexact = self.inexact.or(Some(error));
            }
        }
        let own = |ids: &[u32], id: u32| ids.get(id as usize).copied().unwrap_or(id);
        for (key, cell) in other.cells.sorted() {
            let key = CellKey {
                group: own(&groups, key.group),
                card: own(&cards, key.card),
                terms: own(&terms, key.terms),
                ..*key
            };
            if let Err(error) = self.cells.entry(key, || cell.emptied()).absorb(cell) {
                self.inexact = self.inexact.or(Some(error));
            }
        }
        self.records += other.records;
        self.straddling += other.straddling;
        self.inexact = self.inexact.or(other.inexact);
        Merged(cards)
    }
}

impl Cell {
    /// A cell of the same prices that holds nothing.
    fn emptied(&self) -> Self {
        Self { masks: self.masks, ..Self::default() }
    }

    fn absorb(&mut self, other: &Self) -> Result<(), InexactError> {
        self.exact += other.exact;
        self.assumed += other.assumed;
        self.bounded += other.bounded;
        self.partly += other.partly;
        for (sum, count) in self.counts.iter_mut().zip(other.counts) {
            *sum += count;
        }
        self.unsplit_output += other.unsplit_output;
        self.reported_usd.add(other.reported_usd.total()?)?;
        self.with_reported += other.with_reported;
        let (low, high) = other.line_rounding;
        self.line_rounding = (self.line_rounding.0.plus(low)?, self.line_rounding.1.plus(high)?);
        Ok(())
    }
}
