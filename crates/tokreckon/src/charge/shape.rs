//! Whether counts are of one request or of many.

use crate::price::RateCard;
use crate::usage::{Meter, Usage};

/// Whether counts are those of one request or of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// One request.
    Request,
    /// A sum over requests, such as a day's bucket.
    Sum {
        /// How many, if reported.
        requests: Option<u64>,
    },
}

impl Shape {
    /// True for one request: its tokens say which price tier it falls into.
    #[must_use]
    pub const fn is_one_request(self) -> bool {
        matches!(self, Self::Request | Self::Sum { requests: Some(1) })
    }
}

impl RateCard<'_> {
    /// Whether a usage of which nobody says so can be one request of the model: it is a sum of nobody knows
    /// how many where it has more input than the model reads, or more output than it writes, at once.
    ///
    /// ```
    /// use tokreckon::book::{PriceBook, Query};
    /// use tokreckon::charge::Shape;
    /// use tokreckon::time::Period;
    /// use tokreckon::usage::{Meter, Usage};
    ///
    /// let day = Period::parse("2026-10-01").unwrap();
    /// let card = PriceBook::builtin().find(&Query::new("google", "gemini-2.5-pro", day)).unwrap();
    /// let shape = |tokens| card.shape_of(&Usage::NONE.with(Meter::Input, tokens));
    /// assert_eq!(shape(1_000_000), Shape::Request);
    /// assert_eq!(shape(10_000_000), Shape::Sum { requests: None });
    /// ```
    #[must_use]
    pub fn shape_of(&self, usage: &Usage) -> Shape {
        if self.most.reads(usage.prompt_tokens()) && self.most.writes(usage.output_tokens()) {
            Shape::Request
        } else {
            Shape::Sum { requests: None }
        }
    }

    /// True for a card that lists a price for a request: hardly any does.
    pub(crate) fn lists_requests(&self) -> bool {
        self.base().entry(Meter::Requests).is_some()
    }

    /// Adds the requests themselves to a usage, where the card has a price for one and nothing else says
    /// how often it was asked; false where that is a sum of nobody knows how many.
    pub(crate) fn add_requests(&self, usage: &mut Usage, shape: Shape) -> bool {
        if !self.lists_requests() || usage.counts_besides_tokens() || !self.charges(Meter::Requests)
        {
            return true;
        }
        let requests = match shape {
            Shape::Request => self.most.reads(usage.prompt_tokens()).then_some(1),
            Shape::Sum { requests } => requests,
        };
        *usage = usage.with(Meter::Requests, requests.unwrap_or(0));
        requests.is_some()
    }
}
