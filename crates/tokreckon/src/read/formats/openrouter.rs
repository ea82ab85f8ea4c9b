//! OpenRouter's requests: the Activity page's export (CSV, 23 or 24 columns) and the answers of
//! the call `/api/v1/generation` (JSON); and its buckets, the call `/api/v1/activity` (JSON).
//!
//! The prompt includes cached tokens (not a column before 2026), the completion includes reasoning.
//! The generation call also writes normalised counts; what is billed are the `native_` ones.
//! `created_at` is UTC without saying so. `cost_total` is in dollars and holds the costs of searches,
//! files and caching already; what a customer's own key cost upstream (`byok_usage_inference`) is not
//! part of it. Cancelled requests are billed for what was made. `provider_name` is the upstream,
//! whose price is a variant of the book where it has one. A generation id seen in two files is one
//! request. A bucket is one completed UTC day, model and endpoint; `usage` is in dollars.

use crate::book::Known;
use crate::read::draft::{Draft, Fate};
use crate::read::field::Field;
use crate::read::header::Sign;
use crate::read::plan::{Plan, column, needed, own};
use crate::read::row::Row;
use crate::read::schema::{Copies, Meaning, Rows, Schema, Seller};
use crate::read::{Format, Problem, upstream};

const VARIANT: usize = 0;
const UPSTREAM: usize = 1;

const OWN_KEY: &str = "what a key of the customer's cost upstream: another bill";
const IN_TOTAL: &str = "part of the total cost";

/// Requests.
pub(in crate::read) static OPENROUTER: Schema = Schema {
    format: Format::OpenRouter,
    name: "openrouter",
    header: &[Sign::All(&["generation_id", "cost_total"])],
    object: &[Sign::All(&["native_tokens_prompt"]), Sign::All(&["tokens_prompt", "total_cost"])],
    columns: &[
        needed(Field::Id, &["generation_id", "id"]),
        needed(Field::Time, &["created_at"]),
        needed(Field::Model, &["model_permaslug", "model"]),
        own(VARIANT, &["variant"]),
        own(UPSTREAM, &["provider_name"]),
        needed(Field::Cost, &["cost_total", "total_cost"]),
        needed(Field::Input, &["native_tokens_prompt", "tokens_prompt"]),
        column(Field::CacheRead, &["native_tokens_cached", "tokens_cached"]),
        needed(Field::Output, &["native_tokens_completion", "tokens_completion"]),
        column(Field::Reasoning, &["native_tokens_reasoning", "tokens_reasoning"]),
        column(Field::ApiKey, &["api_key_name"]),
        column(Field::Project, &["app_name", "origin"]),
        column(Field::User, &["user", "external_user"]),
    ],
    irrelevant: &[
        ("cost_web_search", IN_TOTAL),
        ("cost_cache", IN_TOTAL),
        ("cost_file_processing", IN_TOTAL),
        ("byok_usage_inference", OWN_KEY),
        ("upstream_inference_cost", OWN_KEY),
        ("cache_discount", IN_TOTAL),
        ("usage", IN_TOTAL),
        ("usage_cache", IN_TOTAL),
        ("usage_web", IN_TOTAL),
        ("usage_data", IN_TOTAL),
        ("usage_file", IN_TOTAL),
        ("latency", "how long the answer took"),
        ("service_tier", "the tier is in the cost and the model's variant"),
    ],
    seller: Seller::Is("openrouter"),
    finish: Some(request),
    meaning: Meaning {
        tokens: ["yes", "not known", "yes"],
        rows: ["request", "UTC where no offset is written", "USD; BYOK costs apart"],
    },
    ..Schema::BASE
};

/// Buckets.
pub(in crate::read) static OPENROUTER_ACTIVITY: Schema = Schema {
    format: Format::OpenRouterActivity,
    name: "openrouter-activity",
    object: &[Sign::All(&["byok_usage_inference", "requests", "usage"])],
    columns: &[
        needed(Field::Time, &["date"]),
        needed(Field::Model, &["model_permaslug", "model"]),
        column(Field::LineItem, &["endpoint_id", "provider_name"]),
        own(UPSTREAM, &["provider_name"]),
        needed(Field::Cost, &["usage"]),
        column(Field::Requests, &["requests"]),
        needed(Field::Input, &["prompt_tokens"]),
        needed(Field::Output, &["completion_tokens"]),
        column(Field::Reasoning, &["reasoning_tokens"]),
    ],
    irrelevant: &[("byok_usage_inference", OWN_KEY)],
    seller: Seller::Is("openrouter"),
    rows: Rows::Bucket,
    copies: Copies::Bucket,
    finish: Some(route),
    meaning: Meaning { tokens: ["yes", "not known", "yes"], rows: ["bucket", "UTC", "USD"] },
    ..Schema::BASE
};

fn request<'r>(draft: &mut Draft<'r>, row: &Row<'r>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    let slug = draft.record.model;
    draft.record.model = match row.text(plan.own(VARIANT))? {
        "" | "standard" => slug,
        variant => row.keep(&format!("{slug}:{variant}")),
    };
    route(draft, row, plan)
}

/// The upstream is a variant of the price.
fn route<'r>(draft: &mut Draft<'r>, row: &Row<'r>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    let upstream = row.text(plan.own(UPSTREAM))?;
    if !upstream.is_empty() {
        draft.record.variant = Known::Is(row.keep(&upstream::variant(upstream)));
    }
    Ok(None)
}
