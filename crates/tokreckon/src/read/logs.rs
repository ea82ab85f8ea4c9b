//! Logs of programs that run agents or tests: which of them a line is of, and what reads it.
//!
//! Each is a small machine: it takes the objects of a file in order and hands over records. Most look
//! at one line at a time; a session whose lines belong together keeps what it needs.

mod aider;
mod atif;
mod bedrock;
mod braintrust;
mod claude_analytics;
mod claude_print;
mod cline;
mod copilot;
mod gemini_cli;
mod inspect;
mod kimi;
mod langsmith;
mod opencode;
mod otlp;
mod otlp_family;
mod otlp_logs;
mod otlp_metrics;
mod otlp_points;
mod otlp_sum;
mod pi;
mod promptfoo;
mod qwen;
mod stated;
mod stream;

use crate::json::Value;

pub(super) use otlp::sender;
pub(super) use stated::Stated;

use self::Counts::{As, Own};
use super::object::Object;
use super::spelling::{Member, Use, uses};
use super::spellings::{BY_AI_SDK, BY_ANTHROPIC, BY_GEMINI, BY_OPENAI, BY_TELEMETRY};
use super::table::Each;
use super::{Format, Options, Problem, claude_code, codex, names, otel};

/// What reads the lines of one log, in their order.
pub(super) trait Log {
    /// Reads one line.
    ///
    /// # Errors
    /// When the line cannot be read.
    fn line(
        &mut self,
        object: &Object,
        line: u64,
        options: &Options<'_>,
        each: Each<'_>,
    ) -> Result<(), Problem>;

    /// Hands over what was kept for lines to come: there are none.
    fn finish(&mut self, _options: &Options<'_>, _each: Each<'_>) {}

    /// What its requests said one by one, for sums that say it again. Requests that waited for what others
    /// of the file state are handed over.
    fn stated(&mut self, _others: &Stated, _each: Each<'_>) -> Stated {
        Stated::default()
    }

    /// Says that of what was kept no more is counted than what the requests of the file do not state.
    fn give_way(&mut self, _stated: &Stated, _each: Each<'_>) {}
}

/// A log of which every line stands for itself.
struct EachLine(Reads);

/// Reads one line.
type Reads = fn(&Object, u64, &Options<'_>, Each<'_>) -> Result<(), Problem>;

impl Log for EachLine {
    fn line(
        &mut self,
        object: &Object,
        line: u64,
        options: &Options<'_>,
        each: Each<'_>,
    ) -> Result<(), Problem> {
        (self.0)(object, line, options, each)
    }
}

/// A kind of log.
pub(super) struct Kind {
    pub(super) format: Format,
    /// True for a line that only this log has.
    pub(super) recognises: fn(&Object) -> bool,
    pub(super) counts: &'static [Counts],
    pub(super) open: fn() -> Box<dyn Log>,
    /// Its lines can be read in any order, by several threads.
    pub(super) alone: bool,
}

/// How the counts of a log are written.
pub(super) enum Counts {
    /// As its own table says.
    Own(&'static [Member]),
    /// In the spelling of this name.
    As(&'static str),
}

impl Kind {
    /// What becomes of the members of its own tables.
    pub(super) fn uses(&self) -> Vec<(String, Use)> {
        let own = self.counts.iter().filter_map(|counts| match counts {
            Own(members) => Some(uses(members)),
            As(_) => None,
        });
        // Several events may write one count under one name.
        let mut all: Vec<(String, Use)> = Vec::new();
        for member in own.flatten() {
            if !all.contains(&member) {
                all.push(member);
            }
        }
        all
    }

    /// The spellings of its usages.
    pub(super) fn spellings(&self) -> Vec<&'static str> {
        let named = self.counts.iter().filter_map(|counts| match counts {
            As(name) => Some(*name),
            Own(_) => None,
        });
        named.collect()
    }
}

/// Every kind, those with the rarer signs first.
pub(super) const KINDS: [Kind; 22] = [
    kind(
        Format::Codex,
        codex::recognises,
        &[As(BY_OPENAI)],
        || Box::new(codex::Session::default()),
    ),
    kind(
        Format::BedrockLog,
        bedrock::recognises,
        &[Own(bedrock::INPUT), Own(bedrock::OUTPUT), As(BY_ANTHROPIC)],
        || Box::new(EachLine(bedrock::line)),
    ),
    kind(Format::InspectAi, inspect::recognises, &[As(BY_OPENAI)], || {
        Box::new(EachLine(inspect::line))
    }),
    kind(Format::Promptfoo, promptfoo::recognises, &[Own(promptfoo::TOKENS)], || {
        Box::new(EachLine(promptfoo::line))
    }),
    kind(Format::Atif, atif::recognises, &[Own(atif::METRICS)], || Box::new(EachLine(atif::line))),
    kind(Format::Aider, aider::recognises, &[Own(aider::PROPERTIES)], || {
        Box::new(EachLine(aider::line))
    }),
    kind(Format::Braintrust, braintrust::recognises, &[Own(braintrust::METRICS)], || {
        Box::new(EachLine(braintrust::line))
    }),
    kind(
        Format::ClaudeAnalytics,
        claude_analytics::recognises,
        &[Own(claude_analytics::TOKENS)],
        || Box::new(EachLine(claude_analytics::line)),
    ),
    kind(Format::CopilotCli, copilot::recognises, &[As(BY_AI_SDK)], || {
        Box::new(EachLine(copilot::line))
    }),
    kind(Format::Cline, cline::recognises, &[Own(cline::REQUEST)], || {
        Box::new(EachLine(cline::line))
    }),
    kind(Format::GeminiCli, gemini_cli::recognises, &[Own(gemini_cli::TOKENS)], || {
        Box::new(EachLine(gemini_cli::line))
    }),
    kind(Format::QwenCode, qwen::recognises, &[As(BY_GEMINI)], || Box::new(EachLine(qwen::line))),
    kind(Format::KimiCli, kimi::recognises, &[Own(kimi::USAGE)], || Box::new(EachLine(kimi::line))),
    kind(Format::OpenCode, opencode::recognises, &[Own(opencode::TOKENS)], || {
        Box::new(EachLine(opencode::line))
    }),
    kind(Format::Pi, pi::recognises, &[Own(pi::USAGE)], || Box::new(EachLine(pi::line))),
    kind(Format::LangSmith, langsmith::recognises, &[As(BY_OPENAI)], || {
        Box::new(EachLine(langsmith::line))
    }),
    kind(
        Format::OtlpLogs,
        otlp_logs::recognises,
        &[
            Own(otlp_logs::CLAUDE_CODE),
            Own(otlp_logs::GEMINI_CLI),
            Own(otlp_logs::CODEX),
            As(BY_TELEMETRY),
        ],
        || Box::new(otlp_logs::Events::default()),
    ),
    kind(
        Format::OtlpMetrics,
        otlp_metrics::recognises,
        &[Own(otlp_family::KINDS), Own(otlp_metrics::IRRELEVANT)],
        || Box::new(otlp_metrics::Counters::default()),
    ),
    kind(Format::OpenTelemetry, otel::recognises, &[As(BY_TELEMETRY)], || {
        Box::new(EachLine(otel::span))
    }),
    kind(Format::ClaudePrint, claude_print::recognises, &[As(BY_AI_SDK), As(BY_ANTHROPIC)], || {
        Box::new(claude_print::Session::default())
    }),
    kind(Format::ClaudeCode, claude_code::recognises, &[As(BY_ANTHROPIC)], || {
        Box::new(EachLine(claude_code::line))
    }),
    kind(Format::AnthropicStream, stream::recognises, &[As(BY_ANTHROPIC)], || {
        Box::new(stream::Stream::default())
    }),
];

const fn kind(
    format: Format,
    recognises: fn(&Object) -> bool,
    counts: &'static [Counts],
    open: fn() -> Box<dyn Log>,
) -> Kind {
    let alone = matches!(
        format,
        Format::Aider
            | Format::BedrockLog
            | Format::Braintrust
            | Format::LangSmith
            | Format::OpenTelemetry
    );
    Kind { format, recognises, counts, open, alone }
}

/// The kind of log that an object is a line of.
pub(super) fn of(object: &Object) -> Option<&'static Kind> {
    // A response with its usage, or beside its request, is of none: most lines are, and every kind
    // would look at them.
    let has = |list| object.has(list);
    let kind = || object.first(&names::TYPE).and_then(Value::as_str);
    let is_response = (has(&names::USAGE) && matches!(kind(), None | Some("message")))
        || (has(&names::USAGE_METADATA) && !has(&names::SESSION));
    if is_response || (has(&names::RESPONSE) && has(&names::REQUEST)) {
        return None;
    }
    KINDS.iter().find(|kind| (kind.recognises)(object))
}

/// The kind of a format.
pub(super) fn named(format: Format) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.format == format)
}

/// `provider/model` and `provider:model` in the words of libraries, as the two; an id with neither has no
/// provider.
fn provider_and_model(name: &str, separator: char) -> (&str, &str) {
    match name.split_once(separator) {
        Some((provider, model)) if !model.is_empty() => (super::cell::provider(provider), model),
        _ => ("", name),
    }
}
