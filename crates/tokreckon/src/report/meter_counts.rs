//! Counts by meter: nearly always of three or four, and held for every group.

use std::ops::Index;

use crate::charge::Counts;
use crate::usage::Meter;

/// A sum for each of a few meters, in their order. It takes no more room than they do: a report of a
/// million groups has a million of these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MeterCounts(Vec<(Meter, u128)>);

impl MeterCounts {
    /// Meters and their sums above zero, in the order of the meters.
    pub fn iter(&self) -> impl Iterator<Item = (Meter, u128)> {
        self.0.iter().copied()
    }

    pub(super) fn add(&mut self, meter: Meter, count: u128) {
        if count == 0 {
            return;
        }
        match self.0.binary_search_by_key(&(meter as u32), |(known, _)| *known as u32) {
            Ok(at) => self.0[at].1 += count,
            Err(at) => {
                self.0.reserve_exact(1);
                self.0.insert(at, (meter, count));
            }
        }
    }

    pub(super) fn add_all(&mut self, counts: &Counts) {
        for &meter in Meter::ALL {
            self.add(meter, counts[meter]);
        }
    }
}

impl Index<Meter> for MeterCounts {
    type Output = u128;

    /// The sum of a meter; 0 where nothing was counted by it.
    fn index(&self, meter: Meter) -> &u128 {
        const NOTHING: &u128 = &0;
        let held = self.0.iter().find(|(known, _)| *known == meter);
        held.map_or(NOTHING, |(_, count)| count)
    }
}
