//! A charge to keep.

use super::{AmountDocument, codes};
use crate::charge::{Charge, LineItem, Unpriced};
use crate::grade::{Assumption, Assumptions, Doubt, Grade};
use crate::price::{Rate, State, bound_text};
use crate::report::Bounds;

/// A charge: the amount, how far it can be trusted, and every line with the prices behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ChargeDocument {
    /// Shape and its version: [`ChargeDocument::SCHEMA`].
    pub schema: String,
    /// Who sends the bill.
    pub provider: String,
    /// Model id as the book lists it.
    pub model: String,
    /// Model id as the usage writes it; none for a charge of several records.
    pub asked_model: Option<String>,
    /// When the usage happened: a day, an instant, or `start/end`; none for a charge of several records.
    pub period: Option<String>,
    /// `exact`, `assumed`, `between` or `unknown`.
    pub grade: String,
    /// What it comes to.
    pub total: AmountDocument,
    /// Codes of what makes it a range; see [`Doubt::code`].
    pub doubts: Vec<String>,
    /// Codes of what it takes for granted; see [`Assumption::code`].
    pub assumptions: Vec<String>,
    /// What rounding the lines added.
    pub rounding_difference: String,
    /// The priced part.
    pub lines: Vec<LineDocument>,
    /// The part without a price.
    pub unpriced: Vec<UnpricedDocument>,
}

/// Meter × quantity × unit price.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct LineDocument {
    /// What was counted.
    pub meter: String,
    /// The meter whose price applies.
    pub priced_as: String,
    /// How many.
    pub quantity: String,
    /// Lowest unit price.
    pub unit_price_low: String,
    /// Highest unit price.
    pub unit_price_high: String,
    /// What the unit price is for, such as `1000000 tokens`.
    pub unit: String,
    /// Currency of the unit price.
    pub unit_price_currency: String,
    /// `exact`, `assumed`, `between` or `unknown`.
    pub grade: String,
    /// Quantity × unit price.
    pub cost: AmountDocument,
    /// Codes of what makes it a range.
    pub doubts: Vec<String>,
    /// Codes of what it takes for granted, by its price or by its record.
    pub assumptions: Vec<String>,
    /// The book's prices behind it.
    pub rates: Vec<RateDocument>,
}

/// One unit price of the book with all that is known about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RateDocument {
    /// What is counted.
    pub meter: String,
    /// `priced`, `free`, `not-offered` or `not-sourced`.
    pub state: String,
    /// Amount for one unit; none without a price.
    pub amount: Option<String>,
    /// Such as `1000000 tokens`.
    pub unit: Option<String>,
    /// Currency of the amount.
    pub currency: String,
    /// Service tier.
    pub service_tier: String,
    /// Further condition such as `geo=us`; empty for none.
    pub variant: String,
    /// Hours in which it holds; empty for all.
    pub hours: String,
    /// Prompt tokens of its price tier; 0 for the base.
    pub threshold: u64,
    /// Start of its period.
    pub from: String,
    /// End of its period.
    pub until: String,
    /// How well it is supported.
    pub standing: String,
    /// Day on which a source was last seen to hold it.
    pub seen: String,
    /// Where it comes from.
    pub source: String,
    /// Why the period starts when it starts.
    pub basis: String,
    /// Competing values seen elsewhere.
    pub also_seen: String,
    /// Anything else worth knowing.
    pub note: String,
}

/// A count without a price.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct UnpricedDocument {
    /// What was counted.
    pub meter: String,
    /// How many.
    pub quantity: String,
    /// `not-offered`, `not-sourced` or `not-listed`.
    pub state: String,
}

impl UnpricedDocument {
    pub(super) fn new(meter: crate::usage::Meter, quantity: u128, state: Option<State>) -> Self {
        Self {
            meter: meter.to_string(),
            quantity: quantity.to_string(),
            state: state.map_or("not-listed", State::as_str).to_owned(),
        }
    }
}

impl ChargeDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-charge/1";
}

impl From<&Charge<'_>> for ChargeDocument {
    fn from(charge: &Charge<'_>) -> Self {
        let bounds = Bounds {
            low: charge.low.amount,
            high: charge.high.unwrap_or(charge.low).amount,
            open: charge.high.is_none(),
        };
        // What the record takes for granted, besides what single prices do, every line does.
        let of_lines = charge.lines.iter().flat_map(|line| line.assumptions.iter());
        let of_lines = of_lines.fold(Assumptions::NONE, Assumptions::with);
        let of_record = charge.assumptions.iter().filter(|one| !of_lines.contains(*one));
        let of_record = of_record.fold(Assumptions::NONE, Assumptions::with);
        let lines = charge.lines.iter().map(|line| line_document(line, charge, of_record));
        Self {
            schema: Self::SCHEMA.to_owned(),
            provider: charge.provider.to_owned(),
            model: charge.model.to_owned(),
            asked_model: charge.asked.as_ref().map(|asked| asked.model.clone()),
            period: charge.asked.as_ref().map(|asked| asked.period.to_string()),
            grade: charge.grade().to_string(),
            total: AmountDocument::new(charge.low.currency, &bounds),
            doubts: codes(charge.doubts.iter(), Doubt::code),
            assumptions: codes(charge.assumptions.iter(), Assumption::code),
            rounding_difference: charge.rounding_difference.to_string(),
            lines: lines.collect(),
            unpriced: charge.unpriced.iter().map(UnpricedDocument::from).collect(),
        }
    }
}

impl From<&Unpriced<'_>> for UnpricedDocument {
    fn from(unpriced: &Unpriced<'_>) -> Self {
        Self::new(unpriced.meter, unpriced.quantity, unpriced.state)
    }
}

fn line_document(line: &LineItem<'_>, charge: &Charge<'_>, of_record: Assumptions) -> LineDocument {
    let assumptions = line.assumptions.union(of_record);
    LineDocument {
        meter: line.meter.to_string(),
        priced_as: line.priced_as.to_string(),
        quantity: line.quantity.to_string(),
        unit_price_low: line.low_price.amount.to_string(),
        unit_price_high: line.high_price.amount.to_string(),
        unit: format!("{} {}", line.low_price.per, line.low_price.noun),
        unit_price_currency: line.low_price.currency.to_string(),
        grade: Grade::of(line.low, Some(line.high), assumptions).to_string(),
        cost: AmountDocument::closed(charge.low.currency, line.low, line.high),
        doubts: codes(line.doubts.iter(), Doubt::code),
        assumptions: codes(assumptions.iter(), Assumption::code),
        rates: line.rates.iter().map(RateDocument::from).collect(),
    }
}

impl From<&Rate<'_>> for RateDocument {
    fn from(rate: &Rate<'_>) -> Self {
        let price = rate.unit_price();
        Self {
            meter: rate.meter().to_string(),
            state: rate.state().as_str().to_owned(),
            amount: price.map(|price| price.amount.to_string()),
            unit: price.map(|price| format!("{} {}", price.per, price.noun)),
            currency: rate.currency().to_string(),
            service_tier: rate.service_tier().as_str().to_owned(),
            variant: rate.variant().to_owned(),
            hours: rate.window(),
            threshold: rate.threshold(),
            from: bound_text(rate.from()),
            until: bound_text(rate.until()),
            standing: rate.standing().as_str().to_owned(),
            seen: rate.seen(),
            source: rate.source().to_owned(),
            basis: rate.basis().to_owned(),
            also_seen: rate.also_seen().to_owned(),
            note: rate.note().to_owned(),
        }
    }
}
