//! `naive FILE PRICES [full]`: the question asked as most Rust programs would: csv, serde, chrono, rust_decimal.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::error::Error;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    timestamp: String,
    request_id: String,
    provider: String,
    model: String,
    batch: bool,
    input_tokens: u64,
    input_cached_tokens: u64,
    output_tokens: u64,
    billed_cost_usd: Decimal,
}

#[derive(Deserialize)]
struct Price {
    provider: String,
    model: String,
    day: String,
    batch: bool,
    long: bool,
    input: Decimal,
    cached: Decimal,
    output: Decimal,
}

#[derive(Default)]
struct Sums {
    rows: u64,
    tokens: [u64; 3],
    cost: Decimal,
    billed: Decimal,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = arguments.next().ok_or("no file")?;
    let prices = arguments.next().ok_or("no prices")?;
    let full = arguments.next().is_some();
    let mut by_key = HashMap::new();
    for price in csv::Reader::from_path(prices)?.deserialize() {
        let price: Price = price?;
        let key = (price.provider.clone(), price.model.clone(), price.day.clone(), price.batch, price.long);
        by_key.insert(key, price);
    }
    let million = Decimal::from(1_000_000);
    let mut groups: BTreeMap<(String, String, String), Sums> = BTreeMap::new();
    let mut ids = HashSet::new();
    let mut copies = 0_u64;
    for row in csv::Reader::from_path(usage)?.deserialize() {
        let row: Row = row?;
        let at: DateTime<Utc> = row.timestamp.parse()?;
        let day = at.format("%Y-%m-%d").to_string();
        let key = (row.provider.clone(), row.model.clone(), day.clone(), row.batch, row.input_tokens > 200_000);
        let price = by_key.get(&key).ok_or("no price")?;
        let cost = (Decimal::from(row.input_tokens - row.input_cached_tokens) * price.input
            + Decimal::from(row.input_cached_tokens) * price.cached
            + Decimal::from(row.output_tokens) * price.output)
            / million;
        let sums = groups.entry((row.provider, row.model, day)).or_default();
        sums.rows += 1;
        for (sum, count) in
            sums.tokens.iter_mut().zip([row.input_tokens, row.input_cached_tokens, row.output_tokens])
        {
            *sum += count;
        }
        sums.cost += cost;
        sums.billed += row.billed_cost_usd;
        if full && !ids.insert(row.request_id) {
            copies += 1;
        }
    }
    for ((provider, model, day), sums) in groups {
        let [input, cached, output] = sums.tokens;
        let (cost, billed) = (sums.cost.normalize(), sums.billed.normalize());
        println!("{provider},{model},{day},{},{input},{cached},{output},{cost},{billed}", sums.rows);
    }
    if full {
        println!("copies,{copies}");
    }
    Ok(())
}
