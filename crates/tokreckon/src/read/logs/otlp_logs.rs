//! OpenTelemetry logs of agents (OTLP JSON): the events that stand for one request each.
//!
//! | event | program | counts |
//! |---|---|---|
//! | `api_request` | Claude Code | kinds of input apart; what the program calculated, in dollars |
//! | `api_response` | Gemini CLI, Qwen Code | cached tokens inside of the input, thoughts beside the output |
//! | `sse_event` of the kind `response.completed` | Codex | cached inside of the input, reasoning inside of the output |
//! | any with `gen_ai.usage.*` | instrumentations of the `GenAI` conventions | as those of a span |
//!
//! Programs write the same response under both: an event of the conventions that says what one of the
//! program's own says, or what a span of the file says, is no request besides. Which it is is known when the
//! file is read, so those of the conventions wait until then.
//!
//! The metrics of the same program repeat the events in sums: see `otlp_metrics`.

use std::collections::BTreeMap;

use bumpalo::Bump;

use super::Log;
use super::otlp::{attributes, list, sender};
use super::stated::Stated;
use crate::book::Known;
use crate::json::Value;
use crate::money::{Currency, Money};
use crate::read::facts::service_tier;
use crate::read::object::{Object, amount, count, inner, period, text};
use crate::read::spelling::{Field as F, Member, Placing, Scope, Spelling, To};
use crate::read::table::Each;
use crate::read::unread::{Unread, counts_or_prices, says_nothing};
use crate::read::{Item, Options, Problem, Reject, Skip, otel};
use crate::record::held::{Held, Texts};
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
    /// How many events of the programs' own say so much, that no event of the conventions has repeated yet.
    own: BTreeMap<Said, u64>,
    /// Events of the conventions.
    waiting: Vec<Waiting>,
    texts: Texts,
}

/// What a program says of a response in whichever words: the sender, the model, input and output as they are
/// written.
type Said = (String, String, [u64; 2]);

/// An event of the conventions.
struct Waiting {
    said: Said,
    /// The model that was asked for.
    asked: String,
    request: Held,
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

    fn stated(&mut self, others: &Stated, each: Each<'_>) -> Stated {
        for Waiting { said, asked, request } in std::mem::take(&mut self.waiting) {
            request.with_record(&self.texts, &mut |_, record| {
                let own = self.own.get_mut(&said).filter(|times| **times > 0);
                if own.is_some() || others.has_id(record.id) {
                    if let Some(times) = own {
                        *times -= 1;
                    }
                    let (line, why) = (record.line, Skip::RepeatsItsParts);
                    return each(Item::Skipped { line, why });
                }
                self.stated.noting(&said.0, &asked, each)(Item::Record(record));
            });
        }
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
            if let Err(problem) = self.event(event, &sender, line, options, each) {
                each(Item::Reject(Reject { line, problem }));
            }
        }
        Ok(())
    }

    fn event(
        &mut self,
        event: &Object,
        sender: &str,
        line: u64,
        options: &Options<'_>,
        each: Each<'_>,
    ) -> Result<(), Problem> {
        let room = Bump::new();
        let attributes = attributes(event, &room)?;
        let body = inner(event, &["body"]).and_then(|body| text(body, "stringValue")).unwrap_or("");
        let named = text(&attributes, "event.name").or(text(event, "eventName")).unwrap_or(body);
        let said = |model: &str, input: Option<u64>, output: Option<u64>| {
            (sender.to_owned(), model.to_owned(), [input, output].map(|count| count.unwrap_or(0)))
        };
        if let Some(known) = EVENTS.iter().find(|known| is_named(named, known.name)) {
            let mut noted = self.stated.noting(sender, "", each);
            let model = text(&attributes, "model").unwrap_or("");
            if request(event, &attributes, known, line, options, &mut noted)? {
                let written = |field: F| {
                    let mut members = known.spelling.members.iter();
                    let is = |to: &To| matches!(to, To::Count(of) if *of == field);
                    let name = members.find(|(_, to)| is(to)).map(|(name, _)| *name);
                    name.map_or(Ok(None), |name| count(&attributes, name))
                };
                let said = said(model, written(F::Input)?, written(F::Output)?);
                *self.own.entry(said).or_default() += 1;
            }
            return Ok(());
        }
        // Events of the conventions are read as spans are.
        if attributes.keys().any(|name| name.starts_with("gen_ai.usage.")) {
            let asked = otel::asked(event);
            return otel::span(event, line, options, &mut |item| match item {
                Item::Record(record) => {
                    let totals = record.totals.unwrap_or_default();
                    self.waiting.push(Waiting {
                        said: said(record.model, totals.input, totals.output),
                        asked: asked.to_owned(),
                        request: Held::new(0, record, &mut self.texts),
                    });
                }
                other => each(other),
            });
        }
        let may_count = |(name, value): (&str, &Value)| {
            value.is_number() && !says_nothing(value) && counts_or_prices(name)
        };
        if attributes.iter().any(may_count) {
            return Err(Problem::NoUsage);
        }
        each(Item::Skipped { line, why: Skip::NotUsage });
        Ok(())
    }
}

/// Hands over the request of a program's own event; false where it is of none.
fn request(
    event: &Object,
    attributes: &Object,
    known: &Event,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<bool, Problem> {
    let mut unread = Unread::default();
    let totals = known.spelling.read(attributes, Scope::Line, &[], &mut unread)?;
    if totals.input.is_none() && totals.output.is_none() {
        each(Item::Skipped { line, why: Skip::NotUsage });
        return Ok(false);
    }
    let cost = amount(attributes, "cost_usd")?;
    let id = text(attributes, "request_id").unwrap_or("");
    each(Item::Record(&Record {
        line,
        provider: options.provider_or(known.provider),
        model: text(attributes, "model").unwrap_or(""),
        service_tier: Known::Is(service_tier(attributes, attributes, options)?),
        period: period(attributes, &["event.timestamp"])?
            .map_or_else(|| period(event, &["timeUnixNano"]), |found| Ok(Some(found)))?,
        totals: Some(totals),
        reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
        user: text(attributes, "user.id").unwrap_or(""),
        id,
        unread: unread.as_str(),
        repeats: if id.is_empty() { Repeats::Unknown } else { Repeats::UniqueId },
        ..Record::EMPTY
    }));
    Ok(true)
}

/// True for a name with or without the program before it, and for that of a program made from another.
fn is_named(name: &str, known: &str) -> bool {
    let bare = known.split_once('.').map_or(known, |(_, bare)| bare);
    !name.is_empty()
        && (name == known
            || name == bare
            || bare == "api_response" && name == "qwen-code.api_response")
}
