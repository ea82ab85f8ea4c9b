//! Lines add up to the report, each is quantity × unit price, and groups may be made of finer groups.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use tokreckon::book::PriceBook;
use tokreckon::charge::Counts;
use tokreckon::ledger::{Dimension, Ledger, Settings};
use tokreckon::money::{Currency, Exact};
use tokreckon::price::{Doubts, Noun, UnitPrice};
use tokreckon::report::{Bounds, Line, LineCost, Pricing};
use tokreckon::usage::Meter;

use crate::conservation::TABLES;
use crate::exact::rational;
use crate::random::{Random, each_case};
use crate::table::{Row, any_dimensions, any_rows, any_settings};

fn ledger<'r>(rows: impl IntoIterator<Item = &'r Row>, settings: &Settings) -> Ledger<'static> {
    let book = PriceBook::builtin().with_layer(&TABLES);
    let mut ledger = Ledger::new(book, settings.clone());
    for row in rows {
        ledger.add(&row.record());
    }
    ledger
}

/// A case's rows and settings, grouped somehow.
fn any_case(random: &mut Random) -> (Vec<Row>, Settings) {
    let (rows, settings) = (any_rows(random), any_settings(random));
    (rows, Settings { by: any_dimensions(random), ..settings })
}

#[test]
fn lines_add_up_to_the_report() {
    let mut seen = 0;
    each_case(1_500, |random| {
        let (rows, settings) = any_case(random);
        let ledger = ledger(&rows, &settings);
        let (report, lines) = (ledger.report().expect("sums"), ledger.lines().expect("lines"));
        seen += lines.len();
        for group in &report.groups {
            let own: Vec<&Line> = lines.iter().filter(|line| line.labels == group.labels).collect();
            let mut counts = Counts::NONE;
            let mut costs: BTreeMap<Currency, (BigRational, BigRational, bool)> = BTreeMap::new();
            for line in own {
                counts[line.meter] += line.quantity;
                let sum = costs.entry(line.currency).or_default();
                let cost = line.cost.as_ref().ok().map(|cost| cost.under_terms);
                let Bounds { low, high, .. } = cost.unwrap_or_default();
                sum.0 += rational(low);
                sum.1 += rational(high);
                sum.2 |= line.cost.is_err() || cost.unwrap_or_default().open;
            }
            assert!(Meter::ALL.iter().all(|&meter| counts[meter] == group.counts[meter]));
            // Records that count nothing have a cost of zero and no line.
            for (currency, bounds) in &group.costs {
                let sum = costs.remove(currency).unwrap_or_default();
                // Nor has what is not reported beside them.
                let is_open = sum.2 || bounds.open && !group.unread.is_empty();
                let sum = (sum.0, sum.1, is_open);
                assert_eq!((rational(bounds.low), rational(bounds.high), bounds.open), sum);
            }
            assert!(costs.is_empty(), "{costs:?}");
        }
        let mut shuffled = rows.clone();
        random.shuffle(&mut shuffled);
        assert_eq!(self::ledger(&shuffled, &settings).lines().expect("lines"), lines);
    });
    assert!(seen > 1_000, "{seen} lines");
}

#[test]
fn quantity_times_unit_price_is_the_list_cost() {
    each_case(1_500, |random| {
        let (rows, settings) = any_case(random);
        for line in ledger(&rows, &settings).lines().expect("lines") {
            let Ok(cost) = line.cost else { continue };
            let pricing = cost.pricing(line.quantity).expect("few digits");
            let times = |price: Exact| rational(pricing.quantity) * rational(price);
            assert_eq!(times(pricing.list_unit_price), rational(cost.list.low));
            assert_eq!(times(pricing.contracted_unit_price), rational(cost.under_terms.low));
            assert!(!pricing.quantity.is_negative() && pricing.unit_size > 0);
        }
    });
}

#[test]
fn a_pricing_unit_is_chosen_in_which_both_numbers_end() {
    let pricing = |amount: &str, per: u64, noun: Noun, quantity: u128| {
        let amount = amount.parse().expect("a number");
        let price = UnitPrice { amount, per, noun, currency: Currency::USD };
        let cost = price.cost(quantity).expect("a cost that ends");
        let list = Bounds { low: cost, high: cost, open: false };
        let line = LineCost {
            priced_as: Meter::AudioSeconds,
            low_price: price,
            high_price: price,
            rate: Exact::ONE,
            list,
            factor: Exact::ONE,
            under_terms: list,
            doubts: Doubts::NONE,
            assumptions: tokreckon::grade::Assumptions::NONE,
            sources: BTreeSet::new(),
        };
        let pricing = line.pricing(quantity).expect("few digits");
        let product = rational(pricing.quantity) * rational(pricing.list_unit_price);
        assert_eq!(product, rational(cost), "{amount} per {per} {noun} for {quantity}");
        let Pricing { quantity, unit_size, noun, list_unit_price, .. } = pricing;
        format!("{quantity} × {list_unit_price} per {unit_size} {noun}")
    };
    let tokens = pricing("1.10", 1_000_000, Noun::Tokens, 57);
    assert_eq!(tokens, "0.000057 × 1.1 per 1000000 tokens");
    assert_eq!(pricing("0.006", 1, Noun::Minutes, 90), "1.5 × 0.006 per 1 minutes");
    assert_eq!(pricing("0.006", 1, Noun::Minutes, 100), "100 × 0.0001 per 1 seconds");
    assert_eq!(pricing("0.07", 30, Noun::Seconds, 300), "10 × 0.07 per 30 seconds");
    assert_eq!(pricing("0.09", 7, Noun::Requests, 7), "1 × 0.09 per 7 requests");
    assert_eq!(pricing("0.63", 7, Noun::Requests, 3), "3 × 0.09 per 1 requests");
    // Neither 35 / 49 nor 0.07 / 49 ends; 35 of them at once do.
    assert_eq!(pricing("0.07", 49, Noun::Requests, 35), "1 × 0.05 per 35 requests");
}

#[test]
fn groups_are_made_of_finer_groups() {
    each_case(1_500, |random| {
        let (rows, settings) = any_case(random);
        let finer = Dimension::ALL.to_vec();
        let fine = ledger(&rows, &Settings { by: finer, ..settings.clone() }).report();
        let coarse = ledger(&rows, &settings).report().expect("sums");
        assert_eq!(fine.expect("sums").regrouped(&settings.by).expect("sums"), coarse);
    });
}
