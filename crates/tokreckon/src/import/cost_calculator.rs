//! The price files of openai-cost-calculator, one a provider, made of the providers' own pages and of the
//! price lists of AWS and Azure: US dollars per million tokens, and per search.

use serde_json::Value;
use tokreckon_data::words::{Comparison, Meter, ServiceTier};

use super::Why;
use super::collect::{At, Collector, Meant, Span, Unit};
use crate::book::PriceBook;
use crate::time::parse_date;

const RATES: [(&str, Meter, Unit); 12] = [
    ("input", Meter::Input, Unit::MillionTokens),
    ("output", Meter::Output, Unit::MillionTokens),
    ("cached_input", Meter::CacheRead, Unit::MillionTokens),
    ("cache_write", Meter::CacheWrite, Unit::MillionTokens),
    ("cache_write_1h", Meter::CacheWrite1h, Unit::MillionTokens),
    ("input_audio", Meter::InputAudio, Unit::MillionTokens),
    ("cached_input_audio", Meter::CacheReadAudio, Unit::MillionTokens),
    ("output_audio", Meter::OutputAudio, Unit::MillionTokens),
    ("input_image", Meter::InputImage, Unit::MillionTokens),
    ("output_image", Meter::OutputImage, Unit::MillionTokens),
    ("reasoning", Meter::Reasoning, Unit::MillionTokens),
    ("web_search", Meter::WebSearches, Unit::Request),
];

/// True for a price file of this project.
pub(super) fn is_file(document: &Value) -> bool {
    let has = |key| document.get(key).is_some();
    has("schema_version") && has("verified_at") && has("provider") && has("models")
}

/// Reads a file; `None` when it is another document.
pub(super) fn read(document: &Value, out: &mut Collector<'_>) -> Option<()> {
    if !is_file(document) {
        return None;
    }
    let provider = document.get("provider")?.as_str()?;
    let is_usd = document.get("currency").and_then(Value::as_str) == Some("USD");
    for model in document.get("models")?.as_array()? {
        let text = |key: &str| model.get(key).and_then(Value::as_str).unwrap_or_default();
        let prices = model.get("prices").unwrap_or(&Value::Null);
        let (at, why) = match out.place(provider, text("id")) {
            Ok(at) => {
                let why = (!is_usd || text("status") == "unverified").then_some(Why::Condition);
                let why = why.or_else(|| (!is_an_id(&at)).then_some(Why::NoName));
                (at, why)
            }
            Err((at, why)) => (at, Some(why)),
        };
        for entry in prices.as_array().into_iter().flatten() {
            match why {
                Some(why) => leave_all(entry, &at, why, out),
                None => read_entry(entry, &at, out),
            }
        }
        if why.is_some() {
            continue;
        }
        for alias in model.get("aliases").and_then(Value::as_array).into_iter().flatten() {
            if let Some(alias) = alias.as_str() {
                out.alias(&at, alias);
            }
        }
    }
    Some(())
}

/// False for the ids that it makes of the product names of AWS, such as `amazon.nova2.0lite`: nobody
/// asks for a model by them. An id that the book has is one.
fn is_an_id(at: &At) -> bool {
    at.provider != "aws-bedrock" || PriceBook::builtin().get(&at.provider, &at.model).is_some()
}

fn read_entry(entry: &Value, at: &At, out: &mut Collector<'_>) {
    let Some(conditions) = conditions(entry, at) else {
        return leave_all(entry, at, Why::Condition, out);
    };
    for (key, value) in rates(entry) {
        let field = format!("rates.{key}");
        let Some(&(_, meter, unit)) = RATES.iter().find(|(name, ..)| name == key) else {
            out.leave(at, &field, value, Why::NoMeter);
            continue;
        };
        let meter = match meter {
            Meter::CacheWrite if at.model.to_lowercase().contains("claude") => Meter::CacheWrite5m,
            meter => meter,
        };
        out.add(at, &field, value, Meant { meter, unit, ..conditions.clone() });
    }
}

fn rates(entry: &Value) -> impl Iterator<Item = (&String, &Value)> {
    entry.get("rates").and_then(Value::as_object).into_iter().flatten()
}

/// Lists every price of an entry as left out.
fn leave_all(entry: &Value, at: &At, why: Why, out: &mut Collector<'_>) {
    for (key, value) in rates(entry) {
        out.leave(at, &format!("rates.{key}"), value, why);
    }
}

/// Under which conditions the prices of an entry hold; `None` when they cannot be said.
fn conditions(entry: &Value, at: &At) -> Option<Meant> {
    let mut meant = Meant::plain(Meter::Input, Unit::MillionTokens);
    for (key, value) in entry.get("conditions").and_then(Value::as_object).into_iter().flatten() {
        match (key.as_str(), value.as_str()?) {
            ("region", region) => meant.variant = variant(region, &at.provider)?,
            ("service_tier", "batch") => meant.service_tier = ServiceTier::Batch,
            ("service_tier", "flex") => meant.service_tier = ServiceTier::Flex,
            ("service_tier", "priority") => meant.service_tier = ServiceTier::Priority,
            ("service_tier", "fast") => meant.service_tier = ServiceTier::Fast,
            _ => return None,
        }
    }
    let day = |key: &str| match entry.get(key).and_then(Value::as_str) {
        None => Some(None),
        Some(text) => Some(Some(i32::try_from(parse_date(text.as_bytes())?).ok()?)),
    };
    meant.span = Span { from: day("effective_from")?, until: day("effective_until")? };
    // `272001` is the first prompt above 272,000 tokens.
    meant.above = match entry.get("min_input_tokens").map(Value::as_u64) {
        None => None,
        Some(least) => Some(match least? {
            least if least % 1_000 == 1 => (least - 1, Comparison::Above),
            least => (least, Comparison::AtLeast),
        }),
    };
    Some(meant)
}

/// A place as the book writes it; Vertex AI has no other price for the whole world than the plain one.
/// Azure's data zones and what is merely `regional` name no place.
fn variant(region: &str, provider: &str) -> Option<String> {
    match region {
        "global" if provider == "google-vertex" => Some(String::new()),
        "global" | "us" | "eu" => Some(format!("geo={region}")),
        "data-zone" | "regional" => None,
        region => Some(format!("region={region}")),
    }
}
