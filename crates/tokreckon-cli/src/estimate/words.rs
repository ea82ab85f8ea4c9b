//! Kinds of numbers, costs and findings, in words and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};
use tokreckon::estimate::{Cost, Finding};
use tokreckon::money::Exact;
use tokreckon::price::{Doubt, RateCard};
use tokreckon::reasoning::{Amount, HardCap, HeldShare, Kind};
use tokreckon::request::{Class, Tokens};
use tokreckon::usage::{Meter, Usage};

use super::{Cached, Priced, Setup};
use crate::price::{source_text, sources};
use crate::print::{bounds_cells, json_bounds};

pub(super) fn kind(kind: Kind) -> String {
    match kind {
        Kind::Exact => "exact".to_owned(),
        Kind::Estimate(None) => "estimate, coverage not measured".to_owned(),
        Kind::Estimate(Some(HeldShare { low, mean, high })) => format!(
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
    format!("{} {unit}", rounded.unwrap_or(amount))
}

/// Thousandths as a percentage.
fn percent(per_mille: u16) -> String {
    let (whole, tenth) = (per_mille / 10, per_mille % 10);
    if tenth == 0 { whole.to_string() } else { format!("{whole}.{tenth}") }
}

pub(super) fn json_amount(amount: Option<Amount>) -> Value {
    let Some(amount) = amount else {
        return json!({ "tokens": null, "kind": "unknown" });
    };
    let (kind, held) = match amount.kind {
        Kind::Exact => ("exact", None),
        Kind::Estimate(held) => ("estimate", held),
        Kind::Cap => ("cap", None),
        Kind::Assumption => ("assumption", None),
    };
    let held = held.map(|held| {
        json!({ "low_per_mille": held.low, "mean_per_mille": held.mean, "high_per_mille": held.high })
    });
    json!({ "tokens": amount.tokens, "kind": kind, "held": held })
}

pub(super) fn json_cap(cap: Option<HardCap>) -> Value {
    cap.map_or(
        json!({ "tokens": null, "kind": "unknown" }),
        |cap| json!({ "tokens": cap.tokens, "kind": "cap", "limit": cap.limit.to_string() }),
    )
}

pub(super) fn json_prompt(prompt: Tokens) -> Value {
    let band = prompt.band();
    let kind = match prompt.class() {
        Class::Exact => "exact",
        Class::Estimate => "estimate",
        Class::Unknown => "at least",
    };
    json!({ "kind": kind, "likely": band.likely, "low": band.low, "high": band.high })
}

pub(super) fn json_cost(cost: &Priced) -> Value {
    match cost {
        Ok(cost) => {
            let mut value = json_bounds(cost.currency, &cost.bounds);
            let doubts: Vec<&str> = cost.doubts.iter().map(Doubt::code).collect();
            value["price_doubts"] = json!(doubts);
            value
        }
        Err(reason) => json!({ "unknown_because": reason }),
    }
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

pub(super) fn json_findings(findings: &[Finding]) -> Vec<Value> {
    let json = |finding: &Finding| json!({ "code": finding.code, "refused": finding.refused, "says": finding.says });
    findings.iter().map(json).collect()
}

pub(super) fn finding(finding: &Finding) -> String {
    let word = if finding.refused { "refused" } else { "warning" };
    format!("{word} [{}]: {}", finding.code, finding.says)
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

/// The card and the sources of its prices.
pub(super) fn price_lines(
    card: &Result<RateCard<'_>, String>,
    with_cache: bool,
    text: &mut String,
) {
    let card = match card {
        Ok(card) => card,
        Err(reason) => {
            let _ = writeln!(text, "cost unknown: {reason}");
            return;
        }
    };
    let usage = Usage::NONE.with(Meter::Input, 1).with(Meter::Output, 1);
    let usage = usage.with(Meter::CacheRead, u64::from(with_cache));
    let _ = writeln!(text, "card: {} at {}", card.model, card.provider);
    if let Ok(charge) = card.charge(&usage) {
        for (meters, rate) in sources(&charge) {
            let _ = writeln!(text, "{meters}: {}", source_text(rate));
        }
    }
}

/// The card and the sources of its prices, for machines.
pub(super) fn json_price(card: &Result<RateCard<'_>, String>, with_cache: bool) -> Value {
    let card = match card {
        Ok(card) => card,
        Err(reason) => return json!({ "unknown_because": reason }),
    };
    let usage = Usage::NONE.with(Meter::Input, 1).with(Meter::Output, 1);
    let usage = usage.with(Meter::CacheRead, u64::from(with_cache));
    let charge = card.charge(&usage);
    let source = |(meters, rate)| json!({ "meters": meters, "says": source_text(rate) });
    let said: Vec<Value> = charge.iter().flat_map(sources).map(source).collect();
    json!({ "model": card.model, "provider": card.provider, "sources": said })
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
        assert_eq!(said("12345.6", true), "13000 USD");
        assert_eq!(said("1.5", false), "1.5 USD");
        assert_eq!(said("0", true), "0 ct");
        assert_eq!(rough(Exact::ONE, "CNY", true), "1 CNY");
    }
}
