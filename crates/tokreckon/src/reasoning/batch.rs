//! Totals over many requests: far tighter than one request, because single surprises cancel.

use std::collections::BTreeMap;

use tokreckon_data::priors::{Constants, Work};

use super::answer::EstimateOrigin;
use super::cap::Caps;
use super::distribution::Distribution;
use super::fixed::{Fixed, normal_at, student_quantile};
use super::ground::{Ground, Subject};
use super::input::{EstimateInput, Estimator, Visible};
use super::pool::doublings;

/// Tokens of many requests together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// Requests.
    pub requests: u64,
    /// Prompts: exact.
    pub prompt: u128,
    /// All billed output.
    pub output: Interval,
    sum: Sum,
}

/// A 90 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interval {
    /// 5 % of totals are below.
    pub low: u64,
    /// As likely above as below.
    pub median: u64,
    /// What such totals are on average.
    pub mean: u64,
    /// 5 % of totals are above.
    pub high: u64,
}

impl Total {
    /// The total of output that is not exceeded with a chance in thousandths, between 0.5 and 99.5 %.
    #[must_use]
    pub fn output_at(&self, per_mille: u64) -> u64 {
        self.sum.at(per_mille)
    }
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
            // The length of the prompt says something where there are no own rows; with them, one
            // ground is for prompts of any length.
            let is_own = |ground: &Ground| ground.basis.origin == EstimateOrigin::Own;
            let mut key = kind(input, 0);
            if !kinds.get(&key).is_some_and(|(ground, _)| is_own(ground)) {
                let longer = kind(input, doublings(input.prompt_tokens));
                if kinds.contains_key(&longer) {
                    key = longer;
                } else {
                    let of = self.subject(input);
                    let usual = Subject { doublings: None, ..of.clone() };
                    let mut ground = self.ground(input, &usual)?;
                    if !is_own(&ground) {
                        ground = self.ground(input, &of)?;
                        key = longer;
                    }
                    kinds.insert(key, (ground, BTreeMap::new()));
                }
            }
            let (ground, answers_by_cap) = kinds.get_mut(&key)?;
            // Caps that no answer reaches are one and the same.
            let cap = input.caps.hard(input.prompt_tokens).map_or(u64::MAX, |cap| cap.tokens);
            let answers = answers_by_cap.entry(cap.min(ground.output.largest())).or_default();
            *answers = answers.saturating_add(count.saturating_mul(u64::from(input.choices)));
            sent = sent.saturating_add(*count);
            prompt += u128::from(*count) * u128::from(input.prompt_tokens);
        }
        let mut sum = Sum::default();
        for (ground, answers_by_cap) in kinds.values() {
            sum.add(ground, answers_by_cap, &self.priors.constants);
        }
        Some(Total { requests: sent, prompt, output: sum.interval(), sum })
    }
}

/// Everything about a request but its prompt and the limits that depend on it, and how long it is.
type Kind<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<Work>, Caps, Visible, u32, u64);

fn kind<'a>(input: &EstimateInput<'a>, doublings: u64) -> Kind<'a> {
    let EstimateInput { model, effort, label, work, caps, visible, choices, .. } = *input;
    (model, effort, label, work, caps, visible, choices, doublings)
}

/// A sum of kinds: what is random in single answers cancels, what is not known about a source of
/// prompts does not, and is taken to be shared by kinds that rest on recorded answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sum {
    parts: Vec<Part>,
    degrees: Option<u64>,
    /// The distribution of a single answer: nothing is summed.
    single: Option<Distribution>,
}

/// The requests of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    expected: Fixed,
    /// Variance of its logarithm (natural) that is its own.
    own: Fixed,
    /// Deviation of its logarithm that other recorded kinds share.
    shared: Fixed,
}

impl Sum {
    fn add(&mut self, ground: &Ground, answers_by_cap: &BTreeMap<u64, u64>, constants: &Constants) {
        let capped: Vec<(Fixed, Fixed, u64)> = answers_by_cap
            .iter()
            .map(|(&cap, &answers)| {
                let distribution = ground.output.clone().map(|tokens| tokens.min(cap));
                let noise = distribution.relative_variance();
                (distribution.mean().times_count(answers), noise, answers)
            })
            .collect();
        let expected: Fixed = capped.iter().map(|&(expected, ..)| expected).sum();
        if expected <= Fixed::ZERO {
            return;
        }
        let one = matches!(capped.as_slice(), [(.., 1)]) && self.parts.is_empty();
        self.single = one.then(|| {
            let cap = answers_by_cap.keys().next().copied().unwrap_or(u64::MAX);
            ground.output.clone().map(|tokens| tokens.min(cap))
        });
        let noise = capped.iter().map(|&(part, noise, answers)| {
            let share = part.over(expected);
            share.times(share).times(noise).over(Fixed::of(answers.max(1)))
        });
        let recorded = ground.basis.origin != EstimateOrigin::Own;
        let rows = ground.basis.rows;
        let ln_2 = Fixed::ONE.over(Fixed::LOG2_E);
        let (of_mean, shared, degrees) = if recorded {
            // Caps cut what sources differ by as they cut single answers.
            let most = of_log(relative(&ground.output, answers_by_cap));
            let between = ground.between.times(ln_2).times(ln_2).min(most);
            (Fixed::ZERO, between.square_root(), constants.recorded_degrees)
        } else {
            let variance =
                ground.output.relative_variance().over(Fixed::of(rows + constants.prior_rows));
            (of_log(variance), Fixed::ZERO, rows + constants.prior_degrees)
        };
        self.parts.push(Part { expected, own: of_mean + of_log(noise.sum()), shared });
        self.degrees = Some(self.degrees.map_or(degrees, |least| least.min(degrees)));
    }

    fn expected(&self) -> Fixed {
        self.parts.iter().map(|part| part.expected).sum()
    }

    /// Variance of the logarithm of the sum.
    fn variance(&self) -> Fixed {
        let expected = self.expected();
        let own = self.parts.iter().map(|part| {
            let share = part.expected.over(expected);
            share.times(share).times(part.own)
        });
        let shared: Fixed =
            self.parts.iter().map(|part| part.expected.over(expected).times(part.shared)).sum();
        own.sum::<Fixed>() + shared.times(shared)
    }

    fn at(&self, per_mille: u64) -> u64 {
        let expected = self.expected();
        if expected <= Fixed::ZERO {
            return 0;
        }
        if let Some(single) = &self.single {
            return single.quantile(per_mille);
        }
        let variance = self.variance();
        let t = student_quantile(normal_at(per_mille), self.degrees.unwrap_or(3));
        // Half a variance below the mean is the median of a log-normal.
        let half = Fixed::of(2);
        let exponent = t.times(variance.square_root()) - variance.over(half);
        expected.times(exponent.times(Fixed::LOG2_E).exp2()).ceil()
    }

    fn interval(&self) -> Interval {
        Interval {
            low: self.at(50),
            median: self.at(500),
            mean: self.expected().ceil(),
            high: self.at(950),
        }
    }
}

/// The variance of the logarithm of a log-normal with this relative variance.
fn of_log(relative: Fixed) -> Fixed {
    (Fixed::ONE + relative).log2().over(Fixed::LOG2_E)
}

/// The relative variance of one answer, cut at the caps of the requests: no total is less certain.
fn relative(output: &Distribution, answers_by_cap: &BTreeMap<u64, u64>) -> Fixed {
    let cap = answers_by_cap.keys().max().copied().unwrap_or(u64::MAX);
    output.clone().map(|tokens| tokens.min(cap)).relative_variance()
}
