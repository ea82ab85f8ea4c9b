//! Transcripts that people can read: every console block of the README and of `transcripts/` runs, and
//! what they say to type can be typed.

#[path = "program/mod.rs"]
mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use self::program::{COMMANDS, PRICES_COMMANDS, printed, root, run};

#[test]
fn transcripts() {
    std::env::set_current_dir(root()).expect("the workspace is there");
    trycmd::TestCases::new()
        .case("README.md")
        .case("tests/transcripts/*.md")
        .case("docs/recipes/*.md");
}

/// The options of every command, by the words that name it: `prices show`.
fn options() -> BTreeMap<String, BTreeSet<String>> {
    let below = PRICES_COMMANDS.map(|command| format!("prices {command}"));
    let all = COMMANDS.map(str::to_owned).into_iter().chain(below);
    let of = |command: &String| {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let help = printed(&run(&words));
        // An option stands at the beginning of its line: `  -m, --model <MODEL>`.
        let named = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
        named.flat_map(long_options).collect()
    };
    all.map(|command| (command.clone(), of(&command))).collect()
}

/// `--this` and `--that` in a text.
fn long_options(text: &str) -> BTreeSet<String> {
    let is_of_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let named = text.match_indices("--").filter_map(|(at, _)| {
        let before = text[..at].chars().next_back();
        let rest = &text[at + 2..];
        let name = &rest[..rest.find(|c| !is_of_name(c)).unwrap_or(rest.len())];
        let starts = before.is_none_or(|c| " `('\"[".contains(c));
        let is_name = starts && name.starts_with(|c: char| c.is_ascii_lowercase());
        is_name.then(|| name.trim_end_matches('-').to_owned())
    });
    named.collect()
}

/// The command that words begin with: `price`, `prices show`; `None` where they name none.
fn command<'w>(words: impl IntoIterator<Item = &'w str>) -> Option<String> {
    let mut words = words.into_iter();
    let first = words.next()?;
    let second = words.next().filter(|word| first == "prices" && PRICES_COMMANDS.contains(word));
    let name = second.map_or_else(|| first.to_owned(), |second| format!("{first} {second}"));
    COMMANDS.contains(&first).then_some(name)
}

/// What a line names that can be typed, each with the command that it is for; `None` for the one that says
/// it.
fn told(line: &str) -> Vec<(Option<String>, BTreeSet<String>)> {
    let spans = line.split('`').skip(1).step_by(2);
    let typed = |span: &str| {
        let words = span.strip_prefix("tokreckon ").unwrap_or(span);
        // What other commands are for is quoted with or without the program's name.
        (command(words.split_whitespace()), long_options(span))
    };
    spans.map(typed).filter(|(_, options)| !options.is_empty()).collect()
}

/// Every option that is printed exists where it is printed, or at the command it is printed with.
#[test]
fn every_option_that_is_told_exists() {
    let options = options();
    let mut pages: Vec<PathBuf> = vec![root().join("README.md")];
    for folder in ["tests/transcripts", "docs/recipes"] {
        let entries = fs::read_dir(root().join(folder)).expect("a folder");
        pages.extend(entries.map(|entry| entry.expect("an entry").path()));
    }
    let mut found = 0;
    for page in pages {
        let text = fs::read_to_string(&page).expect("a page");
        let mut asked: Option<String> = None;
        let mut is_block = false;
        for line in text.lines() {
            if line.starts_with("```") {
                is_block = line.starts_with("```console");
                asked = None;
            } else if let Some(words) = line.strip_prefix("$ tokreckon ") {
                let words: Vec<&str> = words.split_whitespace().collect();
                asked = command(words.iter().copied());
            } else if is_block && !line.starts_with("$ ") {
                for (named, told) in told(line) {
                    let Some(command) = named.or_else(|| asked.clone()) else { continue };
                    let known = &options[&command];
                    found += told.len();
                    let wrong: Vec<&String> = told.difference(known).collect();
                    assert!(
                        wrong.is_empty(),
                        "{}: `{command}` has no {wrong:?}: {line}",
                        page.display()
                    );
                }
            }
        }
    }
    assert!(found > 100, "only {found} found: this test looks at the wrong thing");
}

/// Every option that the program's own texts name exists, at the command that the text names with it.
#[test]
fn every_option_in_the_sources_exists() {
    let options = options();
    let all: BTreeSet<String> = options.values().flatten().cloned().collect();
    let mut folders = vec![root().join("crates/tokreckon-cli/src")];
    let mut found = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).expect("a source");
            let code = text.split("#[cfg(test)]").next().unwrap_or("");
            // Help of options is a comment, and what people read.
            let is_said = |line: &&str| !line.trim_start().starts_with("//!");
            for line in code.lines().filter(is_said) {
                for (named, told) in told(line) {
                    let known = named.as_ref().map_or(&all, |command| &options[command]);
                    found += told.len();
                    let wrong: Vec<&String> = told.difference(known).collect();
                    assert!(wrong.is_empty(), "{}: no {wrong:?}: {line}", path.display());
                }
            }
        }
    }
    assert!(found > 100, "only {found} found: this test looks at the wrong thing");
}
