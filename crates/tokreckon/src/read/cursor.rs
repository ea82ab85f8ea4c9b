//! Cursor's usage export (CSV): versions 1 to 3 and the team's.
//!
//! A row is a request (version 1: dated by day only). The four token columns are disjoint and add
//! up to the total: `Input (w/ Cache Write)` are the tokens written to a cache, `Input (w/o Cache
//! Write)` the others, cache reads lie beside both. Times are RFC 3339 in UTC. Money is dollars:
//! what the plan includes shows a cost that nobody was charged, so only rows of other kinds have
//! a reported cost; version 1 says it in `Cost to you`. There is no id: equal rows of one file
//! are different requests, the nth equal row of another file is the same request.

use super::table::{Each, Header, Row, RowReader};
use super::{Format, Item, Problem, ReadError};
use crate::charge::Shape;
use crate::money::{Currency, Exact, Money};
use crate::record::{Record, Repeats};
use crate::usage::{Layout, Totals};

pub(super) struct Columns {
    time: Option<usize>,
    user: Option<usize>,
    kind: Option<usize>,
    model: Option<usize>,
    cache_write: Option<usize>,
    input: Option<usize>,
    cache_read: Option<usize>,
    output: Option<usize>,
    total: Option<usize>,
    cost: Option<usize>,
    requests: Option<usize>,
}

impl Columns {
    pub(super) fn new(header: &mut Header) -> Result<Self, ReadError> {
        let format = Format::Cursor;
        Ok(Self {
            time: Some(header.need(format, "Date")?),
            user: header.column("User"),
            kind: header.column("Kind"),
            model: Some(header.need(format, "Model")?),
            cache_write: Some(header.need(format, "Input (w/ Cache Write)")?),
            input: Some(header.need(format, "Input (w/o Cache Write)")?),
            cache_read: Some(header.need(format, "Cache Read")?),
            output: header.any(&["Output Tokens", "Output"]),
            total: header.column("Total Tokens"),
            cost: header.any(&["Cost to you", "Cost"]),
            requests: header.column("Requests"),
        })
    }

    /// What was charged; `None` for what a plan includes and for costs that are not numbers.
    fn charged(&self, row: &Row<'_>) -> Result<Option<Exact>, Problem> {
        let cost = row.text(self.cost)?;
        let is_included = row.text(self.kind)?.starts_with("Included");
        if is_included || matches!(&*cost, "NaN" | "Included") {
            return Ok(None);
        }
        row.dollars(self.cost)
    }
}

impl RowReader for Columns {
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let totals = Totals {
            layout: Layout::ANTHROPIC,
            input: row.count(self.input)?,
            cache_read: row.count(self.cache_read)?,
            cache_write: row.count(self.cache_write)?,
            output: row.count(self.output)?,
            total: row.count(self.total)?,
            requests: row.count(self.requests)?,
            ..Totals::default()
        };
        let (model, kind) = (row.text(self.model)?, row.text(self.kind)?);
        let user = row.text(self.user)?;
        let charged = self.charged(row)?;
        each(Item::Record(&Record {
            line: row.line(),
            provider: "cursor",
            model: &model,
            period: Some(row.needed_time(self.time)?),
            shape: match totals.requests {
                None | Some(1) => Shape::Request,
                requests => Shape::Sum { requests },
            },
            totals: Some(totals),
            reported: charged.map(|amount| Money { amount, currency: Currency::USD }),
            line_item: &kind,
            user: &user,
            repeats: Repeats::SameRow(row.fingerprint()),
            ..Record::EMPTY
        }));
        Ok(())
    }
}
