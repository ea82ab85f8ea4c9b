//! What stands above and below a report: the answer in one line, what it rests on, what is open.

use std::collections::BTreeMap;
use std::fmt::Write;

use tokreckon::grade::Grade;
use tokreckon::money::Currency;
use tokreckon::pipeline::FileTally;
use tokreckon::report::{Bounds, Report};
use tokreckon::time::Period;
use tokreckon::words::counted;
use tokreckon_data::{BOOK_DAY, BOOK_HASH};

use crate::asked::{age_note, assumed_text};
use crate::input::file_text;
use crate::print::{amount_text, bounds_cells, clean, grouped};

/// Files that are told one by one; of more of them only the sum and what went wrong.
const MOST_FILES: usize = 8;

/// The costs of all records; open where a record is not charged, or in part.
pub(crate) fn sums(report: &Report) -> BTreeMap<Currency, (Bounds, Grade)> {
    let total = &report.total;
    let with_grade = |currency: &Currency| (*currency, (total.cost_in(*currency), total.grade()));
    total.costs.keys().map(with_grade).collect()
}

/// `1,204.17 USD (exact) · 2026-10-01 to 2026-10-31 · 48,211 of 48,230 records · 3 assumed`, and what
/// is taken for granted.
pub(crate) fn print_headline(report: &Report, out: &mut String) {
    let records = report.total.records;
    let costs = sums(report);
    let costs: Vec<String> =
        costs.iter().map(|(currency, (bounds, _))| amount_text(bounds, *currency)).collect();
    let mut parts = vec![match (costs.is_empty(), report.total.grade()) {
        (true, _) if records.cost_only == records.all => "no usage".to_owned(),
        (true, _) => "unknown".to_owned(),
        // `≥` says it already.
        (false, Grade::Unknown) => costs.join(" + "),
        (false, grade) => format!("{} ({grade})", costs.join(" + ")),
    }];
    parts.extend(report.days.map(|(first, last)| {
        if first == last { first.to_string() } else { format!("{first} to {last}") }
    }));
    let usage = records.all - records.cost_only;
    let charged = records.charged() + records.partly;
    parts.push(if charged == usage {
        counted(usage, "record")
    } else {
        format!("{} of {}", grouped(charged.into()), counted(usage, "record"))
    });
    for (count, what) in [
        (records.assumed, "assumed"),
        (records.bounded, "between two bounds"),
        (records.partly, "in part"),
        (records.cost_only, "billed costs without usage"),
    ] {
        if count > 0 && !(what == "assumed" && count == usage) {
            parts.push(format!("{} {what}", grouped(count.into())));
        }
    }
    let _ = writeln!(out, "{}", parts.join(" · "));
    if !report.total.assumptions.is_empty() {
        let _ = writeln!(out, "assumed: {}", assumed_text(report.total.assumptions, ""));
    }
}

/// What the sums leave open, what was read, and by which book.
pub(crate) fn print_summary(report: &Report, files: &[FileTally], out: &mut String) {
    print_points(open_points(report), out);
    print_read(report, files, out);
}

/// The same where findings have named the records that were not charged already.
pub(crate) fn print_rest(report: &Report, files: &[FileTally], out: &mut String) {
    let mut points = open_points(report);
    points.retain(|(point, _)| !point.starts_with("not charged"));
    print_points(points, out);
    print_read(report, files, out);
}

fn print_points(points: Vec<(String, Option<String>)>, out: &mut String) {
    for (point, hint) in points {
        let _ = writeln!(out, "{point}");
        if let Some(hint) = hint {
            let _ = writeln!(out, "  hint: {hint}");
        }
    }
}

fn print_read(report: &Report, files: &[FileTally], out: &mut String) {
    print_rounding(report, out);
    let is_told = |file: &&FileTally| {
        files.len() <= MOST_FILES || file.failure.is_some() || file.rejected > 0
    };
    for file in files.iter().filter(is_told) {
        let _ = writeln!(out, "{}", clean(&file_text(file, files)));
    }
    let quiet = files.len() - files.iter().filter(is_told).count();
    if quiet > 0 {
        let rows: u64 = files.iter().map(FileTally::rows).sum();
        let _ = writeln!(
            out,
            "{}, {} in all; `--json` tells them one by one",
            counted(files.len(), "file"),
            counted(rows, "row")
        );
    }
    let newest = report.days.and_then(|(_, last)| Period::parse(&last.to_string()).ok());
    if let Some(note) = newest.and_then(|day| age_note(Period::at(day.start))) {
        let _ = writeln!(out, "{note}");
    }
    let _ = writeln!(
        out,
        "price book {BOOK_HASH:016x}, newest price seen {}",
        tokreckon::time::day_text(BOOK_DAY.into())
    );
}

/// What the sums leave open: why they are ranges, what has no price, what was not charged, with cures.
pub(crate) fn open_points(report: &Report) -> Vec<(String, Option<String>)> {
    let doubts = report.total.doubts.iter();
    let mut points: Vec<(String, Option<String>)> =
        doubts.map(|doubt| (format!("not exact: {}", doubt.explanation()), None)).collect();
    for ((meter, state), quantity) in &report.total.unpriced {
        let state = state.map_or("not listed", tokreckon::price::State::as_str);
        points.push((format!("no price: {} {meter} ({state})", grouped(*quantity)), None));
    }
    for (path, records) in &report.total.unread {
        points.push((format!("not read: {} ({})", clean(path), counted(*records, "record")), None));
    }
    for tally in &report.total.not_charged {
        let tokens = tally.input_tokens + tally.output_tokens;
        let counts = format!("{}, {} tokens", counted(tally.records, "record"), grouped(tokens));
        let point = format!("not charged: {counts}: {}", clean(&tally.reason.to_string()));
        points.push((point, tally.hint.as_ref().map(|hint| clean(hint))));
    }
    if report.straddling > 0 {
        let records = counted(report.straddling, "record");
        let over = "over more than one day of the zone: counted for the first of them";
        points.push((format!("{records} {over}"), None));
    }
    points
}

fn print_rounding(report: &Report, out: &mut String) {
    let Some((policy, effects)) = &report.rounding else {
        return;
    };
    let (scope, mode) = (policy.scope.name(), policy.mode.name());
    for (currency, effect) in effects {
        let bounds = Bounds { low: effect.low, high: effect.high, open: false };
        let [low, high] = bounds_cells(&bounds);
        let high = if high.is_empty() { high } else { format!(" to {high}") };
        let _ = writeln!(
            out,
            "rounding per {scope} to {} places, {mode}: {low}{high} {currency}",
            policy.places
        );
    }
}
