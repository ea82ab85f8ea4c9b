//! What a question leaves open, and how it is filled in: each default is said, and `--strict` has none.

use anyhow::{Result, bail};
use tokreckon::book::{Found, PriceBook};
use tokreckon::grade::{Assumption, Assumptions, Doubt};
use tokreckon::time::{Period, day_text};
use tokreckon_data::BOOK_DAY;

use crate::context::with_hint;
use crate::options::in_options;
use crate::words::unknown_model;

/// The seller of a model of which only the id is known: its maker, or the only one that sells it.
pub(crate) fn seller<'b>(book: &PriceBook<'b>, model: &str) -> Result<Found<'b>> {
    book.billed_by(model).map_err(|sellers| {
        if sellers.is_empty() {
            return unknown_model(book, model);
        }
        let hint = format!("`--provider`: one of {}", sellers.join(", "));
        with_hint(format!("who sends the bill for `{model}`?"), Some(hint))
    })
}

/// `the maker's own API (openai), today's prices, nothing cached`; empty for nothing.
pub(crate) fn assumed_text(assumptions: Assumptions, provider: &str) -> String {
    let words = assumptions.iter().map(|assumption| match assumption {
        Assumption::Provider if PriceBook::is_maker(provider) => {
            format!("the maker's own API ({provider})")
        }
        Assumption::Provider if !provider.is_empty() => {
            format!("{provider}, which sells this very id")
        }
        other => other.explanation().to_owned(),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// What to say for an amount without this doubt; `is_typed` for counts of the command line.
pub(crate) fn cure(doubt: Doubt, is_typed: bool) -> Option<String> {
    match doubt {
        Doubt::RequestFees if is_typed => Some("say of how many: `--requests 1000`".to_owned()),
        Doubt::RequestFees | Doubt::ServiceTier => doubt.hint().as_ref().map(in_options),
        _ => None,
    }
}

/// `retired: `m` at p, by the book since 2026-11-30`.
pub(crate) fn retired_text(model: &str, provider: &str, end: &str) -> String {
    format!("retired: `{model}` at {provider}, by the book since {end}")
}

/// An error when something is taken for granted, with what to say instead.
pub(crate) fn refuse_assumed(assumptions: Assumptions, provider: &str) -> Result<()> {
    if assumptions.is_empty() {
        return Ok(());
    }
    let cures = assumptions.iter().filter_map(|assumption| match assumption {
        Assumption::Provider => Some(format!("`--provider {provider}`").replace(" `", "`")),
        Assumption::Now => Some("`--at TIME`".to_owned()),
        Assumption::NothingCached => Some("`--cached TOKENS`".to_owned()),
        Assumption::StandardTier => Some("`--service-tier TIER`".to_owned()),
        Assumption::NoVariant => Some("`--variant VARIANT`".to_owned()),
        _ => None,
    });
    let cures: Vec<String> = cures.collect();
    let hint =
        if cures.is_empty() { String::new() } else { format!("\nhint: say {}", cures.join(", ")) };
    bail!("`--strict` does not assume: {}{hint}", assumed_text(assumptions, provider))
}

/// Days for which the prices that the book saw last are taken to be those of today.
const FRESH_DAYS: i64 = 30;

/// One line for usage that is much younger than the book; `None` for usage that the book may know.
pub(crate) fn age_note(usage: Period) -> Option<String> {
    let day = usage.end.day().max(usage.start.day());
    let days = day - i64::from(BOOK_DAY);
    (days > FRESH_DAYS).then(|| {
        format!(
            "usage of {}: {days} days after the book last saw a price ({}); what changed since then it does not know\n  hint: a newer release, or a layer from tables of the day: `tokreckon prices refresh --user`",
            day_text(day),
            day_text(BOOK_DAY.into())
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_much_younger_than_the_book_is_said() {
        let on = |days: i64| {
            let day = Period::parse(&day_text(i64::from(BOOK_DAY) + days)).expect("a day");
            age_note(Period::at(day.start))
        };
        assert_eq!(on(FRESH_DAYS), None);
        assert!(on(FRESH_DAYS + 1).is_some_and(|note| note.contains("31 days after")));
    }
}
