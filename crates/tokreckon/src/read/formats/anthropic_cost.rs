//! Anthropic's costs: the Console's export (CSV) and the Admin cost report (JSON).
//!
//! A row is a billed cost of one UTC day, model and kind of token. The export writes dollars
//! rounded to cents in every row, so it agrees with the usage only within half a cent a row, and
//! names models for people. The report writes CENTS as exact text: `123.45` is 1.23 dollars and
//! 45 hundredths of a cent. `--` stands for nothing. Rows with equal keys are added. What a row
//! is for becomes its line item; it never becomes a model id, since names and ids differ.

use super::anthropic_usage::region;
use crate::read::draft::{Draft, Fate};
use crate::read::field::Field;
use crate::read::header::Sign;
use crate::read::plan::{Plan, column, needed, own};
use crate::read::row::Row;
use crate::read::schema::{Copies, Meaning, Rows, Schema, Seller};
use crate::read::{Format, Problem};

const CENTS: usize = 0;
const MODEL: usize = 1;
const TOKEN_TYPE: usize = 2;
const COST_TYPE: usize = 3;

/// The format.
pub(in crate::read) static ANTHROPIC_COST: Schema = Schema {
    format: Format::AnthropicCost,
    name: "anthropic-cost",
    header: &[Sign::All(&["token_type", "cost_usd", "usage_date_utc"])],
    object: &[Sign::All(&["cost_type", "amount"])],
    columns: &[
        needed(Field::Time, &["usage_date_utc", "starting_at"]),
        column(Field::EndTime, &["ending_at"]),
        column(Field::Cost, &["cost_usd"]),
        own(CENTS, &["amount"]),
        column(Field::Currency, &["currency"]),
        own(MODEL, &["model"]),
        own(TOKEN_TYPE, &["token_type"]),
        own(COST_TYPE, &["cost_type"]),
        column(Field::Project, &["workspace", "workspace_id"]),
        column(Field::ApiKey, &["api_key", "api_key_id"]),
        column(Field::Variant, &["inference_geo"]),
    ],
    seller: Seller::Is("anthropic"),
    rows: Rows::Bucket,
    copies: Copies::Bucket,
    finish: Some(finish),
    meaning: Meaning {
        tokens: ["no tokens"; 3],
        rows: ["bucket", "UTC", "CSV: USD rounded to cents; JSON: cents, exact"],
    },
    ..Schema::BASE
};

fn finish<'r>(draft: &mut Draft<'r>, row: &Row<'r>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    if draft.cost.is_none() {
        let column = plan.own(CENTS);
        let cents = row.amount(column)?;
        let cents = cents.ok_or_else(|| row.missing(plan.field(Field::Cost).or(column)))?;
        let dollars = cents.shifted(2).map_err(|_| Problem::NotAnAmount {
            column: "amount".to_owned(),
            value: cents.to_string(),
        })?;
        draft.cost = Some(dollars);
    }
    let text = |number| row.text(plan.own(number));
    draft.record.line_item = match [text(MODEL)?, text(TOKEN_TYPE)?, text(COST_TYPE)?] {
        ["", "", cost_type] => cost_type,
        [model, token_type, _] => row.keep(&format!("{model}, {token_type}")),
    };
    region(draft, row);
    Ok(None)
}
