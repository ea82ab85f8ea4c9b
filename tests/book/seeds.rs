//! The five pages that the project was made from, on their own dates: what they say is answered, with the
//! grade of its evidence and with the page as its source.

use tokreckon::book::PriceBook;
use tokreckon::charge::Shape;
use tokreckon::grade::Grade;
use tokreckon::price::Rate;
use tokreckon::usage::{Meter, Usage};

use crate::{ask, charge};

/// Seller, model, day of the page, counts, amount in US dollars, grade, and a part of the source.
type Page = (&'static str, &'static str, &'static str, [u64; 3], &'static str, Grade, &'static str);

const M: u64 = 1_000_000;

const PAGES: [Page; 6] = [
    (
        "belugapi",
        "o1-mini-2024-09-12",
        "2026-05-15",
        [M, 0, M],
        "4.4",
        Grade::Assumed,
        "000_6dec745adee135c9.txt",
    ),
    (
        "openai",
        "o1-mini",
        "2025-04-09",
        [M, M, M],
        "6.05",
        Grade::Exact,
        "001_d2fcbdbe3ba08153.txt",
    ),
    // 57 x 3.15 + 2,167 x 12.60 per million: 359 + 54,608 credits of half a millionth, before rounding.
    (
        "aimlapi",
        "o1-mini",
        "2025-04-09",
        [57, 0, 2_167],
        "0.02748375",
        Grade::Assumed,
        "002_4324a9a7dbd5e66d.txt",
    ),
    // The page names the model and no figure.
    (
        "cometapi",
        "o1-mini-2024-09-12",
        "2026-11-20",
        [M, 0, M],
        "0",
        Grade::Unknown,
        "003_544a47b53bf5fa51.txt",
    ),
    (
        "replicate",
        "openai/o1-mini",
        "2026-04-15",
        [M, 0, M],
        "5.5",
        Grade::Assumed,
        "004_3d13bf796b9e15bc.txt",
    ),
    (
        "replicate",
        "o1-mini-2024-09-12",
        "2026-04-15",
        [M, 0, M],
        "5.5",
        Grade::Assumed,
        "004_3d13bf796b9e15bc.txt",
    ),
];

#[test]
fn the_five_pages_are_answered_on_their_own_dates() {
    let book = PriceBook::builtin();
    let mut wrong = Vec::new();
    for (seller, model, day, [input, cached, output], amount, grade, source) in PAGES {
        let card = ask(seller, model, day).card(&book).expect("a card");
        let usage = Usage::NONE
            .with(Meter::Input, input)
            .with(Meter::CacheRead, cached)
            .with(Meter::Output, output);
        let charge = charge(&card, &usage, Shape::Request);
        let got = (charge.low.amount.to_string(), charge.grade());
        if got != (amount.to_owned(), grade) {
            wrong.push(format!("{seller} {model} {day}: {got:?}, not {amount} {grade}"));
        }
        let sources: Vec<&str> = card.rates().map(Rate::source).collect();
        if !sources.iter().any(|held| held.contains(source)) {
            wrong.push(format!("{seller} {model} {day}: {source} is not in {sources:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
