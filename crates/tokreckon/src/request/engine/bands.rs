//! Models whose tokenizer is not public or not ours: a band on the `o200k_base` count.
//!
//! Texts, framing and tools are counted as `o200k_base` would have them and multiplied by ratios that
//! were measured per tokenizer generation. A band is never exact.

use super::{Context, frame, media};
use crate::request::band_table::{BandRule, band_rule};
use crate::request::body::{Body, Entry, Image, Piece};
use crate::request::count::RequestCount;
use crate::request::json_text::{COMPACT, write};
use crate::request::tokens::Tokens;

/// Counts a request within a band.
pub(super) fn count(
    count: &mut RequestCount,
    body: &Body<'_>,
    name: &str,
    provider: Option<&str>,
    context: Context,
) {
    let rule = band_rule(name, context.endpoint);
    if !frame::texts(count, body, provider, context) {
        texts(count, body, rule, context);
    }
    tools(count, body, rule, context);
    if let Some(format) = &body.format {
        let tokens = context.tokens(&write(format.schema, COMPACT));
        count.add("schema of the answer", rule.rule, rule.schema.of(tokens));
    }
    if body.thinking || count.model.as_deref().is_some_and(|id| id.ends_with(":thinking")) {
        let [low, likely, high] = rule.thinking;
        let tokens = Tokens::around(likely, likely - low, high - likely);
        count.add("thinking", rule.rule, tokens);
    }
    for (index, entry) in body.entries.iter().enumerate() {
        others(count, index, entry, rule);
    }
}

/// All texts together, so that rounding does not widen the band, and the framing of messages.
fn texts(count: &mut RequestCount, body: &Body<'_>, rule: &BandRule, context: Context) {
    let mut tokens = 0;
    for entry in &body.entries {
        tokens += context.tokens(&entry.text());
        if let Entry::Calls { calls, .. } = entry {
            for call in calls {
                tokens += context.tokens(call.name) + context.tokens(&call.arguments);
            }
        }
    }
    for input in &body.bare {
        tokens += match input {
            super::Bare::Text(text) => context.tokens(text),
            super::Bare::Ids(ids) => u64::try_from(*ids).unwrap_or(u64::MAX),
        };
    }
    let messages = u64::try_from(body.entries.len()).unwrap_or(u64::MAX);
    let called = body
        .entries
        .iter()
        .any(|entry| matches!(entry, Entry::Calls { .. } | Entry::Result { .. }));
    let part = if called { "texts and calls" } else { "texts" };
    count.add(part, rule.rule, rule.text.of(tokens));
    count.add(
        format!("framing of {messages} messages"),
        rule.rule,
        rule.framing.of(messages.saturating_sub(1)),
    );
}

fn tools(count: &mut RequestCount, body: &Body<'_>, rule: &BandRule, context: Context) {
    if !body.functions.is_empty() {
        let written = body.functions.iter().map(|function| write(function.whole, COMPACT));
        let tokens = written.map(|text| context.tokens(&text)).sum();
        let part = format!("{} functions", body.functions.len());
        count.add(part, rule.rule, rule.tools.of(tokens));
    }
    for name in &body.builtins {
        count.add_noted(
            format!("tool `{name}`"),
            "builtin-unknown",
            Tokens::at_least(0),
            "no rule is known for this tool",
        );
    }
}

/// Images by the provider's published rule; anything else is unknown.
fn others(count: &mut RequestCount, index: usize, entry: &Entry<'_>, rule: &BandRule) {
    let message = index + 1;
    let mut unknown = |what: &str, note: String| {
        let part = format!("{what} in message {message}");
        count.add_noted(part, "media-unknown", Tokens::at_least(0), note);
    };
    match entry {
        Entry::Thoughts(_) => unknown("reasoning", "whether it is billed is not known".to_owned()),
        Entry::Other(kind) => {
            unknown("item", format!("an item of type `{kind}` is not understood"));
        }
        _ => {}
    }
    for piece in entry.pieces() {
        match piece {
            Piece::Text(_) => {}
            Piece::Image(image) => match image_tokens(image, rule) {
                Some(tokens) => count.add(format!("image in message {message}"), rule.rule, tokens),
                None => count.add_noted(
                    format!("image in message {message}"),
                    "image-unknown",
                    Tokens::at_least(0),
                    "the size of the image or the rule for it is not known",
                ),
            },
            Piece::Media(what) => count.add_noted(
                format!("{what} in message {message}"),
                "media-unknown",
                Tokens::at_least(0),
                format!("no rule is known for {what} input"),
            ),
            Piece::Other(what) => count.add_noted(
                format!("part of message {message}"),
                "unknown-part",
                Tokens::at_least(0),
                format!("{what} is not understood"),
            ),
        }
    }
}

/// Anthropic documents width · height / 750, Google 258 for a tile.
fn image_tokens(image: &Image<'_>, rule: &BandRule) -> Option<Tokens> {
    let size = media::size_of(image)?;
    let (width, height) = (u64::from(size.width), u64::from(size.height));
    match rule.image {
        "area" => {
            let tokens = (width * height).div_ceil(750);
            let capped = tokens.min(1600);
            Some(Tokens::around(capped, capped / 4, capped / 4 + 20))
        }
        "tiles" => {
            let tiles = match width.max(height) {
                0..=384 => 1,
                _ => width.div_ceil(768) * height.div_ceil(768),
            };
            Some(Tokens::around(258 * tiles, 258 * (tiles - 1), 258 * tiles + 1100))
        }
        _ => None,
    }
}
