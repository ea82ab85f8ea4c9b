//! An answer of the book, and for how long it is the answer.

use super::FindError;
use crate::price::RateCard;
use crate::time::Period;

/// What the book says to a question, and for how long it says the same.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answer<'b> {
    /// The card, or a typed reason why there is none; there is no fallback price.
    pub card: Result<RateCard<'b>, FindError>,
    /// When the same question with another period has this same answer.
    pub holds: Holds,
}

/// For which periods an [`Answer`] stays the same, all else of the question being equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// For every instant and every longer period inside of these Unix seconds `[start, end)`.
    Within(i64, i64),
    /// For this period as a whole: something changes in the course of it.
    Only(Period),
}

impl Holds {
    /// For every period.
    pub const ALWAYS: Self = Self::Within(i64::MIN, i64::MAX);
}
