//! Where prices come from: one line for all of them, or each with its source.

use std::collections::BTreeSet;
use std::fmt::Write;

use tokreckon::charge::Charge;
use tokreckon::price::{Rate, Standing};

/// `2025-01-31 to now, curated, seen 2026-11-20: llm-prices 5c1774b …`.
pub(crate) fn source_text(rate: Rate<'_>) -> String {
    let mut text = format!("{}, {}", rate.period_text(), rate.standing());
    if !rate.service_tier().as_str().eq("standard") {
        let _ = write!(text, ", {}", rate.service_tier());
    }
    for (label, value) in [("", rate.variant().to_owned()), ("hours ", rate.window())] {
        if !value.is_empty() {
            let _ = write!(text, ", {label}{value}");
        }
    }
    if rate.threshold() > 0 {
        let _ = write!(text, ", long prompts from {}", rate.threshold());
    }
    if !rate.seen().is_empty() {
        let _ = write!(text, ", seen {}", rate.seen());
    }
    if !rate.source().is_empty() {
        let _ = write!(text, ": {}", rate.source());
    }
    for (label, value) in [
        ("; start: ", rate.basis()),
        ("; also seen: ", rate.also_seen()),
        ("; note: ", rate.note()),
    ] {
        if !value.is_empty() {
            let _ = write!(text, "{label}{value}");
        }
    }
    text
}

/// All prices behind an answer in one line: `prices: 2025-01-31 to now, curated, seen 2026-11-20`.
/// What other sources hold of a disputed price is said besides.
pub(crate) fn sources_line<'b>(rates: &[Rate<'b>]) -> String {
    let all = |of: &dyn Fn(&Rate<'b>) -> String| -> Vec<String> {
        let set: BTreeSet<String> = rates.iter().map(of).filter(|text| !text.is_empty()).collect();
        set.into_iter().collect()
    };
    let mut parts = Vec::new();
    match all(&Rate::period_text).as_slice() {
        [] => return "prices: none".to_owned(),
        [period] => parts.push(period.clone()),
        periods => parts.push(format!("{} periods", periods.len())),
    }
    parts.push(all(&|rate| rate.standing().to_string()).join(" and "));
    parts.extend(all(&|rate| {
        let tier = rate.service_tier().as_str();
        if tier == "standard" { String::new() } else { tier.to_owned() }
    }));
    parts.extend(all(&|rate| rate.variant().to_owned()));
    parts.extend(all(&Rate::window));
    parts.extend(all(&|rate| match rate.threshold() {
        0 => String::new(),
        threshold => format!("prompts from {threshold}"),
    }));
    let seen = all(&Rate::seen);
    match (seen.first(), seen.last()) {
        (Some(first), Some(last)) if first != last => parts.push(format!("seen {first} to {last}")),
        (Some(day), _) => parts.push(format!("seen {day}")),
        _ => {}
    }
    let mut text = format!("prices: {}; `--sources` lists them", parts.join(", "));
    let disputed = rates.iter().filter(|rate| rate.standing() == Standing::Disputed);
    let others: BTreeSet<&str> =
        disputed.map(Rate::also_seen).filter(|seen| !seen.is_empty()).collect();
    for other in others {
        let _ = write!(text, "\ndisputed, also seen: {other}");
    }
    text
}

/// Each price behind a charge once, with the meters it was used for.
pub(crate) fn sources<'b>(charge: &Charge<'b>) -> Vec<(String, Rate<'b>)> {
    let of_lines = charge
        .lines
        .iter()
        .flat_map(|line| line.rates.iter().map(|rate| (line.meter.to_string(), *rate)));
    let of_rest = charge
        .unpriced
        .iter()
        .filter_map(|unpriced| Some((unpriced.meter.to_string(), unpriced.rate?)));
    let mut sources: Vec<(String, Rate<'b>)> = Vec::new();
    for (meter, rate) in of_lines.chain(of_rest) {
        match sources.iter_mut().find(|(_, other)| source_text(*other) == source_text(rate)) {
            Some((meters, _)) if !meters.split(", ").any(|other| other == meter) => {
                *meters = format!("{meters}, {meter}");
            }
            Some(_) => {}
            None => sources.push((meter, rate)),
        }
    }
    sources
}
