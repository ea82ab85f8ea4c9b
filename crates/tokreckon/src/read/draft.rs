//! A record in the making, and what becomes of a row that is none.

use super::{Item, Skip};
use crate::money::{Currency, Exact};
use crate::price::ServiceTier;
use crate::record::Record;
use crate::time::Period;
use crate::usage::Totals;

/// A record in the making.
pub(super) struct Draft<'r> {
    /// Its counts stand in it from the beginning, in the layout of the format.
    pub(super) record: Record<'r>,
    pub(super) start: Option<Period>,
    pub(super) end: Option<Period>,
    pub(super) tier: Option<ServiceTier>,
    pub(super) batch: Option<bool>,
    pub(super) cost: Option<Exact>,
    pub(super) currency: Option<Currency>,
    /// The one whose sign stands beside the cost.
    pub(super) sign: Option<Currency>,
    /// The row reports no counts, whatever its columns say.
    pub(super) without_counts: bool,
}

impl Draft<'_> {
    /// Of a row that nothing has been read of.
    pub(super) const EMPTY: Self = Self {
        record: Record { totals: Some(Totals::NONE), ..Record::EMPTY },
        start: None,
        end: None,
        tier: None,
        batch: None,
        cost: None,
        currency: None,
        sign: None,
        without_counts: false,
    };

    /// Its counts.
    #[inline]
    pub(super) fn totals(&mut self) -> &mut Totals {
        self.record.totals.get_or_insert_default()
    }
}

/// What becomes of a row that is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Skipped(Skip),
    Empty,
}

impl Fate {
    /// As an item of a line.
    pub(super) const fn item(self, line: u64) -> Item<'static> {
        match self {
            Self::Skipped(why) => Item::Skipped { line, why },
            Self::Empty => Item::Empty { line },
        }
    }
}
