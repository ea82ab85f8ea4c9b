//! Calls of functions and their results in the history, and thoughts handed back.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Context;
use super::messages::name_tokens;
use crate::request::body::{Body, Call, Entry, Role, joined};
use crate::request::count::RequestCount;
use crate::request::json_text::{COMPACT, SPACED, SPACED_ASCII, compact, write};
use crate::request::model::Kind;
use crate::request::read::Endpoint;
use crate::request::tokens::Tokens;

/// The calls that results belong to.
pub(super) struct History<'a> {
    names: BTreeMap<&'a str, &'a str>,
    /// Where the results of parallel calls begin, and how many there are.
    parallel: BTreeMap<usize, usize>,
    entries: &'a [Entry<'a>],
}

impl<'a> History<'a> {
    /// Reads the calls of a request.
    pub(super) fn of(body: &'a Body<'a>) -> History<'a> {
        let mut history =
            History { names: BTreeMap::new(), parallel: BTreeMap::new(), entries: &body.entries };
        for (index, entry) in body.entries.iter().enumerate() {
            let Entry::Calls { calls, .. } = entry else {
                continue;
            };
            for call in calls {
                if let Some(id) = call.id {
                    history.names.insert(id, call.name);
                }
            }
            if calls.len() > 1 {
                let results = body.entries[index + 1..]
                    .iter()
                    .take_while(|entry| matches!(entry, Entry::Result { .. }))
                    .count();
                history.parallel.insert(index + 1, results);
            }
        }
        history
    }

    /// Adds calls or a result.
    pub(super) fn count(
        &mut self,
        count: &mut RequestCount,
        part: String,
        index: usize,
        entry: &Entry<'_>,
        context: Context,
    ) {
        match entry {
            Entry::Calls { legacy: true, .. } | Entry::Result { legacy: true, .. } => {
                legacy(count, part, entry, context);
            }
            Entry::Calls { name, calls, .. } => {
                let said = entry.text();
                if !said.is_empty() {
                    let tokens = Tokens::exact(context.tokens(&said) + 4);
                    count.add(format!("{part}: text"), "call-text", tokens);
                }
                // Beside calls, a name has no separator of its own.
                let name = name.map_or(0, |name| name_tokens(name, "", context) - 1);
                match (calls.as_slice(), context.kind()) {
                    ([call], _) => single(count, part, call, name, context),
                    (calls, Kind::Reasoning | Kind::ReasoningMini) => {
                        each(count, part, calls, context);
                    }
                    (calls, _) => parallel(count, part, calls, context),
                }
            }
            Entry::Result { call, name, .. } => {
                let called = call.and_then(|id| self.names.get(id).copied()).or(*name);
                match self.parallel.range(..=index).next_back() {
                    Some((&from, &results))
                        if index < from + results
                            && matches!(context.kind(), Kind::Plain200k | Kind::Plain100k) =>
                    {
                        if index == from {
                            let entries = &self.entries[from..from + results];
                            together(count, &part, entries, context);
                        }
                    }
                    _ => result(count, part, &entry.text(), called, context),
                }
            }
            _ => {}
        }
    }
}

/// A call alone in its message: its name and its arguments, written compactly.
fn single(count: &mut RequestCount, part: String, call: &Call<'_>, name: i64, context: Context) {
    let arguments = context.tokens(&compact(&call.arguments));
    let own = context.tokens(call.name) + arguments;
    let (rule, framing) = match (context.kind(), context.endpoint) {
        (Kind::Reasoning, _) => ("call-reasoning", 10),
        (_, Endpoint::Responses) => ("call-o200k-responses", 8),
        _ => ("call-o200k", 7),
    };
    let tokens = Tokens::exact((own + framing).saturating_add_signed(name));
    count.add(part, rule, in_doubt(tokens, context));
}

/// The result of a call: its text and the name again.
fn result(
    count: &mut RequestCount,
    part: String,
    text: &str,
    called: Option<&str>,
    context: Context,
) {
    let (rule, framing) = match (context.kind(), context.endpoint) {
        (Kind::Reasoning, _) => ("call-reasoning", 9),
        (_, Endpoint::Responses) => ("call-o200k-responses", 6),
        _ => ("call-o200k", 6),
    };
    let text = context.tokens(text);
    match called {
        Some(name) => {
            let name = match context.kind() {
                Kind::Reasoning | Kind::ReasoningMini => context.tokens(name),
                _ => context.tokens(&format!(".{name}")),
            };
            count.add(part, rule, in_doubt(Tokens::exact(text + name + framing), context));
        }
        None => count.add_noted(
            part,
            rule,
            Tokens::around(text + framing + 3, 2, 12),
            "the call it answers is not in the request, so its name is not known",
        ),
    }
}

/// Chat Completions settles a call and its result; in Responses they were up to three tokens off.
fn in_doubt(tokens: Tokens, context: Context) -> Tokens {
    match (context.endpoint, context.kind()) {
        (Endpoint::ChatCompletions, Kind::Plain200k | Kind::Reasoning) => tokens,
        (_, Kind::Reasoning) => tokens.widened(1, 2),
        _ => tokens.widened(2, 2),
    }
}

/// Parallel calls of a plain model are billed as one call of `multi_tool_use.parallel`.
fn parallel(count: &mut RequestCount, part: String, calls: &[Call<'_>], context: Context) {
    let uses = calls.iter().map(|call| {
        let parameters = serde_json::from_str(&call.arguments)
            .unwrap_or_else(|_| Value::String(call.arguments.clone().into_owned()));
        let mut fields = Map::new();
        let recipient = format!("functions.{}", call.name);
        fields.insert("recipient_name".to_owned(), Value::String(recipient));
        fields.insert("parameters".to_owned(), parameters);
        Value::Object(fields)
    });
    let mut whole = Map::new();
    whole.insert("tool_uses".to_owned(), Value::Array(uses.collect()));
    let tokens = context.tokens(&write(&Value::Object(whole), COMPACT)) + 10;
    count.add(part, "parallel-calls-o200k", in_doubt(Tokens::exact(tokens), context));
}

/// The results of parallel calls are billed as one list in JSON: objects and lists as they are,
/// anything else as a text.
fn together(count: &mut RequestCount, part: &str, results: &[Entry<'_>], context: Context) {
    let texts: Vec<Cow<'_, str>> = results.iter().map(Entry::text).collect();
    let list = texts.iter().map(|text| match serde_json::from_str(text) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => value,
        _ => Value::String(text.clone().into_owned()),
    });
    let list = Value::Array(list.collect());
    let escaped = context.tokens(&write(&list, SPACED_ASCII)) + 10;
    let raw = context.tokens(&write(&list, SPACED)) + 10;
    let rule = "parallel-calls-o200k";
    let part = format!("{part} and {} more", results.len().saturating_sub(1));
    if escaped == raw {
        count.add(part, rule, in_doubt(Tokens::exact(raw), context));
    } else {
        count.add_noted(
            part,
            rule,
            Tokens::around(escaped, escaped.saturating_sub(raw), raw.saturating_sub(escaped)),
            "characters beyond ASCII were recorded escaped (2025) and as they are (2026)",
        );
    }
}

/// Parallel calls of a reasoning model: the recorded ones cost less than their single sums.
fn each(count: &mut RequestCount, part: String, calls: &[Call<'_>], context: Context) {
    let mut tokens = 0;
    for call in calls {
        tokens += context.tokens(call.name) + context.tokens(&compact(&call.arguments)) + 10;
    }
    let names: u64 = calls.iter().map(|call| context.tokens(call.name)).sum();
    let likely = tokens.saturating_sub(names);
    let tokens = Tokens::around(likely, 4, names + 4);
    count.add_noted(
        part,
        "parallel-calls-reasoning",
        tokens,
        "recorded for three calls at once only",
    );
}

/// `function_call` and `role: function`, as published for the models of 2023.
fn legacy(count: &mut RequestCount, part: String, entry: &Entry<'_>, context: Context) {
    let tokens = match entry {
        Entry::Calls { pieces, calls, .. } => {
            let said = context.tokens(&joined(pieces)) + 4;
            let called: u64 = calls
                .iter()
                .map(|call| context.tokens(call.name) + context.tokens(&call.arguments) + 3)
                .sum();
            said + called
        }
        Entry::Result { name, .. } => {
            context.tokens(&entry.text()) + context.tokens(name.unwrap_or_default()) + 3
        }
        _ => 0,
    };
    count.add(part, "call-legacy", Tokens::around(tokens, 1, 2));
}

/// Thoughts before the last question are dropped; later ones are billed. Their text cannot be read, but
/// its length can be told from that of the ciphertext: about 850 characters and 7.2 for each token.
pub(super) fn thoughts(
    count: &mut RequestCount,
    part: String,
    index: usize,
    encrypted: Option<usize>,
    body: &Body<'_>,
) {
    let asked_later = body.entries[index..]
        .iter()
        .any(|entry| matches!(entry, Entry::Message { role: Role::User, .. }));
    if asked_later {
        return count.add(part, "reasoning-dropped", Tokens::around(0, 0, 0));
    }
    let Some(length) = encrypted.and_then(|length| u64::try_from(length).ok()) else {
        return count.add_noted(
            part,
            "reasoning-item",
            Tokens::at_least(0),
            "its length is not in the request; the usage of the answer that it came from tells it",
        );
    };
    let low = length.saturating_sub(1000) / 9;
    let likely = length.saturating_sub(850) * 10 / 72;
    let high = length.saturating_sub(800) * 10 / 55 + 5;
    let tokens = Tokens::around(likely, likely.saturating_sub(low), high.saturating_sub(likely));
    let note = "told from the length of its ciphertext";
    count.add_noted(part, "reasoning-item-encrypted", tokens, note);
}
