//! Models whose tokenizer or frame is not known: bands.
//!
//! Texts are counted by the model's own tokenizer, where it is here, else by ratios that were measured by script
//! ([`vocabularies`](crate::request::vocabularies)); framing, functions and schemas as `o200k_base` would have
//! them, times ratios that were measured by family. A band is never exact.

use serde_json::Value;
use tokreckon_tokenizer::Tokenizer;

use super::gemini::Way;
use super::{Context, claude, frame, gemini, given, media};
use crate::request::band_table::{BandRule, GIVEN, band_rule};
use crate::request::body::{Body, Choice, Entry, Format, Image, Piece, Role};
use crate::request::count::RequestCount;
use crate::request::json_text::{COMPACT, write};
use crate::request::leaves::each_leaf;
use crate::request::read::Endpoint;
use crate::request::tokens::Tokens;
use crate::request::vocabularies::{Measured, Vocabulary, vocabulary};

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
    let mut texts = Texts::of(rule, context);
    let chat = context.endpoint == Endpoint::ChatCompletions;
    let drops = chat && drops_thoughts(count.model.as_deref().unwrap_or_default());
    for entry in &body.entries {
        let answer = matches!(entry, Entry::Message { role: Role::Assistant, .. });
        texts.add(frame::without_thoughts(&entry.text(), drops && answer));
        if let Entry::Calls { calls, .. } = entry {
            for call in calls {
                texts.add(call.name);
                texts.add(&call.arguments);
            }
        }
    }
    let mut ids = 0;
    for input in &body.bare {
        match input {
            super::Bare::Text(text) => texts.add(text),
            super::Bare::Ids(number) => ids += super::number(*number),
        }
    }
    let messages = u64::try_from(body.entries.len()).unwrap_or(u64::MAX);
    let called = body
        .entries
        .iter()
        .any(|entry| matches!(entry, Entry::Calls { .. } | Entry::Result { .. }));
    let part = if called { "texts and calls" } else { "texts" };
    let tokens = rule.text.around(texts.tokens().plus(Tokens::exact(ids)));
    match texts.evidence() {
        Some(evidence) => count.add_noted(part, &rule.rule, tokens, evidence),
        None => count.add(part, &rule.rule, tokens),
    }
    let framing = rule.framing.of(messages.saturating_sub(1));
    count.add(format!("framing of {messages} messages"), &rule.rule, framing);
}

/// A text alone, without a frame.
pub(super) fn text(text: &str, name: &str, context: Context) -> Tokens {
    let rule = band_rule(name, context.endpoint);
    let mut texts = Texts::of(rule, context);
    texts.add(text);
    rule.text.alone().around(texts.tokens())
}

/// What counts the texts of a family.
enum Texts {
    /// The model's own tokenizer, or its family's, and its tokens.
    Own(Tokenizer, u64),
    /// A vocabulary that is not here.
    Measured(&'static Vocabulary, Measured),
}

impl Texts {
    fn of(rule: &BandRule, context: Context) -> Self {
        let named = rule.vocabulary.as_deref();
        match context.own.or_else(|| named?.parse().ok()) {
            Some(tokenizer) => Texts::Own(tokenizer, 0),
            None => Texts::Measured(vocabulary(named), Measured::default()),
        }
    }

    fn add(&mut self, text: &str) {
        match self {
            Texts::Own(tokenizer, tokens) => *tokens += super::number(tokenizer.count(text)),
            Texts::Measured(vocabulary, measured) => measured.add(text, vocabulary),
        }
    }

    fn tokens(&self) -> Tokens {
        match self {
            Texts::Own(_, tokens) => Tokens::exact(*tokens),
            Texts::Measured(_, measured) => measured.tokens(),
        }
    }

    /// What the number rests on, where that is no tokenizer.
    fn evidence(&self) -> Option<&'static str> {
        match self {
            Texts::Own(..) => None,
            Texts::Measured(vocabulary, _) => Some(&vocabulary.evidence),
        }
    }
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

    /// The band of a vocabulary that was measured is narrow, in every script; that of an unknown one is as wide as
    /// the known ones differ, and English is not widened by what others stand beside it.
    #[test]
    fn a_band_is_as_wide_as_vocabularies_differ_in_a_script() {
        let width = |model: &str, text: &str| {
            let band = crate::request::count(model, text).expect("a model of the book").band();
            let high = band.high.expect("bounded");
            100 * (high - band.low) / band.likely
        };
        let tamil = "\u{bb5}\u{ba3}\u{b95}\u{bcd}\u{b95}\u{bae}\u{bcd} ".repeat(40);
        let english = "Please summarise the notes of our last meeting. ".repeat(40);
        let widths = ["llama-3.3-70b", "nova-pro"]
            .map(|model| [&english, &tamil].map(|text| width(model, text)));
        let [[known_english, known_tamil], [english, tamil]] = widths;
        assert!(known_english <= 12 && known_tamil <= 35, "{widths:?}");
        assert!(english <= 50 && tamil >= 3 * known_tamil, "{widths:?}");
    }

    #[test]
    fn a_request_says_what_its_texts_were_measured_with() {
        let body = serde_json::json!({
            "model": "llama-3.3-70b", "messages": [{"role": "user", "content": "Hello"}]
        });
        let count = Request::from_value(body).expect("a request").count(&CountOptions::default());
        let note = count.parts[0].note.as_deref().unwrap_or_default();
        assert!(note.contains("with the tokenizer of Llama 3"), "{note}");
    }
}
