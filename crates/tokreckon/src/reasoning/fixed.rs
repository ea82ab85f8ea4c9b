//! Real numbers as integers: steps of 2^-32, so that every machine computes the same digits.
//!
//! Logarithms and powers are to the base 2 and use shifts, products and integer square roots only.
//! The `f64` functions of the platform's mathematics library would differ between machines.

use std::ops::{Add, Neg, Sub};

/// A real number in steps of 2^-32. Products and quotients beyond 2^62 stay there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fixed(i128);

impl Fixed {
    pub(crate) const ZERO: Self = Self(0);
    pub(crate) const ONE: Self = Self(1 << BITS);
    pub(crate) const EIGHT: Self = Self(8 << BITS);
    /// log2(e).
    pub(crate) const LOG2_E: Self = Self(6_196_328_019);

    pub(crate) fn of(whole: u64) -> Self {
        Self(i128::from(whole) << BITS)
    }

    /// `numerator / denominator`, rounded down; a denominator of 0 counts as 1.
    pub(crate) fn ratio(numerator: i128, denominator: i128) -> Self {
        let numerator = numerator.saturating_mul(1 << BITS);
        Self(numerator.div_euclid(if denominator == 0 { 1 } else { denominator }))
    }

    pub(crate) fn times(self, other: Self) -> Self {
        Self(self.0.saturating_mul(other.0) >> BITS)
    }

    /// The product with a count.
    pub(crate) fn times_count(self, count: u64) -> Self {
        Self(self.0.saturating_mul(i128::from(count)).min(1 << 94))
    }

    /// The quotient, rounded down; division by 0 counts as division by 2^-32.
    pub(crate) fn over(self, divisor: Self) -> Self {
        Self::ratio(self.0, divisor.0)
    }

    /// The square root of a number that is not negative; 0 otherwise.
    pub(crate) fn square_root(self) -> Self {
        let square = u128::try_from(self.0).unwrap_or(0) << BITS;
        Self(i128::try_from(square.isqrt()).unwrap_or(i128::MAX))
    }

    /// The logarithm to the base 2; that of 2^-32 for anything smaller.
    pub(crate) fn log2(self) -> Self {
        let raw = u128::try_from(self.0.max(1)).unwrap_or(1);
        let whole = raw.ilog2();
        // The mantissa in [1, 2), in steps of 2^-63.
        let mut mantissa = if whole > 63 { raw >> (whole - 63) } else { raw << (63 - whole) };
        let mut fraction: i128 = 0;
        for _ in 0..BITS {
            mantissa = (mantissa * mantissa) >> 63;
            fraction <<= 1;
            if mantissa >> 64 != 0 {
                mantissa >>= 1;
                fraction |= 1;
            }
        }
        Self(((i128::from(whole) - i128::from(BITS)) << BITS) + fraction)
    }

    /// 2 to this power, at most 2^40.
    pub(crate) fn exp2(self) -> Self {
        let whole = self.0 >> BITS;
        if whole >= 40 {
            return Self(1 << (40 + BITS));
        }
        if whole < -62 {
            return Self::ZERO;
        }
        let mut mantissa: u128 = 1 << 63;
        for (place, root) in ROOTS.iter().enumerate() {
            if (self.0 >> (31 - place)) & 1 == 1 {
                mantissa = (mantissa * root) >> 63;
            }
        }
        // From steps of 2^-63 to steps of 2^-32: 31 places, less the whole part.
        let places = 31 - whole;
        let raw = if places >= 0 { mantissa >> places } else { mantissa << -places };
        Self(i128::try_from(raw).unwrap_or(i128::MAX))
    }

    /// The next whole number up; 0 for a negative number.
    pub(crate) fn ceil(self) -> u64 {
        let whole = (self.0 + (1 << BITS) - 1) >> BITS;
        u64::try_from(whole.max(0)).unwrap_or(u64::MAX)
    }

    /// The next whole number down; 0 for a negative number.
    pub(crate) fn floor(self) -> u64 {
        u64::try_from((self.0 >> BITS).max(0)).unwrap_or(u64::MAX)
    }

    /// Millionths, rounded to the nearest.
    pub(crate) fn millionths(self) -> i64 {
        i64::try_from((self.0 * 1_000_000 + (1 << (BITS - 1))) >> BITS).unwrap_or(i64::MAX)
    }

    pub(crate) fn of_millionths(millionths: i64) -> Self {
        Self::ratio(i128::from(millionths), 1_000_000)
    }
}

impl Add for Fixed {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Fixed {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Fixed {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl std::iter::Sum for Fixed {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items.fold(Self::ZERO, Add::add)
    }
}

/// The logarithm of a count to the base 2; 0 for a count of 0.
pub(crate) fn log2(count: u64) -> Fixed {
    Fixed::of(count.max(1)).log2()
}

/// The standard normal quantile in the middle of the given hundredth (0 to 99).
pub(crate) fn normal_quantile(hundredth: usize) -> Fixed {
    match hundredth.checked_sub(50) {
        Some(upper) => Fixed(NORMAL_QUANTILES.get(upper).copied().unwrap_or(0)),
        None => Fixed(-NORMAL_QUANTILES.get(49 - hundredth).copied().unwrap_or(0)),
    }
}

/// The standard normal quantile at a level in thousandths, even between the middles of hundredths;
/// within 0.5 % to 99.5 %.
pub(crate) fn normal_at(per_mille: u64) -> Fixed {
    let place = per_mille.clamp(5, 995) - 5;
    let at = usize::try_from(place / 10).unwrap_or(0);
    let (low, high) = (normal_quantile(at), normal_quantile((at + 1).min(99)));
    low + (high - low).times(Fixed::ratio(i128::from(place % 10), 10))
}

/// The quantile of Student's t with 3 or more degrees of freedom at the level where the standard
/// normal one is `z`: Cornish and Fisher's expansion to the fourth power of 1 / degrees.
///
/// From 7 degrees on it is within 0.02 % of the true quantile between the levels 0.5 % and 99.5 %.
pub(crate) fn student_quantile(z: Fixed, degrees: u64) -> Fixed {
    let square = z.times(z);
    let mut quantile = z;
    let mut power = Fixed::ONE;
    for (divisor, coefficients) in EXPANSION {
        power = power.over(Fixed::of(degrees.max(3)));
        let polynomial = coefficients
            .iter()
            .fold(Fixed::ZERO, |sum, &c| sum.times(square) + Fixed(i128::from(c) << BITS));
        let term = polynomial.times(z).times(power);
        quantile = quantile + Fixed(term.0 / i128::from(divisor));
    }
    quantile
}

const BITS: u32 = 32;

/// 2^(1/2), 2^(1/4), 2^(1/8) … in steps of 2^-63.
const ROOTS: [u128; 32] = {
    let mut roots = [0; 32];
    let mut root: u128 = 1 << 64;
    let mut place = 0;
    while place < 32 {
        root = (root << 63).isqrt();
        roots[place] = root;
        place += 1;
    }
    roots
};

/// Divisor and coefficients, highest power of z² first, of each power of 1 / degrees.
const EXPANSION: [(i64, &[i64]); 4] = [
    (4, &[1, 1]),
    (96, &[5, 16, 3]),
    (384, &[3, 19, 17, -15]),
    (92_160, &[79, 776, 1482, -1920, -945]),
];

/// Standard normal quantiles at 50.5 %, 51.5 % … 99.5 %, times 2^32.
const NORMAL_QUANTILES: [i128; 50] = [
    53_830_842,
    161_526_366,
    269_323_561,
    377_290_706,
    485_496_835,
    594_012_050,
    702_907_846,
    812_257_456,
    922_136_213,
    1_032_621_941,
    1_143_795_374,
    1_255_740_617,
    1_368_545_647,
    1_482_302_871,
    1_597_109_743,
    1_713_069_463,
    1_830_291_757,
    1_948_893_767,
    2_069_001_065,
    2_190_748_816,
    2_314_283_128,
    2_439_762_608,
    2_567_360_192,
    2_697_265_294,
    2_829_686_344,
    2_964_853_823,
    3_103_023_900,
    3_244_482_833,
    3_389_552_338,
    3_538_596_198,
    3_692_028_466,
    3_850_323_780,
    4_014_030_440,
    4_183_787_245,
    4_360_345_431,
    4_544_597_743,
    4_737_617_604,
    4_940_712_968,
    5_155_502_039,
    5_384_022_562,
    5_628_894_426,
    5_893_570_483,
    6_182_740_589,
    6_503_018_090,
    6_864_187_269,
    7_281_677_719,
    7_782_097_084,
    8_417_981_215,
    9_320_467_201,
    11_063_102_619,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_and_logarithms_invert_each_other() {
        for count in [1, 2, 3, 7, 672, 25_000, 65_536, 1_000_003] {
            let back = log2(count).exp2();
            let error = (back - Fixed::of(count)).0.abs();
            assert!(error <= i128::from(count) << 4, "{count}: {error} steps");
        }
        assert_eq!(log2(1024), Fixed::of(10));
        assert_eq!(Fixed::of(10).exp2(), Fixed::of(1024));
        assert_eq!((-Fixed::of(3)).exp2(), Fixed::ratio(1, 8));
        assert_eq!(Fixed::ratio(1, 8).log2(), -Fixed::of(3));
    }

    #[test]
    fn student_quantiles_are_those_of_printed_tables() {
        // t(9, 95 %) = 1.833113, t(7, 99.5 %) = 3.499483, in millionths.
        let nine = student_quantile(Fixed(7_064_592_534), 9).millionths();
        assert!((nine - 1_833_113).abs() < 5, "{nine}");
        assert_eq!((normal_at(500) + normal_at(500)).millionths(), 0);
        // True: 1.644854; even between 94.5 % and 95.5 % it is 0.1 % more.
        assert_eq!(normal_at(950).millionths() / 1000, 1_646);
        let tail = student_quantile(normal_quantile(99), 7).millionths();
        assert!((tail - 3_499_483).abs() < 700, "{tail}");
        assert_eq!(normal_quantile(0), -normal_quantile(99));
        assert_eq!(normal_quantile(49), -normal_quantile(50));
    }
}
