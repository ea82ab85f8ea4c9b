//! Cells that were saved, back in a ledger.

use crate::lookup::Grow;
use std::collections::BTreeMap;

use super::{Prices, SavedCell, SavedError, SavedLedger, SavedOutcome, SavedSums, SavedTime};
use crate::book::Holds;
use crate::charge::{Situation, Terms};
use crate::ledger::tally::RefusedCounts;
use crate::ledger::{Cell, CellKey, Filter, Ledger, NotCharged, Refusal};
use crate::money::InexactError;
use crate::price::RateCard;
use crate::record::Record;
use crate::time::{Instant, Period};
use crate::usage::{Meter, Unreported};

/// Most answers that are looked through for the card of one period.
const MOST_ANSWERS: usize = 10_000;

/// A saved cell with its sums.
type Saved<'c> = (&'c SavedCell, &'c SavedSums);

impl Ledger<'_> {
    /// Adds saved cells.
    pub(crate) fn add_saved(
        &mut self,
        saved: &SavedLedger,
        prices: Prices,
        filter: Option<&Filter>,
    ) -> Result<(), SavedError> {
        let mut digests = BTreeMap::new();
        let mut missing: Option<(u64, &SavedCell)> = None;
        for (cell, sums) in saved.sources.values().flat_map(|source| &source.cells) {
            let record = cell.record(&saved.by);
            if let Some(filter) = filter {
                if let SavedTime::Day(start, end) = cell.time
                    && filter.names(&record)
                    && filter.divides((start, end))
                {
                    return Err(SavedError::PartOfDay);
                }
                if !filter.takes(&record) {
                    continue;
                }
            }
            if !self.add_cell(&record, (cell, sums), prices, &mut digests)? {
                missing = Some((missing.map_or(0, |(cells, _)| cells).saturating_add(1), cell));
            }
        }
        match missing {
            None => Ok(()),
            Some((cells, SavedCell { provider, model, .. })) => {
                let (provider, model) = (provider.clone(), model.clone());
                Err(SavedError::OtherPrices { cells, provider, model })
            }
        }
    }

    /// Adds one cell; false when its prices are not there.
    fn add_cell(
        &mut self,
        record: &Record<'_>,
        (cell, sums): Saved<'_>,
        prices: Prices,
        digests: &mut BTreeMap<u32, u128>,
    ) -> Result<bool, SavedError> {
        let group = self.group(record, record.period);
        self.records.grow(sums.records);
        if self.is_by_calendar() {
            self.straddling.grow(sums.straddling);
        }
        if let Some(Period { start, end }) = record.period {
            self.span = (self.span.0.min(start.0), self.span.1.max(end.0.saturating_sub(1)));
        }
        self.add_told(group, sums);
        let asked = Self::priced_record(record, cell);
        let answer = match (&cell.outcome, prices) {
            (SavedOutcome::CostOnly, _) => {
                self.groups.tally(group).cost_only.grow(sums.records);
                return Ok(true);
            }
            (SavedOutcome::Charged { card, .. }, Prices::AsSaved) => {
                match self.card_of_digest(&asked, cell, *card, digests) {
                    Some(card) => Ok(card),
                    None => return Ok(false),
                }
            }
            (SavedOutcome::Refused { code, reason }, Prices::AsSaved) => {
                Err(self.refusal_of(&asked, code, reason))
            }
            // What cannot be stays so under any price.
            (SavedOutcome::Refused { code, reason }, Prices::OfThisBook)
                if code == "impossible-usage" =>
            {
                Err(self.refusal_of(&asked, code, reason))
            }
            (_, Prices::OfThisBook) => self.answer_to(&asked, cell),
        };
        let charged = match answer {
            Ok(card) => self.add_charged(&asked, group, card, (cell, sums), digests)?,
            Err(refusal) => Err(refusal),
        };
        if let Err(refusal) = charged {
            let number = self.refused_of(group, refusal);
            let mut tokens = sums.tokens;
            if tokens == [0; 3] {
                tokens = tokens_of(sums);
            }
            let counts = RefusedCounts::of(sums.records, tokens);
            self.refused.of(number).absorb(&counts);
        }
        Ok(true)
    }

    /// What a source tells beside its counts.
    fn add_told(&mut self, group: u32, sums: &SavedSums) {
        if sums.reported.is_empty() && sums.unread.is_empty() {
            return;
        }
        let tally = self.groups.tally(group);
        for (currency, (records, amount)) in &sums.reported {
            tally.with_reported.grow(*records);
            if let Err(error) = tally.reported_in(*currency).add(*amount) {
                self.inexact = self.inexact.or(Some(error));
            }
        }
        for (path, records) in &sums.unread {
            tally.unread.entry(path.as_str().into()).or_default().grow(*records);
        }
    }

    /// The record as prices are asked for: at the time that was taken for granted where it has none.
    fn priced_record<'r>(record: &Record<'r>, cell: &SavedCell) -> Record<'r> {
        let seconds = cell.time.seconds();
        let taken = seconds.map(|(start, end)| Period { start: Instant(start), end: Instant(end) });
        Record { period: record.period.or(taken), ..*record }
    }

    fn answer_to(&mut self, record: &Record<'_>, cell: &SavedCell) -> Result<u32, Refusal> {
        let answer = self.answer(record).1;
        match answer {
            Ok(card) if cell.time.is_undated() => Ok(self.card_taken_for_now(card)),
            answer => answer,
        }
    }

    /// The card that charged a cell: that of the whole period, or of a part of it.
    fn card_of_digest(
        &mut self,
        record: &Record<'_>,
        cell: &SavedCell,
        digest: u128,
        digests: &mut BTreeMap<u32, u128>,
    ) -> Option<u32> {
        let period = record.period?;
        let mut at = period.start;
        let mut asked = period;
        for _ in 0..MOST_ANSWERS {
            let (holds, answer) = self.answer(&Record { period: Some(asked), ..*record });
            if let Ok(card) = answer {
                let card =
                    if cell.time.is_undated() { self.card_taken_for_now(card) } else { card };
                let of = || self.cards[card as usize].digest();
                if *digests.entry(card).or_insert_with(of) == digest {
                    return self.has_brackets(card, cell).then_some(card);
                }
            }
            if asked.is_instant() {
                let next = match holds {
                    Holds::Within(_, until) => until,
                    Holds::Only(period) => period.end.0,
                };
                at = Instant(next.max(at.0.saturating_add(1)));
            }
            if at >= period.end {
                return None;
            }
            asked = Period::at(at);
        }
        None
    }

    /// False for a cell in a price tier that its card does not have.
    fn has_brackets(&self, card: u32, cell: &SavedCell) -> bool {
        let brackets = self.cards[card as usize].brackets().len();
        match cell.outcome {
            SavedOutcome::Charged { last_bracket, .. } => usize::from(last_bracket) < brackets,
            SavedOutcome::Refused { .. } | SavedOutcome::CostOnly => true,
        }
    }

    fn add_charged(
        &mut self,
        record: &Record<'_>,
        group: u32,
        card: u32,
        (cell, sums): Saved<'_>,
        digests: &mut BTreeMap<u32, u128>,
    ) -> Result<Result<(), Refusal>, SavedError> {
        let terms = self.terms_of(record, card);
        let rounding_day = record.period.map_or(0, |period| self.rounding_day(period));
        let of = &self.cards[card as usize];
        if of.has_marginal_bracket() {
            let (provider, model) = (of.provider.to_owned(), of.model.to_owned());
            return Err(SavedError::PartOfRequest { provider, model });
        }
        let unreported = Unreported { reasoning: false, ..cell.unreported };
        let digest = *digests.entry(card).or_insert_with(|| of.digest());
        let situation = match cell.outcome {
            SavedOutcome::Charged { card, first_bracket, last_bracket, thinking }
                if card == digest =>
            {
                Situation { first_bracket, last_bracket, thinking, unreported }
            }
            _ => situation_anew(of, cell, sums),
        };
        // A sum of costs that end, each, may not end under other prices.
        let ends =
            of.always_ends() || of.charge_counts(situation, &sums.counts, Terms::LIST).is_ok();
        if !ends {
            return Ok(Err(self.refusal(NotCharged::NoExactCost(InexactError))));
        }
        let masks = of.price_masks(situation);
        let key = CellKey { group, card, terms, situation, rounding_day };
        let into = self.cells.entry(key, || Cell::new(masks));
        into.add_saved(&sums.counts, cell.metered, sums.records, cell.unreported.reasoning);
        Ok(Ok(()))
    }

    /// A refusal as it was said. The book is asked once more: it knows what to do about it.
    fn refusal_of(&mut self, record: &Record<'_>, code: &str, reason: &str) -> Refusal {
        if code != "impossible-usage"
            && let (_, Err(refusal)) = self.answer(record)
        {
            let same = self.reason(refusal);
            if same.code() == code && same.to_string() == reason {
                return refusal;
            }
        }
        let (code, reason) = (code.to_owned(), reason.to_owned());
        self.refusal(NotCharged::AsSaved { code, reason })
    }
}

/// In which price tiers of another card the records of a cell may lie: those from the one of the
/// shortest prompt to the one of the longest; of sums of requests, any up to that.
fn situation_anew(of: &RateCard<'_>, cell: &SavedCell, sums: &SavedSums) -> Situation {
    let SavedCell { is_request, unreported, .. } = *cell;
    let (fewest, most) = sums.prompt.unwrap_or_default();
    let output = Meter::ALL.iter().filter(|meter| meter.counts_tokens() && !meter.is_prompt());
    let output = output.map(|&meter| sums.counts[meter]).sum();
    // Each record of a cell has counts of the same meters.
    let thought = cell.has(Meter::Reasoning);
    let of = |prompt| of.situation_of(is_request, prompt, output, thought, unreported);
    let (shortest, longest) = (of(fewest), of(most));
    Situation { first_bracket: shortest.first_bracket.min(longest.first_bracket), ..longest }
}

/// Whole tokens of records of which only the counts by meter are known.
fn tokens_of(sums: &SavedSums) -> [u128; 3] {
    let sum = |include: fn(Meter) -> bool| -> u128 {
        let meters = Meter::ALL.iter().filter(|&&meter| include(meter));
        meters.map(|&meter| sums.counts[meter]).sum()
    };
    let cached =
        |meter| matches!(meter, Meter::CacheRead | Meter::CacheReadAudio | Meter::CacheReadImage);
    [sum(Meter::is_prompt), sum(cached), sum(|meter| meter.counts_tokens() && !meter.is_prompt())]
}
