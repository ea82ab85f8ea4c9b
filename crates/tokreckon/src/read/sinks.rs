//! What becomes of rows that several threads read.

use std::fmt;

use super::Item;
use crate::record::Request;

/// What becomes of rows: each thread has a sink of its own.
pub struct Sinks<'s, S> {
    /// Makes a sink.
    pub new: &'s (dyn Fn() -> S + Sync),
    /// Takes an item.
    pub item: &'s (dyn Fn(&mut S, Item<'_>) + Sync),
    /// Takes a row that is a plain request; as an item it would be its record.
    pub request: &'s (dyn Fn(&mut S, &Request<'_>) + Sync),
    /// Hands records that keep their request ([`Evidence::request`](crate::record::Evidence)) to one
    /// sink, in their order: for those who compare one with another.
    pub requests_in_order: bool,
}

impl<S> Clone for Sinks<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Sinks<'_, S> {}

impl<S> fmt::Debug for Sinks<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sinks").finish_non_exhaustive()
    }
}
