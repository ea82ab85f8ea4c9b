//! OpenRouter's call `/api/v1/activity` (JSON).
//!
//! A row is a bucket of one completed UTC day, model and endpoint. The prompt includes cached
//! tokens, how many is not written; the completion includes reasoning. `usage` is in dollars; what
//! a customer's own key cost upstream (`byok_usage_inference`) is not part of it.

use super::table::{Each, Header, Row, RowReader};
use super::{Format, Item, Problem, ReadError, upstream};
use crate::book::Known;
use crate::charge::Shape;
use crate::money::{Currency, Money};
use crate::record::{Record, Repeats};
use crate::usage::{Layout, Totals};

pub(super) struct Columns {
    date: Option<usize>,
    model: Option<usize>,
    endpoint: Option<usize>,
    upstream: Option<usize>,
    usage: Option<usize>,
    requests: Option<usize>,
    prompt: Option<usize>,
    completion: Option<usize>,
    reasoning: Option<usize>,
}

impl Columns {
    pub(super) fn new(header: &mut Header) -> Result<Self, ReadError> {
        let format = Format::OpenRouterActivity;
        Ok(Self {
            date: Some(header.need(format, "date")?),
            model: Some(header.need_any(format, &["model_permaslug", "model"])?),
            endpoint: header.any(&["endpoint_id", "provider_name"]),
            upstream: header.column("provider_name"),
            usage: Some(header.need(format, "usage")?),
            requests: header.column("requests"),
            prompt: Some(header.need(format, "prompt_tokens")?),
            completion: Some(header.need(format, "completion_tokens")?),
            reasoning: header.column("reasoning_tokens"),
        })
    }
}

impl RowReader for Columns {
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let totals = Totals {
            layout: Layout::INSIDE,
            input: row.count(self.prompt)?,
            output: row.count(self.completion)?,
            reasoning: row.count(self.reasoning)?,
            requests: row.count(self.requests)?,
            ..Totals::default()
        };
        let (model, endpoint) = (row.text(self.model)?, row.text(self.endpoint)?);
        let upstream = upstream::variant(&row.text(self.upstream)?);
        let cost = row.amount(self.usage)?;
        each(Item::Record(&Record {
            line: row.line(),
            provider: "openrouter",
            model: &model,
            variant: Known::Is(&upstream),
            period: Some(row.needed_time(self.date)?),
            shape: Shape::Sum { requests: totals.requests },
            totals: Some(totals),
            reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
            line_item: &endpoint,
            repeats: Repeats::Bucket(Format::OpenRouterActivity.name()),
            ..Record::EMPTY
        }));
        Ok(())
    }
}
