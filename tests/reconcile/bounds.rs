//! Own costs that can be trusted lie inside of the bounds that are told, and equal what is called exact.
//!
//! The rows are 107 recorded responses as they came, their own costs included, in the folder that
//! `TOKRECKON_FACTS` names: costs of made-up files follow no price.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;
use tokreckon::book::PriceBook;
use tokreckon::charge::Terms;
use tokreckon::ledger::{Ledger, Outcome, Settings};
use tokreckon::money::{Currency, Exact};
use tokreckon::read::{Item, Options, read};

/// What own costs were compared with.
#[derive(Default, Debug)]
struct Tally {
    rows: BTreeMap<&'static str, u32>,
    outside: Vec<String>,
}

impl Tally {
    /// Compares the own costs of a text with what its rows are said to cost.
    fn add(&mut self, name: &str, text: &[u8], provider: &str) {
        let options = Options { provider, ..Options::default() };
        let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
        let read = read(text, &options, &mut |item| {
            let Item::Record(record) = item else { return };
            let Some(own) = record.reported.filter(|own| own.currency == Currency::USD) else {
                return;
            };
            let Outcome::Charged { usage, card, .. } = ledger.add(record).outcome else {
                *self.rows.entry("without a price").or_default() += 1;
                return;
            };
            let charge = ledger.cards()[card].charge_with(&usage, record.shape, Terms::LIST);
            let charge = charge.expect("few digits");
            let (low, high) = (charge.low.amount, charge.high.map(|high| high.amount));
            let holds =
                not_above(low, own.amount) && high.is_none_or(|high| not_above(own.amount, high));
            let grade = charge.grade();
            *self.rows.entry(grade.as_str()).or_default() += 1;
            let place = format!("{name}:{}", record.line);
            if !holds {
                let high = high.map_or("open".to_owned(), |high| high.to_string());
                let of = format!("{} {}", record.provider, record.model);
                self.outside
                    .push(format!("{place} {of} {grade}: {} not in {low} to {high}", own.amount));
            }
        });
        read.expect("readable");
    }
}

/// At most as much, but for what floating point numbers lose: a part in a thousand million.
fn not_above(one: Exact, other: Exact) -> bool {
    let Ok(over) = one.minus(other) else { return false };
    let lost = |over: Exact| over.times_count(1_000_000_000).is_ok_and(|over| over <= one);
    over <= Exact::ZERO || lost(over)
}

#[test]
fn own_costs_lie_inside_of_the_bounds() {
    let Some(facts) = std::env::var_os("TOKRECKON_FACTS").map(PathBuf::from) else {
        println!("skipped: TOKRECKON_FACTS is not set");
        return;
    };
    let mut recorded = Tally::default();
    let lines = std::fs::read_to_string(facts.join("counting/cases/cost_truth.jsonl"));
    for line in lines.expect("the recorded costs").lines() {
        let mut row: Value = serde_json::from_str(line).expect("an object a line");
        let id = row["id"].as_str().expect("an id").to_owned();
        let provider = row["provider"].as_str().expect("a provider");
        let provider = if provider == "openai" { "openrouter" } else { provider }.to_owned();
        row["created"] = super::truth::seconds(row["date"].as_str().expect("a date")).into();
        let fields = row.as_object_mut().expect("an object");
        fields.retain(|name, _| ["id", "model", "created", "usage"].contains(&name.as_str()));
        if let Value::Object(more) = super::truth::said(&id) {
            fields.extend(more);
        }
        recorded.add(&id, row.to_string().as_bytes(), &provider);
    }
    println!("recorded responses: {:?}", recorded.rows);
    assert!(recorded.outside.is_empty(), "{:#?}", recorded.outside);
    let count = |grade: &str| recorded.rows.get(grade).copied().unwrap_or(0);
    assert_eq!(recorded.rows.values().sum::<u32>(), 107);
    assert!(count("exact") >= 77, "{:?}", recorded.rows);
}
