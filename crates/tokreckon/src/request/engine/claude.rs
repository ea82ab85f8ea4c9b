//! Anthropic's tools, calls and schemas by the reconstructed tokenizer: measured, so assumed.

use serde_json::Value;
use tokreckon_tokenizer::Tokenizer;

use super::{Context, tokens_of};
use crate::request::body::{Body, Call, Choice, Entry, Function, Role};
use crate::request::count::RequestCount;
use crate::request::frames::tool_prompt;
use crate::request::json_text::{SPACED, write};
use crate::request::leaves::each_leaf;
use crate::request::model::bare_id;
use crate::request::read::Endpoint;
use crate::request::tokens::Tokens;

/// Counts the functions; `false` where nothing was measured for the model.
pub(super) fn tools(count: &mut RequestCount, body: &Body<'_>, context: Context) -> bool {
    let Some(Tokenizer::Claude(_)) = context.own else {
        return false;
    };
    let model = count.model.as_deref().unwrap_or_default().to_ascii_lowercase();
    let (Some(prompt), Endpoint::Messages | Endpoint::Converse) =
        (tool_prompt(bare_id(&model)), context.endpoint)
    else {
        return false;
    };
    let base = match body.choice {
        Choice::Any => prompt.any,
        Choice::Free | Choice::None => prompt.auto,
        Choice::Named(_) | Choice::LegacyNamed(_) => prompt.named,
    };
    let written =
        body.functions.iter().map(|function| 6 + tokens_of(context, &definition(function)));
    let system =
        body.entries.iter().any(|entry| matches!(entry, Entry::Message { role: Role::System, .. }));
    let number = u64::try_from(body.functions.len()).unwrap_or(u64::MAX);
    let likely = base + written.sum::<u64>() + u64::from(system);
    // With several functions single requests were billed less, with many more.
    let less = prompt.less + 20 * (number - 1).min(6);
    let less = if body.one_call_at_a_time { less.max(230) } else { less };
    let more = prompt.more + 35 * number.saturating_sub(3);
    let part = format!("{number} functions");
    let note = format!("assumed: {}", prompt.evidence);
    count.add_noted(part, "tools-claude", Tokens::around(likely, less, more), note);
    true
}

/// `{"description": …, "name": …, "parameters": …}`, without an empty description.
fn definition(function: &Function<'_>) -> String {
    let mut fields = serde_json::Map::new();
    if let Some(description) = function.description.filter(|text| !text.is_empty()) {
        fields.insert("description".to_owned(), Value::from(description));
    }
    fields.insert("name".to_owned(), Value::from(function.name));
    let parameters = function.parameters.cloned().unwrap_or_default();
    fields.insert("parameters".to_owned(), parameters);
    write(&Value::Object(fields), SPACED)
}

/// Tokens of the schema of the answer.
pub(super) fn schema(schema: &Value, context: Context) -> Option<Tokens> {
    let Some(Tokenizer::Claude(_)) = context.own else {
        return None;
    };
    (context.endpoint == Endpoint::Messages).then_some(())?;
    let likely = tokens_of(context, &write(schema, SPACED)) + 126;
    Some(Tokens::around(likely, 14, 14))
}

/// A call with what it was called with: 46 with its result, 14 for each argument, and their texts.
pub(super) fn call(call: &Call<'_>, parallel: bool, context: Context) -> Tokens {
    let arguments: Value = serde_json::from_str(&call.arguments).unwrap_or_default();
    let number = arguments.as_object().map_or(0, serde_json::Map::len);
    let number = u64::try_from(number).unwrap_or(u64::MAX);
    let mut texts = tokens_of(context, call.name);
    each_leaf(&arguments, true, &mut |leaf| texts += tokens_of(context, leaf));
    let likely = texts + 46 + 14 * number + if parallel { 27 } else { 0 };
    Tokens::around(likely, 8 + texts / 20 + number, 10 + texts / 20 + 2 * number)
}
