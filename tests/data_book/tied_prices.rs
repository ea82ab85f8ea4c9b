//! Prices of ids that the book ties to one model, beside each other: at one seller they are the same, and
//! what a seller asks otherwise than the maker has a reason. A tie to another model shows here first.
//!
//! `tied_prices.md` lists every price above two and a half times the maker's, or below two fifths of it;
//! `BLESS=1 cargo test -p tokreckon-data --test data_book tied` writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use tokreckon_data::BUILTIN;
use tokreckon_data::table::{Model, Price, Tables};
use tokreckon_data::words::{Meter, Precision, ServiceTier, Standing, State};

use crate::amount;

const PAGE: &str = include_str!("tied_prices.md");

/// Ids of one model at one seller that cost different amounts, reviewed one by one.
const DIFFERENT: [(&str, &str, &str); 1] = [(
    "azure-openai",
    "gpt-3-5-turbo-instruct",
    "one table raised Azure's spelling of the id alone, in 2026",
)];

/// Makers, who sell their own models.
const MAKERS: [&str; 11] = [
    "alibaba",
    "anthropic",
    "cohere",
    "deepseek",
    "google",
    "minimax",
    "mistral",
    "moonshot",
    "openai",
    "xai",
    "zai",
];

/// Sellers of other makers' models at prices of their own.
const RESELLERS: [&str; 5] = ["aimlapi", "belugapi", "cometapi", "openrouter", "replicate"];

type Tied = BTreeMap<&'static str, Vec<(&'static str, &'static Model)>>;

/// Models by the name that they have at every seller, with their sellers.
fn tied() -> Tied {
    let mut tied = Tied::new();
    for provider in BUILTIN.providers.iter() {
        for model in Tables::rows(&BUILTIN.models, provider.models) {
            let name = BUILTIN.str(model.same_as);
            if !name.is_empty() {
                tied.entry(name).or_default().push((BUILTIN.str(provider.id), model));
            }
        }
    }
    tied
}

pub(crate) fn prices(model: &Model) -> &'static [Price] {
    Tables::rows(&BUILTIN.prices, model.prices)
}

fn is_open(price: &Price) -> bool {
    price.until.precision == Precision::Open && price.state == State::Priced
}

fn place(price: &Price) -> (Meter, ServiceTier, u64, u16, bool, &'static str) {
    let (window, variant) = ((price.window, price.outside_window), BUILTIN.str(price.variant));
    (price.meter, price.service_tier, price.threshold, window.0, window.1, variant)
}

#[test]
fn ids_of_one_model_cost_the_same_at_one_seller() {
    let mut different: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (name, models) in tied() {
        for (at, (seller, one)) in models.iter().enumerate() {
            for (_, other) in models[at + 1..].iter().filter(|(other, _)| other == seller) {
                let differ = prices(one).iter().filter(|price| is_open(price)).any(|price| {
                    let same = |it: &&Price| is_open(it) && place(it) == place(price);
                    let mut others = prices(other).iter().filter(same);
                    others.any(|it| amount(it) != amount(price) && !is_contested(it, price))
                });
                if differ {
                    different.insert((*seller, name));
                }
            }
        }
    }
    let reviewed = DIFFERENT.iter().map(|(seller, name, _)| (*seller, *name)).collect();
    assert_eq!(
        different, reviewed,
        "a tie of two models, or a price of one id that is out of date"
    );
}

/// True where the book says itself that tables differ on one of two prices, or that a rule made it.
fn is_contested(one: &Price, other: &Price) -> bool {
    let contested = |price: &Price| matches!(price.standing, Standing::Disputed | Standing::ByRule);
    contested(one) || contested(other)
}

/// The plain price that is open.
pub(crate) fn plain(model: &Model, meter: Meter) -> Option<&'static Price> {
    let is_plain = |price: &&Price| {
        is_open(price) && place(price) == (meter, ServiceTier::Standard, 0, 0, false, "")
    };
    prices(model).iter().find(is_plain)
}

fn has_open_weights(model: &Model) -> bool {
    let facts = (model.facts as usize).checked_sub(1).and_then(|at| BUILTIN.facts.get(at));
    facts.is_some_and(|facts| facts.open_weights == Some(true))
}

/// True for a price of more than two and a half times another, or of less than two fifths of it.
fn is_far(one: &Price, other: &Price) -> bool {
    let scale = u32::from(one.scale.max(other.scale));
    let at_one_scale =
        |price: &Price| i128::from(price.mantissa) * 10_i128.pow(scale - u32::from(price.scale));
    let (one, other) = (at_one_scale(one), at_one_scale(other));
    2 * one > 5 * other || 2 * other > 5 * one
}

/// Why a seller asks a price so far from the maker's.
fn reason(
    models: &[(&str, &Model)],
    seller: &str,
    price: &Price,
    own: &Price,
) -> Option<&'static str> {
    let of_maker = models.iter().filter(|(maker, _)| MAKERS.contains(maker));
    let was_the_makers = of_maker.flat_map(|(_, model)| prices(model)).any(|other| {
        other.meter == price.meter && other.state == State::Priced && amount(other) == amount(price)
    });
    if BUILTIN.str(own.note).contains("redirected") {
        Some("the maker leads the name to another model since; others still run the old one")
    } else if was_the_makers {
        Some("the maker's own price of another time or place")
    } else if models.iter().any(|(_, model)| has_open_weights(model)) {
        Some("open weights: every host sets its own price")
    } else if RESELLERS.contains(&seller) {
        Some("a reseller with prices of its own")
    } else if matches!(price.standing, Standing::Disputed | Standing::SingleSource)
        || matches!(own.standing, Standing::Disputed | Standing::SingleSource)
    {
        Some("one table alone, or tables that differ, as the standing says")
    } else {
        None
    }
}

#[test]
fn prices_far_from_the_makers_have_a_reason() {
    let mut rows: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let (mut compared, mut unexplained) = (0, Vec::new());
    for (name, models) in tied() {
        for meter in [Meter::Input, Meter::Output] {
            let maker = models.iter().find(|(seller, _)| MAKERS.contains(seller));
            let Some(own) = maker.and_then(|(_, model)| plain(model, meter)) else { continue };
            for (seller, model) in &models {
                let Some(price) = plain(model, meter) else { continue };
                if price.currency != own.currency {
                    continue;
                }
                compared += 1;
                if !is_far(price, own) {
                    continue;
                }
                let row = format!(
                    "| {name} | {meter} | {} | {seller} | {} |",
                    amount(own),
                    amount(price)
                );
                match reason(&models, seller, price, own) {
                    Some(reason) => drop(rows.entry(reason).or_default().insert(row)),
                    None => unexplained.push(row),
                }
            }
        }
    }
    assert!(compared > 2_000, "{compared}");
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
    let far: usize = rows.values().map(BTreeSet::len).sum();
    let mut page = format!(
        "# Prices of one model that are far from its maker's\n\nOpen plain prices of ids that the book \
         ties to one model, per 1M tokens: {compared} compared, {far} above two and a half times the \
         maker's or below two fifths. `tests/data_book/tied_prices.rs` holds this page; `BLESS=1` \
         writes it.\n"
    );
    for (reason, rows) in rows {
        let _ = write!(page, "\n## {reason} ({})\n\n", rows.len());
        page.push_str("| model | meter | maker | seller | theirs |\n|---|---|---|---|---|\n");
        for row in rows {
            let _ = writeln!(page, "{row}");
        }
    }
    if std::env::var_os("BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data_book/tied_prices.md");
        std::fs::write(path, page).expect("the page is written");
    } else {
        assert!(page == PAGE, "the page is out of date: BLESS=1 writes it");
    }
}
