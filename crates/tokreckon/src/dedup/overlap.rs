//! Buckets of one export in several files: which of them hold.

use std::collections::{BTreeMap, BTreeSet};

use super::held::{Held, KEYS};
use crate::book::Known;
use crate::money::Exact;
use crate::price::ServiceTier;
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

/// What a file reports under one key.
#[derive(Default)]
struct Side {
    counts: [u128; Totals::COUNTS],
    cost: Exact,
    rows: Vec<usize>,
}

impl Side {
    /// Nothing in it is more than in another: the other may be a later state of it.
    fn is_within(&self, other: &Self) -> bool {
        self.cost <= other.cost && self.counts.iter().zip(other.counts).all(|(own, of)| *own <= of)
    }
}

type Key = ([u32; KEYS], Option<ServiceTier>);

/// Files that are grouped by the same keys are compared by all of these; two that are not, by what both
/// are grouped by. A third file that lacks a key changes nothing between two that have it.
fn settle_span(rows: &[Held], span: &[usize], end: i64, files: &Files, fates: &mut [Fate]) {
    let here: BTreeSet<usize> = span.iter().map(|&at| rows[at].file()).collect();
    let mut alike: BTreeMap<Keys, BTreeSet<usize>> = BTreeMap::new();
    for file in here {
        let keys = files.grouped_by.get(&file).copied().unwrap_or_default();
        alike.entry(keys).or_default().insert(file);
    }
    for (keys, members) in &alike {
        compare(rows, span, end, (files, members, keys), fates);
    }
    let all: Vec<(&Keys, usize)> = alike
        .iter()
        .flat_map(|(keys, members)| members.iter().map(move |file| (keys, *file)))
        .collect();
    for (at, (keys, file)) in all.iter().enumerate() {
        for (other_keys, other) in all[at + 1..].iter().filter(|(other, _)| other != keys) {
            let mut common = **keys;
            for (common, other) in common.iter_mut().zip(other_keys.iter()) {
                *common &= other;
            }
            compare(rows, span, end, (files, &BTreeSet::from([*file, *other]), &common), fates);
        }
    }
}

/// Which keys a file is grouped by.
type Keys = [bool; KEYS + 1];

/// Settles what some files report under these keys.
fn compare(
    rows: &[Held],
    span: &[usize],
    end: i64,
    (files, members, common): (&Files, &BTreeSet<usize>, &Keys),
    fates: &mut [Fate],
) {
    if members.len() < 2 {
        return;
    }
    let mut sides: BTreeMap<Key, BTreeMap<usize, Side>> = BTreeMap::new();
    for &at in span {
        let row = &rows[at];
        let is_gone = matches!(fates[at], Fate::Copy(_) | Fate::Replaced(_));
        if is_gone || !members.contains(&row.file()) {
            continue;
        }
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
        let side = sides.entry((keys, tier)).or_default().entry(row.file()).or_default();
        for (sum, count) in side.counts.iter_mut().zip(row.counts()) {
            *sum += u128::from(count);
        }
        side.cost = side.cost.plus(row.cost()).unwrap_or(side.cost);
        side.rows.push(at);
    }
    for sides in sides.values().filter(|sides| sides.len() > 1) {
        settle_key(sides, end, files, fates);
    }
}

/// The file with more in it holds; of equals the one with finer buckets, then the later one. Counters
/// of an open day only grow: what is smaller in one of its counts is no earlier state. Nor is a
/// smaller count under other keys: a part of an export may just have an empty column.
fn settle_key(sides: &BTreeMap<usize, Side>, end: i64, files: &Files, fates: &mut [Fate]) {
    let rank = |(file, side): &(&usize, &Side)| {
        (side.counts.iter().sum::<u128>(), side.cost, side.rows.len(), **file)
    };
    let Some((&winner, most)) = sides.iter().max_by_key(rank) else {
        return;
    };
    let grouped_by = |file: &usize| files.grouped_by.get(file);
    for (&file, side) in sides.iter().filter(|(file, _)| **file != winner) {
        let last = files.ends.get(&file).copied().unwrap_or(end);
        let may_have_grown = end > last.saturating_sub(OPEN_SECONDS)
            && grouped_by(&file) == grouped_by(&winner)
            && side.is_within(most);
        let fate = if (side.counts, side.cost) == (most.counts, most.cost) {
            Fate::Copy(winner)
        } else if may_have_grown {
            Fate::Replaced(winner)
        } else {
            Fate::Conflicts(winner)
        };
        for &row in &side.rows {
            fates[row] = fate;
        }
    }
}
