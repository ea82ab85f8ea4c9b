//! Copies among the ids of a partition, and what all copies come to.
//!
//! A pass over the fingerprints marks which short prefixes of them come twice; a second one gathers
//! the few with such a prefix, which are compared bit for bit. Only then places and amounts are read,
//! of the true copies. The memory that takes is half as much as the partition and 6 MB besides; where
//! many ids repeat, about 110 bytes for each of them instead.

use std::collections::BTreeMap;

use super::packed::{Entries, Entry, Kind, row};
use super::{Code, Finding, MAX_ROWS, RowRef};
use crate::money::{Currency, Exact};

/// Requests with copies that are listed by their first line; the others are summed up.
const MAX_COPIED: usize = 20;
/// Entries that are gathered before those that cannot matter are dropped.
const MANY: usize = if cfg!(test) { 8 } else { 1 << 16 };

/// A request with copies: the place of its first copy, that of the request, its fingerprint.
type Name = (u64, u64, u128);

/// What the copies come to.
#[derive(Debug, Default)]
pub(super) struct Copies {
    /// The requests whose first copy comes first: copies in the same file and in others.
    named: BTreeMap<Name, [Option<Finding>; 2]>,
    others: Option<Finding>,
}

impl Copies {
    /// Whether a request belongs to those that are named, as far as is known.
    fn is_named(&self, name: &Name) -> bool {
        self.named.len() < MAX_COPIED
            || self.named.last_key_value().is_some_and(|(last, _)| name <= last)
    }

    /// Makes room for a request among those that are named, if it belongs there.
    fn name(&mut self, name: Name) {
        if !self.is_named(&name) {
            return;
        }
        self.named.entry(name).or_default();
        if self.named.len() > MAX_COPIED
            && let Some((_, copies)) = self.named.pop_last()
        {
            self.add_to_others(copies);
        }
    }

    fn add_to_others(&mut self, copies: [Option<Finding>; 2]) {
        for mut copies in copies.into_iter().flatten() {
            if let Some(others) = &mut self.others {
                others.absorb(copies);
            } else {
                copies.message = others_message();
                self.others = Some(copies);
            }
        }
    }

    /// Adds a copy of a request.
    fn add(&mut self, name: Name, copy: RowRef, tokens: u128, stake: Option<(Currency, Exact)>) {
        let named = if self.is_named(&name) { self.named.get_mut(&name) } else { None };
        let Some(named) = named else {
            self.others().add_copy(copy, tokens, stake);
            return;
        };
        let first = row(name.1);
        let in_other = first.file != copy.file;
        let place = if in_other { " of another file" } else { "" };
        let new = || {
            let message = format!("request id first seen on line {}{place}", first.line);
            Finding::new(Code::DuplicateRequestId, message, None)
        };
        named[usize::from(in_other)].get_or_insert_with(new).add_copy(copy, tokens, stake);
    }

    fn others(&mut self) -> &mut Finding {
        let new = || Finding::new(Code::DuplicateRequestId, others_message(), None);
        self.others.get_or_insert_with(new)
    }

    /// Adds those of other partitions.
    pub(super) fn absorb(&mut self, other: Self) {
        for (name, copies) in other.named {
            self.named.insert(name, copies);
            if self.named.len() > MAX_COPIED
                && let Some((_, copies)) = self.named.pop_last()
            {
                self.add_to_others(copies);
            }
        }
        self.add_to_others([other.others, None]);
    }

    pub(super) fn findings(self) -> Vec<Finding> {
        let named = self.named.into_values().flatten().flatten();
        let mut all: Vec<Finding> = named.chain(self.others).collect();
        for copies in &mut all {
            copies.keep_first_rows();
        }
        all
    }
}

fn others_message() -> String {
    "request ids first seen on other lines".to_owned()
}

impl Finding {
    fn add_copy(&mut self, row: RowRef, tokens: u128, stake: Option<(Currency, Exact)>) {
        self.add_row(row);
        self.count(tokens, stake);
    }

    /// Copies come in the order of their ids, not in that of the input.
    fn add_row(&mut self, row: RowRef) {
        // From the time on when there are so many, the first of them are in order.
        if self.rows.get(MAX_ROWS - 1).is_some_and(|last| row > *last) {
            return;
        }
        self.rows.push(row);
        if self.rows.len() == MAX_ROWS || self.rows.len() > 8 * MAX_ROWS {
            self.keep_first_rows();
        }
    }

    fn keep_first_rows(&mut self) {
        self.rows.sort_unstable();
        self.rows.truncate(MAX_ROWS);
    }
}

/// A fingerprint that comes at least twice, and where it comes first and second.
#[derive(Clone, Copy, Debug)]
struct Repeated {
    bits: u128,
    first: u64,
    second: u64,
    /// The first one has been met: on one line there may be two.
    first_is_met: bool,
}

/// Looks through partitions, one after the other.
#[derive(Debug)]
pub(super) struct Search<'k> {
    kinds: &'k [(Currency, u32)],
    marks: Marks,
    /// Which entries have a prefix that comes twice.
    wanted: Vec<u32>,
    /// The bits of each of them, and its number, in one number.
    keys: Vec<u128>,
    /// Which of these are copies, by their numbers.
    order: Vec<(u32, u32)>,
    /// The copies, those of one request together.
    entries: Vec<Entry>,
    /// Bits and places of the wanted, when they are many.
    gathered: Vec<(u128, u64)>,
    repeated: Vec<Repeated>,
    /// What the copies of a partition that are not named came to, by their kind.
    sums: Vec<Option<i128>>,
    pub(super) copies: Copies,
}

impl<'k> Search<'k> {
    pub(super) fn new(kinds: &'k [(Currency, u32)]) -> Self {
        Self {
            kinds,
            marks: Marks::default(),
            wanted: Vec::new(),
            keys: Vec::new(),
            order: Vec::new(),
            entries: Vec::new(),
            gathered: Vec::new(),
            repeated: Vec::new(),
            sums: vec![None; kinds.len() + 1],
            copies: Copies::default(),
        }
    }

    /// Looks through a partition: all its pieces. No fingerprint is in another one.
    pub(super) fn partition(&mut self, pieces: &[Entries<'_>]) {
        self.find_wanted(pieces);
        if self.wanted.len() <= MANY {
            self.compare();
            self.read_copies(pieces);
            self.add_up_each();
        } else {
            self.gather(pieces);
            for repeated in &self.repeated {
                self.copies.name((repeated.second, repeated.first, repeated.bits));
            }
            let Self { kinds, repeated, copies, .. } = self;
            select(&self.wanted, pieces, |entry| copies.add_up(entry, repeated, kinds));
        }
    }

    /// Finds the entries with a prefix that comes twice.
    fn find_wanted(&mut self, pieces: &[Entries<'_>]) {
        self.marks.clear(pieces.iter().map(Entries::count).sum());
        for entries in pieces {
            for bits in entries.first_bits() {
                self.marks.mark(bits);
            }
        }
        self.wanted.clear();
        self.keys.clear();
        let mut before = 0_u32;
        let mut room = [0_u16; 1 << 10];
        for entries in pieces {
            let mut found = 0;
            for (number, bits) in (0..).zip(entries.first_bits()) {
                // Without a branch: nobody can foresee which.
                room[found % room.len()] = number;
                found += usize::from(self.marks.is_twice(bits));
            }
            let found = &room[..found];
            self.wanted.extend(found.iter().map(|number| before + u32::from(*number)));
            if self.wanted.len() <= MANY {
                let key = |number: &u16| {
                    entries.bits_of(usize::from(*number)) << 32
                        | u128::from(before + u32::from(*number))
                };
                self.keys.extend(found.iter().map(key));
            }
            before = before.wrapping_add(u32::try_from(entries.count()).unwrap_or(0));
        }
    }

    /// Puts the entries with the same fingerprint together.
    fn compare(&mut self) {
        self.keys.sort_unstable();
        self.order.clear();
        for same in self.keys.chunk_by(|left, right| left >> 32 == right >> 32) {
            if same.len() > 1 {
                let from = u32::try_from(self.order.len()).unwrap_or(0);
                let number = |key: &u128| u32::try_from(key & u128::from(u32::MAX)).unwrap_or(0);
                self.order.extend(same.iter().map(number).zip(from..));
            }
        }
    }

    /// Reads all there is about copies.
    fn read_copies(&mut self, pieces: &[Entries<'_>]) {
        self.entries.clear();
        self.entries.resize(self.order.len(), Entry::default());
        self.order.sort_unstable();
        let mut order = self.order.as_slice();
        let mut before = 0_u32;
        for entries in pieces {
            let after = before.wrapping_add(u32::try_from(entries.count()).unwrap_or(0));
            let own;
            (own, order) = order.split_at(order.partition_point(|(number, _)| *number < after));
            let mut to = own.iter().map(|(_, to)| *to as usize);
            entries.pick(own.iter().map(|(number, _)| (number - before) as usize), |entry| {
                if let Some(room) = to.next().and_then(|to| self.entries.get_mut(to)) {
                    *room = *entry;
                }
            });
            before = after;
        }
    }

    /// Adds up copies that stand together.
    fn add_up_each(&mut self) {
        let Self { kinds, entries, copies, sums, .. } = self;
        for same in entries.chunk_by_mut(|left, right| left.bits == right.bits) {
            // On one line, the one that was added first stays the first.
            same.sort_by_key(|entry| entry.place);
            let [first, second, ..] = same else { continue };
            let name = (second.place, first.place, first.bits);
            if copies.is_named(&name) {
                copies.name(name);
                for copy in &same[1..] {
                    copies.add(name, row(copy.place), copy.tokens, stake(kinds, copy));
                }
                continue;
            }
            let others = copies.others();
            for copy in &same[1..] {
                others.add_row(row(copy.place));
                others.records += 1;
                others.tokens += copy.tokens;
                let sum = sums.get_mut(copy.kind as usize);
                let Some(sum) = sum.filter(|_| copy.kind > 0) else { continue };
                let before = sum.unwrap_or(0);
                *sum = before.checked_add(copy.mantissa).or_else(|| {
                    others.add_stake(stake_of(kinds, copy.kind, before));
                    Some(copy.mantissa)
                });
            }
        }
        for (kind, sum) in (0..).zip(sums) {
            if let Some(sum) = sum.take() {
                copies.others().add_stake(stake_of(kinds, kind, sum));
            }
        }
    }

    /// Finds the fingerprints that come twice, among many.
    fn gather(&mut self, pieces: &[Entries<'_>]) {
        self.gathered.clear();
        let mut many = MANY;
        select(&self.wanted, pieces, |entry| {
            self.gathered.push((entry.bits, entry.place));
            if self.gathered.len() >= many {
                keep_two(&mut self.gathered);
                many = MANY.max(2 * self.gathered.len());
            }
        });
        keep_two(&mut self.gathered);
        let same = self.gathered.chunk_by(|(left, _), (right, _)| left == right);
        self.repeated.clear();
        self.repeated.extend(same.filter_map(|same| match *same {
            [(bits, first), (_, second), ..] => {
                Some(Repeated { bits, first, second, first_is_met: false })
            }
            _ => None,
        }));
    }
}

/// Hands over the entries with these numbers.
fn select(wanted: &[u32], pieces: &[Entries<'_>], mut each: impl FnMut(&Entry)) {
    let mut wanted = wanted;
    let mut before = 0_u32;
    for entries in pieces {
        let after = before.wrapping_add(u32::try_from(entries.count()).unwrap_or(0));
        let own;
        (own, wanted) = wanted.split_at(wanted.partition_point(|number| *number < after));
        entries.pick(own.iter().map(|number| (number - before) as usize), &mut each);
        before = after;
    }
}

impl Copies {
    /// Adds an entry if it is a copy.
    fn add_up(&mut self, entry: &Entry, repeated: &mut [Repeated], kinds: &[(Currency, u32)]) {
        let found = repeated.binary_search_by_key(&entry.bits, |repeated| repeated.bits);
        let Some(repeated) = found.ok().and_then(|at| repeated.get_mut(at)) else {
            return;
        };
        if entry.place == repeated.first && !repeated.first_is_met {
            repeated.first_is_met = true;
            return;
        }
        let name = (repeated.second, repeated.first, repeated.bits);
        self.add(name, row(entry.place), entry.tokens, stake(kinds, entry));
    }
}

fn stake(kinds: &[(Currency, u32)], entry: &Entry) -> Option<(Currency, Exact)> {
    stake_of(kinds, entry.kind, entry.mantissa)
}

fn stake_of(kinds: &[(Currency, u32)], kind: Kind, mantissa: i128) -> Option<(Currency, Exact)> {
    let (currency, scale) = kinds.get((kind as usize).checked_sub(1)?)?;
    Some((*currency, Exact::new(mantissa, *scale).ok()?))
}

/// Sorts, and keeps the first two places of each fingerprint.
fn keep_two(gathered: &mut Vec<(u128, u64)>) {
    gathered.sort_unstable();
    let mut before = [None; 2];
    gathered.retain(|(bits, _)| {
        let is_third = before == [Some(*bits); 2];
        before = [before[1], Some(*bits)];
        !is_third
    });
}

/// Which prefixes of fingerprints come once, and which come twice: two bits for each prefix.
#[derive(Debug, Default)]
struct Marks {
    words: Vec<u64>,
    shift: u32,
}

/// A partition never needs more prefixes.
const MAX_PREFIXES: usize = 1 << 31;

impl Marks {
    /// No prefix yet, and about twenty for each of so many entries.
    fn clear(&mut self, entries: usize) {
        let room = if cfg!(test) { 64 } else { entries.saturating_mul(16) };
        let prefixes = room.clamp(64, MAX_PREFIXES).next_power_of_two();
        self.words.clear();
        self.words.resize(prefixes / 32, 0);
        self.shift = u32::BITS - prefixes.trailing_zeros();
    }

    /// The prefix of a fingerprint.
    #[inline]
    fn prefix(&self, bits: u64) -> u32 {
        u32::try_from(bits >> u32::BITS).unwrap_or(0) >> self.shift
    }

    /// Marks the prefix of a fingerprint.
    #[inline]
    fn mark(&mut self, bits: u64) {
        let prefix = self.prefix(bits);
        let bit = prefix % 32 * 2;
        if let Some(word) = self.words.get_mut(prefix as usize / 32) {
            *word |= (*word & 1 << bit) << 1 | 1 << bit;
        }
    }

    #[inline]
    fn is_twice(&self, bits: u64) -> bool {
        let prefix = self.prefix(bits);
        let word = self.words.get(prefix as usize / 32);
        word.is_some_and(|word| word >> (prefix % 32 * 2) & 2 == 2)
    }
}
