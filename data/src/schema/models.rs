//! Reading `[[model]]`, `[[stated]]` and `[[rate-limit]]`.

use std::collections::BTreeMap;

use super::entry::{File, ModelEntry, RateLimitEntry, StatedEntry};
use super::fields::{Fields, Found, Reader};
use super::{Origin, each_entry};

/// Reads every `[[model]]`.
pub(super) fn read_models(reader: &mut Reader<'_>, top: &mut Fields<'_>, file: &mut File) {
    let mut lines: BTreeMap<String, u32> = BTreeMap::new();
    let mut last = String::new();
    for mut fields in each_entry(reader, top, "model", "[[model]]") {
        let Some(id) = reader.required_text(&mut fields, "id", "say which model is meant") else {
            read_model(reader, fields, String::new());
            continue;
        };
        let key = id.value.to_lowercase();
        if let Some(line) = lines.insert(key.clone(), reader.place(fields.offset).line) {
            let message = format!("`[[model]]` `{}` was described at line {line}", id.value);
            reader.mistake(id.offset, message, "merge the two");
        } else if key < last {
            let message = format!("`[[model]]` of `{}` belongs before that of `{last}`", id.value);
            check_sorted(reader, &id, message);
        }
        last = key;
        let entry = read_model(reader, fields, id.value);
        file.models.push(entry);
    }
}

/// Reads the facts of one model.
fn read_model(reader: &mut Reader<'_>, mut fields: Fields<'_>, id: String) -> ModelEntry {
    let place = reader.place(fields.offset);
    let f = &mut fields;
    let mut count = |reader: &mut Reader<'_>, key| reader.count(f, key).map_or(0, |n| n.value);
    let context_window = count(reader, "context-window");
    let max_input_tokens = count(reader, "max-input-tokens");
    let max_output_tokens = count(reader, "max-output-tokens");
    let entry = ModelEntry {
        place,
        id,
        mode: reader.optional(f, "mode"),
        context_window,
        max_input_tokens,
        max_output_tokens,
        reasoning: reader.flag(f, "reasoning"),
        tokenizer: reader.optional(f, "tokenizer"),
        tokenizer_basis: reader.optional(f, "tokenizer-basis"),
        modalities_in: without_blanks(reader, f, "modalities-in"),
        modalities_out: without_blanks(reader, f, "modalities-out"),
        endpoints: endpoints(reader, f),
        features: without_blanks(reader, f, "features"),
        features_not_supported: without_blanks(reader, f, "features-not-supported"),
        snapshots: without_blanks(reader, f, "snapshots"),
        released: reader.day_or_month(f, "released"),
        knowledge_cutoff: reader.day_or_month(f, "knowledge-cutoff"),
        retired: reader.day_or_month(f, "retired"),
        status: reader.words(f, "status"),
        open_weights: reader.flag(f, "open-weights"),
        source: source(reader, f),
        disagreements: reader.words(f, "disagreements"),
    };
    reader.finish(&fields);
    entry
}

/// A list whose words are kept separated by blanks, so none may hold one.
fn without_blanks(
    reader: &mut Reader<'_>,
    fields: &mut Fields<'_>,
    key: &'static str,
) -> Vec<String> {
    let found = reader.texts(fields, key).unwrap_or_default();
    for word in found.iter().filter(|word| word.value.contains(' ')) {
        let message = format!("`{key}` holds `{}` with a blank", word.value);
        reader.mistake(word.offset, message, "write one word per item, joined by `-`");
    }
    found.into_iter().map(|word| word.value).collect()
}

/// Endpoints, which are paths.
fn endpoints(reader: &mut Reader<'_>, fields: &mut Fields<'_>) -> Vec<String> {
    let found = reader.texts(fields, "endpoints").unwrap_or_default();
    for path in found.iter().filter(|path| !path.value.starts_with('/') || path.value.contains(' '))
    {
        let message = format!("endpoint `{}` is not a path", path.value);
        reader.mistake(path.offset, message, "write it like `/v1/chat/completions`");
    }
    found.into_iter().map(|path| path.value).collect()
}

/// The source, which shipped files must give.
fn source(reader: &mut Reader<'_>, fields: &mut Fields<'_>) -> String {
    if reader.origin == Origin::User {
        return reader.optional(fields, "source");
    }
    let found = reader.required_text(fields, "source", "say where it is said");
    found.map_or_else(String::new, |found| found.value)
}

/// Notes a shipped entry that belongs before the one above it.
fn check_sorted(reader: &mut Reader<'_>, id: &Found<String>, message: String) {
    if reader.origin == Origin::Shipped {
        reader.mistake(id.offset, message, "sort by model");
    }
}

/// Reads every `[[stated]]`.
pub(super) fn read_stated(reader: &mut Reader<'_>, top: &mut Fields<'_>, file: &mut File) {
    for mut fields in each_entry(reader, top, "stated", "[[stated]]") {
        let f = &mut fields;
        let model = reader.required_text(f, "model", "say which model is meant");
        let fact = reader.required_text(f, "fact", "name it, such as `context_window`");
        let hint = "say what the page does, such as `stated` or `absent`";
        let state = reader.required_text(f, "state", hint);
        let (value, unit) = (reader.optional(f, "value"), reader.optional(f, "unit"));
        let (source, note) = (source(reader, f), reader.optional(f, "note"));
        reader.finish(&fields);
        let (Some(model), Some(fact), Some(state)) = (model, fact, state) else {
            continue;
        };
        let last = file.stated.last().map_or("", |last| &last.model);
        if model.value.to_lowercase() < last.to_lowercase() {
            let message =
                format!("`[[stated]]` of `{}` belongs before that of `{last}`", model.value);
            check_sorted(reader, &model, message);
        }
        let (model, fact, state) = (model.value, fact.value, state.value);
        file.stated.push(StatedEntry { model, fact, value, unit, state, source, note });
    }
}

/// Reads every `[[rate-limit]]`.
pub(super) fn read_rate_limits(reader: &mut Reader<'_>, top: &mut Fields<'_>, file: &mut File) {
    let mut lines = BTreeMap::new();
    for mut fields in each_entry(reader, top, "rate-limit", "[[rate-limit]]") {
        let f = &mut fields;
        let place = reader.place(f.offset);
        let model = reader.required_text(f, "model", "say which model is meant");
        let tier = reader.required_text(f, "tier", "name it, such as `free` or `1`");
        let supported = reader.flag(f, "supported").unwrap_or(true);
        let mut limit = |reader: &mut Reader<'_>, key| reader.count(f, key).map_or(0, |n| n.value);
        let requests_per_minute = limit(reader, "requests-per-minute");
        let tokens_per_minute = limit(reader, "tokens-per-minute");
        let batch_queue_tokens = limit(reader, "batch-queue-tokens");
        let source = source(reader, f);
        let seen_day = reader.day(f, "seen").map(|found| found.value);
        if reader.origin == Origin::Shipped && !f.has("seen") {
            reader.missing(f, "seen", "say on which day it was last seen");
        }
        reader.finish(&fields);
        let (Some(model), Some(tier)) = (model, tier) else {
            continue;
        };
        let key = (model.value.to_lowercase(), tier_order(&tier.value));
        if lines.range(&key..).next().is_some_and(|(later, _)| *later != key) {
            let what = format!("tier `{}` of `{}`", tier.value, model.value);
            let message = format!("`[[rate-limit]]` for {what} belongs before the one above it");
            check_sorted(reader, &model, message);
        }
        if let Some(line) = lines.insert(key, place.line) {
            let message = format!("rate limit tier `{}` was given at line {line}", tier.value);
            reader.mistake(tier.offset, message, "merge the two");
        }
        file.rate_limits.push(RateLimitEntry {
            place,
            model: model.value,
            tier: tier.value,
            supported,
            requests_per_minute,
            tokens_per_minute,
            batch_queue_tokens,
            source,
            seen_day,
        });
    }
}

/// Free first, then the numbered tiers, then names.
pub(crate) fn tier_order(tier: &str) -> (u32, String) {
    match (tier, tier.parse::<u32>()) {
        ("free", _) => (0, String::new()),
        (_, Ok(number)) => (number.saturating_add(1), String::new()),
        (name, Err(_)) => (u32::MAX, name.to_owned()),
    }
}
