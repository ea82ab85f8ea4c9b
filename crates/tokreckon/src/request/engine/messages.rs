//! Messages and the opening of the reply.

use super::Context;
use crate::request::body::Role;
use crate::request::count::RequestCount;
use crate::request::rules::framing;
use crate::request::tokens::Tokens;

/// A message as it is counted.
pub(super) struct Message<'a> {
    pub(super) text: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) role: Role<'a>,
    /// A line feed is added to the text before it is counted.
    pub(super) line_feed: bool,
}

/// Adds a message: its text, its name, and what frames it.
pub(super) fn count(
    count: &mut RequestCount,
    part: String,
    message: &Message<'_>,
    context: Context,
) {
    let Some(framing) = framing(context.kind()) else {
        return;
    };
    let text = if message.line_feed {
        context.tokens(&format!("{}\n", message.text))
    } else {
        context.tokens(message.text)
    };
    let reply = if message.role == Role::Assistant { framing.per_reply } else { 0 };
    let name = message.name.map_or(0, |name| name_tokens(name, message.role.word(), context));
    let tokens = Tokens::exact((text + framing.per_message + reply).saturating_add_signed(name));
    match message.role {
        Role::Other(word) => count.add_noted(
            part,
            framing.message,
            tokens.widened(0, 8),
            format!("the role `{word}` is not known to the rules"),
        ),
        _ => count.add(part, framing.message, tokens),
    }
}

/// What a name adds. A name that repeats the role costs one token less.
pub(super) fn name_tokens(name: &str, role: &str, context: Context) -> i64 {
    let per_name = framing(context.kind()).map_or(1, |framing| framing.per_name);
    let own = i64::try_from(context.tokens(name)).unwrap_or(i64::MAX);
    match per_name {
        // The first chat model wrote the name in the place of the role.
        replaced if replaced < 0 => replaced,
        added if name == role => own.saturating_add(added) - 1,
        added => own.saturating_add(added),
    }
}

/// Adds the tokens that open the reply.
pub(super) fn opening(count: &mut RequestCount, context: Context) {
    if let Some(framing) = framing(context.kind()) {
        count.add("opening of the reply", framing.priming, Tokens::exact(framing.opening));
    }
}
