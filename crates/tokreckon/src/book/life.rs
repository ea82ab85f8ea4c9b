//! What the book says of a model besides its prices: its release, its end, what one request can have.

use tokreckon_data::table::{ModelFacts, Tables};

use super::{Found, PriceBook};
use crate::price::Most;
use crate::time::{Period, day_text};

impl<'b> PriceBook<'b> {
    /// The day, or the month, in which a provider shut the model down, where a request of this period
    /// would come too late; `None` while it serves, and where the book knows no end.
    ///
    /// ```
    /// use tokreckon::book::PriceBook;
    /// use tokreckon::time::Period;
    ///
    /// let book = PriceBook::builtin();
    /// let on = |day| book.retired("openai", "o1-mini", Period::parse(day).expect("a day"));
    /// assert_eq!((on("2025-10-26"), on("2025-10-27")), (None, Some("2025-10-27")));
    /// ```
    #[must_use]
    pub fn retired(&self, provider: &str, model: &str, period: Period) -> Option<&'b str> {
        let (tables, facts) = self.facts(provider, model)?;
        let end = tables.str(facts.retired);
        is_over(end, period).then_some(end)
    }
}

impl<'b> Found<'b> {
    /// Its facts, the user's before the built-in ones.
    pub(super) fn facts(&self) -> impl Iterator<Item = (&'b Tables, &'b ModelFacts)> {
        self.rows.iter().rev().filter_map(|(_, tables, row)| {
            Some((*tables, tables.facts.get((row.facts as usize).checked_sub(1)?)?))
        })
    }

    /// The first second of the model's release day, where the book knows it to the day.
    pub(super) fn released(&self) -> Option<i64> {
        self.facts()
            .find_map(|(tables, facts)| Some(Period::of_date(tables.str(facts.released))?.start.0))
    }

    /// What one request can have.
    pub(super) fn most(&self) -> Most {
        self.facts().next().map(|(_, facts)| Most::of(facts)).unwrap_or_default()
    }
}

/// True for a period that starts on the day, or in the month, of an end, or after it; an empty text is
/// no end.
pub(crate) fn is_over(end: &str, period: Period) -> bool {
    let day = day_text(period.start.day());
    !end.is_empty() && end <= day.get(..end.len()).unwrap_or(&day)
}
