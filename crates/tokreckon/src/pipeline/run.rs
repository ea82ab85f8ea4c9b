//! A run: everything that was asked for, from the inputs to the answers.

#[cfg(feature = "audit")]
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::panic::resume_unwind;
use std::thread;

use super::audits::Auditor;
use super::error::PipelineError;
use super::input::{Input, total_bytes};
use super::order::{Row, conclude, finish, read_one, tell_alike};
use super::parts::{self, no_room};
use super::progress::Bytes;
use super::setup::Pipeline;
use super::shares::Filled;
use super::tally::FileTally;
use super::warning::Warning;
use crate::ledger::Ledger;
use crate::ledger::saved::{SavedError, SavedLedger, Saver};
#[cfg(feature = "audit")]
use crate::money::{Currency, Exact};
use crate::read::Reject;
use crate::reconcile::{Reconciler, Reconciliation};
use crate::report::Report;

/// What a run came to. It is the same for any number of threads.
#[derive(Debug)]
#[non_exhaustive]
pub struct Run<'b> {
    /// Every record, grouped and totalled.
    pub report: Report,
    /// The same records under other terms, in the order of [`Pipeline::as_if`].
    pub as_if: Vec<Report>,
    /// What the audit found, where one was asked for.
    #[cfg(feature = "audit")]
    pub audit: Option<crate::audit::Audit>,
    /// What records with a request id of another one come to, where [`Pipeline::telling_repeats`] asks for it
    /// and there are some.
    #[cfg(feature = "audit")]
    pub repeated: Option<Repeated>,
    /// The comparison with the bill, where there is one.
    pub reconciliation: Option<Reconciliation>,
    /// What became of the rows, by input.
    pub files: Vec<FileTally>,
    /// The first rows that cannot be read, at most 20, each with the number of its input.
    pub rejects: Vec<(usize, Reject)>,
    /// What should be known beside the sums.
    pub warnings: Vec<Warning>,
    /// Records that were not asked for ([`Pipeline::only`]).
    pub not_asked_for: u64,
    /// Every record that counts: each charged quantity by itself ([`Ledger::lines`]).
    pub ledger: Ledger<'b>,
    to_save: Option<ToSave>,
}

/// Records whose request id is that of another record: copies, perhaps, and all in the sums.
#[cfg(feature = "audit")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repeated {
    /// How many, beside the first one of each id.
    pub records: u64,
    /// Their input and output tokens.
    pub tokens: u128,
    /// What they cost at least.
    pub at_stake: BTreeMap<Currency, Exact>,
}

#[cfg(feature = "audit")]
impl Repeated {
    fn of(of_ids: &crate::audit::Audit) -> Option<Self> {
        let mut all = Self::default();
        for finding in &of_ids.findings {
            all.records += finding.records;
            all.tokens += finding.tokens;
            for (currency, amount) in &finding.at_stake {
                let sum = all.at_stake.entry(*currency).or_default();
                // A sum of too many digits is left as it was: it is said to be the least.
                *sum = sum.plus(*amount).unwrap_or(*sum);
            }
        }
        (all.records > 0).then_some(all)
    }
}

/// What is to be saved.
#[derive(Debug)]
struct ToSave {
    /// Without its sources.
    ledger: Result<SavedLedger, SavedError>,
    saver: Option<Saver>,
    /// What the bytes of each input were.
    bytes: Vec<Bytes>,
}

impl Run<'_> {
    /// What was read, to be kept without its inputs, where [`Pipeline::saving`] asked for it. A
    /// source is known again by the digest of its bytes, packed ones as they are, taken while they
    /// were read.
    ///
    /// # Errors
    /// When a record cannot be saved, an input could not be read to its end, or it has changed while it
    /// was read several times.
    pub fn saved(&self) -> Result<Option<SavedLedger>, SavedError> {
        let Some(ToSave { ledger, saver, bytes }) = &self.to_save else { return Ok(None) };
        let mut ledger = ledger.clone()?;
        let Some(saver) = saver else { return Ok(Some(ledger)) };
        let mut cells = saver.clone().finish()?;
        let digest = |file: usize| match bytes.get(file) {
            Some(Bytes::Are(digest)) => Some(*digest),
            _ => None,
        };
        for (file, tally) in self.files.iter().enumerate() {
            let name = || tally.name.clone();
            if tally.failure.is_some() {
                return Err(SavedError::NotWhole { name: name() });
            }
            let known = match bytes.get(file) {
                Some(Bytes::Are(digest)) => *digest,
                Some(Bytes::Changed) => return Err(SavedError::Changed { name: name() }),
                Some(Bytes::Unseen) | None => return Err(SavedError::NotWatched { name: name() }),
            };
            let source = tally.saved(cells.remove(&file).unwrap_or_default(), &digest);
            match ledger.sources.entry(known) {
                Entry::Vacant(place) => drop(place.insert(source)),
                // Of a file that was named twice one gave the records: the first where requests are known by
                // their ids, the last where a bucket replaces another.
                Entry::Occupied(mut kept) if kept.get().records() < source.records() => {
                    drop(kept.insert(source));
                }
                Entry::Occupied(_) => {}
            }
        }
        Ok(Some(ledger))
    }
}

/// What became of inputs that were read row by row.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct FilesRead {
    /// What became of the rows, by input.
    pub files: Vec<FileTally>,
    /// What should be known of them.
    pub warnings: Vec<Warning>,
}

impl FilesRead {
    /// True when an input could not be read to its end.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.files.iter().any(|file| file.failure.is_some())
    }
}

impl<'b> Pipeline<'b> {
    /// Reads one input.
    ///
    /// # Errors
    /// When what is asked for excludes itself, it cannot be read, or a sum needs more digits than there
    /// are. Rows that cannot be read are no error: they are in [`Run::rejects`] and counted in
    /// [`Run::files`].
    pub fn read<'i>(&self, input: impl Into<Input<'i>>) -> Result<Run<'b>, PipelineError> {
        self.check()?;
        let mut filled = parts::read(self, &[input.into()])?;
        match filled.failure.take() {
            Some(error) => Err(error.into()),
            None => self.answers(filled),
        }
    }

    /// Reads several inputs: copies of requests among them count once. Of one that cannot be read, or
    /// not to its end, [`FileTally::failure`] and a [`Warning`] say so; the others count.
    ///
    /// # Errors
    /// When what is asked for excludes itself, copies cannot be found in the memory there is, reading
    /// was cancelled, or a sum needs more digits than there are.
    pub fn read_all(&self, inputs: &[Input<'_>]) -> Result<Run<'b>, PipelineError> {
        self.check()?;
        self.answers(parts::read(self, inputs)?)
    }

    /// Reads several inputs one after the other and hands every row that counts to `each`, with the
    /// number of its input. Records that may have copies in inputs to come are handed over at the
    /// end. Only what says how inputs are read has a part in it.
    ///
    /// # Errors
    /// When copies cannot be found in the memory there is: what was handed over until then is of no
    /// use. Or when reading was cancelled.
    pub fn records(
        &self,
        inputs: &[Input<'_>],
        each: &mut dyn FnMut(usize, Row<'_>),
    ) -> Result<FilesRead, PipelineError> {
        self.check()?;
        let mut dedup = self.dedup(inputs.len(), 0, 1);
        let tap = self.tap();
        let mut read = FilesRead::default();
        tap.begin(total_bytes(inputs));
        for (file, input) in inputs.iter().enumerate() {
            let mut tally = FileTally::of(input.name());
            let copies = (&tap, dedup.as_ref());
            let result = read_one(self, (file, input), copies, &mut tally, each);
            if tap.is_cancelled() {
                return Err(PipelineError::Cancelled);
            }
            if tap.has_no_room() {
                return Err(no_room(self, None, None));
            }
            conclude(&mut tally, result, &mut read.warnings);
            read.files.push(tally);
        }
        if let Some(dedup) = &mut dedup {
            let FilesRead { files, warnings } = &mut read;
            finish(dedup, files, None, each, warnings);
            tell_alike(inputs, files, warnings);
        }
        Ok(read)
    }

    /// What the records come to.
    fn answers(&self, filled: Filled<'b, '_>) -> Result<Run<'b>, PipelineError> {
        let Filled { mut taken, files, rejects, warnings, bytes, .. } = filled;
        let (mut ledger, auditor) = (taken.ledger, taken.auditor);
        let unreadable: u64 =
            files.iter().map(|file| file.rejected + u64::from(file.failure.is_some())).sum();
        ledger.count_unreadable(unreadable);
        for as_if in &mut taken.as_if {
            as_if.count_unreadable(unreadable);
        }
        let to_save = self.saved();
        let to_save = to_save.map(|ledger| ToSave { ledger, saver: taken.saver, bytes });
        // The copies are looked for while the sums are made.
        let (report, audit) = thread::scope(|scope| {
            let audit = auditor.map(|auditor| scope.spawn(|| Auditor::finish(auditor)));
            (ledger.report(), audit.map(thread::ScopedJoinHandle::join))
        });
        let audit = audit.map(|audit| audit.unwrap_or_else(|panic| resume_unwind(panic)));
        let audit = audit.transpose().map_err(PipelineError::Store);
        #[cfg(not(feature = "audit"))]
        let _: Option<()> = audit?;
        #[cfg(feature = "audit")]
        let (audit, repeated) = match audit? {
            Some(of_ids) if !self.audits => (None, Repeated::of(&of_ids)),
            audit => (audit, None),
        };
        let as_if = taken.as_if.iter().map(Ledger::report).collect::<Result<Vec<_>, _>>();
        let bill = self.bill.as_ref().zip(taken.reconciler);
        let reconciliation = bill
            .map(|(bill, usage)| Reconciler::new(bill.clone()).with_usage(usage).finish(&ledger));
        Ok(Run {
            report: report.map_err(PipelineError::Sums)?,
            as_if: as_if.map_err(PipelineError::Sums)?,
            #[cfg(feature = "audit")]
            audit,
            #[cfg(feature = "audit")]
            repeated,
            reconciliation: reconciliation.transpose().map_err(PipelineError::Reconcile)?,
            files,
            rejects,
            warnings,
            not_asked_for: taken.left_out,
            ledger,
            to_save,
        })
    }
}
