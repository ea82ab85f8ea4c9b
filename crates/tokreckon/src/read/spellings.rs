//! The spellings of usage that are known, as tables.
//!
//! | spelling | cached | cache write | reasoning |
//! |---|---|---|---|
//! | OpenAI chat and Responses, Azure, DeepSeek, OpenRouter, Moonshot, LangChain | inside input | inside input | inside output |
//! | xAI chat | inside input | – | beside output when the total says so |
//! | Perplexity deep research | – | – | beside output |
//! | Anthropic Messages, Bedrock Converse | beside input | beside input | inside output |
//! | Gemini `usageMetadata` | inside prompt | – | beside candidates |
//! | AI SDK, Copilot and others in camel case; own logs with `cache_read_tokens` | the numbers say | the numbers say | inside output |

use super::spelling::{ANYWHERE, Field as F, Member, Placing, Spelling, To, Use, uses};
use crate::usage::{Layout, Place};

use To::{Count, Either, In, Lifetimes, Modalities, Not, Plus};

const REST: &str = "what is left after the other kinds";
const INSIDE_OUTPUT: &str = "inside of the output, at its price";
const REPEATS: &str = "repeats another count";
const READ_APART: &str = "read with the response";
const FREE: &str = "free of charge";

/// OpenAI's spelling and those that extend it.
const SNAKE: &[Member] = &[
    ("prompt_tokens", Count(F::Input)),
    ("completion_tokens", Count(F::Output)),
    ("input_tokens", Count(F::Input)),
    ("input_tokens_details", In(INPUT_DETAILS)),
    ("output_tokens", Count(F::Output)),
    ("output_tokens_details", In(OUTPUT_DETAILS)),
    ("total_tokens", Count(F::Total)),
    ("prompt_tokens_details", In(INPUT_DETAILS)),
    ("completion_tokens_details", In(OUTPUT_DETAILS)),
    ("input_token_details", In(INPUT_DETAILS)),
    ("output_token_details", In(OUTPUT_DETAILS)),
    ("prompt_token_details", In(INPUT_DETAILS)),
    ("completion_token_details", In(OUTPUT_DETAILS)),
    // Moonshot, Together; Codex; Mistral.
    ("cached_tokens", Count(F::CacheRead)),
    ("cached_input_tokens", Count(F::CacheRead)),
    ("num_cached_tokens", Count(F::CacheRead)),
    ("cache_write_input_tokens", Count(F::CacheWrite)),
    ("reasoning_output_tokens", Count(F::Reasoning)),
    ("reasoning_tokens", Count(F::Reasoning)),
    // DeepSeek.
    ("prompt_cache_hit_tokens", Count(F::CacheRead)),
    ("prompt_cache_miss_tokens", Not(REST)),
    // LiteLLM; pydantic-ai; own logs.
    ("cache_creation_input_tokens", Count(F::CacheWrite)),
    ("cache_read_input_tokens", Count(F::CacheRead)),
    ("cache_read_tokens", Count(F::CacheRead)),
    ("cache_write_tokens", Count(F::CacheWrite)),
    ("cache_creation_tokens", Count(F::CacheWrite)),
    ("cache_created_tokens", Count(F::CacheWrite)),
    // The Agent Client Protocol.
    ("cached_read_tokens", Count(F::CacheRead)),
    ("cached_write_tokens", Count(F::CacheWrite)),
    ("thought_tokens", Count(F::Reasoning)),
    ("input_tokens_cache_read", Count(F::CacheRead)),
    ("input_tokens_cache_write", Count(F::CacheWrite)),
    ("cache_creation", In(LIFETIMES)),
    ("input_audio_tokens", Count(F::InputAudio)),
    ("cache_audio_read_tokens", Count(F::CacheReadAudio)),
    ("output_audio_tokens", Count(F::OutputAudio)),
    ("details", In(PYDANTIC_DETAILS)),
    ("tool_calls", Not("the user's own tools")),
    ("requests", Count(F::Requests)),
    ("request_usage_entries", Not(REPEATS)),
    // LlamaIndex.
    ("prompt_llm_token_count", Count(F::Input)),
    ("completion_llm_token_count", Count(F::Output)),
    ("total_llm_token_count", Count(F::Total)),
    // OpenRouter.
    ("cost", Not(READ_APART)),
    ("is_byok", Not(READ_APART)),
    ("cost_details", Not(READ_APART)),
    ("server_tool_use", In(SERVER_TOOLS)),
    ("server_tool_use_details", In(SERVER_TOOLS)),
    // xAI.
    ("cost_in_usd_ticks", Not(READ_APART)),
    ("server_side_tool_usage_details", In(XAI_TOOLS)),
    ("num_server_side_tools_used", Not("its kinds are counted one by one")),
    // Perplexity.
    ("citation_tokens", Count(F::Citations)),
    ("num_search_queries", Count(F::WebSearches)),
    ("search_context_size", Not(READ_APART)),
    ("service_tier", Not(READ_APART)),
    ("inference_geo", Not(READ_APART)),
    ("speed", Not(READ_APART)),
    // Mistral.
    ("prompt_audio_seconds", Count(F::AudioSeconds)),
    // MiniMax.
    ("total_characters", Count(F::Characters)),
    ("type", Not("a word")),
];

const INPUT_DETAILS: &[Member] = &[
    ("cached_tokens", Count(F::CacheRead)),
    ("cache_write_tokens", Count(F::CacheWrite)),
    ("audio_tokens", Count(F::InputAudio)),
    ("text_tokens", Not(REST)),
    ("image_tokens", Count(F::InputImage)),
    ("video_tokens", Count(F::InputVideo)),
    (
        "cached_tokens_details",
        In(&[
            ("text_tokens", Not(REST)),
            ("audio_tokens", Count(F::CacheReadAudio)),
            ("image_tokens", Count(F::CacheReadImage)),
        ]),
    ),
    ("cache_creation_tokens", Count(F::CacheWrite)),
    ("cache_creation_input_tokens", Count(F::CacheWrite)),
    ("cache_creation_token_details", In(LIFETIMES)),
    ("cache_creation", Either(F::CacheWrite, LIFETIMES)),
    // LangChain.
    ("cache_read", Count(F::CacheRead)),
    ("audio", Count(F::InputAudio)),
    ("ephemeral_5m_input_tokens", Count(F::CacheWrite5m)),
    ("ephemeral_1h_input_tokens", Count(F::CacheWrite1h)),
];

const OUTPUT_DETAILS: &[Member] = &[
    ("reasoning_tokens", Count(F::Reasoning)),
    ("audio_tokens", Count(F::OutputAudio)),
    ("text_tokens", Not(REST)),
    ("image_tokens", Count(F::OutputImage)),
    ("accepted_prediction_tokens", Not(INSIDE_OUTPUT)),
    ("rejected_prediction_tokens", Not(INSIDE_OUTPUT)),
    ("thinking_tokens", Count(F::Reasoning)),
    // LangChain.
    ("reasoning", Count(F::Reasoning)),
    ("audio", Count(F::OutputAudio)),
];

const LIFETIMES: &[Member] = &[
    ("ephemeral_5m_input_tokens", Count(F::CacheWrite5m)),
    ("ephemeral_1h_input_tokens", Count(F::CacheWrite1h)),
];

/// pydantic-ai copies what the provider wrote into `details`.
const PYDANTIC_DETAILS: &[Member] = &[
    ("input_tokens", Not(REPEATS)),
    ("output_tokens", Not(REPEATS)),
    ("cache_read_input_tokens", Count(F::CacheRead)),
    ("cache_creation_input_tokens", Count(F::CacheWrite)),
    ("cached_tokens", Count(F::CacheRead)),
    ("cached_content_tokens", Count(F::CacheRead)),
    ("reasoning_tokens", Count(F::Reasoning)),
    ("thoughts_tokens", Count(F::Reasoning)),
    ("text_prompt_tokens", Not(REST)),
    ("text_candidates_tokens", Not(REST)),
    ("accepted_prediction_tokens", Not(INSIDE_OUTPUT)),
    ("rejected_prediction_tokens", Not(INSIDE_OUTPUT)),
];

const SERVER_TOOLS: &[Member] = &[
    ("web_search_requests", Count(F::WebSearches)),
    ("web_fetch_requests", Not(FREE)),
    ("tool_calls_requested", Not(REPEATS)),
    ("tool_calls_executed", Not(REPEATS)),
];

const XAI_TOOLS: &[Member] = &[
    ("web_search_calls", Count(F::WebSearches)),
    ("file_search_calls", Count(F::FileSearches)),
    ("mcp_calls", Not("only their tokens are charged")),
];

const ANTHROPIC: &[Member] = &[
    ("input_tokens", Count(F::Input)),
    ("cache_creation_input_tokens", Count(F::CacheWrite)),
    ("cache_read_input_tokens", Count(F::CacheRead)),
    ("cache_creation", In(LIFETIMES)),
    ("output_tokens", Count(F::Output)),
    ("output_tokens_details", In(OUTPUT_DETAILS)),
    ("server_tool_use", In(SERVER_TOOLS)),
    ("service_tier", Not(READ_APART)),
    ("inference_geo", Not(READ_APART)),
    ("iterations", Not(READ_APART)),
    ("speed", Not(READ_APART)),
    ("type", Not("a word")),
    ("model", Not(READ_APART)),
    ("cost", Not(READ_APART)),
    ("total_tokens", Not("what it adds up differs")),
];

/// AI SDK, Copilot CLI and others in camel case.
const CAMEL: &[Member] = &[
    ("inputTokens", Either(F::Input, CAMEL_INPUT)),
    ("inputTokenDetails", In(CAMEL_INPUT)),
    ("outputTokens", Either(F::Output, CAMEL_OUTPUT)),
    ("outputTokenDetails", In(CAMEL_OUTPUT)),
    ("totalTokens", Count(F::Total)),
    ("reasoningTokens", Count(F::Reasoning)),
    ("cachedInputTokens", Count(F::CacheRead)),
    ("promptTokens", Count(F::Input)),
    ("completionTokens", Count(F::Output)),
    ("cacheReadTokens", Count(F::CacheRead)),
    ("cacheWriteTokens", Count(F::CacheWrite)),
    ("cacheCreationTokens", Count(F::CacheWrite)),
    ("cacheReadInputTokens", Count(F::CacheRead)),
    ("cacheCreationInputTokens", Count(F::CacheWrite)),
    ("cacheWriteInputTokens", Count(F::CacheWrite)),
    ("webSearchRequests", Count(F::WebSearches)),
    ("costUSD", Not(READ_APART)),
    ("cost", Not(READ_APART)),
    ("raw", Not(REPEATS)),
    ("contextWindow", Not("a limit")),
    ("maxOutputTokens", Not("a limit")),
];

const CAMEL_INPUT: &[Member] = &[
    ("total", Count(F::Input)),
    ("noCache", Not(REST)),
    ("noCacheTokens", Not(REST)),
    ("cacheRead", Count(F::CacheRead)),
    ("cacheReadTokens", Count(F::CacheRead)),
    ("cacheWrite", Count(F::CacheWrite)),
    ("cacheWriteTokens", Count(F::CacheWrite)),
];

const CAMEL_OUTPUT: &[Member] = &[
    ("total", Count(F::Output)),
    ("text", Not(REST)),
    ("textTokens", Not(REST)),
    ("reasoning", Count(F::Reasoning)),
    ("reasoningTokens", Count(F::Reasoning)),
];

const BEDROCK: &[Member] = &[
    ("inputTokens", Count(F::Input)),
    ("outputTokens", Count(F::Output)),
    ("totalTokens", Count(F::Total)),
    ("cacheReadInputTokens", Count(F::CacheRead)),
    ("cacheReadInputTokenCount", Count(F::CacheRead)),
    ("cacheWriteInputTokens", Count(F::CacheWrite)),
    ("cacheWriteInputTokenCount", Count(F::CacheWrite)),
    ("cacheDetails", Lifetimes),
    ("serverToolUsage", In(&[])),
];

const GEMINI: &[Member] = &[
    ("promptTokenCount", Count(F::Input)),
    ("candidatesTokenCount", Count(F::Output)),
    ("totalTokenCount", Count(F::Total)),
    ("cachedContentTokenCount", Count(F::CacheRead)),
    ("promptTokensDetails", Modalities(PROMPT_MODALITIES)),
    ("cacheTokensDetails", Modalities(CACHED_MODALITIES)),
    ("candidatesTokensDetails", Modalities(OUTPUT_MODALITIES)),
    ("thoughtsTokenCount", Count(F::Reasoning)),
    // Results of built-in tools are prompt tokens beside the prompt count.
    ("toolUsePromptTokenCount", Plus(F::Input)),
    ("toolUsePromptTokensDetails", Modalities(TOOL_MODALITIES)),
    // The Live API.
    ("responseTokenCount", Count(F::Output)),
    ("responseTokensDetails", Modalities(OUTPUT_MODALITIES)),
    ("trafficType", Not(READ_APART)),
    ("serviceTier", Not(READ_APART)),
    // Google's Python library.
    ("prompt_token_count", Count(F::Input)),
    ("candidates_token_count", Count(F::Output)),
    ("total_token_count", Count(F::Total)),
    ("cached_content_token_count", Count(F::CacheRead)),
    ("prompt_tokens_details", Modalities(PROMPT_MODALITIES)),
    ("cache_tokens_details", Modalities(CACHED_MODALITIES)),
    ("candidates_tokens_details", Modalities(OUTPUT_MODALITIES)),
    ("thoughts_token_count", Count(F::Reasoning)),
    ("tool_use_prompt_token_count", Plus(F::Input)),
    ("tool_use_prompt_tokens_details", Modalities(TOOL_MODALITIES)),
    ("response_token_count", Count(F::Output)),
    ("response_tokens_details", Modalities(OUTPUT_MODALITIES)),
    ("traffic_type", Not(READ_APART)),
    ("service_tier", Not(READ_APART)),
];

/// Google's Interactions.
const INTERACTIONS: &[Member] = &[
    ("total_input_tokens", Count(F::Input)),
    ("total_output_tokens", Count(F::Output)),
    ("total_cached_tokens", Count(F::CacheRead)),
    ("total_thought_tokens", Count(F::Reasoning)),
    ("total_tool_use_tokens", Plus(F::Input)),
    ("total_tokens", Count(F::Total)),
    ("input_tokens_by_modality", Modalities(PROMPT_MODALITIES)),
    ("output_tokens_by_modality", Modalities(OUTPUT_MODALITIES)),
    ("cached_tokens_by_modality", Modalities(CACHED_MODALITIES)),
    ("tool_use_tokens_by_modality", Modalities(TOOL_MODALITIES)),
];

/// Llama at Bedrock, without Converse.
const LLAMA: &[Member] =
    &[("prompt_token_count", Count(F::Input)), ("generation_token_count", Count(F::Output))];

/// Ollama's own interface: times are in nanoseconds.
const OLLAMA: &[Member] = &[
    ("prompt_eval_count", Count(F::Input)),
    ("eval_count", Count(F::Output)),
    ("total_duration", Not("a time")),
    ("load_duration", Not("a time")),
    ("prompt_eval_duration", Not("a time")),
    ("eval_duration", Not("a time")),
];

/// A prediction's metrics: it says nothing of caches, which it has no price for.
const REPLICATE: &[Member] = &[
    ("input_token_count", Count(F::Input)),
    ("output_token_count", Count(F::Output)),
    ("predict_time", Not("what models without a price by the token are billed by")),
    ("total_time", Not("how long it took")),
];

const PROMPT_MODALITIES: &[Member] = &[
    ("TEXT", Not(REST)),
    ("DOCUMENT", Not("at the price of text")),
    ("AUDIO", Count(F::InputAudio)),
    ("IMAGE", Count(F::InputImage)),
    ("VIDEO", Count(F::InputVideo)),
];

const CACHED_MODALITIES: &[Member] = &[
    ("TEXT", Not(REST)),
    ("DOCUMENT", Not("at the price of text")),
    ("AUDIO", Count(F::CacheReadAudio)),
    ("IMAGE", Count(F::CacheReadImage)),
    ("VIDEO", Count(F::CacheReadVideo)),
];

const OUTPUT_MODALITIES: &[Member] =
    &[("TEXT", Not(REST)), ("AUDIO", Count(F::OutputAudio)), ("IMAGE", Count(F::OutputImage))];

const TOOL_MODALITIES: &[Member] =
    &[("TEXT", Not(REST)), ("DOCUMENT", Not("at the price of text"))];

/// Attributes of OpenTelemetry spans, without `gen_ai.usage.`, `llm.usage.` or `llm.token_count.`.
const TELEMETRY: &[Member] = &[
    ("input_tokens", Count(F::Input)),
    ("output_tokens", Count(F::Output)),
    ("prompt_tokens", Count(F::Input)),
    ("completion_tokens", Count(F::Output)),
    ("total_tokens", Count(F::Total)),
    ("cache_read.input_tokens", Count(F::CacheRead)),
    ("cache_creation.input_tokens", Count(F::CacheWrite)),
    ("reasoning.output_tokens", Count(F::Reasoning)),
    ("input_tokens.cache_read", Count(F::CacheRead)),
    ("input_tokens.cached", Count(F::CacheRead)),
    ("input_tokens.cache_write", Count(F::CacheWrite)),
    ("output_tokens.reasoning", Count(F::Reasoning)),
    ("cache_read_input_tokens", Count(F::CacheRead)),
    ("cache_creation_input_tokens", Count(F::CacheWrite)),
    ("cache_read_tokens", Count(F::CacheRead)),
    ("cache_write_tokens", Count(F::CacheWrite)),
    ("cache_creation_tokens", Count(F::CacheWrite)),
    ("input_cached_tokens", Count(F::CacheRead)),
    ("cached_tokens", Count(F::CacheRead)),
    ("cached_input_tokens", Count(F::CacheRead)),
    ("reasoning_tokens", Count(F::Reasoning)),
    ("prompt_tokens_details.cached_tokens", Count(F::CacheRead)),
    ("completion_tokens_details.reasoning_tokens", Count(F::Reasoning)),
    // pydantic-ai copies what the provider wrote into `details`.
    ("details.input_tokens", Not(REPEATS)),
    ("details.output_tokens", Not(REPEATS)),
    ("details.cache_read_input_tokens", Count(F::CacheRead)),
    ("details.cache_creation_input_tokens", Count(F::CacheWrite)),
    ("details.cache_read_tokens", Count(F::CacheRead)),
    ("details.cache_write_tokens", Count(F::CacheWrite)),
    ("details.cached_tokens", Count(F::CacheRead)),
    ("details.cached_content_tokens", Count(F::CacheRead)),
    ("details.reasoning_tokens", Count(F::Reasoning)),
    ("details.thoughts_tokens", Count(F::Reasoning)),
    ("details.text_prompt_tokens", Not(REST)),
    ("details.text_candidates_tokens", Not(REST)),
    ("details.accepted_prediction_tokens", Not(INSIDE_OUTPUT)),
    ("details.rejected_prediction_tokens", Not(INSIDE_OUTPUT)),
    ("cost", Not(READ_APART)),
    ("total_cost", Not(READ_APART)),
    // OpenInference.
    ("prompt", Count(F::Input)),
    ("completion", Count(F::Output)),
    ("total", Count(F::Total)),
    ("prompt_details.cache_read", Count(F::CacheRead)),
    ("prompt_details.cache_write", Count(F::CacheWrite)),
    ("prompt_details.audio", Count(F::InputAudio)),
    ("completion_details.reasoning", Count(F::Reasoning)),
    ("completion_details.audio", Count(F::OutputAudio)),
];

/// Cohere: the units that are billed; its own templates add tokens that are not.
const COHERE: &[Member] = &[
    (
        "billed_units",
        In(&[
            ("input_tokens", Count(F::Input)),
            ("output_tokens", Count(F::Output)),
            ("search_units", Count(F::SearchUnits)),
        ]),
    ),
    ("tokens", Not("with Cohere's own templates, which are not billed")),
    ("cached_tokens", Not("of `tokens`, which are not billed")),
    ("api_version", Not("a word")),
];

/// Audio that was transcribed and is billed by its length.
const DURATION: &[Member] =
    &[("type", Not("a word")), ("seconds", Count(F::AudioSeconds)), ("duration", Not(REPEATS))];

/// Embeddings and reranking at Voyage and others: all tokens are input.
const EMBEDDING: &[Member] = &[
    ("total_tokens", Count(F::Input)),
    ("text_tokens", Not(REST)),
    ("image_pixels", Not("counted in tokens as well")),
];

const PERPLEXITY: Layout = Layout { reasoning: Place::Beside, ..Layout::INSIDE };

pub(super) const OF_OPENAI: Spelling =
    Spelling { placing: Placing::ReasoningByTotal, members: SNAKE, zeros: &[] };
pub(super) const OF_OWN_LOGS: Spelling =
    Spelling { placing: Placing::ByNumbers, members: SNAKE, zeros: &[] };
pub(super) const OF_PERPLEXITY: Spelling =
    Spelling { placing: Placing::Fixed(PERPLEXITY), members: SNAKE, zeros: &[] };
pub(super) const OF_ANTHROPIC: Spelling =
    Spelling { placing: Placing::Fixed(Layout::ANTHROPIC), members: ANTHROPIC, zeros: &[] };
pub(super) const OF_BEDROCK: Spelling =
    Spelling { placing: Placing::Fixed(Layout::ANTHROPIC), members: BEDROCK, zeros: &[] };
pub(super) const OF_AI_SDK: Spelling =
    Spelling { placing: Placing::Fixed(Layout::INSIDE), members: CAMEL, zeros: &[] };
pub(super) const OF_CAMEL: Spelling =
    Spelling { placing: Placing::ByNumbers, members: CAMEL, zeros: &[] };
/// Version 5 of the AI SDK on Claude.
pub(super) const OF_AI_SDK_5: Spelling =
    Spelling { placing: Placing::ByParts, members: CAMEL, zeros: &[] };
pub(super) const OF_GEMINI: Spelling = Spelling {
    placing: Placing::Fixed(Layout::GEMINI),
    members: GEMINI,
    zeros: &[F::CacheRead, F::Output, F::Reasoning],
};
pub(super) const OF_INTERACTIONS: Spelling = Spelling {
    placing: Placing::Fixed(Layout::GEMINI),
    members: INTERACTIONS,
    zeros: &[F::CacheRead, F::Output, F::Reasoning],
};
/// Llama has no cache there.
pub(super) const OF_LLAMA: Spelling =
    Spelling { placing: Placing::Fixed(Layout::INSIDE), members: LLAMA, zeros: &[F::CacheRead] };
/// It says nothing of caches, and nothing of them costs.
pub(super) const OF_OLLAMA: Spelling =
    Spelling { placing: Placing::Fixed(Layout::INSIDE), members: OLLAMA, zeros: &[F::CacheRead] };
pub(super) const OF_REPLICATE: Spelling = Spelling {
    placing: Placing::Fixed(Layout::INSIDE),
    members: REPLICATE,
    zeros: &[F::CacheRead],
};
pub(super) const OF_COHERE: Spelling =
    Spelling { placing: Placing::Fixed(Layout::INSIDE), members: COHERE, zeros: &[] };
pub(super) const OF_DURATION: Spelling =
    Spelling { placing: Placing::Fixed(Layout::INSIDE), members: DURATION, zeros: &[] };
pub(super) const OF_EMBEDDINGS: Spelling =
    Spelling { placing: Placing::Fixed(Layout::INSIDE), members: EMBEDDING, zeros: &[] };

/// What becomes of every member of a usage object that was seen, by spelling.
#[must_use]
pub fn spelled_members() -> Vec<(&'static str, Vec<(String, Use)>)> {
    let tables: [(&str, &[Member]); 13] = [
        (EVERYWHERE, &ANYWHERE),
        (BY_OPENAI, SNAKE),
        (BY_ANTHROPIC, ANTHROPIC),
        (BY_AI_SDK, CAMEL),
        ("Bedrock", BEDROCK),
        (BY_GEMINI, GEMINI),
        ("Google's Interactions", INTERACTIONS),
        ("Ollama and llama.cpp", LLAMA),
        ("Cohere", COHERE),
        ("Replicate", REPLICATE),
        (BY_TELEMETRY, TELEMETRY),
        ("audio by its length", DURATION),
        ("embeddings", EMBEDDING),
    ];
    tables.into_iter().map(|(name, members)| (name, uses(members))).collect()
}

const EVERYWHERE: &str = "everywhere";
/// Names of spellings that logs are written in.
pub(super) const BY_OPENAI: &str = "OpenAI and those who copy its form";
pub(super) const BY_ANTHROPIC: &str = "Anthropic";
pub(super) const BY_AI_SDK: &str = "AI SDK and others in camel case";
pub(super) const BY_GEMINI: &str = "Gemini";
pub(super) const BY_TELEMETRY: &str = "OpenTelemetry";

pub(super) const OF_TELEMETRY: Spelling =
    Spelling { placing: Placing::InsideWhereItFits, members: TELEMETRY, zeros: &[] };
