//! How rare a row is among the rows of a baseline: conformal p-values, exact fractions.
//!
//! If a row and the baseline's rows are exchangeable (the same kind of work, in no particular
//! order), its rank among them is as likely to be one place as another. No shape of a
//! distribution is assumed. Rows with equal values count against the finding: a tie never makes
//! a row rarer, so the chance of `p ≤ a` is at most `a`, and equal to it without ties.

use std::fmt;

use crate::money::Exact;

/// A fraction that is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Fraction {
    /// Above the line.
    pub numerator: u64,
    /// Below the line.
    pub denominator: u64,
}

/// A row is unusual when it is among the largest of this many.
pub const UNUSUAL_ONE_IN: u64 = 100;

impl Fraction {
    /// The decimal number, rounded up to this many places (at most 18).
    #[must_use]
    pub fn rounded_up(self, places: u32) -> Exact {
        let places = places.min(18);
        let scaled = u128::from(self.numerator) * 10_u128.pow(places);
        let rounded = scaled.div_ceil(u128::from(self.denominator.max(1)));
        let exact = i128::try_from(rounded).ok().and_then(|digits| Exact::new(digits, places).ok());
        exact.unwrap_or(Exact::ONE)
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

/// The conformal p-value of a value: one and the baseline's values at or above it, out of one and
/// all of them. The baseline stands in ascending order.
///
/// ```
/// use tokreckon::audit::{conformal_p, is_unusual};
///
/// let baseline: Vec<u32> = (1..=99).collect();
/// assert_eq!(conformal_p(&baseline, 99).to_string(), "2/100");
/// assert_eq!(conformal_p(&baseline, 100).to_string(), "1/100");
/// assert!(is_unusual(conformal_p(&baseline, 100)));
/// ```
#[must_use]
pub fn conformal_p(baseline: &[u32], value: u32) -> Fraction {
    let below = baseline.partition_point(|&other| other < value);
    let [at_or_above, all] = [baseline.len() - below, baseline.len()].map(|rows| rows as u64);
    Fraction { numerator: at_or_above + 1, denominator: all + 1 }
}

/// True for a p-value of 1 % or less. It takes [`rows_needed`] rows of a baseline to have one.
#[must_use]
pub const fn is_unusual(p: Fraction) -> bool {
    p.numerator.saturating_mul(UNUSUAL_ONE_IN) <= p.denominator
}

/// The smallest baseline that can make a row unusual.
#[must_use]
pub const fn rows_needed() -> u64 {
    UNUSUAL_ONE_IN - 1
}

/// The share of rows that chance makes unusual against a baseline of this many rows: at most this,
/// and exactly this without ties.
#[must_use]
pub const fn chance_rate(baseline_rows: u64) -> Fraction {
    let places = baseline_rows.saturating_add(1);
    Fraction { numerator: places / UNUSUAL_ONE_IN, denominator: places }
}

/// The value above which rows are unusual: `None` when none can be.
pub(super) fn threshold(baseline: &[u32]) -> Option<u32> {
    let above = (baseline.len() as u64 + 1) / UNUSUAL_ONE_IN;
    let at = usize::try_from(above).ok().and_then(|above| baseline.len().checked_sub(above))?;
    baseline.get(at).copied()
}
