//! OpenAI's dashboard export of completions usage (`completions_usage_<from>_<to>.csv`).
//!
//! A row is a bucket `[start_time, end_time)` in Unix seconds (UTC) of one combination of the
//! grouped columns; rows with equal keys are added, never removed. `input_tokens` includes cached
//! tokens (and cache writes since 2026), `output_tokens` includes reasoning, which has no column.
//! Counts are written as floats (`59200.0`). Empty buckets have only their times; a range without
//! any usage has only the four time columns. There is no money in it.

use std::io::BufRead;

use super::table::{Header, Row, RowReader};
use super::{Format, Item, Problem, ReadError, cell};
use crate::book::Known;
use crate::charge::Shape;
use crate::price::ServiceTier;
use crate::record::Record;
use crate::time::Period;
use crate::usage::{Layout, Totals};

pub(super) struct Columns {
    start: usize,
    end: usize,
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
    cache_write: Option<usize>,
    uncached_audio: Option<usize>,
    cached_audio: Option<usize>,
    uncached_image: Option<usize>,
    cached_image: Option<usize>,
    output: Option<usize>,
    output_audio: Option<usize>,
    output_image: Option<usize>,
    /// The schema of 2025-03-21 had no uncached column and counted cached audio inside audio.
    audio_includes_cached: bool,
}

impl Columns {
    pub(super) fn new(header: &Header) -> Result<Self, ReadError> {
        let format = Format::OpenAiUsage;
        let (start, end) = (header.need(format, "start_time")?, header.need(format, "end_time")?);
        let input = header
            .column("num_model_requests")
            .map(|_| header.need(format, "input_tokens"))
            .transpose()?;
        let output = input.map(|_| header.need(format, "output_tokens")).transpose()?;
        Ok(Self {
            start,
            end,
            times: ["start_time", "end_time", "start_time_iso", "end_time_iso"]
                .map(|name| header.column(name)),
            requests: header.column("num_model_requests"),
            model: header.column("model"),
            project: header.column("project_id"),
            user: header.column("user_id"),
            api_key: header.column("api_key_id"),
            batch: header.column("batch"),
            service_tier: header.column("service_tier"),
            input,
            cached: header.column("input_cached_tokens"),
            cache_write: header.column("input_cache_write_tokens"),
            uncached_audio: header.column("input_audio_tokens"),
            cached_audio: header.column("input_cached_audio_tokens"),
            uncached_image: header.column("input_image_tokens"),
            cached_image: header.column("input_cached_image_tokens"),
            output,
            output_audio: header.column("output_audio_tokens"),
            output_image: header.column("output_image_tokens"),
            audio_includes_cached: header.column("input_uncached_tokens").is_none(),
        })
    }

    fn totals<R: BufRead>(&self, row: &Row<'_, R>) -> Result<Totals, Problem> {
        let (cached_audio, cached_image) =
            (row.count(self.cached_audio)?, row.count(self.cached_image)?);
        let with_cached = |uncached: Option<u64>, cached: Option<u64>| {
            if self.audio_includes_cached {
                return uncached;
            }
            uncached.map(|count| count.saturating_add(cached.unwrap_or(0)))
        };
        let need = |column: Option<usize>, name: &str| {
            row.count(column)?
                .map(Some)
                .ok_or_else(|| Problem::MissingCell { column: name.to_owned() })
        };
        Ok(Totals {
            layout: Layout::INSIDE,
            input: need(self.input, "input_tokens")?,
            cache_read: row.count(self.cached)?,
            cache_write: row.count(self.cache_write)?,
            input_audio: with_cached(row.count(self.uncached_audio)?, cached_audio),
            cache_read_audio: cached_audio,
            input_image: with_cached(row.count(self.uncached_image)?, cached_image),
            cache_read_image: cached_image,
            output: need(self.output, "output_tokens")?,
            output_audio: row.count(self.output_audio)?,
            output_image: row.count(self.output_image)?,
            requests: row.count(self.requests)?,
            ..Totals::default()
        })
    }

    fn service_tier<R: BufRead>(&self, row: &Row<'_, R>) -> Result<Known<ServiceTier>, Problem> {
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
    fn row<R: BufRead>(
        &self,
        row: &Row<'_, R>,
        each: &mut dyn FnMut(Item<'_>),
    ) -> Result<(), Problem> {
        if row.is_blank_but(&self.times) {
            each(Item::Empty { line: row.line() });
            return Ok(());
        }
        let missing = |column: &str| Problem::MissingCell { column: column.to_owned() };
        let start = row.time(Some(self.start))?.ok_or_else(|| missing("start_time"))?.start;
        let end = row.time(Some(self.end))?.ok_or_else(|| missing("end_time"))?.start;
        if end <= start {
            return Err(Problem::Disagree {
                left: format!("start_time {start}"),
                right: format!("end_time {end}"),
            });
        }
        let (model, project) = (row.text(self.model)?, row.text(self.project)?);
        let (user, api_key) = (row.text(self.user)?, row.text(self.api_key)?);
        let totals = self.totals(row)?;
        each(Item::Record(Record {
            line: row.line(),
            provider: "openai",
            model: &model,
            period: Some(Period { start, end }),
            shape: Shape::Sum { requests: totals.requests },
            service_tier: self.service_tier(row)?,
            totals: Some(totals),
            project: &project,
            api_key: &api_key,
            user: &user,
            ..Record::EMPTY
        }));
        Ok(())
    }
}
