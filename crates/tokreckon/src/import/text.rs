//! A price file as text, in the form of `data/prices`.

use std::fmt::Write;

use tokreckon_data::schema::{File, PriceEntry, UnitPrice};
use tokreckon_data::table::Bound;
use tokreckon_data::words::{Precision, ServiceTier, State};

use super::amount::plain;
use crate::time::{Instant, day_text};
use crate::words::{steers, toml_string};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The file with remarks above it.
pub(super) fn text(file: &File, remarks: &[String]) -> String {
    let mut out = String::new();
    for line in remarks {
        let line: String = line.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect();
        let _ = writeln!(out, "# {line}");
    }
    if !remarks.is_empty() {
        out.push('\n');
    }
    let _ = writeln!(out, "provider = {}", toml_string(&file.provider));
    if file.name != file.provider {
        let _ = writeln!(out, "name = {}", toml_string(&file.name));
    }
    let _ = writeln!(out, "currency = {}", toml_string(&file.currency));
    for window in &file.windows {
        let _ = writeln!(out, "\n[window.{}]", toml_string(&window.name));
        let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let hours = window
            .hours
            .iter()
            .map(|(start, end)| format!("\"{}-{}\"", clock(*start), clock(*end)));
        let _ = writeln!(out, "hours = [{}]", hours.collect::<Vec<_>>().join(", "));
        if window.days != 0b111_1111 {
            let days = DAYS.iter().enumerate().filter(|(day, _)| window.days >> day & 1 == 1);
            let days: Vec<String> = days.map(|(_, day)| format!("\"{day}\"")).collect();
            let _ = writeln!(out, "days = [{}]", days.join(", "));
        }
    }
    for alias in &file.aliases {
        let _ = writeln!(
            out,
            "\n[[alias]]\nid = {}\nof = {}",
            toml_string(&alias.id),
            toml_string(&alias.of)
        );
        pair(&mut out, "source", &alias.source);
    }
    for entry in &file.prices {
        entry_text(&mut out, entry);
    }
    out
}

/// One `[[price]]`, after a blank line.
pub(crate) fn entry_text(out: &mut String, entry: &PriceEntry) {
    let models: Vec<String> = entry.models.iter().map(|model| toml_string(model)).collect();
    let _ = writeln!(out, "\n[[price]]\nmodels = [{}]", models.join(", "));
    if entry.service_tier != ServiceTier::Standard {
        pair(out, "service-tier", entry.service_tier.as_str());
    }
    pair(out, "variant", &entry.variant);
    if let Some(window) = &entry.window {
        let not = if window.outside { "not " } else { "" };
        pair(out, "window", &format!("{not}{}", window.name));
    }
    if let Some(above) = &entry.above {
        let (tokens, comparison, scope) = (above.tokens, above.comparison, above.scope);
        let _ = writeln!(
            out,
            "above = {{ tokens = {tokens}, comparison = \"{comparison}\", scope = \"{scope}\" }}"
        );
    }
    let _ = writeln!(out, "from = {}", bound(entry.from));
    if entry.until.precision != Precision::Open {
        let _ = writeln!(out, "until = {}", bound(entry.until));
    }
    for unit in &entry.prices {
        let _ = writeln!(out, "{} = \"{}\"", unit.meter, amount_text(unit));
    }
    pair(out, "standing", entry.standing.as_str());
    if let Some(day) = entry.seen_day {
        let _ = writeln!(out, "seen = {}", day_text(day.into()));
    }
    pair(out, "source", &entry.source);
    pair(out, "basis", &entry.basis);
    pair(out, "also-seen", &entry.also_seen);
    if let Some(day) = entry.promised_through_day {
        let _ = writeln!(out, "promised-through = {}", day_text(day.into()));
    }
    pair(out, "note", &entry.note);
}

/// `1.10`, `14.00 per 1000 requests`, `free`.
pub(crate) fn amount_text(unit: &UnitPrice) -> String {
    if unit.state != State::Priced {
        return unit.state.to_string();
    }
    let amount = plain(unit.mantissa, unit.scale, 2);
    let noun = unit.noun.as_str();
    match unit.per {
        1_000_000 if unit.meter.counts_tokens() => amount,
        1 => format!("{amount} per {}", noun.trim_end_matches('s')),
        per => format!("{amount} per {per} {noun}"),
    }
}

fn bound(bound: Bound) -> String {
    match bound.precision {
        Precision::Unknown | Precision::Open => "\"unknown\"".to_owned(),
        Precision::Day => day_text(bound.seconds.div_euclid(86_400)),
        Precision::Instant => Instant(bound.seconds).to_string(),
    }
}

/// A key with a text, when there is one.
fn pair(out: &mut String, key: &str, text: &str) {
    if !text.is_empty() {
        let _ = writeln!(out, "{key} = {}", toml_string(text));
    }
}
