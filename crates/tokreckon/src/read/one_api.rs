//! The logs of one-api and new-api: JSON envelope, plain JSON list, or a dump of the table (CSV).
//!
//! A row is a request, dated in Unix seconds. `quota` is money: 500,000 = 1 USD (an administrator
//! can change that). Prompt tokens include cached ones, except on Claude channels, where cache
//! reads and writes lie beside them; both stand in `other`. A row billed per call counts images,
//! not tokens. Only type 2 (use) and new-api's type 6 (a refund, written as a positive number)
//! are money; top-ups, tests and messages are not counted. A row of type 2 without tokens is a
//! later correction and may be negative. `id` is taken modulo 1024 and is no key: the nth equal
//! row of one file is the nth equal row of another.

use serde_json::Value;

use super::object::{Object, amount, count};
use super::table::{Each, Header, Row, RowReader};
use super::{Format, Item, Options, Problem, ReadError, Skip};
use crate::money::{Currency, Exact, Money};
use crate::record::{Record, Repeats};
use crate::usage::{Layout, Totals};

/// Row types that are money.
const USE: u64 = 2;
const REFUND: u64 = 6;

pub(super) struct Columns {
    format: Format,
    time: Option<usize>,
    kind: Option<usize>,
    content: Option<usize>,
    user: Option<usize>,
    token: Option<usize>,
    model: Option<usize>,
    quota: Option<usize>,
    prompt: Option<usize>,
    completion: Option<usize>,
    group: Option<usize>,
    request: Option<usize>,
    other: Option<usize>,
    provider: String,
}

impl Columns {
    pub(super) fn new(
        format: Format,
        header: &mut Header,
        options: &Options<'_>,
    ) -> Result<Self, ReadError> {
        Ok(Self {
            format,
            time: Some(header.need(format, "created_at")?),
            kind: Some(header.need(format, "type")?),
            content: header.column("content"),
            user: header.any(&["username", "user_id"]),
            token: header.column("token_name"),
            model: Some(header.need(format, "model_name")?),
            quota: Some(header.need(format, "quota")?),
            prompt: Some(header.need(format, "prompt_tokens")?),
            completion: Some(header.need(format, "completion_tokens")?),
            group: header.column("group"),
            request: header.column("request_id"),
            other: header.column("other"),
            provider: options.provider.to_owned(),
        })
    }

    fn totals(&self, row: &Row<'_>, other: Option<&Object>) -> Result<Totals, Problem> {
        let member = |key: &str| other.map_or(Ok(None), |other| count(other, key));
        let (prompt, completion) = (row.count(self.prompt)?, row.count(self.completion)?);
        let per_call = other.map_or(Ok(None), |other| amount(other, "model_price"))?;
        if per_call.is_some_and(|price| !price.is_zero() && !price.is_negative()) {
            return Ok(Totals { images: prompt, ..Totals::default() });
        }
        let is_claude =
            other.is_some_and(|other| other.get("claude").and_then(Value::as_bool) == Some(true));
        let (five, hour) =
            (member("cache_creation_tokens_5m")?, member("cache_creation_tokens_1h")?);
        let written = member("cache_creation_tokens")?;
        let rest = written.map(|all| all.saturating_sub(five.unwrap_or(0) + hour.unwrap_or(0)));
        Ok(Totals {
            layout: if is_claude { Layout::ANTHROPIC } else { Layout::INSIDE },
            input: prompt,
            cache_read: member("cache_tokens")?,
            cache_write: rest,
            cache_write_5m: five,
            cache_write_1h: hour,
            output: completion,
            ..Totals::default()
        })
    }
}

/// The dollars of a quota.
fn dollars(quota: Exact) -> Option<Money> {
    // 1 / 500,000 = 2 / 10^6.
    let amount = quota.times_count(2).and_then(|quota| quota.shifted(6)).ok()?;
    Some(Money { amount, currency: Currency::USD })
}

impl RowReader for Columns {
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let line = row.line();
        let kind = row.count(self.kind)?.ok_or_else(|| row.missing(self.kind))?;
        let is_refund = kind == REFUND && self.format == Format::NewApi;
        if kind != USE && !is_refund {
            let is_error = kind == 5 && self.format == Format::NewApi;
            each(Item::Skipped { line, why: if is_error { Skip::Failed } else { Skip::NotUsage } });
            return Ok(());
        }
        let quota = row.amount(self.quota)?.ok_or_else(|| row.missing(self.quota))?;
        let quota = if is_refund { quota.negated().unwrap_or(quota) } else { quota };
        let other = row.object(self.other)?;
        let totals = self.totals(row, other.as_deref())?;
        let is_counted = totals.input.unwrap_or(0) + totals.output.unwrap_or(0) > 0
            || totals.images.unwrap_or(0) > 0;
        if !is_counted && quota.is_zero() {
            let content = row.text(self.content)?;
            let detail = if content.is_empty() { String::new() } else { format!(": {content}") };
            return Err(Problem::NoUsageReported { detail });
        }
        let (model, user) = (row.text(self.model)?, row.text(self.user)?);
        let (token, group) = (row.text(self.token)?, row.text(self.group)?);
        let id = row.text(self.request)?;
        each(Item::Record(&Record {
            line,
            provider: &self.provider,
            model: &model,
            period: Some(row.needed_time(self.time)?),
            totals: (is_counted && !is_refund).then_some(totals),
            reported: dollars(quota),
            line_item: match (is_refund, is_counted) {
                (true, _) => "refund",
                (false, false) => "correction",
                (false, true) => "",
            },
            project: &group,
            api_key: &token,
            user: &user,
            id: &id,
            repeats: if id.is_empty() {
                Repeats::SameRow(row.fingerprint())
            } else {
                Repeats::UniqueId
            },
            ..Record::EMPTY
        }));
        Ok(())
    }
}
