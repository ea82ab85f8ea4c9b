//! Reading into a ledger with every core, where no row depends on another.
//!
//! Each thread fills a ledger of its own; at the end they are added up. (Logs that repeat a request
//! while it grows are read by one thread, whose share looks for these.) Copies of requests in several
//! tables are looked for by all threads together; where it turns out that the order of the rows
//! decides which of them is the copy, the file is read once more, in order. Logs among several files
//! are read in order.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;

use toktab::audit::Auditor;
use toktab::dedup::Dedup;
use toktab::ledger::{Ledger, Outcome};
use toktab::read::{Format, Item, ReadError, Reject, Sinks, read_into_sinks};
use toktab::record::{Record, Request};

use super::parts::Job;
use super::{FileTally, Reading, Row, Source, Stop, conclude, count, name, open, read_one, unpack};
use crate::progress;

/// Most rejected rows that are listed one by one.
pub(super) const MAX_LISTED: usize = 20;

/// What was read into a ledger.
pub(crate) struct Filled<'b> {
    pub(crate) ledger: Ledger<'b>,
    /// The same records under other terms.
    pub(crate) as_if: Vec<Ledger<'b>>,
    pub(crate) files: Vec<FileTally>,
    /// The first rejected rows with their file, by line.
    pub(crate) rejects: Vec<(String, Reject)>,
    /// What an audit noted, where one was asked for.
    pub(crate) auditor: Option<Auditor>,
    /// All that it noted, while `auditor` notes what one file shows.
    pub(super) whole: Option<Auditor>,
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
    ledger: Ledger<'b>,
    as_if: Vec<Ledger<'b>>,
    tally: FileTally,
    rejects: Vec<Reject>,
    auditor: Option<Auditor>,
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

fn add(ledger: &mut Ledger<'_>, as_if: &mut [Ledger<'_>], record: &Record<'_>) -> Outcome {
    for ledger in as_if {
        ledger.add(record);
    }
    ledger.add(record)
}

impl<'b> Filled<'b> {
    pub(super) fn take(&mut self, file: Source<'_>, row: Row<'_>) {
        let Self { ledger, as_if, rejects, auditor, whole, .. } = self;
        match row {
            Row::Record(record) => {
                let outcome = add(ledger, as_if, record);
                if let Some(auditor) = auditor {
                    auditor.observe(file.index, record, &outcome, ledger);
                    if let Some(whole) = whole.as_mut().filter(|_| auditor.has_many_ids()) {
                        whole.settle(auditor);
                    }
                }
            }
            Row::Reject(reject) => {
                if let Some(auditor) = auditor {
                    auditor.reject(file.index, &reject);
                }
                if rejects.len() < MAX_LISTED {
                    rejects.push((file.name.to_owned(), reject));
                }
            }
        }
    }

    pub(super) fn read_in_order(&mut self, path: &Path, job: &Job<'_>, dedup: Option<&Dedup>) {
        let mut tally = FileTally { name: name(path), ..FileTally::default() };
        let index = self.files.len();
        // Another part has rows between those of this one: to be listed in order, they are put
        // together at the end.
        let is_apart = job.parts > 1 && self.auditor.is_some();
        if is_apart {
            let part = self.auditor.as_ref().map(Auditor::sibling);
            self.whole = std::mem::replace(&mut self.auditor, part);
        }
        let reading = Reading { options: job.options, dedup, stop: job.stop };
        let result = open(path, job.stop).and_then(|input| {
            read_one(input, reading, index, &mut tally, &mut |file, row| self.take(file, row))
        });
        if is_apart {
            let part = std::mem::replace(&mut self.auditor, self.whole.take());
            if let (Some(whole), Some(part)) = (&mut self.auditor, part) {
                whole.absorb(part);
            }
        }
        self.conclude(tally, result, job);
    }

    fn conclude(&mut self, mut tally: FileTally, result: Result<Format, ReadError>, job: &Job<'_>) {
        // Of every file, one part tells how it went.
        if job.is_told() && !job.stop.is_set() {
            conclude(&mut tally, result);
        }
        self.files.push(tally);
    }

    pub(super) fn read_file(&mut self, path: &Path, job: &Job<'_>, mut all: Option<&mut Dedup>) {
        let mut tally = FileTally { name: name(path), ..FileTally::default() };
        if let Some(dedup) = &all {
            // What it says of the files before this one is past.
            dedup.order_matters();
        }
        let checkpoint = self.auditor.as_ref().map(Auditor::checkpoint);
        let result = self.read_shares(path, job, all.as_deref());
        let order_matters = all.as_deref().is_some_and(Dedup::order_matters);
        let holds = result.as_ref().is_ok_and(|(_, shares)| shares.len() < 2 || !order_matters);
        if all.is_some() && !holds && !job.stop.is_set() {
            // What was read is as if it had not been.
            drop(result);
            if let (Some(auditor), Some(checkpoint)) = (&mut self.auditor, &checkpoint) {
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
        let auditor = Mutex::new(self.auditor.take());
        let new_share = || Share {
            file: self.files.len(),
            dedup: all.is_none().then(|| job.dedup(1)).flatten(),
            all,
            stop: job.stop,
            ledger: self.ledger.sibling(),
            as_if: self.as_if.iter().map(Ledger::sibling).collect(),
            tally: FileTally::default(),
            rejects: Vec::new(),
            auditor: lock(&auditor).as_ref().map(Auditor::sibling),
        };
        let settle = |share: &mut Share<'_, '_>| {
            let many = share.auditor.as_mut().filter(|part| part.has_many_ids());
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
            request: &|share, request| {
                share.take_request(request);
                settle(share);
            },
        };
        let result = open(path, job.stop)
            .and_then(|input| Ok(unpack::unpack(input)?))
            .and_then(|input| read_into_sinks(input, job.options, threads, sinks));
        self.auditor = auditor.into_inner().unwrap_or_else(PoisonError::into_inner);
        result
    }

    fn add(&mut self, mut share: Share<'b, '_>, tally: &mut FileTally) {
        share.finish();
        let Share { ledger, as_if, tally: part, rejects, auditor, .. } = share;
        self.ledger.absorb(ledger);
        for (sum, part) in self.as_if.iter_mut().zip(as_if) {
            sum.absorb(part);
        }
        tally.add(part);
        self.rejects.extend(rejects.into_iter().map(|reject| (tally.name.clone(), reject)));
        if let (Some(all), Some(part)) = (&mut self.auditor, auditor) {
            all.absorb(part);
        }
    }
}

impl Share<'_, '_> {
    /// Adds what was held until the end of the file.
    fn finish(&mut self) {
        let Self { file, dedup, ledger, as_if, tally, auditor, .. } = self;
        let Some(dedup) = dedup else { return };
        dedup.finish(&mut |_, record| {
            tally.records += 1;
            let outcome = add(ledger, as_if, record);
            if let Some(auditor) = auditor {
                auditor.observe(*file, record, &outcome, ledger);
            }
        });
        if let Some(copies) = dedup.tallies().first() {
            tally.copies.clone_from(copies);
        }
    }

    /// Takes a request the short way. Within one file none is a copy of another.
    fn take_request(&mut self, request: &Request<'_>) {
        self.tally.offered += 1;
        if self.all.is_some_and(|all| !self.stop.is_new(all, self.file, &request.record())) {
            return;
        }
        let Some(posted) = &self.ledger.add_request(request) else {
            self.take_new(Item::Record(request.record()));
            return;
        };
        for ledger in &mut self.as_if {
            if ledger.add_request(request).is_none() {
                ledger.add(&request.record());
            }
        }
        self.tally.records += 1;
        progress::row();
        if let Some(auditor) = &mut self.auditor {
            auditor.observe_request(self.file, request, posted, &self.ledger);
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
            Item::Record(record) => {
                let outcome = add(&mut self.ledger, &mut self.as_if, &record);
                if let Some(auditor) = &mut self.auditor {
                    auditor.observe(self.file, &record, &outcome, &self.ledger);
                }
            }
            Item::Reject(reject) => {
                if let Some(auditor) = &mut self.auditor {
                    auditor.reject(self.file, &reject);
                }
                // Lines of a thread come in order: its first ones hold the first of all.
                if self.rejects.len() < MAX_LISTED {
                    self.rejects.push(reject);
                }
            }
            _ => {}
        }
    }
}
