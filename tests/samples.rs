//! Exports as they come: every file gives its right totals, to the last token and digit.
//!
//! The fixtures of this repository are synthetic and small. The collected samples lie in the
//! folder that `TOKRECKON_FACTS` names; without it that test says so and passes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tokreckon::book::PriceBook;
use tokreckon::ledger::{Ledger, Settings};
use tokreckon::money::Exact;
use tokreckon::read::{Item, Options, read};
use tokreckon::time::Period;
use tokreckon::usage::Meter;

/// What a file comes to, in one line.
fn sums(path: &Path, provider: &str) -> String {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut counts: BTreeMap<&str, u128> = BTreeMap::new();
    let mut reported = Exact::ZERO;
    let mut problems: BTreeMap<&str, u64> = BTreeMap::new();
    let options = Options { provider, ..Options::default() };
    let read = read(bytes.as_slice(), &options, &mut |item| {
        let mut add = |what, count: u128| *counts.entry(what).or_default() += count;
        match item {
            Item::Record(record) => {
                add("1 records", 1);
                if let Some(money) = record.reported {
                    assert_eq!(money.currency.as_str(), "USD");
                    reported = reported.plus(money.amount).expect("few digits");
                }
                let Some(totals) = record.totals else { return };
                add("4 requests", totals.requests.unwrap_or(0).into());
                let usage = totals.to_usage().expect("consistent counts");
                add("5 input", usage.prompt_tokens());
                let cached = [Meter::CacheRead, Meter::CacheReadAudio, Meter::CacheReadImage];
                add("6 cached", cached.iter().map(|meter| u128::from(usage.count(*meter))).sum());
                add("7 output", usage.output_tokens());
                add("8 reasoning", usage.count(Meter::Reasoning).into());
            }
            Item::Empty { .. } => add("2 empty", 1),
            Item::Reject(reject) => {
                add("3 rejected", 1);
                *problems.entry(reject.problem.code()).or_default() += 1;
            }
            Item::Skipped { .. } | Item::Total { .. } => add("3 skipped", 1),
            Item::Joined { .. } | Item::Note(_) => {}
        }
    });
    let format = match read {
        Ok(format) => format.name(),
        Err(error) => return error.to_string(),
    };
    let counts = counts.iter().filter(|(_, count)| **count > 0);
    let mut parts: Vec<String> =
        counts.map(|(what, count)| format!("{} {count}", &what[2..])).collect();
    if !reported.is_zero() {
        parts.push(format!("cost {reported}"));
    }
    parts.extend(problems.iter().map(|(code, count)| format!("{code} {count}")));
    format!("{format}: {}", parts.join(", "))
}

fn check(folder: &Path, files: &[(&str, &str, &str)]) {
    let differ: Vec<String> = files
        .iter()
        .filter_map(|(name, provider, expected)| {
            let got = sums(&folder.join(name), provider);
            (got != *expected).then(|| format!("{name}\n  right: {expected}\n  got:   {got}"))
        })
        .collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures")
}

#[test]
fn fixtures_come_to_their_totals() {
    let day =
        "openai-usage: records 4, empty 1, requests 16, input 64000, cached 10000, output 22320";
    check(
        &fixtures(),
        &[
            ("openai-usage-1d.csv", "", day),
            ("openai-usage-1d.tsv", "", day),
            (
                "openai-usage-1m.csv",
                "",
                "openai-usage: records 1, empty 1, requests 10, input 57000, cached 9000, output 21670",
            ),
            ("openai-usage-empty.csv", "", "openai-usage: empty 1"),
            (
                "openai-cost-2024-v1.csv",
                "",
                "openai-cost: records 2, rejected 1, cost 3.146549, disagree 1",
            ),
            ("openai-cost-2024-v2.csv", "", "openai-cost: records 1, cost 2.5"),
            ("openai-cost-2025.csv", "", "openai-cost: records 1, empty 1, cost 0.3409"),
            (
                "openai-cost-2026.csv",
                "",
                "openai-cost: records 3, empty 1, cost 0.008005293333333333333333333333",
            ),
            (
                "openai-chat.jsonl",
                "openai",
                "usage-json: records 2, skipped 1, input 157, cached 60, output 2187, reasoning 64",
            ),
            (
                "openai-batch.jsonl",
                "openai",
                "usage-json: records 1, skipped 2, input 24, output 15",
            ),
            (
                "anthropic-messages.jsonl",
                "anthropic",
                "usage-json: records 1, rejected 1, input 2310, cached 2000, output 50, disagree 1",
            ),
            (
                "gemini.jsonl",
                "google",
                "usage-json: records 2, input 1630, cached 1000, output 732, reasoning 640",
            ),
        ],
    );
}

/// From the export to the bill: every fixture with usage, charged.
#[test]
fn fixtures_come_to_their_costs() {
    let cost = |name: &str, provider: &str, undated: Option<&str>| {
        let undated = undated.map(|day| Period::parse(day).expect("a day"));
        let settings = Settings { undated, ..Settings::default() };
        let mut ledger = Ledger::new(PriceBook::builtin(), settings);
        let bytes = std::fs::read(fixtures().join(name)).expect("a fixture");
        let options = Options { provider, ..Options::default() };
        read(bytes.as_slice(), &options, &mut |item| {
            if let Item::Record(record) = item {
                ledger.add(record);
            }
        })
        .expect("it can be read");
        let total = ledger.report().expect("few digits").total;
        let mut costs = total.costs.iter().map(|(currency, cost)| match cost.single() {
            Some(exact) => format!("{exact} {currency}"),
            None if cost.open => format!("at least {} {currency}", cost.low),
            None => format!("{} to {} {currency}", cost.low, cost.high),
        });
        costs.next().unwrap_or_default()
    };
    // 57 × 1.10 + 2167 × 4.40, and 40 × 2.50 + 60 × 1.25 + 20 × 10, per 1M.
    assert_eq!(cost("openai-chat.jsonl", "openai", None), "0.0099725 USD");
    // 24 × 0.625 or 1.25 + 15 × 5.00: the batch rate, although the body says `default`; one table
    // lists a price of cached input in batches, and the body does not say how much was cached.
    assert_eq!(cost("openai-batch.jsonl", "openai", None), "0.00009 to 0.000105 USD");
    // 10 × 1 + 2000 × 0.10 + 100 × 1.25 + 200 × 2 + 50 × 5, and a search at 10 per 1,000.
    let anthropic = cost("anthropic-messages.jsonl", "anthropic", Some("2026-03-01"));
    assert_eq!(anthropic, "0.010985 USD");
    // 200 × 1.25 + 1000 × 0.125 + 720 × 10, and 430 × 1.25 + 12 × 10.
    assert_eq!(cost("gemini.jsonl", "google", Some("2026-03-01")), "0.0082325 USD");
    // o1-mini 49000 × 1.10 + 9000 × 0.55 + 22170 × 4.40; gpt-4o in batch 4000 × 1.25 + 100 × 5;
    // gpt-4o priority 1000 × 4.25 + 1000 × 2.125 + 50 × 17, assumed: its price was first seen later.
    assert_eq!(cost("openai-usage-1d.csv", "", None), "0.169123 USD");
}

#[test]
fn collected_samples_come_to_their_totals() {
    let Some(folder) = std::env::var_os("TOKRECKON_FACTS").map(PathBuf::from) else {
        println!("skipped: TOKRECKON_FACTS is not set");
        return;
    };
    let day = "openai-usage: records 8, empty 2, requests 1292, input 2657421, cached 1022824, output 765342";
    check(
        &folder.join("formats/samples"),
        &[
            ("openai/completions-usage-1d.synthetic.csv", "", day),
            ("openai/completions-usage-1d.synthetic.tsv", "", day),
            (
                "openai/completions-usage-1m.synthetic.csv",
                "",
                "openai-usage: records 4, empty 3, requests 31, input 21540, cached 1536, output 3719",
            ),
            ("openai/usage-empty-range.synthetic.csv", "", "openai-usage: empty 3"),
            ("openai/cost-2024-v1.synthetic.csv", "", "openai-cost: records 10, cost 48.52674055"),
            (
                "openai/cost-2024-v2-org.synthetic.csv",
                "",
                "openai-cost: records 8, cost 47.95049855",
            ),
            (
                "openai/cost-2025.synthetic.csv",
                "",
                "openai-cost: records 6, empty 2, cost 5.194356",
            ),
            (
                "openai/cost-2025.synthetic.tsv",
                "",
                "openai-cost: records 6, empty 2, cost 5.194356",
            ),
            (
                "openai/cost-2026.synthetic.csv",
                "",
                "openai-cost: records 8, empty 2, cost 0.6304052833333333333333333333",
            ),
            (
                "openai/batch-output.synthetic.jsonl",
                "openai",
                "usage-json: records 4, skipped 2, input 3182, cached 2560, output 1565, \
                 reasoning 1344",
            ),
            (
                "openai/batch-output-line.example.jsonl",
                "openai",
                "usage-json: records 1, input 24, output 15",
            ),
            // The last response is reported twice, as a stream grows: which one counts is for the audit.
            (
                "gemini/usage-metadata.synthetic.jsonl",
                "google",
                "usage-json: records 4, input 1710, cached 1000, output 1067, reasoning 950",
            ),
        ],
    );
}
