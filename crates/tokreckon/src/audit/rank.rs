//! Whether the rows of a window are higher than those of a baseline: a one-sided rank test.
//!
//! The Mann–Whitney count U (pairs in which the window's row is the higher one, ties for a half)
//! is exact; so are its mean, variance and skewness when window and baseline are exchangeable,
//! ties included. The p-value is the normal approximation with a continuity correction and, where
//! ties make U skewed to the right, the next term of Edgeworth's expansion; it never lowers the
//! p-value. Integers all through; the p-value is rounded up.

use super::normal::{BITS, SCORE_BITS, upper_tail};
use crate::money::Exact;

/// Fewest rows on either side: below them the approximation is not good enough.
pub const MIN_RANK_ROWS: u64 = 20;

/// Most rows on either side: with more the sums might not fit.
pub const MAX_RANK_ROWS: u64 = 1 << 20;

/// Places of printed p-values.
const PLACES: u32 = 12;

/// Places after the binary point of a variance.
const VARIANCE_BITS: u32 = 16;

/// A ratio is looked for up to this, in thousandths.
const MAX_RATIO: u64 = 1_000_000;

/// The result of a rank test of one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RankTest {
    /// Twice the number of pairs in which the window's row is higher, ties counting one.
    pub doubled_u: u128,
    /// The number of pairs.
    pub pairs: u128,
    /// The chance of a U as high as this or higher when nothing has changed; 12 places, rounded up.
    pub p: Exact,
    /// How many times as high the window's rows are.
    pub ratio: Ratio,
}

/// How many times as high rows are: the median over all pairs of a row of the window divided by
/// a row of the baseline (Hodges and Lehmann's estimate, on the scale of ratios).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ratio {
    /// The estimate in thousandths; `None` above 1,000 times.
    pub thousandths: Option<u64>,
    /// The interval that holds 95 of 100 times when all rows changed by one ratio, in thousandths.
    pub low: Option<u64>,
    /// Its upper end; `None` above 1,000 times.
    pub high: Option<u64>,
}

/// Tests whether a window is higher than a baseline, both in ascending order. `None` when a side
/// has fewer than [`MIN_RANK_ROWS`] rows or more than [`MAX_RANK_ROWS`].
///
/// ```
/// let baseline: Vec<u32> = (100..200).collect();
/// let alike = tokreckon::audit::rank_test(&baseline, &baseline).unwrap();
/// assert_eq!(alike.doubled_u, alike.pairs);
/// let higher: Vec<u32> = (130..230).collect();
/// let test = tokreckon::audit::rank_test(&baseline, &higher).unwrap();
/// assert!(test.p < "0.000001".parse().unwrap());
/// assert_eq!(test.ratio.thousandths, Some(1200));
/// ```
#[must_use]
pub fn rank_test(baseline: &[u32], window: &[u32]) -> Option<RankTest> {
    let (m, n) = (baseline.len() as u64, window.len() as u64);
    if m.min(n) < MIN_RANK_ROWS || m.max(n) > MAX_RANK_ROWS {
        return None;
    }
    let ranks = Ranks::of(baseline, window);
    let (m, n) = (i128::from(m), i128::from(n));
    let pairs = (m * n).unsigned_abs();
    let variance = ranks.variance(m, n);
    let p = if variance == 0 { 1 << BITS } else { ranks.p(m, n, variance) };
    Some(RankTest {
        doubled_u: ranks.doubled_u,
        pairs,
        p: rounded_up(p),
        ratio: ratio(baseline, window, pairs, (variance >> VARIANCE_BITS).unsigned_abs().isqrt()),
    })
}

/// Holm's adjustment: a p-value at or below `a` here makes at most a share `a` of audits name any
/// group in which nothing has changed, however many groups there are.
#[must_use]
pub fn holm(values: &[Exact]) -> Vec<Exact> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by_key(|&at| values[at]);
    let mut adjusted = vec![Exact::ONE; values.len()];
    let mut least = Exact::ZERO;
    for (place, &at) in order.iter().enumerate() {
        let left = (values.len() - place) as u128;
        let product = values[at].times_count(left).unwrap_or(Exact::ONE);
        least = least.max(product.min(Exact::ONE));
        adjusted[at] = least;
    }
    adjusted
}

/// Sums over the ranks of all rows together; ties have their mean rank.
#[derive(Default)]
struct Ranks {
    doubled_u: u128,
    /// Sums of squares and cubes of doubled ranks less their mean.
    squares: i128,
    cubes: i128,
}

impl Ranks {
    fn of(baseline: &[u32], window: &[u32]) -> Self {
        let all = (baseline.len() + window.len()) as u64;
        let mut sums = Self::default();
        let (mut left, mut right) = (baseline, window);
        while let Some(&value) = left.first().into_iter().chain(right.first()).min() {
            let below_left = (baseline.len() - left.len()) as u64;
            let below = below_left + (window.len() - right.len()) as u64;
            let [a, b] = [&mut left, &mut right].map(|side| {
                let equal = side.iter().take_while(|&&other| other == value).count();
                *side = &side[equal..];
                equal as u64
            });
            let tied = i128::from(a + b);
            let distance = i128::from(2 * below) + tied - i128::from(all);
            sums.doubled_u += u128::from(b) * u128::from(2 * below_left + a);
            sums.squares += tied * distance * distance;
            sums.cubes += tied * distance * distance * distance;
        }
        sums
    }

    /// The variance of twice U, in steps of 2^-16, rounded down.
    const fn variance(&self, m: i128, n: i128) -> i128 {
        let all = m + n;
        ((m * n * self.squares) << VARIANCE_BITS) / (all * (all - 1))
    }

    /// The p-value in steps of 2^-56.
    fn p(&self, m: i128, n: i128, variance: i128) -> i128 {
        let pairs = m * n;
        let doubled_u = i128::try_from(self.doubled_u).unwrap_or(i128::MAX);
        // A pair more or less is two steps of twice U: half a pair is one.
        let distance = doubled_u - pairs - 1;
        let deviation = root(variance, VARIANCE_BITS);
        let score = (distance << (SCORE_BITS * 2)) / deviation.max(1);
        let (tail, density) = upper_tail(score);
        let one = 1 << SCORE_BITS;
        let skewness = self.skewness(m, n);
        if score <= one || skewness <= 0 {
            return tail;
        }
        let score = score.min(8 * one);
        let polynomial = ((score * score) >> SCORE_BITS) - one;
        let term = (skewness * polynomial) >> SCORE_BITS;
        (tail + ((density * term) >> SCORE_BITS) / 6).min(1 << BITS)
    }

    /// The skewness of U, in steps of 2^-32: 0 without ties.
    fn skewness(&self, m: i128, n: i128) -> i128 {
        let all = m + n;
        let mean_square = (self.squares / all).max(1);
        let of_ranks = ((self.cubes / all) << SCORE_BITS) / mean_square;
        let of_ranks = (of_ranks << SCORE_BITS) / root(mean_square, 0).max(1);
        let numerator = (m - n) * (m - n) * (all - 1);
        let square = (numerator << SCORE_BITS) / ((all - 2) * (all - 2)) / (m * n);
        let of_sides = (square << SCORE_BITS).unsigned_abs().isqrt();
        let of_sides = i128::try_from(of_sides).unwrap_or(0) * (m - n).signum();
        ((of_ranks * of_sides) >> SCORE_BITS).clamp(-(4 << SCORE_BITS), 4 << SCORE_BITS)
    }
}

/// The square root, in steps of 2^-32, of a number in steps of 2^-`bits`.
fn root(number: i128, bits: u32) -> i128 {
    let square = number.unsigned_abs() << (2 * SCORE_BITS - bits);
    i128::try_from(square.isqrt()).unwrap_or(i128::MAX)
}

fn rounded_up(p: i128) -> Exact {
    let digits = ((p * 10_i128.pow(PLACES)) >> BITS) + 1;
    Exact::new(digits.min(10_i128.pow(PLACES)), PLACES).unwrap_or(Exact::ONE)
}

/// The ratio whose place among all pairs is the middle, and those 1.96 deviations to either side.
fn ratio(baseline: &[u32], window: &[u32], pairs: u128, doubled_deviation: u128) -> Ratio {
    // Half of 1.96 deviations of twice U.
    let margin = doubled_deviation * 98 / 100;
    let middle = pairs.div_ceil(2);
    let at = |place: u128| ratio_at(baseline, window, place);
    Ratio {
        thousandths: at(middle),
        low: at(middle.saturating_sub(margin).max(1)),
        high: at((middle + margin).min(pairs)),
    }
}

/// The smallest ratio, in thousandths, that this many pairs are at or below.
fn ratio_at(baseline: &[u32], window: &[u32], place: u128) -> Option<u64> {
    let reached = |ratio: u64| pairs_up_to(baseline, window, ratio) >= place;
    if !reached(MAX_RATIO) {
        return None;
    }
    let (mut low, mut high) = (0, MAX_RATIO);
    while low < high {
        let middle = u64::midpoint(low, high);
        if reached(middle) { high = middle } else { low = middle + 1 }
    }
    Some(low)
}

/// Pairs whose row of the window is at most `ratio` thousandths of the row of the baseline.
fn pairs_up_to(baseline: &[u32], window: &[u32], ratio: u64) -> u128 {
    let mut below = 0;
    let mut sum = 0;
    for &row in baseline {
        let most = u64::from(row) * ratio;
        while window.get(below).is_some_and(|&other| u64::from(other) * 1000 <= most) {
            below += 1;
        }
        sum += below as u128;
    }
    sum
}
