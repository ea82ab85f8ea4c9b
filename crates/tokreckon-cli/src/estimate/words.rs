//! Kinds of numbers, costs and findings in words.

use tokreckon::document::{CardDocument, RequestFindingDocument};
use tokreckon::estimate::{Cost, RequestFinding};
use tokreckon::money::Exact;
use tokreckon::price::RateCard;
use tokreckon::reasoning::{HeldShare, Kind};
use tokreckon::usage::{Meter, Usage};
use tokreckon::words::grouped_text;

use super::{Cached, Priced, Setup};
use crate::price::{source_text, sources};
use crate::print::{Remarks, bounds_cells};

pub(super) fn kind(kind: Kind) -> String {
    match kind {
        Kind::Exact => "exact".to_owned(),
        Kind::Estimate(None) => "estimate, coverage not measured".to_owned(),
        Kind::Estimate(Some(HeldShare { low, mean, high, .. })) => format!(
            "estimate, held for {} % ({} to {} %)",
            percent(mean),
            percent(low),
            percent(high)
        ),
        Kind::Cap => "cap".to_owned(),
        Kind::Assumption => "assumption".to_owned(),
    }
}

/// The answer in one line: what it costs about, what nine of ten cost at most, and the cap.
pub(super) fn headline(about: &Priced, most: &Priced, cap: &Priced, times: &str) -> Option<String> {
    let (about, most) = (about.as_ref().ok()?, most.as_ref().ok()?);
    if about.bounds.open || most.bounds.open {
        return None;
    }
    let currency = about.currency.as_str();
    let middle = rough(about.bounds.high, currency, false);
    let upper = rough(most.bounds.high, currency, true);
    let cap = match cap {
        Ok(cap) if !cap.bounds.open => {
            format!("never above {}", rough(cap.bounds.high, currency, true))
        }
        _ => "no upper bound is known".to_owned(),
    };
    Some(format!("about {middle}; {times} below {upper}; {cap}"))
}

/// An amount in two digits, small ones of dollars and euros in cents; a bound is rounded up.
fn rough(amount: Exact, currency: &str, up: bool) -> String {
    let cents = matches!(currency, "USD" | "EUR") && amount < Exact::ONE;
    let hundred = Exact::new(100, 0).ok().filter(|_| cents);
    let shown = hundred.and_then(|hundred| amount.times(hundred).ok());
    let (amount, unit) = shown.map_or((amount, currency), |shown| (shown, "ct"));
    let (mantissa, scale) = (amount.mantissa(), amount.scale());
    let drop = mantissa.unsigned_abs().checked_ilog10().unwrap_or(0).saturating_sub(1);
    let unit_of = 10i128.pow(drop);
    let (whole, rest) = (mantissa / unit_of, mantissa % unit_of);
    let more = if up { rest > 0 } else { rest * 2 >= unit_of && drop > 0 };
    let whole = whole + i128::from(more);
    let rounded = match scale.checked_sub(drop) {
        Some(places) => Exact::new(whole, places),
        None => Exact::new(whole.saturating_mul(10i128.pow(drop - scale)), 0),
    };
    format!("{} {unit}", grouped_text(&rounded.unwrap_or(amount).to_string()))
}

/// Thousandths as a percentage.
fn percent(per_mille: u16) -> String {
    let (whole, tenth) = (per_mille / 10, per_mille % 10);
    if tenth == 0 { whole.to_string() } else { format!("{whole}.{tenth}") }
}

/// Cost and upper bound; a cost without any known part is unknown.
pub(super) fn cost_cells(cost: &Priced) -> [String; 2] {
    match cost {
        Ok(cost) if cost.bounds.open && cost.bounds.low == Exact::ZERO => unknown(),
        Ok(cost) => bounds_cells(&cost.bounds),
        Err(_) => unknown(),
    }
}

fn unknown() -> [String; 2] {
    ["unknown".to_owned(), String::new()]
}

pub(super) fn currency<'c>(costs: impl IntoIterator<Item = &'c Priced>) -> String {
    let known = costs.into_iter().find_map(|cost| cost.as_ref().ok());
    known.map_or_else(|| "cost".to_owned(), |cost: &Cost| cost.currency.to_string())
}

/// Findings for machines.
pub(super) fn found(findings: &[RequestFinding]) -> Vec<RequestFindingDocument> {
    findings.iter().map(RequestFindingDocument::from).collect()
}

pub(super) fn finding(finding: &RequestFinding) -> String {
    let word = if finding.refused { "refused" } else { "warning" };
    format!("{word} [{}]: {}", finding.code, finding.says)
}

/// What would be refused goes first: into the headline, and each reason below it.
pub(super) fn add_refusals(remarks: &mut Remarks, whose: &str, findings: &[RequestFinding]) {
    let refused: Vec<String> =
        findings.iter().filter(|finding| finding.refused).map(finding).collect();
    if refused.is_empty() {
        return;
    }
    let all_the_same =
        remarks.headline.take().map_or(String::new(), |said| format!("; if not: {said}"));
    remarks.headline = Some(format!("{whose} would be refused{all_the_same}"));
    remarks.reasons.splice(0..0, refused);
}

/// Findings that only warn, below the sheet.
pub(super) fn add_warnings(remarks: &mut Remarks, findings: &[RequestFinding]) {
    for warning in findings.iter().filter(|finding| !finding.refused) {
        remarks.add(&finding(warning));
    }
}

/// What of the prompt is taken to be cached.
pub(super) fn cached(cached: Cached) -> String {
    match cached {
        Cached::NotSaid => {
            "assumption: nothing of the prompt is read from a cache (`--cached-prefix`)".to_owned()
        }
        Cached::Tokens(tokens) => {
            format!("assumption: {tokens} tokens of each prompt are read from a cache")
        }
        Cached::Fraction(fraction) => {
            format!("assumption: {fraction} of each prompt is read from a cache")
        }
    }
}

/// Everything that is assumed.
pub(super) fn assumptions(setup: &Setup<'_>) -> Vec<String> {
    let visible = setup
        .args
        .visible
        .map(|tokens| format!("assumption: {tokens} visible tokens in each answer"));
    visible.into_iter().chain([cached(setup.cached)]).collect()
}

/// The card and the sources of its prices, or why there is none.
pub(super) fn card_document(card: &Result<RateCard<'_>, String>, with_cache: bool) -> CardDocument {
    let charge = card.as_ref().ok().and_then(|card| {
        let usage = Usage::NONE.with(Meter::Input, 1).with(Meter::Output, 1);
        card.charge(&usage.with(Meter::CacheRead, u64::from(with_cache))).ok()
    });
    let sources = charge.iter().flat_map(sources);
    let sources = sources.map(|(meters, rate)| (meters, source_text(rate)));
    CardDocument::new(card.as_ref(), sources.collect())
}

/// The same in words.
pub(super) fn add_card(card: &CardDocument, remarks: &mut Remarks) {
    if let Some(reason) = &card.unknown_because {
        remarks.add(&format!("cost unknown: {reason}"));
    }
    if let (Some(model), Some(provider)) = (&card.model, &card.provider) {
        remarks.add(&format!("card: {model} at {provider}"));
    }
    for source in &card.sources {
        remarks.add(&format!("{}: {}", source.meters, source.says));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_in_two_digits() {
        let said = |text: &str, up| rough(text.parse().expect("an amount"), "USD", up);
        assert_eq!(said("0.0095975", false), "0.96 ct");
        assert_eq!(said("0.0095975", true), "0.96 ct");
        assert_eq!(said("0.02811", true), "2.9 ct");
        assert_eq!(said("0.02811", false), "2.8 ct");
        assert_eq!(said("12345.6", true), "13,000 USD");
        assert_eq!(said("1.5", false), "1.5 USD");
        assert_eq!(said("0", true), "0 ct");
        assert_eq!(rough(Exact::ONE, "CNY", true), "1 CNY");
    }
}
