//! Reading one input after the other, each in its order, by one thread.

use super::input::{Input, Opened, same_bytes};
use super::left_out::LeftOut;
use super::progress::{Rows, Tap};
use super::setup::Pipeline;
use super::tally::FileTally;
use super::warning::Warning;
use crate::dedup::{CopyVerdict, Dedup};
use crate::ledger::Ledger;
use crate::read::{self, Format, Item, ReadError, Reject};
use crate::record::Record;

/// A row that is told of.
#[derive(Debug)]
pub enum Row<'a> {
    /// One of usage or cost.
    Record(&'a Record<'a>),
    /// One that cannot be read.
    Reject(Reject),
}

/// Takes rows, with the place of their input in the list.
pub(super) type Each<'e> = &'e mut dyn FnMut(usize, Row<'_>);

/// True for a record that counts here and now.
pub(super) fn is_new(tap: &Tap, dedup: &Dedup, file: usize, record: &Record<'_>) -> bool {
    let verdict = dedup.add(file, record);
    if verdict == CopyVerdict::NoRoom {
        tap.no_room();
    }
    verdict == CopyVerdict::New
}

/// Reads one input, the one of this number.
pub(super) fn read_one(
    pipeline: &Pipeline<'_>,
    (file, input): (usize, &Input<'_>),
    (tap, dedup): (&Tap, Option<&Dedup>),
    tally: &mut FileTally,
    each: Each<'_>,
) -> Result<Format, ReadError> {
    let mut rows = Rows::new(tap);
    let options = pipeline.options(input, false);
    let mut take = |item: Item<'_>| {
        let counts = match &item {
            Item::Record(record) => {
                tally.offered += 1;
                dedup.is_none_or(|dedup| is_new(tap, dedup, file, record))
            }
            _ => dedup.is_none_or(Dedup::is_first_part),
        };
        if !counts {
            return;
        }
        rows.count();
        tally.count(&item);
        match item {
            Item::Record(record) => each(file, Row::Record(record)),
            Item::Reject(reject) => each(file, Row::Reject(reject)),
            _ => {}
        }
    };
    match input.open(tap)? {
        Opened::Bytes(bytes) => read::read(bytes, &options, &mut take),
        Opened::Columns(table) => read::read_column_table(&*table, &options, &mut take),
    }
}

/// Notes how reading an input ended, and what is to be said about it. Gives an error back.
pub(super) fn conclude(
    tally: &mut FileTally,
    result: Result<Format, ReadError>,
    warnings: &mut Vec<Warning>,
) -> Option<ReadError> {
    let failure = match result {
        Ok(format) => {
            tally.format = format.name();
            None
        }
        Err(error) => {
            let (why, hint, rows) = (error.to_string(), error.hint(), tally.rows());
            let file = tally.name.clone();
            warnings.push(Warning::NotRead { file, why: why.clone(), hint, rows });
            tally.failure = Some(why);
            Some(error)
        }
    };
    // Several threads may have noted the same.
    tally.notes.sort_unstable();
    tally.notes.dedup();
    warnings.extend(Warning::notes(tally));
    failure
}

/// Hands over what was held, and says what was left out and what it comes to by a ledger like this.
pub(super) fn finish(
    dedup: &mut Dedup,
    tallies: &mut [FileTally],
    like: Option<&Ledger<'_>>,
    each: Each<'_>,
    warnings: &mut Vec<Warning>,
) {
    let mut left_out = LeftOut::default();
    let mut held = vec![0u64; tallies.len()];
    dedup.finish(
        &mut |file, record| {
            if let Some(records) = held.get_mut(file) {
                *records += 1;
                each(file, Row::Record(record));
            }
        },
        &mut |file, by, record| left_out.add(file, by, record, like),
    );
    for ((tally, records), copies) in tallies.iter_mut().zip(held).zip(dedup.tallies()) {
        tally.records += records;
        tally.copies.clone_from(copies);
    }
    left_out.tell(tallies, warnings);
    warnings.extend(Warning::conflicts(tallies));
}

/// Says of which inputs all bytes are those of another while their rows have no ids to know copies by.
pub(super) fn tell_alike(
    inputs: &[Input<'_>],
    tallies: &mut [FileTally],
    warnings: &mut Vec<Warning>,
) {
    for at in 1..tallies.len() {
        if !tallies[at].counts_all() {
            continue;
        }
        let Some(other) = same_bytes(inputs, at) else { continue };
        let same_as = tallies[other].name.clone();
        let tally = &mut tallies[at];
        tally.same_bytes = true;
        let (file, records) = (tally.name.clone(), tally.records);
        warnings.push(Warning::SameBytes { file, same_as, records });
    }
}
