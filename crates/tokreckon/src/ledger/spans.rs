//! Values that hold for a span of time each.

use std::collections::BTreeMap;

use crate::book::Holds;
use crate::time::Period;

/// Values by the time for which they hold.
#[derive(Debug)]
pub(super) struct Spans<V> {
    /// The only one, nearly always: a map of one takes ten times as much.
    first: Option<(Holds, V)>,
    more: Option<Box<More<V>>>,
}

/// All but the first.
#[derive(Debug)]
struct More<V> {
    /// By the first second, with the second after the last.
    within: BTreeMap<i64, (i64, V)>,
    /// Of periods in the course of which something changes.
    only: BTreeMap<(i64, i64), V>,
}

impl<V> Default for Spans<V> {
    fn default() -> Self {
        Self { first: None, more: None }
    }
}

impl<V: Copy> Spans<V> {
    pub(super) fn get(&self, period: Period) -> Option<(Holds, V)> {
        let (start, end) = (period.start.0, period.end.0);
        let is_it = |holds: &Holds| match holds {
            Holds::Within(from, until) => *from <= start && end <= *until,
            Holds::Only(only) => *only == period,
        };
        if let Some(first) = self.first.filter(|(holds, _)| is_it(holds)) {
            return Some(first);
        }
        let More { within, only } = self.more.as_deref()?;
        if let Some((from, (until, value))) = within.range(..=start).next_back()
            && end <= *until
        {
            return Some((Holds::Within(*from, *until), *value));
        }
        only.get(&(start, end)).map(|value| (Holds::Only(period), *value))
    }

    pub(super) fn insert(&mut self, holds: Holds, value: V) {
        if self.first.is_none() {
            self.first = Some((holds, value));
            return;
        }
        let new = || Box::new(More { within: BTreeMap::new(), only: BTreeMap::new() });
        let More { within, only } = &mut **self.more.get_or_insert_with(new);
        match holds {
            Holds::Within(from, until) => drop(within.insert(from, (until, value))),
            Holds::Only(period) => {
                only.insert((period.start.0, period.end.0), value);
            }
        }
    }
}
