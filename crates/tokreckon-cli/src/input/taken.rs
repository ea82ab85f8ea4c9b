//! What records come to: a ledger, those of other terms beside it, an audit, the usage for a bill.

use tokreckon::audit::Auditor;
use tokreckon::ledger::Ledger;
use tokreckon::read::Reject;
use tokreckon::reconcile::Reconciler;
use tokreckon::record::Record;

use crate::filter::Filter;

/// Takes one record after the other. Those of several threads add up to one.
pub(crate) struct Taken<'b> {
    pub(crate) ledger: Ledger<'b>,
    /// The same records under other terms.
    pub(crate) as_if: Vec<Ledger<'b>>,
    /// What an audit notes, where one was asked for.
    pub(crate) auditor: Option<Auditor>,
    /// The usage for a bill, where there is one.
    pub(crate) reconciler: Option<Reconciler>,
    /// Which records are taken; `None` for all.
    pub(crate) filter: Option<Filter>,
    /// Records that are not.
    pub(crate) left_out: u64,
}

impl<'b> Taken<'b> {
    /// Takes what belongs to a ledger, and nothing else.
    pub(crate) const fn new(ledger: Ledger<'b>) -> Self {
        Self {
            ledger,
            as_if: Vec::new(),
            auditor: None,
            reconciler: None,
            filter: None,
            left_out: 0,
        }
    }

    pub(super) fn record(&mut self, file: usize, record: &Record<'_>) {
        if self.filter.as_ref().is_some_and(|filter| !filter.takes(record)) {
            self.left_out += 1;
            return;
        }
        for ledger in &mut self.as_if {
            ledger.add(record);
        }
        let posting = self.ledger.add(record);
        if let Some(auditor) = &mut self.auditor {
            auditor.observe(file, record, &posting, &self.ledger);
        }
        if let Some(reconciler) = &mut self.reconciler {
            reconciler.observe(record, &posting, &self.ledger);
        }
    }

    pub(super) fn reject(&mut self, file: usize, reject: &Reject) {
        if let Some(auditor) = &mut self.auditor {
            auditor.reject(file, reject);
        }
    }

    /// Adds what another thread has taken.
    pub(super) fn absorb(&mut self, part: Self) {
        self.left_out += part.left_out;
        let merged = self.ledger.absorb(part.ledger);
        for (sum, part) in self.as_if.iter_mut().zip(part.as_if) {
            sum.absorb(part);
        }
        if let (Some(all), Some(part)) = (&mut self.auditor, part.auditor) {
            all.absorb(part);
        }
        if let (Some(all), Some(part)) = (&mut self.reconciler, part.reconciler) {
            all.absorb(part, &merged);
        }
    }
}
