//! What the program prints as JSON is the serialisation of documents, never made by hand.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{code, sources};

/// The program prints documents of the library: it makes no JSON by hand.
#[test]
fn what_the_program_prints_as_json_are_documents() {
    let mut found: BTreeMap<PathBuf, usize> = BTreeMap::new();
    let all = sources("crates/tokreckon-cli/src");
    assert!(all.len() > 50, "only {} sources found", all.len());
    for (path, text) in all {
        let uses = hand_made(&text);
        if uses > 0 {
            found.insert(path, uses);
        }
    }
    assert!(found.is_empty(), "JSON made by hand: {found:#?}");
}

/// Uses of `json!` outside of a module of tests.
fn hand_made(text: &str) -> usize {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    text.lines().map(|line| code(line).matches("json!").count()).sum()
}

#[test]
fn json_made_by_hand_is_found_wherever_it_stands() {
    assert_eq!(hand_made("#[cfg(test)]\nmod law;\nlet a = [json!(1), serde_json::json!{}];"), 2);
    assert_eq!(hand_made("// json!(1)\n#[cfg(test)]\nmod tests {\njson!(1)}"), 0);
}
