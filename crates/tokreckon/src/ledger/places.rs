//! Places for numbers of lanes, by hash: a lane stands in its own place or in that beside it.

/// How many places there are, as a power of two.
pub(super) const PLACES_POWER: u32 = 13;

/// Each holds a number plus 1, or nothing.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<u32>);

impl Places {
    /// True before the first lane.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes all lanes away.
    pub(super) fn clear(&mut self) {
        self.0.clear();
        self.0.resize(1 << PLACES_POWER, 0);
    }

    /// The number of the lane in a place.
    #[inline]
    pub(super) fn number(&self, place: usize) -> Option<usize> {
        self.0.get(place)?.checked_sub(1).map(|number| number as usize)
    }

    /// The number of the lane beside a place: there is one of this place only where another has
    /// taken its own.
    #[inline]
    pub(super) fn beside(&self, place: usize) -> Option<usize> {
        self.number(place ^ 1)
    }

    /// Puts a lane into its place; the one that stood there moves beside.
    pub(super) fn put(&mut self, place: usize, number: usize) {
        if self.0[place] > 0 {
            self.0[place ^ 1] = self.0[place];
        }
        self.0[place] = u32::try_from(number + 1).unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty() -> Places {
        let mut places = Places::default();
        places.clear();
        places
    }

    #[test]
    fn neighbours_leave_each_other_where_they_are() {
        let mut places = empty();
        places.put(6, 0);
        places.put(7, 1);
        assert_eq!((places.number(6), places.number(7)), (Some(0), Some(1)));
        places.put(6, 2);
        assert_eq!((places.number(6), places.beside(6)), (Some(2), Some(0)), "the first moves");
    }

    #[test]
    fn none_stands_beside_an_empty_place() {
        for order in 0_usize..1 << 6 {
            let (mut places, mut own) = (empty(), Vec::new());
            for number in 0..6 {
                let place = order >> number & 1;
                own.push(place);
                places.put(place, number);
                for at in [0, 1] {
                    let lane = places.number(at).map(|lane| own[lane]);
                    let stands = |own| own == at || places.number(own).is_some();
                    assert!(lane.is_none_or(stands), "{order:b}");
                }
                assert_eq!(places.number(place), Some(number), "the last one is in its own");
            }
        }
    }
}
