//! The backtest on synthetic requests: the estimator keeps its promises where the truth is known.

#![expect(dead_code, reason = "the modules are shared with the program")]

#[path = "../crates/tokreckon/examples/backtest/cells.rs"]
mod cells;
#[path = "../crates/tokreckon/examples/backtest/facts.rs"]
mod facts;
#[path = "../crates/tokreckon/examples/backtest/protocol.rs"]
mod protocol;

use protocol::{Sums, own_rows, totals};

const SYNTHETIC: &str = include_str!("estimate_synthetic.csv");
const SEED: u64 = 1;
const SPLITS: u64 = 20;

/// Each task class is a source of its own.
fn recorded() -> (Vec<facts::Answer>, Vec<cells::OwnedCell>) {
    let answers = facts::requests(SYNTHETIC).expect("the table is sound");
    let cells = cells::cells(&answers, &[]);
    assert!(cells.len() >= 4 && answers.len() >= 500);
    (answers, cells)
}

fn all(sums: &[Sums]) -> Sums {
    let mut all = Sums::default();
    for one in sums {
        all.plus(one);
    }
    all
}

#[test]
fn quantiles_hold_as_often_as_they_say() {
    let (answers, cells) = recorded();
    for k in [5, 20, 100] {
        let ours = all(&own_rows(&answers, &cells, k, SPLITS, SEED).0);
        assert!((850_000..=940_000).contains(&ours.held(1)), "{k}: p90 held {}", ours.held(1));
        assert!(ours.held(2) >= 970_000, "{k}: p99 held {}", ours.held(2));
    }
}

#[test]
fn the_estimator_loses_no_more_than_plain_quantiles() {
    let (answers, cells) = recorded();
    for k in [3, 5, 20] {
        let (ours, plain) = own_rows(&answers, &cells, k, SPLITS, SEED);
        let (ours, plain) = (all(&ours).loss(1), all(&plain).loss(1));
        assert!(ours <= plain, "{k}: {ours} against {plain}");
    }
}

#[test]
fn totals_lie_inside_their_interval() {
    let (answers, cells) = recorded();
    for k in [5, 20] {
        let total = totals(&answers, &cells, k, SPLITS, SEED);
        let inside = total.inside * 1000 / total.batches;
        assert!((850..=980).contains(&inside), "{k}: {inside}");
    }
}

#[test]
fn the_shipped_figures_are_read_as_they_are_written() {
    let (_, cells) = recorded();
    // Its sources are no repositories, so nothing of it can be shipped by accident.
    assert!(cells::text(&cells).expect_err("not listed").contains("is not in"));
}
