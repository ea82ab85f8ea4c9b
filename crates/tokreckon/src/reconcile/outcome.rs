//! What came of a comparison: cells, gaps, causes that add up to them.

use std::collections::BTreeMap;

use super::change::Cause;
use super::key::{Context, Key, NotCompared};
use super::keys::UnitKey;
use super::line_item::Class;
use super::not_priced::NotPriced;
use crate::money::{Currency, Exact, InexactError};
use crate::report::Bounds;
use crate::time::{Instant, Period};

/// What came of one comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// Billed to the last digit as computed.
    Equal,
    /// The usage leaves the price open, and the bill lies between the bounds.
    WithinBounds,
    /// One cause fits to the last digit.
    Explained,
    /// Several causes fit to the last digit; the simplest one was taken.
    Ambiguous,
    /// It cannot be said: the bill is not below what has a price, and other usage has none; or the
    /// currencies differ.
    Open,
    /// Nothing fits.
    Unexplained,
}

impl Verdict {
    /// The word for people and machines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::WithinBounds => "within-bounds",
            Self::Explained => "explained",
            Self::Ambiguous => "ambiguous",
            Self::Open => "open",
            Self::Unexplained => "unexplained",
        }
    }
}

/// A part of a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GapPart {
    /// Why.
    pub cause: Cause,
    /// How much; above zero when the bill is higher for it.
    pub amount: Exact,
    /// In words.
    pub what: String,
}

/// Another explanation that fits as well.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reading {
    /// Its causes.
    pub causes: Vec<Cause>,
    /// In words.
    pub what: String,
}

/// Both sides of one kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClassSums {
    /// Kind of token.
    pub class: Class,
    /// What was billed for it; `None` without a row.
    pub billed: Option<Exact>,
    /// What the usage costs; `None` without usage.
    pub computed: Option<Bounds>,
}

/// Bill and usage under one combination of keys.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Compared {
    /// A label for each key.
    pub labels: Vec<(Key, String)>,
    /// The bill's text of a line that is compared with nothing; empty otherwise.
    pub line: String,
    /// Currency of every amount here.
    pub currency: Currency,
    /// What was billed; `None` without a row.
    pub billed: Option<Exact>,
    /// Rows of the bill.
    pub bill_rows: u64,
    /// What the usage costs; `None` without usage.
    pub computed: Option<Bounds>,
    /// Records of usage.
    pub records: u64,
    /// Both sides by kind of token.
    pub classes: Vec<ClassSums>,
    /// Billed minus computed; where the usage leaves the price open, minus what is nearest to the
    /// bill; where a part of it has no price, minus what the others cost at least.
    pub gap: Exact,
    /// Billed minus the most that is computed; `None` where that has no upper end.
    pub gap_low: Option<Exact>,
    /// Billed minus the least that is computed.
    pub gap_high: Exact,
    /// Usage whose cost has no upper end.
    pub not_priced: Vec<NotPriced>,
    /// What came of it.
    pub verdict: Verdict,
    /// The gap by causes: they add up to it.
    pub parts: Vec<GapPart>,
    /// Other explanations that fit as well.
    pub others: Vec<Reading>,
}

/// Sums in one currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sums {
    /// What was billed.
    pub billed: Exact,
    /// What the usage costs.
    pub computed: Bounds,
    /// The sum of the gaps.
    pub gap: Exact,
    /// Billed minus the most that is computed; `None` where that has no upper end.
    pub gap_low: Option<Exact>,
    /// Billed minus the least that is computed.
    pub gap_high: Exact,
}

/// What one cause comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CauseSum {
    /// The sum of its parts.
    pub amount: Exact,
    /// Comparisons that it is a part of.
    pub cells: u64,
}

/// A bill and usage, compared.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reconciliation {
    /// What they were compared by: the coarsest keys that both have.
    pub keys: Vec<Key>,
    /// What they could not be compared by, and why.
    pub not_compared: Vec<(Key, NotCompared)>,
    /// Every comparison, the largest gap first.
    pub cells: Vec<Compared>,
    /// Sums by currency.
    pub sums: BTreeMap<Currency, Sums>,
    /// The gaps by cause.
    pub causes: BTreeMap<(Currency, Cause), CauseSum>,
    /// Lines of the bill that name neither a model nor a fee that is known, with their rows.
    pub unknown_line_items: BTreeMap<String, u64>,
    /// Rows of the bill without an amount.
    pub rows_without_amount: u64,
    /// Gaps that were too large a puzzle to try pairs of causes on.
    pub not_tried_in_pairs: u64,
    /// Rows of the usage that were rejected: what they cost is in no sum.
    pub rejected_rows: u64,
}

/// A bill could not be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReconcileError {
    /// A sum needs more than 38 digits.
    #[error(transparent)]
    Inexact(#[from] InexactError),
    /// The causes do not add up to the gap, which would be a mistake of this program.
    #[error("the causes add up to {causes}, the gap is {gap}")]
    DoesNotAddUp {
        /// The sum of the causes.
        causes: Exact,
        /// The gap.
        gap: Exact,
    },
}

impl Reconciliation {
    /// True when something was billed for which there is no usage.
    #[must_use]
    pub fn has_missing_usage(&self) -> bool {
        self.causes.keys().any(|(_, cause)| *cause == Cause::MissingUsage)
    }

    /// True when something remains unexplained or open, or a line of the bill is about nothing known.
    #[must_use]
    pub fn has_unexplained(&self) -> bool {
        self.causes.keys().any(|(_, cause)| cause.is_unexplained() || cause.is_open())
    }

    /// How many comparisons came to each verdict.
    #[must_use]
    pub fn verdicts(&self) -> BTreeMap<Verdict, u64> {
        let mut verdicts = BTreeMap::new();
        for cell in &self.cells {
            *verdicts.entry(cell.verdict).or_default() += 1;
        }
        verdicts
    }

    /// Sums and causes of these comparisons, which are checked to add up.
    pub(super) fn of(mut cells: Vec<Compared>) -> Result<Self, ReconcileError> {
        let mut sums: BTreeMap<Currency, Sums> = BTreeMap::new();
        let mut causes: BTreeMap<(Currency, Cause), CauseSum> = BTreeMap::new();
        for cell in &cells {
            let new = || Sums { gap_low: Some(Exact::ZERO), ..Sums::default() };
            let sum = sums.entry(cell.currency).or_insert_with(new);
            sum.billed = sum.billed.plus(cell.billed.unwrap_or_default())?;
            let computed = cell.computed.unwrap_or_default();
            sum.computed.low = sum.computed.low.plus(computed.low)?;
            sum.computed.high = sum.computed.high.plus(computed.high)?;
            sum.computed.open |= computed.open;
            sum.gap = sum.gap.plus(cell.gap)?;
            sum.gap_high = sum.gap_high.plus(cell.gap_high)?;
            let lows = sum.gap_low.zip(cell.gap_low);
            sum.gap_low = lows.map(|(sum, low)| sum.plus(low)).transpose()?;
            let mut parts = Exact::ZERO;
            let mut seen = Vec::new();
            for part in &cell.parts {
                parts = parts.plus(part.amount)?;
                let cause = causes.entry((cell.currency, part.cause)).or_default();
                cause.amount = cause.amount.plus(part.amount)?;
                cause.cells += u64::from(!seen.contains(&part.cause));
                seen.push(part.cause);
            }
            adds_up(parts, cell.gap)?;
        }
        for (currency, sum) in &sums {
            let own = causes.iter().filter(|((of, _), _)| of == currency);
            let total = own.map(|(_, cause)| cause.amount).try_fold(Exact::ZERO, Exact::plus)?;
            adds_up(total, sum.gap)?;
        }
        let size = |gap: Exact| if gap.is_negative() { gap.negated() } else { Ok(gap) };
        cells.sort_by_cached_key(|cell| {
            let size = size(cell.gap).unwrap_or(cell.gap);
            (std::cmp::Reverse(size), cell.labels.clone(), cell.line.clone())
        });
        Ok(Self {
            keys: Vec::new(),
            not_compared: Vec::new(),
            cells,
            sums,
            causes,
            unknown_line_items: BTreeMap::new(),
            rows_without_amount: 0,
            not_tried_in_pairs: 0,
            rejected_rows: 0,
        })
    }
}

/// What was billed minus what was computed, at least and at most.
pub(super) fn gap_between(
    billed: Exact,
    computed: &Bounds,
) -> Result<(Option<Exact>, Exact), InexactError> {
    let low = (!computed.open).then(|| billed.minus(computed.high)).transpose()?;
    Ok((low, billed.minus(computed.low)?))
}

fn adds_up(causes: Exact, gap: Exact) -> Result<(), ReconcileError> {
    if causes == gap { Ok(()) } else { Err(ReconcileError::DoesNotAddUp { causes, gap }) }
}

impl UnitKey {
    /// A label for each key.
    pub(super) fn labels(&self, keys: &[Key]) -> Vec<(Key, String)> {
        let label = |key: Key| {
            Some(match key {
                Key::Period => {
                    Period { start: Instant(self.span.0), end: Instant(self.span.1) }.to_string()
                }
                Key::Provider => self.provider.clone(),
                Key::Model => self.model.clone(),
                Key::Context => self.context.map_or("", Context::name).to_owned(),
                Key::Project => self.project.clone(),
                Key::ApiKey => self.api_key.clone(),
                Key::User => self.user.clone(),
                Key::Class => return None,
            })
        };
        keys.iter().filter_map(|&key| Some((key, label(key)?))).collect()
    }
}
