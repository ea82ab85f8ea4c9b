//! Blocks and threads give what reading line by line gives, whatever is in the file.

use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::read::noted::{Items, note};

/// Row by row, without an index and without blocks.
fn by_line(text: &[u8], options: &Options<'_>) -> Result<Items, String> {
    let mut items = Items::new();
    let result = rows_alone(text, options, &mut items);
    result.map(|()| items).map_err(|error| error.to_string())
}

fn rows_alone(text: &[u8], options: &Options<'_>, items: &mut Items) -> Result<(), ReadError> {
    let (input, is_json) = begin(text, options)?;
    assert!(!is_json, "a table");
    let table = table::begin(input, options)?;
    let header = table.header.clone();
    let mut body = Body::new(header.clone(), table.format, options)?;
    let each: Each<'_> = &mut |item| note(items, &item);
    table.titles(each);
    let mut rows = Rows::from_line(table.next_line, table.input, table.delimiter);
    while rows.next(Some(body.expected))? {
        body.row(&rows, each)?;
    }
    body.reader.finish(each);
    table::totals(&header, each);
    Ok(())
}

fn in_blocks(text: &[u8], options: &Options<'_>, threads: usize) -> Result<Items, String> {
    let sinks = Sinks {
        new: &Items::new,
        item: &|items, item| note(items, &item),
        requests_in_order: false,
    };
    let result = read_into_sinks(text, options, threads, sinks);
    let (_, parts) = result.map_err(|error| error.to_string())?;
    let mut items: Items = parts.into_iter().flatten().collect();
    items.sort_by_key(|(line, _)| *line);
    Ok(items)
}

fn same(text: &str) -> Result<(), TestCaseError> {
    let options = Options { provider: "openai", ..Options::default() };
    // A total is told at the end of its table; lines say where it stands.
    let expected = by_line(text.as_bytes(), &options).map(|mut items| {
        items.sort_by_key(|(line, _)| *line);
        items
    });
    for threads in [1, 3] {
        prop_assert_eq!(&in_blocks(text.as_bytes(), &options, threads), &expected, "{}", text);
    }
    Ok(())
}

/// Cells as exports write them, and as they should not.
fn cell() -> impl Strategy<Value = String> {
    let ordinary = prop::sample::select(vec![
        "0",
        "17",
        "4096",
        "gpt-4o",
        "o1-mini",
        "default",
        "1.200.000",
        "12.000",
        "Total",
        "",
    ]);
    let time = prop::sample::select(vec![
        "2026-03-01T12:00:00Z",
        "2026-03-01 12:00:00Z",
        "2026-03-02T23:59:60Z",
        "2026-02-30T00:00:00Z",
        "01/10/2026",
        "25/10/2026",
        "2026-03-01",
        "1772323200",
        "2026-03-01T25:00:00Z",
    ]);
    let odd = prop::sample::select(vec![
        "",
        " ",
        "-",
        "null",
        "None",
        "N/A",
        "NaN",
        " 12 ",
        "59200.0",
        "1e3",
        "-1",
        "0.003",
        "1.5000",
        "true",
        "False",
        "1",
        "batch",
        "flex",
        "fast",
        "é",
        "日本",
        "n",
        "nothing",
        "18446744073709551616",
        "18446744073709551615",
        "123456789",
        "00000017",
        "0.0419265",
        "12.000000000001",
        "0012.50",
        "0.1234567890123456789",
        "1234567890.123456789",
        ".5",
        "5.",
        "1.2.3",
        "0.00x",
        "1234567/",
        "2026-03-01T12:0:00Z",
        "2026-03-01T12-00-00Z",
        "2026-03-01T12:00:00",
        "\u{a0}x",
        "\t",
        "\r",
    ]);
    let quoted = prop::sample::select(vec![
        "\"a, b\"",
        "\"two\nlines\"",
        "\"say \"\"x\"\"\"",
        "\"17\"",
        "\"\"",
        "\"",
        "a\"b",
        "\"x\"y",
        "\"one\n\ntwo\n\"",
        "\"1,2,3\n4,5,6,7\n\"",
    ]);
    prop_oneof![6 => ordinary, 2 => time, 2 => odd, 1 => quoted].prop_map(str::to_owned)
}

fn table() -> impl Strategy<Value = String> {
    let header = prop::sample::select(vec![
        "timestamp,model,input_tokens,output_tokens,request_id,user",
        "model,input_tokens,input_cached_tokens,output_tokens,reasoning_tokens,cost,timestamp",
        "timestamp,provider,model,service_tier,batch,input_tokens,output_tokens",
        "model,input_tokens,output_tokens,total_tokens,currency,cost",
        "cost,output_tokens,model,input_tokens,project,timestamp",
    ]);
    let ends =
        prop::sample::select(vec!["\n", "\n", "\n", "\r\n", "\r\r\n", "\n\n", "\n\r\r\n", "\n \n"]);
    let row = (prop::collection::vec(cell(), 4..8), ends, 0..10_u8);
    (header, prop::collection::vec(row, 0..40)).prop_map(|(header, rows)| {
        let names: Vec<&str> = header.split(',').collect();
        let mut text = format!("{header}\n");
        for (cells, end, odd) in rows {
            // Most rows have what their columns promise.
            let usual = |(at, name): (usize, &&str)| match *name {
                "timestamp" => format!("2026-03-0{}T08:10:2{odd}Z", 1 + odd % 3),
                "model" => "gpt-4o".to_owned(),
                "service_tier" => "default".to_owned(),
                "batch" => "false".to_owned(),
                "request_id" | "user" | "provider" => format!("x{odd}"),
                "currency" => "USD".to_owned(),
                "cost" => format!("{}.{:06}", odd / 3, 417 * u32::from(odd)),
                _ => format!("{}", 100 * (at + usize::from(odd))),
            };
            let row: Vec<String> = match odd {
                0..=5 => names.iter().enumerate().map(usual).collect(),
                6..=8 => {
                    let mut row: Vec<String> = names.iter().enumerate().map(usual).collect();
                    let at = cells.len() % row.len();
                    row[at].clone_from(&cells[0]);
                    row
                }
                _ => cells,
            };
            let _ = write!(text, "{}{end}", row.join(","));
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn blocks_are_read_as_lines_are(text in table()) {
        same(&text)?;
    }

    #[test]
    fn quotes_around_cells_change_nothing(text in table()) {
        let rows: Vec<&str> =
            text.lines().filter(|line| !line.contains(['"', '\r'])).collect();
        let bare = rows.join("\n");
        // A line of nothing stays one.
        let quoted = |line: &&str| match *line {
            "" => String::new(),
            line => format!("\"{}\"", line.replace(',', "\",\"")),
        };
        let quoted = rows.iter().map(quoted).collect::<Vec<_>>().join("\n");
        let options = Options { provider: "openai", ..Options::default() };
        let [bare, quoted] = [bare, quoted].map(|text| by_line(text.as_bytes(), &options));
        prop_assert_eq!(quoted, bare, "{}", text);
    }

    #[test]
    fn damage_makes_no_difference(text in table(), cuts in prop::collection::vec((any::<prop::sample::Index>(), "[\"\n,\r;x]"), 0..6)) {
        let mut bytes = text.into_bytes();
        for (at, with) in cuts {
            let at = at.index(bytes.len());
            bytes.splice(at..(at + 1).min(bytes.len()), with.into_bytes());
        }
        same(&String::from_utf8_lossy(&bytes))?;
    }
}

#[test]
fn a_file_without_rows_of_its_width_is_read_to_its_end() {
    let stray = "o1-mini,\"1,2\n".repeat(500);
    same(&format!("model,input_tokens,output_tokens\n{stray}o1-mini,1,2\n")).expect("the same");
    let long = "x".repeat(5_000);
    same(&format!("model,input_tokens,output_tokens\no1-mini,1,2\n{long}\no1-mini,1,2"))
        .expect("same");
}

#[test]
fn other_encodings_and_formats() {
    let mut text =
        "start_time,end_time,num_model_requests,model,input_tokens,output_tokens,start_time_iso\n"
            .to_owned();
    for row in 0..40 {
        let _ = writeln!(text, "1759622400,1759708800,{row},gpt-4o,{row}00.0,17.0,\"2025-10-05\"");
    }
    same(&text).expect("buckets");
    let options = Options { provider: "openai", ..Options::default() };
    let mut bytes = b"\xef\xbb\xbfmodel;input_tokens;output_tokens;user\n".to_vec();
    for row in 0..60 {
        bytes.extend_from_slice(format!("gpt-4o;{row};1;").as_bytes());
        bytes.extend_from_slice(if row % 7 == 0 { b"\xff\xfe\n" } else { "ünï\n".as_bytes() });
    }
    assert_eq!(in_blocks(&bytes, &options, 3), by_line(&bytes, &options));
}
