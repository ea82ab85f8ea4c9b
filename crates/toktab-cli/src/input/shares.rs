//! Reading into a ledger with every core, where no row depends on another.
//!
//! One file has no copies of another to look for, so each thread fills a ledger of its own; at the
//! end they are added up. (Logs that repeat a request while it grows are read by one thread, whose
//! share looks for these.) Several files are compared row by row, in order, by one thread.

use std::thread::available_parallelism;

use anyhow::Result;
use toktab::dedup::{Dedup, Verdict};
use toktab::ledger::Ledger;
use toktab::read::{Item, Reject, read_in_parallel};
use toktab::record::Record;

use super::{
    FileTally, Row, conclude, count, files, mapping, name, open, options, read_all, unpack,
};
use crate::args::InputArgs;

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
}

/// What one thread read.
struct Share<'b> {
    dedup: Option<Dedup>,
    ledger: Ledger<'b>,
    as_if: Vec<Ledger<'b>>,
    tally: FileTally,
    rejects: Vec<Reject>,
}

/// Reads every file into a ledger, and into those of other terms beside it.
pub(crate) fn read_into<'b>(
    args: &InputArgs,
    ledger: Ledger<'b>,
    as_if: Vec<Ledger<'b>>,
) -> Result<Filled<'b>> {
    let paths = files::list(&args.files, args.recursive)?;
    let mut filled = Filled { ledger, as_if, files: Vec::new(), rejects: Vec::new() };
    let [path] = paths.as_slice() else {
        let Filled { ledger, as_if, rejects, .. } = &mut filled;
        filled.files = read_all(args, &mut |file, row| match row {
            Row::Record(record) => add(ledger, as_if, record),
            Row::Reject(reject) if rejects.len() < MAX_LISTED => {
                rejects.push((file.name.to_owned(), reject));
            }
            Row::Reject(_) => {}
        })?;
        return Ok(filled);
    };
    let mapping = mapping(args)?;
    let options = options(args, mapping.as_ref())?;
    let mut tally = FileTally { name: name(path), ..FileTally::default() };
    let new_share = || Share {
        dedup: (!args.no_dedup).then(|| Dedup::new(1)),
        ledger: filled.ledger.sibling(),
        as_if: filled.as_if.iter().map(Ledger::sibling).collect(),
        tally: FileTally::default(),
        rejects: Vec::new(),
    };
    let threads = available_parallelism().map_or(1, usize::from);
    let result = open(path)
        .and_then(|input| Ok(unpack::unpack(input)?))
        .and_then(|input| read_in_parallel(input, &options, threads, &new_share, &Share::take));
    let result = result.map(|(format, shares)| {
        for mut share in shares {
            share.finish();
            filled.ledger.absorb(share.ledger);
            for (sum, part) in filled.as_if.iter_mut().zip(share.as_if) {
                sum.absorb(part);
            }
            tally.add(share.tally);
            filled
                .rejects
                .extend(share.rejects.into_iter().map(|reject| (tally.name.clone(), reject)));
        }
        format
    });
    filled.rejects.sort_by_key(|(_, reject)| reject.line);
    filled.rejects.truncate(MAX_LISTED);
    conclude(&mut tally, result);
    filled.files.push(tally);
    Ok(filled)
}

fn add(ledger: &mut Ledger<'_>, as_if: &mut [Ledger<'_>], record: &Record<'_>) {
    ledger.add(record);
    for ledger in as_if {
        ledger.add(record);
    }
}

impl Share<'_> {
    /// Adds what was held until the end of the file.
    fn finish(&mut self) {
        let Self { dedup, ledger, as_if, tally, .. } = self;
        let Some(dedup) = dedup else { return };
        dedup.finish(&mut |_, record| {
            tally.records += 1;
            add(ledger, as_if, record);
        });
        if let Some(copies) = dedup.tallies().first() {
            tally.copies.clone_from(copies);
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
            Item::Record(record) => add(&mut self.ledger, &mut self.as_if, &record),
            // Lines of a thread come in order: its first ones hold the first of all.
            Item::Reject(reject) if self.rejects.len() < MAX_LISTED => self.rejects.push(reject),
            _ => {}
        }
    }
}
