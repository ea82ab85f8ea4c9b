//! Conformance: every price that was ever collected is in the built-in book, with the same amount
//! under the same conditions. Its period may have been corrected; it never vanishes. The facts are a CSV file outside of the repository, in the folder that the
//! environment variable `TOKRECKON_FACTS` names.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::{amount, model, prices};
use tokreckon_data::BUILTIN;
use tokreckon_data::table::Price;
use tokreckon_data::words::{Meter, Noun, State};

type Fact = BTreeMap<String, String>;

#[test]
fn every_price_fact_is_in_the_book() {
    let Some(folder) = std::env::var_os("TOKRECKON_FACTS").map(PathBuf::from) else {
        println!("skipped: TOKRECKON_FACTS is not set");
        return;
    };
    let mut reader =
        csv::Reader::from_path(folder.join("prices/price_facts.csv")).expect("the facts");
    let facts: Vec<Fact> = reader.deserialize().map(|fact| fact.expect("a fact")).collect();
    assert_eq!(facts.len(), 6665);
    for fact in &facts {
        let rows = prices(&fact["provider"], &fact["model"]);
        let held = |price: &&Price| same_conditions(fact, price) && same_amount(fact, price);
        assert!(is_corrected(fact) || rows.iter().any(|price| held(&price)), "{fact:?}");
    }
}

#[test]
fn every_model_fact_is_in_the_book() {
    let Some(folder) = std::env::var_os("TOKRECKON_FACTS").map(PathBuf::from) else {
        println!("skipped: TOKRECKON_FACTS is not set");
        return;
    };
    let mut reader =
        csv::Reader::from_path(folder.join("prices/model_facts.csv")).expect("the facts");
    let facts: Vec<Fact> = reader.deserialize().map(|fact| fact.expect("a fact")).collect();
    assert!(facts.len() <= BUILTIN.facts.len());
    for fact in &facts {
        let row = model(&fact["provider"], &fact["model"]).expect("the model").facts;
        let held = &BUILTIN.facts[row as usize - 1];
        let figure = |column: &str| fact[column].parse::<u64>().unwrap_or(0);
        let flag = |column: &str| match fact[column].as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        let figures = (held.context_window, held.max_input_tokens, held.max_output_tokens);
        let expected =
            (figure("context_window"), figure("max_input_tokens"), figure("max_output_tokens"));
        assert_eq!(figures, expected, "{fact:?}");
        let flags = (held.reasoning, held.open_weights);
        assert_eq!(flags, (flag("reasoning"), flag("open_weights")), "{fact:?}");
        assert_eq!(BUILTIN.str(held.mode), fact["mode"]);
        assert_eq!(BUILTIN.str(held.released), fact["release_date"]);
        assert_eq!(BUILTIN.str(held.knowledge_cutoff), fact["knowledge_cutoff"]);
        assert_eq!(BUILTIN.str(held.retired), fact["deprecated_or_retired"]);
        assert_eq!(held.tokenizer.len == 0, fact["tokenizer"].is_empty());
        assert_eq!(held.endpoints.len == 0, fact["endpoints"].is_empty());
    }
}

/// Bedrock's `us.` profiles cost 1.1 times the global price from their first day; one table had the
/// global price for six of them at first.
fn is_corrected(fact: &Fact) -> bool {
    fact["provider"] == "aws-bedrock" && fact["variant"] == "geo=us"
}

fn same_conditions(fact: &Fact, price: &Price) -> bool {
    let meter = match fact["price_class"].as_str() {
        "output_reasoning" => Meter::OutputThinkingMode,
        "maps_grounding" => Meter::MapsGroundings,
        "web_search" => Meter::WebSearches,
        "output_image_each" => Meter::ImagesGenerated,
        "output_second" => Meter::VideoSeconds,
        class => Meter::from_word(&class.replace('_', "-")).expect("a meter"),
    };
    let window = fact["variant"].strip_prefix("window=");
    let variant = if window.is_some() { "" } else { &fact["variant"] };
    let threshold = fact["threshold_tokens"].parse().unwrap_or(0);
    price.meter == meter
        && BUILTIN.str(price.currency) == fact["currency"]
        && price.service_tier.as_str() == fact["service_tier"]
        && price.threshold == threshold
        && BUILTIN.str(price.variant) == variant
        && match window {
            None => price.window == 0,
            Some("otherwise") => price.outside_window && window_name(price).starts_with("peak"),
            Some("daily 16:30-00:30Z") => inside(price, "discount-daily"),
            Some(text) if text.starts_with("peak Mon-Fri") => inside(price, "peak-weekdays"),
            Some(_) => !price.outside_window && window_name(price).starts_with("peak"),
        }
}

fn inside(price: &Price, name: &str) -> bool {
    !price.outside_window && window_name(price) == name
}

/// The window of a price; empty for all hours.
fn window_name(price: &Price) -> &'static str {
    let row = usize::from(price.window).checked_sub(1);
    row.map_or("", |row| BUILTIN.str(BUILTIN.windows[row].name))
}

fn same_amount(fact: &Fact, price: &Price) -> bool {
    let unit = match fact["unit"].as_str() {
        "1M_tokens" => (1_000_000, Noun::Tokens),
        "1k_requests" => (1000, Noun::Requests),
        "image" => (1, Noun::Images),
        "second" => (1, Noun::Seconds),
        unit => panic!("unit `{unit}`"),
    };
    let expected = match fact["zero_kind"].as_str() {
        "" => fact["amount"].as_str(),
        "named_free" => "free",
        "embedding_output" | "not_token_priced" => "not-offered",
        "unknown_or_free" => "not-sourced",
        kind => panic!("zero kind `{kind}`"),
    };
    amount(price) == expected && (price.state != State::Priced || (price.per, price.noun) == unit)
}
