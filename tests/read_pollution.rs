//! A clean table of our own, polluted cell by cell: no row is ever lost silently.
//!
//! The classes are those of real files: stray quotes, delimiters too many and too few, other
//! delimiters and quotes, line ends inside of cells, encodings, headers gone or doubled. After
//! each of them every clean row must still be a record with its own numbers, and the polluted
//! line must show up as a record or as a reject.

use std::collections::{BTreeMap, BTreeSet};

use tokreckon::read::{Item, Options, Problem, read};

const ROWS: usize = 24;
const COLUMNS: usize = 8;
const HEADER: &str =
    "request_id,timestamp,provider,model,project,input_tokens,output_tokens,cost_usd";

fn cells(row: usize) -> Vec<String> {
    let quoted = if row.is_multiple_of(5) {
        "\"team \"\"a\"\", eu\"".to_owned()
    } else {
        format!("team{row}")
    };
    vec![
        format!("req-{row}"),
        format!("2026-02-01T10:{row:02}:00Z"),
        "openai".to_owned(),
        "gpt-5-mini".to_owned(),
        quoted,
        (1000 + row).to_string(),
        (10 * row).to_string(),
        format!("0.0{row}"),
    ]
}

fn table(polluted: Option<(usize, &str)>, delimiter: &str, line_end: &str) -> String {
    let mut lines = vec![HEADER.replace(',', delimiter)];
    for row in 0..ROWS {
        lines.push(match polluted {
            Some((at, line)) if at == row => line.to_owned(),
            _ => cells(row).join(delimiter),
        });
    }
    lines.join(line_end) + line_end
}

/// Records by id, with their input and output, and the lines of rejects.
type Found = (BTreeMap<String, (u64, u64)>, BTreeSet<u64>);

fn found(text: &[u8]) -> Found {
    let (mut records, mut rejects) = (BTreeMap::new(), BTreeSet::new());
    read(text, &Options::default(), &mut |item| match item {
        Item::Record(record) => {
            let totals = record.totals.expect("counts");
            let counts = (totals.input.unwrap_or(0), totals.output.unwrap_or(0));
            assert!(records.insert(record.id.to_owned(), counts).is_none(), "a row twice");
        }
        Item::Reject(reject) => {
            rejects.insert(reject.line);
        }
        other => panic!("{other:?}"),
    })
    .expect("readable");
    (records, rejects)
}

fn assert_clean_rows(text: &str, polluted: usize, what: &str) {
    let (records, rejects) = found(text.as_bytes());
    for row in (0..ROWS).filter(|row| *row != polluted) {
        let expected = ((1000 + row) as u64, (10 * row) as u64);
        assert_eq!(records.get(&format!("req-{row}")), Some(&expected), "{what}: row {row}");
    }
    // Header and rows are counted from 1.
    let is_there = rejects.contains(&(polluted as u64 + 2)) || records.len() == ROWS;
    assert!(is_there, "{what}: the polluted row is gone");
}

/// Pollutes one cell in every way that a cell can be.
fn polluted_cells(cell: &str) -> Vec<(&'static str, String)> {
    let half = cell.len() / 2;
    let half = (half..=cell.len()).find(|at| cell.is_char_boundary(*at)).unwrap_or(0);
    let (left, right) = cell.split_at(half);
    vec![
        ("a quote before", format!("\"{cell}")),
        ("a quote behind", format!("{cell}\"")),
        ("a quote inside", format!("{left}\"{right}")),
        ("two quotes before", format!("\"\"{cell}")),
        ("quoted with a quote inside", format!("\"{left}\"{right}\"")),
        ("quoted with a backslash escape", format!("\"{left}\\\"{right}\"")),
        ("single quotes", format!("'{cell}'")),
        ("spaces around quotes", format!(" \"{cell}\" ")),
        ("a delimiter inside", format!("{left},{right}")),
        ("a delimiter behind", format!("{cell},")),
        ("a line end inside of quotes", format!("\"{left}\n{right}\"")),
        ("a line end without quotes", format!("{left}\n{right}")),
        ("a carriage return", format!("{left}\r{right}")),
        ("a control character", format!("{left}\u{1b}[31m{right}")),
        ("empty", String::new()),
        ("blank", "   ".to_owned()),
    ]
}

#[test]
fn every_cell_in_every_way() {
    let mut variants = 0;
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let clean = cells(row);
            for (what, polluted) in polluted_cells(&clean[column].replace('"', "")) {
                let mut line = clean.clone();
                line[column] = polluted;
                let text = table(Some((row, &line.join(","))), ",", "\n");
                assert_clean_rows(&text, row, &format!("{what}, column {column}, row {row}"));
                variants += 1;
            }
        }
    }
    assert_eq!(variants, ROWS * COLUMNS * 16);
}

#[test]
fn every_row_in_every_way() {
    for row in 0..ROWS {
        let clean = cells(row);
        let rows = [
            ("a cell too few", clean[..7].join(",")),
            ("a cell too many", format!("{},9", clean.join(","))),
            ("another delimiter", clean.join(";")),
            ("tabs", clean.join("\t")),
            ("a delimiter of two characters", clean.join(",,")),
            ("cut off", clean.join(",")[..12].to_owned()),
            ("quoted as a whole", format!("\"{}\"", clean.join(",").replace('"', ""))),
            ("a quote that opens the row", format!("\"{}", clean.join(",").replace('"', ""))),
            ("a note", "# exported by hand".to_owned()),
        ];
        for (what, line) in rows {
            assert_clean_rows(
                &table(Some((row, &line)), ",", "\n"),
                row,
                &format!("{what}, {row}"),
            );
        }
    }
}

#[test]
fn two_stray_quotes_swallow_nothing_between_them() {
    for first in 0..ROWS {
        for second in first + 1..ROWS {
            let mut text = String::from(HEADER);
            for row in 0..ROWS {
                let mut line = cells(row);
                if row == first {
                    line[4] = "\"team".to_owned();
                } else if row == second {
                    line[4] = "team\"".to_owned();
                }
                text += "\n";
                text += &line.join(",");
            }
            let (records, rejects) = found(text.as_bytes());
            for row in (0..ROWS).filter(|row| *row != first) {
                assert!(records.contains_key(&format!("req-{row}")), "{first} {second}: {row}");
            }
            assert_eq!(rejects.into_iter().collect::<Vec<_>>(), [first as u64 + 2]);
        }
    }
}

#[test]
fn every_file_in_every_way() {
    let clean = table(None, ",", "\n");
    let (expected, _) = found(clean.as_bytes());
    assert_eq!(expected.len(), ROWS);
    let utf16 = |text: &str, big: bool| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let quoted: String = clean
        .lines()
        .map(|line| {
            let mut text = String::new();
            let mut open = false;
            for c in line.chars() {
                open ^= c == '"';
                text.push_str(&if c == ',' && !open { "\",\"".to_owned() } else { c.to_string() });
            }
            // Cells that were quoted already stay as they are.
            format!("\"{text}\"\n").replace("\"\"team \"\"a\"\", eu\"\"", "\"team \"\"a\"\", eu\"")
        })
        .collect();
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("CRLF", table(None, ",", "\r\n").into_bytes()),
        ("no line end at the end", clean.trim_end().as_bytes().to_vec()),
        ("blank lines", clean.replace('\n', "\n\n").into_bytes()),
        ("a byte-order mark", format!("\u{feff}{clean}").into_bytes()),
        ("UTF-16, little end first", utf16(&clean, false)),
        ("UTF-16, big end first", utf16(&clean, true)),
        ("tabs", table(None, "\t", "\n").into_bytes()),
        ("semicolons", table(None, ";", "\n").into_bytes()),
        ("every cell quoted", quoted.into_bytes()),
    ];
    for (what, text) in files {
        let (records, rejects) = found(&text);
        assert_eq!(records, expected, "{what}");
        assert!(rejects.is_empty(), "{what}: {rejects:?}");
    }
}

#[test]
fn headers_gone_doubled_or_alone() {
    let clean = table(None, ",", "\n");
    let (_, body) = clean.split_once('\n').expect("a header");
    let error = |text: &str| {
        let result = read(text.as_bytes(), &Options::default(), &mut |_| ());
        result.expect_err("not readable").to_string()
    };
    assert!(error(body).starts_with("no known export has the header `req-0"));
    assert_eq!(error(""), "the file is empty");
    assert_eq!(error(" \n\n"), "the file is empty");
    assert_eq!(error(&clean.replace('\n', "\r")), "the lines end with a carriage return alone");
    let twice = HEADER.replace("project", "model");
    assert_eq!(error(&twice), "two columns are called `model`");
    // Two exports one after the other: the second header is no row.
    let mut headers = 0;
    let mut rows = 0;
    let both = format!("{clean}{}", clean.replace("req-", "other-"));
    read(both.as_bytes(), &Options::default(), &mut |item| match item {
        Item::Skipped { .. } => headers += 1,
        Item::Record(_) => rows += 1,
        other => panic!("{other:?}"),
    })
    .expect("readable");
    assert_eq!((headers, rows), (1, 2 * ROWS));
}

#[test]
fn numbers_that_are_none() {
    for (count, is_read) in [
        ("1000", true),
        ("1000.0", true),
        ("1e3", true),
        ("18446744073709551615", true),
        ("18446744073709551616", false),
        ("-5", false),
        ("1.5", false),
        ("1,000", true),
        ("1,5", false),
        ("1_000", false),
        ("1e308", false),
        ("0x10", false),
        ("NaN", false),
        ("=1+1", false),
    ] {
        let mut line = cells(3);
        line[5] = if count.contains(',') { format!("\"{count}\"") } else { count.to_owned() };
        let text = table(Some((3, &line.join(","))), ",", "\n");
        let (records, rejects) = found(text.as_bytes());
        assert_eq!(records.contains_key("req-3"), is_read, "{count}");
        assert_eq!(rejects.contains(&5), !is_read, "{count}");
    }
}

#[test]
fn bytes_that_are_no_text() {
    let clean = table(None, ",", "\n");
    let mut cut = clean.clone().into_bytes();
    let at = clean.find("team7").expect("row 7");
    // Half of a character, as a file cut in the middle has it.
    cut[at] = 0xe2;
    let mut problems = Vec::new();
    let mut records = 0;
    read(&cut[..], &Options::default(), &mut |item| match item {
        Item::Reject(reject) => problems.push((reject.line, reject.problem.code())),
        Item::Record(_) => records += 1,
        other => panic!("{other:?}"),
    })
    .expect("readable");
    assert_eq!((problems, records), (vec![(9, "not-utf8")], ROWS - 1));
    let zero = read(&b"a\0b"[..], &Options::default(), &mut |_| ()).expect_err("not text");
    assert_eq!(zero.to_string(), "the file is not text (a zero byte at offset 1)");
}

#[test]
fn limits() {
    let long = "x".repeat(tokreckon::read::MAX_LINE_BYTES + 10);
    let text = table(Some((3, &long)), ",", "\n");
    let mut problems = Vec::new();
    let mut records = 0;
    let mut each = |item: Item<'_>| match item {
        Item::Reject(reject) => problems.push((reject.line, reject.problem)),
        Item::Record(_) => records += 1,
        other => panic!("{other:?}"),
    };
    read(text.as_bytes(), &Options::default(), &mut each).expect("readable");
    // The same behind a stray quote, which looks ahead.
    let stray = format!("{HEADER}\nreq,\"open\n{long}\n{}\n", cells(1).join(","));
    read(stray.as_bytes(), &Options::default(), &mut each).expect("readable");
    let line = r#"{"model":"m","usage":{"input_tokens":1,"output_tokens":1}}"#;
    let text = format!("{line}\n\"{long}\"\n{line}\n");
    read(text.as_bytes(), &Options::default(), &mut each).expect("readable");
    let expected = [
        (5, Problem::LineTooLong),
        (2, Problem::StrayQuote),
        (3, Problem::LineTooLong),
        (2, Problem::LineTooLong),
    ];
    assert_eq!(problems, expected);
    assert_eq!(records, ROWS - 1 + 1 + 2);
    // A million columns, and brackets as deep.
    let wide = (0..1_000_000).map(|at| format!("c{at}")).collect::<Vec<_>>().join(",");
    assert!(read(wide.as_bytes(), &Options::default(), &mut |_| ()).is_err());
    let deep = "[".repeat(1_000_000);
    let mut rejects = 0;
    read(deep.as_bytes(), &Options::default(), &mut |item| {
        rejects += u64::from(matches!(item, Item::Reject(_)));
    })
    .expect("read to the end");
    assert_eq!(rejects, 1);
}
