//! What records come to: a ledger, those of other terms beside it, an audit, the usage for a bill.

use tokreckon::audit::Auditor;
use tokreckon::ledger::{Ledger, Outcome};
use tokreckon::read::Reject;
use tokreckon::reconcile::Reconciler;
use tokreckon::record::{Record, Request};

/// Takes one record after the other. Those of several threads add up to one.
pub(crate) struct Taken<'b> {
    pub(crate) ledger: Ledger<'b>,
    /// The same records under other terms.
    pub(crate) as_if: Vec<Ledger<'b>>,
    /// What an audit notes, where one was asked for.
    pub(crate) auditor: Option<Auditor>,
    /// The usage for a bill, where there is one.
    pub(crate) reconciler: Option<Reconciler>,
}

impl<'b> Taken<'b> {
    /// Takes what belongs to a ledger, and nothing else.
    pub(crate) const fn new(ledger: Ledger<'b>) -> Self {
        Self { ledger, as_if: Vec::new(), auditor: None, reconciler: None }
    }

    pub(super) fn record(&mut self, file: usize, record: &Record<'_>) {
        for ledger in &mut self.as_if {
            ledger.add(record);
        }
        let outcome = self.ledger.add(record);
        self.show(file, record, &outcome);
    }

    fn show(&mut self, file: usize, record: &Record<'_>, outcome: &Outcome) {
        if let Some(auditor) = &mut self.auditor {
            auditor.observe(file, record, outcome, &self.ledger);
        }
        if let Some(reconciler) = &mut self.reconciler {
            reconciler.observe(record, outcome, &self.ledger);
        }
    }

    /// Takes a request the short way; `false` when there is none for it.
    pub(super) fn request(&mut self, file: usize, request: &Request<'_>) -> bool {
        // A bill is compared with records.
        if self.reconciler.is_some() {
            return false;
        }
        let Some(posted) = &self.ledger.add_request(request) else { return false };
        for ledger in &mut self.as_if {
            if ledger.add_request(request).is_none() {
                ledger.add(&request.record());
            }
        }
        if let Some(auditor) = &mut self.auditor {
            auditor.observe_request(file, request, posted, &self.ledger);
        }
        true
    }

    pub(super) fn reject(&mut self, file: usize, reject: &Reject) {
        if let Some(auditor) = &mut self.auditor {
            auditor.reject(file, reject);
        }
    }

    /// Adds what another thread has taken.
    pub(super) fn absorb(&mut self, part: Self) {
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
