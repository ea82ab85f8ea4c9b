//! What the caller decides about a ledger: groups, zone, terms, conversions, rounding, what-if.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::tz::TimeZone;

use crate::book::Known;
use crate::money::{Currency, Exact, Rounding};
use crate::price::ServiceTier;
use crate::record::Record;
use crate::time::{Instant, Period};
use crate::usage::Totals;

/// What a report can be grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Dimension {
    /// Who sends the bill.
    Provider,
    /// Model id as the usage writes it.
    Model,
    /// Calendar day.
    Day,
    /// ISO week, named by its Monday.
    Week,
    /// Calendar month.
    Month,
    /// Project.
    Project,
    /// API key.
    ApiKey,
    /// User.
    User,
    /// Service tier.
    ServiceTier,
    /// What a billed cost is for.
    LineItem,
    /// Session, conversation or thread.
    Session,
    /// The program that made the request.
    Agent,
    /// A label by its name ([`LabelName`]).
    Label(LabelName),
}

/// The name of a label that reports are grouped by, such as `team`.
///
/// Names are kept for as long as the program runs, each once: they come from whoever asks, and are few.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabelName {
    /// `team`.
    name: &'static str,
    /// `label:team`.
    written: &'static str,
}

impl LabelName {
    /// What is written before a name.
    const PREFIX: &'static str = "label:";

    /// The label of this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
        let written = format!("{}{name}", Self::PREFIX);
        // The set is whole after every step: nothing is lost when another thread panicked.
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let written = known.get(written.as_str()).copied().unwrap_or_else(|| {
            let kept: &'static str = written.leak();
            known.insert(kept);
            kept
        });
        Self { name: written.strip_prefix(Self::PREFIX).unwrap_or(written), written }
    }

    /// The name alone: `team`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.name
    }
}

impl fmt::Debug for LabelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Dimension {
    /// Every dimension but labels, which have names of their own.
    pub const ALL: [Self; 12] = [
        Self::Provider,
        Self::Model,
        Self::Day,
        Self::Week,
        Self::Month,
        Self::Project,
        Self::ApiKey,
        Self::User,
        Self::ServiceTier,
        Self::LineItem,
        Self::Session,
        Self::Agent,
    ];

    /// The name on the command line and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Model => "model",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Project => "project",
            Self::ApiKey => "key",
            Self::User => "user",
            Self::ServiceTier => "service-tier",
            Self::LineItem => "line-item",
            Self::Session => "session",
            Self::Agent => "agent",
            Self::Label(name) => name.written,
        }
    }

    /// The name of the label that it is; `None` for anything else.
    #[must_use]
    pub const fn label(self) -> Option<&'static str> {
        match self {
            Self::Label(name) => Some(name.name),
            _ => None,
        }
    }

    /// True for names that decide nothing but the group.
    pub(crate) const fn is_name(self) -> bool {
        matches!(
            self,
            Self::Project
                | Self::ApiKey
                | Self::User
                | Self::LineItem
                | Self::Session
                | Self::Agent
                | Self::Label(_)
        )
    }

    /// True for days, weeks and months.
    #[must_use]
    pub const fn is_calendar(self) -> bool {
        matches!(self, Self::Day | Self::Week | Self::Month)
    }

    /// Reads a name: one of [`Self::ALL`], or `label:` and the name of a label.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if let Some(label) = name.strip_prefix(LabelName::PREFIX) {
            return (!label.is_empty()).then(|| Self::Label(LabelName::new(label)));
        }
        Self::ALL.into_iter().find(|dimension| dimension.name() == name)
    }
}

/// A discount or a mark-up: costs of matching records are multiplied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// Only at this provider; `None` for all.
    pub provider: Option<String>,
    /// Only for this model id as the usage writes it; `None` for all.
    pub model: Option<String>,
    /// 0.8 for 20 % off, 1.05 for a mark-up of 5 %.
    pub factor: Exact,
}

/// A rate the user gives to turn one currency into another, from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// The price book's currency.
    pub from: Currency,
    /// The report's currency.
    pub to: Currency,
    /// Units of `to` for one unit of `from`.
    pub rate: Exact,
    /// First instant for which it holds.
    pub since: Instant,
}

impl Conversion {
    /// The one that turns a currency into another at an instant: of several the youngest; `None` where
    /// no rate is given for it then.
    #[must_use]
    pub fn at(all: &[Self], from: Currency, instant: Instant) -> Option<&Self> {
        let held = all.iter().filter(|one| one.from == from && one.since <= instant);
        held.max_by_key(|one| one.since)
    }
}

/// Which sums a seller rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RoundingScope {
    /// Every line item of every record.
    Line,
    /// Every provider's sum of a UTC day.
    Day,
    /// Every provider's sum of a UTC month.
    Invoice,
}

impl RoundingScope {
    /// The name on the command line and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Day => "day",
            Self::Invoice => "invoice",
        }
    }
}

/// A rounding policy. The difference it makes is reported as its own line, never absorbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundingPolicy {
    /// Which sums.
    pub scope: RoundingScope,
    /// Decimal places.
    pub places: u32,
    /// Ties.
    pub mode: Rounding,
}

/// Terms under which usage is priced instead of its own. Groups keep the labels of the usage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AsIf {
    /// Who sends the bill.
    pub provider: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Service tier.
    pub service_tier: Option<ServiceTier>,
    /// Region or other variant; empty for none.
    pub variant: Option<String>,
    /// When.
    pub period: Option<Period>,
}

impl AsIf {
    /// A record under these terms.
    #[must_use]
    pub fn apply<'r>(&'r self, record: &Record<'r>) -> Record<'r> {
        Record {
            provider: self.provider.as_deref().unwrap_or(record.provider),
            model: self.model.as_deref().unwrap_or(record.model),
            service_tier: self.service_tier.map_or(record.service_tier, Known::Is),
            variant: self.variant.as_deref().map_or(record.variant, Known::Is),
            period: self.period.or(record.period),
            ..*record
        }
    }
}

/// What is taken for granted where a source does not say it; each is named with the cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// Without a provider the model's maker sends the bill, or the only seller of that id; for a
    /// plan that has no price a token, its maker's list price.
    pub makers: bool,
    /// The time of records that do not say one; `None` leaves them without a price.
    pub now: Option<Period>,
}

/// What the caller decides about a ledger.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Dimensions of the report, in order.
    pub by: Vec<Dimension>,
    /// Zone of days, weeks and months.
    pub zone: TimeZone,
    /// When records happened that do not say.
    pub undated: Option<Period>,
    /// What is taken for granted where neither the source nor the caller says it.
    pub defaults: Defaults,
    /// Service tier where the source leaves it open.
    pub service_tier: Option<ServiceTier>,
    /// Nothing was read from a cache where the source does not say.
    pub nothing_cached: bool,
    /// Discounts and mark-ups; all that match multiply.
    pub adjustments: Vec<Adjustment>,
    /// Currency conversions; of those that match, the latest since the record.
    pub conversions: Vec<Conversion>,
    /// Rounding; `None` for full precision.
    pub rounding: Option<RoundingPolicy>,
    /// Other terms to price by; `None` for those of the usage.
    pub as_if: Option<Arc<AsIf>>,
}

impl Settings {
    /// The record with the time, the service tier and the cached input that are said of records that leave
    /// them open.
    #[must_use]
    pub fn settled<'r>(&self, record: &Record<'r>) -> Record<'r> {
        let service_tier = match (record.service_tier, self.service_tier) {
            (Known::Unknown, Some(tier)) => Known::Is(tier),
            (tier, _) => tier,
        };
        let totals = record.totals.map(|totals| self.settled_totals(&totals));
        Record { period: record.period.or(self.undated), service_tier, totals, ..*record }
    }

    /// Counts with the cached input that is said of records that leave it open.
    pub(crate) fn settled_totals(&self, totals: &Totals) -> Totals {
        // Where a kind of cached input is counted, so is that all of it is not known.
        let parts = [totals.cache_read, totals.cache_read_audio, totals.cache_read_image];
        if self.nothing_cached && parts.iter().all(Option::is_none) {
            return Totals { cache_read: Some(0), ..*totals };
        }
        *totals
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            by: Vec::new(),
            zone: TimeZone::UTC,
            undated: None,
            defaults: Defaults::default(),
            service_tier: None,
            nothing_cached: false,
            adjustments: Vec::new(),
            conversions: Vec::new(),
            rounding: None,
            as_if: None,
        }
    }
}
