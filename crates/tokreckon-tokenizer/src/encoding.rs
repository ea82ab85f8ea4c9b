//! The encodings by name, and what each is made of.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use crate::split::Pattern;
use crate::tables;
use crate::vocabulary::Ranks;

/// A way to turn text into tokens.
///
/// ```
/// use tokreckon_tokenizer::Encoding;
///
/// let encoding: Encoding = "o200k_base".parse()?;
/// assert_eq!(encoding.count("Hello, world!"), 4);
/// assert_eq!(encoding.to_string(), "o200k_base");
/// # Ok::<(), tokreckon_tokenizer::UnknownEncoding>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Encoding {
    /// `o200k_base`: GPT-4o, GPT-4.1, GPT-5, o1, o3, o4-mini.
    O200kBase,
    /// `o200k_harmony`: the open models gpt-oss. Ordinary text has the tokens of `o200k_base`; the
    /// special tokens differ.
    O200kHarmony,
    /// `cl100k_base`: GPT-3.5, GPT-4 and the embedding models.
    Cl100kBase,
    /// `p50k_base`: Codex, `text-davinci-002` and `text-davinci-003`.
    P50kBase,
    /// `p50k_edit`: the edit models. `p50k_base` with more special tokens.
    P50kEdit,
    /// `r50k_base`: the first GPT-3 models.
    R50kBase,
    /// `gpt2`: GPT-2. The same tokens as `r50k_base`.
    Gpt2,
}

impl Encoding {
    /// All encodings, the newest first.
    pub const ALL: [Encoding; 7] = [
        Encoding::O200kBase,
        Encoding::O200kHarmony,
        Encoding::Cl100kBase,
        Encoding::P50kBase,
        Encoding::P50kEdit,
        Encoding::R50kBase,
        Encoding::Gpt2,
    ];

    /// The usual name, for example `o200k_base`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Encoding::O200kBase => "o200k_base",
            Encoding::O200kHarmony => "o200k_harmony",
            Encoding::Cl100kBase => "cl100k_base",
            Encoding::P50kBase => "p50k_base",
            Encoding::P50kEdit => "p50k_edit",
            Encoding::R50kBase => "r50k_base",
            Encoding::Gpt2 => "gpt2",
        }
    }

    /// The tokens that ordinary text is made of.
    pub(crate) fn ranks(self) -> Ranks {
        /// The special token `<|endoftext|>` of `r50k_base`; `p50k_base` has tokens above it.
        const R50K_TOKENS: u32 = 50_256;
        match self {
            Encoding::O200kBase | Encoding::O200kHarmony => Ranks::new(&tables::O200K, u32::MAX),
            Encoding::Cl100kBase => Ranks::new(&tables::CL100K, u32::MAX),
            Encoding::P50kBase | Encoding::P50kEdit => Ranks::new(&tables::P50K, u32::MAX),
            Encoding::R50kBase | Encoding::Gpt2 => Ranks::new(&tables::P50K, R50K_TOKENS),
        }
    }

    /// What cuts text into pieces.
    pub(crate) fn pattern(self) -> Pattern {
        match self {
            Encoding::O200kBase | Encoding::O200kHarmony => Pattern::O200k,
            Encoding::Cl100kBase => Pattern::Cl100k,
            Encoding::P50kBase | Encoding::P50kEdit | Encoding::R50kBase | Encoding::Gpt2 => {
                Pattern::R50k
            }
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Encoding {
    type Err = UnknownEncoding;

    fn from_str(name: &str) -> Result<Encoding, UnknownEncoding> {
        let found = Encoding::ALL.into_iter().find(|encoding| encoding.name() == name);
        found.ok_or_else(|| UnknownEncoding { name: name.to_owned() })
    }
}

/// No encoding has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownEncoding {
    /// The name that was asked for.
    pub name: String,
}

impl fmt::Display for UnknownEncoding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "unknown encoding `{}`; the encodings are", self.name)?;
        for (at, encoding) in Encoding::ALL.into_iter().enumerate() {
            write!(formatter, "{} `{encoding}`", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl Error for UnknownEncoding {}
