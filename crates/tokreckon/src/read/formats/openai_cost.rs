//! OpenAI's costs: the dashboard's export in its variants of 2024, 2025 and 2026, the results of
//! the Costs API, and the daily costs of 2023.
//!
//! A row is a billed cost of one UTC day. 2023: `cost` in cents. 2024: `cost` in cents,
//! `cost_in_major` in dollars (they must agree), `name` is a family label. 2025 and later:
//! `amount_value` (or `amount.value`, a number or text) in its currency, a blank amount for an
//! empty day. `line_item` is free text and may hold a comma; it never becomes a model id. There
//! are no token counts that could be priced. Rows with equal keys are added, never removed.

use crate::money::Currency;
use crate::read::draft::{Draft, Fate};
use crate::read::field::Field;
use crate::read::header::Sign;
use crate::read::plan::{Plan, column, needed, own};
use crate::read::row::Row;
use crate::read::schema::{Copies, Meaning, Rows, Schema, Seller, Span};
use crate::read::{Format, Problem};

const CENTS: usize = 0;

/// The format.
pub(in crate::read) static OPENAI_COST: Schema = Schema {
    format: Format::OpenAiCost,
    name: "openai-cost",
    header: &[Sign::All(&["amount_value", "amount_currency"]), Sign::All(&["cost_in_major"])],
    object: &[
        Sign::Kind("organization.costs.result"),
        Sign::Within("line_items", &["name", "cost"]),
    ],
    columns: &[
        needed(Field::Cost, &["amount_value", "cost_in_major", "amount.value"]),
        own(CENTS, &["cost"]),
        needed(Field::Currency, &["amount_currency", "currency", "amount.currency"]),
        needed(Field::Time, &["start_time", "timestamp"]),
        column(Field::EndTime, &["end_time"]),
        column(Field::LineItem, &["line_item", "name"]),
        column(Field::Project, &["project_id"]),
        column(Field::User, &["user_id"]),
        column(Field::ApiKey, &["api_key_id"]),
    ],
    seller: Seller::Is("openai"),
    rows: Rows::Bucket,
    span: Span::Day,
    currency: None,
    copies: Copies::Bucket,
    finish: Some(amount),
    meaning: Meaning {
        tokens: ["no tokens"; 3],
        rows: ["bucket", "Unix seconds (UTC)", "2024: cents and dollars; later: as named"],
    },
    ..Schema::BASE
};

fn amount<'r>(draft: &mut Draft<'r>, row: &Row<'r>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    let cents = row.amount(plan.own(CENTS))?;
    let from_cents = cents.and_then(|cents| cents.shifted(2).ok());
    match (draft.cost, cents) {
        (Some(dollars), Some(cents)) if from_cents != Some(dollars) => Err(Problem::Disagree {
            left: format!("cost {cents} cents"),
            right: format!("cost_in_major {dollars}"),
        }),
        (None, None) if draft.start.is_some() => Ok(Some(Fate::Empty)),
        (None, Some(_)) => {
            // The daily costs of 2023 name no currency: they were in cents of a dollar.
            draft.currency = draft.currency.or(Some(Currency::USD));
            draft.cost = from_cents;
            Ok(None)
        }
        _ => Ok(None),
    }
}
