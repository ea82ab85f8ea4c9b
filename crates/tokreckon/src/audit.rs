//! Checks on usage: what is unpriced, impossible or inconsistent.
//!
//! Each [`Finding`] has a stable [`Code`], the rows it rests on, and the money at stake. A check
//! speaks only of what arithmetic or the book's own facts decide; what could not be checked is
//! listed as well ([`Audit::not_checked`]). Records are looked at one by one while they are charged.
//! With a [`Baseline`] the records are compared with the past as well: single rows
//! ([`conformal_p`]), groups ([`rank_test`]) and rows in the order of time ([`evidence`]). What that
//! finds is *unusual*, not wrong, and says how much of it chance alone makes ([`Chance`]).

mod answer;
mod check;
mod code;
mod finding;
mod cutoff;
mod packed;
mod slabs;
mod waiting;
mod spill;
mod copies;
mod duplicates;
mod family;
mod limits;
mod bytes;
mod raw_sum;
mod own_cost;
mod normal;
mod conformal;
mod rank;
mod betting;
mod baseline;
mod statistics;
mod drift;
mod together;
mod prompt;
mod repeated;
mod residual;
mod split;
mod steps;
mod times;
mod units;
mod view;
mod chance;
mod parts;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;

pub use baseline::{Baseline, Measure};
pub use betting::{BettingEvidence, evidence};
pub use chance::ByChance;
pub use code::{CheckRule, Code, FindingClass, Severity};
pub use conformal::{Fraction, UNUSUAL_ONE_IN, chance_rate, conformal_p, is_unusual, rows_needed};
pub use finding::{Finding, MAX_ROWS, RowRef};
pub use parts::Checkpoint;
pub use rank::{MAX_RANK_ROWS, MIN_RANK_ROWS, RankTest, Ratio, holm, rank_test};
pub use spill::Store;
pub use statistics::{
    Chance, FALSE_ALARMS_ONE_IN, GroupStatistics, OverTime, Shift, Statistics, UnusualRow,
    UnusualRows, about, thousandths,
};

use self::check::{CHECKS, Memory, NO_REQUEST, NO_TEXT, Needs, Profile, refused};
use self::view::{Found, View};
use crate::charge::Charge;
use crate::hint::Hint;
use crate::ledger::{Ledger, NotCharged, Outcome, Posting};
use crate::money::{Currency, Exact};
use crate::read::Reject;
use crate::record::Record;
use crate::time::Instant;
use crate::usage::{Meter, Totals};

/// The result of an audit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Audit {
    /// Findings, sorted by code and message.
    pub findings: Vec<Finding>,
    /// What was not checked, how many records that concerns, and why.
    pub not_checked: Vec<(String, u64)>,
    /// How many findings chance makes, by check, where that was measured.
    pub by_chance: Vec<ByChance>,
    /// The comparison with a baseline, if there was one.
    pub statistics: Option<Statistics>,
}

/// Looks at records one by one.
#[derive(Debug, Default)]
pub struct Auditor {
    findings: BTreeMap<(Code, String), Finding>,
    /// Those without a price, by the ledger's refusals: a text for each record would take long.
    refused: Vec<Option<Box<Finding>>>,
    /// What was not checked of how many records, by check and then by what is said.
    not_checked: Vec<Vec<(&'static str, u64)>>,
    ids: duplicates::Ids,
    /// Looks for ids that come back, and for nothing else.
    only_ids: bool,
    /// Threads for what is left to do at the end; one when it is 0.
    threads: usize,
    /// By the ledger's subjects.
    profiles: Vec<Option<Box<Profile>>>,
    window: Option<drift::Window>,
    memory: Memory,
    /// Records with counts.
    records: u64,
}

/// Among what was not checked: there was no usage of an earlier time to compare with.
pub const NO_BASELINE: &str = "drift: no baseline";
const NO_ID: &str = "duplicates: no request id";
const ROUNDED_ID: &str =
    "duplicates: a spreadsheet rounded the request ids (1.23E+17): different ones look alike";

impl Auditor {
    /// An auditor that knows what time it is, for times in the future. The library never asks.
    #[must_use]
    pub fn at(now: Instant) -> Self {
        Self::default().with_now(now)
    }

    /// An auditor that looks for request ids that come back, and for nothing else.
    pub(crate) fn of_ids() -> Self {
        Self { only_ids: true, ..Self::default() }
    }

    /// Compares the records to come with a baseline as well.
    #[must_use]
    pub fn with_baseline(self, baseline: Baseline) -> Self {
        Self { window: Some(drift::Window::new(baseline)), ..self }
    }

    /// Whether it compares records with a baseline: then it groups them by project, key and user.
    #[must_use]
    pub const fn has_baseline(&self) -> bool {
        self.window.is_some()
    }

    /// Keeps at most so many bytes of request ids in memory. When there are more, `open` opens a
    /// store for them, such as a temporary file.
    #[must_use]
    pub fn with_store(
        self,
        memory_bytes: usize,
        open: impl FnOnce() -> io::Result<Box<dyn Store>> + Send + 'static,
    ) -> Self {
        let opener = spill::Opener(Box::new(open));
        Self { ids: duplicates::Ids::with_store(memory_bytes, opener), ..self }
    }

    /// Looks for copies with so many threads, when everything has been seen.
    #[must_use]
    pub fn with_threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    /// Notes a row that cannot be read.
    pub fn reject(&mut self, file: usize, reject: &Reject) {
        if self.only_ids {
            return;
        }
        let message = reject.problem.to_string();
        let hint = || reject.problem.hint().map(Hint::from);
        self.note(Code::UnreadableRow, message, hint, RowRef { file, line: reject.line }, 0, None);
    }

    /// Looks at a record and what became of it.
    pub fn observe(
        &mut self,
        file: usize,
        record: &Record<'_>,
        posting: &Posting,
        ledger: &Ledger<'_>,
    ) {
        let Some(totals) = &record.totals else { return };
        let row = RowRef { file, line: record.line };
        if self.only_ids {
            if let Some(id) = record.request_id() {
                let cost = ledger.cost(record, posting).map(|(cost, _)| cost);
                self.ids.see(id.as_bytes(), row, tokens_of(totals), cost);
            }
            return;
        }
        self.records += 1;
        let profile = self.profile(record, posting, ledger);
        let view = View::new(record, totals, &profile, posting, ledger);
        let tokens = tokens_of(totals);
        let split_is_impossible = self.check(row, &view, tokens);
        self.check_outcome(row, &view, posting, tokens, split_is_impossible);
        self.compare(row, &view, tokens, posting);
        match record.request_id() {
            Some(id) => self.ids.see(id.as_bytes(), row, tokens, view.cost),
            None if record.has_rounded_id() => self.unchecked(0, ROUNDED_ID, 1),
            None => self.unchecked(0, NO_ID, 1),
        }
        self.profiles[posting.subject as usize] = Some(profile);
    }

    /// Takes the profile of a record out of its place: it is looked at while findings are noted.
    fn profile(
        &mut self,
        record: &Record<'_>,
        posting: &Posting,
        ledger: &Ledger<'_>,
    ) -> Box<Profile> {
        let at = posting.subject as usize;
        if self.profiles.len() <= at {
            self.profiles.resize_with(at + 1, || None);
        }
        let known = self.profiles[at].take();
        known.unwrap_or_else(|| Box::new(Profile::of(record, posting, ledger)))
    }

    /// Runs the checks; true when the record's split of the output is impossible.
    fn check(&mut self, row: RowRef, view: &View<'_, '_>, tokens: u128) -> bool {
        let has = view.has();
        let (mut impossible, mut are_tokens) = (false, true);
        for (number, check) in (1..).zip(&CHECKS) {
            if check.needs > has || (check.of_tokens && !are_tokens) {
                continue;
            }
            match (check.run)(view, row, &mut self.memory) {
                Ok(None) => {}
                Ok(Some(found)) => {
                    impossible |= check.code == Code::ReasoningAboveOutput;
                    are_tokens &= check.code != Code::NotTokens;
                    self.note_found(check.code, row, tokens, found);
                }
                Err(why) => self.unchecked(number, why, 1),
            }
        }
        match has {
            Needs::Counts => self.unchecked(0, NO_TEXT, 1),
            Needs::Answer => self.unchecked(0, NO_REQUEST, 1),
            Needs::Request => {}
        }
        impossible
    }

    /// Notes a record without a price, or with a count that has none.
    fn check_outcome(
        &mut self,
        row: RowRef,
        view: &View<'_, '_>,
        posting: &Posting,
        tokens: u128,
        split_is_impossible: bool,
    ) {
        let ledger = view.ledger();
        match &posting.outcome {
            Outcome::NotCharged(refusal) => {
                let at = refusal.number();
                if self.refused.len() <= at {
                    self.refused.resize_with(at + 1, || None);
                }
                let reason = ledger.reason(*refusal);
                if split_is_impossible && matches!(reason, NotCharged::Impossible(_)) {
                    return;
                }
                let finding =
                    self.refused[at].get_or_insert_with(|| Box::new(refused(ledger, reason)));
                finding.add(row, tokens, None);
            }
            Outcome::Charged { usage, card, .. } => {
                let unpriced = ledger.unpriced(posting);
                if unpriced == 0 {
                    return;
                }
                let Some(card) = ledger.cards().get(*card) else { return };
                for (meter, _) in
                    usage.counts().filter(|(meter, _)| unpriced >> *meter as u32 & 1 == 1)
                {
                    let message =
                        format!("no price for {meter} of `{}` at `{}`", card.model, card.provider);
                    self.note(Code::UnpricedMeter, message, || None, row, tokens, view.charge());
                }
            }
            Outcome::CostOnly => {}
        }
    }

    /// The findings.
    ///
    /// # Errors
    /// When the store of [`Auditor::with_store`] cannot be written or read.
    pub fn finish(mut self) -> io::Result<Audit> {
        let copies = std::mem::take(&mut self.ids).findings(self.threads)?;
        self.list_refused();
        self.finish_checks();
        let mut findings: Vec<Finding> = self.findings.into_values().chain(copies).collect();
        let mut said: BTreeMap<&str, u64> = BTreeMap::new();
        for (what, records) in self.not_checked.into_iter().flatten() {
            *said.entry(what).or_default() += records;
        }
        let mut not_checked: Vec<(String, u64)> =
            said.into_iter().map(|(what, records)| (what.to_owned(), records)).collect();
        let (of_costs, agreed) = std::mem::take(&mut self.memory.own_costs).finish();
        findings.extend(of_costs);
        not_checked.extend(agreed);
        let cached_in_steps = self.memory.cached_in_steps;
        let looked_at = chance::LookedAt { records: self.records, cached_in_steps };
        let by_chance = looked_at.by_chance(&not_checked);
        let statistics = self.window.map(|window| {
            let comparison = window.finish();
            findings.extend(comparison.findings);
            not_checked.extend(comparison.not_checked);
            comparison.statistics
        });
        findings.sort_by(|a, b| (a.code, &a.message).cmp(&(b.code, &b.message)));
        not_checked.sort();
        Ok(Audit { findings, not_checked, by_chance, statistics })
    }

    /// Counts records that a check could not look at; 0 is whatever concerns no single one.
    #[inline]
    fn unchecked(&mut self, check: usize, what: &'static str, records: u64) {
        if self.not_checked.len() <= check {
            self.not_checked.resize_with(CHECKS.len() + 1, Vec::new);
        }
        let said = &mut self.not_checked[check];
        // The same text is nearly always the same place in the program.
        match said.iter_mut().find(|(other, _)| std::ptr::eq(*other, what)) {
            Some((_, sum)) => *sum += records,
            None => said.push((what, records)),
        }
    }

    /// Notes what only all records together show.
    fn finish_checks(&mut self) {
        for (row, found) in std::mem::take(&mut self.memory.templates).finish() {
            self.note_found(Code::PromptOffsetChanges, row, 0, found);
        }
        for units::Together { records, tokens, rows, hint } in self.memory.sellers.finish() {
            let more = records.saturating_sub(rows.len() as u64);
            let mut message = None;
            for (at, (row, found)) in rows.into_iter().enumerate() {
                message = Some(found.message.clone());
                self.note_found(Code::NotTokens, row, if at == 0 { tokens } else { 0 }, found);
            }
            let key = message.map(|message| (Code::NotTokens, message));
            if let Some(finding) = key.and_then(|key| self.findings.get_mut(&key)) {
                finding.records += more;
                finding.hint = Some(hint.into());
            }
        }
        for (message, hint) in self.memory.sellers.together() {
            if let Some(finding) = self.findings.get_mut(&(Code::NotTokens, message)) {
                finding.hint = Some(hint.into());
            }
        }
    }

    /// Lists records without a price among the other findings.
    fn list_refused(&mut self) {
        for finding in std::mem::take(&mut self.refused).into_iter().flatten() {
            self.add_finding((finding.code, finding.message.clone()), *finding);
        }
    }

    /// Adds a finding to that of the same message.
    fn add_finding(&mut self, key: (Code, String), other: Finding) {
        match self.findings.entry(key) {
            Entry::Occupied(known) => known.into_mut().absorb(other),
            Entry::Vacant(new) => drop(new.insert(other)),
        }
    }

    /// Hands a record to the comparison with the baseline.
    fn compare(&mut self, row: RowRef, view: &View<'_, '_>, tokens: u128, posting: &Posting) {
        let Some(window) = &mut self.window else {
            self.unchecked(0, NO_BASELINE, 1);
            return;
        };
        let output_costs = output_costs(view.record, &posting.outcome, view.ledger());
        window.observe(
            view.record,
            &drift::Facts { row, tokens, stake: view.charge(), output_costs },
        );
    }

    fn note_found(&mut self, code: Code, row: RowRef, tokens: u128, found: Found) {
        let Found { message, figures, stake } = found;
        let finding = self.note(code, message, || None, row, tokens, stake);
        if !figures.is_empty() && finding.figures.len() < finding.rows.len() {
            finding.figures.push(figures);
        }
    }

    fn note(
        &mut self,
        code: Code,
        message: String,
        hint: impl FnOnce() -> Option<Hint>,
        row: RowRef,
        tokens: u128,
        stake: Option<(Currency, Exact)>,
    ) -> &mut Finding {
        let finding = match self.findings.entry((code, message)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let message = new.key().1.clone();
                new.insert(Finding::new(code, message, hint()))
            }
        };
        finding.add(row, tokens, stake);
        finding
    }
}

/// Input and output tokens as they are written.
fn tokens_of(totals: &Totals) -> u128 {
    u128::from(totals.input.unwrap_or(0)) + u128::from(totals.output.unwrap_or(0))
}

/// What its reasoning tokens and all its output tokens cost, at least.
fn output_costs(
    record: &Record<'_>,
    outcome: &Outcome,
    ledger: &Ledger<'_>,
) -> Option<(Currency, [Exact; 2])> {
    let (currency, charge) = charge(record, outcome, ledger)?;
    let mut costs = [Exact::ZERO; 2];
    for line in charge.lines.iter().filter(|line| line.meter.counts_tokens()) {
        if line.meter == Meter::Reasoning {
            costs[0] = costs[0].plus(line.low).ok()?;
        }
        if !line.meter.is_prompt() {
            costs[1] = costs[1].plus(line.low).ok()?;
        }
    }
    Some((currency, costs))
}

fn charge<'b>(
    record: &Record<'_>,
    outcome: &Outcome,
    ledger: &Ledger<'b>,
) -> Option<(Currency, Charge<'b>)> {
    let Outcome::Charged { usage, card: index, .. } = outcome else {
        return None;
    };
    let card = ledger.cards().get(*index)?;
    let (terms, currency) = ledger.terms_for(record, *index);
    Some((currency, card.charge_with(usage, record.shape, terms).ok()?))
}
