//! A hash map without iteration: its random order cannot reach anything that prints.

#![expect(clippy::disallowed_types, reason = "the one place; entries come out sorted only")]

use std::borrow::Borrow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

/// A map for look-ups. Entries can be listed in the order of their keys only.
#[derive(Debug)]
pub(crate) struct Lookup<K, V>(HashMap<K, V>);

impl<K, V> Default for Lookup<K, V> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash + Ord, V> Lookup<K, V> {
    pub(crate) fn get<Q: ?Sized + Eq + Hash>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    /// The value of a key, made when it is not there; the key is made only then.
    pub(crate) fn get_or_insert_with<'q, Q>(
        &mut self,
        key: &'q Q,
        value: impl FnOnce() -> V,
    ) -> &mut V
    where
        K: Borrow<Q> + From<&'q Q>,
        Q: ?Sized + Eq + Hash,
    {
        if !self.0.contains_key(key) {
            self.0.insert(K::from(key), value());
        }
        self.0.get_mut(key).expect("it was inserted just now")
    }

    pub(crate) fn entry_or_insert_with(&mut self, key: K, value: impl FnOnce() -> V) -> &mut V {
        self.0.entry(key).or_insert_with(value)
    }

    /// Inserts a value where there is none; the value that was there already otherwise.
    pub(crate) fn insert_new(&mut self, key: K, value: V) -> Option<&V> {
        match self.0.entry(key) {
            Entry::Occupied(old) => Some(old.into_mut()),
            Entry::Vacant(slot) => {
                slot.insert(value);
                None
            }
        }
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
