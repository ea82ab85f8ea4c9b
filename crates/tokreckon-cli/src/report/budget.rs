//! `--budget month=100USD`: what was spent of it, what the rest of the period will add at this rate,
//! and days that cost far more than those before.

use std::fmt::Write;

use anyhow::{Context, Result};
use jiff::civil::Date;
use tokreckon::document::BudgetDocument;
use tokreckon::forecast::{self, NoForecast, Range};
use tokreckon::ledger::Dimension;
use tokreckon::money::{Currency, Exact, Money, Rounding};
use tokreckon::report::{Bounds, Report};

use crate::args::Budget;
use crate::context::with_hint;
use crate::print::grouped_text;

/// How a budget stands.
pub(crate) struct Standing {
    budget: Budget,
    currency: Currency,
    /// First day of the period, the last day with usage, last day of the period.
    days: [Date; 3],
    so_far: Bounds,
    whole: Whole,
    spikes: Vec<(Date, Bounds, Exact)>,
}

/// What the whole period will come to.
#[derive(Clone, Copy)]
enum Whole {
    /// It is over.
    Over,
    /// The past says nothing of what is to come.
    NotForeseen(NoForecast),
    /// Within a range, at this rate.
    About(Range),
}

/// What is to be said of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Exceeded,
    WillExceed,
    MayExceed,
    Within,
    NotKnown,
}

impl Verdict {
    const fn words(self) -> &'static str {
        match self {
            Self::Exceeded => "exceeded",
            Self::WillExceed => "will exceed it",
            Self::MayExceed => "may exceed it",
            Self::Within => "within it",
            Self::NotKnown => "not known",
        }
    }
}

impl Standing {
    /// How the budget of the period stands that holds the last day of usage. `today` is not over: its
    /// rest is still to come. `None` where there is no usage.
    ///
    /// # Errors
    /// When no usage says when it was, or when a part of it costs another currency than the budget.
    pub(crate) fn of(budget: Budget, fine: &Report, today: Option<Date>) -> Result<Option<Self>> {
        let Some((first_used, until)) = fine.days else {
            if fine.total.records.all == 0 {
                return Ok(None);
            }
            let hint = "say when it was: `--at 2026-10-14`";
            return Err(with_hint(
                "`--budget` is for days, and no record has a time",
                Some(hint.into()),
            ));
        };
        let used = || fine.total.costs.keys().copied();
        let currency = budget.currency.or(used().next().filter(|_| used().count() == 1));
        let currency = currency.unwrap_or(Currency::USD);
        if let Some(other) = used().find(|other| *other != currency) {
            let message = format!("the budget is in {currency}, a part of the usage costs {other}");
            return Err(with_hint(
                message,
                Some(format!("convert it: `--rate {other}=…{currency}`")),
            ));
        }
        let [first, last] = budget.period.around(until).context("`--budget`")?;
        let by_day = fine.regrouped(&[Dimension::Day]).context("the sums")?;
        let cost = |day: Date| {
            let group = by_day.groups.iter().find(|group| group.labels[0] == day.to_string());
            group.map_or_else(Bounds::default, |group| group.cost_in(currency))
        };
        let from = first_used.min(first).max(earliest(first));
        let days: Vec<(Date, Bounds)> = from
            .series(jiff::Span::new().days(1))
            .take_while(|day| *day <= until)
            .map(|day| (day, cost(day)))
            .collect();
        let sum = |until: Date| {
            let mut sum = Bounds::default();
            for (_, bounds) in days.iter().filter(|(day, _)| first <= *day && *day <= until) {
                sum.low = sum.low.plus(bounds.low)?;
                sum.high = sum.high.plus(bounds.high)?;
                sum.open |= bounds.open;
            }
            Ok::<_, tokreckon::money::InexactError>(sum)
        };
        let mut so_far = sum(until).context("the sums")?;
        // Usage of no known day may belong to the period.
        let has_undated = by_day.groups.iter().any(|group| group.labels[0].is_empty());
        so_far.open |= has_undated;
        let is_whole = |day: &Date| today != Some(*day);
        let whole_days: Vec<(Date, Bounds)> =
            days.iter().filter(|(day, _)| is_whole(day) && first_used <= *day).copied().collect();
        let costs: Vec<Bounds> = whole_days
            .iter()
            // Usage of no known day may belong to any.
            .map(|(_, cost)| Bounds { open: cost.open || has_undated, ..*cost })
            .collect();
        let before = |day: Date| day.yesterday().unwrap_or(day);
        let done = if is_whole(&until) { until } else { before(until) };
        let left = (last - done).get_days();
        let past = sum(done).context("the sums")?;
        let whole = match forecast::rest(&costs, left.unsigned_abs()) {
            _ if left <= 0 => Whole::Over,
            Err(why) => Whole::NotForeseen(why),
            Ok(rest) => Whole::About(above(rest, past, so_far).context("the sums")?),
        };
        let spikes = forecast::spikes(&costs).into_iter();
        let spikes = spikes.map(|(at, median)| (whole_days[at].0, costs[at], median));
        let spikes = spikes.filter(|(day, ..)| *day >= first).collect();
        Ok(Some(Self { budget, currency, days: [first, until, last], so_far, whole, spikes }))
    }

    /// True when the budget is exceeded, or will be.
    pub(crate) fn fails(&self) -> bool {
        matches!(self.verdict(), Verdict::Exceeded | Verdict::WillExceed)
    }

    fn verdict(&self) -> Verdict {
        let budget = self.budget.amount;
        match self.whole {
            _ if self.so_far.low > budget => Verdict::Exceeded,
            Whole::About(whole) if whole.low > budget => Verdict::WillExceed,
            Whole::About(whole) if whole.high > budget => Verdict::MayExceed,
            _ if self.so_far.high > budget => Verdict::MayExceed,
            Whole::NotForeseen(_) => Verdict::NotKnown,
            _ if self.so_far.open => Verdict::NotKnown,
            Whole::Over | Whole::About(_) => Verdict::Within,
        }
    }

    /// The line about the budget, and one for each spike.
    pub(crate) fn print(&self, out: &mut String) {
        let (currency, [first, until, last]) = (self.currency, self.days);
        let amount = grouped_text(&self.budget.amount.to_string());
        let low = short(self.so_far.low);
        let so_far = match self.so_far.single() {
            Some(_) => low,
            None if self.so_far.open => format!("≥ {low}"),
            None => format!("{low} to {}", short(self.so_far.high)),
        };
        let spent = format!("{so_far} of {amount} {currency} from {first} to {until}");
        let rest = match self.whole {
            Whole::About(whole) => format!(
                "; at this rate about {} by {last} (9 of 10: {} to {})",
                short(whole.median),
                short(whole.low),
                short(whole.high)
            ),
            Whole::NotForeseen(why) => format!("; {why} say nothing of {last}"),
            Whole::Over => String::new(),
        };
        let _ = writeln!(out, "budget: {spent}{rest}: {}", self.verdict().words());
        for (day, cost, median) in &self.spikes {
            let cost = match cost.single() {
                Some(cost) => short(cost),
                None => format!("≥ {}", short(cost.low)),
            };
            let median = short(*median);
            let _ = writeln!(
                out,
                "spike: {day} cost {cost} {currency}, the median day before it {median}"
            );
        }
    }

    /// The same for machines.
    pub(crate) fn document(&self) -> BudgetDocument {
        let spike = |(day, cost, median): &(Date, Bounds, Exact)| (*day, cost.low, *median);
        let spikes: Vec<_> = self.spikes.iter().map(spike).collect();
        BudgetDocument::new(
            (
                self.budget.period.name(),
                Money { amount: self.budget.amount, currency: self.currency },
            ),
            self.days,
            &self.so_far,
            match &self.whole {
                Whole::About(whole) => Some(whole),
                Whole::Over | Whole::NotForeseen(_) => None,
            },
            self.verdict().words(),
            &spikes,
        )
    }
}

/// A range for the rest as one for the whole: no less than what was spent already.
fn above(
    rest: Range,
    past: Bounds,
    so_far: Bounds,
) -> Result<Range, tokreckon::money::InexactError> {
    let mut whole = rest;
    whole.low = rest.low.plus(past.low)?.max(so_far.low);
    whole.median = rest.median.plus(past.high)?.max(so_far.low);
    whole.high = rest.high.plus(past.high)?.max(so_far.high);
    Ok(whole)
}

/// The first day that is looked at: some weeks before the period.
fn earliest(first: Date) -> Date {
    let days = i64::try_from(forecast::MOST_DAYS).unwrap_or(0);
    first.checked_sub(jiff::Span::new().days(days)).unwrap_or(first)
}

/// An amount in as many places as money has: an estimate has no more, and a budget needs none.
fn short(amount: Exact) -> String {
    let places = if amount.rounded(2, Rounding::HalfUp).is_zero() { 6 } else { 2 };
    grouped_text(&amount.rounded(places, Rounding::HalfUp).to_string())
}
