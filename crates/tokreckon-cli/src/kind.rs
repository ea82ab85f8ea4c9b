//! What was not sent yet has no usage: texts, requests and batches are told apart from exports.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde_json::{Deserializer, Value};

/// How much of a file is looked at, in bytes.
const LOOKED_AT: u64 = 1 << 20;

/// What is no usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unsent {
    Text,
    Request,
    Batch,
}

/// Refuses a text, a request or a batch where usage is expected, and says which command takes it.
pub(crate) fn refuse_unsent(files: &[PathBuf]) -> Result<()> {
    for path in files {
        let Some(unsent) = unsent(path) else { continue };
        let (what, model) = match unsent {
            Unsent::Text => ("a text", " --model gpt-5.4-mini"),
            Unsent::Request => ("a request that was not sent yet", ""),
            Unsent::Batch => ("a batch that was not sent yet", ""),
        };
        let shown = path.display();
        bail!(
            "{shown}: {what}: it has no usage\nhint: what sending it will cost: `tokreckon estimate {shown}{model}`"
        );
    }
    Ok(())
}

/// The command that a file or a folder is for: a text is counted, what was not sent is estimated, one
/// response is priced, and the rest is reported.
pub(crate) fn command_for(path: &Path) -> &'static str {
    const TABLES: [&str; 9] =
        ["csv", "tsv", "json", "jsonl", "ndjson", "txt", "log", "parquet", "xlsx"];
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    let ending = ending.as_deref().unwrap_or("");
    match unsent(path) {
        Some(Unsent::Text) => "count",
        Some(Unsent::Request | Unsent::Batch) => "estimate",
        None if ending == "json" && is_one_response(path) => "price",
        None if path.is_file() && !TABLES.contains(&ending) && !["gz", "zst"].contains(&ending) => {
            "count"
        }
        None => "report",
    }
}

/// True for a file of one object with its usage.
fn is_one_response(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    let mut values = Deserializer::from_reader(BufReader::new(file.take(LOOKED_AT))).into_iter();
    let first: Option<Result<Value, _>> = values.next();
    let has_usage = |object: &Value| {
        ["usage", "usageMetadata"]
            .iter()
            .any(|name| object.get(*name).is_some_and(Value::is_object))
    };
    matches!(first, Some(Ok(object)) if has_usage(&object)) && values.next().is_none()
}

fn unsent(path: &Path) -> Option<Unsent> {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    if !path.is_file() {
        return None;
    }
    let file = BufReader::new(File::open(path).ok()?.take(LOOKED_AT));
    match ending.as_deref() {
        Some("md" | "markdown" | "rst") => Some(Unsent::Text),
        Some("txt") => {
            let mut lines = file.lines();
            let first = lines.next().unwrap_or_else(|| Ok(String::new()));
            // What is not UTF-8 is packed, or in an encoding that the reader of tables finds out.
            let (first, second) = (first.ok()?, lines.next().unwrap_or_else(|| Ok(String::new())));
            (!is_table(&first, &second.unwrap_or_default())).then_some(Unsent::Text)
        }
        Some("json" | "jsonl" | "ndjson") => {
            let first = Deserializer::from_reader(file).into_iter::<Value>().next()?.ok()?;
            unsent_json(&first)
        }
        _ => None,
    }
}

/// Columns have names of few words, and each line as many of them; JSON begins with a bracket.
fn is_table(first: &str, second: &str) -> bool {
    const MOST_WORDS: usize = 4;
    let columns = |mark| {
        let count = first.matches(mark).count();
        let is_name = |name: &str| name.split_whitespace().count() <= MOST_WORDS;
        count > 0
            && first.split(mark).all(is_name)
            && (second.is_empty() || second.matches(mark).count() >= count)
    };
    first.trim_start().starts_with(['{', '[']) || [',', ';', '\t', '|'].into_iter().any(columns)
}

/// A request has messages and nothing that came back; a line of a batch has a request inside.
fn unsent_json(value: &Value) -> Option<Unsent> {
    let object = value.as_object()?;
    let came_back =
        ["usage", "token", "cost", "response", "result", "choices", "spend", "completion"];
    // `max_completion_tokens` and its like are what a request asks for.
    let asks = |key: &str| key.starts_with("max_") || key.ends_with("_budget");
    let is_back = |key: &String| {
        let key = key.to_lowercase();
        !asks(&key) && came_back.iter().any(|word| key.contains(word))
    };
    if object.keys().any(is_back) {
        return None;
    }
    let has = |object: &serde_json::Map<String, Value>, keys: &[&str]| {
        keys.iter().any(|key| object.get(*key).is_some_and(|value| !value.is_null()))
    };
    let is_request = |object: &serde_json::Map<String, Value>| {
        has(object, &["messages", "contents", "input", "prompt"])
            && object.get("messages").or(object.get("contents")).is_none_or(Value::is_array)
    };
    let inside = object.get("body").or(object.get("params")).and_then(Value::as_object);
    if has(object, &["custom_id"]) && inside.is_some_and(is_request) {
        return Some(Unsent::Batch);
    }
    // Counts are numbers; what is sent is text or a list.
    let is_sent = ["messages", "contents", "input", "prompt"]
        .iter()
        .filter_map(|key| object.get(*key))
        .all(|value| value.is_string() || value.is_array());
    (is_request(object) && is_sent && has(object, &["model", "contents"]))
        .then_some(Unsent::Request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_sent_is_told_from_what_came_back() {
        for (text, kind) in [
            (r#"{"model":"m","messages":[],"max_completion_tokens":5}"#, Some(Unsent::Request)),
            (r#"{"model":"m","input":"hello"}"#, Some(Unsent::Request)),
            (r#"{"contents":[{"parts":[]}]}"#, Some(Unsent::Request)),
            (
                r#"{"custom_id":"a","method":"POST","url":"/v1","body":{"model":"m","messages":[]}}"#,
                Some(Unsent::Batch),
            ),
            (r#"{"custom_id":"a","params":{"model":"m","messages":[]}}"#, Some(Unsent::Batch)),
            (r#"{"model":"m","messages":[],"usage":{"prompt_tokens":1}}"#, None),
            (r#"{"model":"m","input":10,"output":5}"#, None),
            (r#"{"custom_id":"a","response":{"body":{}}}"#, None),
            (r#"{"model":"m","prompt":"x","total_tokens":7}"#, None),
        ] {
            let value = serde_json::from_str(text).expect("JSON");
            assert_eq!(unsent_json(&value), kind, "{text}");
        }
    }
}
