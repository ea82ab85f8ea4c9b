//! A bill: what was billed, row by row, and the spans of time it speaks of.

use std::collections::BTreeMap;

use crate::money::{Currency, Exact, InexactError, Money};
use crate::record::Record;
use crate::time::{DAY_SECONDS, Instant, Period};

/// What rows of a bill are added up by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowKey {
    /// Unix seconds `[start, end)`; `None` for a bill about all usage.
    pub(super) period: Option<(i64, i64)>,
    pub(super) provider: String,
    pub(super) model: String,
    pub(super) line_item: String,
    pub(super) project: String,
    pub(super) api_key: String,
    pub(super) user: String,
    pub(super) currency: Currency,
}

/// What equal rows add up to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RowSum {
    pub(super) amount: Exact,
    pub(super) rows: u64,
}

/// What was billed: rows of one or more cost exports, or a total.
///
/// Only sums are kept: per period, provider, model, line item, project, key, user and currency.
#[derive(Clone, Debug, Default)]
pub struct Bill {
    pub(super) rows: BTreeMap<RowKey, RowSum>,
    /// Most decimal places of any amount, by currency: the bill's own unit.
    places: BTreeMap<Currency, u32>,
    without_amount: u64,
}

impl Bill {
    /// Adds a row; one that reports no cost is counted and left out.
    ///
    /// # Errors
    /// When the exact sum needs more than 38 digits.
    pub fn add(&mut self, record: &Record<'_>) -> Result<(), InexactError> {
        let Some(money) = record.reported else {
            self.without_amount += 1;
            return Ok(());
        };
        let key = RowKey {
            period: record.period.map(whole_days),
            provider: record.provider.to_ascii_lowercase(),
            model: record.model.to_owned(),
            line_item: record.line_item.to_owned(),
            project: record.project.to_owned(),
            api_key: record.api_key.to_owned(),
            user: record.user.to_owned(),
            currency: money.currency,
        };
        self.add_row(key, money)
    }

    /// Adds an amount for all usage together.
    ///
    /// # Errors
    /// When the exact sum needs more than 38 digits.
    pub fn add_total(&mut self, money: Money) -> Result<(), InexactError> {
        let [provider, model, line_item, project, api_key, user] = [const { String::new() }; 6];
        let currency = money.currency;
        let key =
            RowKey { period: None, provider, model, line_item, project, api_key, user, currency };
        self.add_row(key, money)
    }

    fn add_row(&mut self, key: RowKey, money: Money) -> Result<(), InexactError> {
        let places = self.places.entry(money.currency).or_default();
        *places = (*places).max(money.amount.scale());
        let sum = self.rows.entry(key).or_default();
        sum.amount = sum.amount.plus(money.amount)?;
        sum.rows += 1;
        Ok(())
    }

    /// True when no amount was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Rows with an amount.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.rows.values().map(|sum| sum.rows).sum()
    }

    /// Rows that report no cost.
    #[must_use]
    pub const fn without_amount(&self) -> u64 {
        self.without_amount
    }

    /// Decimal places of the bill's amounts: two at least, since money has cents.
    pub(super) fn places(&self, currency: Currency) -> u32 {
        self.places.get(&currency).copied().unwrap_or(0).max(2)
    }

    /// The spans of time it speaks of.
    pub(super) fn spans(&self) -> Spans {
        if self.rows.keys().any(|key| key.period.is_none()) {
            return Spans::Everything;
        }
        let mut spans: Vec<(i64, i64)> = self.rows.keys().filter_map(|key| key.period).collect();
        spans.sort_unstable();
        let mut joined: Vec<(i64, i64)> = Vec::new();
        for (start, end) in spans {
            match joined.last_mut() {
                Some(last) if start < last.1 => last.1 = last.1.max(end),
                _ => joined.push((start, end)),
            }
        }
        Spans::Disjoint(joined)
    }
}

/// Anything shorter than a day counts for its whole UTC days: hours of two systems seldom agree.
fn whole_days(period: Period) -> (i64, i64) {
    let (start, end) = (period.start.0, period.end.0.max(period.start.0 + 1));
    if end - start >= DAY_SECONDS {
        return (start, end);
    }
    let last = Instant(end - 1).day();
    (period.start.day() * DAY_SECONDS, (last + 1) * DAY_SECONDS)
}

/// The spans of time that are compared.
#[derive(Clone, Debug)]
pub(super) enum Spans {
    /// One sum of all time.
    Everything,
    /// Disjoint spans, sorted.
    Disjoint(Vec<(i64, i64)>),
}

impl Spans {
    /// The span in which a period begins, and whether the period ends beyond it. Outside of the
    /// bill the UTC day is the span.
    pub(super) fn place(&self, period: Option<Period>) -> ((i64, i64), bool) {
        let (Self::Disjoint(spans), Some(period)) = (self, period) else {
            return (EVERYTHING, false);
        };
        let start = period.start.0;
        let after = spans.partition_point(|span| span.0 <= start);
        let inside = after.checked_sub(1).and_then(|at| spans.get(at));
        if let Some(span) = inside.filter(|span| start < span.1) {
            return (*span, period.end.0 > span.1);
        }
        let day = whole_days(Period::at(period.start));
        let next = spans.get(after).map_or(i64::MAX, |span| span.0);
        (day, period.end.0 > next)
    }

    /// The span that holds another one; the other one itself outside of the bill.
    pub(super) fn around(&self, span: (i64, i64)) -> (i64, i64) {
        let Self::Disjoint(spans) = self else { return EVERYTHING };
        let after = spans.partition_point(|known| known.0 <= span.0);
        let known = after.checked_sub(1).and_then(|at| spans.get(at));
        known.filter(|known| span.1 <= known.1).copied().unwrap_or(span)
    }

    /// One span instead of all that a period touches.
    pub(super) fn join(&mut self, start: i64, end: i64) {
        let Self::Disjoint(spans) = self else { return };
        let (mut low, mut high) = (start, end);
        spans.retain(|span| {
            let touches = span.0 < end && start < span.1;
            if touches {
                low = low.min(span.0);
                high = high.max(span.1);
            }
            !touches
        });
        let at = spans.partition_point(|span| span.0 < low);
        spans.insert(at, (low, high));
    }
}

/// The span of all time.
pub(super) const EVERYTHING: (i64, i64) = (i64::MIN, i64::MAX);

#[cfg(test)]
mod tests {
    use super::*;

    fn period(start: i64, end: i64) -> Period {
        Period { start: Instant(start), end: Instant(end) }
    }

    #[test]
    fn usage_finds_its_span() {
        let day = DAY_SECONDS;
        let mut spans = Spans::Disjoint(vec![(0, day), (day, 2 * day), (5 * day, 6 * day)]);
        assert_eq!(spans.place(Some(period(10, 11))), ((0, day), false));
        assert_eq!(spans.place(Some(period(0, 2 * day))), ((0, day), true));
        assert_eq!(
            spans.place(Some(period(3 * day + 5, 3 * day + 6))),
            ((3 * day, 4 * day), false)
        );
        spans.join(0, 2 * day);
        assert_eq!(spans.place(Some(period(day, 2 * day))), ((0, 2 * day), false));
        assert_eq!(Spans::Everything.place(Some(period(0, 9))), (EVERYTHING, false));
    }

    #[test]
    fn hours_count_for_their_day() {
        let hour = Period { start: Instant(7200), end: Instant(10_800) };
        assert_eq!(whole_days(hour), (0, DAY_SECONDS));
        let local_day = Period { start: Instant(-28_800), end: Instant(DAY_SECONDS - 28_800) };
        assert_eq!(whole_days(local_day), (-28_800, DAY_SECONDS - 28_800));
    }
}
