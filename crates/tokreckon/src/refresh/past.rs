//! The past of a series: periods that a table with dates, or its old versions, tell and the book
//! lacks.

use tokreckon_data::schema::UnitPrice;
use tokreckon_data::table::Bound;
use tokreckon_data::words::{Precision, Standing};

use super::series::{Book, Fact, Key, OPEN, on_day, same};
use super::sighting::Sighting;
use super::{Change, Fate};
use crate::time::{DAY_SECONDS, day_text};

/// A price and the seconds `[start, end)` for which it is told.
struct Told<'s> {
    start: i64,
    end: i64,
    by: &'s Sighting,
    basis: String,
    standing: Standing,
}

/// Tables whose own dates can be trusted for a provider's past.
fn has_trusted_dates(provider: &str, sighting: &Sighting) -> bool {
    match sighting.table {
        "tokreckon" | "model-prices" | "llm-prices" => true,
        // It filled OpenRouter's past afterwards, against bills of those days.
        "genai-prices" => provider != "openrouter",
        _ => false,
    }
}

/// Fills the periods that a series lacks.
pub(super) fn fill(book: &mut Book, key: &Key, seen: &[Sighting], changes: &mut Vec<Change>) {
    let mut told = dated(&book.provider, seen);
    told.extend(observed(seen));
    let provider = book.provider.clone();
    for told in told {
        let facts = book.series.get(key).map_or(&[][..], Vec::as_slice);
        // A price that is told now and goes on is for the decision of the day.
        let (start, end) = (told.start, told.end);
        let mut gaps = vec![(start, end)];
        for fact in facts {
            let held = (held_from(fact), fact.end());
            gaps = gaps.into_iter().flat_map(|gap| without(gap, held)).collect();
        }
        // A condition that was given up does not come back from an old version of a table.
        let given_up = facts.iter().map(Fact::end).max().filter(|_| !key.is_plain());
        gaps.retain(|(start, end)| {
            let is_after =
                told.by.own.is_none() && given_up.is_some_and(|given_up| *start >= given_up);
            *end != i64::MAX && end - start >= DAY_SECONDS && !is_after
        });
        for gap in gaps {
            put(book, key, &told, gap);
            let amount = super::entries::amount(&told.by.price);
            let day = |seconds: i64| day_text(seconds.div_euclid(DAY_SECONDS));
            changes.push(Change {
                fate: Fate::Filled,
                provider: provider.clone(),
                model: told.by.id.clone(),
                what: key.what(),
                why: format!("{amount} {} to {} ({})", day(gap.0), day(gap.1), told.by.evidence),
            });
        }
    }
}

/// From when a price is vouched for: one of unknown start from its sighting.
fn held_from(fact: &Fact) -> i64 {
    match fact.from.precision {
        Precision::Unknown => i64::from(fact.seen) * DAY_SECONDS,
        _ => fact.from.seconds,
    }
}

/// What is left of a span without another.
fn without(gap: (i64, i64), held: (i64, i64)) -> Vec<(i64, i64)> {
    let before = (gap.0, gap.1.min(held.0));
    let after = (gap.0.max(held.1), gap.1);
    [before, after].into_iter().filter(|(start, end)| start < end).collect()
}

/// Puts a price into a gap, or lets the one behind it begin earlier when it is the same.
fn put(book: &mut Book, key: &Key, told: &Told<'_>, gap: (i64, i64)) {
    let facts = book.series.entry(key.clone()).or_default();
    let floor = |seconds: i64| Bound {
        seconds: seconds.div_euclid(DAY_SECONDS) * DAY_SECONDS,
        precision: Precision::Day,
    };
    if let Some(next) = facts.iter_mut().find(|fact| held_from(fact) == gap.1) {
        let may_be_older = next.from.precision == Precision::Unknown
            || ["first seen", "the table gives no start"].iter().any(|b| next.basis.starts_with(b));
        if may_be_older && same(&next.price, &told.by.price) {
            next.from = floor(gap.0);
            next.basis = format!("{} ({})", told.basis, told.by.evidence);
            return;
        }
        if next.from.precision == Precision::Unknown {
            next.from = floor(gap.1);
            "first seen".clone_into(&mut next.basis);
        }
    }
    let last_day = i32::try_from(gap.1.div_euclid(DAY_SECONDS) - 1).unwrap_or(told.by.day);
    facts.push(Fact {
        id: told.by.id.clone(),
        price: told.by.price,
        above: told.by.above,
        from: floor(gap.0),
        until: if gap.1 == i64::MAX { OPEN } else { floor(gap.1) },
        standing: told.standing,
        seen: told.by.day.min(last_day),
        source: told.by.own.as_ref().map_or(&told.by.evidence, |(_, source, _)| source).clone(),
        basis: told.basis.clone(),
        also_seen: String::new(),
        promised: None,
        note: String::new(),
        is_new: true,
    });
    facts.sort_by_key(Fact::start);
}

/// Periods that tables date themselves, best table first.
fn dated<'s>(provider: &str, seen: &'s [Sighting]) -> Vec<Told<'s>> {
    let mut told: Vec<Told<'s>> = Vec::new();
    for by in seen.iter().filter(|s| s.is_dated() && has_trusted_dates(provider, s)) {
        let end = match by.until.precision {
            Precision::Open => i64::MAX,
            _ => by.until.seconds,
        };
        let (standing, basis) = match &by.own {
            Some((standing, _, basis)) => (*standing, basis.clone()),
            None => (Standing::UnconfirmedHistory, "declared by the table".to_owned()),
        };
        let released = by.released.filter(|_| by.own.is_none());
        let released = released.map_or(i64::MIN, |day| on_day(day).seconds);
        let start = by.from.seconds.max(released);
        told.push(Told { start, end, by, basis, standing });
    }
    told.sort_by_key(|told| (told.by.own.is_none(), told.start));
    told
}

/// Runs of one amount in old versions of tables: from the first sighting to the next amount.
fn observed(seen: &[Sighting]) -> Vec<Told<'_>> {
    let mut past: Vec<&Sighting> = seen.iter().filter(|s| s.past).collect();
    past.sort_by_key(|s| s.day);
    let mut runs: Vec<(i32, i32, &Sighting)> = Vec::new();
    for sighting in past {
        let goes_on = |price: &UnitPrice| same(price, &sighting.price);
        match runs.last_mut() {
            Some((_, last, by)) if goes_on(&by.price) => *last = sighting.day,
            Some((_, last, _)) if *last == sighting.day => {}
            _ => runs.push((sighting.day, sighting.day, sighting)),
        }
    }
    let starts: Vec<i32> = runs.iter().map(|(first, ..)| *first).collect();
    let told = runs.into_iter().enumerate().map(|(at, (first, last, by))| {
        let end = starts.get(at + 1).copied();
        let known_next = seen.iter().any(|s| s.is_current() && same(&s.price, &by.price));
        let until_now = end.is_none() && known_next;
        let end = if until_now { by.day.max(last) + 1 } else { end.unwrap_or(last + 1) };
        let until = seen.iter().filter(|s| s.is_current()).map(|s| s.day).max();
        let end = if until_now { until.unwrap_or(end).max(end) } else { end };
        Told {
            start: on_day(first).seconds,
            end: on_day(end).seconds,
            by,
            basis: "first seen".to_owned(),
            standing: Standing::UnconfirmedHistory,
        }
    });
    told.collect()
}
