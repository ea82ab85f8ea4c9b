//! No two prices may hold for the same thing at the same time.

use std::collections::BTreeMap;

use super::entry::{File, PriceEntry, UnitPrice};
use super::{Mistake, Place};
use crate::words::{Meter, Precision, ServiceTier};

/// What two prices must share to contradict each other.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    model: String,
    service_tier: ServiceTier,
    variant: &'a str,
    window: Option<(&'a str, bool)>,
    threshold: u64,
    meter: Meter,
    currency: &'a str,
}

/// One price: where it stands and when it holds.
#[derive(Clone, Copy)]
struct Spot<'a> {
    file: usize,
    model: &'a str,
    price: &'a UnitPrice,
    from: i64,
    until: i64,
}

/// Every price that overlaps with an earlier one, as index of its file and mistake.
///
/// All files speak of the same provider.
pub(crate) fn overlaps(files: &[&File]) -> Vec<(usize, Mistake)> {
    let mut spots: BTreeMap<Key<'_>, Vec<Spot<'_>>> = BTreeMap::new();
    for (file, entry) in
        files.iter().enumerate().flat_map(|(at, file)| file.prices.iter().map(move |e| (at, e)))
    {
        let (from, until) = period(entry);
        for (model, price) in
            entry.models.iter().flat_map(|model| entry.prices.iter().map(move |p| (model, p)))
        {
            let spot = Spot { file, model, price, from, until };
            spots.entry(key(entry, model, price.meter)).or_default().push(spot);
        }
    }
    let mut mistakes = Vec::new();
    for mut group in spots.into_values() {
        group.sort_by_key(|spot| (spot.from, spot.until, spot.file, spot.price.place));
        let mut longest: Option<Spot<'_>> = None;
        for spot in group {
            if let Some(earlier) = longest.filter(|earlier| spot.from < earlier.until) {
                mistakes.push(overlap(earlier, spot));
            }
            if longest.is_none_or(|longest| spot.until > longest.until) {
                longest = Some(spot);
            }
        }
    }
    mistakes
}

fn key<'a>(entry: &'a PriceEntry, model: &str, meter: Meter) -> Key<'a> {
    Key {
        model: model.to_lowercase(),
        service_tier: entry.service_tier,
        variant: &entry.variant,
        window: entry.window.as_ref().map(|window| (window.name.as_str(), window.outside)),
        threshold: entry.above.map_or(0, |above| above.tokens),
        meter,
        currency: &entry.currency,
    }
}

/// A period as seconds; an unknown start reaches back without end.
fn period(entry: &PriceEntry) -> (i64, i64) {
    let from = match entry.from.precision {
        Precision::Unknown => i64::MIN,
        _ => entry.from.seconds,
    };
    let until = match entry.until.precision {
        Precision::Open => i64::MAX,
        _ => entry.until.seconds,
    };
    (from, until)
}

/// The mistake, at the later of two prices in reading order.
fn overlap(a: Spot<'_>, b: Spot<'_>) -> (usize, Mistake) {
    let place = |spot: &Spot<'_>| (spot.file, spot.price.place);
    let (first, second) = if place(&a) <= place(&b) { (a, b) } else { (b, a) };
    let Place { line, column } = second.price.place;
    let other = first.price.place.line;
    let elsewhere = if first.file == second.file { "" } else { " of an earlier file" };
    let message = format!(
        "`{}` of `{}` overlaps with the price at line {other}{elsewhere}",
        second.price.meter, second.model
    );
    let hint = "end the earlier one with `until`, or tell them apart by a condition".to_owned();
    (second.file, Mistake { line, column, message, hint })
}
