//! Leave one source out: every answer is predicted from the answers of all other sources.

use std::collections::{BTreeMap, BTreeSet};

use tokreckon::reasoning::Estimator;
use tokreckon_data::priors::{Cell, Work};

use crate::cells::{OwnedCell, priors, without};
use crate::facts::{Answer, Mean};
use crate::protocol::{Sums, input, levels};

/// A model that was scored.
#[derive(Clone, Debug)]
pub(crate) struct Scored {
    pub(crate) model: String,
    pub(crate) thinking: bool,
    pub(crate) sums: Sums,
}

/// Models with so many answers, of so many sources, are scored.
#[derive(Clone, Copy)]
pub(crate) struct Least {
    pub(crate) rows: u64,
    pub(crate) sources: usize,
}

/// Answers by source and kind of work.
type OfSource<'a> = BTreeMap<(&'a str, Work), Vec<&'a Answer>>;

/// Scores models on kinds of work; `told` says whether the estimator is told the kind.
pub(crate) fn score(
    answers: &[Answer],
    cells: &[OwnedCell],
    works: &[Work],
    told: bool,
    least: Least,
) -> Vec<Scored> {
    let mut kept: BTreeMap<&str, Vec<Cell<'_>>> = BTreeMap::new();
    let mut models: BTreeMap<(&str, bool), OfSource<'_>> = BTreeMap::new();
    for answer in answers.iter().filter(|answer| works.contains(&answer.work)) {
        let Some(thinking) = answer.thinking else { continue };
        let groups = models.entry((&answer.model, thinking)).or_default();
        groups.entry((&answer.source, answer.work)).or_default().push(answer);
        kept.entry(&answer.source).or_insert_with(|| without(cells, &answer.source));
    }
    let mut scored = Vec::new();
    for ((model, thinking), groups) in models {
        let sources: BTreeSet<&str> = groups.keys().map(|(source, _)| *source).collect();
        let rows: u64 = groups.values().map(|answers| answers.len() as u64).sum();
        if rows < least.rows || sources.len() < least.sources {
            continue;
        }
        let mut sums = Sums::default();
        for ((source, work), answers) in groups {
            let Some(cells) = kept.get(source) else { continue };
            let estimator = Estimator::new(priors(cells), tokreckon::reasoning::History::new());
            let asked = input(model, told.then_some(work), Some(thinking));
            let Some(output) = estimator.estimate(&asked).output else { continue };
            for answer in answers {
                sums.add(answer, levels(&output));
            }
        }
        if sums.rows > 0 {
            scored.push(Scored { model: model.to_owned(), thinking, sums });
        }
    }
    scored
}

/// What models have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Summary {
    pub(crate) models: u64,
    /// Over models: held p50, p90, p99.
    pub(crate) held: [u64; 3],
    /// The model that one in ten does worse than, and the one that one in ten does better than.
    pub(crate) low: [u64; 3],
    pub(crate) high: [u64; 3],
    /// Over models: p90 divided by the mean.
    pub(crate) bound: u64,
    /// Over models: pinball loss of p90 divided by the mean.
    pub(crate) loss: u64,
    /// Models with p90 held 85 % or more and at most 5 times the mean.
    pub(crate) good: u64,
    /// All rows together.
    pub(crate) pooled: Sums,
}

pub(crate) fn summary<'s>(scored: impl Iterator<Item = &'s Scored>) -> Summary {
    let scored: Vec<&Scored> = scored.collect();
    let models = scored.len() as u64;
    let mut summary = Summary { models, ..Summary::default() };
    if models == 0 {
        return summary;
    }
    let mean =
        |of: &dyn Fn(&Sums) -> u64| scored.iter().map(|one| of(&one.sums)).sum::<u64>() / models;
    for at in 0..3 {
        let mut held: Vec<u64> = scored.iter().map(|one| one.sums.held(at)).collect();
        held.sort_unstable();
        summary.held[at] = mean(&|sums| sums.held(at));
        summary.low[at] = held[held.len() / 10];
        summary.high[at] = held[held.len() - 1 - held.len() / 10];
    }
    summary.bound = mean(&|sums| sums.bound(1));
    summary.loss = mean(&|sums| sums.loss(1));
    let good = |sums: &Sums| sums.held(1) >= 850_000 && sums.bound(1) <= 5_000_000;
    summary.good = scored.iter().filter(|one| good(&one.sums)).count() as u64;
    for one in scored {
        summary.pooled.plus(&one.sums);
    }
    summary
}

/// How the priors do on means of prose that they were not made from: configurations, those with p50
/// within 0.4 to 2.5 of the mean, with p90 within 1.2 to 5, with both.
pub(crate) fn prose(means: &[Mean], cells: &[OwnedCell]) -> [u64; 4] {
    let mut counts = [0; 4];
    for mean in means {
        let kept = without(cells, &mean.source);
        let estimator = Estimator::new(priors(&kept), tokreckon::reasoning::History::new());
        let mut asked = input(&mean.model, Some(Work::Prose), Some(mean.thinking));
        let effort = mean.setting.as_str();
        asked.effort = (mean.thinking && !matches!(effort, "default" | "none")).then_some(effort);
        let Some(output) = estimator.estimate(&asked).output else { continue };
        let [p50, p90, _] = levels(&output).map(|bound| bound * 1000 / mean.output.max(1));
        let (middle, upper) = ((400..=2500).contains(&p50), (1200..=5000).contains(&p90));
        counts[0] += 1;
        counts[1] += u64::from(middle);
        counts[2] += u64::from(upper);
        counts[3] += u64::from(middle && upper);
    }
    counts
}
