//! Where a record goes that is like one before it: the same keys, the same day, the same card.
//!
//! A lane remembers what became of a record's texts and time: its group, card and terms, and from
//! when until when the same holds. A record that finds its lane is added by two comparisons of
//! texts and a few integer sums. Lanes are a memory only: without them every digit is the same.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;
use jiff::Timestamp;

use super::cells::Cells;
use super::costs::AllLeastCosts;
use super::{Cell, CellKey, CellTerms, Dimension, Ledger, Outcome, RoundingPolicy, RoundingScope};
use crate::book::Known;
use crate::charge::{Shape, Situation};
use crate::price::{RateCard, ServiceTier};
use crate::record::{Record, Request};
use crate::time::{DAY_SECONDS, Instant};
use crate::usage::{Meter, Unreported, Usage};

/// Lanes that are remembered at most; beyond them all are forgotten.
const MAX_LANES: usize = 1 << 14;
/// Places for numbers of lanes, by hash.
const PLACES: usize = 1 << 13;
/// Texts of a record that may decide where it goes.
const TEXTS: usize = 7;

#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// Number of a lane plus 1, by hash; empty before the first lane.
    places: Vec<u32>,
    all: Vec<Lane>,
    state: RandomState,
}

#[derive(Debug)]
struct Lane {
    /// All texts of the key, one after the other, and where each ends.
    texts: Box<[u8]>,
    ends: [u32; TEXTS],
    variant_is_known: bool,
    service_tier: Known<ServiceTier>,
    /// First second for which it holds, and the second after the last.
    span: (i64, i64),
    /// Group, card, terms and day; the situation is the record's own.
    key: CellKey,
    /// The only situation of the card, but for whether cache reads are reported.
    is_simple: bool,
    /// Cells of the situations seen last.
    cells: [Option<LaneCell>; 2],
}

/// The cell of a lane for one situation, and its prices.
#[derive(Clone, Copy, Debug)]
struct LaneCell {
    situation: Situation,
    cell: u32,
    /// Index of its [`LeastCosts`].
    costs: u32,
}

impl Lane {
    #[inline]
    fn holds(
        &self,
        texts: &[&str; TEXTS],
        tier: Known<ServiceTier>,
        has_variant: bool,
        at: i64,
    ) -> bool {
        let mut start = 0;
        for (text, end) in texts.iter().zip(self.ends) {
            let end = end as usize;
            let Some(own) = self.texts.get(start..end) else { return false };
            if !same(own, text.as_bytes()) {
                return false;
            }
            start = end;
        }
        self.span.0 <= at
            && at < self.span.1
            && self.service_tier == tier
            && self.variant_is_known == has_variant
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
        let masks = card.price_masks(situation);
        let terms = terms.get(key.terms as usize)?;
        let cell = cells.number(key, || Cell { masks, ..Cell::default() });
        let costs = least_costs.number(card, key, *terms, masks.unpriced);
        let known = LaneCell { situation, cell, costs };
        self.cells = [Some(known), self.cells[0]];
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
    /// Its disjoint counts.
    pub(crate) counts: [(Meter, u64); 4],
    /// Meters with a count above zero, one bit each.
    pub(crate) metered: u32,
}

impl Posted {
    /// Its tokens, uncached and cached input and output.
    pub(crate) fn tokens(&self) -> u128 {
        self.counts.iter().map(|(_, count)| u128::from(*count)).sum()
    }
}

impl Ledger<'_> {
    /// Adds a record whose lane is known; `None` leaves everything as it was.
    #[inline]
    pub(super) fn add_in_lane(&mut self, record: &Record<'_>) -> Option<Outcome> {
        let period = record.period.filter(|period| period.is_instant())?;
        let totals = record.totals.as_ref()?;
        if self.lanes.all.is_empty() {
            return None;
        }
        let texts = self.lane_texts(record);
        let at = period.start.0;
        let number = self.find(&texts, record.service_tier, is_known(record), at)?;
        let lane = self.lanes.all.get_mut(number)?;
        let usage = totals.to_usage().ok()?;
        let card = self.cards.get(lane.key.card as usize)?;
        let situation = if lane.is_simple {
            let unreported = Unreported { cache: usage.unreported.cache, reasoning: false };
            Situation { unreported, ..Situation::PLAIN }
        } else {
            card.situation(&usage, record.shape)
        };
        let LaneCell { cell, costs, .. } =
            lane.cell(situation, card, &self.terms, &mut self.cells, &mut self.least_costs)?;
        let CellKey { group, card, .. } = lane.key;
        self.least_costs.last = Some(costs);
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
        let mut texts = [request.provider, request.model, "", "", "", "", ""];
        for dimension in &self.settings.by {
            match dimension {
                Dimension::Project => texts[3] = request.project,
                Dimension::ApiKey => texts[4] = request.api_key,
                Dimension::User => texts[5] = request.user,
                _ => {}
            }
        }
        let number = self.find(&texts, request.service_tier, true, request.at.0)?;
        let lane = self.lanes.all.get_mut(number)?;
        let (cache_read, reasoning) =
            (request.cache_read.unwrap_or(0), request.reasoning.unwrap_or(0));
        let counts = [
            (Meter::Input, request.input.checked_sub(cache_read)?),
            (Meter::CacheRead, cache_read),
            (Meter::Output, request.output.checked_sub(reasoning)?),
            (Meter::Reasoning, reasoning),
        ];
        let card = self.cards.get(lane.key.card as usize)?;
        let cache_is_open = request.cache_read.is_none() && counts[0].1 > 0;
        let situation = if lane.is_simple {
            let unreported = Unreported { cache: cache_is_open, reasoning: false };
            Situation { unreported, ..Situation::PLAIN }
        } else {
            let mut usage =
                counts.iter().fold(Usage::NONE, |usage, (meter, count)| usage.with(*meter, *count));
            usage.unreported.cache = cache_is_open;
            usage.unreported.reasoning = request.reasoning.is_none() && counts[2].1 > 0;
            card.situation(&usage, Shape::Request)
        };
        let LaneCell { cell, costs, .. } =
            lane.cell(situation, card, &self.terms, &mut self.cells, &mut self.least_costs)?;
        let CellKey { group, card, .. } = lane.key;
        self.records += 1;
        self.least_costs.last = Some(costs);
        self.add_reported(group, request.reported());
        let unsplit = if request.reasoning.is_none() { counts[2].1 } else { 0 };
        let metered = self.cells.get_mut(cell)?.add_few(&counts, unsplit);
        Some(Posted { card, costs, counts, metered })
    }

    /// Remembers where a charged record went.
    pub(super) fn open_lane(&mut self, record: &Record<'_>, key: CellKey) {
        let Some(period) = record.period.filter(|period| period.is_instant()) else {
            return;
        };
        let Some(card) = self.cards.get(key.card as usize) else { return };
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
            return;
        }
        let is_simple = card.has_one_situation();
        let Some(span) = self.span(record, period.start) else { return };
        let texts = self.lane_texts(record);
        let mut ends = [0; TEXTS];
        let mut all = Vec::new();
        for (end, text) in ends.iter_mut().zip(texts) {
            all.extend_from_slice(text.as_bytes());
            *end = u32::try_from(all.len()).unwrap_or(u32::MAX);
        }
        let lane = Lane {
            texts: all.into_boxed_slice(),
            ends,
            variant_is_known: is_known(record),
            service_tier: record.service_tier,
            span,
            key,
            is_simple,
            cells: [None, None],
        };
        let place = self.place(&texts, record.service_tier, period.start.0);
        let Lanes { places, all, .. } = &mut self.lanes;
        if places.is_empty() || all.len() >= MAX_LANES {
            *places = vec![0; PLACES];
            all.clear();
        }
        all.push(lane);
        places[place] = u32::try_from(all.len()).unwrap_or(0);
    }

    /// The texts that decide where a record goes.
    #[inline]
    fn lane_texts<'r>(&self, record: &Record<'r>) -> [&'r str; TEXTS] {
        let mut texts = [record.provider, record.model, "", "", "", "", ""];
        if let Known::Is(variant) = record.variant {
            texts[2] = variant;
        }
        for dimension in &self.settings.by {
            match dimension {
                Dimension::Project => texts[3] = record.project,
                Dimension::ApiKey => texts[4] = record.api_key,
                Dimension::User => texts[5] = record.user,
                Dimension::LineItem => texts[6] = record.line_item,
                _ => {}
            }
        }
        texts
    }

    /// The number of the lane with these texts.
    #[inline]
    fn find(
        &self,
        texts: &[&str; TEXTS],
        tier: Known<ServiceTier>,
        has_variant: bool,
        at: i64,
    ) -> Option<usize> {
        let place = self.place(texts, tier, at);
        let number = self.lanes.places.get(place)?.checked_sub(1)? as usize;
        let lane = self.lanes.all.get(number)?;
        lane.holds(texts, tier, has_variant, at).then_some(number)
    }

    /// Where the number of its lane stands.
    #[inline]
    fn place(&self, texts: &[&str; TEXTS], tier: Known<ServiceTier>, at: i64) -> usize {
        let mut hasher = self.lanes.state.build_hasher();
        for text in texts {
            if !text.is_empty() {
                hasher.write(text.as_bytes());
            }
        }
        let tier = match tier {
            Known::Is(tier) => tier as i64 + 1,
            Known::Unknown => 0,
        };
        hasher.write_i64(at.div_euclid(DAY_SECONDS) << 8 | tier);
        usize::try_from(hasher.finish() % PLACES as u64).unwrap_or(0)
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

fn is_known(record: &Record<'_>) -> bool {
    matches!(record.variant, Known::Is(_))
}

/// True for equal texts; the short ones that most are take a few instructions.
#[inline]
fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    if left.len() <= 16
        && let (Some(first), Some(last)) = (left.first_chunk::<8>(), left.last_chunk::<8>())
    {
        return right.first_chunk() == Some(first) && right.last_chunk() == Some(last);
    }
    if left.len() < 8 {
        return left.iter().zip(right).all(|(left, right)| left == right);
    }
    left == right
}
