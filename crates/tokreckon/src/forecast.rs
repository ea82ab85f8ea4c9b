//! What the days that are left of a period will cost, as a range, from the days there are; and days
//! that cost far more than those before.
//!
//! The sum of the days to come is taken to be log-normal, as totals of requests are: its mean is
//! that of the past days, its spread comes from how much single days differ and from how well so few days
//! tell their mean (Student's t). There is no trend and no calendar in it. Whole weeks are looked at, so
//! that weekends have their share. No money rests on it: it is said as an estimate.

use crate::charge::Bounds;
use crate::money::Exact;
use crate::reasoning::fixed::{Fixed, normal_at, student_quantile};

/// Days from which on something is said of those to come.
pub const LEAST_DAYS: usize = 7;

/// Days of the past that are looked at, at most.
pub const MOST_DAYS: usize = 28;

/// How many times the median of the days before makes a day a spike.
const SPIKE: u128 = 3;

/// Decimal places of what is estimated.
const PLACES: u32 = 6;

/// What some days to come will cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Range {
    /// 5 % of such sums are below.
    pub low: Exact,
    /// As likely above as below.
    pub median: Exact,
    /// 5 % of such sums are above.
    pub high: Exact,
    /// Past days it rests on.
    pub days: usize,
}

/// Why nothing is said of the days to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoForecast {
    /// There are fewer than [`LEAST_DAYS`].
    #[error("fewer than {LEAST_DAYS} whole days")]
    TooFewDays,
    /// A day may have cost any amount, and so may those to come.
    #[error("days with a cost that is not known")]
    OpenDay,
    /// A day cost less than nothing, or more than 10^20.
    #[error("days with a cost that is below zero or very large")]
    OutOfRange,
}

/// What `left` days will cost when they are like the last ones of `days`, which are whole days in
/// their order, those without a cost included: from the low end where each cost the least, to the high
/// end where each cost the most.
///
/// ```
/// use tokreckon::forecast::{NoForecast, rest};
/// use tokreckon::report::Bounds;
///
/// let days = ["3", "4", "5", "4", "3", "0", "1"].map(|day| day.parse().unwrap());
/// let mut days = days.map(|day| Bounds { low: day, high: day, open: false });
/// let range = rest(&days, 10)?;
/// assert!(range.low > "10".parse().unwrap() && range.high < "50".parse().unwrap());
/// days[3].open = true;
/// assert_eq!(rest(&days, 10), Err(NoForecast::OpenDay));
/// # Ok::<(), NoForecast>(())
/// ```
///
/// # Errors
/// When nothing can be said.
pub fn rest(days: &[Bounds], left: u32) -> Result<Range, NoForecast> {
    let weeks = days.len().min(MOST_DAYS) / LEAST_DAYS;
    let last = &days[days.len() - weeks * LEAST_DAYS..];
    if last.is_empty() {
        return Err(NoForecast::TooFewDays);
    }
    if last.iter().any(|day| day.open) {
        return Err(NoForecast::OpenDay);
    }
    let of = |end: fn(&Bounds) -> Exact| {
        let costs: Vec<Exact> = last.iter().map(end).collect();
        rest_of(&costs, left).ok_or(NoForecast::OutOfRange)
    };
    let (cheapest, dearest) = (of(|day| day.low)?, of(|day| day.high)?);
    Ok(Range { low: cheapest.low, ..dearest })
}

/// The same of days with one cost each; `None` for a day below zero, and for amounts beyond 10^20.
fn rest_of(days: &[Exact], left: u32) -> Option<Range> {
    let costs: Vec<u128> = days.iter().map(|day| micros(*day)).collect::<Option<_>>()?;
    let sum = costs.iter().try_fold(0_u128, |sum, cost| sum.checked_add(*cost))?;
    let count = costs.len() as u64;
    let expected = sum.checked_mul(u128::from(left))? / u128::from(count);
    let at = |per_mille| {
        let share = quotient(&costs, sum, left, per_mille)?;
        let micros = expected.checked_mul(share)? / 1_000_000;
        Exact::new(i128::try_from(micros).ok()?, PLACES).ok()
    };
    Some(Range { low: at(50)?, median: at(500)?, high: at(950)?, days: costs.len() })
}

/// The sum of the days to come that is not exceeded with a chance in thousandths, in millionths of the
/// expected one.
fn quotient(costs: &[u128], sum: u128, left: u32, per_mille: u64) -> Option<u128> {
    if sum == 0 || left == 0 {
        return Some(1_000_000);
    }
    let count = costs.len() as u64;
    let whole = i128::try_from(sum).ok()?;
    let squares = costs.iter().map(|&cost| {
        let of_all = i128::try_from(cost).ok()?.checked_mul(i128::from(count))?;
        let apart = Fixed::ratio(of_all, whole) - Fixed::ONE;
        Some(apart.times(apart))
    });
    let variance = squares.sum::<Option<Fixed>>()?.over(Fixed::of(count - 1));
    // Of a log-normal with such a relative variance, the variance of its logarithm.
    let of_log = |relative: Fixed| (Fixed::ONE + relative).log2().over(Fixed::LOG2_E);
    let noise = of_log(variance.over(Fixed::of(u64::from(left))));
    let of_mean = of_log(variance.over(Fixed::of(count)));
    let all = noise + of_mean;
    let t = student_quantile(normal_at(per_mille), count - 1);
    // Half a variance below the mean is the median of a log-normal.
    let exponent = t.times(all.square_root()) - all.over(Fixed::of(2));
    let millionths = exponent.times(Fixed::LOG2_E).exp2().millionths();
    u128::try_from(millionths).ok()
}

/// Millionths, rounded half up; `None` below zero, and beyond what [`Fixed`] can compare.
fn micros(amount: Exact) -> Option<u128> {
    const MOST: u128 = 10_u128.pow(20 + PLACES);
    let amount = amount.rounded(PLACES, crate::money::Rounding::HalfUp);
    let factor = 10_i128.checked_pow(PLACES.checked_sub(amount.scale())?)?;
    let micros = u128::try_from(amount.mantissa().checked_mul(factor)?).ok()?;
    (micros <= MOST).then_some(micros)
}

/// The places of the days that cost at least three times the median of the days before them, whatever
/// within their bounds they cost, and the most that this median is. Of the days before there must be
/// [`LEAST_DAYS`], each with an upper bound, and may be [`MOST_DAYS`].
#[must_use]
pub fn spikes(days: &[Bounds]) -> Vec<(usize, Exact)> {
    let median_before = |at: usize| {
        let before = &days[at.saturating_sub(MOST_DAYS)..at];
        let mut sorted: Vec<Exact> =
            before.iter().filter(|day| !day.open).map(|day| day.high).collect();
        sorted.sort();
        let is_known = before.len() >= LEAST_DAYS && sorted.len() == before.len();
        is_known.then(|| sorted[sorted.len() / 2])
    };
    let spike = |(at, day): (usize, &Bounds)| {
        let median = median_before(at).filter(|median| !median.is_zero())?;
        (day.low >= median.times_count(SPIKE).ok()?).then_some((at, median))
    };
    days.iter().enumerate().filter_map(spike).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        text.parse().expect("a number")
    }

    fn of_singles(days: &[Exact], left: u32) -> Result<Range, NoForecast> {
        rest(&days.iter().map(|day| single(*day)).collect::<Vec<_>>(), left)
    }

    fn single(cost: Exact) -> Bounds {
        Bounds { low: cost, high: cost, open: false }
    }

    #[test]
    fn equal_days_go_on_as_they_are() {
        let range = of_singles(&[exact("2.5"); 9], 4).expect("a week");
        assert_eq!((range.low, range.median, range.high), (exact("10"), exact("10"), exact("10")));
        assert_eq!(range.days, 7);
        assert_eq!(of_singles(&[exact("2.5"); 6], 4), Err(NoForecast::TooFewDays));
        let nothing = of_singles(&[Exact::ZERO; 7], 4).expect("a week");
        assert_eq!(nothing.high, Exact::ZERO);
        let over = of_singles(&[exact("1"); 7], 0).expect("a week");
        assert_eq!(over.high, Exact::ZERO);
    }

    #[test]
    fn nothing_is_said_of_what_cannot_be_added_up() {
        let mut days = [exact("1"); 7];
        days[3] = exact("-1");
        assert_eq!(of_singles(&days, 4), Err(NoForecast::OutOfRange));
        for huge in ["1e37", "170141183460469231731687303715884105727", "1e21"] {
            days[3] = exact(huge);
            assert_eq!(of_singles(&days, 4), Err(NoForecast::OutOfRange), "{huge}");
        }
        days[3] = exact("1e20");
        assert!(of_singles(&days, 31).expect("a week").high > exact("1e19"));
    }

    /// Days of random size: two weeks are seen, ten days are foreseen, and the truth lies in the range
    /// about nine times of ten.
    #[test]
    fn nine_ranges_of_ten_hold() {
        let mut state: u64 = 20_261_130;
        let mut random = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        let mut day = || {
            // The product of four numbers between a half and one and a half: skewed as costs are.
            let product = (0..4).fold(1_u64, |product, _| product * (50 + random() % 101));
            Exact::new(i128::from(product), PLACES).expect("small")
        };
        let mut held = 0;
        for _ in 0..2_000 {
            let past: Vec<Exact> = (0..14).map(|_| day()).collect();
            let range = of_singles(&past, 10).expect("two weeks");
            let truth = (0..10).try_fold(Exact::ZERO, |sum, _| sum.plus(day())).expect("small");
            held += u32::from(range.low <= truth && truth <= range.high);
        }
        assert!((1_700..=1_900).contains(&held), "{held} of 2000");
    }

    #[test]
    fn a_spike_is_three_times_the_days_before() {
        let mut days = vec![exact("2"); 8];
        days.extend([exact("5.9"), exact("6"), exact("2"), exact("60")]);
        let days: Vec<Bounds> = days.into_iter().map(single).collect();
        assert_eq!(spikes(&days), [(9, exact("2")), (11, exact("2"))]);
        assert_eq!(spikes(&[exact("1"), exact("100")].map(single)), []);
        // A day that may have cost less is none, one that may have cost more is; and none is told
        // beside a day that may have cost anything.
        let with = |at: usize, day: Bounds| {
            let mut days = days.clone();
            days[at] = day;
            spikes(&days)
        };
        let [low, open] = [Bounds { low: exact("5"), ..days[9] }, Bounds { open: true, ..days[9] }];
        assert_eq!(with(9, low), [(11, exact("2"))]);
        assert_eq!(with(9, open), [(9, exact("2"))]);
    }
}
