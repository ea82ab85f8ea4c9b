//! A price file as series: one meter under one set of conditions, through time.

use std::collections::BTreeMap;

use tokreckon_data::schema::{Above, File, PriceEntry, UnitPrice, WindowUse};
use tokreckon_data::table::Bound;
use tokreckon_data::words::{Meter, Precision, ServiceTier, Standing, State};

use crate::time::DAY_SECONDS;

/// What is priced, but for the period.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// Model id in lower case.
    pub(super) model: String,
    pub(super) service_tier: ServiceTier,
    pub(super) variant: String,
    pub(super) window: Option<WindowUse>,
    /// Threshold of the price tier; 0 for the base.
    pub(super) threshold: u64,
    pub(super) currency: String,
    pub(super) meter: Meter,
}

impl Key {
    pub(super) fn of(entry: &PriceEntry, model: &str, meter: Meter) -> Self {
        Self {
            model: model.to_lowercase(),
            service_tier: entry.service_tier,
            variant: entry.variant.clone(),
            window: entry.window.clone(),
            threshold: entry.above.map_or(0, |above| above.tokens),
            currency: entry.currency.clone(),
            meter,
        }
    }

    /// The same without its price tier.
    pub(super) fn base(&self) -> Self {
        Self { threshold: 0, ..self.clone() }
    }

    /// The standard, unconditional price of the same meter.
    pub(super) fn plain(&self) -> Self {
        let (service_tier, variant) = (ServiceTier::Standard, String::new());
        Self { service_tier, variant, window: None, ..self.base() }
    }

    /// True for a price under no condition.
    pub(super) fn is_plain(&self) -> bool {
        *self == self.plain()
    }

    /// Meter and conditions, for people.
    pub(super) fn what(&self) -> String {
        let mut words = vec![self.meter.to_string()];
        if self.service_tier != ServiceTier::Standard {
            words.push(self.service_tier.to_string());
        }
        if !self.variant.is_empty() {
            words.push(self.variant.clone());
        }
        if self.threshold > 0 {
            words.push(format!("above {}", self.threshold));
        }
        words.join(", ")
    }
}

/// One price of a series.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fact {
    /// Model id as spelled.
    pub(super) id: String,
    pub(super) price: UnitPrice,
    pub(super) above: Option<Above>,
    pub(super) from: Bound,
    pub(super) until: Bound,
    pub(super) standing: Standing,
    pub(super) seen: i32,
    pub(super) source: String,
    pub(super) basis: String,
    pub(super) also_seen: String,
    pub(super) promised: Option<i32>,
    pub(super) note: String,
    /// Written by this renewal.
    pub(super) is_new: bool,
}

impl Fact {
    /// First second; the beginning of time for an unknown start.
    pub(super) const fn start(&self) -> i64 {
        match self.from.precision {
            Precision::Unknown => i64::MIN,
            _ => self.from.seconds,
        }
    }

    /// Second after the last one.
    pub(super) const fn end(&self) -> i64 {
        match self.until.precision {
            Precision::Open => i64::MAX,
            _ => self.until.seconds,
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        matches!(self.until.precision, Precision::Open)
    }

    /// The amount as a price file writes it.
    pub(super) fn amount(&self) -> String {
        super::entries::amount(&self.price)
    }
}

/// The same amount for the same unit, however it is written: `14 per 1000` is `0.014 per one`.
pub(super) fn same(a: &UnitPrice, b: &UnitPrice) -> bool {
    if a.state != State::Priced || b.state != State::Priced {
        return a.state == b.state;
    }
    a.noun == b.noun && sides(a, b).is_some_and(|(left, right)| left == right)
}

/// Ten times the first amount over the second, where both are amounts of one thing.
pub(super) fn ratio(a: &UnitPrice, b: &UnitPrice) -> Option<u128> {
    let is_amount = |price: &UnitPrice| price.state == State::Priced && price.mantissa > 0;
    if !is_amount(a) || !is_amount(b) || a.noun != b.noun {
        return None;
    }
    let (left, right) = sides(a, b)?;
    left.checked_mul(10)?.checked_div(right)
}

/// Two amounts for one unit each, as whole numbers of the same size: no larger than they must be, for
/// amounts may have 18 digits.
fn sides(a: &UnitPrice, b: &UnitPrice) -> Option<(u128, u128)> {
    let shared_scale = a.scale.min(b.scale);
    let shared_unit = greatest_divisor(a.per, b.per);
    let raised = |price: &UnitPrice, other: &UnitPrice| {
        let mantissa = u128::from(price.mantissa.unsigned_abs());
        let places = u32::from(other.scale - shared_scale);
        mantissa
            .checked_mul(10_u128.checked_pow(places)?)?
            .checked_mul(u128::from(other.per.checked_div(shared_unit)?))
    };
    Some((raised(a, b)?, raised(b, a)?))
}

const fn greatest_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_divisor(b, a % b) }
}

/// A bound on a day.
pub(super) fn on_day(day: i32) -> Bound {
    Bound { seconds: i64::from(day) * DAY_SECONDS, precision: Precision::Day }
}

pub(super) const OPEN: Bound = Bound { seconds: 0, precision: Precision::Open };

/// All series of one price file.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) provider: String,
    pub(super) series: BTreeMap<Key, Vec<Fact>>,
}

impl Book {
    pub(super) fn of(file: &File) -> Self {
        let mut book = Self { provider: file.provider.clone(), ..Self::default() };
        for entry in &file.prices {
            for id in &entry.models {
                for price in &entry.prices {
                    let facts = book.series.entry(Key::of(entry, id, price.meter)).or_default();
                    facts.push(fact(entry, id, *price));
                }
            }
        }
        for facts in book.series.values_mut() {
            facts.sort_by_key(Fact::start);
        }
        book
    }

    /// The price of a series that is in force for now.
    pub(super) fn open(&self, key: &Key) -> Option<&Fact> {
        self.series.get(key)?.iter().rfind(|fact| fact.is_open())
    }

    /// The same, to be changed.
    pub(super) fn open_mut(&mut self, key: &Key) -> Option<&mut Fact> {
        self.series.get_mut(key)?.iter_mut().rfind(|fact| fact.is_open())
    }

    /// Gives every price beyond one threshold of one card the same comparison and scope: that of the
    /// provider where it has one way, else that of a curated price, else of the newest.
    pub(super) fn with_one_comparison(&mut self) {
        type Tier = (String, ServiceTier, String, Option<WindowUse>, u64);
        let tier = |key: &Key| -> Tier {
            let (model, window) = (key.model.clone(), key.window.clone());
            (model, key.service_tier, key.variant.clone(), window, key.threshold)
        };
        let old = self.series.values().flatten().filter(|fact| !fact.is_new);
        let ways: Vec<_> =
            old.filter_map(|fact| fact.above).map(|a| (a.comparison, a.scope)).collect();
        let of_provider = ways.first().copied().filter(|way| ways.iter().all(|other| other == way));
        let mut best: BTreeMap<Tier, ((bool, bool, i32), Above)> = BTreeMap::new();
        for (key, facts) in &self.series {
            for fact in facts {
                let Some(above) = fact.above else { continue };
                let rank = (fact.standing == Standing::Curated, fact.is_open(), fact.seen);
                let held = best.entry(tier(key)).or_insert((rank, above));
                if rank > held.0 {
                    *held = (rank, above);
                }
            }
        }
        for (key, facts) in &mut self.series {
            for fact in facts.iter_mut().filter(|fact| fact.above.is_some()) {
                fact.above = best.get(&tier(key)).map(|(_, above)| match of_provider {
                    Some((comparison, scope)) => Above { comparison, scope, ..*above },
                    None => *above,
                });
            }
        }
    }

    /// The price of a series on a day, where it is not the one that goes on: that one is announced.
    pub(super) fn before_announced(&self, key: &Key, day: i32) -> Option<&Fact> {
        let second = i64::from(day) * DAY_SECONDS;
        let facts = self.series.get(key)?;
        facts.iter().rfind(|fact| !fact.is_open() && fact.start() <= second && second < fact.end())
    }

    /// True when the file prices the model, whatever of it.
    pub(super) fn has_model(&self, key: &Key) -> bool {
        let plain = Key { meter: Meter::Input, ..key.plain() };
        self.series.range(plain..).next().is_some_and(|(other, _)| other.model == key.model)
    }
}

fn fact(entry: &PriceEntry, id: &str, price: UnitPrice) -> Fact {
    Fact {
        id: id.to_owned(),
        price,
        above: entry.above,
        from: entry.from,
        until: entry.until,
        standing: entry.standing,
        seen: entry.seen_day.unwrap_or(i32::MIN),
        source: entry.source.clone(),
        basis: entry.basis.clone(),
        also_seen: entry.also_seen.clone(),
        promised: entry.promised_through_day,
        note: entry.note.clone(),
        is_new: false,
    }
}
