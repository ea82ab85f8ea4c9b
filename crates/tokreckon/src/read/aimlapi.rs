//! AIMLAPI's `/v2/logs` (JSON).
//!
//! A row is a request. Whether input includes cached tokens and output includes reasoning is not
//! known. `cost.usd` is in dollars (2,000,000 credits = 1 USD). Failed requests are listed at no
//! cost; models that are not billed per token have counts of zero, which then are no counts.
//! Times are RFC 3339 in UTC. An `inference_id` seen in two files is one request.

use super::table::{Each, Header, Row, RowReader};
use super::{Format, Item, Problem, ReadError, Skip};
use crate::money::{Currency, Money};
use crate::record::{Record, Repeats};
use crate::usage::{Layout, Totals};

pub(super) struct Columns {
    time: Option<usize>,
    status: Option<usize>,
    model: Option<usize>,
    dollars: Option<usize>,
    input: Option<usize>,
    output: Option<usize>,
    total: Option<usize>,
    id: Option<usize>,
    origin: Option<usize>,
}

impl Columns {
    pub(super) fn new(header: &mut Header) -> Result<Self, ReadError> {
        let format = Format::AimlApi;
        Ok(Self {
            time: Some(header.need(format, "created")?),
            status: Some(header.need(format, "status")?),
            model: Some(header.need(format, "model")?),
            dollars: header.column("cost.usd"),
            input: header.column("tokens.input"),
            output: header.column("tokens.output"),
            total: header.column("tokens.total"),
            id: header.any(&["inference_id", "request_id"]),
            origin: header.column("origin"),
        })
    }
}

impl RowReader for Columns {
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let line = row.line();
        let dollars = row.amount(self.dollars)?;
        let is_free = dollars.is_none_or(crate::money::Exact::is_zero);
        if is_free && row.text(self.status)? == "failed" {
            each(Item::Skipped { line, why: Skip::Failed });
            return Ok(());
        }
        let totals = Totals {
            layout: Layout::INSIDE,
            input: row.count(self.input)?,
            output: row.count(self.output)?,
            total: row.count(self.total)?,
            ..Totals::default()
        };
        let has_tokens = totals.input.unwrap_or(0) > 0 || totals.output.unwrap_or(0) > 0;
        let (model, id) = (row.text(self.model)?, row.text(self.id)?);
        let origin = row.text(self.origin)?;
        each(Item::Record(&Record {
            line,
            provider: "aimlapi",
            model: &model,
            period: Some(row.needed_time(self.time)?),
            totals: (has_tokens || is_free).then_some(totals),
            reported: dollars.map(|amount| Money { amount, currency: Currency::USD }),
            project: &origin,
            id: &id,
            repeats: Repeats::UniqueId,
            ..Record::EMPTY
        }));
        Ok(())
    }
}
