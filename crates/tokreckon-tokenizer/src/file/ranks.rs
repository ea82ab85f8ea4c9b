//! Tokens with ranks and a pattern: `.tiktoken` files and Mistral's `tekken.json`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::TokenizerFileError;
use super::pattern::{GPT2, Pattern};
use crate::ranked::{Merger, Ranked, Tokens};

/// Byte-pair encoding by the ranks of tokens, in pieces cut by a pattern.
#[derive(Debug)]
pub(super) struct Ranks {
    tokens: Ranked,
    pattern: Pattern,
    /// Characters are composed (NFC) before anything else.
    composed: bool,
    /// Why the way in which text is cut is assumed; `None` where the file says it.
    pub(super) assumed: Option<String>,
}

/// `cl100k_base`, Llama 3 and its like.
const HUNDRED: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// `o200k_base`, Llama 4.
const TWO_HUNDRED: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// Qwen 1 to 3: single digits.
const QWEN: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// Kimi K2: Han by itself.
const KIMI: &str = r"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// How a published file of so many tokens is used.
struct Published {
    tokens: usize,
    of: &'static str,
    pattern: &'static str,
    composed: bool,
}

const fn published(
    tokens: usize,
    of: &'static str,
    pattern: &'static str,
    composed: bool,
) -> Published {
    Published { tokens, of, pattern, composed }
}

/// A `.tiktoken` file does not say how it is used; the published ones are told by their number of tokens.
/// Qwen's own tokenizer composes characters first, the others take them as they are.
const PUBLISHED: [Published; 8] = [
    published(50_256, "r50k_base", GPT2, false),
    published(50_280, "p50k_base", GPT2, false),
    published(100_256, "cl100k_base", HUNDRED, false),
    published(128_000, "Llama 3", HUNDRED, false),
    published(151_643, "Qwen", QWEN, true),
    published(163_584, "Kimi", KIMI, false),
    published(199_998, "o200k_base", TWO_HUNDRED, false),
    published(200_000, "Llama 4", TWO_HUNDRED, false),
];

/// Whether a JSON value is a `tekken.json`.
pub(super) fn fits(value: &Value) -> bool {
    value.get("vocab").is_some_and(Value::is_array) && value.get("config").is_some()
}

/// The text of a `.tiktoken` file: its first line is Base64 and a number.
pub(super) fn lines(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (token, rank) = text.lines().next()?.split_once(' ')?;
    (STANDARD.decode(token).is_ok() && rank.parse::<u32>().is_ok()).then_some(text)
}

fn token(text: &str) -> Result<Vec<u8>, TokenizerFileError> {
    STANDARD.decode(text).map_err(|_| TokenizerFileError::new(format!("`{text}` is not Base64")))
}

impl Ranks {
    /// From the lines of a `.tiktoken` file.
    pub(super) fn of_lines(text: &str) -> Result<Self, TokenizerFileError> {
        let mut tokens = Vec::new();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.is_empty()) {
            let wrong = || TokenizerFileError::new(format!("line {number}: not Base64 and a rank"));
            let (bytes, rank) = line.split_once(' ').ok_or_else(wrong)?;
            tokens.push((rank.trim().parse().map_err(|_| wrong())?, token(bytes)?));
        }
        let number = tokens.len();
        let found = PUBLISHED.iter().find(|published| published.tokens == number);
        let Some(Published { of, pattern, composed, .. }) = found else {
            return Err(TokenizerFileError::new(format!(
                "a file of ranks does not say how text is cut, and no published one has {number} tokens: \
                 take the model's `tokenizer.json`"
            )));
        };
        let assumed = format!(
            "the file does not say how text is cut; by its {number} tokens it is taken for {of}'s"
        );
        Ok(Self {
            tokens: ranked(tokens)?,
            pattern: Pattern::read(pattern)?,
            composed: *composed,
            assumed: Some(assumed),
        })
    }

    /// From a `tekken.json`.
    pub(super) fn of_tekken(value: &Value) -> Result<Self, TokenizerFileError> {
        let config = |name: &str| value.get("config").and_then(|config| config.get(name));
        let number = |name: &str| config(name).and_then(Value::as_u64);
        let missing = |name: &str| TokenizerFileError::new(format!("`config.{name}` is missing"));
        let pattern =
            config("pattern").and_then(Value::as_str).ok_or_else(|| missing("pattern"))?;
        let size = number("default_vocab_size").ok_or_else(|| missing("default_vocab_size"))?;
        let special = number("default_num_special_tokens")
            .ok_or_else(|| missing("default_num_special_tokens"))?;
        // More tokens are in the file than the models have: those of the lowest ranks count.
        let used = size.checked_sub(special).ok_or_else(|| {
            TokenizerFileError::new(format!("{special} special tokens of {size} tokens in all"))
        })?;
        let mut tokens = Vec::new();
        for entry in value.get("vocab").and_then(Value::as_array).into_iter().flatten() {
            let rank = entry.get("rank").and_then(Value::as_u64);
            let bytes = entry.get("token_bytes").and_then(Value::as_str);
            let (Some(rank), Some(bytes)) = (rank, bytes) else {
                return Err(TokenizerFileError::new("an entry of `vocab` has no rank or no bytes"));
            };
            if rank < used {
                tokens.push((rank, token(bytes)?));
            }
        }
        let pattern = Pattern::read(pattern)?;
        Ok(Self { tokens: ranked(tokens)?, pattern, composed: false, assumed: None })
    }

    pub(super) fn count(&self, text: &str) -> usize {
        let composed: String;
        let text = if self.composed {
            composed = text.nfc().collect();
            composed.as_str()
        } else {
            text
        };
        let (mut total, mut merger) = (0, Merger::default());
        self.pattern.each_match(text, |start, end| {
            total += self.tokens.count(&text.as_bytes()[start..end], &mut merger);
        });
        total
    }
}

/// Tokens in the order of their ranks. Every byte must be one: else a text may have no encoding at all.
fn ranked(mut tokens: Vec<(u64, Vec<u8>)>) -> Result<Ranked, TokenizerFileError> {
    tokens.sort_unstable();
    if let Some(pair) = tokens.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(TokenizerFileError::new(format!("two tokens have the rank {}", pair[0].0)));
    }
    let mut all = Tokens::default();
    for (_, token) in &tokens {
        all.add(token).ok_or_else(|| {
            TokenizerFileError::new(format!("{} tokens are too many", tokens.len()))
        })?;
    }
    let ranked = Ranked::of(all);
    match (0..=255u8).find(|&byte| ranked.rank(&[byte]).is_none()) {
        Some(byte) => Err(TokenizerFileError::new(format!("the byte {byte} is no token"))),
        None => Ok(ranked),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// A file of so many tokens: the bytes, some more, and others that no text here has.
    fn lines_of(number: usize, more: &[&str]) -> String {
        let bytes = (0..=255u8).map(|byte| vec![byte]);
        let more = more.iter().map(|token| token.as_bytes().to_owned());
        let others = (0..number).map(|at| format!("\u{1}{at}").into_bytes());
        let mut lines = String::new();
        for (rank, token) in bytes.chain(more).chain(others).take(number).enumerate() {
            writeln!(lines, "{} {rank}", STANDARD.encode(&token)).expect("text");
        }
        lines
    }

    /// A decomposed text is the composed one to Qwen's tokenizer, and not to others.
    #[test]
    fn characters_are_composed_where_the_published_file_has_it_so() {
        for Published { tokens, of, composed, .. } in PUBLISHED {
            let file = Ranks::of_lines(&lines_of(tokens, &["\u{e9}"])).expect("a file");
            assert!(file.assumed.as_ref().is_some_and(|why| why.contains(of)), "{of}");
            assert_eq!(file.count("\u{e9}"), 1, "{of}");
            assert_eq!(file.count("e\u{301}"), if composed { 1 } else { 3 }, "{of}");
        }
    }

    #[test]
    fn a_file_without_all_bytes_is_an_error() {
        let lines = lines_of(100_256, &[]).replacen("AA== 0\n", "AAA= 0\n", 1);
        let error = Ranks::of_lines(&lines).expect_err("no byte 0");
        assert_eq!(error.message, "the byte 0 is no token");
        let lines = lines_of(100_256, &[]).replacen("AQ== 1\n", "AQ== 0\n", 1);
        let error = Ranks::of_lines(&lines).expect_err("a rank twice");
        assert_eq!(error.message, "two tokens have the rank 0");
    }
}
