//! Models whose tokenizer is here but not their maker's word on frames: texts are counted as they are, what
//! stands around them by measured rows (`data/counting/frames.toml`), and both are assumed, never exact.

use tokreckon_tokenizer::Tokenizer;

use super::gemini::Way;
use super::{Context, claude, gemini, given, tokens_of};
use crate::request::body::{Body, Choice, Entry, Piece, Role};
use crate::request::count::RequestCount;
use crate::request::frames::{self, Frame};
use crate::request::json_text::{SPACED, write};
use crate::request::model::bare_id;
use crate::request::tokens::Tokens;

/// Counts the texts of messages and their frame; `false` where no row is for them.
pub(super) fn texts(
    count: &mut RequestCount,
    body: &Body<'_>,
    provider: Option<&str>,
    context: Context,
) -> bool {
    let model = count.model.as_deref().unwrap_or_default().to_ascii_lowercase();
    let Some(tokenizer) = context.own else {
        return false;
    };
    let Some(frame) = frames::find(tokenizer, bare_id(&model), context.endpoint, provider) else {
        return false;
    };
    let way = Way::of(&model, provider, context);
    let calls = way.is_some() || matches!(tokenizer, Tokenizer::Claude(_));
    let said = |entry: &Entry<'_>| !matches!(entry, Entry::Calls { .. } | Entry::Result { .. });
    if !body.bare.is_empty() || !(calls || body.entries.iter().all(said)) {
        return false;
    }
    let last = body.entries.len().saturating_sub(1);
    let (mut texts, mut around, mut number, mut droppable) = (0, frame.request, 0, 0);
    for (index, entry) in body.entries.iter().enumerate() {
        let tokens = text_tokens(entry, frame, context);
        texts += tokens;
        if frame.drops_thoughts && has_thoughts(entry) {
            droppable += tokens;
        }
        if let Entry::Message { role, .. } = entry {
            around += match role {
                Role::System => frame.system,
                Role::Assistant if index == last => frame.final_assistant,
                Role::Assistant => frame.assistant,
                _ => frame.user,
            };
            number += 1;
        }
    }
    let (less, more) = frame.spread(texts, number);
    // What the frame cannot be less by, the texts may be.
    let below = less.saturating_sub(around) + droppable;
    let texts = if below == 0 { Tokens::exact(texts) } else { Tokens::around(texts, below, 0) };
    match (context.given, tokenizer) {
        (Some(given), _) => given::add(count, "texts", texts, given),
        (None, Tokenizer::Claude(_)) => count.add("texts", "text-reconstructed", texts),
        _ => count.add("texts", "text-published", texts),
    }
    let around = Tokens::around(around, less.min(around), more);
    let note = format!("assumed: {}", frame.evidence);
    count.add_noted(format!("framing of {number} messages"), &frame.rule, around, note);
    history(count, body, way, context);
    true
}

/// A text alone, without its frame: as far from the tokenizer's count as the row says of texts; `None` where no
/// row is for it.
pub(super) fn text(text: &str, model: &str, context: Context) -> Option<Tokens> {
    let tokenizer = context.own?;
    let frame = frames::find(tokenizer, bare_id(model), context.endpoint, None)?;
    let tokens = tokens_of(context, text);
    let (less, more) = frame.spread(tokens, 0);
    Some(Tokens::around(tokens, less, more))
}

/// An answer with its thoughts: a host was recorded that leaves out all of it.
fn has_thoughts(entry: &Entry<'_>) -> bool {
    matches!(entry, Entry::Message { role: Role::Assistant, .. })
        && entry.text().contains("</think>")
}

/// Counts functions by their JSON; `false` where nothing was measured, or not for this choice.
pub(super) fn tools(
    count: &mut RequestCount,
    body: &Body<'_>,
    provider: Option<&str>,
    context: Context,
) -> bool {
    let model = count.model.as_deref().unwrap_or_default().to_ascii_lowercase();
    let frame = context
        .own
        .and_then(|tokenizer| frames::find(tokenizer, bare_id(&model), context.endpoint, provider));
    let Some((frame, [besides, less, more])) = frame.and_then(|frame| Some((frame, frame.tools?)))
    else {
        return false;
    };
    if body.choice != Choice::Free {
        return false;
    }
    let written: Vec<String> =
        body.functions.iter().map(|function| write(function.whole, SPACED)).collect();
    let likely = tokens_of(context, &format!("[{}]", written.join(", "))) + besides;
    let less = less + likely / 50;
    let part = format!("{} functions", body.functions.len());
    let tokens = Tokens::around(likely, less, more + likely / 50);
    count.add_noted(part, "tools-json", tokens, format!("assumed: {}", frame.evidence));
    true
}

/// The texts of an entry by the model's own tokenizer.
fn text_tokens(entry: &Entry<'_>, frame: &Frame, context: Context) -> u64 {
    if frame.apart {
        let texts = entry.pieces().iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(*text),
            _ => None,
        });
        return texts.map(|text| tokens_of(context, text)).sum();
    }
    let text = entry.text();
    let answer = matches!(entry, Entry::Message { role: Role::Assistant, .. });
    tokens_of(context, if answer { without_thoughts(&text, frame.drops_thoughts) } else { &text })
}

/// Calls in the history, each with its result but for the result's text.
fn history(count: &mut RequestCount, body: &Body<'_>, way: Option<Way>, context: Context) {
    let (mut sum, mut number) = (Tokens::NONE, 0);
    for entry in &body.entries {
        let Entry::Calls { calls, .. } = entry else {
            continue;
        };
        for (at, call) in calls.iter().enumerate() {
            sum = sum.plus(match way {
                Some(way) => gemini::call(call, way, context),
                None => claude::call(call, at > 0, context),
            });
            number += 1;
        }
    }
    if number > 0 {
        let rule = if way.is_some() { "call-gemini" } else { "call-claude" };
        count.add(format!("{number} calls"), rule, sum);
    }
}

/// An earlier answer as a template that drops thoughts hands it on.
pub(super) fn without_thoughts(text: &str, drops: bool) -> &str {
    match text.rsplit_once("</think>") {
        Some((_, said)) if drops => said.trim_start(),
        _ => text,
    }
}
