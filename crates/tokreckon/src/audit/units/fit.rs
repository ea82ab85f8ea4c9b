//! Which numbers a count multiplied by a price can make, and how often chance makes one of them.

use std::fmt;

use crate::money::Exact;

/// The whole numbers of tokens that a factor turns into a reported number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fit {
    pub(super) low: u64,
    pub(super) high: u64,
    /// The one nearest to the quotient.
    pub(super) nearest: u64,
}

/// The tokens `n` with `round(n × factor) = reported`; `None` where there are none. Halves may be
/// rounded either way.
pub(super) fn tokens(reported: u64, factor: Exact) -> Option<Fit> {
    let unit = 10_i128.checked_pow(factor.scale())?;
    let doubled = factor.mantissa().checked_mul(2).filter(|factor| *factor > 0)?;
    let reported = i128::from(reported);
    let least = (2 * reported - 1).checked_mul(unit)?;
    let most = (2 * reported + 1).checked_mul(unit)?;
    let low = least.div_euclid(doubled) + i128::from(least.rem_euclid(doubled) != 0);
    let (low, high) = (low.max(0), most.div_euclid(doubled));
    if low > high {
        return None;
    }
    let quotient = (2 * reported).checked_mul(unit)?.checked_add(doubled / 2)?.div_euclid(doubled);
    let whole = |tokens: i128| u64::try_from(tokens).ok();
    Some(Fit { low: whole(low)?, high: whole(high)?, nearest: whole(quotient.clamp(low, high))? })
}

/// One time in so many: how often chance does the same. A factor above one leaves one number in
/// that many; one at or below it leaves all. In thousandths; kept at the largest number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Odds(u128);

impl Odds {
    /// Chance does it always.
    pub(super) const CERTAIN: Self = Self(1_000);

    /// And one more count fits.
    pub(super) fn times(self, factor: Exact) -> Self {
        if factor <= Exact::ONE {
            return self;
        }
        let mantissa = factor.mantissa().unsigned_abs();
        let unit = 10_u128.checked_pow(factor.scale()).unwrap_or(u128::MAX);
        let product = self.0.checked_mul(mantissa).map(|product| product / unit);
        Self(product.or_else(|| (self.0 / unit).checked_mul(mantissa)).unwrap_or(u128::MAX))
    }

    /// And something else holds.
    pub(super) fn and(self, other: Self) -> Self {
        let product = self.0.checked_mul(other.0).map(|product| product / 1_000);
        Self(product.unwrap_or(u128::MAX))
    }

    /// After so many tries.
    pub(super) fn less(self, tries: u64) -> Self {
        Self((self.0 / u128::from(tries.max(1))).max(1_000))
    }

    pub(super) fn at_least(self, odds: u128) -> bool {
        self.0 / 1_000 >= odds
    }
}

impl fmt::Display for Odds {
    /// `158`, or `10^21` beyond a million.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0 / 1_000;
        match whole.checked_ilog10().unwrap_or(0) {
            power @ 6.. => write!(f, "10^{power}"),
            _ => write!(f, "{whole}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        text.parse().expect("a number")
    }

    #[test]
    fn the_numbers_that_a_factor_makes() {
        let nearest = |reported, factor: &str| tokens(reported, exact(factor)).map(|f| f.nearest);
        assert_eq!(nearest(57, "6.3"), Some(9));
        assert_eq!(nearest(2167, "25.2"), Some(86));
        assert_eq!(nearest(58, "6.3"), None);
        assert_eq!(nearest(2168, "25.2"), None);
        let small = tokens(2, exact("0.21")).expect("below one token every number fits");
        assert_eq!((small.low, small.nearest, small.high), (8, 10, 11));
        // 2.5 may be rounded to 2 or to 3.
        assert_eq!((nearest(2, "2.5"), nearest(3, "2.5")), (Some(1), Some(1)));
        assert_eq!(tokens(1, Exact::ZERO), None);
    }

    #[test]
    fn odds() {
        let flagship = Odds::CERTAIN.times(exact("6.3")).times(exact("25.2"));
        assert_eq!(flagship.to_string(), "158");
        assert_eq!(Odds::CERTAIN.times(exact("0.21")), Odds::CERTAIN);
        let many = (0..200).fold(Odds::CERTAIN, |odds, _| odds.times(exact("63")));
        assert!(many.at_least(u128::pow(10, 30)));
        assert_eq!(flagship.and(flagship).to_string(), "25204");
    }
}
