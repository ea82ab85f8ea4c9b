//! OpenAI's dashboard export of costs, in its variants of 2024, 2025 and 2026.
//!
//! A row is a billed cost of one UTC day. 2024: `cost` is in cents, `cost_in_major` in dollars
//! (they must agree), `name` is a family label. 2025 and later: `amount_value` in
//! `amount_currency`, a blank amount for an empty day. `line_item` is free text and may hold a
//! comma; it never becomes a model id. There are no token counts that could be priced.

use std::io::BufRead;

use super::table::{Header, Row, RowReader};
use super::{Format, Item, Problem, ReadError};
use crate::charge::Shape;
use crate::money::{Currency, Exact, Money};
use crate::record::Record;
use crate::time::{Instant, Period};

pub(super) struct Columns {
    amount: usize,
    cents: Option<usize>,
    currency: usize,
    start: usize,
    end: Option<usize>,
    line_item: Option<usize>,
    project: Option<usize>,
    user: Option<usize>,
    api_key: Option<usize>,
}

impl Columns {
    pub(super) fn new(header: &Header) -> Result<Self, ReadError> {
        let format = Format::OpenAiCost;
        let old = header.column("cost_in_major");
        Ok(Self {
            amount: old.map_or_else(|| header.need(format, "amount_value"), Ok)?,
            cents: old.and_then(|_| header.column("cost")),
            currency: match old {
                Some(_) => header.need(format, "currency")?,
                None => header.need(format, "amount_currency")?,
            },
            start: match old {
                Some(_) => header.need(format, "timestamp")?,
                None => header.need(format, "start_time")?,
            },
            end: header.column("end_time"),
            line_item: header.any(&["line_item", "name"]),
            project: header.column("project_id"),
            user: header.column("user_id"),
            api_key: header.column("api_key_id"),
        })
    }

    fn check_cents<R: BufRead>(&self, row: &Row<'_, R>, amount: Exact) -> Result<(), Problem> {
        let Some(cents) = row.amount(self.cents)? else {
            return Ok(());
        };
        if cents.shifted(2) == Ok(amount) {
            return Ok(());
        }
        Err(Problem::Disagree {
            left: format!("cost {cents} cents"),
            right: format!("cost_in_major {amount}"),
        })
    }
}

impl RowReader for Columns {
    fn row<R: BufRead>(
        &self,
        row: &Row<'_, R>,
        each: &mut dyn FnMut(Item<'_>),
    ) -> Result<(), Problem> {
        let missing = |column: &str| Problem::MissingCell { column: column.to_owned() };
        let start = row.time(Some(self.start))?.ok_or_else(|| missing("start_time"))?.start;
        let Some(amount) = row.amount(Some(self.amount))? else {
            each(Item::Empty { line: row.line() });
            return Ok(());
        };
        self.check_cents(row, amount)?;
        let currency: Option<Currency> =
            row.word(Some(self.currency), "a currency code", |text| text.parse().ok())?;
        let currency = currency.ok_or_else(|| missing("amount_currency"))?;
        let end = row
            .time(self.end)?
            .map_or(Instant(start.0 + crate::time::DAY_SECONDS), |period| period.start);
        let (line_item, project) = (row.text(self.line_item)?, row.text(self.project)?);
        let (user, api_key) = (row.text(self.user)?, row.text(self.api_key)?);
        each(Item::Record(Record {
            line: row.line(),
            provider: "openai",
            period: Some(Period { start, end }),
            shape: Shape::Sum { requests: None },
            totals: None,
            reported: Some(Money { amount, currency }),
            line_item: &line_item,
            project: &project,
            user: &user,
            api_key: &api_key,
            ..Record::EMPTY
        }));
        Ok(())
    }
}
