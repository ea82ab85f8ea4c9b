//! The comparison with a baseline: read before the audit, shown after its findings.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Result, bail};
use tokreckon::audit::{Baseline, GroupStatistics, Ratio, Shift, Statistics, about, thousandths};
use tokreckon::ledger::Dimension;
use tokreckon::money::{Exact, Rounding};
use tokreckon::pipeline::{FileTally, Row};
use tokreckon::words::counted;

use crate::Exit;
use crate::args::{AuditArgs, InputArgs, OutputFormat};
use crate::context::{complain, with_hint};
use crate::input::{complain_reject, file_text, read_all};
use crate::print::{Align, Sheet, grouped, grouped_text};

/// Most groups shown to people; JSON has all.
const MAX_SHOWN: usize = 50;

/// Most rejected rows of a baseline that are listed.
const MAX_LISTED: u64 = 20;

/// What was read of the past.
pub(super) struct Past {
    pub(super) baseline: Option<Baseline>,
    pub(super) files: Vec<FileTally>,
}

impl Past {
    /// What the exit code says of it.
    pub(super) fn exit(&self) -> Exit {
        let rejected = self.files.iter().any(|file| file.rejected > 0);
        if rejected { Exit::Findings } else { Exit::Fine }
    }
}

/// Reads the baseline like the files that are audited.
pub(super) fn read(args: &AuditArgs) -> Result<Past> {
    if args.baseline.is_empty() {
        return Ok(Past { baseline: None, files: Vec::new() });
    }
    let audited = |path: &Path| {
        let files = &args.input.files;
        files.iter().any(|file| file == path) || (files.is_empty() && path == Path::new("-"))
    };
    if let Some(both) = args.baseline.iter().find(|path| audited(path)) {
        let hint = "a baseline is usage of an earlier time; name another file".to_owned();
        let message = format!("`{}` is to be audited and its own baseline", both.display());
        return Err(with_hint(message, Some(hint)));
    }
    let by: Vec<Dimension> =
        args.baseline_by.iter().filter_map(|name| Dimension::from_name(name)).collect();
    let mut baseline = Baseline::new(&by);
    let (mut left_out, mut rejected) = (0u64, 0u64);
    let input = InputArgs { files: args.baseline.clone(), ..args.input.clone() };
    let read = read_all(&input, &mut |file, row| match row {
        Row::Record(record) => left_out += u64::from(!baseline.push(record)),
        Row::Reject(reject) => {
            rejected += 1;
            if rejected <= MAX_LISTED {
                complain_reject(file, &reject);
            }
        }
    })?;
    if read.has_failed() {
        bail!("the baseline could not be read");
    }
    if rejected > MAX_LISTED {
        complain(&format!("{} more rejected rows", grouped(u128::from(rejected - MAX_LISTED))));
    }
    if left_out > 0 {
        let records = counted(left_out, "record");
        complain(&format!(
            "{records} of the baseline left out: no output count, counts that contradict each other, or a bucket without its number of requests"
        ));
    }
    if baseline.left_out() > 0 {
        let records = counted(baseline.left_out(), "record");
        let [of_group, of_all] = [Baseline::MAX_ROWS, Baseline::MAX_ALL_ROWS].map(u128::from);
        let (of_group, of_all) = (grouped(of_group), grouped(of_all));
        complain(&format!(
            "{records} of the baseline left out: beyond the first {of_group} of a group or {of_all} of all"
        ));
    }
    Ok(Past { baseline: Some(baseline), files: read.files })
}

/// What was compared, what chance makes, and what cannot be seen; then the groups.
pub(super) fn print(
    statistics: &Statistics,
    past: &[FileTally],
    format: OutputFormat,
    out: &mut String,
) {
    if format == OutputFormat::Csv {
        return;
    }
    let rows = counted(statistics.baseline_rows, "row");
    let _ = writeln!(out, "compared with a baseline of {rows}:");
    for file in past {
        let _ = writeln!(out, "  {}", file_text(file, past));
    }
    for fact in facts(statistics) {
        let _ = writeln!(out, "  {fact}");
    }
    out.push('\n');
    if !statistics.groups.is_empty() {
        print_groups(statistics, format, out);
        out.push('\n');
    }
}

/// What was found, what chance makes, and what cannot be seen.
pub(crate) fn facts(statistics: &Statistics) -> Vec<String> {
    let mut facts = Vec::new();
    if statistics.compared > 0 {
        facts.push(format!(
            "{}; about {} expected by chance among {}",
            counted(statistics.unusual, "unusual row"),
            grouped_text(&about(statistics.expected_by_chance).to_string()),
            grouped(u128::from(statistics.compared))
        ));
    }
    let mut say = |fact: &str| facts.push(fact.to_owned());
    if statistics.groups.iter().any(|group| group.shift.is_some() || group.over_time.is_some()) {
        say(
            "drift and drift-over-time: each names a group without a cause in 1 of 100 audits at most",
        );
    }
    say(
        "a steady rise by less than about 10 % cannot be seen; updates of a model and harder prompts are rises, too",
    );
    if statistics.overlaps {
        say("the baseline reaches into the time of the audit: rows in both hide a rise");
    }
    facts
}

fn print_groups(statistics: &Statistics, format: OutputFormat, out: &mut String) {
    sheet(statistics).without_empty_columns().print(format, out);
    let more = statistics.groups.len().saturating_sub(MAX_SHOWN);
    if more > 0 {
        let _ = writeln!(out, "and {} (`--format json` lists all)", counted(more, "more group"));
    }
}

/// The groups, at most [`MAX_SHOWN`] of them.
pub(crate) fn sheet(statistics: &Statistics) -> Sheet<'static> {
    let labels = statistics.by.iter().map(|by| (by.name(), Align::Left));
    let columns = [
        ("compared", Align::Left),
        ("baseline", Align::Count),
        ("rows", Align::Count),
        ("unusual", Align::Count),
        ("by chance", Align::Amount),
        ("times", Align::Amount),
        ("95 %", Align::Left),
        ("p", Align::Left),
        ("p over all", Align::Left),
        ("evidence", Align::Count),
    ];
    let mut sheet = Sheet::new(labels.chain(columns));
    // What is least likely by chance first, what could not be compared last.
    let mut groups: Vec<&GroupStatistics> = statistics.groups.iter().collect();
    groups.sort_by_key(|group| {
        (group.shift.as_ref().map_or(Exact::ONE, |shift| shift.test.p), group.baseline_rows == 0)
    });
    for group in groups.into_iter().take(MAX_SHOWN) {
        let mut cells = group.labels.clone();
        let (unusual, shift) = (group.unusual.as_ref(), group.shift.as_ref());
        let with_shift = |text: fn(&Shift) -> String| shift.map_or(String::new(), text);
        cells.extend([
            measure(group).to_owned(),
            group.baseline_rows.to_string(),
            group.rows.to_string(),
            unusual.map_or("–".to_owned(), |unusual| unusual.count.to_string()),
            unusual.map_or(String::new(), |u| about(u.expected).to_string()),
            with_shift(|shift| times(shift.test.ratio.thousandths)),
            with_shift(|shift| interval(shift.test.ratio)),
            with_shift(|shift| short(shift.test.p)),
            with_shift(|shift| short(shift.adjusted_p)),
            group.over_time.map_or(String::new(), |o| o.evidence.highest.to_string()),
        ]);
        sheet.row(cells);
    }
    sheet
}

/// Short enough for a column.
const fn measure(group: &GroupStatistics) -> &'static str {
    match (group.measure.reasoning, group.measure.average) {
        (true, false) => "reasoning",
        (false, false) => "output",
        (true, true) => "reasoning, averages",
        (false, true) => "output, averages",
    }
}

fn times(ratio: Option<u64>) -> String {
    ratio.map_or("over 1000".to_owned(), |ratio| thousandths(ratio).to_string())
}

fn interval(ratio: Ratio) -> String {
    format!("{} to {}", times(ratio.low), times(ratio.high))
}

/// Four places are enough for people; what is below them is said to be.
fn short(p: Exact) -> String {
    let rounded = p.rounded(4, Rounding::HalfUp);
    if rounded.is_zero() { "below 0.0001".to_owned() } else { rounded.to_string() }
}
