//! Reading into a ledger with every core, where no row depends on another.
//!
//! One file has no copies of another to look for, so each thread fills a ledger of its own; at the
//! end they are added up. (Logs that repeat a request while it grows are read by one thread, whose
//! share looks for these.) Several files are compared row by row, in order, by one thread, unless
//! copies are not looked for; an audit compares their requests in any case.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;

use anyhow::Result;
use toktab::audit::Auditor;
use toktab::dedup::{Dedup, Verdict};
use toktab::ledger::{Ledger, Outcome};
use toktab::read::{Item, Options, Reject, Sinks, read_into_sinks};
use toktab::record::{Record, Request};

use super::{
    FileTally, Row, conclude, count, files, mapping, name, open, options, read_all, size, unpack,
};
use crate::args::InputArgs;
use crate::progress;

/// Most rejected rows that are listed one by one.
const MAX_LISTED: usize = 20;

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
}

/// What one thread read.
struct Share<'b> {
    /// Index of the file.
    file: usize,
    dedup: Option<Dedup>,
    ledger: Ledger<'b>,
    as_if: Vec<Ledger<'b>>,
    tally: FileTally,
    rejects: Vec<Reject>,
    auditor: Option<Auditor>,
}

/// Reads every file into a ledger and into those of other terms beside it, and shows every record to
/// an auditor if there is one.
pub(crate) fn read_into<'b>(
    args: &InputArgs,
    ledger: Ledger<'b>,
    as_if: Vec<Ledger<'b>>,
    auditor: Option<Auditor>,
) -> Result<Filled<'b>> {
    let paths = files::list(&args.files, args.recursive)?;
    let mut filled = Filled { ledger, as_if, files: Vec::new(), rejects: Vec::new(), auditor };
    if paths.len() > 1 && (!args.no_dedup || filled.auditor.is_some()) {
        filled.read_in_order(args)?;
        return Ok(filled);
    }
    let mapping = mapping(args)?;
    let options = options(args, mapping.as_ref())?;
    let _reading = progress::begin(size(&paths));
    for path in &paths {
        filled.read_file(path, &options, args.no_dedup);
    }
    filled.rejects.truncate(MAX_LISTED);
    Ok(filled)
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
    fn read_in_order(&mut self, args: &InputArgs) -> Result<()> {
        let Self { ledger, as_if, rejects, auditor, .. } = self;
        self.files = read_all(args, &mut |file, row| match row {
            Row::Record(record) => {
                let outcome = add(ledger, as_if, record);
                if let Some(auditor) = auditor {
                    auditor.observe(file.index, record, &outcome, ledger);
                    auditor.settle_own();
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
        })?;
        Ok(())
    }

    fn read_file(&mut self, path: &Path, options: &Options<'_>, no_dedup: bool) {
        let mut tally = FileTally { name: name(path), ..FileTally::default() };
        let auditor = Mutex::new(self.auditor.take());
        let audits = lock(&auditor).is_some();
        let new_share = || Share {
            file: self.files.len(),
            dedup: (!no_dedup).then(|| Dedup::new(1)),
            ledger: self.ledger.sibling(),
            as_if: self.as_if.iter().map(Ledger::sibling).collect(),
            tally: FileTally::default(),
            rejects: Vec::new(),
            auditor: lock(&auditor).as_ref().map(Auditor::sibling),
        };
        let settle = |share: &mut Share<'_>| {
            if let (Some(part), Some(auditor)) = (&mut share.auditor, lock(&auditor).as_mut()) {
                auditor.settle(part);
            }
        };
        let threads = available_parallelism().map_or(1, usize::from);
        let sinks = Sinks {
            new: &new_share,
            item: &Share::take,
            request: &Share::take_request,
            in_turn: if audits { Some(&settle) } else { None },
        };
        let result = open(path)
            .and_then(|input| Ok(unpack::unpack(input)?))
            .and_then(|input| read_into_sinks(input, options, threads, sinks));
        self.auditor = auditor.into_inner().unwrap_or_else(PoisonError::into_inner);
        let result = result.map(|(format, shares)| {
            for share in shares {
                self.add(share, &mut tally);
            }
            format
        });
        let listed = self.rejects.iter().rposition(|(name, _)| *name != tally.name);
        self.rejects[listed.map_or(0, |at| at + 1)..].sort_by_key(|(_, reject)| reject.line);
        conclude(&mut tally, result);
        self.files.push(tally);
    }

    fn add(&mut self, mut share: Share<'b>, tally: &mut FileTally) {
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

impl Share<'_> {
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
        let Some(posted) = &self.ledger.add_request(request) else {
            self.take(Item::Record(request.record()));
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
        if let (Item::Record(record), Some(dedup)) = (&item, &mut self.dedup)
            && dedup.add(0, record) != Verdict::New
        {
            return;
        }
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
