//! Rows of real exports that go the short way make the records that they make the long way: whatever
//! stands in their cells, and whatever JSON their metadata hold.

use tokreckon::read::{Format, Item, Options, Sinks, read, read_into_sinks};

use crate::random::{Random, each_case};
use crate::short_way::{assert_same, settings, the_long_way, the_short_way};

/// What stands in a cell of most rows, by the number of the row.
type Cell = fn(&mut Random, u64) -> String;

/// The columns of a table.
struct Table {
    columns: Vec<(&'static str, Cell)>,
}

/// Items in words, and how many of them went the short way.
type Said = (Vec<String>, u64);

impl Table {
    /// Some of the columns, in any order, and so many rows; of 100 cells so many are odd.
    fn text(&self, random: &mut Random, needed: usize, rows: u64, odd: u64) -> String {
        let mut columns: Vec<_> = self.columns[..needed].to_vec();
        columns.extend(self.columns[needed..].iter().filter(|_| random.chance(80)));
        if random.chance(50) {
            random.shuffle(&mut columns);
        }
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let line_end = random.pick(&["\n", "\n", "\r\n"]);
        let mut text = names.join(",") + line_end;
        for row in 0..rows {
            let cells = columns.iter().map(|(name, cell)| {
                if random.chance(odd) && !random.chance(50) {
                    odd_cell(random)
                } else if random.chance(odd) && *name == "metadata" {
                    quoted(&odd_metadata(random))
                } else {
                    cell(random, row)
                }
            });
            let cells: Vec<String> = cells.collect();
            text += &cells.join(",");
            text += line_end;
        }
        text
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

const TINY: &str = "0.000000000000000000000000000000000001";

fn odd_cell(random: &mut Random) -> String {
    let cells = [
        "",
        "null",
        "None",
        "NULL",
        "n/a",
        "-",
        "--",
        "0",
        "0.0",
        "7",
        "7.0",
        " 7 ",
        "1e3",
        "-1",
        "1.5",
        "007",
        "\"12\"",
        "\"12.0\"",
        "\"a \"\"b\"\"\"",
        "\"\"\"\"",
        "\"a,b\"",
        "a\"b",
        "é",
        "\" x \"",
        " x",
        "x ",
        "true",
        "TRUE",
        "yes",
        "no",
        "1",
        "default",
        "Default",
        "flex",
        "fast",
        "scale",
        "batch",
        "-x",
        "Nx",
        "nothing",
        "18446744073709551615",
        "18446744073709551616",
        "9999999999999999999",
        "1772323200",
        "1772323200.0",
        "1772409600",
        "1772409601000",
        "2026-03-01",
        "2026-03-01T00:00:00Z",
        "2026-03-01 00:00:00.5",
        "2026-03-01 00:00:00.",
        "2026-03-01 24:00:00",
        "2026-02-29 00:00:00",
        "2026-03-01t01:02:03",
        "2026-03-01 01:02:03+00:00",
        "2026-03-01T01:02:03.123456+02:00",
        "2026-03-01 01:02:03 UTC",
        "2016-12-31T23:59:60Z",
        TINY,
        "0.00010499999999999999",
        "1.05e-05",
        "1.05E-05",
        "1e-400",
        "failure",
        "success",
        "{}",
        "\"{}\"",
        "\"{\"\"usage_object\"\": null}\"",
        "[]",
        "\"\n\"",
    ];
    random.pick(&cells).to_owned()
}

/// A count that is zero in nearly every row.
fn rarely(random: &mut Random) -> String {
    if random.chance(3) {
        return random.pick(&["7.0", "12", "3.0"]).to_owned();
    }
    random.pick(&["0.0", "0.0", "0", ""]).to_owned()
}

fn openai() -> Table {
    Table {
        columns: vec![
            ("start_time", |random, row| {
                (1_772_323_200 + 86_400 * (row / 1_000) + 60 * u64::from(random.chance(3)))
                    .to_string()
            }),
            ("end_time", |random, row| {
                (1_772_409_600 + 86_400 * (row / 1_000) + 60 * u64::from(random.chance(3)))
                    .to_string()
            }),
            ("start_time_iso", |_, _| "2026-03-01T00:00:00+00:00".to_owned()),
            ("num_model_requests", |random, _| (1 + random.below(5)).to_string()),
            ("input_tokens", |random, _| format!("{}.0", 100 + random.magnitude(19))),
            ("output_tokens", |random, _| format!("{}.0", random.magnitude(16))),
            ("model", |random, _| {
                random
                    .pick(&[
                        "gpt-4o-2024-08-06",
                        "gpt-4o-2024-08-06",
                        "o1-mini",
                        "gpt-5.4",
                        "no-such-model",
                    ])
                    .to_owned()
            }),
            ("input_cached_tokens", |random, _| {
                random.pick(&["0.0", "64.0", "", "100"]).to_owned()
            }),
            ("end_time_iso", |_, _| "2026-03-01T23:59:59+00:00".to_owned()),
            ("project_id", |random, _| format!("proj_{}", random.below(3))),
            ("user_id", |random, _| format!("user-{}", random.below(3))),
            ("api_key_id", |random, _| format!("key_{}", random.below(3))),
            ("batch", |random, _| random.pick(&["false", "true", "False", ""]).to_owned()),
            ("service_tier", |random, _| {
                random.pick(&["default", "flex", "priority", ""]).to_owned()
            }),
            ("input_uncached_tokens", |random, _| random.pick(&["0.0", "9"]).to_owned()),
            ("input_text_tokens", |_, _| "1.0".to_owned()),
            ("input_cache_write_tokens", |random, _| rarely(random)),
            ("input_audio_tokens", |random, _| rarely(random)),
            ("input_cached_audio_tokens", |random, _| rarely(random)),
            ("input_image_tokens", |random, _| rarely(random)),
            ("output_audio_tokens", |random, _| rarely(random)),
        ],
    }
}

fn litellm() -> Table {
    Table {
        columns: vec![
            ("request_id", |random, row| format!("chatcmpl-{row}-{}", random.below(9))),
            ("call_type", |_, _| "acompletion".to_owned()),
            ("spend", |random, _| {
                random
                    .pick(&["0.02239245", "0", "0.0", "1.2e-05", "0.00010499999999999999"])
                    .to_owned()
            }),
            ("prompt_tokens", |random, _| random.magnitude(18).to_string()),
            ("completion_tokens", |random, _| random.magnitude(12).to_string()),
            ("startTime", |random, row| {
                let second = random.below(60);
                let rest = random.pick(&["", ".436", ".436000Z", "Z", "+00:00"]);
                format!("2026-03-{:02} 0{}:59:{second:02}{rest}", 1 + row / 400 % 28, row % 10)
            }),
            ("model", |random, _| {
                random
                    .pick(&["gpt-4o", "claude-sonnet-4-5", "gemini-2.5-flash", "no-such-model"])
                    .to_owned()
            }),
            ("total_tokens", |random, _| random.pick(&["", "120", "0"]).to_owned()),
            ("custom_llm_provider", |random, _| {
                random.pick(&["openai", "anthropic", "vertex_ai", "gemini", "azure", ""]).to_owned()
            }),
            ("metadata", |random, _| quoted(&metadata(random))),
            ("cache_hit", |random, _| random.pick(&["False", "", "None", "True"]).to_owned()),
            ("status", |random, _| random.pick(&["success", "success", "failure", ""]).to_owned()),
            ("api_key", |random, _| format!("key-{}", random.below(3))),
            ("team_id", |random, _| random.pick(&["team", "", "\"a, b\""]).to_owned()),
            ("user", |random, _| format!("user_{}", random.below(3))),
            ("request_tags", |random, _| {
                random.pick(&["[]", "\"[\"\"a\"\", \"\"b\"\"]\""]).to_owned()
            }),
        ],
    }
}

/// Metadata as the proxy writes them.
fn metadata(random: &mut Random) -> String {
    let cached = random.below(40);
    let name = random.pick(&["null", "\"team, one\"", "\"é\"", "\"a\\\"b\""]);
    let written = random.pick(&["0", "0", "null", "12"]);
    random
        .pick(&[
            "{}",
            "{\"status\": \"success\", \"user_api_key_alias\": NAME, \"usage_object\": {\"prompt_tokens\": 9, \"completion_tokens\": 5, \"prompt_tokens_details\": {\"cached_tokens\": CACHED, \"audio_tokens\": null}, \"completion_tokens_details\": {\"reasoning_tokens\": 2}}}",
            "{\"usage_object\": {\"total_tokens\": 7, \"cache_read_input_tokens\": CACHED, \"cache_creation_input_tokens\": WRITTEN, \"prompt_tokens_details\": null}, \"tags\": [NAME, 1.5e3, true], \"spend_logs_metadata\": null}",
        ])
        .replace("CACHED", &cached.to_string())
        .replace("WRITTEN", written)
        .replace("NAME", name)
}

/// Metadata in which everything goes wrong that can, in places where it matters.
fn odd_metadata(random: &mut Random) -> String {
    let odd = [
        "null",
        "true",
        "0",
        "-0",
        "-1",
        "00",
        "1.0",
        "1e2",
        "1.5",
        "\"3\"",
        "[]",
        "[3]",
        "{}",
        "{\"cached_tokens\": 4}",
        "{\"usage_object\": {\"cached_tokens\": 4}}",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999999",
        "\"cached_tokens\": 3",
        "\"\\ud83d\\ude00\"",
        "\"\\ud800\"",
        "\"\\u0041\"",
        "\"\\x\"",
        "\"}\"",
        "\"\\\\\"",
        "\"\\\"cached_tokens\\\": 9\"",
        "nul",
        "NaN",
        "",
        "1 2",
        "\"\t\"",
        "{\"$serde_json::private::Number\": \"7\"}",
        "\"a\" \"b\"",
        "{,}",
        "[1,]",
    ];
    let keys = [
        "usage_object",
        "prompt_tokens_details",
        "cached_tokens",
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
        "completion_tokens_details",
        "reasoning_tokens",
        "cache_creation_token_details",
        "ephemeral_5m_input_tokens",
        "cached\\u005ftokens",
        "usage\\/object",
        "status",
        "cached_tokens ",
        "Cached_tokens",
    ];
    let mut text = metadata(random);
    for _ in 0..=random.below(2) {
        let (what, with) = (random.pick(&odd), random.pick(&keys));
        match random.below(7) {
            // Another value for the first member of some object, and then the right one.
            0 => text = text.replacen('{', &format!("{{\"{with}\": {what}, "), 1 + random.index(3)),
            1 => text = text.replacen('}', &format!(", \"{with}\": {what}}}"), 1 + random.index(3)),
            2 => text = text.replace(with, random.pick(&keys)),
            3 => text = text.replacen(random.pick(&["null", "9", "2", "7"]), what, 1),
            4 => {
                let at = random.index(text.len());
                if text.is_char_boundary(at) {
                    text.insert_str(
                        at,
                        random.pick(&["\"", "\\", "{", "}", ",", ":", " ", "1", "\u{1}", "x"]),
                    );
                }
            }
            5 => {
                let at = random.index(text.len());
                if text.is_char_boundary(at) {
                    text.truncate(at);
                }
            }
            _ => {
                text = format!(
                    "{}{text}{}",
                    random.pick(&["", " ", "\u{feff}"]),
                    random.pick(&["", " ", "x", "{}"])
                );
            }
        }
        if text.is_empty() {
            return text;
        }
    }
    text
}

/// What the rows of a table are, in the words of their items; and how many went the short way.
fn both_ways(text: &str, format: Format) -> [Said; 2] {
    let options = Options { format: Some(format), provider: "openai", ..Options::default() };
    let mut long = Vec::new();
    read(text.as_bytes(), &options, &mut |item| long.push(format!("{item:?}"))).expect("a table");
    let sinks = Sinks {
        new: &Said::default,
        item: &|(said, _), item| said.push(format!("{item:?}")),
        requests_in_order: false,
        request: &|(said, short), request| {
            said.push(format!("{:?}", Item::Record(&request.record())));
            *short += 1;
        },
    };
    let (_, mut shares) = read_into_sinks(text.as_bytes(), &options, 1, sinks).expect("a table");
    [(long, 0), shares.pop().expect("one thread")]
}

fn same_items(format: Format, table: &Table, needed: usize) {
    let (mut rows, mut quick) = (0, 0);
    each_case(400, |random| {
        let odd = random.pick(&[0, 1, 5, 40]);
        let count = 1 + random.below(60);
        let text = table.text(random, needed, count, odd);
        let [(long, _), (short, went)] = both_ways(&text, format);
        for (long, short) in long.iter().zip(&short) {
            assert!(long == short, "{long}\n{short}");
        }
        assert_eq!(long.len(), short.len(), "{text}");
        rows += count;
        quick += went;
    });
    println!("{quick} of {rows} rows went the short way");
    assert!(rows < 1_000 || quick * 6 > rows, "{quick} of {rows} rows went the short way");
}

fn same_sums(table: &Table, needed: usize) {
    let (mut rows, mut quick) = (0, 0);
    each_case(16, |random| {
        let count = 1 + random.below(2_500);
        // Sums of very large and very small amounts have too many digits.
        let text = table.text(random, needed, count, 1).replace(TINY, "0.1");
        let text = text.replace("1844674407370955161", "7").replace("9999999999999999999", "7");
        let settings = settings(random);
        let (report, audit) = the_long_way(&text, &settings);
        let threads = 1 + random.index(3);
        let (quick_report, quick_audit, went) = the_short_way(&text, &settings, threads);
        assert_same((quick_report, quick_audit), (report, audit));
        rows += count;
        quick += went;
    });
    assert!(rows < 1_000 || quick * 15 > rows, "{quick} of {rows} rows went the short way");
}

#[test]
fn buckets_of_openai() {
    same_items(Format::OpenAiUsage, &openai(), 6);
    same_sums(&openai(), 7);
}

#[test]
fn spend_logs_of_litellm() {
    same_items(Format::LiteLlm, &litellm(), 7);
    same_sums(&litellm(), 7);
}

#[test]
fn all_rows_of_these_go_the_short_way() {
    let litellm = include_str!("../fixtures/read/litellm-few-columns.csv");
    let openai = include_str!("../fixtures/read/openai-usage-few-columns.csv");
    for (text, format, rows) in [(litellm, Format::LiteLlm, 4), (openai, Format::OpenAiUsage, 3)] {
        let [(long, _), (short, went)] = both_ways(text, format);
        assert_eq!((long.len(), went), (short.len(), rows));
        assert_eq!(long, short);
    }
}
