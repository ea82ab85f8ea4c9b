//! `toktab audit`: what is unpriced, impossible or inconsistent, then where the money went.

use std::fmt::Write;

use anstyle::AnsiColor;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use toktab::audit::{Audit, Auditor, Code, Finding, Severity};
use toktab::ledger::Ledger;

use crate::args::{AuditArgs, OutputFormat};
use crate::context::{book, counted, layers, near_names, settings, with_hint};
use crate::input::{FileTally, Row, read_all};
use crate::people::{People, masked};
use crate::print::{Align, Sheet, clean, grouped, json_document};
use crate::report::{exit, groups_sheet, json as json_report, print_summary};
use crate::{Exit, page};

pub(crate) fn run(args: &AuditArgs, out: &mut String) -> Result<Exit> {
    if let Some(code) = &args.explain {
        return explain(code, out);
    }
    let layers = layers(&args.book)?;
    let (at, tier) = (args.input.at.as_deref(), args.input.service_tier.as_deref());
    let mut settings = settings(&args.by, &args.timezone, at, tier, &args.terms)?;
    let asked = settings.by.clone();
    if args.page.html.is_some() {
        settings.by = page::dimensions(&settings.by);
    }
    let mut ledger = Ledger::new(book(&layers), settings);
    let mut auditor = Auditor::default();
    let files = read_all(&args.input, &mut |file, row| match row {
        Row::Record(record) => {
            let outcome = ledger.add(record);
            auditor.observe(file.index, record, &outcome, &ledger);
        }
        Row::Reject(reject) => auditor.reject(file.index, &reject),
    })?;
    if files.iter().all(|file| file.failure.is_some()) {
        return Ok(Exit::Failed);
    }
    let fine = ledger.report().context("the sums")?;
    let people = People::of(&fine, args.page.show_people);
    let fine = people.shown(fine)?;
    let regrouped = (fine.by != asked).then(|| fine.regrouped(&asked));
    let regrouped = regrouped.transpose().context("the sums")?;
    let report = regrouped.as_ref().unwrap_or(&fine);
    let mut audit = auditor.finish();
    for finding in &mut audit.findings {
        finding.message = masked(&finding.message, args.page.show_people);
    }
    if args.output.format == OutputFormat::Json {
        let mut value = json_report(report, &files);
        if let Value::Object(fields) = &mut value {
            fields.insert(
                "findings".to_owned(),
                audit.findings.iter().map(|finding| json_finding(finding, &files)).collect(),
            );
            fields.insert(
                "not_checked".to_owned(),
                audit
                    .not_checked
                    .iter()
                    .map(|(what, records)| json!({ "what": what, "records": records }))
                    .collect(),
            );
        }
        json_document("toktab-audit/1", value, out);
    } else {
        print_findings(&audit, &files, args, out);
        if args.output.format != OutputFormat::Csv {
            let sheet = groups_sheet(report, args.output.format);
            sheet.without_empty_columns().print(args.output.format, out);
            out.push('\n');
            print_summary(report, &files, people, out);
        }
    }
    if let Some(path) = &args.page.html {
        let terms = page::terms::of_audit(args);
        let (fine, asked, files, audit) = (&fine, report, files.as_slice(), Some(&audit));
        page::write(path, &page::Parts { what: "Audit", terms, fine, asked, files, audit })?;
    }
    let found = if audit.findings.is_empty() { Exit::Fine } else { Exit::Findings };
    Ok(exit(report, &files).max(found))
}

fn explain(code: &str, out: &mut String) -> Result<Exit> {
    let Some(found) = Code::ALL.into_iter().find(|known| known.name() == code) else {
        let names = Code::ALL.map(Code::name);
        let all = format!("codes are {}", names.join(", "));
        let hint = near_names(code, names).unwrap_or(all);
        return Err(with_hint(format!("no finding has the code `{code}`"), Some(hint)));
    };
    let rule = found.rule();
    let _ = writeln!(out, "{} ({}, {})\n", rule.name, rule.severity.name(), rule.class.name());
    let _ = writeln!(out, "{}", rule.explanation);
    let _ = writeln!(out, "False alarms: {}", rule.false_alarms);
    let _ = writeln!(out, "What to do: {}", rule.cure);
    Ok(Exit::Fine)
}

fn print_findings(audit: &Audit, files: &[FileTally], args: &AuditArgs, out: &mut String) {
    let format = args.output.format;
    let mut sheet = Sheet::new([
        ("finding", Align::Left),
        ("class", Align::Left),
        ("records", Align::Count),
        ("tokens", Align::Count),
        ("at stake", Align::Left),
        ("what", Align::Left),
        ("rows", Align::Left),
    ]);
    for finding in &audit.findings {
        sheet.row(vec![
            finding.code.name().to_owned(),
            finding.code.class().name().to_owned(),
            finding.records.to_string(),
            finding.tokens.to_string(),
            stakes(finding),
            clean(&finding.message),
            rows_text(finding, files),
        ]);
    }
    if format == OutputFormat::Csv {
        sheet.raw(args.page.raw).print(format, out);
        return;
    }
    let sum: u64 = audit.findings.iter().map(|finding| finding.records).sum();
    let found = counted(audit.findings.len(), "finding");
    if sum == 0 {
        let _ = writeln!(out, "no findings\n");
    } else if format == OutputFormat::Md {
        sheet.without_empty_columns().print(format, out);
        let _ = writeln!(out, "\n{found}\n");
    } else {
        print_list(audit, files, out);
        let _ = writeln!(out, "{found}\n");
    }
    if !audit.not_checked.is_empty() {
        let _ = writeln!(out, "not checked:");
        for (what, records) in &audit.not_checked {
            let _ = writeln!(out, "  {what} ({})", counted(*records, "record"));
        }
        out.push('\n');
    }
}

/// One paragraph per finding: long messages read better than narrow columns.
fn print_list(audit: &Audit, files: &[FileTally], out: &mut String) {
    for finding in &audit.findings {
        let style = match finding.code.rule().severity {
            Severity::Error => AnsiColor::Red.on_default().bold(),
            Severity::Warning => AnsiColor::Yellow.on_default().bold(),
            Severity::Note => AnsiColor::Cyan.on_default().bold(),
        };
        let _ = writeln!(
            out,
            "{style}{}{style:#} ({}): {}",
            finding.code.name(),
            finding.code.class().name(),
            clean(&finding.message)
        );
        let mut facts = vec![counted(finding.records, "record")];
        if finding.tokens > 0 {
            facts.push(format!("{} tokens", grouped(finding.tokens)));
        }
        let stakes = stakes(finding);
        if !stakes.is_empty() {
            facts.push(format!("{stakes} at stake"));
        }
        let _ = writeln!(out, "  {}", facts.join(", "));
        let _ = writeln!(out, "  at {}", clean(&rows_text(finding, files)));
        if let Some(hint) = &finding.hint {
            let _ = writeln!(out, "  hint: {}", clean(hint));
        }
    }
    out.push('\n');
}

pub(crate) fn stakes(finding: &Finding) -> String {
    let stakes = finding.at_stake.iter().map(|(currency, amount)| format!("{amount} {currency}"));
    stakes.collect::<Vec<_>>().join(" + ")
}

/// `usage.csv:17, 18, 25 and 3 more`.
pub(crate) fn rows_text(finding: &Finding, files: &[FileTally]) -> String {
    let mut text = String::new();
    let mut last_file = None;
    for row in finding.rows.iter().take(8) {
        if last_file == Some(row.file) {
            let _ = write!(text, ", {}", row.line);
        } else {
            let name = files.get(row.file).map_or("", |file| file.name.as_str());
            let comma = if text.is_empty() { "" } else { ", " };
            let _ = write!(text, "{comma}{name}:{}", row.line);
            last_file = Some(row.file);
        }
    }
    let more = finding.records.saturating_sub(8.min(finding.rows.len() as u64));
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    text
}

fn json_finding(finding: &Finding, files: &[FileTally]) -> Value {
    let rows: Vec<Value> = finding.rows.iter().map(|row| {
        json!({ "file": files.get(row.file).map(|file| file.name.clone()), "line": row.line })
    }).collect();
    let stake: serde_json::Map<String, Value> = finding
        .at_stake
        .iter()
        .map(|(currency, amount)| (currency.to_string(), amount.to_string().into()))
        .collect();
    json!({
        "code": finding.code.name(),
        "class": finding.code.class().name(),
        "severity": finding.code.rule().severity.name(),
        "message": finding.message,
        "hint": finding.hint,
        "records": finding.records,
        "tokens": finding.tokens.to_string(),
        "at_stake": stake,
        "rows": rows,
    })
}
