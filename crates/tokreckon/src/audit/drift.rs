//! A window against its baseline: single rows, groups as a whole, and rows in the order of time.
//!
//! Memory: 24 bytes a row of the window, at most as many rows as of a [`Baseline`] (of each part that
//! is read by itself); rows beyond are still compared one by one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::baseline::{Baseline, Measure, Measured, Reference, Sample, measured};
use super::betting::evidence;
use super::conformal::{
    Fraction, UNUSUAL_ONE_IN, chance_rate, conformal_p, is_unusual, rows_needed, threshold,
};
use super::packed::place;
use super::rank::{MIN_RANK_ROWS, Ratio, holm, rank_test};
use super::statistics::{
    Chance, FALSE_ALARMS_ONE_IN, GroupStatistics, OverTime, Shift, Statistics, UnusualRow,
    UnusualRows, about, thousandths,
};
use super::{Code, Finding, MAX_ROWS, RowRef};
use crate::ledger::Dimension;
use crate::money::{Currency, Exact, Rounding};
use crate::record::Record;
use crate::time::{Instant, day_text};

/// What a window came to.
pub(super) struct Comparison {
    pub(super) findings: Vec<Finding>,
    pub(super) statistics: Statistics,
    pub(super) not_checked: Vec<(String, u64)>,
}

/// Rows that are compared with a baseline.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) reference: Arc<Reference>,
    /// Where the key of a record is put together.
    key: String,
    pub(super) groups: Vec<Seen>,
    pub(super) not_compared: BTreeMap<&'static str, u64>,
    /// Groups that the baseline does not have, by label: the first of them by name.
    pub(super) unknown: BTreeMap<(Vec<String>, Measure), u64>,
    pub(super) kept: u64,
    pub(super) first_second: Option<i64>,
}

/// What is known of a record besides its counts.
pub(super) struct Facts {
    pub(super) row: RowRef,
    pub(super) tokens: u128,
    /// What it was charged, at least.
    pub(super) stake: Option<(Currency, Exact)>,
    /// What its reasoning and all its output were charged, at least.
    pub(super) output_costs: Option<(Currency, [Exact; 2])>,
}

/// Rows of one group.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The first rows of the files.
    pub(super) rows: Vec<Compared>,
    pub(super) left_out: u64,
    pub(super) all: Tally,
    pub(super) unusual: Tally,
    pub(super) highest: Vec<UnusualRow>,
    pub(super) measured_cost: BTreeMap<Currency, Exact>,
}

/// A row that is compared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compared {
    /// Its file and line as one number.
    pub(super) place: u64,
    second: i64,
    value: u32,
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) records: u64,
    pub(super) rows: Vec<RowRef>,
    pub(super) tokens: u128,
    pub(super) cost: BTreeMap<Currency, Exact>,
}

impl Window {
    pub(super) fn new(baseline: Baseline) -> Self {
        Self::against(Arc::new(baseline.sorted()))
    }

    /// Nothing seen yet.
    pub(super) fn against(reference: Arc<Reference>) -> Self {
        let groups = reference.samples.iter().map(|_| Seen::default()).collect();
        Self {
            reference,
            key: String::new(),
            groups,
            not_compared: BTreeMap::new(),
            unknown: BTreeMap::new(),
            kept: 0,
            first_second: None,
        }
    }

    /// Looks at a record.
    pub(super) fn observe(&mut self, record: &Record<'_>, facts: &Facts) {
        let measured = match measured(record) {
            Some(Ok(measured)) => measured,
            Some(Err(why)) => return self.leave_out(why),
            None => return,
        };
        let Some(group) = self.reference.group(record, measured, &mut self.key) else {
            return self.add_unknown(record, measured);
        };
        let second = record.period.map(|period| period.start.0);
        if let Some(second) = second {
            self.first_second = Some(self.first_second.map_or(second, |first| first.min(second)));
        }
        let sample = &self.reference.samples[group];
        let (value, seen) = (sample.value(measured), &mut self.groups[group]);
        seen.add(sample, value, facts);
        let full = seen.rows.len() as u64 >= Baseline::MAX_ROWS;
        if full || self.kept >= Baseline::MAX_ALL_ROWS {
            seen.left_out += 1;
        } else {
            let second = second.unwrap_or(i64::MAX);
            seen.rows.push(Compared { place: place(facts.row), second, value });
            self.kept += 1;
        }
    }

    fn add_unknown(&mut self, record: &Record<'_>, measured: Measured) {
        let labels = self.reference.labels(record);
        let reasoning = measured.reasoning.is_some();
        self.count_unknown((labels, Measure { reasoning, average: measured.average }), 1);
    }

    /// Counts records of a group that the baseline does not have. Which ones are listed does not
    /// depend on the order of the records: those that come first by name.
    pub(super) fn count_unknown(&mut self, group: (Vec<String>, Measure), records: u64) {
        *self.unknown.entry(group).or_default() += records;
        if self.unknown.len() > MAX_UNKNOWN
            && let Some((_, records)) = self.unknown.pop_last()
        {
            *self.not_compared.entry(NOT_IN_BASELINE).or_default() += records;
        }
    }

    fn leave_out(&mut self, why: &'static str) {
        *self.not_compared.entry(why).or_default() += 1;
    }

    /// The result.
    pub(super) fn finish(self) -> Comparison {
        let Self { reference, groups, not_compared, unknown, first_second, .. } = self;
        let large = |sample: &&Sample| sample.values.len() as u64 >= MIN_RANK_ROWS;
        let candidates = reference.samples.iter().filter(large).count() as u64;
        let limit = FALSE_ALARMS_ONE_IN * candidates.max(1);
        let mut compared: Vec<(Seen, GroupStatistics)> = Vec::new();
        for (mut seen, sample) in groups.into_iter().zip(&reference.samples) {
            if seen.all.records > 0 {
                let group = seen.compare(sample, limit);
                compared.push((seen, group));
            }
        }
        adjust(&mut compared);
        let by = &reference.by;
        let findings = compared.iter().flat_map(|(seen, group)| seen.findings(group, by));
        let findings = findings.collect();
        let mut not_checked: Vec<(String, u64)> =
            not_compared.into_iter().map(|(what, records)| (what.to_owned(), records)).collect();
        let too_many: u64 = compared.iter().map(|(seen, _)| seen.left_out).sum();
        if too_many > 0 {
            not_checked.push((TOO_MANY.to_owned(), too_many));
        }
        let mut groups: Vec<GroupStatistics> =
            compared.into_iter().map(|(_, group)| group).collect();
        groups.extend(unknown.into_iter().map(|((labels, measure), rows)| {
            GroupStatistics::not_in_baseline(labels, measure, rows)
        }));
        groups.sort_by(|a, b| (&a.labels, a.measure).cmp(&(&b.labels, b.measure)));
        not_checked.extend(what_is_missing(&groups, by));
        let rows = reference.samples.iter().map(|sample| sample.values.len() as u64).sum();
        let (by, last) = (by.clone(), reference.last_second);
        let statistics = Statistics {
            overlaps: last.zip(first_second).is_some_and(|(last, first)| first <= last),
            ..summary(by, rows, groups)
        };
        Comparison { findings, statistics, not_checked }
    }
}

impl Seen {
    fn add(&mut self, sample: &Sample, value: u32, facts: &Facts) {
        self.all.add(facts);
        if let Some((currency, [reasoning, output])) = facts.output_costs {
            let cost = if sample.measure.reasoning { reasoning } else { output };
            plus(&mut self.measured_cost, currency, cost);
        }
        let p = conformal_p(&sample.values, value);
        if is_unusual(p) {
            self.unusual.add(facts);
            let at = self.highest.partition_point(|other| other.value >= value);
            if at < MAX_ROWS {
                self.highest.insert(at, UnusualRow { row: facts.row, value, p });
                self.highest.truncate(MAX_ROWS);
            }
        }
    }

    fn compare(&mut self, sample: &Sample, limit: u64) -> GroupStatistics {
        // Rows of the same second keep the order of the files.
        self.rows.sort_by_key(|row| (row.second, row.place));
        let in_time: Vec<u32> = self.rows.iter().map(|row| row.value).collect();
        let baseline_rows = sample.values.len() as u64;
        let over_time = (baseline_rows >= MIN_RANK_ROWS).then(|| {
            let evidence = evidence(&sample.values, &in_time, limit);
            let reached = evidence.reached_after.and_then(|rows| usize::try_from(rows).ok());
            let row = reached.and_then(|rows| self.rows.get(rows - 1));
            let second = row.map(|row| row.second).filter(|&second| second < i64::MAX);
            OverTime { evidence, limit, reached_at: second.map(Instant) }
        });
        let mut values = in_time;
        values.sort_unstable();
        let shift = rank_test(&sample.values, &values).map(|test| {
            let excess = excess(&self.measured_cost, test.ratio);
            Shift { test, adjusted_p: test.p, excess }
        });
        let unusual = threshold(&sample.values).filter(|_| baseline_rows >= rows_needed());
        GroupStatistics {
            labels: sample.labels.clone(),
            measure: sample.measure,
            baseline_rows,
            rows: self.all.records,
            unusual: unusual.map(|above| UnusualRows {
                count: self.unusual.records,
                expected: expected(self.all.records, baseline_rows),
                above,
                highest: std::mem::take(&mut self.highest),
            }),
            shift,
            over_time,
        }
    }

    fn findings(&self, group: &GroupStatistics, by: &[Dimension]) -> impl Iterator<Item = Finding> {
        let text = format!("{} of {}", group.measure.name(), group.text(by));
        let unusual = group.unusual.as_ref().filter(|unusual| unusual.count > 0);
        let unusual = unusual.map(|unusual| self.unusual_rows(group, unusual, &text));
        let enough = one_in(FALSE_ALARMS_ONE_IN);
        let shift = group.shift.as_ref().filter(|shift| shift.adjusted_p <= enough);
        let shift = shift.map(|shift| self.drift(shift, &text));
        let over_time = group.over_time.filter(|o| o.evidence.reached_after.is_some());
        let over_time = over_time.map(|over_time| self.drift_over_time(over_time, &text));
        unusual.into_iter().chain(shift).chain(over_time)
    }

    fn unusual_rows(&self, group: &GroupStatistics, unusual: &UnusualRows, text: &str) -> Finding {
        let (above, expected) = (group.tokens(unusual.above), unusual.expected);
        let about = about(expected);
        let message = format!(
            "{} of {} rows above {above} {text}, as 1 in {} of its {} baseline rows are; about {about} expected by chance",
            unusual.count, group.rows, UNUSUAL_ONE_IN, group.baseline_rows,
        );
        let p = unusual.highest.first().map_or(WHOLE, |row| row.p);
        let chance = Chance { p: p.rounded_up(PLACES), p_exact: Some(p), expected };
        self.unusual.finding(Code::UnusualRow, message, self.unusual.cost.clone(), chance)
    }

    fn drift(&self, shift: &Shift, text: &str) -> Finding {
        let Shift { test, adjusted_p, excess } = shift;
        let message = format!(
            "{text} are {} times the baseline's (95 % interval {} to {}), p {adjusted_p} over all groups",
            times(test.ratio.thousandths),
            times(test.ratio.low),
            times(test.ratio.high),
        );
        let expected = one_in(FALSE_ALARMS_ONE_IN);
        let chance = Chance { p: *adjusted_p, p_exact: None, expected };
        self.all.finding(Code::Drift, message, excess.clone(), chance)
    }

    fn drift_over_time(&self, over_time: OverTime, text: &str) -> Finding {
        let OverTime { evidence, limit, reached_at } = over_time;
        let after = evidence.reached_after.unwrap_or(0);
        let on = reached_at.map_or(String::new(), |at| format!(", on {}", day_text(at.day())));
        let highest = evidence.highest;
        let message = format!(
            "{text} rise above the baseline: evidence of {highest} to 1, beyond {limit} to 1 after {after} rows{on}"
        );
        let groups = limit / FALSE_ALARMS_ONE_IN;
        let p = Fraction { numerator: groups.min(highest), denominator: highest.max(1) };
        let expected = one_in(FALSE_ALARMS_ONE_IN);
        let chance = Chance { p: p.rounded_up(PLACES), p_exact: None, expected };
        self.all.finding(Code::DriftOverTime, message, BTreeMap::new(), chance)
    }
}

impl Tally {
    fn add(&mut self, facts: &Facts) {
        self.records += 1;
        self.tokens += facts.tokens;
        if self.rows.len() < MAX_ROWS {
            self.rows.push(facts.row);
        }
        if let Some((currency, amount)) = facts.stake {
            plus(&mut self.cost, currency, amount);
        }
    }

    fn finding(
        &self,
        code: Code,
        message: String,
        at_stake: BTreeMap<Currency, Exact>,
        chance: Chance,
    ) -> Finding {
        Finding {
            code,
            message,
            hint: None,
            records: self.records,
            rows: self.rows.clone(),
            figures: Vec::new(),
            tokens: self.tokens,
            at_stake,
            chance: Some(chance),
        }
    }
}

/// Holm's adjustment over all groups tested.
fn adjust(compared: &mut [(Seen, GroupStatistics)]) {
    let mut shifts: Vec<&mut Shift> =
        compared.iter_mut().filter_map(|(_, group)| group.shift.as_mut()).collect();
    let values: Vec<Exact> = shifts.iter().map(|shift| shift.test.p).collect();
    for (shift, adjusted) in shifts.iter_mut().zip(holm(&values)) {
        shift.adjusted_p = adjusted;
    }
}

fn summary(by: Vec<Dimension>, baseline_rows: u64, groups: Vec<GroupStatistics>) -> Statistics {
    let tested = || groups.iter().filter_map(|group| Some((group, group.unusual.as_ref()?)));
    let compared = tested().map(|(group, _)| group.rows).sum();
    let unusual = tested().map(|(_, unusual)| unusual.count).sum();
    let expected_by_chance =
        tested().fold(Exact::ZERO, |sum, (_, unusual)| sum.plus(unusual.expected).unwrap_or(sum));
    Statistics { by, baseline_rows, groups, compared, unusual, expected_by_chance, overlaps: false }
}

/// What groups have too few rows for: a line for each of the first, one for all others.
fn what_is_missing(groups: &[GroupStatistics], by: &[Dimension]) -> Vec<(String, u64)> {
    let missing = groups.iter().filter_map(|group| Some((group, group.missing()?)));
    let mut lines = Vec::new();
    let (mut others, mut records) = (0u64, 0);
    for (group, missing) in missing {
        if lines.len() < MAX_ROWS {
            lines.push((format!("comparison of {}: {missing}", group.text(by)), group.rows));
        } else {
            others += 1;
            records += group.rows;
        }
    }
    if others > 0 {
        lines.push((format!("comparison of {others} more groups: too few rows"), records));
    }
    lines
}

/// How many of these rows chance makes unusual: at most, on average; 3 places, rounded up.
fn expected(rows: u64, baseline_rows: u64) -> Exact {
    let rate = chance_rate(baseline_rows);
    let numerator = rate.numerator.saturating_mul(rows);
    Fraction { numerator, denominator: rate.denominator }.rounded_up(3)
}

/// What tokens cost beyond the same at the baseline's level: cost × (1 − 1 / ratio), rounded down.
fn excess(costs: &BTreeMap<Currency, Exact>, ratio: Ratio) -> BTreeMap<Currency, Exact> {
    let Some(above) = ratio.thousandths.filter(|&ratio| ratio > 1000) else {
        return BTreeMap::new();
    };
    let share = |cost: Exact| {
        let micro = cost.times_count(1_000_000).ok()?.rounded(0, Rounding::HalfEven);
        let micro = micro.times_count(u128::from(above - 1000)).ok()?;
        Exact::new(micro.mantissa() / i128::from(above), 6).ok()
    };
    costs.iter().filter_map(|(&currency, &cost)| Some((currency, share(cost)?))).collect()
}

pub(super) fn plus(sums: &mut BTreeMap<Currency, Exact>, currency: Currency, amount: Exact) {
    let sum = sums.entry(currency).or_default();
    *sum = sum.plus(amount).unwrap_or(*sum);
}

fn one_in(count: u64) -> Exact {
    Fraction { numerator: 1, denominator: count }.rounded_up(PLACES)
}

fn times(ratio: Option<u64>) -> String {
    ratio.map_or("over 1000".to_owned(), |ratio| thousandths(ratio).to_string())
}

const PLACES: u32 = 12;
const WHOLE: Fraction = Fraction { numerator: 1, denominator: 1 };

/// Groups that the baseline does not have and that are listed.
const MAX_UNKNOWN: usize = 1000;

const NOT_IN_BASELINE: &str = "comparison of more groups: not in the baseline";
const TOO_MANY: &str = "drift: rows beyond the first 1,048,576 of a group or 16,777,216 of all";
