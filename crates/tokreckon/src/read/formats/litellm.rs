//! `LiteLLM`'s spend logs: the table (CSV) and `/spend/logs` with `summarize=false` (JSON).
//!
//! A row is a request. `prompt_tokens` includes cache reads and writes, at Anthropic too; how much
//! of each stands only in `metadata.usage_object`. `spend` is in dollars and comes from a float.
//! Times without an offset are UTC. Answers from the proxy's cache and failures without tokens
//! are not counted; a failed stream with tokens is. A request id seen in two files is one request.

use crate::json::Value;
use crate::money::Exact;
use crate::read::draft::{Draft, Fate};
use crate::read::field::Field;
use crate::read::header::Sign;
use crate::read::object::{Object, count, inner, inner_count};
use crate::read::plan::{Plan, column, needed, own};
use crate::read::row::Row;
use crate::read::schema::{Meaning, Schema, Seller};
use crate::read::{Format, Problem, Skip};
use crate::usage::Totals;

const METADATA: usize = 0;
const CACHE_HIT: usize = 1;
const STATUS: usize = 2;

/// The format.
pub(in crate::read) static LITELLM: Schema = Schema {
    format: Format::LiteLlm,
    name: "litellm",
    header: &[Sign::All(&["startTime", "spend", "call_type"])],
    object: &[Sign::All(&["startTime", "spend", "call_type"])],
    columns: &[
        needed(Field::Id, &["request_id"]),
        needed(Field::Cost, &["spend"]),
        column(Field::Total, &["total_tokens"]),
        needed(Field::Input, &["prompt_tokens"]),
        needed(Field::Output, &["completion_tokens"]),
        needed(Field::Time, &["startTime"]),
        needed(Field::Model, &["model"]),
        column(Field::Provider, &["custom_llm_provider"]),
        own(METADATA, &["metadata"]),
        own(CACHE_HIT, &["cache_hit"]),
        own(STATUS, &["status"]),
        column(Field::ApiKey, &["api_key"]),
        column(Field::Project, &["team_id"]),
        column(Field::User, &["user", "end_user"]),
        column(Field::Session, &["session_id"]),
        column(Field::Agent, &["agent_id"]),
    ],
    irrelevant: &[("cost_breakdown", "parts of the spend")],
    seller: Seller::Gateway,
    bodies: true,
    keep: Some(from_cache),
    finish: Some(finish),
    meaning: Meaning {
        tokens: ["yes", "yes", "yes"],
        rows: ["request", "UTC where no offset is written", "USD (from floats)"],
    },
    ..Schema::BASE
};

fn from_cache(row: &Row<'_>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    let is_hit = row.text(plan.own(CACHE_HIT))?.eq_ignore_ascii_case("true");
    Ok(is_hit.then_some(Fate::Skipped(Skip::AnsweredFromCache)))
}

fn finish<'r>(draft: &mut Draft<'r>, row: &Row<'r>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    let Totals { input, output, .. } = *draft.totals();
    let tokens = input.unwrap_or(0) | output.unwrap_or(0);
    if tokens == 0 && draft.cost.is_none_or(Exact::is_zero) && failed(row, plan)? {
        return Ok(Some(Fate::Skipped(Skip::Failed)));
    }
    let metadata = row.object(plan.own(METADATA))?;
    if let Some(usage) = metadata.and_then(|metadata| inner(metadata, &["usage_object"])) {
        details(draft.totals(), usage)?;
    }
    Ok(None)
}

/// The counts that stand only in the metadata.
fn details(totals: &mut Totals, usage: &Object) -> Result<(), Problem> {
    let group = |name: &str| inner(usage, &[name]);
    let created = group("cache_creation_token_details");
    let prompt = group("prompt_tokens_details");
    let five = inner_count(created, "ephemeral_5m_input_tokens")?;
    let hour = inner_count(created, "ephemeral_1h_input_tokens")?;
    let written = count(usage, "cache_creation_input_tokens")?
        .or(inner_count(prompt, "cache_creation_tokens")?)
        .or(inner_count(prompt, "cache_write_tokens")?);
    let cached = inner_count(prompt, "cached_tokens")?;
    totals.cache_write = written.filter(|_| five.or(hour).is_none());
    (totals.cache_write_5m, totals.cache_write_1h) = (five, hour);
    totals.cache_read = count(usage, "cache_read_input_tokens")?.or(cached);
    totals.reasoning = inner_count(group("completion_tokens_details"), "reasoning_tokens")?;
    Ok(())
}

fn failed(row: &Row<'_>, plan: &Plan) -> Result<bool, Problem> {
    let status = row.text(plan.own(STATUS))?;
    if !status.is_empty() {
        return Ok(status == "failure");
    }
    let metadata = row.object(plan.own(METADATA))?;
    let inner = metadata.and_then(|metadata| metadata.get("status"));
    Ok(inner.and_then(Value::as_str) == Some("failure"))
}
