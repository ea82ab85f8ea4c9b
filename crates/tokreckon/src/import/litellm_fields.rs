//! What LiteLLM's cost fields mean: `input_cost_per_token_above_272k_tokens_priority`.

use tokreckon_data::words::{Meter, ServiceTier};

use super::collect::Unit;

/// A cost field, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) meter: Meter,
    pub(super) unit: Unit,
    pub(super) service_tier: ServiceTier,
    /// Prompt tokens above which it holds; 0 for always.
    pub(super) above: u64,
}

/// Why a field is no price of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoField {
    /// It says something else than a price.
    Fact,
    /// No meter of ours.
    NoMeter,
    /// It multiplies other prices.
    Factor,
    /// A suffix that is none of our conditions.
    Condition,
}

/// Fields without their suffixes, and what they count.
const FIELDS: [(&str, Meter, Unit); 24] = [
    ("input_cost_per_token", Meter::Input, Unit::Token),
    ("output_cost_per_token", Meter::Output, Unit::Token),
    ("cache_read_input_token_cost", Meter::CacheRead, Unit::Token),
    ("cache_creation_input_token_cost", Meter::CacheWrite, Unit::Token),
    ("input_cost_per_audio_token", Meter::InputAudio, Unit::Token),
    ("output_cost_per_audio_token", Meter::OutputAudio, Unit::Token),
    ("cache_read_input_audio_token_cost", Meter::CacheReadAudio, Unit::Token),
    ("cache_read_input_token_cost_per_audio_token", Meter::CacheReadAudio, Unit::Token),
    ("input_cost_per_image_token", Meter::InputImage, Unit::Token),
    ("output_cost_per_image_token", Meter::OutputImage, Unit::Token),
    ("cache_read_input_image_token_cost", Meter::CacheReadImage, Unit::Token),
    ("input_cost_per_video_token", Meter::InputVideo, Unit::Token),
    ("output_cost_per_video_token", Meter::OutputVideo, Unit::Token),
    ("output_cost_per_reasoning_token", Meter::Reasoning, Unit::Token),
    ("citation_cost_per_token", Meter::OutputCitation, Unit::Token),
    ("input_cost_per_query", Meter::Requests, Unit::Request),
    ("input_cost_per_request", Meter::Requests, Unit::Request),
    ("google_maps_grounding_cost_per_query", Meter::MapsGroundings, Unit::Request),
    ("web_search_cost_per_request", Meter::WebSearches, Unit::Request),
    ("output_cost_per_image", Meter::ImagesGenerated, Unit::Image),
    ("output_cost_per_video_per_second", Meter::VideoSeconds, Unit::Second),
    ("input_cost_per_audio_per_second", Meter::AudioSeconds, Unit::Second),
    ("input_cost_per_character", Meter::Characters, Unit::Character),
    ("input_cost_per_second", Meter::AudioSeconds, Unit::Second),
];

/// Reads the name of a field of a model of some mode (`chat`, `embedding` …).
pub(super) fn field(name: &str, mode: &str) -> Result<Field, NoField> {
    if name.contains("multiplier") || name == "provider_specific_entry" {
        return Err(NoField::Factor);
    }
    if !["cost", "price", "pricing"].iter().any(|word| name.contains(word)) {
        return Err(NoField::Fact);
    }
    let mut rest = name;
    let mut found = (ServiceTier::Standard, 0, false);
    loop {
        let tiers = [
            ("_batches", ServiceTier::Batch),
            ("_flex", ServiceTier::Flex),
            ("_priority", ServiceTier::Priority),
        ];
        let tier = tiers.iter().find_map(|(end, tier)| Some((rest.strip_suffix(end)?, *tier)));
        if let Some((shorter, tier)) = tier.filter(|_| found.0 == ServiceTier::Standard) {
            (rest, found.0) = (shorter, tier);
        } else if let Some((shorter, above)) = threshold(rest).filter(|_| found.1 == 0) {
            (rest, found.1) = (shorter, above);
        } else if let Some(shorter) = rest.strip_suffix("_above_1hr").filter(|_| !found.2) {
            (rest, found.2) = (shorter, true);
        } else {
            break;
        }
    }
    let (service_tier, above, one_hour) = found;
    if rest == "output_cost_per_second" && mode == "video_generation" {
        return Ok(Field { meter: Meter::VideoSeconds, unit: Unit::Second, service_tier, above });
    }
    let known = FIELDS.iter().find(|(field, _, _)| *field == rest);
    let Some((_, meter, unit)) = known else {
        let suffixed = FIELDS.iter().any(|(field, _, _)| {
            rest.strip_prefix(field).is_some_and(|suffix| suffix.starts_with('_'))
        });
        return Err(if suffixed { NoField::Condition } else { NoField::NoMeter });
    };
    // Of a chat model, seconds are those of reserved capacity.
    if rest == "input_cost_per_second" && !mode.starts_with("audio") {
        return Err(NoField::NoMeter);
    }
    let meter = match (one_hour, *meter) {
        (true, Meter::CacheWrite) => Meter::CacheWrite1h,
        (true, _) => return Err(NoField::Condition),
        (false, meter) => meter,
    };
    Ok(Field { meter, unit: *unit, service_tier, above })
}

/// Takes `_above_272k_tokens` off the end.
fn threshold(name: &str) -> Option<(&str, u64)> {
    let (rest, count) = name.strip_suffix("_tokens")?.rsplit_once("_above_")?;
    let (digits, unit) = match count.strip_suffix('k') {
        Some(digits) => (digits, 1_000),
        None => (count, 1),
    };
    let count: u64 = digits.parse().ok().filter(|count| *count > 0)?;
    Some((rest, count.checked_mul(unit)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_meter_tier_and_threshold() {
        let said = |name: &str| match field(name, "chat") {
            Ok(f) => format!("{} {} {}", f.meter, f.service_tier, f.above),
            Err(why) => format!("{why:?}"),
        };
        for (name, expected) in [
            ("input_cost_per_token", "input standard 0"),
            ("output_cost_per_token_batches", "output batch 0"),
            ("input_cost_per_token_above_272k_tokens_priority", "input priority 272000"),
            ("cache_creation_input_token_cost_above_1hr", "cache-write-1h standard 0"),
            (
                "cache_creation_input_token_cost_above_1hr_above_200k_tokens",
                "cache-write-1h standard 200000",
            ),
            ("cache_read_input_token_cost_flex", "cache-read flex 0"),
            ("input_cost_per_token_ultrafast", "Condition"),
            ("input_cost_per_token_above_1hr", "Condition"),
            ("input_cost_per_token_batches_batches", "Condition"),
            ("input_cost_per_pixel", "NoMeter"),
            ("input_cost_per_second", "NoMeter"),
            ("regional_processing_uplift_multiplier_eu", "Factor"),
            ("max_input_tokens", "Fact"),
        ] {
            assert_eq!(said(name), expected, "{name}");
        }
    }
}
