//! OpenRouter's list of models, `/api/v1/models`: US dollars per token, request or image, as texts.

use serde_json::{Map, Value};
use tokreckon_data::words::{Comparison, Meter};

use super::Why;
use super::collect::{At, Collector, Meant, Unit};

const PRICES: [(&str, Meter, Unit); 9] = [
    ("prompt", Meter::Input, Unit::Token),
    ("completion", Meter::Output, Unit::Token),
    ("input_cache_read", Meter::CacheRead, Unit::Token),
    ("input_cache_write", Meter::CacheWrite, Unit::Token),
    ("internal_reasoning", Meter::Reasoning, Unit::Token),
    ("audio", Meter::InputAudio, Unit::Token),
    ("request", Meter::Requests, Unit::Request),
    ("web_search", Meter::WebSearches, Unit::Request),
    ("image", Meter::ImagesRead, Unit::Image),
];

/// Members of an override that say when its prices hold.
const CONDITIONS: [&str; 3] = ["min_prompt_tokens", "utc_start", "utc_end"];

/// The models of the list; `None` when it is another document.
pub(super) fn models(document: &Value) -> Option<&Vec<Value>> {
    let models = document.get("data")?.as_array()?;
    let first = models.first()?;
    (first.get("id").is_some() && first.get("pricing").is_some()).then_some(models)
}

/// Reads the list; `None` when it is another document.
pub(super) fn read(document: &Value, out: &mut Collector<'_>) -> Option<()> {
    for model in models(document)? {
        let id = model.get("id").and_then(Value::as_str).unwrap_or_default();
        let pricing = model.get("pricing").unwrap_or(&Value::Null);
        let at = match out.place("openrouter", id) {
            Ok(at) => at,
            Err((at, why)) => {
                leave_all("pricing", pricing, &at, why, out);
                continue;
            }
        };
        match pricing.as_object() {
            Some(prices) => read_prices("pricing", prices, None, &at, out),
            None => out.leave(&at, "pricing", pricing, Why::NotANumber),
        }
        let slug = model.get("canonical_slug").and_then(Value::as_str);
        // `:free` and the like share the slug of the plain model.
        if let Some(slug) = slug.filter(|_| !id.contains(':')) {
            out.alias(&at, slug);
        }
    }
    Some(())
}

fn read_prices(
    path: &str,
    prices: &Map<String, Value>,
    above: Option<u64>,
    at: &At,
    out: &mut Collector<'_>,
) {
    let above = above.map(|tokens| (tokens, Comparison::AtLeast));
    for (key, value) in prices {
        let field = format!("{path}.{key}");
        let known = PRICES.iter().find(|(name, ..)| name == key);
        match (known, value) {
            (Some(&(_, meter, unit)), _) => {
                let meter = match meter {
                    Meter::CacheWrite if at.model.contains("claude") => Meter::CacheWrite5m,
                    meter => meter,
                };
                out.add(at, &field, value, Meant { above, ..Meant::plain(meter, unit) });
            }
            (None, Value::Array(overrides)) if key == "overrides" => {
                for prices in overrides {
                    read_override(&field, prices, at, out);
                }
            }
            (None, _) if CONDITIONS.contains(&key.as_str()) || value.is_null() => {}
            (None, _) => out.leave(at, &field, value, Why::NoMeter),
        }
    }
}

/// `{"min_prompt_tokens": 200000, "prompt": "0.000006"}`; hours of the day are not told with all that
/// they need.
fn read_override(field: &str, prices: &Value, at: &At, out: &mut Collector<'_>) {
    let least = prices.get("min_prompt_tokens").and_then(Value::as_u64);
    let has_hours = prices.get("utc_start").is_some() || prices.get("utc_end").is_some();
    match (prices.as_object(), least) {
        (Some(prices), Some(least)) if !has_hours => {
            read_prices(&format!("{field}[{least}]"), prices, Some(least), at, out);
        }
        _ => leave_all(field, prices, at, Why::Condition, out),
    }
}

/// Lists every price of an object as left out, also those under keys that nobody knows: its amounts
/// are texts.
fn leave_all(path: &str, prices: &Value, at: &At, why: Why, out: &mut Collector<'_>) {
    for (key, value) in prices.as_object().into_iter().flatten() {
        let field = format!("{path}.{key}");
        match value {
            Value::Null => {}
            _ if CONDITIONS.contains(&key.as_str()) => {}
            Value::Array(overrides) => {
                for prices in overrides {
                    leave_all(&field, prices, at, why, out);
                }
            }
            _ => out.leave(at, &field, value, why),
        }
    }
}
