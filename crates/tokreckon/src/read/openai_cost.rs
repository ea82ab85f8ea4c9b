//! OpenAI's costs: the dashboard's export in its variants of 2024, 2025 and 2026, the results of
//! the Costs API, and the daily costs of 2023.
//!
//! A row is a billed cost of one UTC day. 2023: `cost` in cents. 2024: `cost` in cents,
//! `cost_in_major` in dollars (they must agree), `name` is a family label. 2025 and later:
//! `amount_value` (or `amount.value`, a number or text) in its currency, a blank amount for an
//! empty day. `line_item` is free text and may hold a comma; it never becomes a model id. There
//! are no token counts that could be priced. Rows with equal keys are added, never removed.

use super::table::{Each, Header, Row, RowReader};
use super::{Format, Item, Problem, ReadError};
use crate::charge::Shape;
use crate::money::{Currency, Exact, Money};
use crate::record::{Record, Repeats};
use crate::time::{DAY_SECONDS, Instant, Period};

pub(super) struct Columns {
    amount: Option<usize>,
    cents: Option<usize>,
    currency: Option<usize>,
    start: Option<usize>,
    end: Option<usize>,
    line_item: Option<usize>,
    project: Option<usize>,
    user: Option<usize>,
    api_key: Option<usize>,
}

impl Columns {
    pub(super) fn new(header: &mut Header) -> Result<Self, ReadError> {
        let format = Format::OpenAiCost;
        let amounts = ["amount_value", "cost_in_major", "amount.value"];
        let currencies = ["amount_currency", "currency", "amount.currency"];
        Ok(Self {
            amount: Some(header.need_any(format, &amounts)?),
            cents: header.column("cost"),
            currency: Some(header.need_any(format, &currencies)?),
            start: Some(header.need_any(format, &["start_time", "timestamp"])?),
            end: header.column("end_time"),
            line_item: header.any(&["line_item", "name"]),
            project: header.column("project_id"),
            user: header.column("user_id"),
            api_key: header.column("api_key_id"),
        })
    }

    /// The amount; `None` for an empty day.
    fn amount(&self, row: &Row<'_>) -> Result<Option<Exact>, Problem> {
        let (dollars, cents) = (row.amount(self.amount)?, row.amount(self.cents)?);
        let from_cents = cents.and_then(|cents| cents.shifted(2).ok());
        match (dollars, cents) {
            (Some(dollars), Some(cents)) if from_cents != Some(dollars) => Err(Problem::Disagree {
                left: format!("cost {cents} cents"),
                right: format!("cost_in_major {dollars}"),
            }),
            _ => Ok(dollars.or(from_cents)),
        }
    }
}

impl RowReader for Columns {
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let start = row.needed_time(self.start)?.start;
        let Some(amount) = self.amount(row)? else {
            each(Item::Empty { line: row.line() });
            return Ok(());
        };
        let currency: Option<Currency> =
            row.word(self.currency, "a currency code", |text| text.parse().ok())?;
        // The daily costs of 2023 name no currency: they were in cents of a dollar.
        let dollars = (!row.has(self.amount)).then_some(Currency::USD);
        let currency = currency.or(dollars).ok_or_else(|| row.missing(self.currency))?;
        let end = row.time(self.end)?;
        let end = end.map_or(Instant(start.0 + DAY_SECONDS), |period| period.start);
        let (line_item, project) = (row.text(self.line_item)?, row.text(self.project)?);
        let (user, api_key) = (row.text(self.user)?, row.text(self.api_key)?);
        each(Item::Record(&Record {
            line: row.line(),
            provider: "openai",
            period: Some(Period { start, end }),
            shape: Shape::Sum { requests: None },
            reported: Some(Money { amount, currency }),
            line_item: &line_item,
            project: &project,
            user: &user,
            api_key: &api_key,
            repeats: Repeats::Bucket(Format::OpenAiCost.name()),
            ..Record::EMPTY
        }));
        Ok(())
    }
}
