//! Sums of amounts that are not in lowest terms: one addition a row, brought to lowest terms once.

use crate::money::{Exact, POWERS, times_power};

/// A sum of amounts in one currency.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RawSum {
    /// What has been brought to lowest terms; `None` before the first amount.
    exact: Option<Exact>,
    /// The rest, `mantissa / 10^scale`.
    mantissa: i128,
    scale: u32,
    /// There is a rest.
    is_running: bool,
    /// Something was added that has too many digits: the sum is not known.
    is_lost: bool,
}

impl RawSum {
    /// Adds `mantissa / 10^scale`.
    #[inline]
    pub(super) fn add(&mut self, mantissa: i128, scale: u32) {
        if self.is_running
            && scale <= self.scale
            && let Some(factor) = POWERS.get((self.scale - scale) as usize)
            && let Some(more) = times_power(mantissa, *factor)
            && let Some(sum) = self.mantissa.checked_add(more)
        {
            self.mantissa = sum;
            return;
        }
        self.begin(mantissa, scale);
    }

    /// Begins anew with an amount of more places, or beyond what fits.
    #[cold]
    fn begin(&mut self, mantissa: i128, scale: u32) {
        let is_lost = self.is_running && self.total().is_none();
        let exact = self.total();
        *self = Self { exact, mantissa, scale, is_running: true, is_lost: self.is_lost || is_lost };
    }

    /// The sum; `None` where nothing was added, or where it has too many digits to be known.
    pub(super) fn total(&self) -> Option<Exact> {
        if self.is_lost {
            return None;
        }
        if !self.is_running {
            return self.exact;
        }
        let running = Exact::new(self.mantissa, self.scale).ok()?;
        self.exact.map_or(Some(running), |sum| sum.plus(running).ok())
    }

    /// Adds what another part of the input came to.
    pub(super) fn absorb(&mut self, other: Self) {
        let is_lost = |sum: &Self| sum.is_lost || sum.is_running && sum.total().is_none();
        let lost = is_lost(self) || is_lost(&other);
        let exact = match (self.total(), other.total()) {
            (Some(sum), Some(other)) => sum.plus(other).ok(),
            (sum, other) => sum.or(other),
        };
        let both = self.total().is_some() && other.total().is_some();
        *self = Self { exact, is_lost: lost || both && exact.is_none(), ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A sum that does not fit is not known: what does fit is no sum of all.
    #[test]
    fn what_does_not_fit_is_not_left_out() {
        let mut sum = RawSum::default();
        sum.add(1, 0);
        for _ in 0..3 {
            sum.add(i128::MAX - 1, 0);
        }
        assert_eq!(sum.total(), None);
        let mut other = RawSum::default();
        other.add(7, 0);
        other.absorb(sum);
        other.add(7, 0);
        assert_eq!(other.total(), None);
    }

    proptest! {
        #[test]
        fn is_the_sum_in_any_split(amounts in prop::collection::vec((-1_000_000_000_i128..1_000_000_000_000, 0_u32..20), 0..40), cut in 0_usize..40) {
            let mut wanted = None;
            let (mut first, mut second) = (RawSum::default(), RawSum::default());
            for (at, (mantissa, scale)) in amounts.into_iter().enumerate() {
                let amount = Exact::new(mantissa, scale).expect("few digits");
                wanted = Some(wanted.unwrap_or(Exact::ZERO).plus(amount).expect("few digits"));
                (if at < cut { &mut first } else { &mut second }).add(mantissa, scale);
            }
            first.absorb(second);
            prop_assert_eq!(first.total(), wanted);
        }
    }
}
