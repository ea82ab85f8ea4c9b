//! Conformance: every collected price fact is in the built-in book, with the same amount, period
//! and conditions. The facts are a CSV file outside of the repository, in the folder that the
//! environment variable `TOKRECKON_FACTS` names.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::{amount, day, model, prices};
use tokreckon_data::BUILTIN;
use tokreckon_data::table::{Bound, Price, Rows};
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
    let mut used = vec![false; BUILTIN.prices.len()];
    for fact in &facts {
        let rows = matching(fact);
        assert_eq!(rows.len(), if is_split(fact) { 2 } else { 1 }, "{fact:?}");
        for row in rows {
            assert!(!used[row], "two facts lead to one price: {fact:?}");
            used[row] = true;
        }
    }
    // What no fact holds: prices that recorded bills tell, the ones that go on behind these, what
    // pages say of upstreams and images, and what a page names without a figure.
    let rest = BUILTIN.prices.iter().zip(&used).filter(|(_, used)| !**used);
    let rest: Vec<&Price> = rest.map(|(price, _)| price).collect();
    let (billed, rest): (Vec<&Price>, Vec<&Price>) =
        rest.into_iter().partition(|price| BUILTIN.str(price.source).contains("recorded response"));
    let (searches, billed): (Vec<&Price>, Vec<&Price>) =
        billed.into_iter().partition(|price| BUILTIN.str(price.source).contains("web search page"));
    assert_eq!((billed.len(), searches.len()), (20, 152));
    assert!(searches.iter().all(|price| price.meter == Meter::WebSearches));
    let goes_on = |price: &Price| BUILTIN.str(price.basis).starts_with("behind");
    assert_eq!(rest.iter().filter(|price| goes_on(price)).count(), 4);
    let of_page = |price: &Price| {
        BUILTIN.str(price.source).contains("OpenRouter's FAQ")
            || BUILTIN.str(price.source).contains("docs.x.ai")
    };
    assert_eq!(rest.iter().filter(|price| of_page(price)).count(), 15);
    let unsourced: Vec<_> =
        rest.iter().filter(|price| !goes_on(price) && !of_page(price)).collect();
    assert_eq!(unsourced.len(), 5);
    assert!(unsourced.iter().all(|price| price.state == State::NotSourced));
    println!("{} facts lead to {} prices", facts.len(), used.iter().filter(|used| **used).count());
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
    assert_eq!(facts.len(), BUILTIN.facts.len());
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

/// The rows of the book that hold a fact.
fn matching(fact: &Fact) -> Vec<usize> {
    let Rows { start, .. } = model(&fact["provider"], &fact["model"]).expect("the model").prices;
    let prices = prices(&fact["provider"], &fact["model"]);
    let holds = |(at, price): (usize, &Price)| {
        let same = same_conditions(fact, price)
            && same_amount(fact, price)
            && same_period(fact, price)
            && same_evidence(fact, price);
        same.then_some(at + start as usize)
    };
    prices.iter().enumerate().filter_map(holds).collect()
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

/// The day on which the peak hours of `deepseek` changed from every day to working days.
const SPLIT: &str = "2026-08-21";

/// True for the facts whose period the book splits at [`SPLIT`].
fn is_split(fact: &Fact) -> bool {
    fact["effective_from"] == "2026-08-16T16:00:00Z" && fact["variant"].starts_with("window=")
}

/// Prices of `OpenRouter` that ended when a recorded bill shows another one, which a table holds, too.
const CLOSED: [(&str, &str); 2] =
    [("deepseek/deepseek-chat", "2026-08-13"), ("qwen/qwen3-30b-a3b-instruct-2507", "2026-07-16")];

fn same_period(fact: &Fact, price: &Price) -> bool {
    let from = bound(&fact["effective_from"], true);
    let ends = match CLOSED.iter().find(|(model, _)| fact["model"] == *model) {
        Some((_, day)) if fact["provider"] == "openrouter" && fact["effective_to"].is_empty() => {
            day
        }
        _ => fact["effective_to"].as_str(),
    };
    let until = bound(ends, false);
    if is_split(fact) {
        let split = bound(SPLIT, true);
        let daily = window_name(price) == "peak-daily";
        let (from, until) = if daily { (from, split) } else { (split, until) };
        return (price.from, price.until) == (from, until);
    }
    (price.from, price.until) == (from, until)
}

fn bound(text: &str, start: bool) -> Bound {
    let (seconds, precision) = match text.split_once('T') {
        _ if text.is_empty() && start => (0, Precision::Unknown),
        _ if text.is_empty() => (0, Precision::Open),
        None => (day(text), Precision::Day),
        Some((date, time)) => {
            let mut parts = time.trim_end_matches('Z').split(':').map(str::parse::<i64>);
            let mut next = || parts.next().expect("a part").expect("a number");
            (day(date) + next() * 3600 + next() * 60 + next(), Precision::Instant)
        }
    };
    Bound { seconds, precision }
}

fn same_evidence(fact: &Fact, price: &Price) -> bool {
    price.standing.as_str() == fact["status"].replace('_', "-")
        && i64::from(price.seen_day) * 86_400 == day(&fact["retrieved"])
        && price.source.len > 0
}
