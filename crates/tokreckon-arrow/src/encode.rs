//! Cells as columns: one row a meter.
//!
//! All columns but `quantity`, `fewest` and `most` are the key. What is empty or not said is null only
//! where that is something else than an empty text: service tier and variant.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Decimal128Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use tokreckon::grade::Assumption;
use tokreckon::ledger::saved::{SavedCell, SavedOutcome, SavedSums, SavedTime};
use tokreckon::price::ServiceTier;
use tokreckon::usage::{Meter, Unreported};

use crate::Error;
use crate::price::money_units;
use crate::sums::Sums;

/// The shape of the columns and its version, in the schema's metadata.
pub(crate) const SHAPE: &str = "tokreckon-cells/1";
/// Names of the metadata.
pub(crate) const SHAPE_KEY: &str = "tokreckon.shape";
pub(crate) const BOOK_KEY: &str = "tokreckon.book";
pub(crate) const BY_KEY: &str = "tokreckon.by";
pub(crate) const ZONE_KEY: &str = "tokreckon.zone";

/// Type of a column of counts.
pub(crate) const COUNT: DataType = DataType::Decimal128(38, 0);

/// What `outcome` says of rows that are no records.
pub(crate) const ROWS: &str = "rows";

/// The words of a set of flags, parted by commas.
pub(crate) const UNREPORTED: [&str; 4] = ["cache", "reasoning", "member", "requests"];

/// The key of a row, as text, in the order of the columns.
#[derive(Clone, Debug, Default)]
struct Key {
    provider: String,
    model: String,
    service_tier: Option<&'static str>,
    variant: Option<String>,
    labels: Vec<String>,
    assumed: String,
    time: &'static str,
    seconds: [Option<i64>; 2],
    is_sum: bool,
    outcome: &'static str,
    card: String,
    refusal: String,
    reason: String,
    situation: String,
    not_reported: String,
    meters: String,
}

impl Key {
    fn of(cell: &SavedCell) -> Self {
        let (time, seconds) = match cell.time {
            SavedTime::Unsaid => ("unsaid", None),
            SavedTime::TakenFor(start, end) => ("taken-for", Some((start, end))),
            SavedTime::Day(start, end) => ("day", Some((start, end))),
            SavedTime::Period(start, end) => ("period", Some((start, end))),
        };
        let Unreported { cache, reasoning, member, requests } = cell.unreported;
        let open = [cache, reasoning, member, requests].into_iter().zip(UNREPORTED);
        let open: Vec<&str> = open.filter_map(|(open, name)| open.then_some(name)).collect();
        let meters: Vec<&str> = cell.meters().map(Meter::as_str).collect();
        let key = Self {
            provider: cell.provider.clone(),
            model: cell.model.clone(),
            service_tier: cell.service_tier.map(ServiceTier::as_str),
            variant: cell.variant.clone(),
            labels: cell.labels.clone(),
            assumed: cell.assumed.iter().map(Assumption::code).collect::<Vec<_>>().join(","),
            time,
            seconds: [seconds.map(|(start, _)| start), seconds.map(|(_, end)| end)],
            is_sum: !cell.is_request,
            not_reported: open.join(","),
            meters: meters.join(","),
            ..Self::default()
        };
        match &cell.outcome {
            SavedOutcome::Charged { card, first_bracket, last_bracket, thinking } => Self {
                outcome: "charged",
                card: format!("{card:032x}"),
                situation: format!("{first_bracket}-{last_bracket} {}", thinking_word(*thinking)),
                ..key
            },
            SavedOutcome::Refused { code, reason } => Self {
                outcome: "not-charged",
                refusal: code.clone(),
                reason: reason.clone(),
                ..key
            },
            // Whatever else there may be is a cost alone.
            _ => Self { outcome: "cost-only", ..key },
        }
    }
}

pub(crate) const fn thinking_word(thinking: Option<bool>) -> &'static str {
    match thinking {
        Some(false) => "plain",
        Some(true) => "thinking",
        None => "either",
    }
}

/// The meters of a cell with their quantities.
fn quantities(sums: &SavedSums) -> Result<BTreeMap<String, i128>, Error> {
    let mut all = BTreeMap::new();
    let mut put = |name: String, quantity: u128| -> Result<(), Error> {
        if quantity > 0 {
            let fits = i128::try_from(quantity).ok().filter(|sum| *sum < 10_i128.pow(38));
            let sum = fits.ok_or_else(|| Error::Sum { meter: name.clone() })?;
            all.insert(name, sum);
        }
        Ok(())
    };
    put("records".to_owned(), sums.records.into())?;
    put("straddling".to_owned(), sums.straddling.into())?;
    for (meter, count) in sums.counts.iter() {
        put(meter.as_str().to_owned(), count)?;
    }
    for (name, tokens) in ["input", "cached", "output"].into_iter().zip(sums.tokens) {
        put(format!("refused:{name}"), tokens)?;
    }
    for (path, records) in &sums.unread {
        put(format!("not-read:{path}"), (*records).into())?;
    }
    for (currency, (records, _)) in &sums.reported {
        put(format!("reported:{currency}"), (*records).into())?;
    }
    for (currency, (_, amount)) in &sums.reported {
        let meter = format!("cost:{currency}");
        let units = money_units(*amount).ok_or_else(|| Error::Sum { meter: meter.clone() })?;
        all.insert(meter, units);
    }
    Ok(all)
}

/// Rows in the making.
#[derive(Default)]
struct Rows {
    keys: Vec<(Key, String)>,
    quantities: Vec<i128>,
    prompts: Vec<Option<(i128, i128)>>,
}

impl Rows {
    fn push(&mut self, key: &Key, meter: String, quantity: i128, prompt: Option<(i128, i128)>) {
        self.keys.push((key.clone(), meter));
        self.quantities.push(quantity);
        self.prompts.push(prompt);
    }
}

/// Cells as a batch, sorted.
pub(crate) fn batch(sums: &Sums) -> Result<RecordBatch, Error> {
    let mut rows = Rows::default();
    for (cell, cell_sums) in &sums.cells {
        let key = Key::of(cell);
        let prompt = match cell_sums.prompt {
            None => None,
            Some((fewest, most)) => {
                let fit = |tokens| i128::try_from(tokens).ok();
                let both = fit(fewest).zip(fit(most));
                Some(both.ok_or_else(|| Error::Sum { meter: "records".to_owned() })?)
            }
        };
        for (meter, quantity) in quantities(cell_sums)? {
            let prompt = prompt.filter(|_| meter == "records");
            rows.push(&key, meter, quantity, prompt);
        }
    }
    let none = Key {
        labels: vec![String::new(); sums.ledger.by.len()],
        time: "unsaid",
        outcome: ROWS,
        ..Key::default()
    };
    for (what, count) in &sums.rows {
        rows.push(&none, what.clone(), (*count).into(), None);
    }
    columns(sums, &rows)
}

fn columns(sums: &Sums, rows: &Rows) -> Result<RecordBatch, Error> {
    let text = |of: &dyn Fn(&Key) -> &str| -> ArrayRef {
        let mut column = StringBuilder::new();
        for (key, _) in &rows.keys {
            column.append_value(of(key));
        }
        Arc::new(column.finish())
    };
    let open_text = |of: &dyn Fn(&Key) -> Option<&str>| -> ArrayRef {
        let mut column = StringBuilder::new();
        for (key, _) in &rows.keys {
            column.append_option(of(key));
        }
        Arc::new(column.finish())
    };
    let seconds = |at: usize| -> ArrayRef {
        let mut column = Int64Builder::new();
        for (key, _) in &rows.keys {
            column.append_option(key.seconds[at]);
        }
        Arc::new(column.finish())
    };
    let counts = |of: &dyn Fn(usize) -> Option<i128>| -> ArrayRef {
        let mut column = Decimal128Builder::new().with_data_type(COUNT);
        for row in 0..rows.keys.len() {
            column.append_option(of(row));
        }
        Arc::new(column.finish())
    };
    let mut are_sums = BooleanBuilder::new();
    let mut meters = StringBuilder::new();
    for (key, meter) in &rows.keys {
        are_sums.append_value(key.is_sum);
        meters.append_value(meter);
    }
    let mut all: Vec<(&str, ArrayRef)> = vec![
        ("provider", text(&|key| &key.provider)),
        ("model", text(&|key| &key.model)),
        ("service_tier", open_text(&|key| key.service_tier)),
        ("variant", open_text(&|key| key.variant.as_deref())),
    ];
    for (at, by) in sums.ledger.by.iter().enumerate() {
        all.push((by.name(), text(&|key| &key.labels[at])));
    }
    all.extend([
        ("assumed", text(&|key| &key.assumed)),
        ("time", text(&|key| key.time)),
        ("start", seconds(0)),
        ("end", seconds(1)),
        ("is_sum", Arc::new(are_sums.finish()) as ArrayRef),
        ("outcome", text(&|key| key.outcome)),
        ("card", text(&|key| &key.card)),
        ("refusal", text(&|key| &key.refusal)),
        ("reason", text(&|key| &key.reason)),
        ("situation", text(&|key| &key.situation)),
        ("not_reported", text(&|key| &key.not_reported)),
        ("meters", text(&|key| &key.meters)),
        ("meter", Arc::new(meters.finish())),
        ("quantity", counts(&|row| Some(rows.quantities[row]))),
        ("fewest", counts(&|row| rows.prompts[row].map(|(fewest, _)| fewest))),
        ("most", counts(&|row| rows.prompts[row].map(|(_, most)| most))),
    ]);
    let fields: Vec<Field> = all
        .iter()
        .map(|(name, column)| Field::new(*name, column.data_type().clone(), true))
        .collect();
    let by: Vec<&str> = sums.ledger.by.iter().map(|by| by.name()).collect();
    let metadata = [
        (SHAPE_KEY, SHAPE),
        (BOOK_KEY, sums.book.as_str()),
        (BY_KEY, &by.join(",")),
        (ZONE_KEY, &sums.ledger.zone),
    ];
    let schema = Schema::new_with_metadata(fields, metadata);
    let columns = all.into_iter().map(|(_, column)| column).collect();
    Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
}
