//! Models that are paid by the request besides their tokens, some by how much a search brought.

use tokreckon::book::{Known, PriceBook};
use tokreckon::charge::Shape;
use tokreckon::grade::{Assumption, Grade};
use tokreckon::price::ServiceTier;
use tokreckon::record::Record;
use tokreckon::time::Period;
use tokreckon::usage::{Layout, Meter, Totals, Usage};

use crate::{ask, user_file, with_tier};

/// A million tokens in, none from a cache.
fn million() -> Totals {
    Totals {
        layout: Layout::INSIDE,
        input: Some(1_000_000),
        cache_read: Some(0),
        output: Some(0),
        reasoning: Some(0),
        ..Totals::default()
    }
}

/// An answer of Perplexity's of 2026-11-25, with these members of its usage beside the tokens.
fn answer(model: &str, more: &str) -> String {
    let book = PriceBook::builtin();
    let body = format!(
        r#"{{"id":"p","object":"chat.completion","created":1795600000,"model":"{model}","usage":{{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100{more}}}}}"#
    );
    let charge = book.price_response("perplexity", &body).expect("priced");
    let high = charge.high.expect("an upper bound");
    if charge.low == high { charge.low.to_string() } else { format!("{} to {high}", charge.low) }
}

#[test]
fn an_answer_is_one_request_by_the_size_of_its_search() {
    // Tokens 0.0045; the fee of a request 0.006, 0.010 or 0.014 (LiteLLM, 2026-11-20).
    let sized = |size: &str| answer("sonar-pro", &format!(r#","search_context_size":"{size}""#));
    assert_eq!(sized("low"), "0.0105 USD");
    assert_eq!(sized("medium"), "0.0145 USD");
    assert_eq!(sized("high"), "0.0185 USD");
    assert_eq!(answer("sonar-pro", ""), "0.0105 USD to 0.0185 USD");
    // Deep research is paid by the search instead.
    let deep = r#","search_context_size":"low","num_search_queries":2"#;
    assert_eq!(answer("sonar-deep-research", deep), "0.0128 USD");
}

/// More input than a model reads at once was several requests: which of them were long nobody knows.
#[test]
fn more_than_one_request_can_hold_is_no_long_prompt() {
    let book = PriceBook::builtin();
    let cost = |input| {
        let body = format!(
            r#"{{"model":"gemini-2.5-pro","created":1795600000,"usage":{{"prompt_tokens":{input},"completion_tokens":0,"total_tokens":{input},"prompt_tokens_details":{{"cached_tokens":0}}}}}}"#
        );
        let charge = book.price_response("google", &body).expect("priced");
        (charge.low.to_string(), charge.high.expect("a bound").to_string())
    };
    let same = |cost: &str| (cost.to_owned(), cost.to_owned());
    assert_eq!(cost(200_000), same("0.25 USD"));
    assert_eq!(cost(1_000_000), same("2.5 USD"));
    assert_eq!(cost(10_000_000), ("12.5 USD".to_owned(), "25 USD".to_owned()));
    let usage = |output| Usage::NONE.with(Meter::Output, output);
    let card = ask("google", "gemini-2.5-pro", "2026-10-01").card(&book).expect("a card");
    let shape = |output| card.shape_of(&usage(output));
    assert_eq!(shape(65_536), Shape::Request);
    assert_eq!(shape(65_537), Shape::Sum { requests: None });
}

/// A size that has no fee of its own is not charged as if there had been no search.
#[test]
fn a_size_without_a_fee_is_never_free() {
    let huge = r#"{"id":"p","object":"chat.completion","created":1795600000,"model":"sonar-pro","usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,"search_context_size":"huge"}}"#;
    let error = PriceBook::builtin().price_response("perplexity", huge).expect_err("no fee");
    assert!(error.to_string().contains("search=low"), "{error}");
    let file = user_file(
        r#"
provider = "seller"
currency = "USD"

[[price]]
models = ["n"]
from = 2026-01-01
input = "1"
output = "2"
"#,
    );
    let book = PriceBook::builtin().with_layer(&file);
    let record = Record {
        provider: "seller",
        model: "n",
        period: Period::parse("2026-02-01").ok(),
        totals: Some(million()),
        ..Record::EMPTY
    };
    let charge = book.charge_record(&record, None).expect("priced");
    assert_eq!(charge.high, Some(charge.low), "without a search the tokens are all");
    let searched = Record { variant: Known::Is("search=low"), ..record };
    let charge = book.charge_record(&searched, None).expect("priced");
    assert_eq!((charge.low.to_string(), charge.high), ("1 USD".to_owned(), None));
}

#[test]
fn requests_are_counted_once_and_never_guessed() {
    let file = user_file(
        r#"
provider = "seller"
currency = "USD"

[[price]]
models = ["m"]
from = 2026-01-01
input = "1"
output = "2"
requests = "5 per 1000 requests"
"#,
    );
    let book = PriceBook::builtin().with_layer(&file);
    let counts = million();
    let cost = |shape, totals| {
        let period = Period::parse("2026-02-01").ok();
        let record = Record {
            provider: "seller",
            model: "m",
            period,
            shape,
            totals: Some(totals),
            ..Record::EMPTY
        };
        let charge = book.charge_record(&record, None).expect("priced");
        let open = if charge.high.is_none() { "at least " } else { "" };
        format!("{open}{}", charge.low)
    };
    assert_eq!(cost(Shape::Request, counts), "1.005 USD");
    assert_eq!(cost(Shape::Sum { requests: Some(40) }, counts), "1.2 USD");
    assert_eq!(cost(Shape::Sum { requests: None }, counts), "at least 1 USD");
    // What the row counts itself stands.
    let three = Totals { requests: Some(3), ..counts };
    assert_eq!(cost(Shape::Sum { requests: Some(3) }, three), "1.015 USD");
    // A reranker's unit is paid as a request where it has no price of its own, and not twice.
    let units = Totals { search_units: Some(2), ..counts };
    assert_eq!(cost(Shape::Request, units), "1.01 USD");
}

/// Tools are charged by the call in every tier: where a tier has no price of its own for one, the standard
/// one holds, *assumed*.
#[test]
fn searches_cost_the_same_in_every_tier() {
    let file = user_file(
        r#"
provider = "seller"
currency = "USD"

[[price]]
models = ["m"]
from = 2026-01-01
input = "2"
output = "2"
web-searches = "10 per 1000 requests"

[[price]]
models = ["m"]
service-tier = "batch"
from = 2026-01-01
until = 2026-03-01
input = "1"
output = "1"
"#,
    );
    let book = PriceBook::builtin().with_layer(&file);
    let usage = [(Meter::Input, 1_000_000), (Meter::WebSearches, 2)];
    let batch = |at| with_tier(ask("seller", "m", at), Known::Is(ServiceTier::Batch));
    assert_eq!(batch("2026-02-01").cost_in(&book, &usage), "1.02 USD");
    let card = batch("2026-02-01").card(&book).expect("a card");
    let usage = Usage::NONE.with(Meter::WebSearches, 2);
    let charge = card.charge(&usage).expect("exact");
    assert_eq!(charge.grade(), Grade::Assumed);
    assert!(charge.assumptions.iter().any(|taken| taken == Assumption::TierRule));
    let strict = book.strictly();
    let charge = batch("2026-02-01").card(&strict).expect("a card").charge(&usage).expect("exact");
    assert_eq!(charge.high, None, "strictly, nothing is taken over");
    // A tier that has ended is not made of its tools.
    assert!(batch("2027-06-01").card(&strict).is_err());
}
