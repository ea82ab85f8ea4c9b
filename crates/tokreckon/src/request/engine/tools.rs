//! Function definitions, the choice of one, built-in tools, and the schema of the answer.

use serde_json::{Map, Value};

use super::Context;
use crate::request::body::{Body, Choice, Entry, Format, Role};
use crate::request::count::RequestCount;
use crate::request::json_text::{COMPACT_ASCII, write};
use crate::request::model::Kind;
use crate::request::read::Endpoint;
use crate::request::rules::{ToolSum, builtin, tool_sum};
use crate::request::tokens::Tokens;

/// Whether the first system message is counted with a line feed at its end, because tools or a
/// schema are put after it.
pub(super) fn needs_line_feed(body: &Body<'_>, context: Context) -> bool {
    let tools = !body.functions.is_empty()
        && tool_sum(context.kind(), context.endpoint).is_some_and(|sum| sum.line_feed);
    tools || (body.format.is_some() && context.kind() == Kind::Plain200k)
}

/// Adds tools and schema.
pub(super) fn count(
    count: &mut RequestCount,
    body: &Body<'_>,
    context: Context,
    system_seen: bool,
) {
    if !body.functions.is_empty() {
        functions(count, body, context, system_seen);
    }
    for name in &body.builtins {
        built_in(count, name, context);
    }
    if let Some(format) = &body.format {
        schema(count, body, format, context, system_seen);
    }
}

fn functions(count: &mut RequestCount, body: &Body<'_>, context: Context, system_seen: bool) {
    let part = match body.functions.len() {
        1 => "1 function".to_owned(),
        more => format!("{more} functions"),
    };
    let endpoint = if context.routed { Endpoint::Responses } else { context.endpoint };
    let Some(sum) = tool_sum(context.kind(), endpoint) else {
        return count.add_noted(
            part,
            "tools-unknown",
            Tokens::at_least(0),
            "no rule is known for tools of this model at this endpoint",
        );
    };
    let rendered = sum.dialect.write(&body.functions);
    let text = context.tokens(&rendered.text);
    if rendered.doubt.incomplete {
        return count.add_noted(
            part,
            sum.rule,
            Tokens::at_least(text),
            "the schemas are larger than the limits of this library",
        );
    }
    let described = body.functions[0].description.is_some_and(|text| !text.is_empty());
    let tokens =
        (text + rendered.extra + sum.base + if described { sum.first_described } else { 0 })
            .saturating_sub(if system_seen { sum.saved_with_system } else { 0 });
    let in_history = body.entries.iter().any(|entry| matches!(entry, Entry::Calls { .. }));
    let tokens = if in_history && !body.instructed {
        tokens.saturating_sub(sum.saved_without_instructions)
    } else {
        tokens
    };
    let (mut less, mut more) = (rendered.doubt.less, rendered.doubt.more);
    if !sum.settled {
        (less, more) = (less + 1, more + 1);
    }
    if body.one_call_at_a_time && matches!(context.kind(), Kind::Reasoning) {
        more += 90;
    }
    let tokens = match (less, more) {
        (0, 0) => Tokens::exact(tokens),
        _ => Tokens::around(tokens, less, more),
    };
    count.add(part, sum.rule, tokens);
    if sum.choice_counts {
        choice(count, body.choice, sum, context);
    }
}

/// What `tool_choice` adds on models that write it into the prompt.
fn choice(count: &mut RequestCount, choice: Choice<'_>, sum: &ToolSum, context: Context) {
    let named = |name: &str| context.tokens(&format!(".{name}"));
    let tokens = match choice {
        Choice::Free | Choice::Any => return,
        Choice::None => 1,
        Choice::Named(name) => named(name) + 7,
        Choice::LegacyNamed(name) => context.tokens(name) + 4,
    };
    let tokens = if sum.settled { Tokens::exact(tokens) } else { Tokens::around(tokens, 0, 0) };
    count.add("choice of a function", "tool-choice", tokens);
}

fn built_in(count: &mut RequestCount, name: &str, context: Context) {
    let part = format!("tool `{name}`");
    if name == "web_search_options" {
        return count.add(part, "search-model", Tokens::NONE);
    }
    match builtin(context.kind(), name) {
        Some(row) => match row.high {
            Some(high) if high == row.low => {
                count.add(part, row.rule, Tokens::exact(row.likely));
            }
            Some(high) => {
                let tokens = Tokens::around(row.likely, row.likely - row.low, high - row.likely);
                count.add(part, row.rule, tokens);
            }
            None => count.add_noted(
                part,
                row.rule,
                Tokens::at_least(row.low),
                format!("what it brings in is billed as input; recorded: often {}", row.likely),
            ),
        },
        None => count.add_noted(
            part,
            "builtin-unknown",
            Tokens::at_least(0),
            "no rule is known for this tool",
        ),
    }
}

/// A schema for the answer: its name twice and the schema as compact JSON in ASCII, without the
/// fields that strict schemas imply or may not have.
fn schema(
    count: &mut RequestCount,
    body: &Body<'_>,
    format: &Format<'_>,
    context: Context,
    system_seen: bool,
) {
    let mut unseen = false;
    let written = write(&stripped(format.schema, &mut unseen), COMPACT_ASCII);
    let name = context.tokens(format.name);
    let text = context.tokens(&written) + format.description.map_or(0, |text| context.tokens(text));
    let replies = body
        .entries
        .iter()
        .filter(|entry| matches!(entry, Entry::Message { role: Role::Assistant, .. }));
    let replies = u64::try_from(replies.count()).unwrap_or(u64::MAX);
    // What frames the schema, whether that is measured, and what each earlier answer adds.
    let (rule, framing, measured, reply) = match (context.kind(), context.endpoint) {
        (Kind::Plain200k, Endpoint::Responses) => ("schema-responses-o200k", name + 7, true, 0),
        (Kind::Plain200k, _) => {
            let base = match (body.functions.is_empty(), system_seen) {
                (true, false) => 12,
                (true, true) => 8,
                (false, _) => 5,
            };
            ("schema-chat-o200k", 2 * name + base, body.functions.is_empty(), 4 * replies)
        }
        (Kind::Reasoning, Endpoint::Responses) => ("schema-responses-reasoning", name + 6, true, 0),
        _ => ("schema-unmeasured", 2 * name + 8, false, 0),
    };
    let tokens = text + framing + reply;
    let certain = measured && format.strict && !unseen && (reply == 0 || replies == 0);
    let slack = if measured { 4 + tokens / 20 } else { 12 + tokens / 10 };
    let tokens = if certain { Tokens::exact(tokens) } else { Tokens::around(tokens, slack, slack) };
    count.add("schema of the answer", rule, tokens);
}

/// A schema without the fields that are not counted.
fn stripped(schema: &Value, unseen: &mut bool) -> Value {
    match schema {
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| stripped(item, unseen)).collect())
        }
        Value::Object(fields) => {
            let mut kept = Map::new();
            for (key, field) in fields {
                if NOT_COUNTED.contains(&key.as_str()) {
                    continue;
                }
                *unseen |= SELDOM.contains(&key.as_str());
                let field = match (key.as_str(), field) {
                    ("properties" | "$defs", Value::Object(named)) => {
                        let each = named
                            .iter()
                            .map(|(name, schema)| (name.clone(), stripped(schema, unseen)));
                        Value::Object(each.collect())
                    }
                    _ => stripped(field, unseen),
                };
                kept.insert(key.clone(), field);
            }
            Value::Object(kept)
        }
        other => other.clone(),
    }
}

/// Fields of a schema that were not billed wherever they were recorded.
const NOT_COUNTED: [&str; 6] =
    ["additionalProperties", "default", "maxItems", "maximum", "minimum", "required"];

/// Fields of a schema of which nothing was recorded.
const SELDOM: [&str; 10] = [
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxLength",
    "minItems",
    "minLength",
    "multipleOf",
    "oneOf",
    "pattern",
    "allOf",
];
