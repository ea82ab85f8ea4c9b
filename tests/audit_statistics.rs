//! Laws of an audit's statistics that hold for any counts: exchangeability, order, conservation.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tokreckon::audit::{
    Audit, Auditor, Baseline, Code, conformal_p, evidence, holm, is_unusual, rank_test,
};
use tokreckon::book::PriceBook;
use tokreckon::charge::Shape;
use tokreckon::ledger::{Dimension, Ledger, Settings};
use tokreckon::money::Exact;
use tokreckon::record::Record;
use tokreckon::time::{Instant, Period};
use tokreckon::usage::Totals;

fn sorted(mut values: Vec<u32>) -> Vec<u32> {
    values.sort_unstable();
    values
}

fn decimal(text: &str) -> Exact {
    text.parse().expect("a decimal")
}

/// Counts with few and with many ties.
fn counts(rows: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u32>> {
    let value = prop_oneof![0..5u32, (0..40u32).prop_map(|count| count * 64), 0..1_000_000u32];
    prop::collection::vec(value, rows)
}

/// The exact chance that a random window of `n` of these rows has a U at or above the one given:
/// the number of such windows by rank sum, counted one tied value after the other.
fn exact_p(baseline: &[u32], window: &[u32]) -> (u128, u128) {
    let mut tied: BTreeMap<u32, usize> = BTreeMap::new();
    baseline.iter().chain(window).for_each(|&value| *tied.entry(value).or_default() += 1);
    let mut doubled_ranks = BTreeMap::new();
    let mut below = 0;
    for (&value, &rows) in &tied {
        doubled_ranks.insert(value, 2 * below + rows + 1);
        below += rows;
    }
    let observed: usize = window.iter().map(|value| doubled_ranks[value]).sum();
    // Windows by rows taken and rank sum.
    let mut ways = BTreeMap::from([((0, 0), 1_u128)]);
    for (value, &rows) in &tied {
        let mut next = BTreeMap::new();
        for (&(taken, sum), &count) in &ways {
            let mut choices = 1_u128;
            for more in 0..=rows.min(window.len() - taken) {
                let place = (taken + more, sum + more * doubled_ranks[value]);
                *next.entry(place).or_insert(0) += count * choices;
                choices = choices * (rows - more) as u128 / (more as u128 + 1);
            }
        }
        ways = next;
    }
    let full = ways.into_iter().filter(|((taken, _), _)| *taken == window.len());
    full.fold((0, 0), |(above, all), ((_, sum), count)| {
        (above + if sum >= observed { count } else { 0 }, all + count)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Take any rows, and each in turn as the new one: at most one in a hundred is unusual, and at
    /// most k of n + 1 have a p-value up to k / (n + 1).
    #[test]
    fn p_values_are_uniform_when_rows_are_exchangeable(rows in counts(2..250)) {
        let (mut unusual, mut places) = (0, vec![0_u64; rows.len() + 1]);
        for at in 0..rows.len() {
            let mut others = rows.clone();
            let value = others.swap_remove(at);
            let p = conformal_p(&sorted(others), value);
            prop_assert_eq!(p.denominator, rows.len() as u64);
            places[usize::try_from(p.numerator).expect("small")] += 1;
            unusual += usize::from(is_unusual(p));
        }
        prop_assert!(unusual * 100 <= rows.len());
        let mut distinct = sorted(rows.clone());
        distinct.dedup();
        let mut cumulative = 0;
        for (k, count) in (0_u64..).zip(places) {
            cumulative += count;
            prop_assert!(cumulative <= k);
            prop_assert!(distinct.len() < rows.len() || cumulative == k);
        }
    }

    #[test]
    fn sides_and_scales_mirror_each_other(
        baseline in counts(20..60),
        window in counts(20..60),
        scale in 1..1000u32,
    ) {
        let (baseline, window) = (sorted(baseline), sorted(window));
        let test = rank_test(&baseline, &window).expect("enough rows");
        let mirrored = rank_test(&window, &baseline).expect("enough rows");
        prop_assert_eq!(test.doubled_u + mirrored.doubled_u, 2 * test.pairs);
        prop_assert!(test.ratio.low <= test.ratio.thousandths || test.ratio.thousandths.is_none());
        let scaled = |rows: &[u32]| rows.iter().map(|row| row * scale).collect::<Vec<u32>>();
        prop_assert_eq!(rank_test(&scaled(&baseline), &scaled(&window)), Some(test));
        let higher: Vec<u32> = window.iter().map(|row| row + 1).collect();
        let higher = rank_test(&baseline, &higher).expect("enough rows");
        prop_assert!(higher.doubled_u >= test.doubled_u);
    }

    #[test]
    fn holm_never_lowers_a_p_value(digits in prop::collection::vec(0..1000u32, 1..12)) {
        let values: Vec<Exact> =
            digits.iter().map(|&d| Exact::new(i128::from(d), 3).expect("short")).collect();
        let adjusted = holm(&values);
        for (value, adjusted) in values.iter().zip(&adjusted) {
            prop_assert!(adjusted >= value && *adjusted <= Exact::ONE);
        }
        let least = values.iter().min().expect("one");
        let at = values.iter().position(|value| value == least).expect("there");
        let product = least.times_count(values.len() as u128).expect("short");
        prop_assert_eq!(adjusted[at], product.min(Exact::ONE));
    }

    /// The order of the files' rows changes nothing but the rows named first.
    #[test]
    fn order_changes_nothing(
        past in prop::collection::vec(0..3000u32, 99..130),
        now in prop::collection::vec(0..9000u32, 20..50),
        seed in any::<u64>(),
    ) {
        let rows: Vec<(i64, u32)> = (0..).zip(now).collect();
        let mut shuffled = rows.clone();
        let mut state = seed;
        for at in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(at, usize::try_from(state >> 33).expect("31 bits") % (at + 1));
        }
        let (one, other) = (audit(&past, &rows), audit(&past, &shuffled));
        let plain = |audit: &Audit| {
            let mut statistics = audit.statistics.clone().expect("a baseline");
            for group in &mut statistics.groups {
                let rows = group.unusual.iter_mut().flat_map(|unusual| &mut unusual.highest);
                rows.for_each(|row| row.row.line = 0);
            }
            let findings: Vec<_> = audit
                .findings
                .iter()
                .map(|f| (f.message.clone(), f.records, f.tokens, f.at_stake.clone()))
                .collect();
            (statistics, findings)
        };
        prop_assert_eq!(plain(&one), plain(&other));
    }

    /// Parts that several threads have read come to what one has that reads all, to the last row.
    #[test]
    fn parts_come_to_the_whole(
        rows in prop::collection::vec((0..5usize, 0..40i64, 0..900u32, 0..4usize), 0..250),
        turned in any::<bool>(),
    ) {
        let names = ["a", "b", "c", "d", "e"];
        let mut baseline = Baseline::new(&[Dimension::Project]);
        for output in 0..150 {
            for project in &names[..3] {
                baseline.push(&record(project, output * 3, 0, Shape::Request));
            }
        }
        let first = Auditor::default().with_baseline(baseline);
        let parts = |of: usize| {
            let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
            let mut parts: Vec<Auditor> = (0..of).map(|_| first.sibling()).collect();
            for ((project, second, output, part), line) in rows.iter().zip(2..) {
                let new = record(names[*project], u64::from(*output), *second, Shape::Request);
                let record = Record { line, ..new };
                let outcome = ledger.add(&record);
                parts[part % of].observe(0, &record, &outcome, &ledger);
            }
            if turned {
                parts.reverse();
            }
            let mut whole = first.sibling();
            for part in parts {
                whole.absorb(part);
            }
            whole.finish().expect("ids are kept in memory")
        };
        prop_assert_eq!(parts(1), parts(4));
    }

    /// Every record with counts is in a group or named as not compared.
    #[test]
    fn no_record_is_lost(rows in prop::collection::vec((0..4usize, 0..4u8, 0..500u64), 0..120)) {
        let names = ["a", "b", "c", "d"];
        let mut baseline = Baseline::new(&[Dimension::Project]);
        for output in 0..40 {
            for project in &names[..2] {
                baseline.push(&record(project, output, 0, Shape::Request));
            }
        }
        let shapes = [
            Shape::Request,
            Shape::Sum { requests: Some(3) },
            Shape::Sum { requests: None },
            Shape::Sum { requests: Some(0) },
        ];
        let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
        let mut auditor = Auditor::default().with_baseline(baseline);
        let mut nameless = 0;
        for &(project, shape, output) in &rows {
            let record = record(names[project], output, 0, shapes[usize::from(shape)]);
            nameless += u64::from(shape > 1);
            let outcome = ledger.add(&record);
            auditor.observe(0, &record, &outcome, &ledger);
        }
        let audit = auditor.finish().expect("ids are kept in memory");
        let groups = audit.statistics.expect("a baseline").groups;
        let compared: u64 = groups.iter().map(|group| group.rows).sum();
        let unnamed = audit.not_checked.iter().find(|(what, _)| what.contains("does not say"));
        prop_assert_eq!(unnamed.map_or(0, |(_, records)| *records), nameless);
        prop_assert_eq!(compared + nameless, rows.len() as u64);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// The approximate p-value against the exact one.
    #[test]
    fn p_values_of_ranks_are_close_to_exact_ones(
        pool in counts(45..46),
        raise in 1..5u32,
    ) {
        let (baseline, window) = pool.split_at(25);
        let window: Vec<u32> = window.iter().map(|&row| row.saturating_mul(raise)).collect();
        let (baseline, window) = (sorted(baseline.to_vec()), sorted(window));
        let p = rank_test(&baseline, &window).expect("enough rows").p;
        let (above, all) = exact_p(&baseline, &window);
        let exact = i128::try_from(above * 1_000_000_000 / all).expect("small");
        let billionths = p.times_count(1_000_000_000).expect("short");
        let p = billionths.rounded(0, tokreckon::money::Rounding::HalfUp).mantissa();
        // Never far too small: within a tenth and one in a thousand.
        prop_assert!(p + 1_000_000 >= exact * 9 / 10, "{p} for {exact}");
        prop_assert!(p <= exact * 13 / 10 + 20_000_000, "{p} for {exact}");
    }
}

fn record(project: &str, output: u64, second: i64, shape: Shape) -> Record<'_> {
    let totals = Totals { input: Some(10), output: Some(output), ..Totals::default() };
    Record {
        provider: "openai",
        model: "o1-mini-2024-09-12",
        project,
        period: Some(Period::at(Instant(1_743_465_600 + second))),
        shape,
        totals: Some(totals),
        ..Record::EMPTY
    }
}

/// An audit of rows (second, tokens) against rows of the past.
fn audit(past: &[u32], rows: &[(i64, u32)]) -> Audit {
    let mut baseline = Baseline::new(&[]);
    for &output in past {
        assert!(baseline.push(&record("", u64::from(output), -1_000_000, Shape::Request)));
    }
    let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
    let mut auditor = Auditor::default().with_baseline(baseline);
    for (&(second, output), line) in rows.iter().zip(2..) {
        let record = Record { line, ..record("", u64::from(output), second, Shape::Request) };
        let outcome = ledger.add(&record);
        auditor.observe(0, &record, &outcome, &ledger);
    }
    auditor.finish().expect("ids are kept in memory")
}

/// Groups that the baseline does not have: a thousand are listed, the same in any order.
#[test]
fn many_unknown_groups_are_listed_in_any_order() {
    let mut baseline = Baseline::new(&[Dimension::Project]);
    baseline.push(&record("known", 7, 0, Shape::Request));
    let first = Auditor::default().with_baseline(baseline);
    let audit = |numbers: &[u32], parts: usize| {
        let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
        let mut whole = first.sibling();
        for part in 0..parts {
            let mut auditor = first.sibling();
            for number in numbers.iter().skip(part).step_by(parts) {
                let project = format!("p{}", number % 1_700);
                let record = record(&project, 5, 0, Shape::Request);
                let outcome = ledger.add(&record);
                auditor.observe(0, &record, &outcome, &ledger);
            }
            whole.absorb(auditor);
        }
        let audit = whole.finish().expect("ids are kept in memory");
        (audit.statistics.expect("a baseline").groups, audit.not_checked)
    };
    let numbers: Vec<u32> = (0..4_000).collect();
    let turned: Vec<u32> = numbers.iter().rev().copied().collect();
    let (groups, not_checked) = audit(&numbers, 1);
    assert_eq!(groups.len(), 1_000);
    let listed: u64 = groups.iter().map(|group| group.rows).sum();
    let rest = not_checked.iter().find(|(what, _)| what.starts_with("comparison of more groups"));
    assert_eq!(rest.map(|(_, records)| listed + records), Some(4_000));
    assert_eq!(audit(&turned, 1), (groups.clone(), not_checked.clone()));
    assert_eq!(audit(&turned, 3), (groups, not_checked));
}

/// Calls `each` with every order of the rows.
fn orders(rows: &mut [u32], from: usize, each: &mut impl FnMut(&[u32])) {
    if from == rows.len() {
        return each(rows);
    }
    for at in from..rows.len() {
        rows.swap(from, at);
        orders(rows, from + 1, each);
        rows.swap(from, at);
    }
}

/// Ville's inequality, over every order of eight rows: evidence of c to 1 in at most 1 / c of them.
#[test]
fn evidence_is_rare_without_a_change() {
    for mut rows in [[1, 2, 3, 4, 5, 6, 7, 8], [0, 0, 0, 1, 1, 2, 9, 9], [5; 8]] {
        for first in [1, 3] {
            let (mut all, mut reached) = (0_u64, [0_u64; 5]);
            orders(&mut rows, 0, &mut |order| {
                let (baseline, window) = order.split_at(first);
                let found = evidence(&sorted(baseline.to_vec()), window, 2);
                assert_eq!(found.reached_after.is_some(), found.highest >= 2);
                all += 1;
                for (limit, count) in (0..).zip(&mut reached) {
                    *count += u64::from(found.highest >= limit);
                }
            });
            assert_eq!(all, 40_320);
            for (limit, count) in (0..).zip(reached) {
                assert!(count * limit <= all, "{rows:?}: {count} of {all} reach {limit}");
            }
        }
    }
}

/// Evidence grows to the limit and stays there; the row is named.
#[test]
fn evidence_grows_with_a_change() {
    let baseline: Vec<u32> = (0..200).map(|row| 1000 + row * 7).collect();
    let mut window: Vec<u32> = (0..100).map(|row| 1000 + (row * 397) % 1400).collect();
    assert!(evidence(&baseline, &window, 100).reached_after.is_none());
    window.extend((0..100).map(|row| 1700 + (row * 397) % 1400));
    let found = evidence(&baseline, &window, 100);
    assert!(found.reached_after.is_some_and(|row| (101..160).contains(&row)), "{found:?}");
    assert!(found.highest >= 100);
}

/// The smallest of four p-values counts four times, the next three times, and none less than one
/// before it.
#[test]
fn holm_counts_what_is_left() {
    let values = ["0.03", "0.01", "0.02", "0.5"].map(decimal);
    assert_eq!(holm(&values), ["0.06", "0.04", "0.06", "0.5"].map(decimal));
    assert_eq!(holm(&[]), []);
}

/// Buckets are compared by their averages per request, and only with buckets.
#[test]
fn buckets_are_averages() {
    let mut baseline = Baseline::new(&[]);
    for bucket in 0..99 {
        let shape = Shape::Sum { requests: Some(3) };
        assert!(baseline.push(&record("", 3000 + bucket, -1_000_000, shape)));
    }
    let mut ledger = Ledger::new(PriceBook::builtin(), Settings::default());
    let mut auditor = Auditor::default().with_baseline(baseline);
    for (output, shape) in [
        (20_000, Shape::Sum { requests: Some(20) }),
        (3097, Shape::Sum { requests: Some(3) }),
        (3099, Shape::Sum { requests: Some(3) }),
        (9000, Shape::Request),
    ] {
        let record = record("", output, 0, shape);
        let outcome = ledger.add(&record);
        auditor.observe(0, &record, &outcome, &ledger);
    }
    let audit = auditor.finish().expect("ids are kept in memory");
    let statistics = audit.statistics.expect("a baseline");
    let group = statistics.groups.iter().find(|group| group.baseline_rows > 0).expect("buckets");
    let unusual = group.unusual.as_ref().expect("99 rows");
    assert_eq!((group.rows, unusual.count), (3, 1));
    assert_eq!(group.tokens(unusual.above).to_string(), "1032.666");
    assert_eq!(unusual.highest[0].p.to_string(), "1/100");
    assert_eq!(unusual.expected, decimal("0.03"));
    assert!(audit.findings.iter().all(|finding| finding.message.contains("averages of buckets")));
    let alone = statistics.groups.iter().find(|group| group.baseline_rows == 0);
    assert_eq!(alone.map(|group| group.rows), Some(1));
}

/// Alike rows are no finding; nor are too few.
#[test]
fn alike_rows_say_nothing() {
    let test = rank_test(&[7; 30], &[7; 40]).expect("enough rows");
    assert_eq!((test.p, test.ratio.thousandths), (Exact::ONE, Some(1000)));
    assert_eq!(rank_test(&[1; 19], &[1; 30]), None);
    assert_eq!(rank_test(&[1; 30], &[1; 19]), None);
    let nothing_before = rank_test(&[0; 30], &[5; 30]).expect("enough rows");
    assert_eq!(nothing_before.ratio.thousandths, None);
    assert!(nothing_before.p < decimal("0.000001"));
}

/// Values of `scipy.stats.mannwhitneyu(window, baseline, alternative="greater",
/// method="asymptotic")`, with few ties.
#[test]
fn p_values_are_those_of_another_program() {
    let baseline: Vec<u32> = (0..100).map(|row| 1000 + (row * 37) % 1009).collect();
    for (shift, doubled_u, expected) in SCIPY {
        let window: Vec<u32> = (0..50).map(|row| 1000 + shift + (row * 61) % 1013).collect();
        let test = rank_test(&sorted(baseline.clone()), &sorted(window)).expect("enough rows");
        assert_eq!(test.doubled_u, doubled_u, "{shift}");
        // A few ties: their skewness adds a little, and nothing is ever taken away.
        let above = test.p.minus(decimal(expected)).expect("short");
        let most = decimal(expected).times(decimal("0.0001")).expect("short");
        let most = most.plus(decimal("0.000000000002")).expect("short");
        assert!(above <= most, "{shift}: {} for {expected}", test.p);
        assert!(above >= decimal("-0.000000001"), "{shift}: {} for {expected}", test.p);
    }
}

/// A change in one project is named there, and nothing else is.
#[test]
fn a_rise_is_named_with_its_money() {
    let past: Vec<u32> = (0..200).map(|row| 1000 + row * 10).collect();
    let now: Vec<(i64, u32)> = (0..100)
        .map(|row| (row, 1300 + (u32::try_from(row).expect("small") * 379) % 2600))
        .collect();
    let audit = audit(&past, &now);
    let codes: Vec<Code> = audit.findings.iter().map(|finding| finding.code).collect();
    assert!(codes.contains(&Code::Drift) && codes.contains(&Code::DriftOverTime), "{codes:?}");
    let drift = audit.findings.iter().find(|finding| finding.code == Code::Drift).expect("it");
    let group = &audit.statistics.as_ref().expect("a baseline").groups[0];
    let ratio = group.shift.as_ref().expect("tested").test.ratio.thousandths.expect("a ratio");
    let tokens: u32 = now.iter().map(|&(_, output)| output).sum();
    // 4.40 USD a million tokens; the share above the baseline's level.
    let cost = decimal("0.0000044").times_count(u128::from(tokens)).expect("short");
    let share = cost.times_count(u128::from(ratio - 1000)).expect("short");
    let stake = drift.at_stake.values().next().expect("a stake");
    let error = stake.times_count(u128::from(ratio)).expect("short").minus(share).expect("short");
    assert!(drift.stake_is_estimate() && error < decimal("0.01") && error > decimal("-0.01"));
}

/// Shift, twice U, p.
const SCIPY: [(u32, u128, &str); 5] = [
    (0, 5323, "0.26047944610098"),
    (100, 6254, "0.00625014792125"),
    (200, 7071, "0.00001843394800"),
    (300, 7787, "0.00000001399757"),
    (400, 8403, "0.00000000000595"),
];
