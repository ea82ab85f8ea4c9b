//! Cells from columns, in whatever order and from whatever engine: rows of one key and meter add up.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use tokreckon::grade::Assumption;
use tokreckon::ledger::Dimension;
use tokreckon::ledger::saved::{SavedCell, SavedLedger, SavedOutcome, SavedSums, SavedTime};
use tokreckon::money::Exact;
use tokreckon::price::ServiceTier;
use tokreckon::read::ColumnCell;
use tokreckon::usage::{Meter, Unreported};

use crate::batch::column;
use crate::column::Column;
use crate::encode::{
    BOOK_KEY, BY_KEY, ROWS, SHAPE, SHAPE_KEY, UNREPORTED, ZONE_KEY, thinking_word,
};
use crate::sums::Sums;
use crate::{Error, MONEY_PLACES};

fn no<T>(problem: impl Into<String>) -> Result<T, Error> {
    Err(Error::NoCells(problem.into()))
}

/// The columns by name.
struct Table<'b> {
    batch: &'b RecordBatch,
    columns: BTreeMap<&'static str, Column<'b>>,
}

impl<'b> Table<'b> {
    fn column(&mut self, name: &'static str) -> Result<&Column<'b>, Error> {
        if !self.columns.contains_key(name) {
            let Ok(found) = column(self.batch, &[name.to_owned()]) else {
                return no(format!("there is no column `{name}`"));
            };
            self.columns.insert(name, found);
        }
        self.columns.get(name).ok_or_else(|| Error::NoCells(name.to_owned()))
    }

    /// A cell as text; `None` for nothing.
    fn open(&mut self, name: &'static str, row: usize) -> Result<Option<String>, Error> {
        let column = self.column(name)?;
        if matches!(column.cell(row), ColumnCell::Null) {
            return Ok(None);
        }
        let mut text = String::new();
        column.write(row, &mut text);
        Ok(Some(text))
    }

    fn text(&mut self, name: &'static str, row: usize) -> Result<String, Error> {
        Ok(self.open(name, row)?.unwrap_or_default())
    }

    /// A whole number; `None` for nothing.
    fn number<N: std::str::FromStr>(
        &mut self,
        name: &'static str,
        row: usize,
    ) -> Result<Option<N>, Error> {
        let Some(text) = self.open(name, row)? else { return Ok(None) };
        text.parse().map(Some).or_else(|_| no(format!("`{name}` is `{text}` in row {}", row + 1)))
    }
}

/// Reads cells.
pub(crate) fn sums(batch: &RecordBatch) -> Result<Sums, Error> {
    let schema = batch.schema_ref();
    let said = |name: &str| match schema.metadata().get(name) {
        Some(text) => Ok(text.clone()),
        None => no(format!("the schema's metadata has no `{name}`")),
    };
    let shape = said(SHAPE_KEY)?;
    if shape != SHAPE {
        return no(format!("it is `{shape}`, and this version reads `{SHAPE}`"));
    }
    let mut by = Vec::new();
    for name in said(BY_KEY)?.split(',').filter(|name| !name.is_empty()) {
        match Dimension::from_name(name) {
            Some(dimension) => by.push(dimension),
            None => return no(format!("no dimension `{name}`")),
        }
    }
    let ledger = SavedLedger::new(&by, &said(ZONE_KEY)?);
    let mut sums =
        Sums { book: said(BOOK_KEY)?, ledger, cells: BTreeMap::new(), rows: BTreeMap::new() };
    let mut table = Table { batch, columns: BTreeMap::new() };
    for row in 0..batch.num_rows() {
        let meter = table.text("meter", row)?;
        let Some(quantity) = table.number::<i128>("quantity", row)? else {
            return no(format!("row {} has no quantity", row + 1));
        };
        if table.text("outcome", row)? == ROWS {
            match u64::try_from(quantity) {
                Ok(rows) => sums.add_rows(&meter, rows),
                Err(_) => return no(format!("{quantity} rows `{meter}`")),
            }
            continue;
        }
        let cell = cell(&mut table, &sums.ledger.by, row)?;
        let mut of_row = one(&meter, quantity)?;
        of_row.prompt = table.number("fewest", row)?.zip(table.number("most", row)?);
        sums.add_cell(cell, &of_row)?;
    }
    Ok(sums)
}

/// The sums of one row.
fn one(meter: &str, quantity: i128) -> Result<SavedSums, Error> {
    let mut sums = SavedSums::default();
    if let Some(currency) = meter.strip_prefix("cost:") {
        let Ok(currency) = currency.parse() else { return no(format!("no currency `{currency}`")) };
        sums.reported.insert(currency, (0, Exact::new(quantity, MONEY_PLACES)?));
        return Ok(sums);
    }
    let wrong = || Error::NoCells(format!("{quantity} of `{meter}`"));
    let count = u128::try_from(quantity).map_err(|_| wrong())?;
    let records = u64::try_from(quantity).map_err(|_| wrong());
    let (kind, rest) = meter.split_once(':').unwrap_or((meter, ""));
    match kind {
        "records" => sums.records = records?,
        "straddling" => sums.straddling = records?,
        "refused" => {
            let at = ["input", "cached", "output"].iter().position(|name| *name == rest);
            *at.and_then(|at| sums.tokens.get_mut(at)).ok_or_else(wrong)? = count;
        }
        "not-read" => drop(sums.unread.insert(rest.to_owned(), records?)),
        "reported" => {
            let currency = rest.parse().map_err(|_| wrong())?;
            sums.reported.insert(currency, (records?, Exact::ZERO));
        }
        name => sums.counts[known_meter(name)?] = count,
    }
    Ok(sums)
}

fn known_meter(name: &str) -> Result<Meter, Error> {
    let known = Meter::ALL.iter().copied().find(|meter| meter.as_str() == name);
    known.ok_or_else(|| Error::NoCells(format!("no meter `{name}`")))
}

fn cell(table: &mut Table<'_>, by: &[Dimension], row: usize) -> Result<SavedCell, Error> {
    let meters = table.text("meters", row)?;
    let meters = meters.split(',').filter(|name| !name.is_empty()).map(known_meter);
    let meters = meters.collect::<Result<Vec<_>, _>>()?;
    let (provider, model) = (table.text("provider", row)?, table.text("model", row)?);
    let mut cell = SavedCell::of_names(&provider, &model).metering(meters);
    cell.service_tier = match table.open("service_tier", row)? {
        None => None,
        Some(word) => match ServiceTier::from_word(&word) {
            None => return no(format!("no service tier `{word}`")),
            tier => tier,
        },
    };
    cell.variant = table.open("variant", row)?;
    let label = |by: &Dimension| table.text(by.name(), row);
    cell.labels = by.iter().map(label).collect::<Result<_, _>>()?;
    for code in table.text("assumed", row)?.split(',').filter(|code| !code.is_empty()) {
        let Some(known) = Assumption::ALL.into_iter().find(|known| known.code() == code) else {
            return no(format!("nothing is assumed as `{code}`"));
        };
        cell.assumed = cell.assumed.with(known);
    }
    let seconds = table.number("start", row)?.zip(table.number("end", row)?);
    cell.time = match (&*table.text("time", row)?, seconds) {
        ("unsaid", None) => SavedTime::Unsaid,
        ("taken-for", Some((start, end))) => SavedTime::TakenFor(start, end),
        ("day", Some((start, end))) => SavedTime::Day(start, end),
        ("period", Some((start, end))) => SavedTime::Period(start, end),
        (other, _) => return no(format!("time `{other}`")),
    };
    cell.is_request = table.text("is_sum", row)? != "true";
    let open = table.text("not_reported", row)?;
    let mut open: Vec<&str> = open.split(',').filter(|name| !name.is_empty()).collect();
    let [cache, reasoning, member, requests] = UNREPORTED.map(|name| {
        let before = open.len();
        open.retain(|open| *open != name);
        open.len() < before
    });
    if let Some(other) = open.first() {
        return no(format!("it does not report `{other}`"));
    }
    cell.unreported = Unreported { cache, reasoning, member, requests };
    cell.outcome = match &*table.text("outcome", row)? {
        "charged" => charged(table, row)?,
        "not-charged" => SavedOutcome::Refused {
            code: table.text("refusal", row)?,
            reason: table.text("reason", row)?,
        },
        "cost-only" => SavedOutcome::CostOnly,
        other => return no(format!("outcome `{other}`")),
    };
    Ok(cell)
}

fn charged(table: &mut Table<'_>, row: usize) -> Result<SavedOutcome, Error> {
    let card = table.text("card", row)?;
    let Ok(card) = u128::from_str_radix(&card, 16) else {
        return no(format!("no digest of a card: `{card}`"));
    };
    let situation = table.text("situation", row)?;
    let read = || {
        let (brackets, thinking) = situation.split_once(' ')?;
        let (first, last) = brackets.split_once('-')?;
        let modes = [Some(false), Some(true), None];
        let thinking = modes.into_iter().find(|mode| thinking_word(*mode) == thinking)?;
        let (first_bracket, last_bracket) = (first.parse().ok()?, last.parse().ok()?);
        Some(SavedOutcome::Charged { card, first_bracket, last_bracket, thinking })
    };
    read().ok_or_else(|| Error::NoCells(format!("situation `{situation}`")))
}
