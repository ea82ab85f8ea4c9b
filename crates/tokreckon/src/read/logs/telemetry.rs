//! OpenTelemetry logs and metrics of agents (OTLP JSON): the event `api_request` of Claude Code.
//!
//! An event has the counts of one request as attributes, the kinds of input apart, and what the program
//! calculated, in dollars. Metrics repeat the events in sums; where both are exported only the events are
//! counted, and a file of metrics alone is refused with that hint.

use serde_json::Value;

use crate::money::{Currency, Money};
use crate::read::object::{Object, amount, inner, period, text};
use crate::read::spelling::{Field, Member, Placing, Scope, Spelling, To};
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::{Item, Options, Problem, Reject, Skip, otel};
use crate::record::{Record, Repeats};
use crate::usage::Layout;

const EVENT: &[Member] = &[
    ("input_tokens", To::Count(Field::Input)),
    ("output_tokens", To::Count(Field::Output)),
    ("cache_read_tokens", To::Count(Field::CacheRead)),
    ("cache_creation_tokens", To::Count(Field::CacheWrite)),
    ("cost_usd", To::Not("read apart")),
    ("speed", To::Not("read apart")),
];

const SPELLING: Spelling =
    Spelling { placing: Placing::Fixed(Layout::ANTHROPIC), members: EVENT, zeros: &[] };

pub(super) fn recognises(object: &Object) -> bool {
    is_events(object) || otel::recognises(object)
}

fn is_events(object: &Object) -> bool {
    object.contains_key("resourceLogs") || object.contains_key("resourceMetrics")
}

pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    if !is_events(object) {
        return otel::span(object, line, options, each);
    }
    if !object.contains_key("resourceLogs") {
        return Err(Problem::NoUsageReported {
            detail: ": metrics are sums without requests; export the logs (events) as well".into(),
        });
    }
    for scope in list(object, "resourceLogs").flat_map(|resource| list(resource, "scopeLogs")) {
        for event in list(scope, "logRecords") {
            if let Err(problem) = request(event, line, options, each) {
                each(Item::Reject(Reject { line, problem }));
            }
        }
    }
    Ok(())
}

fn list<'v>(object: &'v Object, name: &str) -> impl Iterator<Item = &'v Object> {
    object.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn request(
    event: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let attributes = attributes(event);
    let body = inner(event, &["body"]).and_then(|body| text(body, "stringValue")).unwrap_or("");
    let name = text(&attributes, "event.name").unwrap_or(body);
    if !name.ends_with("api_request") || !attributes.contains_key("input_tokens") {
        each(Item::Skipped { line, why: Skip::NotUsage });
        return Ok(());
    }
    let mut unread = Unread::default();
    let totals = SPELLING.read(&attributes, Scope::Line, &[], &mut unread)?;
    let cost = amount(&attributes, "cost_usd")?;
    let id = text(&attributes, "request_id").unwrap_or("");
    each(Item::Record(&Record {
        line,
        provider: if options.provider.is_empty() { "anthropic" } else { options.provider },
        model: text(&attributes, "model").unwrap_or(""),
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

/// The attributes by name; integers, which OTLP writes as text, as numbers.
fn attributes(event: &Object) -> Object {
    let mut attributes = Object::new();
    for pair in list(event, "attributes") {
        let Some(name) = text(pair, "key") else { continue };
        let Some(value) = inner(pair, &["value"]).and_then(|value| value.values().next()) else {
            continue;
        };
        let number = value.as_str().and_then(|text| text.parse::<u64>().ok());
        attributes.insert(name.to_owned(), number.map_or_else(|| value.clone(), Value::from));
    }
    attributes
}
