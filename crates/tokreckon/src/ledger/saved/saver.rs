//! Looks at records as they pass into a ledger, and keeps their cells apart by source.

use std::collections::BTreeMap;

use super::{SavedCell, SavedError, SavedLedger, SavedOutcome, SavedSums, SavedTime};
use crate::book::Known;
use crate::ledger::{Dimension, Ledger, Outcome, Posting, plain_label};
use crate::record::Record;
use crate::time::Period;
use crate::usage::{Unreported, Usage};

/// Keeps what is to be saved. Those of several threads add up.
#[derive(Clone, Debug)]
pub struct Saver {
    by: Vec<Dimension>,
    /// Cells by the number of their source.
    sources: BTreeMap<usize, BTreeMap<SavedCell, SavedSums>>,
    /// Digests of the ledger's cards, by their number.
    cards: Vec<Option<u128>>,
    /// Day of the zone that was looked up last, in Unix seconds.
    day: (i64, i64),
    error: Option<SavedError>,
}

impl Saver {
    /// Tells apart what a saved ledger does ([`SavedLedger::by`]).
    #[must_use]
    pub fn new(ledger: &SavedLedger) -> Self {
        let (by, cards) = (ledger.by.clone(), Vec::new());
        Self { by, sources: BTreeMap::new(), cards, day: (0, 0), error: None }
    }

    /// An empty one that tells the same apart.
    pub(crate) fn sibling(&self) -> Self {
        let (by, cards) = (self.by.clone(), Vec::new());
        Self { by, sources: BTreeMap::new(), cards, day: (0, 0), error: None }
    }

    /// Takes note of a record of a source, and of what became of it in its ledger.
    pub fn observe(
        &mut self,
        source: usize,
        record: &Record<'_>,
        posting: &Posting,
        of: &Ledger<'_>,
    ) {
        match self.cell(record, posting, of) {
            Ok((cell, sums)) => {
                let cells = self.sources.entry(source).or_default();
                if cells.entry(cell).or_default().add(&sums).is_err() {
                    self.error.get_or_insert(SavedError::Digits);
                }
            }
            Err(error) => drop(self.error.get_or_insert(error)),
        }
    }

    /// Adds what another thread noted.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.error = self.error.take().or(other.error);
        for (source, cells) in other.sources {
            let own = self.sources.entry(source).or_default();
            for (cell, sums) in cells {
                if own.entry(cell).or_default().add(&sums).is_err() {
                    self.error.get_or_insert(SavedError::Digits);
                }
            }
        }
    }

    /// The cells of each source, by its number.
    ///
    /// # Errors
    /// When a record cannot be saved.
    pub fn finish(self) -> Result<BTreeMap<usize, BTreeMap<SavedCell, SavedSums>>, SavedError> {
        self.error.map_or(Ok(self.sources), Err)
    }

    fn cell(
        &mut self,
        record: &Record<'_>,
        posting: &Posting,
        ledger: &Ledger<'_>,
    ) -> Result<(SavedCell, SavedSums), SavedError> {
        let mut sums = SavedSums { records: 1, ..SavedSums::default() };
        let usage = match &posting.outcome {
            Outcome::Charged { usage, .. } => Some(*usage),
            // What cannot be cannot be counted by meter either.
            _ => record.totals.as_ref().and_then(|totals| totals.to_usage().ok()),
        };
        let mut unreported = usage.map_or(Unreported::NOTHING, |usage| usage.unreported);
        unreported.member |= record.totals.is_some() && !record.unread.is_empty();
        let outcome = match &posting.outcome {
            Outcome::Charged { card, situation, .. } => {
                let of = &ledger.cards()[*card];
                if of.has_marginal_bracket() {
                    let (provider, model) = (of.provider.to_owned(), of.model.to_owned());
                    return Err(SavedError::PartOfRequest { provider, model });
                }
                SavedOutcome::Charged {
                    card: self.digest_of(*card, ledger),
                    first_bracket: situation.first_bracket,
                    last_bracket: situation.last_bracket,
                    thinking: situation.thinking,
                }
            }
            Outcome::NotCharged(refusal) => {
                let reason = ledger.reason(*refusal);
                if let Some(totals) = &record.totals {
                    sums.tokens = [
                        totals.whole_input().unwrap_or(0),
                        u128::from(totals.cache_read.unwrap_or(0)),
                        totals.whole_output().unwrap_or(0),
                    ];
                }
                SavedOutcome::Refused { code: reason.code().to_owned(), reason: reason.to_string() }
            }
            Outcome::CostOnly => SavedOutcome::CostOnly,
        };
        let mut metered = 0;
        for (meter, count) in usage.iter().flat_map(Usage::counts) {
            sums.counts[meter] = u128::from(count);
            metered |= 1 << meter as u32;
        }
        sums.prompt = usage.map(|usage| (usage.prompt_tokens(), usage.prompt_tokens()));
        if let Some(cost) = record.reported {
            sums.reported.insert(cost.currency, (1, cost.amount));
        }
        for path in record.unread.split(", ").filter(|path| !path.is_empty()) {
            // One record, however often it has the member.
            sums.unread.insert(path.to_owned(), 1);
        }
        if let Outcome::Charged { card, mut usage, .. } = posting.outcome {
            let card = &ledger.cards()[card];
            let what = record.complete(&mut usage, card, card.lists_requests());
            sums.unread.extend(what.map(|what| (what.to_owned(), 1)));
        }
        let settings = ledger.settings();
        let said = record.period.or(settings.undated);
        sums.straddling = u64::from(said.is_some_and(|said| ledger.spans_days(said)));
        let label = |by: &Dimension| plain_label(record, *by).unwrap_or_default().to_owned();
        let cell = SavedCell {
            provider: record.provider.to_owned(),
            model: record.model.to_owned(),
            service_tier: match record.service_tier {
                Known::Is(tier) => Some(tier),
                Known::Unknown => settings.service_tier,
            },
            variant: match record.variant {
                Known::Is(variant) => Some(variant.to_owned()),
                Known::Unknown => None,
            },
            labels: self.by.iter().map(label).collect(),
            time: self.time_of(said, ledger),
            is_request: record.shape.is_one_request(),
            assumed: record.assumed,
            outcome,
            unreported,
            metered,
        };
        Ok((cell, sums))
    }

    fn digest_of(&mut self, card: usize, ledger: &Ledger<'_>) -> u128 {
        if self.cards.len() <= card {
            self.cards.resize(card.saturating_add(1), None);
        }
        *self.cards[card].get_or_insert_with(|| ledger.cards()[card].digest())
    }

    /// The day of an instant; a longer period as it is.
    fn time_of(&mut self, said: Option<Period>, ledger: &Ledger<'_>) -> SavedTime {
        match (said, ledger.settings().defaults.now) {
            (Some(period), _) if !period.is_instant() => {
                SavedTime::Period(period.start.0, period.end.0)
            }
            (Some(at), _) => {
                let (start, end) = self.day_of(at, ledger);
                SavedTime::Day(start, end)
            }
            (None, Some(now)) => {
                let (start, end) = self.day_of(now, ledger);
                SavedTime::TakenFor(start, end)
            }
            (None, None) => SavedTime::Unsaid,
        }
    }

    fn day_of(&mut self, at: Period, ledger: &Ledger<'_>) -> (i64, i64) {
        let second = at.start.0;
        if !(self.day.0..self.day.1).contains(&second) {
            self.day = ledger.day_around(at.start).unwrap_or((second, at.end.0));
        }
        self.day
    }
}
