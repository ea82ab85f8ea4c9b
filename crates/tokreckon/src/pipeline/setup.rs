//! What is asked of a run.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;

use super::audits::{Auditor, Store};
use super::error::PipelineError;
use super::input::Input;
use super::progress::{Progress, Tap};
use crate::book::PriceBook;
use crate::dedup::Dedup;
use crate::ledger::saved::{SavedError, SavedLedger};
use crate::ledger::{AsIf, Dimension, Filter, Ledger, Settings};
use crate::read::{Format, Mapping, Options, Unneeded};
use crate::reconcile::Bill;

/// Below this nothing useful can be said about copies.
const FEWEST_BYTES: usize = 64 << 10;

/// So much groups, and reasons for having no price, may take in any case.
const FEWEST_GROUP_BYTES: usize = 16 << 20;

/// Bytes for finding copies, and as many for the request ids of an audit.
const DEFAULT_MEMORY: usize = 512 << 20;

type OpenStore = dyn Fn() -> io::Result<Box<dyn Store>> + Send + Sync;

/// What is done with usage: how it is read, grouped and priced, and what it is compared with.
///
/// One pipeline serves many runs; each begins with nothing.
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
pub struct Pipeline<'b> {
    pub(super) book: PriceBook<'b>,
    pub(super) settings: Settings,
    pub(super) as_if: Vec<AsIf>,
    pub(super) filter: Option<Filter>,
    format: Option<Format>,
    provider: String,
    mapping: Option<Mapping>,
    reads_bills: bool,
    finds_copies: bool,
    memory: usize,
    pub(super) threads: usize,
    /// Whether an audit is asked for.
    pub(super) audits: bool,
    /// Whether request ids that come back are told of without one.
    tells_repeats: bool,
    /// What knows the time and the baseline; each run takes a sibling.
    auditor: Mutex<Auditor>,
    store: Option<Arc<OpenStore>>,
    pub(super) bill: Option<Bill>,
    /// What a saved ledger tells apart, where one is wanted.
    saved_by: Option<Vec<Dimension>>,
    progress: Arc<dyn Progress>,
}

impl fmt::Debug for Pipeline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut pipeline = f.debug_struct("Pipeline");
        pipeline.field("settings", &self.settings).field("as_if", &self.as_if);
        pipeline.field("filter", &self.filter).field("threads", &self.threads);
        pipeline.finish_non_exhaustive()
    }
}

impl<'b> Pipeline<'b> {
    /// Charges by this book: every record, in one group, on every core, with 512 MiB to find copies.
    #[must_use]
    pub fn new(book: &PriceBook<'b>) -> Self {
        Self {
            book: book.clone(),
            settings: Settings::default(),
            as_if: Vec::new(),
            filter: None,
            format: None,
            provider: String::new(),
            mapping: None,
            reads_bills: false,
            finds_copies: true,
            memory: DEFAULT_MEMORY,
            threads: available_parallelism().map_or(1, usize::from),
            audits: false,
            tells_repeats: false,
            auditor: Mutex::default(),
            store: None,
            bill: None,
            saved_by: None,
            progress: Arc::new(()),
        }
    }

    /// Groups by these dimensions, in order.
    #[must_use]
    pub fn by(mut self, dimensions: impl IntoIterator<Item = Dimension>) -> Self {
        self.settings.by = dimensions.into_iter().collect();
        self
    }

    /// Groups and prices by these settings: dimensions, zone, terms, what is taken for granted.
    #[must_use]
    pub fn settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// Prices the same usage under other terms as well; may be repeated.
    #[must_use]
    pub fn as_if(mut self, terms: AsIf) -> Self {
        self.as_if.push(terms);
        self
    }

    /// Takes only these records.
    #[must_use]
    pub fn only(self, filter: Filter) -> Self {
        Self { filter: Some(filter), ..self }
    }

    /// Who sends the bill, for inputs that do not say.
    #[must_use]
    pub fn provider(self, provider: impl Into<String>) -> Self {
        Self { provider: provider.into(), ..self }
    }

    /// The format of inputs that do not have one of their own; recognised where none is said.
    #[must_use]
    pub fn format(self, format: Format) -> Self {
        Self { format: Some(format), ..self }
    }

    /// The columns of a plain table, or a format of one's own.
    #[must_use]
    pub fn mapping(self, mapping: Mapping) -> Self {
        Self { mapping: Some(mapping), ..self }
    }

    /// Reads bills: a table of costs without counts is recognised as one.
    #[must_use]
    pub fn of_bills(self) -> Self {
        Self { reads_bills: true, ..self }
    }

    /// Counts every row, also copies of requests in other inputs and exports that overlap.
    #[must_use]
    pub fn every_row(self) -> Self {
        Self { finds_copies: false, ..self }
    }

    /// Holds groups in about so many bytes (for a moment up to two and a half times as many, while their
    /// table grows), and finds copies within as many: about 21 a record. With more records inputs are
    /// read several times, where they can be ([`Input::again`]). An audit takes as much for request ids.
    #[must_use]
    pub fn memory(self, bytes: usize) -> Self {
        Self { memory: bytes, ..self }
    }

    /// Reads with so many threads.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads: threads.max(1), ..self }
    }

    /// Looks for what is unpriced, impossible or inconsistent as well. `now` is for usage in the
    /// future: the library asks no clock.
    #[cfg(feature = "audit")]
    #[must_use]
    pub fn audited(self, now: crate::time::Instant) -> Self {
        Self { audits: true, ..self.set_auditor(|auditor| auditor.with_now(now)) }
    }

    /// Tells of request ids that come back, with what their records cost ([`Run::repeated`](super::Run::repeated)).
    /// That takes about 20 bytes a record; an audit tells more.
    #[cfg(feature = "audit")]
    #[must_use]
    pub fn telling_repeats(self) -> Self {
        Self { tells_repeats: true, ..self }
    }

    /// Compares audited usage with that of the past, too: a run without [`Pipeline::audited`] is an
    /// error.
    #[cfg(feature = "audit")]
    #[must_use]
    pub fn with_baseline(self, baseline: crate::audit::Baseline) -> Self {
        self.set_auditor(|auditor| auditor.with_baseline(baseline))
    }

    #[cfg(feature = "audit")]
    fn set_auditor(self, set: impl FnOnce(Auditor) -> Auditor) -> Self {
        let auditor = self.auditor.into_inner().unwrap_or_else(PoisonError::into_inner);
        Self { auditor: Mutex::new(set(auditor)), ..self }
    }

    /// Where an audit's request ids go that do not fit into the memory, such as a temporary file.
    /// Without it all are kept in memory.
    #[cfg(feature = "audit")]
    #[must_use]
    pub fn store(
        self,
        open: impl Fn() -> io::Result<Box<dyn Store>> + Send + Sync + 'static,
    ) -> Self {
        Self { store: Some(Arc::new(open)), ..self }
    }

    /// Compares the usage with a bill as well.
    #[must_use]
    pub fn against(self, bill: Bill) -> Self {
        Self { bill: Some(bill), ..self }
    }

    /// Keeps what [`Run::saved`](super::Run::saved) gives: cells that tell these dimensions apart,
    /// and always provider, model, service tier and day. With [`Pipeline::only`] it is an error.
    #[must_use]
    pub fn saving(self, by: impl IntoIterator<Item = Dimension>) -> Self {
        Self { saved_by: Some(by.into_iter().collect()), ..self }
    }

    /// Tells how far reading has come, and asks whether to go on.
    #[must_use]
    pub fn progress(self, progress: Arc<dyn Progress>) -> Self {
        Self { progress, ..self }
    }

    /// How an input is read: alone, or as one of several.
    pub(super) fn options(&self, input: &Input<'_>, is_alone: bool) -> Options<'_> {
        let compares = self.filter.is_some() || self.bill.is_some() || !is_alone;
        let by_labels = compares || self.first_auditor().has_baseline();
        let is_unneeded =
            |label| !by_labels && self.dimensions().all(|dimension| *dimension != label);
        let unneeded = Unneeded {
            id: !compares && !self.audits && !self.tells_repeats,
            project: is_unneeded(Dimension::Project),
            api_key: is_unneeded(Dimension::ApiKey),
            user: is_unneeded(Dimension::User),
            session: is_unneeded(Dimension::Session),
            agent: is_unneeded(Dimension::Agent),
        };
        Options {
            unneeded,
            format: input.format().or(self.format),
            provider: &self.provider,
            service_tier: self.settings.service_tier,
            mapping: self.mapping.as_ref(),
            is_bill: self.reads_bills,
            label: self.labels().next(),
        }
    }

    /// Says no to what no run can answer, before anything is read.
    pub(super) fn check(&self) -> Result<(), PipelineError> {
        let first = self.labels().next();
        if let Some((first, second)) = first.zip(self.labels().find(|label| Some(*label) != first))
        {
            return Err(PipelineError::TwoLabels { first, second });
        }
        if !self.audits && self.first_auditor().has_baseline() {
            return Err(PipelineError::NoAudit);
        }
        if self.saves() && self.filter.is_some() {
            return Err(PipelineError::FilteredSave);
        }
        Ok(())
    }

    /// Dimensions that records are grouped or saved by.
    fn dimensions(&self) -> impl Iterator<Item = &Dimension> {
        self.settings.by.iter().chain(self.saved_by.iter().flatten())
    }

    /// The labels that records are grouped, saved or asked for by: a record keeps one.
    fn labels(&self) -> impl Iterator<Item = &'static str> {
        let by = self.dimensions().filter_map(|dimension| dimension.label());
        by.chain(self.filter.iter().flat_map(Filter::labels))
    }

    fn first_auditor(&self) -> MutexGuard<'_, Auditor> {
        self.auditor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tap(&self) -> Tap {
        Tap::new(Arc::clone(&self.progress), self.group_limit())
    }

    /// Bytes for groups.
    pub(super) fn group_limit(&self) -> usize {
        self.memory.max(FEWEST_GROUP_BYTES)
    }

    /// Bytes for finding copies.
    pub(super) fn limit(&self) -> usize {
        self.memory.max(FEWEST_BYTES)
    }

    /// A stage that finds copies in so many inputs, if any are to be found.
    pub(super) fn dedup(&self, inputs: usize, part: u32, parts: u32) -> Option<Dedup> {
        let new = || Dedup::new(inputs).with_limit(self.limit()).of_part(part, parts);
        self.finds_copies.then(new)
    }

    /// A new auditor, where one was asked for.
    pub(super) fn auditor(&self) -> Option<Auditor> {
        if !self.audits {
            return self.tells_repeats.then(|| Auditor::of_ids().with_threads(self.threads));
        }
        let auditor = self.first_auditor().sibling().with_threads(self.threads);
        Some(match self.store.clone() {
            Some(open) => auditor.with_store(self.memory, move || open()),
            None => auditor,
        })
    }

    /// True where a saved ledger is wanted.
    pub(super) const fn saves(&self) -> bool {
        self.saved_by.is_some()
    }

    /// A saved ledger without sources, where one is wanted.
    pub(super) fn saved(&self) -> Option<Result<SavedLedger, SavedError>> {
        Some(SavedLedger::in_zone(self.saved_by.as_deref()?, &self.settings.zone))
    }

    pub(super) fn ledger(&self) -> Ledger<'b> {
        Ledger::new(self.book.clone(), self.settings.clone())
    }

    pub(super) fn ledgers_as_if(&self) -> Vec<Ledger<'b>> {
        let settings = |terms: &AsIf| Settings {
            as_if: Some(Arc::new(terms.clone())),
            ..self.settings.clone()
        };
        let ledger = |terms| Ledger::new(self.book.clone(), settings(terms));
        self.as_if.iter().map(ledger).collect()
    }
}
