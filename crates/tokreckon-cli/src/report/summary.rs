//! What stands above and below a report: the answer in one line, what it rests on, what is open.

use std::fmt::Write;

use tokreckon::pipeline::FileTally;
use tokreckon::report::{Bounds, OpenPoint, Report};
use tokreckon::time::Period;
use tokreckon::words::counted;
use tokreckon_data::{BOOK_DAY, BOOK_HASH};

use crate::asked::age_note;
use crate::input::file_text;
use crate::options::in_options;
use crate::print::{bounds_cells, clean};

/// Files that are told one by one; of more of them only the sum and what went wrong.
const MOST_FILES: usize = 8;

/// The answer in one line, with what a bill comes to, what is taken for granted, and what the user said of
/// rows that leave it open.
pub(crate) fn print_headline(
    report: &Report,
    of_bill: Option<&str>,
    nothing_cached: bool,
    out: &mut String,
) {
    let mut headline = report.headline();
    if let Some(more) = of_bill.filter(|text| !text.is_empty()) {
        let _ = write!(headline, " · {more}");
    }
    let said = nothing_cached.then(|| {
        "assumed by you: nothing cached where a file does not say (`--cached 0`)".to_owned()
    });
    for line in std::iter::once(headline).chain(report.assumed()).chain(said) {
        let _ = writeln!(out, "{}", clean(&line));
    }
}

/// What the sums leave open, what was read, and by which book.
pub(crate) fn print_summary(report: &Report, files: &[FileTally], out: &mut String) {
    print_points(&report.open_points(), out);
    print_read(report, files, out);
}

/// The same where findings have named the records that were not charged already.
pub(crate) fn print_rest(report: &Report, files: &[FileTally], out: &mut String) {
    let mut points = report.open_points();
    points.retain(|point| !point.is_not_charged);
    print_points(&points, out);
    print_read(report, files, out);
}

fn print_points(points: &[OpenPoint], out: &mut String) {
    for OpenPoint { says, hint, .. } in points {
        let _ = writeln!(out, "{}", clean(says));
        if let Some(hint) = hint {
            let _ = writeln!(out, "  hint: {}", clean(&in_options(hint)));
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
