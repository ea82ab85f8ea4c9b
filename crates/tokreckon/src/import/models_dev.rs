//! The table of models.dev: an object of providers, each with its models and their costs.
//!
//! It gives no dates of prices. `context_over_200k` is an older spelling of `tiers`.

use serde_json::{Map, Value};
use tokreckon_data::words::{Comparison, Meter, ServiceTier};

use super::Why;
use super::collect::{At, Collector, Meant, Unit};

const PRICES: [(&str, Meter); 7] = [
    ("input", Meter::Input),
    ("output", Meter::Output),
    ("reasoning", Meter::Reasoning),
    ("cache_read", Meter::CacheRead),
    ("cache_write", Meter::CacheWrite),
    ("input_audio", Meter::InputAudio),
    ("output_audio", Meter::OutputAudio),
];

/// Reads the table; `None` when it is another document.
pub(super) fn read(document: &Value, out: &mut Collector<'_>) -> Option<()> {
    let providers = document.get("providers").unwrap_or(document).as_object()?;
    let models_of = |provider: &'_ Value| provider.get("models").is_some_and(Value::is_object);
    providers.values().find(|provider| models_of(provider))?;
    for (id, provider) in providers {
        if let Some(name) = provider.get("name").and_then(Value::as_str) {
            out.named(id, name);
        }
        let models = provider.get("models").and_then(Value::as_object);
        for (model, entry) in models.into_iter().flatten() {
            read_model(id, model, entry, out);
        }
    }
    Some(())
}

fn read_model(provider: &str, model: &str, entry: &Value, out: &mut Collector<'_>) {
    let cost = entry.get("cost").filter(|cost| !cost.is_null());
    let variants = entry.get("experimental").and_then(|experimental| experimental.get("modes"));
    let variants = variants.and_then(Value::as_object);
    let at = match out.place(provider, model) {
        Ok(at) => at,
        Err((at, why)) => {
            if let Some(cost) = cost {
                out.leave(&at, "cost", cost, why);
            }
            for (mode, entry) in variants.into_iter().flatten() {
                if let Some(cost) = entry.get("cost").filter(|cost| !cost.is_null()) {
                    out.leave(&at, &format!("{mode}.cost"), cost, why);
                }
            }
            return;
        }
    };
    match cost.map(|cost| (cost, cost.as_object())) {
        Some((_, Some(cost))) => read_cost("cost", cost, ServiceTier::Standard, &at, out),
        Some((cost, None)) => out.leave(&at, "cost", cost, Why::NotANumber),
        None => {}
    }
    for (mode, entry) in variants.into_iter().flatten() {
        let path = format!("{mode}.cost");
        let tier = match mode.as_str() {
            "fast" => Some(ServiceTier::Fast),
            "batch" => Some(ServiceTier::Batch),
            "flex" => Some(ServiceTier::Flex),
            "priority" => Some(ServiceTier::Priority),
            _ => None,
        };
        let Some(cost) = entry.get("cost").filter(|cost| !cost.is_null()) else { continue };
        match (tier, cost.as_object()) {
            (Some(tier), Some(cost)) => read_cost(&path, cost, tier, &at, out),
            _ => out.leave(&at, &path, cost, Why::Condition),
        }
    }
}

fn read_cost(
    path: &str,
    cost: &Map<String, Value>,
    service_tier: ServiceTier,
    at: &At,
    out: &mut Collector<'_>,
) {
    let has_tiers = cost.get("tiers").and_then(Value::as_array).is_some_and(|t| !t.is_empty());
    for (key, value) in cost.iter().filter(|(_, value)| !value.is_null()) {
        let field = format!("{path}.{key}");
        match (key.as_str(), value) {
            ("tiers", Value::Array(tiers)) => {
                for tier in tiers {
                    read_tier(&field, tier, service_tier, at, out);
                }
            }
            // With `tiers` beside it the threshold of this key is not the right one.
            ("context_over_200k", _) if has_tiers => out.leave(at, &field, value, Why::Condition),
            ("context_over_200k", Value::Object(prices)) => {
                for (key, value) in prices {
                    let field = format!("{field}.{key}");
                    one(key, &field, value, service_tier, Some(200_000), at, out);
                }
            }
            _ => one(key, &field, value, service_tier, None, at, out),
        }
    }
}

/// `{"input": 5, "tier": {"type": "context", "size": 272000}}`.
fn read_tier(
    field: &str,
    tier: &Value,
    service_tier: ServiceTier,
    at: &At,
    out: &mut Collector<'_>,
) {
    let condition = tier.get("tier");
    let kind = condition.and_then(|condition| condition.get("type")).and_then(Value::as_str);
    let size = condition.and_then(|condition| condition.get("size")).and_then(Value::as_u64);
    let prices = tier.as_object().into_iter().flatten().filter(|(key, _)| *key != "tier");
    for (key, value) in prices {
        match size.filter(|size| kind == Some("context") && *size > 0) {
            Some(size) => {
                let field = format!("{field}[{size}].{key}");
                one(key, &field, value, service_tier, Some(size), at, out);
            }
            None => out.leave(at, &format!("{field}.{key}"), value, Why::Condition),
        }
    }
    if !tier.is_object() {
        out.leave(at, field, tier, Why::Condition);
    }
}

fn one(
    key: &str,
    field: &str,
    value: &Value,
    service_tier: ServiceTier,
    above: Option<u64>,
    at: &At,
    out: &mut Collector<'_>,
) {
    let Some((_, meter)) = PRICES.iter().find(|(name, _)| *name == key) else {
        if !value.is_null() {
            out.leave(at, field, value, Why::NoMeter);
        }
        return;
    };
    let meter = match meter {
        Meter::CacheWrite if at.model.to_lowercase().contains("claude") => Meter::CacheWrite5m,
        meter => *meter,
    };
    let comparison = if at.provider == "xai" { Comparison::AtLeast } else { Comparison::Above };
    let above = above.map(|tokens| (tokens, comparison));
    out.add(
        at,
        field,
        value,
        Meant { service_tier, above, ..Meant::plain(meter, Unit::MillionTokens) },
    );
}
