//! Models whose tokenizer is here but not their maker's word on frames: texts are counted as they are, what
//! stands around them by measured rows (`data/counting/frames.toml`), and both are assumed, never exact.

use std::borrow::Cow;

use super::Context;
use crate::request::body::{Body, Entry, Piece, Role};
use crate::request::count::RequestCount;
use crate::request::frames::{self, Frame};
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
    let Some(tokenizer) = context.tokenizer else {
        return false;
    };
    let Some(frame) = frames::find(tokenizer, bare_id(&model), context.endpoint, provider) else {
        return false;
    };
    let messages = body
        .entries
        .iter()
        .all(|entry| matches!(entry, Entry::Message { .. } | Entry::Thoughts(_) | Entry::Other(_)));
    if !messages || !body.bare.is_empty() {
        return false;
    }
    let tokens = |text: &str| u64::try_from(tokenizer.count(text)).unwrap_or(u64::MAX);
    let last = body.entries.len().saturating_sub(1);
    let (mut texts, mut around, mut number) = (0, frame.request, 0);
    for (index, entry) in body.entries.iter().enumerate() {
        let Entry::Message { role, pieces, .. } = entry else {
            continue;
        };
        let answer = *role == Role::Assistant;
        if frame.apart {
            texts += pieces.iter().map(|piece| text_of(piece).map_or(0, tokens)).sum::<u64>();
        } else {
            let text = entry.text();
            texts += tokens(if answer { without_thoughts(&text, frame) } else { &text });
        }
        around += match role {
            Role::System => frame.system,
            Role::Assistant if index == last => frame.final_assistant,
            Role::Assistant => frame.assistant,
            _ => frame.user,
        };
        number += 1;
    }
    let (less, more) = frame.spread(texts, number);
    count.add("texts", tokenizer_rule(tokenizer), Tokens::exact(texts));
    let around = Tokens::around(around, less, more);
    let note = format!("assumed: {}", frame.evidence);
    count.add_noted(format!("framing of {number} messages"), rule(frame), around, note);
    true
}

fn rule(frame: &'static Frame) -> &'static str {
    &frame.rule
}

/// The rule of texts.
fn tokenizer_rule(tokenizer: tokreckon_tokenizer::Tokenizer) -> &'static str {
    if tokenizer.is_reconstructed() { "text-reconstructed" } else { "text-published" }
}

fn text_of<'a>(piece: &Piece<'a>) -> Option<&'a str> {
    match piece {
        Piece::Text(text) => Some(text),
        _ => None,
    }
}

/// An earlier answer as the template hands it on.
fn without_thoughts<'t>(text: &'t Cow<'_, str>, frame: &Frame) -> &'t str {
    match text.rsplit_once("</think>") {
        Some((_, said)) if frame.drops_thoughts => said.trim_start(),
        _ => text,
    }
}
