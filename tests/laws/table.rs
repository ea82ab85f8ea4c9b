//! Random tables of records: providers, models, days, tiers, keys, what is bounded, unpriced,
//! refused, refunded or only billed, in several currencies.

use jiff::tz::TimeZone;
use tokreckon::book::Known;
use tokreckon::charge::Shape;
use tokreckon::ledger::{
    Adjustment, Conversion, Defaults, Dimension, RoundingPolicy, RoundingScope, Settings,
};
use tokreckon::money::{Currency, Money, Rounding};
use tokreckon::price::ServiceTier;
use tokreckon::record::Record;
use tokreckon::time::{Instant, Period};
use tokreckon::usage::{Layout, Totals};

use crate::engine::{exact, period};
use crate::random::Random;

/// A price file in which every way of being priced occurs.
pub(crate) const BOOK: &[&str] = &[
    r#"
provider = "acme"
currency = "USD"

[window.night]
hours = ["22:00-06:00"]

[[price]]
models = ["plain"]
from = 2026-01-01
input = "1.10"
cache-read = "0.55"
output = "4.40"

[[price]]
models = ["plain"]
service-tier = "batch"
from = 2026-01-01
input = "0.55"
cache-read = "0.275"
output = "2.20"

[[price]]
models = ["changed"]
from = 2026-01-01
until = 2026-03-02
input = "3"
output = "12"

[[price]]
models = ["changed"]
from = 2026-03-02
input = "1.000000000001"
output = "12"

[[price]]
models = ["long"]
from = 2026-01-01
input = "2"
output = "8"

[[price]]
models = ["long"]
above = { tokens = 1000, comparison = ">", scope = "whole-request" }
from = 2026-01-01
input = "4"
output = "12"

[[price]]
models = ["marginal"]
from = 2026-01-01
input = "2"
output = "8"

[[price]]
models = ["marginal"]
above = { tokens = 1000, comparison = ">=", scope = "marginal" }
from = 2026-01-01
input = "1"

[[price]]
models = ["free-input"]
from = 2026-01-01
input = "free"
output = "1"

[[price]]
models = ["no-output"]
from = 2026-01-01
input = "0.02"
cache-read = "not-sourced"
output = "not-offered"

[[price]]
models = ["nightly"]
window = "night"
from = 2026-01-01
input = "1"
output = "2"

[[price]]
models = ["nightly"]
window = "not night"
from = 2026-01-01
input = "2"
output = "4"

[[price]]
models = ["thinker"]
from = 2026-01-01
input = "0.3"
cache-write-5m = "0.375"
cache-write-1h = "0.6"
output = "0.6"
output-thinking-mode = "3.5"

[[price]]
models = ["short-lived"]
from = "unknown"
until = 2026-03-02T12:00:00Z
seen = 2026-02-27
input = "7"
output = "9"
"#,
    r#"
provider = "yuan"
currency = "CNY"

[[price]]
models = ["plain"]
from = 2026-01-01
input = "2"
cache-read = "0.2"
output = "3.000001"
"#,
];

/// One record that owns its texts.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    provider: &'static str,
    model: &'static str,
    period: Option<Period>,
    shape: Shape,
    service_tier: Known<ServiceTier>,
    variant: Known<&'static str>,
    totals: Option<Totals>,
    reported: Option<Money>,
    line_item: &'static str,
    project: &'static str,
    api_key: &'static str,
    user: &'static str,
}

impl Row {
    pub(crate) fn record(&self) -> Record<'_> {
        Record {
            provider: self.provider,
            model: self.model,
            period: self.period,
            shape: self.shape,
            service_tier: self.service_tier,
            variant: self.variant,
            totals: self.totals,
            reported: self.reported,
            line_item: self.line_item,
            project: self.project,
            api_key: self.api_key,
            user: self.user,
            ..Record::EMPTY
        }
    }
}

fn maybe<T>(random: &mut Random, percent: u64, value: impl FnOnce(&mut Random) -> T) -> Option<T> {
    random.chance(percent).then(|| value(random))
}

fn any_period(random: &mut Random) -> Option<Period> {
    let start = period("2026-02-26").start.0;
    let at = start + random.below(7 * 86_400).cast_signed();
    let bucket = |width: i64| {
        let start = at.div_euclid(width) * width;
        Period { start: Instant(start), end: Instant(start + width) }
    };
    match random.below(12) {
        0 => None,
        1..6 => Some(Period::at(Instant(at))),
        6 | 7 => Some(bucket(3_600)),
        8 => Some(bucket(60)),
        9 => Some(Period { start: Instant(start), end: Instant(start + 30 * 86_400) }),
        _ => Some(bucket(86_400)),
    }
}

fn any_totals(random: &mut Random) -> Totals {
    let small = |random: &mut Random| random.magnitude_of(&[3, 11, 20]);
    Totals {
        layout: random.pick(&[Layout::INSIDE, Layout::INSIDE, Layout::ANTHROPIC, Layout::GEMINI]),
        input: maybe(random, 95, |r| r.magnitude_of(&[10, 11, 20, 40])),
        cache_read: maybe(random, 60, small),
        cache_write: maybe(random, 10, small),
        cache_write_5m: maybe(random, 10, small),
        input_audio: maybe(random, 5, small),
        output: maybe(random, 95, |r| r.magnitude_of(&[10, 11, 20, 40])),
        reasoning: maybe(random, 30, small),
        web_searches: maybe(random, 3, small),
        ..Totals::default()
    }
}

fn any_money(random: &mut Random) -> Money {
    let amount = random.pick(&["0", "0.1", "-0.1", "1e-12", "12.34", "-7.000001", "1000000"]);
    let currency = random.pick(&[Currency::USD, Currency::USD, Currency::CNY]);
    Money { amount: exact(amount), currency }
}

fn any_row(random: &mut Random) -> Row {
    let models = [
        "plain",
        "plain",
        "Plain",
        "changed",
        "changed",
        "long",
        "marginal",
        "free-input",
        "no-output",
        "nightly",
        "thinker",
        "short-lived",
        "plian",
        "",
    ];
    let tier = |tier| Known::Is(tier);
    let requests = random.pick(&[Some(1), Some(2), Some(40), None]);
    Row {
        provider: random.pick(&["acme", "acme", "acme", "acme", "yuan", "yuan", "nobody", ""]),
        model: random.pick(&models),
        period: any_period(random),
        shape: if random.chance(60) { Shape::Request } else { Shape::Sum { requests } },
        service_tier: random.pick(&[
            tier(ServiceTier::Standard),
            tier(ServiceTier::Standard),
            tier(ServiceTier::Batch),
            tier(ServiceTier::Flex),
            Known::Unknown,
        ]),
        variant: random.pick(&[Known::Is(""), Known::Is(""), Known::Unknown, Known::Is("geo=us")]),
        totals: maybe(random, 92, any_totals),
        reported: maybe(random, 25, any_money),
        line_item: random.pick(&["", "searches"]),
        project: random.pick(&["", "alpha", "beta"]),
        api_key: random.pick(&["", "key 1", "key 2"]),
        user: random.pick(&["", "ann", "bob"]),
    }
}

pub(crate) fn any_rows(random: &mut Random) -> Vec<Row> {
    let length = random.below(24);
    (0..length).map(|_| any_row(random)).collect()
}

/// Some of the dimensions, in any order.
pub(crate) fn any_dimensions(random: &mut Random) -> Vec<Dimension> {
    let mut all = Dimension::ALL.to_vec();
    random.shuffle(&mut all);
    all.truncate(random.index(all.len() + 1));
    all
}

pub(crate) fn any_settings(random: &mut Random) -> Settings {
    let zone = random.pick(&["UTC0", "EST5EDT,M3.2.0,M11.1.0", "<+0545>-5:45", "<-12>12"]);
    let adjustment = |random: &mut Random| Adjustment {
        provider: random.pick(&[None, Some("acme"), Some("YUAN")]).map(str::to_owned),
        model: random.pick(&[None, Some("plain")]).map(str::to_owned),
        factor: exact(random.pick(&["0.8", "1.05", "0", "1.000001"])),
    };
    let conversion = |random: &mut Random| Conversion {
        from: Currency::CNY,
        to: Currency::USD,
        rate: exact(random.pick(&["0.1379", "0.14", "1"])),
        since: period(random.pick(&["2026-01-01", "2026-03-01", "2026-03-02"])).start,
    };
    let rounding = |random: &mut Random| RoundingPolicy {
        scope: random.pick(&[RoundingScope::Line, RoundingScope::Day, RoundingScope::Invoice]),
        places: u32::try_from(random.below(5)).expect("small"),
        mode: random.pick(&[Rounding::HalfUp, Rounding::HalfEven]),
    };
    Settings {
        nothing_cached: false,
        by: Vec::new(),
        zone: TimeZone::posix(zone).expect("a zone"),
        undated: maybe(random, 40, |_| period("2026-03-02")),
        defaults: Defaults::default(),
        service_tier: maybe(random, 30, |_| ServiceTier::Batch),
        adjustments: maybe(random, 40, adjustment).into_iter().collect(),
        conversions: maybe(random, 50, conversion).into_iter().collect(),
        rounding: maybe(random, 40, rounding),
        as_if: None,
    }
}
