//! Helicone's requests (CSV, JSON, JSON Lines), as far as the names of their columns are known.
//!
//! A row is a request. Prompt tokens are read as including cache reads and writes, completion
//! tokens as including reasoning. Costs are in dollars and come from floats. Times without an
//! offset are UTC. Answers from Helicone's cache and failures without tokens are not counted. A
//! request id seen in two files is one request.

use crate::read::draft::{Draft, Fate};
use crate::read::field::Field;
use crate::read::header::Sign;
use crate::read::plan::{Plan, column, needed, own};
use crate::read::row::Row;
use crate::read::schema::{Meaning, Schema, Seller, Span};
use crate::read::{Format, Problem, Skip};
use crate::usage::Totals;

/// How Helicone writes "not from the cache".
const NO_REFERENCE: &str = "00000000-0000-0000-0000-000000000000";

const STATUS: usize = 0;
const CACHE_REFERENCE: usize = 1;

/// The format.
pub(in crate::read) static HELICONE: Schema = Schema {
    format: Format::Helicone,
    name: "helicone",
    header: &[Sign::All(&["request_created_at", "completion_tokens"])],
    object: &[Sign::All(&["request_created_at", "completion_tokens"])],
    columns: &[
        column(Field::Id, &["request_id"]),
        needed(Field::Time, &["request_created_at"]),
        own(STATUS, &["response_status"]),
        own(CACHE_REFERENCE, &["cache_reference_id"]),
        column(Field::Provider, &["provider"]),
        column(Field::Model, &["response_model", "model_override", "request_model", "model"]),
        column(Field::Input, &["prompt_tokens"]),
        column(Field::CacheRead, &["prompt_cache_read_tokens"]),
        column(Field::CacheWrite, &["prompt_cache_write_tokens"]),
        needed(Field::Output, &["completion_tokens"]),
        column(Field::InputAudio, &["prompt_audio_tokens"]),
        column(Field::OutputAudio, &["completion_audio_tokens"]),
        column(Field::Reasoning, &["reasoning_tokens", "completion_reasoning_tokens"]),
        column(Field::Total, &["total_tokens"]),
        column(Field::Cost, &["costUSD", "cost"]),
        column(Field::User, &["request_user_id"]),
    ],
    irrelevant: &[
        ("cost", "the cost in another unit, beside costUSD"),
        ("cache_enabled", "whether Helicone's own cache was asked"),
        ("cache_count", "how often Helicone's own cache answered"),
        ("image_assets", "files, no counts"),
        ("cost_usd", "the cost once more"),
    ],
    seller: Seller::Gateway,
    span: Span::Open,
    bodies: true,
    keep: Some(from_cache),
    finish: Some(failed),
    meaning: Meaning {
        tokens: ["yes", "yes", "yes"],
        rows: ["request", "UTC where no offset is written", "USD"],
    },
    ..Schema::BASE
};

fn from_cache(row: &Row<'_>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    let reference = row.text(plan.own(CACHE_REFERENCE))?;
    let is_cached = !reference.is_empty() && reference != NO_REFERENCE;
    Ok(is_cached.then_some(Fate::Skipped(Skip::AnsweredFromCache)))
}

fn failed<'r>(draft: &mut Draft<'r>, row: &Row<'r>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    let Totals { input, output, .. } = *draft.totals();
    if input.unwrap_or(0) > 0 || output.unwrap_or(0) > 0 {
        return Ok(None);
    }
    let status = row.text(plan.own(STATUS))?;
    if status.is_empty() || status.starts_with('2') {
        return Err(Problem::NoUsageReported { detail: String::new() });
    }
    Ok(Some(Fate::Skipped(Skip::Failed)))
}
