//! Cursor's usage export (CSV): versions 1 to 3 and the team's.
//!
//! A row is a request (version 1: dated by day only). The four token columns are disjoint and add
//! up to the total: `Input (w/ Cache Write)` are the tokens written to a cache, `Input (w/o Cache
//! Write)` the others, cache reads lie beside both. Times are RFC 3339 in UTC. Money is dollars:
//! what the plan includes shows a cost that nobody was charged, so only rows of other kinds have
//! a reported cost; version 1 says it in `Cost to you`. There is no id: equal rows of one file
//! are different requests, the nth equal row of another file is the same request.

use crate::read::draft::{Draft, Fate};
use crate::read::field::Field;
use crate::read::header::Sign;
use crate::read::plan::{Plan, column, needed, own};
use crate::read::row::Row;
use crate::read::schema::{Copies, Meaning, Rows, Schema, Seller};
use crate::read::{Format, Problem};
use crate::usage::Layout;

const COST: usize = 0;

/// The format.
pub(in crate::read) static CURSOR: Schema = Schema {
    format: Format::Cursor,
    name: "cursor",
    header: &[Sign::All(&["Input (w/ Cache Write)"])],
    columns: &[
        needed(Field::Time, &["Date"]),
        column(Field::User, &["User"]),
        column(Field::LineItem, &["Kind"]),
        needed(Field::Model, &["Model"]),
        needed(Field::CacheWrite, &["Input (w/ Cache Write)"]),
        needed(Field::Input, &["Input (w/o Cache Write)"]),
        needed(Field::CacheRead, &["Cache Read"]),
        column(Field::Output, &["Output Tokens", "Output"]),
        column(Field::Total, &["Total Tokens"]),
        own(COST, &["Cost to you", "Cost"]),
        column(Field::Requests, &["Requests"]),
    ],
    irrelevant: &[("Cost", "what it would cost; version 1 says what was charged beside it")],
    seller: Seller::Is("cursor"),
    layout: Layout::ANTHROPIC,
    rows: Rows::ByRequests,
    copies: Copies::SameRow,
    finish: Some(charged),
    meaning: Meaning {
        tokens: ["no", "no", "yes"],
        rows: ["request", "as written (UTC)", "USD; what is included in a plan is not charged"],
    },
    ..Schema::BASE
};

/// What was charged; nothing for what a plan includes and for costs that are not numbers.
fn charged<'r>(draft: &mut Draft<'r>, row: &Row<'r>, plan: &Plan) -> Result<Option<Fate>, Problem> {
    let column = plan.own(COST);
    let is_included = draft.record.line_item.starts_with("Included");
    if !is_included && !matches!(row.text(column)?, "NaN" | "Included") {
        draft.cost = row.money(column)?.map(|(amount, _)| amount);
    }
    Ok(None)
}
