//! Portkey's request logs: the log export (JSON Lines) and a CSV of the same fields.
//!
//! A row is a request. `req_units` are the prompt tokens, cached ones included; how much was cached and
//! how much is reasoning stands in the response, where that was exported. `cost` is in cents of a
//! dollar. Times without an offset are UTC. Failures without tokens are not counted. Fields can be
//! left out of an export: without an id nth equal rows are copies.

use crate::json::Value;

use crate::read::draft::{Draft, Fate};
use crate::read::field::Field;
use crate::read::header::Sign;
use crate::read::object::{Object, inner};
use crate::read::plan::{Plan, column, needed, own};
use crate::read::row::Row;
use crate::read::schema::{Copies, Meaning, Schema, Seller};
use crate::read::spelling::Scope;
use crate::read::spellings::OF_OPENAI;
use crate::read::unread::Unread;
use crate::read::{Format, Problem, Skip};
use crate::usage::Totals;

const STATUS: usize = 0;
const CENTS: usize = 1;
const RESPONSE: usize = 2;

/// The format.
pub(in crate::read) static PORTKEY: Schema = Schema {
    format: Format::Portkey,
    name: "portkey",
    header: &[Sign::All(&["ai_model", "req_units", "res_units"])],
    object: &[Sign::All(&["ai_model", "req_units", "res_units"])],
    columns: &[
        column(Field::Id, &["id"]),
        needed(Field::Time, &["created_at"]),
        own(STATUS, &["response_status_code"]),
        column(Field::Provider, &["ai_org"]),
        needed(Field::Model, &["ai_model"]),
        needed(Field::Input, &["req_units"]),
        needed(Field::Output, &["res_units"]),
        column(Field::Total, &["total_units"]),
        own(CENTS, &["cost"]),
        own(RESPONSE, &["response"]),
        column(Field::Project, &["config"]),
        column(Field::User, &["metadata._user"]),
    ],
    irrelevant: &[("cost_currency", "always USD")],
    seller: Seller::Gateway,
    copies: Copies::UniqueIdOrRow,
    bodies: true,
    finish: Some(finish),
    meaning: Meaning {
        tokens: ["yes", "yes", "yes"],
        rows: ["request", "UTC where no offset is written", "cents of a dollar"],
    },
    ..Schema::BASE
};

fn finish<'r>(draft: &mut Draft<'r>, row: &Row<'r>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    if let Some(cents) = row.amount(plan.own(CENTS))? {
        let dollars = cents.shifted(2).map_err(|_| Problem::NotAnAmount {
            column: "cost".to_owned(),
            value: cents.to_string(),
        })?;
        draft.cost = Some(dollars);
    }
    let Totals { input, output, .. } = *draft.totals();
    if input.unwrap_or(0) == 0 && output.unwrap_or(0) == 0 {
        let status = row.text(plan.own(STATUS))?;
        if status.is_empty() || status.starts_with('2') {
            return Err(Problem::NoUsageReported { detail: String::new() });
        }
        return Ok(Some(Fate::Skipped(Skip::Failed)));
    }
    // A response that is no object has no usage either.
    if let Ok(Some(response)) = row.object(plan.own(RESPONSE)) {
        let mut unread = Unread::default();
        details(draft, response, &mut unread)?;
        if !unread.is_empty() {
            draft.record.unread = row.keep(unread.as_str());
        }
    }
    Ok(None)
}

/// The parts that only the response reports, where it counts the same tokens.
fn details(draft: &mut Draft<'_>, response: &Object, unread: &mut Unread) -> Result<(), Problem> {
    let body = inner(response, &["body"]).unwrap_or(response);
    let Some(usage) = inner(body, &["usage"]) else { return Ok(()) };
    let input = draft.totals().input;
    if input.is_none() || usage.get("prompt_tokens").and_then(Value::as_u64) != input {
        return Ok(());
    }
    let parts = OF_OPENAI.read(usage, Scope::Usage, &[], unread)?;
    let totals = draft.totals();
    totals.cache_read = parts.cache_read;
    totals.reasoning = parts.reasoning;
    totals.input_audio = parts.input_audio;
    totals.output_audio = parts.output_audio;
    Ok(())
}
