//! Helicone's list of costs, `/api/llm-costs`: US dollars per million tokens. Only rows that name one
//! model are taken: what matches a beginning or a part of an id says nothing of the model.

use serde_json::Value;
use tokreckon_data::words::Meter;

use super::Why;
use super::collect::{Collector, Meant, Unit};

const PRICES: [(&str, Meter); 6] = [
    ("input_cost_per_1m", Meter::Input),
    ("output_cost_per_1m", Meter::Output),
    ("prompt_cache_read_per_1m", Meter::CacheRead),
    ("prompt_cache_write_per_1m", Meter::CacheWrite),
    ("prompt_audio_per_1m", Meter::InputAudio),
    ("completion_audio_per_1m", Meter::OutputAudio),
];

/// The rows of the list; `None` when it is another document.
pub(super) fn rows(document: &Value) -> Option<&Vec<Value>> {
    let rows = document.get("data")?.as_array()?;
    rows.first()?.get("operator").is_some().then_some(rows)
}

/// Reads the list; `None` when it is another document.
pub(super) fn read(document: &Value, out: &mut Collector<'_>) -> Option<()> {
    for row in rows(document)? {
        let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
        let (provider, model, operator) = (text("provider"), text("model"), text("operator"));
        let (at, why) = match out.place(provider, model) {
            Ok(at) => (at, (operator != "equals").then_some(Why::Pattern)),
            Err((at, why)) => (at, Some(why)),
        };
        if why == Some(Why::Pattern) {
            out.pattern(&at, &format!("{operator} {model}"));
        }
        for (key, value) in row.as_object().into_iter().flatten() {
            let meter = PRICES.iter().find(|(name, _)| name == key).map(|(_, meter)| *meter);
            match (meter, why) {
                (_, Some(why)) if value.is_number() => out.leave(&at, key, value, why),
                (Some(Meter::CacheWrite), None) if at.model.to_lowercase().contains("claude") => {
                    let meant = Meant::plain(Meter::CacheWrite5m, Unit::MillionTokens);
                    out.add(&at, key, value, meant);
                }
                (Some(meter), None) => {
                    out.add(&at, key, value, Meant::plain(meter, Unit::MillionTokens));
                }
                (None, None) if value.is_number() => out.leave(&at, key, value, Why::NoMeter),
                _ => {}
            }
        }
    }
    Some(())
}
