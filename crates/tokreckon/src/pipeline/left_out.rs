//! Records that do not count because another input is taken for a later state of theirs: nobody can be
//! sure of that, so they are said, with what they come to.

use std::collections::BTreeMap;

use super::tally::FileTally;
use super::warning::Warning;
use crate::ledger::{Ledger, Settings};
use crate::money::Currency;
use crate::record::Record;
use crate::report::{Bounds, Group};

/// What was left out, by input and by the one that counts instead.
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
        like: Option<&Ledger<'b>>,
    ) {
        let new = || {
            let ledger = like.map(|like| {
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

    /// Says it, and notes it with the inputs.
    pub(super) fn tell(self, tallies: &mut [FileTally], warnings: &mut Vec<Warning>) {
        for ((file, by), sum) in self.0 {
            let name = |file: usize| tallies.get(file).map_or("", |tally| &tally.name).to_owned();
            // What cannot be added up has no amount to be told.
            let report = sum.ledger.map(|ledger| ledger.report());
            let is_open = matches!(&report, Some(Err(_)));
            let total = report.and_then(Result::ok).map_or_else(Group::default, |r| r.total);
            let cost = |currency: &Currency| (*currency, total.cost_in(*currency));
            let costs: Vec<(Currency, Bounds)> = total.costs.keys().map(cost).collect();
            let is_open = is_open || total.is_open();
            let reported = total.reported.iter();
            warnings.push(Warning::LeftOut {
                file: name(file),
                by: name(by),
                rows: sum.records,
                input: sum.input,
                output: sum.output,
                costs,
                is_open,
                reported: reported.map(|(currency, sum)| (*currency, sum.to_string())).collect(),
            });
            if let Some(tally) = tallies.get_mut(file) {
                tally.left_out += sum.records;
            }
        }
    }
}
