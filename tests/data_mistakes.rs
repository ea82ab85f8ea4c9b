//! Runs `data_mistakes.md`: every mistake, with the smallest text that makes it.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use tokreckon_data::compile::compile;
use tokreckon_data::schema::{File, MAX_BYTES, Mistake, Origin, read};
use tokreckon_data::words::Standing;

const PAGE: &str = include_str!("data_mistakes.md");

#[test]
fn the_page_says_what_is_said() {
    let mut title = "";
    let mut texts = Vec::new();
    let mut now = String::new();
    let mut blocks = PAGE.split("```");
    while let Some(prose) = blocks.next() {
        now.push_str(prose);
        title = prose.lines().rev().find_map(|line| line.strip_prefix("### ")).unwrap_or(title);
        let Some(block) = blocks.next() else { break };
        if let Some(text) = block.strip_prefix("toml\n") {
            texts.push(text);
            let _ = write!(now, "```{block}```");
        } else {
            let origin = if title.starts_with("shipped:") { Origin::Shipped } else { Origin::User };
            let said = said(&texts, origin);
            assert!(!said.is_empty(), "section `{title}` makes no mistake");
            let _ = write!(now, "```text\n{said}```");
            texts.clear();
        }
    }
    if std::env::var_os("BLESS").is_some() {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data_mistakes.md");
        fs::write(path, now).expect("the page is written");
    } else if now != PAGE {
        let changed = now.lines().zip(PAGE.lines()).find(|(now, page)| now != page);
        panic!("the page is out of date (BLESS=1 writes it): {changed:?}");
    }
}

/// The mistakes of texts read one by one, and then together when each is fine.
fn said(texts: &[&str], origin: Origin) -> String {
    let mut out = String::new();
    let mut say = |prefix: &str, mistake: &Mistake| {
        let _ = writeln!(out, "{prefix}{mistake}");
        if !mistake.hint.is_empty() {
            let _ = writeln!(out, "hint: {}", mistake.hint);
        }
    };
    let mut files: Vec<File> = Vec::new();
    for text in texts {
        let (file, mistakes) = read(text, origin);
        for mistake in &mistakes {
            say("", mistake);
        }
        files.push(file);
    }
    if texts.len() > 1
        && let Err(refused) = compile(&files)
    {
        for refused in refused {
            say(&format!("file {}: ", refused.file + 1), &refused.mistake);
        }
    }
    out
}

#[test]
fn a_text_that_is_too_long_is_not_read() {
    let text = "#".repeat(MAX_BYTES + 1);
    let (file, mistakes) = read(&text, Origin::User);
    assert_eq!(file, File::default());
    assert_eq!(mistakes[0].to_string(), "1:1: text of 8388609 bytes is longer than 8388608 bytes");
}

#[test]
fn columns_count_characters() {
    let (_, mistakes) = read("provider = \"p\"\nname = \"日本\" x\n", Origin::User);
    assert_eq!((mistakes[0].line, mistakes[0].column), (2, 13));
}

#[test]
fn no_text_makes_it_panic() {
    let text = include_str!("../data/prices/deepseek.toml");
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(41).collect();
    for end in &ends {
        let _ = read(&text[..*end], Origin::User);
        let without = format!("{}{}", &text[..*end], &text[end + 1..]);
        let _ = read(&without, Origin::Shipped);
        let with = format!("{}[\"é{}", &text[..*end], &text[*end..]);
        let _ = read(&with, Origin::User);
    }
    let (_, mistakes) = read(&"[".repeat(100_000), Origin::User);
    assert!(!mistakes.is_empty());
    let (_, mistakes) = read(&format!("x = {}", "[".repeat(100_000)), Origin::User);
    assert!(!mistakes.is_empty());
}

#[test]
fn a_users_file_may_be_short() {
    let text = "provider = \"p\"\ncurrency = \"USD\"\n[[price]]\nmodels = [\"m\"]\n\
                from = 2025-01-31T01:00:00+01:00\ninput = \"1.10\"\nweb-searches = \"0.04 per request\"\n";
    let (file, mistakes) = read(text, Origin::User);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    let tables = compile(&[file]).expect("one layer");
    let price = &tables.prices[0];
    assert_eq!((price.mantissa, price.scale, price.per), (110, 2, 1_000_000));
    assert_eq!((price.standing, price.seen_day), (Standing::User, i32::MIN));
    assert_eq!(price.from.seconds, 1_738_281_600);
    assert_eq!((price.source.len, tables.prices[1].per), (0, 1));
}
