//! Words on the command line that may be files, models or counts: which is which.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use tokreckon::book::PriceBook;

use crate::args::{parted, tokens};
use crate::context::with_near;

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
            if files_too && looks_like_a_file(path, word) {
                found.files.push(path.clone());
            } else if let Ok(count) = tokens(word) {
                match (found.input, found.output) {
                    (None, _) => found.input = Some(count),
                    (_, None) => found.output = Some(count),
                    _ => bail!(
                        "a third count, `{word}`\nhint: tokens in, then tokens out; `--cached`, `--cache-write` and `--reasoning` are named"
                    ),
                }
            } else if let Some((count, is_input)) = named_count(word) {
                let slot = if is_input { &mut found.input } else { &mut found.output };
                if slot.replace(count).is_some() {
                    bail!("`{word}` is a second count of the same kind");
                }
            } else {
                found.models.extend(parted(word).map(str::to_owned));
            }
        }
        Ok(found)
    }
}

/// A count with its name: `1000in`, `in=1k`, `output:500`. True for input.
fn named_count(word: &str) -> Option<(u64, bool)> {
    const NAMES: [(&str, bool); 4] =
        [("input", true), ("in", true), ("output", false), ("out", false)];
    NAMES.into_iter().find_map(|(name, is_input)| {
        let count = word
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix(['=', ':']))
            .or_else(|| word.strip_suffix(name))?;
        Some((tokens(count).ok()?, is_input))
    })
}

/// True for a file, also one that is missing: a path, a pattern or an ending that files have.
pub(crate) fn looks_like_a_file(path: &Path, word: &str) -> bool {
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
    let otherwise = "`tokreckon models PROVIDER` lists what a provider sells".to_owned();
    let message = format!("no provider in the price book sells `{model}`");
    with_near(message, book.near_models(None, model), Some(otherwise))
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
        for counts in [["out=500", "in=1k"], ["1000in", "500out"], ["1,000", "output:500"]] {
            let found = of(&["gpt-4o", counts[0], counts[1]]).expect("fine");
            assert_eq!((found.input, found.output), (Some(1000), Some(500)), "{counts:?}");
        }
        assert!(of(&["gpt-4o", "in=1", "2in"]).is_err());
        assert_eq!(
            of(&["gpt-4o,o1,", "plug=in"]).expect("fine").models,
            ["gpt-4o", "o1", "plug=in"]
        );
    }
}
