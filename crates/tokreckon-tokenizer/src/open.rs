//! Counting for models of other makers, by the vocabularies that they published.

use std::borrow::Cow;
use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::cache::{Cache, LONG, LongKey, SHORT, ShortKey};
use crate::model::Standing;
use crate::ranked::{Merger, Ranked};
use crate::rules::Table;
use crate::split::Pattern;

/// The table, compiled in.
const RULES: Table = Table(include_str!("open_models.txt"));

/// A vocabulary that its maker published.
///
/// Counts are of ordinary text: without the tokens that a chat template adds, and text that spells a
/// special token is text. They equal those of the maker's tokenizer; `vocabularies/README.md` says
/// where each file comes from, under which licence, and on how many texts that was compared.
///
/// ```
/// use tokreckon_tokenizer::{OpenVocabulary, Standing};
///
/// let found = OpenVocabulary::for_model("qwen/qwen3-32b").expect("known");
/// assert_eq!((found.vocabulary, found.standing), (OpenVocabulary::Qwen2, Standing::Documented));
/// assert_eq!(found.vocabulary.count("How many tokens is this?"), 6);
/// assert_eq!(OpenVocabulary::for_model("llama-3.1-8b"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum OpenVocabulary {
    /// `qwen2`: Qwen 2, 2.5 and 3.
    Qwen2,
    /// `deepseek_v3`: `DeepSeek` V3, R1 and V4.
    DeepSeekV3,
    /// `tekken`: Mistral models since Nemo (July 2024).
    Tekken,
    /// `mistral_v1`: Mistral 7B, Mixtral, Mistral Large to 2411, Codestral (`SentencePiece`, v1 to v7).
    MistralV1,
    /// `glm4`: GLM-4.5 to 4.7.
    Glm4,
    /// `glm5`: GLM-5 and GLM-4.7-Flash.
    Glm5,
    /// `minimax`: `MiniMax` Text-01, M1, M2.
    MiniMax,
    /// `gemma4`: Gemma 3 and 4, Gemini from 2.5 on.
    Gemma4,
}

/// The vocabulary of a model and how well that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ModelVocabulary {
    /// The vocabulary.
    pub vocabulary: OpenVocabulary,
    /// How well it is known.
    pub standing: Standing,
}

/// A file of `vocabularies/`.
macro_rules! packed {
    ($name:literal) => {
        include_bytes!(concat!("../vocabularies/", $name, ".zst"))
    };
}

impl OpenVocabulary {
    /// All vocabularies.
    pub const ALL: [OpenVocabulary; 8] = [
        OpenVocabulary::Qwen2,
        OpenVocabulary::DeepSeekV3,
        OpenVocabulary::Tekken,
        OpenVocabulary::MistralV1,
        OpenVocabulary::Glm4,
        OpenVocabulary::Glm5,
        OpenVocabulary::MiniMax,
        OpenVocabulary::Gemma4,
    ];

    /// The name, for example `qwen2`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            OpenVocabulary::Qwen2 => "qwen2",
            OpenVocabulary::DeepSeekV3 => "deepseek_v3",
            OpenVocabulary::Tekken => "tekken",
            OpenVocabulary::MistralV1 => "mistral_v1",
            OpenVocabulary::Glm4 => "glm4",
            OpenVocabulary::Glm5 => "glm5",
            OpenVocabulary::MiniMax => "minimax",
            OpenVocabulary::Gemma4 => "gemma4",
        }
    }

    /// The number of tokens of a text. Text that spells a special token is text.
    ///
    /// The first count unpacks the vocabulary, which takes some hundredths of a second.
    ///
    /// # Panics
    ///
    /// Not on any text.
    #[must_use]
    pub fn count(self, text: &str) -> usize {
        thread_local! {
            static WORKERS: RefCell<[Worker; 8]> = RefCell::default();
        }
        WORKERS.with_borrow_mut(|workers| {
            let worker = &mut workers[self as usize];
            match self.shape() {
                Shape::Bytes(pattern) => self.count_bytes(&self.normal(text), pattern, worker),
                Shape::Characters { dummy_space } => {
                    let spaced = if dummy_space && !text.is_empty() { " " } else { "" };
                    let text = format!("{spaced}{text}").replace(' ', SPACE);
                    self.between_tags(&text)
                        .map(|part| match part {
                            Part::Tag => 1,
                            Part::Text(text) => self.count_characters(text, worker),
                        })
                        .sum()
                }
            }
        })
    }

    /// The vocabulary of a model, or `None` for a model that no rule knows.
    ///
    /// Understands ids in any case, with a provider in front and with a variant at the end.
    #[must_use]
    pub fn for_model(id: &str) -> Option<ModelVocabulary> {
        let (vocabulary, standing) = RULES.find(id)?;
        Some(ModelVocabulary { vocabulary, standing })
    }

    /// The text as the maker's tokenizer takes it: Qwen's composes characters first (NFC).
    fn normal(self, text: &str) -> Cow<'_, str> {
        let composed =
            self != OpenVocabulary::Qwen2 || is_nfc_quick(text.chars()) == IsNormalized::Yes;
        if composed { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
    }

    fn shape(self) -> Shape {
        match self {
            OpenVocabulary::Qwen2 => Shape::Bytes(Pattern::Qwen),
            OpenVocabulary::DeepSeekV3 => Shape::Bytes(Pattern::DeepSeek),
            OpenVocabulary::Tekken => Shape::Bytes(Pattern::Tekken),
            OpenVocabulary::Glm4 | OpenVocabulary::Glm5 => Shape::Bytes(Pattern::Glm),
            OpenVocabulary::MiniMax => Shape::Bytes(Pattern::O200k),
            OpenVocabulary::MistralV1 => Shape::Characters { dummy_space: true },
            OpenVocabulary::Gemma4 => Shape::Characters { dummy_space: false },
        }
    }

    /// Its tokens, unpacked once.
    fn ranked(self) -> &'static Ranked {
        static UNPACKED: [OnceLock<Ranked>; 8] = [const { OnceLock::new() }; 8];
        let frames: &[&[u8]] = match self {
            OpenVocabulary::Qwen2 => &[packed!("qwen2")],
            OpenVocabulary::DeepSeekV3 => &[packed!("deepseek_v3")],
            OpenVocabulary::Tekken => &[packed!("tekken")],
            OpenVocabulary::MistralV1 => &[packed!("mistral_v1")],
            OpenVocabulary::Glm4 => &[packed!("glm4")],
            OpenVocabulary::Glm5 => &[packed!("glm4"), packed!("glm5")],
            OpenVocabulary::MiniMax => &[packed!("minimax")],
            OpenVocabulary::Gemma4 => &[packed!("gemma4")],
        };
        UNPACKED[self as usize]
            .get_or_init(|| Ranked::unpack(frames).expect("the tests unpack each of these files"))
    }

    /// Byte-pair encoding of the pieces that a pattern cuts.
    fn count_bytes(self, text: &str, pattern: Pattern, worker: &mut Worker) -> usize {
        let (ranked, bytes, mut total) = (self.ranked(), text.as_bytes(), 0);
        pattern.for_each_piece(bytes, |start, end| {
            let piece = &bytes[start..end];
            total += worker.remembered(bytes, start, end, |merger| ranked.count(piece, merger));
        });
        total
    }

    /// The text cut at the HTML tags that are tokens of Gemma's by themselves, wherever they stand.
    fn between_tags(self, text: &str) -> impl Iterator<Item = Part<'_>> {
        let tags = self == OpenVocabulary::Gemma4;
        let mut rest = text;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let open = rest.match_indices('<').filter(|_| tags);
            let found = open.map(|(at, _)| (at, tag_length(&rest[at..]))).find(|found| found.1 > 0);
            let (at, length) = found.unwrap_or((rest.len(), 0));
            let (part, end) = match at {
                0 => (Part::Tag, length),
                _ => (Part::Text(&rest[..at]), at),
            };
            rest = &rest[end..];
            Some(part)
        })
    }

    /// `SentencePiece`: characters merge over the whole text, spaces among them; a character without a
    /// token is its bytes. No token but one has a space after anything else, so that spaces start anew.
    fn count_characters(self, text: &str, worker: &mut Worker) -> usize {
        let (ranked, bytes, mut total) = (self.ranked(), text.as_bytes(), 0);
        let mut start = 0;
        while start < text.len() {
            let end = word_end(text, start);
            let piece = &text[start..end];
            total += worker.remembered(bytes, start, end, |merger| {
                let ends = piece.char_indices().map(|(at, character)| at + character.len_utf8());
                let rank = |start, _, end| ranked.rank(&piece.as_bytes()[start..end]);
                let mut tokens = 0;
                merger.merge(ends, rank, |start, end| {
                    tokens += if rank(start, start, end).is_some() { 1 } else { end - start };
                });
                tokens
            });
            start = end;
        }
        total
    }
}

/// A space in `SentencePiece`.
const SPACE: &str = "\u{2581}";

/// Where the next space after something else starts; one token of Gemma's is `>▁</`.
fn word_end(text: &str, start: usize) -> usize {
    let rest = &text[start..];
    let spaces = rest.len() - rest.trim_start_matches(SPACE).len();
    let places = rest[spaces..].match_indices(SPACE).map(|(at, _)| start + spaces + at);
    let mut cuts = places.filter(|&at| !text[..at].ends_with('>'));
    cuts.next().unwrap_or(text.len())
}

/// A part of a text.
enum Part<'a> {
    Tag,
    Text(&'a str),
}

/// Elements whose start and end tags, without attributes, are single tokens of Gemma's.
#[rustfmt::skip]
const ELEMENTS: [&str; 36] = [
    "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5",
    "h6", "blockquote", "strong", "em", "b", "i", "u", "s", "sub", "sup", "code", "a", "html",
    "body", "img", "span", "bbox", "ul", "li", "div", "iframe", "footer", "mask",
];

/// The length of the tag that a text starts with, 0 for none.
fn tag_length(text: &str) -> usize {
    let inner = text.strip_prefix('<').unwrap_or_default();
    let name = inner.strip_prefix('/').unwrap_or(inner);
    let Some(end) = name.as_bytes().iter().take(11).position(|&byte| byte == b'>') else {
        return 0;
    };
    // The mask is no element: it has no end tag.
    let known = ELEMENTS.contains(&&name[..end]) && !inner.starts_with("/mask");
    if known { text.len() - name.len() + end + 1 } else { 0 }
}

/// What a text is before its tokens merge.
enum Shape {
    /// Pieces cut by a pattern, each of them bytes.
    Bytes(Pattern),
    /// Characters; with a space in front where the maker's tokenizer puts one.
    Characters { dummy_space: bool },
}

/// What a thread keeps for one vocabulary.
#[derive(Default)]
struct Worker {
    /// Made when it is first used.
    cache: Option<Cache>,
    merger: Merger,
}

impl Worker {
    /// The number of tokens of `text[start..end]`, counted only if it is not in the cache.
    #[inline]
    fn remembered(
        &mut self,
        text: &[u8],
        start: usize,
        end: usize,
        count: impl FnOnce(&mut Merger) -> usize,
    ) -> usize {
        let cache = self.cache.get_or_insert_default();
        if end - start <= SHORT {
            let key = ShortKey::of(text, start, end);
            let known = cache.short_again(key);
            if known != 0 {
                return known;
            }
            let counted = count(&mut self.merger);
            cache.put_short(key, counted);
            return counted;
        }
        if end - start > LONG {
            return count(&mut self.merger);
        }
        let key = LongKey::of(&text[start..end]);
        let known = cache.long(&key);
        if known != 0 {
            return known;
        }
        let counted = count(&mut self.merger);
        cache.put_long(key, counted);
        counted
    }
}

impl fmt::Display for OpenVocabulary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for OpenVocabulary {
    type Err = UnknownVocabulary;

    fn from_str(name: &str) -> Result<OpenVocabulary, UnknownVocabulary> {
        let found = OpenVocabulary::ALL.into_iter().find(|vocabulary| vocabulary.name() == name);
        found.ok_or_else(|| UnknownVocabulary { name: name.to_owned() })
    }
}

/// No open vocabulary has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownVocabulary {
    /// The name that was asked for.
    pub name: String,
}

impl fmt::Display for UnknownVocabulary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "unknown vocabulary `{}`; the vocabularies are", self.name)?;
        for (at, vocabulary) in OpenVocabulary::ALL.into_iter().enumerate() {
            write!(formatter, "{} `{vocabulary}`", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl Error for UnknownVocabulary {}

#[cfg(test)]
mod tests {
    use super::{OpenVocabulary, RULES, SPACE, Shape};
    use crate::rules::rule;

    #[test]
    fn every_line_is_a_rule_a_comment_or_empty() {
        for line in RULES.0.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            assert!(rule::<OpenVocabulary>(line).is_some(), "not a rule: {line}");
        }
    }

    #[test]
    fn each_file_unpacks_and_no_token_has_a_space_after_something_else() {
        for vocabulary in OpenVocabulary::ALL {
            let ranked = vocabulary.ranked();
            assert!(ranked.rank(b"the").is_some(), "{vocabulary}");
            if let Shape::Characters { .. } = vocabulary.shape() {
                let space = SPACE.as_bytes();
                let inside = ranked.any_inside(|before, after| {
                    after.starts_with(space) && !before.ends_with(space) && !before.ends_with(b">")
                });
                assert!(!inside, "{vocabulary}");
            }
        }
    }
}
