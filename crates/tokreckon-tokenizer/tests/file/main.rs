//! Tokenizers read from files: counts of the packages that such files are for, and files that are none.

#[path = "../open/escaped.rs"]
mod escaped;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokreckon_tokenizer::{Encoding, TokenizerFile};

use escaped::unescaped;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/file/files")
}

/// The files of a folder, by name.
fn files(folder: &Path) -> Vec<TokenizerFile> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("a file").path())
        .collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let bytes = fs::read(path).expect("a file");
        let name = path.file_name().expect("a name").to_string_lossy();
        TokenizerFile::from_bytes(name, &bytes).expect("a tokenizer")
    };
    paths.iter().map(read).collect()
}

/// Texts that are counted otherwise than a table says.
fn unequal(files: &[TokenizerFile], table: &str) -> (usize, Vec<String>) {
    let (mut texts, mut unequal) = (0, Vec::new());
    for line in table.lines() {
        let mut fields = line.split('\t');
        let text = unescaped(fields.next().expect("a text"));
        texts += 1;
        assert_eq!(fields.clone().count(), files.len(), "{line}");
        for (file, count) in files.iter().zip(fields) {
            let expected: usize = count.parse().expect("a number");
            let counted = file.count(&text);
            if counted != expected {
                unequal.push(format!("{} {text:?}: {counted}, not {expected}", file.name()));
            }
        }
    }
    (texts, unequal)
}

#[test]
fn counts_equal_those_of_the_packages_that_the_files_are_for() {
    let files = files(&folder());
    assert_eq!(files.len(), 9);
    let (texts, unequal) = unequal(&files, include_str!("counts.tsv"));
    assert!(texts >= 100);
    assert_eq!(unequal, Vec::<String>::new());
}

/// Files and a table of any size, as `reference.py count` writes it: `TOKRECKON_TOKENIZERS` names a folder with
/// `files/` and `counts.tsv`.
#[test]
fn many_texts_by_real_files() {
    let Some(folder) = std::env::var_os("TOKRECKON_TOKENIZERS").map(PathBuf::from) else {
        eprintln!("skipped: `TOKRECKON_TOKENIZERS` is not set");
        return;
    };
    let files = files(&folder.join("files"));
    let table = fs::read_to_string(folder.join("counts.tsv")).expect("a table");
    let (texts, unequal) = unequal(&files, &table);
    eprintln!("{texts} texts by {} files: {} differ", files.len(), unequal.len());
    assert_eq!(unequal, Vec::<String>::new());
}

/// The lines of a `.tiktoken` file of an encoding: all its ids but those of special tokens.
fn lines(encoding: Encoding) -> String {
    let special: Vec<u32> = encoding.special_tokens().map(|(_, id)| id).collect();
    let mut text = String::new();
    for id in (0..201_000).filter(|id| !special.contains(id)) {
        if let Ok(bytes) = encoding.decode(&[id]) {
            let _ = writeln!(text, "{} {id}", STANDARD.encode(&bytes));
        }
    }
    text
}

#[test]
fn files_of_ranks_count_as_the_encodings_that_they_are_of() {
    for encoding in [Encoding::R50kBase, Encoding::Cl100kBase, Encoding::O200kBase] {
        let file = TokenizerFile::from_bytes("ranks", lines(encoding).as_bytes()).expect("a file");
        let assumed = file.assumption().expect("the file does not say how text is cut");
        assert!(assumed.contains(encoding.name()), "{assumed}");
        for line in include_str!("counts.tsv").lines() {
            let text = unescaped(line.split('\t').next().expect("a text"));
            assert_eq!(file.count(&text), encoding.count(&text), "{encoding} {text:?}");
        }
    }
}

/// Engines that backtrack keep a state for each space, and give up: what follows was not counted.
#[test]
fn what_follows_a_long_run_is_counted() {
    let spaces = 1_100_000;
    for file in files(&folder()) {
        let long = file.count(&(" ".repeat(spaces) + "it runs\n"));
        let some = file.count(&(" ".repeat(spaces) + "it"));
        assert!(long > some, "{}: {long}, {some}", file.name());
    }
    let encoding = Encoding::Cl100kBase;
    let file = TokenizerFile::from_bytes("ranks", lines(encoding).as_bytes()).expect("a file");
    for run in [" ", "\u{3000}"] {
        let text = run.repeat(spaces) + "The end.";
        assert_eq!(file.count(&text), encoding.count(&text), "{run:?}");
    }
}

#[test]
fn what_is_not_known_is_named() {
    let said = |text: &str| {
        TokenizerFile::from_bytes("file", text.as_bytes()).expect_err("no tokenizer").to_string()
    };
    for (text, part) in [
        ("", "neither a `tokenizer.json`"),
        ("\u{8}words", "neither a `tokenizer.json`"),
        ("{", "not JSON"),
        ("{}", "neither `model` nor `vocab`"),
        (r#"{"model": {"type": "Unigram", "vocab": []}}"#, "model `Unigram` is not known here"),
        (r#"{"model": {"type": "BPE", "vocab": {}}}"#, "`model.merges` is missing"),
        (r#"{"model": {"vocab": {"a": 0}, "merges": ["a b"]}}"#, "merge 0 is not of two tokens"),
        (r#"{"model": {}, "normalizer": {"type": "Precompiled"}}"#, "normalizer `Precompiled`"),
        (r#"{"model": {}, "pre_tokenizer": {"type": "BertPreTokenizer"}}"#, "`BertPreTokenizer`"),
        (
            r#"{"model": {}, "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(?=a)b"}}}"#,
            "`(?=a)b`",
        ),
        (
            r#"{"model": {"vocab": {}, "merges": []}, "added_tokens": [{"content": "x", "lstrip": true}]}"#,
            "`lstrip`",
        ),
        ("YQ== 0\nYg== 1\n", "no published one has 2 tokens"),
    ] {
        assert!(said(text).contains(part), "{text:?}: {}", said(text));
    }
}

#[test]
fn broken_files_are_errors_and_no_panics() {
    for file in fs::read_dir(folder()).expect("a folder") {
        let bytes = fs::read(file.expect("a file").path()).expect("a file");
        for at in (0..bytes.len()).step_by(1 + bytes.len() / 60) {
            let mut broken = bytes.clone();
            broken[at] ^= 0x15;
            let counted =
                TokenizerFile::from_bytes("broken", &broken).map(|file| file.count("a b"));
            assert!(counted.is_err() || counted.is_ok_and(|tokens| tokens <= 32));
            let _ = TokenizerFile::from_bytes("cut", &bytes[..at]).map(|file| file.count("a b"));
        }
    }
}
