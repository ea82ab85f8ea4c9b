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
mod spill;
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

use std::collections::{BTreeMap, BTreeSet};
use std::io;

pub use baseline::{Baseline, Measure};
pub use betting::{Evidence, evidence};
pub use chance::ByChance;
pub use code::{Class, Code, Rule, Severity};
pub use conformal::{Fraction, UNUSUAL_ONE_IN, chance_rate, conformal_p, is_unusual, rows_needed};
pub use rank::{MAX_RANK_ROWS, MIN_RANK_ROWS, RankTest, Ratio, holm, rank_test};
pub use spill::Store;
pub use statistics::{
    Chance, FALSE_ALARMS_ONE_IN, GroupStatistics, OverTime, Shift, Statistics, UnusualRow,
    UnusualRows, about, thousandths,
};

use self::duplicates::Sighting;
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
    names: quiet::Names,
    /// Records with ids that [`Auditor::settle`] has not seen yet.
    sightings: Vec<Sighting>,
    ids: duplicates::Ids,
    /// By card.
    limits: Vec<Option<limits::Limits>>,
    window: Option<drift::Window>,
    checks: checks::Checks,
    looked_at: chance::LookedAt,
}

const NO_TOTAL: &str = "whether totals add up: the source reports none";
const NO_BASELINE: &str = "drift: no `--baseline`";
const NO_ID: &str = "duplicates: no request id";

/// Records with ids that are put off at most, when nobody else settles them.
const MAX_SIGHTINGS: usize = 1 << 14;
/// Requests with copies that are listed by their first line; the others are summed up.
const MAX_COPIED: usize = 20;

impl Auditor {
    /// Compares the records to come with a baseline as well.
    #[must_use]
    pub fn with_baseline(self, baseline: Baseline) -> Self {
        Self { window: Some(drift::Window::new(baseline)), ..self }
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

    /// Notes a row that cannot be read.
    pub fn reject(&mut self, file: usize, reject: &Reject) {
        let message = reject.problem.to_string();
        let hint = reject.problem.hint().map(str::to_owned);
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
            self.note(Code::TotalsDisagree, message, None, row, tokens, stake);
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
            self.sightings.push(Sighting::new(record.id, row, tokens, cost));
        }
        match outcome {
            Outcome::NotCharged(NotCharged::Impossible(_)) if split_is_impossible => {}
            Outcome::NotCharged(NotCharged::Impossible(error)) => {
                self.note(Code::PartExceedsWhole, error.to_string(), None, row, tokens, None);
            }
            Outcome::NotCharged(reason) => {
                self.note(Code::Unpriced, reason.to_string(), reason.hint(), row, tokens, None);
            }
            Outcome::Charged { usage, card, .. } => {
                self.check_meters(row, outcome, ledger, tokens, stake);
                let card_index = *card;
                let (messages, unchecked) = self.limits_of(card_index, ledger).check(record, usage);
                for (code, message) in messages {
                    self.note(code, message, None, row, tokens, stake);
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
        let mut ids = std::mem::take(&mut self.ids);
        ids.see(&std::mem::take(&mut self.sightings));
        self.note_copies(&mut ids)?;
        self.list_quiet();
        self.finish_checks();
        let mut findings: Vec<Finding> = self.findings.into_values().collect();
        for copies in findings.iter_mut().filter(|found| found.code == Code::DuplicateRequestId) {
            copies.rows.sort_unstable();
            copies.rows.truncate(MAX_ROWS);
        }
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

    /// The requests whose first copy comes first are named; the others are summed up.
    fn note_copies(&mut self, ids: &mut duplicates::Ids) -> io::Result<()> {
        let mut seconds = BTreeSet::new();
        ids.copies(&mut |copy| {
            if copy.is_second {
                seconds.insert((copy.at, copy.first_at));
                if seconds.len() > MAX_COPIED {
                    seconds.pop_last();
                }
            }
        })?;
        let named: BTreeSet<u64> = seconds.into_iter().map(|(_, first)| first).collect();
        ids.copies(&mut |copy| {
            let message = if !named.contains(&copy.first_at) {
                "request ids first seen on other lines".to_owned()
            } else if copy.first.file == copy.row.file {
                format!("request id first seen on line {}", copy.first.line)
            } else {
                format!("request id first seen on line {} of another file", copy.first.line)
            };
            self.note(Code::DuplicateRequestId, message, None, copy.row, copy.tokens, copy.stake);
        })
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
            self.note(Code::UnpricedMeter, message, None, row, tokens, stake);
        }
    }

    fn note(
        &mut self,
        code: Code,
        message: String,
        hint: Option<String>,
        row: RowRef,
        tokens: u128,
        stake: Option<(Currency, Exact)>,
    ) {
        let key = (code, message);
        let finding = self.findings.entry(key.clone()).or_insert_with(|| Finding {
            code,
            message: key.1,
            hint,
            records: 0,
            rows: Vec::new(),
            figures: Vec::new(),
            tokens: 0,
            at_stake: BTreeMap::new(),
            chance: None,
        });
        finding.records += 1;
        finding.tokens += tokens;
        // Copies come in the order of their ids, everything else in the order of the input.
        if code == Code::DuplicateRequestId {
            finding.rows.push(row);
            if finding.rows.len() > 8 * MAX_ROWS {
                finding.rows.sort_unstable();
                finding.rows.truncate(MAX_ROWS);
            }
        } else if finding.rows.len() < MAX_ROWS {
            finding.rows.push(row);
        }
        if let Some((currency, amount)) = stake {
            let sum = finding.at_stake.entry(currency).or_default();
            *sum = sum.plus(amount).unwrap_or(*sum);
        }
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
