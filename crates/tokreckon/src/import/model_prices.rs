//! The snapshot of model-prices: the prices of each model with the days since which they held.

use serde_json::Value;
use tokreckon_data::words::{Comparison, Meter, ServiceTier};

use super::collect::{At, Collector, Meant, Span, Unit};
use super::{Why, collect};
use crate::time::parse_date;

const PRICES: [(&str, Meter); 4] = [
    ("input", Meter::Input),
    ("cache_read", Meter::CacheRead),
    ("cache_write", Meter::CacheWrite),
    ("output", Meter::Output),
];

/// True for such a document.
pub(super) fn is_snapshot(document: &Value) -> bool {
    document.get("schema").is_some() && document.get("prices").is_some_and(Value::is_object)
}

/// Reads the table; `None` when it is another document.
pub(super) fn read(document: &Value, out: &mut Collector<'_>) -> Option<()> {
    if !is_snapshot(document) {
        return None;
    }
    for (provider, models) in document.get("prices")?.as_object()? {
        for (id, modes) in models.as_object()? {
            for (mode, periods) in modes.as_object()? {
                read_mode(out, (provider, id), mode, periods.as_array()?);
            }
        }
    }
    Some(())
}

/// The periods of one way to be served, each until the next begins.
fn read_mode(out: &mut Collector<'_>, (provider, id): (&str, &str), mode: &str, periods: &[Value]) {
    let place = out.place(provider, id);
    for (at, period) in periods.iter().enumerate() {
        let Some(rates) = period.get("rates").filter(|rates| rates.is_object()) else {
            continue;
        };
        let (place, tier) = match (&place, tier(mode)) {
            (Ok(place), Some(tier)) => (place, tier),
            (Ok(place) | Err((place, _)), _) => {
                leave(out, place, rates);
                continue;
            }
        };
        let from = start(period);
        let until = periods.get(at + 1).and_then(start);
        if from.zip(until).is_some_and(|(from, until)| until <= from) {
            continue;
        }
        let span = Span { from, until };
        add(out, place, rates, tier, span, None);
        for tiered in rates.get("tiers").and_then(Value::as_array).into_iter().flatten() {
            let above = tiered.get("above").and_then(Value::as_u64);
            let above = above.map(|tokens| (tokens, Comparison::Above));
            if above.is_some() {
                add(out, place, tiered, tier, span, above);
            }
        }
    }
}

fn add(
    out: &mut Collector<'_>,
    at: &At,
    rates: &Value,
    tier: ServiceTier,
    span: Span,
    above: Option<(u64, Comparison)>,
) {
    // Where writes that live an hour have a price of their own, the plain one is that of 5 minutes.
    let has_lifetimes = at.provider == "anthropic";
    for (field, meter) in PRICES {
        let meter = match meter {
            Meter::CacheWrite if has_lifetimes => Meter::CacheWrite5m,
            other => other,
        };
        if let Some(value) = rates.get(field) {
            let plain = Meant::plain(meter, Unit::MillionTokens);
            out.add(at, field, value, Meant { service_tier: tier, span, above, ..plain });
        }
    }
}

/// A mode that no service tier is: a speed or a thinking mode of one maker.
fn leave(out: &mut Collector<'_>, at: &At, rates: &Value) {
    for (field, _) in PRICES {
        if let Some(value) = rates.get(field) {
            out.leave(at, field, value, Why::Condition);
        }
    }
}

fn tier(mode: &str) -> Option<ServiceTier> {
    match mode {
        "standard" => Some(ServiceTier::Standard),
        other => ServiceTier::from_word(other),
    }
}

/// The day on which a period starts: as declared, or when its price was first recorded.
fn start(period: &Value) -> Option<i32> {
    let day = |value: Option<&Value>| {
        let text = value?.as_str()?;
        i32::try_from(parse_date(collect::shortened(text).get(..10)?.as_bytes())?).ok()
    };
    let recorded = day(period.get("rates").and_then(|rates| rates.get("valid_from")));
    day(period.get("start")).or(recorded)
}
