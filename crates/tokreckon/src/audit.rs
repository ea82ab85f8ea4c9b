//! Checks on usage: what is unpriced, impossible or inconsistent.
//!
//! Each [`Finding`] has a stable [`Code`], the rows it rests on, and the money at stake. A check
//! speaks only of what arithmetic or the book's own facts decide; what could not be checked is
//! listed as well ([`Audit::not_checked`]). Records are looked at one by one while they are charged.
//!
//! With a [`Baseline`] the records are compared with the past as well: single rows
//! ([`conformal_p`]), groups ([`rank_test`]) and rows in the order of time ([`evidence`]). What that
//! finds is *unusual*, not wrong, and says how much of it chance alone makes ([`Chance`]).

mod answer;
mod arithmetic;
mod checks;
mod code;
mod cutoff;
mod packed;
mod slabs;
mod waiting;
mod spill;
mod copies;
mod duplicates;
mod family;
mod limits;
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
mod quiet;
mod parts;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;

pub use baseline::{Baseline, Measure};
pub use betting::{Evidence, evidence};
pub use chance::ByChance;
pub use code::{Class, Code, Rule, Severity};
pub use conformal::{Fraction, UNUSUAL_ONE_IN, chance_rate, conformal_p, is_unusual, rows_needed};
pub use parts::Checkpoint;
pub use rank::{MAX_RANK_ROWS, MIN_RANK_ROWS, RankTest, Ratio, holm, rank_test};
pub use spill::Store;
pub use statistics::{
    Chance, FALSE_ALARMS_ONE_IN, GroupStatistics, OverTime, Shift, Statistics, UnusualRow,
    UnusualRows, about, thousandths,
};

use crate::charge::Charge;
use crate::ledger::{Ledger, NotCharged, Outcome, RawCost};
use crate::money::{Currency, Exact};
use crate::read::Reject;
use crate::record::Record;
use crate::usage::Meter;

/// A row of an input file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowRef {
    /// Index of the file in the order it was read.
    pub file: usize,
    /// Line, from 1.
    pub line: u64,
}

/// Most rows listed with one finding; the rest is counted.
pub const MAX_ROWS: usize = 20;

/// A difference that needs explaining.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub code: Code,
    /// What was compared, with figures.
    pub message: String,
    /// What to do about it, if anything.
    pub hint: Option<String>,
    /// How many records.
    pub records: u64,
    /// The first of them, at most [`MAX_ROWS`].
    pub rows: Vec<RowRef>,
    /// The figures of each of these rows, where rows differ; empty otherwise.
    pub figures: Vec<String>,
    /// Their tokens, input and output, as reported.
    pub tokens: u128,
    /// What they were charged, at least, by currency. For [`Code::Drift`] an estimate of what was
    /// charged beyond the baseline's level ([`Finding::stake_is_estimate`]).
    pub at_stake: BTreeMap<Currency, Exact>,
    /// What chance has to do with it; only for [`Class::Unusual`].
    pub chance: Option<Chance>,
}

impl Finding {
    /// True when the money at stake is an estimate.
    #[must_use]
    pub const fn stake_is_estimate(&self) -> bool {
        matches!(self.code, Code::Drift)
    }

    /// A finding that no record is counted in yet.
    const fn new(code: Code, message: String, hint: Option<String>) -> Self {
        Self {
            code,
            message,
            hint,
            records: 0,
            rows: Vec::new(),
            figures: Vec::new(),
            tokens: 0,
            at_stake: BTreeMap::new(),
            chance: None,
        }
    }

    /// Counts one more record, whatever its row.
    fn count(&mut self, tokens: u128, stake: Option<(Currency, Exact)>) {
        self.records += 1;
        self.tokens += tokens;
        self.add_stake(stake);
    }

    fn add_stake(&mut self, stake: Option<(Currency, Exact)>) {
        if let Some((currency, amount)) = stake {
            let sum = self.at_stake.entry(currency).or_default();
            *sum = sum.plus(amount).unwrap_or(*sum);
        }
    }
}

/// The result of an audit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// What was not checked of how many records; few, so that they are looked through.
    not_checked: Vec<(&'static str, u64)>,
    quiet: quiet::Quiet,
    ids: duplicates::Ids,
    /// Threads for what is left to do at the end; one when it is 0.
    threads: usize,
    /// By card.
    limits: Vec<Option<limits::Limits>>,
    window: Option<drift::Window>,
    checks: checks::Checks,
    looked_at: chance::LookedAt,
}

const NO_TOTAL: &str = "whether totals add up: the source reports none";
const NO_BASELINE: &str = "drift: no `--baseline`";
const NO_ID: &str = "duplicates: no request id";

impl Auditor {
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
        let message = reject.problem.to_string();
        let hint = || reject.problem.hint().map(str::to_owned);
        self.note(Code::UnreadableRow, message, hint, RowRef { file, line: reject.line }, 0, None);
    }

    /// Looks at a record and what became of it.
    pub fn observe(
        &mut self,
        file: usize,
        record: &Record<'_>,
        outcome: &Outcome,
        ledger: &Ledger<'_>,
    ) {
        let row = RowRef { file, line: record.line };
        let Some(totals) = record.totals else { return };
        self.looked_at.records += 1;
        let tokens = u128::from(totals.input.unwrap_or(0)) + u128::from(totals.output.unwrap_or(0));
        let stake = ledger.least_cost_of_last(record, outcome);
        let split_is_impossible =
            self.check_consistency(row, record, &totals, outcome, ledger, stake);
        if let Some(message) = arithmetic::totals_disagree(&totals) {
            self.note(Code::TotalsDisagree, message, || None, row, tokens, stake);
        }
        self.compare(row, record, tokens, stake, outcome, ledger);
        if totals.total.is_none() {
            self.unchecked(NO_TOTAL, 1);
        }
        if record.id.is_empty() {
            self.unchecked(NO_ID, 1);
        } else {
            let cost = stake.map(|(currency, amount)| RawCost {
                mantissa: amount.mantissa(),
                scale: amount.scale(),
                currency,
            });
            self.ids.see(record.id.as_bytes(), row, tokens, cost);
        }
        match outcome {
            Outcome::NotCharged(NotCharged::Impossible(_)) if split_is_impossible => {}
            Outcome::NotCharged(NotCharged::Impossible(error)) => {
                self.note(Code::PartExceedsWhole, error.to_string(), || None, row, tokens, None);
            }
            Outcome::NotCharged(reason) => {
                self.note(
                    Code::Unpriced,
                    reason.to_string(),
                    || reason.hint(ledger.book()),
                    row,
                    tokens,
                    None,
                );
            }
            Outcome::Charged { usage, card, .. } => {
                self.check_meters(row, outcome, ledger, tokens, stake);
                let card_index = *card;
                let (messages, unchecked) = self.limits_of(card_index, ledger).check(record, usage);
                for (code, message) in messages {
                    self.note(code, message, || None, row, tokens, stake);
                }
                for what in unchecked {
                    self.unchecked(what, 1);
                }
            }
            Outcome::CostOnly => {}
        }
    }

    #[inline]
    fn limits_of(&mut self, card: usize, ledger: &Ledger<'_>) -> &limits::Limits {
        if self.limits.len() <= card {
            self.limits.resize_with(card + 1, || None);
        }
        self.limits[card].get_or_insert_with(|| limits::Limits::of(ledger, card))
    }

    /// The findings.
    ///
    /// # Errors
    /// When the store of [`Auditor::with_store`] cannot be written or read.
    pub fn finish(mut self) -> io::Result<Audit> {
        let copies = std::mem::take(&mut self.ids).findings(self.threads)?;
        self.list_quiet();
        self.finish_checks();
        let mut findings: Vec<Finding> = self.findings.into_values().chain(copies).collect();
        let not_checked = self.not_checked.into_iter();
        let mut not_checked: Vec<(String, u64)> =
            not_checked.map(|(what, records)| (what.to_owned(), records)).collect();
        let by_chance = self.looked_at.by_chance(&not_checked);
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

    fn unchecked(&mut self, what: &'static str, records: u64) {
        // The same text is nearly always the same place in the program.
        let same = |other: &'static str| std::ptr::eq(other, what) || other == what;
        if let Some((_, sum)) = self.not_checked.iter_mut().find(|(other, _)| same(other)) {
            *sum += records;
        } else {
            self.not_checked.push((what, records));
        }
    }

    /// Hands a record to the comparison with the baseline.
    fn compare(
        &mut self,
        row: RowRef,
        record: &Record<'_>,
        tokens: u128,
        stake: Option<(Currency, Exact)>,
        outcome: &Outcome,
        ledger: &Ledger<'_>,
    ) {
        let Some(window) = &mut self.window else {
            self.unchecked(NO_BASELINE, 1);
            return;
        };
        let output_costs = output_costs(record, outcome, ledger);
        window.observe(record, &drift::Facts { row, tokens, stake, output_costs });
    }

    fn check_meters(
        &mut self,
        row: RowRef,
        outcome: &Outcome,
        ledger: &Ledger<'_>,
        tokens: u128,
        stake: Option<(Currency, Exact)>,
    ) {
        let unpriced = ledger.unpriced_for_last(outcome);
        let Outcome::Charged { usage, card, .. } = outcome else {
            return;
        };
        if unpriced == 0 {
            return;
        }
        let Some(card) = ledger.cards().get(*card) else {
            return;
        };
        for (meter, _) in usage.counts().filter(|(meter, _)| unpriced & (1 << *meter as u32) != 0) {
            let message =
                format!("no price for {meter} of `{}` at `{}`", card.model, card.provider);
            self.note(Code::UnpricedMeter, message, || None, row, tokens, stake);
        }
    }

    fn note(
        &mut self,
        code: Code,
        message: String,
        hint: impl FnOnce() -> Option<String>,
        row: RowRef,
        tokens: u128,
        stake: Option<(Currency, Exact)>,
    ) {
        let finding = match self.findings.entry((code, message)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let message = new.key().1.clone();
                new.insert(Finding::new(code, message, hint()))
            }
        };
        if finding.rows.len() < MAX_ROWS {
            finding.rows.push(row);
        }
        finding.count(tokens, stake);
    }
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
