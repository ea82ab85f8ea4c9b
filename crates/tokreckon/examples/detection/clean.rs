//! False alarms: what the checks find in data that is what it says.

use std::fmt::Write;

use tokreckon::audit::{Audit, Code};
use tokreckon::read::Format;

use crate::facts::{Facts, audit, audit_rows, count};

/// A check, how its reasons for not looking begin, and what is known of what it finds.
type Check = (Code, &'static str, &'static str);

/// The checks that no history is needed for.
pub(crate) const CHECKS: [Check; 18] = [
    (Code::TotalsDisagree, "whether totals add up", GEMINI_VOXTRAL),
    (Code::PartExceedsWhole, "", AZURE_GROK),
    (Code::OutputAboveMaximum, "output against the model's maximum", ""),
    (Code::InputAboveContext, "input against the model's context", ""),
    (Code::DuplicateRequestId, "duplicates", ""),
    (Code::ReasoningAboveOutput, "", OPENROUTER),
    (Code::ReasoningOfPlainModel, "", WRITTEN_BY_HAND),
    (Code::ReasoningOffStep, "reasoning in steps", PROXY),
    (Code::OutputUnexplained, "output against the visible", ""),
    (Code::OutputBelowVisible, "output against the visible", WRITTEN_BY_HAND),
    (Code::PromptDiffers, PROMPT, OTHER_TEXT),
    (Code::PromptOffsetChanges, "", ""),
    (Code::OutputAboveCap, CAP, ""),
    (Code::CachedOffStep, "", "one written by hand, one of July 2025"),
    (Code::RepeatedRequest, REPEATED, ""),
    (Code::CutBeforeAnswer, "answers cut off", "a true one: 100 of 100 tokens of reasoning"),
    (Code::ImpossibleTime, "the time of use", FROZEN_CLOCK),
    (Code::NotTokens, "", ""),
];

const PROMPT: &str = "the prompt counted again";
const CAP: &str = "output against the limit";
const REPEATED: &str = "requests repeated";

const GEMINI_VOXTRAL: &str = "two of Gemini in OpenAI's form, whose thoughts no part names; one of \
                              Voxtral, whose audio lies beside the prompt";
const AZURE_GROK: &str = "17 of Grok on Azure: more cached than prompt tokens, or cached images; \
                          one of Voxtral, one PDF on Vertex";
const OPENROUTER: &str = "OpenRouter of mid 2025: minimax-m1 92, magistral-small 17, \
                          deepseek-r1-distill-qwen-7b 13, glm-4.5 7, others 1 to 5";
const WRITTEN_BY_HAND: &str = "one recording with counts 9, 10, 1, 2, 3, 4, written by hand";
const PROXY: &str = "one o3-mini with reasoning text, which o3-mini never shows: another model \
                     behind a proxy";
const OTHER_TEXT: &str = "four recordings whose text seems not to be what was sent, gpt-3.5-turbo-0301 (one \
                          token), and one o3-mini of March 2025 (+59)";

const FROZEN_CLOCK: &str = "one recording dated before the model that answered was released";

/// The table.
pub(crate) fn section(facts: &Facts) -> String {
    let (rows, row_count) = audit_rows(facts.rows.iter());
    let (recorded, response_count) = responses(facts);
    let mut text = format!(
        "{row_count} rows of `requests.csv`, {response_count} recorded responses that their \
         collector did not call suspicious. Per check: findings / records looked at.\n\n\
         | check | rows | responses | what was found |\n|---|--:|--:|---|\n"
    );
    for (code, prefix, known) in CHECKS {
        let cell = |audit: &Audit, all: u64| {
            format!("{} / {}", count(audit, code), all - not_checked(audit, prefix))
        };
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {known} |",
            code.name(),
            cell(&rows, row_count),
            cell(&recorded, response_count)
        );
    }
    if std::env::var_os("TOKRECKON_LIST").is_some() {
        list(&recorded, facts);
    }
    text
}

/// The audit of the recorded responses.
pub(crate) fn responses(facts: &Facts) -> (Audit, u64) {
    let mut log = String::new();
    for (_, line) in &facts.recorded {
        log.push_str(line);
        log.push('\n');
    }
    audit(&log, Format::UsageJson, "")
}

/// How many records a check did not look at.
fn not_checked(audit: &Audit, prefix: &str) -> u64 {
    let text = ["output against the visible", "answers cut off"].contains(&prefix);
    let request = [PROMPT, CAP, REPEATED].contains(&prefix);
    let concerns = |what: &str| {
        (!prefix.is_empty() && what.starts_with(prefix))
            || ((text || request) && what.starts_with("answers, prompts"))
            || (request && what.starts_with("prompts and repeated"))
    };
    let reasons = audit.not_checked.iter().filter(|(what, _)| concerns(what));
    reasons.map(|(_, records)| records).sum()
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
    for (what, records) in &audit.not_checked {
        eprintln!("not checked: {what} ({records})");
    }
}
