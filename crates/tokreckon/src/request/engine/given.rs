//! Texts that a tokenizer of the caller's counts, in a template that is not known.

use tokreckon_tokenizer::Tokenizer;

use super::{Bare, Context, number};
use crate::request::band_table::BandRule;
use crate::request::body::{Body, Entry, Role};
use crate::request::count::RequestCount;
use crate::request::tokens::Tokens;

/// Counts texts, calls in the history, and the frame around them.
pub(super) fn texts(
    count: &mut RequestCount,
    body: &Body<'_>,
    tokenizer: Tokenizer,
    rule: &'static BandRule,
    context: Context,
) {
    let (mut least, mut most) = (0, 0);
    for entry in &body.entries {
        let text = entry.text();
        let whole = context.tokens(&text);
        let answer = matches!(entry, Entry::Message { role: Role::Assistant, .. });
        most += whole;
        // Templates may trim texts, and leave out thoughts of earlier answers with all that was said after.
        least += match text.trim() {
            _ if answer && text.contains("</think>") => 0,
            trimmed if trimmed.len() < text.len() => context.tokens(trimmed).min(whole),
            _ => whole,
        };
    }
    for input in &body.bare {
        let tokens = match input {
            Bare::Text(text) => context.tokens(text),
            Bare::Ids(ids) => number(*ids),
        };
        (least, most) = (least + tokens, most + tokens);
    }
    let tokens = match most - least {
        0 => Tokens::exact(most),
        less => Tokens::around(most, less, 0),
    };
    add(count, "texts", tokens, tokenizer);
    let calls = body.entries.iter().flat_map(|entry| match entry {
        Entry::Calls { calls, .. } => calls.as_slice(),
        _ => &[],
    });
    let (mut sum, mut number_of_calls) = (Tokens::NONE, 0);
    for call in calls {
        let tokens = context.tokens(call.name) + context.tokens(&call.arguments);
        sum = sum.plus(rule.calls.unwrap_or(rule.tools).of(tokens));
        number_of_calls += 1;
    }
    let note = || format!("assumed: {}", rule.evidence);
    if number_of_calls > 0 {
        count.add_noted(format!("{number_of_calls} calls"), &rule.rule, sum, note());
    }
    let messages = number(body.entries.len());
    let request = rule.text.of(0);
    let framing = request.plus(rule.framing.of(messages));
    count.add_noted(format!("framing of {messages} messages"), &rule.rule, framing, note());
}

/// Adds tokens by the caller's tokenizer: exact only where it leaves nothing to assume.
pub(super) fn add(count: &mut RequestCount, part: &str, tokens: Tokens, tokenizer: Tokenizer) {
    let name = tokenizer.name();
    match tokenizer.assumption() {
        None => count.add_noted(part, "text-given", tokens, format!("by {name}, as given")),
        Some(why) => {
            let note = format!("by {name}, as given; assumed: {why}");
            count.add_noted(part, "text-given", tokens.as_estimate(), note);
        }
    }
}
