//! A hash map without iteration: its random order cannot reach anything that prints.

#![expect(clippy::disallowed_types, reason = "the one place; entries come out sorted only")]

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// A map for look-ups. Entries can be listed in the order of their keys only.
#[derive(Debug)]
pub(crate) struct Lookup<K, V>(HashMap<K, V, RandomState>);

impl<K, V> Default for Lookup<K, V> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<K: Eq + Hash + Ord, V> Lookup<K, V> {
    pub(crate) fn get<Q: ?Sized + Eq + Hash>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn entry_or_insert_with(&mut self, key: K, value: impl FnOnce() -> V) -> &mut V {
        self.0.entry(key).or_insert_with(value)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.0.insert(key, value);
    }

    /// Entries by key.
    pub(crate) fn sorted(&self) -> Vec<(&K, &V)> {
        let mut entries: Vec<_> = self.0.iter().collect();
        entries.sort_by_key(|(a, _)| *a);
        entries
    }
}

/// Numbers of things that are kept elsewhere, once: found by the thing, at eight bytes each.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    /// Of each a part of its hash, which tells nearly all apart without a look at the thing.
    table: HashTable<(u32, u32)>,
    state: RandomState,
}

impl Numbers {
    /// The number for which `is_it` holds, of those of things with the hash of this one. Where there is
    /// none, the thing gets `next`.
    pub(crate) fn number<T: Hash + ?Sized>(
        &mut self,
        thing: &T,
        is_it: impl Fn(u32) -> bool,
        next: usize,
    ) -> (u32, Seen) {
        let part = part_of(self.state.hash_one(thing));
        let known = self.table.find(spread(part), |(other, at)| *other == part && is_it(*at));
        if let Some((_, number)) = known {
            return (*number, Seen::Before);
        }
        let number = u32::try_from(next).expect("fewer than 2^32 of a kind");
        self.table.insert_unique(spread(part), (part, number), |(part, _)| spread(*part));
        (number, Seen::First)
    }
}

/// Whether a thing was seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It has had its number.
    Before,
    /// It was given one now, and is to be kept.
    First,
}

#[expect(clippy::cast_possible_truncation, reason = "a part of it")]
const fn part_of(hash: u64) -> u32 {
    (hash ^ hash >> 32) as u32
}

/// A table looks at the highest and at the lowest bits.
const fn spread(part: u32) -> u64 {
    (part as u64) << 32 | part as u64
}

/// Sums of counts that no input can make too large: each adds at most 2^64 − 1, or one, for each of the
/// records of a run, and 2^64 records are none that a machine reads.
pub(crate) trait Grow {
    /// Adds to a sum.
    fn grow(&mut self, by: Self);
}

impl Grow for u64 {
    #[inline]
    #[expect(clippy::arithmetic_side_effects, reason = "see the trait")]
    fn grow(&mut self, by: Self) {
        *self += by;
    }
}

impl Grow for u128 {
    #[inline]
    #[expect(clippy::arithmetic_side_effects, reason = "see the trait")]
    fn grow(&mut self, by: Self) {
        *self += by;
    }
}
