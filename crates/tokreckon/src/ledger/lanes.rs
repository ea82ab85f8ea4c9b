//! Where a record goes that is like one before it: the same keys, the same day, the same card.
//!
//! A lane remembers what became of a record's texts and time: its group, card and terms, and from
//! when until when the same holds. A record that finds its lane is added by two comparisons of
//! texts and a few integer sums. Lanes are a memory only: without them every digit is the same.

use jiff::Timestamp;

use super::cells::Cells;
use super::costs::AllLeastCosts;
use super::places::{PLACES_POWER, Places};
use super::{Cell, CellKey, CellTerms, Dimension, Ledger, Outcome, RoundingPolicy, RoundingScope};
use crate::book::Known;
use crate::charge::Situation;
use crate::price::{RateCard, ServiceTier};
use crate::record::{Name, OwnName, Record, Request};
use crate::time::{DAY_SECONDS, Instant, Period};
use crate::usage::Unreported;

/// Lanes that are remembered at most; beyond them all are forgotten.
const MAX_LANES: usize = 1 << 14;
/// Seconds of a part of time, as a power of two: somewhat more than a day.
const PART_POWER: u32 = 17;
/// Cells that a lane remembers: two price tiers, of which each may report what the other does not.
const CELLS: usize = 4;
/// Texts of a record, besides provider and model, that may decide where it goes.
const OTHERS: usize = 5;

#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// The numbers of lanes, by hash.
    places: Places,
    all: Vec<Lane>,
    /// Requests are told apart by more than their provider and model.
    are_keyed: bool,
}

/// For when a lane holds.
#[derive(Clone, Copy, Debug)]
enum Span {
    /// For every instant from this second to that before the last.
    Instants { from: i64, until: i64 },
    /// For this period as a whole.
    Period { start: i64, end: i64 },
}

#[derive(Debug)]
struct Lane {
    provider: OwnName,
    model: OwnName,
    /// The labels of both.
    names: [u32; 2],
    /// As in its key; nothing where all are empty.
    others: Option<Box<[Box<str>; OTHERS]>>,
    /// As [`tier_and_variant`] says it.
    tier_and_variant: u8,
    span: Span,
    /// The period reaches over more than one day of the zone.
    straddles: bool,
    /// Group, card, terms and day; the situation is the record's own.
    key: CellKey,
    /// The only situation of the card, but for whether cache reads are reported.
    is_simple: bool,
    /// Cells of the situations seen last; of a simple one that with cache reads reported, and
    /// that without.
    cells: [Option<LaneCell>; CELLS],
}

/// The cell of a lane for one situation, and its prices.
#[derive(Clone, Copy, Debug)]
struct LaneCell {
    situation: Situation,
    cell: u32,
    /// Index of its [`LeastCosts`](super::costs::LeastCosts).
    costs: u32,
}

impl Lane {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs more than what it does")]
    fn holds(&self, key: &Key<'_, '_>) -> bool {
        self.provider.is(key.provider)
            && self.model.is(key.model)
            && match self.span {
                Span::Instants { from, until } => {
                    from <= key.at && key.at < until && key.is_instant()
                }
                Span::Period { start, end } => start == key.at && end == key.end,
            }
            && self.tier_and_variant == key.tier_and_variant
            && match (self.others.as_deref(), key.others) {
                (None, None) => true,
                (Some(own), Some(others)) => {
                    own.iter().map(|text| &**text).eq(others.iter().copied())
                }
                _ => false,
            }
    }
}

impl Lane {
    /// The cell for a situation.
    #[inline]
    fn cell(
        &mut self,
        situation: Situation,
        card: &RateCard<'_>,
        terms: &[CellTerms],
        cells: &mut Cells,
        least_costs: &mut AllLeastCosts,
    ) -> Option<LaneCell> {
        if let Some(known) = self.cells.iter().flatten().find(|known| known.situation == situation)
        {
            return Some(*known);
        }
        let key = CellKey { situation, ..self.key };
        let costs = least_costs.number(card, key, *terms.get(key.terms as usize)?);
        let new_cell = || Cell { masks: least_costs.masks(costs), ..Cell::default() };
        let cell = cells.number(key, new_cell);
        let known = LaneCell { situation, cell, costs };
        if self.is_simple {
            self.cells[usize::from(situation.unreported.cache)] = Some(known);
        } else {
            self.cells.rotate_right(1);
            self.cells[0] = Some(known);
        }
        Some(known)
    }
}

/// Where a request went, and what for.
#[derive(Clone, Copy, Debug)]
pub struct Posted {
    /// Index of the card in [`Ledger::cards`].
    pub(crate) card: u32,
    /// Index of its least costs.
    pub(crate) costs: u32,
    /// The labels of its provider and model: the same for the same texts, and for no others.
    pub(crate) names: [u32; 2],
    /// Its disjoint counts, in the order of [`FEW_METERS`](super::FEW_METERS).
    pub(crate) counts: [u64; 4],
    /// Meters with a count above zero, one bit each.
    pub(crate) metered: u32,
}

impl Posted {
    /// Its tokens, uncached and cached input and output.
    pub(crate) fn tokens(&self) -> u128 {
        self.counts.into_iter().map(u128::from).sum()
    }
}

impl Ledger<'_> {
    /// Adds a record whose lane is known; `None` leaves everything as it was.
    #[inline]
    pub(super) fn add_in_lane(&mut self, record: &Record<'_>) -> Option<Outcome> {
        let period = record.period.filter(|_| record.unread.is_empty())?;
        let totals = record.totals.as_ref()?;
        if self.lanes.all.is_empty() {
            return None;
        }
        let names = [record.provider, record.model].map(Name::from);
        let others = self.others_of(record);
        let number = self.find(&Key::of(record, &names, others.as_ref(), period))?;
        let lane = self.lanes.all.get_mut(number)?;
        let usage = totals.to_usage().ok()?;
        let card = self.cards.get(lane.key.card as usize)?;
        let situation = if lane.is_simple {
            let unreported = Unreported { cache: usage.unreported.cache, ..Unreported::NOTHING };
            Situation { unreported, ..Situation::PLAIN }
        } else {
            card.situation(&usage, record.shape)
        };
        let LaneCell { cell, costs, .. } =
            lane.cell(situation, card, &self.terms, &mut self.cells, &mut self.least_costs)?;
        let CellKey { group, card, .. } = lane.key;
        self.least_costs.last = Some(costs);
        self.straddling += u64::from(lane.straddles);
        self.add_reported(group, record.reported);
        self.cells.get_mut(cell)?.add(&usage);
        Some(Outcome::Charged { usage, card: card as usize, situation })
    }

    /// Adds a request whose lane is known; `None` leaves everything as it was: then its record is
    /// to be added.
    #[inline]
    pub fn add_request(&mut self, request: &Request<'_>) -> Option<Posted> {
        if self.lanes.all.is_empty() {
            return None;
        }
        let bucket = request.bucket();
        let others;
        let key = Key {
            provider: &request.provider,
            model: &request.model,
            others: if self.lanes.are_keyed {
                others = self.others_of_request(request);
                others.as_ref()
            } else {
                None
            },
            tier_and_variant: tier_and_variant(true, request.service_tier),
            at: request.at.0,
            end: bucket.map_or(request.at.0.saturating_add(1), |bucket| bucket.end.0),
        };
        let number = self.find(&key)?;
        let lane = self.lanes.all.get_mut(number)?;
        let (cache_read, reasoning) =
            (request.cache_read.unwrap_or(0), request.reasoning.unwrap_or(0));
        let counts = [
            request.input.checked_sub(cache_read)?,
            cache_read,
            request.output.checked_sub(reasoning)?,
            reasoning,
        ];
        let cache_is_open = request.cache_read.is_none() && counts[0] > 0;
        let known = if lane.is_simple { lane.cells[usize::from(cache_is_open)] } else { None };
        let LaneCell { cell, costs, .. } = if let Some(known) = known {
            known
        } else {
            let unreported = Unreported {
                cache: cache_is_open,
                reasoning: request.reasoning.is_none() && counts[2] > 0,
                member: false,
            };
            let card = self.cards.get(lane.key.card as usize)?;
            let (input, output) = (request.input, request.output);
            let is_single = bucket.is_none_or(|bucket| bucket.requests == Some(1));
            let situation =
                card.situation_of(is_single, input.into(), output.into(), reasoning, unreported);
            lane.cell(situation, card, &self.terms, &mut self.cells, &mut self.least_costs)?
        };
        let (card, names) = (lane.key.card, lane.names);
        self.records += 1;
        self.straddling += u64::from(lane.straddles);
        self.least_costs.last = Some(costs);
        let unsplit = if request.reasoning.is_none() { counts[2] } else { 0 };
        let cell = self.cells.get_mut(cell)?;
        let metered = cell.add_few(counts, unsplit);
        if let Some(amount) = request.reported_usd {
            cell.with_reported += 1;
            if let Err(error) = cell.reported_usd.add(amount) {
                self.inexact = self.inexact.or(Some(error));
            }
        }
        Some(Posted { card, costs, names, counts, metered })
    }

    /// Remembers where a charged record went; false where that cannot be.
    pub(super) fn open_lane(&mut self, record: &Record<'_>, key: CellKey) -> bool {
        let Some(period) = record.period.filter(|_| record.unread.is_empty()) else { return false };
        let Some(card) = self.cards.get(key.card as usize) else { return false };
        let by_line = matches!(
            self.settings.rounding,
            Some(RoundingPolicy { scope: RoundingScope::Line, .. })
        );
        // Under other terms a record goes by other texts than its own.
        if by_line
            || card.has_marginal_bracket()
            || !card.always_ends()
            || self.settings.as_if.is_some()
        {
            return false;
        }
        let is_simple = card.has_one_situation();
        let span = if period.is_instant() {
            self.span(record, period.start).map(|(from, until)| Span::Instants { from, until })
        } else {
            Some(Span::Period { start: period.start.0, end: period.end.0 })
        };
        let Some(span) = span else { return false };
        let straddles = self.straddles_days(record);
        let labels = [
            self.text_label(Dimension::Provider, record.provider),
            self.text_label(Dimension::Model, record.model),
        ];
        let names = [record.provider, record.model].map(Name::from);
        let others = self.others_of(record);
        let text_key = Key::of(record, &names, others.as_ref(), period);
        let lane = Lane {
            provider: OwnName::new(text_key.provider),
            model: OwnName::new(text_key.model),
            names: labels,
            others: others.map(|others| Box::new(others.map(Box::from))),
            tier_and_variant: text_key.tier_and_variant,
            span,
            straddles,
            key,
            is_simple,
            cells: [None; CELLS],
        };
        let place = text_key.place();
        let keyed = [Dimension::Project, Dimension::ApiKey, Dimension::User];
        self.lanes.are_keyed = self.settings.by.iter().any(|by| keyed.contains(by));
        let Lanes { places, all, .. } = &mut self.lanes;
        if places.is_empty() || all.len() >= MAX_LANES {
            places.clear();
            all.clear();
        }
        places.put(place, all.len());
        all.push(lane);
        true
    }

    /// The texts besides provider and model that decide where a request goes.
    fn others_of_request<'r>(&self, request: &Request<'r>) -> Option<[&'r str; OTHERS]> {
        let mut others = [""; OTHERS];
        for dimension in &self.settings.by {
            match dimension {
                Dimension::Project => others[1] = request.project.as_str(),
                Dimension::ApiKey => others[2] = request.api_key.as_str(),
                Dimension::User => others[3] = request.user.as_str(),
                _ => {}
            }
        }
        unless_empty(others)
    }

    /// The texts besides provider and model that decide where a record goes.
    #[inline]
    fn others_of<'r>(&self, record: &Record<'r>) -> Option<[&'r str; OTHERS]> {
        let mut others = [""; OTHERS];
        if let Known::Is(variant) = record.variant {
            others[0] = variant;
        }
        for dimension in &self.settings.by {
            match dimension {
                Dimension::Project => others[1] = record.project,
                Dimension::ApiKey => others[2] = record.api_key,
                Dimension::User => others[3] = record.user,
                Dimension::LineItem => others[4] = record.line_item,
                _ => {}
            }
        }
        unless_empty(others)
    }

    /// The number of the lane with this key.
    #[inline]
    fn find(&self, key: &Key<'_, '_>) -> Option<usize> {
        let place = key.place();
        match self.lanes.places.number(place) {
            Some(number) if self.lanes.all.get(number)?.holds(key) => Some(number),
            Some(_) => self.find_beside(place, key),
            // A lane stands beside its place only where another has taken that.
            None => None,
        }
    }

    /// The number of the lane with this key that stands beside its place.
    #[inline(never)]
    fn find_beside(&self, place: usize, key: &Key<'_, '_>) -> Option<usize> {
        let number = self.lanes.places.beside(place)?;
        self.lanes.all.get(number)?.holds(key).then_some(number)
    }

    /// The seconds around an instant for which the card, the terms, the day and the month are the
    /// same; `None` when that cannot be said.
    fn span(&mut self, record: &Record<'_>, at: Instant) -> Option<(i64, i64)> {
        let (mut start, mut end) = self.answer_span(record)?;
        let mut narrow = |from: i64, until: i64| {
            start = start.max(from);
            end = end.min(until);
        };
        for conversion in &self.settings.conversions {
            if conversion.since <= at {
                narrow(conversion.since.0, i64::MAX);
            } else {
                narrow(i64::MIN, conversion.since.0);
            }
        }
        if self.settings.rounding.is_some() {
            narrow(at.day() * DAY_SECONDS, (at.day() + 1) * DAY_SECONDS);
        }
        let calendar = [Dimension::Day, Dimension::Week, Dimension::Month];
        if self.settings.by.iter().any(|dimension| calendar.contains(dimension)) {
            let zone = &self.settings.zone;
            let date = at.date_in(zone)?;
            let first = date.to_zoned(zone.clone()).ok()?.timestamp();
            let last = date.tomorrow().ok()?.to_zoned(zone.clone()).ok()?.timestamp();
            // Where clocks change in between, a date may come twice.
            let before = Timestamp::from_second(first.as_second() - DAY_SECONDS).ok()?;
            if zone.following(before).next().is_some_and(|change| change.timestamp() <= last) {
                return None;
            }
            narrow(first.as_second(), last.as_second());
        }
        (start <= at.0 && at.0 < end).then_some((start, end))
    }
}

fn unless_empty(others: [&str; OTHERS]) -> Option<[&str; OTHERS]> {
    others.iter().any(|text| !text.is_empty()).then_some(others)
}

/// The service tier, and whether the variant is known, as one number.
#[inline]
const fn tier_and_variant(variant_is_known: bool, service_tier: Known<ServiceTier>) -> u8 {
    let tier = match service_tier {
        Known::Is(tier) => tier as u8 + 1,
        Known::Unknown => 0,
    };
    tier << 1 | variant_is_known as u8
}

/// What decides where a record goes.
#[derive(Clone, Copy, Debug)]
struct Key<'k, 'r> {
    provider: &'k Name<'r>,
    model: &'k Name<'r>,
    /// Variant, project, API key, user and line item; those that decide nothing are empty.
    others: Option<&'k [&'r str; OTHERS]>,
    /// As [`tier_and_variant`] says it.
    tier_and_variant: u8,
    /// Its first second, and the second after the last.
    at: i64,
    end: i64,
}

impl<'k, 'r> Key<'k, 'r> {
    #[inline]
    const fn of(
        record: &Record<'_>,
        names: &'k [Name<'r>; 2],
        others: Option<&'k [&'r str; OTHERS]>,
        period: Period,
    ) -> Self {
        Self {
            provider: &names[0],
            model: &names[1],
            others,
            tier_and_variant: tier_and_variant(
                matches!(record.variant, Known::Is(_)),
                record.service_tier,
            ),
            at: period.start.0,
            end: period.end.0,
        }
    }

    #[inline]
    const fn is_instant(&self) -> bool {
        self.end - self.at == 1
    }

    /// Where the number of the lane stands.
    #[inline]
    fn place(&self) -> usize {
        // Odd numbers without a pattern: the digits of pi.
        const FACTORS: [u64; 2] = [0x243f_6a88_85a3_08d3, 0xa409_3822_299f_31d1];
        // A lane that holds for longer than such a part of time has more than one place.
        let mut hash =
            (self.at >> PART_POWER << 8 | i64::from(self.tier_and_variant)).cast_unsigned();
        let mut add = |[first, _, last]: &[u64; 3]| {
            let both = (first ^ FACTORS[1]).wrapping_mul(FACTORS[0]) ^ last;
            hash = (hash ^ both).wrapping_mul(FACTORS[1]).rotate_left(29);
        };
        add(self.provider.words());
        add(self.model.words());
        if let Some(others) = self.others {
            for &text in others.iter().filter(|text| !text.is_empty()) {
                add(Name::from(text).words());
            }
        }
        let hash = hash.wrapping_mul(FACTORS[0]) >> (u64::BITS - PLACES_POWER);
        usize::try_from(hash).unwrap_or(0)
    }
}
