//! How many findings of a check are expected by chance, beside how many there are.

use std::fmt::Write;

use tokreckon::audit::{Audit, ByChance, about};
use tokreckon::money::Rounding;
use tokreckon::words::counted;

use crate::print::{grouped, grouped_text};

/// The checks that found something.
pub(super) fn print(audit: &Audit, out: &mut String) {
    let lines = texts(audit);
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "expected by chance, as often as in recorded data:");
    for line in lines {
        let _ = writeln!(out, "  {line}");
    }
    out.push('\n');
}

/// `prompt-differs: 3 records; about 2.4 expected among 412 (6 of 1,039 recorded)`.
pub(crate) fn texts(audit: &Audit) -> Vec<String> {
    let text = |check: &ByChance| {
        let found = audit.found(check.code);
        (found > 0).then(|| {
            format!(
                "{}: {}; {} expected among {} ({} of {} recorded)",
                check.code.name(),
                counted(found, "record"),
                expected(check),
                grouped(u128::from(check.looked_at)),
                check.false_alarms,
                grouped(u128::from(check.recorded))
            )
        })
    };
    audit.by_chance.iter().filter_map(text).collect()
}

/// One place below ten, none above; what is below the last place is said to be.
fn expected(check: &ByChance) -> String {
    let expected = check.expected();
    if expected.rounded(1, Rounding::HalfUp).is_zero() {
        return "below 0.1".to_owned();
    }
    let number = grouped_text(&about(expected).to_string());
    if check.is_bound() { format!("at most {number}") } else { format!("about {number}") }
}
