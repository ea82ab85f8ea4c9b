//! One condition changed: what a seller may have done otherwise than the usage says.

use std::fmt;

use super::line_item::Class;
use crate::agreed;
use crate::money::Exact;
use crate::price::ServiceTier;
use crate::time::{Period, day_text};

/// Why a bill and the usage differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The bill charges for what the usage does not have.
    MissingUsage,
    /// The usage has what the bill does not charge for.
    MissingBill,
    /// The price of another service tier, such as batch.
    ServiceTier,
    /// Cached input at the price of input, or the reverse.
    Cached,
    /// The price of long prompts for short ones, or the reverse.
    PriceTier,
    /// The price of another period, or the counts of another day.
    OtherPeriod,
    /// Another price that the book knows: of another region, or of another seller.
    OtherPrice,
    /// Reasoning charged twice or not at all.
    Reasoning,
    /// Something charged more than once.
    Copies,
    /// A factor: a discount, a mark-up, a tax or a rate of exchange.
    Factor,
    /// The bill's own rounding.
    Rounding,
    /// Bill and prices are in different currencies, and nobody gave a rate.
    Currency,
    /// Usage without a price may be part of it, and how much nobody can say: an unknown model, a count
    /// without a price or one that was not read.
    NoPrice,
    /// Fees and credits beside tokens, such as tool calls.
    Fees,
    /// A line of the bill that names no model and no fee that is known.
    UnknownLineItem,
    /// None of these fits to the last digit.
    Unexplained,
}

impl Cause {
    /// Every cause, in order.
    pub const ALL: [Self; 16] = [
        Self::MissingUsage,
        Self::MissingBill,
        Self::ServiceTier,
        Self::Cached,
        Self::PriceTier,
        Self::OtherPeriod,
        Self::OtherPrice,
        Self::Reasoning,
        Self::Copies,
        Self::Factor,
        Self::Rounding,
        Self::Currency,
        Self::NoPrice,
        Self::Fees,
        Self::UnknownLineItem,
        Self::Unexplained,
    ];

    /// True where it leaves open how much of a gap there is: usage without a price, or amounts in
    /// different currencies.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::NoPrice | Self::Currency)
    }

    /// True for a gap, or a line of the bill, that nothing known makes.
    #[must_use]
    pub const fn is_unexplained(self) -> bool {
        matches!(self, Self::Unexplained | Self::UnknownLineItem)
    }

    /// The code for people and machines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MissingUsage => "missing-usage",
            Self::MissingBill => "missing-bill",
            Self::ServiceTier => "service-tier",
            Self::Cached => "cached",
            Self::PriceTier => "price-tier",
            Self::OtherPeriod => "other-period",
            Self::OtherPrice => "other-price",
            Self::Reasoning => "reasoning",
            Self::Copies => "copies",
            Self::Factor => "factor",
            Self::Rounding => "rounding",
            Self::Currency => "currency",
            Self::NoPrice => "no-price",
            Self::Fees => "fees",
            Self::UnknownLineItem => "unknown-line-item",
            Self::Unexplained => "unexplained",
        }
    }
}

/// A part of what is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    pub(super) model: Option<String>,
    pub(super) class: Option<Class>,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.model, self.class) {
            (Some(model), Some(class)) => write!(f, "{} of `{model}`", class.name()),
            (Some(model), None) => write!(f, "`{model}`"),
            (None, Some(class)) => f.write_str(class.name()),
            (None, None) => f.write_str("everything"),
        }
    }
}

/// How a seller rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Toward {
    Nearest,
    Even,
    Up,
    Down,
    /// To the nearest binary fraction: a program that adds up floating point numbers.
    Float,
}

/// One condition that differs from what the usage says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    ServiceTier(ServiceTier),
    CachedAsInput,
    InputAsCached,
    WrittenAsInput,
    /// Every request at the prices beyond the highest threshold, or none.
    LongPrices(bool),
    /// At the prices in force at an instant, which began on a day.
    At {
        instant: i64,
        from: i64,
    },
    Variant(String),
    Provider(String),
    ReasoningTwice,
    ReasoningFree,
    Without(Part),
    Twice(Part),
    Factor(Exact),
    /// To decimal places; each line before they are added up, or the sum.
    Rounded {
        places: u32,
        toward: Toward,
        lines: bool,
    },
}

/// A change, for all usage or for one model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Variation {
    pub(super) change: Change,
    pub(super) only: Option<String>,
}

impl Variation {
    pub(super) const fn of_all(change: Change) -> Self {
        Self { change, only: None }
    }

    pub(super) const fn cause(&self) -> Cause {
        match self.change {
            Change::ServiceTier(_) => Cause::ServiceTier,
            Change::CachedAsInput | Change::InputAsCached | Change::WrittenAsInput => Cause::Cached,
            Change::LongPrices(_) => Cause::PriceTier,
            Change::At { .. } => Cause::OtherPeriod,
            Change::Variant(_) | Change::Provider(_) => Cause::OtherPrice,
            Change::ReasoningTwice | Change::ReasoningFree => Cause::Reasoning,
            Change::Without(_) => Cause::MissingBill,
            Change::Twice(_) => Cause::Copies,
            Change::Factor(_) => Cause::Factor,
            Change::Rounded { .. } => Cause::Rounding,
        }
    }

    /// True when both change the same thing, so that one of them would have no effect.
    pub(super) fn clashes(&self, other: &Self) -> bool {
        let prices_of =
            |change: &Change| matches!(change, Change::Provider(_) | Change::Variant(_));
        let reasoning =
            |change: &Change| matches!(change, Change::ReasoningTwice | Change::ReasoningFree);
        let cached =
            |change: &Change| matches!(change, Change::CachedAsInput | Change::InputAsCached);
        let same = |kind: fn(&Change) -> bool| kind(&self.change) && kind(&other.change);
        let same_kind = std::mem::discriminant(&self.change)
            == std::mem::discriminant(&other.change)
            || same(prices_of)
            || same(reasoning)
            || same(cached);
        let overlap = self.only == other.only || self.only.is_none() || other.only.is_none();
        let parts = matches!(self.change, Change::Without(_) | Change::Twice(_));
        if parts { self == other } else { same_kind && overlap }
    }
}

impl fmt::Display for Variation {
    /// `priced as batch`, in words that finish "the bill agrees with the usage …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.change {
            Change::ServiceTier(tier) => write!(f, "at {tier} prices")?,
            Change::CachedAsInput => f.write_str("with cached input at the price of input")?,
            Change::InputAsCached => f.write_str("with all input at the price of cached input")?,
            Change::WrittenAsInput => f.write_str("with cache writes at the price of input")?,
            Change::LongPrices(true) => f.write_str("at the prices of long prompts throughout")?,
            Change::LongPrices(false) => f.write_str("without the prices of long prompts")?,
            Change::At { from, .. } => {
                let day = from.div_euclid(crate::time::DAY_SECONDS);
                write!(f, "at the prices in force from {}", day_text(day))?;
            }
            Change::Variant(variant) if variant.is_empty() => {
                f.write_str("at the prices without a variant")?;
            }
            Change::Variant(variant) => write!(f, "at the prices of `{variant}`")?,
            Change::Provider(provider) => write!(f, "at the prices of `{provider}`")?,
            Change::ReasoningTwice => f.write_str("with reasoning charged once more")?,
            Change::ReasoningFree => f.write_str("without reasoning")?,
            Change::Without(part) => write!(f, "without {part}")?,
            Change::Twice(part) => write!(f, "with {part} charged twice")?,
            Change::Factor(factor) => {
                write!(f, "times {factor}")?;
                if let Some(what) = agreed::known(*factor) {
                    write!(f, " ({what})")?;
                }
            }
            Change::Rounded { places, toward, lines } => {
                let what = if *lines { "with every line " } else { "" };
                let how = match toward {
                    Toward::Nearest => "rounded",
                    Toward::Even => "rounded half to even",
                    Toward::Up => "rounded up",
                    Toward::Down => "cut off",
                    Toward::Float => {
                        return f.write_str("within the error of floating point numbers");
                    }
                };
                write!(f, "{what}{how} to {places} places")?;
            }
        }
        match &self.only {
            Some(model) => write!(f, " for `{model}`"),
            None => Ok(()),
        }
    }
}

impl Toward {
    /// An amount at so many places.
    pub(super) fn round(self, amount: Exact, places: u32) -> Exact {
        use crate::money::Rounding;
        let near = amount.rounded(places, Rounding::HalfUp);
        let unit = Exact::new(1, places).unwrap_or(Exact::ZERO);
        match self {
            Self::Even => amount.rounded(places, Rounding::HalfEven),
            Self::Up if near < amount => near.plus(unit).unwrap_or(near),
            Self::Down if near > amount => near.minus(unit).unwrap_or(near),
            Self::Nearest | Self::Up | Self::Down | Self::Float => near,
        }
    }
}

impl Change {
    /// The period at whose prices a record is charged.
    pub(super) const fn period(&self) -> Option<Period> {
        match self {
            Self::At { instant, .. } => Some(Period::at(crate::time::Instant(*instant))),
            _ => None,
        }
    }
}
