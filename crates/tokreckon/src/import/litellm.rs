//! LiteLLM's table: one object of models, each with its provider and its costs per token.
//!
//! It gives no dates and no history, and writes 0 for what it does not know as well.

use serde_json::{Map, Value};
use tokreckon_data::words::{Comparison, Meter};

use super::Why;
use super::collect::{At, Collector, Meant, Unit};
use super::hours::{Hours, span};
use super::litellm_fields::{Field, NoField, field};

/// The entry that explains the others.
const TEMPLATE: &str = "sample_spec";

/// Reads the table; `None` when it is another document.
pub(super) fn read(document: &Value, out: &mut Collector<'_>) -> Option<()> {
    let models = document.as_object()?;
    let is_model = |value: &Value| value.get("litellm_provider").is_some();
    models.values().find(|value| is_model(value))?;
    for (id, entry) in models.iter().filter(|(id, _)| *id != TEMPLATE) {
        let Some(fields) = entry.as_object() else {
            if let Err((at, why)) = out.place("", id) {
                out.leave(&at, "", entry, why);
            }
            continue;
        };
        let provider = fields.get("litellm_provider").and_then(Value::as_str).unwrap_or("");
        match out.place(provider, id) {
            Ok(mut at) => {
                at.embedding = matches!(mode(fields), "embedding" | "rerank");
                Model { at: &at, fields }.read(out);
            }
            Err((at, why)) => {
                for (name, value) in fields {
                    if field(name, mode(fields)) != Err(NoField::Fact) && !value.is_null() {
                        out.leave(&at, name, value, why);
                    }
                }
            }
        }
    }
    Some(())
}

fn mode(fields: &Map<String, Value>) -> &str {
    fields.get("mode").and_then(Value::as_str).unwrap_or("chat")
}

/// One entry of the table.
struct Model<'a> {
    at: &'a At,
    fields: &'a Map<String, Value>,
}

impl Model<'_> {
    fn read(&self, out: &mut Collector<'_>) {
        let off_peak = self.off_peak();
        for (name, value) in self.fields.iter().filter(|(_, value)| !value.is_null()) {
            match name.as_str() {
                "tiered_pricing" => self.tiers(name, value, out),
                "off_peak_pricing" => self.off_peak_prices(name, value, off_peak.as_ref(), out),
                "search_context_cost_per_query" => self.searches(name, value, out),
                _ => match field(name, mode(self.fields)) {
                    Ok(field) => {
                        let mut meant = self.meant(field);
                        if let Some((hours, overridden)) = &off_peak
                            && overridden.contains(&field)
                        {
                            meant.hours = Some((hours.clone(), true));
                        }
                        out.add(self.at, name, value, meant);
                    }
                    Err(NoField::Fact) => {}
                    Err(NoField::NoMeter) => out.leave(self.at, name, value, Why::NoMeter),
                    Err(NoField::Factor) => out.leave(self.at, name, value, Why::Factor),
                    Err(NoField::Condition) => out.leave(self.at, name, value, Why::Condition),
                },
            }
        }
    }

    fn meant(&self, field: Field) -> Meant {
        let meter = match field.meter {
            // Claude's plain write price is that of five minutes.
            Meter::CacheWrite if self.writes_for_five_minutes() => Meter::CacheWrite5m,
            meter => meter,
        };
        let above = (field.above > 0).then(|| (field.above, self.comparison()));
        Meant { service_tier: field.service_tier, above, ..Meant::plain(meter, field.unit) }
    }

    fn writes_for_five_minutes(&self) -> bool {
        let one_hour = "cache_creation_input_token_cost_above_1hr";
        let has_one_hour = self.fields.get(one_hour).is_some_and(|value| !value.is_null());
        has_one_hour || self.at.model.to_lowercase().contains("claude")
    }

    /// xAI's thresholds include their last token; those of others do not.
    fn comparison(&self) -> Comparison {
        if self.at.provider == "xai" { Comparison::AtLeast } else { Comparison::Above }
    }

    /// `[{"range": [0, 32000], "input_cost_per_token": …}, …]`: `lower < tokens <= upper`.
    fn tiers(&self, name: &str, value: &Value, out: &mut Collector<'_>) {
        let mut end = Some(0);
        for tier in value.as_array().map_or(&[][..], Vec::as_slice) {
            let range = tier.get("range").and_then(Value::as_array);
            let bound = |at: usize| range.and_then(|range| range.get(at)).and_then(whole);
            let follows = bound(0).is_some() && bound(0) == end;
            let Some((fields, lower)) = tier.as_object().zip(bound(0)).filter(|_| follows) else {
                out.leave(self.at, name, tier, Why::Condition);
                end = None;
                continue;
            };
            end = bound(1);
            for (key, value) in fields.iter().filter(|(key, _)| *key != "range") {
                let path = format!("{name}[{lower}].{key}");
                match field(key, mode(self.fields)) {
                    Ok(field) if field.above == 0 => {
                        let above = (lower > 0).then_some((lower, Comparison::Above));
                        out.add(self.at, &path, value, Meant { above, ..self.meant(field) });
                    }
                    Err(NoField::Fact) => {}
                    Ok(_) | Err(NoField::Condition) => {
                        out.leave(self.at, &path, value, Why::Condition);
                    }
                    Err(NoField::NoMeter) => out.leave(self.at, &path, value, Why::NoMeter),
                    Err(NoField::Factor) => out.leave(self.at, &path, value, Why::Factor),
                }
            }
        }
        if !value.is_array() {
            out.leave(self.at, name, value, Why::Condition);
        }
    }

    /// The hours of `off_peak_pricing` and the fields whose price differs then; `None` when they
    /// cannot be said.
    fn off_peak(&self) -> Option<(Hours, Vec<Field>)> {
        let block = self.fields.get("off_peak_pricing")?.as_object()?;
        let hours = off_peak_hours(block)?;
        let mode = mode(self.fields);
        let fields: Vec<Field> = block.keys().filter_map(|key| field(key, mode).ok()).collect();
        // Whether it also replaces the prices above a threshold is not said.
        let with_thresholds = self.fields.contains_key("tiered_pricing")
            || self.fields.keys().filter_map(|key| field(key, mode).ok()).any(|other| {
                other.above > 0 && fields.iter().any(|field| field.meter == other.meter)
            });
        (!with_thresholds && !fields.is_empty()).then_some((hours, fields))
    }

    fn off_peak_prices(
        &self,
        name: &str,
        value: &Value,
        off_peak: Option<&(Hours, Vec<Field>)>,
        out: &mut Collector<'_>,
    ) {
        let (Some((hours, _)), Some(block)) = (off_peak, value.as_object()) else {
            return out.leave(self.at, name, value, Why::Condition);
        };
        for (key, value) in block {
            let path = format!("{name}.{key}");
            match field(key, mode(self.fields)) {
                Ok(field) => {
                    let hours = Some((hours.clone(), false));
                    out.add(self.at, &path, value, Meant { hours, ..self.meant(field) });
                }
                Err(NoField::Fact) => {}
                Err(_) => out.leave(self.at, &path, value, Why::Condition),
            }
        }
    }

    /// A price per search by context size: one price when all sizes cost the same.
    fn searches(&self, name: &str, value: &Value, out: &mut Collector<'_>) {
        let sizes = value.as_object();
        let first = sizes.and_then(|sizes| sizes.values().next());
        let even = sizes.is_some_and(|sizes| sizes.values().all(|price| Some(price) == first));
        // Perplexity's searches are its requests; a request says how much context its search brought.
        let is_fee = !even && self.at.provider == "perplexity";
        let Some(sizes) = sizes.filter(|_| even || is_fee) else {
            return out.leave(self.at, name, value, Why::Condition);
        };
        for (name_of_size, price) in sizes {
            let path = format!("{name}.{name_of_size}");
            let size = name_of_size.strip_prefix("search_context_size_");
            let meant = match size.filter(|_| is_fee) {
                Some(size) => Meant {
                    variant: format!("search={size}"),
                    ..Meant::plain(Meter::Requests, Unit::Request)
                },
                None => Meant::plain(Meter::WebSearches, Unit::Request),
            };
            out.add(self.at, &path, price, meant);
        }
    }
}

/// `"hours_utc": "16:30-00:30"`, a list of such, or `windows` that share their days.
fn off_peak_hours(block: &Map<String, Value>) -> Option<Hours> {
    let mut spans = Vec::new();
    let mut days = None;
    let mut take = |hours: &Value, on: u8| -> Option<()> {
        let texts: Vec<&Value> = match hours {
            Value::Array(items) => items.iter().collect(),
            one => vec![one],
        };
        for text in texts {
            spans.push(span(text.as_str()?)?);
        }
        let same = days.is_none_or(|days| days == on);
        days = Some(on);
        same.then_some(())
    };
    if let Some(hours) = block.get("hours_utc") {
        take(hours, Hours::EVERY_DAY)?;
    }
    if let Some(windows) = block.get("windows") {
        for window in windows.as_array()? {
            take(window.get("hours_utc")?, weekdays(window.get("weekdays"))?)?;
        }
    }
    Hours::of(spans, days?)
}

/// Days of the week as bits, from numbers (1 is Monday, 7 Sunday) or English names.
fn weekdays(value: Option<&Value>) -> Option<u8> {
    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Some(Hours::EVERY_DAY);
    };
    let mut bits = 0;
    for day in value.as_array()? {
        let number = match day {
            Value::String(name) => {
                let name = name.to_lowercase();
                NAMES.iter().position(|start| name.get(..3) == Some(start))?
            }
            number => usize::try_from(number.as_u64()?.checked_sub(1)?).ok().filter(|n| *n < 7)?,
        };
        bits |= 1 << number;
    }
    Some(bits)
}

/// A count written as a whole number, or as one with zeros behind the point.
fn whole(value: &Value) -> Option<u64> {
    let text = value.as_number()?.to_string();
    let text = text.split_once('.').map_or(text.as_str(), |(whole, fraction)| {
        if fraction.bytes().all(|byte| byte == b'0') { whole } else { "" }
    });
    text.parse().ok()
}
