//! OpenTelemetry logs of agents (OTLP JSON): the events that stand for one request each.
//!
//! | event | program | counts |
//! |---|---|---|
//! | `api_request` | Claude Code | kinds of input apart; what the program calculated, in dollars |
//! | `api_response` | Gemini CLI, Qwen Code | cached tokens inside of the input, thoughts beside the output |
//! | `sse_event` of the kind `response.completed` | Codex | cached inside of the input, reasoning inside of the output |
//! | any with `gen_ai.usage.*` | instrumentations of the `GenAI` conventions | as those of a span |
//!
//! The metrics of the same program repeat the events in sums: see `otlp_metrics`.

use bumpalo::Bump;

use super::Log;
use super::otlp::{attributes, list, sender};
use super::stated::Stated;
use crate::book::Known;
use crate::json::Value;
use crate::money::{Currency, Money};
use crate::read::facts::service_tier;
use crate::read::object::{Object, amount, inner, period, text};
use crate::read::spelling::{Field as F, Member, Placing, Scope, Spelling, To};
use crate::read::table::Each;
use crate::read::unread::{Unread, counts_or_prices, says_nothing};
use crate::read::{Item, Options, Problem, Reject, Skip, otel};
use crate::record::{Record, Repeats};
use crate::usage::Layout;

/// An event that stands for a request.
struct Event {
    /// How its name ends.
    name: &'static str,
    provider: &'static str,
    spelling: Spelling,
}

pub(super) const CLAUDE_CODE: &[Member] = &[
    ("input_tokens", To::Count(F::Input)),
    ("output_tokens", To::Count(F::Output)),
    ("cache_read_tokens", To::Count(F::CacheRead)),
    ("cache_creation_tokens", To::Count(F::CacheWrite)),
    ("cost_usd", To::Not("read apart")),
    ("speed", To::Not("read apart")),
];

pub(super) const GEMINI_CLI: &[Member] = &[
    ("input_token_count", To::Count(F::Input)),
    ("output_token_count", To::Count(F::Output)),
    ("cached_content_token_count", To::Count(F::CacheRead)),
    ("thoughts_token_count", To::Count(F::Reasoning)),
    ("tool_token_count", To::Plus(F::Input)),
    ("total_token_count", To::Count(F::Total)),
];

pub(super) const CODEX: &[Member] = &[
    ("input_token_count", To::Count(F::Input)),
    ("output_token_count", To::Count(F::Output)),
    ("cached_token_count", To::Count(F::CacheRead)),
    ("reasoning_token_count", To::Count(F::Reasoning)),
    ("tool_token_count", To::Not("the total, under the name of another count")),
];

const EVENTS: [Event; 3] = [
    Event {
        name: "claude_code.api_request",
        provider: "anthropic",
        spelling: Spelling {
            placing: Placing::Fixed(Layout::ANTHROPIC),
            members: CLAUDE_CODE,
            zeros: &[],
        },
    },
    Event {
        name: "gemini_cli.api_response",
        provider: "google",
        spelling: Spelling {
            placing: Placing::Fixed(Layout::GEMINI),
            members: GEMINI_CLI,
            zeros: &[],
        },
    },
    Event {
        name: "codex.sse_event",
        provider: "openai",
        spelling: Spelling { placing: Placing::Fixed(Layout::INSIDE), members: CODEX, zeros: &[] },
    },
];

pub(super) fn recognises(object: &Object) -> bool {
    object.contains_key("resourceLogs")
}

/// The events of a file.
#[derive(Default)]
pub(super) struct Events {
    stated: Stated,
}

impl Log for Events {
    fn line(
        &mut self,
        object: &Object,
        line: u64,
        options: &Options<'_>,
        each: Each<'_>,
    ) -> Result<(), Problem> {
        for resource in list(object, "resourceLogs") {
            if let Err(problem) = self.resource(resource, line, options, each) {
                each(Item::Reject(Reject { line, problem }));
            }
        }
        Ok(())
    }

    fn stated(&mut self) -> Stated {
        std::mem::take(&mut self.stated)
    }
}

impl Events {
    fn resource(
        &mut self,
        resource: &Object,
        line: u64,
        options: &Options<'_>,
        each: Each<'_>,
    ) -> Result<(), Problem> {
        let sender = sender(resource)?;
        let events = list(resource, "scopeLogs").flat_map(|scope| list(scope, "logRecords"));
        for event in events {
            let read = request(event, line, options, &mut self.stated.noting(&sender, each));
            if let Err(problem) = read {
                each(Item::Reject(Reject { line, problem }));
            }
        }
        Ok(())
    }
}

fn request(
    event: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let room = Bump::new();
    let attributes = attributes(event, &room)?;
    let body = inner(event, &["body"]).and_then(|body| text(body, "stringValue")).unwrap_or("");
    let named = text(&attributes, "event.name").or(text(event, "eventName")).unwrap_or(body);
    let known = EVENTS.iter().find(|known| is_named(named, known.name));
    let Some(known) = known else {
        // Events of the conventions are read as spans are.
        let counts = attributes.keys().any(|name| name.starts_with("gen_ai.usage."));
        if counts {
            return otel::span(event, line, options, each);
        }
        let may_count = |(name, value): (&str, &Value)| {
            value.is_number() && !says_nothing(value) && counts_or_prices(name)
        };
        if attributes.iter().any(may_count) {
            return Err(Problem::NoUsage);
        }
        each(Item::Skipped { line, why: Skip::NotUsage });
        return Ok(());
    };
    let mut unread = Unread::default();
    let totals = known.spelling.read(&attributes, Scope::Line, &[], &mut unread)?;
    if totals.input.is_none() && totals.output.is_none() {
        each(Item::Skipped { line, why: Skip::NotUsage });
        return Ok(());
    }
    let cost = amount(&attributes, "cost_usd")?;
    let id = text(&attributes, "request_id").unwrap_or("");
    each(Item::Record(&Record {
        line,
        provider: if options.provider.is_empty() { known.provider } else { options.provider },
        model: text(&attributes, "model").unwrap_or(""),
        service_tier: Known::Is(service_tier(&attributes, &attributes, options)?),
        period: period(&attributes, &["event.timestamp"])?
            .map_or_else(|| period(event, &["timeUnixNano"]), |found| Ok(Some(found)))?,
        totals: Some(totals),
        reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
        user: text(&attributes, "user.id").unwrap_or(""),
        id,
        unread: unread.as_str(),
        repeats: if id.is_empty() { Repeats::Unknown } else { Repeats::UniqueId },
        ..Record::EMPTY
    }));
    Ok(())
}

/// True for a name with or without the program before it, and for that of a program made from another.
fn is_named(name: &str, known: &str) -> bool {
    let bare = known.split_once('.').map_or(known, |(_, bare)| bare);
    !name.is_empty()
        && (name == known
            || name == bare
            || bare == "api_response" && name == "qwen-code.api_response")
}
