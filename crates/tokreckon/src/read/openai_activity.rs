//! OpenAI's activity of 2023 and 2024: the legacy call `/v1/usage?date=` (JSON) and the activity
//! export (CSV). Groq's console call has the same names and adds a cost.
//!
//! A row is a small bucket of one model whose width is not written: it is dated by its start.
//! `n_context_tokens_total` is the whole input, `n_generated_tokens_total` the whole output; how
//! much was cached or reasoning is not known. Groq: `n_non_cached_context_tokens_total` tells the
//! cached part, `cost` is in dollars. Times are Unix seconds (UTC). Equal keys are added.

use super::table::{Each, Header, Row, RowReader};
use super::{Format, Item, Problem, ReadError};
use crate::book::Known;
use crate::charge::Shape;
use crate::money::{Currency, Money};
use crate::record::{Record, Repeats};
use crate::usage::{Layout, Totals};

pub(super) struct Columns {
    time: Option<usize>,
    model: Option<usize>,
    api_key: Option<usize>,
    project: Option<usize>,
    user: Option<usize>,
    requests: Option<usize>,
    input: Option<usize>,
    uncached: Option<usize>,
    output: Option<usize>,
    cost: Option<usize>,
}

impl Columns {
    pub(super) fn new(header: &mut Header) -> Result<Self, ReadError> {
        let format = Format::OpenAiActivity;
        Ok(Self {
            time: Some(header.need_any(format, &["aggregation_timestamp", "timestamp"])?),
            model: Some(header.need_any(format, &["snapshot_id", "model"])?),
            api_key: header.any(&["api_key_name", "api_key_id"]),
            project: header.any(&["project_id", "organization_id"]),
            user: header.any(&["user_id", "email"]),
            requests: header.any(&["n_requests", "num_requests"]),
            input: Some(header.need(format, "n_context_tokens_total")?),
            uncached: header.column("n_non_cached_context_tokens_total"),
            output: Some(header.need(format, "n_generated_tokens_total")?),
            cost: header.column("cost"),
        })
    }
}

impl RowReader for Columns {
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let input = row.count(self.input)?.ok_or_else(|| row.missing(self.input))?;
        let uncached = row.count(self.uncached)?;
        let cached = uncached.map(|uncached| {
            input.checked_sub(uncached).ok_or_else(|| Problem::Disagree {
                left: format!("n_context_tokens_total {input}"),
                right: format!("n_non_cached_context_tokens_total {uncached}"),
            })
        });
        let totals = Totals {
            layout: Layout::INSIDE,
            input: Some(input),
            cache_read: cached.transpose()?,
            output: row.count(self.output)?,
            requests: row.count(self.requests)?,
            ..Totals::default()
        };
        let (model, api_key) = (row.text(self.model)?, row.text(self.api_key)?);
        let (project, user) = (row.text(self.project)?, row.text(self.user)?);
        let cost = row.amount(self.cost)?;
        each(Item::Record(&Record {
            line: row.line(),
            provider: if uncached.is_some() { "groq" } else { "openai" },
            model: &model,
            period: Some(row.needed_time(self.time)?),
            shape: Shape::Sum { requests: totals.requests },
            service_tier: Known::Unknown,
            totals: Some(totals),
            reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
            project: &project,
            api_key: &api_key,
            user: &user,
            repeats: Repeats::Bucket(Format::OpenAiActivity.name()),
            ..Record::EMPTY
        }));
        Ok(())
    }
}
