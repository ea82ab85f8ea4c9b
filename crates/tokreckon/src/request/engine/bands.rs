//! Models whose tokenizer is not public or not ours: a band on the `o200k_base` count.
//!
//! Texts, framing and tools are counted as `o200k_base` would have them and multiplied by ratios that
//! were measured per tokenizer generation. A band is never exact.

use serde_json::Value;

use super::gemini::Way;
use super::{Context, claude, frame, gemini, given, media};
use crate::request::band_table::{BandRule, GIVEN, band_rule};
use crate::request::body::{Body, Choice, Entry, Format, Image, Piece, Role};
use crate::request::count::RequestCount;
use crate::request::json_text::{COMPACT, write};
use crate::request::leaves::each_leaf;
use crate::request::read::Endpoint;
use crate::request::tokens::Tokens;

/// Counts a request within a band.
pub(super) fn count(
    count: &mut RequestCount,
    body: &Body<'_>,
    name: &str,
    provider: Option<&str>,
    context: Context,
) {
    let own = band_rule(name, context.endpoint);
    // What fits the ratios of another tokenizer says nothing beside texts that this one counts.
    let rule = context.given.map_or(own, |_| band_rule(GIVEN, context.endpoint));
    if !frame::texts(count, body, provider, context) {
        match context.given {
            Some(tokenizer) => given::texts(count, body, tokenizer, rule, context),
            None => texts(count, body, rule, context),
        }
    }
    let way = Way::of(count.model.as_deref().unwrap_or_default(), provider, context);
    tools(count, body, rule, (way, provider), context);
    if let Some(format) = &body.format {
        schema(count, format, rule, way, context);
    }
    if !body.documents.is_empty() {
        documents(count, &body.documents, context);
    }
    if body.thinking || count.model.as_deref().is_some_and(|id| id.ends_with(":thinking")) {
        let [low, likely, high] = rule.thinking;
        let tokens = Tokens::around(likely, likely - low, high - likely);
        count.add("thinking", &rule.rule, tokens);
    }
    for (index, entry) in body.entries.iter().enumerate() {
        others(count, index, entry, own);
    }
}

/// All texts together, so that rounding does not widen the band, and the framing of messages.
fn texts(count: &mut RequestCount, body: &Body<'_>, rule: &'static BandRule, context: Context) {
    let mut tokens = 0;
    let chat = context.endpoint == Endpoint::ChatCompletions;
    let drops = chat && drops_thoughts(count.model.as_deref().unwrap_or_default());
    for entry in &body.entries {
        let answer = matches!(entry, Entry::Message { role: Role::Assistant, .. });
        tokens += context.tokens(frame::without_thoughts(&entry.text(), drops && answer));
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
    let text: String = body.entries.iter().map(Entry::text).collect();
    let (less, more) = foreign(&text, context);
    if less + more > 0 {
        let tokens = rule.text.of(tokens);
        let note = "a tokenizer that is not here may take far more or fewer tokens in this script";
        count.add_noted(part, &rule.rule, tokens.widened(less, more), note);
    } else {
        count.add(part, &rule.rule, rule.text.of(tokens));
    }
    let framing = rule.framing.of(messages.saturating_sub(1));
    count.add(format!("framing of {messages} messages"), &rule.rule, framing);
}

/// A text alone, without a frame.
pub(super) fn text(text: &str, name: &str, context: Context) -> Tokens {
    let (less, more) = foreign(text, context);
    let tokens = context.tokens(text);
    let band = band_rule(name, context.endpoint).text.alone(tokens);
    if less + more > 0 { band.widened(less, more) } else { band }
}

/// How many tokens less and more a tokenizer that is not here may take for scripts other than Latin.
///
/// The bands were fitted on English. Measured on texts of 20 languages, the vocabularies of other makers
/// took 0.6 to 1.5 times the tokens of `o200k_base` in Chinese and Japanese, and 0.6 to 4.4 times in other
/// scripts, but none more than a token for each byte.
fn foreign(text: &str, context: Context) -> (u64, u64) {
    let is_han = |character: &char| matches!(character, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}');
    let is_other = |character: &char| *character >= '\u{370}' && !is_han(character);
    let han: String = text.chars().filter(is_han).collect();
    let other: String = text.chars().filter(is_other).collect();
    let (han_tokens, other_tokens) = (context.tokens(&han), context.tokens(&other));
    let bytes = u64::try_from(other.len()).unwrap_or(u64::MAX);
    let most = bytes.min(other_tokens.saturating_mul(44) / 10);
    let less = (han_tokens + other_tokens) * 4 / 10;
    (less, han_tokens / 2 + most.saturating_sub(other_tokens))
}

/// The schema of the answer.
fn schema(
    count: &mut RequestCount,
    format: &Format<'_>,
    rule: &'static BandRule,
    way: Option<Way>,
    context: Context,
) {
    let tokens = context.tokens(&write(format.schema, COMPACT));
    let (rule, tokens) = match (claude::schema(format.schema, context), way) {
        (Some(tokens), _) => ("schema-claude", tokens),
        // The Gemini API bills none; Vertex was recorded with 3 and with 65 more.
        (None, Some(Way::Listed | Way::Written)) => ("schema-gemini", Tokens::around(0, 0, tokens)),
        (None, Some(Way::Texts)) => ("schema-gemini", Tokens::around(0, 0, tokens + 70)),
        _ => (rule.rule.as_str(), rule.schema.of(tokens)),
    };
    count.add("schema of the answer", rule, tokens);
}

/// Documents to answer from: their texts and what stands around them.
fn documents(count: &mut RequestCount, documents: &[&Value], context: Context) {
    let (mut texts, mut whole) = (0, 0);
    for document in documents {
        let data = document.get("data").unwrap_or(document);
        each_leaf(data, true, &mut |leaf| texts += context.tokens(leaf));
        whole += context.tokens(&write(document, COMPACT));
    }
    let most = whole + whole / 2 + 40;
    let part = format!("{} documents", documents.len());
    count.add(part, "documents", Tokens::around(texts, texts / 4, most.saturating_sub(texts)));
}

/// Models whose chat template leaves out `<think>` blocks of earlier answers, whoever serves them.
fn drops_thoughts(model: &str) -> bool {
    let model = model.to_ascii_lowercase();
    [
        "deepseek-r1",
        "deepseek-v3",
        "deepseek-v4",
        "qwen3",
        "qwen-3",
        "qwq",
        "glm-4.",
        "glm-5",
        "minimax-m",
    ]
    .iter()
    .any(|name| model.contains(name))
}

fn tools(
    count: &mut RequestCount,
    body: &Body<'_>,
    rule: &'static BandRule,
    (way, provider): (Option<Way>, Option<&str>),
    context: Context,
) {
    if let (Some(way), false) = (way, body.functions.is_empty()) {
        gemini::tools(count, body, way, provider.is_some(), context);
    } else if !body.functions.is_empty()
        && !claude::tools(count, body, context)
        && !frame::tools(count, body, provider, context)
    {
        let written = body.functions.iter().map(|function| write(function.whole, COMPACT));
        let tokens = written.map(|text| context.tokens(&text)).sum();
        let part = format!("{} functions", body.functions.len());
        let tokens = rule.tools.of(tokens);
        if body.choice == Choice::None {
            // Most servers do not hand them to the model then, and bill nothing.
            let most = tokens.band().high.unwrap_or(u64::MAX);
            // Llama 4 was recorded with 8 and 9 tokens of its template in their place.
            let likely = if context.family.name == "llama-4" { 8 } else { 0 };
            let tokens = Tokens::around(likely, likely, most.saturating_sub(likely));
            count.add(part, "tools-withheld", tokens);
        } else {
            count.add(part, &rule.rule, tokens);
        }
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
fn others(count: &mut RequestCount, index: usize, entry: &Entry<'_>, rule: &'static BandRule) {
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
                Some(tokens) => {
                    count.add(format!("image in message {message}"), &rule.rule, tokens);
                }
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
fn image_tokens(image: &Image<'_>, rule: &'static BandRule) -> Option<Tokens> {
    let size = media::size_of(image)?;
    let (width, height) = (u64::from(size.width), u64::from(size.height));
    match rule.image.as_str() {
        "area" => {
            // Patches of 28 pixels; a large image is made smaller first, to about 1,560 of them.
            let patches = width.div_ceil(28) * height.div_ceil(28);
            Some(match patches {
                0..1400 => Tokens::around(patches + 3, 2, 20),
                _ => Tokens::around(patches.min(1570) + 3, 400, patches.clamp(1700, 3930) - 1400),
            })
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

#[cfg(test)]
mod tests {
    use crate::request::{CountOptions, Request};

    /// Where the vocabulary is not shipped, the band of a Tamil word reaches as far as such vocabularies
    /// go in that script, and that of English is not widened by it.
    #[test]
    fn a_band_reaches_as_far_as_other_vocabularies_in_other_scripts() {
        let band = |text: &str| {
            let body = serde_json::json!({
                "model": "llama-3.3-70b", "messages": [{"role": "user", "content": text}]
            });
            let request = Request::from_value(body).expect("a request");
            request.count(&CountOptions::default()).total().band()
        };
        let tamil = "\u{bb5}\u{ba3}\u{b95}\u{bcd}\u{b95}\u{bae}\u{bcd} ".repeat(40);
        let (wide, narrow) = (band(&tamil), band(&"hello world ".repeat(40)));
        assert!(wide.high.is_some_and(|high| high > 3 * wide.likely), "{wide:?}");
        assert!(wide.low < wide.likely * 7 / 10, "{wide:?}");
        assert!(narrow.high.is_some_and(|high| high < 2 * narrow.likely), "{narrow:?}");
    }
}
