//! From series back to the entries of a price file, in the order and the form of the files.

use std::collections::BTreeMap;

use tokreckon_data::schema::{Place, PriceEntry, UnitPrice};
use tokreckon_data::words::Precision;

use super::series::{Book, Fact, Key};
use crate::import::entry_text;

pub(super) use crate::import::amount_text as amount;

/// A file's text with other entries: what stands above its first price stays.
pub(super) fn with_entries(text: &str, entries: &[PriceEntry]) -> String {
    let head = text.find("\n[[price]]").map_or(text, |at| text.get(..at).unwrap_or(text));
    let mut out = head.trim_end().to_owned();
    out.push('\n');
    for entry in entries {
        entry_text(&mut out, entry);
    }
    out
}

/// Every entry of the book, sorted as the schema wants it.
pub(super) fn of(book: &Book) -> Vec<PriceEntry> {
    // Meters of one model with the same period, conditions and evidence are one entry …
    let mut by_model: BTreeMap<(String, String), PriceEntry> = BTreeMap::new();
    for (key, facts) in &book.series {
        for fact in facts {
            let entry = entry(key, fact);
            let shared = (key.model.clone(), shared(&entry));
            by_model.entry(shared).or_insert(entry).prices.push(fact.price);
        }
    }
    // … and models with the same prices in all of that, too.
    let mut all: BTreeMap<(String, String), PriceEntry> = BTreeMap::new();
    for ((_, shared), mut entry) in by_model {
        entry.prices.sort_by_key(|price| price.meter);
        let prices: Vec<String> = entry.prices.iter().map(said).collect();
        match all.get_mut(&(shared.clone(), prices.join(", "))) {
            Some(one) => one.models.append(&mut entry.models),
            None => {
                all.insert((shared, prices.join(", ")), entry);
            }
        }
    }
    let mut entries: Vec<PriceEntry> = all.into_values().collect();
    for entry in &mut entries {
        entry.models.sort_by_key(|model| model.to_lowercase());
        entry.models.dedup();
    }
    entries.sort_by_key(order);
    entries
}

fn said(price: &UnitPrice) -> String {
    format!("{} {}", price.meter, amount(price))
}

/// What the schema sorts entries by, and their end and text where that is the same.
fn order(entry: &PriceEntry) -> impl Ord + use<> {
    let window = entry.window.as_ref().map(|window| (!window.outside, window.name.clone()));
    let from = (entry.from.precision != Precision::Unknown).then_some(entry.from.seconds);
    let models: Vec<String> = entry.models.iter().map(|model| model.to_lowercase()).collect();
    (
        models.first().cloned(),
        entry.service_tier,
        entry.variant.clone(),
        window,
        entry.above.map(|above| above.tokens),
        from,
        entry.prices.first().map(|price| price.meter),
        (models, shared(entry)),
    )
}

/// Everything of an entry but its models and prices.
fn shared(entry: &PriceEntry) -> String {
    let bare = PriceEntry {
        models: Vec::new(),
        prices: Vec::new(),
        place: Place::default(),
        ..entry.clone()
    };
    format!("{bare:?}")
}

fn entry(key: &Key, fact: &Fact) -> PriceEntry {
    PriceEntry {
        place: Place::default(),
        models: vec![fact.id.clone()],
        service_tier: key.service_tier,
        variant: key.variant.clone(),
        window: key.window.clone(),
        above: fact.above,
        currency: key.currency.clone(),
        from: fact.from,
        until: fact.until,
        prices: Vec::new(),
        standing: fact.standing,
        seen_day: Some(fact.seen),
        source: fact.source.clone(),
        basis: fact.basis.clone(),
        also_seen: fact.also_seen.clone(),
        promised_through_day: fact.promised,
        note: fact.note.clone(),
    }
}
