//! How often the audit raises a false alarm on clean recorded data, and what it finds of errors that
//! are put in.
//!
//! ```text
//! TOKRECKON_FACTS=FOLDER cargo run --release -p tokreckon --example detection
//! TOKRECKON_FACTS=FOLDER cargo run --release -p tokreckon --example detection -- docs/audit.md
//! ```
//!
//! `FOLDER/reasoning/requests.csv` holds one request per line, `FOLDER/counting/cases/*.jsonl` one
//! recorded request with its response per line. The second form writes the tables of the consistency
//! checks into a page, between its two marks; those of the statistics are in `docs/statistics.md`.

#![expect(clippy::disallowed_methods, reason = "a program, unlike the library, has an environment")]

mod attacks;
mod clean;
mod facts;
mod statistics;
mod units;

use std::fmt::Write;
use std::process::ExitCode;

use facts::Facts;

/// A part of the page: its heading and its text.
type Section = (&'static str, fn(&Facts) -> String);

/// The parts, in order.
const SECTIONS: &[Section] = &[
    ("False alarms on clean data", clean::section),
    ("Errors that were put in", attacks::section),
    ("Counts that are not tokens", units::section),
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("detection: {message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let Ok(folder) = std::env::var("TOKRECKON_FACTS") else {
        eprintln!(
            "detection: `TOKRECKON_FACTS` is not set: no recorded requests for the checks of single rows"
        );
        statistics::print();
        return Ok(());
    };
    let facts = facts::read(folder.as_ref())?;
    let mut page = String::new();
    for (heading, section) in SECTIONS {
        let _ = writeln!(page, "### {heading}\n\n{}\n", section(&facts).trim_end());
    }
    match std::env::args().nth(1) {
        None => {
            print!("{page}");
            statistics::print();
        }
        Some(path) => {
            let text =
                std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
            let new = facts::between_marks(&text, &page)
                .ok_or_else(|| format!("{path}: the two marks are missing"))?;
            std::fs::write(&path, new).map_err(|error| format!("{path}: {error}"))?;
        }
    }
    Ok(())
}
