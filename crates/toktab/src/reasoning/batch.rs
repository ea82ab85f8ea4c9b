//! Totals over many requests: far tighter than one request, because single surprises cancel.

use super::distribution::Distribution;
use super::fixed::{Fixed, NORMAL_95, student_quantile};
use super::ground::Ground;
use super::input::{EstimateInput, Estimator};
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
    /// The total of several kinds of requests, each with its number of requests.
    ///
    /// `None` when one of them has no basis: its cap is then the only bound. The requests of one
    /// kind share what is not known about the kind; different kinds are taken as independent.
    #[must_use]
    pub fn total(&self, kinds: &[(EstimateInput<'_>, u64)]) -> Option<Total> {
        let (mut hidden, mut output) = (Sum::default(), Some(Sum::default()));
        let (mut requests, mut prompt) = (0, 0);
        for (input, count) in kinds.iter().filter(|(_, count)| *count > 0) {
            let ground = self.ground(input)?;
            let cap = input.caps.hard(input.prompt_tokens).map_or(u64::MAX, |cap| cap.tokens);
            let answers = count.saturating_mul(u64::from(input.choices));
            hidden.add(&ground, ground.hidden.clone(), cap, answers);
            output = output.zip(ground.output.clone()).map(|(mut sum, distribution)| {
                sum.add(&ground, distribution, cap, answers);
                sum
            });
            requests += count;
            prompt += u128::from(*count) * u128::from(input.prompt_tokens);
        }
        let output = output.map(|sum| sum.interval());
        Some(Total { requests, prompt, hidden: hidden.interval(), output })
    }
}

/// Parts of a total: (expected tokens, variance relative to their square).
#[derive(Default)]
struct Sum {
    parts: Vec<(Fixed, Fixed)>,
    degrees: Option<u64>,
}

impl Sum {
    fn add(&mut self, ground: &Ground, distribution: Distribution, cap: u64, answers: u64) {
        let distribution = distribution.map(|tokens| tokens.min(cap));
        let noise = distribution.relative_variance();
        let rows = ground.basis.rows;
        let ln_2_squared = Fixed::ONE.over(Fixed::LOG2_E).times(Fixed::ONE.over(Fixed::LOG2_E));
        // What is not known about the mean: few rows, or which kind of work it is.
        let (of_mean, degrees) = if let Some(classes) = ground.classes {
            let count = ground.basis.tasks.max(1);
            let between = Fixed::of_millionths(classes.between).times(ln_2_squared);
            (between + between.over(Fixed::of(count)), count.saturating_sub(1).max(3))
        } else {
            (noise.over(Fixed::of(rows + PRIOR_ROWS)), rows + PRIOR_DEGREES)
        };
        let relative = of_mean + noise.over(Fixed::of(answers));
        let typical = ground.classes.map_or(Fixed::ONE, |classes| classes.typical);
        let expected = distribution.mean().times(typical);
        self.parts.push((expected.times(Fixed::of(answers.min(1 << 31))), relative));
        self.degrees = Some(self.degrees.map_or(degrees, |least| least.min(degrees)));
    }

    fn interval(&self) -> Interval {
        let expected: Fixed = self.parts.iter().map(|&(part, _)| part).sum();
        if expected <= Fixed::ZERO {
            return Interval { low: 0, median: 0, high: 0 };
        }
        let variance: Fixed = self
            .parts
            .iter()
            .map(|&(part, relative)| {
                let share = part.over(expected);
                share.times(share).times(relative)
            })
            .sum();
        let t = student_quantile(NORMAL_95, self.degrees.unwrap_or(3));
        let width = t.times(variance.square_root()).times(Fixed::LOG2_E);
        let high = expected.times(width.exp2());
        let low = expected.times((-width).exp2());
        Interval { low: low.floor(), median: expected.ceil(), high: high.ceil() }
    }
}

/// What the prior weighs in rows when the mean of own rows is judged.
const PRIOR_ROWS: u64 = 2;
