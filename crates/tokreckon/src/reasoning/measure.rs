//! From recorded requests to a prior: quantile table and variances, every task class weighing alike.

use tokreckon_data::priors::{LEVELS, Measure};

use super::fixed::{Fixed, log2};

/// Summarises counts by task class. Classes of fewer than 10 rows do not enter the variances,
/// unless fewer than two are larger.
///
/// ```
/// use tokreckon::reasoning::measure;
///
/// let planning = [640, 704, 2112, 896, 576];
/// let table = measure(&[&planning]);
/// assert_eq!((table.rows, table.zeros, table.mean), (5, 0, 986));
/// assert_eq!(table.quantiles[8], 704); // p50
/// ```
#[must_use]
pub fn measure(tasks: &[&[u64]]) -> Measure {
    let tasks: Vec<&[u64]> = tasks.iter().copied().filter(|rows| !rows.is_empty()).collect();
    if tasks.is_empty() {
        return Measure::default();
    }
    let all = || tasks.iter().flat_map(|rows| rows.iter().copied());
    let large: Vec<&[u64]> = tasks.iter().copied().filter(|rows| rows.len() >= MIN_ROWS).collect();
    let spread = Spread::new(if large.len() < 2 { &tasks } else { &large });
    let means = tasks.iter().map(|rows| {
        let sum: i128 = rows.iter().map(|&row| i128::from(row)).sum();
        Fixed::ratio(sum, rows.len() as i128)
    });
    let mean = means.sum::<Fixed>().over(Fixed::of(tasks.len() as u64));
    Measure {
        rows: all().count() as u64,
        zeros: all().filter(|&row| row == 0).count() as u64,
        mean: (mean + Fixed::ratio(1, 2)).floor(),
        log2_mean: spread.mean.millionths(),
        within: spread.within.millionths(),
        between: spread.between.millionths(),
        quantiles: quantiles(&tasks),
    }
}

/// Task classes with fewer rows say nothing about variance.
const MIN_ROWS: usize = 10;

/// Mean and variances of log2(count); zeros are left out, they keep a share of their own.
struct Spread {
    mean: Fixed,
    within: Fixed,
    between: Fixed,
}

impl Spread {
    fn new(tasks: &[&[u64]]) -> Self {
        // Never less than a deviation of 2^(1/16) within a class, and of 2^0.32 between classes:
        // a few alike rows or classes do not prove that the next is like them.
        let least_within = Fixed::ratio(1, 256);
        let least_between = Fixed::ratio(104, 1000);
        let logs: Vec<Vec<Fixed>> = tasks
            .iter()
            .map(|rows| rows.iter().filter(|&&row| row > 0).map(|&row| log2(row)).collect())
            .filter(|logs: &Vec<Fixed>| !logs.is_empty())
            .collect();
        let means: Vec<Fixed> = logs.iter().map(|logs| mean(logs)).collect();
        let variances: Vec<Fixed> = logs
            .iter()
            .filter(|logs| logs.len() > 1)
            .map(|logs| variance(logs).max(least_within).log2())
            .collect();
        Self {
            mean: mean(&means),
            within: if variances.is_empty() { Fixed::ONE } else { mean(&variances).exp2() },
            between: if means.len() > 1 {
                variance(&means).max(least_between)
            } else {
                Fixed::ZERO
            },
        }
    }
}

fn mean(values: &[Fixed]) -> Fixed {
    values.iter().copied().sum::<Fixed>().over(Fixed::of(values.len().max(1) as u64))
}

/// The sample variance.
fn variance(values: &[Fixed]) -> Fixed {
    let mean = mean(values);
    let sum: Fixed = values.iter().map(|&v| (v - mean).times(v - mean)).sum();
    sum.over(Fixed::of(values.len().saturating_sub(1).max(1) as u64))
}

/// The smallest counts whose cumulative weight reaches the levels.
fn quantiles(tasks: &[&[u64]]) -> [u64; LEVELS.len()] {
    const WHOLE: u64 = 1 << 40;
    let mut weighted: Vec<(u64, u64)> = tasks
        .iter()
        .flat_map(|rows| rows.iter().map(|&row| (row, WHOLE / rows.len() as u64)))
        .collect();
    weighted.sort_unstable();
    let total: u128 = weighted.iter().map(|&(_, weight)| u128::from(weight)).sum();
    LEVELS.map(|level| {
        let target = total * u128::from(level) / 1000;
        let mut cumulative = 0;
        let reached = weighted.iter().find(|&&(_, weight)| {
            cumulative += u128::from(weight);
            cumulative >= target
        });
        reached.or(weighted.last()).map_or(0, |&(row, _)| row)
    })
}
