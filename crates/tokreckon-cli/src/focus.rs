//! `tokreckon report --format focus`: cost and usage in the columns of FOCUS 1.2 or 1.3.
//!
//! A row is one meter at one unit price in one day (or week, or month) of one provider, model and
//! service tier; `PricingQuantity` × `ListUnitPrice` is `ListCost` to the last digit. What is not known
//! is an empty cell, never 0: such rows have no cost, and `x_CostState` says so. A cost between two
//! bounds stands with its lower bound, marked, and with the upper one in an `x_` column.

mod row;

use anyhow::{Context, Result};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokreckon::grade::{Assumption, Doubt};
use tokreckon::ledger::{Dimension, Ledger};
use tokreckon::report::{Group, Line, LineCost, Report};

use self::row::{Row, sheet};
use crate::args::{FocusVersion, OutputFormat};
use crate::people::People;

/// What a row needs besides what was asked for.
pub(crate) fn dimensions(asked: &[Dimension]) -> Vec<Dimension> {
    let mut all =
        vec![Dimension::Provider, Dimension::Model, Dimension::ServiceTier, Dimension::LineItem];
    if !asked.iter().any(|dimension| dimension.is_calendar()) {
        all.push(Dimension::Day);
    }
    let others: Vec<Dimension> =
        asked.iter().filter(|other| !all.contains(other)).copied().collect();
    all.extend(others);
    all
}

/// How rows are named.
pub(crate) struct Naming<'a> {
    pub(crate) zone: &'a str,
    pub(crate) account: Option<&'a str>,
    pub(crate) people: People,
    pub(crate) raw: bool,
    pub(crate) version: FocusVersion,
}

/// Prints the rows as CSV.
pub(crate) fn print(
    ledger: &Ledger<'_>,
    report: &Report,
    naming: &Naming<'_>,
    out: &mut String,
) -> Result<()> {
    let zone = TimeZone::get(naming.zone)?;
    let mut rows = Vec::new();
    for line in ledger.lines().context("the sums")? {
        let mut row = Row::of_labels(&report.by, &line.labels, naming, &zone);
        charged(&mut row, &line)?;
        rows.push(row);
    }
    for group in &report.groups {
        let row = Row::of_labels(&report.by, &group.labels, naming, &zone);
        rows.extend(not_charged(&row, &group));
        rows.extend(billed(&row, &group));
    }
    rows.sort_by(|a, b| a.order().cmp(&b.order()));
    let mut sheet = sheet(naming);
    for row in rows {
        sheet.row(row.cells(naming.version));
    }
    sheet.print(OutputFormat::Csv, out);
    Ok(())
}

/// A count with its price, or without one.
fn charged(row: &mut Row, line: &Line) -> Result<()> {
    row.sku(&line.provider, &line.model, line.meter.as_str());
    row.set("ConsumedQuantity", line.quantity.to_string());
    row.set("BillingCurrency", line.currency.to_string());
    match &line.cost {
        Ok(cost) => priced(row, line, cost),
        Err(state) => {
            let state = state.map_or("not listed", tokreckon::price::State::as_str);
            row.set("ConsumedUnit", row::unit(row::unit_of(line.meter)));
            row.set("x_CostState", "unknown".to_owned());
            row.set("x_Reason", format!("no price: {state}"));
            Ok(())
        }
    }
}

fn priced(row: &mut Row, line: &Line, cost: &LineCost) -> Result<()> {
    let pricing = cost.pricing(line.quantity).context("the sums")?;
    let unit = row::unit(pricing.noun);
    let size =
        if pricing.unit_size == 1 { String::new() } else { format!("{} ", pricing.unit_size) };
    row.set("ConsumedUnit", row::unit(pricing.noun.counted()));
    row.set("PricingCategory", "Standard".to_owned());
    row.set("PricingUnit", format!("{size}{unit}"));
    row.set("PricingQuantity", pricing.quantity.to_string());
    row.set("ListUnitPrice", pricing.list_unit_price.to_string());
    row.set("ContractedUnitPrice", pricing.contracted_unit_price.to_string());
    row.set("ListCost", cost.list.low.to_string());
    for column in ["ContractedCost", "BilledCost", "EffectiveCost"] {
        row.set(column, cost.under_terms.low.to_string());
    }
    row.price_id(&format!("{} {} per {size}{unit}", pricing.list_unit_price, line.currency));
    let sources: Vec<String> =
        cost.sources.iter().map(|(source, seen)| format!("{source} (seen {seen})")).collect();
    row.set("x_PriceSource", sources.join("; "));
    let is_single = cost.list.single().is_some();
    if is_single && cost.assumptions.is_empty() {
        row.set("x_CostState", "exact".to_owned());
    } else if is_single {
        let assumed: Vec<&str> = cost.assumptions.iter().map(Assumption::explanation).collect();
        row.set("x_CostState", "assumed".to_owned());
        row.set("x_Reason", assumed.join("; "));
    } else {
        let doubts: Vec<&str> = cost.doubts.iter().map(Doubt::explanation).collect();
        row.set("x_CostState", "at-least".to_owned());
        if !cost.list.open {
            row.set("x_ListCostHigh", cost.list.high.to_string());
            row.set("x_EffectiveCostHigh", cost.under_terms.high.to_string());
        }
        row.set("x_Reason", doubts.join("; "));
    }
    Ok(())
}

/// Usage without a charge: tokens, no cost, and why.
fn not_charged(base: &Row, group: &Group) -> Vec<Row> {
    let mut rows = Vec::new();
    for tally in &group.not_charged {
        let row = |meter: &str, tokens: Option<u128>| {
            let mut row = base.clone();
            row.sku_of_labels(meter);
            if let Some(tokens) = tokens {
                row.set("ConsumedQuantity", tokens.to_string());
                row.set("ConsumedUnit", "Tokens".to_owned());
            }
            row.set("x_CostState", "unknown".to_owned());
            row.set("x_Reason", tally.reason.to_string());
            row
        };
        let counts = [("input", tally.input_tokens), ("output", tally.output_tokens)];
        let counted = counts.into_iter().filter(|(_, tokens)| *tokens > 0);
        let before = rows.len();
        rows.extend(counted.map(|(meter, tokens)| row(meter, Some(tokens))));
        if rows.len() == before {
            rows.push(row("usage", None));
        }
    }
    rows
}

/// Costs that a bill states without usage.
fn billed(base: &Row, group: &Group) -> Vec<Row> {
    if group.records.cost_only == 0 {
        return Vec::new();
    }
    let apart = group.records.cost_only == group.with_reported;
    let rows = group.reported.iter().map(|(currency, amount)| {
        let mut row = base.clone();
        // A bill does not say in which tier its requests were.
        row.set("x_ServiceTier", String::new());
        row.set("BillingCurrency", currency.to_string());
        if apart {
            row.set("BilledCost", amount.to_string());
            row.set("EffectiveCost", amount.to_string());
            row.set("x_CostState", "reported".to_owned());
        } else {
            row.set("x_CostState", "unknown".to_owned());
            row.set(
                "x_Reason",
                "the files report costs of usage and of bills for this group".to_owned(),
            );
        }
        row
    });
    rows.collect()
}

/// First and last instant of a day, week or month of a zone, in UTC.
fn period(dimension: Dimension, label: &str, zone: &TimeZone) -> Option<[String; 4]> {
    let start: Date = match dimension {
        Dimension::Month => format!("{label}-01").parse().ok()?,
        _ => label.parse().ok()?,
    };
    let span = match dimension {
        Dimension::Day => jiff::Span::new().days(1),
        Dimension::Week => jiff::Span::new().days(7),
        _ => jiff::Span::new().months(1),
    };
    let month = start.first_of_month();
    let next = month.checked_add(jiff::Span::new().months(1)).ok()?;
    let instant = |date: Date| {
        let zoned = date.to_zoned(zone.clone()).ok()?;
        Some(zoned.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    };
    Some([
        instant(start)?,
        instant(start.checked_add(span).ok()?)?,
        instant(month)?,
        instant(next)?,
    ])
}
