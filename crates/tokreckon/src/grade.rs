//! How far an amount can be trusted: one exact number, one that rests on something assumed, two
//! bounds, or not known.
//!
//! A [`Grade`] is a promise about the input as much as about the sum: *exact* says that everything
//! that could change the amount was read and that nothing was assumed. What was assumed is a set of
//! [`Assumptions`], each with a stable code and a sentence for people.

use crate::hint::{Hint, Setting};
use std::fmt;

/// How far an amount can be trusted, best first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// One number: all that decides it was read, the price is evidenced for that instant and
    /// undisputed, nothing was assumed.
    #[default]
    Exact,
    /// One number that rests on named assumptions.
    Assumed,
    /// The true amount lies between two bounds, whose reasons are named.
    Between,
    /// There is no amount, or none above a lower bound.
    Unknown,
}

impl Grade {
    /// That of an amount with these bounds, `high` being `None` where there is no upper one, and with
    /// these assumptions behind it.
    ///
    /// ```
    /// use tokreckon::grade::{Assumption, Assumptions, Grade};
    ///
    /// assert_eq!(Grade::of(5, Some(5), Assumptions::NONE), Grade::Exact);
    /// assert_eq!(Grade::of(5, Some(5), Assumptions::NONE.with(Assumption::Now)), Grade::Assumed);
    /// assert_eq!(Grade::of(5, Some(7), Assumptions::NONE), Grade::Between);
    /// assert_eq!(Grade::of(5, None, Assumptions::NONE), Grade::Unknown);
    /// ```
    #[must_use]
    pub fn of<T: Copy + PartialEq>(low: T, high: Option<T>, assumptions: Assumptions) -> Self {
        match high {
            None => Self::Unknown,
            Some(high) if high != low => Self::Between,
            Some(_) if !assumptions.is_empty() => Self::Assumed,
            Some(_) => Self::Exact,
        }
    }

    /// Stable word for machines and people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Assumed => "assumed",
            Self::Between => "between",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A set of reasons, one bit each, that adds up in any order.
macro_rules! set_of {
    ($(#[$doc:meta])* $set:ident of $reason:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $set(u32);

        impl $set {
            /// None.
            pub const NONE: Self = Self(0);

            /// This set and one more.
            #[must_use]
            pub const fn with(self, reason: $reason) -> Self {
                Self(self.0 | 1 << reason as u32)
            }

            /// Both sets together.
            #[must_use]
            pub const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// True when there is none.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// True when it is in the set.
            #[must_use]
            pub const fn contains(self, reason: $reason) -> bool {
                self.0 & (1 << reason as u32) != 0
            }

            /// All of them, in the order of their declaration.
            pub fn iter(self) -> impl Iterator<Item = $reason> {
                $reason::ALL.into_iter().filter(move |&reason| self.contains(reason))
            }
        }
    };
}

/// What an amount takes for granted because nothing contradicts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Assumption {
    /// The price is taken to have held before the day on which it was first seen.
    BeforeFirstSeen,
    /// The price is taken to hold after the day on which it was last seen.
    AfterLastSeen,
    /// Sources disagree on the price at another time than the record's.
    Disputed,
    /// No price of the service tier or of the region is listed; the provider's rule for it is applied.
    TierRule,
    /// The maker's list price, for a plan or a seller that has none of its own.
    MakersPrice,
    /// The model runs on own hardware and costs nothing a token.
    OwnHardware,
    /// The id is read as that of the model whose name it extends.
    ModelName,
    /// The provider: the maker's own interface, or the one that the id names.
    Provider,
    /// The time: now.
    Now,
    /// Nothing came from a cache.
    NothingCached,
    /// The standard service tier.
    StandardTier,
    /// No region or other variant.
    NoVariant,
    /// Whether and how much the model thinks is left at its own default.
    ThinkingDefault,
    /// A unit of searching or reranking costs what a request is listed at.
    UnitAsRequest,
    /// A date that may be read in two ways is read as others of its column, or its table.
    DateOrder,
    /// A number whose comma or point may mean two things is read as others of its column, or its table.
    NumberSigns,
    /// A running sum without a beginning is priced at its end.
    EndOfSum,
}

impl Assumption {
    /// Every assumption, in the order of their codes' importance to a reader.
    pub const ALL: [Self; 17] = [
        Self::BeforeFirstSeen,
        Self::AfterLastSeen,
        Self::Disputed,
        Self::TierRule,
        Self::MakersPrice,
        Self::OwnHardware,
        Self::ModelName,
        Self::Provider,
        Self::Now,
        Self::NothingCached,
        Self::StandardTier,
        Self::NoVariant,
        Self::ThinkingDefault,
        Self::UnitAsRequest,
        Self::DateOrder,
        Self::NumberSigns,
        Self::EndOfSum,
    ];

    /// Stable code for machines.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BeforeFirstSeen => "before-first-seen",
            Self::AfterLastSeen => "after-last-seen",
            Self::Disputed => "disputed",
            Self::TierRule => "tier-rule",
            Self::MakersPrice => "makers-price",
            Self::OwnHardware => "own-hardware",
            Self::ModelName => "model-name",
            Self::Provider => "provider",
            Self::Now => "now",
            Self::NothingCached => "nothing-cached",
            Self::StandardTier => "standard-tier",
            Self::NoVariant => "no-variant",
            Self::ThinkingDefault => "thinking-default",
            Self::UnitAsRequest => "unit-as-request",
            Self::DateOrder => "date-order",
            Self::NumberSigns => "number-signs",
            Self::EndOfSum => "end-of-sum",
        }
    }

    /// The assumption of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|assumption| assumption.code() == code)
    }

    /// A few words for people, to follow `assumed:`.
    #[must_use]
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::BeforeFirstSeen => "the price as first seen, which was later",
            Self::AfterLastSeen => "the price as last seen, which was earlier",
            Self::Disputed => "a price on which sources disagree for another time",
            Self::TierRule => "the provider's rule for the service tier or the region",
            Self::MakersPrice => "the maker's list price",
            Self::OwnHardware => "run on own hardware, no price a token",
            Self::ModelName => "the model whose name the id extends",
            Self::Provider => "the maker's own API",
            Self::Now => "today's prices",
            Self::NothingCached => "nothing cached",
            Self::StandardTier => "standard service tier",
            Self::NoVariant => "no regional surcharge",
            Self::ThinkingDefault => "thinking as the model does by default",
            Self::UnitAsRequest => "a search unit at the price of a request",
            Self::DateOrder => "days and months in the order that other dates show",
            Self::NumberSigns => "commas and points in numbers as others show",
            Self::EndOfSum => "sums without a beginning at the prices of their end",
        }
    }
}

set_of! {
    /// A set of assumptions; none for an exact amount.
    Assumptions of Assumption
}

impl Assumptions {
    /// One bit for each.
    pub(crate) const fn bits(self) -> u32 {
        self.0
    }
}

/// Why a price or a charge is a range, or needs a word of caution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Doubt {
    /// The price changed on that UTC day; the hour is not known.
    ChangeDay,
    /// The record's period spans a change of price.
    PeriodSpansChange,
    /// The price depends on the hour, and the record's period or a holiday calendar leaves it open.
    PeakHours,
    /// The service tier is not known.
    ServiceTier,
    /// The region or another variant is not known.
    Variant,
    /// A sum of requests: whether single ones were above the price tier's threshold is not known.
    PriceTierOfSum,
    /// The cache lifetime (5 minutes or 1 hour) is not known.
    CacheLifetime,
    /// How much of the input was read from a cache is not reported.
    CachedShare,
    /// The price of cached input is not sourced: between nothing and the price of plain input.
    CachePriceNotSourced,
    /// Whether the thinking mode was on is not known.
    ThinkingMode,
    /// A meter has no price: what is known is a lower bound.
    NoPrice,
    /// A member of the record that counts or decides a price was not read.
    NotRead,
    /// The time lies between two sightings with different prices.
    BetweenSightings,
    /// Sources hold different prices for that time.
    Disputed,
    /// How much of a prompt will be written to a cache is not known before it is sent.
    CacheWrites,
    /// A sum of nobody knows how many requests, each of which has a fee: what is known is a lower bound.
    RequestFees,
}

impl Doubt {
    /// Every doubt.
    pub const ALL: [Self; 16] = [
        Self::ChangeDay,
        Self::PeriodSpansChange,
        Self::PeakHours,
        Self::ServiceTier,
        Self::Variant,
        Self::PriceTierOfSum,
        Self::CacheLifetime,
        Self::CachedShare,
        Self::CachePriceNotSourced,
        Self::ThinkingMode,
        Self::NoPrice,
        Self::NotRead,
        Self::BetweenSightings,
        Self::Disputed,
        Self::CacheWrites,
        Self::RequestFees,
    ];

    /// Stable code for machines.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ChangeDay => "change-day",
            Self::PeriodSpansChange => "period-spans-change",
            Self::PeakHours => "peak-hours",
            Self::ServiceTier => "service-tier-unknown",
            Self::Variant => "variant-unknown",
            Self::PriceTierOfSum => "price-tier-of-sum",
            Self::CacheLifetime => "cache-lifetime-unknown",
            Self::CachedShare => "cached-share-unreported",
            Self::CachePriceNotSourced => "cache-price-not-sourced",
            Self::ThinkingMode => "thinking-mode-unknown",
            Self::NoPrice => "no-price",
            Self::NotRead => "not-read",
            Self::BetweenSightings => "between-sightings",
            Self::Disputed => "disputed",
            Self::CacheWrites => "cache-writes-unknown",
            Self::RequestFees => "request-fees-unknown",
        }
    }

    /// What to do about it where usage was read, if anything.
    #[must_use]
    pub fn hint(self) -> Option<Hint> {
        match self {
            Self::ServiceTier => {
                Some(Hint::around("name it with ", Setting::ServiceTier, ", such as `standard`"))
            }
            Self::CachedShare => {
                Some(Hint::around("", Setting::NothingCached, " where nothing was"))
            }
            Self::RequestFees => {
                let column = Setting::Columns("requests=…".into());
                Some(Hint::around("name the column that counts them with ", column, ""))
            }
            _ => None,
        }
    }

    /// One sentence for people.
    #[must_use]
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::ChangeDay => "the price changed on that day, at an hour nobody recorded",
            Self::PeriodSpansChange => "the period spans a change of price",
            Self::PeakHours => {
                "the price depends on the hour or on a holiday, which the record leaves open"
            }
            Self::ServiceTier => "the service tier is not known",
            Self::Variant => "the region or variant is not known",
            Self::PriceTierOfSum => {
                "a sum of requests: whether single ones crossed the long-prompt threshold is not known"
            }
            Self::CacheLifetime => "whether cache writes live 5 minutes or 1 hour is not known",
            Self::CachedShare => "how much of the input was cached is not reported",
            Self::CachePriceNotSourced => {
                "the price of cached input is not sourced: between nothing and the price of input"
            }
            Self::ThinkingMode => "whether the thinking mode was on is not known",
            Self::NoPrice => "a meter has no price: the amount is a lower bound",
            Self::NotRead => "something that counts or decides the price was not read",
            Self::BetweenSightings => "the price changed between two sightings, on an unknown day",
            Self::Disputed => "sources disagree on the price",
            Self::CacheWrites => {
                "how much of the prompt is written to a cache, which has a price of its own, is not known"
            }
            Self::RequestFees => {
                "of how many requests it is, each of which has a fee, is not known"
            }
        }
    }
}

set_of! {
    /// A set of doubts; none for one amount.
    Doubts of Doubt
}

impl Doubts {
    /// Those by which something is charged beside all that was counted, or may be.
    pub(crate) const fn beside_lines(self) -> Self {
        let both = Self::NONE.with(Doubt::NotRead).with(Doubt::RequestFees);
        Self(self.0 & both.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_assumption_has_a_place_and_a_code_of_its_own() {
        let all = Assumption::ALL.into_iter().fold(Assumptions::NONE, Assumptions::with);
        assert_eq!(all.iter().collect::<Vec<_>>(), Assumption::ALL);
        let codes: std::collections::BTreeSet<_> =
            Assumption::ALL.iter().map(|assumption| assumption.code()).collect();
        assert_eq!(codes.len(), Assumption::ALL.len());
    }
}
