//! Every rule in words: what it says, when it holds, and on how many recordings it stands.

use jiff::civil::{Date, date};

/// A rule, as named in [`PartCount::rule`](super::PartCount::rule).
///
/// `cases` and `exact` were measured on public recordings of requests with the usage that the
/// provider returned, requests repeated word for word counted once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its stable name.
    pub id: &'static str,
    /// The models and endpoints it is for.
    pub applies_to: &'static str,
    /// What it says.
    pub says: &'static str,
    /// The first day on which it was seen to hold; `None` where no beginning is known.
    pub effective_from: Option<Date>,
    /// The first day on which it no longer held; `None` while it holds.
    pub effective_until: Option<Date>,
    /// Recorded requests it was tried on.
    pub cases: u32,
    /// How many of them were counted exactly.
    pub exact: u32,
    /// For how many of them the bill lay within the band.
    pub in_band: u32,
}

/// Every rule, by name.
#[must_use]
pub fn rules() -> &'static [Rule] {
    &RULES
}

/// The rule with a name.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES
        .binary_search_by_key(&id, |rule| rule.id)
        .ok()
        .map(|at| &RULES[at])
}

/// A rule that has held since the first recording.
const fn row(
    id: &'static str,
    applies_to: &'static str,
    says: &'static str,
    [cases, exact, in_band]: [u32; 3],
) -> Rule {
    Rule {
        id,
        applies_to,
        says,
        effective_from: None,
        effective_until: None,
        cases,
        exact,
        in_band,
    }
}

/// Sorted by id. The figures are requests in which the rule took part, those counted exactly, and those
/// within the band, as on the page `docs/counting-conformance.md` of the same release.
#[rustfmt::skip]
static RULES: [Rule; 73] = [
    row("band-claude-2", "claude-2",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [3, 2, 3]),
    row("band-claude-3", "claude-3",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [20, 2, 20]),
    row("band-claude-3.5", "claude-3.5",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [59, 14, 54]),
    row("band-claude-4.5", "claude-4.5",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [136, 11, 135]),
    row("band-claude-4.7", "claude-4.7",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [0, 0, 0]),
    row("band-command", "command",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [30, 6, 30]),
    row("band-deepseek", "deepseek",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [32, 11, 32]),
    row("band-deepseek-responses", "deepseek in Responses",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [15, 5, 15]),
    row("band-gemini", "gemini",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [143, 12, 142]),
    row("band-gemini-3", "gemini-3",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [17, 10, 17]),
    row("band-gemma", "gemma",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [1, 1, 1]),
    row("band-glm", "glm",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [12, 4, 11]),
    row("band-gpt-oss", "gpt-oss",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [33, 13, 33]),
    row("band-grok", "grok",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [1, 0, 1]),
    row("band-grok-4.1", "grok-4.1",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [23, 6, 23]),
    row("band-grok-4.3", "grok-4.3",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [36, 14, 36]),
    row("band-kimi", "kimi",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [0, 0, 0]),
    row("band-llama-3", "llama-3",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [3, 2, 3]),
    row("band-llama-3.3", "llama-3.3",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [6, 5, 6]),
    row("band-llama-4", "llama-4",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [20, 6, 19]),
    row("band-mistral", "mistral",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [35, 9, 35]),
    row("band-mistral-embed", "mistral-embed",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [6, 3, 6]),
    row("band-mistral-small", "mistral-small",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [30, 3, 30]),
    row("band-mistral-vision", "mistral vision",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [3, 1, 3]),
    row("band-other", "other models",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [0, 0, 0]),
    row("band-palmyra", "palmyra",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [5, 4, 5]),
    row("band-qwen", "qwen",
        "texts, messages, tools and schema on `o200k_base`, times measured ratios",
        [33, 7, 33]),
    row("bare-text", "embeddings and legacy completions",
        "the tokens of the text, without framing; token ids count their number",
        [83, 82, 82]),
    row("builtin-code-interpreter", "reasoning models",
        "`code_interpreter` brings in hundreds of tokens or more, billed as input",
        [5, 0, 5]),
    row("builtin-custom", "reasoning models",
        "a custom tool brings in a text of its own",
        [1, 0, 1]),
    row("builtin-file-search", "gpt-4o, gpt-4.1",
        "`file_search` brings in the passages found, billed as input",
        [4, 0, 4]),
    row("builtin-image-generation", "reasoning models",
        "`image_generation` brings in hundreds of tokens or more",
        [8, 0, 8]),
    row("builtin-mcp", "gpt-4o, gpt-4.1, reasoning models",
        "an MCP server brings in the definitions of its tools",
        [3, 0, 3]),
    row("builtin-tool-search", "reasoning models",
        "`tool_search` and namespaces bring in definitions found later",
        [34, 0, 34]),
    row("builtin-unknown", "all",
        "the provider's tool adds tokens of which nothing is recorded",
        [15, 0, 15]),
    row("builtin-web-search-o200k", "gpt-4o, gpt-4.1",
        "web search adds 294 tokens",
        [6, 6, 6]),
    row("builtin-web-search-reasoning", "reasoning models",
        "the results of web searches are billed as input",
        [16, 0, 16]),
    row("call-legacy", "legacy functions",
        "`function_call` and `role: function`, as published for the models of 2023",
        [5, 5, 5]),
    row("call-o200k", "gpt-4o, gpt-4.1, gpt-3.5, gpt-4 in Chat Completions",
        "a call: its name, its arguments as compact JSON, 7; its result: the text, the name \
         after a dot, 6",
        [107, 103, 107]),
    row("call-o200k-responses", "gpt-4o, gpt-4.1 in Responses",
        "a call and its result cost 14 besides names, arguments and text",
        [28, 18, 27]),
    row("call-reasoning", "reasoning models",
        "a call: its name, its arguments as compact JSON, 10; its result: the text, the name \
         again, 9",
        [93, 14, 93]),
    row("call-text", "models with tools",
        "what the model says before it calls is a message of its own: its tokens and 4",
        [1, 1, 1]),
    row("image-patches", "gpt-4.1-mini and -nano, o4-mini, gpt-5-mini and -nano",
        "patches of 32 pixels, at most 1536, times a factor, and up to 2 more",
        [19, 8, 19]),
    row("image-size-unknown", "models with an image rule",
        "the image is elsewhere: from the smallest to the largest that the rule allows",
        [17, 1, 17]),
    row("image-tiles", "gpt-4o, gpt-4.1, gpt-4-turbo, gpt-5, o3",
        "a base and a price per tile of 512 pixels, after scaling to 2048 and 768",
        [20, 20, 20]),
    row("image-unknown", "models without an image rule",
        "an image costs what no rule tells",
        [30, 0, 30]),
    row("media-unknown", "all",
        "files, sound, films and thoughts handed back cost what no rule tells",
        [99, 0, 98]),
    row("message-4", "OpenAI chat models",
        "a message: its texts joined and 4; a name: its tokens and 1, one less where it \
         repeats the role; in the history of reasoning models an answer costs 2 more",
        [1240, 1012, 1231]),
    row("message-5", "gpt-3.5-turbo-0301",
        "a message: its texts joined and 5; a name takes 1 off",
        [2, 1, 1]),
    row("parallel-calls-o200k", "gpt-4o, gpt-4.1",
        "calls in one message are billed as one call of `multi_tool_use.parallel` with \
         compact JSON, their results as one JSON list, and 20",
        [23, 19, 22]),
    row("parallel-calls-reasoning", "reasoning models",
        "calls in one message cost less than one by one, by about their names",
        [2, 2, 2]),
    row("priming-2", "reasoning models",
        "the opening of the reply costs 2",
        [297, 153, 296]),
    row("priming-3", "OpenAI chat models without reasoning, o1-mini",
        "the opening of the reply costs 3",
        [957, 866, 948]),
    row("reasoning-dropped", "reasoning models",
        "thoughts from before the last question are not billed",
        [22, 8, 22]),
    row("reasoning-item", "reasoning models",
        "thoughts handed back without `encrypted_content` after the last question are billed; \
         their length is not in the request",
        [0, 0, 0]),
    row("reasoning-item-encrypted", "reasoning models in Responses",
        "thoughts handed back after the last question cost about (length of \
         `encrypted_content` - 850) / 7.2",
        [32, 2, 32]),
    Rule { effective_from: Some(date(2025, 3, 10)), effective_until: Some(date(2025, 4, 7)), ..row(
        "responses-2025-03", "gpt-4o in Responses",
        "18 tokens more on every request, about 200 more where there are tools or images",
        [24, 8, 22]) },
    row("schema-chat-o200k", "gpt-4o, gpt-4.1 in Chat Completions",
        "a strict schema: its name twice, the schema as compact ASCII JSON without \
         `additionalProperties`, `required`, `default` and limits, 12; 4 less with a system \
         message",
        [75, 74, 75]),
    row("schema-responses-o200k", "gpt-4o, gpt-4.1 in Responses",
        "a strict schema: its name, the schema written the same way, 7",
        [5, 5, 5]),
    row("schema-responses-reasoning", "reasoning models in Responses",
        "a strict schema: its name, the schema written the same way, 6",
        [6, 5, 6]),
    row("schema-unmeasured", "other models",
        "a schema, as if by the rule for gpt-4o",
        [0, 0, 0]),
    row("search-model", "gpt-4o-search-preview",
        "search models were billed up to 11 tokens below the rules",
        [3, 0, 3]),
    row("stored-state", "all",
        "`previous_response_id` and its like bring in text that is not in the request",
        [23, 4, 23]),
    row("tool-choice", "models without reasoning",
        "naming a function costs 7 and its name after a dot, `none` 1, the legacy \
         `function_call` 4 and the name",
        [21, 16, 19]),
    row("tools-chat-cl100k", "gpt-3.5, gpt-4 in Chat Completions",
        "functions as text in the first dialect and 9; 4 less with a system message, which \
         gets a line feed",
        [51, 38, 49]),
    row("tools-chat-o200k", "gpt-4o, gpt-4.1 in Chat Completions",
        "functions as text in the second dialect and 9; 4 less with a system message, which \
         gets a line feed",
        [218, 213, 218]),
    row("tools-chat-o3-mini", "o3-mini in Chat Completions",
        "functions as text in the second dialect and 9, or 10 where the first is described",
        [4, 4, 4]),
    row("tools-chat-reasoning", "o-models, gpt-5 in Chat Completions",
        "functions as text in the second dialect and 90, or 91 where the first is described",
        [35, 25, 35]),
    row("tools-responses-o200k", "gpt-4o, gpt-4.1 in Responses",
        "functions as text in the second dialect and 3; none with calls in the history and no \
         `instructions`",
        [53, 35, 52]),
    row("tools-responses-reasoning", "reasoning models in Responses",
        "functions as text in the second dialect and 8, or 9 where the first is described",
        [128, 38, 128]),
    row("tools-unknown", "models without a tool rule",
        "functions cost what no rule tells",
        [0, 0, 0]),
    row("unknown-model", "unknown models",
        "neither tokenizer nor framing are known",
        [0, 0, 0]),
    row("unknown-part", "all",
        "a part that is not understood costs what no rule tells",
        [80, 0, 80]),
];
