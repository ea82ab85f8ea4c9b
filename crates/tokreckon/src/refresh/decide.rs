//! What stands now: one series, its open price, and what the tables of the day hold.

use std::collections::BTreeMap;

use tokreckon_data::schema::UnitPrice;
use tokreckon_data::words::{Meter, ServiceTier, Standing};

use super::dropped::Dropped;
use super::guard::suspicious;
use super::series::{Book, Fact, Key, OPEN, on_day, same};
use super::sighting::Sighting;
use super::{Change, Fate};
use crate::time::{DAY_SECONDS, day_text};

/// Days after its base within which a condition must have been seen to go on with it.
const GIVEN_UP_DAYS: i32 = 60;

/// Days after the release within which a first sighting is taken for the price of the release.
const RELEASE_DAYS: i32 = 60;

/// One amount and the tables that hold it, newest first.
struct Group<'s> {
    price: UnitPrice,
    seen: Vec<&'s Sighting>,
}

impl Group<'_> {
    fn newest(&self) -> i32 {
        self.seen.iter().map(|s| s.day).max().unwrap_or(0)
    }

    fn first_day(&self) -> i32 {
        self.seen.iter().map(|s| s.day).min().unwrap_or(0)
    }

    fn evidence(&self) -> String {
        let names: Vec<&str> = self.seen.iter().map(|s| s.evidence.as_str()).collect();
        names.join("; ")
    }

    /// As `also-seen` has it, where `; ` stands between amounts.
    fn noted(&self) -> String {
        let who = self.evidence().replace("; ", ", ");
        format!("{} ({who})", super::entries::amount(&self.price))
    }
}

/// The amounts that tables hold now, the one of most tables first, then the newest.
fn groups<'s>(seen: &[&'s Sighting]) -> Vec<Group<'s>> {
    let mut groups: Vec<Group<'s>> = Vec::new();
    let mut heard: Vec<&str> = Vec::new();
    for sighting in seen {
        if heard.contains(&sighting.table) {
            continue;
        }
        heard.push(sighting.table);
        match groups.iter_mut().find(|group| same(&group.price, &sighting.price)) {
            Some(group) => group.seen.push(sighting),
            None => groups.push(Group { price: sighting.price, seen: vec![sighting] }),
        }
    }
    groups.sort_by_key(|group| (std::cmp::Reverse(group.seen.len()), -group.newest()));
    groups
}

/// Decides on one series, with what the tables say of everything else.
pub(super) fn decide(
    book: &mut Book,
    key: &Key,
    seen: &[&Sighting],
    (all, dropped): (&BTreeMap<Key, Vec<Sighting>>, &Dropped),
    changes: &mut Vec<Change>,
) {
    let groups = groups(seen);
    let Some((best, first)) = groups.first().and_then(|best| Some((best, *best.seen.first()?)))
    else {
        return;
    };
    let mut say = |fate: Fate, why: String| {
        let id = best.seen.first().map_or("", |s| s.id.as_str());
        let (provider, model, what) = (book.provider.clone(), id.to_owned(), key.what());
        changes.push(Change { fate, provider, model, what, why });
    };
    // The other prices of the same card in the same table.
    let beside = |meter: Meter| {
        let seen = all.get(&Key { meter, ..key.clone() })?.iter();
        let same = |other: &&Sighting| other.is_current() && other.evidence == first.evidence;
        seen.clone().find(same).map(|other| other.price)
    };
    let slip = match best.seen.len() {
        1 => suspicious(book, key, &best.price, beside),
        _ => None,
    };
    let Some(open) = book.open(key).cloned() else {
        let was_given_up = book.series.get(key).is_some_and(|facts| !facts.is_empty());
        if was_given_up && !key.is_plain() {
            return;
        }
        if let Some(slip) = slip {
            return say(Fate::Guarded, format!("{}: {slip}", best.noted()));
        }
        let former = dropped.former_name(book, key, first).filter(|_| best.seen.len() == 1);
        if let Some(former) = former.filter(|_| !book.has_model(key)) {
            let table = first.table;
            let why =
                format!("{}: the price of `{former}`, which {table} lists no more", best.noted());
            return say(Fate::Guarded, why);
        }
        say(Fate::Added, best.noted());
        let fact = appended(book, key, &groups, None);
        book.series.entry(key.clone()).or_default().push(fact);
        return;
    };
    // A price that was announced for a later day is not what tables hold before that day.
    let held = book.before_announced(key, best.newest());
    if held.is_some_and(|held| same(&held.price, &best.price)) {
        return;
    }
    let agreeing = groups.iter().find(|group| same(&group.price, &open.price));
    let votes = agreeing.map_or(0, |group| group.seen.len());
    if votes >= best.seen.len() {
        return confirm(book, key, &groups, agreeing, changes);
    }
    // Bills and announced redirects are nearer to the truth than tables, which keep old figures.
    let is_billed = open.source.contains("recorded response")
        || open.source.contains("bill")
        || open.note.contains("redirected");
    let is_curated = open.standing == Standing::Curated;
    let enough = best.seen.len() >= 2 || groups.len() == 1 || votes == 0 && !is_curated;
    let is_newer =
        best.newest() > open.seen && open.start() < i64::from(best.newest()) * DAY_SECONDS;
    // What one table has held beside the open price before is no change of it.
    let is_old_rival = best.seen.len() < 2 && noted_day(&open, &best.price).is_some();
    let too_few = best.seen.len() < 2 && is_curated || !enough;
    if is_billed || is_old_rival || too_few || !is_newer {
        say(Fate::Disputed, format!("{} stands; {}", open.amount(), best.noted()));
        note(book, key, &groups);
        // Two tables that agree against one that was seen later: either may be right.
        let is_outvoted = best.seen.len() >= 2 && open.standing == Standing::SingleSource;
        if let Some(fact) = book.open_mut(key).filter(|_| is_outvoted && !is_billed) {
            fact.standing = Standing::Disputed;
        }
        return;
    }
    if let Some(slip) = slip {
        say(Fate::Guarded, format!("{} stands; {}: {slip}", open.amount(), best.noted()));
        return;
    }
    say(Fate::Changed, format!("{} to {}", open.amount(), best.noted()));
    let fact = appended(book, key, &groups, Some(&open));
    if let Some(facts) = book.series.get_mut(key) {
        if let Some(old) = facts.iter_mut().rfind(|fact| fact.is_open()) {
            old.until = fact.from;
        }
        facts.push(fact);
    }
}

/// The open price is held by as many tables as any other: its sighting moves.
fn confirm(
    book: &mut Book,
    key: &Key,
    groups: &[Group<'_>],
    agreeing: Option<&Group<'_>>,
    changes: &mut Vec<Change>,
) {
    let (Some(agreeing), provider) = (agreeing, book.provider.clone()) else { return };
    let disputed = groups
        .iter()
        .any(|group| !std::ptr::eq(group, agreeing) && group.seen.len() == agreeing.seen.len());
    let Some(fact) = book.open_mut(key) else { return };
    fact.seen = fact.seen.max(agreeing.newest());
    let is_held_twice =
        agreeing.seen.len() >= 2 || agreeing.seen.iter().any(|s| !fact.source.contains(s.table));
    match fact.standing {
        Standing::SingleSource | Standing::Disputed if is_held_twice && !disputed => {
            fact.standing = Standing::Agreed;
        }
        Standing::SingleSource | Standing::Agreed if disputed => {
            fact.standing = Standing::Disputed;
            let others = groups.iter().filter(|group| !same(&group.price, &fact.price));
            let others: Vec<String> = others.map(Group::noted).collect();
            changes.push(Change {
                fate: Fate::Disputed,
                provider,
                model: fact.id.clone(),
                what: key.what(),
                why: format!("{} stands; {}", fact.amount(), others.join("; ")),
            });
        }
        _ => {}
    }
    note(book, key, groups);
}

/// Notes the amounts of other tables beside the open price, each once.
fn note(book: &mut Book, key: &Key, groups: &[Group<'_>]) {
    let Some(fact) = book.open_mut(key) else { return };
    for group in groups.iter().filter(|group| !same(&group.price, &fact.price)) {
        let amount = super::entries::amount(&group.price);
        let is_noted = fact.also_seen.split("; ").any(|said| is_said(said, &amount));
        if !is_noted {
            let between = if fact.also_seen.is_empty() { "" } else { "; " };
            fact.also_seen = format!("{}{between}{}", fact.also_seen, group.noted());
        }
    }
}

/// The price that the first group tells, as it follows what was there.
fn appended(book: &Book, key: &Key, groups: &[Group<'_>], open: Option<&Fact>) -> Fact {
    let (best, others) = groups.split_first().expect("a caller has a group");
    let first = best.seen.first().expect("a group has a sighting");
    let after = book.series.get(key).into_iter().flatten().map(|fact| match open {
        Some(open) if fact == open => open.start().saturating_add(DAY_SECONDS),
        _ => fact.end(),
    });
    let after = after.max().unwrap_or(i64::MIN);
    let first_day = match open.map(|open| (open, noted_day(open, &best.price))) {
        Some((_, Some(noted))) => noted.min(best.first_day()),
        // As long as a table held the old price it had not ended.
        Some((open, None)) => best.first_day().max(open.seen.saturating_add(1)),
        None => best.first_day(),
    };
    let (mut from, mut basis) = (on_day(first_day), "first seen".to_owned());
    let declared = best.seen.iter().filter(|s| s.is_dated()).map(|s| s.from.seconds).min();
    let base = (key.threshold > 0).then(|| book.open(&key.base())).flatten();
    if let Some(seconds) = declared.filter(|seconds| *seconds >= after) {
        from.seconds = seconds.div_euclid(DAY_SECONDS) * DAY_SECONDS;
        "declared by the table".clone_into(&mut basis);
    } else if let Some(base) = base.filter(|base| base.start() >= after && open.is_none()) {
        from = base.from;
        "with the base price".clone_into(&mut basis);
    } else if let (None, Some(day)) = (open, best.seen.iter().filter_map(|s| s.released).min()) {
        let late = first_day - day;
        if (0..=RELEASE_DAYS).contains(&late) {
            from = on_day(day);
            basis = format!("release day; first seen {late} days later");
        } else if late > 0 {
            basis = format!("first seen; model released {}", day_text(day.into()));
        }
    }
    if from.seconds < after {
        from = on_day(i32::try_from(after.div_euclid(DAY_SECONDS)).unwrap_or(best.first_day()));
    }
    let rivals = others.iter().filter(|group| group.seen.len() == best.seen.len());
    let standing = match (rivals.count(), best.seen.len()) {
        (0, 1) => Standing::SingleSource,
        (0, _) => Standing::Agreed,
        _ => Standing::Disputed,
    };
    let also: Vec<String> = others.iter().map(Group::noted).collect();
    let of_book = book.series.range(key.base()..=key.clone()).find_map(|(other, facts)| {
        (other.threshold == key.threshold).then(|| facts.last()?.above).flatten()
    });
    Fact {
        id: open.map_or_else(|| first.id.clone(), |open| open.id.clone()),
        price: best.price,
        above: of_book.or(first.above),
        from,
        until: OPEN,
        standing,
        seen: best.newest(),
        source: best.evidence(),
        basis,
        also_seen: also.join("; "),
        promised: None,
        note: String::new(),
        is_new: true,
    }
}

/// True when an `also-seen` tells this amount, however many zeros it writes: `3 (litellm …`.
fn is_said(said: &str, amount: &str) -> bool {
    let plain = |figure: &str| {
        let is_broken = figure.contains('.');
        let short = figure.trim_end_matches('0').trim_end_matches('.');
        if is_broken { short.to_owned() } else { figure.to_owned() }
    };
    plain(said.split(" (").next().unwrap_or(said)) == plain(amount)
}

/// The day on which a rival amount was first noted beside a price: `2.20 (litellm 2026-07-30..…`.
fn noted_day(open: &Fact, price: &UnitPrice) -> Option<i32> {
    let amount = super::entries::amount(price);
    let said = open.also_seen.split("; ").find(|said| is_said(said, &amount))?;
    let mut words = said.split([' ', '(', ')']).map(|word| word.split("..").next().unwrap_or(word));
    words
        .find_map(crate::time::Period::of_date)
        .map(|period| i32::try_from(period.start.day()).unwrap_or(i32::MAX))
}

/// Closes conditions that no table holds any more while it holds the rest of the card.
pub(super) fn retire(
    book: &mut Book,
    sightings: &BTreeMap<Key, Vec<Sighting>>,
    changes: &mut Vec<Change>,
) {
    let current = |key: &Key| {
        let seen = sightings.get(key).into_iter().flatten().filter(|s| s.is_current());
        seen.map(|s| s.day).max()
    };
    let provider = book.provider.clone();
    for (key, facts) in &mut book.series {
        let may_end = key.threshold > 0 || key.service_tier == ServiceTier::Fast;
        let Some(base_day) = current(&key.plain()).filter(|_| may_end) else { continue };
        let Some(fact) = facts.iter_mut().rfind(|fact| fact.is_open()) else { continue };
        let is_late = fact.seen < base_day - GIVEN_UP_DAYS && fact.standing != Standing::Curated;
        if current(key).is_some() || fact.is_new || !is_late {
            continue;
        }
        let end = on_day(fact.seen + 1);
        if end.seconds <= fact.start() {
            continue;
        }
        fact.until = end;
        changes.push(Change {
            fate: Fate::Retired,
            provider: provider.clone(),
            model: fact.id.clone(),
            what: key.what(),
            why: format!("{} was last held on {}", fact.amount(), day_text(fact.seen.into())),
        });
    }
}
