//! AIMLAPI's `/v2/logs` (JSON).
//!
//! A row is a request. Whether input includes cached tokens and output includes reasoning is not
//! known. `cost.usd` is in dollars (2,000,000 credits = 1 USD). Failed requests are listed at no
//! cost; models that are not billed per token have counts of zero, which then are no counts.
//! Times are RFC 3339 in UTC. An `inference_id` seen in two files is one request.

use crate::money::Exact;
use crate::read::draft::Fate;
use crate::read::field::Field;
use crate::read::header::Sign;
use crate::read::plan::{column, needed, own};
use crate::read::schema::{Meaning, Schema, Seller};
use crate::read::{Format, Skip};
use crate::usage::Totals;

const STATUS: usize = 0;

/// The format.
pub(in crate::read) static AIMLAPI: Schema = Schema {
    format: Format::AimlApi,
    name: "aimlapi",
    object: &[Sign::All(&["inference_id", "cost", "tokens"])],
    columns: &[
        needed(Field::Time, &["created"]),
        own(STATUS, &["status"]),
        needed(Field::Model, &["model"]),
        column(Field::Cost, &["cost.usd"]),
        column(Field::Input, &["tokens.input"]),
        column(Field::Output, &["tokens.output"]),
        column(Field::Total, &["tokens.total"]),
        column(Field::Id, &["inference_id", "request_id"]),
        column(Field::Project, &["origin"]),
    ],
    irrelevant: &[("cost.credits", "the cost in another unit"), ("credits", "the same")],
    seller: Seller::Is("aimlapi"),
    finish: Some(|draft, row, plan| {
        let is_free = draft.cost.is_none_or(Exact::is_zero);
        if is_free && row.text(plan.own(STATUS))? == "failed" {
            return Ok(Some(Fate::Skipped(Skip::Failed)));
        }
        let Totals { input, output, .. } = *draft.totals();
        let has_tokens = input.unwrap_or(0) > 0 || output.unwrap_or(0) > 0;
        draft.without_counts = !has_tokens && !is_free;
        Ok(None)
    }),
    meaning: Meaning { tokens: ["not known"; 3], rows: ["request", "as written (UTC)", "USD"] },
    ..Schema::BASE
};
