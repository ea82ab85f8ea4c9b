//! Counts and times against what the book knows of the model: output, context window, shutdown.

use super::view::{Checked, Found, View};
use crate::charge::Shape;
use crate::ledger::Ledger;
use crate::price::{Most, Precision};
use crate::time::{DAY_SECONDS, parse_date};

pub(super) const NO_MAXIMUM: &str = "output against the model's maximum: not known";
pub(super) const NO_CONTEXT: &str = "input against the model's context window: not known";

/// The limits of the model behind a card. `None` is "not known".
#[derive(Clone, Debug, Default)]
pub(super) struct Limits {
    model: String,
    max_output: Option<u64>,
    context: Option<u64>,
    /// First second after the day (or month) of the shutdown, and how the book writes it.
    retired: Option<(i64, String)>,
    /// First second of the day (or month) of the release, and how the book writes it.
    pub(super) released: Option<(i64, String)>,
    promised_through: Option<i64>,
}

impl Limits {
    /// Nothing is known but when the model was released, if that.
    pub(super) fn of_release(released: Option<(i64, String)>) -> Self {
        Self { released, ..Self::default() }
    }

    pub(super) fn of(ledger: &Ledger<'_>, card: usize) -> Self {
        let Some(card) = ledger.cards().get(card) else {
            return Self::default();
        };
        let promised_through = card.rates().filter_map(crate::price::Rate::promised_through).min();
        let model = card.model.to_owned();
        let Some((tables, facts)) = ledger.book().facts(card.provider, card.model) else {
            return Self { model, promised_through, ..Self::default() };
        };
        let most = Most::of(facts);
        Self {
            model,
            max_output: most.output,
            context: most.context,
            retired: after(tables.str(facts.retired)),
            released: released(ledger, card.provider, card.model),
            promised_through,
        }
    }

    fn above(&self, what: &str, limit: u64, name: &str) -> String {
        format!("{what} above the {name} of `{}`, {limit} tokens a request", self.model)
    }
}

/// How many requests a record stands for, if that is reported.
const fn requests(view: &View<'_, '_>) -> Option<u64> {
    match view.record.shape {
        Shape::Request => Some(1),
        Shape::Sum { requests } => requests,
    }
}

/// Most tokens of all requests of a record; `None` for one that was not charged.
fn most(view: &View<'_, '_>, limit: Option<u64>, why: &'static str) -> Result<u128, &'static str> {
    let (limit, requests) = limit.zip(requests(view)).ok_or(why)?;
    Ok(u128::from(limit) * u128::from(requests))
}

/// More output than the model can generate.
pub(super) fn output_above_maximum(view: &View<'_, '_>) -> Checked {
    let Some(usage) = view.charged() else { return Ok(None) };
    let limits = view.limits;
    if usage.output_tokens() <= most(view, limits.max_output, NO_MAXIMUM)? {
        return Ok(None);
    }
    let message = limits.above("output", limits.max_output.unwrap_or(0), "maximum output");
    Ok(Some(Found::alike(view, message)))
}

/// A longer prompt than the model can read.
pub(super) fn input_above_context(view: &View<'_, '_>) -> Checked {
    let Some(usage) = view.charged() else { return Ok(None) };
    let limits = view.limits;
    if usage.prompt_tokens() <= most(view, limits.context, NO_CONTEXT)? {
        return Ok(None);
    }
    let message = limits.above("input", limits.context.unwrap_or(0), "context window");
    Ok(Some(Found::alike(view, message)))
}

/// Usage of a model after its shutdown.
pub(super) fn after_retirement(view: &View<'_, '_>) -> Option<Found> {
    view.charged()?;
    let (end, written) = view.limits.retired.as_ref()?;
    let start = view.record.period?.start.0;
    (start >= *end)
        .then(|| Found::alike(view, format!("`{}` was shut down on {written}", view.limits.model)))
}

/// A price that was only promised through an earlier day.
pub(super) fn promise_outlived(view: &View<'_, '_>) -> Option<Found> {
    view.charged()?;
    let day = view.limits.promised_through?;
    (view.record.period?.start.day() > day).then(|| {
        let (day, model) = (crate::time::day_text(day), &view.limits.model);
        Found::alike(view, format!("the price of `{model}` was stated through {day} at least"))
    })
}

/// True when a price was in force more than a day before.
fn sold_before(ledger: &Ledger<'_>, provider: &str, model: &str, start: i64) -> bool {
    let rates = ledger.book().get(provider, model).map(|found| found.rates());
    rates.is_some_and(|rates| {
        rates.iter().any(|rate| match rate.from().precision {
            Precision::Day | Precision::Instant => rate.from().seconds + DAY_SECONDS < start,
            _ => false,
        })
    })
}

/// When a model was released: its first second, and how the book writes it. `None` when it was sold
/// before: then the id has moved on to a newer model since.
pub(super) fn released(ledger: &Ledger<'_>, provider: &str, model: &str) -> Option<(i64, String)> {
    if model.ends_with("latest") {
        return None;
    }
    let (tables, facts) = ledger.book().facts(provider, model)?;
    let (start, written) = first(tables.str(facts.released))?;
    let before = sold_before(ledger, provider, model, start);
    (!before).then_some((start, written))
}

/// First second of a day `YYYY-MM-DD` or a month `YYYY-MM`.
fn first(written: &str) -> Option<(i64, String)> {
    let day = if written.len() == 7 { format!("{written}-01") } else { written.to_owned() };
    Some((parse_date(day.as_bytes())? * DAY_SECONDS, written.to_owned()))
}

/// First second after a day `YYYY-MM-DD` or a month `YYYY-MM`.
fn after(written: &str) -> Option<(i64, String)> {
    let end = match written.len() {
        10 => parse_date(written.as_bytes())? + 1,
        7 => {
            let (year, month) = written.split_once('-')?;
            let (year, month): (i64, i64) = (year.parse().ok()?, month.parse().ok()?);
            let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            parse_date(format!("{year:04}-{month:02}-01").as_bytes())?
        }
        _ => return None,
    };
    Some((end * DAY_SECONDS, written.to_owned()))
}
