//! False alarms and detection of an audit's statistics, on recorded requests and on synthetic ones.
//!
//! The recorded ones need the folder that `TOKRECKON_FACTS` names; without it that test says so.

#[path = "../crates/tokreckon/examples/detection/statistics/protocol.rs"]
mod protocol;

use std::path::PathBuf;

use protocol::{
    Pool, RAISES, REFERENCE, WINDOWS, any_named, in_recorded_order, over_time, ratio, read, shift,
    shift_rounded_up, synthetic, unusual,
};

/// From half a percent to one and a half, in millionths.
const ONE_PERCENT: std::ops::RangeInclusive<u64> = 5_000..=15_000;

fn recorded() -> Option<Pool> {
    let Some(folder) = std::env::var_os("TOKRECKON_FACTS").map(PathBuf::from) else {
        println!("skipped: TOKRECKON_FACTS is not set");
        return None;
    };
    let path = folder.join("reasoning/requests.csv");
    let text = std::fs::read_to_string(path).expect("the requests");
    let groups = read(&text).expect("a table of requests");
    let rows: usize = groups.iter().map(|group| group.values.len()).sum();
    assert_eq!((groups.len(), rows), (5, 2050), "{:?}", groups[0].name);
    Some(Pool { groups, trials: 500 })
}

fn made_up() -> Pool {
    Pool { groups: synthetic(), trials: 2_000 }
}

#[test]
fn one_percent_of_tests_are_false_alarms() {
    for pool in [recorded(), Some(made_up())].into_iter().flatten() {
        for reference in [99, 199] {
            let found = unusual(&pool, reference, 100);
            assert!(ONE_PERCENT.contains(&found), "{reference} baseline rows: {found}");
        }
        for rows in WINDOWS {
            let found = shift(&pool, rows, 100 + RAISES[0]);
            assert!(ONE_PERCENT.contains(&found), "{rows} rows: {found}");
        }
        let (found, _) = over_time(&pool, 0, 100);
        assert!(found <= 10_000, "over time: {found}");
        let [drift, over_time] = any_named(&pool, 100);
        assert!(drift <= 15_000 && over_time <= 10_000, "any group: {drift} {over_time}");
    }
}

#[test]
fn rises_are_found() {
    let Some(pool) = recorded() else { return };
    let percent = |millionths: u64| millionths / 10_000;
    for (times, least) in [(200, 35), (300, 55), (500, 80)] {
        let found = percent(unusual(&pool, 99, times));
        assert!(found >= least, "rows × {times} %: {found} %");
    }
    for (raise, least) in [
        (5, [2, 3, 5, 6]),
        (10, [5, 11, 17, 25]),
        (20, [20, 42, 58, 70]),
        (50, [73, 94, 99, 99]),
        (100, [97, 99, 99, 99]),
    ] {
        for (rows, least) in WINDOWS.into_iter().zip(least) {
            let found = percent(shift(&pool, rows, 100 + raise));
            assert!(found >= least, "+{raise} %, {rows} rows: {found} %");
        }
    }
    let (found, rows) = over_time(&pool, 0, 150);
    assert!(percent(found) >= 95 && rows.is_some_and(|rows| rows <= 40), "{found} {rows:?}");
}

/// Another measurement of the same requests raised every count to the next multiple of 64: it found
/// 8 % of windows of 100 rows at +5 %, 67 % at +20 %.
#[test]
fn rises_that_are_rounded_up_are_found_more_often() {
    let Some(pool) = recorded() else { return };
    for (raise, least) in [(5, [2, 4, 6, 7]), (10, [6, 14, 20, 27]), (20, [22, 45, 62, 73])] {
        for (rows, least) in WINDOWS.into_iter().zip(least) {
            let found = shift_rounded_up(&pool, rows, 100 + raise) / 10_000;
            assert!(found >= least, "+{raise} %, {rows} rows: {found} %");
        }
    }
}

/// Nobody shuffled these: the first hundred requests against the next, as they were recorded.
#[test]
fn recorded_order_is_no_drift() {
    let Some(pool) = recorded() else { return };
    let one_in_a_hundred = tokreckon::money::Exact::new(1, 2).expect("a decimal");
    for (name, p, ratio, evidence) in in_recorded_order(&pool) {
        assert!(p > one_in_a_hundred && evidence < 100, "{name}: p {p}, {ratio:?}, {evidence}");
    }
}

#[test]
fn the_ratio_is_the_one_that_was_applied() {
    assert_eq!(REFERENCE, 100);
    for pool in [recorded(), Some(made_up())].into_iter().flatten() {
        for (percent, around) in [(100, 990..=1010), (120, 1185..=1215), (150, 1480..=1520)] {
            let (median, inside) = ratio(&pool, 100, percent);
            assert!(around.contains(&median), "{percent} %: {median} thousandths");
            assert!(inside >= 930_000, "{percent} %: {inside}");
        }
    }
}
