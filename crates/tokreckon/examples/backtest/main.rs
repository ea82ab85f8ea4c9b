//! How well the estimates hold: leave-one-task-class-out on recorded requests.
//!
//! ```text
//! TOKRECKON_FACTS=FOLDER cargo run --release -p tokreckon --example backtest
//! TOKRECKON_FACTS=FOLDER cargo run --release -p tokreckon --example backtest -- priors data/priors
//! ```
//!
//! `FOLDER/reasoning/requests.csv` holds one request per line: `model`, `task`, `item`,
//! `prompt_tokens`, `visible_o200k`, `hidden_tokens`. Without `TOKRECKON_FACTS` the small synthetic
//! set of the tests is used, and the output says so. `priors` writes the shipped tables.

#![expect(clippy::disallowed_methods, reason = "a program, unlike the library, has an environment")]

mod facts;
mod priors;
mod protocol;

use std::collections::BTreeMap;
use std::process::ExitCode;

use facts::Tasks;
use protocol::{BATCH, MIN_ROWS, Method, SPLITS, score, score_totals};

const SEED: u64 = 20_261_121;
const OWN_ROWS: [usize; 6] = [0, 3, 5, 20, 50, 100];
const HEAD: &str = "| own rows | method | classes | p50 held % | p90 held % | p99 held % \
     | p90 worst class % | p90 bound | p99 bound | loss p50 | loss p90 | loss p99 |";
const SYNTHETIC: &str = include_str!("../../../../tests/estimate_synthetic.csv");

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let run = || -> Result<(), String> {
        let (models, synthetic) = requests()?;
        match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => report(&models, synthetic),
            ["priors", _] if synthetic => return Err("`priors` needs `TOKRECKON_FACTS`".to_owned()),
            ["priors", folder] => return priors::write(&models, folder),
            _ => return Err("usage: backtest [priors FOLDER]".to_owned()),
        }
        Ok(())
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("backtest: {message}");
            ExitCode::from(2)
        }
    }
}

/// The recorded requests, or the synthetic ones (`true`).
fn requests() -> Result<(BTreeMap<String, Tasks>, bool), String> {
    let Ok(folder) = std::env::var("TOKRECKON_FACTS") else {
        eprintln!(
            "backtest: `TOKRECKON_FACTS` is not set: no recorded requests, only synthetic ones"
        );
        return Ok((facts::read(SYNTHETIC)?, true));
    };
    let path = format!("{folder}/reasoning/requests.csv");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    Ok((facts::read(&text)?, false))
}

fn report(models: &BTreeMap<String, Tasks>, synthetic: bool) {
    let kind = if synthetic {
        "synthetic requests: only a check of the code"
    } else {
        "recorded requests"
    };
    println!("Leave one task class out, {kind}; {SPLITS} splits, seed {SEED}.");
    println!("Bounds and pinball losses are divided by the mean.");
    for (model, tasks) in models.iter().filter(|(_, tasks)| has_enough(tasks)) {
        println!("\n### {model}\n");
        println!("{HEAD}");
        println!("|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        for k in OWN_ROWS {
            for (method, s) in score(tasks, k, SEED) {
                // The guarantee has no p50, and no p99 below 99 rows.
                let guaranteed = method == Method::Guaranteed;
                let said = [!guaranteed, true, !guaranteed || k >= 99];
                let cell = |at: usize, text: String| if said[at] { text } else { "–".to_owned() };
                let held: Vec<String> = (0..3).map(|at| cell(at, percent(s.held[at]))).collect();
                let loss: Vec<String> = (0..3).map(|at| cell(at, digits(s.loss[at], 4))).collect();
                println!(
                    "| {k} | {} | {} | {} | {} | {} | {} | {} |",
                    method.name(),
                    s.tasks,
                    held.join(" | "),
                    percent(s.worst[1]),
                    digits(s.bound[1], 2),
                    cell(2, digits(s.bound[2], 2)),
                    loss.join(" | "),
                );
            }
        }
        println!("\nTotals of {BATCH} requests:\n");
        println!(
            "| own rows | classes | inside the 90 % interval % | worst class % | high / low | median error % |"
        );
        println!("|---:|---:|---:|---:|---:|---:|");
        for k in OWN_ROWS {
            if let Some(s) = score_totals(tasks, k, SEED) {
                let (inside, worst) = (percent(s.inside), percent(s.worst));
                let (width, error) = (digits(s.width, 2), percent(s.error));
                println!("| {k} | {} | {inside} | {worst} | {width} | {error} |", s.tasks);
            }
        }
    }
    report_held(models);
}

/// How often the estimator's quantiles held, over all models: what the library says with its
/// numbers.
fn report_held(models: &BTreeMap<String, Tasks>) {
    println!("\n### Over these models\n");
    println!(
        "| own rows | level | worst class ‰ | mean ‰ | best class ‰ |\n|---:|---|---:|---:|---:|"
    );
    for k in [3, 5, 20, 100] {
        let scores: Vec<_> = models
            .values()
            .filter(|tasks| has_enough(tasks))
            .filter_map(|tasks| score(tasks, k, SEED).remove(&Method::Estimator))
            .collect();
        let classes: u64 = scores.iter().map(|s| s.tasks).sum();
        for (at, level) in ["p50", "p90", "p99"].into_iter().enumerate() {
            let worst = scores.iter().map(|s| s.worst[at]).min().unwrap_or(0) / 1000;
            let best = scores.iter().map(|s| s.best[at]).max().unwrap_or(0) / 1000;
            let sum: u64 = scores.iter().map(|s| s.held[at] * s.tasks).sum();
            println!("| {k} | {level} | {worst} | {} | {best} |", sum / classes.max(1) / 1000);
        }
    }
}

/// Four classes to leave out at least, and something to learn from.
fn has_enough(tasks: &Tasks) -> bool {
    tasks.values().filter(|requests| requests.len() >= MIN_ROWS).count() >= 4
}

/// Millionths as a percentage with one digit.
fn percent(millionths: u64) -> String {
    digits(millionths * 100, 1)
}

/// Millionths as a decimal number, rounded to the nearest.
fn digits(millionths: u64, places: u32) -> String {
    let unit = 10u64.pow(6 - places);
    let rounded = (millionths + unit / 2) / unit;
    let whole = 10u64.pow(places);
    format!("{}.{:0width$}", rounded / whole, rounded % whole, width = places as usize)
}
