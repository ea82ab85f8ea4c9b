//! `--by meter`: what of each group was paid for input, cache reads, output and the rest.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use tokreckon::document::MeterCostDocument;
use tokreckon::grade::{Assumptions, Doubts};
use tokreckon::ledger::{Dimension, Ledger};
use tokreckon::money::Currency;
use tokreckon::report::{Bounds, Line, Report};
use tokreckon::usage::Meter;

use crate::people::People;
use crate::print::{Align, Sheet, bounds_cells};

/// The word on the command line.
pub(crate) const NAME: &str = "meter";

/// Meters of groups, sorted: what of each was counted, and what it cost.
pub(crate) struct Meters {
    by: Vec<Dimension>,
    sums: BTreeMap<(Vec<String>, Meter, Currency), Sum>,
}

#[derive(Default)]
struct Sum {
    quantity: u128,
    bounds: Bounds,
    doubts: Doubts,
    assumptions: Assumptions,
}

impl Meters {
    /// The meters of a ledger's groups, by some of its dimensions.
    pub(crate) fn of(ledger: &Ledger<'_>, by: &[Dimension], people: People) -> Result<Self> {
        let own = &ledger.settings().by;
        let places: Vec<Option<usize>> =
            by.iter().map(|asked| own.iter().position(|other| other == asked)).collect();
        let mut sums: BTreeMap<_, Sum> = BTreeMap::new();
        for line in ledger.lines().context("the sums")? {
            let label = |(by, place): (&Dimension, &Option<usize>)| {
                let label = place.and_then(|at| line.labels.get(at));
                label.map_or(String::new(), |label| people.name(*by, label))
            };
            let labels = by.iter().zip(&places).map(label).collect();
            let sum = sums.entry((labels, line.meter, line.currency)).or_default();
            sum.add(&line)?;
        }
        Ok(Self { by: by.to_vec(), sums })
    }

    /// The table; the last row is the total of the report.
    pub(crate) fn sheet(&self, report: &Report) -> Sheet<'static> {
        let labels = self.by.iter().map(|by| (by.name(), Align::Left));
        let mut currencies = report.total.costs.keys();
        // One currency goes into the heading, as in the table of groups.
        let only = currencies.next().filter(|_| currencies.next().is_none());
        let cost = only.map_or("cost".to_owned(), |only| format!("cost ({only})"));
        let named = |currency: &Currency| {
            if only.is_some() { String::new() } else { currency.to_string() }
        };
        let figures = [
            (NAME, Align::Left),
            ("quantity", Align::Count),
            (cost.as_str(), Align::Amount),
            ("up to", Align::Amount),
            ("currency", Align::Left),
        ];
        let mut sheet = Sheet::new(labels.chain(figures)).spare(&["quantity"]);
        for ((labels, meter, currency), sum) in &self.sums {
            let [low, high] = bounds_cells(&sum.bounds);
            let own = [meter.to_string(), sum.quantity.to_string(), low, high, named(currency)];
            sheet.row(labels.iter().cloned().chain(own).collect());
        }
        for currency in report.total.costs.keys() {
            let bounds = report.total.cost_in(*currency);
            let mut row = vec![String::new(); self.by.len() + 1];
            "total".clone_into(&mut row[0]);
            row.push(String::new());
            row.extend(bounds_cells(&bounds));
            row.push(named(currency));
            sheet.total(row);
        }
        sheet
    }

    /// The same for machines.
    pub(crate) fn documents(&self) -> Vec<MeterCostDocument> {
        let one = |((labels, meter, currency), sum): (&(Vec<String>, Meter, Currency), &Sum)| {
            let names = self.by.iter().map(|by| by.name().to_owned());
            let labels = names.zip(labels.iter().cloned()).collect();
            let reasons = (sum.doubts, sum.assumptions);
            MeterCostDocument::new(labels, *meter, sum.quantity, (*currency, &sum.bounds), reasons)
        };
        self.sums.iter().map(one).collect()
    }
}

impl Sum {
    fn add(&mut self, line: &Line) -> Result<()> {
        self.quantity += line.quantity;
        let bounds = &mut self.bounds;
        let Ok(cost) = &line.cost else {
            bounds.open = true;
            return Ok(());
        };
        self.doubts = self.doubts.union(cost.doubts);
        self.assumptions = self.assumptions.union(cost.assumptions);
        let cost = cost.under_terms;
        bounds.low = bounds.low.plus(cost.low).context("the sums")?;
        bounds.high = bounds.high.plus(cost.high).context("the sums")?;
        bounds.open |= cost.open;
        Ok(())
    }
}
