//! Ledgers to keep: what was read, as integer cells that add up with those of other months and
//! machines, without the files they came from.
//!
//! A [`SavedLedger`] is a set of sources, each known by a digest of its bytes, with the cells of its
//! records. Merging is the union of these sets: in any order, under any split, and the same source
//! twice counts once. A cell holds the names of its records, their day, whether each is one request,
//! the digest of the rate card that charged them and the situation, and sums of counts; refused
//! records and their reasons are cells as well, so nothing is lost. No price and no amount is kept
//! but those that a source reports itself: costs are made from the book when a report is asked for.
//!
//! With the book that charged them the report is that of the files, to the last digit. Where a book
//! has no card of that digest any more, [`SavedLedger::ledger`] says so; under
//! [`Prices::OfThisBook`] the usage is priced anew, refused records included.
//!
//! What is not kept: ids (copies in files that were saved apart are not found), single records, and
//! the second of the day.

mod cell;
mod check;
mod restore;
mod saver;
mod text;
mod texts;

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;

pub use self::cell::{SavedCell, SavedOutcome, SavedSums, SavedTime};
pub use self::saver::Saver;
use super::{Dimension, Filter, Ledger, RoundingPolicy, RoundingScope, Settings};
use crate::book::PriceBook;
use crate::hint::{Hint, Setting};

/// The shape of the text and its version.
pub const SCHEMA: &str = "tokreckon-cells/1";

/// What is known of a source whose records were saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SavedSource {
    /// What it was called.
    pub name: String,
    /// Its format, by name.
    pub format: String,
    /// Rows by what became of them: `records`, `empty`, `rejected` and the like.
    pub rows: BTreeMap<String, u64>,
    /// What its rows do not show, as it was said when they were read.
    pub notes: BTreeSet<String>,
    /// Rows that do not count because another source reports them as well, by its digest.
    pub replaced: BTreeMap<u128, u64>,
    /// Rows that count although another source reports them with other counts, by its digest.
    pub conflicts: BTreeMap<u128, u64>,
    /// Sums by cell.
    pub cells: BTreeMap<SavedCell, SavedSums>,
}

impl SavedSource {
    /// One of these cells; `rows` says what became of the rows that are no records, by the names of
    /// [`SavedSource::rows`].
    ///
    /// # Errors
    /// When no records can have such sums.
    pub fn of_cells(
        name: &str,
        mut rows: BTreeMap<String, u64>,
        cells: BTreeMap<SavedCell, SavedSums>,
    ) -> Result<Self, SavedError> {
        let mut records = 0u64;
        for (cell, sums) in &cells {
            check::cell(cell, sums).map_err(|problem| SavedError::Read(problem.to_owned()))?;
            records = records.checked_add(sums.records).ok_or(SavedError::TooMany)?;
        }
        if let Some(other) = rows.keys().find(|name| !text::is_kind_of_row(name)) {
            return Err(SavedError::Read(format!("no such rows: `{other}`")));
        }
        if records > 0 {
            rows.insert("records".to_owned(), records);
        }
        Ok(Self { name: name.to_owned(), rows, cells, ..Self::default() })
    }

    /// Records that it gave.
    pub(crate) fn records(&self) -> u64 {
        self.rows.get("records").copied().unwrap_or_default()
    }
}

/// A ledger that was saved, or several made one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SavedLedger {
    /// What besides provider, model, service tier and day its cells tell apart.
    pub by: Vec<Dimension>,
    /// Name of the time zone of its days.
    pub zone: String,
    /// Sources by the digest of their bytes.
    pub sources: BTreeMap<u128, SavedSource>,
}

/// By which prices saved usage is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prices {
    /// Those that charged it when it was saved.
    AsSaved,
    /// Those that the book has now. A sum of several requests lies between the bounds of all price
    /// tiers that one of them may fall into.
    OfThisBook,
}

/// Why a saved ledger cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SavedError {
    /// It cannot be read.
    #[error("cannot read it: {0}")]
    Read(String),
    /// It is no saved ledger, not a whole one, or a later one than this version reads.
    #[error("line {line}: {problem}")]
    Text {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// Two ledgers have days of different zones.
    #[error("its days are those of `{theirs}`, not of `{ours}`")]
    Zone {
        /// The zone that was asked for, or that of the ledgers before.
        ours: String,
        /// That of this ledger.
        theirs: String,
    },
    /// A zone that another machine cannot look up.
    #[error("its time zone has no name, so its days cannot be saved")]
    UnnamedZone,
    /// The ledgers do not tell apart what is asked for.
    #[error("it was not saved by {0}")]
    By(&'static str),
    /// Two ledgers tell different things apart.
    #[error("it tells apart {theirs}, and the one before {ours}")]
    OtherBy {
        /// What the ledgers before tell apart.
        ours: String,
        /// What this one does.
        theirs: String,
    },
    /// A filter that begins or ends in the middle of a day: seconds are not kept.
    #[error("it was saved by day, and the time asked for begins or ends in the middle of one")]
    PartOfDay,
    /// One source with two contents.
    #[error("`{name}` was saved twice, and its records differ")]
    Differs {
        /// Its name.
        name: String,
    },
    /// A source whose rest is unknown.
    #[error("{name} was not read to its end, so nothing is saved")]
    NotWhole {
        /// Its name.
        name: String,
    },
    /// A source was another one at the end of reading than at its beginning.
    #[error("{name} changed while it was read, so nothing is saved")]
    Changed {
        /// Its name.
        name: String,
    },
    /// A source whose bytes were not seen.
    #[error("the bytes of {name} did not pass through `Tap::watch`, so it cannot be known again")]
    NotWatched {
        /// Its name.
        name: String,
    },
    /// The book has other prices for it.
    #[error(
        "{cells} of its cells were charged by prices that this book does not have, such as those of `{model}` at `{provider}`"
    )]
    OtherPrices {
        /// How many.
        cells: u64,
        /// Who sent the bill.
        provider: String,
        /// One of the models.
        model: String,
    },
    /// A price tier that charges a part of a request, which no sum of requests can be put into.
    #[error(
        "the price tiers of `{model}` at `{provider}` charge parts of requests, and a saved ledger holds sums of them"
    )]
    PartOfRequest {
        /// Who sends the bill.
        provider: String,
        /// The model.
        model: String,
    },
    /// Rounding that needs single records, or days of another zone.
    #[error("saved usage is rounded by day or invoice in UTC only")]
    Rounding,
    /// A reported cost has more than 24 digits after the point, or too many in all.
    #[error("a reported cost has too many digits to be saved")]
    Digits,
    /// More records than can be added up.
    #[error("it holds more than 2^56 records")]
    TooMany,
}

impl SavedError {
    /// What to do about it, if anything.
    #[must_use]
    pub fn hint(&self) -> Option<Hint> {
        match self {
            Self::OtherPrices { .. } => Some(Hint::around(
                "",
                Setting::PricesOfThisBook,
                " prices the usage by this book; the book of that time prices it as before",
            )),
            Self::Differs { .. } => Some(
                "it was saved with other options, or together with files that hold copies of its \
                 requests: use one of the two"
                    .into(),
            ),
            Self::By(_) => Some(Hint::around(
                "save it again with that dimension among those of ",
                Setting::By,
                "",
            )),
            Self::OtherBy { .. } => Some(Hint::around(
                "report on each by itself, or save both again with the same ",
                Setting::By,
                "",
            )),
            Self::PartOfDay => {
                let days = Setting::Days("2026-10-05".into());
                Some(Hint::around("say days, such as ", days, ", or read the files"))
            }
            Self::Zone { .. } => Some(Hint::around("say that zone with ", Setting::Zone, "")),
            Self::Text { .. } => Some("save it again from its files".into()),
            Self::Changed { .. } => Some("save it when it is written".into()),
            _ => None,
        }
    }
}

/// True for what every saved ledger tells apart.
const fn is_always_saved(by: Dimension) -> bool {
    by.is_calendar()
        || matches!(by, Dimension::Provider | Dimension::Model | Dimension::ServiceTier)
}

/// The name of a zone that another machine knows it by.
fn zone_name(zone: &TimeZone) -> Result<String, SavedError> {
    let offset = || zone.to_fixed_offset().map(|offset| offset.to_string());
    zone.iana_name()
        .map_or_else(offset, |name| Ok(name.to_owned()))
        .map_err(|_| SavedError::UnnamedZone)
}

impl SavedLedger {
    /// A ledger without sources.
    #[must_use]
    pub fn new(by: &[Dimension], zone: &str) -> Self {
        let mut by: Vec<Dimension> =
            by.iter().copied().filter(|by| !is_always_saved(*by)).collect();
        by.sort_unstable();
        by.dedup();
        Self { by, zone: zone.to_owned(), sources: BTreeMap::new() }
    }

    /// One without sources, for days of this zone.
    ///
    /// # Errors
    /// When the zone has no name.
    pub fn in_zone(by: &[Dimension], zone: &TimeZone) -> Result<Self, SavedError> {
        Ok(Self::new(by, &zone_name(zone)?))
    }

    fn by_text(&self) -> String {
        let names: Vec<&str> = self.by.iter().map(|by| by.name()).collect();
        if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
    }

    /// Adds the sources of another one. Those it has already count once.
    ///
    /// # Errors
    /// When it tells other things apart, or has a source with other content.
    pub fn merge(&mut self, other: Self) -> Result<(), SavedError> {
        if self.zone != other.zone {
            return Err(SavedError::Zone { ours: self.zone.clone(), theirs: other.zone });
        }
        if self.by != other.by {
            let (ours, theirs) = (self.by_text(), other.by_text());
            return Err(SavedError::OtherBy { ours, theirs });
        }
        for (digest, source) in other.sources {
            match self.sources.get_mut(&digest) {
                None => drop(self.sources.insert(digest, source)),
                Some(own) if own.is_same(&source) => {
                    // Of two names of one file, the same one in any order.
                    own.name = own.name.as_str().min(&source.name).to_owned();
                    own.format = own.format.as_str().min(&source.format).to_owned();
                }
                Some(own) => return Err(SavedError::Differs { name: own.name.clone() }),
            }
        }
        Ok(())
    }

    /// A ledger with the records of all sources, or of those that a filter takes.
    ///
    /// When and by which service tier records are priced that do not say it was decided when they
    /// were saved.
    ///
    /// # Errors
    /// When the settings or the filter ask for what was not saved, or the book has not the prices.
    pub fn ledger<'b>(
        &self,
        book: &PriceBook<'b>,
        settings: Settings,
        prices: Prices,
        filter: Option<&Filter>,
    ) -> Result<Ledger<'b>, SavedError> {
        let zone = zone_name(&settings.zone)?;
        if zone != self.zone {
            return Err(SavedError::Zone { ours: zone, theirs: self.zone.clone() });
        }
        let filtered = filter.into_iter().flat_map(Filter::dimensions);
        let is_saved = |by: &Dimension| is_always_saved(*by) || self.by.contains(by);
        if let Some(by) = settings.by.iter().copied().chain(filtered).find(|by| !is_saved(by)) {
            return Err(SavedError::By(by.name()));
        }
        let is_rounded =
            |policy: RoundingPolicy| policy.scope == RoundingScope::Line || self.zone != "UTC";
        if settings.rounding.is_some_and(is_rounded) {
            return Err(SavedError::Rounding);
        }
        check::total(self)?;
        let settings = Settings { undated: None, service_tier: None, ..settings };
        let mut ledger = Ledger::new(book.clone(), settings);
        ledger.add_saved(self, prices, filter)?;
        let rejected = self.sources.values().filter_map(|source| source.rows.get("rejected"));
        ledger.count_unreadable(rejected.sum());
        Ok(ledger)
    }
}

impl SavedSource {
    /// True for the same bytes read the same way, by whatever name.
    fn is_same(&self, other: &Self) -> bool {
        let Self { name: _, format: _, rows, notes, replaced, conflicts, cells } = self;
        *rows == other.rows
            && *notes == other.notes
            && *replaced == other.replaced
            && *conflicts == other.conflicts
            && *cells == other.cells
    }
}
