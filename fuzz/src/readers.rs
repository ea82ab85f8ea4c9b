//! The readers of exports: every row is accounted for, however the file is cut or read.

use std::collections::BTreeSet;
use std::io::{self, Read};

use tokreckon::book::PriceBook;
use tokreckon::ledger::{Dimension, Ledger, Settings};
use tokreckon::read::{self as reading, Format, Item, Options, ReadError, read_in_parallel};

use crate::one_of;

/// What a file came to: its format, and the line and text of every item in order.
type Items = Result<(Format, Vec<(u64, String)>), String>;

/// Reads with the reader that a target is named after, `read-openai-usage`.
///
/// # Panics
/// When something does not hold.
pub fn read(target: &str, data: &[u8]) {
    let name = target.strip_prefix("read-").expect("the name of a reader");
    let format = Format::from_name(name).expect("the name of a format");
    // One input of eight comes without a name: then the format is recognised.
    let named = !one_of(8, data);
    let options =
        Options { format: named.then_some(format), provider: "openai", ..Options::default() };
    let mut lines = BTreeSet::new();
    let mut records = 0;
    let result = reading::read(data, &options, &mut |item| {
        if let Item::Record(record) = &item {
            records += 1;
            let _ =
                record.totals.map(|totals| totals.to_usage().map_err(|error| error.to_string()));
        }
        lines.extend(line_of(&item));
    });
    let Ok(found) = result else { return };
    every_row_is_accounted_for(data, found, &lines);
    // Blocks are large: making room for one takes longer than all the rest.
    if SHORT_WAYS.contains(&found) && one_of(8, data) {
        the_short_way(data, &options);
    }
    if one_of(32, data) {
        pieces_and_threads(data, &options);
        into_a_ledger(data, &options, records);
    }
}

fn line_of(item: &Item<'_>) -> Option<u64> {
    match item {
        Item::Record(record) => Some(record.line),
        Item::Empty { line }
        | Item::Joined { line }
        | Item::Skipped { line, .. }
        | Item::Total { line, .. } => Some(*line),
        Item::Reject(reject) => Some(reject.line),
        Item::Note(_) => None,
    }
}

/// Every line that holds a row has an item, and no item has a line that is not there.
///
/// Plain lines only: a quoted field may run over several, a list in JSON may hold no row.
fn every_row_is_accounted_for(data: &[u8], format: Format, lines: &BTreeSet<u64>) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.starts_with('\u{feff}') {
        return;
    }
    let looks_like_json = text.trim_start().starts_with(['{', '[']) && format != Format::Plain;
    let rows: Vec<(u64, &str)> = (1..).zip(text.split('\n')).collect();
    let count = rows.len() as u64;
    if looks_like_json || JSON_ONLY.contains(&format) {
        let first = rows.iter().find(|(_, row)| !row.trim_ascii().is_empty());
        let is_lines =
            first.is_some_and(|(_, row)| serde_json::from_str::<serde_json::Value>(row).is_ok());
        if !is_lines {
            return;
        }
        assert!(lines.iter().all(|line| (1..=count).contains(line)), "{lines:?} of {count}");
        for (line, row) in rows {
            let holds_a_row = !row.trim_ascii().is_empty() && !row.contains('[');
            assert!(!holds_a_row || lines.contains(&line), "line {line} is lost: {row}");
        }
        return;
    }
    assert!(lines.iter().all(|line| (1..=count).contains(line)), "{lines:?} of {count}");
    if text.contains('"') {
        return;
    }
    let is_blank = |row: &str| row.strip_suffix('\r').unwrap_or(row).is_empty();
    for (line, row) in rows.into_iter().filter(|(_, row)| !is_blank(row)).skip(1) {
        assert!(lines.contains(&line), "line {line} is lost: {row}");
    }
}

const JSON_ONLY: [Format; 6] = [
    Format::UsageJson,
    Format::OpenRouterActivity,
    Format::AimlApi,
    Format::OpenTelemetry,
    Format::ClaudeCode,
    Format::Codex,
];

/// Formats whose rows may go a short way.
const SHORT_WAYS: [Format; 3] = [Format::OpenAiUsage, Format::LiteLlm, Format::Plain];

/// Rows that go the short way are the same as those that go the long way.
///
/// The last rows of a block go another way than those before: so its last line comes often here.
fn the_short_way(data: &[u8], options: &Options<'_>) {
    let each = |sink: &mut Vec<(u64, String)>, item: Item<'_>| {
        sink.push((line_of(&item).unwrap_or(0), format!("{item:?}")));
    };
    let last = data.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty()).unwrap_or(b",");
    let mut rows = data.to_vec();
    while rows.len() < data.len() + BLOCK_END {
        rows.push(b'\n');
        rows.extend_from_slice(last);
    }
    for rows in [data, &rows] {
        let short = read_in_parallel(rows, options, 1, &Vec::new, &each);
        let short = short.map(|(format, sinks)| (format, sinks.concat()));
        assert_eq!(short.map_err(|error| error.to_string()), items(rows, options));
    }
}

/// More bytes than the last rows of a block have.
const BLOCK_END: usize = 600;

/// A file read three bytes at a time, or by three threads, is the same file.
fn pieces_and_threads(data: &[u8], options: &Options<'_>) {
    let whole = items(data, options);
    assert_eq!(items(Pieces { data, size: 3 }, options), whole);
    let each = |sink: &mut Vec<(u64, String)>, item: Item<'_>| {
        sink.push((line_of(&item).unwrap_or(0), format!("{item:?}")));
    };
    let together = read_in_parallel(data, options, 3, &Vec::new, &each);
    let sorted = |mut items: Vec<(u64, String)>| {
        items.sort();
        items
    };
    let together = together
        .map(|(format, sinks)| (format, sorted(sinks.into_iter().flatten().collect())))
        .map_err(|error| error.to_string());
    assert_eq!(together, whole.map(|(format, items)| (format, sorted(items))));
}

fn items(input: impl Read, options: &Options<'_>) -> Items {
    let mut items = Vec::new();
    let read = reading::read(input, options, &mut |item| {
        items.push((line_of(&item).unwrap_or(0), format!("{item:?}")));
    });
    read.map(|format| (format, items)).map_err(|error: ReadError| error.to_string())
}

struct Pieces<'d> {
    data: &'d [u8],
    size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.size.min(buffer.len());
        self.data.take(size as u64).read(buffer).inspect(|read| self.data = &self.data[*read..])
    }
}

/// Records in = charged + not charged + costs alone; groups hold as many records as the total.
fn into_a_ledger(data: &[u8], options: &Options<'_>, records: u64) {
    let by = vec![Dimension::Model, Dimension::Month];
    let settings = Settings { by, ..Settings::default() };
    let mut ledger = Ledger::new(PriceBook::builtin(), settings);
    let read = reading::read(data, options, &mut |item| {
        if let Item::Record(record) = item {
            ledger.add(record);
        }
    });
    read.expect("read before");
    // Sums beyond 38 digits are an error, never a rounded number.
    let Ok(report) = ledger.report() else { return };
    let counts = report.total.records;
    let parts =
        counts.exact + counts.bounded + counts.partly + counts.not_charged + counts.cost_only;
    assert_eq!((counts.all, parts), (records, records));
    let grouped: u64 = report.groups.iter().map(|group| group.records.all).sum();
    assert_eq!(grouped, records);
}
