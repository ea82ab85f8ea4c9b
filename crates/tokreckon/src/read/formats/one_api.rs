//! The logs of one-api and new-api: JSON envelope, plain JSON list, or a dump of the table (CSV).
//!
//! A row is a request, dated in Unix seconds. `quota` is money: 500,000 = 1 USD (an administrator
//! can change that). Prompt tokens include cached ones, except on Claude channels, where cache
//! reads and writes lie beside them; both stand in `other`. A row billed per call counts images,
//! not tokens. Only type 2 (use) and new-api's type 6 (a refund, written as a positive number)
//! are money; top-ups, tests and messages are not counted. A row of type 2 without tokens is a
//! later correction and may be negative. `id` is taken modulo 1024 and is no key: the nth equal
//! row of one file is the nth equal row of another.

use crate::json::Value;

use crate::read::draft::{Draft, Fate};
use crate::read::field::Field;
use crate::read::header::Sign;
use crate::read::object::{Object, amount, count};
use crate::read::plan::{Column, Plan, column, needed, needed_own, own};
use crate::read::row::Row;
use crate::read::schema::{Copies, Meaning, Schema};
use crate::read::spelling::plus;
use crate::read::{Format, Problem, Skip};
use crate::usage::{Layout, Totals};

/// Row types that are money, and that of errors.
const USE: u64 = 2;
const ERROR: u64 = 5;
const REFUND: u64 = 6;

const KIND: usize = 0;
const CONTENT: usize = 1;
const QUOTA: usize = 2;
const OTHER: usize = 3;

const COLUMNS: &[Column] = &[
    needed(Field::Time, &["created_at"]),
    needed_own(KIND, &["type"]),
    own(CONTENT, &["content"]),
    column(Field::User, &["username", "user_id"]),
    column(Field::ApiKey, &["token_name"]),
    needed(Field::Model, &["model_name"]),
    needed_own(QUOTA, &["quota"]),
    needed(Field::Input, &["prompt_tokens"]),
    needed(Field::Output, &["completion_tokens"]),
    column(Field::Project, &["group"]),
    column(Field::Id, &["request_id"]),
    own(OTHER, &["other"]),
];

/// one-api.
pub(in crate::read) static ONE_API: Schema = Schema {
    format: Format::OneApi,
    name: "one-api",
    header: &[
        Sign::All(&["elapsed_time", "quota", "completion_tokens"]),
        Sign::All(&["system_prompt_reset", "quota", "completion_tokens"]),
    ],
    object: &[
        Sign::All(&["elapsed_time", "quota", "model_name", "completion_tokens"]),
        Sign::All(&["system_prompt_reset", "quota", "model_name", "completion_tokens"]),
    ],
    columns: COLUMNS,
    copies: Copies::UniqueIdOrRow,
    keep: Some(|row, plan| not_used(row, plan, false)),
    finish: Some(|draft, row, plan| finish(draft, row, plan, false)),
    meaning: Meaning {
        tokens: ["yes", "not known", "yes"],
        rows: ["request", "Unix seconds (UTC)", "quota: 500,000 = 1 USD"],
    },
    ..Schema::BASE
};

/// new-api.
pub(in crate::read) static NEW_API: Schema = Schema {
    format: Format::NewApi,
    name: "new-api",
    header: &[Sign::All(&["quota", "completion_tokens", "token_name"])],
    object: &[Sign::All(&["quota", "model_name", "completion_tokens"])],
    keep: Some(|row, plan| not_used(row, plan, true)),
    finish: Some(|draft, row, plan| finish(draft, row, plan, true)),
    meaning: Meaning {
        tokens: ["yes; Claude channels: no", "yes; Claude channels: no", "yes"],
        rows: ["request", "Unix seconds (UTC)", "quota: 500,000 = 1 USD"],
    },
    columns: COLUMNS,
    copies: Copies::UniqueIdOrRow,
    ..Schema::BASE
};

fn kind(row: &Row<'_>, plan: &Plan) -> Result<u64, Problem> {
    let column = plan.own(KIND);
    row.count(column)?.ok_or_else(|| row.missing(column))
}

fn not_used(row: &Row<'_>, plan: &Plan, is_new: bool) -> Result<Option<Fate>, Problem> {
    Ok(match kind(row, plan)? {
        USE => None,
        REFUND if is_new => None,
        ERROR if is_new => Some(Fate::Skipped(Skip::Failed)),
        _ => Some(Fate::Skipped(Skip::NotUsage)),
    })
}

fn finish<'r>(
    draft: &mut Draft<'r>,
    row: &Row<'r>,
    plan: &Plan,
    is_new: bool,
) -> Result<Option<Fate>, Problem> {
    let is_refund = is_new && kind(row, plan)? == REFUND;
    let column = plan.own(QUOTA);
    let quota = row.amount(column)?.ok_or_else(|| row.missing(column))?;
    let quota = if is_refund { quota.negated().unwrap_or(quota) } else { quota };
    if let Some(other) = row.object(plan.own(OTHER))? {
        details(draft.totals(), other)?;
    }
    let Totals { input, output, images, .. } = *draft.totals();
    let is_counted = [input, output, images].into_iter().flatten().any(|count| count > 0);
    if !is_counted && quota.is_zero() {
        let content = row.text(plan.own(CONTENT))?;
        let detail = if content.is_empty() { String::new() } else { format!(": {content}") };
        return Err(Problem::NoUsageReported { detail });
    }
    draft.without_counts = !is_counted || is_refund;
    // 1 / 500,000 = 2 / 10^6.
    draft.cost = quota.times_count(2).and_then(|quota| quota.shifted(6)).ok();
    draft.record.line_item = match (is_refund, is_counted) {
        (true, _) => "refund",
        (false, false) => "correction",
        (false, true) => "",
    };
    Ok(None)
}

/// What stands in `other` only.
fn details(totals: &mut Totals, other: &Object) -> Result<(), Problem> {
    let per_call = amount(other, "model_price")?;
    if per_call.is_some_and(|price| !price.is_zero() && !price.is_negative()) {
        *totals = Totals { images: totals.input, ..Totals::default() };
        return Ok(());
    }
    if other.get("claude").and_then(Value::as_bool) == Some(true) {
        totals.layout = Layout::ANTHROPIC;
    }
    let (five, hour) =
        (count(other, "cache_creation_tokens_5m")?, count(other, "cache_creation_tokens_1h")?);
    let written = count(other, "cache_creation_tokens")?;
    let parts = plus("cache_creation_tokens", five.unwrap_or(0), hour.unwrap_or(0))?;
    totals.cache_read = count(other, "cache_tokens")?;
    // The whole may be left out where the parts are said.
    totals.cache_write = match written {
        None | Some(0) => written,
        Some(all) => Some(all.checked_sub(parts).ok_or_else(|| Problem::Disagree {
            left: format!("cache_creation_tokens {all}"),
            right: format!("its 5 minute and 1 hour parts {parts}"),
        })?),
    };
    totals.cache_write_5m = five;
    totals.cache_write_1h = hour;
    Ok(())
}
