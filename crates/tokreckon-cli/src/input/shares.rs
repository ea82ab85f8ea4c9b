//! Reading into a ledger with every core, where no row depends on another.
//!
//! Each thread fills a ledger of its own; at the end they are added up. (Logs that repeat a request
//! while it grows are read by one thread, whose share looks for these.) Copies of requests in several
//! tables are looked for by all threads together; where it turns out that the order of the rows
//! decides which of them is the copy, the file is read once more, in order. Logs among several files
//! are read in order.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;

use tokreckon::audit::Auditor;
use tokreckon::dedup::Dedup;
use tokreckon::ledger::Ledger;
use tokreckon::read::{Format, Item, ReadError, Reject, Sinks, read_into_sinks};
use tokreckon::reconcile::Reconciler;
use tokreckon::record::Record;

use super::parts::Job;
use super::taken::Taken;
use super::{FileTally, Reading, Row, Source, Stop, conclude, count, open_input, read_one, unpack};
use crate::context::complain;
use crate::open;

/// Most rejected rows that are listed one by one.
pub(super) const MAX_LISTED: usize = 20;

/// What was read into a ledger.
pub(crate) struct Filled<'b> {
    pub(crate) taken: Taken<'b>,
    pub(crate) files: Vec<FileTally>,
    /// The first rejected rows with their file, by line.
    pub(crate) rejects: Vec<(String, Reject)>,
    /// All that an audit noted, while its auditor notes what one file shows.
    pub(super) whole: Option<Auditor>,
    /// What was complained about.
    pub(super) said: BTreeSet<String>,
}

/// What one thread read.
struct Share<'b, 'd> {
    /// Index of the file.
    file: usize,
    /// Looks for copies in this file.
    dedup: Option<Dedup>,
    /// Looks for copies in several files.
    all: Option<&'d Dedup>,
    stop: &'d Stop,
    taken: Taken<'b>,
    tally: FileTally,
    rejects: Vec<Reject>,
}

/// True for a file that can be read twice and whose rows no other row depends on, by its name.
pub(super) fn is_table(path: &Path) -> bool {
    let is_packed = |ending: &OsStr| ending == "gz" || ending == "zst";
    let inner = path.file_stem().map(Path::new).filter(|_| path.extension().is_some_and(is_packed));
    let ending = inner.unwrap_or(path).extension();
    let is_file = fs::metadata(path).is_ok_and(|file| file.is_file());
    is_file && ending.is_some_and(|ending| ending == "csv" || ending == "tsv")
}

fn lock(auditor: &Mutex<Option<Auditor>>) -> MutexGuard<'_, Option<Auditor>> {
    auditor.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'b> Filled<'b> {
    pub(super) fn take(&mut self, file: Source<'_>, row: Row<'_>) {
        match row {
            Row::Record(record) => {
                self.taken.record(file.index, record);
                if let (Some(whole), Some(part)) = (&mut self.whole, &mut self.taken.auditor)
                    && part.has_many_ids()
                {
                    whole.settle(part);
                }
            }
            Row::Reject(reject) => {
                self.taken.reject(file.index, &reject);
                if self.rejects.len() < MAX_LISTED {
                    self.rejects.push((file.name.to_owned(), reject));
                }
            }
        }
    }

    pub(super) fn read_in_order(&mut self, path: &Path, job: &Job<'_>, dedup: Option<&Dedup>) {
        let mut tally = FileTally { name: open::name(path), ..FileTally::default() };
        let index = self.files.len();
        // Another part has rows between those of this one: to be listed in order, they are put
        // together at the end.
        let is_apart = job.parts > 1 && self.taken.auditor.is_some();
        if is_apart {
            let part = self.taken.auditor.as_ref().map(Auditor::sibling);
            self.whole = std::mem::replace(&mut self.taken.auditor, part);
        }
        let reading = Reading { options: job.options, dedup, stop: job.stop };
        let result = open_input(path, job.stop).and_then(|input| {
            read_one(input, reading, index, &mut tally, &mut |file, row| self.take(file, row))
        });
        if is_apart {
            let part = std::mem::replace(&mut self.taken.auditor, self.whole.take());
            if let (Some(whole), Some(part)) = (&mut self.taken.auditor, part) {
                whole.absorb(part);
            }
        }
        self.conclude(tally, result, job);
    }

    fn conclude(&mut self, mut tally: FileTally, result: Result<Format, ReadError>, job: &Job<'_>) {
        // Of every file, one part tells how it went.
        if job.is_told() && !job.stop.is_set() {
            for message in conclude(&mut tally, result) {
                // Where there was no room, files are read again from the first on.
                if self.said.insert(message.clone()) {
                    complain(&message);
                }
            }
        }
        self.files.push(tally);
    }

    pub(super) fn read_file(&mut self, path: &Path, job: &Job<'_>, mut all: Option<&mut Dedup>) {
        let mut tally = FileTally { name: open::name(path), ..FileTally::default() };
        if let Some(dedup) = &all {
            // What it says of the files before this one is past.
            dedup.order_matters();
        }
        let checkpoint = self.taken.auditor.as_ref().map(Auditor::checkpoint);
        let result = self.read_shares(path, job, all.as_deref());
        let order_matters = all.as_deref().is_some_and(Dedup::order_matters);
        let holds = result.as_ref().is_ok_and(|(_, shares)| shares.len() < 2 || !order_matters);
        if all.is_some() && !holds && !job.stop.is_set() {
            // What was read is as if it had not been.
            drop(result);
            if let (Some(auditor), Some(checkpoint)) = (&mut self.taken.auditor, &checkpoint) {
                auditor.roll_back(checkpoint);
            }
            if let Some(dedup) = &mut all {
                dedup.forget(self.files.len());
            }
            self.read_in_order(path, job, all.as_deref());
            return;
        }
        let listed = self.rejects.len();
        let result = result.map(|(format, shares)| {
            for share in shares {
                self.add(share, &mut tally);
            }
            format
        });
        self.rejects[listed..].sort_by_key(|(_, reject)| reject.line);
        self.conclude(tally, result, job);
    }

    /// Reads a file with every core, each into a share of its own.
    fn read_shares<'d>(
        &mut self,
        path: &Path,
        job: &Job<'d>,
        all: Option<&'d Dedup>,
    ) -> Result<(Format, Vec<Share<'b, 'd>>), ReadError> {
        let audits = self.taken.auditor.is_some();
        let auditor = Mutex::new(self.taken.auditor.take());
        let new_share = || Share {
            file: self.files.len(),
            dedup: all.is_none().then(|| job.dedup(1)).flatten(),
            all,
            stop: job.stop,
            taken: Taken {
                ledger: self.taken.ledger.sibling(),
                as_if: self.taken.as_if.iter().map(Ledger::sibling).collect(),
                auditor: lock(&auditor).as_ref().map(Auditor::sibling),
                reconciler: self.taken.reconciler.as_ref().map(Reconciler::sibling),
                filter: self.taken.filter.clone(),
                left_out: 0,
            },
            tally: FileTally::default(),
            rejects: Vec::new(),
        };
        let settle = |share: &mut Share<'_, '_>| {
            let many = share.taken.auditor.as_mut().filter(|part| part.has_many_ids());
            if let Some(part) = many
                && let Some(auditor) = lock(&auditor).as_mut()
            {
                auditor.settle(part);
            }
        };
        let threads = available_parallelism().map_or(1, usize::from);
        let sinks = Sinks {
            new: &new_share,
            item: &|share, item| {
                share.take(item);
                settle(share);
            },
            // A request that is repeated is looked for among those before it.
            requests_in_order: audits,
        };
        let result = open_input(path, job.stop)
            .and_then(|input| Ok(unpack::unpack(input)?))
            .and_then(|input| read_into_sinks(input, job.options, threads, sinks));
        self.taken.auditor = auditor.into_inner().unwrap_or_else(PoisonError::into_inner);
        result
    }

    fn add(&mut self, mut share: Share<'b, '_>, tally: &mut FileTally) {
        share.finish();
        let Share { taken, tally: part, rejects, .. } = share;
        self.taken.absorb(taken);
        tally.add(part);
        self.rejects.extend(rejects.into_iter().map(|reject| (tally.name.clone(), reject)));
    }
}

impl Share<'_, '_> {
    /// Adds what was held until the end of the file.
    fn finish(&mut self) {
        let Self { file, dedup, taken, tally, .. } = self;
        let Some(dedup) = dedup else { return };
        let each = &mut |_: usize, record: &Record<'_>| {
            tally.records += 1;
            taken.record(*file, record);
        };
        // Within one file nothing is left out.
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
        let is_new = match &item {
            Item::Record(record) => {
                self.tally.offered += 1;
                dedup.is_none_or(|dedup| self.stop.is_new(dedup, file, record))
            }
            _ => dedup.is_none_or(Dedup::is_first_part),
        };
        if is_new {
            self.take_new(item);
        }
    }

    /// Takes an item that is no copy.
    fn take_new(&mut self, item: Item<'_>) {
        count(&mut self.tally, &item);
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
