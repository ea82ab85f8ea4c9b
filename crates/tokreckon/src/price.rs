//! Unit prices and rate cards: whose price, for which meters, from when until when, under which
//! conditions, and who says so.
//!
//! A [`RateCard`] is the book's answer to one question. Where the question or the evidence leaves
//! something open (the day of a change, an unknown service tier), a meter's price is a range
//! with its [`Doubt`]s. Ranges are per meter, so costs stay linear in the counts: usage may be
//! added up first and priced once, in any order, without changing a digit.

#[cfg(feature = "read")]
mod digest;
mod most;

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use tokreckon_data::table::{Bound, Price, Tables};
pub use tokreckon_data::words::{Comparison, Noun, Precision, Scope, ServiceTier, Standing, State};

pub(crate) use self::most::Most;
use crate::grade::Assumptions;
pub use crate::grade::{Doubt, Doubts};
use crate::money::{Currency, Exact, InexactError};
use crate::time::{Instant, Period, day_text};
use crate::usage::Meter;

/// Money per pricing unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UnitPrice {
    /// Amount for one unit.
    pub amount: Exact,
    /// How many of [`Self::noun`] make one unit, such as 1,000,000.
    pub per: u64,
    /// What the unit counts.
    pub noun: Noun,
    /// Currency of the amount.
    pub currency: Currency,
}

impl UnitPrice {
    /// The exact cost of `count` (amount × count ÷ per). Time is counted in seconds, whatever the
    /// unit: one minute costs what 60 seconds cost.
    ///
    /// # Errors
    /// When the exact cost needs more than 38 digits, or does not end (0.111 per hour for one
    /// second); it is never rounded.
    pub fn cost(&self, count: u128) -> Result<Exact, InexactError> {
        self.amount.times_count(count)?.divided_by(self.counted_per_unit()?)
    }

    /// True when the cost of every count is a finite decimal, as it is unless a unit such as an hour
    /// leaves thirds.
    pub(crate) fn always_ends(&self) -> bool {
        let is_decimal = matches!(self.per, 1 | 1_000 | 1_000_000)
            && !matches!(self.noun, Noun::Minutes | Noun::Hours | Noun::TokenHours);
        is_decimal || self.cost(1).is_ok()
    }

    /// How many counted things make one unit.
    pub(crate) fn counted_per_unit(&self) -> Result<Exact, InexactError> {
        let counted = match self.noun {
            Noun::Minutes => 60,
            Noun::Hours | Noun::TokenHours => 3_600,
            Noun::Tokens
            | Noun::Requests
            | Noun::Images
            | Noun::Seconds
            | Noun::Characters
            | Noun::Sessions
            | Noun::TokenSeconds => 1,
        };
        Exact::from(self.per).times_count(counted)
    }

    /// Compares what one counted thing costs; `None` for different things or currencies.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        let time = |noun| matches!(noun, Noun::Seconds | Noun::Minutes | Noun::Hours);
        let kept = |noun| matches!(noun, Noun::TokenSeconds | Noun::TokenHours);
        let same_thing = self.noun == other.noun
            || (time(self.noun) && time(other.noun))
            || (kept(self.noun) && kept(other.noun));
        if !same_thing || self.currency != other.currency {
            return None;
        }
        if self.per == other.per && self.noun == other.noun {
            return Some(self.amount.cmp(&other.amount));
        }
        let left = self.amount.times(other.counted_per_unit().ok()?).ok()?;
        Some(left.cmp(&other.amount.times(self.counted_per_unit().ok()?).ok()?))
    }
}

impl fmt::Display for UnitPrice {
    /// `1.10 USD per 1M tokens`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = self.amount.to_string_padded(2);
        let per = match self.per {
            1 => String::new(),
            1_000 => "1K ".to_owned(),
            1_000_000 => "1M ".to_owned(),
            other => format!("{other} "),
        };
        let noun = self.noun.as_str();
        let noun = if self.per == 1 { noun.trim_end_matches('s') } else { noun };
        write!(f, "{amount} {} per {per}{noun}", self.currency)
    }
}

/// One unit price of the book with all that is known about it.
#[derive(Clone, Copy)]
pub struct Rate<'b> {
    pub(crate) tables: &'b Tables,
    pub(crate) row: &'b Price,
    /// Layer of the book: 0 is the built-in one, later ones are the user's.
    pub layer: usize,
}

impl<'b> Rate<'b> {
    /// What is counted.
    #[must_use]
    pub const fn meter(&self) -> Meter {
        self.row.meter
    }

    /// Priced, free, not offered or not sourced.
    #[must_use]
    pub const fn state(&self) -> State {
        self.row.state
    }

    /// The unit price; `None` when it is not offered or not sourced. Free is an amount of zero.
    #[must_use]
    pub fn unit_price(&self) -> Option<UnitPrice> {
        if !matches!(self.row.state, State::Priced | State::Free) {
            return None;
        }
        Some(UnitPrice {
            amount: Exact::new(i128::from(self.row.mantissa), u32::from(self.row.scale)).ok()?,
            per: self.row.per,
            noun: self.row.noun,
            currency: self.currency(),
        })
    }

    /// Currency of the price.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.tables.str(self.row.currency).parse().unwrap_or(Currency::UNNAMED)
    }

    /// Service tier.
    #[must_use]
    pub const fn service_tier(&self) -> ServiceTier {
        self.row.service_tier
    }

    /// Further condition such as `geo=us`; empty for none.
    #[must_use]
    pub fn variant(&self) -> &'b str {
        self.tables.str(self.row.variant)
    }

    /// Hours in which it holds, such as `peak` or `not peak`; empty for all hours.
    #[must_use]
    pub fn window(&self) -> String {
        let index = usize::from(self.row.window);
        let Some(window) = index.checked_sub(1).and_then(|at| self.tables.windows.get(at)) else {
            return String::new();
        };
        let not = if self.row.outside_window { "not " } else { "" };
        format!("{not}{}", self.tables.str(window.name))
    }

    /// Prompt tokens of the price tier; 0 for the base price.
    #[must_use]
    pub const fn threshold(&self) -> u64 {
        self.row.threshold
    }

    /// Start of the period, inclusive.
    #[must_use]
    pub const fn from(&self) -> Bound {
        self.row.from
    }

    /// End of the period, exclusive.
    #[must_use]
    pub const fn until(&self) -> Bound {
        self.row.until
    }

    /// How well it is supported.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        self.row.standing
    }

    /// Where it comes from.
    #[must_use]
    pub fn source(&self) -> &'b str {
        self.tables.str(self.row.source)
    }

    /// Why the period starts when it starts.
    #[must_use]
    pub fn basis(&self) -> &'b str {
        self.tables.str(self.row.basis)
    }

    /// Day on which a source was last seen to hold it, `YYYY-MM-DD`; empty for a user's price.
    #[must_use]
    pub fn seen(&self) -> String {
        if self.row.seen_day == i32::MIN {
            String::new()
        } else {
            day_text(self.row.seen_day.into())
        }
    }

    /// Competing values seen elsewhere; empty for none.
    #[must_use]
    pub fn also_seen(&self) -> &'b str {
        self.tables.str(self.row.also_seen)
    }

    /// Anything else worth knowing; empty for none.
    #[must_use]
    pub fn note(&self) -> &'b str {
        self.tables.str(self.row.note)
    }

    /// Day through which the provider said it would hold at least.
    #[must_use]
    pub fn promised_through(&self) -> Option<i64> {
        (self.row.promised_through_day != i32::MIN).then(|| self.row.promised_through_day.into())
    }

    /// The period for people: `2025-01-31 to now`, `unknown to 2025-08-01`.
    #[must_use]
    pub fn period_text(&self) -> String {
        format!("{} to {}", bound_text(self.row.from), bound_text(self.row.until))
    }
}

impl PartialEq for Rate<'_> {
    /// The same row of the same book.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.row, other.row)
    }
}

impl fmt::Debug for Rate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let price = self.unit_price().map_or(self.state().to_string(), |price| price.to_string());
        write!(f, "{} {price} ({})", self.meter(), self.period_text())
    }
}

/// A bound for people: a day, an instant, `unknown` or `now` for an open end.
#[must_use]
pub fn bound_text(bound: Bound) -> String {
    match bound.precision {
        Precision::Unknown => "unknown".to_owned(),
        Precision::Day => day_text(bound.seconds.div_euclid(crate::time::DAY_SECONDS)),
        Precision::Instant => Instant(bound.seconds).to_string(),
        Precision::Open => "now".to_owned(),
    }
}

/// What a meter costs on a card: one price, or a range with its reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct RateRange<'b> {
    /// Lowest unit price.
    pub low: UnitPrice,
    /// Highest unit price.
    pub high: UnitPrice,
    /// The prices it was made of.
    pub rates: Vec<Rate<'b>>,
    /// Why it is a range; empty for one price.
    pub doubts: Doubts,
    /// What these prices take for granted.
    pub assumptions: Assumptions,
}

impl RateRange<'_> {
    /// True for one price.
    #[must_use]
    pub fn is_single(&self) -> bool {
        self.low.compare(&self.high) == Some(Ordering::Equal)
    }
}

/// A meter's entry on a card.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry<'b> {
    /// A price or a range.
    Rate(RateRange<'b>),
    /// Not offered, or not sourced.
    Missing(State, Rate<'b>),
}

/// The prices of one price tier: the base, or prompts beyond a threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct Bracket<'b> {
    /// Prompt tokens; 0 for the base.
    pub threshold: u64,
    /// How a prompt is compared with the threshold.
    pub comparison: Comparison,
    /// Whether the whole request or only the part beyond is charged at these prices.
    pub scope: Scope,
    /// Entries, sorted by meter. A meter that is not here is not listed by any source.
    pub entries: Vec<(Meter, Entry<'b>)>,
}

impl<'b> Bracket<'b> {
    /// The entry of a meter.
    #[must_use]
    pub fn entry(&self, meter: Meter) -> Option<&Entry<'b>> {
        let at = self.entries.binary_search_by_key(&meter, |(meter, _)| *meter).ok()?;
        self.entries.get(at).map(|(_, entry)| entry)
    }

    /// True when a prompt of this length is charged in this price tier.
    #[must_use]
    pub fn holds(&self, prompt_tokens: u128) -> bool {
        match self.comparison {
            Comparison::Above => prompt_tokens > u128::from(self.threshold),
            Comparison::AtLeast => prompt_tokens >= u128::from(self.threshold),
        }
    }
}

/// How a model id was found in the book.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Match<'b> {
    /// The id itself is listed.
    Exact,
    /// The id is listed as another name of this one.
    Alias(&'b str),
    /// A rule of the provider rewrites the id to this one.
    Rule {
        /// The rule's pattern.
        pattern: &'b str,
        /// The id it leads to.
        model: &'b str,
    },
}

impl Match<'_> {
    /// How, in words; `None` where the id itself is listed.
    #[must_use]
    pub fn says(&self) -> Option<String> {
        match self {
            Self::Exact => None,
            Self::Alias(of) => Some(format!("alias of {of}")),
            Self::Rule { pattern, .. } => Some(format!("by the rule `{pattern}`")),
        }
    }
}

/// The unit prices of one model at one provider, as they answer one question.
#[derive(Clone, Debug, PartialEq)]
pub struct RateCard<'b> {
    /// Who sends the bill.
    pub provider: &'b str,
    /// The model id as the provider spells it.
    pub model: &'b str,
    /// How the id was found.
    pub matched: Match<'b>,
    /// Price tiers, the base first, then by rising threshold; never none, which is why only the book
    /// makes a card.
    pub(crate) brackets: Vec<Bracket<'b>>,
    /// What one request can have: longer prompts were several.
    pub(crate) most: Most,
    /// Currency of every price on the card.
    pub currency: Currency,
    /// What the card as a whole takes for granted, such as whose price it is.
    pub assumptions: Assumptions,
    /// What [`PriceBook::find`](crate::book::PriceBook::find) was asked, which its charges carry on; none
    /// on a card that answers many questions, such as those of a ledger.
    pub asked: Option<Arc<Question>>,
}

/// What the book was asked, and a card answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Question {
    /// Model id as the usage writes it.
    pub model: String,
    /// When the usage happened.
    pub period: Period,
}

impl Question {
    pub(crate) fn new(model: &str, period: Period) -> Self {
        Self { model: model.to_owned(), period }
    }
}

impl<'b> RateCard<'b> {
    /// Price tiers, the base first, then by rising threshold. There is at least one.
    #[must_use]
    pub fn brackets(&self) -> &[Bracket<'b>] {
        &self.brackets
    }

    /// Every price on the card, base first.
    pub fn rates(&self) -> impl Iterator<Item = &Rate<'b>> {
        let entries = self.brackets.iter().flat_map(|bracket| &bracket.entries);
        entries.flat_map(|(_, entry)| match entry {
            Entry::Rate(range) => range.rates.as_slice(),
            Entry::Missing(_, rate) => std::slice::from_ref(rate),
        })
    }

    /// True when every cost by this card is a finite decimal.
    pub(crate) fn always_ends(&self) -> bool {
        self.rates().filter_map(Rate::unit_price).all(|price| price.always_ends())
    }

    /// The first day through which a price was only promised, when that day lies before `instant`.
    #[must_use]
    pub fn outlived_promise(&self, instant: Instant) -> Option<String> {
        let promised = self.rates().filter_map(Rate::promised_through).min()?;
        (instant.day() > promised).then(|| day_text(promised))
    }
}
