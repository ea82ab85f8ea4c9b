//! Buckets of one export in several files: which of them hold.
//!
//! Files that are grouped by the same keys are settled first, key by key. Then what such files report
//! together is compared with what files of another grouping report together, then file with file: the same
//! usage grouped otherwise counts once. A row that is gone stays in the sum of its file, for it is part of
//! what the file says; it is only never decided again. What another row's absence rests on does not go in
//! favour of that row's file: nothing is lost by going round in a circle.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::book::Known;
use crate::money::{Currency, Exact};
use crate::price::ServiceTier;
use crate::record::held::{Held, KEYS};
use crate::time::DAY_SECONDS;
use crate::usage::Totals;

/// How long before the end of a file its counts may still have grown, in seconds.
const OPEN_SECONDS: i64 = 2 * DAY_SECONDS;

/// What becomes of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Kept,
    /// Another file reports all of the same.
    Copy(usize),
    /// Another file reports the same keys with at least as much of everything: a later state.
    Replaced(usize),
    /// Another file reports the same with other content; both are kept.
    Conflicts(usize),
}

impl Fate {
    /// True for a row that does not count: another one stands for it.
    const fn is_gone(self) -> bool {
        matches!(self, Self::Copy(_) | Self::Replaced(_))
    }
}

/// One fate for each of the rows.
pub(super) fn settle(rows: &[Held]) -> Vec<Fate> {
    let mut fates = vec![Fate::Kept; rows.len()];
    let files = Files::new(rows);
    let mut dated: Vec<usize> = (0..rows.len()).filter(|&at| rows[at].period.is_some()).collect();
    dated.sort_by_key(|&at| span(&rows[at]));
    let mut from = 0;
    while from < dated.len() {
        let mut end = span(&rows[dated[from]]).1;
        let mut to = from + 1;
        while let Some(&at) = dated.get(to)
            && span(&rows[at]).0 < end
        {
            end = end.max(span(&rows[at]).1);
            to += 1;
        }
        settle_span(rows, &dated[from..to], end, &files, &mut fates);
        from = to;
    }
    fates
}

fn span(row: &Held) -> (i64, i64) {
    row.period.map_or((0, 0), |period| (period.start.0, period.end.0))
}

/// What is known about whole files.
struct Files {
    /// Which keys a file is grouped by: those that are not empty in all of its rows.
    grouped_by: BTreeMap<usize, [bool; KEYS + 1]>,
    ends: BTreeMap<usize, i64>,
}

impl Files {
    fn new(rows: &[Held]) -> Self {
        let mut files = Self { grouped_by: BTreeMap::new(), ends: BTreeMap::new() };
        for row in rows {
            let grouped = files.grouped_by.entry(row.file()).or_default();
            for (grouped, key) in grouped.iter_mut().zip(row.keys) {
                *grouped |= key != 0;
            }
            grouped[KEYS] |= matches!(row.service_tier, Known::Is(_));
            let end = files.ends.entry(row.file()).or_insert(i64::MIN);
            *end = (*end).max(span(row).1);
        }
        files
    }
}

/// What some rows report under one key.
#[derive(Clone, Default)]
struct Side {
    counts: [u128; Totals::COUNTS],
    /// By currency; `None` beyond what an amount can hold: it equals nothing then.
    cost: Option<Costs>,
    rows: Vec<usize>,
}

impl Side {
    /// Nothing in it is more than in another: the other may be a later state of it.
    fn is_within(&self, other: &Self) -> bool {
        let costs = self.cost.as_ref().zip(other.cost.as_ref());
        let costs = costs.is_some_and(|(own, of)| is_within(own, of));
        costs && self.counts.iter().zip(other.counts).all(|(own, of)| *own <= of)
    }

    /// Both report the same.
    fn equals(&self, other: &Self) -> bool {
        self.cost.is_some() && (&self.counts, &self.cost) == (&other.counts, &other.cost)
    }
}

/// Costs by currency.
type Costs = BTreeMap<Currency, Exact>;

/// No cost is more than that of the same currency in another.
fn is_within(own: &Costs, other: &Costs) -> bool {
    let of = |costs: &Costs, currency| costs.get(currency).copied().unwrap_or(Exact::ZERO);
    own.keys().chain(other.keys()).all(|currency| of(own, currency) <= of(other, currency))
}

type Key = ([u32; KEYS], Option<ServiceTier>);

/// Which keys a file is grouped by.
type Keys = [bool; KEYS + 1];

/// Rows that are compared as one: those of a file, or of files that are grouped by the same keys.
struct Party {
    keys: Keys,
    /// The file, or the first of them.
    file: usize,
    rows: Vec<usize>,
    /// How much it reports, in all and row by row: of equals, that decides before the order of the files.
    weight: (u128, Vec<u128>),
}

impl Party {
    fn new(keys: Keys, file: usize, own: Vec<usize>, rows: &[Held]) -> Self {
        let mut each: Vec<u128> = own.iter().map(|&at| rows[at].weight()).collect();
        each.sort_unstable();
        Self { keys, file, rows: own, weight: (each.iter().sum(), each) }
    }

    /// In which order parties are compared: the finest first, for it is the one that holds.
    fn place(&self) -> (Reverse<usize>, Keys, &(u128, Vec<u128>), usize) {
        (Reverse(self.rows.len()), self.keys, &self.weight, self.file)
    }
}

/// Settles what is reported of a span of time that ends at `end`.
fn settle_span(rows: &[Held], span: &[usize], end: i64, files: &Files, fates: &mut [Fate]) {
    let mut of_file: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &at in span {
        of_file.entry(rows[at].file()).or_default().push(at);
    }
    let party = |(file, own): (&usize, &Vec<usize>)| {
        let keys = files.grouped_by.get(file).copied().unwrap_or_default();
        Party::new(keys, *file, own.clone(), rows)
    };
    let mut each: Vec<Party> = of_file.iter().map(party).collect();
    each.sort_by(|one, other| one.place().cmp(&other.place()));
    let mut alike: BTreeMap<Keys, Vec<&Party>> = BTreeMap::new();
    for party in &each {
        alike.entry(party.keys).or_default().push(party);
    }
    let mut settled = Settled { rows, fates, stands_for: vec![false; rows.len()] };
    let mut groups: Vec<Party> = Vec::new();
    for (keys, members) in alike {
        settled.of_one_grouping(&members, end, files);
        let kept = members.iter().flat_map(|party| party.rows.iter().copied());
        let kept: Vec<usize> = kept.filter(|&at| !settled.fates[at].is_gone()).collect();
        let file = members.iter().map(|party| party.file).min().unwrap_or(0);
        groups.push(Party::new(keys, file, kept, rows));
    }
    groups.sort_by(|one, other| one.place().cmp(&other.place()));
    for parties in [&groups, &each] {
        for (one, other) in pairs(parties) {
            settled.copies(one, other);
        }
    }
    for (one, other) in pairs(&each) {
        settled.conflicts(one, other);
    }
}

/// Every two parties that are grouped by different keys.
fn pairs(parties: &[Party]) -> impl Iterator<Item = (&Party, &Party)> {
    let pairs = parties.iter().enumerate();
    let pairs = pairs.flat_map(|(at, one)| parties[at + 1..].iter().map(move |other| (one, other)));
    pairs.filter(|(one, other)| one.keys != other.keys)
}

/// What became of rows so far.
struct Settled<'s> {
    rows: &'s [Held],
    fates: &'s mut [Fate],
    /// Rows in whose favour others are gone.
    stands_for: Vec<bool>,
}

impl Settled<'_> {
    /// The rows of a party by these keys.
    fn sides(&self, party: &Party, common: &Keys) -> BTreeMap<Key, Side> {
        let mut sides: BTreeMap<Key, Side> = BTreeMap::new();
        for &at in &party.rows {
            let row = &self.rows[at];
            let mut keys = row.keys;
            for (key, common) in keys.iter_mut().zip(common) {
                if !common {
                    *key = 0;
                }
            }
            let tier = match row.service_tier {
                Known::Is(tier) if common[KEYS] => Some(tier),
                _ => None,
            };
            let new = || Side { cost: Some(Costs::new()), ..Side::default() };
            let side = sides.entry((keys, tier)).or_insert_with(new);
            for (sum, count) in side.counts.iter_mut().zip(row.counts()) {
                *sum += u128::from(count);
            }
            if let Some(money) = row.reported {
                side.cost = side.cost.take().and_then(|mut costs| {
                    let sum = costs.entry(money.currency).or_default();
                    *sum = sum.plus(money.amount).ok()?;
                    Some(costs)
                });
            }
            side.rows.push(at);
        }
        sides
    }

    /// Both sides of each key that two parties have, by what both are grouped by. A third file that lacks
    /// a key changes nothing between two that have it.
    fn both(&self, one: &Party, other: &Party) -> Vec<(Side, Side)> {
        let mut common = one.keys;
        for (common, other) in common.iter_mut().zip(other.keys) {
            *common &= other;
        }
        let mut others = self.sides(other, &common);
        let own = self.sides(one, &common).into_iter();
        own.filter_map(|(key, side)| Some((side, others.remove(&key)?))).collect()
    }

    fn any_gone(&self, side: &Side) -> bool {
        side.rows.iter().any(|&at| self.fates[at].is_gone())
    }

    fn all_gone(&self, side: &Side) -> bool {
        side.rows.iter().all(|&at| self.fates[at].is_gone())
    }

    /// One side gives way to another. What is gone stays so.
    fn give_way(&mut self, loser: &Side, winner: &Side, fate: Fate) {
        for &at in &loser.rows {
            if !self.fates[at].is_gone() {
                self.fates[at] = fate;
            }
        }
        if fate.is_gone() {
            winner.rows.iter().for_each(|&at| self.stands_for[at] = true);
        }
    }

    /// True where a side may be gone in favour of another: it counts itself, and the other does not rest
    /// on it.
    fn may_go(&self, loser: &Side, winner: &Side) -> bool {
        let stands_for = loser.rows.iter().any(|&at| self.stands_for[at]);
        !(self.any_gone(loser) || stands_for && self.any_gone(winner))
    }

    /// Files that are grouped by the same keys: of each key the file with more in it holds; of equals the one
    /// with finer buckets, then the one with more in all, then the later one. Counters of an open day
    /// only grow: what is smaller in one of its counts is no earlier state. Nor is a smaller count under other
    /// keys: a part of an export may just have an empty column.
    fn of_one_grouping(&mut self, members: &[&Party], end: i64, files: &Files) {
        let mut keyed: BTreeMap<Key, Vec<(&Party, Side)>> = BTreeMap::new();
        for party in members {
            for (key, side) in self.sides(party, &party.keys) {
                keyed.entry(key).or_default().push((party, side));
            }
        }
        for sides in keyed.into_values().filter(|sides| sides.len() > 1) {
            let best = sides.iter().max_by(|one, other| rank(one).cmp(&rank(other)));
            let Some((winner, most)) = best else { continue };
            for (party, side) in sides.iter().filter(|(party, _)| party.file != winner.file) {
                let last = files.ends.get(&party.file).copied().unwrap_or(end);
                let may_have_grown =
                    end > last.saturating_sub(OPEN_SECONDS) && side.is_within(most);
                let fate = if side.equals(most) {
                    Fate::Copy(winner.file)
                } else if may_have_grown {
                    Fate::Replaced(winner.file)
                } else {
                    Fate::Conflicts(winner.file)
                };
                self.give_way(side, most, fate);
            }
        }
    }

    /// The same usage grouped by other keys: the finer one holds, unless it is the coarser one that others
    /// rest on.
    fn copies(&mut self, one: &Party, other: &Party) {
        for (own, others) in self.both(one, other) {
            if !own.equals(&others) || self.all_gone(&own) || self.all_gone(&others) {
                continue;
            }
            let (finer, coarser) =
                if others.rows.len() > own.rows.len() { (&others, &own) } else { (&own, &others) };
            for (holds, goes) in [(finer, coarser), (coarser, finer)] {
                let kept = holds.rows.iter().find(|&&at| !self.fates[at].is_gone());
                if let Some(&kept) = kept
                    && self.may_go(goes, holds)
                {
                    self.give_way(goes, holds, Fate::Copy(self.rows[kept].file()));
                    break;
                }
            }
        }
    }

    /// What another grouping contradicts is kept and named.
    fn conflicts(&mut self, one: &Party, other: &Party) {
        for (own, others) in self.both(one, other) {
            if self.all_gone(&own) || self.all_gone(&others) {
                continue;
            }
            let counts = |side: &Side| side.counts.iter().sum::<u128>();
            let rank = |side: &Side| (counts(side), side.cost.clone(), side.rows.len());
            if rank(&others) > rank(&own) {
                self.give_way(&own, &others, Fate::Conflicts(other.file));
            } else {
                self.give_way(&others, &own, Fate::Conflicts(one.file));
            }
        }
    }
}

/// What decides between files of one grouping.
fn rank<'p>(
    (party, side): &'p (&'p Party, Side),
) -> (u128, Option<&'p Costs>, usize, &'p (u128, Vec<u128>), usize) {
    let counts = side.counts.iter().sum();
    (counts, side.cost.as_ref(), side.rows.len(), &party.weight, party.file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_compared_by_currency() {
        let costs = |all: &[(&str, u64)]| -> Costs {
            let cost = |(code, amount): &(&str, u64)| {
                (code.parse().expect("a code"), Exact::from(*amount))
            };
            all.iter().map(cost).collect()
        };
        let dollars = costs(&[("USD", 5)]);
        assert!(is_within(&dollars, &costs(&[("USD", 5), ("EUR", 1)])));
        assert!(!is_within(&dollars, &costs(&[("EUR", 9)])), "nobody knows a rate");
        assert!(is_within(&Costs::new(), &dollars) && !is_within(&dollars, &Costs::new()));
    }
}
