//! 107 recorded responses that say what they cost: how many the built-in book reproduces.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use serde_json::{Value, json};
use tokreckon::book::{PriceBook, Query};
use tokreckon::ledger::{Ledger, Settings};
use tokreckon::money::Money;
use tokreckon::price::{Bracket, Entry};
use tokreckon::read::{Item, Options, read};
use tokreckon::reconcile::{Bill, Cause, Reconciler, Verdict};
use tokreckon::record::Record;

use crate::compare_with_page;

/// Why a bill is not reproduced, by its id.
const REASONS: [(&str, &str); 5] = [
    ("9ad947bc0c3290c8", ADVISOR),
    ("394455c07e08f8eb", ADVISOR),
    ("ee03d3f4ccce12cc", OVERLAP),
    ("697b347c85c8a5e0", MADE_UP),
    ("ce81c00b9ef02948", MADE_UP),
];
const ADVISOR: &str = "a tool (`openrouter:advisor`) that asked another model: the fee is above the \
    cost of the tokens, and the response does not count that model's tokens";
const OVERLAP: &str = "the counts contradict each other: 2,161 tokens are read from a cache and \
    2,161 written to it, of 2,168 in all";
const MADE_UP: &str = "no bill: the counts and the cost of a recording of `moonshotai/kimi-k2`, \
    copied by hand under another model's name and an invented id";

/// What the public recordings say besides the usage, by id: the upstream that OpenRouter names,
/// the images of xAI's requests and responses.
pub(crate) fn said(id: &str) -> Value {
    let upstream = |name: &str| json!({ "provider": name });
    let images = |sent: usize| {
        let sent = vec![json!({ "type": "image_url" }); sent];
        json!({ "data": [{ "url": "left out" }], "request": { "images": sent } })
    };
    match id {
        "19d59661ee2a8355" => upstream("OpenInference"),
        "3fe27bb84b43edb6" | "4d30107536dfb4ab" => upstream("Novita"),
        "cc184257c30fce97" => upstream("Moonshot AI"),
        "2b3c98117c260bb2" => upstream("Fireworks"),
        "b788339c5cb34f8a" => images(0),
        "b61541c00a1c99c1" => images(2),
        _ => json!({}),
    }
}

/// Spellings of model ids that the book knows from these bills.
const LEARNT_IDS: [&str; 2] = ["openai/gpt-5-mini-2025-08-07", "text-embedding-3-small"];

fn text<'v>(row: &'v Value, key: &str) -> &'v str {
    row.get(key).and_then(Value::as_str).unwrap_or("")
}

/// Unix seconds of an HTTP date or RFC 3339.
pub(crate) fn seconds(date: &str) -> i64 {
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

/// What became of one row.
struct Outcome {
    provider: String,
    verdict: Verdict,
    /// True when the amounts agree but for the error of floating point numbers.
    in_floats: bool,
    /// True when a price or a spelling was learnt from a recorded bill.
    learnt: bool,
}

/// Whether a row's cost follows from its counts, and what came of it otherwise.
fn outcome(row: &Value) -> Outcome {
    // A host in the form of OpenAI that reports a cost of its own is OpenRouter.
    let provider = match text(row, "provider") {
        "openai" => "openrouter",
        other => other,
    };
    let mut usage = row.get("usage").and_then(Value::as_object).cloned().expect("a usage");
    for cost in ["cost", "cost_details", "cost_in_usd_ticks"] {
        usage.remove(cost);
    }
    let mut line = json!({ "model": text(row, "model"), "created": seconds(text(row, "date")), "usage": usage });
    let (Some(line_object), Value::Object(more)) = (line.as_object_mut(), said(text(row, "id")))
    else {
        unreachable!("objects");
    };
    line_object.extend(more);
    let mut bill = Bill::default();
    let billed: Money = format!("{}USD", text(row, "billed_usd")).parse().expect("an amount");
    bill.add_total(billed).expect("few digits");
    let book = PriceBook::builtin();
    let mut ledger = Ledger::new(book.clone(), Settings::default());
    let mut reconciler = Reconciler::new(bill);
    let mut learnt = LEARNT_IDS.contains(&text(row, "model"));
    let options = Options { provider, ..Options::default() };
    read(line.to_string().as_bytes(), &options, &mut |item| {
        if let Item::Record(record) = item {
            learnt |= rests_on_a_bill(&book, record);
            let outcome = ledger.add(record);
            reconciler.observe(record, &outcome, &ledger);
        }
    })
    .expect("it can be read");
    let result = reconciler.finish(&ledger).expect("sums that add up");
    let cell = result.cells.first().expect("one comparison");
    // One bill writes 0.0076509169 as 0.0076509169000000005: a sum of floating point numbers.
    let in_floats = cell.verdict == Verdict::Explained
        && cell
            .parts
            .iter()
            .all(|part| part.cause == Cause::Rounding && part.what.contains("floating point"));
    let verdict = if in_floats { Verdict::Equal } else { cell.verdict };
    Outcome { provider: provider.to_owned(), verdict, in_floats, learnt }
}

/// True when one of the prices of a record names a recorded response as (one of) its sources.
fn rests_on_a_bill(book: &PriceBook<'_>, record: &Record<'_>) -> bool {
    let query = Query {
        provider: record.provider,
        model: record.model,
        period: record.period.expect("a time"),
        service_tier: record.service_tier,
        variant: record.variant,
    };
    let (Ok(card), Some(Ok(usage))) =
        (book.find(&query), record.totals.map(|totals| totals.to_usage()))
    else {
        return false;
    };
    usage.counts().any(|(meter, _)| {
        let of_bracket = |bracket: &Bracket<'_>| match bracket.entry(meter) {
            Some(Entry::Rate(range)) => {
                range.rates.iter().any(|rate| rate.source().contains("recorded response"))
            }
            _ => false,
        };
        card.brackets().iter().any(of_bracket)
    })
}

/// How many of a model's bills are reproduced.
#[derive(Default)]
struct Tally {
    equal: u32,
    in_floats: u32,
    by_tables: u32,
    all: u32,
}

#[test]
fn recorded_costs() {
    let Some(folder) = std::env::var_os("TOKRECKON_FACTS").map(PathBuf::from) else {
        println!("skipped: TOKRECKON_FACTS is not set");
        return;
    };
    let path = folder.join("counting/cases/cost_truth.jsonl");
    let lines = std::fs::read_to_string(path).expect("the recorded costs");
    let mut models: BTreeMap<(String, String), Tally> = BTreeMap::new();
    let mut reasons: BTreeMap<&str, u32> = BTreeMap::new();
    let mut surprises = Vec::new();
    for line in lines.lines() {
        let row: Value = serde_json::from_str(line).expect("an object a line");
        let (id, model) = (text(&row, "id"), text(&row, "model"));
        let Outcome { provider, verdict, in_floats, learnt } = outcome(&row);
        let tally = models.entry((provider, model.to_owned())).or_default();
        tally.all += 1;
        tally.in_floats += u32::from(in_floats);
        let known = REASONS.iter().find(|(known, _)| *known == id);
        match (verdict == Verdict::Equal, known) {
            (true, None) => {
                tally.equal += 1;
                tally.by_tables += u32::from(!learnt);
            }
            (false, Some((_, reason))) => *reasons.entry(reason).or_default() += 1,
            _ => surprises.push(format!("{id} {model}: {verdict:?}")),
        }
    }
    assert!(surprises.is_empty(), "{surprises:#?}");
    let table = table(&models, &reasons);
    println!("{table}");
    let equal: u32 = models.values().map(|tally| tally.equal).sum();
    assert!(equal >= 102, "{equal} are reproduced, 95 % of 107 are 102");
    compare_with_page("recorded", &table);
}

fn table(models: &BTreeMap<(String, String), Tally>, reasons: &BTreeMap<&str, u32>) -> String {
    let mut table = "| provider | model | recorded | to the last digit | of these without a price \
        or a name learnt from such a bill |\n|---|---|---:|---:|---:|\n"
        .to_owned();
    let mut sum = Tally::default();
    for ((provider, model), Tally { equal, in_floats, by_tables, all }) in models {
        let _ = writeln!(table, "| {provider} | `{model}` | {all} | {equal} | {by_tables} |");
        sum.equal += equal;
        sum.in_floats += in_floats;
        sum.by_tables += by_tables;
        sum.all += all;
    }
    let Tally { equal, in_floats, by_tables, all } = sum;
    let percent = |count: u32| format!("{}.{} %", count * 100 / all, count * 1000 / all % 10);
    let _ = writeln!(table, "| all | | {all} | {equal} | {by_tables} |");
    let _ = writeln!(table, "| | | | {} | {} |\n", percent(equal), percent(by_tables));
    let _ = writeln!(
        table,
        "Bills among them that agree but for the error of floating point numbers \
         (0.0076509169 written as 0.0076509169000000005): {in_floats}.\n"
    );
    let _ = writeln!(table, "| not reproduced, because of | recorded |\n|---|---:|");
    for (reason, count) in reasons {
        let _ = writeln!(table, "| {reason} | {count} |");
    }
    table
}
