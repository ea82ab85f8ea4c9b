//! Columns that count or decide a price and that no reader reads: they go with the record.
//!
//! A name says so (see [`unread`](super::unread)), and the cell holds a number other than zero, or the
//! name of a tier. Columns that a format knows to change nothing are listed in it, with the reason.

use std::rc::Rc;

use super::Mapping;
use super::header::Header;
use super::languages;
use super::object::Object;
use super::plan::Plan;
use super::row::Row;
use super::schema::Schema;
use super::unread::{Unread, counts_or_prices};
use crate::json::Value;
use crate::lookup::Lookup;

/// What of a table is not read.
#[derive(Debug, Default)]
pub(super) struct UnreadColumns {
    /// Columns of a delimited file.
    columns: Vec<usize>,
    /// Members of objects; `None` for a delimited file.
    members: Option<Members>,
}

/// What of objects is not read.
#[derive(Debug, Default)]
struct Members {
    /// Those that are read, or change nothing.
    known: Vec<String>,
    /// By shape, with the path to it: where members stand that are not known and may count, and objects of
    /// which some are.
    places: Lookup<u64, (Box<str>, Rc<[usize]>)>,
}

/// Shapes that are remembered.
const MAX_SHAPES: usize = 1_024;

impl UnreadColumns {
    pub(super) fn new(
        schema: &Schema,
        plan: &Plan,
        header: &Header,
        mapping: Option<&Mapping>,
    ) -> Self {
        if !schema.counts() {
            // Nothing of it is priced: its costs are as they are written.
            return Self::default();
        }
        let changes_nothing = |name: &str| {
            // With an object all that is in it.
            let is_within = |other: &str| {
                name.strip_prefix(other)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            let is_other = |other: &str| schema.by_hand && languages::means(name, other);
            schema.irrelevant.iter().any(|(other, _)| is_within(other) || is_other(other))
                || mapping.is_some_and(|mapping| mapping.is_irrelevant(name))
        };
        if header.is_open() {
            let read = header.names.iter().flat_map(|names| names.split('|')).map(str::to_owned);
            let others = schema.irrelevant.iter().map(|(name, _)| (*name).to_owned());
            let members = Members { known: read.chain(others).collect(), ..Members::default() };
            return Self { columns: Vec::new(), members: Some(members) };
        }
        let is_unread = |(at, name): &(usize, &String)| {
            let counts =
                counts_or_prices(name) || schema.by_hand && languages::counts_or_prices(name);
            !plan.reads(*at) && counts && !changes_nothing(name)
        };
        let columns = header.names.iter().enumerate().filter(is_unread).map(|(at, _)| at);
        Self { columns: columns.collect(), members: None }
    }

    /// True for a column that is looked at because nobody reads it.
    pub(super) fn looks_at(&self, column: usize) -> bool {
        self.columns.contains(&column)
    }

    /// The names of what is not read of a row, parted by commas; empty for nothing.
    #[inline]
    pub(super) fn of<'r>(&mut self, row: &Row<'r>) -> &'r str {
        if self.columns.is_empty() && self.members.is_none() { "" } else { self.any_of(row) }
    }

    fn any_of<'r>(&mut self, row: &Row<'r>) -> &'r str {
        let mut unread = Unread::default();
        for column in &self.columns {
            if row.counts_something(*column) {
                unread.add(&[&row.name(*column)]);
            }
        }
        if let (Some(members), Some(object)) = (&mut self.members, row.of_json()) {
            members.unread("", object, &mut unread);
        }
        if unread.is_empty() { "" } else { row.keep(unread.as_str()) }
    }
}

impl Members {
    /// Notes members of an object that are not known, and those of objects of which some are.
    fn unread(&mut self, path: &str, object: &Object, unread: &mut Unread) {
        for at in &*self.places(path, object) {
            let Some((name, value)) = object.at(*at) else { continue };
            let inner = join(path, name);
            match value {
                _ if !self.is_opened(&inner) => unread.elsewhere(path, name, value),
                Value::Object(object) => self.unread(&inner, object, unread),
                _ => {}
            }
        }
    }

    /// Where members stand that are to be looked at in each object of a shape.
    fn places(&mut self, path: &str, object: &Object) -> Rc<[usize]> {
        let id = object.shape_id();
        let known = id.and_then(|id| self.places.get(&id)).filter(|(other, _)| **other == *path);
        if let Some((_, places)) = known {
            return Rc::clone(places);
        }
        let is_to_look_at = |name: &str| {
            let path = join(path, name);
            !self.known.contains(&path) && (self.is_opened(&path) || counts_or_prices(name))
        };
        let names = object.keys().enumerate().filter(|(_, name)| is_to_look_at(name));
        let places: Rc<[usize]> = names.map(|(at, _)| at).collect();
        if let Some(id) = id.filter(|_| self.places.len() < MAX_SHAPES) {
            self.places.insert(id, (path.into(), Rc::clone(&places)));
        }
        places
    }

    /// True for an object of which members are known.
    fn is_opened(&self, path: &str) -> bool {
        let inside =
            |other: &String| other.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
        self.known.iter().any(inside)
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
