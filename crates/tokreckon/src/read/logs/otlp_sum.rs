//! Sums of one interval, as they come out of the points of counters.

use std::collections::BTreeSet;

use super::otlp_family::{Family, Kind, Meta, Reading, SECOND};
use super::stated::{Amount, Names, Seconds};
use crate::book::Known;
use crate::charge::Shape;
use crate::grade::{Assumption, Assumptions};
use crate::money::{Currency, Exact, Money};
use crate::price::ServiceTier;
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::{Item, Options, Problem, Reject, Skip};
use crate::record::{Origin, Record, Repeats, fingerprint};
use crate::time::{Instant, Period};
use crate::usage::Totals;

/// The counts of one series in one interval, of all kinds of token.
#[derive(Debug)]
pub(super) struct Sum {
    pub(super) family: &'static Family,
    pub(super) sender: String,
    pub(super) model: String,
    pub(super) unread: Unread,
    meta: Meta,
    line: u64,
    period: Period,
    totals: Totals,
    requests: Option<u64>,
    cost: Option<Exact>,
    /// There are dollars of this series.
    pub(super) says_dollars: bool,
    /// It is not said when it began.
    is_open: bool,
}

impl Sum {
    /// `span` from and to, in nanoseconds since 1970; from 0 where that is not said.
    pub(super) fn new(
        family: &'static Family,
        meta: &Meta,
        line: u64,
        (start, end): (i64, i64),
    ) -> Self {
        let (end, is_open) = (end / SECOND, start == 0);
        let start = if is_open { end } else { (start / SECOND).min(end) };
        let mut unread = Unread::default();
        if !meta.unread.is_empty() {
            unread.add(&[&meta.unread]);
        }
        let mut totals = Totals { layout: family.layout, ..Totals::default() };
        // A program counts every kind apart: one that is not there was zero.
        totals.cache_read = (!family.is_of_conventions()).then_some(0);
        Self {
            family,
            sender: meta.sender.clone(),
            model: meta.model.clone(),
            unread,
            meta: meta.clone(),
            line,
            period: Period { start: Instant(start), end: Instant(end + 1) },
            totals,
            requests: None,
            cost: None,
            says_dollars: false,
            is_open,
        }
    }

    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    /// The names of the model.
    pub(super) fn models(&self) -> impl Iterator<Item = &str> {
        [&*self.model, &*self.meta.asked].into_iter().filter(|name| !name.is_empty())
    }

    /// By what it is told apart from the sums of other requests.
    pub(super) fn names(&self) -> Names {
        Names {
            sender: self.sender.clone(),
            model: self.model.clone(),
            provider: self.meta.provider.clone(),
            is_fast: self.meta.is_fast,
            asked: BTreeSet::new(),
        }
    }

    /// Adds growth since a time; none where an exporter left it out.
    pub(super) fn add(
        &mut self,
        kind: Option<Kind>,
        growth: Option<Reading>,
        from: i64,
    ) -> Result<(), Problem> {
        self.is_open |= from == 0;
        if from > 0 {
            self.period.start = self.period.start.min(Instant(from / SECOND));
        }
        let Some(growth) = growth else {
            self.unread.add(&[self.family.tokens, "sum"]);
            return Ok(());
        };
        let beyond = |value: String| too_much(self.family, &value);
        let slot = match kind {
            None => {
                let cost = self.cost.unwrap_or(Exact::ZERO).plus(growth.dollars);
                self.cost = Some(cost.map_err(|_| beyond(growth.dollars.to_string()))?);
                return Ok(());
            }
            Some(Kind::Input | Kind::Tool) => &mut self.totals.input,
            Some(Kind::Output) => &mut self.totals.output,
            Some(Kind::CacheRead) => &mut self.totals.cache_read,
            Some(Kind::CacheWrite) => &mut self.totals.cache_write,
            Some(Kind::Reasoning) => &mut self.totals.reasoning,
        };
        let sum = slot.unwrap_or(0).checked_add(growth.tokens);
        *slot = Some(sum.ok_or_else(|| beyond(growth.tokens.to_string()))?);
        if let (Some(Kind::Input), Some(more)) = (kind, growth.requests) {
            let sum = self.requests.unwrap_or(0).checked_add(more);
            self.requests = Some(sum.ok_or_else(|| beyond(more.to_string()))?);
        }
        Ok(())
    }

    /// What sums of one family and of the same names hold beyond the requests that the file states one by
    /// one: all of them where it states none, none where it states as much.
    pub(super) fn beyond(mut sums: Vec<Self>, stated: &[&Seconds], each: Each<'_>) -> Vec<Self> {
        let rest = match Self::rest(&sums, stated) {
            Ok(Beyond::NoRequests) => return sums,
            Ok(Beyond::Nothing) => None,
            Ok(Beyond::More(rest)) => Some(*rest),
            Err(problem) => {
                let line = sums.first().map_or(0, Self::line);
                each(Item::Reject(Reject { line, problem }));
                for sum in &mut sums {
                    sum.unread.add(&[OPEN]);
                }
                return sums;
            }
        };
        let kept = usize::from(rest.is_some());
        let gone = sums.iter().skip(kept).map(Self::line);
        gone.for_each(|line| each(Item::Skipped { line, why: Skip::RepeatsItsParts }));
        let Some(Rest { period, totals, cost }) = rest else { return Vec::new() };
        let others = sums.split_off(kept);
        for sum in &mut sums {
            for other in &others {
                sum.joins(other);
            }
            sum.unread.add(&[OPEN]);
            (sum.period, sum.totals, sum.cost, sum.requests) = (period, totals, cost, None);
        }
        sums
    }

    /// Keeps of what is said of its requests only what is said of another one's, too.
    fn joins(&mut self, other: &Self) {
        for (own, others) in
            [(&mut self.meta.user, &other.meta.user), (&mut self.meta.session, &other.meta.session)]
        {
            if own != others {
                own.clear();
            }
        }
        if !self.unread.as_str().contains(other.unread.as_str()) {
            self.unread.add(&[other.unread.as_str()]);
        }
    }

    /// What the sums hold beyond requests.
    fn rest(sums: &[Self], stated: &[&Seconds]) -> Result<Beyond, Problem> {
        let Some(first) = sums.first() else { return Ok(Beyond::NoRequests) };
        let mut period = first.period;
        let mut all = Amount::default();
        for sum in sums {
            period.start = period.start.min(sum.period.start);
            period.end = period.end.max(sum.period.end);
            let dollars = sum.says_dollars.then(|| sum.cost.unwrap_or(Exact::ZERO));
            all = all.plus(Amount { dollars, ..Amount::of(&sum.totals) })?;
        }
        // Where it is not said when a sum began, it may hold every request before its end.
        let from = (!sums.iter().any(|sum| sum.is_open)).then_some(period.start.0);
        let Some(stated) = Seconds::within(stated, from, period.end.0)? else {
            return Ok(Beyond::NoRequests);
        };
        // Requests may hold more than the sums, which were read before the last of them.
        let more = |at: usize| all.tokens[at].saturating_sub(stated.tokens[at]);
        let family = first.family;
        let counts = if family.is_of_conventions() {
            [more(5), 0, 0, more(6), 0]
        } else {
            [0, 1, 2, 3, 4].map(more)
        };
        if counts == [0; 5] {
            return Ok(Beyond::Nothing);
        }
        let mut wholes = [0; 5];
        for (whole, count) in wholes.iter_mut().zip(counts) {
            *whole = u64::try_from(count).map_err(|_| too_much(family, &count.to_string()))?;
        }
        let [input, read, written, output, reasoning] = wholes;
        // Unless both say what they cost, nobody knows what the rest did.
        let cost = match (all.dollars, stated.dollars) {
            (Some(all), Some(stated)) => {
                Some(all.minus(stated).map_err(|_| too_much(family, &all.to_string()))?)
            }
            _ => None,
        };
        let totals = Totals {
            layout: family.layout,
            input: Some(input),
            cache_read: (!family.is_of_conventions()).then_some(read),
            cache_write: (written > 0).then_some(written),
            output: Some(output),
            reasoning: (reasoning > 0).then_some(reasoning),
            ..Totals::default()
        };
        let cost = cost.filter(|cost| *cost > Exact::ZERO);
        Ok(Beyond::More(Box::new(Rest { period, totals, cost })))
    }

    pub(super) fn hand_over(&self, options: &Options<'_>, each: Each<'_>) {
        let counts =
            Totals { cache_read: self.totals.cache_read.filter(|read| *read > 0), ..self.totals };
        let is_empty = counts.counts() == Totals::default().counts();
        if is_empty && self.cost.is_none() {
            let detail = format!(": {} without its sum", self.family.tokens);
            let problem = Problem::NoUsageReported { detail };
            return each(Item::Reject(Reject { line: self.line, problem }));
        }
        let key = (&self.sender, self.family.tokens, &self.model, self.period, counts.counts());
        each(Item::Record(&Record {
            line: self.line,
            provider: options.provider_or(&self.meta.provider),
            model: &self.model,
            period: Some(self.period),
            service_tier: if self.meta.is_fast {
                Known::Is(ServiceTier::Fast)
            } else {
                options.service_tier.map_or(Record::EMPTY.service_tier, Known::Is)
            },
            shape: Shape::Sum { requests: self.requests },
            totals: (!is_empty).then_some(self.totals),
            reported: self.cost.map(|amount| Money { amount, currency: Currency::USD }),
            user: &self.meta.user,
            origin: Origin { session: &self.meta.session, ..Origin::NONE },
            unread: self.unread.as_str(),
            assumed: if self.is_open {
                Assumptions::NONE.with(Assumption::EndOfSum)
            } else {
                Assumptions::NONE
            },
            repeats: Repeats::SameRow(fingerprint(&key)),
            ..Record::EMPTY
        }));
    }
}

/// What sums hold beyond requests.
enum Beyond {
    /// The file states no requests.
    NoRequests,
    Nothing,
    More(Box<Rest>),
}

struct Rest {
    period: Period,
    totals: Totals,
    cost: Option<Exact>,
}

/// What is not read of sums that say more than the requests of the file.
const OPEN: &str = "how much of the sums the requests repeat";

fn too_much(family: &Family, value: &str) -> Problem {
    let value = format!("{value}, and with the rest more than is counted");
    Problem::NotACount { column: family.tokens.to_owned(), value }
}
