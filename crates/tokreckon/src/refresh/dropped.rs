//! What a table held and holds no more, while it goes on with the seller: said, and no end of a price.

use std::collections::{BTreeMap, BTreeSet};

use super::series::{Book, Fact, Key, same};
use super::sighting::Sighting;
use super::{Change, Fate};

/// What tables of the day lack of what the book has from them.
pub(super) struct Dropped {
    /// Table, as a source names it, and model in lower case.
    models: BTreeSet<(String, String)>,
    /// Table and series, of models that it still has.
    prices: BTreeSet<(String, Key)>,
}

/// What a table of the day holds of a seller.
#[derive(Default)]
struct Told<'s> {
    evidence: &'s str,
    keys: BTreeSet<&'s Key>,
    models: BTreeSet<&'s str>,
    /// Price lists of the clouds speak of one place each.
    variants: BTreeSet<&'s str>,
}

impl Dropped {
    pub(super) fn of(book: &Book, sightings: &BTreeMap<Key, Vec<Sighting>>) -> Self {
        let mut tables: BTreeMap<&str, Told<'_>> = BTreeMap::new();
        for (key, seen) in sightings {
            for sighting in seen.iter().filter(|sighting| sighting.is_current()) {
                let told = tables.entry(sighting.table).or_default();
                told.evidence = told.evidence.max(&sighting.evidence);
                told.keys.insert(key);
                told.models.insert(&key.model);
                told.variants.insert(&key.variant);
            }
        }
        let mut dropped = Self { models: BTreeSet::new(), prices: BTreeSet::new() };
        for (key, facts) in &book.series {
            let Some(fact) = facts.iter().rfind(|fact| fact.is_open()) else { continue };
            let had = |table: &str| names(fact).any(|name| name == table);
            for (table, told) in tables.iter().filter(|(table, _)| had(table)) {
                let covers = told.variants.contains(key.variant.as_str());
                if told.keys.contains(key) || !covers {
                    continue;
                }
                let evidence = if told.evidence.is_empty() { table } else { told.evidence };
                if told.models.contains(key.model.as_str()) {
                    dropped.prices.insert((evidence.to_owned(), key.clone()));
                } else {
                    dropped.models.insert((evidence.to_owned(), key.model.clone()));
                }
            }
        }
        dropped
    }

    /// One line for each model and for each price.
    pub(super) fn changes(&self, book: &Book) -> Vec<Change> {
        let change = |model: &str, what: String, why: String| Change {
            fate: Fate::Dropped,
            provider: book.provider.clone(),
            model: model.to_owned(),
            what,
            why,
        };
        let models = self.models.iter().map(|(table, model)| {
            let why = format!("{table} lists it no more; it stands as it was last seen");
            change(model, "every price".to_owned(), why)
        });
        let prices = self.prices.iter().map(|(table, key)| {
            let why = format!("{table} has the model without it; it stands as it was last seen");
            change(&key.model, key.what(), why)
        });
        models.chain(prices).collect()
    }

    /// The model that a table lists no more, at the price that it now gives to a new id.
    pub(super) fn former_name(&self, book: &Book, key: &Key, new: &Sighting) -> Option<&str> {
        let of_table = self.models.iter().filter(|(table, _)| *table == new.evidence);
        let mut at_price = of_table.map(|(_, model)| model.as_str()).filter(|model| {
            let former = Key { model: (*model).to_owned(), ..key.clone() };
            book.open(&former).is_some_and(|fact| same(&fact.price, &new.price))
        });
        at_price.next()
    }
}

/// The words of a source that may name a table.
fn names(fact: &Fact) -> impl Iterator<Item = &str> {
    let is_between = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '.');
    fact.source.split(is_between)
}
