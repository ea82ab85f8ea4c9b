//! Nothing unread: an unknown member that may count, added to any JSON fixture, is named in the record.

#[path = "read_unread/formats.rs"]
mod formats;

use serde_json::{Value, json};
use tokreckon::read::{Item, Options, read};

/// Fixtures whose rows are responses, spans or lines of a log.
const FIXTURES: [&str; 11] = [
    include_str!("fixtures/anthropic-messages.jsonl"),
    include_str!("fixtures/gemini.jsonl"),
    include_str!("fixtures/openai-batch.jsonl"),
    include_str!("fixtures/openai-chat.jsonl"),
    include_str!("fixtures/read/anthropic-batch.jsonl"),
    include_str!("fixtures/read/opentelemetry-console.jsonl"),
    include_str!("fixtures/read/opentelemetry.json"),
    include_str!("fixtures/read/stored-completions.json"),
    include_str!("examples/responses.jsonl"),
    include_str!("examples/openrouter.jsonl"),
    include_str!("examples/pairs.jsonl"),
];

/// Members that no reader knows, as they may come tomorrow.
fn unknown() -> [(&'static str, Value); 6] {
    [
        ("holographic_tokens", json!(7)),
        ("cachedThoughtTokens", json!({"deep": 3})),
        ("priority_surcharge_cost", json!(0.25)),
        ("num_lunar_searches", json!(2)),
        ("robot_seconds", json!(1.5)),
        ("billing_tier", json!("gold")),
    ]
}

/// Members of each object of a document that may hold a usage, by their paths.
fn usages(value: &Value, path: &str, found: &mut Vec<String>) {
    if let Value::Object(object) = value {
        let counts = |name: &String| {
            name.ends_with("_tokens") || name.ends_with("TokenCount") || name.contains(".usage.")
        };
        if object.keys().any(counts) && !path.contains("etails") && !path.contains("cache_creation")
        {
            found.push(path.to_owned());
        }
        for (name, value) in object {
            usages(value, &format!("{path}/{name}"), found);
        }
    } else if let Value::Array(values) = value {
        for (at, value) in values.iter().enumerate() {
            usages(value, &format!("{path}/{at}"), found);
        }
    }
}

/// Of the records of a document those that name something unread, and all.
fn unread(document: &Value) -> (Vec<String>, usize) {
    let (mut named, mut all) = (Vec::new(), 0);
    let text = serde_json::to_string(document).expect("JSON");
    read(text.as_bytes(), &Options::default(), &mut |item| {
        if let Item::Record(record) = item {
            all += 1;
            if !record.unread.is_empty() {
                named.push(record.unread.to_owned());
            }
        }
    })
    .expect("readable");
    (named, all)
}

#[test]
fn an_unknown_count_is_named() {
    let mut tried = 0;
    for text in FIXTURES {
        let values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        for document in values.filter_map(Result::ok) {
            let (named, all) = unread(&document);
            assert_eq!(named, [""; 0], "all of it is known: {document}");
            let mut paths = Vec::new();
            usages(&document, "", &mut paths);
            if all == 0 {
                continue;
            }
            for path in paths {
                for (name, value) in unknown() {
                    let mut changed = document.clone();
                    let usage = changed.pointer_mut(&path).expect("a path");
                    let name = if path.ends_with("/attributes") {
                        format!("gen_ai.usage.{name}")
                    } else {
                        name.to_owned()
                    };
                    usage.as_object_mut().expect("an object").insert(name, value);
                    let (named, records) = unread(&changed);
                    // A list of attributes, or a row of several, may hold it in a part that is no record.
                    if records == all && !path.starts_with("/request") {
                        assert!(!named.is_empty(), "{path}: {changed}");
                        tried += 1;
                    }
                }
            }
        }
    }
    assert!(tried > 200, "only {tried} tried: this test looks at the wrong thing");
}

#[test]
fn what_counts_nothing_is_not_named() {
    let line = json!({
        "model": "gpt-5", "max_tokens": 100, "latency_seconds": 1.5, "temperature": 1,
        "usage": {"prompt_tokens": 5, "completion_tokens": 1, "magic_tokens": 0, "note": "x",
                  "prompt_tokens_details": {"cached_tokens": 0, "magic_tokens": null}},
    });
    assert_eq!(unread(&line), (Vec::new(), 1));
}
