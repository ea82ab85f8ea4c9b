//! Findings of the page, code by code, with what each means and what to do.

use std::collections::BTreeMap;
use std::fmt::Write;

use tokreckon::audit::{Audit, Code, Finding};
use tokreckon::pipeline::FileTally;
use tokreckon::words::counted;

use super::table::Table;
use crate::audit::{rows_text, stakes};
use crate::options::in_options;
use crate::print::{Align, Sheet, clean};

/// Most findings of one code that are listed; the sum above them counts all.
const MAX_FINDINGS: usize = 100;

/// Most rows that are listed with their figures.
const MAX_FIGURES: usize = 5;

/// Everything of one code.
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) class: &'static str,
    pub(super) severity: &'static str,
    pub(super) explanation: &'static str,
    pub(super) false_alarms: &'static str,
    pub(super) cure: &'static str,
    pub(super) sum: String,
    pub(super) table: Table,
}

/// What was found, the gravest first, then the most frequent.
pub(super) fn checks(audit: &Audit, files: &[FileTally]) -> Vec<Check> {
    let mut by_code: BTreeMap<Code, Vec<&Finding>> = BTreeMap::new();
    for finding in &audit.findings {
        by_code.entry(finding.code).or_default().push(finding);
    }
    let mut all: Vec<(Code, Vec<&Finding>)> = by_code.into_iter().collect();
    all.sort_by_key(|(code, _)| (code.rule().severity, *code));
    all.into_iter().map(|(code, findings)| check(code, findings, files)).collect()
}

fn check(code: Code, mut findings: Vec<&Finding>, files: &[FileTally]) -> Check {
    let rule = code.rule();
    let records: u64 = findings.iter().map(|finding| finding.records).sum();
    let sum = format!("{} in {}", counted(records, "record"), counted(findings.len(), "finding"));
    findings.sort_by(|a, b| b.records.cmp(&a.records).then_with(|| a.message.cmp(&b.message)));
    let mut sheet = Sheet::new([
        ("what", Align::Left),
        ("records", Align::Count),
        ("tokens", Align::Count),
        ("at stake", Align::Left),
        ("rows", Align::Left),
        ("hint", Align::Left),
    ]);
    for finding in findings {
        sheet.row(vec![
            clean(&finding.message),
            finding.records.to_string(),
            finding.tokens.to_string(),
            stakes(finding),
            clean(&where_text(finding, files)),
            clean(&finding.hint.as_ref().map_or_else(String::new, in_options)),
        ]);
    }
    Check {
        name: rule.name,
        class: rule.class.name(),
        severity: rule.severity.name(),
        explanation: rule.explanation,
        false_alarms: rule.false_alarms,
        cure: rule.cure,
        sum,
        table: Table::at_most(MAX_FINDINGS, rule.name, rule.name, sheet),
    }
}

/// The rows, with their figures where rows differ.
fn where_text(finding: &Finding, files: &[FileTally]) -> String {
    if finding.figures.is_empty() {
        return rows_text(finding, files);
    }
    let rows = finding.rows.iter().zip(&finding.figures).take(MAX_FIGURES).map(|(row, figures)| {
        let name = files.get(row.file).map_or("", |file| file.name.as_str());
        format!("{name}:{}: {figures}", row.line)
    });
    let mut text = rows.collect::<Vec<_>>().join("; ");
    let more = finding.records.saturating_sub(MAX_FIGURES.min(finding.figures.len()) as u64);
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    text
}
