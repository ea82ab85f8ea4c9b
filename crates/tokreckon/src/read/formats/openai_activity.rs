//! OpenAI's activity of 2023 and 2024: the legacy call `/v1/usage?date=` (JSON) and the activity
//! export (CSV). Groq's console call has the same names and adds a cost.
//!
//! A row is a small bucket of one model whose width is not written: it is dated by its start.
//! `n_context_tokens_total` is the whole input, `n_generated_tokens_total` the whole output; how
//! much was cached or reasoning is not known. Groq: `n_non_cached_context_tokens_total` tells the
//! cached part, `cost` is in dollars. Times are Unix seconds (UTC). Equal keys are added.

use crate::book::Known;
use crate::read::draft::{Draft, Fate};
use crate::read::field::Field;
use crate::read::header::Sign;
use crate::read::plan::{Plan, column, needed, own};
use crate::read::row::Row;
use crate::read::schema::{Copies, Meaning, Rows, Schema, Seller};
use crate::read::{Format, Problem};

const UNCACHED: usize = 0;

/// The format.
pub(in crate::read) static OPENAI_ACTIVITY: Schema = Schema {
    format: Format::OpenAiActivity,
    name: "openai-activity",
    header: &[Sign::All(&["n_context_tokens_total"])],
    object: &[Sign::All(&["n_context_tokens_total"])],
    columns: &[
        needed(Field::Time, &["aggregation_timestamp", "timestamp"]),
        needed(Field::Model, &["snapshot_id", "model"]),
        column(Field::ApiKey, &["api_key_name", "api_key_id"]),
        column(Field::Project, &["project_id", "organization_id"]),
        column(Field::User, &["user_id", "email"]),
        column(Field::Requests, &["n_requests", "num_requests"]),
        needed(Field::Input, &["n_context_tokens_total"]),
        own(UNCACHED, &["n_non_cached_context_tokens_total"]),
        needed(Field::Output, &["n_generated_tokens_total"]),
        column(Field::Cost, &["cost"]),
    ],
    irrelevant: &[("n_cached_context_tokens_total", "input less its part that was not cached")],
    seller: Seller::WrittenOr("openai"),
    rows: Rows::Bucket,
    tier: Known::Unknown,
    copies: Copies::Bucket,
    finish: Some(cached),
    meaning: Meaning {
        tokens: ["yes", "not known", "yes (no column)"],
        rows: ["bucket", "Unix seconds (UTC)", "USD (Groq)"],
    },
    ..Schema::BASE
};

fn cached<'r>(draft: &mut Draft<'r>, row: &Row<'r>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    let column = plan.field(Field::Input);
    let input = draft.totals().input.ok_or_else(|| row.missing(column))?;
    if let Some(uncached) = row.count(plan.own(UNCACHED))? {
        let cached = input.checked_sub(uncached).ok_or_else(|| Problem::Disagree {
            left: format!("n_context_tokens_total {input}"),
            right: format!("n_non_cached_context_tokens_total {uncached}"),
        })?;
        draft.totals().cache_read = Some(cached);
        draft.record.provider = "groq";
    }
    Ok(None)
}
