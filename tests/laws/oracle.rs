//! A charge is the sum of count × price ÷ unit × factor, to the last digit, under price tiers of
//! every kind: random price files and usages against rational numbers without limits.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;
use tokreckon::book::PriceBook;
use tokreckon::charge::Shape;
use tokreckon::ledger::{Adjustment, Ledger, NotCharged, Outcome, Settings};
use tokreckon::money::Exact;
use tokreckon::record::Record;
use tokreckon::usage::{Layout, Meter, Place, Totals, Usage};

use crate::engine::{card, charge, exact, period, tables};
use crate::exact::{power, rational, representable};
use crate::random::{Random, each_case};

/// A price as the file writes it, its amount, and how many counted things it is for.
struct Price {
    text: String,
    amount: BigRational,
    per: u64,
}

/// What a part of a usage costs; no cost where it has no price.
struct Part {
    cost: Option<BigRational>,
    per: u64,
}

/// Prices of the base, or of prompts beyond a threshold.
#[derive(Default)]
struct Tier {
    threshold: u64,
    at_least: bool,
    marginal: bool,
    prices: BTreeMap<Meter, Price>,
}

struct Case {
    tiers: Vec<Tier>,
    factor: Exact,
}

const TOKENS: [Meter; 10] = [
    Meter::Input,
    Meter::CacheRead,
    Meter::CacheWrite,
    Meter::CacheWrite5m,
    Meter::CacheWrite1h,
    Meter::InputAudio,
    Meter::CacheReadAudio,
    Meter::Output,
    Meter::Reasoning,
    Meter::OutputAudio,
];

const OTHERS: [(Meter, &[(&str, u64)]); 5] = [
    (Meter::WebSearches, &[("request", 1), ("1000 requests", 1000)]),
    (Meter::ImagesRead, &[("image", 1), ("100 images", 100)]),
    (Meter::ImagesGenerated, &[("image", 1), ("100 images", 100)]),
    (Meter::AudioSeconds, &[("second", 1), ("minute", 60), ("hour", 3600), ("8 hours", 28_800)]),
    (Meter::Characters, &[("1000000 characters", 1_000_000), ("30 characters", 30)]),
];

/// Up to 18 digits, up to 12 decimals, sometimes 16.
fn amount(random: &mut Random) -> String {
    let decimals = random.pick(&[0, 1, 2, 2, 3, 4, 6, 8, 12, 16]);
    let whole = random.below(10_u64.pow(18 - decimals.max(14)));
    let digit =
        |random: &mut Random| char::from(b'0' + u8::try_from(random.below(10)).expect("one"));
    let fraction: String = (0..decimals).map(|_| digit(random)).collect();
    let text = if decimals == 0 { whole.to_string() } else { format!("{whole}.{fraction}") };
    if text.bytes().all(|byte| matches!(byte, b'0' | b'.')) {
        "0.000000000001".to_owned()
    } else {
        text
    }
}

fn price(random: &mut Random, unit: Option<(&str, u64)>) -> Price {
    if random.chance(4) {
        return Price { text: "free".to_owned(), amount: BigRational::zero(), per: 1 };
    }
    let amount = amount(random);
    let (unit, per) =
        unit.map_or((String::new(), 1_000_000), |(unit, per)| (format!(" per {unit}"), per));
    Price { amount: rational(exact(&amount)), text: format!("{amount}{unit}"), per }
}

fn case(random: &mut Random) -> Case {
    let mut tiers = vec![Tier::default()];
    let mut threshold = 0;
    for _ in 0..random.pick(&[0, 0, 1, 1, 2, 3]) {
        threshold += 1 + random.magnitude_of(&[4, 20, 40]);
        let (at_least, marginal) = (random.chance(50), random.chance(40));
        tiers.push(Tier { threshold, at_least, marginal, prices: BTreeMap::new() });
    }
    // Audio, when it has prices of its own, has them in every tier.
    let listed: Vec<Meter> = TOKENS
        .iter()
        .copied()
        .filter(|meter| *meter != Meter::Reasoning || random.chance(50))
        .collect();
    for tier in &mut tiers {
        tier.prices.extend(listed.iter().map(|meter| (*meter, price(random, None))));
    }
    for (meter, units) in OTHERS {
        let unit = random.pick(units);
        tiers[0].prices.insert(meter, price(random, Some(unit)));
    }
    let factor = random.pick(&["1", "1", "0.8", "1.05", "0.9999", "1.123456789", "0"]);
    Case { tiers, factor: exact(factor) }
}

impl Case {
    /// The case as models of one price file: `m`, and a second one to go with it.
    fn text(&self, model: &str) -> String {
        let mut text = String::new();
        for tier in &self.tiers {
            let _ = writeln!(text, "[[price]]\nmodels = [\"{model}\"]\nfrom = 2020-01-01");
            if tier.threshold > 0 {
                let comparison = if tier.at_least { ">=" } else { ">" };
                let scope = if tier.marginal { "marginal" } else { "whole-request" };
                let tokens = tier.threshold;
                let _ = writeln!(
                    text,
                    "above = {{ tokens = {tokens}, comparison = \"{comparison}\", scope = \"{scope}\" }}"
                );
            }
            for (meter, price) in &tier.prices {
                let _ = writeln!(text, "{meter} = \"{}\"", price.text);
            }
        }
        text
    }

    /// Prices of up to 12 decimals per 1M tokens: up to 2^63 tokens each, no charge is refused.
    fn is_in_domain(&self, usage: &Usage) -> bool {
        let short = |price: &Price| representable(&price.amount).is_some_and(|a| a.scale() <= 12);
        let mut prices = self.tiers.iter().flat_map(|tier| tier.prices.values());
        self.factor == Exact::ONE
            && prices.all(short)
            && usage.counts().all(|(meter, _)| meter.counts_tokens())
    }

    /// What a usage costs, by meter and price tier.
    fn parts(&self, usage: &Usage) -> Vec<Part> {
        self.parts_times(usage, self.factor)
    }

    fn parts_times(&self, usage: &Usage, factor: Exact) -> Vec<Part> {
        let prompt: u128 =
            Meter::ALL.iter().filter(|m| m.is_prompt()).map(|m| u128::from(usage.count(*m))).sum();
        let reached = |tier: &Tier| {
            let threshold = u128::from(tier.threshold);
            tier.threshold == 0 || prompt > threshold || (tier.at_least && prompt == threshold)
        };
        let last = self.tiers.iter().rposition(reached).expect("the base");
        // The highest tier for whole requests replaces everything below it; marginal ones above it
        // take the part of each count beyond their threshold.
        let whole =
            (0..=last).rev().find(|at| *at == 0 || !self.tiers[*at].marginal).expect("the base");
        let factor = rational(factor);
        let mut parts = Vec::new();
        for (meter, count) in usage.counts() {
            let priced_as = |tier: &Tier| match meter {
                Meter::Reasoning if !tier.prices.contains_key(&meter) => Meter::Output,
                _ => meter,
            };
            let mut add = |tier: &Tier, count: u64| {
                let price = tier.prices.get(&priced_as(tier));
                let cost = price.map(|price| {
                    &price.amount * BigInt::from(count) * &factor / BigInt::from(price.per)
                });
                parts.push(Part { cost, per: price.map_or(1, |price| price.per) });
            };
            if !meter.counts_tokens() {
                add(&self.tiers[0], count);
                continue;
            }
            let mut left = count;
            for at in (whole..=last).rev() {
                let floor = if at == whole { 0 } else { self.tiers[at].threshold };
                let beyond = left.saturating_sub(floor);
                left -= beyond;
                if beyond > 0 {
                    add(&self.tiers[at], beyond);
                }
            }
        }
        parts
    }
}

fn total(parts: &[Part]) -> BigRational {
    parts.iter().filter_map(|part| part.cost.as_ref()).sum()
}

/// True when the parts and their sum have no more digits than fit.
fn fits(parts: &[Part]) -> bool {
    let mut places = 0;
    for part in parts {
        let Some(cost) = &part.cost else { continue };
        let Some(exact) = representable(cost) else { return false };
        if representable(&(cost * BigInt::from(part.per))).is_none() {
            return false;
        }
        places = places.max(exact.scale());
    }
    total(parts) * power(10, places) <= BigRational::from_integer(i128::MAX.into())
}

/// Counts up to 2^63, often near a threshold.
fn usage(random: &mut Random, case: &Case) -> Usage {
    let mut usage = Usage::NONE;
    for &meter in Meter::ALL {
        let known = TOKENS.contains(&meter) || OTHERS.iter().any(|(other, _)| *other == meter);
        let stranger = meter == Meter::OutputImage && random.chance(3);
        if (!known && !stranger) || random.chance(60) {
            continue;
        }
        let count = match random.below(4) {
            0 => {
                let threshold = case.tiers[random.index(case.tiers.len())].threshold;
                (threshold + random.below(3)).saturating_sub(1)
            }
            _ => random.magnitude_of(&[10, 25, 63, 64]).min(1 << 63),
        };
        usage = usage.with(meter, count);
    }
    usage
}

const USAGES_OF_A_CARD: usize = 20;

#[test]
fn a_charge_is_exact_or_an_error() {
    let (mut exact_charges, mut errors) = (0_u64, 0_u64);
    each_case(40_000 / USAGES_OF_A_CARD as u64, |random| {
        let case = case(random);
        let text = format!("provider = \"p\"\ncurrency = \"USD\"\n{}", case.text("m"));
        let tables = tables(&[&text]);
        let book = PriceBook::builtin().with_layer(&tables);
        let card = card(&book, "p", "m", "2026-08-01T12:00:00Z");
        for _ in 0..USAGES_OF_A_CARD {
            let usage = usage(random, &case);
            let parts = case.parts(&usage);
            if let Ok(charge) = charge(&card, &usage, Shape::Request, case.factor) {
                assert_eq!(rational(charge.low.amount), total(&parts), "{usage:?}");
                let open = parts.iter().any(|part| part.cost.is_none());
                assert_eq!(charge.high, (!open).then_some(charge.low), "{usage:?}");
                exact_charges += 1;
            } else {
                assert!(!fits(&parts), "{usage:?} times {} at {text}", case.factor);
                assert!(!case.is_in_domain(&usage), "{usage:?} at {text}");
                errors += 1;
            }
        }
    });
    println!(
        "{exact_charges} charges equal to the last digit, {errors} errors outside of the domain"
    );
}

/// The totals a source would report for a usage, under a layout.
fn totals(usage: &Usage, layout: Layout) -> Option<Totals> {
    let count = |meter| usage.count(meter);
    let sum = |parts: &[u64]| parts.iter().try_fold(0_u64, |sum, part| sum.checked_add(*part));
    let inside = |place: Place, count: u64| if place == Place::Inside { count } else { 0 };
    let writes =
        sum(&[count(Meter::CacheWrite), count(Meter::CacheWrite5m), count(Meter::CacheWrite1h)])?;
    let cached = sum(&[count(Meter::CacheRead), count(Meter::CacheReadAudio)])?;
    Some(Totals {
        layout,
        input: Some(sum(&[
            count(Meter::Input),
            count(Meter::InputAudio),
            inside(layout.cache_read, cached),
            inside(layout.cache_write, writes),
        ])?),
        cache_read: Some(cached),
        cache_write: Some(count(Meter::CacheWrite)),
        cache_write_5m: Some(count(Meter::CacheWrite5m)),
        cache_write_1h: Some(count(Meter::CacheWrite1h)),
        input_audio: Some(sum(&[count(Meter::InputAudio), count(Meter::CacheReadAudio)])?),
        cache_read_audio: Some(count(Meter::CacheReadAudio)),
        output: Some(sum(&[
            count(Meter::Output),
            count(Meter::OutputAudio),
            inside(layout.reasoning, count(Meter::Reasoning)),
        ])?),
        reasoning: Some(count(Meter::Reasoning)),
        output_audio: Some(count(Meter::OutputAudio)),
        web_searches: Some(count(Meter::WebSearches)),
        images_read: Some(count(Meter::ImagesRead)),
        images: Some(count(Meter::ImagesGenerated)),
        audio_seconds: Some(count(Meter::AudioSeconds)),
        characters: Some(count(Meter::Characters)),
        ..Totals::default()
    })
}

#[test]
fn a_ledger_charges_what_its_records_cost() {
    each_case(1_000, |random| {
        let case = case(random);
        let text = format!("provider = \"p\"\ncurrency = \"USD\"\n{}", case.text("m"));
        let tables = tables(&[&text]);
        let book = PriceBook::builtin().with_layer(&tables);
        let adjustment = Adjustment { provider: None, model: None, factor: case.factor };
        let settings = Settings { adjustments: vec![adjustment], ..Settings::default() };
        let mut ledger = Ledger::new(book, settings);
        let mut expected = BigRational::zero();
        for _ in 0..USAGES_OF_A_CARD {
            let usage = usage(random, &case).with(Meter::OutputImage, 0);
            let layout = random.pick(&[Layout::INSIDE, Layout::ANTHROPIC, Layout::GEMINI]);
            let Some(totals) = totals(&usage, layout) else { continue };
            let record = Record {
                provider: "p",
                model: "m",
                period: Some(period("2026-08-01T12:00:00Z")),
                totals: Some(totals),
                ..Record::EMPTY
            };
            let got = match ledger.add(&record).outcome {
                Outcome::Charged { usage, .. } => usage,
                Outcome::NotCharged(refusal)
                    if matches!(ledger.reason(refusal), NotCharged::NoExactCost(_)) =>
                {
                    let at_list = case.parts_times(&usage, Exact::ONE);
                    assert!(!fits(&at_list), "{usage:?} at {text}");
                    continue;
                }
                other => panic!("{other:?}: {usage:?} at {text}"),
            };
            assert_eq!(got.counts().collect::<Vec<_>>(), usage.counts().collect::<Vec<_>>());
            expected += total(&case.parts(&usage));
        }
        if let Ok(report) = ledger.report() {
            let sum = report.total.costs.values().map(|cost| cost.single().expect("one number"));
            assert_eq!(sum.map(rational).sum::<BigRational>(), expected);
        }
    });
}
