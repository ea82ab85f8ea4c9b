//! Until when a model can be asked: what the book says of its end.

use super::PriceBook;
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

/// True for a period that starts on the day, or in the month, of an end, or after it; an empty text is
/// no end.
pub(crate) fn is_over(end: &str, period: Period) -> bool {
    let day = day_text(period.start.day());
    !end.is_empty() && end <= day.get(..end.len()).unwrap_or(&day)
}
