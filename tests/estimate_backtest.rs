//! The backtest on synthetic requests: the estimator keeps its promises where the truth is known.

#[path = "../crates/tokreckon/examples/backtest/facts.rs"]
mod facts;
#[path = "../crates/tokreckon/examples/backtest/protocol.rs"]
mod protocol;

use protocol::{Method, Score, score, score_totals};

const SYNTHETIC: &str = include_str!("estimate_synthetic.csv");
const SEED: u64 = 1;

fn tasks() -> facts::Tasks {
    let mut models = facts::read(SYNTHETIC).expect("the table is sound");
    models.remove("synthetic").expect("its model")
}

#[test]
fn quantiles_hold_as_often_as_they_say() {
    for k in [5, 20, 100] {
        let Score { held: [_, p90, p99], .. } = score(&tasks(), k, SEED)[&Method::Estimator];
        assert!((870_000..=950_000).contains(&p90), "{k}: p90 held {p90}");
        assert!(p99 >= 970_000, "{k}: p99 held {p99}");
    }
}

#[test]
fn a_guaranteed_bound_holds() {
    for k in [20, 100] {
        let guaranteed = score(&tasks(), k, SEED)[&Method::Guaranteed];
        assert!(guaranteed.held[1] >= 895_000, "{k}: {guaranteed:?}");
    }
}

#[test]
fn the_estimator_loses_less_than_every_baseline() {
    for k in [0, 3, 5, 20, 100] {
        let scores = score(&tasks(), k, SEED);
        let estimator = scores[&Method::Estimator].loss[1];
        for (method, score) in &scores {
            let better = estimator <= score.loss[1];
            assert!(better, "{k}: {method:?} {} against {estimator}", score.loss[1]);
        }
    }
}

#[test]
fn totals_lie_inside_their_interval() {
    for k in [5, 20] {
        let total = score_totals(&tasks(), k, SEED).expect("large classes");
        assert!((850_000..=970_000).contains(&total.inside), "{k}: {total:?}");
    }
}

#[test]
fn all_methods_have_a_name() {
    for method in Method::ALL {
        assert!(!method.name().is_empty());
    }
    assert!(
        protocol::held_without(&protocol::model_prior(&[], &tasks(), None), &tasks()["beta"])
            .is_some()
    );
    assert!(tasks().len() as u64 > protocol::SPLITS / 1000 && protocol::BATCH > protocol::MIN_ROWS);
}
