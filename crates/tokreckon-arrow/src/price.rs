//! Rows in, the same rows with what each costs out.

use std::sync::Arc;

use arrow_array::builder::{Decimal128Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use tokreckon::charge::Charge;
use tokreckon::ledger::{Ledger, Outcome};
use tokreckon::money::{Currency, Exact};
use tokreckon::read::{Item, TableLayout};
use tokreckon::record::Record;

use crate::batch::{Batch, sources, table_columns};
use crate::{Error, MONEY_PLACES, Options};

/// Type of a column of money.
pub(crate) const MONEY: DataType = DataType::Decimal128(38, 24);

/// What a row comes to.
#[derive(Clone, Default)]
struct Priced {
    /// Low and high.
    costs: [Option<Exact>; 2],
    grade: Option<&'static str>,
    reasons: String,
    currency: Option<Currency>,
}

impl Priced {
    /// What became of a row that has no price.
    fn none(grade: Option<&'static str>, reasons: String) -> Self {
        Self { grade, reasons, ..Self::default() }
    }
}

/// The rows of a batch with what each costs.
///
/// Five columns are added. `cost_low` and `cost_high` are the bounds of the cost, equal for one number;
/// without an upper bound `cost_high` is null, without a price both are. `grade` is `exact`, `assumed`,
/// `between` or `unknown`, and null for a row that is no usage. `reasons` holds stable codes, parted by
/// commas: why it is no exact number, or what became of the row (`rejected: …`, `skipped: …`,
/// `not-charged: …`). `currency` is that of the costs.
///
/// # Errors
/// When no format fits, a column of one of these names is there, or an amount has more than 24 places or
/// 38 digits.
pub fn price(batch: &RecordBatch, options: &Options) -> Result<RecordBatch, Error> {
    let schema = batch.schema();
    let priced = price_all(&schema, std::slice::from_ref(batch), options)?.pop();
    priced.ok_or_else(|| ArrowError::SchemaError("no batch".to_owned()).into())
}

/// The batches of one table with what each row costs.
pub(crate) fn price_all(
    schema: &Schema,
    batches: &[RecordBatch],
    options: &Options,
) -> Result<Vec<RecordBatch>, Error> {
    let read = options.read();
    let layout = TableLayout::new(&table_columns(schema, &[]), &read)?;
    let sources = sources(schema, &[], &layout);
    let mut ledger = Ledger::new(options.book.clone(), options.settings.clone());
    let mut priced = Vec::new();
    let mut first = 1;
    // What comes of a row is known at once where it stands alone, else when all rows have been seen.
    let at_once = if layout.rows_stand_alone() { 1 } else { batches.len().max(1) };
    for group in batches.chunks(at_once) {
        let mut reader = layout.reader(&read)?;
        let rows: usize = group.iter().map(RecordBatch::num_rows).sum();
        let mut all = Rows { first, priced: vec![Priced::default(); rows] };
        for batch in group {
            let rows = Batch::new(batch, &sources)?;
            reader.rows(first, &rows, &mut |item| all.note(&item, &mut ledger));
            first += batch.num_rows() as u64;
        }
        reader.finish(&mut |item| all.note(&item, &mut ledger));
        let (mut rest, mut row) = (&all.priced[..], all.first);
        for batch in group {
            let (own, others) = rest.split_at(batch.num_rows());
            priced.push(with_columns(batch, schema, own, row)?);
            (rest, row) = (others, row + batch.num_rows() as u64);
        }
    }
    Ok(priced)
}

/// Rows that are being priced.
struct Rows {
    /// Number of the first one, from 1.
    first: u64,
    priced: Vec<Priced>,
}

impl Rows {
    fn note(&mut self, item: &Item<'_>, ledger: &mut Ledger<'_>) {
        let (line, what) = match item {
            Item::Record(record) => (record.line, of_record(record, ledger)),
            Item::Reject(reject) => {
                let why = format!("rejected: {}", reject.problem);
                (reject.line, Priced::none(Some("unknown"), why))
            }
            Item::Skipped { line, why } => {
                (*line, Priced::none(None, format!("skipped: {}", why.as_str())))
            }
            Item::Empty { line } => (*line, Priced::none(None, "empty".to_owned())),
            Item::Joined { line } => (*line, Priced::none(None, "joined".to_owned())),
            Item::Total { line, .. } => (*line, Priced::none(None, "total".to_owned())),
            Item::Note(_) => return,
        };
        let at = line.checked_sub(self.first).and_then(|at| usize::try_from(at).ok());
        if let Some(row) = at.and_then(|at| self.priced.get_mut(at)) {
            *row = what;
        }
    }
}

fn of_record(record: &Record<'_>, ledger: &mut Ledger<'_>) -> Priced {
    match ledger.add(record).outcome {
        Outcome::CostOnly => Priced::none(Some("unknown"), "cost-only".to_owned()),
        Outcome::NotCharged(refusal) => {
            let reason = ledger.reason(refusal);
            Priced::none(Some("unknown"), format!("not-charged: {}: {reason}", reason.code()))
        }
        Outcome::Charged { usage, card, .. } => {
            let (terms, currency) = ledger.terms_for(record, card);
            match ledger.cards()[card].charge_with(&usage, record.shape, terms) {
                Err(error) => Priced::none(Some("unknown"), format!("no-exact-cost: {error}")),
                Ok(charge) => Priced {
                    costs: [Some(charge.low.amount), charge.high.map(|high| high.amount)],
                    grade: Some(charge.grade().as_str()),
                    reasons: reasons(&charge, record),
                    currency: Some(currency),
                },
            }
        }
    }
}

/// Codes of what is in doubt, was taken for granted, has no price or was not read.
fn reasons(charge: &Charge<'_>, record: &Record<'_>) -> String {
    let mut reasons: Vec<String> =
        charge.doubts.iter().map(|doubt| doubt.code().to_owned()).collect();
    reasons.extend(charge.assumptions.iter().map(|assumed| assumed.code().to_owned()));
    reasons
        .extend(charge.unpriced.iter().map(|other| format!("unpriced: {}", other.meter.as_str())));
    if !record.unread.is_empty() {
        reasons.push(format!("not-read: {}", record.unread));
    }
    reasons.join(", ")
}

fn with_columns(
    batch: &RecordBatch,
    schema: &Schema,
    priced: &[Priced],
    first: u64,
) -> Result<RecordBatch, Error> {
    let [low, high] = [0, 1].map(|bound| -> Result<ArrayRef, Error> {
        let mut column = Decimal128Builder::with_capacity(priced.len()).with_data_type(MONEY);
        for (row, priced) in (first..).zip(priced) {
            column.append_option(priced.costs[bound].map(|cost| units(cost, row)).transpose()?);
        }
        Ok(Arc::new(column.finish()))
    });
    let texts = |of: &dyn Fn(&Priced) -> Option<String>| -> ArrayRef {
        let mut column = StringBuilder::new();
        for row in priced {
            column.append_option(of(row));
        }
        Arc::new(column.finish())
    };
    let added = [
        ("cost_low", low?),
        ("cost_high", high?),
        ("grade", texts(&|priced| priced.grade.map(str::to_owned))),
        ("reasons", texts(&|priced| Some(priced.reasons.clone()).filter(|text| !text.is_empty()))),
        ("currency", texts(&|priced| priced.currency.map(|currency| currency.to_string()))),
    ];
    let mut fields: Vec<_> = schema.fields().iter().cloned().collect();
    let mut columns = batch.columns().to_vec();
    for (name, column) in added {
        if schema.column_with_name(name).is_some() {
            return Err(Error::Taken(name.to_owned()));
        }
        fields.push(Arc::new(Field::new(name, column.data_type().clone(), true)));
        columns.push(column);
    }
    let schema = Schema::new_with_metadata(fields, schema.metadata().clone());
    Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
}

/// An amount in units of its last place.
pub(crate) fn units(amount: Exact, row: u64) -> Result<i128, Error> {
    let wide = money_units(amount);
    wide.ok_or_else(|| Error::Digits { row, amount: amount.to_string() })
}

/// An amount in units of 10^-24; `None` for one that is no whole number of them, or more than 38 digits.
pub(crate) fn money_units(amount: Exact) -> Option<i128> {
    let lift = MONEY_PLACES.checked_sub(amount.scale())?;
    let units = 10_i128.checked_pow(lift)?.checked_mul(amount.mantissa())?;
    (units.unsigned_abs() < 10_u128.pow(38)).then_some(units)
}
