//! What records come to: a ledger, those of other terms beside it, an audit, the usage for a bill.

use super::audits::Auditor;
use super::progress::Tap;
use super::setup::Pipeline;
use crate::ledger::saved::Saver;
use crate::ledger::{Filter, Ledger};
use crate::read::Reject;
use crate::reconcile::Reconciler;
use crate::record::Record;

/// Takes one record after the other. Those of several threads add up to one.
pub(super) struct Taken<'b, 'p> {
    pub(super) ledger: Ledger<'b>,
    /// The same records under other terms.
    pub(super) as_if: Vec<Ledger<'b>>,
    /// What an audit notes, where one was asked for.
    pub(super) auditor: Option<Auditor>,
    /// The usage for a bill, where there is one.
    pub(super) reconciler: Option<Reconciler>,
    /// Cells to be saved, where they are wanted.
    pub(super) saver: Option<Saver>,
    /// Which records are taken; `None` for all.
    pub(super) filter: Option<&'p Filter>,
    /// Records that are not.
    pub(super) left_out: u64,
    /// Is told what its groups take.
    tap: Tap,
}

impl<'b, 'p> Taken<'b, 'p> {
    pub(super) fn new(pipeline: &'p Pipeline<'b>, tap: &Tap) -> Self {
        let bill = pipeline.bill.as_ref();
        Self {
            ledger: pipeline.ledger(),
            as_if: pipeline.ledgers_as_if(),
            auditor: pipeline.auditor(),
            reconciler: bill.map(|bill| Reconciler::new(bill.clone()).sibling()),
            // Why there is none is told when it is asked for.
            saver: pipeline.saved().and_then(Result::ok).map(|ledger| Saver::new(&ledger)),
            filter: pipeline.filter.as_ref(),
            left_out: 0,
            tap: tap.clone(),
        }
    }

    /// One with nothing in it, to be added to this one.
    pub(super) fn sibling(&self) -> Self {
        Self {
            ledger: self.ledger.sibling(),
            as_if: self.as_if.iter().map(Ledger::sibling).collect(),
            auditor: self.auditor.as_ref().map(Auditor::sibling),
            reconciler: self.reconciler.as_ref().map(Reconciler::sibling),
            saver: self.saver.as_ref().map(Saver::sibling),
            filter: self.filter,
            left_out: 0,
            tap: self.tap.clone(),
        }
    }

    /// What its groups take.
    #[inline]
    pub(super) fn group_bytes(&self) -> usize {
        self.ledger.group_bytes() * (1 + self.as_if.len())
    }

    pub(super) fn record(&mut self, file: usize, record: &Record<'_>) {
        let settings = self.ledger.settings();
        let settled;
        let record = if settings.nothing_cached {
            let totals = record.totals.map(|totals| settings.settled_totals(&totals));
            settled = Record { totals, ..*record };
            &settled
        } else {
            record
        };
        if self.filter.is_some_and(|filter| !filter.takes(&settings.settled(record))) {
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
        if let Some(saver) = &mut self.saver {
            saver.observe(file, record, &posting, &self.ledger);
        }
        if let Some(reconciler) = &mut self.reconciler {
            reconciler.observe(record, &posting, &self.ledger);
        }
        self.tell();
    }

    /// Tells what its groups take.
    #[inline]
    fn tell(&mut self) {
        self.tap.tell_groups(self.group_bytes(), self.ledger.group_count());
    }

    pub(super) fn reject(&mut self, file: usize, reject: &Reject) {
        if let Some(auditor) = &mut self.auditor {
            auditor.reject(file, reject);
        }
        if let Some(reconciler) = &mut self.reconciler {
            reconciler.reject();
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
        if let (Some(all), Some(part)) = (&mut self.saver, part.saver) {
            all.absorb(part);
        }
        if let (Some(all), Some(part)) = (&mut self.reconciler, part.reconciler) {
            all.absorb(part, &merged);
        }
        self.tell();
    }
}
