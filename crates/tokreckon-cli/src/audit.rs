//! `tokreckon audit`: what is unpriced, impossible or inconsistent, then where the money went.

pub(crate) mod baseline;
pub(crate) mod chance;

use std::fmt::Write;

use anstyle::AnsiColor;
use anyhow::{Context, Result};
use tokreckon::audit::{Audit, Code, Finding, NO_BASELINE, Severity};
use tokreckon::document::{AuditDocument, BillDocument};
use tokreckon::pipeline::FileTally;
use tokreckon::report::Report;
use tokreckon::time::Period;
use tokreckon::words::counted;

use crate::args::{AuditArgs, OutputFormat};
use crate::bill::{self, Billed};
use crate::context::{book, defaults, layers, near_names, now, settings, with_hint, with_near};
use crate::filter::filter;
use crate::input;
use crate::kind::refuse_unsent;
use crate::options::{in_options, option};
use crate::people::{People, masked};
use crate::print::{Align, Out, Sheet, clean, grouped, json_document, total_text};
use crate::report::{exit, groups_sheet, print_headline, print_rest, refused, say_left_out};
use crate::write::Output;
use crate::{Exit, local, page};

/// Most rows listed with their figures for one finding.
const MAX_LINES: usize = 5;

pub(crate) fn run(args: &AuditArgs, out: &mut Out<'_>) -> Result<Exit> {
    if let Some(code) = &args.explain {
        return explain(code, out);
    }
    let html = args.page.html.as_deref().map(Output::new).transpose()?;
    let layers = layers(&args.book)?;
    let (at, tier) = (args.input.at.as_deref(), args.input.service_tier.as_deref());
    let mut settings = settings(&args.grouping.by, &args.grouping.timezone, at, tier, &args.terms)?;
    settings.defaults = defaults(args.answer.strict)?;
    settings.nothing_cached = args.cached.is_some();
    let filter = filter(&args.filter, &settings.zone)?;
    let asked = settings.by.clone();
    if args.page.html.is_some() {
        settings.by = page::dimensions(&settings.by);
    }
    let now = match &args.now {
        Some(text) => Period::parse(text).context("`--now`")?,
        None => now()?,
    };
    let mut past = baseline::read(args)?;
    let billing = bill::read(&args.bill, &args.input)?;
    let book = book(&layers);
    let mut pipeline = input::pipeline(&args.input, &book)?.settings(settings).audited(now.start);
    if let Some(rows) = past.baseline.take() {
        pipeline = pipeline.with_baseline(rows);
    }
    if let Some(billing) = &billing {
        pipeline = pipeline.against(billing.bill.clone());
    }
    if let Some(filter) = filter {
        pipeline = pipeline.only(filter);
    }
    refuse_unsent(&args.input.files)?;
    let (files, found) = local::input(&args.input, args.local)?;
    let run = input::run(&files, &pipeline)?;
    let (fine, files) = (run.report, run.files);
    if files.iter().all(|file| file.failure.is_some()) {
        return Ok(Exit::Failed);
    }
    let audit = run.audit.unwrap_or_default();
    let records = &fine.total.records;
    if billing.is_some() && records.all > 0 && records.cost_only == records.all {
        let hint = "give the export of the usage first, and the bill after `--bill`";
        return Err(with_hint(bill::given_as_usage(&files), Some(hint.to_owned())));
    }
    let people = People::of(&fine, args.page.show_people);
    let fine = people.shown(fine)?;
    let regrouped = (fine.by != asked).then(|| fine.regrouped(&asked));
    let regrouped = regrouped.transpose().context("the sums")?;
    let report = regrouped.as_ref().unwrap_or(&fine);
    let (audit, renamed) = shown(audit, people, args.page.show_people);
    let billed = billing.zip(run.reconciliation);
    let mut billed = billed.map(|(billing, result)| Billed { result, files: billing.files });
    if let Some(billed) = &mut billed {
        billed.hide(people);
    }
    if args.output.format == OutputFormat::Json {
        let document = AuditDocument::written(report, &audit, &files, &past.files).with_hints(
            report,
            &audit,
            &in_options,
        );
        let document = match &billed {
            Some(Billed { result, files }) => document.with_bill(BillDocument::new(result, files)),
            None => document,
        };
        json_document(&document, out);
    } else if let (Some(billed), OutputFormat::Csv) = (&billed, args.output.format) {
        billed.print(OutputFormat::Csv, out);
    } else if args.answer.total {
        let gap = billed.as_ref().map(Billed::total);
        out.push_str(&gap.unwrap_or_else(|| total_text(&report.sums())));
    } else {
        let audited = Audited { report, files: &files, audit: &audit, past: &past.files };
        let note = people.hiding(renamed).note();
        let notes: Vec<&str> = found.iter().map(String::as_str).chain(note).collect();
        audited.print(billed.as_ref(), &notes, args, out);
    }
    say_left_out(run.not_asked_for);
    if let Some(html) = &html {
        let mut parts = page::Parts::of_report(page::terms::of_audit(args), &fine, report, &files);
        parts.what = "Audit";
        parts.audit = Some(&audit);
        parts.billed = billed.as_ref();
        parts.past = &past.files;
        page::write(html, &parts)?;
    }
    // A note is good to know, nothing to be cleared up: it leaves the exit code alone.
    let is_note = |finding: &Finding| finding.code.rule().severity == Severity::Note;
    let found = if audit.findings.iter().all(is_note) { Exit::Fine } else { Exit::Findings };
    let of_bill = billed.map_or(Exit::Fine, |billed| billed.exit());
    let strict = refused(args.answer.strict, report);
    Ok(exit(report, &files).max(strict).max(found).max(of_bill).max(past.exit()))
}

/// What was found, to be printed.
struct Audited<'a> {
    report: &'a Report,
    files: &'a [FileTally],
    audit: &'a Audit,
    /// Files of the baseline.
    past: &'a [FileTally],
}

impl Audited<'_> {
    /// The headline, the findings, the bill, the groups; then notes about logs and hidden names.
    fn print(&self, billed: Option<&Billed>, more: &[&str], args: &AuditArgs, out: &mut Out<'_>) {
        let format = args.output.format;
        let notes = format != OutputFormat::Csv && !args.output.quiet;
        if notes {
            let of_bill = billed.map(|billed| billed.result.headline());
            print_headline(self.report, of_bill.as_deref(), args.cached.is_some(), out);
        }
        print_findings(self.audit, self.files, args, out);
        if let Some(statistics) = &self.audit.statistics {
            baseline::print(statistics, self.past, format, out);
        }
        if let Some(billed) = billed {
            billed.print(format, out);
        }
        if format == OutputFormat::Csv {
            return;
        }
        let sheet = groups_sheet(self.report, format);
        sheet.without_empty_columns().print(format, out);
        if notes {
            out.push('\n');
            print_rest(self.report, self.files, out);
        }
        for note in more.iter().filter(|_| notes) {
            let _ = writeln!(out, "{note}");
        }
    }
}

/// The audit with names of people as they are printed, and whether a group has another name then.
fn shown(mut audit: Audit, people: People, show_people: bool) -> (Audit, bool) {
    let mut renamed = Vec::new();
    if let Some(statistics) = &mut audit.statistics {
        for group in &mut statistics.groups {
            let before = group.text(&statistics.by);
            for (by, label) in statistics.by.iter().zip(&mut group.labels) {
                *label = people.name(*by, label);
            }
            let after = group.text(&statistics.by);
            if before != after {
                renamed.push((before, after));
            }
        }
    }
    // What one group is called may begin what another one is called: the longest names come first.
    renamed.sort_by_key(|(before, _)| std::cmp::Reverse(before.len()));
    let named = |text: &str| {
        let of_group = renamed.iter().find(|(before, _)| text.contains(before.as_str()));
        let text = of_group.map_or(text.to_owned(), |(before, after)| text.replace(before, after));
        masked(&text, show_people)
    };
    for finding in &mut audit.findings {
        finding.message = named(&finding.message);
        for figures in &mut finding.figures {
            *figures = masked(figures, show_people);
        }
    }
    for (what, _) in &mut audit.not_checked {
        *what = named(what);
    }
    let hides = !renamed.is_empty();
    (audit, hides)
}

fn explain(code: &str, out: &mut String) -> Result<Exit> {
    if code.is_empty() {
        for known in Code::ALL {
            let _ = writeln!(out, "{:24} {}", known.name(), known.class().name());
        }
        let _ = writeln!(out, "\n`tokreckon audit --explain CODE` explains one");
        return Ok(Exit::Fine);
    }
    let Some(found) = Code::ALL.into_iter().find(|known| known.name() == code) else {
        let names = Code::ALL.map(Code::name);
        let all = format!("codes are {}", names.join(", "));
        let near = near_names(code, names);
        return Err(with_near(format!("no finding has the code `{code}`"), near, Some(all)));
    };
    let rule = found.rule();
    let _ = writeln!(out, "{} ({}, {})\n", rule.name, rule.severity.name(), rule.class.name());
    let _ = writeln!(out, "{}", rule.explanation);
    let _ = writeln!(out, "False alarms: {}", rule.false_alarms);
    let named =
        found.setting().map_or(String::new(), |setting| format!(" See {}.", option(&setting)));
    let _ = writeln!(out, "What to do: {}{named}", rule.cure);
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
        ("p", Align::Left),
        ("expected by chance", Align::Left),
        ("figures", Align::Left),
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
            finding.chance.as_ref().map_or(String::new(), |chance| chance.p.to_string()),
            finding.chance.as_ref().map_or(String::new(), |chance| chance.expected.to_string()),
            clean(&finding.figures.iter().take(MAX_LINES).cloned().collect::<Vec<_>>().join(" | ")),
        ]);
    }
    if format == OutputFormat::Csv {
        sheet.raw(args.page.raw).print(format, out);
        return;
    }
    let sum: u64 = audit.findings.iter().map(|finding| finding.records).sum();
    if !args.output.quiet {
        let found = if sum == 0 {
            "no findings".to_owned()
        } else {
            counted(audit.findings.len(), "finding")
        };
        let _ = writeln!(out, "{found}\n");
    }
    if format == OutputFormat::Md && sum > 0 {
        sheet.without_empty_columns().print(format, out);
        out.push('\n');
    } else if sum > 0 {
        print_list(audit, files, out);
    }
    if args.output.quiet {
        return;
    }
    chance::print(audit, out);
    if !audit.not_checked.is_empty() {
        let _ = writeln!(out, "not checked:");
        for (what, records) in &audit.not_checked {
            let how = if what == NO_BASELINE { ", see `--baseline`" } else { "" };
            let _ = writeln!(out, "  {what} ({}){how}", counted(*records, "record"));
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
            _ => AnsiColor::Cyan.on_default().bold(),
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
            let estimate = if finding.stake_is_estimate() { " (an estimate)" } else { "" };
            facts.push(format!("{stakes} at stake{estimate}"));
        }
        let _ = writeln!(out, "  {}", facts.join(", "));
        if finding.figures.is_empty() {
            let _ = writeln!(out, "  at {}", clean(&rows_text(finding, files)));
        } else {
            print_figures(finding, files, out);
        }
        if let Some(hint) = &finding.hint {
            let _ = writeln!(out, "  hint: {}", clean(&in_options(hint)));
        }
    }
    out.push('\n');
}

/// One line per row with its figures.
fn print_figures(finding: &Finding, files: &[FileTally], out: &mut String) {
    for (row, figures) in finding.rows.iter().zip(&finding.figures).take(MAX_LINES) {
        let name = files.get(row.file).map_or("", |file| file.name.as_str());
        let _ = writeln!(out, "  at {}:{}: {}", clean(name), row.line, clean(figures));
    }
    let more = finding.records.saturating_sub(MAX_LINES.min(finding.figures.len()) as u64);
    if more > 0 {
        let _ = writeln!(out, "  and {} more", counted(more, "record"));
    }
}

pub(crate) fn stakes(finding: &Finding) -> String {
    let about = if finding.stake_is_estimate() { "about " } else { "" };
    let stakes = finding.at_stake.iter();
    let stakes = stakes.map(|(currency, amount)| format!("{about}{amount} {currency}"));
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
