//! Ids without a price of cached input, where another id of the same model has one at the same seller and
//! both cost the same otherwise. A table that forgot an id is filled; what stays has a reason.
//!
//! `cache_prices.md` lists them; `BLESS=1 cargo test -p tokreckon-data --test data_book cache` writes it.

use std::collections::BTreeMap;
use std::fmt::Write;

use tokreckon_data::BUILTIN;
use tokreckon_data::table::{Model, Price, Tables};
use tokreckon_data::words::{Meter, Precision};

use crate::amount;
use crate::tied_prices::{plain, prices};

const PAGE: &str = include_str!("cache_prices.md");

/// Why the ids of a seller stay without one: until somebody sources it, cached input lies between nothing and
/// the price of input.
const REASONS: [(&str, &str); 5] = [
    ("alibaba", "its page on the context cache (2026-01-29) excepts snapshots and `-latest` ids"),
    ("google-vertex", "previews that are gone, for which no table listed one"),
    ("google", "previews that are gone, for which no table listed one"),
    ("mistral", "no table lists one for this id"),
    ("openrouter", "tables differ on its other prices, or list none for this release"),
];

/// A model's name without the maker before it, the day or the release behind it, and `latest`.
fn bare(id: &str) -> String {
    let name = id.rsplit('/').next().unwrap_or(id).replace('.', "-");
    let (name, way) = name.split_once(':').map_or((&*name, ""), |(name, way)| (name, way));
    let mut words: Vec<&str> = name.split('-').collect();
    let is_day = |word: &str| {
        let is_long = [2, 4, 8].contains(&word.len());
        is_long && word.bytes().all(|byte| byte.is_ascii_digit())
    };
    while words.len() > 1 && words.last().is_some_and(|word| *word == "latest" || is_day(word)) {
        words.pop();
    }
    format!("{}:{way}", words.join("-"))
}

/// By seller, ids without a price of cached input, with one that has it.
fn gaps() -> BTreeMap<&'static str, Vec<(&'static str, &'static str)>> {
    let mut gaps: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for provider in BUILTIN.providers.iter() {
        let mut models: BTreeMap<String, Vec<&Model>> = BTreeMap::new();
        for model in Tables::rows(&BUILTIN.models, provider.models) {
            models.entry(bare(BUILTIN.str(model.key))).or_default().push(model);
        }
        let costs = |model: &Model| {
            let cost = |meter| plain(model, meter).map(amount);
            Some((cost(Meter::Input)?, cost(Meter::Output)?))
        };
        for of_one in models.values() {
            for model in of_one {
                let is_open = |price: &Price| {
                    price.meter == Meter::CacheRead && price.until.precision == Precision::Open
                };
                let own = costs(model);
                if own.is_none() || prices(model).iter().any(is_open) {
                    continue;
                }
                let twin = of_one
                    .iter()
                    .find(|other| plain(other, Meter::CacheRead).is_some() && costs(other) == own);
                if let Some(twin) = twin {
                    let of_seller = gaps.entry(BUILTIN.str(provider.id)).or_default();
                    of_seller.push((BUILTIN.str(model.key), BUILTIN.str(twin.key)));
                }
            }
        }
    }
    gaps
}

#[test]
fn cached_input_has_a_price_at_every_id_of_a_model_or_a_reason() {
    let gaps = gaps();
    let count: usize = gaps.values().map(Vec::len).sum();
    let mut page = format!(
        "# Ids without a price of cached input\n\n{count} ids of which another one of the same model, at the same seller and price, has a price of cached input. What of them is cached is answered between nothing and the price of input. `tests/data_book/cache_prices.rs` holds this page; `BLESS=1` writes it.\n"
    );
    for (seller, ids) in gaps {
        let reason = REASONS.iter().find(|(of, _)| *of == seller);
        let (_, reason) =
            reason.unwrap_or_else(|| panic!("{seller} lacks {ids:?}: fill them, or say why not"));
        let _ = write!(
            page,
            "\n## {seller}: {reason} ({})\n\n| id | has one |\n|---|---|\n",
            ids.len()
        );
        for (id, twin) in ids {
            let _ = writeln!(page, "| `{id}` | `{twin}` |");
        }
    }
    if std::env::var_os("BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data_book/cache_prices.md");
        std::fs::write(path, &page).expect("the page can be written");
        return;
    }
    assert_eq!(page, PAGE, "the page is out of date (BLESS=1 writes it)");
}
