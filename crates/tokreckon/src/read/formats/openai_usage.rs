//! OpenAI's usage: the dashboard's export (`completions_usage_<from>_<to>.csv`) and the results of
//! the Usage API (`/v1/organization/usage/…`), which name their columns alike.
//!
//! A row is a bucket `[start_time, end_time)` in Unix seconds (UTC) of one combination of the
//! grouped columns; rows with equal keys are added, never removed. `input_tokens` includes cached
//! tokens (and cache writes since 2026), `output_tokens` includes reasoning, which has no column.
//! Counts are written as floats (`59200.0`). Empty buckets have only their times; a range without
//! any usage has only the four time columns. There is no money in it. Other endpoints than
//! completions count images, characters, seconds or searches instead of output tokens.

use crate::book::Known;
use crate::read::draft::{Draft, Fate};
use crate::read::field::Field;
use crate::read::header::Sign;
use crate::read::plan::{Plan, column, needed, own};
use crate::read::row::Row;
use crate::read::schema::{Copies, Meaning, Rows, Schema, Seller, Span};
use crate::read::spelling::plus;
use crate::read::{Format, Problem};

const START_ISO: usize = 0;
const END_ISO: usize = 1;
const UNCACHED: usize = 2;

/// The format.
pub(in crate::read) static OPENAI_USAGE: Schema = Schema {
    format: Format::OpenAiUsage,
    name: "openai-usage",
    header: &[
        Sign::All(&["start_time_iso", "num_model_requests"]),
        Sign::Only(&["start_time", "end_time", "start_time_iso", "end_time_iso"]),
    ],
    object: &[Sign::Kind("organization.usage.")],
    columns: &[
        needed(Field::Time, &["start_time"]),
        needed(Field::EndTime, &["end_time"]),
        own(START_ISO, &["start_time_iso"]),
        own(END_ISO, &["end_time_iso"]),
        own(UNCACHED, &["input_uncached_tokens"]),
        column(Field::Requests, &["num_model_requests", "num_requests"]),
        column(Field::Model, &["model"]),
        column(Field::Project, &["project_id"]),
        column(Field::User, &["user_id"]),
        column(Field::ApiKey, &["api_key_id"]),
        column(Field::Batch, &["batch"]),
        column(Field::ServiceTier, &["service_tier"]),
        column(Field::Input, &["input_tokens"]),
        column(Field::CacheRead, &["input_cached_tokens"]),
        column(Field::CacheWrite, &["input_cache_write_tokens"]),
        column(Field::InputAudio, &["input_audio_tokens"]),
        column(Field::CacheReadAudio, &["input_cached_audio_tokens"]),
        column(Field::InputImage, &["input_image_tokens"]),
        column(Field::CacheReadImage, &["input_cached_image_tokens"]),
        column(Field::Output, &["output_tokens"]),
        column(Field::OutputAudio, &["output_audio_tokens"]),
        column(Field::OutputImage, &["output_image_tokens"]),
        column(Field::Images, &["images"]),
        column(Field::Characters, &["characters"]),
        column(Field::AudioSeconds, &["seconds"]),
        column(Field::WebSearches, &["num_web_searches"]),
        column(Field::FileSearches, &["num_file_searches"]),
        column(Field::CodeSessions, &["num_sessions"]),
    ],
    irrelevant: &[
        ("input_text_tokens", "input less its audio and image parts"),
        ("output_text_tokens", "output less its audio and image parts"),
        ("input_cached_text_tokens", "cached input less its audio and image parts"),
    ],
    seller: Seller::Is("openai"),
    rows: Rows::Bucket,
    span: Span::Written,
    tier: Known::Unknown,
    copies: Copies::Bucket,
    whole_rows: true,
    keep: Some(empty),
    finish: Some(counts),
    meaning: Meaning {
        tokens: ["yes", "yes (since 2026)", "yes (no column)"],
        rows: ["bucket", "Unix seconds (UTC)", "no money"],
    },
    ..Schema::BASE
};

/// A bucket in which nothing happened has only its times.
#[expect(clippy::unnecessary_wraps, reason = "the form of all that decide about a row")]
fn empty(row: &Row<'_>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    let times = [
        plan.field(Field::Time),
        plan.field(Field::EndTime),
        plan.own(START_ISO),
        plan.own(END_ISO),
    ];
    Ok(row.is_blank_but(&times).then_some(Fate::Empty))
}

fn counts<'r>(draft: &mut Draft<'r>, row: &Row<'r>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    let totals = draft.totals();
    // The schema of 2025-03-21 had no uncached count, and cached audio inside of the audio.
    if row.has(plan.own(UNCACHED)) {
        for (column, count, cached) in [
            ("input_audio_tokens", &mut totals.input_audio, totals.cache_read_audio),
            ("input_image_tokens", &mut totals.input_image, totals.cache_read_image),
        ] {
            if let Some(count) = count {
                *count = plus(column, *count, cached.unwrap_or(0))?;
            }
        }
    }
    let others = [
        totals.images,
        totals.characters,
        totals.audio_seconds,
        totals.web_searches,
        totals.file_searches,
        totals.code_sessions,
    ];
    if others.iter().all(Option::is_none) {
        if totals.input.is_none() {
            return Err(row.missing(plan.field(Field::Input)));
        }
        let output = plan.field(Field::Output);
        if totals.output.is_none() && output.is_some() && row.of_json().is_none() {
            return Err(row.missing(output));
        }
    }
    Ok(None)
}
