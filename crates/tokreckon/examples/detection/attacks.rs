//! Errors put into clean rows, and how many of these the checks find.

use std::fmt::Write;

use tokreckon::audit::Code;

use crate::facts::{Facts, Row, audit_rows, count};

/// By how much counts are raised, per cent.
pub(crate) const RAISES: [u64; 7] = [1, 2, 5, 10, 25, 50, 100];

/// An error, what it does to a row, and the check that should see it.
pub(crate) type Attack = (&'static str, fn(&Row, u64) -> Row, Code);

/// The errors.
pub(crate) const ATTACKS: [Attack; 5] = [
    ("reasoning raised", reasoning, Code::ReasoningOffStep),
    ("output raised, reasoning not", output, Code::OutputUnexplained),
    ("output and reasoning raised", both, Code::OutputUnexplained),
    ("output and reasoning raised", both, Code::ReasoningOffStep),
    ("reasoning raised in steps of 64", in_steps, Code::ReasoningOffStep),
];

/// The table.
pub(crate) fn section(facts: &Facts) -> String {
    let rows: Vec<&Row> = o1_rows(facts).collect();
    let mut text = format!(
        "{} clean rows of o1-mini and o1-preview; per cent of them with a finding.\n\n\
         | error | found by |",
        rows.len()
    );
    for raise in RAISES {
        let _ = write!(text, " +{raise} % |");
    }
    text.push_str("\n|---|---|");
    text.push_str(&"--:|".repeat(RAISES.len()));
    text.push('\n');
    for attack in ATTACKS {
        let (name, _, code) = attack;
        let _ = write!(text, "| {name} | `{}` |", code.name());
        for raise in RAISES {
            let tenths = rate(&rows, attack, raise);
            let _ = write!(text, " {}.{} |", tenths / 10, tenths % 10);
        }
        text.push('\n');
    }
    text
}

/// The rows that errors are put into.
pub(crate) fn o1_rows(facts: &Facts) -> impl Iterator<Item = &Row> {
    facts.rows.iter().filter(|row| row.model.starts_with("o1-"))
}

/// Rows with a finding, in tenths of a per cent.
pub(crate) fn rate(rows: &[&Row], (_, attack, code): Attack, raise: u64) -> u64 {
    let raised: Vec<Row> = rows.iter().map(|row| attack(row, raise)).collect();
    let (audit, records) = audit_rows(raised.iter());
    (count(&audit, code) * 1000 + records / 2) / records.max(1)
}

/// Rounded to the nearest.
fn raised(count: u64, percent: u64) -> u64 {
    (count * (100 + percent) + 50) / 100
}

fn reasoning(row: &Row, percent: u64) -> Row {
    with_reasoning(row, |tokens| raised(tokens, percent))
}

fn output(row: &Row, percent: u64) -> Row {
    Row { output: raised(row.output, percent), ..row.clone() }
}

fn both(row: &Row, percent: u64) -> Row {
    let reasoning = row.reasoning.map(|tokens| raised(tokens, percent));
    Row { output: raised(row.output, percent), reasoning, ..row.clone() }
}

fn in_steps(row: &Row, percent: u64) -> Row {
    with_reasoning(row, |tokens| raised(tokens, percent).next_multiple_of(64))
}

/// More reasoning, and as much more output.
fn with_reasoning(row: &Row, change: impl Fn(u64) -> u64) -> Row {
    let before = row.reasoning.unwrap_or(0);
    let after = change(before);
    Row { reasoning: Some(after), output: row.output + after - before, ..row.clone() }
}
