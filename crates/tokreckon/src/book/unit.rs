//! What one of a meter costs.

use super::{FindError, PriceBook, Query};
use crate::price::{Entry, RateRange};
use crate::time::Period;
use crate::usage::Meter;

impl<'b> PriceBook<'b> {
    /// What one of a meter costs in the standard tier: the price, or the range with its reasons, and
    /// the sources.
    /// `None` when the model is in the book and the meter has no price there.
    ///
    /// ```
    /// use tokreckon::prelude::*;
    ///
    /// let day = Period::parse("2025-04-09")?;
    /// let price = PriceBook::builtin().unit_price("openai", "o1-mini", Meter::Input, day)?;
    /// assert_eq!(price.ok_or("no price")?.low.to_string(), "1.10 USD per 1M tokens");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the book has no card for the model at that time.
    pub fn unit_price(
        &self,
        provider: &str,
        model: &str,
        meter: Meter,
        period: Period,
    ) -> Result<Option<RateRange<'b>>, FindError> {
        let card = self.find(&Query::new(provider, model, period))?;
        let entry = card.brackets.first().and_then(|base| base.entry(meter));
        Ok(match entry {
            Some(Entry::Rate(range)) => Some(range.clone()),
            _ => None,
        })
    }
}
