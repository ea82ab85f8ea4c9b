//! Integer sums of records that are priced alike. They merge exactly in any order.

use crate::charge::{Counts, PriceMasks, Situation};
use crate::lookup::Grow;
use crate::lookup::Lookup;
use crate::money::{Exact, InexactError};
use crate::usage::{Meter, Usage};

/// What tells cells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CellKey {
    pub(crate) group: u32,
    pub(crate) card: u32,
    pub(crate) terms: u32,
    pub(crate) situation: Situation,
    /// UTC day or month when sums of it are rounded; 0 otherwise.
    pub(crate) rounding_day: i64,
}

/// Integer sums of records that are priced alike.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    /// Records with one exact charge; below, between two bounds, and charged in part.
    pub(crate) exact: u64,
    /// Records with one amount that takes something for granted.
    pub(crate) assumed: u64,
    pub(crate) bounded: u64,
    pub(crate) partly: u64,
    masks: PriceMasks,
    /// Counts of [`USUAL`]: a cell of any other count is three times as large.
    usual: [u128; USUAL.len()],
    others: Option<Box<Counts>>,
    /// Output tokens of records that do not say how much of them was reasoning.
    pub(crate) unsplit_output: u128,
    line_rounding: Option<Box<[Exact; 2]>>,
}

/// What nearly all requests are counted in.
const USUAL: [Meter; 4] = [Meter::Input, Meter::CacheRead, Meter::Output, Meter::Reasoning];

/// The bits of [`USUAL`] in a set of meters.
const USUAL_BITS: u32 = {
    let (mut bits, mut at) = (0, 0);
    while at < USUAL.len() {
        bits |= 1 << USUAL[at] as u32;
        at += 1;
    }
    bits
};

/// How well a record could be charged, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Certainty {
    Exact,
    Assumed,
    Bounded,
    Partly,
}

impl Cell {
    /// One of a card and a situation with these prices.
    pub(super) fn new(masks: PriceMasks) -> Self {
        Self { masks, ..Self::default() }
    }

    /// Adds one record.
    #[inline]
    pub(super) fn add(&mut self, usage: &Usage) {
        let metered = usage.metered();
        for (sum, meter) in self.usual.iter_mut().zip(USUAL) {
            // Sums of u64 in a u128 overflow after 2^64 records.
            sum.grow(u128::from(usage.count(meter)));
        }
        if metered & !USUAL_BITS != 0 {
            self.add_others(usage);
        }
        if usage.unreported.reasoning {
            self.unsplit_output.grow(u128::from(usage.count(Meter::Output)));
        }
        self.count(self.certainty(metered));
    }

    #[cold]
    fn add_others(&mut self, usage: &Usage) {
        let others = self.others.get_or_insert_with(|| Box::new(Counts::NONE));
        for (meter, count) in usage.counts().filter(|(meter, _)| !USUAL.contains(meter)) {
            others[meter].grow(u128::from(count));
        }
    }

    /// Adds counts without a record; says how well they are priced.
    pub(super) fn add_counts(&mut self, counts: &Counts) -> Certainty {
        let mut metered = 0;
        for (meter, count) in counts.iter() {
            metered |= 1 << meter as u32;
            if let Some(at) = USUAL.iter().position(|usual| *usual == meter) {
                self.usual[at].grow(count);
            } else {
                let others = self.others.get_or_insert_with(|| Box::new(Counts::NONE));
                others[meter].grow(count);
            }
        }
        self.certainty(metered)
    }

    /// Adds records that each have counts of these meters, by their sums.
    pub(super) fn add_saved(
        &mut self,
        counts: &Counts,
        metered: u32,
        records: u64,
        is_unsplit: bool,
    ) {
        self.add_counts(counts);
        if is_unsplit {
            self.unsplit_output.grow(counts[Meter::Output]);
        }
        self.tally_of(self.certainty(metered)).grow(records);
    }

    /// Adds a record whose counts were added in parts, here and elsewhere.
    pub(super) fn add_marginal(&mut self, usage: &Usage, certainty: Option<Certainty>) {
        if usage.unreported.reasoning {
            self.unsplit_output.grow(u128::from(usage.count(Meter::Output)));
        }
        self.count(certainty.unwrap_or(Certainty::Exact));
    }

    /// The sums of all meters.
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = self.others.as_deref().copied().unwrap_or(Counts::NONE);
        for (meter, sum) in USUAL.into_iter().zip(self.usual) {
            counts[meter] = sum;
        }
        counts
    }

    /// What rounding each record's lines added, low and high.
    pub(crate) fn line_rounding(&self) -> [Exact; 2] {
        self.line_rounding.as_deref().copied().unwrap_or_default()
    }

    pub(super) fn add_line_rounding(&mut self, added: [Exact; 2]) -> Result<(), InexactError> {
        let [low, high] = self.line_rounding();
        self.line_rounding = Some(Box::new([low.plus(added[0])?, high.plus(added[1])?]));
        Ok(())
    }

    /// What is known about the prices of the meters a record has counts of.
    const fn certainty(&self, metered: u32) -> Certainty {
        if metered & self.masks.unpriced != 0 || self.masks.unread {
            Certainty::Partly
        } else if metered & self.masks.ranged != 0 {
            Certainty::Bounded
        } else if metered & self.masks.assumed != 0 {
            Certainty::Assumed
        } else {
            Certainty::Exact
        }
    }

    pub(super) fn count(&mut self, certainty: Certainty) {
        self.tally_of(certainty).grow(1);
    }

    const fn tally_of(&mut self, certainty: Certainty) -> &mut u64 {
        match certainty {
            Certainty::Exact => &mut self.exact,
            Certainty::Assumed => &mut self.assumed,
            Certainty::Bounded => &mut self.bounded,
            Certainty::Partly => &mut self.partly,
        }
    }

    /// A cell of the same prices that holds nothing.
    pub(super) fn emptied(&self) -> Self {
        Self::new(self.masks)
    }

    pub(super) fn absorb(&mut self, other: &Self) -> Result<(), InexactError> {
        self.exact.grow(other.exact);
        self.assumed.grow(other.assumed);
        self.bounded.grow(other.bounded);
        self.partly.grow(other.partly);
        self.add_counts(&other.counts());
        self.unsplit_output.grow(other.unsplit_output);
        match other.line_rounding.as_deref() {
            Some(added) => self.add_line_rounding(*added),
            None => Ok(()),
        }
    }
}

/// Cells by key and by number.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    numbers: Lookup<CellKey, u32>,
    all: Vec<(CellKey, Cell)>,
}

impl Cells {
    /// The number of the cell with this key, made when it is not there.
    pub(super) fn number(&mut self, key: CellKey, new: impl FnOnce() -> Cell) -> u32 {
        *self.numbers.entry_or_insert_with(key, || {
            self.all.push((key, new()));
            u32::try_from(self.all.len().saturating_sub(1)).expect("fewer than 2^32 cells")
        })
    }

    /// The cell with this key, made when it is not there.
    pub(super) fn entry(&mut self, key: CellKey, new: impl FnOnce() -> Cell) -> &mut Cell {
        let number = self.number(key, new);
        &mut self.all[number as usize].1
    }

    /// The cell with this number.
    #[inline]
    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut Cell> {
        self.all.get_mut(number as usize).map(|(_, cell)| cell)
    }

    /// How many there are.
    pub(super) const fn count(&self) -> usize {
        self.all.len()
    }

    /// Cells by key.
    pub(crate) fn sorted(&self) -> Vec<(&CellKey, &Cell)> {
        let mut cells: Vec<_> = self.all.iter().map(|(key, cell)| (key, cell)).collect();
        cells.sort_by_key(|(key, _)| *key);
        cells
    }
}
