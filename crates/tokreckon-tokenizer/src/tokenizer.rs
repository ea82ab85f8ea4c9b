//! Any tokenizer of this crate, by name or by the model it counts for.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use crate::claude::ClaudeTokenizer;
use crate::encoding::Encoding;
#[cfg(feature = "files")]
use crate::file::TokenizerFile;
use crate::model::Standing;
use crate::open::OpenVocabulary;

/// A tokenizer: an `OpenAI` encoding, another maker's vocabulary, or Claude's as reconstructed.
///
/// ```
/// use tokreckon_tokenizer::Tokenizer;
///
/// let found = Tokenizer::for_model("deepseek-chat").expect("known");
/// assert_eq!(found.tokenizer.name(), "deepseek_v3");
/// assert_eq!(found.tokenizer.count("Hello, world!"), 4);
/// assert!(Tokenizer::for_model("llama-3.1-8b").is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tokenizer {
    /// An encoding of `OpenAI`'s.
    OpenAi(Encoding),
    /// A vocabulary that its maker published.
    Open(OpenVocabulary),
    /// Claude's, reconstructed by measurement: its counts are assumed.
    Claude(ClaudeTokenizer),
    /// One that was read from a file.
    #[cfg(feature = "files")]
    File(&'static TokenizerFile),
}

/// The tokenizer of a model and how well that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ModelTokenizer {
    /// The tokenizer.
    pub tokenizer: Tokenizer,
    /// How well it is known that the model has it.
    pub standing: Standing,
}

impl Tokenizer {
    /// All tokenizers that are here.
    pub fn all() -> impl Iterator<Item = Tokenizer> {
        let encodings = Encoding::ALL.into_iter().map(Tokenizer::OpenAi);
        let open = OpenVocabulary::ALL.into_iter().map(Tokenizer::Open);
        encodings.chain(open).chain(ClaudeTokenizer::ALL.into_iter().map(Tokenizer::Claude))
    }

    /// The name, for example `o200k_base`, `qwen2`, `claude_v3`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Tokenizer::OpenAi(encoding) => encoding.name(),
            Tokenizer::Open(vocabulary) => vocabulary.name(),
            Tokenizer::Claude(tokenizer) => tokenizer.name(),
            #[cfg(feature = "files")]
            Tokenizer::File(file) => file.name(),
        }
    }

    /// The number of tokens of a text; of Claude, those it adds to a message.
    #[must_use]
    pub fn count(self, text: &str) -> usize {
        match self {
            Tokenizer::OpenAi(encoding) => encoding.count_parallel(text),
            Tokenizer::Open(vocabulary) => vocabulary.count(text),
            Tokenizer::Claude(tokenizer) => tokenizer.count(text),
            #[cfg(feature = "files")]
            Tokenizer::File(file) => file.count(text),
        }
    }

    /// Whether it was read from a file, so that nothing is known of it but its counts.
    #[must_use]
    pub const fn is_file(self) -> bool {
        match self {
            #[cfg(feature = "files")]
            Tokenizer::File(_) => true,
            _ => false,
        }
    }

    /// What its counts rest on besides the text, so that none is more than assumed: a reconstruction by
    /// measurement, or what a file does not say. `None` where nothing is assumed.
    #[must_use]
    pub fn assumption(self) -> Option<&'static str> {
        match self {
            Tokenizer::Claude(_) => {
                Some("reconstructed from measured counts, its maker publishes none")
            }
            #[cfg(feature = "files")]
            Tokenizer::File(file) => file.assumption(),
            _ => None,
        }
    }

    /// The tokenizer of a model, or `None` for a model that no rule knows.
    #[must_use]
    pub fn for_model(id: &str) -> Option<ModelTokenizer> {
        if let Some(found) = Encoding::for_model(id) {
            let tokenizer = Tokenizer::OpenAi(found.encoding);
            return Some(ModelTokenizer { tokenizer, standing: found.standing });
        }
        if let Some(found) = OpenVocabulary::for_model(id) {
            let tokenizer = Tokenizer::Open(found.vocabulary);
            return Some(ModelTokenizer { tokenizer, standing: found.standing });
        }
        let (tokenizer, standing) = ClaudeTokenizer::for_model(id)?;
        Some(ModelTokenizer { tokenizer: Tokenizer::Claude(tokenizer), standing })
    }
}

/// The file stays in memory for as long as the program runs.
#[cfg(feature = "files")]
impl From<TokenizerFile> for Tokenizer {
    fn from(file: TokenizerFile) -> Tokenizer {
        Tokenizer::File(Box::leak(Box::new(file)))
    }
}

impl From<Encoding> for Tokenizer {
    fn from(encoding: Encoding) -> Tokenizer {
        Tokenizer::OpenAi(encoding)
    }
}

impl fmt::Display for Tokenizer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Tokenizer {
    type Err = UnknownTokenizer;

    fn from_str(name: &str) -> Result<Tokenizer, UnknownTokenizer> {
        let found = Tokenizer::all().find(|tokenizer| tokenizer.name() == name);
        found.ok_or_else(|| UnknownTokenizer { name: name.to_owned() })
    }
}

/// No tokenizer has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownTokenizer {
    /// The name that was asked for.
    pub name: String,
}

impl fmt::Display for UnknownTokenizer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "unknown tokenizer `{}`", self.name)
    }
}

impl Error for UnknownTokenizer {}
