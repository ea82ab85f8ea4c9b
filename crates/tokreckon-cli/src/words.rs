//! Words on the command line that may be files, models or counts: which is which, and near names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use tokreckon::book::PriceBook;

use crate::args::tokens;
use crate::context::with_hint;

/// Most near names that are told.
const MOST_NAMES: usize = 5;

/// What the words of a command are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) models: Vec<String>,
    /// Tokens in and out, in that order.
    pub(crate) input: Option<u64>,
    pub(crate) output: Option<u64>,
}

impl Words {
    /// Tells files, models and counts apart: what is there is a file, what reads as a number is a
    /// count, what looks like a path is a file that is missing, and the rest are models.
    pub(crate) fn of(words: &[PathBuf], files_too: bool) -> Result<Self> {
        let mut found = Self::default();
        for path in words {
            let word = path.to_str().unwrap_or("");
            if files_too && is_file(path, word) {
                found.files.push(path.clone());
            } else if let Ok(count) = tokens(word) {
                match (found.input, found.output) {
                    (None, _) => found.input = Some(count),
                    (_, None) => found.output = Some(count),
                    _ => bail!(
                        "a third count, `{word}`\nhint: tokens in, then tokens out; `--cached`, `--cache-write` and `--reasoning` are named"
                    ),
                }
            } else {
                found.models.push(word.to_owned());
            }
        }
        Ok(found)
    }
}

/// True for a file, also one that is missing: a path, a pattern or an ending that files have.
fn is_file(path: &Path, word: &str) -> bool {
    const ENDINGS: [&str; 12] = [
        "csv", "tsv", "json", "jsonl", "ndjson", "txt", "log", "md", "gz", "zst", "parquet", "xlsx",
    ];
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
    word == "-"
        || word.is_empty()
        || path.exists()
        || word.contains(['*', '?'])
        || word.starts_with(['/', '.', '~'])
        || ENDINGS.contains(&ending.to_ascii_lowercase().as_str())
}

/// What is said of a model that nobody sells: the names that are near.
pub(crate) fn unknown_model(book: &PriceBook<'_>, model: &str) -> anyhow::Error {
    let near = near_models(book, model);
    let hint = if near.is_empty() {
        "`tokreckon models PROVIDER` lists what a provider sells".to_owned()
    } else {
        format!("near names: {}", near.join(", "))
    };
    with_hint(format!("no provider in the price book sells `{model}`"), Some(hint))
}

/// Models whose ids have the same parts in another order, or most of them; then those that differ
/// by a few letters. Suggestions only: none of them is ever taken for what was typed.
pub(crate) fn near_models(book: &PriceBook<'_>, model: &str) -> Vec<String> {
    let asked = parts(model);
    let folded = asked.iter().cloned().collect::<Vec<_>>().join("-");
    let mut ranked: Vec<(usize, usize, String)> = Vec::new();
    let mut seen = BTreeSet::new();
    for provider in book.providers() {
        for id in book.models(provider) {
            if !seen.insert(id) {
                continue;
            }
            let other = parts(id);
            let shared = asked.intersection(&other).count();
            let apart = asked.len() + other.len() - 2 * shared;
            let text = other.iter().cloned().collect::<Vec<_>>().join("-");
            let typos = strsim::damerau_levenshtein(&folded, &text);
            if typos <= 2 {
                ranked.push((typos, id.len(), id.to_owned()));
            } else if shared * 2 > asked.len() && apart <= 3 {
                ranked.push((apart + 1, id.len(), id.to_owned()));
            }
        }
    }
    ranked.sort();
    ranked.into_iter().take(MOST_NAMES).map(|(.., id)| id).collect()
}

/// The parts of an id without its maker, its date and what every id may end with: `claude`, `3`,
/// `5`, `sonnet` of `anthropic/claude-3.5-sonnet-20241022`.
fn parts(id: &str) -> BTreeSet<String> {
    let bare = id.rsplit('/').next().unwrap_or(id).to_ascii_lowercase();
    let bare = bare.split(['@', ':']).next().unwrap_or("");
    let mut parts = BTreeSet::new();
    for part in bare.split(['-', '_', '.', ' ']) {
        // `gpt4o` is `gpt` and `4o`, `gemini2` is `gemini` and `2`.
        let digits = part.find(|c: char| c.is_ascii_digit()).filter(|at| *at > 1);
        let (word, rest) = part.split_at(digits.unwrap_or(part.len()));
        let is_date =
            |text: &str| text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_digit());
        for part in [word, rest] {
            if !part.is_empty() && !is_date(part) && part != "latest" {
                parts.insert(part.to_owned());
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Result<Words> {
        Words::of(&words.iter().map(PathBuf::from).collect::<Vec<_>>(), true)
    }

    #[test]
    fn words_are_told_apart() {
        let found = of(&["gpt-4o", "1,000", "2k"]).expect("fine");
        assert_eq!(
            (found.models, found.input, found.output),
            (vec!["gpt-4o".to_owned()], Some(1000), Some(2000))
        );
        let found = of(&["missing.json", "-", "Cargo.toml", "logs/*.jsonl"]).expect("fine");
        assert_eq!((found.files.len(), found.models.len()), (4, 0));
        assert_eq!(of(&["openai/gpt-4o"]).expect("fine").models, ["openai/gpt-4o"]);
        assert!(of(&["gpt-4o", "1", "2", "3"]).is_err());
    }

    #[test]
    fn names_as_people_type_them_have_near_names() {
        let book = PriceBook::builtin();
        for (typed, meant) in [
            ("gpt4o", "gpt-4o"),
            ("claude-3.5-sonnet", "claude-3-5-sonnet-20241022"),
            ("claude-4.5-sonnet", "claude-sonnet-4-5"),
            ("GPT-4o mini", "gpt-4o-mini"),
            ("gemini-2.5", "gemini-2.5-pro"),
            ("gpt-4o-mni", "gpt-4o-mini"),
            ("o1-minni", "o1-mini"),
        ] {
            let near = near_models(&book, typed);
            assert!(near.iter().any(|name| name == meant), "{typed}: {near:?}");
        }
        assert_eq!(near_models(&book, "zzz"), Vec::<String>::new());
    }
}
