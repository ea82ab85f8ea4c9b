//! Counts of any sum of records.

use std::ops::{Index, IndexMut};

use crate::usage::{Meter, Usage};

/// Counts by meter, wide enough for any sum of records.
///
/// ```
/// use tokreckon::charge::Counts;
/// use tokreckon::usage::Meter;
///
/// let mut counts = Counts::NONE;
/// counts[Meter::Input] += 57;
/// assert_eq!((counts[Meter::Input], counts[Meter::Output]), (57, 0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counts([u128; Meter::COUNT]);

impl Counts {
    /// Nothing counted.
    pub const NONE: Self = Self([0; Meter::COUNT]);

    /// What was counted, and how many.
    pub fn iter(&self) -> impl Iterator<Item = (Meter, u128)> + '_ {
        Meter::ALL.iter().map(|&meter| (meter, self[meter])).filter(|&(_, count)| count > 0)
    }
}

impl From<&Usage> for Counts {
    fn from(usage: &Usage) -> Self {
        let mut counts = Self::NONE;
        for (meter, count) in usage.counts() {
            counts[meter] = count.into();
        }
        counts
    }
}

impl Default for Counts {
    fn default() -> Self {
        Self::NONE
    }
}

impl Index<Meter> for Counts {
    type Output = u128;

    fn index(&self, meter: Meter) -> &u128 {
        &self.0[meter as usize]
    }
}

impl IndexMut<Meter> for Counts {
    fn index_mut(&mut self, meter: Meter) -> &mut u128 {
        &mut self.0[meter as usize]
    }
}
