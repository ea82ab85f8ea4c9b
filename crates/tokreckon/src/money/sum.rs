//! A running sum of exact amounts, brought to lowest terms once, when it is asked for.

use super::{Exact, InexactError};

/// The sum of many [`Exact`]s. It fails where adding them one by one would fail.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    /// `mantissa / 10^scale`, not in lowest terms.
    mantissa: i128,
    scale: u32,
}

impl Sum {
    /// Adds one amount.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs more than what it nearly always does")]
    pub(crate) fn add(&mut self, amount: Exact) -> Result<(), InexactError> {
        if let Some(mantissa) = self.at_own_scale(amount)
            && let Some(sum) = self.mantissa.checked_add(mantissa)
        {
            self.mantissa = sum;
            return Ok(());
        }
        self.add_at_other_scale(amount)
    }

    #[cold]
    fn add_at_other_scale(&mut self, amount: Exact) -> Result<(), InexactError> {
        let total = self.total()?.plus(amount)?;
        *self = Self { mantissa: total.mantissa, scale: total.scale };
        // The next amount will have as many places as this one.
        let places = amount.scale.saturating_sub(self.scale);
        let factor = POWERS.get(places as usize);
        if let Some(mantissa) =
            factor.and_then(|factor| self.mantissa.checked_mul(i128::from(*factor)))
        {
            *self = Self { mantissa, scale: self.scale.saturating_add(places) };
        }
        Ok(())
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs more than what it nearly always does")]
    fn at_own_scale(self, amount: Exact) -> Option<i128> {
        let factor = *POWERS.get(self.scale.checked_sub(amount.scale)? as usize)?;
        times_power(amount.mantissa, factor)
    }

    /// The sum in lowest terms.
    pub(crate) fn total(self) -> Result<Exact, InexactError> {
        Exact::new(self.mantissa, self.scale)
    }
}

/// A number times a power of ten; `None` where that has too many digits.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a call costs more than what it nearly always does")]
pub(crate) fn times_power(mantissa: i128, factor: i64) -> Option<i128> {
    match i64::try_from(mantissa) {
        // A product of two numbers of 64 bits is one instruction, and cannot wrap.
        Ok(mantissa) => Some(i128::from(mantissa).wrapping_mul(i128::from(factor))),
        Err(_) => mantissa.checked_mul(i128::from(factor)),
    }
}

impl Exact {
    /// Reads digits with at most one point among them, at most 18 of them: what nearly all amounts
    /// are. `None` for any other text, which may be a number all the same.
    #[inline]
    pub(crate) fn from_digits(text: &[u8]) -> Option<Self> {
        digits_and_places(text).map(|(mantissa, scale)| Self::in_lowest_terms(mantissa, scale))
    }

    /// The number `mantissa / 10^scale`; `scale` is at most [`Self::MAX_SCALE`].
    #[inline]
    pub(crate) fn in_lowest_terms(mut mantissa: u64, mut scale: u32) -> Self {
        if mantissa == 0 {
            return Self::ZERO;
        }
        while scale > 0 && mantissa.is_multiple_of(10) {
            mantissa /= 10;
            scale = scale.saturating_sub(1);
        }
        Self { mantissa: i128::from(mantissa), scale }
    }
}

/// The digits of a text, without the point that may be among them, and how many follow it.
pub(crate) fn digits_and_places(text: &[u8]) -> Option<(u64, u32)> {
    if text.len() > 19 {
        return None;
    }
    // At most 19 digits fit into a number of 64 bits, and so many are counted.
    let (mut mantissa, mut digits, mut point) = (0_u64, 0_u32, None);
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
            digits = digits.wrapping_add(1);
        } else if byte == b'.' && point.is_none() {
            point = Some(digits);
        } else {
            return None;
        }
    }
    if digits == 0 || digits > 18 {
        return None;
    }
    Some((mantissa, point.map_or(0, |before: u32| digits.saturating_sub(before))))
}

/// Powers of ten, as many as are ever needed between amounts of money.
pub(crate) const POWERS: [i64; 19] = {
    let mut powers = [1; 19];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn digits_read_as_any_number(text in "[0-9]{0,20}\\.?[0-9]{0,20}") {
            let whole = text.parse::<Exact>().ok();
            if let Some(quick) = Exact::from_digits(text.as_bytes()) {
                prop_assert_eq!(Some(quick), whole);
            } else {
                let digits = text.bytes().filter(u8::is_ascii_digit).count();
                prop_assert!(whole.is_none() || digits > 18, "{}", text);
            }
        }

        #[test]
        fn what_is_no_number_reads_as_none(text in "[0-9.a/:-]{0,6}") {
            let whole = text.parse::<Exact>().ok();
            if let Some(quick) = Exact::from_digits(text.as_bytes()) {
                prop_assert_eq!(Some(quick), whole);
            } else {
                prop_assert!(whole.is_none_or(|number| text.starts_with('-') || number.is_negative()), "{}", text);
            }
        }

        #[test]
        fn a_sum_is_what_adding_one_by_one_gives(
            amounts in prop::collection::vec((any::<i64>(), 0_u32..30), 0..20),
        ) {
            let mut sum = Sum::default();
            let mut one_by_one = Ok(Exact::ZERO);
            let mut kept = Ok(());
            for (mantissa, scale) in amounts {
                let amount = Exact::new(mantissa.into(), scale).expect("few digits");
                one_by_one = one_by_one.and_then(|total: Exact| total.plus(amount));
                kept = kept.and_then(|()| sum.add(amount));
            }
            prop_assert_eq!(kept.and_then(|()| sum.total()), one_by_one);
        }
    }
}
