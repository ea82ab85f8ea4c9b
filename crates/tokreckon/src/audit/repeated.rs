//! The same request with the same usage twice within minutes, under different ids: it looks like a
//! retry that was billed twice.

use super::RowRef;
use super::view::{Checked, Found, View};
use crate::charge::Shape;
use crate::lookup::Lookup;
use crate::record::fingerprint;

/// Clients give up and try again within so many seconds (the default limit of OpenAI's clients).
const WINDOW_SECONDS: i64 = 600;

/// Requests seen so far.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// By request, model and counts: when it was last seen, where, and the fingerprint of its id.
    seen: Lookup<u128, (i64, RowRef, u128)>,
}

impl Requests {
    /// Adds the requests of another part: those to come may repeat them.
    pub(super) fn absorb(&mut self, part: &Self) {
        for (key, last) in part.seen.sorted() {
            self.seen.insert(*key, *last);
        }
    }

    /// Says whether the record repeats one before it.
    pub(super) fn check(&mut self, view: &View<'_, '_>, row: RowRef) -> Checked {
        let record = view.record;
        let Some(request) = record.evidence.request else {
            return Err("requests repeated within minutes: no request in the file");
        };
        let Some(period) = record.period.filter(|_| record.shape == Shape::Request) else {
            return Err("requests repeated within minutes: no time");
        };
        if view.totals.input.is_none() || view.totals.output.is_none() {
            return Ok(None);
        }
        let (start, id) = (period.start.0, fingerprint(record.id));
        let key = fingerprint(&(request.to_string(), record.model, view.totals.counts()));
        let last = self.seen.entry_or_insert_with(key, || (i64::MIN, row, id));
        let (before, first, other) = std::mem::replace(last, (start, row, id));
        let seconds = start.abs_diff(before);
        let is_new = before == i64::MIN || seconds > WINDOW_SECONDS.unsigned_abs();
        // The same id is another finding.
        if is_new || (other == id && !record.id.is_empty()) {
            return Ok(None);
        }
        let place = if first.file == row.file { "" } else { " of another file" };
        Ok(Some(Found {
            message: "the same request with the same counts within minutes: looks like a retry \
                      that was billed twice"
                .to_owned(),
            figures: format!("{seconds} s after line {}{place}", first.line),
            stake: view.charge(),
        }))
    }
}
