//! Counts and times against what the book knows of the model: output, context window, shutdown.

use super::Code;
use crate::charge::Shape;
use crate::ledger::Ledger;
use crate::price::Precision;
use crate::record::Record;
use crate::time::{DAY_SECONDS, parse_date};
use crate::usage::Usage;

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
    pub(super) fn of(ledger: &Ledger<'_>, card: usize) -> Self {
        let Some(card) = ledger.cards().get(card) else {
            return Self::default();
        };
        let promised_through = card.rates().filter_map(crate::price::Rate::promised_through).min();
        let model = card.model.to_owned();
        let Some((tables, facts)) = ledger.book().facts(card.provider, card.model) else {
            return Self { model, promised_through, ..Self::default() };
        };
        // In some rows of the sources the output limit is above the context window: not reliable.
        let reliable = facts.context_window == 0 || facts.max_output_tokens <= facts.context_window;
        let known = |count: u64| (count > 0 && reliable).then_some(count);
        Self {
            model,
            max_output: known(facts.max_output_tokens),
            context: known(facts.context_window),
            retired: after(tables.str(facts.retired)),
            released: released(ledger, card.provider, card.model),
            promised_through,
        }
    }

    /// Most input and output tokens of a request, where they are known.
    pub(super) const fn most(&self) -> [Option<u64>; 2] {
        [self.context, self.max_output]
    }

    /// The second from which on there is a finding.
    pub(super) fn until(&self) -> i64 {
        let retired = self.retired.as_ref().map_or(i64::MAX, |(end, _)| *end);
        let promised = self
            .promised_through
            .map_or(i64::MAX, |day| day.saturating_add(1).saturating_mul(DAY_SECONDS));
        retired.min(promised)
    }

    /// Findings, and what could not be checked.
    pub(super) fn check(
        &self,
        record: &Record<'_>,
        usage: &Usage,
    ) -> (Vec<(Code, String)>, impl Iterator<Item = &'static str> + use<>) {
        let (mut findings, mut unchecked) = (Vec::new(), [None; 2]);
        let requests = match record.shape {
            Shape::Request => Some(1),
            Shape::Sum { requests } => requests,
        };
        match (self.max_output, requests) {
            (Some(limit), Some(requests))
                if usage.output_tokens() > u128::from(limit) * u128::from(requests) =>
            {
                findings.push((
                    Code::OutputAboveMaximum,
                    self.above("output", limit, "maximum output"),
                ));
            }
            (Some(_), Some(_)) => {}
            _ => unchecked[0] = Some(NO_MAXIMUM),
        }
        match (self.context, requests) {
            (Some(limit), Some(requests))
                if usage.prompt_tokens() > u128::from(limit) * u128::from(requests) =>
            {
                findings
                    .push((Code::InputAboveContext, self.above("input", limit, "context window")));
            }
            (Some(_), Some(_)) => {}
            _ => unchecked[1] = Some(NO_CONTEXT),
        }
        if let (Some((end, written)), Some(period)) = (&self.retired, record.period)
            && period.start.0 >= *end
        {
            findings.push((
                Code::AfterRetirement,
                format!("`{}` was shut down on {written}", self.model),
            ));
        }
        if let (Some(day), Some(period)) = (self.promised_through, record.period)
            && period.start.day() > day
        {
            let day = crate::time::day_text(day);
            let message =
                format!("the price of `{}` was stated through {day} at least", self.model);
            findings.push((Code::PromiseOutlived, message));
        }
        (findings, unchecked.into_iter().flatten())
    }

    fn above(&self, what: &str, limit: u64, name: &str) -> String {
        format!("{what} above the {name} of `{}`, {limit} tokens a request", self.model)
    }
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
