//! Conformance: every price that was ever collected is in the built-in book, with the same amount under
//! the same conditions, from no later a day, and still in force on the day on which it was seen unless a
//! later source says when it ended. The facts are a CSV file outside of the repository, in the folder that
//! the environment variable `TOKRECKON_FACTS` names.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::{amount, day, model, prices};
use tokreckon_data::BUILTIN;
use tokreckon_data::table::Price;
use tokreckon_data::words::{Meter, Noun, Precision, State};

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
    let (mut corrected, mut ended) = (0, 0);
    for fact in &facts {
        let rows = prices(&fact["provider"], &fact["model"]);
        let same = |price: &&Price| same_conditions(fact, price) && same_amount(fact, price);
        let held: Vec<&Price> = rows.iter().filter(same).collect();
        if held.is_empty() {
            assert!(is_corrected(fact), "the book has lost {fact:?}");
            corrected += 1;
            continue;
        }
        assert!(held.iter().any(|price| begins_by(fact, price)), "it begins later: {fact:?}");
        if is_open_when_seen(fact) && !held.iter().any(|price| holds_when_seen(fact, price)) {
            let end = ENDED.iter().find(|(provider, model, _)| {
                fact["provider"] == *provider && fact["model"].contains(model)
            });
            let end = end.unwrap_or_else(|| panic!("it has ended: {fact:?}")).2;
            let ends_then =
                |price: &&Price| (0..86_400).contains(&(price.until.seconds - day(end)));
            assert!(held.iter().any(ends_then), "{end}: {fact:?}");
            ended += 1;
        }
    }
    assert_eq!((corrected, ended), (32, 112));
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
    // Tables of the day describe others, and what these leave out.
    assert!(facts.len() < BUILTIN.facts.len());
    for fact in &facts {
        let row = model(&fact["provider"], &fact["model"]).expect("the model").facts;
        let held = &BUILTIN.facts[row as usize - 1];
        let figure = |column: &str| fact[column].parse::<u64>().unwrap_or(0);
        let flag = |column: &str| match fact[column].as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        let figures = [held.context_window, held.max_input_tokens, held.max_output_tokens];
        let expected = ["context_window", "max_input_tokens", "max_output_tokens"].map(figure);
        for (held, expected) in figures.into_iter().zip(expected) {
            assert!(expected == 0 || held == expected, "{fact:?}");
        }
        assert!(flag("reasoning").is_none_or(|yes| held.reasoning == Some(yes)), "{fact:?}");
        assert_eq!(held.open_weights, flag("open_weights"), "{fact:?}");
        for (held, column) in [(held.mode, "mode"), (held.released, "release_date")] {
            let expected = &fact[column];
            assert!(expected.is_empty() || BUILTIN.str(held) == expected, "{fact:?}");
        }
        assert_eq!(BUILTIN.str(held.knowledge_cutoff), fact["knowledge_cutoff"]);
        assert_eq!(BUILTIN.str(held.retired), fact["deprecated_or_retired"]);
        assert_eq!(held.tokenizer.len == 0, fact["tokenizer"].is_empty());
        assert_eq!(held.endpoints.len == 0, fact["endpoints"].is_empty());
    }
}

/// Bedrock's `us.` profiles cost 1.1 times the global price from their first day; one table had the
/// global price for six of them at first. Under a spelling that AWS does not use, two tables had it for
/// `eu.` as well, until they gave the spelling up.
fn is_corrected(fact: &Fact) -> bool {
    let is_given_up = fact["model"] == "anthropic.claude-opus-4-6-v1:0";
    fact["provider"] == "aws-bedrock"
        && (fact["variant"] == "geo=us" || fact["variant"] == "geo=eu" && is_given_up)
}

/// Prices that tables still held when they were collected, and the day from which a later source, or the
/// seller itself, says another.
const ENDED: [(&str, &str, &str); 12] = [
    ("alibaba", "qwen3-next-80b-a3b", "2026-03-31"),
    // Anthropic ended the long-prompt prices of 4.6.
    ("aws-bedrock", "-4-6", "2026-03-13"),
    ("google-vertex", "-4-6@default", "2026-03-13"),
    ("mistral", "ministral-8b-latest", "2025-12-02"),
    ("mistral", "mistral-medium-latest", "2026-06-16"),
    ("openrouter", "-4.6", "2026-03-13"),
    ("openrouter", "~anthropic/claude-opus-latest", "2026-09-22"),
    ("openrouter", "deepseek/deepseek-chat", "2026-08-13"),
    ("openrouter", "qwen/qwen3-8b", "2026-06-15"),
    ("perplexity", "sonar", "2026-10-19"),
    ("together", "Qwen/Qwen3.7-Max", "2026-11-13"),
    // Names that lead to grok-4.3 since, at its price.
    ("xai", "grok-", "2026-05-15"),
];

/// True for a fact without an end that had begun when it was seen.
fn is_open_when_seen(fact: &Fact) -> bool {
    let from = fact["effective_from"].get(..10).unwrap_or_default();
    fact["effective_to"].is_empty() && from <= fact["retrieved"].as_str()
}

fn holds_when_seen(fact: &Fact, price: &Price) -> bool {
    let seen = day(&fact["retrieved"]);
    let begun = price.from.precision == Precision::Unknown || price.from.seconds < seen + 86_400;
    begun && (price.until.precision == Precision::Open || seen < price.until.seconds)
}

fn begins_by(fact: &Fact, price: &Price) -> bool {
    let Some(from) = fact["effective_from"].get(..10) else { return true };
    price.from.precision != Precision::Unknown && price.from.seconds < day(from) + 86_400
}

fn same_conditions(fact: &Fact, price: &Price) -> bool {
    let meter = match fact["price_class"].as_str() {
        // Perplexity counts reasoning beside the output, and charges it beside it.
        "output_reasoning" if fact["provider"] == "perplexity" => Meter::Reasoning,
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
