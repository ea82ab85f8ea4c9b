//! Langfuse's observations (CSV, JSON, JSON Lines): blob export and user interface.
//!
//! A row is an observation; only generations and embeddings are requests, spans and traces around
//! them are not counted. The keys of `usage_details` are free: whether `input` includes cached
//! tokens is decided by the total, and where there is none the keys are read as disjoint, which
//! is how Langfuse prices them. `total_cost` is in dollars at the prices of the day of the export.
//! Times without an offset are UTC. An id seen in two files is one observation.

use crate::read::draft::{Draft, Fate};
use crate::read::field::Field;
use crate::read::header::Sign;
use crate::read::object::{Object, count};
use crate::read::plan::{Plan, column, needed, needed_own, own};
use crate::read::row::Row;
use crate::read::schema::{Meaning, Schema, Span};
use crate::read::spelling::MORE_THAN_ITS_PARTS;
use crate::read::unread::counts_or_prices;
use crate::read::{Format, Problem, Skip};
use crate::usage::{Layout, Place, Totals};

const KIND: usize = 0;
const USAGE: usize = 1;

/// The format.
pub(in crate::read) static LANGFUSE: Schema = Schema {
    format: Format::Langfuse,
    name: "langfuse",
    header: &[Sign::All(&["usage_details"]), Sign::All(&["usageDetails"])],
    object: &[Sign::All(&["usage_details"]), Sign::All(&["usageDetails"])],
    columns: &[
        column(Field::Id, &["id"]),
        own(KIND, &["type"]),
        needed(Field::Time, &["start_time", "startTime"]),
        column(Field::Model, &["provided_model_name", "providedModelName", "model"]),
        needed_own(USAGE, &["usage_details", "usageDetails"]),
        column(Field::Cost, &["total_cost", "totalCost"]),
        column(Field::Project, &["project_id", "projectId"]),
        column(Field::User, &["user_id", "userId"]),
        column(Field::Session, &["session_id", "sessionId"]),
        // Their values come from the usage details.
        column(Field::Input, &[]),
        column(Field::Output, &[]),
    ],
    irrelevant: &[
        ("cost_details", "parts of the total cost"),
        ("costDetails", "parts of the total cost"),
        ("provided_cost_details", "parts of the total cost"),
        ("providedCostDetails", "parts of the total cost"),
        ("provided_usage_details", "the usage details as they came"),
        ("providedUsageDetails", "the usage details as they came"),
        ("usage_pricing_tier_name", "Langfuse's own name of a price"),
        ("usagePricingTierName", "Langfuse's own name of a price"),
        ("input_price", "Langfuse's own price"),
        ("output_price", "Langfuse's own price"),
        ("total_price", "Langfuse's own price"),
        ("inputPrice", "Langfuse's own price"),
        ("outputPrice", "Langfuse's own price"),
        ("totalPrice", "Langfuse's own price"),
        ("input_cost", "part of the total cost"),
        ("output_cost", "part of the total cost"),
        ("calculatedInputCost", "part of the total cost"),
        ("calculatedOutputCost", "part of the total cost"),
        ("calculatedTotalCost", "the total cost"),
        ("inputCost", "part of the total cost"),
        ("outputCost", "part of the total cost"),
        ("inputUsage", "in the usage details"),
        ("outputUsage", "in the usage details"),
        ("totalUsage", "in the usage details"),
        ("promptTokens", "in the usage details"),
        ("completionTokens", "in the usage details"),
        ("totalTokens", "in the usage details"),
        ("usage", "in the usage details"),
        ("time_to_first_token", "how long the answer took"),
        ("timeToFirstToken", "how long the answer took"),
        ("tokensPerSecond", "how long the answer took"),
    ],
    span: Span::Open,
    bodies: true,
    keep: Some(not_used),
    finish: Some(usage),
    meaning: Meaning {
        tokens: ["the total decides; no where there is none", "as cached", "as cached"],
        rows: ["request", "UTC where no offset is written", "USD, at today's prices"],
    },
    ..Schema::BASE
};

/// Spans and traces are no requests.
fn not_used(row: &Row<'_>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    let kind = row.text(plan.own(KIND))?;
    let is_request = ["", "generation", "embedding"].iter().any(|is| kind.eq_ignore_ascii_case(is));
    Ok((!is_request).then_some(Fate::Skipped(Skip::NotUsage)))
}

fn usage<'r>(draft: &mut Draft<'r>, row: &Row<'r>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    let usage = row.object(plan.own(USAGE))?;
    let Some(usage) = usage.filter(|usage| !usage.is_empty()) else {
        return Err(Problem::NoUsageReported { detail: String::new() });
    };
    *draft.totals() = totals(usage)?;
    let mut unread: Vec<String> = usage
        .iter()
        .filter(|(key, value)| !is_known(key) && value.as_u64() != Some(0) && value.is_number())
        .map(|(key, _)| format!("usage_details.{key}"))
        .collect();
    let expected = draft.totals().expected_total();
    if expected.is_some() && draft.totals().total.map(u128::from) > expected {
        unread.push(format!("usage_details.{MORE_THAN_ITS_PARTS}"));
    }
    if !unread.is_empty() {
        draft.record.unread = row.keep(&unread.join(", "));
    }
    Ok(None)
}

const INPUT: &[&str] = &["input", "prompt_tokens", "input_tokens"];
const CACHE_READ: &[&str] = &[
    "input_cached_tokens",
    "cache_read_input_tokens",
    "input_cache_read",
    "cached_tokens",
    "input_cached",
    "prompt_details.cached_tokens",
    "prompt_details.cache_read",
];
const CACHE_WRITE: &[&str] =
    &["cache_creation_input_tokens", "input_cache_creation", "prompt_details.cache_write"];
const OUTPUT: &[&str] = &["output", "completion_tokens", "output_tokens"];
const REASONING: &[&str] = &[
    "output_reasoning_tokens",
    "reasoning_tokens",
    "output_reasoning",
    "completion_details.reasoning",
    "completion_details.reasoning_tokens",
];
const TOTAL: &[&str] = &["total", "total_tokens"];

/// True for a key that is read, or that adds nothing: predicted tokens lie inside the output.
fn is_known(key: &str) -> bool {
    let lists = [INPUT, CACHE_READ, CACHE_WRITE, OUTPUT, REASONING, TOTAL];
    let adds_nothing = [
        "output_accepted_prediction_tokens",
        "output_rejected_prediction_tokens",
        "input_text_tokens",
        "output_text_tokens",
    ];
    lists.iter().any(|list| list.contains(&key))
        || adds_nothing.contains(&key)
        || !counts_or_prices(key) && !key.starts_with("input") && !key.starts_with("output")
}

fn totals(usage: &Object) -> Result<Totals, Problem> {
    let first = |keys: &[&str]| -> Result<Option<u64>, Problem> {
        keys.iter().try_fold(None, |found: Option<u64>, key| Ok(found.or(count(usage, key)?)))
    };
    let inside = Totals {
        layout: Layout::INSIDE,
        input: first(INPUT)?,
        cache_read: first(CACHE_READ)?,
        cache_write: first(CACHE_WRITE)?,
        output: first(OUTPUT)?,
        reasoning: first(REASONING)?,
        total: first(TOTAL)?,
        ..Totals::default()
    };
    let beside_layout =
        Layout { cache_read: Place::Beside, cache_write: Place::Beside, reasoning: Place::Beside };
    let beside = Totals { layout: beside_layout, ..inside };
    let anthropic = Totals { layout: Layout::ANTHROPIC, ..inside };
    let fits = |totals: &Totals| totals.expected_total() == inside.total.map(u128::from);
    Ok([inside, beside, anthropic]
        .into_iter()
        .find(|totals| inside.total.is_some() && fits(totals))
        .unwrap_or(beside))
}
