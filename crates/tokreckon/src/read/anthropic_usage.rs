//! Anthropic's usage: the Console's export (CSV, both headers) and the Admin usage report (JSON).
//!
//! A row is a bucket of one UTC hour or day. Input, cache reads and cache writes are disjoint;
//! reasoning lies inside the output and has no column; there is no count of requests. The header
//! of 2025 has one column of cache writes, whose lifetime is then not known. `usage_type` is the
//! service tier, `speed` marks fast mode, `inference_geo` the region. `api_key` and `workspace`
//! are names in the export and ids in the report. Rows with equal keys are added; the open day
//! moves, so overlapping exports replace each other. There is no money in it.

use super::table::{Each, Header, Row, RowReader};
use super::{Format, Item, Problem, ReadError, cell};
use crate::book::Known;
use crate::charge::Shape;
use crate::price::ServiceTier;
use crate::record::{Record, Repeats};
use crate::time::{Instant, Period};
use crate::usage::{Layout, Totals};

/// Seconds of an hour: the bucket of a row that is dated by a clock time.
const HOUR_SECONDS: i64 = 3600;

pub(super) struct Columns {
    start: Option<usize>,
    end: Option<usize>,
    model: Option<usize>,
    api_key: Option<usize>,
    workspace: Option<usize>,
    service_tier: Option<usize>,
    speed: Option<usize>,
    geo: Option<usize>,
    input: Option<usize>,
    cache_write: Option<usize>,
    cache_write_5m: Option<usize>,
    cache_write_1h: Option<usize>,
    cache_read: Option<usize>,
    output: Option<usize>,
    web_searches: Option<usize>,
}

impl Columns {
    pub(super) fn new(header: &mut Header) -> Result<Self, ReadError> {
        let format = Format::AnthropicUsage;
        let write = |length: &str| {
            [
                format!("usage_input_tokens_cache_write_{length}"),
                format!("cache_creation.ephemeral_{length}_input_tokens"),
            ]
        };
        let [five, hour] = ["5m", "1h"].map(write);
        let inputs = ["usage_input_tokens_no_cache", "uncached_input_tokens"];
        Ok(Self {
            start: Some(header.need_any(format, &["usage_date_utc", "starting_at"])?),
            end: header.column("ending_at"),
            model: Some(header.need_any(format, &["model_version", "model"])?),
            api_key: header.any(&["api_key", "api_key_id"]),
            workspace: header.any(&["workspace", "workspace_id"]),
            service_tier: header.any(&["usage_type", "service_tier"]),
            speed: header.column("speed"),
            geo: header.column("inference_geo"),
            input: Some(header.need_any(format, &inputs)?),
            cache_write: header.column("usage_input_tokens_cache_write"),
            cache_write_5m: header.any(&five.each_ref().map(String::as_str)),
            cache_write_1h: header.any(&hour.each_ref().map(String::as_str)),
            cache_read: header.any(&["usage_input_tokens_cache_read", "cache_read_input_tokens"]),
            output: Some(header.need_any(format, &["usage_output_tokens", "output_tokens"])?),
            web_searches: header.any(&["web_search_count", "server_tool_use.web_search_requests"]),
        })
    }

    fn totals(&self, row: &Row<'_>) -> Result<Totals, Problem> {
        let need =
            |column| row.count(column)?.map_or_else(|| Err(row.missing(column)), |n| Ok(Some(n)));
        Ok(Totals {
            layout: Layout::ANTHROPIC,
            input: need(self.input)?,
            cache_read: row.count(self.cache_read)?,
            cache_write: row.count(self.cache_write)?,
            cache_write_5m: row.count(self.cache_write_5m)?,
            cache_write_1h: row.count(self.cache_write_1h)?,
            output: need(self.output)?,
            web_searches: row.count(self.web_searches)?,
            ..Totals::default()
        })
    }

    fn period(&self, row: &Row<'_>) -> Result<Period, Problem> {
        let start = row.needed_time(self.start)?;
        if let Some(end) = row.time(self.end)? {
            return Ok(Period { start: start.start, end: end.start });
        }
        let hour = Instant(start.start.0.saturating_add(HOUR_SECONDS));
        Ok(if start.is_instant() { Period { end: hour, ..start } } else { start })
    }
}

/// The service tier, from its column and that of the speed.
fn service_tier(
    row: &Row<'_>,
    tier: Option<usize>,
    speed: Option<usize>,
) -> Result<Known<ServiceTier>, Problem> {
    let tier =
        row.word(tier, "a service tier such as `standard` or `batch`", cell::service_tier)?;
    let speed = row.word(speed, "`standard` or `fast`", cell::service_tier)?;
    Ok(match (speed, tier) {
        (Some(speed), _) if speed != ServiceTier::Standard => Known::Is(speed),
        (_, Some(tier)) => Known::Is(tier),
        (_, None) => Known::Unknown,
    })
}

/// `geo=us` for a region that has prices of its own; global and not available have none.
pub(super) fn variant(geo: &str) -> String {
    match geo {
        "" | "global" | "not_available" => String::new(),
        geo => format!("geo={geo}"),
    }
}

impl RowReader for Columns {
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let (model, api_key) = (row.text(self.model)?, row.text(self.api_key)?);
        let (workspace, geo) = (row.text(self.workspace)?, row.text(self.geo)?);
        each(Item::Record(&Record {
            line: row.line(),
            provider: "anthropic",
            model: &model,
            period: Some(self.period(row)?),
            shape: Shape::Sum { requests: None },
            service_tier: service_tier(row, self.service_tier, self.speed)?,
            variant: Known::Is(&variant(&geo)),
            totals: Some(self.totals(row)?),
            project: &workspace,
            api_key: &api_key,
            repeats: Repeats::Bucket(Format::AnthropicUsage.name()),
            ..Record::EMPTY
        }));
        Ok(())
    }
}
