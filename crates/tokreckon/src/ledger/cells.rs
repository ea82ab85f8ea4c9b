//! Integer sums of records that are priced alike. They merge exactly in any order.

use crate::charge::{Counts, PriceMasks, Situation};
use crate::lookup::{Grow, Lookup, Numbers, Seen};
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
    /// Counts of [`USUAL`], but for what is in `more`.
    usual: [u64; USUAL.len()],
    /// Output tokens of records that do not say how much of them was reasoning, but for what is in `more`.
    unsplit: u64,
    /// What few cells have: without it a cell takes 96 bytes.
    more: Option<Box<More>>,
}

/// What few cells have.
#[derive(Clone, Debug, Default)]
struct More {
    /// Counts of other meters, and what is too large for 64 bits of [`USUAL`], once a meter.
    counts: Vec<(Meter, u128)>,
    unsplit: u128,
    line_rounding: [Exact; 2],
}

impl More {
    fn count(&mut self, meter: Meter) -> &mut u128 {
        let at = self.counts.iter().position(|(other, _)| *other == meter);
        let at = at.unwrap_or_else(|| {
            self.counts.reserve_exact(1);
            self.counts.push((meter, 0));
            self.counts.len().saturating_sub(1)
        });
        &mut self.counts[at].1
    }
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
        for (at, meter) in USUAL.into_iter().enumerate() {
            self.add_usual(at, usage.count(meter));
        }
        if metered & !USUAL_BITS != 0 {
            self.add_others(usage);
        }
        if usage.unreported.reasoning {
            self.add_unsplit(usage.count(Meter::Output).into());
        }
        self.count(self.certainty(metered));
    }

    /// Adds to the sum of one of [`USUAL`].
    #[inline]
    fn add_usual(&mut self, at: usize, count: u64) {
        match self.usual[at].checked_add(count) {
            Some(sum) => self.usual[at] = sum,
            None => self.add_large(USUAL[at], count.into()),
        }
    }

    /// Adds to a sum of 128 bits: of u64 it overflows after 2^64 records.
    #[cold]
    fn add_large(&mut self, meter: Meter, count: u128) {
        self.more.get_or_insert_default().count(meter).grow(count);
    }

    fn add_unsplit(&mut self, count: u128) {
        match u64::try_from(count).ok().and_then(|count| self.unsplit.checked_add(count)) {
            Some(sum) => self.unsplit = sum,
            None => self.more.get_or_insert_default().unsplit.grow(count),
        }
    }

    #[cold]
    fn add_others(&mut self, usage: &Usage) {
        for (meter, count) in usage.counts().filter(|(meter, _)| !USUAL.contains(meter)) {
            self.add_large(meter, count.into());
        }
    }

    /// Adds counts without a record; says how well they are priced.
    pub(super) fn add_counts(&mut self, counts: &Counts) -> Certainty {
        let mut metered = 0;
        for (meter, count) in counts.iter() {
            metered |= 1 << meter as u32;
            let usual = USUAL.iter().position(|usual| *usual == meter);
            match usual.zip(u64::try_from(count).ok()) {
                Some((at, count)) => self.add_usual(at, count),
                None => self.add_large(meter, count),
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
            self.add_unsplit(counts[Meter::Output]);
        }
        self.tally_of(self.certainty(metered)).grow(records);
    }

    /// Adds a record whose counts were added in parts, here and elsewhere.
    pub(super) fn add_marginal(&mut self, usage: &Usage, certainty: Option<Certainty>) {
        if usage.unreported.reasoning {
            self.add_unsplit(usage.count(Meter::Output).into());
        }
        self.count(certainty.unwrap_or(Certainty::Exact));
    }

    /// The sums of all meters.
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts::NONE;
        for &(meter, sum) in self.more.iter().flat_map(|more| &more.counts) {
            counts[meter] = sum;
        }
        for (meter, sum) in USUAL.into_iter().zip(self.usual) {
            counts[meter].grow(sum.into());
        }
        counts
    }

    /// Output tokens of records that do not say how much of them was reasoning.
    pub(crate) fn unsplit_output(&self) -> u128 {
        let mut sum = self.more.as_ref().map_or(0, |more| more.unsplit);
        sum.grow(self.unsplit.into());
        sum
    }

    /// What rounding each record's lines added, low and high.
    pub(crate) fn line_rounding(&self) -> [Exact; 2] {
        self.more.as_ref().map_or_else(Default::default, |more| more.line_rounding)
    }

    pub(super) fn add_line_rounding(&mut self, added: [Exact; 2]) -> Result<(), InexactError> {
        let [low, high] = self.line_rounding();
        let sums = [low.plus(added[0])?, high.plus(added[1])?];
        self.more.get_or_insert_default().line_rounding = sums;
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
        self.add_unsplit(other.unsplit_output());
        match &other.more {
            Some(more) => self.add_line_rounding(more.line_rounding),
            None => Ok(()),
        }
    }
}

/// Cells by key and by number.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    numbers: Numbers,
    /// The group of each cell, and the number of what else tells it apart.
    keys: Vec<(u32, u32)>,
    all: Vec<Cell>,
    /// Keys without their groups: few, while groups may be many.
    kinds: Vec<CellKey>,
    kind_numbers: Lookup<CellKey, u32>,
}

impl Cells {
    /// The number of the cell with this key, made when it is not there.
    pub(super) fn number(&mut self, key: CellKey, new: impl FnOnce() -> Cell) -> u32 {
        let Self { numbers, keys, all, kinds, kind_numbers } = self;
        let kind = CellKey { group: 0, ..key };
        let kind = *kind_numbers.entry_or_insert_with(kind, || {
            kinds.push(kind);
            u32::try_from(kinds.len().saturating_sub(1)).expect("no more kinds than cells")
        });
        let key = (key.group, kind);
        let (number, seen) = numbers.number(&key, |number| keys[number as usize] == key, all.len());
        if seen == Seen::First {
            keys.push(key);
            all.push(new());
        }
        number
    }

    /// The cell with this key, made when it is not there.
    pub(super) fn entry(&mut self, key: CellKey, new: impl FnOnce() -> Cell) -> &mut Cell {
        let number = self.number(key, new);
        &mut self.all[number as usize]
    }

    /// The cell with this number.
    #[inline]
    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut Cell> {
        self.all.get_mut(number as usize)
    }

    /// How many there are.
    pub(crate) const fn count(&self) -> usize {
        self.all.len()
    }

    /// A cell by its number, with its key.
    pub(crate) fn get(&self, number: u32) -> (CellKey, &Cell) {
        let (group, kind) = self.keys[number as usize];
        (CellKey { group, ..self.kinds[kind as usize] }, &self.all[number as usize])
    }

    /// The group of a cell, by its number.
    pub(crate) fn group(&self, number: u32) -> u32 {
        self.keys[number as usize].0
    }

    /// Cells with their keys, in the order of their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (CellKey, &Cell)> {
        (0..).take(self.all.len()).map(|number| self.get(number))
    }

    /// The cards of all cells: a card may have been found for a record that was not charged in the end.
    pub(crate) fn cards(&self) -> impl Iterator<Item = u32> {
        self.kinds.iter().map(|kind| kind.card)
    }
}
