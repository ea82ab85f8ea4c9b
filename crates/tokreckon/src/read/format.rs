//! The formats: their names, and what their counts and rows mean, as data.

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
    /// Langfuse's observations (CSV, JSON).
    Langfuse,
    /// Helicone's requests (CSV, JSON).
    Helicone,
    /// OpenTelemetry spans under the `GenAI` conventions (JSON).
    OpenTelemetry,
    /// Session logs of Claude Code (JSON Lines).
    ClaudeCode,
    /// Session logs of Codex (JSON Lines).
    Codex,
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
}

/// What the counts and rows of a format mean, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    pub const ALL: [Self; 25] = [
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
        Self::Langfuse,
        Self::Helicone,
        Self::OpenTelemetry,
        Self::ClaudeCode,
        Self::Codex,
        Self::AzureCost,
        Self::AwsCur,
        Self::GoogleBilling,
        Self::Focus,
        Self::Plain,
    ];

    /// The name for `--from`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UsageJson => "usage-json",
            Self::OpenAiUsage => "openai-usage",
            Self::OpenAiCost => "openai-cost",
            Self::OpenAiActivity => "openai-activity",
            Self::AnthropicUsage => "anthropic-usage",
            Self::AnthropicCost => "anthropic-cost",
            Self::OpenRouter => "openrouter",
            Self::OpenRouterActivity => "openrouter-activity",
            Self::LiteLlm => "litellm",
            Self::OneApi => "one-api",
            Self::NewApi => "new-api",
            Self::AimlApi => "aimlapi",
            Self::DeepSeekUsage => "deepseek-usage",
            Self::DeepSeekCost => "deepseek-cost",
            Self::Cursor => "cursor",
            Self::Langfuse => "langfuse",
            Self::Helicone => "helicone",
            Self::OpenTelemetry => "opentelemetry",
            Self::ClaudeCode => "claude-code",
            Self::Codex => "codex",
            Self::AzureCost => "azure-cost",
            Self::AwsCur => "aws-cur",
            Self::GoogleBilling => "google-billing",
            Self::Focus => "focus",
            Self::Plain => "csv",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// True when each row is read without looking at the others.
    pub(super) const fn rows_stand_alone(self) -> bool {
        // DeepSeek's rows belong together, and JSON is not read by rows.
        !matches!(self, Self::DeepSeekUsage) && !self.is_json_only()
    }

    /// True when the format has no delimited form.
    pub(super) const fn is_json_only(self) -> bool {
        matches!(
            self,
            Self::UsageJson
                | Self::OpenRouterActivity
                | Self::AimlApi
                | Self::OpenTelemetry
                | Self::ClaudeCode
                | Self::Codex
        )
    }

    /// What its counts and rows mean.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a table")]
    pub const fn semantics(self) -> Semantics {
        match self {
            Self::UsageJson => meaning(
                ["per object: its form decides", "per object", "yes; Gemini and some xAI: no"],
                ["request", "Unix seconds, or as written", "USD where a cost is written"],
                SAME_ID,
            ),
            Self::OpenAiUsage => meaning(
                ["yes", "yes (since 2026)", "yes (no column)"],
                [BUCKET, UNIX, NONE],
                SAME_ROW,
            ),
            Self::OpenAiCost => meaning(
                [NO_TOKENS; 3],
                [BUCKET, UNIX, "2024: cents and dollars; later: as named"],
                SAME_ROW,
            ),
            Self::OpenAiActivity => meaning(
                ["yes", NOT_KNOWN, "yes (no column)"],
                [BUCKET, UNIX, "USD (Groq)"],
                SAME_ROW,
            ),
            Self::AnthropicUsage => {
                meaning(["no", "no", "yes (no column)"], [BUCKET, "UTC", NONE], SAME_ROW)
            }
            Self::AnthropicCost => meaning(
                [NO_TOKENS; 3],
                [BUCKET, "UTC", "CSV: USD rounded to cents; JSON: cents, exact"],
                SLOT,
            ),
            Self::OpenRouter => meaning(
                ["yes", NOT_KNOWN, "yes"],
                ["request", UTC_UNMARKED, "USD; BYOK costs apart"],
                UNIQUE_ID,
            ),
            Self::OpenRouterActivity => {
                meaning(["yes", NOT_KNOWN, "yes"], [BUCKET, "UTC", "USD"], SLOT)
            }
            Self::LiteLlm => meaning(
                ["yes", "yes", "yes"],
                ["request", UTC_UNMARKED, "USD (from floats)"],
                UNIQUE_ID,
            ),
            Self::OneApi => meaning(["yes", NOT_KNOWN, "yes"], ["request", UNIX, QUOTA], SAME_ROW),
            Self::NewApi => meaning(
                ["yes; Claude channels: no", "yes; Claude channels: no", "yes"],
                ["request", UNIX, QUOTA],
                SAME_ROW,
            ),
            Self::AimlApi => {
                meaning([NOT_KNOWN; 3], ["request", "as written (UTC)", "USD"], UNIQUE_ID)
            }
            Self::DeepSeekUsage => meaning(
                ["no", "–", "yes (no column)"],
                ["bucket, one row per kind of count", "as written: often not UTC", UNNAMED],
                SLOT,
            ),
            Self::DeepSeekCost => meaning(
                [NO_TOKENS; 3],
                [BUCKET, "as written: often not UTC", "as named (CNY, USD)"],
                SLOT,
            ),
            Self::Cursor => meaning(
                ["no", "no", "yes"],
                ["request", "as written (UTC)", "USD; what is included in a plan is not charged"],
                SAME_ROW,
            ),
            Self::Langfuse => meaning(
                ["the total decides; no where there is none", "as cached", "as cached"],
                ["request", UTC_UNMARKED, "USD, at today's prices"],
                UNIQUE_ID,
            ),
            Self::Helicone => {
                meaning(["yes", "yes", "yes"], ["request", UTC_UNMARKED, "USD"], UNIQUE_ID)
            }
            Self::OpenTelemetry => meaning(
                ["should", "should", "should"],
                ["request", "Unix nanoseconds, or as written", NONE],
                UNIQUE_ID,
            ),
            Self::ClaudeCode => meaning(
                ["no", "no", "yes"],
                ["response, on several lines", "as written (UTC)", "USD (old versions)"],
                GROWING,
            ),
            Self::Codex => meaning(
                ["yes", "–", "yes"],
                ["request, beside a running total", "as written (UTC)", NONE],
                "what the running total has not grown by is not counted; replays of another file",
            ),
            Self::AzureCost => {
                meaning([NO_TOKENS; 3], ["bucket (day)", "UTC", "billing currency"], SLOT)
            }
            Self::AwsCur => meaning([NO_TOKENS; 3], [BUCKET, "UTC", "as named"], SLOT),
            Self::GoogleBilling => {
                meaning([NO_TOKENS; 3], [BUCKET, "UTC", "as named; credits are taken off"], SLOT)
            }
            Self::Focus => meaning(
                [NO_TOKENS; 3],
                [BUCKET, "UTC", "billed cost in the billing currency"],
                SLOT,
            ),
            Self::Plain => meaning(
                ["yes, or as the mapping says", "as cached", "as cached"],
                ["request, or bucket by a requests column", UTC_UNMARKED, "as named; USD"],
                SAME_ID,
            ),
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

const BUCKET: &str = "bucket";
const UNIX: &str = "Unix seconds (UTC)";
const UTC_UNMARKED: &str = "UTC where no offset is written";
const NONE: &str = "no money";
const NO_TOKENS: &str = "no tokens";
const NOT_KNOWN: &str = "not known";
const UNNAMED: &str = "price x amount; the currency is not named (XXX)";
const QUOTA: &str = "quota: 500,000 = 1 USD";
const UNIQUE_ID: &str = "same id in another file: the first file counts";
const SAME_ID: &str = "same id and content in another file";
const SAME_ROW: &str = "nth equal row in another file (no ids)";
const GROWING: &str = "same message id: the largest copy";
const SLOT: &str = "equal keys are added; of overlapping exports the one with more in it holds";
