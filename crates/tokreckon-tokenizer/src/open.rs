//! Counting for open models, by the vocabularies that the crate `tiktoken` ships.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use crate::model::Standing;
use crate::rules::Table;

/// The table, compiled in.
const RULES: Table = Table(include_str!("open_models.txt"));

/// A vocabulary of open models.
///
/// Counts are by the shipped vocabulary, not checked against the provider: of ordinary text, without
/// the tokens that a chat template adds, and in rare cases off where the shipped rules differ from the
/// maker's.
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
    /// `qwen2`: Qwen 2.5 and 3.
    Qwen2,
    /// `deepseek_v3`: `DeepSeek` V3, R1 and V4.
    DeepSeekV3,
    /// `mistral_v3`: Mistral models with the Tekken tokenizer.
    MistralV3,
    /// `glm4`: GLM-4.5 to 4.7.
    Glm4,
    /// `glm5`: GLM-5.
    Glm5,
    /// `kimi_k2`: Kimi K2 and K3.
    KimiK2,
    /// `minimax_m2`: `MiniMax` M2.
    MiniMaxM2,
}

/// The vocabulary of a model and how well that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ModelVocabulary {
    /// The vocabulary.
    pub vocabulary: OpenVocabulary,
    /// How well it is known.
    pub standing: Standing,
}

impl OpenVocabulary {
    /// All vocabularies.
    pub const ALL: [OpenVocabulary; 7] = [
        OpenVocabulary::Qwen2,
        OpenVocabulary::DeepSeekV3,
        OpenVocabulary::MistralV3,
        OpenVocabulary::Glm4,
        OpenVocabulary::Glm5,
        OpenVocabulary::KimiK2,
        OpenVocabulary::MiniMaxM2,
    ];

    /// The name, for example `qwen2`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            OpenVocabulary::Qwen2 => "qwen2",
            OpenVocabulary::DeepSeekV3 => "deepseek_v3",
            OpenVocabulary::MistralV3 => "mistral_v3",
            OpenVocabulary::Glm4 => "glm4",
            OpenVocabulary::Glm5 => "glm5",
            OpenVocabulary::KimiK2 => "kimi_k2",
            OpenVocabulary::MiniMaxM2 => "minimax_m2",
        }
    }

    /// The number of tokens of a text. Text that spells a special token is text.
    ///
    /// The first count unpacks the vocabulary, which takes about a tenth of a second.
    ///
    /// # Panics
    ///
    /// Not on any text.
    #[must_use]
    pub fn count(self, text: &str) -> usize {
        let vocabulary =
            tiktoken::get_encoding(self.name()).expect("the features name this vocabulary");
        let mut rest = text;
        let mut count = 0;
        while !rest.is_empty() {
            let (part, after) = rest.split_at(self.cut(rest));
            count += vocabulary.count(part);
            rest = after;
        }
        count
    }

    /// The vocabulary of a model, or `None` for a model that no rule knows.
    ///
    /// Understands ids in any case, with a provider in front and with a variant at the end.
    #[must_use]
    pub fn for_model(id: &str) -> Option<ModelVocabulary> {
        let (vocabulary, standing) = RULES.find(id)?;
        Some(ModelVocabulary { vocabulary, standing })
    }

    /// Where the first part of a text ends that is counted by itself: at a place where every
    /// pattern begins a new piece, so that the sum over the parts is the count of the text.
    ///
    /// The crate reads all that follows again for some pieces, so that its time would grow with the
    /// square of the length. And its places are 32 bits wide: a text without any such place is cut
    /// all the same, every 16 MiB.
    fn cut(self, text: &str) -> usize {
        const ENOUGH: usize = 4 << 10;
        const TOO_MUCH: usize = 16 << 20;
        if text.len() <= ENOUGH {
            return text.len();
        }
        let start =
            (ENOUGH..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
        let mut left = '\r';
        for (at, right) in text[start..].char_indices() {
            if self.is_cut(left, right) || start + at >= TOO_MUCH {
                return start + at;
            }
            left = right;
        }
        text.len()
    }

    /// Whether a new piece begins between these two characters, whatever is around them.
    fn is_cut(self, left: char, right: char) -> bool {
        // No piece goes on with white space after anything else, except for line ends.
        if right.is_whitespace() {
            return !left.is_whitespace() && !matches!(right, '\r' | '\n');
        }
        // A line end is the end of a piece, except that some patterns let slashes follow.
        if left == '\n' {
            return right != '/';
        }
        // Letters are not followed by punctuation in one piece.
        let cjk = matches!(left, '一'..='龥' | 'ぁ'..='ゖ' | 'ァ'..='ヺ');
        if cjk && matches!(right, '、' | '。' | '！' | '，' | '：' | '；' | '？') {
            return true;
        }
        self == OpenVocabulary::DeepSeekV3 && !left.is_whitespace() && deepseek_cut(left, right)
    }
}

/// More places for `DeepSeek`'s pattern, which cuts text into more pieces: after a digit, before
/// characters that are no letters, marks, numbers, punctuation or symbols, and between emoji.
fn deepseek_cut(left: char, right: char) -> bool {
    left.is_ascii_digit() && !right.is_numeric()
        || right.is_control()
        || matches!(right, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
        || left == '\u{FE0F}'
            && matches!(right, '\u{2600}'..='\u{2767}' | '\u{1F300}'..='\u{1FAFF}')
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
    use super::{OpenVocabulary, RULES};
    use crate::rules::rule;

    #[test]
    fn every_line_is_a_rule_a_comment_or_empty() {
        for line in RULES.0.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            assert!(rule::<OpenVocabulary>(line).is_some(), "not a rule: {line}");
        }
    }

    /// Wherever a text may be cut, the counts of both sides add up to the count of the whole.
    #[test]
    fn cutting_does_not_change_counts() {
        const ALPHABET: &[&str] = &[
            "a", "B", "é", "'s", "'", "/", "!", "。", "，", "中", "文", "が", "ナ", "한", " ",
            "  ", "\t", "\n", "\r", "\u{a0}", "\u{3000}", "1", "٣", "Ⅷ", "〇", "\u{301}",
            "\u{200d}", "\u{fe0f}", "❤", "🚀", "\0", "\u{ad}", "\u{feff}", "_", "न", "्",
            "\u{fffd}", "\u{85}",
        ];
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..14 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                text += ALPHABET[usize::try_from(state % ALPHABET.len() as u64).unwrap_or(0)];
            }
            for vocabulary in OpenVocabulary::ALL {
                let whole = vocabulary.count(&text);
                let mut characters = text.char_indices().peekable();
                while let Some((_, left)) = characters.next() {
                    let Some(&(at, right)) = characters.peek() else { break };
                    if vocabulary.is_cut(left, right) {
                        let parts = vocabulary.count(&text[..at]) + vocabulary.count(&text[at..]);
                        assert_eq!(parts, whole, "{vocabulary} {text:?} at {at}");
                    }
                }
            }
        }
    }
}
