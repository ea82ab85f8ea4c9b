//! OpenAI's usage: the dashboard's export (`completions_usage_<from>_<to>.csv`) and the results of
//! the Usage API (`/v1/organization/usage/…`), which name their columns alike.
//!
//! A row is a bucket `[start_time, end_time)` in Unix seconds (UTC) of one combination of the
//! grouped columns; rows with equal keys are added, never removed. `input_tokens` includes cached
//! tokens (and cache writes since 2026), `output_tokens` includes reasoning, which has no column.
//! Counts are written as floats (`59200.0`). Empty buckets have only their times; a range without
//! any usage has only the four time columns. There is no money in it. Other endpoints than
//! completions count images, characters, seconds or searches instead of output tokens.

mod quick;

use self::quick::Quick;
use super::short::Short;
use super::table::{Each, Header, LastTime, Row, RowReader};
use super::{Format, Item, Problem, ReadError, cell};
use crate::book::Known;
use crate::charge::Shape;
use crate::price::ServiceTier;
use crate::record::{Record, Repeats, Request};
use crate::time::Period;
use crate::usage::{Layout, Totals};

pub(super) struct Columns {
    start: Option<usize>,
    end: Option<usize>,
    times: [Option<usize>; 4],
    requests: Option<usize>,
    model: Option<usize>,
    project: Option<usize>,
    user: Option<usize>,
    api_key: Option<usize>,
    batch: Option<usize>,
    service_tier: Option<usize>,
    input: Option<usize>,
    cached: Option<usize>,
    uncached: Option<usize>,
    cache_write: Option<usize>,
    audio: Option<usize>,
    cached_audio: Option<usize>,
    image: Option<usize>,
    cached_image: Option<usize>,
    output: Option<usize>,
    output_audio: Option<usize>,
    output_image: Option<usize>,
    images: Option<usize>,
    characters: Option<usize>,
    seconds: Option<usize>,
    web_searches: Option<usize>,
    last_times: [LastTime; 2],
    quick: Option<Quick>,
}

impl Columns {
    pub(super) fn new(header: &mut Header) -> Result<Self, ReadError> {
        let format = Format::OpenAiUsage;
        let mut columns = Self {
            start: Some(header.need(format, "start_time")?),
            end: Some(header.need(format, "end_time")?),
            times: ["start_time", "end_time", "start_time_iso", "end_time_iso"]
                .map(|name| header.column(name)),
            requests: header.any(&["num_model_requests", "num_requests"]),
            model: header.column("model"),
            project: header.column("project_id"),
            user: header.column("user_id"),
            api_key: header.column("api_key_id"),
            batch: header.column("batch"),
            service_tier: header.column("service_tier"),
            input: header.column("input_tokens"),
            cached: header.column("input_cached_tokens"),
            uncached: header.column("input_uncached_tokens"),
            cache_write: header.column("input_cache_write_tokens"),
            audio: header.column("input_audio_tokens"),
            cached_audio: header.column("input_cached_audio_tokens"),
            image: header.column("input_image_tokens"),
            cached_image: header.column("input_cached_image_tokens"),
            output: header.column("output_tokens"),
            output_audio: header.column("output_audio_tokens"),
            output_image: header.column("output_image_tokens"),
            images: header.column("images"),
            characters: header.column("characters"),
            seconds: header.column("seconds"),
            web_searches: header.column("num_web_searches"),
            last_times: [LastTime::default(), LastTime::default()],
            quick: None,
        };
        columns.quick = Quick::new(&columns);
        Ok(columns)
    }

    fn totals(&self, row: &Row<'_>) -> Result<Totals, Problem> {
        let (cached_audio, cached_image) =
            (row.count(self.cached_audio)?, row.count(self.cached_image)?);
        // The schema of 2025-03-21 had no uncached count, and cached audio inside of the audio.
        let is_split = row.has(self.uncached);
        let with_cached = |uncached: Option<u64>, cached: Option<u64>| {
            uncached.map(|count| count.saturating_add(cached.filter(|_| is_split).unwrap_or(0)))
        };
        let totals = Totals {
            layout: Layout::INSIDE,
            input: row.count(self.input)?,
            cache_read: row.count(self.cached)?,
            cache_write: row.count(self.cache_write)?,
            input_audio: with_cached(row.count(self.audio)?, cached_audio),
            cache_read_audio: cached_audio,
            input_image: with_cached(row.count(self.image)?, cached_image),
            cache_read_image: cached_image,
            output: row.count(self.output)?,
            output_audio: row.count(self.output_audio)?,
            output_image: row.count(self.output_image)?,
            requests: row.count(self.requests)?,
            images: row.count(self.images)?,
            characters: row.count(self.characters)?,
            audio_seconds: row.count(self.seconds)?,
            web_searches: row.count(self.web_searches)?,
            ..Totals::default()
        };
        let counts_tokens = totals.images.or(totals.characters).or(totals.audio_seconds).is_none();
        if counts_tokens && totals.input.is_none() {
            return Err(row.missing(self.input));
        }
        if counts_tokens && totals.output.is_none() && self.output.is_some() && !row.is_object() {
            return Err(row.missing(self.output));
        }
        Ok(totals)
    }

    fn service_tier(&self, row: &Row<'_>) -> Result<Known<ServiceTier>, Problem> {
        let batch =
            row.word(self.batch, "`TRUE` or `FALSE`", |text| cell::flag(text.as_bytes()))?;
        let tier =
            row.word(self.service_tier, "a service tier such as `default` or `flex`", |text| {
                if text.trim() == "fast" {
                    Some(ServiceTier::Priority)
                } else {
                    cell::service_tier(text)
                }
            })?;
        Ok(match (batch, tier) {
            (Some(true), _) => Known::Is(ServiceTier::Batch),
            (_, Some(tier)) => Known::Is(tier),
            // Not grouped by service tier: any of them, batch too when that column is blank.
            (Some(false) | None, None) => Known::Unknown,
        })
    }
}

impl RowReader for Columns {
    fn short(&mut self, row: &Short<'_>, take: &mut dyn FnMut(&Request<'_>)) -> bool {
        self.quick.as_mut().is_some_and(|quick| quick.row(row, take).is_ok())
    }

    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        if row.is_blank_but(&self.times) {
            each(Item::Empty { line: row.line() });
            return Ok(());
        }
        let [last_start, last_end] = &mut self.last_times;
        let start = row.repeated_time(self.start, last_start);
        let end = row.repeated_time(self.end, last_end);
        // A single result, saved without its bucket, has no time.
        let period = if row.is_object() && !row.has(self.start) {
            None
        } else {
            let (start, end) = (start?.start, end?.start);
            if end <= start {
                return Err(Problem::Disagree {
                    left: format!("start_time {start}"),
                    right: format!("end_time {end}"),
                });
            }
            Some(Period { start, end })
        };
        let (model, project) = (row.text(self.model)?, row.text(self.project)?);
        let (user, api_key) = (row.text(self.user)?, row.text(self.api_key)?);
        let totals = self.totals(row)?;
        each(Item::Record(&Record {
            line: row.line(),
            provider: "openai",
            model: &model,
            period,
            shape: Shape::Sum { requests: totals.requests },
            service_tier: self.service_tier(row)?,
            totals: Some(totals),
            project: &project,
            api_key: &api_key,
            user: &user,
            repeats: Repeats::Bucket(Format::OpenAiUsage.name()),
            ..Record::EMPTY
        }));
        Ok(())
    }
}
