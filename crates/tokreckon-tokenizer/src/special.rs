//! Special tokens: control marks that some text may spell by chance or on purpose.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use crate::encoding::Encoding;

/// What text that spells a special token counts as.
///
/// Whoever bills a prompt sees what a user typed as ordinary text, which is the default here.
/// Text that already is a whole rendered conversation has special tokens in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SpecialTokens {
    /// Ordinary text: `<|endoftext|>` is seven tokens.
    #[default]
    AsText,
    /// A special token: `<|endoftext|>` is one token.
    Recognise,
    /// Not allowed: an error.
    Forbid,
}

impl Encoding {
    /// The special tokens with their ids, in the order of the ids.
    ///
    /// ```
    /// use tokreckon_tokenizer::Encoding;
    ///
    /// let special: Vec<_> = Encoding::O200kBase.special_tokens().collect();
    /// assert_eq!(special[0], ("<|endoftext|>".into(), 199_999));
    /// ```
    pub fn special_tokens(self) -> impl Iterator<Item = (Cow<'static, str>, u32)> {
        let (named, reserved) = table(self);
        let named = named.iter().map(|&(name, id)| (Cow::Borrowed(name), id));
        let reserved = reserved.map(|id| (Cow::Owned(reserved_name(id)), id));
        let mut all: Vec<_> = named.chain(reserved).collect();
        all.sort_by_key(|&(_, id)| id);
        all.into_iter()
    }

    /// The number of tokens of `text` under a policy for special tokens.
    ///
    /// ```
    /// use tokreckon_tokenizer::{Encoding, SpecialTokens};
    ///
    /// let encoding = Encoding::O200kBase;
    /// let text = "The end.<|endoftext|>";
    /// assert_eq!(encoding.count_with(text, SpecialTokens::AsText)?, 9);
    /// assert_eq!(encoding.count_with(text, SpecialTokens::Recognise)?, 4);
    /// let error = encoding.count_with(text, SpecialTokens::Forbid).unwrap_err();
    /// assert_eq!((error.name.as_str(), error.at), ("<|endoftext|>", 8));
    /// # Ok::<(), tokreckon_tokenizer::ForbiddenSpecialToken>(())
    /// ```
    pub fn count_with(
        self,
        text: &str,
        policy: SpecialTokens,
    ) -> Result<usize, ForbiddenSpecialToken> {
        let mut total = 0;
        self.for_each_part(text, policy, |part| {
            total += match part {
                Part::Text(text) => self.count(text),
                Part::Special(_) => 1,
            };
        })?;
        Ok(total)
    }

    /// The token ids of `text` under a policy for special tokens.
    ///
    /// ```
    /// use tokreckon_tokenizer::{Encoding, SpecialTokens};
    ///
    /// let ids = Encoding::O200kBase.encode_with("Hi<|endoftext|>", SpecialTokens::Recognise)?;
    /// assert_eq!(ids, [12194, 199_999]);
    /// # Ok::<(), tokreckon_tokenizer::ForbiddenSpecialToken>(())
    /// ```
    pub fn encode_with(
        self,
        text: &str,
        policy: SpecialTokens,
    ) -> Result<Vec<u32>, ForbiddenSpecialToken> {
        let mut ids = Vec::new();
        self.for_each_part(text, policy, |part| match part {
            Part::Text(text) => ids.extend(self.encode(text)),
            Part::Special(id) => ids.push(id),
        })?;
        Ok(ids)
    }

    /// Gives the ordinary text and the special tokens of `text` in order.
    fn for_each_part(
        self,
        text: &str,
        policy: SpecialTokens,
        mut give: impl FnMut(Part<'_>),
    ) -> Result<(), ForbiddenSpecialToken> {
        let mut start = 0;
        let mut search = 0;
        while policy != SpecialTokens::AsText
            && let Some(found) = text[search..].find("<|")
        {
            let at = search + found;
            search = at + 1;
            let Some((name, id)) = starting(self, &text[at..]) else {
                continue;
            };
            if policy == SpecialTokens::Forbid {
                return Err(ForbiddenSpecialToken { name: name.to_owned(), at, encoding: self });
            }
            give(Part::Text(&text[start..at]));
            give(Part::Special(id));
            start = at + name.len();
            search = start;
        }
        give(Part::Text(&text[start..]));
        Ok(())
    }
}

/// A text spells a special token although that was forbidden.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForbiddenSpecialToken {
    /// The special token.
    pub name: String,
    /// The byte of the text where it starts.
    pub at: usize,
    /// The encoding that has it.
    pub encoding: Encoding,
}

impl fmt::Display for ForbiddenSpecialToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ForbiddenSpecialToken { name, at, encoding } = self;
        write!(formatter, "text spells `{name}`, a special token of `{encoding}`, at byte {at}")
    }
}

impl Error for ForbiddenSpecialToken {}

/// Ordinary text or a special token.
enum Part<'t> {
    Text(&'t str),
    Special(u32),
}

/// The name of a special token.
pub(crate) fn name(encoding: Encoding, id: u32) -> Option<Cow<'static, str>> {
    let (named, mut reserved) = table(encoding);
    match named.iter().find(|&&(_, named)| named == id) {
        Some(&(name, _)) => Some(Cow::Borrowed(name)),
        None => reserved.any(|reserved| reserved == id).then(|| Cow::Owned(reserved_name(id))),
    }
}

/// The special token that a text starts with.
fn starting(encoding: Encoding, text: &str) -> Option<(&str, u32)> {
    let (named, mut reserved) = table(encoding);
    if let Some(&(name, id)) = named.iter().find(|(name, _)| text.starts_with(name)) {
        return Some((&text[..name.len()], id));
    }
    let digits = text.strip_prefix("<|reserved_")?.get(..6)?;
    let id: u32 = digits.parse().ok().filter(|id| reserved.any(|reserved| reserved == *id))?;
    let name = reserved_name(id);
    text.starts_with(&name).then(|| (&text[..name.len()], id))
}

fn reserved_name(id: u32) -> String {
    format!("<|reserved_{id}|>")
}

/// The special tokens with a name, and the ids of those named after their id.
fn table(encoding: Encoding) -> (&'static [(&'static str, u32)], Reserved) {
    const NONE: Reserved = Reserved { next: 1, last: 0 };
    match encoding {
        Encoding::O200kBase => (&O200K_BASE, NONE),
        Encoding::O200kHarmony => (&O200K_HARMONY, Reserved { next: 200_000, last: 201_087 }),
        Encoding::Cl100kBase => (&CL100K_BASE, NONE),
        Encoding::P50kEdit => (&P50K_EDIT, NONE),
        Encoding::P50kBase | Encoding::R50kBase | Encoding::Gpt2 => (&P50K_EDIT[..1], NONE),
    }
}

/// The ids of `o200k_harmony` that are only reserved.
struct Reserved {
    next: u32,
    last: u32,
}

impl Iterator for Reserved {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        while O200K_HARMONY.iter().any(|&(_, id)| id == self.next) {
            self.next += 1;
        }
        let id = self.next;
        self.next += 1;
        (id <= self.last).then_some(id)
    }
}

const O200K_BASE: [(&str, u32); 2] = [("<|endoftext|>", 199_999), ("<|endofprompt|>", 200_018)];

const O200K_HARMONY: [(&str, u32); 9] = [
    ("<|startoftext|>", 199_998),
    ("<|endoftext|>", 199_999),
    ("<|return|>", 200_002),
    ("<|constrain|>", 200_003),
    ("<|channel|>", 200_005),
    ("<|start|>", 200_006),
    ("<|end|>", 200_007),
    ("<|message|>", 200_008),
    ("<|call|>", 200_012),
];

const CL100K_BASE: [(&str, u32); 5] = [
    ("<|endoftext|>", 100_257),
    ("<|fim_prefix|>", 100_258),
    ("<|fim_middle|>", 100_259),
    ("<|fim_suffix|>", 100_260),
    ("<|endofprompt|>", 100_276),
];

const P50K_EDIT: [(&str, u32); 4] = [
    ("<|endoftext|>", 50_256),
    ("<|fim_prefix|>", 50_281),
    ("<|fim_middle|>", 50_282),
    ("<|fim_suffix|>", 50_283),
];
