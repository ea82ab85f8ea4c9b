//! What the requests of a file have said one by one, so that metrics, which say it again in sums, count for
//! no more than what they hold beyond.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::Known;
use crate::money::Exact;
use crate::price::ServiceTier;
use crate::read::table::Each;
use crate::read::{Item, Problem, Reject};
use crate::record::{Record, fingerprint};
use crate::usage::Totals;

/// Requests by what is known of them, and by second; those without a time belong to every period.
#[derive(Debug, Default)]
pub(in crate::read) struct Stated {
    requests: BTreeMap<Names, Seconds>,
    /// The ids of requests, by their fingerprints.
    ids: BTreeSet<u128>,
}

/// What tells requests apart, or sums of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Names {
    pub(super) sender: String,
    /// The model that answered; what was asked for where that is not said.
    pub(super) model: String,
    pub(super) provider: String,
    pub(super) is_fast: bool,
    /// The models that were asked for, as far as they are said.
    pub(super) asked: BTreeSet<String>,
}

impl Names {
    /// How well sums fit requests as what repeats them; `None` where they are of other ones. A name that
    /// was asked for may be all that one of both says of its model.
    fn fit(&self, requests: &Self) -> Option<(bool, bool, bool)> {
        let is_model = self.model == requests.model;
        let is_asked = self.asked.contains(&requests.model) || requests.asked.contains(&self.model);
        let alike = (self.provider == requests.provider, self.is_fast == requests.is_fast);
        (self.sender == requests.sender && (is_model || is_asked))
            .then_some((is_model, alike.0, alike.1))
    }
}

/// What requests came to, by second.
#[derive(Debug, Default)]
pub(super) struct Seconds(BTreeMap<Option<i64>, (Amount, u64)>);

/// Tokens and dollars of several requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Amount {
    /// Input, cache reads, cache writes, output and reasoning as the source counts them; then input and
    /// output with all that belongs to them.
    pub(super) tokens: [u128; 7],
    /// `None` where one of them does not say.
    pub(super) dollars: Option<Exact>,
}

impl Stated {
    /// Hands items on, and adds the requests among them, which are of this sender. `asked` is the model that
    /// was asked for; empty where it is not said.
    pub(in crate::read) fn noting<'a>(
        &'a mut self,
        sender: &'a str,
        asked: &'a str,
        each: Each<'a>,
    ) -> impl FnMut(Item<'_>) + 'a {
        move |item| {
            let added = match &item {
                Item::Record(record) => {
                    self.add(sender, asked, record).map_err(|problem| (record.line, problem))
                }
                _ => Ok(()),
            };
            each(item);
            if let Err((line, problem)) = added {
                each(Item::Reject(Reject { line, problem }));
            }
        }
    }

    fn add(&mut self, sender: &str, asked: &str, record: &Record<'_>) -> Result<(), Problem> {
        let names = Names {
            sender: sender.to_owned(),
            model: record.model.to_owned(),
            provider: record.provider.to_owned(),
            is_fast: record.service_tier == Known::Is(ServiceTier::Fast),
            asked: Some(asked)
                .filter(|asked| !asked.is_empty())
                .map(str::to_owned)
                .into_iter()
                .collect(),
        };
        let amount = Amount {
            dollars: record.reported.map(|reported| reported.amount),
            ..Amount::of(&record.totals.unwrap_or_default())
        };
        if !record.id.is_empty() {
            self.ids.insert(fingerprint(record.id));
        }
        let second = record.period.map(|period| period.start.0);
        self.requests.entry(names).or_default().add(second, amount, record.line)
    }

    /// True for the id of a request that was stated.
    pub(super) fn has_id(&self, id: &str) -> bool {
        !id.is_empty() && self.ids.contains(&fingerprint(id))
    }

    /// Adds what another part of the file said.
    pub(in crate::read) fn absorb(&mut self, other: Self, each: Each<'_>) {
        self.ids.extend(other.ids);
        for (names, seconds) in other.requests {
            let own = self.requests.entry(names).or_default();
            for (second, (amount, line)) in seconds.0 {
                if let Err(problem) = own.add(second, amount, line) {
                    each(Item::Reject(Reject { line, problem }));
                }
            }
        }
    }

    /// The requests that each of some sums may repeat. They are repeated by those that fit best, and by no
    /// others: what is taken off twice would be missing.
    pub(super) fn repeated<'s>(&'s self, sums: &[&Names]) -> Vec<Vec<&'s Seconds>> {
        let mut repeated = vec![Vec::new(); sums.len()];
        for (names, seconds) in &self.requests {
            let fits = sums.iter().enumerate().filter_map(|(at, sum)| Some((sum.fit(names)?, at)));
            if let Some((_, at)) = fits.max_by_key(|(fit, at)| (*fit, std::cmp::Reverse(*at))) {
                repeated[at].push(seconds);
            }
        }
        repeated
    }
}

impl Seconds {
    fn add(&mut self, second: Option<i64>, amount: Amount, line: u64) -> Result<(), Problem> {
        let (sum, _) = self.0.entry(second).or_insert((Amount::default(), line));
        *sum = sum.plus(amount)?;
        Ok(())
    }

    /// What some requests came to up to a second, from another one on or from the first: `None` where there
    /// are none.
    ///
    /// # Errors
    /// When the dollars have more digits than an amount.
    pub(super) fn within(
        several: &[&Self],
        from: Option<i64>,
        until: i64,
    ) -> Result<Option<Amount>, Problem> {
        let mut sum: Option<Amount> = None;
        for (second, (amount, _)) in several.iter().flat_map(|seconds| &seconds.0) {
            let is_outside =
                |second: i64| from.is_some_and(|from| second < from) || second >= until;
            if !second.is_some_and(is_outside) {
                sum = Some(amount.plus(sum.unwrap_or_default())?);
            }
        }
        Ok(sum)
    }
}

impl Default for Amount {
    /// Of nothing, which costs nothing.
    fn default() -> Self {
        Self { tokens: [0; 7], dollars: Some(Exact::ZERO) }
    }
}

impl Amount {
    /// Tokens whose dollars are not known.
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
        Self { tokens, dollars: None }
    }

    /// Both together.
    ///
    /// # Errors
    /// When the dollars have more digits than an amount.
    pub(super) fn plus(self, other: Self) -> Result<Self, Problem> {
        let sum = |one: Exact, more: Exact| {
            one.plus(more).map_err(|_| Problem::NotAnAmount {
                column: "the sum of the costs".to_owned(),
                value: format!("{one} + {more}"),
            })
        };
        let dollars = match (self.dollars, other.dollars) {
            (Some(own), Some(others)) => Some(sum(own, others)?),
            _ => None,
        };
        let mut tokens = self.tokens;
        for (sum, more) in tokens.iter_mut().zip(other.tokens) {
            *sum += more;
        }
        Ok(Self { tokens, dollars })
    }
}
