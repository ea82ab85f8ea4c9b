//! The table of `genai-prices`: a list of providers, each with models, prices and conditions.
//!
//! Of several conditional prices the last one whose condition is met holds, and the first where
//! none is. `tiers` apply to the whole request from more than `start` prompt tokens on.

use serde_json::{Map, Value};
use tokreckon_data::words::{Comparison, Meter, ServiceTier};

use super::Why;
use super::collect::{At, Collector, Meant, Span, Unit};
use super::hours::{Hours, clock};
use crate::time::parse_date;

const PRICES: [(&str, Meter, Unit); 26] = [
    ("input_mtok", Meter::Input, Unit::MillionTokens),
    ("input_text_mtok", Meter::Input, Unit::MillionTokens),
    ("cache_read_mtok", Meter::CacheRead, Unit::MillionTokens),
    ("cache_text_read_mtok", Meter::CacheRead, Unit::MillionTokens),
    ("cache_write_mtok", Meter::CacheWrite, Unit::MillionTokens),
    ("cache_text_write_mtok", Meter::CacheWrite, Unit::MillionTokens),
    ("cache_write_5m_mtok", Meter::CacheWrite5m, Unit::MillionTokens),
    ("cache_write_1h_mtok", Meter::CacheWrite1h, Unit::MillionTokens),
    ("output_mtok", Meter::Output, Unit::MillionTokens),
    ("output_text_mtok", Meter::Output, Unit::MillionTokens),
    ("output_reasoning_mtok", Meter::Reasoning, Unit::MillionTokens),
    ("output_citation_mtok", Meter::OutputCitation, Unit::MillionTokens),
    ("input_audio_mtok", Meter::InputAudio, Unit::MillionTokens),
    ("cache_audio_read_mtok", Meter::CacheReadAudio, Unit::MillionTokens),
    ("output_audio_mtok", Meter::OutputAudio, Unit::MillionTokens),
    ("input_image_mtok", Meter::InputImage, Unit::MillionTokens),
    ("cache_image_read_mtok", Meter::CacheReadImage, Unit::MillionTokens),
    ("output_image_mtok", Meter::OutputImage, Unit::MillionTokens),
    ("input_video_mtok", Meter::InputVideo, Unit::MillionTokens),
    ("output_video_mtok", Meter::OutputVideo, Unit::MillionTokens),
    ("requests_kcount", Meter::Requests, Unit::ThousandRequests),
    ("web_searches_kcount", Meter::WebSearches, Unit::ThousandRequests),
    ("maps_groundings_kcount", Meter::MapsGroundings, Unit::ThousandRequests),
    ("audio_hours", Meter::AudioSeconds, Unit::Hour),
    ("input_audio_hours", Meter::AudioSeconds, Unit::Hour),
    ("input_mchars", Meter::Characters, Unit::MillionCharacters),
];

/// Reads the table; `None` when it is another document.
pub(super) fn read(document: &Value, out: &mut Collector<'_>) -> Option<()> {
    let providers = document.get("providers").unwrap_or(document).as_array()?;
    let is_provider = |value: &Value| value.get("id").is_some() && value.get("models").is_some();
    providers.iter().find(|provider| is_provider(provider))?;
    for provider in providers {
        let id = provider.get("id").and_then(Value::as_str).unwrap_or("");
        if let Some(name) = provider.get("name").and_then(Value::as_str) {
            out.named(id, name);
        }
        let models = provider.get("models").and_then(Value::as_array);
        for model in models.into_iter().flatten() {
            read_model(id, model, out);
        }
    }
    Some(())
}

fn read_model(provider: &str, model: &Value, out: &mut Collector<'_>) {
    let id = model.get("id").and_then(Value::as_str).unwrap_or("");
    let none = Value::Null;
    let prices = model.get("prices").unwrap_or(&none);
    let variants = model.get("price_variants").unwrap_or(&none);
    let at = match out.place(provider, id) {
        Ok(at) => at,
        Err((at, why)) => {
            for (field, value) in [("prices", prices), ("price_variants", variants)] {
                for set in sets(value) {
                    leave_prices(&at, field, set, why, out);
                }
            }
            return;
        }
    };
    if let Some(clause) = model.get("match") {
        read_match(&at, clause, out);
    }
    let base: Vec<&Value> = sets(prices);
    read_sets(&at, "prices", &base, &Plain::default(), true, out);
    // Variants of the same kind follow each other in time.
    let variants = variants.as_array().map_or(&[][..], Vec::as_slice);
    let mut done: Vec<&Value> = Vec::new();
    for variant in variants {
        let when = variant.get("when").unwrap_or(&none);
        if done.contains(&when) {
            continue;
        }
        done.push(when);
        let same: Vec<&Value> =
            variants.iter().filter(|other| other.get("when").unwrap_or(&none) == when).collect();
        match plain_condition(when) {
            Some(condition) => {
                let field = format!("price_variants({})", short(when));
                read_sets(&at, &field, &same, &condition, false, out);
            }
            None => {
                for set in same {
                    leave_prices(
                        &at,
                        &format!("price_variants({})", short(when)),
                        set,
                        Why::Condition,
                        out,
                    );
                }
            }
        }
    }
}

/// The sets of prices of a model: one without a condition, or a list.
fn sets(prices: &Value) -> Vec<&Value> {
    match prices {
        Value::Array(list) => list.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// The prices inside of a set; the set itself when it has no conditions.
fn prices_of(set: &Value) -> &Value {
    set.get("prices").unwrap_or(set)
}

fn leave_prices(at: &At, field: &str, set: &Value, why: Why, out: &mut Collector<'_>) {
    for (key, value) in prices_of(set).as_object().into_iter().flatten() {
        leave_price(at, &format!("{field}.{key}"), value, why, out);
    }
}

/// Leaves out an amount, or those of a price with tiers, but not the starts of the tiers.
fn leave_price(at: &At, field: &str, value: &Value, why: Why, out: &mut Collector<'_>) {
    let Value::Object(tiered) = value else {
        if !value.is_null() {
            out.leave(at, field, value, why);
        }
        return;
    };
    if let Some(base) = tiered.get("base").filter(|base| !base.is_null()) {
        out.leave(at, field, base, why);
    }
    for tier in tiered.get("tiers").and_then(Value::as_array).into_iter().flatten() {
        if let Some(price) = tier.get("price").filter(|price| !price.is_null()) {
            out.leave(at, &format!("{field}.tiers"), price, why);
        }
    }
}

/// Service tier and region of a variant.
#[derive(Default)]
struct Plain {
    service_tier: Option<ServiceTier>,
    variant: String,
}

/// A condition that the schema can say: `{"processing": "batch"}`, `{"service_tier": "flex"}`.
fn plain_condition(when: &Value) -> Option<Plain> {
    let mut plain = Plain::default();
    for (key, value) in when.as_object()? {
        let value = value.as_str()?;
        match (key.as_str(), value) {
            ("processing" | "service_tier", "default" | "standard") => {}
            ("processing" | "service_tier", tier) if plain.service_tier.is_none() => {
                plain.service_tier = Some(ServiceTier::from_word(tier)?);
            }
            ("geo" | "region" | "route", value) if plain.variant.is_empty() => {
                let good =
                    |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._".contains(c);
                if value.is_empty() || !value.chars().all(good) {
                    return None;
                }
                plain.variant = format!("{key}={value}");
            }
            _ => return None,
        }
    }
    Some(plain)
}

/// Reads sets of prices that follow each other in time, or in the hours of the day.
fn read_sets(
    at: &At,
    field: &str,
    sets: &[&Value],
    condition: &Plain,
    first_holds_before: bool,
    out: &mut Collector<'_>,
) {
    let Some(timeline) = Timeline::of(sets, first_holds_before) else {
        for set in sets {
            leave_prices(at, field, set, Why::Condition, out);
        }
        return;
    };
    for (index, set) in sets.iter().enumerate() {
        let Some(held) = timeline.held.iter().find(|held| held.set == index) else {
            // Another one always comes before it.
            leave_prices(at, field, set, Why::Condition, out);
            continue;
        };
        let meant = Meant {
            service_tier: condition.service_tier.unwrap_or(ServiceTier::Standard),
            variant: condition.variant.clone(),
            hours: held.hours.clone(),
            span: held.span,
            ..Meant::plain(Meter::Input, Unit::MillionTokens)
        };
        read_prices(at, field, prices_of(set), &meant, out);
    }
}

/// When a set of prices holds.
struct Held {
    set: usize,
    span: Span,
    hours: Option<(Hours, bool)>,
}

struct Timeline {
    held: Vec<Held>,
}

impl Timeline {
    /// `None` when a price file cannot say it.
    fn of(sets: &[&Value], first_holds_before: bool) -> Option<Self> {
        let mut dated: Vec<(usize, Option<i32>)> = Vec::new();
        let mut timed: Vec<(usize, (u16, u16))> = Vec::new();
        for (index, set) in sets.iter().enumerate() {
            let Some(constraint) = set.get("constraint").filter(|c| !c.is_null()) else {
                dated.push((index, None));
                continue;
            };
            let text = |key: &str| constraint.get(key).and_then(Value::as_str);
            match (text("start_date"), text("start_time"), text("end_time")) {
                (Some(date), None, None) => {
                    let day = parse_date(date.as_bytes())?;
                    dated.push((index, Some(i32::try_from(day).ok()?)));
                }
                (None, Some(start), Some(end)) => timed.push((index, (clock(start)?, clock(end)?))),
                _ => return None,
            }
        }
        // Hours that a later set overrides again are not ours to untangle.
        let last_dated = dated.last().map_or(0, |(index, _)| *index);
        if timed.iter().any(|(index, _)| *index < last_dated) {
            return None;
        }
        let all_hours = match timed.as_slice() {
            [] => None,
            timed => {
                let spans: Vec<(u16, u16)> = timed.iter().map(|(_, span)| *span).collect();
                if overlap(&spans) {
                    return None;
                }
                Some(Hours::of(spans, Hours::EVERY_DAY)?)
            }
        };
        let mut held = Self::dated(&dated, first_holds_before)?;
        for one in &mut held {
            one.hours = all_hours.clone().map(|hours| (hours, true));
        }
        // Equal prices in several spans of hours are one window.
        for (index, _) in &timed {
            let same = |other: &usize| prices_of(sets[*other]) == prices_of(sets[*index]);
            let spans = timed.iter().filter(|(other, _)| same(other)).map(|(_, span)| *span);
            let hours = Hours::of(spans.collect(), Hours::EVERY_DAY)?;
            held.push(Held { set: *index, span: Span::default(), hours: Some((hours, false)) });
        }
        Some(Self { held })
    }

    /// The set that holds in each stretch of time; `None` when one would come back later.
    fn dated(dated: &[(usize, Option<i32>)], first_holds_before: bool) -> Option<Vec<Held>> {
        let mut days: Vec<i32> = dated.iter().filter_map(|(_, day)| *day).collect();
        days.sort_unstable();
        days.dedup();
        let starts = std::iter::once(None).chain(days.into_iter().map(Some));
        let mut held: Vec<Held> = Vec::new();
        for start in starts {
            let active =
                |day: &Option<i32>| day.is_none_or(|day| start.is_some_and(|now| day <= now));
            let winner = dated.iter().rfind(|(_, day)| active(day)).map(|(index, _)| *index);
            let first = dated.first().map(|(index, _)| *index).filter(|_| first_holds_before);
            let Some(set) = winner.or(first) else { continue };
            if let Some(last) = held.last_mut() {
                if last.set == set {
                    continue;
                }
                last.span.until = start;
            }
            if held.iter().any(|earlier| earlier.set == set) {
                return None;
            }
            held.push(Held { set, span: Span { from: start, until: None }, hours: None });
        }
        Some(held)
    }
}

/// True when two spans of hours share a minute.
fn overlap(spans: &[(u16, u16)]) -> bool {
    let mut taken = vec![false; 1440];
    for (start, end) in spans {
        let end = if end <= start { end + 1440 } else { *end };
        for minute in *start..end {
            let Some(slot) = taken.get_mut(usize::from(minute % 1440)) else { continue };
            if std::mem::replace(slot, true) {
                return true;
            }
        }
    }
    false
}

fn read_prices(at: &At, field: &str, prices: &Value, meant: &Meant, out: &mut Collector<'_>) {
    let Some(fields) = prices.as_object() else {
        return out.leave(at, field, prices, Why::NotANumber);
    };
    for (key, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
        let path = format!("{field}.{key}");
        let Some((_, meter, unit)) = PRICES.iter().find(|(name, _, _)| name == key) else {
            leave_price(at, &path, value, Why::NoMeter, out);
            continue;
        };
        let five_minutes = fields.contains_key("cache_write_1h_mtok")
            || at.model.to_lowercase().contains("claude");
        let meter = match meter {
            Meter::CacheWrite if five_minutes => Meter::CacheWrite5m,
            meter => *meter,
        };
        // Perplexity's fee depends on the context of the search; the table holds the highest.
        let is_fee = meter == Meter::Requests && at.provider == "perplexity";
        let variant = if is_fee { "search=high".to_owned() } else { meant.variant.clone() };
        let meant = Meant { meter, unit: *unit, variant, ..meant.clone() };
        let Value::Object(tiered) = value else {
            out.add(at, &path, value, meant);
            continue;
        };
        read_tiered(at, &path, tiered, &meant, out);
    }
}

/// `{"base": 3, "tiers": [{"start": 200000, "price": 6}]}`.
fn read_tiered(
    at: &At,
    path: &str,
    tiered: &Map<String, Value>,
    meant: &Meant,
    out: &mut Collector<'_>,
) {
    if let Some(base) = tiered.get("base") {
        out.add(at, path, base, meant.clone());
    }
    for tier in tiered.get("tiers").and_then(Value::as_array).into_iter().flatten() {
        let price = tier.get("price").unwrap_or(&Value::Null);
        match tier.get("start").and_then(Value::as_u64) {
            Some(start) if start > 0 => {
                let above = Some((start, Comparison::Above));
                let path = format!("{path}.tiers[{start}]");
                out.add(at, &path, price, Meant { above, ..meant.clone() });
            }
            _ if !price.is_null() => out.leave(at, path, price, Why::Condition),
            _ => {}
        }
    }
}

/// Ids that are equal to a text are other names of the model; other clauses are patterns.
fn read_match(at: &At, clause: &Value, out: &mut Collector<'_>) {
    for (kind, value) in clause.as_object().into_iter().flatten() {
        match (kind.as_str(), value) {
            ("or", Value::Array(clauses)) => {
                for clause in clauses {
                    read_match(at, clause, out);
                }
            }
            ("equals", Value::String(id)) => out.alias(at, id),
            // The id itself needs no pattern.
            (kind, value) => {
                out.pattern(at, &format!("{} {}", kind.replace('_', " "), short(value)));
            }
        }
    }
}

fn short(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            let parts = fields.iter().map(|(key, value)| format!("{key}={}", short(value)));
            parts.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
