//! Helicone's requests (CSV, JSON, JSON Lines), as far as the names of their columns are known.
//!
//! A row is a request. Prompt tokens are read as including cache reads and writes, completion
//! tokens as including reasoning. Costs are in dollars and come from floats. Times without an
//! offset are UTC. Answers from Helicone's cache and failures without tokens are not counted. A
//! request id seen in two files is one request.

use super::table::{Each, Header, Row, RowReader};
use super::{Format, Item, Options, Problem, ReadError, Skip, cell};
use crate::money::{Currency, Money};
use crate::record::{Record, Repeats};
use crate::usage::{Layout, Totals};

/// How Helicone writes "not from the cache".
const NO_REFERENCE: &str = "00000000-0000-0000-0000-000000000000";

pub(super) struct Columns {
    id: Option<usize>,
    time: Option<usize>,
    status: Option<usize>,
    provider: Option<usize>,
    model: Option<usize>,
    cache_reference: Option<usize>,
    prompt: Option<usize>,
    cache_read: Option<usize>,
    cache_write: Option<usize>,
    completion: Option<usize>,
    prompt_audio: Option<usize>,
    completion_audio: Option<usize>,
    total: Option<usize>,
    cost: Option<usize>,
    user: Option<usize>,
    fallback_provider: String,
}

impl Columns {
    pub(super) fn new(header: &mut Header, options: &Options<'_>) -> Result<Self, ReadError> {
        let format = Format::Helicone;
        Ok(Self {
            id: header.column("request_id"),
            time: Some(header.need(format, "request_created_at")?),
            status: header.column("response_status"),
            provider: header.column("provider"),
            model: header.any(&["response_model", "model_override", "request_model", "model"]),
            cache_reference: header.column("cache_reference_id"),
            prompt: header.column("prompt_tokens"),
            cache_read: header.column("prompt_cache_read_tokens"),
            cache_write: header.column("prompt_cache_write_tokens"),
            completion: Some(header.need(format, "completion_tokens")?),
            prompt_audio: header.column("prompt_audio_tokens"),
            completion_audio: header.column("completion_audio_tokens"),
            total: header.column("total_tokens"),
            cost: header.any(&["costUSD", "cost"]),
            user: header.column("request_user_id"),
            fallback_provider: options.provider.to_owned(),
        })
    }
}

impl RowReader for Columns {
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let line = row.line();
        let reference = row.text(self.cache_reference)?;
        if !reference.is_empty() && reference != NO_REFERENCE {
            each(Item::Skipped { line, why: Skip::AnsweredFromCache });
            return Ok(());
        }
        let totals = Totals {
            layout: Layout::INSIDE,
            input: row.count(self.prompt)?,
            cache_read: row.count(self.cache_read)?,
            cache_write: row.count(self.cache_write)?,
            input_audio: row.count(self.prompt_audio)?,
            output: row.count(self.completion)?,
            output_audio: row.count(self.completion_audio)?,
            total: row.count(self.total)?,
            ..Totals::default()
        };
        if totals.input.unwrap_or(0) == 0 && totals.output.unwrap_or(0) == 0 {
            let status = row.text(self.status)?;
            if status.is_empty() || status.starts_with('2') {
                return Err(Problem::NoUsageReported { detail: String::new() });
            }
            each(Item::Skipped { line, why: Skip::Failed });
            return Ok(());
        }
        let (id, model) = (row.text(self.id)?, row.text(self.model)?);
        let (provider, user) = (row.text(self.provider)?, row.text(self.user)?);
        let cost = row.amount(self.cost)?;
        each(Item::Record(&Record {
            line,
            provider: if provider.is_empty() {
                &self.fallback_provider
            } else {
                cell::provider(&provider)
            },
            model: &model,
            period: row.time(self.time)?,
            totals: Some(totals),
            reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
            user: &user,
            id: &id,
            repeats: Repeats::UniqueId,
            ..Record::EMPTY
        }));
        Ok(())
    }
}
