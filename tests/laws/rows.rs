//! No line vanishes: every physical line of a file that is not blank is part of a record or an
//! empty bucket, or is named by a reject, however the file is damaged.

use std::fmt::Write as _;
use std::io::Read;

use csv::{ReaderBuilder, Terminator};
use tokreckon::read::{Format, Item, MAX_LINE_BYTES, Options, Problem, read};

use crate::random::{Random, each_case};

/// What became of a row, by its first line.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Record(Vec<String>),
    Empty,
    Reject(Problem),
}

fn items(bytes: &[u8], format: Option<Format>) -> Option<Vec<(u64, Kind)>> {
    let mut items = Vec::new();
    let options = Options { format, provider: "openai", ..Options::default() };
    let read = read(bytes, &options, &mut |item| match item {
        Item::Record(record) => {
            let texts = [record.model, record.project, record.api_key, record.user, record.id];
            items.push((record.line, Kind::Record(texts.map(str::to_owned).to_vec())));
        }
        Item::Empty { line }
        | Item::Skipped { line, .. }
        | Item::Joined { line }
        | Item::Total { line, .. } => {
            items.push((line, Kind::Empty));
        }
        Item::Reject(reject) => items.push((reject.line, Kind::Reject(reject.problem))),
        // A note is about the whole file.
        Item::Note(_) => {}
    });
    read.ok().map(|_| items)
}

/// The lines of a text that are not blank, from 1.
fn lines(bytes: &[u8], is_blank: fn(&[u8]) -> bool) -> Vec<(u64, &[u8])> {
    let numbered = (1..).zip(bytes.split(|byte| *byte == b'\n'));
    numbered.filter(|(_, line)| !is_blank(line)).collect()
}

fn bare(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Damages a text: flips bytes, cuts, inserts quotes and line ends, repeats lines, joins them.
fn damage(random: &mut Random, text: &mut Vec<u8>) {
    for _ in 0..random.below(6) {
        if text.is_empty() {
            return;
        }
        let at = random.index(text.len());
        match random.below(8) {
            0 => text[at] = u8::try_from(1 + random.below(255)).expect("a byte"),
            1 => text.truncate(at),
            2 | 3 => text.insert(at, b'"'),
            4 => text.insert(at, random.pick(b"\n\r,;\t{}[] ")),
            5 => {
                text.remove(at);
            }
            6 => {
                let end = text[at..]
                    .iter()
                    .position(|byte| *byte == b'\n')
                    .map_or(text.len(), |n| at + n);
                text.drain(at..end);
            }
            _ => {
                let mut lines: Vec<Vec<u8>> =
                    text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
                let line = lines[random.index(lines.len())].clone();
                lines.insert(random.index(lines.len() + 1), line);
                *text = lines.concat();
            }
        }
    }
}

const HEADER: &str = "timestamp,model,input_tokens,output_tokens,project,user,api_key,id";

/// A table as an export writes it, some cells quoted, some over several lines.
fn table(random: &mut Random) -> String {
    let mut text = format!("{HEADER}\n");
    for row in 0..random.below(12) {
        let text_of = |random: &mut Random| {
            let text =
                random.pick(&["", "alpha", "\"a, b\"", "\"two\nlines\"", "\"say \"\"x\"\"\"", "é"]);
            text.to_owned()
        };
        let (input, output) = (random.magnitude(20), random.magnitude(20));
        let (project, user) = (text_of(random), text_of(random));
        let end = random.pick(&["\n", "\n", "\r\n", "\n\n"]);
        let _ = write!(
            text,
            "2026-03-0{},o1-mini,{input},{output},{project},{user},key,id-{row}{end}",
            1 + random.below(9)
        );
    }
    text
}

#[test]
fn every_line_of_a_damaged_table_is_accounted_for() {
    let (mut accounted, mut refused, mut rejected) = (0, 0, 0);
    each_case(12_000, |random| {
        let mut bytes = table(random).into_bytes();
        damage(random, &mut bytes);
        let Some(items) = items(&bytes, Some(Format::Plain)) else {
            refused += 1;
            return;
        };
        rejected += items.iter().filter(|(_, kind)| matches!(kind, Kind::Reject(_))).count();
        let all = lines(&bytes, |line| bare(line).is_empty());
        accounted += all.len();
        let text = String::from_utf8_lossy(&bytes);
        let firsts: Vec<u64> = items.iter().map(|(line, _)| *line).collect();
        assert!(firsts.is_sorted_by(|a, b| a < b), "lines {firsts:?} of\n{text}");
        // Lines above the header have items of their own.
        let header = all.iter().find(|(line, _)| !firsts.contains(line)).expect("a header");
        let columns = one_row(bare(header.1)).expect("a header of one line");
        let mut starts: Vec<u64> = std::iter::once(header.0).chain(firsts).collect();
        starts.sort_unstable();
        for start in &starts {
            assert!(all.iter().any(|(line, _)| line == start), "no line {start} in\n{text}");
        }
        for (at, start) in starts.iter().enumerate() {
            let end = starts.get(at + 1).copied().unwrap_or(u64::MAX);
            let row: Vec<&[u8]> = bytes
                .split(|byte| *byte == b'\n')
                .zip(1..)
                .filter(|(_, line)| (*start..end).contains(line))
                .map(|(line, _)| bare(line))
                .collect();
            if row[1..].iter().any(|line| !line.is_empty()) {
                // Several lines: then any reader of CSV takes them for one row like the header.
                let several = one_row(&row.join(&b'\n'));
                assert_eq!(several, Some(columns), "line {start} of\n{text}");
            }
        }
    });
    println!("{accounted} lines, {rejected} of them rejected, {refused} files refused as a whole");
}

/// The number of fields, when the bytes are one row (blank lines after it aside).
fn one_row(bytes: &[u8]) -> Option<usize> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .terminator(Terminator::Any(b'\n'))
        .from_reader(bytes.trim_ascii_end());
    let mut rows = reader.byte_records().map(|row| row.expect("no input error").len());
    let fields = rows.next();
    if rows.next().is_some() { None } else { fields }
}

#[test]
fn every_line_of_damaged_json_lines_is_accounted_for() {
    let (mut accounted, mut rejected) = (0, 0);
    each_case(12_000, |random| {
        let mut text = String::new();
        for id in 0..2 + random.below(8) {
            let (input, output) = (random.magnitude(20), random.magnitude(20));
            let _ = writeln!(
                text,
                r#"{{"id":"r{id}","model":"o1-mini","created":1767225600,"usage":{{"prompt_tokens":{input},"completion_tokens":{output}}}}}"#
            );
        }
        // The first line stays: a file that begins in the middle of an object is one document.
        let first = text.find('\n').expect("a line") + 1;
        let mut rest = text.split_off(first).into_bytes();
        damage(random, &mut rest);
        let bytes = [text.into_bytes(), rest].concat();
        let text = String::from_utf8_lossy(&bytes);
        let items = items(&bytes, None).expect("it begins with an object");
        rejected += items.iter().filter(|(_, kind)| matches!(kind, Kind::Reject(_))).count();
        let all = lines(&bytes, |line| line.trim_ascii().is_empty());
        accounted += all.len();
        let of_lines: Vec<u64> = all.iter().map(|(line, _)| *line).collect();
        let of_items: Vec<u64> = items.iter().map(|(line, _)| *line).collect();
        assert_eq!(of_items, of_lines, "{text}");
    });
    println!("{accounted} lines, {rejected} of them rejected");
}

#[test]
fn well_formed_tables_split_as_another_parser_splits_them() {
    each_case(6_000, |random| {
        let delimiter = random.pick(b",,\t;");
        let columns =
            ["model", "input_tokens", "output_tokens", "project", "user", "api_key", "id"];
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(if random.chance(50) { Terminator::CRLF } else { Terminator::Any(b'\n') })
            .quote_style(if random.chance(30) {
                csv::QuoteStyle::Always
            } else {
                csv::QuoteStyle::Necessary
            })
            .from_writer(Vec::new());
        writer.write_record(columns).expect("a header");
        for _ in 0..random.below(10) {
            let mut row = vec![cell(random, false), "1".to_owned(), "2".to_owned()];
            row.extend((0..4).map(|_| cell(random, true)));
            writer.write_record(&row).expect("a row");
        }
        let bytes = writer.into_inner().expect("no file");
        let mut other = ReaderBuilder::new().delimiter(delimiter).from_reader(bytes.as_slice());
        let expected: Vec<Kind> = other
            .records()
            .map(|row| {
                let row = row.expect("well formed");
                Kind::Record([0, 3, 5, 4, 6].map(|at| row[at].to_owned()).to_vec())
            })
            .collect();
        let items = items(&bytes, None).expect("the usual names");
        let got: Vec<Kind> = items.into_iter().map(|(_, kind)| kind).collect();
        assert_eq!(got, expected, "{}", String::from_utf8_lossy(&bytes));
    });
}

/// Text with quotes and delimiters. A text over several lines holds no delimiter and is not in the
/// first column: a line that could be a row by itself is taken for one, see `read::rows`. Line ends
/// inside of a cell are read as `\n`.
fn cell(random: &mut Random, lines: bool) -> String {
    let words: &[&str] = if lines && random.chance(20) {
        &["x", "\"", "\n", "ü", "\n\n"]
    } else {
        &["x", "\"", "\"\"", ",", "\t", ";", "日本", "a b", "'"]
    };
    let middle: String = (0..random.below(6)).map(|_| random.pick(words)).collect();
    // Blanks around a text are not kept, and an empty one is none.
    format!("a{middle}z")
}

/// Hands out a few bytes at a time, as a pipe may.
struct Dribble<'a>(&'a [u8], Random);

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(self.0.len()).min(1 + self.1.index(7));
        let (now, later) = self.0.split_at(most);
        buffer[..most].copy_from_slice(now);
        self.0 = later;
        Ok(most)
    }
}

#[test]
fn the_size_of_the_pieces_makes_no_difference() {
    each_case(300, |random| {
        let mut bytes = table(random).replace(',', random.pick(&[",", ";", "\t"])).into_bytes();
        damage(random, &mut bytes);
        let collect = |input: &mut dyn Read| {
            let mut items = Vec::new();
            let result =
                read(input, &Options::default(), &mut |item| items.push(format!("{item:?}")));
            (result.map_err(|error| error.to_string()), items)
        };
        let whole = collect(&mut bytes.as_slice());
        assert_eq!(collect(&mut Dribble(&bytes, random.clone())), whole);
    });
}

#[test]
fn lines_that_are_too_long_are_named_and_swallow_nothing() {
    let row = "2026-03-01,o1-mini,1,2,p,u,k,i\n";
    let long = "x".repeat(MAX_LINE_BYTES + 10);
    let stray = "2026-03-01,o1-mini,1,2,\"p,u,k,i\n";
    let text = format!("{HEADER}\n{row}{long}\n{row}{stray}{long}\n{row}{stray}x\n\n{row}");
    let items = items(text.as_bytes(), None).expect("a header");
    let got: Vec<(u64, &str)> = items
        .iter()
        .map(|(line, kind)| match kind {
            Kind::Record(_) => (*line, "record"),
            Kind::Empty => (*line, "empty"),
            Kind::Reject(problem) => (*line, problem.code()),
        })
        .collect();
    assert_eq!(
        got,
        [
            (2, "record"),
            (3, "line-too-long"),
            (4, "record"),
            (5, "stray-quote"),
            (6, "line-too-long"),
            (7, "record"),
            (8, "stray-quote"),
            (9, "field-count"),
            (11, "record"),
        ]
    );
}

#[test]
fn a_quote_that_is_never_closed_costs_its_own_line_only() {
    let blank = "\n".repeat(2_000);
    let text = format!(
        "{HEADER}\n2026-03-01,o1-mini,1,2,\"p,u,k,i\n{blank}2026-03-01,o1-mini,1,2,p,u,k,i\n"
    );
    let items = items(text.as_bytes(), None).expect("a header");
    assert_eq!(items[0], (2, Kind::Reject(Problem::StrayQuote)));
    assert_eq!((items[1].0, items.len()), (2_003, 2));
    // Stray quotes on every line are still read in one go.
    let stray = "2026-03-01,o1-mini,1,2,\"p\"x,u,k,i\n".repeat(50_000);
    let text = format!("{HEADER}\n{stray}");
    assert_eq!(self::items(text.as_bytes(), None).expect("a header").len(), 50_000);
}
