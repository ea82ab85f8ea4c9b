//! From recorded requests to the figures of a prior: moments, and points of equal weight.

use tokreckon_data::priors::MOST_POINTS;

use super::fixed::{Fixed, log2};

/// The figures of recorded counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Mean, rounded to the nearest.
    pub mean: u64,
    /// Mean of log2(count), a count of 0 as 1, in millionths.
    pub log2_mean: i64,
    /// Variance of log2(count) in millionths; `None` with one count.
    pub within: Option<i64>,
    /// The counts themselves, or as many quantiles as a prior keeps: points of equal weight, sorted.
    pub points: Vec<u64>,
}

/// Summarises counts; `None` without any.
///
/// ```
/// use tokreckon::reasoning::measure;
///
/// let planning = measure(&[640, 704, 2112, 896, 576]).unwrap();
/// assert_eq!((planning.mean, planning.points), (986, vec![576, 640, 704, 896, 2112]));
/// ```
#[must_use]
pub fn measure(counts: &[u64]) -> Option<Figures> {
    let number = u64::try_from(counts.len()).ok().filter(|number| *number > 0)?;
    let sum: i128 = counts.iter().map(|&count| i128::from(count)).sum();
    let logs: Vec<Fixed> = counts.iter().map(|&count| log2(count)).collect();
    let log_mean = logs.iter().copied().sum::<Fixed>().over(Fixed::of(number));
    let squares: Fixed = logs.iter().map(|&log| (log - log_mean).times(log - log_mean)).sum();
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    Some(Figures {
        mean: (Fixed::ratio(sum, i128::from(number)) + Fixed::ratio(1, 2)).floor(),
        log2_mean: log_mean.millionths(),
        within: (number > 1).then(|| squares.over(Fixed::of(number - 1)).millionths()),
        points: points(&sorted),
    })
}

/// All counts, or the middles of as many equal parts as a prior keeps.
fn points(sorted: &[u64]) -> Vec<u64> {
    if sorted.len() <= MOST_POINTS {
        return sorted.to_vec();
    }
    let middle = |part: usize| sorted.get((2 * part + 1) * sorted.len() / (2 * MOST_POINTS));
    (0..MOST_POINTS).filter_map(middle).copied().collect()
}
