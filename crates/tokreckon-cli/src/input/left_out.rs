//! Records that do not count because another file is taken for a later state of theirs: nobody can be
//! sure of that, so they are said, with what they come to.

use std::collections::BTreeMap;

use tokreckon::ledger::{Ledger, Settings};
use tokreckon::record::Record;

use super::FileTally;
use crate::context::{complain, counted};
use crate::print::{bounds_cells, grouped};

/// What was left out, by file and by the file that counts instead.
#[derive(Default)]
pub(super) struct LeftOut<'b>(BTreeMap<(usize, usize), Sum<'b>>);

#[derive(Default)]
struct Sum<'b> {
    records: u64,
    input: u128,
    output: u128,
    ledger: Option<Ledger<'b>>,
}

impl<'b> LeftOut<'b> {
    pub(super) fn add(
        &mut self,
        file: usize,
        by: usize,
        record: &Record<'_>,
        like: Option<&dyn Fn() -> Ledger<'b>>,
    ) {
        let new = || {
            let ledger = like.map(|like| {
                let like = like();
                let settings = Settings { by: Vec::new(), ..like.settings().clone() };
                Ledger::new(like.book().clone(), settings)
            });
            Sum { ledger, ..Sum::default() }
        };
        let sum = self.0.entry((file, by)).or_insert_with(new);
        sum.records += 1;
        let totals = record.totals.unwrap_or_default();
        sum.input += u128::from(totals.input.unwrap_or(0));
        sum.output += u128::from(totals.output.unwrap_or(0));
        if let Some(ledger) = &mut sum.ledger {
            ledger.add(record);
        }
    }

    /// Says it on stderr, and notes it with the files.
    pub(super) fn tell(self, tallies: &mut [FileTally]) {
        for ((file, by), sum) in self.0 {
            let name = |file: usize| tallies.get(file).map_or("", |tally| tally.name.as_str());
            let rows = counted(sum.records, "row");
            let amounts = sum.amounts();
            complain(&format!(
                "{}: {rows} left out, {} input and {} output tokens{amounts}: {} has the same keys with \
                 at least as much of everything, and is taken for a later export\n\
                 hint: where they are different usage, such as of two projects, add `--no-dedup`",
                name(file),
                grouped(sum.input),
                grouped(sum.output),
                name(by)
            ));
            if let Some(tally) = tallies.get_mut(file) {
                tally.left_out += sum.records;
            }
        }
    }
}

impl Sum<'_> {
    /// `, 12.76 USD`: what it costs by the book, or as it says itself.
    fn amounts(&self) -> String {
        let Some(report) = self.ledger.as_ref().and_then(|ledger| ledger.report().ok()) else {
            return String::new();
        };
        let costs = report.total.costs.iter().map(|(currency, bounds)| {
            let [low, high] = bounds_cells(bounds);
            let high = if high.is_empty() { high } else { format!(" to {high}") };
            format!(", {low}{high} {currency}")
        });
        let reported = report.total.reported.iter();
        let reported =
            reported.map(|(currency, amount)| format!(", reported as {amount} {currency}"));
        costs.chain(reported).collect()
    }
}
