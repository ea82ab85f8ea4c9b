//! OpenTelemetry spans under the `GenAI` conventions (JSON): OTLP exports and one span a line.
//!
//! A span of a call to a model is a request. Input should include cached tokens and output should
//! include reasoning; not every instrumentation does as it should, and then a part exceeds its
//! whole. Times are Unix nanoseconds or RFC 3339. There is no money. Spans of agents, workflows
//! and tools repeat the usage of the spans inside of them and are not counted, nor are spans
//! without tokens. The response id, else the span id, seen in two files is one request.

use serde_json::Value;

use super::object::{Object, inner, period, text};
use super::table::Each;
use super::{Item, Options, Problem, Reject, Skip, cell, shortened};
use crate::book::Known;
use crate::record::{Record, Repeats};
use crate::time::Period;
use crate::usage::{Layout, Totals};

/// True for a span of a model call, with its attributes as an object or as a list of pairs.
pub(super) fn recognises(object: &Object) -> bool {
    let is_model = |key: &str| key.starts_with("gen_ai.") || key.starts_with("llm.token_count.");
    match object.get("attributes") {
        Some(Value::Object(attributes)) => attributes.keys().any(|key| is_model(key)),
        Some(Value::Array(pairs)) => {
            pairs.iter().filter_map(|pair| pair.get("key")?.as_str()).any(is_model)
        }
        _ => false,
    }
}

/// Reads an OTLP export: resources, scopes, spans. `number` numbers the spans.
pub(super) fn export(
    object: &Object,
    options: &Options<'_>,
    number: &mut dyn FnMut() -> u64,
    each: Each<'_>,
) {
    let lists: [&[&str]; 3] =
        [&["resourceSpans"], &["scopeSpans", "instrumentationLibrarySpans"], &["spans"]];
    level(object, &lists, options, number, each);
}

/// Reads the lists inside of an object, level by level, down to the spans. What is no list where
/// one belongs may hold spans: it is refused, not passed over.
fn level(
    object: &Object,
    lists: &[&[&str]],
    options: &Options<'_>,
    number: &mut dyn FnMut() -> u64,
    each: Each<'_>,
) {
    let Some((keys, inner)) = lists.split_first() else {
        let line = number();
        if let Err(problem) = span(object, line, options, each) {
            each(Item::Reject(Reject { line, problem }));
        }
        return;
    };
    let values = keys.iter().filter_map(|key| object.get(*key));
    let is_empty = |value: &&Value| value.as_array().is_some_and(Vec::is_empty) || value.is_null();
    let Some(value) = values.into_iter().find(|value| !is_empty(value)) else { return };
    let items = value.as_array().map_or(&[][..], Vec::as_slice);
    if items.is_empty() {
        each(Item::Reject(Reject { line: number(), problem: Problem::NoUsage }));
    }
    for item in items {
        match item.as_object() {
            Some(object) => level(object, inner, options, number, each),
            None => each(Item::Reject(Reject { line: number(), problem: Problem::NoUsage })),
        }
    }
}

/// Attributes of a span by name.
struct Attributes<'v>(&'v Object);

impl<'v> Attributes<'v> {
    fn value(&self, name: &str) -> Option<&'v Value> {
        match self.0.get("attributes")? {
            Value::Object(attributes) => attributes.get(name),
            Value::Array(pairs) => {
                let pair = pairs
                    .iter()
                    .find(|pair| pair.get("key").and_then(Value::as_str) == Some(name))?;
                pair.get("value")?.as_object()?.values().next()
            }
            _ => None,
        }
    }

    fn text(&self, names: &[&str]) -> &'v str {
        let texts = names.iter().filter_map(|name| self.value(name)?.as_str());
        texts.into_iter().find(|text| !text.is_empty()).unwrap_or("")
    }

    /// A count; OTLP writes integers as text.
    fn count(&self, names: &[&str]) -> Result<Option<u64>, Problem> {
        let Some((name, value)) = names
            .iter()
            .find_map(|name| Some((*name, self.value(name)?)))
            .filter(|(_, value)| !value.is_null())
        else {
            return Ok(None);
        };
        let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let wrong =
            || Problem::NotACount { column: name.to_owned(), value: shortened(written.as_bytes()) };
        cell::count(written.as_bytes()).map(Some).ok_or_else(wrong)
    }
}

fn totals(attributes: &Attributes<'_>) -> Result<Totals, Problem> {
    Ok(Totals {
        layout: Layout::INSIDE,
        input: attributes.count(&[
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.prompt_tokens",
            "llm.token_count.prompt",
        ])?,
        cache_read: attributes.count(&[
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.input_tokens.cache_read",
            "llm.token_count.prompt_details.cache_read",
        ])?,
        cache_write: attributes.count(&[
            "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.input_tokens.cache_write",
            "llm.token_count.prompt_details.cache_write",
        ])?,
        output: attributes.count(&[
            "gen_ai.usage.output_tokens",
            "gen_ai.usage.completion_tokens",
            "llm.token_count.completion",
        ])?,
        reasoning: attributes.count(&[
            "gen_ai.usage.reasoning.output_tokens",
            "llm.token_count.completion_details.reasoning",
        ])?,
        total: attributes.count(&["llm.token_count.total"])?,
        ..Totals::default()
    })
}

/// Reads one span.
pub(super) fn span(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let attributes = Attributes(object);
    let operation = attributes.text(&["gen_ai.operation.name", "openinference.span.kind"]);
    let around = ["invoke_agent", "create_agent", "invoke_workflow", "AGENT", "CHAIN"];
    let totals = totals(&attributes)?;
    let counts = totals.input.is_some() || totals.output.is_some();
    if !counts || around.contains(&operation) || operation == "execute_tool" {
        let why = if counts { Skip::RepeatsItsParts } else { Skip::NotUsage };
        each(Item::Skipped { line, why });
        return Ok(());
    }
    let provider = attributes.text(&["gen_ai.provider.name", "gen_ai.system", "llm.provider"]);
    let provider =
        if options.provider.is_empty() { cell::provider(provider) } else { options.provider };
    let tier =
        attributes.text(&["openai.response.service_tier", "gen_ai.openai.response.service_tier"]);
    let response = attributes.text(&["gen_ai.response.id"]);
    let span_id = text(object, "spanId")
        .or_else(|| inner(object, &["context"]).and_then(|context| text(context, "span_id")));
    let expected = "a service tier such as `default` or `flex`";
    let service_tier = match tier {
        "" | "auto" => options.service_tier.map_or(Known::Unknown, Known::Is),
        tier => Known::Is(cell::service_tier(tier).ok_or_else(|| Problem::NotAWord {
            column: "openai.response.service_tier".to_owned(),
            value: shortened(tier.as_bytes()),
            expected,
        })?),
    };
    each(Item::Record(&Record {
        line,
        provider,
        model: attributes.text(&[
            "gen_ai.response.model",
            "gen_ai.request.model",
            "llm.model_name",
        ]),
        period: started(object),
        service_tier,
        totals: Some(totals),
        user: attributes.text(&["enduser.id", "user.id"]),
        id: if response.is_empty() { span_id.unwrap_or("") } else { response },
        repeats: Repeats::UniqueId,
        ..Record::EMPTY
    }));
    Ok(())
}

/// When a span began.
fn started(object: &Object) -> Option<Period> {
    let nanoseconds = object.get("startTimeUnixNano").or_else(|| object.get("startTime"));
    let written = match nanoseconds {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return period(object, &["start_time", "timestamp"]),
    };
    let seconds = written.len().checked_sub(9).filter(|at| *at >= 9);
    match seconds {
        Some(at) if written.bytes().all(|byte| byte.is_ascii_digit()) => {
            cell::time(&written.as_bytes()[..at])
        }
        _ => cell::time(written.as_bytes()),
    }
}
