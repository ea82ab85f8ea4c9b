//! The laws of columns: a batch is the CSV that says the same, and cells add up to the same bytes in any
//! order, under any split.

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_array::{Array, RecordBatch};
use tokreckon::book::PriceBook;
use tokreckon::document::ReportDocument;
use tokreckon::ledger::saved::{Prices, SavedLedger};
use tokreckon::ledger::{Dimension, Settings};
use tokreckon::money::Currency;
use tokreckon::pipeline::Pipeline;
use tokreckon::report::Report;
use tokreckon_arrow::{Options, cells, merge, price, report, saved};

#[path = "columns/mod.rs"]
mod columns;

use columns::{Dice, table};

const BY: [Dimension; 4] =
    [Dimension::Provider, Dimension::Model, Dimension::Day, Dimension::Project];

/// The same table read as CSV, by the pipeline.
fn read_csv(csv: &str) -> (SavedLedger, Report) {
    let book = PriceBook::builtin();
    let settings = Settings { by: BY.to_vec(), ..Settings::default() };
    let pipeline = Pipeline::new(&book).settings(settings).every_row().threads(1);
    let run = pipeline.saving([Dimension::Project]).read(csv.as_bytes()).expect("a table");
    (run.saved().expect("saved").expect("asked for"), run.report)
}

fn of(batch: &RecordBatch) -> RecordBatch {
    cells(batch, &[Dimension::Project], &Options::new()).expect("cells")
}

#[test]
fn a_batch_is_the_csv_that_says_the_same() {
    let mut dice = Dice(1);
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..60 {
        let rows = 1 + dice.below(40);
        let table = table(&mut dice, rows);
        let (by_csv, expected) = read_csv(&table.csv);
        let of_batch = of(&table.batch);
        let by_columns = saved(&of_batch).expect("a ledger");
        let [ours, theirs] = [&by_columns, &by_csv].map(|saved| {
            saved.sources.values().map(|source| (&source.cells, &source.rows)).collect::<Vec<_>>()
        });
        assert_eq!(ours, theirs, "{round}\n{}\n{:?}", table.csv, table.batch.schema());
        let report = report(&of_batch, &BY, &Options::new(), Prices::AsSaved).expect("a report");
        let [ours, theirs] = [&report, &expected].map(ReportDocument::from);
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"), "{round}");
        for row in 0..of_batch.num_rows() {
            let text = |name: &str| {
                of_batch.column_by_name(name).expect(name).as_string::<i32>().value(row).to_owned()
            };
            seen.insert(text("outcome"));
            seen.insert(text("meter").split(':').next().unwrap_or_default().to_owned());
            seen.insert(text("refusal"));
        }
    }
    for fate in ["charged", "not-charged", "rejected", "impossible-usage", "not-read", "cost"] {
        assert!(seen.contains(fate), "no {fate} among {seen:?}: the law looks at too little");
    }
}

#[test]
fn cells_add_up_to_the_same_bytes() {
    let mut dice = Dice(2);
    for _ in 0..12 {
        let rows = 2 + dice.below(60);
        let batch = table(&mut dice, rows).batch;
        let whole = of(&batch);
        let mut parts = Vec::new();
        let mut start = 0;
        while start < batch.num_rows() {
            let length = (1 + dice.below(20)).min(batch.num_rows() - start);
            parts.push(of(&batch.slice(start, length)));
            start += length;
        }
        let mut sum = of(&batch.slice(0, 0));
        while !parts.is_empty() {
            let part = parts.swap_remove(dice.below(parts.len()));
            sum = merge(&sum, &part, Prices::AsSaved).expect("cells");
        }
        assert_eq!(sum, whole);
        // Row by row, as an engine hands them around.
        let mut sum = whole.slice(0, 0);
        let mut left: Vec<usize> = (0..whole.num_rows()).collect();
        while !left.is_empty() {
            let row = left.swap_remove(dice.below(left.len()));
            sum = merge(&whole.slice(row, 1), &sum, Prices::AsSaved).expect("cells");
        }
        assert_eq!(sum, whole);
    }
}

#[test]
fn rows_cost_what_their_cells_cost() {
    let mut dice = Dice(3);
    let mut charged = 0;
    for _ in 0..20 {
        let rows = 1 + dice.below(40);
        let batch = table(&mut dice, rows).batch;
        // The table has a cost of its own: what is priced stands beside it.
        let priced = price(&batch, &Options::new()).expect("prices");
        assert_eq!(priced.num_rows(), batch.num_rows());
        let column = |name: &str| priced.column_by_name(name).expect(name);
        let low = column("cost_low").as_primitive::<Decimal128Type>();
        let report = report(&of(&batch), &[Dimension::Provider], &Options::new(), Prices::AsSaved);
        let currencies = column("currency").as_string::<i32>();
        for currency in [Currency::USD, Currency::CNY] {
            let rows = (0..priced.num_rows())
                .filter(|row| low.is_valid(*row) && currencies.value(*row) == currency.to_string());
            let sum: i128 = rows.map(|row| low.value(row)).sum();
            charged += usize::from(sum > 0);
            let report = report.as_ref().expect("a report");
            let groups =
                report.groups.iter().filter_map(|group| group.costs.get(&currency).cloned());
            let expected: i128 = groups
                .map(|bounds| {
                    let lift = 10_i128.pow(24 - bounds.low.scale());
                    bounds.low.mantissa() * lift
                })
                .sum();
            assert_eq!(sum, expected);
        }
        // Every row says what became of it.
        for (row, grade) in column("grade").as_string::<i32>().iter().enumerate() {
            let reasons = column("reasons").as_string::<i32>();
            assert!(grade == Some("exact") || reasons.is_valid(row), "{row}");
            assert_eq!(
                grade.is_none_or(|grade| grade == "unknown"),
                low.is_null(row) || column("cost_high").is_null(row)
            );
        }
    }
    assert!(charged > 10, "{charged}");
}
