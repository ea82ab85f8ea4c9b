//! The total is the sum of the records, whatever the groups, the order and the split of the input.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use num_rational::BigRational;
use tokreckon::book::PriceBook;
use tokreckon::charge::Shape;
use tokreckon::ledger::{AsIf, Ledger, Outcome, RoundingScope, Settings};
use tokreckon::money::Currency;
use tokreckon::price::ServiceTier;
use tokreckon::report::{Bounds, ByCurrency, Group, RecordCounts, Report};
use tokreckon::time::Period;
use tokreckon_data::table::Tables;

use crate::engine::{charge, tables};
use crate::exact::rational;
use crate::random::{Random, each_case};
use crate::table::{BOOK, Row, any_dimensions, any_rows, any_settings};

pub(crate) static TABLES: LazyLock<Tables> = LazyLock::new(|| tables(BOOK));

fn ledger(settings: &Settings) -> Ledger<'static> {
    Ledger::new(PriceBook::builtin().with_layer(&TABLES), settings.clone())
}

fn report<'r>(rows: impl IntoIterator<Item = &'r Row>, settings: &Settings) -> Report {
    let mut ledger = ledger(settings);
    for row in rows {
        ledger.add(&row.record());
    }
    ledger.report().expect("sums that fit")
}

#[test]
fn neither_groups_nor_order_nor_split_change_a_digit() {
    let mut records = 0;
    each_case(1_500, |random| {
        let (rows, settings) = (any_rows(random), any_settings(random));
        records += rows.len();
        let plain = report(&rows, &settings);
        assert_eq!(plain.total.records.all, u64::try_from(rows.len()).expect("few"));
        of_its_records(&rows, &settings, &plain);
        let by = any_dimensions(random);
        let grouped_settings = Settings { by, ..settings.clone() };
        let grouped = report(&rows, &grouped_settings);
        assert_eq!(grouped.total, plain.total, "by {:?}", grouped.by);
        assert_eq!(grouped.rounding, plain.rounding, "by {:?}", grouped.by);
        assert_eq!(grouped.provenance, plain.provenance);
        groups_add_up(&grouped);
        let mut shuffled = rows.clone();
        random.shuffle(&mut shuffled);
        assert_eq!(report(&shuffled, &grouped_settings), grouped);
        assert_eq!(report(parts(random, &rows).iter().flatten(), &grouped_settings), grouped);
    });
    println!("{records} records");
}

/// Other terms give the costs of records that were written under them, in the groups of those that
/// were not.
#[test]
fn as_if_is_as_written() {
    each_case(500, |random| {
        let (rows, settings) = (any_rows(random), any_settings(random));
        let by = any_dimensions(random);
        let plain_settings = Settings { by, ..settings.clone() };
        let plain = report(&rows, &plain_settings);
        let as_if = AsIf {
            provider: random.chance(50).then(|| "openai".to_owned()),
            model: random.chance(50).then(|| "gpt-4o-mini".to_owned()),
            service_tier: random.chance(50).then_some(ServiceTier::Batch),
            variant: random.chance(20).then(String::new),
            period: random.chance(50).then(|| Period::parse("2025-04-09").expect("a day")),
        };
        let mut written = ledger(&settings);
        for row in &rows {
            written.add(&as_if.apply(&row.record()));
        }
        let written = written.report().expect("sums that fit");
        let under = report(&rows, &Settings { as_if: Some(Arc::new(as_if)), ..plain_settings });
        assert_eq!(under.total, written.total);
        let labels = |report: &Report| report.groups.labels().collect::<Vec<_>>();
        assert_eq!(labels(&under), labels(&plain), "groups keep the labels of the usage");
        groups_add_up(&under);
    });
}

/// The rows in up to 16 parts, in any order of the parts.
fn parts(random: &mut Random, rows: &[Row]) -> Vec<Vec<Row>> {
    let mut parts: Vec<Vec<Row>> = vec![Vec::new(); 1 + random.index(16)];
    for row in rows {
        let at = random.index(parts.len());
        parts[at].push(row.clone());
    }
    random.shuffle(&mut parts);
    parts
}

type Sums = BTreeMap<Currency, (BigRational, BigRational, bool)>;

fn add(sums: &mut Sums, currency: Currency, low: BigRational, high: BigRational, open: bool) {
    let sum = sums.entry(currency).or_default();
    sum.0 += low;
    sum.1 += high;
    sum.2 |= open;
}

fn sums_of(costs: &ByCurrency<Bounds>) -> Sums {
    let sum = |(currency, bounds): (&Currency, &Bounds)| {
        (*currency, (rational(bounds.low), rational(bounds.high), bounds.open))
    };
    costs.iter().map(sum).collect()
}

/// Every record charged by itself comes to the report's total.
fn of_its_records(rows: &[Row], settings: &Settings, report: &Report) {
    let mut ledger = ledger(settings);
    let mut sums = Sums::new();
    let mut counts = RecordCounts::default();
    let mut rounding: BTreeMap<Currency, BigRational> = BTreeMap::new();
    for row in rows {
        let record = row.record();
        counts.all += 1;
        match ledger.add(&record).outcome {
            Outcome::CostOnly => counts.cost_only += 1,
            Outcome::NotCharged(_) => counts.not_charged += 1,
            Outcome::Charged { usage, card, .. } => {
                let (terms, currency) = ledger.terms_for(&record, card);
                let got = charge(&ledger.cards()[card], &usage, record.shape, terms.factor);
                let got = got.expect("few digits");
                let high = got.lines.iter().map(|line| rational(line.high)).sum();
                let open = got.high.is_none();
                assert_eq!(open, !got.unpriced.is_empty() || usage.unreported.member);
                add(&mut sums, currency, rational(got.low.amount), high, open);
                if settings.rounding.is_some_and(|policy| policy.scope == RoundingScope::Line) {
                    let policy = settings.rounding.expect("just seen");
                    let rounded = got.lines.iter().map(|line| {
                        rational(line.low.rounded(policy.places, policy.mode)) - rational(line.low)
                    });
                    *rounding.entry(currency).or_default() += rounded.sum::<BigRational>();
                }
                let (exact, partly) = (got.single().is_some(), open);
                let single = matches!(record.shape, Shape::Request);
                if exact && single && settings.adjustments.is_empty() {
                    assert!(got.doubts.is_empty(), "{:?}", got.doubts);
                }
                *if partly {
                    &mut counts.partly
                } else if got.lines.iter().any(|line| line.low_price != line.high_price) {
                    &mut counts.bounded
                } else {
                    &mut counts.exact
                } += 1;
            }
        }
    }
    assert_eq!(sums_of(&report.total.costs), sums);
    assert_eq!(report.total.records, counts);
    if let Some((policy, effects)) = &report.rounding
        && policy.scope == RoundingScope::Line
    {
        let effects: BTreeMap<Currency, BigRational> =
            effects.iter().map(|(currency, effect)| (*currency, rational(effect.low))).collect();
        assert_eq!(effects, rounding);
    }
    let reported = rows.iter().filter_map(|row| row.record().reported);
    let mut sums: BTreeMap<Currency, BigRational> = BTreeMap::new();
    for money in reported {
        *sums.entry(money.currency).or_default() += rational(money.amount);
    }
    let total = &report.total.reported;
    let total: BTreeMap<_, _> =
        total.iter().map(|(currency, amount)| (*currency, rational(*amount))).collect();
    assert_eq!(total, sums);
}

/// Groups are sorted, distinct, and add up to the total, field by field.
fn groups_add_up(report: &Report) {
    assert!(report.groups.labels().is_sorted_by(|a, b| a < b));
    let total = &report.total;
    let sum =
        |field: fn(&Group) -> u128| report.groups.iter().map(|group| field(&group)).sum::<u128>();
    let fields: [fn(&Group) -> u128; 12] = [
        |group| group.records.all.into(),
        |group| group.records.exact.into(),
        |group| group.records.bounded.into(),
        |group| group.records.partly.into(),
        |group| group.records.not_charged.into(),
        |group| group.records.cost_only.into(),
        |group| group.with_reported.into(),
        Group::input_tokens,
        Group::cached_tokens,
        Group::output_tokens,
        |group| group.unpriced.values().sum(),
        |group| group.not_charged.iter().map(|tally| u128::from(tally.records)).sum(),
    ];
    for field in fields {
        assert_eq!(sum(field), field(total));
    }
    let mut sums = Sums::new();
    for group in &report.groups {
        assert_eq!(group.labels.len(), report.by.len());
        for (currency, (low, high, open)) in sums_of(&group.costs) {
            add(&mut sums, currency, low, high, open);
        }
    }
    assert_eq!(sums_of(&total.costs), sums);
}
