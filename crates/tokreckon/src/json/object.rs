//! Objects: the values of a line under the names of its shape.

use std::{fmt, slice};

use bumpalo::Bump;

use super::shape::{Answer, Shape};
use super::{Value, text};

/// An object of JSON, its members in the order in which they are written.
#[derive(Clone, Copy)]
pub struct Object<'v> {
    pub(super) names: Shared<'v>,
    pub(super) values: &'v [Value<'v>],
}

/// The names of an object: those of all objects like it, or its own.
#[derive(Clone, Copy)]
pub(super) enum Shared<'v> {
    Kept(&'v Shape),
    Own(&'v [&'v str]),
}

impl<'v> Shared<'v> {
    #[inline]
    fn get(self, at: usize) -> Option<&'v str> {
        match self {
            Self::Kept(shape) => shape.names.get(at).map(|name| &**name),
            Self::Own(names) => names.get(at).copied(),
        }
    }

    #[inline]
    fn position(self, name: &str) -> Option<usize> {
        match self {
            Self::Kept(shape) => shape.names.iter().position(|other| **other == *name),
            Self::Own(names) => names.iter().position(|other| *other == name),
        }
    }

    #[inline]
    fn answer(self, place: usize, ask: impl FnOnce() -> Answer) -> Answer {
        match self {
            Self::Kept(shape) => shape.answer(place, ask),
            Self::Own(_) => ask(),
        }
    }
}

/// The name of two members of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` stands twice in one object")]
pub(crate) struct Twice<'v>(pub(super) &'v str);

/// Names that are looked for together, the most telling first, with the place of their answers.
pub(crate) struct Names {
    pub(crate) place: usize,
    pub(crate) names: &'static [&'static str],
}

/// A rule that some names follow, with the place of its answers.
pub(crate) struct Rule {
    pub(crate) place: usize,
    pub(crate) holds: fn(&str) -> bool,
}

/// Members in the order in which they are written.
#[derive(Clone)]
pub struct Members<'v> {
    object: Object<'v>,
    at: usize,
}

impl<'v> Iterator for Members<'v> {
    type Item = (&'v str, &'v Value<'v>);

    fn next(&mut self) -> Option<Self::Item> {
        let member = self.object.at(self.at)?;
        self.at += 1;
        Some(member)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.object.len() - self.at;
        (left, Some(left))
    }
}

impl fmt::Debug for Members<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.clone()).finish()
    }
}

impl<'v> IntoIterator for &Object<'v> {
    type Item = (&'v str, &'v Value<'v>);
    type IntoIter = Members<'v>;

    fn into_iter(self) -> Members<'v> {
        self.iter()
    }
}

/// `{}`.
impl Default for Object<'_> {
    fn default() -> Self {
        Self { names: Shared::Own(&[]), values: &[] }
    }
}

impl<'v> Object<'v> {
    /// The members with their names.
    #[must_use]
    pub fn iter(&self) -> Members<'v> {
        Members { object: *self, at: 0 }
    }

    /// The names of the members.
    pub fn keys(&self) -> impl Iterator<Item = &'v str> + use<'v> {
        self.iter().map(|(name, _)| name)
    }

    /// The values of the members.
    pub fn values(&self) -> slice::Iter<'v, Value<'v>> {
        self.values.iter()
    }

    /// How many members there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// True for `{}`.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The value of a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'v Value<'v>> {
        self.values.get(self.names.position(name)?)
    }

    /// True when there is such a member, whatever its value.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.names.position(name).is_some()
    }

    /// What all objects with the same names in the same order have in common; `None` for names that are
    /// the object's own.
    pub(crate) const fn shape_id(&self) -> Option<u64> {
        match self.names {
            Shared::Kept(shape) => Some(shape.id),
            Shared::Own(_) => None,
        }
    }

    /// The member at a place in the order in which they are written.
    pub(crate) fn at(&self, place: usize) -> Option<(&'v str, &'v Value<'v>)> {
        Some((self.names.get(place)?, self.values.get(place)?))
    }

    #[inline]
    fn answer(&self, list: &'static Names) -> Answer {
        let ask = || Answer::of(list.names.iter().filter_map(|name| self.names.position(name)));
        self.names.answer(list.place, ask)
    }

    /// The members with one of these names, in the order of the list.
    #[inline]
    pub(crate) fn of(&self, list: &'static Names) -> Found<'v> {
        Found { object: *self, left: self.answer(list), rest: Rest::Names(list.names.iter()) }
    }

    /// What the first member of these names is, of those of which it is something.
    #[inline]
    fn first_that<T>(
        &self,
        list: &'static Names,
        is: impl Fn(&'v Value<'v>) -> Option<T>,
    ) -> Option<T> {
        let mut answer = self.answer(list);
        if answer.is_long() {
            return self.of(list).find_map(|(_, value)| is(value));
        }
        // Mostly there is none.
        while let Some(at) = answer.next() {
            if let Some(found) = self.values.get(at).and_then(&is) {
                return Some(found);
            }
        }
        None
    }

    /// The first member of these names that is there.
    #[inline]
    pub(crate) fn first(&self, list: &'static Names) -> Option<&'v Value<'v>> {
        self.first_that(list, Some)
    }

    /// The first member of these names that is an object.
    #[inline]
    pub(crate) fn first_object(&self, list: &'static Names) -> Option<&'v Self> {
        self.first_that(list, Value::as_object)
    }

    /// The first member of these names that is a text and not empty.
    #[inline]
    pub(crate) fn first_text(&self, list: &'static Names) -> Option<&'v str> {
        self.first_that(list, |value| value.as_str().filter(|text| !text.is_empty()))
    }

    /// True when a member of these names is there, whatever its value.
    #[inline]
    pub(crate) fn has(&self, list: &'static Names) -> bool {
        !self.answer(list).is_none()
    }

    /// The members whose names follow a rule, in their order.
    #[inline]
    pub(crate) fn that(&self, rule: &Rule) -> Found<'v> {
        let ask = || {
            let holding = self.keys().enumerate().filter(|(_, name)| (rule.holds)(name));
            Answer::of(holding.map(|(at, _)| at))
        };
        let rest = Rest::Rule(0, rule.holds);
        Found { object: *self, left: self.names.answer(rule.place, ask), rest }
    }

    /// The members with what a table of names says about each.
    pub(crate) fn through<T>(
        &self,
        table: &'static [(&'static str, T)],
    ) -> impl Iterator<Item = (&'v str, &'v Value<'v>, Option<&'static T>)> + use<'v, T> {
        let names = self.names;
        let mut expected = 0;
        self.iter().enumerate().map(move |(at, (name, value))| {
            let mut find = || {
                let is = |(other, _): &(&str, T)| *other == name;
                // Sources write members in one order: the one after the last is tried first.
                let next = table.get(expected).filter(|entry| is(entry)).map(|_| expected);
                let found = next.or_else(|| table.iter().position(is));
                expected = found.map_or(expected, |found| found + 1);
                found
            };
            let known = match names {
                Shared::Kept(shape) => shape.place_in(table, at, find),
                Shared::Own(_) => find(),
            };
            (name, value, known.and_then(|known| table.get(known)).map(|(_, what)| what))
        })
    }

    /// An object of these members.
    ///
    /// # Errors
    /// The name that stands twice, as in a text that is read.
    pub(crate) fn of_members(
        members: impl Iterator<Item = (&'v str, Value<'v>)>,
        room: &'v Bump,
    ) -> Result<Self, Twice<'v>> {
        let (names, values): (Vec<&str>, Vec<Value<'_>>) = members.unzip();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Twice(pair[0]));
        }
        let names = Shared::Own(room.alloc_slice_copy(&names));
        Ok(Self { names, values: room.alloc_slice_copy(&values) })
    }

    /// The same object with another value of a member that it has.
    pub(crate) fn with(&self, name: &str, value: Value<'v>, room: &'v Bump) -> Self {
        let values = room.alloc_slice_copy(self.values);
        if let Some(old) = self.names.position(name).and_then(|at| values.get_mut(at)) {
            *old = value;
        }
        Self { names: self.names, values }
    }
}

/// Members that were asked for.
pub(crate) struct Found<'v> {
    object: Object<'v>,
    left: Answer,
    /// Where the answer was too long to be remembered.
    rest: Rest,
}

enum Rest {
    Names(slice::Iter<'static, &'static str>),
    Rule(usize, fn(&str) -> bool),
}

impl<'v> Iterator for Found<'v> {
    type Item = (&'v str, &'v Value<'v>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let at = if self.left.is_long() { self.search()? } else { self.left.next()? };
        self.object.at(at)
    }
}

impl Found<'_> {
    #[cold]
    fn search(&mut self) -> Option<usize> {
        let names = self.object.names;
        match &mut self.rest {
            Rest::Names(list) => list.find_map(|name| names.position(name)),
            Rest::Rule(from, holds) => {
                let found = (*from..).map_while(|at| names.get(at)).position(holds)?;
                let found = *from + found;
                *from = found + 1;
                Some(found)
            }
        }
    }
}

/// Equal where the members are, in whatever order.
impl PartialEq for Object<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

/// Compact JSON.
impl fmt::Display for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (at, (name, value)) in self.iter().enumerate() {
            f.write_str(if at > 0 { "," } else { "" })?;
            text::write(name, f)?;
            f.write_str(":")?;
            value.fmt(f)?;
        }
        f.write_str("}")
    }
}
