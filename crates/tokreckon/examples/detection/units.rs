//! Counts of a seller of credits, read as what they are.

use std::fmt::Write;

use tokreckon::audit::{Audit, Code};
use tokreckon::read::Format;

use crate::facts::{Facts, Row, audit, audit_rows};

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
        let _ = writeln!(
            text,
            "\n{}: {}",
            finding.message,
            finding.hint.as_ref().map_or(String::new(), ToString::to_string)
        );
    }
    let (found, right, all) = turned_into_credits(facts);
    let _ = writeln!(
        text,
        "\n{all} clean rows of o1-mini turned into credits (x 6.3 and x 25.2, reasoning as it is), \
         each audited by itself without its prompt: {found} are found, {right} with the right \
         number of tokens."
    );
    text
}

/// How many rows of o1-mini, turned into credits, are found one by one; how many of these are read
/// as the tokens they were; and how many there are.
pub(crate) fn turned_into_credits(facts: &Facts) -> (u64, u64, u64) {
    let (mut found, mut right, mut all) = (0, 0, 0);
    for row in facts.rows.iter().filter(|row| row.model == "o1-mini") {
        all += 1;
        let scaled = |tokens: u64, tenths: u64| (tokens * tenths + 5) / 10;
        let credits =
            Row { input: scaled(row.input, 63), output: scaled(row.output, 252), ..row.clone() };
        let (audit, _) = audit_rows(std::iter::once(&credits));
        let reading = format!("= {} tokens x 6.3, ", row.input);
        let output = format!("= {} tokens x 25.2 ", row.output);
        let findings = audit.findings.iter().filter(|finding| finding.code == Code::NotTokens);
        for figures in findings.flat_map(|finding| &finding.figures) {
            found += 1;
            right += u64::from(figures.contains(&reading) && figures.contains(&output));
        }
    }
    (found, right, all)
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
