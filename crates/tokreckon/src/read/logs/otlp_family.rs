//! What metrics of tokens are about: whose they are, what their points have in common, what one counts.

use crate::money::Exact;
use crate::read::cell;
use crate::read::object::{Object, text};
use crate::read::spelling::{Field, Member, To};
use crate::read::unread::{Unread, decides_by_word};
use crate::usage::Layout;

/// The metrics of one program, or of the conventions.
#[derive(Debug)]
pub(super) struct Family {
    /// The metric that counts tokens.
    pub(super) tokens: &'static str,
    /// The metric of the dollars that the program calculates beside them.
    pub(super) dollars: Option<&'static str>,
    /// The attribute that says the kind of token.
    pub(super) kind: &'static str,
    /// The seller; empty where an attribute says it.
    pub(super) provider: &'static str,
    pub(super) layout: Layout,
}

pub(super) static FAMILIES: [Family; 3] = [
    Family {
        tokens: "claude_code.token.usage",
        dollars: Some("claude_code.cost.usage"),
        kind: "type",
        provider: "anthropic",
        layout: Layout::ANTHROPIC,
    },
    Family {
        tokens: "gemini_cli.token.usage",
        dollars: None,
        kind: "type",
        provider: "google",
        layout: Layout::GEMINI,
    },
    Family {
        tokens: "gen_ai.client.token.usage",
        dollars: None,
        kind: "gen_ai.token.type",
        provider: "",
        layout: Layout::INSIDE,
    },
];

impl Family {
    /// True for the metric that any program may write, in the words of the conventions.
    pub(super) const fn is_of_conventions(&self) -> bool {
        self.provider.is_empty()
    }
}

/// What the points of a series have in common.
#[derive(Clone, Debug, Default)]
pub(super) struct Meta {
    pub(super) sender: String,
    pub(super) provider: String,
    pub(super) model: String,
    /// Another name of the model: what was asked for.
    pub(super) asked: String,
    pub(super) user: String,
    pub(super) session: String,
    pub(super) is_fast: bool,
    /// Attributes that decide a price and are not read.
    pub(super) unread: String,
}

impl Meta {
    pub(super) fn of(family: &Family, attributes: &Object, sender: &str) -> Self {
        let first = |names: &[&str]| {
            names.iter().find_map(|name| text(attributes, name)).unwrap_or("").to_owned()
        };
        let provider = match family.provider {
            "" => cell::provider(&first(&["gen_ai.provider.name", "gen_ai.system"])).to_owned(),
            known => known.to_owned(),
        };
        let speed = text(attributes, "speed").unwrap_or("");
        let mut unread = Unread::default();
        for (name, value) in attributes {
            let is_known = name == "speed" && matches!(speed, "fast" | "normal" | "standard");
            if decides_by_word(name) && !is_known {
                unread.elsewhere("", name, value);
            }
        }
        Self {
            sender: sender.to_owned(),
            provider,
            model: first(&["gen_ai.response.model", "gen_ai.request.model", "model"]),
            asked: first(&["gen_ai.request.model"]),
            user: first(&["user.id", "enduser.id"]),
            session: first(&["session.id", "gen_ai.conversation.id"]),
            is_fast: speed == "fast",
            unread: unread.as_str().to_owned(),
        }
    }
}

/// A kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Input,
    /// What tools gave back: prompt beside the prompt.
    Tool,
    Output,
    CacheRead,
    CacheWrite,
    Reasoning,
}

/// The words of kinds of token, in all families.
pub(super) const KINDS: &[Member] = &[
    ("input", To::Count(Field::Input)),
    ("tool", To::Plus(Field::Input)),
    ("output", To::Count(Field::Output)),
    ("cacheRead", To::Count(Field::CacheRead)),
    ("cache", To::Count(Field::CacheRead)),
    ("cacheCreation", To::Count(Field::CacheWrite)),
    ("thought", To::Count(Field::Reasoning)),
];

impl Kind {
    pub(super) fn of(word: &str) -> Option<Self> {
        let (_, to) = KINDS.iter().find(|(known, _)| *known == word)?;
        Some(match to {
            To::Count(Field::Input) => Self::Input,
            To::Plus(Field::Input) => Self::Tool,
            To::Count(Field::Output) => Self::Output,
            To::Count(Field::CacheRead) => Self::CacheRead,
            To::Count(Field::CacheWrite) => Self::CacheWrite,
            To::Count(Field::Reasoning) => Self::Reasoning,
            _ => return None,
        })
    }
}

/// A value of a counter: tokens and how many requests, or dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reading {
    pub(super) tokens: u64,
    pub(super) dollars: Exact,
    pub(super) requests: Option<u64>,
}

impl Reading {
    /// True where nothing was counted.
    pub(super) fn is_nothing(&self) -> bool {
        self.tokens == 0 && self.dollars.is_zero() && self.requests.unwrap_or(0) == 0
    }
}

/// Nanoseconds in a second.
pub(super) const SECOND: i64 = 1_000_000_000;
