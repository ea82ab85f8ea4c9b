//! Totals over many requests: far tighter than one request, because single surprises cancel.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::cap::Caps;
use super::distribution::Distribution;
use super::fixed::{Fixed, NORMAL_95, student_quantile};
use super::ground::Ground;
use super::input::{EstimateInput, Estimator, Visible};
use super::predictive::PRIOR_DEGREES;

/// Tokens of many requests together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// Requests.
    pub requests: u64,
    /// Prompts: exact.
    pub prompt: u128,
    /// Billed output that is not visible.
    pub hidden: Interval,
    /// All billed output; `None` when the visible part of a request is not known.
    pub output: Option<Interval>,
}

/// A 90 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// 5 % of totals are below.
    pub low: u64,
    /// As likely above as below.
    pub median: u64,
    /// 5 % of totals are above.
    pub high: u64,
}

impl Estimator<'_> {
    /// The total of requests, each given with how often it is sent.
    ///
    /// `None` when one of them has no basis: its cap is then the only bound. Requests that differ
    /// in nothing but their prompt are of one kind and share what is not known about the kind, so
    /// a batch may be given line by line; different kinds are taken as independent.
    #[must_use]
    pub fn total(&self, requests: &[(EstimateInput<'_>, u64)]) -> Option<Total> {
        let mut kinds: BTreeMap<Kind<'_>, (Ground, BTreeMap<u64, u64>)> = BTreeMap::new();
        let (mut sent, mut prompt) = (0u64, 0);
        for (input, count) in requests.iter().filter(|(_, count)| *count > 0) {
            let (ground, answers_by_cap) = match kinds.entry(kind(input)) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => entry.insert((self.ground(input)?, BTreeMap::new())),
            };
            // Caps that no answer reaches are one and the same.
            let cap = input.caps.hard(input.prompt_tokens).map_or(u64::MAX, |cap| cap.tokens);
            let output = ground.output.as_ref().map_or(0, Distribution::largest);
            let cap = cap.min(output.max(ground.hidden.largest()));
            let answers = answers_by_cap.entry(cap).or_default();
            *answers = answers.saturating_add(count.saturating_mul(u64::from(input.choices)));
            sent = sent.saturating_add(*count);
            prompt += u128::from(*count) * u128::from(input.prompt_tokens);
        }
        let (mut hidden, mut output) = (Sum::default(), Some(Sum::default()));
        for (ground, answers_by_cap) in kinds.values() {
            hidden.add(ground, &ground.hidden, answers_by_cap);
            output = output.zip(ground.output.as_ref()).map(|(mut sum, distribution)| {
                sum.add(ground, distribution, answers_by_cap);
                sum
            });
        }
        let output = output.map(|sum| sum.interval());
        Some(Total { requests: sent, prompt, hidden: hidden.interval(), output })
    }
}

/// Everything about a request but its prompt and the limits that depend on it.
type Kind<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Caps, Visible, u32);

fn kind<'a>(input: &EstimateInput<'a>) -> Kind<'a> {
    let EstimateInput { model, effort, label, caps, visible, choices, .. } = *input;
    (model, effort, label, caps, visible, choices)
}

/// A sum of independent kinds.
#[derive(Default)]
struct Sum {
    parts: Vec<Part>,
    degrees: Option<u64>,
}

/// The requests of one kind.
struct Part {
    expected: Fixed,
    /// Variance relative to the square of what is expected.
    variance: Fixed,
}

impl Sum {
    fn add(
        &mut self,
        ground: &Ground,
        distribution: &Distribution,
        answers_by_cap: &BTreeMap<u64, u64>,
    ) {
        let typical = ground.classes.map_or(Fixed::ONE, |classes| classes.typical);
        let capped: Vec<(Fixed, Fixed, u64)> = answers_by_cap
            .iter()
            .map(|(&cap, &answers)| {
                let distribution = distribution.clone().map(|tokens| tokens.min(cap));
                let noise = distribution.relative_variance();
                (distribution.mean().times(typical).times_count(answers), noise, answers)
            })
            .collect();
        let expected: Fixed = capped.iter().map(|&(expected, ..)| expected).sum();
        if expected <= Fixed::ZERO {
            return;
        }
        let noise = capped.iter().map(|&(part, noise, answers)| {
            let share = part.over(expected);
            share.times(share).times(noise).over(Fixed::of(answers.max(1)))
        });
        let (of_mean, degrees) = of_mean(ground, distribution);
        self.parts.push(Part { expected, variance: of_mean + noise.sum() });
        self.degrees = Some(self.degrees.map_or(degrees, |least| least.min(degrees)));
    }

    fn interval(&self) -> Interval {
        let expected: Fixed = self.parts.iter().map(|part| part.expected).sum();
        if expected <= Fixed::ZERO {
            return Interval { low: 0, median: 0, high: 0 };
        }
        let variances = self.parts.iter().map(|part| {
            let share = part.expected.over(expected);
            share.times(share).times(part.variance)
        });
        let deviation = variances.sum::<Fixed>().square_root();
        let t = student_quantile(NORMAL_95, self.degrees.unwrap_or(3));
        let width = t.times(deviation).times(Fixed::LOG2_E);
        let high = expected.times(width.exp2());
        let low = expected.times((-width).exp2());
        Interval { low: low.floor(), median: expected.ceil(), high: high.ceil() }
    }
}

/// What is not known about the mean of a kind, as a relative variance, and its degrees of freedom:
/// how few the own rows are, or which of a table's task classes the work is like.
fn of_mean(ground: &Ground, distribution: &Distribution) -> (Fixed, u64) {
    let Some(classes) = ground.classes else {
        let rows = ground.basis.rows;
        let variance = distribution.relative_variance().over(Fixed::of(rows + PRIOR_ROWS));
        return (variance, rows + PRIOR_DEGREES);
    };
    let count = ground.basis.tasks.max(1);
    let ln_2 = Fixed::ONE.over(Fixed::LOG2_E);
    let between = Fixed::of_millionths(classes.between).times(ln_2).times(ln_2);
    (between + between.over(Fixed::of(count)), count.saturating_sub(1).max(3))
}

/// What the prior weighs in rows when the mean of own rows is judged.
const PRIOR_ROWS: u64 = 2;
