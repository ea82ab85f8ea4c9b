//! Sums that no records can have: what a damaged or made-up file holds must neither wrap nor count.

use super::{SavedCell, SavedError, SavedLedger, SavedSums, SavedTime};
use crate::usage::Meter;

/// Most records of a ledger. Each has counts below 2^64 of few meters, so no sum of them reaches 2^128.
pub(super) const MOST_RECORDS: u64 = 1 << 56;

/// Most tokens of one record: all meters together.
const MOST_TOKENS: u128 = (u64::MAX as u128).saturating_mul(Meter::COUNT as u128);

/// Why a cell cannot be.
pub(super) fn cell(cell: &SavedCell, sums: &SavedSums) -> Result<(), &'static str> {
    let records = u128::from(sums.records);
    let most = records.saturating_mul(MOST_TOKENS);
    if sums.records == 0 || sums.records > MOST_RECORDS {
        return Err("a cell has 1 to 2^56 records");
    }
    if sums.straddling > sums.records
        || sums.unread.values().any(|some| *some == 0 || *some > sums.records)
        || sums.reported.values().any(|(some, _)| *some == 0 || *some > sums.records)
    {
        return Err("it says something of more records than there are");
    }
    let most_of_meter = records.saturating_mul(u128::from(u64::MAX));
    if cell.meters().any(|meter| {
        let count = sums.counts[meter];
        count < records || count > most_of_meter
    }) {
        return Err("its records cannot have this count together");
    }
    if sums.tokens.iter().any(|tokens| *tokens > most) {
        return Err("its records cannot have these tokens together");
    }
    if sums.prompt.is_some_and(|(fewest, longest)| fewest > longest || longest > MOST_TOKENS) {
        return Err("no prompt is as short or as long as it says");
    }
    if sums.prompt.is_none() && cell.metered != 0 {
        return Err("it has counts, and does not say how long its prompts are");
    }
    match cell.time {
        SavedTime::Unsaid => Ok(()),
        SavedTime::TakenFor(start, end)
        | SavedTime::Day(start, end)
        | SavedTime::Period(start, end) => {
            if start < end {
                Ok(())
            } else {
                Err("its time ends before it begins")
            }
        }
    }
}

/// Refuses more records than can be added up.
pub(super) fn total(ledger: &SavedLedger) -> Result<(), SavedError> {
    let sums = ledger.sources.values().flat_map(|source| source.cells.values());
    let total = sums.map(|sums| sums.records).try_fold(0u64, u64::checked_add);
    total.filter(|total| *total <= MOST_RECORDS).map(drop).ok_or(SavedError::TooMany)
}
