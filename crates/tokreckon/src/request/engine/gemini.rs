//! Gemini's tools and calls by its own vocabulary: measured by API and generation, so assumed.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use tokreckon_tokenizer::{OpenVocabulary, Tokenizer};

use super::{Context, tokens_of};
use crate::request::body::{Body, Call, Function};
use crate::request::count::RequestCount;
use crate::request::leaves::each_leaf;
use crate::request::model::bare_id;
use crate::request::read::Endpoint;
use crate::request::tokens::Tokens;

/// How tools are billed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// The texts of a declaration, each by itself: Vertex, and the Gemini API up to 2.0.
    Texts,
    /// The Gemini API from 2.5 on.
    Listed,
    /// The Gemini API from 3 on: the declaration as the models of Gemma 4 read it.
    Written,
}

impl Way {
    /// The way of a request, `None` where it is none of Gemini's.
    pub(super) fn of(model: &str, provider: Option<&str>, context: Context) -> Option<Way> {
        let gemma = context.own == Some(Tokenizer::Open(OpenVocabulary::Gemma4));
        (gemma && context.endpoint == Endpoint::GenerateContent).then_some(())?;
        let model = model.to_ascii_lowercase();
        let model = bare_id(&model);
        let vertex = provider.is_some_and(|name| name.replace('_', "-") == "google-vertex");
        match model.strip_prefix("gemini-")? {
            _ if vertex => Some(Way::Texts),
            rest if rest.starts_with('1') || rest.starts_with("2.0") => Some(Way::Texts),
            rest if rest.starts_with('2') => Some(Way::Listed),
            _ => Some(Way::Written),
        }
    }
}

/// Counts the functions.
pub(super) fn tools(
    count: &mut RequestCount,
    body: &Body<'_>,
    way: Way,
    named: bool,
    context: Context,
) {
    let number = u64::try_from(body.functions.len()).unwrap_or(u64::MAX);
    let mut sum = Tokens::NONE;
    for function in &body.functions {
        sum = sum.plus(match way {
            Way::Texts => {
                let likely = texts(function, context);
                Tokens::around(likely, 4 + likely / 8, 4 + likely / 8)
            }
            Way::Listed => listed(function, context),
            Way::Written => {
                let likely = written_tokens(function, context);
                Tokens::around(likely, 3 + likely / 20, 3 + likely / 20)
            }
        });
    }
    // Who serves the model is not said: Vertex bills the texts only.
    if !named && way != Way::Texts {
        let texts = body.functions.iter().map(|function| texts(function, context)).sum::<u64>();
        let low = sum.band().low.min(texts * 7 / 8);
        sum = sum.widened(sum.band().low - low, 0);
    }
    count.add(format!("{number} functions"), "tools-gemini", sum);
}

/// Name, description and what the schema of the parameters says, each text by itself.
fn texts(function: &Function<'_>, context: Context) -> u64 {
    let mut tokens = tokens_of(context, function.name)
        + tokens_of(context, function.description.unwrap_or_default());
    if function.whole.get("parameters").is_some() || function.whole.get("toolSpec").is_some() {
        tokens += schema(function.parameters.unwrap_or(&Value::Null), context);
    }
    tokens
}

/// 1 for a type, and the tokens of keys, descriptions, members, required keys, formats and defaults.
fn schema(value: &Value, context: Context) -> u64 {
    let Some(fields) = value.as_object() else {
        return 0;
    };
    let mut tokens = 0;
    for (name, field) in fields {
        tokens += match (name.as_str(), field) {
            ("type", _) => 1,
            ("description" | "format", Value::String(text)) => tokens_of(context, text),
            ("enum" | "required" | "default", _) => {
                let mut texts = 0;
                each_leaf(field, false, &mut |leaf| texts += tokens_of(context, leaf));
                texts
            }
            ("properties", Value::Object(properties)) => properties
                .iter()
                .map(|(key, property)| tokens_of(context, key) + schema(property, context))
                .sum(),
            ("items", _) => schema(field, context),
            ("anyOf" | "any_of", Value::Array(variants)) => {
                variants.iter().map(|variant| schema(variant, context)).sum()
            }
            _ => 0,
        };
    }
    tokens
}

/// 18 and the texts; each parameter 10 or, with a description, 9; 4 where it is not required.
fn listed(function: &Function<'_>, context: Context) -> Tokens {
    let mut likely = 18
        + tokens_of(context, function.name)
        + tokens_of(context, function.description.unwrap_or_default());
    let mut doubt = 2;
    if let Some(parameters) = function.parameters.and_then(Value::as_object) {
        listed_fields(parameters, context, &mut likely, &mut doubt);
    }
    Tokens::around(likely, doubt, doubt)
}

fn listed_fields(schema: &Map<String, Value>, context: Context, likely: &mut u64, doubt: &mut u64) {
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if schema.contains_key("$defs") || schema.contains_key("anyOf") {
        *doubt += 40;
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (key, property) in properties.into_iter().flatten() {
        *likely += tokens_of(context, key) + 10;
        *doubt += 1;
        if !required.contains(&key.as_str()) {
            *likely += 4;
        }
        let Some(fields) = property.as_object() else {
            continue;
        };
        if let Some(text) = fields.get("description").and_then(Value::as_str) {
            *likely = (*likely + tokens_of(context, text)).saturating_sub(1);
        }
        if let Some(members) = fields.get("enum") {
            each_leaf(members, false, &mut |leaf| *likely += tokens_of(context, leaf));
            *likely += 2;
        }
        let items = fields.get("items").and_then(Value::as_object);
        *likely += if items.is_some() { 2 } else { 0 };
        for nested in [Some(fields), items].into_iter().flatten() {
            if nested.contains_key("properties") || nested.contains_key("$ref") {
                *likely += 20;
                *doubt += 25;
                listed_fields(nested, context, likely, doubt);
            }
        }
    }
}

/// Stands for `<|"|>`, which is one token.
const QUOTE: char = '\u{1}';

/// Tokens of a declaration, those of its start and its end among them.
fn written_tokens(function: &Function<'_>, context: Context) -> u64 {
    let text = written(function);
    let quotes = u64::try_from(text.matches(QUOTE).count()).unwrap_or(u64::MAX);
    2 + quotes + text.split(QUOTE).map(|part| tokens_of(context, part)).sum::<u64>()
}

/// `declaration:NAME{…}` as the public chat format of Gemma 4 has it.
fn written(function: &Function<'_>) -> String {
    let mut text = format!("declaration:{}{{", function.name);
    if let Some(description) = function.description.filter(|text| !text.is_empty()) {
        let _ = write!(text, "description:{},", quoted(description));
    }
    text += "parameters:{";
    let none = Map::new();
    let parameters = function.parameters.and_then(Value::as_object);
    write_object(&mut text, parameters.unwrap_or(&none));
    text += "}}";
    text
}

fn quoted(text: &str) -> String {
    format!("{QUOTE}{text}{QUOTE}")
}

fn write_object(text: &mut String, schema: &Map<String, Value>) {
    let properties = schema.get("properties").and_then(Value::as_object);
    if let Some(properties) = properties.filter(|properties| !properties.is_empty()) {
        text.push_str("properties:{");
        let mut sorted: Vec<_> = properties.iter().collect();
        sorted.sort_by_key(|(key, _)| key.as_str());
        for (at, (key, property)) in sorted.into_iter().enumerate() {
            text.push_str(if at > 0 { "," } else { "" });
            let _ = write!(text, "{key}:{{");
            if let Value::Object(fields) = property {
                write_property(text, fields);
            }
            text.push('}');
        }
        text.push_str("},");
    }
    if let Some(Value::Array(required)) = schema.get("required") {
        let keys: Vec<String> = required.iter().filter_map(Value::as_str).map(quoted).collect();
        let _ = write!(text, "required:[{}],", keys.join(","));
    }
    let _ = write!(text, "type:{}", quoted("OBJECT"));
    if let Some(description) = schema.get("description").and_then(Value::as_str) {
        let _ = write!(text, ",description:{}", quoted(description));
    }
}

fn write_property(text: &mut String, fields: &Map<String, Value>) {
    if let Some(description) = fields.get("description").and_then(Value::as_str) {
        let _ = write!(text, "description:{},", quoted(description));
    }
    if let Some(Value::Array(members)) = fields.get("enum") {
        let members: Vec<String> = members.iter().filter_map(Value::as_str).map(quoted).collect();
        let _ = write!(text, "enum:[{}],", members.join(","));
    }
    match fields.get("type").and_then(Value::as_str).map(str::to_ascii_uppercase).as_deref() {
        Some("OBJECT") => write_object(text, fields),
        Some("ARRAY") => {
            text.push_str("items:{");
            if let Some(Value::Object(items)) = fields.get("items") {
                write_property(text, items);
            }
            let _ = write!(text, "}},type:{}", quoted("ARRAY"));
        }
        Some(kind) => {
            let _ = write!(text, "type:{}", quoted(kind));
        }
        None => {}
    }
}

/// A call: name, keys and strings of the arguments, each by itself; more on the Gemini API from 2.5 on.
pub(super) fn call(call: &Call<'_>, way: Way, context: Context) -> Tokens {
    let arguments: Value = serde_json::from_str(&call.arguments).unwrap_or_default();
    let mut texts = tokens_of(context, call.name);
    each_leaf(&arguments, false, &mut |leaf| texts += tokens_of(context, leaf));
    match way {
        Way::Texts => Tokens::around(texts, 2 + texts / 10, 6 + texts / 5),
        Way::Listed => Tokens::around(texts + 29, 14 + texts / 10, 14 + texts / 5),
        // Thoughts behind a signature are billed as input again: their length is not in the request.
        Way::Written => Tokens::at_least(texts),
    }
}
