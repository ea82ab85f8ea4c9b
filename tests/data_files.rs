//! House rules of the text files: read without mistakes, sorted, sourced, and shipped.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tokreckon_data::compile::{book_hash, compile};
use tokreckon_data::schema::{File, Origin, day_of_date, read};
use tokreckon_data::table::Tables;
use tokreckon_data::{BOOK_DAY, BOOK_HASH, BUILTIN};

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

/// Paths of the text files relative to the crate, in the order of the build, and their texts.
fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for folder in ["prices", "names", "same-as", "models", "rate-limits"] {
        let mut paths: Vec<PathBuf> = fs::read_dir(Path::new(CRATE).join(folder))
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
            texts.push((format!("{folder}/{name}"), fs::read_to_string(&path).expect("a text")));
        }
    }
    texts
}

fn files() -> Vec<(String, File)> {
    let mut files = Vec::new();
    for (path, text) in texts() {
        let (file, mistakes) = read(&text, Origin::Shipped);
        assert!(mistakes.is_empty(), "{path}: {mistakes:?}");
        files.push((path, file));
    }
    files
}

#[test]
fn a_file_is_named_after_its_provider_and_keeps_to_its_folder() {
    for (path, file) in files() {
        let (folder, name) = path.split_once('/').expect("a folder");
        assert_eq!(name, format!("{}.toml", file.provider));
        assert_eq!(file.prices.is_empty(), folder != "prices", "{path}");
        assert_eq!(file.rate_limits.is_empty(), folder != "rate-limits", "{path}");
        let names = file.names.is_empty() && file.prefixes.is_empty();
        let no_names = names && file.id_rules.is_empty() && file.aliases.is_empty();
        assert!(no_names || folder == "names", "{path}: names belong to `names`");
        assert!(file.models.is_empty() && file.stated.is_empty() || folder == "models", "{path}");
    }
}

#[test]
fn lines_are_plain() {
    for (path, text) in texts() {
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{path} ends with one line end");
        for (number, line) in text.lines().enumerate() {
            let at = number + 1;
            assert!(!line.contains('\t') && line.trim_end() == line, "{path}:{at}: blanks");
        }
    }
}

#[test]
fn the_built_in_book_is_what_the_files_say() {
    let texts = texts();
    let files: Vec<File> = files().into_iter().map(|(_, file)| file).collect();
    assert!(compile(&files).expect("one layer") == BUILTIN);
    let named: Vec<(&str, &str)> = texts.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    assert_eq!(book_hash(&named), BOOK_HASH);
    let newest = BUILTIN.prices.iter().map(|price| price.seen_day).max();
    assert_eq!(newest, Some(BOOK_DAY));
}

#[test]
fn the_tables_are_sorted_and_sound() {
    assert!(BUILTIN.providers.is_sorted_by_key(|provider| BUILTIN.str(provider.id)));
    for provider in BUILTIN.providers.iter() {
        let models = Tables::rows(&BUILTIN.models, provider.models);
        assert!(models.is_sorted_by(|a, b| BUILTIN.str(a.key) < BUILTIN.str(b.key)));
        for model in models {
            assert_eq!(BUILTIN.str(model.id).to_lowercase(), BUILTIN.str(model.key));
            let rows = Tables::rows(&BUILTIN.prices, model.prices);
            assert_eq!(rows.len(), (model.prices.end - model.prices.start) as usize);
        }
    }
    for price in BUILTIN.prices.iter() {
        assert!(price.source.len > 0, "every price has a source");
    }
    // The book only grows: entries are appended and closed, never removed.
    let sizes = (BUILTIN.providers.len(), BUILTIN.prices.len(), BUILTIN.facts.len());
    assert!(sizes.0 >= 29 && sizes.1 >= 20_733 && sizes.2 >= 1_896, "{sizes:?}");
}

#[test]
fn every_text_file_is_in_the_package() {
    let output = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline", "--manifest-path"])
        .arg(Path::new(CRATE).join("Cargo.toml"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8(output.stdout).expect("paths").replace('\\', "/");
    let listed: BTreeSet<&str> = listed.lines().collect();
    for (path, _) in texts() {
        assert!(listed.contains(path.as_str()), "{path} is not shipped");
    }
    assert!(listed.contains("build.rs") && listed.contains("src/schema/mod.rs"));
}

#[test]
fn the_text_of_the_book_holds_no_machine_paths() {
    for word in ["/tmp/", "/home/", "/root/", "/Users/"] {
        assert!(!BUILTIN.text.contains(word), "{word}");
    }
}

/// Whoever publishes prices of a new day publishes a new version: the last number is that day.
#[test]
fn the_version_names_the_newest_day() {
    let day = tokreckon_data::VERSION.rsplit('.').next().expect("a last number");
    let (year, rest) = day.split_at(4);
    let number = |text: &str| text.parse::<u8>().expect("a number");
    let newest = day_of_date(year.parse().expect("a year"), number(&rest[..2]), number(&rest[2..]));
    assert_eq!(newest, BOOK_DAY, "set `version` in data/Cargo.toml");
}

/// Tables whose figures or ids are in the book have their notice; of llm-prices only dates were taken.
#[test]
fn every_table_that_was_used_has_its_notice() {
    const TABLES: [&str; 11] = [
        "litellm",
        "models.dev",
        "genai-prices",
        "model-prices",
        "langfuse",
        "portkey",
        "tokencost",
        "one-api",
        "model-bank",
        "gpt-tokenizer",
        "openai-cost-calculator",
    ];
    let notices = include_str!("../data/NOTICES.md").to_lowercase();
    let mut used = 0;
    for table in TABLES {
        let is_used = texts().iter().any(|(_, text)| {
            let mut sources = text.lines().filter(|line| line.starts_with("source = "));
            sources.any(|line| line.contains(table))
        });
        if is_used {
            used += 1;
            assert!(notices.contains(&format!("- {table}")), "no notice for {table}");
        }
    }
    assert!(used >= 10, "{used}");
}
