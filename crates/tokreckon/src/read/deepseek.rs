//! DeepSeek's ZIP of two files: `amount-*.csv` (usage) and `cost-*.csv`.
//!
//! The usage is long: one row per period, model, key and kind of count. Rows of one such key that
//! stand together become one record; the others of them are [`Item::Joined`]. Cache hits and
//! misses are disjoint and their sum is the input; reasoning lies inside the output and has no
//! column. `price` is per token in a currency that only the cost file names. Times carry their
//! offset, often `+08:00`, so a day is not a UTC day; the older header has a UTC date. Costs are
//! one row per wallet. Rows with equal keys are added.

use super::table::{Each, Header, Row, RowReader};
use super::{Format, Item, Options, Problem, ReadError};
use crate::charge::Shape;
use crate::money::{Currency, Exact, Money};
use crate::record::{Record, Repeats};
use crate::time::Period;
use crate::usage::{Layout, Totals};

/// Columns that both files have.
struct Keys {
    start: Option<usize>,
    end: Option<usize>,
    model: Option<usize>,
    user: Option<usize>,
    provider: String,
}

impl Keys {
    fn new(format: Format, header: &mut Header, options: &Options<'_>) -> Result<Self, ReadError> {
        let provider = if options.provider.is_empty() { "deepseek" } else { options.provider };
        Ok(Self {
            start: Some(header.need_any(format, &["start_time_iso", "utc_date"])?),
            end: header.column("end_time_iso"),
            model: Some(header.need(format, "model")?),
            user: header.column("user_id"),
            provider: provider.to_owned(),
        })
    }

    fn period(&self, row: &Row<'_>) -> Result<Period, Problem> {
        let start = row.needed_time(self.start)?;
        let end = row.time(self.end)?;
        Ok(end.map_or(start, |end| Period { start: start.start, end: end.start }))
    }
}

pub(super) struct UsageColumns {
    keys: Keys,
    api_key: Option<usize>,
    kind: Option<usize>,
    price: Option<usize>,
    amount: Option<usize>,
    /// The record in the making.
    open: Option<Open>,
}

/// Rows of one period, model and key.
struct Open {
    line: u64,
    period: Period,
    model: String,
    user: String,
    api_key: String,
    totals: Totals,
    cost: Option<Exact>,
}

impl UsageColumns {
    pub(super) fn new(header: &mut Header, options: &Options<'_>) -> Result<Self, ReadError> {
        let format = Format::DeepSeekUsage;
        Ok(Self {
            keys: Keys::new(format, header, options)?,
            api_key: header.any(&["api_key_name", "api_key"]),
            kind: Some(header.need(format, "type")?),
            price: header.column("price"),
            amount: Some(header.need(format, "amount")?),
            open: None,
        })
    }

    /// Sets the count of a row's kind, in a record that does not have it yet.
    fn set(totals: &mut Totals, kind: Kind, amount: u64) -> bool {
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

/// The ISO code for a currency that is not named.
fn no_currency() -> Currency {
    Currency::UNNAMED
}

impl RowReader for UsageColumns {
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let period = self.keys.period(row)?;
        let expected = "a kind of count such as `output_tokens`";
        let kind = row.word(self.kind, expected, kind)?.ok_or_else(|| row.missing(self.kind))?;
        let amount = row.count(self.amount)?.ok_or_else(|| row.missing(self.amount))?;
        let price = row.amount(self.price)?;
        let cost = price.and_then(|price| price.times_count(u128::from(amount)).ok());
        let (model, user) = (row.text(self.keys.model)?, row.text(self.keys.user)?);
        let api_key = row.text(self.api_key)?;
        if let Some(open) = &mut self.open
            && (open.period, &*open.model, &*open.user, &*open.api_key)
                == (period, &*model, &*user, &*api_key)
            && Self::set(&mut open.totals, kind, amount)
        {
            open.cost = match (open.cost, cost) {
                (Some(sum), Some(cost)) => sum.plus(cost).ok(),
                (sum, cost) => sum.or(cost),
            };
            each(Item::Joined { line: row.line() });
            return Ok(());
        }
        self.finish(each);
        let mut totals = Totals { layout: Layout::ANTHROPIC, ..Totals::default() };
        Self::set(&mut totals, kind, amount);
        self.open = Some(Open {
            line: row.line(),
            period,
            model: model.into_owned(),
            user: user.into_owned(),
            api_key: api_key.into_owned(),
            totals,
            cost,
        });
        Ok(())
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
            provider: &self.keys.provider,
            model: &open.model,
            period: Some(open.period),
            shape: Shape::Sum { requests: totals.requests },
            totals: Some(totals),
            reported: open.cost.map(|amount| Money { amount, currency: no_currency() }),
            api_key: &open.api_key,
            user: &open.user,
            repeats: Repeats::Bucket(Format::DeepSeekUsage.name()),
            ..Record::EMPTY
        }));
    }
}

pub(super) struct CostColumns {
    keys: Keys,
    wallet: Option<usize>,
    cost: Option<usize>,
    currency: Option<usize>,
}

impl CostColumns {
    pub(super) fn new(header: &mut Header, options: &Options<'_>) -> Result<Self, ReadError> {
        let format = Format::DeepSeekCost;
        Ok(Self {
            keys: Keys::new(format, header, options)?,
            wallet: header.column("wallet_type"),
            cost: Some(header.need(format, "cost")?),
            currency: Some(header.need(format, "currency")?),
        })
    }
}

impl RowReader for CostColumns {
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let amount = row.amount(self.cost)?.ok_or_else(|| row.missing(self.cost))?;
        let currency = row.word(self.currency, "a currency code", |text| text.parse().ok())?;
        let currency = currency.ok_or_else(|| row.missing(self.currency))?;
        let (model, user) = (row.text(self.keys.model)?, row.text(self.keys.user)?);
        let wallet = row.text(self.wallet)?;
        each(Item::Record(&Record {
            line: row.line(),
            provider: &self.keys.provider,
            model: &model,
            period: Some(self.keys.period(row)?),
            shape: Shape::Sum { requests: None },
            reported: Some(Money { amount, currency }),
            line_item: &wallet,
            user: &user,
            repeats: Repeats::Bucket(Format::DeepSeekCost.name()),
            ..Record::EMPTY
        }));
        Ok(())
    }
}
