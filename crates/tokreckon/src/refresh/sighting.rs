//! What tables say of the providers of a book, by series.

use std::collections::{BTreeMap, BTreeSet};

use tokreckon_data::schema::{Above, PriceEntry, UnitPrice};
use tokreckon_data::table::Bound;
use tokreckon_data::words::{Meter, Precision, ServiceTier, Standing, State};

use super::series::{Book, Key};
use super::{Change, Fate, Table};
use crate::book::PriceBook;
use crate::import::Source;
use crate::price::Match;

/// One price of one table.
#[derive(Clone, Debug)]
pub(super) struct Sighting {
    pub(super) table: &'static str,
    pub(super) evidence: String,
    pub(super) day: i32,
    pub(super) past: bool,
    /// Release day of the model, where a table gives it.
    pub(super) released: Option<i32>,
    pub(super) id: String,
    pub(super) price: UnitPrice,
    pub(super) above: Option<Above>,
    pub(super) from: Bound,
    pub(super) until: Bound,
    /// How well our own form supports it; `None` for tables of others.
    pub(super) own: Option<(Standing, String, String)>,
}

impl Sighting {
    /// True when the table holds it on the day it was seen.
    pub(super) fn is_current(&self) -> bool {
        !self.past && self.own.is_none() && self.until.precision == Precision::Open
    }

    /// True when the table itself says when it began.
    pub(super) fn is_dated(&self) -> bool {
        matches!(self.from.precision, Precision::Day | Precision::Instant)
    }
}

/// Tables in the order in which the first with thresholds decides on them.
fn rank(table: &str) -> usize {
    let order = ["tokreckon", "litellm", "model-prices", "models.dev", "genai-prices"];
    order.iter().position(|name| *name == table).unwrap_or(order.len())
}

/// The sightings of each series of a provider, newest and best table first, in a fixed order.
pub(super) fn by_key(
    book: &Book,
    provider: &str,
    tables: &[Table],
) -> BTreeMap<Key, Vec<Sighting>> {
    let builtin = PriceBook::builtin();
    let mut released: BTreeMap<&str, i32> = BTreeMap::new();
    for ((of, model), said) in tables.iter().flat_map(|table| &table.facts) {
        if let (true, Some(day)) = (of == provider, said.released) {
            let first = released.entry(model).or_insert(day);
            *first = (*first).min(day);
        }
    }
    let with_hours: BTreeSet<(String, Meter)> = book
        .series
        .keys()
        .filter(|key| key.window.is_some())
        .map(|key| (key.model.clone(), key.meter))
        .collect();
    let mut all: BTreeMap<Key, Vec<Sighting>> = BTreeMap::new();
    for table in tables {
        for file in table.files.iter().filter(|file| file.provider == provider) {
            // Hours of the day are written by hand: a table's windows are not those of the file.
            for entry in file.prices.iter().filter(|entry| entry.window.is_none()) {
                for id in &entry.models {
                    if builtin.does_not_sell(provider, id) {
                        continue;
                    }
                    let Some(id) = id_of_book(&builtin, book, provider, id) else { continue };
                    let first = released.get(id.to_lowercase().as_str()).copied();
                    for price in entry.prices.iter().filter(|price| is_told(price)) {
                        let key = Key::of(entry, &id, price.meter);
                        if with_hours.contains(&(key.model.clone(), key.meter)) {
                            continue;
                        }
                        let price = by_the_thousand(*price);
                        let seen = sighting(table, entry, &id, price, first);
                        all.entry(key).or_default().push(seen);
                    }
                }
            }
        }
    }
    keep_one_scale(book, &mut all);
    for seen in all.values_mut() {
        seen.sort_by(|a, b| {
            let order = |s: &Sighting| (-s.day, rank(s.table), s.evidence.clone(), s.id.clone());
            order(a).cmp(&order(b))
        });
    }
    all
}

/// What tables list under a provider who does not sell it, each id once.
pub(super) fn not_sold(provider: &str, tables: &[Table]) -> BTreeSet<Change> {
    let builtin = PriceBook::builtin();
    let mut changes = BTreeSet::new();
    for table in tables {
        let files = table.files.iter().filter(|file| file.provider == provider);
        for id in files.flat_map(|file| &file.prices).flat_map(|entry| &entry.models) {
            if builtin.does_not_sell(provider, id) {
                changes.insert(Change {
                    fate: Fate::NotSold,
                    provider: provider.to_owned(),
                    model: id.clone(),
                    what: "every price".to_owned(),
                    why: format!("{} lists it, {provider} does not sell it", table.evidence),
                });
            }
        }
    }
    changes
}

/// Amounts, and what costs nothing; not what a table only leaves out.
fn is_told(price: &UnitPrice) -> bool {
    // Reasoning is output: the table of models.dev gives its price once more.
    price.meter != Meter::Reasoning
        && (matches!(price.state, State::Priced | State::Free)
            || price.state == State::NotOffered && price.meter == Meter::Output)
}

/// Searches and look-ups are priced by the thousand, as providers do.
fn by_the_thousand(price: UnitPrice) -> UnitPrice {
    let is_search = matches!(price.meter, Meter::WebSearches | Meter::MapsGroundings);
    match price.mantissa.checked_mul(1_000) {
        Some(mut mantissa) if is_search && price.per == 1 && price.state == State::Priced => {
            let mut scale = price.scale;
            while scale > 0 && mantissa % 10 == 0 {
                (mantissa, scale) = (mantissa / 10, scale - 1);
            }
            UnitPrice { mantissa, scale, per: 1_000, ..price }
        }
        _ => price,
    }
}

fn sighting(
    table: &Table,
    entry: &PriceEntry,
    id: &str,
    price: UnitPrice,
    released: Option<i32>,
) -> Sighting {
    let own = table.source.is_none();
    Sighting {
        table: table.source.map_or("tokreckon", Source::name),
        evidence: table.evidence.clone(),
        day: table.day,
        past: table.past,
        released,
        id: id.to_owned(),
        price,
        above: entry.above,
        from: entry.from,
        until: entry.until,
        own: own.then(|| (entry.standing, entry.source.clone(), entry.basis.clone())),
    }
}

/// The id under which the book prices what a table lists: itself, or what a rule makes of it. None
/// for an alias, which has no prices of its own, and for what costs nothing by rule.
fn id_of_book(
    builtin: &PriceBook<'static>,
    book: &Book,
    provider: &str,
    id: &str,
) -> Option<String> {
    let listed = Key {
        model: id.to_lowercase(),
        service_tier: ServiceTier::Standard,
        variant: String::new(),
        window: None,
        threshold: 0,
        currency: String::new(),
        meter: Meter::Input,
    };
    if book.has_model(&listed) {
        return Some(id.to_owned());
    }
    match builtin.get(provider, id).map(|found| (found.model, found.variant, found.matched)) {
        Some((_, _, Match::Alias(_))) => None,
        Some((model, "", Match::Rule { .. })) if model.contains(':') && !id.contains(model) => None,
        Some((model, "", Match::Rule { .. })) => Some(model.to_owned()),
        _ => Some(id.to_owned()),
    }
}

/// Drops price tiers of tables whose thresholds are not those of the book, or of the first table
/// that has any: two scales on one card would be two answers.
fn keep_one_scale(book: &Book, all: &mut BTreeMap<Key, Vec<Sighting>>) {
    type Card = (String, ServiceTier, String);
    let card = |key: &Key| -> Card { (key.model.clone(), key.service_tier, key.variant.clone()) };
    let mut scales: BTreeMap<Card, BTreeSet<u64>> = BTreeMap::new();
    for (key, _) in book.series.iter().filter(|(key, _)| key.threshold > 0) {
        scales.entry(card(key)).or_default().insert(key.threshold);
    }
    let mut first: BTreeMap<Card, (usize, BTreeSet<u64>)> = BTreeMap::new();
    for (key, seen) in all.iter().filter(|(key, _)| key.threshold > 0) {
        for sighting in seen {
            let rank = rank(sighting.table);
            let best = first.entry(card(key)).or_insert_with(|| (rank, BTreeSet::new()));
            if rank < best.0 {
                *best = (rank, BTreeSet::new());
            }
            if rank == best.0 {
                best.1.insert(key.threshold);
            }
        }
    }
    for (card, (_, thresholds)) in first {
        scales.entry(card).or_insert(thresholds);
    }
    all.retain(|key, _| {
        key.threshold == 0
            || scales.get(&card(key)).is_some_and(|scale| scale.contains(&key.threshold))
    });
}
