//! Counts recorded requests and compares with what the providers billed.

use std::path::Path;

use serde_json::Value;
use toktab::request::{CountOptions, Endpoint, Request};

#[test]
fn dump() {
    let Some(facts) = std::env::var_os("TOKTAB_FACTS") else {
        println!("skipped: TOKTAB_FACTS is not set");
        return;
    };
    let cases = Path::new(&facts).join("counting/cases");
    let mut files: Vec<_> = std::fs::read_dir(cases)
        .expect("cases")
        .map(|e| e.expect("entry").path())
        .collect();
    files.sort();
    let mut out = String::new();
    for file in files {
        if file.extension().is_none_or(|e| e != "jsonl") || file.ends_with("cost_truth.jsonl") {
            continue;
        }
        for line in std::fs::read_to_string(&file).expect("text").lines() {
            let case: Value = serde_json::from_str(line).expect("JSON");
            if case["suspicious"]
                .as_array()
                .is_none_or(|list| !list.is_empty())
            {
                continue;
            }
            let endpoint = match case["endpoint"].as_str().unwrap_or_default() {
                "chat/completions" | "chat" => Some(Endpoint::ChatCompletions),
                "responses" => Some(Endpoint::Responses),
                "embeddings" => Some(Endpoint::Embeddings),
                "completions" => Some(Endpoint::Completions),
                "messages" | "messages/count_tokens" | "invoke" => Some(Endpoint::Messages),
                "generateContent" | "streamGenerateContent" | "countTokens" => {
                    Some(Endpoint::GenerateContent)
                }
                _ => None,
            };
            let Some(endpoint) = endpoint else { continue };
            let Ok(request) = Request::from_value(case["request"].clone()) else {
                println!("unread {}", case["id"]);
                continue;
            };
            let mut options = CountOptions::default();
            if let Some(model) = case["model"].as_str() {
                options = options.with_model(model);
            }
            if let Some(day) = case["date"].as_str().and_then(day) {
                options = options.with_date(day);
            }
            let count = request.for_endpoint(endpoint).count(&options);
            let parts: Vec<Value> = count
                .parts
                .iter()
                .map(|p| {
                    let b = p.tokens.band();
                    serde_json::json!([p.part, p.rule, b.low, b.likely, b.high])
                })
                .collect();
            let b = count.total().band();
            let row = serde_json::json!({"id": case["id"], "provider": case["provider"], "endpoint": case["endpoint"], "model": case["model"], "family": count.family, "date": case["date"], "tags": case["tags"], "usage": case["usage"], "class": count.total().class().to_string(), "low": b.low, "likely": b.likely, "high": b.high, "parts": parts});
            out.push_str(&row.to_string());
            out.push('\n');
        }
    }
    std::fs::write("dump.jsonl", out).expect("written");
}

fn day(text: &str) -> Option<jiff::civil::Date> {
    if let Some(day) = text.get(..10).and_then(|d| d.parse().ok()) {
        return Some(day);
    }
    let mut words = text.split([' ', ',']).filter(|w| !w.is_empty()).skip(1);
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let month = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    .iter()
    .position(|m| *m == month)?
        + 1;
    jiff::civil::Date::new(year.parse().ok()?, month as i8, day.parse().ok()?).ok()
}
