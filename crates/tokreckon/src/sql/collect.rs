//! What a book says, written out: every listed name, every span of time, every card once.

use std::collections::{BTreeMap, BTreeSet};

use tokreckon_data::schema::folded;

use super::{AnswerRow, CardRow, Export, ExportOptions, PriceRow, Priced};
use crate::book::{Found, Holds, Known, PriceBook, Query};
use crate::charge::{Counts, Situation, Terms};
use crate::money::Exact;
use crate::price::{Comparison, Rate, RateCard, Scope, ServiceTier};
use crate::time::{Instant, Period};
use crate::usage::{Meter, Unreported};

/// The seconds that stand for "always was" and "always will be": the years 1 and 10000.
const FIRST: i64 = -62_135_596_800;
const LAST: i64 = 253_402_300_800;

/// From when on prices that depend on the hour are written out: 2022-01-01, before there were any.
const FIRST_HOURS: i64 = 1_640_995_200;

/// Why a route has no card here, although the book has one.
const NOT_EXPORTED: &str = "not-exported";

/// Most digits after the decimal point of what one counted thing costs.
const MOST_PLACES: u32 = 30;

/// A card as its rows, numbers left out: equal cards are one.
type CardKey = (String, Vec<(u64, Option<u64>)>, bool, Vec<(u32, Priced, Exact, Exact, bool)>);

/// Rows so far.
struct Collector<'o, 'b> {
    book: &'o PriceBook<'b>,
    until: i64,
    /// Ids that the book ties together, each with the name that the model has everywhere.
    tied: BTreeMap<&'b str, &'b str>,
    routes: BTreeMap<(String, String, String), u32>,
    cards: BTreeMap<CardKey, u32>,
    export: Export,
}

pub(super) fn collect(book: &PriceBook<'_>, options: &ExportOptions<'_>) -> Export {
    let mut collector = Collector {
        book,
        until: options.until.0,
        tied: book.tied_names(),
        routes: BTreeMap::new(),
        cards: BTreeMap::new(),
        export: Export::default(),
    };
    let wanted = |provider: &str| {
        options.providers.is_empty() || options.providers.iter().any(|wanted| wanted == provider)
    };
    for provider in book.providers().into_iter().filter(|provider| wanted(provider)) {
        collector.add_provider(provider);
    }
    collector.finish()
}

impl<'b> Collector<'_, 'b> {
    fn add_provider(&mut self, provider: &'b str) {
        let mut names: BTreeSet<String> = self.book.provider_aliases(provider);
        names.insert(folded(provider));
        let rows = names.into_iter().map(|name| (name, provider.to_owned()));
        self.export.providers.extend(rows);
        let mut seen = BTreeSet::new();
        for model in self.book.models(provider) {
            let key = model.to_ascii_lowercase();
            let Some(found) = self.book.get(provider, model).filter(|_| seen.insert(key.clone()))
            else {
                continue;
            };
            let route = self.route(&found, model);
            self.export.models.push((provider.to_owned(), key, route));
        }
        // As other sellers spell it.
        let others: Vec<_> = self.tied.iter().map(|(id, name)| (*id, *name)).collect();
        for (id, name) in others {
            if !seen.insert(id.to_owned()) {
                continue;
            }
            let own = self.book.get(provider, id).filter(Found::is_of_the_model);
            let found = own.or_else(|| self.book.sold_as(provider, name, id));
            if let Some(found) = found {
                let route = self.route(&found, id);
                self.export.models.push((provider.to_owned(), id.to_owned(), route));
            }
        }
    }

    /// The number of the route that answers for a name.
    fn route(&mut self, found: &Found<'b>, asked: &str) -> u32 {
        let key = (found.provider.to_owned(), found.model.to_owned(), found.variant.to_owned());
        if let Some(known) = self.routes.get(&key) {
            return *known;
        }
        let route = number(self.routes.len());
        self.routes.insert(key, route);
        let rates = found.rates();
        let mut variants: BTreeSet<&str> = rates.iter().map(Rate::variant).collect();
        variants.insert("");
        let tiers: BTreeSet<ServiceTier> = rates.iter().map(Rate::service_tier).collect();
        let known = tiers.into_iter().map(Known::Is).chain([Known::Unknown]);
        let by_hours = rates.iter().any(|rate| !rate.window().is_empty());
        for tier in known {
            for variant in &variants {
                let query = Query {
                    provider: found.provider,
                    model: asked,
                    period: Period::at(Instant(FIRST)),
                    service_tier: tier,
                    variant: Known::Is(variant),
                };
                self.add_answers(route, &query, by_hours);
            }
        }
        route
    }

    /// The spans of one service tier and variant, one after the other. Where a price depends on the
    /// hour, a day has several, and they are written out up to a day.
    fn add_answers(&mut self, route: u32, query: &Query<'_>, by_hours: bool) {
        let (mut at, end) =
            if by_hours { (FIRST_HOURS, self.until.max(FIRST_HOURS)) } else { (FIRST, LAST) };
        let mut rows: Vec<AnswerRow> = Vec::new();
        let mut add = |from: i64, until: i64, card: u32, refusal: &'static str| {
            if let Some(last) = rows.last_mut()
                && (last.card, last.refusal, last.until) == (card, refusal, from)
            {
                last.until = until;
                return;
            }
            let service_tier = match query.service_tier {
                Known::Is(tier) => tier.as_str(),
                Known::Unknown => "unknown",
            };
            let variant = match query.variant {
                Known::Is(variant) => variant.to_owned(),
                Known::Unknown => String::new(),
            };
            rows.push(AnswerRow { route, service_tier, variant, from, until, card, refusal });
        };
        if at > FIRST {
            add(FIRST, at, 0, NOT_EXPORTED);
        }
        while at < end {
            let answer = self.book.answer(&Query { period: Period::at(Instant(at)), ..*query });
            let until = match answer.holds {
                Holds::Within(_, until) => until.clamp(at + 1, end),
                Holds::Only(_) => at + 1,
            };
            let (card, refusal) = match &answer.card {
                Ok(card) => match self.card(card) {
                    Some(card) => (card, ""),
                    None => (0, NOT_EXPORTED),
                },
                // A condition that the model does not have needs no rows: none is the answer.
                Err(error) if error.code().starts_with("no-such-") => return,
                Err(error) => (0, error.code()),
            };
            add(at, until, card, refusal);
            at = until;
        }
        if at < LAST {
            add(at, LAST, 0, NOT_EXPORTED);
        }
        self.export.answers.extend(rows);
    }

    /// The number of a card; `None` for one that no row of whole numbers can say: a price whose
    /// cost of one does not end, or a price tier for a part of a request.
    fn card(&mut self, card: &RateCard<'_>) -> Option<u32> {
        if card.has_marginal_bracket() {
            return None;
        }
        let brackets = card.brackets();
        let modal = brackets[0].entry(Meter::OutputThinkingMode).is_some();
        let mut prompts: Vec<(u64, Option<u64>)> = Vec::new();
        for bracket in brackets {
            let least = match bracket.comparison {
                _ if bracket.threshold == 0 => 0,
                Comparison::Above => bracket.threshold.checked_add(1)?,
                Comparison::AtLeast => bracket.threshold,
            };
            if let Some(before) = prompts.last_mut() {
                before.1 = Some(least.checked_sub(1)?);
            }
            debug_assert!(bracket.threshold == 0 || bracket.scope == Scope::WholeRequest);
            prompts.push((least, None));
        }
        let mut costs = Vec::new();
        for tier in 0..number(brackets.len()) - 1 {
            for priced in Priced::all() {
                let Ok(cost) = cost_of_one(card, tier, priced, modal) else { return None };
                if let Some((low, high, assumed)) = cost {
                    costs.push((tier, priced, low, high, assumed));
                }
            }
        }
        let places = costs.iter().flat_map(|(_, _, low, high, _)| [low.scale(), high.scale()]);
        if places.max().unwrap_or(0) > MOST_PLACES {
            return None;
        }
        let key = (card.currency.to_string(), prompts, modal, costs);
        let next = number(self.cards.len());
        Some(*self.cards.entry(key).or_insert(next))
    }

    fn finish(self) -> Export {
        let mut export = self.export;
        let costs = self.cards.keys().flat_map(|(_, _, _, costs)| costs);
        let places = costs.flat_map(|(_, _, low, high, _)| [low.scale(), high.scale()]).max();
        // Twelve digits are what unit prices come with for a million.
        let scale = places.unwrap_or(0).max(12);
        export.scale = scale;
        for ((currency, prompts, has_thinking_mode, costs), card) in self.cards {
            for (tier, (min_prompt, max_prompt)) in (0..).zip(prompts) {
                let currency = currency.clone();
                let row =
                    CardRow { card, tier, currency, min_prompt, max_prompt, has_thinking_mode };
                export.cards.push(row);
            }
            for (tier, priced, low, high, assumed) in costs {
                let units = |cost: Exact| {
                    let lift = 10_i128.checked_pow(scale - cost.scale())?;
                    cost.mantissa().checked_mul(lift)
                };
                // A price without a row is none: a cost above it is not known.
                if let (Some(low), Some(high)) = (units(low), units(high)) {
                    export.prices.push(PriceRow { card, tier, priced, low, high, assumed });
                }
            }
        }
        export.cards.sort_by_key(|row| (row.card, row.tier));
        export.prices.sort_by_key(|row| (row.card, row.tier, row.priced));
        export
    }
}

/// The number after `count` others; numbers begin with 1.
fn number(count: usize) -> u32 {
    u32::try_from(count + 1).expect("fewer than 2^32 rows")
}

/// Least and highest cost of one, and whether something is assumed; `None` without a price.
fn cost_of_one(
    card: &RateCard<'_>,
    tier: u32,
    priced: Priced,
    modal: bool,
) -> Result<Option<(Exact, Exact, bool)>, crate::money::InexactError> {
    let bracket = u8::try_from(tier).unwrap_or(u8::MAX);
    let thinking = match priced {
        Priced::OutputThinking => Some(true),
        Priced::Meter(Meter::Reasoning) => Some(modal),
        Priced::OutputPerhapsThinking if modal => None,
        _ => Some(false),
    };
    if !modal && matches!(priced, Priced::OutputThinking | Priced::OutputPerhapsThinking) {
        return Ok(None);
    }
    let cache = priced == Priced::InputUnsplit;
    let situation = Situation {
        first_bracket: bracket,
        last_bracket: bracket,
        thinking,
        unreported: Unreported { cache, ..Unreported::NOTHING },
    };
    let mut counts = Counts::NONE;
    counts[priced.meter()] = 1;
    let charge = card.charge_counts(situation, &counts, Terms::LIST)?;
    let Some(line) = charge.lines.first() else { return Ok(None) };
    Ok(Some((line.low, line.high, !charge.assumptions.is_empty())))
}
