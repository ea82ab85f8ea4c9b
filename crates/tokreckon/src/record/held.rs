//! A record that outlives its file: texts are numbers, counts that are not reported take no room.

use std::sync::Arc;

use crate::book::Known;
use crate::charge::Shape;
use crate::grade::Assumptions;
use crate::lookup::Lookup;
use crate::money::{Exact, Money};
use crate::price::ServiceTier;
use crate::record::{Evidence, Origin, Record, Repeats};
use crate::time::Period;
use crate::usage::{Layout, Totals};

/// Texts by number; the empty text is number 0.
#[derive(Debug)]
pub(crate) struct Texts {
    numbers: Lookup<Arc<str>, u32>,
    all: Vec<Arc<str>>,
    /// What they take, about.
    bytes: usize,
}

impl Default for Texts {
    fn default() -> Self {
        let mut texts = Self { numbers: Lookup::default(), all: Vec::new(), bytes: 0 };
        texts.number("");
        texts
    }
}

impl Texts {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = u32::try_from(self.all.len()).expect("fewer than 2^32 texts");
        self.bytes += TEXT_BYTES + text.len();
        let text: Arc<str> = text.into();
        self.numbers.insert(Arc::clone(&text), number);
        self.all.push(text);
        number
    }

    /// What all of them take, about.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    fn text(&self, number: u32) -> &str {
        self.all.get(number as usize).map_or("", |text| text)
    }
}

/// What a text takes besides its bytes: two counters, its places in the list and in the map.
const TEXT_BYTES: usize = 80;

/// Texts that are part of a bucket's key.
pub(crate) const KEYS: usize = 8;

/// A record that is kept.
#[derive(Debug)]
pub(crate) struct Held {
    file: u32,
    line: u64,
    pub(crate) period: Option<Period>,
    shape: Shape,
    pub(crate) service_tier: Known<ServiceTier>,
    /// Provider, model, variant, line item, project, API key, user, id.
    pub(crate) keys: [u32; KEYS],
    variant_is_known: bool,
    unread: u32,
    assumed: Assumptions,
    /// Session, agent, label.
    origin: [u32; 3],
    /// Layout, which counts are there, and these.
    totals: Option<(Layout, u32, Box<[u64]>)>,
    pub(crate) reported: Option<Money>,
    repeats: Repeats,
}

impl Held {
    pub(crate) fn new(file: usize, record: &Record<'_>, texts: &mut Texts) -> Self {
        let (variant, variant_is_known) = match record.variant {
            Known::Is(variant) => (variant, true),
            Known::Unknown => ("", false),
        };
        let keys = [
            record.provider,
            record.model,
            variant,
            record.line_item,
            record.project,
            record.api_key,
            record.user,
            record.id,
        ];
        Self {
            file: u32::try_from(file).expect("fewer than 2^32 files"),
            line: record.line,
            period: record.period,
            shape: record.shape,
            service_tier: record.service_tier,
            keys: keys.map(|text| texts.number(text)),
            variant_is_known,
            unread: texts.number(record.unread),
            assumed: record.assumed,
            origin: [record.origin.session, record.origin.agent, record.origin.label]
                .map(|text| texts.number(text)),
            totals: record.totals.map(|totals| pack(&totals)),
            reported: record.reported,
            repeats: record.repeats,
        }
    }

    /// What it takes by itself, about.
    pub(crate) fn bytes(&self) -> usize {
        let counts = self.totals.as_ref().map_or(0, |(_, _, counts)| counts.len());
        size_of::<Self>() + counts * size_of::<u64>()
    }

    pub(crate) const fn file(&self) -> usize {
        self.file as usize
    }

    /// Where it stood.
    pub(crate) const fn place(&self) -> (u32, u64) {
        (self.file, self.line)
    }

    /// The sum of every count: copies of one thing can be ordered by it.
    pub(crate) fn weight(&self) -> u128 {
        let counts = self.totals.iter().flat_map(|(_, _, counts)| counts.iter());
        counts.map(|&count| u128::from(count)).sum()
    }

    /// Its counts; zero where it reports none.
    pub(crate) fn counts(&self) -> [u64; Totals::COUNTS] {
        let totals = self.totals.as_ref().map(unpack).unwrap_or_default();
        totals.counts().map(|count| count.unwrap_or(0))
    }

    /// How many counts and texts it reports: of copies, the fuller one tells more.
    pub(crate) fn fullness(&self) -> u32 {
        let counts = self.totals.as_ref().map_or(0, |(_, mask, _)| mask.count_ones());
        let texts = self.keys.iter().map(|key| u32::from(*key != 0)).sum::<u32>();
        counts + texts + u32::from(self.reported.is_some()) + u32::from(self.period.is_some())
    }

    /// Model, time, counts and cost are those of another.
    pub(crate) fn tells_the_same(&self, other: &Self) -> bool {
        (self.keys[1], self.period, &self.totals, self.reported)
            == (other.keys[1], other.period, &other.totals, other.reported)
    }

    /// Nothing is more in it than in another.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        let currency = |held: &Self| held.reported.map(|reported| reported.currency);
        let is_other = currency(self).zip(currency(other)).is_some_and(|(own, of)| own != of);
        !is_other
            && self.cost() <= other.cost()
            && self.counts().iter().zip(other.counts()).all(|(own, of)| *own <= of)
    }

    /// How far a response that grows had come: its output, then all its counts. Another model that took
    /// over may have read less.
    pub(crate) fn progress(&self) -> (u128, u128) {
        let totals = self.totals.as_ref().map(unpack);
        (totals.and_then(|totals| totals.whole_output()).unwrap_or(0), self.weight())
    }

    /// The amount that it reports.
    pub(crate) fn cost(&self) -> Exact {
        self.reported.map_or(Exact::ZERO, |reported| reported.amount)
    }

    /// Hands the record back.
    pub(crate) fn with_record(&self, texts: &Texts, each: &mut dyn FnMut(usize, &Record<'_>)) {
        let [provider, model, variant, line_item, project, api_key, user, id] =
            self.keys.map(|number| texts.text(number));
        let [session, agent, label] = self.origin.map(|number| texts.text(number));
        let record = Record {
            origin: Origin { session, agent, label },
            line: self.line,
            provider,
            model,
            period: self.period,
            shape: self.shape,
            service_tier: self.service_tier,
            variant: if self.variant_is_known { Known::Is(variant) } else { Known::Unknown },
            totals: self.totals.as_ref().map(unpack),
            reported: self.reported,
            line_item,
            project,
            api_key,
            user,
            id,
            unread: texts.text(self.unread),
            assumed: self.assumed,
            repeats: self.repeats,
            // Texts do not outlive their file.
            evidence: Evidence::NONE,
        };
        each(self.file(), &record);
    }
}

fn pack(totals: &Totals) -> (Layout, u32, Box<[u64]>) {
    let counts = totals.counts();
    let there = counts.iter().enumerate().filter(|(_, count)| count.is_some());
    let mask = there.fold(0, |mask, (at, _)| mask | 1 << at);
    (totals.layout, mask, counts.into_iter().flatten().collect())
}

fn unpack((layout, mask, packed): &(Layout, u32, Box<[u64]>)) -> Totals {
    let mut rest = packed.iter();
    let mut counts = [None; Totals::COUNTS];
    for (at, count) in counts.iter_mut().enumerate() {
        if mask >> at & 1 == 1 {
            *count = rest.next().copied();
        }
    }
    Totals::from_counts(*layout, counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_and_unpacks() {
        let totals =
            Totals { input: Some(3), output: Some(0), requests: Some(9), ..Totals::default() };
        assert_eq!(unpack(&pack(&totals)), totals);
        assert!(size_of::<Held>() <= 256, "{}", size_of::<Held>());
    }
}
