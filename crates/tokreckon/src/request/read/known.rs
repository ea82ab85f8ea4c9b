//! Members of a body that bring in no text: whatever else stands at its top may be billed, and is named.

use serde_json::{Map, Value};

use super::{Endpoint, cohere, may_bring_text};

/// Settings, at one server or another: how to sample, to answer, to route, to bill.
const SETTINGS: [&str; 79] = [
    "additionalModelResponseFieldPaths",
    "anthropic_beta",
    "anthropic_version",
    "api_base",
    "api_key",
    "audio",
    "background",
    "base_url",
    "best_of",
    "betas",
    "cache_control",
    "cachePoint",
    "clear_thinking",
    "custom_llm_provider",
    "dimensions",
    "echo",
    "embedding_types",
    "enable_thinking",
    "encoding_format",
    "extra_headers",
    "frequency_penalty",
    "include",
    "include_reasoning",
    "inference_geo",
    "inferenceConfig",
    "input_type",
    "labels",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_output_tokens",
    "max_tokens",
    "metadata",
    "min_p",
    "modalities",
    "model",
    "modelArmorConfig",
    "modelId",
    "models",
    "moderation",
    "n",
    "output_dtype",
    "parallel_tool_calls",
    "performanceConfig",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "provider",
    "reasoning",
    "reasoning_effort",
    "reasoning_format",
    "repetition_penalty",
    "requestMetadata",
    "route",
    "safety_identifier",
    "schemaVersion",
    "seed",
    "service_tier",
    "serviceTier",
    "speed",
    "stop",
    "stop_sequences",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "thinking",
    "timeout",
    "tool_choice",
    "top_logprobs",
    "top_p",
    "transforms",
    "truncate",
    "truncation",
    "usage",
    "user",
    "verbosity",
];

/// What the reader of a body reads, or names by itself.
fn read(endpoint: Endpoint, body: &Map<String, Value>) -> &'static [&'static str] {
    match endpoint {
        Endpoint::ChatCompletions if cohere::is_shape(body) => {
            &["message", "chat_history", "preamble", "tools", "documents"]
        }
        Endpoint::ChatCompletions => &[
            "messages",
            "tools",
            "functions",
            "function_call",
            "response_format",
            "documents",
            "web_search_options",
        ],
        Endpoint::Responses => &[
            "input",
            "instructions",
            "previous_response_id",
            "conversation",
            "prompt",
            "tools",
            "text",
            "context_management",
        ],
        Endpoint::Messages => {
            &["system", "messages", "tools", "context_management", "output_config", "output_format"]
        }
        Endpoint::GenerateContent => &[
            "contents",
            "systemInstruction",
            "system_instruction",
            "tools",
            "toolConfig",
            "tool_config",
            "generationConfig",
            "generation_config",
            "safetySettings",
            "safety_settings",
            "cachedContent",
            "cached_content",
        ],
        Endpoint::Converse => &["messages", "system", "toolConfig"],
        Endpoint::Embeddings => &["input"],
        Endpoint::Completions => &["prompt"],
    }
}

/// The other members that may bring in text.
pub(super) fn unknown(endpoint: Endpoint, body: &Map<String, Value>) -> Vec<String> {
    let read = read(endpoint, body);
    let known = |name: &str| SETTINGS.contains(&name) || read.contains(&name);
    let unknown = body.iter().filter(|(name, value)| !known(name) && may_bring_text(value));
    unknown.map(|(name, _)| format!("`{name}`")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_sorted_and_there_once() {
        let mut sorted = SETTINGS.to_vec();
        sorted.sort_by_key(|name| (name.to_ascii_lowercase(), *name));
        sorted.dedup();
        assert_eq!(sorted, SETTINGS);
    }

    #[test]
    fn what_may_bring_in_text_is_named() {
        let body = serde_json::json!({
            "messages": [], "temperature": 1, "stop": ["x"], "top_k": 4, "logit_bias": {},
            "enable_search": true, "safe_prompt": false, "knowledge": [{"id": "k"}], "suffix": ""
        });
        let Value::Object(body) = body else { panic!("an object") };
        assert_eq!(unknown(Endpoint::ChatCompletions, &body), ["`enable_search`", "`knowledge`"]);
        assert_eq!(unknown(Endpoint::Responses, &body).len(), 2);
    }

    /// Members of Cohere's first Chat are none of the second's, and the other way round.
    #[test]
    fn shapes_of_one_endpoint_have_their_own_members() {
        let unknown =
            |body: &Value| unknown(Endpoint::ChatCompletions, body.as_object().expect("an object"));
        let second =
            serde_json::json!({"messages": [], "preamble": "Be kind.", "chat_history": [1]});
        assert_eq!(unknown(&second), ["`preamble`", "`chat_history`"]);
        let first = serde_json::json!({"message": "hi", "preamble": "Be kind.", "functions": [1]});
        assert_eq!(unknown(&first), ["`functions`"]);
    }
}
