//! The price book: find the rate card for (provider, model, time, service tier, variant).
//!
//! A missing price is an answer with a type ([`FindError`]), never zero and never another
//! model's price. Ids match by rules in the data; what does not match fails with near names.

use std::cmp::Ordering;

use toktab_data::table::{Bound, Model, ModelFacts, Price, Provider, RateLimit, Rows, Statement, Tables, Window};

use crate::money::Currency;
use crate::price::{
    Bracket, Comparison, Doubt, Doubts, Entry, Match, Precision, Rate, RateCard, RateRange, Scope,
    ServiceTier, UnitPrice,
};
use crate::time::{DAY_SECONDS, Instant, Period, day_text};

/// All rate cards: the built-in ones, and the user's on top.
#[derive(Clone, Debug)]
pub struct PriceBook<'b> {
    layers: Vec<&'b Tables>,
}

/// Something that is known, or known to be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Known<T> {
    /// It is this.
    Is(T),
    /// Nobody said.
    Unknown,
}

/// One question to the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Query<'q> {
    /// Who sends the bill.
    pub provider: &'q str,
    /// Model id as written in the usage.
    pub model: &'q str,
    /// When the usage happened.
    pub period: Period,
    /// Service tier.
    pub service_tier: Known<ServiceTier>,
    /// Further condition such as `geo=us`; empty for none.
    pub variant: Known<&'q str>,
}

/// Why the book has no card.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FindError {
    /// No such provider.
    #[error("no provider `{provider}` in the price book")]
    UnknownProvider {
        /// As asked.
        provider: String,
        /// Near names.
        near: Vec<String>,
    },
    /// The provider has no such model.
    #[error("no price for model `{model}` at `{provider}`")]
    UnknownModel {
        /// Who sends the bill.
        provider: String,
        /// As asked.
        model: String,
        /// Near names at this provider.
        near: Vec<String>,
        /// Providers that sell a model of this very id.
        elsewhere: Vec<String>,
    },
    /// The model is priced, but not then.
    #[error("no price for `{model}` at `{provider}` on {period}: the book knows {known}")]
    NotInForce {
        /// Who sends the bill.
        provider: String,
        /// Model id as listed.
        model: String,
        /// As asked.
        period: String,
        /// The periods it has prices for.
        known: String,
    },
    /// A price is known, but not since when; the usage is older than its first sighting.
    #[error("the price of `{model}` at `{provider}` was seen on {seen}; since when it holds is not known")]
    StartUnknown {
        /// Who sends the bill.
        provider: String,
        /// Model id as listed.
        model: String,
        /// Day of the sighting.
        seen: String,
    },
    /// Not priced in this service tier.
    #[error("no {service_tier} price for `{model}` at `{provider}`: the book has {}", .known.join(", "))]
    NoSuchServiceTier {
        /// Who sends the bill.
        provider: String,
        /// Model id as listed.
        model: String,
        /// As asked.
        service_tier: ServiceTier,
        /// Tiers that are priced.
        known: Vec<String>,
    },
    /// Not priced in this region or variant.
    #[error("no price for `{model}` at `{provider}` with variant `{variant}`: the book has {}", .known.join(", "))]
    NoSuchVariant {
        /// Who sends the bill.
        provider: String,
        /// Model id as listed.
        model: String,
        /// As asked; empty for none.
        variant: String,
        /// Variants that are priced.
        known: Vec<String>,
    },
    /// Prices in several currencies answer the question.
    #[error("`{model}` at `{provider}` is priced in several currencies")]
    SeveralCurrencies {
        /// Who sends the bill.
        provider: String,
        /// Model id as listed.
        model: String,
    },
}

impl FindError {
    /// Stable code for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownProvider { .. } => "unknown-provider",
            Self::UnknownModel { .. } => "unknown-model",
            Self::NotInForce { .. } => "not-in-force",
            Self::StartUnknown { .. } => "start-unknown",
            Self::NoSuchServiceTier { .. } => "no-such-service-tier",
            Self::NoSuchVariant { .. } => "no-such-variant",
            Self::SeveralCurrencies { .. } => "several-currencies",
        }
    }

    /// What to do about it, if anything.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownProvider { near, .. } => named("near names: ", near),
            Self::UnknownModel { near, elsewhere, .. } => {
                let hints = [named("near names: ", near), named("sold by: ", elsewhere)];
                let text = hints.into_iter().flatten().collect::<Vec<_>>().join("; ");
                (!text.is_empty()).then_some(text)
            }
            Self::StartUnknown { .. } => {
                Some("give the period in a price file of your own with `--prices`".to_owned())
            }
            _ => None,
        }
    }
}

fn named(label: &str, names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| format!("{label}{}", names.join(", ")))
}

/// A model of the book and how its id was found.
#[derive(Clone, Debug)]
pub struct Found<'b> {
    /// Who sells it.
    pub provider: &'b str,
    /// The id with prices or facts.
    pub model: &'b str,
    /// How the id was found.
    pub matched: Match<'b>,
    /// The variant that a rule read from the id, such as `geo=us` from `us.…`; empty for none.
    pub variant: &'b str,
    /// (layer, row) of every layer that lists it, the user's last.
    rows: Vec<(usize, &'b Tables, &'b Model)>,
}

impl PriceBook<'static> {
    /// The built-in book.
    #[must_use]
    pub fn builtin() -> Self {
        Self { layers: vec![&toktab_data::BUILTIN] }
    }
}

impl<'b> PriceBook<'b> {
    /// This book with a user's tables on top: for each meter, what they say goes before the rest.
    #[must_use]
    pub fn with_layer<'a>(&self, tables: &'a Tables) -> PriceBook<'a>
    where
        'b: 'a,
    {
        let mut layers: Vec<&'a Tables> = self.layers.clone();
        layers.push(tables);
        PriceBook { layers }
    }

    /// Ids of all providers, sorted.
    #[must_use]
    pub fn providers(&self) -> Vec<&'b str> {
        let all = self.layers.iter().flat_map(|t| t.providers.iter().map(|p| t.str(p.id)));
        let mut ids: Vec<&'b str> = all.collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Ids of all models of a provider, sorted.
    #[must_use]
    pub fn models(&self, provider: &str) -> Vec<&'b str> {
        let mut ids = Vec::new();
        for (_, tables, row) in self.provider_rows(provider) {
            let models = Tables::rows(&tables.models, row.models);
            ids.extend(models.iter().map(|model| tables.str(model.id)));
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Looks a model id up: as it is, as an alias, or as a rule of the provider rewrites it.
    pub fn lookup(&self, provider: &str, model: &str) -> Result<Found<'b>, FindError> {
        let rows = self.provider_rows(provider);
        let Some(&(_, tables, first)) = rows.first() else {
            return Err(FindError::UnknownProvider {
                provider: provider.to_owned(),
                near: near(provider, self.providers().into_iter()),
            });
        };
        let id = tables.str(first.id);
        if let Some(found) = self.lookup_listed(id, &rows, model, Match::Exact) {
            return Ok(found);
        }
        for &(_, tables, row) in &rows {
            for rule in Tables::rows(&tables.id_rules, row.id_rules) {
                let pattern = tables.str(rule.pattern);
                let Some(rewritten) = rewrite(pattern, tables.str(rule.model), model) else { continue };
                if let Some(mut found) = self.lookup_listed(id, &rows, &rewritten, Match::Exact) {
                    found.matched = Match::Rule { pattern, model: found.model };
                    found.variant = tables.str(rule.variant);
                    return Ok(found);
                }
            }
        }
        let elsewhere = self.providers().into_iter().filter(|&other| {
            let rows = self.provider_rows(other);
            other != id && self.lookup_listed(other, &rows, model, Match::Exact).is_some()
        });
        Err(FindError::UnknownModel {
            provider: id.to_owned(),
            model: model.to_owned(),
            near: near(model, self.models(id).into_iter()),
            elsewhere: elsewhere.map(str::to_owned).collect(),
        })
    }

    /// The rate card that answers a query.
    ///
    /// # Errors
    /// A typed reason when there is none; there is no fallback price.
    pub fn find(&self, query: &Query<'_>) -> Result<RateCard<'b>, FindError> {
        let found = self.lookup(query.provider, query.model)?;
        let all = found.rates();
        let priced = |rates: &[Rate<'b>]| -> Result<(), FindError> {
            (!rates.is_empty()).then_some(()).ok_or_else(|| FindError::UnknownModel {
                provider: found.provider.to_owned(),
                model: found.model.to_owned(),
                near: Vec::new(),
                elsewhere: Vec::new(),
            })
        };
        priced(&all)?;
        let of_variant = by_variant(&found, &all, query)?;
        let of_tier = by_service_tier(&found, &of_variant, query)?;
        let in_force = in_force(&found, &of_tier, query)?;
        card(found, &of_tier, in_force, query)
    }

    /// Facts about a model besides its prices, the user's before the built-in ones.
    #[must_use]
    pub fn facts(&self, provider: &str, model: &str) -> Option<(&'b Tables, &'b ModelFacts)> {
        let found = self.lookup(provider, model).ok()?;
        found.rows.iter().rev().find_map(|(_, tables, row)| {
            let facts = tables.facts.get((row.facts as usize).checked_sub(1)?)?;
            Some((*tables, facts))
        })
    }

    /// What pages say about a model.
    #[must_use]
    pub fn statements(&self, provider: &str, model: &str) -> Vec<(&'b Tables, &'b Statement)> {
        let Ok(found) = self.lookup(provider, model) else { return Vec::new() };
        let rows = found.rows.iter().flat_map(|&(_, tables, row)| {
            Tables::rows(&tables.statements, row.statements).iter().map(move |said| (tables, said))
        });
        rows.collect()
    }

    /// The rate limits of a model, by rate limit tier.
    #[must_use]
    pub fn rate_limits(&self, provider: &str, model: &str) -> Vec<(&'b Tables, &'b RateLimit)> {
        let mut limits = Vec::new();
        for (_, tables, row) in self.provider_rows(provider) {
            let rows = Tables::rows(&tables.rate_limits, row.rate_limits).iter();
            let same = rows.filter(|limit| tables.str(limit.model).eq_ignore_ascii_case(model));
            limits.extend(same.map(|limit| (tables, limit)));
        }
        limits
    }

    /// Every provider that lists this model or another dated name of it, as (provider, id).
    ///
    /// Names are tied by the book's own data only: equal ids, aliases, snapshots and id rules.
    #[must_use]
    pub fn sellers(&self, model: &str) -> Vec<(&'b str, &'b str)> {
        let names = self.names_of(model);
        let mut sellers = Vec::new();
        for provider in self.providers() {
            let found = names.iter().find_map(|name| self.lookup(provider, name).ok());
            if let Some(found) = found {
                sellers.push((found.provider, found.model));
            }
        }
        sellers
    }

    /// The id, its snapshots, the id it is a snapshot of, and each with its maker in front.
    fn names_of(&self, model: &str) -> Vec<String> {
        let bare = model.rsplit('/').next().unwrap_or(model).to_ascii_lowercase();
        let mut names = vec![model.to_ascii_lowercase(), bare.clone()];
        let mut makers = Vec::new();
        for tables in &self.layers {
            for provider in tables.providers.iter() {
                for row in Tables::rows(&tables.models, provider.models) {
                    let Some(at) = (row.facts as usize).checked_sub(1) else { continue };
                    let Some(facts) = tables.facts.get(at) else { continue };
                    let (key, id) = (tables.str(row.key), tables.str(provider.id));
                    let snapshots = tables.str(facts.snapshots);
                    if key == bare {
                        names.extend(snapshots.split(' ').map(str::to_ascii_lowercase));
                        makers.push(id);
                    } else if snapshots.split(' ').any(|snapshot| snapshot == bare) {
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
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names
    }

    fn provider_rows(&self, provider: &str) -> Vec<(usize, &'b Tables, &'b Provider)> {
        let key = provider.to_ascii_lowercase();
        let rows = self.layers.iter().enumerate().filter_map(|(layer, &tables)| {
            let providers: &'b [Provider] = &tables.providers;
            let at = providers.binary_search_by(|row| tables.str(row.id).cmp(&key)).ok()?;
            Some((layer, tables, providers.get(at)?))
        });
        rows.collect()
    }

    fn lookup_listed(
        &self,
        provider: &'b str,
        rows: &[(usize, &'b Tables, &'b Provider)],
        model: &str,
        matched: Match<'b>,
    ) -> Option<Found<'b>> {
        let key = model.to_ascii_lowercase();
        let mut found = Vec::new();
        for &(layer, tables, row) in rows {
            let models = Tables::rows(&tables.models, row.models);
            if let Ok(at) = models.binary_search_by(|row| tables.str(row.key).cmp(&key)) {
                found.extend(models.get(at).map(|row| (layer, tables, row)));
            }
        }
        let &(_, tables, first) = found.first()?;
        let has_prices = found.iter().any(|(_, _, row)| row.prices.start < row.prices.end);
        let alias = found.iter().map(|(_, tables, row)| tables.str(row.alias_of)).find(|of| !of.is_empty());
        if let (false, Some(of), Match::Exact) = (has_prices, alias, &matched) {
            return self.lookup_listed(provider, rows, of, Match::Alias(of));
        }
        Some(Found { provider, model: tables.str(first.id), matched, variant: "", rows: found })
    }
}

impl<'b> Found<'b> {
    /// Every unit price of the model, of all periods and conditions.
    #[must_use]
    pub fn rates(&self) -> Vec<Rate<'b>> {
        let rates = self.rows.iter().flat_map(|&(layer, tables, model)| {
            let rows = Tables::rows(&tables.prices, model.prices).iter();
            rows.map(move |row| Rate { tables, row, layer })
        });
        rates.collect()
    }
}

fn by_variant<'b>(found: &Found<'b>, all: &[Rate<'b>], query: &Query<'_>) -> Result<Vec<Rate<'b>>, FindError> {
    let Known::Is(variant) = query.variant else { return Ok(all.to_vec()) };
    // An id that names its own region is not overruled: asking for another one finds nothing.
    let of_id = !found.variant.is_empty() && (variant.is_empty() || variant == found.variant);
    let variant = if of_id { found.variant } else { variant };
    let all = if of_id || found.variant.is_empty() { all } else { &[] };
    let rates: Vec<_> = all.iter().copied().filter(|rate| rate.variant() == variant).collect();
    if rates.is_empty() {
        let mut known: Vec<_> = all.iter().map(|rate| quoted(rate.variant())).collect();
        known.sort_unstable();
        known.dedup();
        return Err(FindError::NoSuchVariant {
            provider: found.provider.to_owned(),
            model: found.model.to_owned(),
            variant: variant.to_owned(),
            known,
        });
    }
    Ok(rates)
}

fn quoted(variant: &str) -> String {
    if variant.is_empty() { "none".to_owned() } else { format!("`{variant}`") }
}

fn by_service_tier<'b>(found: &Found<'b>, all: &[Rate<'b>], query: &Query<'_>) -> Result<Vec<Rate<'b>>, FindError> {
    let Known::Is(tier) = query.service_tier else { return Ok(all.to_vec()) };
    let rates: Vec<_> = all.iter().copied().filter(|rate| rate.service_tier() == tier).collect();
    if rates.is_empty() {
        let mut known: Vec<_> = all.iter().map(Rate::service_tier).collect();
        known.sort_unstable();
        known.dedup();
        return Err(FindError::NoSuchServiceTier {
            provider: found.provider.to_owned(),
            model: found.model.to_owned(),
            service_tier: tier,
            known: known.into_iter().map(|tier| tier.to_string()).collect(),
        });
    }
    Ok(rates)
}

/// How surely something holds over a whole period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Surely {
    No,
    Perhaps,
    Yes,
}

/// The rates that are, or may be, in force, and how surely.
fn in_force<'b>(found: &Found<'b>, rates: &[Rate<'b>], query: &Query<'_>) -> Result<Vec<(Rate<'b>, Surely)>, FindError> {
    let mut candidates = Vec::new();
    let mut too_early: Option<i32> = None;
    for &rate in rates {
        let by_time = time_holds(rate.row, query.period);
        if by_time == Surely::No {
            let before_sighting = rate.row.from.precision == Precision::Unknown
                && query.period.start.day() < i64::from(rate.row.seen_day);
            if before_sighting {
                too_early = Some(too_early.unwrap_or(rate.row.seen_day).max(rate.row.seen_day));
            }
            continue;
        }
        let by_window = window_holds(&rate, query.period);
        if by_window != Surely::No {
            candidates.push((rate, by_time.min(by_window)));
        }
    }
    if candidates.is_empty() {
        let (provider, model) = (found.provider.to_owned(), found.model.to_owned());
        if let Some(day) = too_early {
            return Err(FindError::StartUnknown { provider, model, seen: day_text(day.into()) });
        }
        let period = query.period.to_string();
        return Err(FindError::NotInForce { provider, model, period, known: known_periods(rates) });
    }
    Ok(candidates)
}

fn known_periods(rates: &[Rate<'_>]) -> String {
    let mut periods: Vec<_> = rates.iter().map(|rate| (rate.row.from.seconds, rate.period_text())).collect();
    periods.sort();
    periods.dedup();
    periods.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(", ")
}

/// Earliest and latest second at which a bound may lie.
fn bound_range(bound: Bound, seen_day: i32, is_start: bool) -> (i64, i64) {
    match bound.precision {
        Precision::Day => (bound.seconds, bound.seconds + DAY_SECONDS),
        Precision::Instant => (bound.seconds, bound.seconds),
        // A start nobody knows: the price is vouched for from the day it was seen.
        Precision::Unknown if is_start => {
            let seen = i64::from(seen_day).saturating_mul(DAY_SECONDS);
            (seen, seen)
        }
        Precision::Unknown | Precision::Open => (i64::MAX, i64::MAX),
    }
}

fn time_holds(row: &Price, period: Period) -> Surely {
    let (from_first, from_last) = bound_range(row.from, row.seen_day, true);
    let (until_first, until_last) = bound_range(row.until, row.seen_day, false);
    if period.end.0 <= from_first || period.start.0 >= until_last {
        Surely::No
    } else if period.start.0 >= from_last && period.end.0 <= until_first {
        Surely::Yes
    } else {
        Surely::Perhaps
    }
}

fn window_holds(rate: &Rate<'_>, period: Period) -> Surely {
    let index = usize::from(rate.row.window);
    let Some(window) = index.checked_sub(1).and_then(|at| rate.tables.windows.get(at)) else {
        return Surely::Yes;
    };
    let inside = if period.is_instant() {
        inside_window(rate.tables, window, period.start)
    } else {
        Surely::Perhaps
    };
    match (inside, rate.row.outside_window) {
        (Surely::Perhaps, _) => Surely::Perhaps,
        (Surely::Yes, false) | (Surely::No, true) => Surely::Yes,
        _ => Surely::No,
    }
}

/// Whether an instant lies inside of a window; perhaps, where a holiday calendar does not reach.
fn inside_window(tables: &Tables, window: &Window, at: Instant) -> Surely {
    let minute = u16::try_from(at.0.rem_euclid(DAY_SECONDS) / 60).unwrap_or(0);
    let mut day = at.day();
    let inside = window.hours.iter().any(|&(start, end)| {
        if start == end {
            return false;
        }
        if start < end {
            return start <= minute && minute < end;
        }
        if minute < end {
            day = at.day() - 1;
            return true;
        }
        start <= minute
    });
    // 1970-01-01 was a Thursday: bit 3.
    let weekday = (day + 3).rem_euclid(7);
    if !inside || window.days & (1 << weekday) == 0 {
        return Surely::No;
    }
    let index = usize::from(window.except);
    let Some(calendar) = index.checked_sub(1).and_then(|at| tables.calendars.get(at)) else {
        return Surely::Yes;
    };
    let local_day = Instant(at.0 + i64::from(calendar.utc_offset_minutes) * 60).day();
    let complete = i64::from(calendar.complete_from_day)..i64::from(calendar.complete_until_day);
    if !complete.contains(&local_day) {
        return Surely::Perhaps;
    }
    let days = Tables::rows(&tables.calendar_days, calendar.days);
    if days.iter().any(|&day| i64::from(day) == local_day) { Surely::No } else { Surely::Yes }
}

/// Puts the candidates of each (price tier, meter) together on a card.
fn card<'b>(
    found: Found<'b>,
    considered: &[Rate<'b>],
    mut candidates: Vec<(Rate<'b>, Surely)>,
    query: &Query<'_>,
) -> Result<RateCard<'b>, FindError> {
    candidates.sort_by_key(|(rate, _)| {
        (rate.row.threshold, rate.row.comparison, rate.row.scope, rate.row.meter, std::cmp::Reverse(rate.layer))
    });
    let currency = candidates.first().map_or(Currency::USD, |(rate, _)| rate.currency());
    if candidates.iter().any(|(rate, _)| rate.currency() != currency) {
        return Err(FindError::SeveralCurrencies {
            provider: found.provider.to_owned(),
            model: found.model.to_owned(),
        });
    }
    let mut brackets = vec![Bracket {
        threshold: 0,
        comparison: Comparison::Above,
        scope: Scope::WholeRequest,
        entries: Vec::new(),
    }];
    for group in candidates.chunk_by(|(a, _), (b, _)| same_place(a.row, b.row)) {
        let Some((first, _)) = group.first() else { continue };
        let row = first.row;
        if brackets.last().is_none_or(|last| last.threshold != row.threshold) {
            brackets.push(Bracket {
                threshold: row.threshold,
                comparison: row.comparison,
                scope: row.scope,
                entries: Vec::new(),
            });
        }
        if let (Some(bracket), Some(entry)) = (brackets.last_mut(), entry(group, query)) {
            bracket.entries.push((row.meter, entry));
        }
    }
    let valid = valid_span(considered, query.period);
    let Found { provider, model, matched, .. } = found;
    Ok(RateCard { provider, model, matched, brackets, currency, valid })
}

fn same_place(a: &Price, b: &Price) -> bool {
    (a.threshold, a.comparison, a.scope, a.meter) == (b.threshold, b.comparison, b.scope, b.meter)
}

/// One entry from the candidates of a meter: the user's layer first, lower ones where it leaves a gap.
fn entry<'b>(group: &[(Rate<'b>, Surely)], query: &Query<'_>) -> Option<Entry<'b>> {
    let mut rates: Vec<Rate<'b>> = Vec::new();
    for layer in group.chunk_by(|(a, _), (b, _)| a.layer == b.layer) {
        // A price for certain hours goes before one for all hours.
        let in_its_hours = |(rate, surely): &(Rate<'b>, Surely)| rate.row.window != 0 && *surely == Surely::Yes;
        let only_windowed = layer.iter().any(in_its_hours);
        let kept = layer.iter().filter(|candidate| !only_windowed || in_its_hours(candidate));
        rates.extend(kept.map(|(rate, _)| *rate));
        if layer.iter().any(|(_, surely)| *surely == Surely::Yes) {
            break;
        }
    }
    if let Some(missing) = rates.iter().find(|rate| rate.unit_price().is_none()) {
        return Some(Entry::Missing(missing.state(), *missing));
    }
    let prices: Vec<UnitPrice> = rates.iter().filter_map(Rate::unit_price).collect();
    let by_amount = |a: &&UnitPrice, b: &&UnitPrice| a.compare(b).unwrap_or(Ordering::Equal);
    let low = *prices.iter().min_by(by_amount)?;
    let high = *prices.iter().max_by(by_amount)?;
    let doubts = if low.compare(&high) == Some(Ordering::Equal) {
        Doubts::NONE
    } else {
        doubts_of(&rates, query)
    };
    Some(Entry::Rate(RateRange { low, high, rates, doubts }))
}

fn doubts_of(rates: &[Rate<'_>], query: &Query<'_>) -> Doubts {
    let differ = |same: fn(&Rate<'_>, &Rate<'_>) -> bool| rates.windows(2).any(|pair| !same(&pair[0], &pair[1]));
    let mut doubts = Doubts::NONE;
    if differ(|a, b| a.row.service_tier == b.row.service_tier) {
        doubts = doubts.with(Doubt::ServiceTier);
    }
    if differ(|a, b| a.variant() == b.variant()) {
        doubts = doubts.with(Doubt::Variant);
    }
    if differ(|a, b| (a.row.window, a.row.outside_window) == (b.row.window, b.row.outside_window)) {
        doubts = doubts.with(Doubt::PeakHours);
    }
    if differ(|a, b| a.row.from == b.row.from) {
        let one_day = query.period.end.0 - query.period.start.0 <= DAY_SECONDS;
        let of_day = rates.iter().any(|rate| rate.row.from.precision == Precision::Day);
        let doubt = if one_day && of_day { Doubt::ChangeDay } else { Doubt::PeriodSpansChange };
        doubts = doubts.with(doubt);
    }
    doubts
}

/// The span of instants around an instant for which every candidate stays what it is.
fn valid_span(rates: &[Rate<'_>], period: Period) -> (i64, i64) {
    let (mut first, mut last) = (i64::MIN, i64::MAX);
    if !period.is_instant() {
        return (period.start.0, period.end.0);
    }
    let at = period.start.0;
    let mut edge = |edge: i64| {
        if edge <= at {
            first = first.max(edge);
        } else {
            last = last.min(edge);
        }
    };
    for rate in rates {
        let starts = bound_range(rate.row.from, rate.row.seen_day, true);
        let ends = bound_range(rate.row.until, rate.row.seen_day, false);
        for bound in [starts.0, starts.1, ends.0, ends.1] {
            edge(bound);
        }
        if rate.row.window == 0 {
            continue;
        }
        let midnight = period.start.day() * DAY_SECONDS;
        edge(midnight);
        edge(midnight + DAY_SECONDS);
        let window = rate.tables.windows.get(usize::from(rate.row.window) - 1);
        for &(start, end) in window.iter().flat_map(|window| &window.hours) {
            edge(midnight + i64::from(start) * 60);
            edge(midnight + i64::from(end) * 60);
        }
        // Days of a holiday calendar begin at its own midnight.
        let calendar = window.and_then(|window| {
            rate.tables.calendars.get(usize::from(window.except).checked_sub(1)?)
        });
        if let Some(calendar) = calendar {
            let offset = i64::from(calendar.utc_offset_minutes) * 60;
            edge(midnight - offset);
            edge(midnight + DAY_SECONDS - offset);
        }
    }
    (first, last)
}

/// Applies `pattern → model` to an id; `{name}` stands for one or more characters.
fn rewrite(pattern: &str, model: &str, id: &str) -> Option<String> {
    let mut result = model.to_owned();
    let (mut pattern, mut id) = (pattern, id);
    while let Some(open) = pattern.find('{') {
        let close = open + pattern[open..].find('}')?;
        id = strip_prefix_folded(id, &pattern[..open])?;
        let name = &pattern[open..=close];
        pattern = &pattern[close + 1..];
        let literal = &pattern[..pattern.find('{').unwrap_or(pattern.len())];
        let length = if literal.is_empty() { id.len() } else { id.find(literal)? };
        if length == 0 {
            return None;
        }
        result = result.replace(name, &id[..length]);
        id = &id[length..];
    }
    id.eq_ignore_ascii_case(pattern).then_some(result)
}

fn strip_prefix_folded<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// Up to three names within a third of the length in edits, nearest first.
pub(crate) fn near<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let folded = name.to_ascii_lowercase();
    let limit = (folded.len() / 3).max(1);
    let mut ranked: Vec<(usize, &str)> = names
        .filter(|other| other.len().abs_diff(folded.len()) <= limit)
        .map(|other| (strsim::levenshtein(&folded, &other.to_ascii_lowercase()), other))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().take(3).map(|(_, other)| other.to_owned()).collect()
}

/// A run of rows that is empty.
#[must_use]
pub const fn is_empty(rows: Rows) -> bool {
    rows.start >= rows.end
}

#[cfg(test)]
mod tests {
    use super::rewrite;

    #[test]
    fn id_rules() {
        let ft = |id| rewrite("ft:{base}:{rest}", "ft:{base}", id);
        assert_eq!(ft("ft:gpt-4o-2024-08-06:org::id").as_deref(), Some("ft:gpt-4o-2024-08-06"));
        assert_eq!(ft("gpt-4o"), None);
        assert_eq!(ft("ft::x"), None);
        assert_eq!(rewrite("openai/{m}", "{m}", "OpenAI/o1-mini").as_deref(), Some("o1-mini"));
        assert_eq!(rewrite("{o}/{n}:{v}", "{o}/{n}", "meta/llama:abc").as_deref(), Some("meta/llama"));
    }
}
