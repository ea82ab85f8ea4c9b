//! The formats: their names, and what their counts and rows mean, as data.

use super::schema::{Copies, Schema};
use super::{Use, logs, registry};

/// An export format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Usage objects or whole responses as JSON or JSON Lines, of any provider.
    UsageJson,
    /// OpenAI's usage: dashboard export (CSV) and Usage API (JSON).
    OpenAiUsage,
    /// OpenAI's costs: dashboard export (CSV, all variants) and Costs API (JSON).
    OpenAiCost,
    /// OpenAI's activity of 2023 and 2024 (CSV, JSON); Groq's copies it.
    OpenAiActivity,
    /// Anthropic's usage: Console (CSV) and Admin usage report (JSON).
    AnthropicUsage,
    /// Anthropic's costs: Console (CSV) and Admin cost report (JSON).
    AnthropicCost,
    /// OpenRouter's requests: Activity page (CSV) and generation call (JSON).
    OpenRouter,
    /// OpenRouter's activity call (JSON).
    OpenRouterActivity,
    /// `LiteLLM`'s spend logs (CSV, JSON).
    LiteLlm,
    /// one-api's log (CSV, JSON).
    OneApi,
    /// new-api's log (CSV, JSON).
    NewApi,
    /// AIMLAPI's `/v2/logs` (JSON).
    AimlApi,
    /// DeepSeek's `amount-*.csv`.
    DeepSeekUsage,
    /// DeepSeek's `cost-*.csv`.
    DeepSeekCost,
    /// Cursor's usage export (CSV).
    Cursor,
    /// GitHub's reports of what Copilot used (CSV).
    GithubUsage,
    /// Langfuse's observations (CSV, JSON).
    Langfuse,
    /// Helicone's requests (CSV, JSON).
    Helicone,
    /// Portkey's request logs (CSV, JSON Lines).
    Portkey,
    /// OpenTelemetry spans under the `GenAI` conventions (JSON).
    OpenTelemetry,
    /// Trajectories of agents in ATIF, as Harbor writes them (JSON).
    Atif,
    /// OpenTelemetry logs: events of agents that stand for requests (OTLP JSON).
    OtlpLogs,
    /// OpenTelemetry metrics: sums of tokens by model (OTLP JSON).
    OtlpMetrics,
    /// Session logs of Claude Code (JSON Lines).
    ClaudeCode,
    /// Session logs of Codex (JSON Lines).
    Codex,
    /// What `claude -p` prints as JSON.
    ClaudePrint,
    /// The events of an Anthropic stream (JSON Lines).
    AnthropicStream,
    /// Sessions of Gemini CLI (JSON, JSON Lines).
    GeminiCli,
    /// Sessions of Qwen Code (JSON Lines).
    QwenCode,
    /// Sessions of Kimi CLI (JSON Lines).
    KimiCli,
    /// Sessions of GitHub Copilot CLI (JSON Lines).
    CopilotCli,
    /// Messages of opencode (JSON).
    OpenCode,
    /// Sessions of pi (JSON Lines).
    Pi,
    /// Tasks of Cline, Roo Code and Kilo Code (JSON).
    Cline,
    /// Analytics of aider (JSON Lines).
    Aider,
    /// Logs of Inspect AI (JSON).
    InspectAi,
    /// Results of promptfoo (JSON).
    Promptfoo,
    /// Model invocation logs of Amazon Bedrock (JSON Lines).
    BedrockLog,
    /// Runs of `LangSmith` (JSON).
    LangSmith,
    /// Spans of Braintrust (JSON, JSON Lines).
    Braintrust,
    /// Anthropic's analytics of Claude Code (JSON).
    ClaudeAnalytics,
    /// Azure's cost details (CSV).
    AzureCost,
    /// The cost and usage report of AWS (CSV).
    AwsCur,
    /// Google Cloud's billing export (CSV).
    GoogleBilling,
    /// FOCUS cost and usage data (CSV).
    Focus,
    /// Any CSV with named columns, under a [`Mapping`](super::Mapping).
    Plain,
    /// Any CSV of costs without counts: a bill.
    PlainCost,
}

/// What the counts and rows of a format mean, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Semantics {
    /// Whether the input count includes tokens read from a cache.
    pub cached_in_input: &'static str,
    /// Whether the input count includes tokens written to a cache.
    pub cache_write_in_input: &'static str,
    /// Whether the output count includes reasoning.
    pub reasoning_in_output: &'static str,
    /// What a row is: a request or a bucket.
    pub row: &'static str,
    /// The time zone of its times.
    pub time_zone: &'static str,
    /// The unit of its money.
    pub money: &'static str,
    /// What makes two rows copies of one thing.
    pub duplicates: &'static str,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 47] = [
        Self::UsageJson,
        Self::OpenAiUsage,
        Self::OpenAiCost,
        Self::OpenAiActivity,
        Self::AnthropicUsage,
        Self::AnthropicCost,
        Self::OpenRouter,
        Self::OpenRouterActivity,
        Self::LiteLlm,
        Self::OneApi,
        Self::NewApi,
        Self::AimlApi,
        Self::DeepSeekUsage,
        Self::DeepSeekCost,
        Self::Cursor,
        Self::GithubUsage,
        Self::Langfuse,
        Self::Helicone,
        Self::Portkey,
        Self::OpenTelemetry,
        Self::Atif,
        Self::OtlpLogs,
        Self::OtlpMetrics,
        Self::ClaudeCode,
        Self::Codex,
        Self::ClaudePrint,
        Self::AnthropicStream,
        Self::GeminiCli,
        Self::QwenCode,
        Self::KimiCli,
        Self::CopilotCli,
        Self::OpenCode,
        Self::Pi,
        Self::Cline,
        Self::Aider,
        Self::InspectAi,
        Self::Promptfoo,
        Self::BedrockLog,
        Self::LangSmith,
        Self::Braintrust,
        Self::ClaudeAnalytics,
        Self::AzureCost,
        Self::AwsCur,
        Self::GoogleBilling,
        Self::Focus,
        Self::Plain,
        Self::PlainCost,
    ];

    /// The name for `--from`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UsageJson => "usage-json",
            Self::OpenTelemetry => "opentelemetry",
            Self::Atif => "atif",
            Self::OtlpLogs => "otlp-logs",
            Self::OtlpMetrics => "otlp-metrics",
            Self::ClaudeCode => "claude-code",
            Self::Codex => "codex",
            Self::ClaudePrint => "claude-print",
            Self::AnthropicStream => "anthropic-stream",
            Self::GeminiCli => "gemini-cli",
            Self::QwenCode => "qwen-code",
            Self::KimiCli => "kimi-cli",
            Self::CopilotCli => "copilot-cli",
            Self::OpenCode => "opencode",
            Self::Pi => "pi",
            Self::Cline => "cline",
            Self::Aider => "aider",
            Self::InspectAi => "inspect-ai",
            Self::Promptfoo => "promptfoo",
            Self::BedrockLog => "bedrock-log",
            Self::LangSmith => "langsmith",
            Self::Braintrust => "braintrust",
            Self::ClaudeAnalytics => "claude-analytics",
            table => registry::schema(table).map_or("", |schema| schema.name),
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// True when the format has no delimited form.
    pub(super) fn is_json_only(self) -> bool {
        !matches!(self, Self::Plain | Self::PlainCost)
            && registry::schema(self).is_none_or(|schema| schema.header.is_empty())
    }

    /// What its counts and rows mean.
    #[must_use]
    pub fn semantics(self) -> Semantics {
        match self {
            Self::UsageJson => meaning(
                ["per object: its form decides", "per object", "yes; Gemini and some xAI: no"],
                ["request", "Unix seconds, or as written", "USD where a cost is written"],
                SAME_ID_OR_GROWING,
            ),
            Self::OpenTelemetry => meaning(
                ["should", "should", "should"],
                ["request", "Unix nanoseconds, or as written", "USD where a cost is written"],
                UNIQUE_ID,
            ),
            Self::Atif => meaning(["yes", "yes", "yes"], ATIF, UNIQUE_ID_OR_ROW),
            Self::OtlpLogs => meaning(OTLP, OTLP_EVENT, UNIQUE_ID_OR_NONE),
            Self::OtlpMetrics => meaning(OTLP, OTLP_SUM, SAME_ROW),
            Self::ClaudeCode => meaning(
                ["no", "no", "yes"],
                ["response, on several lines", "as written (UTC)", "USD (old versions)"],
                GROWING,
            ),
            Self::Codex => meaning(
                ["yes", "yes", "yes"],
                ["request, beside a running total", "as written (UTC)", NONE],
                CODEX,
            ),
            Self::ClaudePrint => meaning(
                ["no", "no", "yes"],
                ["sum of a session, by model", NONE_WRITTEN, "USD, as the program calculated"],
                SAME_ID,
            ),
            Self::AnthropicStream => meaning(
                ["no", "no", "yes"],
                ["response, of two events", NONE_WRITTEN, NONE],
                SAME_ID,
            ),
            Self::GeminiCli => {
                meaning(["yes", "–", "no"], ["response", "as written (UTC)", NONE], GROWING)
            }
            Self::QwenCode => meaning(
                ["yes", "–", "the total decides"],
                ["response", "as written (UTC)", NONE],
                UNIQUE_ID,
            ),
            Self::KimiCli => meaning(
                ["no", "no", "yes (no member)"],
                ["response; no model", "Unix seconds", NONE],
                GROWING,
            ),
            Self::CopilotCli => meaning(
                ["yes", "yes", "yes"],
                ["sum of a session, by model", "as written (UTC)", NONE],
                UNIQUE_ID,
            ),
            Self::OpenCode => meaning(
                ["no", "no", "the total decides"],
                ["response", "Unix milliseconds", "USD, as the program calculated"],
                UNIQUE_ID,
            ),
            Self::Pi => meaning(
                ["no", "no", "yes"],
                ["response", "Unix milliseconds", "USD, as the program calculated"],
                UNIQUE_ID,
            ),
            Self::Cline => meaning(
                ["no; protocol `openai`: yes", "as cached", "yes (no member)"],
                ["request", "Unix milliseconds", "USD, as the program calculated"],
                SAME_ROW,
            ),
            Self::Aider => meaning(
                ["yes (not told apart)", "yes (not told apart)", "yes"],
                ["request", UNIX, "USD, as the program calculated"],
                SAME_ROW,
            ),
            Self::InspectAi => meaning(
                ["the total decides", "the total decides", "yes"],
                ["sum of a run, by model", "as written", NONE],
                UNIQUE_ID,
            ),
            Self::Promptfoo => meaning(
                ["yes", "yes", "yes"],
                ["request", "as written (UTC)", "USD, as the program calculated"],
                SAME_ID,
            ),
            Self::BedrockLog => {
                meaning(["no", "no", "yes"], ["request", "as written (UTC)", NONE], UNIQUE_ID)
            }
            Self::ClaudeAnalytics => meaning(
                ["no", "no", "yes (not told apart)"],
                ["bucket (day, user, model)", "UTC", "cents of a dollar, an estimate"],
                Copies::Bucket.as_str(),
            ),
            Self::LangSmith | Self::Braintrust => meaning(
                ["yes", "yes", "yes"],
                ["request", UTC_UNMARKED, "USD, as the service calculated"],
                UNIQUE_ID,
            ),
            table => registry::schema(table).unwrap_or(&Schema::BASE).semantics(),
        }
    }

    /// What becomes of its columns, or of the members of its own objects with counts, by their names.
    /// Usages in one of the [`spellings`](Self::spellings) are read besides.
    #[must_use]
    pub fn members(self) -> Vec<(String, Use)> {
        if let Some(schema) = registry::schema(self) {
            return schema.uses();
        }
        logs::named(self).map_or_else(Vec::new, logs::Kind::uses)
    }

    /// The spellings in which its usages are written, of those that
    /// [`spelled_members`](super::spelled_members) lists.
    #[must_use]
    pub fn spellings(self) -> Vec<&'static str> {
        match (self, logs::named(self)) {
            (Self::UsageJson, _) => {
                super::spelled_members().into_iter().map(|(name, _)| name).collect()
            }
            (_, Some(kind)) => kind.spellings(),
            _ => Vec::new(),
        }
    }
}

const fn meaning(
    tokens: [&'static str; 3],
    rows: [&'static str; 3],
    duplicates: &'static str,
) -> Semantics {
    let [cached_in_input, cache_write_in_input, reasoning_in_output] = tokens;
    let [row, time_zone, money] = rows;
    Semantics {
        cached_in_input,
        cache_write_in_input,
        reasoning_in_output,
        row,
        time_zone,
        money,
        duplicates,
    }
}

const OTLP: [&str; 3] = ["Claude Code: no; others: yes", "no", "Gemini CLI: no; others: yes"];
const ATIF: [&str; 3] = ["step, or request", "as written (UTC)", "USD, as the harness calculated"];
const OTLP_EVENT: [&str; 3] =
    ["request", "as written, or Unix nanoseconds", "USD, as the program calculated"];
const OTLP_SUM: [&str; 3] =
    ["sum of an interval, by model", "Unix nanoseconds", "USD, as the program calculated"];
const UNIX: &str = "Unix seconds (UTC)";
const UTC_UNMARKED: &str = "UTC where no offset is written";
const NONE: &str = "no money";
const NONE_WRITTEN: &str = "no time";
const SAME_ID: &str = Copies::SameId.as_str();
const UNIQUE_ID: &str = Copies::UniqueId.as_str();
const UNIQUE_ID_OR_ROW: &str = Copies::UniqueIdOrRow.as_str();
const SAME_ROW: &str = Copies::SameRow.as_str();
const UNIQUE_ID_OR_NONE: &str =
    "same id in another file: the fullest copy counts; without ids no copy is known";
const CODEX: &str = "growth of the running total counts; nth equal row in another file; \
    same id in another file: the fullest copy counts";
const SAME_ID_OR_GROWING: &str =
    "same id and content in another file; of a stream the piece with the most output";
const GROWING: &str = "same id: the copy with the most output";
