//! Which prices of a model hold under the conditions of a query: its variant and its service tier.

use super::{FindError, Found, Known, Query};
use crate::price::{Rate, ServiceTier, Standing};
use crate::usage::Meter;

/// The prices of the variant that is asked for.
pub(super) fn by_variant<'b>(
    found: &Found<'b>,
    all: &[Rate<'b>],
    query: &Query<'_>,
) -> Result<Vec<Rate<'b>>, FindError> {
    let Known::Is(variant) = query.variant else {
        return Ok(all.to_vec());
    };
    // An id that names its own region is not overruled: asking for another one finds nothing.
    let of_id = !found.variant.is_empty() && (variant.is_empty() || variant == found.variant);
    let variant = if of_id { found.variant } else { variant };
    let all = if of_id || found.variant.is_empty() { all } else { &[] };
    let of = |variant: &str| -> Vec<_> {
        all.iter().copied().filter(|rate| rate.variant() == variant).collect()
    };
    let mut rates = of(variant);
    if is_search_size(variant) {
        // The size decides the fee of the search and nothing else, at the few models that have one. A
        // size without a fee is an error where other sizes have one, never the price of no search.
        let is_by_size = all.iter().any(|rate| is_search_size(rate.variant()));
        if !rates.is_empty() || !is_by_size {
            rates.extend(of(""));
        }
    } else if variant.is_empty() {
        // A request may have had any size where nobody says which.
        rates.extend(all.iter().copied().filter(|rate| is_search_size(rate.variant())));
    }
    if rates.is_empty() && is_upstream(variant) {
        // Who answered on behalf of the seller is told with every response. Where all of the model's
        // upstreams have one price in the book, it holds for this one; where they differ, it may be
        // any of them.
        let is_any = |rate: &Rate<'_>| rate.variant().is_empty() || is_upstream(rate.variant());
        rates = all.iter().copied().filter(is_any).collect();
    }
    if rates.is_empty() {
        let mut known: Vec<_> = all.iter().map(|rate| quoted(rate.variant())).collect();
        known.sort_unstable();
        known.dedup();
        return Err(FindError::NoSuchVariant {
            provider: found.provider.to_owned(),
            model: found.model.to_owned(),
            variant: variant.to_owned(),
            known,
        });
    }
    Ok(rates)
}

/// True for the variant of one upstream, as readers name it.
fn is_upstream(variant: &str) -> bool {
    variant.starts_with("upstream=")
}

/// True for the amount of context that a search brought, as readers name it: Perplexity's fee of a
/// request depends on it. Its prices stand beside those of the model, they do not replace them.
pub(crate) fn is_search_size(variant: &str) -> bool {
    variant.starts_with("search=")
}

fn quoted(variant: &str) -> String {
    if variant.is_empty() { "none".to_owned() } else { format!("`{variant}`") }
}

/// The prices of the service tier that is asked for.
pub(super) fn by_service_tier<'b>(
    found: &Found<'b>,
    all: &[Rate<'b>],
    query: &Query<'_>,
    strict: bool,
) -> Result<Vec<Rate<'b>>, FindError> {
    let listed = |rate: &Rate<'_>| !strict || rate.standing() != Standing::ByRule;
    let all: Vec<Rate<'b>> = all.iter().copied().filter(listed).collect();
    let Known::Is(tier) = query.service_tier else {
        return Ok(all);
    };
    let rates: Vec<_> = all.iter().copied().filter(|rate| rate.service_tier() == tier).collect();
    if rates.is_empty() {
        let mut known: Vec<_> = all.iter().map(Rate::service_tier).collect();
        known.sort_unstable();
        known.dedup();
        return Err(FindError::NoSuchServiceTier {
            provider: found.provider.to_owned(),
            model: found.model.to_owned(),
            service_tier: tier,
            known: known.into_iter().map(|tier| tier.to_string()).collect(),
        });
    }
    Ok(rates)
}

/// The prices of searches and of other tools that a service tier takes from the standard one, where it
/// has none of its own: providers charge them by the call, in a batch and with priority alike.
pub(super) fn tools_of_standard<'b>(
    all: &[Rate<'b>],
    of_tier: &[Rate<'b>],
    query: &Query<'_>,
) -> Vec<Rate<'b>> {
    const TOOLS: [Meter; 4] =
        [Meter::WebSearches, Meter::MapsGroundings, Meter::FileSearches, Meter::CodeSessions];
    if matches!(query.service_tier, Known::Unknown | Known::Is(ServiceTier::Standard)) {
        return Vec::new();
    }
    let has_own = |meter| of_tier.iter().any(|rate| rate.meter() == meter);
    let is_taken = |rate: &&Rate<'b>| {
        rate.service_tier() == ServiceTier::Standard
            && TOOLS.contains(&rate.meter())
            && !has_own(rate.meter())
    };
    all.iter().filter(is_taken).copied().collect()
}
