//! Which spelling a usage is in: by members that only one of them has, and by what stands around it.

use crate::json::Value;

use super::names;
use super::object::Object;
use super::spelling::Spelling;
use super::spellings::{
    OF_AI_SDK, OF_AI_SDK_5, OF_ANTHROPIC, OF_BEDROCK, OF_CAMEL, OF_COHERE, OF_DURATION,
    OF_EMBEDDINGS, OF_GEMINI, OF_INTERACTIONS, OF_LLAMA, OF_OLLAMA, OF_OPENAI, OF_OWN_LOGS,
    OF_PERPLEXITY, OF_REPLICATE,
};

/// True for an object with a member that only a usage has.
pub(super) fn is_usage(object: &Object) -> bool {
    object.has(&names::SIGNS)
}

/// How a usage is spelled. `around` is the response, `model` the model that it names.
pub(super) fn spelling(usage: &Object, around: &Object, model: &str) -> &'static Spelling {
    let has = |list| usage.has(list);
    if has(&names::LLAMA) {
        return &OF_LLAMA;
    }
    if has(&names::OLLAMA) {
        return &OF_OLLAMA;
    }
    if has(&names::INTERACTIONS) && !has(&names::SNAKE) {
        return &OF_INTERACTIONS;
    }
    if has(&names::GEMINI) {
        return &OF_GEMINI;
    }
    if has(&names::BILLED) {
        return &OF_COHERE;
    }
    if has(&names::REPLICATE) && !has(&names::SNAKE) {
        return &OF_REPLICATE;
    }
    if has(&names::SECONDS)
        && ![&names::INPUT, &names::PROMPT, &names::TOTAL].into_iter().any(|list| usage.has(list))
    {
        return &OF_DURATION;
    }
    if has(&names::CAMEL) {
        return camel(usage, around, model);
    }
    if has(&names::SEARCHED) && has(&names::PROMPT) {
        return &OF_PERPLEXITY;
    }
    let is_message = || around.first(&names::TYPE).and_then(Value::as_str) == Some("message");
    if has(&names::INPUT) && !has(&names::PROMPT) && (has(&names::CACHES) || is_message()) {
        return &OF_ANTHROPIC;
    }
    if !is_usage(usage) && has(&names::TOTAL) && is_of_vectors(around) {
        return &OF_EMBEDDINGS;
    }
    // pydantic-ai adds the caches to the input.
    let is_pydantic = has(&names::PYDANTIC) || is_of_pydantic(around);
    if has(&names::OPEN) && !is_pydantic { &OF_OWN_LOGS } else { &OF_OPENAI }
}

/// True for a response as pydantic-ai stores it; its usage may show so as well, by `details`.
pub(super) fn is_of_pydantic(response: &Object) -> bool {
    response.contains_key("parts")
        && response.get("kind").and_then(Value::as_str) == Some("response")
}

fn camel(usage: &Object, around: &Object, model: &str) -> &'static Spelling {
    let has = |name: &str| usage.contains_key(name);
    let is_converse = ["stopReason", "metrics", "ResponseMetadata", "$metadata"]
        .iter()
        .any(|name| around.contains_key(name));
    let is_counted_by_bedrock =
        ["cacheWriteInputTokens", "cacheDetails", "serverToolUsage"].iter().any(|name| has(name))
            || has("cacheReadInputTokens") && !has("cacheCreationInputTokens");
    if is_converse || is_counted_by_bedrock {
        return &OF_BEDROCK;
    }
    let is_nested = usage.get("inputTokens").is_some_and(Value::is_object);
    if has("inputTokenDetails") || is_nested {
        return &OF_AI_SDK;
    }
    // Version 5 of the AI SDK keeps Claude's cached tokens beside the input, the others' inside.
    if has("cachedInputTokens") {
        return if model.contains("claude") { &OF_AI_SDK_5 } else { &OF_AI_SDK };
    }
    &OF_CAMEL
}

/// True for a list of vectors or of scores.
fn is_of_vectors(response: &Object) -> bool {
    let first = |name: &str| response.get(name)?.as_array()?.first()?.as_object();
    let items = [first("data"), first("results")];
    items
        .into_iter()
        .flatten()
        .any(|item| item.contains_key("embedding") || item.contains_key("relevance_score"))
        || response.contains_key("embeddings")
        // A list whose items were left out of the log.
        || response.first_text(&names::KIND) == Some("list")
}
