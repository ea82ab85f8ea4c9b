//! The one reader of rows of named columns: a [`Schema`] says what it does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::by_hand::Other;
use super::clock::Clock;
use super::draft::{Draft, Fate};
use super::field::Field;
use super::header::Header;
use super::plan::Plan;
use super::row::Row;
use super::row_sums::{RunningSums, TableSums};
use super::schema::{Copies, Rows, Schema, Seller, Span};
use super::table::{Each, RowReader};
use super::unread_columns::UnreadColumns;
use super::{Format, Item, Mapping, Note, Options, Problem, ReadError, by_hand, cell, origin};
use crate::book::Known;
use crate::charge::Shape;
use crate::money::{Currency, Money};
use crate::price::ServiceTier;
use crate::record::{Evidence, Repeats};
use crate::time::{DAY_SECONDS, Instant, Period};
use crate::usage::Layout;

fn locked(table: &Mutex<TableSums>) -> MutexGuard<'_, TableSums> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads rows of a schema.
#[expect(clippy::struct_excessive_bools, reason = "each is what one of several things says")]
pub(super) struct SchemaReader {
    schema: &'static Schema,
    plan: Plan,
    clock: Clock,
    unread: UnreadColumns,
    layout: Layout,
    /// Where reasoning lies was not said: the total of a row decides.
    total_decides: bool,
    has_counts: bool,
    seller: String,
    tier: Option<ServiceTier>,
    unsaid_tier: Known<ServiceTier>,
    currency: Option<Currency>,
    /// The name of the label that is asked for.
    label: Option<String>,
    /// What an amount is divided by, as a number of places.
    money_places: u32,
    /// What rows come to, where one of them may add up the others: those of this reader, and all.
    sums: RunningSums,
    table: Arc<Mutex<TableSums>>,
    /// The mapping or the name of the column says in which currency costs are.
    is_told: bool,
    /// Nobody but the format says in which currency costs are.
    assumes_currency: bool,
    /// There was a cost of which nothing says in which currency it is.
    has_assumed: bool,
}

impl SchemaReader {
    /// # Errors
    /// When a column that the format needs is not there.
    pub(super) fn new(
        schema: &'static Schema,
        header: &mut Header,
        options: &Options<'_>,
    ) -> Result<Self, ReadError> {
        let is_plain = schema.by_hand;
        let mapping = options.mapping.filter(|_| is_plain);
        let mut plan =
            Plan::new(schema.name, schema.columns, header, mapping, is_plain, options.label)?;
        // Whether a row has an id decides how its copies are known.
        plan.without(options.unneeded, schema.copies == Copies::UniqueIdOrRow);
        let dates = options.mapping.and_then(Mapping::dates).or(schema.dates);
        let clock = Clock::new(dates, mapping.and_then(Mapping::zone));
        let is_asked = is_plain || schema.currency.is_none();
        let named = plan.field(Field::Cost).filter(|_| is_asked && !header.is_open());
        let named = named.and_then(|at| header.currency(at));
        let said = mapping.and_then(Mapping::currency).or(named);
        let seller = match schema.seller {
            Seller::Is(name) | Seller::WrittenOr(name) => name,
            Seller::Usually(name) => options.provider_or(name),
            _ => options.provider_or(mapping.map_or("", Mapping::provider)),
        };
        Ok(Self {
            unread: UnreadColumns::new(schema, &plan, header, mapping),
            clock,
            layout: mapping.map_or(schema.layout, Mapping::layout),
            total_decides: is_plain && !mapping.is_some_and(Mapping::says_reasoning),
            has_counts: schema.counts(),
            seller: seller.to_owned(),
            tier: options.service_tier,
            // A column that is there but empty says that nobody knows.
            unsaid_tier: if plan.field(Field::ServiceTier).is_some() && !header.is_open() {
                Known::Unknown
            } else {
                schema.tier
            },
            currency: said.or(schema.currency),
            sums: RunningSums::default(),
            table: header.sums(),
            is_told: said.is_some(),
            assumes_currency: said.is_none() && schema.format == Format::PlainCost,
            has_assumed: false,
            label: options.label.map(str::to_owned),
            money_places: mapping.map_or(0, Mapping::money_places),
            plan,
            schema,
        })
    }

    /// Reads one cell.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call a cell costs more than what it does")]
    fn step<'r>(
        (clock, name): (&mut Clock, Option<&str>),
        draft: &mut Draft<'r>,
        row: &Row<'r>,
        (at, field): (usize, Field),
    ) -> Result<(), Problem> {
        if let Some(count) = field.count(draft.totals()) {
            *count = row.count_at(at)?;
            return Ok(());
        }
        let column = Some(at);
        match field {
            Field::Provider => draft.record.provider = row.text(column)?,
            Field::Model => draft.record.model = row.text(column)?,
            Field::Id => draft.record.id = row.text(column)?,
            Field::Project => draft.record.project = row.text(column)?,
            Field::ApiKey => draft.record.api_key = row.text(column)?,
            Field::User => draft.record.user = row.text(column)?,
            Field::LineItem => draft.record.line_item = row.text(column)?,
            Field::Session => draft.record.origin.session = row.text(column)?,
            Field::Agent => draft.record.origin.agent = row.text(column)?,
            Field::Label => draft.record.origin.label = label(name, row, column)?,
            Field::Variant => draft.record.variant = Known::Is(row.text(column)?),
            Field::Time => draft.start = row.time(column, clock)?,
            Field::EndTime => draft.end = row.time(column, clock)?,
            Field::ServiceTier => draft.tier = row.service_tier(column)?,
            Field::Batch => draft.batch = row.flag(column)?,
            Field::Cost => {
                if let Some((amount, sign)) = row.money(column)? {
                    (draft.cost, draft.sign) = (Some(amount), sign);
                }
            }
            Field::Currency => {
                draft.currency = row.word(column, "a currency code", |text| text.parse().ok())?;
            }
            Field::Visible => {
                let visible_tokens = row.count(column)?;
                draft.record.evidence = Evidence { visible_tokens, ..Evidence::NONE };
            }
            _ => {}
        }
        Ok(())
    }

    /// Reads a column that means what another one does.
    #[cold]
    fn step_again(
        draft: &mut Draft<'_>,
        row: &Row<'_>,
        (column, field, first): (usize, Field, usize),
    ) -> Result<(), Problem> {
        let Some(written) = row.count(Some(column))? else { return Ok(()) };
        let Some(count) = field.count(draft.totals()) else { return Ok(()) };
        match *count {
            Some(other) if other != written => Err(Problem::Disagree {
                left: format!("{} {other}", row.name(first)),
                right: format!("{} {written}", row.name(column)),
            }),
            _ => {
                *count = Some(written);
                Ok(())
            }
        }
    }

    /// Who sends the bill of this row.
    #[inline]
    fn seller<'s>(&'s self, written: &'s str) -> &'s str {
        match self.schema.seller {
            Seller::Is(_) | Seller::Usually(_) => &self.seller,
            _ if written.is_empty() => &self.seller,
            Seller::Written | Seller::WrittenOr(_) => written,
            Seller::Gateway => cell::provider(written),
        }
    }

    #[inline]
    fn period(&self, draft: &Draft<'_>, row: &Row<'_>) -> Result<Option<Period>, Problem> {
        let missing = |field| row.missing(self.plan.field(field));
        let Some(start) = draft.start else {
            // A row of a list may be without its bucket: then it has no time.
            let may_be = self.schema.span == Span::Open
                || self.schema.span == Span::Written && row.of_json().is_some();
            return if may_be { Ok(None) } else { Err(missing(Field::Time)) };
        };
        let until = |end| Some(Period { start: start.start, end });
        Ok(match (draft.end, self.schema.span) {
            (Some(end), _) if end.start > start.start => until(end.start),
            (Some(end), Span::Written) => {
                return Err(Problem::Disagree {
                    left: format!("start_time {}", start.start),
                    right: format!("end_time {}", end.start),
                });
            }
            (None, Span::Written) => return Err(missing(Field::EndTime)),
            (_, Span::Hour) if start.is_instant() => {
                until(Instant(start.start.0.saturating_add(3_600)))
            }
            (_, Span::Day) => until(Instant(start.start.0.saturating_add(DAY_SECONDS))),
            _ => Some(start),
        })
    }

    #[inline]
    const fn service_tier(&self, draft: &Draft<'_>) -> Known<ServiceTier> {
        match (draft.batch, draft.tier, self.tier) {
            (Some(true), ..) => Known::Is(ServiceTier::Batch),
            (_, Some(tier), _) | (_, None, Some(tier)) => Known::Is(tier),
            _ => self.unsaid_tier,
        }
    }

    #[inline]
    fn reported(&mut self, draft: &Draft<'_>, row: &Row<'_>) -> Result<Option<Money>, Problem> {
        let Some(amount) = draft.cost else {
            // A bill without an amount is none.
            let must = !self.has_counts;
            return if must { Err(row.missing(self.plan.field(Field::Cost))) } else { Ok(None) };
        };
        let currency = match (draft.currency, draft.sign) {
            (None, None) => {
                self.has_assumed |= self.assumes_currency;
                self.currency
            }
            (named, None) => named,
            (named, Some(sign)) => Some(self.signed(named, sign)?),
        };
        let currency = currency.ok_or_else(|| row.missing(self.plan.field(Field::Currency)))?;
        let amount = match self.money_places {
            0 => amount,
            places => amount.shifted(places).map_err(|_| Problem::NotAnAmount {
                column: self.plan.field(Field::Cost).map_or_else(String::new, |at| row.name(at)),
                value: amount.to_string(),
            })?,
        };
        Ok(Some(Money { amount, currency }))
    }

    /// The currency of an amount with a sign beside it, which must be the one that is named.
    #[cold]
    fn signed(&self, named: Option<Currency>, sign: Currency) -> Result<Currency, Problem> {
        let named = named.or(self.currency.filter(|_| self.is_told));
        match named {
            // There are dollars of many countries.
            Some(named) if sign == Currency::USD && named.as_str().ends_with('D') => Ok(named),
            Some(named) if named != sign => Err(Problem::Disagree {
                left: format!("currency {named}"),
                right: format!("an amount in {sign}"),
            }),
            _ => Ok(sign),
        }
    }

    #[inline]
    fn repeats(&self, row: &Row<'_>, id: &str) -> Repeats {
        match self.schema.copies {
            Copies::SameId => Repeats::SameId,
            Copies::UniqueIdOrRow if id.is_empty() => Repeats::SameRow(row.fingerprint()),
            Copies::UniqueId | Copies::UniqueIdOrRow => Repeats::UniqueId,
            Copies::SameRow => Repeats::SameRow(row.fingerprint()),
            Copies::Bucket => Repeats::Bucket(self.schema.name),
        }
    }

    /// Reads the cells of a row; says what becomes of one that is no record.
    fn cells<'r>(&mut self, row: &Row<'r>, draft: &mut Draft<'r>) -> Result<Option<Fate>, Problem> {
        if let Some(keep) = self.schema.keep
            && let Some(fate) = keep(row, &self.plan)?
        {
            return Ok(Some(fate));
        }
        let name = self.label.as_deref();
        for step in &self.plan.steps {
            Self::step((&mut self.clock, name), draft, row, *step)?;
        }
        if !row.is_text() {
            for step in &self.plan.unneeded {
                Self::step((&mut self.clock, name), draft, row, *step)?;
            }
        }
        for again in &self.plan.again {
            Self::step_again(draft, row, *again)?;
        }
        if let Some(finish) = self.schema.finish
            && let Some(fate) = finish(draft, row, &self.plan)?
        {
            return Ok(Some(fate));
        }
        if self.total_decides {
            let totals = draft.totals();
            if totals.total.is_some() {
                *totals = totals.placed_by_total();
            }
        }
        Ok(None)
    }
}

impl SchemaReader {
    fn places(&self) -> by_hand::Places {
        by_hand::Places {
            time: self.plan.field(Field::Time),
            model: self.plan.field(Field::Model),
            input: self.plan.field(Field::Input),
            output: self.plan.field(Field::Output),
            cost: self.plan.field(Field::Cost),
        }
    }

    /// Where the columns stand.
    pub(super) const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Who sends the bill where no row says so.
    pub(super) fn usual_seller(&self) -> &str {
        &self.seller
    }

    /// Reads a row into a draft of nothing, all but the seller; or says what becomes of one that is no record.
    /// The draft stays where it is: a record is large, and would be copied from call to call.
    pub(super) fn read<'r>(
        &mut self,
        row: &Row<'r>,
        draft: &mut Draft<'r>,
    ) -> Result<Option<Fate>, Problem> {
        draft.record.line = row.line();
        draft.totals().layout = self.layout;
        if let Some(fate) = self.cells(row, draft)? {
            return Ok(Some(fate));
        }
        draft.record.assumed = row.assumed();
        draft.record.period = self.period(draft, row)?;
        draft.record.service_tier = self.service_tier(draft);
        draft.record.reported = self.reported(draft, row)?;
        draft.record.repeats = self.repeats(row, draft.record.id);
        if draft.record.unread.is_empty() {
            draft.record.unread = self.unread.of(row);
        }
        let requests = draft.totals().requests;
        draft.record.shape = match (self.schema.rows, requests) {
            (Rows::Bucket, requests) => Shape::Sum { requests },
            (Rows::ByRequests, Some(requests)) if requests != 1 => {
                Shape::Sum { requests: Some(requests) }
            }
            (Rows::ByRequests, None) if may_be_a_sum(draft) => Shape::Sum { requests: None },
            _ => Shape::Request,
        };
        if !self.has_counts || draft.without_counts {
            draft.record.totals = None;
        }
        Ok(None)
    }
}

/// True for a row of a day without an id: nothing says whether it is one request or a sum of several.
fn may_be_a_sum(draft: &Draft<'_>) -> bool {
    draft.record.id.is_empty() && draft.record.period.is_some_and(Period::may_be_a_day)
}

impl RowReader for SchemaReader {
    fn reads(&self, column: usize) -> bool {
        self.plan.reads(column)
    }

    fn needs(&self, column: usize) -> bool {
        self.schema.needs_whole_rows() || self.plan.needs(column) || self.unread.looks_at(column)
    }

    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem> {
        let mut draft = Draft::EMPTY;
        let read = self.read(row, &mut draft);
        if self.schema.by_hand
            && (read.is_err() || draft.record.period.is_none())
            && let Some(other) = by_hand::other_row(row, self.places())
        {
            match other {
                Other::Blank => each(Item::Empty { line: row.line() }),
                Other::Total(says) => locked(&self.table).totals.push((row.line(), says)),
            }
            return Ok(());
        }
        if let Some(fate) = read? {
            each(fate.item(row.line()));
            return Ok(());
        }
        if self.schema.by_hand && row.is_delimited() {
            self.sums.add(draft.record.totals.as_ref(), draft.cost);
        }
        draft.record.provider = self.seller(draft.record.provider);
        each(Item::Record(&draft.record));
        Ok(())
    }

    fn finish(&mut self, each: Each<'_>) {
        locked(&self.table).rows.add(&std::mem::take(&mut self.sums).sums());
        if std::mem::take(&mut self.has_assumed) {
            each(Item::Note(Note::DollarsAssumed));
        }
    }
}

/// The label that was asked for: a cell, or one of several in a cell of JSON.
fn label<'r>(name: Option<&str>, row: &Row<'r>, column: Option<usize>) -> Result<&'r str, Problem> {
    let Some(name) = name else { return row.text(column) };
    if let Some(object) = row.of_json() {
        return Ok(origin::label(object, name).unwrap_or(""));
    }
    let text = row.text(column)?;
    if !text.starts_with(['{', '[']) {
        return Ok(text);
    }
    Ok(row.json(text).and_then(|labels| origin::among(&labels, name)).unwrap_or(""))
}
