//! What the requests of a file have said one by one, so that metrics, which say it again in sums, count for
//! no more than what they hold beyond.

use std::collections::BTreeMap;

use crate::money::Exact;
use crate::read::table::Each;
use crate::read::{Item, Problem, Reject};
use crate::record::Record;
use crate::time::Period;
use crate::usage::Totals;

/// Counts of requests by sender, model and second; those without a time belong to every period.
#[derive(Debug, Default)]
pub(in crate::read) struct Stated {
    requests: BTreeMap<(String, String), BTreeMap<Option<i64>, Amount>>,
}

/// Tokens and dollars of several requests.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Amount {
    /// Input, cache reads, cache writes, output and reasoning as the source counts them; then input and
    /// output with all that belongs to them.
    pub(super) tokens: [u128; 7],
    pub(super) dollars: Exact,
}

impl Stated {
    /// Hands items on, and adds the requests among them, which are of this sender.
    pub(in crate::read) fn noting<'a>(
        &'a mut self,
        sender: &'a str,
        each: Each<'a>,
    ) -> impl FnMut(Item<'_>) + 'a {
        move |item| {
            let added = match &item {
                Item::Record(record) => self.add(sender, record).map_err(|it| (record.line, it)),
                _ => Ok(()),
            };
            each(item);
            if let Err((line, problem)) = added {
                each(Item::Reject(Reject { line, problem }));
            }
        }
    }

    fn add(&mut self, sender: &str, record: &Record<'_>) -> Result<(), Problem> {
        let amount = Amount::of(&record.totals.unwrap_or_default());
        let dollars = record.reported.map_or(Exact::ZERO, |reported| reported.amount);
        let key = (sender.to_owned(), record.model.to_owned());
        let second = record.period.map(|period| period.start.0);
        let sum = self.requests.entry(key).or_default().entry(second).or_default();
        *sum = sum.plus(Amount { dollars, ..amount })?;
        Ok(())
    }

    /// Adds what another part of the file said.
    pub(in crate::read) fn absorb(&mut self, other: Self, each: Each<'_>) {
        for (key, seconds) in other.requests {
            let own = self.requests.entry(key).or_default();
            for (second, amount) in seconds {
                let sum = own.entry(second).or_default();
                match sum.plus(amount) {
                    Ok(both) => *sum = both,
                    Err(problem) => each(Item::Reject(Reject { line: 0, problem })),
                }
            }
        }
    }

    /// What a sender's requests to a model came to in a period; `None` where it said nothing of any.
    ///
    /// # Errors
    /// When the dollars have more digits than an amount.
    pub(super) fn within(
        &self,
        sender: &str,
        model: &str,
        period: Option<Period>,
    ) -> Result<Option<Amount>, Problem> {
        let key = (sender.to_owned(), model.to_owned());
        let Some(seconds) = self.requests.get(&key) else { return Ok(None) };
        let mut sum = None;
        for (second, amount) in seconds {
            let is_outside = |second: i64| {
                period.is_some_and(|period| second < period.start.0 || second >= period.end.0)
            };
            if !second.is_some_and(is_outside) {
                sum = Some(amount.plus(sum.unwrap_or_default())?);
            }
        }
        Ok(sum)
    }
}

impl Amount {
    pub(super) fn of(totals: &Totals) -> Self {
        let written = [totals.cache_write, totals.cache_write_5m, totals.cache_write_1h];
        let written = written.into_iter().flatten().map(u128::from).sum();
        let count = |count: Option<u64>| count.map_or(0, u128::from);
        let tokens = [
            count(totals.input),
            count(totals.cache_read),
            written,
            count(totals.output),
            count(totals.reasoning),
            totals.whole_input().unwrap_or_default(),
            totals.whole_output().unwrap_or_default(),
        ];
        Self { tokens, dollars: Exact::ZERO }
    }

    /// Both together.
    ///
    /// # Errors
    /// When the dollars have more digits than an amount.
    pub(super) fn plus(self, other: Self) -> Result<Self, Problem> {
        let dollars = self.dollars.plus(other.dollars).map_err(|_| Problem::NotAnAmount {
            column: "the sum of the costs".to_owned(),
            value: format!("{} + {}", self.dollars, other.dollars),
        })?;
        let mut tokens = self.tokens;
        for (sum, more) in tokens.iter_mut().zip(other.tokens) {
            *sum += more;
        }
        Ok(Self { tokens, dollars })
    }
}
