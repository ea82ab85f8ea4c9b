//! The upper tail of the standard normal distribution, in integers: steps of 2^-56.

/// Places after the binary point of results.
pub(super) const BITS: u32 = 56;

/// Places after the binary point of a standard score.
pub(super) const SCORE_BITS: u32 = 32;

const ONE: i128 = 1 << BITS;

/// Beyond this score the tail is below 1e-15 and counted as if it were here.
const LAST: i128 = 8 << BITS;

/// 1 / √(2π).
const PEAK: i128 = 28_746_820_885_731_652;

/// The chance of a standard normal number at or above a score, and the density there.
///
/// Within 1e-14 of the true values.
pub(super) fn upper_tail(score: i128) -> (i128, i128) {
    let z = (score.abs() << (BITS - SCORE_BITS)).min(LAST);
    let density = times(PEAK, exponential_of_minus(times(z, z) / 2));
    let tail = if z < 3 * ONE { near(z, density) } else { far(z, density) };
    (if score < 0 { ONE - tail } else { tail }, density)
}

/// ½ − density × (z + z³/3 + z⁵/(3·5) + …): all terms are positive.
fn near(z: i128, density: i128) -> i128 {
    let square = times(z, z);
    let (mut term, mut sum) = (z, z);
    let mut odd = 3;
    while term > 0 {
        term = times(term, square) / odd;
        sum += term;
        odd += 2;
    }
    ONE / 2 - times(density, sum)
}

/// density / (z + 1/(z + 2/(z + 3/…))).
fn far(z: i128, density: i128) -> i128 {
    let fraction = (1..=60).rev().fold(z, |below, level: i128| z + (level * ONE * ONE) / below);
    density * ONE / fraction
}

/// e to the power of −x for x from 0 to 32: a series for x / 256, squared eight times.
fn exponential_of_minus(x: i128) -> i128 {
    let part = x >> 8;
    let (mut term, mut sum) = (ONE, ONE);
    for number in 1..=12 {
        term = -times(term, part) / number;
        sum += term;
    }
    (0..8).fold(sum, |power, _| times(power, power))
}

const fn times(left: i128, right: i128) -> i128 {
    (left * right) >> BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tail at a score in millionths, in steps of 1e-15.
    fn tail(millionths: i128) -> i128 {
        let (tail, _) = upper_tail((millionths << SCORE_BITS) / 1_000_000);
        tail * 1_000_000_000_000_000 / ONE
    }

    #[test]
    fn tails_are_those_of_printed_tables() {
        for (score, expected) in [
            (0, 500_000_000_000_000),
            (500_000, 308_537_538_725_987),
            (1_000_000, 158_655_253_931_457),
            (2_000_000, 22_750_131_948_179),
            (2_326_348, 9_999_996_642_919),
            (2_999_000, 1_354_336_533_727),
            (3_000_000, 1_349_898_031_630),
            (3_001_000, 1_345_472_825_085),
            (3_719_016, 100_000_192_167),
            (5_000_000, 286_651_571),
            (7_000_000, 1_279),
        ] {
            let difference = tail(score) - expected;
            // The score itself is rounded to a step of 2^-32.
            assert!(difference.abs() < 8_000, "{score}: off by {difference}");
        }
        assert_eq!(tail(-1_000_000) + tail(1_000_000), 999_999_999_999_999);
        assert_eq!(tail(40_000_000), tail(8_000_000));
    }
}
