//! Anthropic's usage: the Console's export (CSV, both headers) and the Admin usage report (JSON).
//!
//! A row is a bucket of one UTC hour or day. Input, cache reads and cache writes are disjoint;
//! reasoning lies inside the output and has no column; there is no count of requests. The header
//! of 2025 has one column of cache writes, whose lifetime is then not known. `usage_type` is the
//! service tier, `speed` marks fast mode, `inference_geo` the region. `api_key` and `workspace`
//! are names in the export and ids in the report. Rows with equal keys are added; the open day
//! moves, so overlapping exports replace each other. There is no money in it.

use crate::book::Known;
use crate::price::ServiceTier;
use crate::read::draft::{Draft, Fate};
use crate::read::field::Field;
use crate::read::header::Sign;
use crate::read::plan::{Plan, column, needed, own};
use crate::read::row::Row;
use crate::read::schema::{Copies, Meaning, Rows, Schema, Seller, Span};
use crate::read::{Format, Problem, cell};
use crate::usage::Layout;

const SPEED: usize = 0;

/// The format.
pub(in crate::read) static ANTHROPIC_USAGE: Schema = Schema {
    format: Format::AnthropicUsage,
    name: "anthropic-usage",
    header: &[Sign::All(&["usage_input_tokens_no_cache"])],
    object: &[Sign::All(&["uncached_input_tokens"])],
    columns: &[
        needed(Field::Time, &["usage_date_utc", "starting_at"]),
        column(Field::EndTime, &["ending_at"]),
        needed(Field::Model, &["model_version", "model"]),
        column(Field::ApiKey, &["api_key", "api_key_id"]),
        column(Field::Project, &["workspace", "workspace_id"]),
        column(Field::ServiceTier, &["usage_type", "service_tier"]),
        own(SPEED, &["speed"]),
        column(Field::Variant, &["inference_geo"]),
        needed(Field::Input, &["usage_input_tokens_no_cache", "uncached_input_tokens"]),
        column(Field::CacheWrite, &["usage_input_tokens_cache_write"]),
        column(
            Field::CacheWrite5m,
            &["usage_input_tokens_cache_write_5m", "cache_creation.ephemeral_5m_input_tokens"],
        ),
        column(
            Field::CacheWrite1h,
            &["usage_input_tokens_cache_write_1h", "cache_creation.ephemeral_1h_input_tokens"],
        ),
        column(Field::CacheRead, &["usage_input_tokens_cache_read", "cache_read_input_tokens"]),
        needed(Field::Output, &["usage_output_tokens", "output_tokens"]),
        column(Field::WebSearches, &["web_search_count", "server_tool_use.web_search_requests"]),
    ],
    seller: Seller::Is("anthropic"),
    layout: Layout::ANTHROPIC,
    rows: Rows::Bucket,
    span: Span::Hour,
    tier: Known::Unknown,
    copies: Copies::Bucket,
    finish: Some(finish),
    meaning: Meaning {
        tokens: ["no", "no", "yes (no column)"],
        rows: ["bucket", "UTC", "no money"],
    },
    ..Schema::BASE
};

fn finish<'r>(draft: &mut Draft<'r>, row: &Row<'r>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    let totals = draft.totals();
    for (field, count) in [(Field::Input, totals.input), (Field::Output, totals.output)] {
        if count.is_none() {
            return Err(row.missing(plan.field(field)));
        }
    }
    let speed = row.word(plan.own(SPEED), "`standard` or `fast`", cell::service_tier)?;
    draft.tier = speed.filter(|speed| *speed != ServiceTier::Standard).or(draft.tier);
    region(draft, row);
    Ok(None)
}

/// The region is a variant of the price.
pub(super) fn region<'r>(draft: &mut Draft<'r>, row: &Row<'r>) {
    if let Known::Is(geo) = draft.record.variant
        && !geo.is_empty()
    {
        draft.record.variant = Known::Is(row.keep(&cell::region(geo)));
    }
}
