//! Claude's tokens: equal to those of `ctok`, which they are a port of.

#[path = "../open/escaped.rs"]
mod escaped;

use std::time::{Duration, Instant};

use tokreckon_tokenizer::ClaudeTokenizer;

use escaped::unescaped;

/// Texts and how each generation counts them otherwise than written by `reference.py`.
fn unequal(table: &str) -> (usize, Vec<String>) {
    let (mut texts, mut unequal) = (0, Vec::new());
    for line in table.split('\n').filter(|line| !line.is_empty()) {
        let mut fields = line.split('\t');
        let text = unescaped(fields.next().expect("a text"));
        texts += 1;
        for (tokenizer, count) in ClaudeTokenizer::ALL.into_iter().zip(fields) {
            let expected: usize = count.parse().expect("a number");
            let counted = tokenizer.count(&text);
            if counted != expected {
                unequal.push(format!("{tokenizer} {text:?}: {counted}, ctok {expected}"));
            }
        }
    }
    (texts, unequal)
}

#[test]
fn counts_equal_those_of_ctok() {
    let (texts, unequal) = unequal(include_str!("counts.tsv"));
    assert!(texts >= 100);
    assert_eq!(unequal, Vec::<String>::new());
}

/// `reference.py` writes the table; it is not part of the project.
#[test]
fn counts_of_many_texts_equal_those_of_ctok() {
    let Some(path) = std::env::var_os("TOKRECKON_CTOK_COUNTS") else {
        println!("skipped: TOKRECKON_CTOK_COUNTS is not set");
        return;
    };
    let (texts, unequal) = unequal(&std::fs::read_to_string(path).expect("the table"));
    println!("{texts} texts, {} unequal counts", unequal.len());
    assert!(unequal.is_empty(), "{}", unequal.join("\n"));
}

#[test]
fn no_text_panics_or_takes_forever() {
    let texts = [
        String::new(),
        "\u{FDD0}\u{FDD1} \u{FDD2}".to_owned(),
        "\0\u{1}\u{7F}\u{E000}".to_owned(),
        "\n".repeat(100_000),
        " ".repeat(100_000),
        "a".repeat(100_000),
        "中".repeat(30_000),
        "\u{301}".repeat(30_000),
        "İSTANBUL ẞ ǅ ϴ".repeat(5_000),
        "'s ".repeat(30_000),
    ];
    for text in texts {
        for tokenizer in ClaudeTokenizer::ALL {
            let start = Instant::now();
            assert!(tokenizer.count(&text) <= 3 * text.len() + 1, "{tokenizer}");
            assert!(start.elapsed() < Duration::from_secs(30), "{tokenizer}");
        }
    }
}
