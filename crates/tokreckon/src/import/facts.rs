//! What tables say of models besides their prices: sizes, release, whether they reason.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Source, names};
use crate::time::parse_date;

/// What one table says of a model besides its prices; `None` is "not said".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedFacts {
    /// What it is for, in LiteLLM's words: `chat`, `embedding`.
    pub mode: Option<String>,
    /// Tokens, prompt and output together.
    pub context_window: Option<u64>,
    /// Longest prompt in tokens.
    pub max_input_tokens: Option<u64>,
    /// Longest output in tokens.
    pub max_output_tokens: Option<u64>,
    /// Whether it produces reasoning tokens.
    pub reasoning: Option<bool>,
    /// Day of its release: days since 1970-01-01.
    pub released: Option<i32>,
}

/// By our provider and model id in lower case.
pub type FactsByModel = BTreeMap<(String, String), ListedFacts>;

/// More tokens than any model reads: a slip of a table.
const ABSURD: u64 = 100_000_000;

/// What a table says of the models of providers that the book knows, besides their prices. Empty for
/// tables that say nothing of them, and for what is no table.
#[must_use]
pub fn facts(source: Source, bytes: &[u8]) -> FactsByModel {
    let Ok(document) = serde_json::from_slice::<Value>(bytes) else { return BTreeMap::new() };
    match source {
        Source::LiteLlm => of_litellm(&document),
        Source::ModelsDev => of_models_dev(&document),
        _ => BTreeMap::new(),
    }
}

/// A count that can be one; sources write 0 for what they do not know.
fn size(of: &Map<String, Value>, key: &str) -> Option<u64> {
    of.get(key).and_then(Value::as_u64).filter(|count| (1..ABSURD).contains(count))
}

fn of_litellm(document: &Value) -> FactsByModel {
    let mut facts = BTreeMap::new();
    for (id, entry) in document.as_object().into_iter().flatten() {
        let Some(entry) = entry.as_object() else { continue };
        let theirs = entry.get("litellm_provider").and_then(Value::as_str).unwrap_or_default();
        let Some(ours) = names::provider(theirs) else { continue };
        let named = names::model(Source::LiteLlm, &ours, id);
        let said = ListedFacts {
            mode: entry.get("mode").and_then(Value::as_str).map(str::to_owned),
            max_input_tokens: size(entry, "max_input_tokens"),
            max_output_tokens: size(entry, "max_output_tokens"),
            // It lists what is supported; what it leaves out it may not have looked at.
            reasoning: entry.get("supports_reasoning").and_then(Value::as_bool).filter(|yes| *yes),
            ..ListedFacts::default()
        };
        facts.insert((ours, named.id.to_lowercase()), said);
    }
    facts
}

fn of_models_dev(document: &Value) -> FactsByModel {
    let mut facts = BTreeMap::new();
    let providers = document.get("providers").unwrap_or(document).as_object();
    for (theirs, provider) in providers.into_iter().flatten() {
        let Some(ours) = names::provider(theirs) else { continue };
        for (id, model) in provider.get("models").and_then(Value::as_object).into_iter().flatten() {
            let Some(model) = model.as_object() else { continue };
            let empty = Map::new();
            let limit = model.get("limit").and_then(Value::as_object).unwrap_or(&empty);
            let released = model.get("release_date").and_then(Value::as_str).unwrap_or_default();
            let said = ListedFacts {
                context_window: size(limit, "context"),
                max_input_tokens: size(limit, "input"),
                max_output_tokens: size(limit, "output"),
                reasoning: model.get("reasoning").and_then(Value::as_bool),
                released: parse_date(released.as_bytes()).and_then(|day| i32::try_from(day).ok()),
                ..ListedFacts::default()
            };
            let named = names::model(Source::ModelsDev, &ours, id);
            facts.insert((ours.clone(), named.id.to_lowercase()), said);
        }
    }
    facts
}
