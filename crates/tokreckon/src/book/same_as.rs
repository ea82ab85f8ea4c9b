//! One model under the names of all its sellers, by reviewed data that ties their ids together.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use tokreckon_data::table::{Tables, Tie, TiedBy};

use super::names::lookup_listed;
use super::{Found, PriceBook};
use crate::price::{Match, Precision, Rate};

impl<'b> PriceBook<'b> {
    /// The name that a model has at every seller, by any of their ids, with or without the maker in
    /// front: `claude-sonnet-4-5` for `anthropic.claude-sonnet-4-5-20250929-v1:0` and for
    /// `claude-sonnet-4.5`. `None` where the book ties the id to no other, or to two.
    ///
    /// ```
    /// let book = tokreckon::book::PriceBook::builtin();
    /// assert_eq!(book.canonical("anthropic/claude-sonnet-4.5"), Some("claude-sonnet-4-5"));
    /// ```
    #[must_use]
    pub fn canonical(&self, model: &str) -> Option<&'b str> {
        let asked = model.to_ascii_lowercase();
        let bare = asked.rsplit('/').next().unwrap_or(&asked);
        self.tied(&asked, TiedBy::Id)
            .or_else(|| self.tied(bare, TiedBy::Name))
            .or_else(|| self.tied(bare, TiedBy::IdWithoutMaker))
    }

    /// Every provider that lists this model or another dated name of it, as (provider, id).
    ///
    /// Names are tied by the book's own data only: equal ids, aliases, snapshots, id rules, and what
    /// it says is one model.
    #[must_use]
    pub fn sellers(&self, model: &str) -> Vec<(&'b str, &'b str)> {
        let names = self.names_of(model);
        let canonical = self.canonical(model);
        let mut sellers = Vec::new();
        for provider in self.providers() {
            let listed = names.iter().find_map(|name| self.get(provider, name));
            let as_others = || self.sold_as(provider, canonical?, model);
            let found = listed.filter(Found::is_of_the_model).or_else(as_others);
            if let Some(found) = found {
                sellers.push((found.provider, found.model));
            }
        }
        sellers
    }

    /// The id, its only snapshot or the id whose only snapshot it is, and each with its maker in front.
    /// Of several snapshots each has prices of its own: one is not the other.
    pub(crate) fn names_of(&self, model: &str) -> Vec<String> {
        let bare = model.rsplit('/').next().unwrap_or(model).to_ascii_lowercase();
        let mut names = vec![model.to_ascii_lowercase(), bare.clone()];
        let mut makers = Vec::new();
        for tables in &self.layers {
            for provider in tables.providers.iter() {
                for row in Tables::rows(&tables.models, provider.models) {
                    let Some(at) = (row.facts as usize).checked_sub(1) else {
                        continue;
                    };
                    let Some(facts) = tables.facts.get(at) else {
                        continue;
                    };
                    let (key, id) = (tables.str(row.key), tables.str(provider.id));
                    let snapshot = tables.str(facts.snapshots).to_ascii_lowercase();
                    let is_only = !snapshot.contains(' ');
                    if key == bare {
                        names.extend(is_only.then_some(snapshot));
                        makers.push(id);
                    } else if is_only && snapshot == bare {
                        names.push(key.to_owned());
                    }
                }
            }
        }
        names.retain(|name| !name.is_empty());
        let prefixed: Vec<String> = makers
            .iter()
            .flat_map(|maker| names.iter().map(move |name| format!("{maker}/{name}")))
            .collect();
        names.extend(prefixed);
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names
    }

    /// The one model that is tied by a text; `None` for none and for two.
    fn tied(&self, id: &str, by: TiedBy) -> Option<&'b str> {
        let mut names = self.layers.iter().flat_map(|&tables| {
            let ties: &'b [Tie] = &tables.ties;
            let of = |tie: &Tie| (tables.str(tie.id), tie.by);
            let first = ties.partition_point(|tie| of(tie) < (id, by));
            let same = ties
                .iter()
                .skip(first)
                .take_while(move |tie| tables.str(tie.id) == id && tie.by == by);
            same.map(move |tie| tables.str(tie.model))
        });
        let name = names.next()?;
        names.all(|other| other == name).then_some(name)
    }

    /// Ids that are tied to others, as [`Self::canonical`] looks them up, each with the name that the
    /// model has at every seller.
    pub(crate) fn tied_names(&self) -> BTreeMap<&'b str, &'b str> {
        let ids = self.layers.iter().flat_map(|&tables| {
            let ties: &'b [Tie] = &tables.ties;
            ties.iter().map(move |tie| tables.str(tie.id))
        });
        let ids: BTreeSet<&'b str> = ids.collect();
        ids.into_iter().filter_map(|id| Some((id, self.canonical(id)?))).collect()
    }

    /// What a provider sells of the model of this name, for somebody who asks by this id: an id of the
    /// same day, else one without a day, else, where the asked id has no day itself, any. Of several
    /// one with a price that goes on, then the shortest. `None` where those have different last prices:
    /// which of them is meant is not known, and one is not the other.
    pub(crate) fn sold_as(&self, provider: &str, name: &str, asked: &str) -> Option<Found<'b>> {
        let rows = self.provider_rows(provider);
        let &(_, first, id) = rows.first()?;
        let ids = rows.iter().flat_map(|&(_, tables, row)| {
            let models = Tables::rows(&tables.models, row.models).iter();
            models.filter(|row| tables.str(row.same_as) == name).map(|row| tables.str(row.id))
        });
        let found = ids.filter_map(|id_of_model: &'b str| {
            let matched = Match::Alias(id_of_model);
            lookup_listed(first.str(id.id), &rows, id_of_model, matched)
        });
        let day = snapshot_day(asked);
        let of_day = |found: &Found<'b>| match snapshot_day(found.model) {
            own if own == day => Some(0),
            None => Some(1),
            Some(_) => day.is_none().then_some(1),
        };
        let rank = |found: Found<'b>| {
            let is_open =
                found.rates().iter().any(|rate| rate.until().precision == Precision::Open);
            Some(((of_day(&found)?, !is_open), found))
        };
        let mut ranked: Vec<_> = found.filter(Found::has_prices).filter_map(rank).collect();
        let best = ranked.iter().map(|(rank, _)| *rank).min()?;
        ranked.retain(|(rank, _)| *rank == best);
        let tied = || ranked.iter().map(|(_, found)| found);
        let one = tied().min_by_key(|found| (found.model.len(), found.model))?;
        tied().all(|other| have_one_price(one, other)).then(|| one.clone())
    }
}

/// The day in an id, `20250219` in `anthropic.claude-3-7-sonnet-20250219-v1:0` and in
/// `claude-3-7-sonnet-2025-02-19`.
pub(super) fn snapshot_day(id: &str) -> Option<String> {
    let numbers: Vec<&str> = id.split(|c: char| !c.is_ascii_digit()).collect();
    let is_year = |digits: &str| digits.len() == 4 && digits.starts_with("20");
    let is_short = |digits: &str| digits.len() == 2;
    let whole = || numbers.iter().find(|digits| digits.len() == 8 && digits.starts_with("20"));
    let parts = || {
        numbers.windows(3).map(<[&str]>::concat).zip(numbers.windows(3)).find_map(|(day, parts)| {
            let is_day = is_year(parts[0]) && is_short(parts[1]) && is_short(parts[2]);
            (is_day && id.contains(&parts.join("-"))).then_some(day)
        })
    };
    whole().map(|digits| (*digits).to_owned()).or_else(parts)
}

/// True when two ids cost the same by their last prices, wherever both have one.
pub(super) fn have_one_price(one: &Found<'_>, other: &Found<'_>) -> bool {
    let (one, other) = (one.rates(), other.rates());
    let is_last = |rate: &&Rate<'_>, all: &[Rate<'_>]| {
        !all.iter()
            .any(|later| same_place(rate, later) && rate.from().seconds < later.from().seconds)
    };
    one.iter().filter(|rate| is_last(rate, &one)).all(|rate| {
        let mut last = other.iter().filter(|other| same_place(rate, other));
        last.all(|it| !is_last(&it, &other) || costs_the_same(rate, it))
    })
}

fn costs_the_same(a: &Rate<'_>, b: &Rate<'_>) -> bool {
    match (a.unit_price(), b.unit_price()) {
        (Some(a), Some(b)) => a.compare(&b) == Some(Ordering::Equal),
        _ => a.state() == b.state(),
    }
}

/// True for prices of one meter under the same conditions.
fn same_place(a: &Rate<'_>, b: &Rate<'_>) -> bool {
    let place = |rate: &Rate<'_>| {
        (
            rate.meter(),
            rate.service_tier(),
            rate.threshold(),
            rate.row.window,
            rate.row.outside_window,
        )
    };
    place(a) == place(b) && a.variant() == b.variant()
}
