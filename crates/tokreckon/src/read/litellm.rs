//! `LiteLLM`'s spend logs: the table (CSV) and `/spend/logs` with `summarize=false` (JSON).
//!
//! A row is a request. `prompt_tokens` includes cache reads and writes, at Anthropic too; how much
//! of each stands only in `metadata.usage_object`. `spend` is in dollars and comes from a float.
//! Times without an offset are UTC. Answers from the proxy's cache and failures without tokens
//! are not counted; a failed stream with tokens is. A request id seen in two files is one request.

mod json;
mod details;
mod shape;
mod quick;

use serde_json::Value;

use self::details::Details;
use self::quick::Quick;
use super::short::Short;
use super::table::{Each, Header, Row, RowReader};
use super::{Format, Item, Options, Problem, ReadError, Skip, cell};
use crate::money::{Currency, Money};
use crate::record::{Record, Repeats, Request};
use crate::usage::{Layout, Totals};

pub(super) struct Columns {
    id: Option<usize>,
    spend: Option<usize>,
    total: Option<usize>,
    prompt: Option<usize>,
    completion: Option<usize>,
    start: Option<usize>,
    model: Option<usize>,
    provider: Option<usize>,
    metadata: Option<usize>,
    cache_hit: Option<usize>,
    status: Option<usize>,
    api_key: Option<usize>,
    team: Option<usize>,
    user: Option<usize>,
    fallback_provider: String,
    quick: Option<Quick>,
}

impl Columns {
    pub(super) fn new(header: &mut Header, options: &Options<'_>) -> Result<Self, ReadError> {
        let format = Format::LiteLlm;
        let mut columns = Self {
            id: Some(header.need(format, "request_id")?),
            spend: Some(header.need(format, "spend")?),
            total: header.column("total_tokens"),
            prompt: Some(header.need(format, "prompt_tokens")?),
            completion: Some(header.need(format, "completion_tokens")?),
            start: Some(header.need(format, "startTime")?),
            model: Some(header.need(format, "model")?),
            provider: header.column("custom_llm_provider"),
            metadata: header.column("metadata"),
            cache_hit: header.column("cache_hit"),
            status: header.column("status"),
            api_key: header.column("api_key"),
            team: header.column("team_id"),
            user: header.any(&["user", "end_user"]),
            fallback_provider: options.provider.to_owned(),
            quick: None,
        };
        columns.quick = Some(Quick::new(&columns));
        Ok(columns)
    }

    fn totals(&self, row: &Row<'_>) -> Result<Totals, Problem> {
        let in_passing = |(text, doubled)| Details::in_passing(text, doubled);
        let details = match row.written(self.metadata).and_then(in_passing) {
            Some(details) => details,
            None => match row.object(self.metadata)? {
                Some(metadata) => Details::of_object(&metadata)?,
                None => Details::default(),
            },
        };
        let [written, five, hour] = details.written();
        Ok(Totals {
            layout: Layout::INSIDE,
            input: row.count(self.prompt)?,
            cache_read: details.cached(),
            cache_write: written,
            cache_write_5m: five,
            cache_write_1h: hour,
            output: row.count(self.completion)?,
            reasoning: details.reasoning(),
            total: row.count(self.total)?,
            ..Totals::default()
        })
    }

    fn failed(&self, row: &Row<'_>) -> Result<bool, Problem> {
        let status = row.text(self.status)?;
        if !status.is_empty() {
            return Ok(status == "failure");
        }
        let metadata = row.object(self.metadata)?;
        let inner = metadata.as_deref().and_then(|metadata| metadata.get("status"));
        Ok(inner.and_then(Value::as_str) == Some("failure"))
    }
}

impl RowReader for Columns {
    fn short(&mut self, row: &Short<'_>, take: &mut dyn FnMut(&Request<'_>)) -> bool {
        let Self { quick, fallback_provider, .. } = self;
        quick.as_mut().is_some_and(|quick| quick.row(row, fallback_provider, take).is_ok())
    }

    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let line = row.line();
        let totals = self.totals(row)?;
        if row.text(self.cache_hit)?.eq_ignore_ascii_case("true") {
            each(Item::Skipped { line, why: Skip::AnsweredFromCache });
            return Ok(());
        }
        let tokens = totals.input.unwrap_or(0) | totals.output.unwrap_or(0);
        let spend = row.amount(self.spend)?;
        let is_free = spend.is_none_or(crate::money::Exact::is_zero);
        if tokens == 0 && is_free && self.failed(row)? {
            each(Item::Skipped { line, why: Skip::Failed });
            return Ok(());
        }
        let (id, model) = (row.text(self.id)?, row.text(self.model)?);
        let (provider, api_key) = (row.text(self.provider)?, row.text(self.api_key)?);
        let (team, user) = (row.text(self.team)?, row.text(self.user)?);
        let provider =
            if provider.is_empty() { &*self.fallback_provider } else { cell::provider(&provider) };
        each(Item::Record(&Record {
            line,
            provider,
            model: &model,
            period: Some(row.needed_time(self.start)?),
            totals: Some(totals),
            reported: spend.map(|amount| Money { amount, currency: Currency::USD }),
            project: &team,
            api_key: &api_key,
            user: &user,
            id: &id,
            repeats: Repeats::UniqueId,
            ..Record::EMPTY
        }));
        Ok(())
    }
}
