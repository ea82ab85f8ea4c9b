//! FOCUS out and in again: the same total, every row quantity × unit price, null where nothing is known.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tokreckon::money::Exact;

fn tokreckon(arguments: &[&str]) -> (String, Option<i32>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tokreckon"));
    let output = command.args(arguments).current_dir(root).output().expect("tokreckon runs");
    (String::from_utf8(output.stdout).expect("UTF-8"), output.status.code())
}

fn exact(text: &str) -> Exact {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}

/// Rows as pairs of column and cell.
fn rows(text: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let rows = reader.records().map(|row| {
        let row = row.expect("a row");
        header.iter().zip(&row).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
    });
    rows.collect()
}

fn cell<'r>(row: &'r [(String, String)], name: &str) -> &'r str {
    row.iter().find(|(column, _)| column == name).map_or("", |(_, cell)| cell)
}

const CASES: &[&[&str]] = &[
    &["tests/examples/openai-usage-2025-01.csv"],
    &["tests/examples/openai-usage-2025-01.csv", "tests/examples/openai-usage-2025-02.csv"],
    &["tests/examples/people.csv", "--by", "project,user,key,week"],
    &["tests/examples/people.csv", "--factor", "openai=0.8", "--by", "month"],
    &["tests/examples/people.csv", "--rate", "USD=0.9EUR", "--factor", "1.05"],
    &["tests/examples/hostile.csv", "--timezone", "America/New_York"],
];

#[test]
fn the_total_comes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    for case in CASES {
        let (json, _) = tokreckon(&[&["report", "--format", "json"], *case].concat());
        let report: Value = serde_json::from_str(&json).expect("JSON");
        let (text, code) = tokreckon(&[&["report", "--format", "focus"], *case].concat());
        assert_ne!(code, Some(2));
        let (known, unknown): (Vec<_>, Vec<_>) =
            rows(&text).into_iter().partition(|row| cell(row, "x_CostState") != "unknown");
        let path = folder.path().join("focus.csv");
        std::fs::write(&path, &text).expect("written");
        let path = path.to_str().expect("a plain path");
        let (back, _) = tokreckon(&["report", path, "--from", "focus", "--format", "json"]);
        let back: Value = serde_json::from_str(&back).expect("JSON");
        let costs = report["total"]["costs"].as_array().expect("costs");
        assert_eq!(costs.len(), 1);
        let currency = costs[0]["currency"].as_str().expect("a currency");
        assert_eq!(back["total"]["reported"][currency], costs[0]["low"], "{case:?}");
        assert_eq!(back["total"]["records"]["all"], known.len(), "{case:?}");
        assert_eq!(back["files"][0]["rejected"], unknown.len(), "{case:?}");
    }
}

#[test]
fn a_bill_goes_through() {
    let bill = "tests/fixtures/openai-cost-2025.csv";
    let json = |arguments: &[&str]| {
        let (json, _) = tokreckon(&[&["report", "--format", "json"], arguments].concat());
        serde_json::from_str::<Value>(&json).expect("JSON")
    };
    let (text, code) = tokreckon(&["report", bill, "--format", "focus"]);
    assert_eq!(code, Some(0));
    for row in rows(&text) {
        assert_eq!(cell(&row, "x_CostState"), "reported");
        assert_eq!(cell(&row, "ListCost"), "", "a bill does not say what the list price is");
        assert!(!cell(&row, "BilledCost").is_empty() && cell(&row, "x_ServiceTier").is_empty());
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("focus.csv");
    std::fs::write(&path, &text).expect("written");
    let back = json(&[path.to_str().expect("a plain path"), "--from", "focus", "--by", "day"]);
    assert_eq!(back["total"]["reported"], json(&[bill])["total"]["reported"]);
    assert_eq!(back["groups"].as_array(), Some(&same_days(&json(&[bill, "--by", "day"]), &back)));
}

/// The groups of `back` whose day and cost are those of `first`.
fn same_days(first: &Value, back: &Value) -> Vec<Value> {
    let [first, back] = [first, back].map(|report| report["groups"].as_array().expect("groups"));
    let same = |group: &&Value| {
        let [label, cost] = ["labels", "reported"].map(|field| &group[field]);
        first.iter().any(|other| other["labels"] == *label && other["reported"] == *cost)
    };
    back.iter().filter(same).cloned().collect()
}

#[test]
fn every_row_holds_what_focus_asks_for() {
    let mut states = Vec::new();
    for case in CASES {
        let (text, _) = tokreckon(&[&["report", "--format", "focus"], *case].concat());
        for row in rows(&text) {
            let of = |name: &str| cell(&row, name);
            for name in
                ["ProviderName", "ServiceProviderName", "ChargePeriodStart", "BillingPeriodEnd"]
            {
                assert!(!of(name).is_empty(), "{name}");
            }
            assert!(of("BillingPeriodStart") < of("BillingPeriodEnd"));
            assert!(of("ChargePeriodStart") < of("ChargePeriodEnd"));
            states.push(of("x_CostState").to_owned());
            if of("x_CostState") == "unknown" {
                for name in ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"] {
                    assert_eq!(of(name), "", "unknown is not zero");
                }
                assert!(!of("x_Reason").is_empty());
                continue;
            }
            let product = |price: &str| exact(of("PricingQuantity")).times(exact(price));
            assert_eq!(product(of("ListUnitPrice")), Ok(exact(of("ListCost"))));
            assert_eq!(product(of("ContractedUnitPrice")), Ok(exact(of("ContractedCost"))));
            assert_eq!(of("BilledCost"), of("EffectiveCost"));
            let is_single = ["exact", "assumed"].contains(&of("x_CostState"));
            let is_open = is_single || of("x_Reason").contains("was not read");
            assert_eq!(of("x_ListCostHigh").is_empty(), is_open);
            assert_eq!(of("x_Reason").is_empty(), of("x_CostState") == "exact");
        }
    }
    states.sort();
    states.dedup();
    assert_eq!(states, ["at-least", "exact", "unknown"]);
}
