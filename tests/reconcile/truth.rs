//! 107 recorded responses that say what they cost: how many the built-in book reproduces.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use serde_json::{Value, json};
use toktab::book::PriceBook;
use toktab::ledger::{Ledger, Settings};
use toktab::money::Money;
use toktab::read::{Item, Options, read};
use toktab::reconcile::{Bill, Reconciler, Verdict};

use crate::compare_with_page;

/// Why a bill is not reproduced, by its id.
const REASONS: [(&str, &str); 13] = [
    ("b788339c5cb34f8a", "an image: the usage has no count of it"),
    ("b61541c00a1c99c1", "an image: the usage has no count of it"),
    ("19d59661ee2a8355", "another upstream: OpenRouter's route is not in the usage"),
    ("3996ae6b50023acc", "another upstream: OpenRouter's route is not in the usage"),
    ("cc184257c30fce97", "another upstream: OpenRouter's route is not in the usage"),
    ("2b3c98117c260bb2", "another upstream: OpenRouter's route is not in the usage"),
    ("9ad947bc0c3290c8", "a fee: the cost is above that of the tokens for a tool that was run"),
    ("394455c07e08f8eb", "a fee: the cost is above that of the tokens for a tool that was run"),
    ("a607407e558cbad9", "a fee: a web search whose price is not known"),
    ("c783b9d3a0dee271", "a fee: a web search whose price is not known"),
    ("ee03d3f4ccce12cc", "cached and written tokens overlap: the counts contradict each other"),
    ("697b347c85c8a5e0", "a model that OpenRouter is not known to sell"),
    ("ce81c00b9ef02948", "a model that OpenRouter is not known to sell"),
];

fn text<'v>(row: &'v Value, key: &str) -> &'v str {
    row.get(key).and_then(Value::as_str).unwrap_or("")
}

/// Unix seconds of an HTTP date or RFC 3339.
fn seconds(date: &str) -> i64 {
    let timestamp = date.parse::<jiff::Timestamp>().or_else(|_| {
        // One of the recordings was given another day and kept its weekday.
        let day = date.split_once(", ").map_or(date, |(_, day)| day);
        jiff::fmt::strtime::parse("%d %b %Y %H:%M:%S GMT", day)
            .and_then(|parsed| parsed.to_datetime())
            .and_then(|at| at.to_zoned(jiff::tz::TimeZone::UTC))
            .map(|zoned| zoned.timestamp())
    });
    timestamp.expect("a date").as_second()
}

/// Whether a row's cost follows from its counts, and what came of it otherwise.
fn verdict(row: &Value) -> (String, Verdict) {
    // A host in the form of OpenAI that reports a cost of its own is OpenRouter.
    let provider = match text(row, "provider") {
        "openai" => "openrouter",
        other => other,
    };
    let mut usage = row.get("usage").and_then(Value::as_object).cloned().expect("a usage");
    for cost in ["cost", "cost_details", "cost_in_usd_ticks"] {
        usage.remove(cost);
    }
    let line = json!({ "model": text(row, "model"), "created": seconds(text(row, "date")), "usage": usage });
    let mut bill = Bill::default();
    let billed: Money = format!("{}USD", text(row, "billed_usd")).parse().expect("an amount");
    bill.add_total(billed).expect("few digits");
    let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
    let mut reconciler = Reconciler::new(bill);
    let options = Options { provider, ..Options::default() };
    read(line.to_string().as_bytes(), &options, &mut |item| {
        if let Item::Record(record) = item {
            let outcome = ledger.add(&record);
            reconciler.observe(&record, &outcome, &ledger);
        }
    })
    .expect("it can be read");
    let result = reconciler.finish(&ledger).expect("sums that add up");
    (provider.to_owned(), result.cells.first().expect("one comparison").verdict)
}

#[test]
fn recorded_costs() {
    let Some(folder) = std::env::var_os("TOKTAB_FACTS").map(PathBuf::from) else {
        println!("skipped: TOKTAB_FACTS is not set");
        return;
    };
    let path = folder.join("counting/cases/cost_truth.jsonl");
    let lines = std::fs::read_to_string(path).expect("the recorded costs");
    let mut models: BTreeMap<(String, String), (u32, u32)> = BTreeMap::new();
    let mut reasons: BTreeMap<&str, u32> = BTreeMap::new();
    let mut surprises = Vec::new();
    for line in lines.lines() {
        let row: Value = serde_json::from_str(line).expect("an object a line");
        let (provider, verdict) = verdict(&row);
        let tally = models.entry((provider, text(&row, "model").to_owned())).or_default();
        tally.1 += 1;
        let known = REASONS.iter().find(|(id, _)| *id == text(&row, "id"));
        match (verdict == Verdict::Equal, known) {
            (true, None) => tally.0 += 1,
            (false, Some((_, reason))) => *reasons.entry(reason).or_default() += 1,
            _ => {
                surprises.push(format!(
                    "{} {}: {verdict:?}",
                    text(&row, "id"),
                    text(&row, "model")
                ));
            }
        }
    }
    assert!(surprises.is_empty(), "{surprises:#?}");
    let (equal, all) =
        models.values().fold((0, 0), |sum, (equal, all)| (sum.0 + equal, sum.1 + all));
    let mut table =
        "| provider | model | recorded | to the last digit |\n|---|---|---:|---:|\n".to_owned();
    for ((provider, model), (equal, all)) in &models {
        let _ = writeln!(table, "| {provider} | `{model}` | {all} | {equal} |");
    }
    let _ = writeln!(table, "| all | | {all} | {equal} |\n");
    let _ = writeln!(table, "| not reproduced, because of | recorded |\n|---|---:|");
    for (reason, count) in &reasons {
        let _ = writeln!(table, "| {reason} | {count} |");
    }
    println!("{table}");
    assert!(equal >= 94, "{equal} of {all}");
    compare_with_page("recorded", &table);
}
