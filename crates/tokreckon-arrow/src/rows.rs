//! A report as columns.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::builder::{Decimal128Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};
use tokreckon::ledger::NotChargedTally;
use tokreckon::money::{Currency, Exact};
use tokreckon::report::{Group, Report};
use tokreckon::usage::Meter;

use crate::Error;
use crate::encode::COUNT;
use crate::price::{MONEY, units};

/// Tokens written to a cache, for however long.
const CACHE_WRITES: [Meter; 3] = [Meter::CacheWrite, Meter::CacheWrite5m, Meter::CacheWrite1h];

/// Names of the columns of counts, in their order.
const COUNTS: [&str; 7] =
    ["records", "not_charged", "input", "cached", "cache_write", "output", "reasoning"];

/// Names of the columns of money, in their order.
const AMOUNTS: [&str; 3] = ["cost_low", "cost_high", "reported_cost"];

/// What is said of a group in one currency.
struct Row {
    labels: Vec<Option<String>>,
    currency: Option<String>,
    grade: &'static str,
    counts: [Option<u128>; COUNTS.len()],
    amounts: [Option<Exact>; AMOUNTS.len()],
}

/// The groups of a report as rows, without its total: one a currency, and one for a group without costs.
///
/// There is a column a dimension, of text, null where the source does not say; `currency` and `grade`;
/// `records`, `not_charged`, `input`, `cached`, `cache_write`, `output` and `reasoning` as `decimal128(38, 0)`, in the
/// first row of a group alone, so that they add up; `cost_low`, `cost_high` (null without an upper bound)
/// and `reported_cost` as `decimal128(38, 24)`. Tokens that were not charged are counted as well.
///
/// # Errors
/// [`Error::Digits`] and [`Error::Sum`] when a number does not fit.
pub fn report_rows(report: &Report) -> Result<RecordBatch, Error> {
    let rows: Vec<Row> = report.groups.iter().flat_map(|group| of_group(&group)).collect();
    let mut columns: Vec<(&str, ArrayRef)> = Vec::new();
    for (at, by) in report.by.iter().enumerate() {
        columns.push((by.name(), texts(rows.iter().map(|row| row.labels[at].as_deref()))));
    }
    columns.push(("currency", texts(rows.iter().map(|row| row.currency.as_deref()))));
    columns.push(("grade", texts(rows.iter().map(|row| Some(row.grade)))));
    for (at, name) in COUNTS.into_iter().enumerate() {
        let mut column = Decimal128Builder::new().with_data_type(COUNT);
        for row in &rows {
            let fit = |count| i128::try_from(count).ok().filter(|count| *count < 10_i128.pow(38));
            let count = row.counts[at]
                .map(|count| fit(count).ok_or_else(|| Error::Sum { meter: name.to_owned() }));
            column.append_option(count.transpose()?);
        }
        columns.push((name, Arc::new(column.finish())));
    }
    for (at, name) in AMOUNTS.into_iter().enumerate() {
        let mut column = Decimal128Builder::new().with_data_type(MONEY);
        for (number, row) in (1..).zip(&rows) {
            column.append_option(row.amounts[at].map(|cost| units(cost, number)).transpose()?);
        }
        columns.push((name, Arc::new(column.finish())));
    }
    let field =
        |(name, column): &(&str, ArrayRef)| Field::new(*name, column.data_type().clone(), true);
    let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
}

fn texts<'t>(cells: impl Iterator<Item = Option<&'t str>>) -> ArrayRef {
    let mut column = StringBuilder::new();
    cells.for_each(|cell| column.append_option(cell));
    Arc::new(column.finish())
}

fn of_group(group: &Group) -> Vec<Row> {
    let currencies: BTreeSet<Currency> =
        group.costs.keys().chain(group.reported.keys()).copied().collect();
    let each: Vec<Option<Currency>> =
        if currencies.is_empty() { vec![None] } else { currencies.into_iter().map(Some).collect() };
    // Tokens without a charge were used as well.
    let not_charged =
        |tokens: fn(&NotChargedTally) -> u128| group.not_charged.iter().map(tokens).sum::<u128>();
    let of = |meters: &[Meter]| meters.iter().map(|&meter| group.counts[meter]).sum();
    let counts = [
        group.records.all.into(),
        group.records.not_charged.into(),
        group.input_tokens() + not_charged(|tally| tally.input_tokens),
        group.cached_tokens() + not_charged(|tally| tally.cached_tokens),
        of(&CACHE_WRITES),
        group.output_tokens() + not_charged(|tally| tally.output_tokens),
        of(&[Meter::Reasoning]),
    ];
    let row = |(at, currency): (usize, Option<Currency>)| {
        let cost = currency.filter(|currency| group.costs.get(currency).is_some());
        let cost = cost.map(|currency| group.cost_in(currency));
        Row {
            labels: group.labels.iter().cloned().map(said).collect(),
            currency: currency.map(|currency| currency.to_string()),
            grade: group.grade().as_str(),
            counts: counts.map(|count| (at == 0).then_some(count)),
            amounts: [
                cost.map(|bounds| bounds.low),
                cost.filter(|bounds| !bounds.open).map(|bounds| bounds.high),
                currency.and_then(|currency| group.reported.get(&currency).copied()),
            ],
        }
    };
    each.into_iter().enumerate().map(row).collect()
}

/// A label, where the source says one.
fn said(label: String) -> Option<String> {
    Some(label).filter(|label| !label.is_empty())
}
