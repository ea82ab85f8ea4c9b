//! What is tried on a gap: every condition that could change the price of this usage.

use std::collections::BTreeSet;

use super::change::{Change, Part, Variation};
use super::intake::Atom;
use super::line_item::Class;
use super::reprice::Pricer;
use crate::price::{Precision, ServiceTier};
use crate::time::DAY_SECONDS;
use crate::usage::Meter;

/// Most periods, sellers and variants of a model that are tried.
const MOST: usize = 12;

/// Every single change that could have an effect, the simplest first.
pub(super) fn variations(
    atoms: &[(&Atom, &str)],
    classes: &BTreeSet<Class>,
    pricer: &Pricer<'_, '_>,
) -> Vec<Variation> {
    let models: BTreeSet<&str> = atoms.iter().map(|(_, model)| *model).collect();
    let mut scopes: Vec<Option<&str>> = vec![None];
    if models.len() > 1 {
        scopes.extend(models.iter().copied().map(Some));
    }
    let mut found = Vec::new();
    for scope in scopes {
        let within: Vec<&Atom> = atoms
            .iter()
            .filter(|(_, model)| scope.is_none_or(|scope| scope == *model))
            .map(|(atom, _)| *atom)
            .collect();
        let mut changes = Vec::new();
        conditions(&within, &mut changes);
        listed_prices(&within, pricer, &mut changes);
        let only = scope.map(str::to_owned);
        found.extend(changes.into_iter().map(|change| Variation { change, only: only.clone() }));
    }
    parts(&models, classes, &mut found);
    let mut seen = BTreeSet::new();
    found.retain(|variation| seen.insert(variation.clone()));
    // The simplest kind of explanation first; within a kind, the one for all models.
    found.sort_by_key(|variation| (variation.cause(), variation.only.is_some()));
    found
}

/// Service tiers, caches, price tiers, reasoning.
fn conditions(atoms: &[&Atom], changes: &mut Vec<Change>) {
    let counts = |meters: &[Meter]| {
        atoms.iter().any(|atom| meters.iter().any(|&meter| atom.counts[meter] > 0))
    };
    changes.extend(ServiceTier::ALL.iter().copied().map(Change::ServiceTier));
    if counts(&[Meter::CacheRead, Meter::CacheReadAudio, Meter::CacheReadImage]) {
        changes.push(Change::CachedAsInput);
    }
    if counts(&[Meter::Input]) {
        changes.push(Change::InputAsCached);
    }
    if counts(&[Meter::CacheWrite, Meter::CacheWrite5m, Meter::CacheWrite1h]) {
        changes.push(Change::WrittenAsInput);
    }
    changes.push(Change::LongPrices(true));
    changes.push(Change::LongPrices(false));
    if counts(&[Meter::Reasoning]) {
        changes.push(Change::ReasoningTwice);
        changes.push(Change::ReasoningFree);
    }
}

/// Other prices that the book lists for the models: of other periods, variants and sellers.
fn listed_prices(atoms: &[&Atom], pricer: &Pricer<'_, '_>, changes: &mut Vec<Change>) {
    let book = pricer.ledger().book();
    let names: BTreeSet<(&str, &str)> =
        atoms.iter().map(|atom| (&*atom.labels[0], &*atom.labels[1])).collect();
    let at = atoms.iter().filter_map(|atom| atom.period).map(|period| period.start.0).min();
    let mut starts = BTreeSet::new();
    let mut variants = BTreeSet::new();
    let mut sellers = BTreeSet::new();
    for (provider, model) in names {
        let Some(found) = book.get(provider, model) else { continue };
        for rate in found.rates() {
            variants.insert(rate.variant().to_owned());
            let from = rate.from();
            // A day's hour is not known: by the next day the price is surely in force.
            match from.precision {
                Precision::Instant => starts.insert((from.seconds, from.seconds)),
                Precision::Day => starts.insert((from.seconds + DAY_SECONDS, from.seconds)),
                Precision::Unknown | Precision::Open => false,
            };
        }
        let others = book.sellers(model).into_iter().map(|(seller, _)| seller.to_owned());
        sellers.extend(others.filter(|seller| !seller.eq_ignore_ascii_case(provider)));
    }
    let mut starts: Vec<(i64, i64)> = starts.into_iter().collect();
    starts.sort_by_key(|(instant, _)| at.map_or(0, |at| instant.abs_diff(at)));
    let starts = starts.into_iter().take(MOST);
    changes.extend(starts.map(|(instant, from)| Change::At { instant, from }));
    if variants.len() > 1 {
        changes.extend(variants.into_iter().take(MOST).map(Change::Variant));
    }
    changes.extend(sellers.into_iter().take(MOST).map(Change::Provider));
}

/// Parts that may be missing in the bill, or be in it twice.
fn parts(models: &BTreeSet<&str>, classes: &BTreeSet<Class>, found: &mut Vec<Variation>) {
    let mut parts = Vec::new();
    for class in classes {
        parts.push(Part { model: None, class: Some(*class) });
    }
    if models.len() > 1 {
        for model in models {
            parts.push(Part { model: Some((*model).to_owned()), class: None });
            for class in classes {
                parts.push(Part { model: Some((*model).to_owned()), class: Some(*class) });
            }
        }
    }
    for part in parts {
        found.push(Variation::of_all(Change::Without(part.clone())));
        found.push(Variation::of_all(Change::Twice(part)));
    }
    let all = Part { model: None, class: None };
    found.push(Variation::of_all(Change::Twice(all)));
}
