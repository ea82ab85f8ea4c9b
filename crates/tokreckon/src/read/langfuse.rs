//! Langfuse's observations (CSV, JSON, JSON Lines): blob export and user interface.
//!
//! A row is an observation; only generations and embeddings are requests, spans and traces around
//! them are not counted. The keys of `usage_details` are free: whether `input` includes cached
//! tokens is decided by the total, and where there is none the keys are read as disjoint, which
//! is how Langfuse prices them. `total_cost` is in dollars at the prices of the day of the export.
//! Times without an offset are UTC. An id seen in two files is one observation.

use super::object::{Object, count};
use super::table::{Each, Header, Row, RowReader};
use super::{Format, Item, Options, Problem, ReadError, Skip};
use crate::money::{Currency, Money};
use crate::record::{Record, Repeats};
use crate::usage::{Layout, Place, Totals};

pub(super) struct Columns {
    id: Option<usize>,
    kind: Option<usize>,
    start: Option<usize>,
    model: Option<usize>,
    usage: Option<usize>,
    cost: Option<usize>,
    project: Option<usize>,
    user: Option<usize>,
    provider: String,
}

impl Columns {
    pub(super) fn new(header: &mut Header, options: &Options<'_>) -> Result<Self, ReadError> {
        let format = Format::Langfuse;
        Ok(Self {
            id: header.column("id"),
            kind: header.column("type"),
            start: Some(header.need_any(format, &["start_time", "startTime"])?),
            model: header.any(&["provided_model_name", "providedModelName", "model"]),
            usage: Some(header.need_any(format, &["usage_details", "usageDetails"])?),
            cost: header.any(&["total_cost", "totalCost"]),
            project: header.any(&["project_id", "projectId"]),
            user: header.any(&["user_id", "userId"]),
            provider: options.provider.to_owned(),
        })
    }
}

fn totals(usage: &Object) -> Result<Totals, Problem> {
    let first = |keys: &[&str]| -> Result<Option<u64>, Problem> {
        keys.iter().try_fold(None, |found: Option<u64>, key| Ok(found.or(count(usage, key)?)))
    };
    let inside = Totals {
        layout: Layout::INSIDE,
        input: first(&["input", "prompt_tokens", "input_tokens"])?,
        cache_read: first(&[
            "input_cached_tokens",
            "cache_read_input_tokens",
            "input_cache_read",
            "cached_tokens",
        ])?,
        cache_write: first(&["cache_creation_input_tokens", "input_cache_creation"])?,
        output: first(&["output", "completion_tokens", "output_tokens"])?,
        reasoning: first(&["output_reasoning_tokens", "reasoning_tokens", "output_reasoning"])?,
        total: first(&["total", "total_tokens"])?,
        ..Totals::default()
    };
    let beside_layout =
        Layout { cache_read: Place::Beside, cache_write: Place::Beside, reasoning: Place::Beside };
    let beside = Totals { layout: beside_layout, ..inside };
    let anthropic = Totals { layout: Layout::ANTHROPIC, ..inside };
    let fits = |totals: &Totals| totals.expected_total() == inside.total.map(u128::from);
    Ok([inside, beside, anthropic]
        .into_iter()
        .find(|totals| inside.total.is_some() && fits(totals))
        .unwrap_or(beside))
}

impl RowReader for Columns {
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let line = row.line();
        let kind = row.text(self.kind)?;
        if !matches!(&*kind, "" | "GENERATION" | "EMBEDDING" | "generation" | "embedding") {
            each(Item::Skipped { line, why: Skip::NotUsage });
            return Ok(());
        }
        let usage = row.object(self.usage)?;
        let Some(usage) = usage.filter(|usage| !usage.is_empty()) else {
            return Err(Problem::NoUsageReported { detail: String::new() });
        };
        let (id, model) = (row.text(self.id)?, row.text(self.model)?);
        let (project, user) = (row.text(self.project)?, row.text(self.user)?);
        let cost = row.amount(self.cost)?;
        each(Item::Record(&Record {
            line,
            provider: &self.provider,
            model: &model,
            period: row.time(self.start)?,
            totals: Some(totals(&usage)?),
            reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
            project: &project,
            user: &user,
            id: &id,
            repeats: Repeats::UniqueId,
            ..Record::EMPTY
        }));
        Ok(())
    }
}
