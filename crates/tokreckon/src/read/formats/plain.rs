//! Any CSV with named columns: the usual names, or those that a [`Mapping`](crate::read::Mapping) says.
//!
//! Cached and reasoning tokens are read as *inside* input and output, as in OpenAI's form; a
//! mapping says otherwise (`cached-is=beside`, `reasoning-is=beside`), or the row itself: its total
//! says where its reasoning lies, and a cached part of a Claude model that is larger than the input
//! lies beside it, as Anthropic reports it. A clock
//! without an offset is UTC; a date is the whole UTC day. A row is one request unless a `requests`
//! column says more. A column that is not there is not reported, which is not the same as zero.

use crate::read::Format;
use crate::read::field::Field;
use crate::read::header::Header;
use crate::read::plan::{Column, To, column, needed};
use crate::read::schema::{Copies, Meaning, Rows, Schema, Seller, Span};
use crate::usage::{Layout, Place, Totals};

/// The format.
pub(in crate::read) static PLAIN: Schema = Schema {
    format: Format::Plain,
    name: "csv",
    columns: &[
        column(Field::Provider, &["provider"]),
        column(Field::Model, &["model", "model_name", "model_id"]),
        column(
            Field::Time,
            &["timestamp", "time", "created_at", "created", "date", "start_time", "ts"],
        ),
        column(Field::EndTime, &["end_time"]),
        column(Field::Id, &["request_id", "response_id", "id"]),
        column(Field::Project, &["project_id", "project"]),
        column(Field::ApiKey, &["api_key_id", "api_key"]),
        column(Field::User, &["user_id", "user"]),
        column(Field::ServiceTier, &["service_tier"]),
        column(Field::Batch, &["batch"]),
        column(Field::Variant, &["variant"]),
        column(Field::Requests, &["num_model_requests", "requests", "num_requests"]),
        needed(Field::Input, &["input_tokens", "prompt_tokens", "input"]),
        column(
            Field::CacheRead,
            &[
                "cached",
                "input_cached_tokens",
                "cached_tokens",
                "cache_read_input_tokens",
                "cache_read_tokens",
                "cached_input_tokens",
            ],
        ),
        column(
            Field::CacheWrite,
            &[
                "cache_write",
                "cache_write_tokens",
                "cache_creation_input_tokens",
                "cache_creation_tokens",
                "cache_write_input_tokens",
            ],
        ),
        column(Field::CacheWrite5m, &["cache_write_5m", "ephemeral_5m_input_tokens"]),
        column(Field::CacheWrite1h, &["cache_write_1h", "ephemeral_1h_input_tokens"]),
        column(Field::InputAudio, &["input_audio", "input_audio_tokens"]),
        column(Field::InputImage, &["input_image", "input_image_tokens"]),
        needed(Field::Output, &["output_tokens", "completion_tokens", "output"]),
        column(Field::Reasoning, &["reasoning", "reasoning_tokens", "output_reasoning_tokens"]),
        column(Field::OutputAudio, &["output_audio", "output_audio_tokens"]),
        column(Field::OutputImage, &["output_image", "output_image_tokens"]),
        column(Field::Total, &["total_tokens"]),
        column(Field::WebSearches, &["web_searches", "web_search_requests"]),
        column(Field::Cost, &["billed_cost_usd", "cost_usd", "cost"]),
        column(Field::Currency, &["currency"]),
        column(Field::Visible, &["visible", "visible_tokens", "visible_o200k"]),
        column(Field::CacheReadAudio, &["cached_audio", "input_cached_audio_tokens"]),
        column(Field::CacheReadImage, &["cached_image", "input_cached_image_tokens"]),
        column(Field::InputVideo, &["input_video", "input_video_tokens"]),
        column(Field::Images, &[]),
        column(Field::AudioSeconds, &["audio_seconds"]),
        column(Field::Characters, &[]),
        column(Field::FileSearches, &[]),
        column(Field::CodeSessions, &[]),
        column(Field::SearchUnits, &[]),
        column(Field::CacheTokenSeconds, &[]),
        column(Field::LineItem, &["line_item"]),
        column(Field::Session, &["session", "session_id", "conversation_id", "thread_id"]),
        column(Field::Agent, &["agent", "agent_id", "agent_name"]),
        column(Field::Label, &[]),
    ],
    irrelevant: &[
        ("input_cost", "a part of the cost"),
        ("output_cost", "a part of the cost"),
        ("total_cost", "a cost, which is compared and not priced"),
        ("duration_seconds", "how long the answer took"),
        ("input_uncached_tokens", "input less its cached part"),
    ],
    seller: Seller::Written,
    rows: Rows::ByRequests,
    span: Span::Open,
    copies: Copies::SameId,
    by_hand: true,
    finish: Some(|draft, _, _| {
        let model = draft.record.model;
        beside_where_larger(draft.totals(), model);
        Ok(None)
    }),
    meaning: Meaning {
        tokens: ["yes, unless the mapping or the row says otherwise", "as cached", "as cached"],
        rows: [
            "request, or bucket by a requests column",
            "UTC where no offset is written, or as the mapping says",
            "as named; USD",
        ],
    },
    ..Schema::BASE
};

/// A part of Claude's input that is larger than the whole lies beside it: so Anthropic's own counts
/// are.
fn beside_where_larger(totals: &mut Totals, model: &str) {
    let Some(input) = totals.input else { return };
    let (Some(read), written) = (totals.cache_read, totals.cache_write) else { return };
    let parts = u128::from(read) + u128::from(written.unwrap_or(0));
    if parts > u128::from(input) && totals.layout == Layout::INSIDE && model.contains("claude") {
        totals.layout.cache_read = Place::Beside;
        totals.layout.cache_write = Place::Beside;
    }
}

/// True when the usual names are there: a model, input and output.
pub(in crate::read) fn recognises(header: &mut Header) -> bool {
    [Field::Model, Field::Input, Field::Output].into_iter().all(|wanted| has(header, wanted))
}

/// True when a column of costs is there.
pub(in crate::read) fn has_costs(header: &mut Header) -> bool {
    has(header, Field::Cost)
}

fn has(header: &mut Header, wanted: Field) -> bool {
    let is_wanted = |column: &&Column| column.to == To::Field(wanted);
    let found = PLAIN.columns.iter().find(is_wanted);
    found.is_some_and(|column| {
        let plain = header.any(column.names);
        plain
            .or_else(|| header.any_in_a_currency(column.names).filter(|_| wanted == Field::Cost))
            .is_some()
    })
}
