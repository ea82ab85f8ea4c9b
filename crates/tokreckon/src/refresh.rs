//! Renewing a folder of price files from tables of the day: what is the same moves its sighting,
//! what is new is appended, what changed is closed and appended, what is disputed is said.
//!
//! The unit is a `series`: one meter of one model at one provider under one set of conditions,
//! through time. A table speaks for the day on which it was seen; tables with dates of their own
//! fill the past. Nothing of the files is dropped, and the same tables give the same bytes in any
//! order.

mod entries;
mod series;
mod sighting;
mod guard;
mod past;
mod dropped;
mod decide;
mod facts;

use std::collections::BTreeSet;

use tokreckon_data::schema::{File, Mistake, Origin, read};

use self::decide::decide;
use self::dropped::Dropped;
pub use self::facts::fill_facts;
use self::series::{Book, Key};
use self::sighting::{Sighting, by_key};
use crate::import::{FactsByModel, Source};

/// A table of prices and the day on which it said what it says.
#[derive(Clone, Debug)]
pub struct Table {
    /// Whose it is; `None` for a price file of our own form.
    pub source: Option<Source>,
    /// What a source names it, such as `litellm 1.110.2`.
    pub evidence: String,
    /// Day on which it was seen: days since 1970-01-01.
    pub day: i32,
    /// True for an old version, whose prices speak of its own day only.
    pub past: bool,
    /// What it says, one file per provider.
    pub files: Vec<File>,
    /// What it says of models besides their prices.
    pub facts: FactsByModel,
}

/// What became of a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fate {
    /// New: an id, a tier or a condition that the files lacked.
    Added,
    /// Closed, and appended with another amount.
    Changed,
    /// A period of the past that the files lacked.
    Filled,
    /// Closed: no table that held it holds it any more, and its card goes on.
    Retired,
    /// Tables differ; what stands is kept, the others are noted beside it.
    Disputed,
    /// Not taken over: it looks like a slip of the table.
    Guarded,
    /// Not taken over: the provider does not sell the model.
    NotSold,
    /// A table held it and holds it no more: a note, no end.
    Dropped,
}

impl Fate {
    /// Every fate.
    pub const ALL: [Self; 8] = [
        Self::Added,
        Self::Changed,
        Self::Filled,
        Self::Retired,
        Self::Disputed,
        Self::Guarded,
        Self::NotSold,
        Self::Dropped,
    ];

    /// The word for people and machines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Filled => "filled",
            Self::Retired => "retired",
            Self::Disputed => "disputed",
            Self::Guarded => "to review",
            Self::NotSold => "not sold",
            Self::Dropped => "no longer listed",
        }
    }
}

/// One line of the changelog.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Change {
    /// What became of it.
    pub fate: Fate,
    /// Who sells it.
    pub provider: String,
    /// Model id as spelled in the file or in the table.
    pub model: String,
    /// Meter and conditions.
    pub what: String,
    /// Amounts and reasons.
    pub why: String,
}

/// A price file after the renewal.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RenewedFile {
    /// Name of the file.
    pub name: String,
    /// Its text, which reads without a mistake when the one before did.
    pub text: String,
    /// True when it differs from the one before.
    pub is_changed: bool,
}

/// The files after the renewal, and what happened to them.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Renewal {
    /// Every file, by name.
    pub files: Vec<RenewedFile>,
    /// What happened, sorted.
    pub changes: Vec<Change>,
}

/// A price file that cannot be renewed: every mistake in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {}", .mistakes.first().map_or_else(String::new, ToString::to_string))]
#[non_exhaustive]
pub struct RefreshError {
    /// Name of the file.
    pub name: String,
    /// Its mistakes, by position.
    pub mistakes: Vec<Mistake>,
}

/// Most rounds until nothing changes any more.
const MAX_ROUNDS: usize = 6;

/// Renews files, given as name and text, with what tables say of their providers.
///
/// # Errors
/// When a file has mistakes.
pub fn renew(files: &[(String, String)], tables: &[Table]) -> Result<Renewal, RefreshError> {
    let mut renewal = Renewal::default();
    for (name, text) in files {
        let mut renewed = text.clone();
        // What is filled or changed can say where something older belongs: until all is said.
        for _ in 0..MAX_ROUNDS {
            let (file, mistakes) = read(&renewed, Origin::Shipped);
            if !mistakes.is_empty() {
                return Err(RefreshError { name: name.clone(), mistakes });
            }
            let entries = entries_after(&file, tables, &mut renewal.changes);
            let next = entries::with_entries(&renewed, &entries);
            if next == renewed {
                break;
            }
            renewed = next;
        }
        let is_changed = renewed != *text;
        renewal.files.push(RenewedFile { name: name.clone(), text: renewed, is_changed });
    }
    renewal.changes.sort();
    renewal.changes.dedup();
    Ok(renewal)
}

/// The entries of a file after the renewal.
fn entries_after(
    file: &File,
    tables: &[Table],
    changes: &mut Vec<Change>,
) -> Vec<tokreckon_data::schema::PriceEntry> {
    let mut book = Book::of(file);
    let sightings = by_key(&book, &file.provider, tables);
    changes.extend(sighting::not_sold(&file.provider, tables));
    let dropped = Dropped::of(&book, &sightings);
    changes.extend(dropped.changes(&book));
    let keys: BTreeSet<Key> = sightings.keys().cloned().collect();
    for key in &keys {
        let seen: Vec<&Sighting> =
            sightings.get(key).into_iter().flatten().filter(|s| s.is_current()).collect();
        decide(&mut book, key, &seen, (&sightings, &dropped), changes);
    }
    decide::retire(&mut book, &sightings, changes);
    for key in &keys {
        let seen: &[Sighting] = sightings.get(key).map_or(&[], Vec::as_slice);
        past::fill(&mut book, key, seen, changes);
    }
    book.with_one_comparison();
    entries::of(&book)
}
