//! Which encoding a model has: rules from the table `models.txt`.

use std::fmt;

use crate::encoding::Encoding;
use crate::rules::Table;

/// The table, compiled in.
const RULES: Table = Table(include_str!("models.txt"));

/// The encoding of a model and how well that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ModelEncoding {
    /// The encoding.
    pub encoding: Encoding,
    /// How well it is known.
    pub standing: Standing,
}

/// How well it is known which encoding a model has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Standing {
    /// The model tables of tiktoken or tiktoken-rs say so; of an open model, the documentation of the
    /// shipped vocabulary.
    Documented,
    /// The id is newer than those tables, or written in a way they do not know; the encoding is that
    /// of its nearest relatives.
    Assumed,
}

impl fmt::Display for Standing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Standing::Documented => "documented",
            Standing::Assumed => "assumed",
        })
    }
}

impl Encoding {
    /// The encoding of a model, or `None` for a model that no rule knows.
    ///
    /// Understands ids in any case, with a provider in front (`openai/…`, `azure/…`), fine-tuned
    /// (`ft:…`) and with a variant at the end (`…:batch`).
    ///
    /// ```
    /// use tokreckon_tokenizer::{Encoding, Standing};
    ///
    /// let found = Encoding::for_model("ft:gpt-4o-mini-2024-07-18:my-org::abc").expect("known");
    /// assert_eq!((found.encoding, found.standing), (Encoding::O200kBase, Standing::Documented));
    /// let found = Encoding::for_model("azure/GPT-6-sol").expect("known");
    /// assert_eq!((found.encoding, found.standing), (Encoding::O200kBase, Standing::Assumed));
    /// assert_eq!(Encoding::for_model("claude-sonnet-4-5"), None);
    /// ```
    #[must_use]
    pub fn for_model(id: &str) -> Option<ModelEncoding> {
        let (encoding, standing) = RULES.find(id)?;
        Some(ModelEncoding { encoding, standing })
    }
}

#[cfg(test)]
mod tests {
    use super::RULES;
    use crate::encoding::Encoding;
    use crate::rules::rule;

    #[test]
    fn every_line_is_a_rule_a_comment_or_empty() {
        for line in RULES.0.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            assert!(rule::<Encoding>(line).is_some(), "not a rule: {line}");
        }
    }
}
