//! Anthropic's costs: the Console's export (CSV) and the Admin cost report (JSON).
//!
//! A row is a billed cost of one UTC day, model and kind of token. The export writes dollars
//! rounded to cents in every row, so it agrees with the usage only within half a cent a row, and
//! names models for people. The report writes CENTS as exact text: `123.45` is 1.23 dollars and
//! 45 hundredths of a cent. `--` stands for nothing. Rows with equal keys are added. What a row
//! is for becomes its line item; it never becomes a model id, since names and ids differ.

use super::anthropic_usage::variant;
use super::table::{Each, Header, Row, RowReader};
use super::{Format, Item, Problem, ReadError};
use crate::book::Known;
use crate::charge::Shape;
use crate::money::{Currency, Exact, Money};
use crate::record::{Record, Repeats};
use crate::time::Period;

pub(super) struct Columns {
    start: Option<usize>,
    end: Option<usize>,
    dollars: Option<usize>,
    cents: Option<usize>,
    currency: Option<usize>,
    model: Option<usize>,
    token_type: Option<usize>,
    cost_type: Option<usize>,
    workspace: Option<usize>,
    api_key: Option<usize>,
    geo: Option<usize>,
}

impl Columns {
    pub(super) fn new(header: &mut Header) -> Result<Self, ReadError> {
        let format = Format::AnthropicCost;
        Ok(Self {
            start: Some(header.need_any(format, &["usage_date_utc", "starting_at"])?),
            end: header.column("ending_at"),
            dollars: header.column("cost_usd"),
            cents: header.column("amount"),
            currency: header.column("currency"),
            model: header.column("model"),
            token_type: header.column("token_type"),
            cost_type: header.column("cost_type"),
            workspace: header.any(&["workspace", "workspace_id"]),
            api_key: header.any(&["api_key", "api_key_id"]),
            geo: header.column("inference_geo"),
        })
    }

    fn amount(&self, row: &Row<'_>) -> Result<Exact, Problem> {
        if let Some(dollars) = row.amount(self.dollars)? {
            return Ok(dollars);
        }
        let cents = row.amount(self.cents)?;
        let cents = cents.ok_or_else(|| row.missing(self.dollars.or(self.cents)))?;
        cents.shifted(2).map_err(|_| Problem::NotAnAmount {
            column: "amount".to_owned(),
            value: cents.to_string(),
        })
    }
}

impl RowReader for Columns {
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let start = row.needed_time(self.start)?;
        let end = row.time(self.end)?;
        let currency = row.word(self.currency, "a currency code", |text| text.parse().ok())?;
        let currency = currency.unwrap_or(Currency::USD);
        let parts = [row.text(self.model)?, row.text(self.token_type)?, row.text(self.cost_type)?];
        let parts: Vec<&str> = match [&*parts[0], &*parts[1], &*parts[2]] {
            ["", "", cost_type] => vec![cost_type],
            [model, token_type, _] => vec![model, token_type],
        };
        let (workspace, api_key) = (row.text(self.workspace)?, row.text(self.api_key)?);
        each(Item::Record(&Record {
            line: row.line(),
            provider: "anthropic",
            period: Some(end.map_or(start, |end| Period { start: start.start, end: end.start })),
            shape: Shape::Sum { requests: None },
            variant: Known::Is(&variant(&row.text(self.geo)?)),
            reported: Some(Money { amount: self.amount(row)?, currency }),
            line_item: &parts.join(", "),
            project: &workspace,
            api_key: &api_key,
            repeats: Repeats::Bucket(Format::AnthropicCost.name()),
            ..Record::EMPTY
        }));
        Ok(())
    }
}
