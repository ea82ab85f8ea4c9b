//! Counts of a seller of credits, read as what they are.

use std::fmt::Write;

use toktab::audit::{Audit, Code};
use toktab::read::Format;

use crate::facts::{Facts, audit};

/// The table.
pub(crate) fn section(facts: &Facts) -> String {
    let audit = together(facts);
    let mut text = format!(
        "{} responses of a seller of credits, one a model, with the tokens of their visible \
         answers but without their prompts. `{}` on {} of {}.\n\n| model | figures |\n|---|---|\n",
        facts.credits.len(),
        Code::NotTokens.name(),
        crate::facts::count(&audit, Code::NotTokens),
        facts.credits.len(),
    );
    for (at, row) in facts.credits.iter().enumerate() {
        // The first line is the header.
        let figures = figures(&audit, at as u64 + 2).unwrap_or("–");
        let _ = writeln!(text, "| {} | {figures} |", row.model);
    }
    for finding in audit.findings.iter().filter(|finding| finding.code == Code::NotTokens) {
        let _ = writeln!(text, "\n{}: {}", finding.message, finding.hint.as_deref().unwrap_or(""));
    }
    text
}

/// The audit of all of them.
pub(crate) fn together(facts: &Facts) -> Audit {
    let mut log =
        "model,input_tokens,output_tokens,reasoning_tokens,visible_tokens,timestamp\n".to_owned();
    for row in &facts.credits {
        let _ = writeln!(
            log,
            "{},{},{},{},{},2025-04-09T08:10:26Z",
            row.model, row.input, row.output, row.reasoning, row.visible
        );
    }
    audit(&log, Format::Plain, "aimlapi").0
}

/// What the finding says of a line.
fn figures(audit: &Audit, line: u64) -> Option<&str> {
    let of_line = audit.findings.iter().filter(|f| f.code == Code::NotTokens).find_map(|finding| {
        let at = finding.rows.iter().position(|row| row.line == line)?;
        finding.figures.get(at)
    });
    of_line.map(String::as_str)
}
