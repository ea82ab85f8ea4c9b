//! What a question leaves open, and how it is filled in: each default is said, and `--strict` has none.

use anyhow::{Result, bail};
use tokreckon::book::{Found, PriceBook};
use tokreckon::grade::{Assumption, Assumptions};

use crate::context::with_hint;
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
