//! Scoring: how often bounds hold, how wide they are, what they lose. Integers only; shares and losses
//! are in millionths.

use std::collections::BTreeMap;

use tokreckon::book::PriceBook;
use tokreckon::reasoning::{
    Caps, EstimateInput, Estimator, History, HistoryKey, HistoryRow, Quantiles, Thinking,
};
use tokreckon_data::priors::Work;

use crate::cells::{OwnedCell, priors, without};
use crate::facts::Answer;

/// The levels in thousandths.
pub(crate) const LEVELS: [u64; 3] = [500, 900, 990];

/// Sums over requests, for p50, p90 and p99.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) rows: u64,
    /// What they took.
    pub(crate) total: u64,
    pub(crate) held: [u64; 3],
    pub(crate) bound: [u64; 3],
    /// Pinball losses, in thousandths of a token.
    pub(crate) loss: [u64; 3],
}

impl Sums {
    /// Adds a request and what was said about it; bounds are cut at its limit.
    pub(crate) fn add(&mut self, answer: &Answer, bounds: [u64; 3]) {
        let cap = answer.cap.unwrap_or(u64::MAX);
        self.rows += 1;
        self.total += answer.output;
        for (at, (bound, level)) in bounds.into_iter().zip(LEVELS).enumerate() {
            let (bound, output) = (bound.min(cap), answer.output);
            self.held[at] += u64::from(output <= bound);
            self.bound[at] += bound;
            self.loss[at] += output.saturating_sub(bound) * level;
            self.loss[at] += bound.saturating_sub(output) * (1000 - level);
        }
    }

    pub(crate) fn plus(&mut self, other: &Self) {
        self.rows += other.rows;
        self.total += other.total;
        for at in 0..3 {
            self.held[at] += other.held[at];
            self.bound[at] += other.bound[at];
            self.loss[at] += other.loss[at];
        }
    }

    /// Share of requests at or below the bound.
    pub(crate) fn held(&self, at: usize) -> u64 {
        self.held[at] * 1_000_000 / self.rows.max(1)
    }

    /// Bound divided by the mean.
    pub(crate) fn bound(&self, at: usize) -> u64 {
        self.bound[at] * 1_000_000 / self.total.max(1)
    }

    /// Loss divided by the mean.
    pub(crate) fn loss(&self, at: usize) -> u64 {
        self.loss[at] * 1000 / self.total.max(1)
    }
}

/// The request of an answer, as one would ask before sending.
pub(crate) fn input(
    model: &str,
    work: Option<Work>,
    thinking: Option<bool>,
    prompt: u64,
) -> EstimateInput<'_> {
    let thinking = match thinking {
        Some(true) => Thinking::On,
        Some(false) => Thinking::Never,
        None => Thinking::Automatic,
    };
    let caps = Caps { thinking, ..Caps::default() };
    EstimateInput { work, caps, ..EstimateInput::new(model, prompt) }
}

/// p50, p90 and p99.
pub(crate) fn levels(quantiles: &Quantiles) -> [u64; 3] {
    [quantiles.p50.tokens, quantiles.p90.tokens, quantiles.p99.tokens]
}

/// Answers of one source, model, kind of work and task.
pub(crate) type Groups<'a> =
    BTreeMap<(&'a str, &'a str, Work, Option<bool>, &'a str), Vec<&'a Answer>>;

/// The groups with enough rows.
pub(crate) fn groups(answers: &[Answer], least: usize) -> Groups<'_> {
    let mut groups: Groups<'_> = BTreeMap::new();
    for a in answers {
        let key = (a.source.as_str(), a.model.as_str(), a.work, a.thinking, a.task.as_str());
        groups.entry(key).or_default().push(a);
    }
    groups.retain(|_, answers| answers.len() >= least);
    groups
}

/// Fewer rows than this left to predict: the group is skipped at this `k`.
pub(crate) const MIN_LEFT: usize = 20;

/// How own rows do, over groups: of the estimator, and of plain empirical quantiles of the same rows.
pub(crate) fn own_rows(
    answers: &[Answer],
    cells: &[OwnedCell],
    k: usize,
    splits: u64,
    seed: u64,
) -> (Vec<Sums>, Vec<Sums>) {
    let (mut ours, mut empirical) = (Vec::new(), Vec::new());
    for (number, (key, rows)) in (0u64..).zip(groups(answers, 60)) {
        if rows.len() < k + MIN_LEFT {
            continue;
        }
        let (source, model, work, thinking, _) = key;
        let kept = without(cells, source);
        let mut random = Random(seed ^ (number << 32) ^ k as u64);
        let (mut us, mut them) = (Sums::default(), Sums::default());
        for _ in 0..splits {
            let (own, left) = split(&rows, k, &mut random);
            let estimator = Estimator::new(priors(&kept), history(model, &own));
            let estimate = estimator.estimate(&input(model, Some(work), thinking, 0));
            let Some(output) = estimate.output else { continue };
            let plain = plain_quantiles(&own);
            for answer in left {
                us.add(answer, levels(&output));
                them.add(answer, plain);
            }
        }
        ours.push(us);
        empirical.push(them);
    }
    (ours, empirical)
}

/// A log in which every other row names the snapshot.
fn history(model: &str, own: &[&Answer]) -> History {
    let mut history = History::new();
    for (number, answer) in own.iter().enumerate() {
        let snapshot = if number % 2 == 0 { "" } else { "-2025-08-07" };
        let key = HistoryKey { model: format!("{model}{snapshot}"), ..HistoryKey::default() };
        let row =
            HistoryRow { at: None, prompt: 0, output: answer.output, hidden: answer.reasoning };
        history.push(key, row);
    }
    history
}

/// Quantiles of the own rows, linear between them.
fn plain_quantiles(own: &[&Answer]) -> [u64; 3] {
    let mut rows: Vec<u64> = own.iter().map(|answer| answer.output).collect();
    rows.sort_unstable();
    let last = (rows.len() as u64).saturating_sub(1);
    LEVELS.map(|level| {
        let (at, part) = (last * level / 1000, last * level % 1000);
        let row = |at: u64| usize::try_from(at).ok().and_then(|at| rows.get(at)).copied();
        let low = row(at).unwrap_or(0);
        low + (row(at + 1).unwrap_or(low) - low) * part / 1000
    })
}

/// Requests in a batch.
pub(crate) const BATCH: usize = 100;

/// Results for totals of batches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) batches: u64,
    /// Inside the 90 % interval.
    pub(crate) inside: u64,
    /// Upper end divided by the true total, summed, in millionths.
    pub(crate) high: u64,
    /// Upper end divided by the lower one, summed, in millionths.
    pub(crate) width: u64,
    /// p90 of every request together, divided by the true total, summed.
    pub(crate) reserve: u64,
    /// Batches whose requests or models have a limit, and the limits together, divided likewise.
    pub(crate) capped: u64,
    pub(crate) caps: u64,
}

/// The longest answer that a seller of a model states.
fn longest(model: &str) -> Option<u64> {
    let book = PriceBook::builtin();
    let sellers = book.sellers(model).into_iter();
    let facts = sellers.filter_map(|(provider, id)| book.facts(provider, id));
    facts.map(|(_, facts)| facts.max_output_tokens).filter(|most| *most > 0).max()
}

/// Totals of [`BATCH`] requests of a group, with `k` own rows, `splits` batches of each group.
pub(crate) fn totals(
    answers: &[Answer],
    cells: &[OwnedCell],
    k: usize,
    splits: u64,
    seed: u64,
) -> Totals {
    let mut sums = Totals::default();
    for (number, (key, rows)) in (0u64..).zip(groups(answers, k + BATCH)) {
        let (source, model, work, thinking, _) = key;
        let kept = without(cells, source);
        let mut random = Random(seed ^ (number << 32) ^ k as u64);
        let longest = longest(model).unwrap_or(u64::MAX);
        for _ in 0..splits {
            let (own, left) = split(&rows, k, &mut random);
            let estimator = Estimator::new(priors(&kept), history(model, &own));
            let asked: Vec<(EstimateInput<'_>, u64)> = left
                .iter()
                .take(BATCH)
                .map(|answer| (input(model, Some(work), thinking, answer.prompt), 1))
                .collect();
            let Some(total) = estimator.total(&asked) else { continue };
            let truth: u64 = left.iter().take(BATCH).map(|answer| answer.output).sum();
            let (low, high) = (total.output.low, total.output.high);
            sums.batches += 1;
            sums.inside += u64::from(low <= truth && truth <= high);
            sums.high += high * 1_000_000 / truth.max(1);
            sums.width += high * 1_000_000 / low.max(1);
            let of = |share: &dyn Fn(&Answer) -> u64| -> u64 {
                let shares = left.iter().take(BATCH).map(|answer| share(answer));
                shares.fold(0, u64::saturating_add)
            };
            let mut said: BTreeMap<u32, u64> = BTreeMap::new();
            for answer in left.iter().take(BATCH) {
                said.entry(answer.prompt.max(1).ilog2()).or_insert_with(|| {
                    let asked = input(model, Some(work), thinking, answer.prompt);
                    estimator.estimate(&asked).output.map_or(0, |output| output.p90.tokens)
                });
            }
            let p90 = |answer: &Answer| said.get(&answer.prompt.max(1).ilog2()).copied();
            sums.reserve += of(&|answer| p90(answer).unwrap_or(0)) * 1_000_000 / truth.max(1);
            let caps = of(&|answer| answer.cap.unwrap_or(longest));
            if caps < u64::MAX / 1_000_000 {
                sums.capped += 1;
                sums.caps += caps * 1_000_000 / truth.max(1);
            }
        }
    }
    sums
}

/// `k` random answers, and the others in random order.
fn split<'a>(
    answers: &[&'a Answer],
    k: usize,
    random: &mut Random,
) -> (Vec<&'a Answer>, Vec<&'a Answer>) {
    let mut rows = answers.to_vec();
    for at in (1..rows.len()).rev() {
        let other = usize::try_from(random.next() % (at as u64 + 1)).unwrap_or(0);
        rows.swap(at, other);
    }
    let left = rows.split_off(k);
    (rows, left)
}

/// `SplitMix64`: a fixed start gives the same splits everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed ^= mixed >> 30;
        mixed = mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^= mixed >> 27;
        mixed = mixed.wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
