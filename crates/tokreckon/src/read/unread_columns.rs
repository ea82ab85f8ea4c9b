//! Columns that count or decide a price and that no reader reads: they go with the record.
//!
//! A name says so (see [`unread`](super::unread)), and the cell holds a number other than zero, or the
//! name of a tier. Columns that a format knows to change nothing are listed in it, with the reason.

use serde_json::Value;

use super::Mapping;
use super::header::Header;
use super::object::Object;
use super::plan::Plan;
use super::row::Row;
use super::schema::Schema;
use super::unread::{Unread, counts_or_prices};

/// What of a table is not read.
#[derive(Debug, Default)]
pub(super) struct UnreadColumns {
    /// Columns of a delimited file.
    columns: Vec<usize>,
    /// Members of objects that are read, or change nothing; `None` for a delimited file.
    known: Option<Vec<String>>,
}

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
            schema.irrelevant.iter().any(|(other, _)| *other == name)
                || mapping.is_some_and(|mapping| mapping.is_irrelevant(name))
        };
        if header.is_open() {
            let read = header.names.iter().flat_map(|names| names.split('|')).map(str::to_owned);
            let others = schema.irrelevant.iter().map(|(name, _)| (*name).to_owned());
            return Self { columns: Vec::new(), known: Some(read.chain(others).collect()) };
        }
        let is_unread = |(at, name): &(usize, &String)| {
            !plan.reads(*at) && counts_or_prices(name) && !changes_nothing(name)
        };
        let columns = header.names.iter().enumerate().filter(is_unread).map(|(at, _)| at);
        Self { columns: columns.collect(), known: None }
    }

    /// The names of what is not read of a row, parted by commas; empty for nothing.
    #[inline]
    pub(super) fn of<'r>(&self, row: &Row<'r>) -> &'r str {
        if self.columns.is_empty() && self.known.is_none() { "" } else { self.any_of(row) }
    }

    fn any_of<'r>(&self, row: &Row<'r>) -> &'r str {
        let mut unread = Unread::default();
        for column in &self.columns {
            if row.counts_something(*column) {
                unread.add(&[&row.name(*column)]);
            }
        }
        if let (Some(known), Some(object)) = (&self.known, row.of_json()) {
            members(known, "", object, &mut unread);
        }
        if unread.is_empty() { "" } else { row.keep(unread.as_str()) }
    }
}

/// Notes members of an object that are not known, and those of objects of which some are.
fn members(known: &[String], place: &str, object: &Object, unread: &mut Unread) {
    let path = |name: &str| {
        if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
    };
    let is_read = |name: &str| known.contains(&path(name));
    let is_opened = |name: &str| {
        let prefix = path(name) + ".";
        known.iter().any(|other| other.starts_with(&prefix))
    };
    unread.members(place, object, |name| is_read(name) || is_opened(name));
    for (name, value) in object {
        if let Value::Object(inner) = value
            && !is_read(name)
            && is_opened(name)
        {
            members(known, &path(name), inner, unread);
        }
    }
}
