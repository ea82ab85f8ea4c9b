//! What a bill's line is for: `gpt-4o-2024-08-06, cached input` names a model and a kind of token.
//!
//! Nothing is guessed: every word of the kind must be known, otherwise the line names nothing and
//! is listed as it stands.

use std::collections::BTreeSet;

use crate::usage::Meter;

/// What a line of a bill counts. Coarser than meters: bills do not split as usage does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Class {
    /// Everything of a model in one line.
    All,
    /// Input that was not cached.
    Input,
    /// Input read from a cache.
    CachedInput,
    /// Input written to a cache.
    CacheWrite,
    /// Output, reasoning included.
    Output,
    /// Audio input.
    InputAudio,
    /// Cached audio input.
    CachedAudio,
    /// Audio output.
    OutputAudio,
    /// Image input.
    InputImage,
    /// Cached image input.
    CachedImage,
    /// Image output.
    OutputImage,
    /// Anything counted otherwise than in tokens.
    Other,
}

impl Class {
    /// Every class, in order.
    pub const ALL: [Self; 12] = [
        Self::All,
        Self::Input,
        Self::CachedInput,
        Self::CacheWrite,
        Self::Output,
        Self::InputAudio,
        Self::CachedAudio,
        Self::OutputAudio,
        Self::InputImage,
        Self::CachedImage,
        Self::OutputImage,
        Self::Other,
    ];

    /// The words for people and machines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all tokens",
            Self::Input => "input",
            Self::CachedInput => "cached input",
            Self::CacheWrite => "cache write",
            Self::Output => "output",
            Self::InputAudio => "audio input",
            Self::CachedAudio => "cached audio input",
            Self::OutputAudio => "audio output",
            Self::InputImage => "image input",
            Self::CachedImage => "cached image input",
            Self::OutputImage => "image output",
            Self::Other => "other counts",
        }
    }

    /// The class of a meter.
    pub(super) const fn of(meter: Meter) -> Self {
        match meter {
            Meter::Input | Meter::InputVideo => Self::Input,
            Meter::CacheRead => Self::CachedInput,
            Meter::CacheWrite | Meter::CacheWrite5m | Meter::CacheWrite1h => Self::CacheWrite,
            Meter::InputAudio => Self::InputAudio,
            Meter::CacheReadAudio => Self::CachedAudio,
            Meter::InputImage => Self::InputImage,
            Meter::CacheReadImage => Self::CachedImage,
            Meter::OutputAudio => Self::OutputAudio,
            Meter::OutputImage => Self::OutputImage,
            meter if meter.counts_tokens() => Self::Output,
            _ => Self::Other,
        }
    }

    /// Where a bill with lines of these classes puts the tokens of this one.
    pub(super) fn among(mut self, classes: &BTreeSet<Self>) -> Self {
        while let (false, Some(parent)) = (classes.contains(&self), self.parent()) {
            self = parent;
        }
        self
    }

    /// The class that a bill without this one puts its tokens in.
    const fn parent(self) -> Option<Self> {
        match self {
            Self::CachedInput | Self::CacheWrite | Self::InputAudio | Self::InputImage => {
                Some(Self::Input)
            }
            Self::CachedAudio | Self::CachedImage => Some(Self::CachedInput),
            Self::OutputAudio | Self::OutputImage => Some(Self::Output),
            _ => None,
        }
    }
}

/// What a line item says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said<'t> {
    /// A model, or what may be one, and a kind of token.
    Tokens { model: &'t str, class: Class },
    /// Something beside tokens: tool calls, storage, a credit.
    Fee,
    /// Words nobody taught this reader.
    Unknown,
}

/// Texts of lines beside tokens.
const FEES: [&str; 21] = [
    "tool call",
    "web search",
    "web_search",
    "file search",
    "file_search",
    "code interpreter",
    "code_interpreter",
    "code execution",
    "code_execution",
    "vector store",
    "vector_store",
    "storage",
    "session",
    "container",
    "grounding",
    "subscription",
    "credit",
    "refund",
    "adjustment",
    "fine-tuning",
    "training",
];

/// Words that say a kind of token, and what they say.
const WORDS: [(&str, Word); 35] = [
    ("input", Word::Input),
    ("inp", Word::Input),
    ("in", Word::Input),
    ("prompt", Word::Input),
    ("output", Word::Output),
    ("outp", Word::Output),
    ("opt", Word::Output),
    ("out", Word::Output),
    ("completion", Word::Output),
    ("completions", Word::Output),
    ("generated", Word::Output),
    ("reasoning", Word::Output),
    ("thinking", Word::Output),
    ("cached", Word::Cached),
    ("cache", Word::Cached),
    ("read", Word::Filler),
    ("hit", Word::Filler),
    ("write", Word::Write),
    ("writes", Word::Write),
    ("creation", Word::Write),
    ("uncached", Word::Uncached),
    ("no", Word::Uncached),
    ("miss", Word::Uncached),
    ("audio", Word::Audio),
    ("image", Word::Image),
    ("text", Word::Filler),
    ("token", Word::Filler),
    ("tokens", Word::Filler),
    ("5m", Word::Filler),
    ("1h", Word::Filler),
    ("ephemeral", Word::Filler),
    ("batch", Word::Filler),
    ("flex", Word::Filler),
    ("priority", Word::Filler),
    ("standard", Word::Filler),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Input,
    Output,
    Cached,
    Write,
    Uncached,
    Audio,
    Image,
    Filler,
}

/// Reads a line item.
pub(super) fn read(text: &str) -> Said<'_> {
    let small = text.to_ascii_lowercase();
    if text.trim().is_empty() {
        return Said::Unknown;
    }
    for separator in [", ", " - ", " | ", ","] {
        if let Some((model, kind)) = text.rsplit_once(separator)
            && let Some(class) = class_of(kind)
        {
            let model = model.trim_end_matches(" Usage").trim();
            return Said::Tokens { model, class };
        }
    }
    if FEES.iter().any(|fee| small.contains(fee)) {
        return Said::Fee;
    }
    if class_of(text).is_some() {
        return Said::Unknown;
    }
    Said::Tokens { model: text.trim(), class: Class::All }
}

/// The class that words name; `None` when one of them is not known or they name none.
pub(super) fn class_of(kind: &str) -> Option<Class> {
    let kind = kind.to_ascii_lowercase();
    let words = kind.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let said: Option<Vec<Word>> = words
        .map(|word| WORDS.iter().find(|(known, _)| *known == word).map(|(_, said)| *said))
        .collect();
    let said = said?;
    let has = |word: Word| said.contains(&word);
    let plain = has(Word::Uncached);
    if has(Word::Output) {
        return (!has(Word::Input) && !has(Word::Cached)).then_some(match () {
            () if has(Word::Audio) => Class::OutputAudio,
            () if has(Word::Image) => Class::OutputImage,
            () => Class::Output,
        });
    }
    if has(Word::Write) {
        return Some(Class::CacheWrite);
    }
    let cached = has(Word::Cached) && !plain;
    if !has(Word::Input) && !cached {
        return None;
    }
    Some(match (cached, has(Word::Audio), has(Word::Image)) {
        (false, false, false) => Class::Input,
        (true, false, false) => Class::CachedInput,
        (false, true, _) => Class::InputAudio,
        (true, true, _) => Class::CachedAudio,
        (false, false, true) => Class::InputImage,
        (true, false, true) => Class::CachedImage,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_as_bills_write_them() {
        let said = |text| match read(text) {
            Said::Tokens { model, class } => format!("{model}: {}", class.name()),
            Said::Fee => "fee".to_owned(),
            Said::Unknown => "unknown".to_owned(),
        };
        assert_eq!(said("gpt-4o-2024-08-06, input"), "gpt-4o-2024-08-06: input");
        assert_eq!(said("o1-mini-2024-09-12, cached input"), "o1-mini-2024-09-12: cached input");
        assert_eq!(said("gpt-5-nano, input_cached_tokens"), "gpt-5-nano: cached input");
        assert_eq!(said("Claude Sonnet 4.5, input_no_cache"), "Claude Sonnet 4.5: input");
        assert_eq!(
            said("Claude Sonnet 4.5, input_cache_write_5m"),
            "Claude Sonnet 4.5: cache write"
        );
        assert_eq!(
            said("claude-sonnet-4-5-20250929, cache_creation.ephemeral_1h_input_tokens"),
            "claude-sonnet-4-5-20250929: cache write"
        );
        assert_eq!(said("Claude Sonnet 4.5 Usage - output"), "Claude Sonnet 4.5: output");
        assert_eq!(said("claude-opus-4, cache_read_input_tokens"), "claude-opus-4: cached input");
        assert_eq!(said("gpt-4o-mini-2024-07-18, batch input"), "gpt-4o-mini-2024-07-18: input");
        assert_eq!(said("gpt-realtime, cached audio input"), "gpt-realtime: cached audio input");
        assert_eq!(said("GPT-4o mini"), "GPT-4o mini: all tokens");
        assert_eq!(said("Web search tool calls"), "fee");
        assert_eq!(said("Vector store storage"), "fee");
        assert_eq!(said("input tokens"), "unknown");
        assert_eq!(said(""), "unknown");
        assert_eq!(said("Text tokens"), "Text tokens: all tokens", "no model of this name exists");
    }
}
