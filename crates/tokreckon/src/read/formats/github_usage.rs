//! GitHub's reports of what Copilot used (CSV): AI usage since June 2026, premium requests before.
//!
//! A row is what one user did with one model on one day in UTC. `input`, `output`, `cache_read` and
//! `cache_write` divide the tokens, where the report has them. The cost is the gross amount, what the
//! usage costs before that which a plan includes is taken off (`discount_amount`); an AI credit is 0.01
//! dollars. Models are named for people (`Auto: Claude Sonnet 4.5`): of a model that was chosen
//! automatically the credits are 10 % fewer. Seats and other products are not counted. Equal keys are
//! added; of overlapping reports the one with more in it holds.
//! Source: docs.github.com, "Billing reports reference", 2026-09.

use crate::read::draft::{Draft, Fate};
use crate::read::field::Field;
use crate::read::header::Sign;
use crate::read::plan::{Plan, column, needed, own};
use crate::read::row::Row;
use crate::read::schema::{Copies, Meaning, Rows, Schema, Seller, Span};
use crate::read::{Format, Problem, Skip};
use crate::usage::Layout;

const PRODUCT: usize = 0;
const UNIT: usize = 1;

/// The format.
pub(in crate::read) static GITHUB_USAGE: Schema = Schema {
    format: Format::GithubUsage,
    name: "github-usage",
    header: &[Sign::All(&["applied_cost_per_quantity", "gross_amount", "sku"])],
    columns: &[
        needed(Field::Time, &["date"]),
        own(PRODUCT, &["product"]),
        needed(Field::LineItem, &["sku"]),
        own(UNIT, &["unit_type"]),
        column(Field::Model, &["model"]),
        needed(Field::Cost, &["gross_amount"]),
        column(Field::User, &["username"]),
        column(Field::Project, &["organization", "cost_center_name"]),
        column(Field::Input, &["input"]),
        column(Field::Output, &["output"]),
        column(Field::CacheRead, &["cache_read"]),
        column(Field::CacheWrite, &["cache_write"]),
    ],
    irrelevant: &[
        ("quantity", "credits or premium requests: what they cost is the gross amount"),
        ("applied_cost_per_quantity", "worked into the gross amount"),
        ("discount_amount", "what a plan includes, not what the usage costs"),
        ("net_amount", "the gross amount without what a plan includes"),
        ("exceeds_quota", "not a count"),
        ("total_monthly_quota", "what a plan includes"),
        ("aic_quantity", "a preview of the credits that the row would have cost"),
        ("aic_gross_amount", "a preview of the credits that the row would have cost"),
    ],
    seller: Seller::Is("github-copilot"),
    layout: Layout::ANTHROPIC,
    rows: Rows::Bucket,
    span: Span::Day,
    copies: Copies::Bucket,
    keep: Some(other_product),
    finish: Some(plain_model),
    meaning: Meaning {
        tokens: ["no", "no", "not said"],
        rows: ["bucket (day, user, model)", "UTC", "USD before what a plan includes"],
    },
    ..Schema::BASE
};

/// Seats, and products that are no models.
fn other_product(row: &Row<'_>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    let product = row.text(plan.own(PRODUCT))?;
    let unit = row.text(plan.own(UNIT))?.to_ascii_lowercase();
    let is_usage = unit.contains("credit") || unit.contains("request");
    let is_other = !product.eq_ignore_ascii_case("copilot") || !is_usage;
    Ok(is_other.then_some(Fate::Skipped(Skip::OtherService)))
}

/// The model as an id, and a row without tokens as a cost alone.
#[expect(clippy::unnecessary_wraps, reason = "as every format's")]
fn plain_model<'r>(
    draft: &mut Draft<'r>,
    row: &Row<'r>,
    _: &Plan,
) -> Result<Option<Fate>, Problem> {
    let name = draft.record.model;
    let name = name.strip_prefix("Auto: ").unwrap_or(name);
    let totals = draft.totals();
    let counts = [totals.input, totals.output, totals.cache_read, totals.cache_write];
    draft.without_counts = counts.iter().all(|count| count.unwrap_or(0) == 0);
    draft.record.model = row.keep(&name.to_lowercase().replace(' ', "-"));
    Ok(None)
}
