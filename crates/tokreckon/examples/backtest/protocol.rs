//! Leave one task class out: the prior comes from the model's other classes, `k` rows of the class
//! calibrate, the others are predicted. Integers only; shares and losses are in millionths.

use std::collections::BTreeMap;

use tokreckon::reasoning::{EstimateInput, Estimator, Guarantee, History, Key, Row, measure};
use tokreckon_data::priors::{Grade, Prior, Priors, Scope};

use crate::facts::{Request, Tasks};

/// Splits per task class.
pub(crate) const SPLITS: u64 = 200;
/// Task classes with fewer rows are not left out; they stay part of the prior.
pub(crate) const MIN_ROWS: usize = 60;
/// Fewer rows than this left to predict: the class is skipped at this `k`.
const MIN_LEFT: usize = 20;

/// Results of one method at one `k`: averages over task classes, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Score {
    /// Task classes.
    pub(crate) tasks: u64,
    /// Share of requests at or below p50, p90, p99.
    pub(crate) held: [u64; 3],
    /// The same on the worst task class.
    pub(crate) worst: [u64; 3],
    /// The same on the best one.
    pub(crate) best: [u64; 3],
    /// Bound divided by the mean.
    pub(crate) bound: [u64; 3],
    /// Pinball loss divided by the mean.
    pub(crate) loss: [u64; 3],
}

/// How bounds are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Method {
    /// What this crate does.
    Estimator,
    /// The guaranteed bounds (none at p50): the order statistics of the own rows.
    Guaranteed,
    /// Hidden tokens are ignored.
    Ignore,
    /// Thousandths of the visible tokens, which a caller cannot know before.
    Visible(u64),
    /// A reserve of 25,000 tokens.
    Reserve,
    /// Quantiles of the own rows, linear between them.
    Empirical,
}

impl Method {
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [
        Self::Estimator,
        Self::Guaranteed,
        Self::Ignore,
        Self::Visible(4000),
        Self::Visible(8500),
        Self::Reserve,
        Self::Empirical,
    ];

    /// Its name in a table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Estimator => "**estimator**",
            Self::Guaranteed => "guaranteed bound",
            Self::Ignore => "ignore hidden",
            Self::Visible(4000) => "4 × visible (known)",
            Self::Visible(_) => "8.5 × visible (known)",
            Self::Reserve => "25,000 reserve",
            Self::Empirical => "empirical quantile",
        }
    }
}

/// The levels in thousandths.
const LEVELS: [u64; 3] = [500, 900, 990];

/// Scores of all methods at one `k`; methods without an answer there are absent.
pub(crate) fn score(tasks: &Tasks, k: usize, seed: u64) -> BTreeMap<Method, Score> {
    let mut all: BTreeMap<Method, Vec<Score>> = BTreeMap::new();
    for (number, (left_out, requests)) in (0u64..).zip(tasks) {
        if requests.len() < MIN_ROWS.max(k + MIN_LEFT) {
            continue;
        }
        let prior = [model_prior(&[MODEL], tasks, Some(left_out))];
        let mut random = Random(seed ^ (number << 32) ^ k as u64);
        let mut sums: BTreeMap<Method, (u64, Score)> = BTreeMap::new();
        for _ in 0..if k == 0 { 1 } else { SPLITS } {
            let (own, left) = split(requests, k, &mut random);
            let estimator = estimator(&prior, &own);
            for method in Method::ALL {
                if let Some(bounds) = bounds(method, &estimator, &own) {
                    let (splits, sum) = sums.entry(method).or_default();
                    *splits += 1;
                    judge(method, bounds, &left, sum);
                }
            }
        }
        for (method, (splits, sum)) in sums {
            let average = |sums: [u64; 3]| sums.map(|sum| sum / splits);
            let (held, bound) = (average(sum.held), average(sum.bound));
            let loss = average(sum.loss);
            let score = Score { tasks: 1, held, worst: held, best: held, bound, loss };
            all.entry(method).or_default().push(score);
        }
    }
    all.into_iter().map(|(method, scores)| (method, over_tasks(&scores))).collect()
}

fn over_tasks(scores: &[Score]) -> Score {
    let mean = |of: fn(&Score) -> [u64; 3]| {
        [0, 1, 2].map(|at| scores.iter().map(|s| of(s)[at]).sum::<u64>() / scores.len() as u64)
    };
    let every = |at: usize| scores.iter().map(move |s| s.held[at]);
    Score {
        tasks: scores.len() as u64,
        held: mean(|s| s.held),
        worst: [0, 1, 2].map(|at| every(at).min().unwrap_or(0)),
        best: [0, 1, 2].map(|at| every(at).max().unwrap_or(0)),
        bound: mean(|s| s.bound),
        loss: mean(|s| s.loss),
    }
}

/// Bounds at the three levels; thousandths of the visible tokens for [`Method::Visible`].
fn bounds(method: Method, estimator: &Estimator<'_>, own: &[Request]) -> Option<[u64; 3]> {
    match method {
        Method::Estimator => {
            let hidden = estimator.estimate(&input(own.len())).hidden?;
            Some([hidden.p50.tokens, hidden.p90.tokens, hidden.p99.tokens])
        }
        Method::Guaranteed => {
            let hidden = estimator.estimate(&input(own.len())).hidden?;
            let Guarantee::Holds { tokens: p90 } = hidden.p90_guarantee else { return None };
            let p99 = match hidden.p99_guarantee {
                Guarantee::Holds { tokens } => tokens,
                Guarantee::NotYet { .. } => 0,
            };
            Some([0, p90, p99])
        }
        Method::Ignore => Some([0; 3]),
        Method::Visible(per_mille) => Some([per_mille; 3]),
        Method::Reserve => Some([25_000; 3]),
        Method::Empirical => {
            let mut rows: Vec<u64> = own.iter().map(|row| row.hidden).collect();
            rows.sort_unstable();
            let last = (rows.len() as u64).checked_sub(1)?;
            Some(LEVELS.map(|level| {
                let (at, part) = (last * level / 1000, last * level % 1000);
                let row = |at: u64| usize::try_from(at).ok().and_then(|at| rows.get(at)).copied();
                let low = row(at).unwrap_or(0);
                low + (row(at + 1).unwrap_or(low) - low) * part / 1000
            }))
        }
    }
}

/// Adds how bounds do on the requests that are left.
fn judge(method: Method, bounds: [u64; 3], left: &[Request], sum: &mut Score) {
    let count = left.len() as u64;
    let total: u64 = left.iter().map(|row| row.hidden).sum();
    for (at, (bound, level)) in bounds.into_iter().zip(LEVELS).enumerate() {
        let (mut held, mut loss, mut bound_sum) = (0, 0, 0);
        for row in left {
            let bound = match method {
                Method::Visible(_) => row.visible * bound / 1000,
                _ => bound,
            };
            held += u64::from(row.hidden <= bound);
            bound_sum += bound;
            loss += row.hidden.saturating_sub(bound) * level;
            loss += bound.saturating_sub(row.hidden) * (1000 - level);
        }
        sum.held[at] += held * 1_000_000 / count;
        sum.bound[at] += bound_sum * 1_000_000 / total.max(1);
        sum.loss[at] += loss * 1000 / total.max(1);
    }
}

/// Shares of requests at or below p50, p90 and p99 of a prior without own rows, in millionths.
pub(crate) fn held_without(prior: &Prior<'_>, left: &[Request]) -> Option<[u64; 3]> {
    let prior = [Prior { scope: Scope::Model, models: &[MODEL], ..*prior }];
    let bounds = bounds(Method::Estimator, &estimator(&prior, &[]), &[])?;
    let mut sum = Score::default();
    judge(Method::Estimator, bounds, left, &mut sum);
    Some(sum.held)
}

/// Results for totals of batches at one `k`, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TotalScore {
    /// Task classes.
    pub(crate) tasks: u64,
    /// Share of batches inside the 90 % interval.
    pub(crate) inside: u64,
    /// The same on the worst task class.
    pub(crate) worst: u64,
    /// Upper bound divided by the lower.
    pub(crate) width: u64,
    /// Distance of the median forecast from the truth, as a share of it.
    pub(crate) error: u64,
}

/// Requests in a held-out batch.
pub(crate) const BATCH: usize = 100;

/// Scores of totals of [`BATCH`] held-out requests.
pub(crate) fn score_totals(tasks: &Tasks, k: usize, seed: u64) -> Option<TotalScore> {
    let mut sum = TotalScore { worst: u64::MAX, ..TotalScore::default() };
    for (number, (left_out, requests)) in (0u64..).zip(tasks) {
        if requests.len() < k + BATCH {
            continue;
        }
        let prior = [model_prior(&[MODEL], tasks, Some(left_out))];
        let mut random = Random(seed ^ (number << 32) ^ k as u64);
        let (mut inside, mut width, mut error) = (0, 0, 0);
        for _ in 0..SPLITS {
            let (own, left) = split(requests, k, &mut random);
            let estimator = estimator(&prior, &own);
            let total = estimator.total(&[(input(k), BATCH as u64)])?.hidden;
            let truth: u64 = left.iter().take(BATCH).map(|row| row.hidden).sum();
            inside += u64::from(total.low <= truth && truth <= total.high);
            width += total.high * 1_000_000 / total.low.max(1);
            error += total.median.abs_diff(truth) * 1_000_000 / truth.max(1);
        }
        sum.tasks += 1;
        sum.inside += inside * 1_000_000 / SPLITS;
        sum.worst = sum.worst.min(inside * 1_000_000 / SPLITS);
        sum.width += width / SPLITS;
        sum.error += error / SPLITS;
    }
    let tasks = sum.tasks;
    (tasks > 0).then(|| TotalScore {
        inside: sum.inside / tasks,
        width: sum.width / tasks,
        error: sum.error / tasks,
        ..sum
    })
}

/// The prior of a model from its task classes, one of them left out.
pub(crate) fn model_prior<'a>(
    models: &'a [&'a str],
    tasks: &Tasks,
    left_out: Option<&str>,
) -> Prior<'a> {
    let kept: Vec<&[Request]> = tasks
        .iter()
        .filter(|(task, _)| Some(task.as_str()) != left_out)
        .map(|(_, requests)| requests.as_slice())
        .collect();
    prior_of(models, &kept)
}

/// A prior of scope model from requests by task class.
pub(crate) fn prior_of<'a>(models: &'a [&'a str], tasks: &[&[Request]]) -> Prior<'a> {
    let of = |part: fn(&Request) -> u64| {
        let rows: Vec<Vec<u64>> = tasks.iter().map(|t| t.iter().map(part).collect()).collect();
        measure(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>())
    };
    let rows = tasks.iter().map(|task| task.len() as u64).sum();
    let mut prompts: Vec<(usize, &str)> = Vec::new();
    for (number, task) in tasks.iter().enumerate() {
        prompts.extend(task.iter().map(|request| (number, request.item.as_str())));
    }
    prompts.sort_unstable();
    prompts.dedup();
    Prior {
        scope: Scope::Model,
        models,
        effort: "",
        class: "",
        rows,
        prompts: prompts.len() as u64,
        tasks: tasks.len() as u64,
        grade: Grade::Exact,
        source: "the other task classes",
        hidden: of(|row| row.hidden),
        visible: of(|row| row.visible),
        output: of(|row| row.hidden + row.visible),
        held: None,
    }
}

const MODEL: &str = "model";
const LABEL: &str = "left out";

fn estimator<'a>(priors: &'a [Prior<'a>], own: &[Request]) -> Estimator<'a> {
    let mut history = History::new();
    for row in own {
        let key = Key { model: MODEL.to_owned(), label: LABEL.to_owned(), ..Key::default() };
        let row = Row { prompt: row.prompt, hidden: row.hidden, visible: row.visible };
        history.push(key, row);
    }
    Estimator::new(Priors { rows: priors, ratios: &[], defaults: &[] }, history)
}

fn input(k: usize) -> EstimateInput<'static> {
    let label = (k > 0).then_some(LABEL);
    EstimateInput { label, ..EstimateInput::new(MODEL, 0) }
}

/// `k` random requests, and the others in random order.
fn split(requests: &[Request], k: usize, random: &mut Random) -> (Vec<Request>, Vec<Request>) {
    let mut rows = requests.to_vec();
    for at in (1..rows.len()).rev() {
        let other = usize::try_from(random.next() % (at as u64 + 1)).unwrap_or(0);
        rows.swap(at, other);
    }
    let left = rows.split_off(k);
    (rows, left)
}

/// `SplitMix64`: a fixed start gives the same splits everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed ^= mixed >> 30;
        mixed = mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^= mixed >> 27;
        mixed = mixed.wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
