//! Names that every line of responses is asked for, the most telling first.
//!
//! An object answers for a list once for all objects of its shape, so that a line costs what is in it, not
//! what might be. A list that few lines are asked for stands where it is used.

use crate::json::{Names, PLACES};

/// Lists with their places in the order in which they stand here.
macro_rules! lists {
    ($($(#[$doc:meta])* $list:ident = [$($name:literal),+ $(,)?];)+) => {
        const ALL: &[&str] = &[$(stringify!($list),)+ MAY_COUNT];
        const _: () = assert!(ALL.len() <= PLACES, "more lists than a shape has places for");
        $(
            $(#[$doc])*
            pub(super) static $list: Names =
                Names { place: place(stringify!($list)), names: &[$($name),+] };
        )+
    };
}

/// Where the answers of the rule are kept that says what beside a usage may count.
pub(super) const MAY_COUNT_PLACE: usize = place(MAY_COUNT);
const MAY_COUNT: &str = "MAY_COUNT";

/// The place of a list.
const fn place(list: &str) -> usize {
    let mut at = 0;
    while !is_same(ALL[at], list) {
        at += 1;
    }
    at
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

lists! {
    /// Lists of rows.
    LISTS = ["data", "items", "results", "line_items", "daily_costs", "observations", "resourceSpans"];
    SPANS = ["resourceSpans"];
    /// What a line of a file of responses holds as an object.
    COUNTED = ["usage", "usageMetadata", "response"];
    /// What another format's row holds besides.
    DETAILED = ["usage_details", "usageDetails"];
    TYPE = ["type"];
    KIND = ["object"];
    SESSION = ["sessionId"];

    /// A usage in a response.
    USAGES = [
        "usage", "usageMetadata", "usage_metadata", "token_usage", "token_counts", "usage_info",
        "model_usage",
    ];
    USAGE = ["usage"];
    USAGE_METADATA = ["usageMetadata"];
    /// What programs wrap a response in, or the part of it that holds the usage.
    WRAPPERS = [
        "full_response", "result", "body", "message", "completion", "response_metadata", "raw_response",
        "rawResponse", "llm_output", "generation_info", "_meta", "meta", "metadata", "x_groq", "event",
        "interaction", "delta", "kwargs",
    ];
    /// Usages by model. AG2 counts what it answered from its own cache in another.
    BY_MODEL = ["usage_excluding_cached_inference", "usage_by_model", "model_usage"];
    /// By what an object is known to be a usage.
    SIGNS = [
        "prompt_tokens", "input_tokens", "completion_tokens", "output_tokens", "promptTokenCount",
        "totalTokenCount", "prompt_token_count", "total_token_count", "inputTokens", "promptTokens",
        "outputTokens", "prompt_llm_token_count", "billed_units", "total_input_tokens",
        "total_output_tokens", "prompt_eval_count", "eval_count",
    ];

    /// The request beside a response.
    REQUESTS = [
        "request", "request_body", "requestBody", "body", "proxy_server_request", "input", "messages",
        "modelInput",
    ];
    REQUEST = ["request"];
    /// The response in a line.
    RESPONSE = ["response"];
    OTHER_RESPONSES = ["response_body", "responseBody", "output", "modelOutput"];
    /// All of these: bodies that may be written as text.
    BODIES = [
        "request", "request_body", "requestBody", "body", "proxy_server_request", "input", "messages",
        "response", "response_body", "responseBody", "output", "modelInput", "modelOutput",
    ];
    CUSTOM_ID = ["custom_id"];
    /// What only lines of a batch have, by one seller each.
    BATCH_PLACE = ["recordId", "processed_time", "key"];
    CHOICES = ["choices"];
    OUTPUT = ["output"];
    CANDIDATES = ["candidates"];
    STEPS = ["steps"];
    DATA = ["data"];
    META = ["meta"];

    /// The time of a request or a response.
    TIMES = [
        "timestamp", "created", "created_at", "createTime", "createdAt", "create_time",
        "timestamp_utc", "created_utc", "time_utc", "date_utc", "datetime_utc", "timestamp_ms", "ts",
        "start_time", "startTime", "started_at", "startedAt", "request_time", "completed_at",
        "completedAt", "logged_at", "datetime", "date", "time",
    ];
    /// The model, in a response or in the line around it.
    MODELS = [
        "model", "modelVersion", "model_version", "model_name", "modelName", "modelId", "model_id",
    ];
    /// The id of a response.
    IDS = ["id", "responseId", "response_id", "generation_id"];
    ID = ["id"];
    PROVIDER = ["provider"];
    /// How many requests a line adds up.
    SUMS = [
        "num_requests", "request_count", "requests", "num_calls", "n_calls", "calls", "api_calls",
        "llm_calls", "num_turns", "turns",
    ];
    /// The cost of a line, in dollars.
    COSTS = [
        "cost_usd", "costUSD", "total_cost_usd", "usd_cost", "cost", "total_cost",
        "estimated_cost_usd", "estimated_cost", "spend",
    ];
    TIERS = ["service_tier", "serviceTier"];

    /// Members of a usage.
    SPEED = ["speed"];
    TRAFFIC = ["trafficType", "traffic_type"];
    GEO = ["inference_geo"];
    SEARCH_SIZE = ["search_context_size"];
    ITERATIONS = ["iterations"];
    COST = ["cost"];
    TICKS = ["cost_in_usd_ticks"];
    OWN_KEY = ["is_byok"];
    /// That tell spellings apart.
    GEMINI = ["promptTokenCount", "totalTokenCount", "prompt_token_count", "total_token_count"];
    TOTAL_COUNT = ["totalTokenCount"];
    OLLAMA = ["prompt_eval_count", "eval_count"];
    BILLED = ["billed_units"];
    METRICS = ["metrics"];
    REPLICATE = ["input_token_count", "output_token_count"];
    SECONDS = ["seconds"];
    LLAMA = ["generation_token_count"];
    INTERACTIONS = ["total_input_tokens", "total_output_tokens"];
    SNAKE = ["input_tokens", "output_tokens", "prompt_tokens", "completion_tokens"];
    CAMEL = ["inputTokens", "outputTokens", "promptTokens", "completionTokens"];
    SEARCHED = ["num_search_queries", "citation_tokens"];
    PROMPT = ["prompt_tokens"];
    INPUT = ["input_tokens"];
    TOTAL = ["total_tokens"];
    CACHES = ["cache_creation_input_tokens", "cache_read_input_tokens", "iterations"];
    /// By which a usage in snake case says that it counts caches apart, in a place of its own.
    OPEN = [
        "cache_read_tokens", "cache_write_tokens", "cache_creation_tokens", "cache_created_tokens",
        "cache_read_input_tokens", "cache_creation_input_tokens", "cached_read_tokens",
        "cached_write_tokens",
    ];
    PYDANTIC = ["cache_audio_read_tokens", "input_audio_tokens", "details"];
}

/// Members of a response or of a line around it that were seen and change no price, or are read by
/// their own names; those whose names say so by themselves are not listed.
pub(super) const KNOWN: [&str; 28] = [
    // Read: the usage, the tier, costs.
    "usage",
    "usageMetadata",
    "usage_metadata",
    "token_usage",
    "token_counts",
    "usage_info",
    "model_usage",
    "service_tier",
    "serviceTier",
    "cost",
    "cost_usd",
    "costUSD",
    "total_cost",
    "total_cost_usd",
    "usd_cost",
    "estimated_cost",
    "estimated_cost_usd",
    "spend",
    "meta",
    // Settings and contents.
    "truncation",
    "reasoning",
    "reasoning_content",
    "search_results",
    "search_parameters",
    "cache_control",
    "cached_content",
    "cachedContent",
    "billing",
];
