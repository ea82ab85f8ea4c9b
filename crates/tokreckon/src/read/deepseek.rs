//! The rows of DeepSeek's usage, joined: those of one period, model and key that stand together are one
//! record; the others of them are [`Item::Joined`]. What the columns mean stands in their schema.

use super::draft::Draft;
use super::formats::deepseek::{AMOUNT, DEEPSEEK_USAGE, KIND, PRICE};
use super::header::Header;
use super::reader::SchemaReader;
use super::row::Row;
use super::table::{Each, RowReader};
use super::{Item, Options, Problem, ReadError, Unneeded};
use crate::charge::Shape;
use crate::money::{Currency, Exact, Money};
use crate::record::{Record, Repeats};
use crate::time::Period;
use crate::usage::Totals;

/// Joins rows.
pub(super) struct UsageReader {
    rows: SchemaReader,
    /// The record in the making.
    open: Option<Open>,
}

/// Rows of one period, model and key.
struct Open {
    line: u64,
    period: Option<Period>,
    model: String,
    user: String,
    api_key: String,
    totals: Totals,
    cost: Option<Exact>,
}

#[derive(Clone, Copy)]
enum Kind {
    CacheHit,
    CacheMiss,
    Output,
    Requests,
}

fn kind(word: &str) -> Option<Kind> {
    match word {
        "input_cache_hit_tokens" => Some(Kind::CacheHit),
        "input_cache_miss_tokens" | "input_tokens" => Some(Kind::CacheMiss),
        "output_tokens" => Some(Kind::Output),
        "request_count" => Some(Kind::Requests),
        _ => None,
    }
}

/// Sets the count of a row's kind, in a record that does not have it yet.
const fn set(totals: &mut Totals, kind: Kind, amount: u64) -> bool {
    let place = match kind {
        Kind::CacheHit => &mut totals.cache_read,
        Kind::CacheMiss => &mut totals.input,
        Kind::Output => &mut totals.output,
        Kind::Requests => &mut totals.requests,
    };
    let is_new = place.is_none();
    if is_new {
        *place = Some(amount);
    }
    is_new
}

impl UsageReader {
    /// # Errors
    /// When a column that the format needs is not there.
    pub(super) fn new(header: &mut Header, options: &Options<'_>) -> Result<Self, ReadError> {
        // Which rows belong together is seen by all of their texts.
        let options = Options { unneeded: Unneeded::default(), ..*options };
        Ok(Self { rows: SchemaReader::new(&DEEPSEEK_USAGE, header, &options)?, open: None })
    }

    fn join(&mut self, draft: &Draft<'_>, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let plan = self.rows.plan();
        let (of_kind, of_amount) = (plan.own(KIND), plan.own(AMOUNT));
        let price = row.amount(plan.own(PRICE))?;
        let expected = "a kind of count such as `output_tokens`";
        let kind = row.word(of_kind, expected, kind)?.ok_or_else(|| row.missing(of_kind))?;
        let amount = row.count(of_amount)?.ok_or_else(|| row.missing(of_amount))?;
        let cost = price.and_then(|price| price.times_count(u128::from(amount)).ok());
        let record = &draft.record;
        if let Some(open) = &mut self.open
            && (open.period, &*open.model, &*open.user, &*open.api_key)
                == (record.period, record.model, record.user, record.api_key)
            && set(&mut open.totals, kind, amount)
        {
            open.cost = match (open.cost, cost) {
                (Some(sum), Some(cost)) => sum.plus(cost).ok(),
                (sum, cost) => sum.or(cost),
            };
            each(Item::Joined { line: row.line() });
            return Ok(());
        }
        self.finish(each);
        let mut totals = draft.record.totals.unwrap_or_default();
        set(&mut totals, kind, amount);
        self.open = Some(Open {
            line: row.line(),
            period: record.period,
            model: record.model.to_owned(),
            user: record.user.to_owned(),
            api_key: record.api_key.to_owned(),
            totals,
            cost,
        });
        Ok(())
    }
}

impl RowReader for UsageReader {
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let mut draft = Draft::EMPTY;
        if let Some(fate) = self.rows.read(row, &mut draft)? {
            each(fate.item(row.line()));
            return Ok(());
        }
        self.join(&draft, row, each)
    }

    fn finish(&mut self, each: Each<'_>) {
        let Some(open) = self.open.take() else {
            return;
        };
        let mut totals = open.totals;
        if totals.cache_read.is_some() || totals.requests.is_some() {
            // Kinds without a row had no count in this period.
            totals.input = totals.input.or(Some(0));
            totals.output = totals.output.or(Some(0));
        }
        each(Item::Record(&Record {
            line: open.line,
            provider: self.rows.usual_seller(),
            model: &open.model,
            period: open.period,
            shape: Shape::Sum { requests: totals.requests },
            totals: Some(totals),
            reported: open.cost.map(|amount| Money { amount, currency: Currency::UNNAMED }),
            api_key: &open.api_key,
            user: &open.user,
            repeats: Repeats::Bucket(DEEPSEEK_USAGE.name),
            ..Record::EMPTY
        }));
    }
}
