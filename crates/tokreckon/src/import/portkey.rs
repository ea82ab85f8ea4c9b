//! The price files of Portkey's model catalogue, one a provider: US cents per token, and per request.
//!
//! A file does not say whose prices it holds; its name does, such as `openai.json`.

use serde_json::{Map, Value};
use tokreckon_data::words::{Meter, ServiceTier};

use super::Why;
use super::collect::{At, Collector, Meant, Unit};

/// Prices of tokens.
const TOKENS: [(&str, Meter); 14] = [
    ("request_token", Meter::Input),
    ("response_token", Meter::Output),
    ("cache_read_input_token", Meter::CacheRead),
    ("cache_write_input_token", Meter::CacheWrite),
    ("request_audio_token", Meter::InputAudio),
    ("response_audio_token", Meter::OutputAudio),
    ("cache_read_audio_input_token", Meter::CacheReadAudio),
    ("request_image_token", Meter::InputImage),
    ("response_image_token", Meter::OutputImage),
    ("cache_read_image_input_token", Meter::CacheReadImage),
    ("cached_image_input_token", Meter::CacheReadImage),
    ("reasoning_token", Meter::Reasoning),
    ("cache_write_1h", Meter::CacheWrite1h),
    ("output_video_token", Meter::OutputVideo),
];

/// Prices of requests.
const REQUESTS: [(&str, Meter); 2] =
    [("web_search", Meter::WebSearches), ("maps", Meter::MapsGroundings)];

/// True for a file of the catalogue: models with a `pricing_config`.
pub(super) fn is_catalogue(document: &Value) -> bool {
    let models = document.as_object();
    models.is_some_and(|models| models.values().any(|model| model.get("pricing_config").is_some()))
}

/// Reads a file; `None` when it is another document.
pub(super) fn read(document: &Value, out: &mut Collector<'_>) -> Option<()> {
    if !is_catalogue(document) {
        return None;
    }
    let provider = out.options.file.strip_suffix(".json").unwrap_or(out.options.file);
    let provider = provider.rsplit(['/', '\\']).next().unwrap_or(provider).to_owned();
    for (id, model) in document.as_object()? {
        let at = match out.place(&provider, id) {
            // What a model without an entry costs is no model of its own.
            Ok(at) if id == "default" => {
                out.leave(&at, "pricing_config", model, Why::Pattern);
                continue;
            }
            Ok(at) => at,
            Err((at, why)) => {
                out.leave(&at, "pricing_config", model, why);
                continue;
            }
        };
        for (field, value) in model.as_object().into_iter().flatten() {
            match (field.as_str(), value.as_object()) {
                ("pricing_config", Some(config)) => read_config(config, &at, out),
                _ => out.leave(&at, field, value, Why::Condition),
            }
        }
    }
    Some(())
}

fn read_config(config: &Map<String, Value>, at: &At, out: &mut Collector<'_>) {
    let currency = config.get("currency").and_then(Value::as_str).unwrap_or("USD");
    for (field, value) in config {
        let tier = match field.as_str() {
            "pay_as_you_go" => Some(ServiceTier::Standard),
            "batch_config" => Some(ServiceTier::Batch),
            // How the prices are multiplied and added up.
            "calculate" | "currency" => continue,
            _ => None,
        };
        match (tier, value.as_object()) {
            (Some(tier), Some(prices)) if currency == "USD" => {
                read_prices(field, prices, tier, at, out);
            }
            _ => out.leave(at, field, value, Why::Condition),
        }
    }
}

fn read_prices(
    path: &str,
    prices: &Map<String, Value>,
    service_tier: ServiceTier,
    at: &At,
    out: &mut Collector<'_>,
) {
    for (key, entry) in prices {
        let field = format!("{path}.{key}");
        if let ("additional_units", Some(units)) = (key.as_str(), entry.as_object()) {
            read_prices(&field, units, service_tier, at, out);
            continue;
        }
        let of = |list: &[(&str, Meter)]| list.iter().find(|(name, _)| name == key).map(|it| it.1);
        let meant = match (of(&TOKENS), of(&REQUESTS)) {
            (Some(Meter::CacheWrite), _) if at.model.to_lowercase().contains("claude") => {
                Some((Meter::CacheWrite5m, Unit::CentPerToken))
            }
            (Some(meter), _) => Some((meter, Unit::CentPerToken)),
            (None, Some(meter)) => Some((meter, Unit::CentPerRequest)),
            (None, None) => None,
        };
        match (meant, entry.get("price")) {
            (Some((meter, unit)), Some(price)) => {
                out.add(at, &field, price, Meant { service_tier, ..Meant::plain(meter, unit) });
            }
            _ => out.leave(at, &field, entry, Why::NoMeter),
        }
    }
}
