//! OpenTelemetry spans under the `GenAI` conventions (JSON): OTLP exports and one span a line.
//!
//! A span of a call to a model is a request. Input should include cached tokens and output should
//! include reasoning; not every instrumentation does as it should, and then a part exceeds its
//! whole. Times are Unix nanoseconds or RFC 3339. Costs, where an instrumentation writes them, are
//! dollars. Spans of agents, workflows
//! and tools repeat the usage of the spans inside of them and are not counted, nor are spans
//! without tokens. The response id, else the span id, seen in two files is one request.

use bumpalo::Bump;

use super::facts::tier_of;
use super::logs::{Stated, sender};
use super::object::{Object, amount, inner, period, text};
use super::spelling::Scope;
use super::spellings::OF_TELEMETRY;
use super::table::Each;
use super::unread::{Unread, says_nothing};
use super::{Item, Options, Problem, Reject, Skip, cell, shortened};
use crate::book::Known;
use crate::json::{Number, Value};
use crate::money::{Currency, Money};
use crate::record::{Origin, Record, Repeats};
use crate::time::Period;

/// True for a span of a model call, with its attributes as an object or as a list of pairs.
pub(super) fn recognises(object: &Object) -> bool {
    let is_model = |key: &str| key.starts_with("gen_ai.") || key.starts_with("llm.token_count.");
    match object.get("attributes") {
        Some(Value::Object(attributes)) => attributes.keys().any(&is_model),
        Some(Value::Array(pairs)) => {
            pairs.iter().filter_map(|pair| pair.get("key")?.as_str()).any(is_model)
        }
        // A table of spans, with one column for each attribute.
        None => {
            let mut columns = object.keys().filter_map(|key| key.strip_prefix(FLAT));
            columns.any(is_model)
        }
        _ => false,
    }
}

/// What stands before the names of attributes that have columns of their own.
const FLAT: &str = "attributes.";

/// Reads an OTLP export: resources, scopes, spans. `number` numbers the spans; what their requests state is
/// noted for the sums of metrics in the same file.
pub(super) fn export(
    object: &Object,
    options: &Options<'_>,
    stated: &mut Stated,
    number: &mut dyn FnMut() -> u64,
    each: Each<'_>,
) {
    let mut read = |object: &Object, sender: &str, line: u64, each: Each<'_>| {
        let asked = asked(object);
        let each = &mut stated.noting(sender, asked, each);
        if let Err(problem) = span(object, line, options, each) {
            each(Item::Reject(Reject { line, problem }));
        }
    };
    let resources = object.get("resourceSpans").and_then(Value::as_array).unwrap_or(&[]);
    if resources.is_empty() {
        return level(object, &LISTS, "", &mut read, number, each);
    }
    for element in resources {
        let sent = element.as_object().ok_or(Problem::NoUsage);
        match sent.and_then(|resource| Ok((resource, sender(resource)?))) {
            Ok((resource, sender)) => {
                level(resource, &LISTS[1..], &sender, &mut read, number, each);
            }
            Err(problem) => each(Item::Reject(Reject { line: number(), problem })),
        }
    }
}

/// Takes a span of a sender, with its number.
type Read<'r> = &'r mut dyn FnMut(&Object, &str, u64, Each<'_>);

/// The lists of an export, each in the elements of the one before.
const LISTS: [&[&str]; 3] =
    [&["resourceSpans"], &["scopeSpans", "instrumentationLibrarySpans"], &["spans"]];

/// Reads the lists inside of an object, level by level, down to the spans. What is no list where
/// one belongs may hold spans: it is refused, not passed over.
fn level(
    object: &Object,
    lists: &[&[&str]],
    sender: &str,
    read: Read<'_>,
    number: &mut dyn FnMut() -> u64,
    each: Each<'_>,
) {
    let Some((keys, inner)) = lists.split_first() else {
        return read(object, sender, number(), each);
    };
    let values = keys.iter().filter_map(|key| object.get(key));
    let is_empty =
        |value: &&Value| value.as_array().is_some_and(<[Value<'_>]>::is_empty) || value.is_null();
    let Some(value) = values.into_iter().find(|value| !is_empty(value)) else { return };
    let items = value.as_array().unwrap_or(&[]);
    if items.is_empty() {
        each(Item::Reject(Reject { line: number(), problem: Problem::NoUsage }));
    }
    for item in items {
        match item.as_object() {
            Some(object) => level(object, inner, sender, read, number, each),
            None => each(Item::Reject(Reject { line: number(), problem: Problem::NoUsage })),
        }
    }
}

/// Attributes of a span by name.
struct Attributes<'v>(&'v Object<'v>);

impl<'v> Attributes<'v> {
    fn value(&self, name: &str) -> Option<&'v Value<'v>> {
        match self.0.get("attributes") {
            None => self.0.get(&format!("{FLAT}{name}")),
            Some(Value::Object(attributes)) => attributes.get(name),
            Some(Value::Array(pairs)) => {
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

    /// All of them, with their names.
    fn all(&self) -> Vec<(&'v str, &'v Value<'v>)> {
        match self.0.get("attributes") {
            Some(Value::Object(attributes)) => attributes.iter().collect(),
            Some(Value::Array(pairs)) => {
                let pair = |pair: &'v Value<'v>| {
                    let value = pair.get("value")?.as_object()?.values().next()?;
                    Some((pair.get("key")?.as_str()?, value))
                };
                pairs.iter().filter_map(pair).collect()
            }
            None => {
                let own = |(key, value): (&'v str, _)| Some((key.strip_prefix(FLAT)?, value));
                self.0.iter().filter_map(own).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Those that count, as members of a usage: their names without what all have in common, and
    /// integers as numbers, which OTLP writes as text. Instrumentations write a count under an old and a
    /// new name; where only one of them is filled, that one counts.
    ///
    /// # Errors
    /// When two of one meaning disagree.
    fn usage(&self, room: &'v Bump) -> Result<Object<'v>, Problem> {
        let mut counts: Vec<(&str, &str, Value<'_>)> = Vec::new();
        for (whole, value) in self.all() {
            let Some(name) = USAGE.iter().find_map(|start| whole.strip_prefix(start)) else {
                continue;
            };
            let value = number(value);
            match counts.iter_mut().find(|(_, known, _)| *known == name) {
                None => counts.push((whole, name, value)),
                Some((.., known)) if *known == value || says_nothing(&value) => {}
                Some(known) if says_nothing(&known.2) => *known = (whole, name, value),
                Some((before, _, known)) => {
                    let said = |name: &str, value: &Value| {
                        format!("{name} {}", shortened(value.to_string().as_bytes()))
                    };
                    let (left, right) = (said(before, known), said(whole, &value));
                    return Err(Problem::Disagree { left, right });
                }
            }
        }
        let members = counts.into_iter().map(|(_, name, value)| (name, value));
        Ok(Object::of_members(members, room)?)
    }

    /// Names what other attributes of the conventions may count.
    fn other_counts(&self, unread: &mut Unread) {
        for (name, value) in self.all() {
            let is_usage = USAGE.iter().any(|start| name.starts_with(start));
            let is_model = name.starts_with("gen_ai.") || name.starts_with("openai.");
            if is_model && !is_usage && !name.ends_with("service_tier") {
                unread.elsewhere("", name, value);
            }
        }
    }
}

/// A value in which an integer that is written as text is a number.
pub(super) fn number<'v>(value: &Value<'v>) -> Value<'v> {
    value.as_str().and_then(Number::of_text).map_or(*value, Value::Number)
}

/// Beginnings of the names of counts.
const USAGE: [&str; 3] = ["gen_ai.usage.", "llm.usage.", "llm.token_count."];

/// The model that was asked for.
pub(super) fn asked<'v>(object: &'v Object<'v>) -> &'v str {
    Attributes(object).text(&["gen_ai.request.model"])
}

/// Reads one span.
pub(super) fn span(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let room = Bump::new();
    let attributes = Attributes(object);
    let operation = attributes.text(&["gen_ai.operation.name", "openinference.span.kind"]);
    let around = ["invoke_agent", "create_agent", "invoke_workflow", "AGENT", "CHAIN"];
    let mut unread = Unread::default();
    let usage = attributes.usage(&room)?;
    let totals = OF_TELEMETRY.read(&usage, Scope::Usage, &[], &mut unread)?;
    let counts = totals.input.is_some() || totals.output.is_some();
    if !counts || around.contains(&operation) || operation == "execute_tool" {
        let why = if counts { Skip::RepeatsItsParts } else { Skip::NotUsage };
        each(Item::Skipped { line, why });
        return Ok(());
    }
    let provider = attributes.text(&["gen_ai.provider.name", "gen_ai.system", "llm.provider"]);
    let provider = options.provider_or(cell::provider(provider));
    let tier =
        attributes.text(&["openai.response.service_tier", "gen_ai.openai.response.service_tier"]);
    let response = attributes.text(&["gen_ai.response.id"]);
    let span_id = text(object, "spanId")
        .or_else(|| text(object, "context.span_id"))
        .or_else(|| inner(object, &["context"]).and_then(|context| text(context, "span_id")));
    let expected = "a service tier such as `default` or `flex`";
    let service_tier = match tier {
        "" | "auto" => options.service_tier.map_or(Known::Unknown, Known::Is),
        tier => Known::Is(tier_of(tier).ok_or_else(|| Problem::NotAWord {
            column: "openai.response.service_tier".to_owned(),
            value: shortened(tier.as_bytes()),
            expected,
        })?),
    };
    attributes.other_counts(&mut unread);
    let cost = amount(&usage, "cost")?.or(amount(&usage, "total_cost")?);
    each(Item::Record(&Record {
        line,
        provider,
        model: attributes.text(&[
            "gen_ai.response.model",
            "gen_ai.request.model",
            "llm.model_name",
        ]),
        period: started(object)?,
        service_tier,
        totals: Some(totals),
        reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
        unread: unread.as_str(),
        user: attributes.text(&["enduser.id", "user.id"]),
        origin: Origin {
            session: attributes.text(&["gen_ai.conversation.id", "session.id"]),
            agent: attributes.text(&["gen_ai.agent.name"]),
            label: options.label.map_or("", |name| attributes.text(&[name])),
        },
        id: if response.is_empty() { span_id.unwrap_or("") } else { response },
        repeats: Repeats::UniqueId,
        ..Record::EMPTY
    }));
    Ok(())
}

/// When a span began.
fn started(object: &Object) -> Result<Option<Period>, Problem> {
    let names = ["startTimeUnixNano", "startTime", "start_time", "timestamp", "timeUnixNano"];
    period(object, &names)
}
