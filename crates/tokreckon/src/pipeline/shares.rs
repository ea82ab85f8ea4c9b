//! Reading into a ledger with every core, where no row depends on another.
//!
//! Each thread fills a ledger of its own; at the end they are added up, and before that when its
//! groups take much memory: threads know the same groups. (Logs that repeat a request
//! while it grows are read by one thread, whose share looks for these.) Copies of requests in several
//! tables are looked for by all threads together; where it turns out that the order of the rows
//! decides which of them is the copy, the input is read once more, in order. Logs among several inputs
//! are read in order.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::audits::Auditor;
use super::input::{Input, Opened};
use super::order::{Row, conclude, is_new, read_one};
use super::progress::{Bytes, Identity, Rows, Tap};
use super::setup::Pipeline;
use super::taken::Taken;
use super::tally::FileTally;
use super::warning::Warning;
use crate::dedup::Dedup;
use crate::read::{
    Format, Item, ReadError, Reject, Sinks, read_columns_into_sinks, read_into_sinks,
};
use crate::record::Record;

/// Most rejected rows that are listed one by one.
pub(super) const MAX_LISTED: usize = 20;

/// What is to be read, and how.
#[derive(Clone, Copy)]
pub(super) struct Job<'j, 'i, 'b> {
    pub(super) pipeline: &'j Pipeline<'b>,
    pub(super) inputs: &'j [Input<'i>],
    pub(super) tap: &'j Tap,
    /// By what the bytes of each input are known again; none where nothing is saved.
    pub(super) identities: &'j [Arc<Identity>],
    /// The part that is read, and how many there are.
    pub(super) part: u32,
    pub(super) parts: u32,
}

impl Job<'_, '_, '_> {
    pub(super) fn dedup(&self, inputs: usize) -> Option<Dedup> {
        self.pipeline.dedup(inputs, self.part, self.parts)
    }

    /// What an input is read through.
    fn tap_of(&self, file: usize) -> Tap {
        self.tap.of(self.identities.get(file))
    }

    /// Whether this part tells how reading went.
    pub(super) const fn is_told(&self) -> bool {
        self.part == 0
    }
}

/// What was read into a ledger.
pub(super) struct Filled<'b, 'p> {
    pub(super) taken: Taken<'b, 'p>,
    pub(super) files: Vec<FileTally>,
    /// The first rejected rows with the number of their input, by line.
    pub(super) rejects: Vec<(usize, Reject)>,
    pub(super) warnings: Vec<Warning>,
    /// Why an input could not be read: the first of these.
    pub(super) failure: Option<ReadError>,
    /// What the bytes of each input were; empty where nothing is saved.
    pub(super) bytes: Vec<Bytes>,
    /// All that an audit noted, while its auditor notes what one input shows.
    whole: Option<Auditor>,
}

/// What one thread read.
struct Share<'b, 'p, 'd> {
    /// Number of the input.
    file: usize,
    /// Looks for copies in this input.
    dedup: Option<Dedup>,
    /// Looks for copies in several inputs.
    all: Option<&'d Dedup>,
    tap: &'d Tap,
    rows: Rows,
    taken: Taken<'b, 'p>,
    tally: FileTally,
    rejects: Vec<Reject>,
}

/// The shares of an input, and what they gave away while it was read.
struct Shares<'b, 'p, 'd> {
    given: Taken<'b, 'p>,
    all: Vec<Share<'b, 'p, 'd>>,
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'b, 'p> Filled<'b, 'p> {
    pub(super) fn new(pipeline: &'p Pipeline<'b>, tap: &Tap) -> Self {
        Self {
            taken: Taken::new(pipeline, tap),
            files: Vec::new(),
            rejects: Vec::new(),
            warnings: Vec::new(),
            failure: None,
            bytes: Vec::new(),
            whole: None,
        }
    }

    pub(super) fn take(&mut self, file: usize, row: Row<'_>) {
        match row {
            Row::Record(record) => {
                self.taken.record(file, record);
                if let (Some(whole), Some(part)) = (&mut self.whole, &mut self.taken.auditor)
                    && part.has_many_ids()
                {
                    whole.settle(part);
                }
            }
            Row::Reject(reject) => {
                self.taken.reject(file, &reject);
                if self.rejects.len() < MAX_LISTED {
                    self.rejects.push((file, reject));
                }
            }
        }
    }

    /// Reads the next input by one thread.
    pub(super) fn read_in_order(&mut self, job: Job<'_, '_, 'b>, dedup: Option<&Dedup>) {
        let file = self.files.len();
        let input = &job.inputs[file];
        let mut tally = FileTally::of(input.name());
        // Another part has rows between those of this one: to be listed in order, they are put
        // together at the end.
        let is_apart = job.parts > 1 && self.taken.auditor.is_some();
        if is_apart {
            let part = self.taken.auditor.as_ref().map(Auditor::sibling);
            self.whole = std::mem::replace(&mut self.taken.auditor, part);
        }
        let each = &mut |file, row: Row<'_>| self.take(file, row);
        let tap = job.tap_of(file);
        let result = read_one(job.pipeline, (file, input), (&tap, dedup), &mut tally, each);
        if is_apart {
            let part = std::mem::replace(&mut self.taken.auditor, self.whole.take());
            if let (Some(whole), Some(part)) = (&mut self.taken.auditor, part) {
                whole.absorb(part);
            }
        }
        self.conclude(tally, result, job);
    }

    fn conclude(
        &mut self,
        mut tally: FileTally,
        result: Result<Format, ReadError>,
        job: Job<'_, '_, '_>,
    ) {
        // Of every input, one part tells how it went.
        if job.is_told() && !job.tap.is_shut() {
            let failure = conclude(&mut tally, result, &mut self.warnings);
            self.failure = self.failure.take().or(failure);
        }
        self.files.push(tally);
    }

    /// Reads the next input with every core.
    pub(super) fn read_at_once(&mut self, job: Job<'_, '_, 'b>, mut all: Option<&mut Dedup>) {
        let file = self.files.len();
        let mut tally = FileTally::of(job.inputs[file].name());
        if let Some(dedup) = &all {
            // What it says of the inputs before this one is past.
            dedup.order_matters();
        }
        let checkpoint = self.taken.auditor.as_ref().map(Auditor::checkpoint);
        let result = self.read_shares(job, all.as_deref());
        let order_matters = all.as_deref().is_some_and(Dedup::order_matters);
        let holds = result.as_ref().is_ok_and(|(_, shares)| shares.all.len() < 2 || !order_matters);
        if all.is_some() && !holds && !job.tap.is_shut() {
            // What was read is as if it had not been.
            drop(result);
            if let (Some(auditor), Some(checkpoint)) = (&mut self.taken.auditor, &checkpoint) {
                auditor.roll_back(checkpoint);
            }
            if let Some(dedup) = &mut all {
                dedup.forget(file);
            }
            self.read_in_order(job, all.as_deref());
            return;
        }
        let listed = self.rejects.len();
        let result = result.map(|(format, shares)| {
            self.taken.absorb(shares.given);
            for share in shares.all {
                self.add(share, &mut tally);
            }
            format
        });
        self.rejects[listed..].sort_by_key(|(_, reject)| reject.line);
        self.conclude(tally, result, job);
    }

    /// Reads an input with every core, each into a share of its own.
    fn read_shares<'d>(
        &mut self,
        job: Job<'d, '_, 'b>,
        all: Option<&'d Dedup>,
    ) -> Result<(Format, Shares<'b, 'p, 'd>), ReadError> {
        let file = self.files.len();
        let input = &job.inputs[file];
        let audits = self.taken.auditor.is_some();
        // Not in the sums yet: the input may have to be read once more, in order.
        let given = Mutex::new(self.taken.sibling());
        let auditor = Mutex::new(self.taken.auditor.take());
        let new_share = || Share {
            file,
            dedup: all.is_none().then(|| job.dedup(1)).flatten(),
            all,
            tap: job.tap,
            rows: Rows::new(job.tap),
            taken: lock(&given).sibling(),
            tally: FileTally::default(),
            rejects: Vec::new(),
        };
        let settle = |part: &mut Taken<'_, '_>| {
            if let Some(part) = &mut part.auditor
                && let Some(auditor) = lock(&auditor).as_mut()
            {
                auditor.settle(part);
            }
        };
        // Half of the memory for groups is for what threads have not given away yet.
        let threads = job.pipeline.threads;
        let own_bytes = job.pipeline.group_limit() / threads / 2;
        let give = |share: &mut Share<'b, 'p, '_>| {
            if share.taken.group_bytes() > own_bytes {
                let empty = share.taken.sibling();
                let mut part = std::mem::replace(&mut share.taken, empty);
                settle(&mut part);
                lock(&given).absorb(part);
            } else if share.taken.auditor.as_ref().is_some_and(Auditor::has_many_ids) {
                settle(&mut share.taken);
            }
        };
        let sinks = Sinks {
            new: &new_share,
            item: &|share, item| {
                share.take(item);
                give(share);
            },
            // A request that is repeated is looked for among those before it.
            requests_in_order: audits,
        };
        let options = job.pipeline.options(input, job.inputs.len() == 1);
        let result = input.open(&job.tap_of(file));
        let result = result.and_then(|input| match input {
            Opened::Bytes(bytes) => read_into_sinks(bytes, &options, threads, sinks),
            Opened::Columns(table) => read_columns_into_sinks(&*table, &options, threads, sinks),
        });
        self.taken.auditor = auditor.into_inner().unwrap_or_else(PoisonError::into_inner);
        let given = given.into_inner().unwrap_or_else(PoisonError::into_inner);
        result.map(|(format, all)| (format, Shares { given, all }))
    }

    fn add(&mut self, mut share: Share<'b, 'p, '_>, tally: &mut FileTally) {
        share.finish();
        let Share { file, taken, tally: part, rejects, .. } = share;
        self.taken.absorb(taken);
        tally.add(part);
        self.rejects.extend(rejects.into_iter().map(|reject| (file, reject)));
    }
}

impl Share<'_, '_, '_> {
    /// Adds what was held until the end of the input.
    fn finish(&mut self) {
        let Self { file, dedup, taken, tally, .. } = self;
        let Some(dedup) = dedup else { return };
        let each = &mut |_: usize, record: &Record<'_>| {
            tally.records += 1;
            taken.record(*file, record);
        };
        // Within one input nothing is left out.
        dedup.finish(each, &mut |_, _, _| {});
        if let Some(copies) = dedup.tallies().first() {
            tally.copies.clone_from(copies);
        }
    }

    fn take(&mut self, item: Item<'_>) {
        let (file, dedup) = match self.all {
            Some(all) => (self.file, Some(all)),
            None => (0, self.dedup.as_ref()),
        };
        let counts = match &item {
            Item::Record(record) => {
                self.tally.offered += 1;
                dedup.is_none_or(|dedup| is_new(self.tap, dedup, file, record))
            }
            _ => dedup.is_none_or(Dedup::is_first_part),
        };
        if counts {
            self.take_new(item);
        }
    }

    /// Takes an item that is no copy.
    fn take_new(&mut self, item: Item<'_>) {
        self.rows.count();
        self.tally.count(&item);
        match item {
            Item::Record(record) => self.taken.record(self.file, record),
            Item::Reject(reject) => {
                self.taken.reject(self.file, &reject);
                // Lines of a thread come in order: its first ones hold the first of all.
                if self.rejects.len() < MAX_LISTED {
                    self.rejects.push(reject);
                }
            }
            _ => {}
        }
    }
}
