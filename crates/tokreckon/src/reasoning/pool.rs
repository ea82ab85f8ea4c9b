//! From recorded answers of many sources to what the next request of a model will need.
//!
//! One cell is one source, model and kind of work. What asks decides the length more than which model
//! answers, and prompts of one source resemble each other, so a cell of n requests weighs n / (n + 2)
//! however large it is. Cells are pooled in levels, each holding on to the wider one: all models, those
//! of the publisher, of the generation, the model itself.
//!
//! Two descriptions are made and their quantiles averaged (on the logarithm): a log-normal, whose
//! variance adds what sources differ by, and the mixture of the recorded answers, which knows the
//! shape. Each alone does worse on sources that were left out: see `docs/estimates.md`. The numbers of
//! the method are data, [`Constants`].

use tokreckon_data::priors::{Cell, Constants, Generation, Priors, Work};

use super::distribution::{Distribution, Point};
use super::fixed::{Fixed, log2, normal_quantile};

/// What recorded answers say about a request.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    /// All billed output.
    pub(super) output: Distribution,
    /// Reasoning, where it was reported.
    pub(super) hidden: Option<Distribution>,
    /// The rest, where it is known.
    pub(super) visible: Option<Distribution>,
    /// The nearest level with answers, and how many it has.
    pub(super) near: Near,
    /// Requests there.
    pub(super) rows: u64,
    /// Sources there.
    pub(super) sources: u64,
    /// Variance of log2(output) inside a source.
    pub(super) within: Fixed,
    /// Variance of what is not known about a source: how far its mean is from the centre.
    pub(super) between: Fixed,
}

/// How near recorded answers are to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Near {
    /// Any model.
    Class,
    /// Models of the same publisher.
    Publisher,
    /// Models of the same generation.
    Generation,
    /// The model itself.
    Model,
}

/// Whose answers are asked for.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// Plain name.
    pub(super) model: &'a str,
    /// Its generation.
    pub(super) generation: Option<&'a Generation<'a>>,
    /// Kind of work.
    pub(super) work: Work,
    /// Whether it thinks; `None` when not known.
    pub(super) thinking: Option<bool>,
    /// Doublings of its prompt, see [`doublings`]; `None` for one of usual length.
    pub(super) doublings: Option<u64>,
}

/// How often a prompt has doubled from 512 tokens on: 1 from 1,024, 2 from 2,048, 6 at most.
pub(super) fn doublings(prompt: u64) -> u64 {
    u64::from(prompt.max(1).ilog2()).saturating_sub(9).min(6)
}

impl Pool {
    /// `None` when there is no recorded answer of this kind of work at all.
    pub(super) fn new(priors: &Priors<'_>, asked: Asked<'_>) -> Option<Self> {
        let near = |cell: &Cell<'_>| {
            let generation = priors.generations.get(usize::from(cell.generation));
            if cell.model == asked.model {
                return Near::Model;
            }
            match (generation, asked.generation) {
                (Some(one), Some(other)) if one.name == other.name => Near::Generation,
                (Some(one), Some(other)) if one.publisher == other.publisher => Near::Publisher,
                _ => Near::Class,
            }
        };
        let constants = &priors.constants;
        let member = |cell| Member { cell, near: near(cell), weight: weight(cell, constants) };
        let (cells, others): (Vec<_>, Vec<_>) =
            priors.cells.iter().filter(|cell| cell.work == asked.work).map(member).partition(
                |member| asked.thinking.is_none() || member.cell.thinking == asked.thinking,
            );
        let spread = Spread::new(&cells, asked.work, constants)?;
        let nearest = cells.iter().map(|member| member.near).max()?;
        let at_nearest = || cells.iter().filter(|member| member.near == nearest);
        let mut sources: Vec<u16> = at_nearest().map(|member| member.cell.source).collect();
        sources.sort_unstable();
        sources.dedup();
        let others = lighter(others, asked.work, constants);
        let (centre, known) = centre(&cells, &others, &spread, constants);
        let longer = longer(asked, constants);
        let strange = if nearest < Near::Generation { spread.generations } else { Fixed::ZERO };
        let between = spread.sources + spread.sources.over(Fixed::ONE + known) + strange;
        let narrowed = thousandths(constants.deviation);
        let deviation = (spread.within + between).square_root().times(narrowed);
        let fitted = Fitted { centre, deviation };
        let mixture = mixture(&cells, |cell| cell.output, Some(&spread), constants)?;
        let part = |part: for<'c> fn(&'c Cell<'c>) -> &'c [u32]| {
            let factor = longer.exp2().times_count(1000).ceil();
            let mixed = mixture_of_reported(&cells, part, constants);
            mixed.map(|mixed| mixed.map(|tokens| times(tokens, factor)))
        };
        Some(Self {
            output: average(&fitted, &mixture, longer, constants)?,
            hidden: part(|cell| cell.reasoning),
            visible: part(|cell| cell.visible),
            near: nearest,
            rows: at_nearest().map(|member| u64::from(member.cell.rows)).sum(),
            sources: sources.len() as u64,
            within: spread.within,
            between,
        })
    }
}

/// A cell, how near it is, and its weight.
#[derive(Clone, Copy)]
struct Member<'a> {
    cell: &'a Cell<'a>,
    near: Near,
    weight: Fixed,
}

fn weight(cell: &Cell<'_>, constants: &Constants) -> Fixed {
    let rows = u64::from(cell.rows);
    Fixed::ratio(i128::from(rows), i128::from(rows + constants.half_weight))
}

/// What the length of a prompt adds to log2(output): nothing was measured but chat and tools.
fn longer(asked: Asked<'_>, constants: &Constants) -> Fixed {
    let [chat, chat_thinking, tools, tools_thinking] = constants.long_prompt_usual;
    let usual = match (asked.work, asked.thinking) {
        (Work::Chat, Some(true)) => chat_thinking,
        (Work::Chat, _) => chat,
        (Work::Tools, Some(true)) => tools_thinking,
        (Work::Tools, _) => tools,
        _ => return Fixed::ZERO,
    };
    let Some(doublings) = asked.doublings else { return Fixed::ZERO };
    let beyond = Fixed::of(doublings) - thousandths(usual);
    beyond.times(thousandths(constants.long_prompt))
}

fn thousandths(number: u64) -> Fixed {
    Fixed::ratio(i128::from(number), 1000)
}

pub(super) fn times(tokens: u64, per_mille: u64) -> u64 {
    let product = u128::from(tokens) * u128::from(per_mille);
    u64::try_from(product.div_ceil(1000)).unwrap_or(u64::MAX)
}

/// Mean of log2(output) of a cell; where only the mean is known, that of a log-normal with it.
fn log_mean(cell: &Cell<'_>, within: Fixed) -> Fixed {
    if cell.output.is_empty() {
        let half_variance = within.over(Fixed::LOG2_E + Fixed::LOG2_E);
        return log2(u64::from(cell.mean)) - half_variance;
    }
    Fixed::of_millionths(cell.log2_mean)
}

/// Variances of log2(output): inside of cells, between the sources of a model, between generations.
struct Spread {
    within: Fixed,
    sources: Fixed,
    generations: Fixed,
}

/// The variance of log2(output) that sources of a kind of work usually differ by.
fn usual(work: Work, constants: &Constants) -> Fixed {
    thousandths(of_kind(constants.usual_variance, work))
}

fn of_kind(numbers: [u64; 6], work: Work) -> u64 {
    let found = Work::ALL.into_iter().zip(numbers).find(|(one, _)| *one == work);
    found.map_or(0, |(_, number)| number)
}

/// Cells that thought where the request does not, or the other way round, or do not say: with the weight
/// that they have in the centre.
fn lighter<'c>(cells: Vec<Member<'c>>, work: Work, constants: &Constants) -> Vec<Member<'c>> {
    let unknown = of_kind(constants.unknown_thinking, work);
    let other = of_kind(constants.other_thinking, work);
    let lighter = cells.into_iter().map(|member| {
        let share = if member.cell.thinking.is_none() { unknown } else { other };
        Member { weight: member.weight.times(thousandths(share)), ..member }
    });
    lighter.filter(|member| member.weight > Fixed::ZERO).collect()
}

impl Spread {
    fn new(cells: &[Member<'_>], work: Work, constants: &Constants) -> Option<Self> {
        if cells.is_empty() {
            return None;
        }
        // A few alike cells prove nothing.
        let least = thousandths(constants.least_variance);
        let inside = cells.iter().filter_map(|member| {
            let variance = Fixed::of_millionths(member.cell.within?);
            let freedom = i128::from(member.cell.rows.saturating_sub(1));
            Some((Fixed::ratio(freedom, freedom + 5), variance))
        });
        let within = weighted(inside).map_or(Fixed::ONE, |mean| mean.max(least));
        let models = grouped(cells, |cell| cell.model);
        let sources = models.iter().filter(|group| group.len() > 1).map(|group| {
            let (mean, total) = mean_of(group, within);
            let squares = group.iter().map(|member| {
                let distance = log_mean(member.cell, within) - mean;
                // What few rows differ by anyway says nothing about their sources.
                let noise = within.over(Fixed::of(u64::from(member.cell.rows)));
                (member.weight, distance.times(distance) - noise)
            });
            let number = Fixed::of(group.len() as u64);
            let unbiased = number.over(number - Fixed::ONE);
            (total, weighted(squares).unwrap_or(Fixed::ZERO).times(unbiased).max(Fixed::ZERO))
        });
        // Where few models were asked by several sources, what sources differ by is not known either.
        let usual = (Fixed::of(constants.usual_weight), usual(work, constants));
        let sources = weighted(sources.chain([usual])).unwrap_or(Fixed::ONE);
        let generations: Vec<Fixed> = grouped(cells, |cell| cell.generation)
            .iter()
            .filter(|group| group.iter().map(|member| member.weight).sum::<Fixed>() > Fixed::ONE)
            .map(|group| mean_of(group, within).0)
            .collect();
        let number = generations.len() as u64;
        let mean = generations.iter().copied().sum::<Fixed>().over(Fixed::of(number.max(1)));
        let squares: Fixed = generations.iter().map(|&one| (one - mean).times(one - mean)).sum();
        let generations = squares.over(Fixed::of(number.saturating_sub(1).max(1))).max(least);
        Some(Self { within, sources, generations })
    }
}

/// Members in groups of a key.
fn grouped<'m, 'c, K: Ord>(
    cells: &'m [Member<'c>],
    key: impl Fn(&'c Cell<'c>) -> K,
) -> Vec<Vec<&'m Member<'c>>> {
    let mut groups: std::collections::BTreeMap<K, Vec<&Member<'c>>> =
        std::collections::BTreeMap::new();
    for member in cells {
        groups.entry(key(member.cell)).or_default().push(member);
    }
    groups.into_values().collect()
}

/// The weighted mean of log2(output), and the sum of the weights.
fn mean_of(group: &[&Member<'_>], within: Fixed) -> (Fixed, Fixed) {
    let values = group.iter().map(|member| (member.weight, log_mean(member.cell, within)));
    let total = group.iter().map(|member| member.weight).sum();
    (weighted(values).unwrap_or(Fixed::ZERO), total)
}

/// The weighted mean; `None` without weight.
fn weighted(values: impl Iterator<Item = (Fixed, Fixed)>) -> Option<Fixed> {
    let (weight, sum) = values.fold((Fixed::ZERO, Fixed::ZERO), |(weight, sum), (w, value)| {
        (weight + w, sum + w.times(value))
    });
    (weight > Fixed::ZERO).then(|| sum.over(weight))
}

/// The centre of the log-normal, level by level, and the weight of the last level with answers.
fn centre(
    cells: &[Member<'_>],
    others: &[Member<'_>],
    spread: &Spread,
    constants: &Constants,
) -> (Fixed, Fixed) {
    let hold = thousandths(constants.hold);
    let at = |near: Near| {
        let kept = cells.iter().chain(others).filter(move |member| member.near >= near);
        let values = kept.clone().map(|m| m.weight.times(log_mean(m.cell, spread.within)));
        (kept.map(|member| member.weight).sum::<Fixed>(), values.sum::<Fixed>())
    };
    let (weight, sum) = at(Near::Class);
    let mut centre = sum.over(weight);
    let mut known = Fixed::ZERO;
    for near in [Near::Publisher, Near::Generation, Near::Model] {
        let (weight, sum) = at(near);
        centre = (hold.times(centre) + sum).over(hold + weight);
        if weight > Fixed::ZERO {
            known = weight;
        }
    }
    (centre, known)
}

/// A log-normal distribution.
struct Fitted {
    centre: Fixed,
    deviation: Fixed,
}

impl Fitted {
    /// Log2 of the count in the middle of a hundredth.
    fn log(&self, hundredth: usize) -> Fixed {
        self.centre + normal_quantile(hundredth).times(self.deviation)
    }
}

/// The mixture of those cells that report a part.
fn mixture_of_reported<'c>(
    cells: &[Member<'c>],
    part: impl Fn(&'c Cell<'c>) -> &'c [u32],
    constants: &Constants,
) -> Option<Distribution> {
    let reported: Vec<Member<'c>> =
        cells.iter().filter(|member| !part(member.cell).is_empty()).copied().collect();
    mixture(&reported, part, None, constants)
}

/// The mixture of cells. Each level takes its own cells and, with its weight in cells, the wider
/// level. Cells of which only the mean is known stand for a log-normal, where a spread is given.
fn mixture<'c>(
    cells: &[Member<'c>],
    part: impl Fn(&'c Cell<'c>) -> &'c [u32],
    spread: Option<&Spread>,
    constants: &Constants,
) -> Option<Distribution> {
    let total = |near: Near| -> Fixed {
        cells.iter().filter(|member| member.near >= near).map(|member| member.weight).sum()
    };
    // What the cells of each level weigh, per unit of their own weight: from the model outwards.
    let mut left = Fixed::ONE;
    let mut per_weight = [Fixed::ZERO; 4];
    for (at, near) in [(3, Near::Model), (2, Near::Generation), (1, Near::Publisher)] {
        let hold = thousandths(*constants.mixed.get(at - 1)?);
        let whole = total(near) + hold;
        *per_weight.get_mut(at)? = left.over(whole);
        left = left.times(hold).over(whole);
    }
    *per_weight.first_mut()? = left.over(total(Near::Class));
    let mut points = Vec::new();
    for member in cells {
        let levels = per_weight.iter().take(member.near as usize + 1).copied();
        let weight = levels.sum::<Fixed>().times(member.weight).times(Fixed::of(SCALE));
        let counts: Vec<u64> = match (part(member.cell), spread) {
            ([], Some(spread)) => of_mean(member.cell, spread.within),
            (counts, _) => counts.iter().map(|&count| u64::from(count)).collect(),
        };
        let each = weight.over(Fixed::of((counts.len() as u64).max(1))).floor().max(1);
        points.extend(counts.into_iter().map(|tokens| Point { tokens, weight: each }));
    }
    Distribution::new(points)
}

/// The weight of all points of a mixture.
const SCALE: u64 = 1 << 28;

/// Quantiles of a log-normal with the mean of a cell.
fn of_mean(cell: &Cell<'_>, within: Fixed) -> Vec<u64> {
    let fitted = Fitted { centre: log_mean(cell, within), deviation: within.square_root() };
    (3..100).step_by(6).map(|hundredth| fitted.log(hundredth).exp2().ceil()).collect()
}

/// The average of both descriptions, hundredth by hundredth, for a prompt that makes answers longer.
fn average(
    fitted: &Fitted,
    mixture: &Distribution,
    longer: Fixed,
    constants: &Constants,
) -> Option<Distribution> {
    let share = thousandths(constants.fitted);
    let points = (0..100u64).map(|hundredth| {
        let recorded = log2(mixture.quantile(hundredth * 10 + 5));
        let at = usize::try_from(hundredth).unwrap_or(0);
        let log = share.times(fitted.log(at)) + (Fixed::ONE - share).times(recorded);
        Point { tokens: (log + longer).exp2().ceil(), weight: 1 }
    });
    Distribution::new(points.collect())
}
