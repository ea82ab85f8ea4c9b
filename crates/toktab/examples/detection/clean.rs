//! False alarms: what the checks find in data that is what it says.

use std::fmt::Write;

use toktab::audit::{Audit, Code};
use toktab::read::Format;

use crate::facts::{Facts, audit, audit_rows, count};

/// The consistency checks.
pub(crate) const CHECKS: [Code; 16] = [
    Code::TotalsDisagree,
    Code::PartExceedsWhole,
    Code::OutputAboveMaximum,
    Code::InputAboveContext,
    Code::DuplicateRequestId,
    Code::ReasoningAboveOutput,
    Code::ReasoningOfPlainModel,
    Code::ReasoningOffStep,
    Code::OutputUnexplained,
    Code::OutputBelowVisible,
    Code::PromptDiffers,
    Code::PromptOffsetChanges,
    Code::OutputAboveCap,
    Code::CachedOffStep,
    Code::ImpossibleTime,
    Code::NotTokens,
];

/// The table.
pub(crate) fn section(facts: &Facts) -> String {
    let (rows, row_count) = audit_rows(facts.rows.iter());
    let log: String = facts.recorded.iter().map(|(_, line)| format!("{line}\n")).collect();
    let (recorded, response_count) = audit(&log, Format::UsageJson, "");
    let mut text = format!(
        "{row_count} rows of `requests.csv`, {response_count} recorded responses that their \
         collector did not call suspicious.\n\n\
         | check | rows | responses |\n|---|--:|--:|\n"
    );
    for code in CHECKS {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} |",
            code.name(),
            count(&rows, code),
            count(&recorded, code)
        );
    }
    if std::env::var_os("TOKTAB_LIST").is_some() {
        list(&recorded, facts);
        list(&rows, facts);
        for (what, records) in recorded.not_checked {
            eprintln!("not checked: {what} ({records})");
        }
    }
    text
}

/// Every finding with the recording behind it, to look into.
fn list(audit: &Audit, facts: &Facts) {
    for finding in audit.findings.iter().filter(|finding| finding.code != Code::Unpriced) {
        eprintln!("{} ({}): {}", finding.code.name(), finding.records, finding.message);
        for (at, row) in finding.rows.iter().enumerate() {
            let index = usize::try_from(row.line).unwrap_or(0).wrapping_sub(1);
            let id = facts.recorded.get(index).map_or("", |(id, _)| id);
            eprintln!("    {id} {}", finding.figures.get(at).map_or("", String::as_str));
        }
    }
}
