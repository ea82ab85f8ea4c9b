//! The counting rules as numbers: what each costs, for which models and endpoints, and when.

use jiff::civil::{Date, date};

use super::model::Kind;
use super::read::Endpoint;
use super::render::Dialect;

/// How messages are framed.
pub(crate) struct Framing {
    /// The rule of a message.
    pub(crate) message: &'static str,
    /// The rule of the reply's opening.
    pub(crate) priming: &'static str,
    kinds: &'static [Kind],
    /// Tokens around each message, its role among them.
    pub(crate) per_message: u64,
    /// Tokens added for a name, besides its own.
    pub(crate) per_name: i64,
    /// Tokens added for an assistant's message in the history.
    pub(crate) per_reply: u64,
    /// Tokens that open the reply.
    pub(crate) opening: u64,
}

/// The framing of a kind of model.
pub(crate) fn framing(kind: Kind) -> Option<&'static Framing> {
    FRAMINGS.iter().find(|framing| framing.kinds.contains(&kind))
}

/// What function definitions cost besides their text.
pub(crate) struct ToolSum {
    pub(crate) rule: &'static str,
    kinds: &'static [Kind],
    endpoint: Endpoint,
    pub(crate) dialect: Dialect,
    /// Tokens around the text.
    pub(crate) base: u64,
    /// Tokens saved where there is a system message to put the text into.
    pub(crate) saved_with_system: u64,
    /// Tokens saved where there are calls in the history and no `instructions`.
    pub(crate) saved_without_instructions: u64,
    /// Tokens added where the first function has a description.
    pub(crate) first_described: u64,
    /// The first system message is counted with a line feed at its end.
    pub(crate) line_feed: bool,
    /// `tool_choice` costs tokens.
    pub(crate) choice_counts: bool,
    /// The text settles the tokens wherever the schema leaves no doubt.
    pub(crate) settled: bool,
}

/// The sum for function definitions.
pub(crate) fn tool_sum(kind: Kind, endpoint: Endpoint) -> Option<&'static ToolSum> {
    TOOL_SUMS.iter().find(|sum| sum.kinds.contains(&kind) && sum.endpoint == endpoint)
}

/// Tokens that a provider added to every request for some weeks.
pub(crate) struct Surcharge {
    pub(crate) rule: &'static str,
    families: &'static [&'static str],
    endpoint: Endpoint,
    from: Date,
    until: Date,
    /// Tokens added to any request: least, likely, most.
    pub(crate) any: [u64; 3],
    /// Tokens added besides where there are tools or images.
    pub(crate) extras: [u64; 3],
}

/// The surcharge on a family at an endpoint on a day.
pub(crate) fn surcharge(family: &str, endpoint: Endpoint, day: Date) -> Option<&'static Surcharge> {
    SURCHARGES.iter().find(|row| {
        row.families.contains(&family)
            && row.endpoint == endpoint
            && row.from <= day
            && day < row.until
    })
}

/// What a tool that the provider runs adds to the input.
pub(crate) struct Builtin {
    pub(crate) rule: &'static str,
    names: &'static [&'static str],
    kinds: &'static [Kind],
    /// Least and likely tokens added.
    pub(crate) low: u64,
    pub(crate) likely: u64,
    /// Most tokens added; `None` where results are billed as input.
    pub(crate) high: Option<u64>,
}

/// What a tool of a provider adds.
pub(crate) fn builtin(kind: Kind, name: &str) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|row| row.kinds.contains(&kind) && row.names.contains(&name))
}

const PLAIN: &[Kind] = &[Kind::Plain200k];
const OLD: &[Kind] = &[Kind::Plain100k, Kind::First];
const REASONING: &[Kind] = &[Kind::Reasoning];
const REASONING_MINI: &[Kind] = &[Kind::ReasoningMini];

const FRAMINGS: [Framing; 3] = [
    Framing {
        message: "message-4",
        priming: "priming-3",
        kinds: &[Kind::Plain100k, Kind::Plain200k, Kind::FirstReasoning],
        per_message: 4,
        per_name: 1,
        per_reply: 0,
        opening: 3,
    },
    Framing {
        message: "message-4",
        priming: "priming-2",
        kinds: &[Kind::Reasoning, Kind::ReasoningMini],
        per_message: 4,
        per_name: 1,
        per_reply: 2,
        opening: 2,
    },
    Framing {
        message: "message-5",
        priming: "priming-3",
        kinds: &[Kind::First],
        per_message: 5,
        per_name: -1,
        per_reply: 0,
        opening: 3,
    },
];

const TOOL_SUMS: [ToolSum; 6] = [
    ToolSum {
        rule: "tools-chat-cl100k",
        kinds: OLD,
        endpoint: Endpoint::ChatCompletions,
        dialect: Dialect::First,
        base: 9,
        saved_with_system: 4,
        saved_without_instructions: 0,
        first_described: 0,
        line_feed: true,
        choice_counts: true,
        settled: false,
    },
    ToolSum {
        rule: "tools-chat-o200k",
        kinds: PLAIN,
        endpoint: Endpoint::ChatCompletions,
        dialect: Dialect::Second,
        base: 9,
        saved_with_system: 4,
        saved_without_instructions: 0,
        first_described: 0,
        line_feed: true,
        choice_counts: true,
        settled: true,
    },
    ToolSum {
        rule: "tools-chat-reasoning",
        kinds: REASONING,
        endpoint: Endpoint::ChatCompletions,
        dialect: Dialect::Second,
        base: 90,
        saved_with_system: 0,
        saved_without_instructions: 0,
        first_described: 1,
        line_feed: false,
        choice_counts: false,
        settled: true,
    },
    ToolSum {
        rule: "tools-chat-o3-mini",
        kinds: REASONING_MINI,
        endpoint: Endpoint::ChatCompletions,
        dialect: Dialect::Second,
        base: 9,
        saved_with_system: 0,
        saved_without_instructions: 0,
        first_described: 1,
        line_feed: false,
        choice_counts: false,
        settled: false,
    },
    ToolSum {
        rule: "tools-responses-o200k",
        kinds: PLAIN,
        endpoint: Endpoint::Responses,
        dialect: Dialect::Second,
        base: 3,
        saved_with_system: 0,
        saved_without_instructions: 3,
        first_described: 0,
        line_feed: true,
        choice_counts: true,
        settled: false,
    },
    ToolSum {
        rule: "tools-responses-reasoning",
        kinds: &[Kind::Reasoning, Kind::ReasoningMini],
        endpoint: Endpoint::Responses,
        dialect: Dialect::Second,
        base: 8,
        saved_with_system: 0,
        saved_without_instructions: 0,
        first_described: 1,
        line_feed: false,
        choice_counts: false,
        settled: true,
    },
];

const SURCHARGES: [Surcharge; 2] = [
    Surcharge {
        rule: "responses-2025-03",
        families: &["gpt-4o"],
        endpoint: Endpoint::Responses,
        from: date(2025, 3, 10),
        until: date(2025, 3, 28),
        any: [18, 18, 18],
        extras: [0, 197, 215],
    },
    // The surcharge ended on a day between the last recording with it and the first without.
    Surcharge {
        rule: "responses-2025-03",
        families: &["gpt-4o"],
        endpoint: Endpoint::Responses,
        from: date(2025, 3, 28),
        until: date(2025, 4, 7),
        any: [0, 18, 22],
        extras: [0, 0, 215],
    },
];

const BUILTINS: [Builtin; 8] = [
    Builtin {
        rule: "builtin-web-search-o200k",
        names: &["web_search_preview", "web_search"],
        kinds: PLAIN,
        low: 294,
        likely: 294,
        high: Some(294),
    },
    Builtin {
        rule: "builtin-file-search",
        names: &["file_search"],
        kinds: PLAIN,
        low: 800,
        likely: 1150,
        high: None,
    },
    Builtin {
        rule: "builtin-mcp",
        names: &["mcp"],
        kinds: &[Kind::Plain200k, Kind::Reasoning],
        low: 300,
        likely: 1150,
        high: None,
    },
    Builtin {
        rule: "builtin-web-search-reasoning",
        names: &["web_search_preview", "web_search"],
        kinds: REASONING,
        low: 4000,
        likely: 9000,
        high: None,
    },
    Builtin {
        rule: "builtin-code-interpreter",
        names: &["code_interpreter"],
        kinds: REASONING,
        low: 600,
        likely: 2000,
        high: None,
    },
    Builtin {
        rule: "builtin-image-generation",
        names: &["image_generation"],
        kinds: REASONING,
        low: 300,
        likely: 2000,
        high: None,
    },
    Builtin {
        rule: "builtin-tool-search",
        names: &["tool_search", "namespace"],
        kinds: REASONING,
        low: 40,
        likely: 200,
        high: None,
    },
    Builtin {
        rule: "builtin-custom",
        names: &["custom"],
        kinds: REASONING,
        low: 0,
        likely: 140,
        high: None,
    },
];
