//! One engine applies the rules: to each part of a request its tokens and the rule.

mod messages;
mod history;
mod media;
mod tools;
mod claude;
mod gemini;
mod given;
mod frame;
mod bands;

use jiff::civil::Date;
use tokreckon_tokenizer::{Encoding, Tokenizer};

use super::CountOptions;
use super::body::{Bare, Body, Entry};
use super::count::RequestCount;
use super::model::{Family, Found, Kind};
use super::read::Endpoint;
use super::rules::surcharge;
use super::tokens::Tokens;

/// What the rules are chosen by.
#[derive(Clone, Copy)]
pub(crate) struct Context {
    pub(crate) family: &'static Family,
    pub(crate) endpoint: Endpoint,
    pub(crate) date: Option<Date>,
    /// The model's own tokenizer, where it is here: what frames and tools were measured with.
    pub(crate) own: Option<Tokenizer>,
    /// Another tokenizer that the caller gave for its texts.
    pub(crate) given: Option<Tokenizer>,
    /// A router sends it on, to another endpoint of the maker's.
    pub(crate) routed: bool,
}

impl Context {
    fn kind(self) -> Kind {
        self.family.kind
    }

    /// Tokens of a text by the caller's tokenizer, else in the encoding that the family's band stands on.
    fn tokens(self, text: &str) -> u64 {
        let encoding = Tokenizer::OpenAi(self.family.kind.encoding());
        number(self.given.unwrap_or(encoding).count(text))
    }
}

/// Tokens of a text by the caller's tokenizer, else by the model's own, where it is here.
fn tokens_of(context: Context, text: &str) -> u64 {
    let own = context.own.unwrap_or(Tokenizer::OpenAi(Encoding::O200kBase));
    number(context.given.unwrap_or(own).count(text))
}

fn number(tokens: usize) -> u64 {
    u64::try_from(tokens).unwrap_or(u64::MAX)
}

/// Counts a request for a known model.
pub(crate) fn count(
    count: &mut RequestCount,
    body: &Body<'_>,
    found: Found,
    options: &CountOptions,
) {
    let context = Context {
        family: found.family,
        endpoint: count.endpoint,
        date: options.date,
        own: found.tokenizer,
        given: found.given,
        routed: is_routed(count, options.provider.as_deref()),
    };
    match (context.kind(), body.bare.is_empty()) {
        (Kind::Band(name), _) => {
            bands::count(count, body, name, options.provider.as_deref(), context);
        }
        (Kind::Bare(_), _) | (_, false) => bare(count, body, context),
        _ => framed(count, body, context),
    }
    unread(count, body);
    if compacts(body) {
        count.widen(u64::MAX, 0, "the provider may compact the history before it bills it");
    }
    if context.routed && !body.functions.is_empty() && !matches!(context.kind(), Kind::Band(_)) {
        count.widen(20, 100, "through a router tools are billed by the rules of Responses");
    }
    if found.fine_tuned || !found.family.recorded {
        demote(count, found);
    }
    if body.builtins.iter().any(|name| name == "web_search_options") {
        count.widen(12, 0, "search models were recorded up to 11 tokens below the rules");
    }
    if found.on_bedrock && !matches!(found.family.kind, Kind::Band(_)) {
        let thoughts = body.entries.iter().any(|entry| matches!(entry, Entry::Thoughts(_)));
        let more = if thoughts { 60 } else { 10 };
        count.widen(4, more, "Bedrock was recorded 3 tokens below to 8 above the rules");
    }
}

/// A text alone, of a model whose tokenizer is assumed, reconstructed or not here.
pub(crate) fn text_band(model: &str, found: Found, text: &str) -> Tokens {
    let context = Context {
        family: found.family,
        endpoint: Endpoint::ChatCompletions,
        date: None,
        own: found.tokenizer,
        given: None,
        routed: false,
    };
    let framed = || frame::text(text, &model.to_ascii_lowercase(), context);
    match context.kind() {
        Kind::Band(name) => framed().unwrap_or_else(|| bands::text(text, name, context)),
        _ => Tokens::exact(context.tokens(text)).as_estimate(),
    }
}

/// `OpenRouter` takes Chat Completions and sends tools to Responses; its ids name the maker.
fn is_routed(count: &RequestCount, provider: Option<&str>) -> bool {
    let named = count.model.as_deref().is_some_and(|id| id.starts_with("openai/"));
    count.endpoint == Endpoint::ChatCompletions
        && provider.map_or(named, |provider| provider == "openrouter")
}

/// The provider may replace what was said by something shorter.
fn compacts(body: &Body<'_>) -> bool {
    body.stored.contains(&"context_management")
        || body
            .entries
            .iter()
            .any(|entry| matches!(entry, Entry::Other(kind) if kind == "compaction"))
}

/// A request for a model that no rule knows: says what there is and that it was not counted.
///
/// Where at least the encoding of the model is known, its texts are the lower bound.
pub(crate) fn count_unknown_model(count: &mut RequestCount, body: &Body<'_>) {
    let encoding = count.model.as_deref().and_then(Encoding::for_model);
    count.tokenizer = encoding.map(|found| found.encoding.into());
    let note = match encoding {
        Some(_) => "no rule knows the model: its texts are counted, its framing is not",
        None => "no rule knows the model, so neither its tokenizer nor its framing",
    };
    let at_least = |text: &str| {
        let tokens = encoding.map_or(0, |found| found.encoding.count(text));
        Tokens::at_least(u64::try_from(tokens).unwrap_or(u64::MAX))
    };
    for (index, entry) in body.entries.iter().enumerate() {
        let tokens = at_least(&entry.text());
        count.add_noted(named(index, entry), "unknown-model", tokens, note);
    }
    for (index, input) in body.bare.iter().enumerate() {
        let tokens = match input {
            Bare::Text(text) => at_least(text),
            Bare::Ids(ids) => Tokens::at_least(u64::try_from(*ids).unwrap_or(u64::MAX)),
        };
        count.add_noted(format!("input {}", index + 1), "unknown-model", tokens, note);
    }
    if !body.functions.is_empty() || !body.builtins.is_empty() {
        let tools = body.functions.len() + body.builtins.len();
        count.add_noted(format!("{tools} tools"), "unknown-model", Tokens::at_least(0), note);
    }
    unread(count, body);
    if count.parts.is_empty() {
        count.add_noted("request", "unknown-model", Tokens::at_least(0), note);
    }
}

/// Chat models: messages, calls, tools, a schema, and the opening of the reply.
fn framed(count: &mut RequestCount, body: &Body<'_>, context: Context) {
    let line_feed = tools::needs_line_feed(body, context);
    let mut history = history::History::of(body);
    let mut system_seen = false;
    for (index, entry) in body.entries.iter().enumerate() {
        let part = named(index, entry);
        match entry {
            Entry::Message { role, name, .. } => {
                let first_system = *role == super::body::Role::System && !system_seen;
                system_seen |= first_system;
                let message = messages::Message {
                    text: &entry.text(),
                    name: *name,
                    role: *role,
                    line_feed: line_feed && first_system,
                };
                messages::count(count, part, &message, context);
            }
            Entry::Calls { .. } | Entry::Result { .. } => {
                history.count(count, part, index, entry, context);
            }
            Entry::Thoughts(encrypted) => {
                history::thoughts(count, part, index, *encrypted, body);
            }
            Entry::Other(kind) => count.add_noted(
                part,
                "unknown-part",
                Tokens::at_least(0),
                format!("an item of type `{kind}` is not understood"),
            ),
        }
        media::count(count, index, entry, context);
    }
    tools::count(count, body, context, system_seen);
    messages::opening(count, context);
    surcharged(count, body, context);
}

/// Embeddings and legacy completions: the tokens of the texts and nothing else.
fn bare(count: &mut RequestCount, body: &Body<'_>, context: Context) {
    for (index, input) in body.bare.iter().enumerate() {
        let tokens = match input {
            // An empty text was billed as one token (one recording).
            Bare::Text(text) => context.tokens(text).max(1),
            Bare::Ids(ids) => u64::try_from(*ids).unwrap_or(u64::MAX),
        };
        count.add(format!("input {}", index + 1), "bare-text", Tokens::exact(tokens));
    }
    if body.bare.is_empty() {
        count.add_noted(
            "request",
            "unknown-part",
            Tokens::at_least(0),
            "no input for a model that takes texts without framing",
        );
    }
}

/// Weeks in which a provider added tokens to every request.
fn surcharged(count: &mut RequestCount, body: &Body<'_>, context: Context) {
    let Some(row) =
        context.date.and_then(|day| surcharge(context.family.name, context.endpoint, day))
    else {
        return;
    };
    let [low, likely, high] = row.any;
    let tokens = if low == high {
        Tokens::exact(likely)
    } else {
        Tokens::around(likely, likely - low, high - likely)
    };
    count.add("surcharge of these weeks", row.rule, tokens);
    let extras = !body.functions.is_empty()
        || body.entries.iter().any(|entry| {
            entry.pieces().iter().any(|piece| matches!(piece, super::body::Piece::Image(_)))
        });
    if extras {
        let [low, likely, high] = row.extras;
        let tokens = Tokens::around(likely, likely - low, high - likely);
        count.add("surcharge on tools and images", row.rule, tokens);
    }
}

/// What the request points to, and what was not understood.
fn unread(count: &mut RequestCount, body: &Body<'_>) {
    for field in &body.stored {
        count.add_noted(
            *field,
            "stored-state",
            Tokens::at_least(0),
            format!("`{field}` brings in text that is not in the request"),
        );
    }
    for what in &body.unread {
        count.add_noted(
            "request",
            "unknown-part",
            Tokens::at_least(0),
            format!("{what} is not understood"),
        );
    }
}

/// Nothing was measured on this model: what the rules of its family say is no fact.
fn demote(count: &mut RequestCount, found: Found) {
    let why = if found.fine_tuned {
        "no recorded request of a fine-tuned model"
    } else {
        "no recorded request of this model"
    };
    for part in &mut count.parts {
        if part.tokens.class() == super::tokens::TokenClass::Exact {
            part.tokens = part.tokens.as_estimate();
            part.note.get_or_insert_with(|| why.to_owned());
        }
    }
}

/// What a part is called: its place, from one, and who spoke.
fn named(index: usize, entry: &Entry<'_>) -> String {
    let what = match entry {
        Entry::Message { role, .. } => role.word(),
        Entry::Calls { calls, .. } if calls.len() == 1 => "call",
        Entry::Calls { .. } => "parallel calls",
        Entry::Result { .. } => "result of a call",
        Entry::Thoughts(_) => "reasoning",
        Entry::Other(kind) => kind,
    };
    format!("message {} ({what})", index + 1)
}
