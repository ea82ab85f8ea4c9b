//! Where a record goes, found once for all that are like it.
//!
//! A record's names, service tier and time lead to its group, its card and its terms. A route
//! remembers them with the span of time for which they hold; ledger, audit and reconciliation use
//! the same one. Routes are a memory only: without them every digit is the same.

use jiff::Timestamp;

use super::cells::CellKey;
use super::names::Names;
use super::spans::Spans;
use super::{Dimension, Ledger, NotCharged, Posting, Refusal};
use crate::book::{Holds, Known, PriceBook, Query};
use crate::charge::Situation;
use crate::grade::Assumption;
use crate::lookup::{Lookup, Numbers, Seen};
use crate::price::{RateCard, ServiceTier};
use crate::record::Record;
use crate::time::{DAY_SECONDS, Instant, Period};

/// Routes that are remembered at most; beyond them all are forgotten.
const MOST_ROUTES: usize = 1 << 16;
/// Cells that a route remembers: two price tiers, of which each may report what the other does not.
const CELLS: usize = 4;

/// Keys that are remembered by a few of their bits, as a power of two.
const RECENT: usize = 1 << 8;
/// Of a hash all but the highest bits, which number one of these.
const BITS_DROPPED: u32 = u64::BITS - RECENT.trailing_zeros();

/// The numbers of the names, besides the time, that decide where a record goes: provider, model,
/// service tier, variant, project, API key, user, line item, session, agent, label; and what reading the
/// record takes for granted. Those that decide nothing are 0.
type Key = [u32; 12];
/// The place of the last one in a key.
const ASSUMED: usize = 11;

/// All routes, by key and time.
#[derive(Debug)]
pub(super) struct Routes {
    places: Numbers,
    keyed: Vec<Keyed>,
    /// Where the last record went.
    last: u32,
    /// The routes last used, by a few bits of their keys: exports go from one to the other.
    recent: Box<[u32; RECENT]>,
    pub(super) all: Vec<Route>,
    /// The book's answers.
    answers: Lookup<[u32; 5], Spans<Result<u32, Refusal>>>,
    /// What records are about, as the audit sees it, by number.
    subjects: Lookup<Subject, u32>,
    /// What the book says of each.
    answered: Vec<Result<u32, Refusal>>,
}

/// The routes of one key.
#[derive(Debug)]
struct Keyed {
    key: Key,
    routes: Spans<u32>,
    /// That of records without a time.
    undated: Option<u32>,
    /// The one used last, and for what lies within which seconds.
    last: (i64, i64, u32),
}

/// Names, service tier and variant, and what the book says of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Subject {
    names: [u32; 4],
    answer: Result<u32, Refusal>,
}

/// Where records of one key and one span of time go.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) group: u32,
    /// The period reaches over more than one day of the zone.
    pub(super) straddles: bool,
    /// The card, or why there is none.
    pub(super) target: Result<Target, Refusal>,
    /// Number of [`Subject`].
    pub(super) subject: u32,
    /// Cells of the situations seen last.
    cells: [Option<RouteCell>; CELLS],
    /// Where records are counted that are not charged.
    pub(super) refused: Option<u32>,
}

/// What a record of a route is charged by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) card: u32,
    pub(super) terms: u32,
    pub(super) rounding_day: i64,
    pub(super) kind: Kind,
    /// The card lists a price for a request.
    pub(super) lists_requests: bool,
}

/// How a card charges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// In one situation, but for what is not reported.
    Simple,
    /// Every request by one price tier.
    Whole,
    /// Each record by itself: its cost may not end, or falls into several price tiers.
    EachByItself,
}

/// The cell of a route for one situation, and its prices.
#[derive(Clone, Copy, Debug)]
pub(super) struct RouteCell {
    pub(super) situation: Situation,
    pub(super) cell: u32,
    /// Number of its unit costs.
    pub(super) costs: u32,
}

impl Target {
    pub(super) const fn key(&self, group: u32, situation: Situation) -> CellKey {
        let Self { card, terms, rounding_day, .. } = *self;
        CellKey { group, card, terms, situation, rounding_day }
    }
}

impl Route {
    pub(super) fn cell(&self, situation: Situation) -> Option<RouteCell> {
        self.cells.iter().flatten().find(|known| known.situation == situation).copied()
    }

    pub(super) fn remember(&mut self, cell: RouteCell) {
        self.cells.rotate_right(1);
        self.cells[0] = Some(cell);
    }
}

impl Default for Routes {
    fn default() -> Self {
        Self {
            places: Numbers::default(),
            keyed: Vec::new(),
            last: 0,
            recent: Box::new([0; RECENT]),
            all: Vec::new(),
            answers: Lookup::default(),
            subjects: Lookup::default(),
            answered: Vec::new(),
        }
    }
}

impl Routes {
    /// Makes the routes of a key those used last.
    #[inline]
    fn find(&mut self, key: Key) {
        let at = recent_place(key);
        let recent = self.recent[at];
        if self.keyed.get(recent as usize).is_some_and(|keyed| keyed.key == key) {
            self.last = recent;
            return;
        }
        self.look_up(key);
        self.recent[at] = self.last;
    }

    #[inline(never)]
    fn look_up(&mut self, key: Key) {
        let Self { places, keyed, last, .. } = self;
        let is_it = |number: u32| keyed[number as usize].key == key;
        let (number, seen) = places.number(&key, is_it, keyed.len());
        if seen == Seen::First {
            keyed.push(Keyed { key, routes: Spans::default(), undated: None, last: (0, 0, 0) });
        }
        *last = number;
    }
}

impl<'b> Ledger<'b> {
    /// The number of a record's route.
    #[inline]
    pub(super) fn route(&mut self, record: &Record<'_>) -> usize {
        let key = self.key(record);
        let routes = &mut self.routes;
        routes.find(key);
        let period = record.period.or(self.settings.undated);
        let Some(keyed) = routes.keyed.get_mut(routes.last as usize) else { return 0 };
        let (from, until, number) = keyed.last;
        let known = match period {
            Some(Period { start, end }) if from <= start.0 && end.0 <= until => Some(number),
            Some(period) => keyed.routes.get(period).map(|(holds, number)| {
                if let Holds::Within(from, until) = holds {
                    keyed.last = (from, until, number);
                }
                number
            }),
            None => keyed.undated,
        };
        known.unwrap_or_else(|| self.open_route(record, period)) as usize
    }

    /// The card that the book has for the subject of a record, or why it has none.
    pub(crate) fn card_of(&self, posting: &Posting) -> Option<Result<usize, Refusal>> {
        let answer = self.routes.answered.get(posting.subject as usize)?;
        Some(answer.map(|card| card as usize))
    }

    #[inline]
    fn key(&mut self, record: &Record<'_>) -> Key {
        let variant = self.variant_number(record.variant);
        let provider = self.names.number(record.provider);
        let model = self.names.number(record.model);
        let mut key =
            [provider, model, tier_number(record.service_tier), variant, 0, 0, 0, 0, 0, 0, 0, 0];
        key[ASSUMED] = record.assumed.bits();
        for dimension in &self.named {
            let (at, text) = match dimension {
                Dimension::Project => (4, record.project),
                Dimension::ApiKey => (5, record.api_key),
                Dimension::User => (6, record.user),
                Dimension::LineItem => (7, record.line_item),
                Dimension::Session => (8, record.origin.session),
                Dimension::Agent => (9, record.origin.agent),
                Dimension::Label(_) => (10, record.origin.label),
                _ => continue,
            };
            key[at] = self.names.number(text);
        }
        key
    }

    #[inline]
    fn variant_number(&mut self, variant: Known<&str>) -> u32 {
        match variant {
            Known::Is("") => Names::EMPTY.saturating_add(1),
            Known::Is(variant) => self.names.number(variant).saturating_add(1),
            Known::Unknown => 0,
        }
    }

    #[cold]
    fn open_route(&mut self, record: &Record<'_>, period: Option<Period>) -> u32 {
        if self.routes.all.len() >= MOST_ROUTES {
            self.forget_routes(record);
        }
        let group = self.group(record, period);
        let as_if = self.settings.as_if.clone();
        let priced = as_if.as_ref().map(|as_if| as_if.apply(record));
        let priced = priced.as_ref().unwrap_or(record);
        let (holds, target) = self.target(priced);
        let own_time = as_if.as_ref().is_none_or(|as_if| as_if.period.is_none());
        let holds = match (holds, period) {
            // Under a time of other terms, only the group depends on the record's own.
            (_, Some(period)) if !own_time => self.narrowed(Holds::ALWAYS, period, false),
            (holds, Some(period)) => self.narrowed(holds, period, true),
            (holds, None) => holds,
        };
        let names = [
            self.names.number(priced.provider),
            self.names.number(priced.model),
            tier_number(priced.service_tier),
            self.variant_number(priced.variant),
        ];
        let straddles =
            self.is_by_calendar() && period.is_some_and(|period| self.spans_days(period));
        let routes = &mut self.routes;
        let subject = Subject { names, answer: target.map(|target| target.card) };
        let Routes { subjects, answered, .. } = routes;
        let subject = *subjects.entry_or_insert_with(subject, || {
            answered.push(subject.answer);
            u32::try_from(answered.len().saturating_sub(1)).expect("fewer than 2^32 subjects")
        });
        let number = u32::try_from(routes.all.len()).expect("few are remembered");
        let (cells, refused) = ([None; CELLS], None);
        routes.all.push(Route { group, straddles, target, subject, cells, refused });
        if let Some(keyed) = routes.keyed.get_mut(routes.last as usize) {
            match (period, holds) {
                (None, _) => keyed.undated = Some(number),
                (Some(_), holds) => {
                    keyed.routes.insert(holds, number);
                    if let Holds::Within(from, until) = holds {
                        keyed.last = (from, until, number);
                    }
                }
            }
        }
        number
    }

    /// Forgets all routes but the key of a record.
    fn forget_routes(&mut self, record: &Record<'_>) {
        let key = self.key(record);
        let routes = &mut self.routes;
        routes.all.clear();
        routes.keyed.clear();
        routes.places = Numbers::default();
        routes.look_up(key);
    }

    /// The card and the terms of a record, or why there are none, and for how long that holds.
    fn target(&mut self, record: &Record<'_>) -> (Holds, Result<Target, Refusal>) {
        let (holds, answer) = self.answer(record);
        let target = answer.map(|card| {
            let terms = self.terms_of(record, card);
            let period = record.period.or(self.settings.undated);
            let rounding_day = period.map_or(0, |period| self.rounding_day(period));
            let own = self.cards.get(card as usize);
            let kind = own.map_or(Kind::EachByItself, kind);
            let lists_requests = own.is_some_and(RateCard::lists_requests);
            Target { card, terms, rounding_day, kind, lists_requests }
        });
        (holds, target)
    }

    pub(super) fn answer(&mut self, record: &Record<'_>) -> (Holds, Result<u32, Refusal>) {
        let known_period = record.period.or(self.settings.undated);
        let defaults = self.settings.defaults;
        let missing = match known_period.or(defaults.now) {
            None => Some(NotCharged::NoTime),
            Some(_) if record.model.is_empty() => Some(NotCharged::NoModel),
            Some(_) if record.provider.is_empty() && !defaults.makers => {
                Some(NotCharged::NoProvider)
            }
            Some(_) => None,
        };
        let Some(period) = known_period.or(defaults.now).filter(|_| missing.is_none()) else {
            return (Holds::ALWAYS, Err(self.refusal(missing.unwrap_or(NotCharged::NoTime))));
        };
        let service_tier = match (record.service_tier, self.settings.service_tier) {
            (Known::Unknown, Some(tier)) => Known::Is(tier),
            (tier, _) => tier,
        };
        let [provider, model, _, variant, ..] = self.key(record);
        let key = [provider, model, tier_number(service_tier), variant, record.assumed.bits()];
        // A time that is taken for granted is said with the card: it is not that of dated records.
        let is_dated = known_period.is_some();
        if is_dated
            && let Some(known) = self.routes.answers.get(&key).and_then(|known| known.get(period))
        {
            return known;
        }
        let (provider, model, variant) = (record.provider, record.model, record.variant);
        let query = Query { provider, model, period, service_tier, variant };
        let (holds, mut card) = self.card_for(&query);
        if let Ok(card) = &mut card {
            card.assumptions = card.assumptions.union(record.assumed);
        }
        if let (false, Ok(card)) = (is_dated, &mut card) {
            card.assumptions = card.assumptions.with(Assumption::Now);
        }
        let answer = match card {
            Ok(card) => Ok(intern_card(&mut self.cards, card)),
            Err(reason) => Err(self.refusal(reason)),
        };
        if is_dated {
            let spans = self.routes.answers.entry_or_insert_with(key, Spans::default);
            spans.insert(holds, answer);
        }
        (holds, answer)
    }

    /// The same card for a record that does not say when.
    pub(super) fn card_taken_for_now(&mut self, card: u32) -> u32 {
        let mut card = self.cards[card as usize].clone();
        card.assumptions = card.assumptions.with(Assumption::Now);
        intern_card(&mut self.cards, card)
    }

    /// The card of a query; where nobody says who sends the bill, that of the maker.
    fn card_for(&self, query: &Query<'_>) -> (Holds, Result<RateCard<'b>, NotCharged>) {
        let assumed = match query.provider {
            _ if !self.settings.defaults.makers => None,
            "" => Some(Assumption::Provider),
            provider if PriceBook::is_plan(provider) => Some(Assumption::MakersPrice),
            _ => None,
        };
        let Some(assumed) = assumed else {
            let found = self.book.answer(query);
            return (found.holds, found.card.map_err(NotCharged::NoCard));
        };
        let provider = match self.book.billed_by(query.model) {
            Ok(found) => found.provider,
            Err(sellers) if sellers.is_empty() => {
                let model = query.model.to_owned();
                return (Holds::ALWAYS, Err(NotCharged::UnknownModel { model }));
            }
            Err(sellers) => {
                let sellers = sellers.into_iter().map(str::to_owned).collect();
                let model = query.model.to_owned();
                return (Holds::ALWAYS, Err(NotCharged::SeveralSellers { model, sellers }));
            }
        };
        let found = self.book.answer(&Query { provider, ..*query });
        let card = found.card.map(|card| {
            let assumptions = card.assumptions.with(assumed);
            RateCard { assumptions, ..card }
        });
        (found.holds, card.map_err(NotCharged::NoCard))
    }

    /// The part of a span, around a period, in which the day, the month and the conversions of
    /// currencies are the same as well.
    fn narrowed(&self, holds: Holds, period: Period, prices_too: bool) -> Holds {
        let Holds::Within(mut start, mut end) = holds else { return holds };
        let at = period.start;
        let mut narrow = |from: i64, until: i64| {
            start = start.max(from);
            end = end.min(until);
        };
        if prices_too {
            for conversion in &self.settings.conversions {
                if conversion.since <= at {
                    narrow(conversion.since.0, i64::MAX);
                } else {
                    narrow(i64::MIN, conversion.since.0);
                }
            }
            if self.settings.rounding.is_some() {
                let midnight = at.day().saturating_mul(DAY_SECONDS);
                narrow(midnight, midnight.saturating_add(DAY_SECONDS));
            }
        }
        if self.is_by_calendar() {
            let minute = at.0.div_euclid(60).saturating_mul(60);
            let (from, until) = self.day_around(at).unwrap_or((minute, minute.saturating_add(60)));
            narrow(from, until);
        }
        if start <= at.0 && period.end.0 <= end {
            Holds::Within(start, end)
        } else {
            Holds::Only(period)
        }
    }

    /// The seconds of the local day that holds an instant; `None` when clocks change near by. Zones
    /// have changed at full minutes only since 1972: what holds for a minute can be said then.
    pub(crate) fn day_around(&self, at: Instant) -> Option<(i64, i64)> {
        let zone = &self.settings.zone;
        let date = at.date_in(zone)?;
        let first = date.to_zoned(zone.clone()).ok()?.timestamp();
        let last = date.tomorrow().ok()?.to_zoned(zone.clone()).ok()?.timestamp();
        // Where clocks change in between, a date may come twice.
        let before = Timestamp::from_second(first.as_second().saturating_sub(DAY_SECONDS)).ok()?;
        if zone.following(before).next().is_some_and(|change| change.timestamp() <= last) {
            return None;
        }
        Some((first.as_second(), last.as_second()))
    }
}

/// A few bits that tell most keys apart.
#[inline]
fn recent_place(key: Key) -> usize {
    let [provider, model, tier, variant, others @ ..] = key;
    let others = others.iter().fold(variant, |mixed, number| mixed.rotate_left(5) ^ number);
    let names = u64::from(provider) << 32 | u64::from(model);
    let mixed = names ^ u64::from(tier) << 20 ^ u64::from(others).rotate_left(40);
    // An odd number without a pattern: the digits of pi.
    let mixed = mixed.wrapping_mul(0x243f_6a88_85a3_08d3);
    usize::try_from(mixed >> BITS_DROPPED).expect("eight bits")
}

const fn tier_number(service_tier: Known<ServiceTier>) -> u32 {
    match service_tier {
        Known::Is(tier) => (tier as u32).saturating_add(1),
        Known::Unknown => 0,
    }
}

fn kind(card: &RateCard<'_>) -> Kind {
    if card.has_marginal_bracket() || !card.always_ends() {
        Kind::EachByItself
    } else if card.has_one_situation() {
        Kind::Simple
    } else {
        Kind::Whole
    }
}

pub(super) fn intern_card<'b>(cards: &mut Vec<RateCard<'b>>, card: RateCard<'b>) -> u32 {
    let same = |other: &RateCard<'b>| {
        other.provider == card.provider
            && other.model == card.model
            && other.brackets == card.brackets
            && other.assumptions == card.assumptions
    };
    let at = cards.iter().position(same).unwrap_or_else(|| {
        cards.push(card);
        cards.len().saturating_sub(1)
    });
    u32::try_from(at).expect("fewer than 2^32 cards")
}
