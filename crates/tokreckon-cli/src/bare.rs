//! `tokreckon prompt.md`, `tokreckon gpt-4o 1k 500`: what is named says which command is meant.
//!
//! A text is counted, a request or a batch estimated, a response priced, everything else that is a file or
//! a folder reported; one model is priced and several are compared. Words that are none of it stay as they
//! are, and clap says what there is.

use std::ffi::OsString;
use std::path::Path;

use tokreckon::book::PriceBook;

use crate::args::tokens;
use crate::kind::command_for;
use crate::words::looks_like_a_file;

/// The words with the command that is meant, where none is named.
pub(crate) fn with_command(
    mut words: Vec<OsString>,
    is_command: impl Fn(&str) -> bool,
) -> Vec<OsString> {
    let Some(first) = words.get(1).and_then(|word| word.to_str()) else { return words };
    let command = match first {
        "--local" => Some("report"),
        first if first.starts_with("-l") => Some("report"),
        first if first.starts_with('-') || is_command(first) => None,
        first if looks_like_a_file(Path::new(first), first) => Some(command_for(Path::new(first))),
        first if is_model(first) || is_nearly_a_model(first) => {
            let others = words.iter().skip(2).filter_map(|word| word.to_str());
            let others = others.take_while(|word| !word.starts_with('-'));
            let others = others.filter(|word| tokens(word).is_err());
            Some(if others.count() > 0 { "compare" } else { "price" })
        }
        _ => None,
    };
    if let Some(command) = command {
        words.insert(1, command.into());
    }
    words
}

/// True for what the book knows as a model; a word that is nearly the name of a command is none.
fn is_model(word: &str) -> bool {
    let book = PriceBook::builtin();
    book.billed_by(word).is_ok() || !book.sellers(word).is_empty()
}

/// True for a word with the digits or hyphens of a model's id that is near one: the command of a model
/// says which.
fn is_nearly_a_model(word: &str) -> bool {
    let is_id = word.contains(|c: char| c.is_ascii_digit() || matches!(c, '-' | '/'));
    is_id && !PriceBook::builtin().near_models(None, word).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(words: &[&str]) -> Option<String> {
        let all = std::iter::once(&"tokreckon").chain(words).map(OsString::from).collect();
        let with = with_command(all, |word| ["price", "help"].contains(&word));
        (with.len() > words.len() + 1).then(|| with[1].to_string_lossy().into_owned())
    }

    #[test]
    fn what_is_named_says_what_is_asked() {
        for (words, command) in [
            (&["gpt-4o"][..], Some("price")),
            (&["gpt-4o", "1k", "500"], Some("price")),
            (&["gpt-4o", "claude-haiku-4-5", "1k"], Some("compare")),
            (&["gpt-4o", "1k", "--at", "2025-01-01"], Some("price")),
            (&["missing.csv"], Some("report")),
            (&["-l"], Some("report")),
            (&["-lb", "month"], Some("report")),
            (&["price", "gpt-4o"], None),
            (&["cost"], None),
            (&["gpt-5-mni", "1200", "400"], Some("price")),
            (&["claude-haiku-4.6", "gpt-4o", "1k"], Some("compare")),
            (&["re-port"], None),
            (&["help"], None),
            (&["--version"], None),
            (&[], None),
        ] {
            assert_eq!(meant(words).as_deref(), command, "{words:?}");
        }
    }

    #[test]
    fn files_are_told_by_what_they_hold() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text, command) in [
            ("a.md", "Hello", "count"),
            ("a.py", "print()", "count"),
            ("a.txt", "Hello", "count"),
            (
                "prose.txt",
                "The first ferry came in, and only a few; one said:\nit is late.\n",
                "count",
            ),
            ("table.txt", "model,input,output\ngpt-4o,1,2\n", "report"),
            ("bars.txt", "model | input | output\ngpt-4o | 1 | 2\n", "report"),
            ("lines.txt", "{\"model\":\"m\",\"usage\":{}}\n", "report"),
            ("request.json", r#"{"model":"m","messages":[]}"#, "estimate"),
            ("response.json", r#"{"model":"m","usage":{"input_tokens":1}}"#, "price"),
            (
                "two.jsonl",
                "{\"model\":\"m\",\"usage\":{}}\n{\"model\":\"m\",\"usage\":{}}\n",
                "report",
            ),
            ("usage.csv", "model,input,output\n", "report"),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            let path = path.to_str().expect("a plain path");
            assert_eq!(meant(&[path]).as_deref(), Some(command), "{name}");
        }
        assert_eq!(meant(&[folder.path().to_str().expect("plain")]).as_deref(), Some("report"));
    }
}
