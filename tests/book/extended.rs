//! Prices beyond their evidence: assumed where nothing contradicts, between where two may hold.

use tokreckon::book::{PriceBook, Query};
use tokreckon::charge::Shape;
use tokreckon::grade::{Assumption, Grade};
use tokreckon::time::Period;
use tokreckon::usage::{Meter, Usage};
use tokreckon_data::compile::compile;
use tokreckon_data::schema::{Origin, read};

use crate::charge;

const BOOK: &str = r#"
provider = "seller"
currency = "USD"

[[price]]
models = ["announced"]
from = 2025-03-01
input = "1"
standing = "curated"
seen = 2026-01-01
source = "s"
basis = "announced"

[[price]]
models = ["disputed-followed"]
from = 2025-03-01
input = "1"
standing = "disputed"
seen = 2026-01-01
source = "s"
basis = "announced"
also-seen = "dearer (one table 2024-06-01)"

[[price]]
models = ["disputed-in-words"]
from = 2025-03-01
input = "1"
standing = "disputed"
seen = 2026-01-01
source = "s"
basis = "announced"
also-seen = "cheaper (one table 2025-06-01)"

[[price]]
models = ["disputed-of-requests"]
from = 2025-03-01
input = "1"
standing = "disputed"
seen = 2026-01-01
source = "s"
basis = "announced"
also-seen = "2 per 1000 requests (one table)"

[[price]]
models = ["disputed-refuted"]
from = 2025-03-01
input = "1"
standing = "disputed"
seen = 2026-01-01
source = "s"
basis = "announced"
also-seen = "0.001 per 1K tokens (one table)"

[[price]]
models = ["gap"]
from = 2024-01-01
until = 2024-03-01
input = "1"
standing = "agreed"
seen = 2026-01-01
source = "s"
basis = "first seen"

[[price]]
models = ["gap"]
from = 2024-06-01
until = 2025-01-01
input = "3"
standing = "agreed"
seen = 2026-01-01
source = "s"
basis = "first seen"

[[price]]
models = ["released"]
from = 2025-03-01
input = "1"
standing = "agreed"
seen = 2026-01-01
source = "s"
basis = "first seen"

[[price]]
models = ["released"]
above = { tokens = 200000, comparison = ">", scope = "whole-request" }
from = 2025-05-01
until = 2025-08-01
input = "2"
standing = "agreed"
seen = 2026-01-01
source = "s"
basis = "first seen"

[[model]]
id = "released"
released = "2025-02-01"
source = "s"
"#;

/// Grade, amounts and what is assumed of a million prompt tokens.
fn said(model: &str, at: &str, strict: bool) -> String {
    let (file, mistakes) = read(BOOK, Origin::Shipped);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    let tables = compile(&[file]).expect("tables");
    let book = PriceBook::builtin().with_layer(&tables);
    let book = if strict { book.strictly() } else { book };
    let query = Query::new("seller", model, Period::parse(at).expect("a day"));
    let card = match book.find(&query) {
        Ok(card) => card,
        Err(error) => return error.code().to_owned(),
    };
    let charge = charge(&card, &Usage::NONE.with(Meter::Input, 1_000_000), Shape::Request);
    let assumed: Vec<_> = charge.assumptions.iter().map(Assumption::code).collect();
    let high = charge.high.map_or_else(|| "?".to_owned(), |high| high.to_string());
    let amounts = match charge.grade() {
        Grade::Between => format!("{} to {high}", charge.low.amount),
        _ => high,
    };
    format!("{} {amounts} {}", charge.grade(), assumed.join(" ")).trim_end().to_owned()
}

#[test]
fn a_price_reaches_back_to_the_release_but_not_beyond() {
    assert_eq!(said("released", "2025-03-01", false), "exact 1 USD");
    assert_eq!(said("released", "2025-02-15", false), "assumed 1 USD before-first-seen");
    assert_eq!(said("released", "2025-01-31", false), "not-in-force");
    assert_eq!(said("released", "2025-02-15", true), "not-in-force");
}

#[test]
fn an_announced_start_is_a_start() {
    assert_eq!(said("announced", "2025-02-28", false), "not-in-force");
    assert_eq!(said("announced", "2025-03-01", false), "exact 1 USD");
}

#[test]
fn in_a_gap_either_price_may_hold() {
    let gap = "between 1 to 3 USD after-last-seen before-first-seen";
    let said_in_gap = said("gap", "2024-04-01", false);
    let words = |text: &str| {
        let mut words: Vec<_> = text.split(' ').map(str::to_owned).collect();
        words.sort();
        words
    };
    assert_eq!(words(&said_in_gap), words(gap));
    assert_eq!(said("gap", "2025-06-01", false), "assumed 3 USD after-last-seen");
    assert_eq!(said("gap", "2025-06-01", true), "not-in-force");
}

#[test]
fn a_long_prompt_price_that_ended_does_not_go_on() {
    assert_eq!(said("released", "2025-06-01", false), "exact 2 USD");
    assert_eq!(said("released", "2025-09-01", false), "exact 1 USD");
}

/// What cannot be compared with a price does not refute it and is refuted by nothing but its days.
#[test]
fn a_dispute_that_cannot_be_read_goes_on() {
    assert_eq!(said("disputed-in-words", "2025-07-01", false), "assumed 1 USD disputed");
    assert_eq!(said("disputed-of-requests", "2025-07-01", false), "assumed 1 USD disputed");
    assert_eq!(said("disputed-refuted", "2025-07-01", false), "exact 1 USD");
    assert_eq!(said("disputed-followed", "2025-07-01", false), "exact 1 USD");
}
