//! A cell by its own words: what its records have in common, and their sums.

use crate::lookup::Grow;
use std::collections::BTreeMap;

use crate::book::Known;
use crate::charge::Counts;
use crate::grade::Assumptions;
use crate::ledger::Dimension;
use crate::money::{Currency, Exact, InexactError};
use crate::price::ServiceTier;
use crate::record::Record;
use crate::time::{Instant, Period};
use crate::usage::{Meter, Unreported};

/// What the records of a cell have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SavedCell {
    /// Who sends the bill, as the usage writes it.
    pub provider: String,
    /// Model, as the usage writes it.
    pub model: String,
    /// Service tier; `None` where nobody says.
    pub service_tier: Option<ServiceTier>,
    /// Region or other variant, empty for none; `None` where nobody says.
    pub variant: Option<String>,
    /// A text for each dimension of [`SavedLedger::by`](super::SavedLedger::by), in its order; empty
    /// where the source does not say.
    pub labels: Vec<String>,
    /// When.
    pub time: SavedTime,
    /// Each record is one request, and not a sum such as a day's bucket: only then do its tokens say
    /// which price tier it falls into.
    pub is_request: bool,
    /// What reading them takes for granted.
    pub assumed: Assumptions,
    /// What became of the records.
    pub outcome: SavedOutcome,
    /// What they do not report.
    pub unreported: Unreported,
    /// Which meters each of them has counts of, one bit each.
    pub(crate) metered: u32,
}

/// When the records of a cell happened, in Unix seconds: the first, and the one after the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SavedTime {
    /// Nobody says.
    Unsaid,
    /// Nobody says: priced as if at some second of this day.
    TakenFor(i64, i64),
    /// Each at a second of its own, within this day of the zone.
    Day(i64, i64),
    /// Each over this very period.
    Period(i64, i64),
}

/// What became of the records of a cell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SavedOutcome {
    /// Charged.
    Charged {
        /// Digest of the rate card.
        card: u128,
        /// First possible price tier.
        first_bracket: u8,
        /// Last possible price tier.
        last_bracket: u8,
        /// Whether the thinking mode was on; `None` when not known.
        thinking: Option<bool>,
    },
    /// Not charged.
    Refused {
        /// Stable code.
        code: String,
        /// Why, for people.
        reason: String,
    },
    /// A billed cost without usage.
    CostOnly,
}

/// What the records of a cell come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SavedSums {
    /// How many.
    pub records: u64,
    /// Of these, over more than one day of the zone.
    pub straddling: u64,
    /// Counts by meter.
    pub counts: Counts,
    /// The fewest and the most prompt tokens of one record; `None` without usage.
    pub prompt: Option<(u128, u128)>,
    /// Of refused records: input, cached and output tokens as far as reported.
    pub tokens: [u128; 3],
    /// Costs that the source reports, by currency, with the number of their records.
    pub reported: BTreeMap<Currency, (u64, Exact)>,
    /// Members that were not read, and in how many records.
    pub unread: BTreeMap<String, u64>,
}

impl SavedTime {
    /// First second, and the one after the last; `None` where nobody says and nothing was taken.
    pub(crate) const fn seconds(self) -> Option<(i64, i64)> {
        match self {
            Self::Unsaid => None,
            Self::TakenFor(start, end) | Self::Day(start, end) | Self::Period(start, end) => {
                Some((start, end))
            }
        }
    }

    /// True where the source does not say when.
    pub(crate) const fn is_undated(self) -> bool {
        matches!(self, Self::Unsaid | Self::TakenFor(..))
    }
}

impl SavedCell {
    /// One of which nothing is known but these names: a cost without usage, at no time.
    #[must_use]
    pub fn of_names(provider: &str, model: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            model: model.to_owned(),
            service_tier: None,
            variant: None,
            labels: Vec::new(),
            assumed: Assumptions::NONE,
            time: SavedTime::Unsaid,
            is_request: true,
            outcome: SavedOutcome::CostOnly,
            unreported: Unreported::NOTHING,
            metered: 0,
        }
    }

    /// The same, each record with counts of these meters.
    #[must_use]
    pub fn metering(self, meters: impl IntoIterator<Item = Meter>) -> Self {
        let metered = meters.into_iter().fold(0, |metered, meter| metered | 1 << meter as u32);
        Self { metered, ..self }
    }

    /// A record with what those of the cell have in common.
    pub(crate) fn record<'c>(&'c self, by: &[Dimension]) -> Record<'c> {
        let seconds = self.time.seconds().filter(|_| !self.time.is_undated());
        let mut record = Record {
            provider: &self.provider,
            model: &self.model,
            service_tier: self.service_tier.map_or(Known::Unknown, Known::Is),
            variant: self.variant.as_deref().map_or(Known::Unknown, Known::Is),
            period: seconds.map(|(start, end)| Period { start: Instant(start), end: Instant(end) }),
            assumed: self.assumed,
            ..Record::EMPTY
        };
        for (by, label) in by.iter().zip(&self.labels) {
            let into = match by {
                Dimension::Project => &mut record.project,
                Dimension::ApiKey => &mut record.api_key,
                Dimension::User => &mut record.user,
                Dimension::LineItem => &mut record.line_item,
                Dimension::Session => &mut record.origin.session,
                Dimension::Agent => &mut record.origin.agent,
                Dimension::Label(_) => &mut record.origin.label,
                // Cells have these of their own.
                Dimension::Provider
                | Dimension::Model
                | Dimension::ServiceTier
                | Dimension::Day
                | Dimension::Week
                | Dimension::Month => continue,
            };
            *into = label;
        }
        record
    }

    /// Which meters each record has counts of.
    pub fn meters(&self) -> impl Iterator<Item = Meter> + '_ {
        Meter::ALL.iter().copied().filter(|&meter| self.has(meter))
    }

    /// True where each record has a count of this meter.
    pub(crate) const fn has(&self, meter: Meter) -> bool {
        self.metered & (1 << meter as u32) != 0
    }
}

impl SavedSums {
    /// Adds those of other records of the same cell.
    ///
    /// # Errors
    /// When a sum of reported costs has too many digits.
    pub fn add(&mut self, other: &Self) -> Result<(), InexactError> {
        self.records.grow(other.records);
        self.straddling.grow(other.straddling);
        for (meter, count) in other.counts.iter() {
            self.counts[meter].grow(count);
        }
        self.prompt = match (self.prompt, other.prompt) {
            (Some((least, most)), Some((fewest, longest))) => {
                Some((least.min(fewest), most.max(longest)))
            }
            (own, others) => own.or(others),
        };
        for (sum, count) in self.tokens.iter_mut().zip(other.tokens) {
            sum.grow(count);
        }
        for (currency, (records, amount)) in &other.reported {
            let (own, sum) = self.reported.entry(*currency).or_default();
            own.grow(*records);
            *sum = sum.plus(*amount)?;
        }
        for (path, records) in &other.unread {
            self.unread.entry(path.clone()).or_default().grow(*records);
        }
        Ok(())
    }
}
