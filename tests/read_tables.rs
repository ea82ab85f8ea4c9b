//! Tables as people have them: what is refused, what is read however it is written, what is not read.

use tokreckon::book::PriceBook;
use tokreckon::grade::Assumption;
use tokreckon::pipeline::{Input, Pipeline};
use tokreckon::read::{Format, Item, Mapping, Note, Options, ReadError, Skip, read};
use tokreckon::time::Period;

/// Of every record its line, time and counts, and what was not read of it; of every other row what it is.
fn rows(text: &str) -> Result<Vec<String>, ReadError> {
    let mut rows = Vec::new();
    read(text.as_bytes(), &Options::default(), &mut |item| {
        rows.push(match item {
            Item::Record(record) => {
                let totals = record.totals.unwrap_or_default();
                let count = |count: Option<u64>| count.map_or_else(String::new, |n| n.to_string());
                format!(
                    "{}: {} {} {}/{}/{} {}",
                    record.line,
                    record.period.map_or_else(String::new, |period: Period| period.to_string()),
                    record.model,
                    count(totals.input),
                    count(totals.cache_read),
                    count(totals.output),
                    record.unread,
                )
                .trim_end()
                .to_owned()
            }
            Item::Reject(reject) => format!("{}: {}", reject.line, reject.problem),
            Item::Skipped { line, why } => format!("{line}: {}", why.as_str()),
            other => format!("{other:?}"),
        });
    })?;
    Ok(rows)
}

#[test]
fn names_in_any_case_and_separators() {
    let expected = ["2: 2025-03-01T00:00:00Z o1-mini 1000/10/5"];
    for text in [
        "model,Timestamp,input_tokens,cached_tokens,output_tokens\no1-mini,2025-03-01T00:00:00Z,1000,10,5\n",
        "Model|Timestamp|Input Tokens|Cached Tokens|Output Tokens\no1-mini|2025-03-01T00:00:00Z|1000|10|5\n",
        "\"model\"|\"time\"|\"inputTokens\"|\"cachedInputTokens\"|\"outputTokens\"\n\"o1-mini\"|\"2025-03-01T00:00:00Z\"|\"1000\"|\"10\"|\"5\"\n",
        "model;created_at;usage.promptTokens;usage.prompt_tokens_details.cached_tokens;usage.completionTokens\r\n\"o1-mini\";1740787200000;1000.0;10;5\r\n",
    ] {
        assert_eq!(rows(text).expect("a table"), expected, "{text}");
    }
}

#[test]
fn times_as_they_are_written() {
    for (written, read) in [
        ("20250301", "2025-03-01"),
        ("1740787200", "2025-03-01T00:00:00Z"),
        ("1740787200.0", "2025-03-01T00:00:00Z"),
        ("1740787200123456789", "2025-03-01T00:00:00Z"),
        ("2025-03-01T02:00:00+02:00", "2025-03-01T00:00:00Z"),
    ] {
        let text = format!("model,timestamp,input_tokens,output_tokens\no1,{written},1,2\n");
        assert_eq!(rows(&text).expect("a table"), [format!("2: {read} o1 1//2")]);
    }
    for written in ["9999-12-31T00:00:00Z", "45748", "2025", "20251301", "1.74e9"] {
        let text = format!("model,timestamp,input_tokens,output_tokens\no1,{written},1,2\n");
        let expected = format!("2: `timestamp` is `{written}`, not a time");
        assert_eq!(rows(&text).expect("a table"), [expected]);
    }
}

#[test]
fn columns_of_one_meaning_must_agree() {
    let header = "model,prompt_tokens,input_tokens,output_tokens,completion_tokens";
    let text = format!("{header}\no1-mini,1,1000,5,7\no1-mini,9,9,5,\no1-mini,,9,,5\n");
    assert_eq!(
        rows(&text).expect("a table"),
        [
            "2: `input_tokens 1000` and `prompt_tokens 1` disagree",
            "3:  o1-mini 9//5",
            "4:  o1-mini 9//5",
        ]
    );
}

#[test]
fn a_second_header_ends_the_table() {
    let table = "model,input_tokens,output_tokens\no1-mini,1000000,1\n";
    let again = format!("{table}{table}");
    assert_eq!(rows(&again).expect("a table").len(), 3, "the same header is skipped");
    let other = format!("{table}model,output_tokens,input_tokens\no1-mini,1,1000000\n");
    match rows(&other) {
        Err(error @ ReadError::HeaderChanges { line: 3 }) => {
            assert!(error.hint().expect("a hint").to_string().contains("before line 3"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn twelve_point_zero_zero_zero_is_refused() {
    let text = "model,input_tokens,output_tokens\no1,12.000,1\no1,12.0,1\no1,1200.00000,1\n";
    assert_eq!(
        rows(text).expect("a table"),
        [
            "2: `input_tokens` is `12.000`, not a whole number at or above zero",
            "3:  o1 12//1",
            "4:  o1 1200//1"
        ]
    );
}

#[test]
fn the_widest_count_of_a_gateway_is_counted() {
    let header =
        "id,created_at,type,model_name,quota,prompt_tokens,completion_tokens,token_name,channel";
    let text = format!("{header}\n1,1741219200,2,gpt-4o,5,18446744073709551615,1,t,1\n");
    let expected = "2: 2025-03-06T00:00:00Z gpt-4o 18446744073709551615//1";
    assert_eq!(rows(&text).expect("a table"), [expected]);
}

#[test]
fn charges_for_something_else_are_counted_apart() {
    let header = "BilledCost,BillingCurrency,ChargePeriodStart,ChargeCategory,ChargeDescription,ServiceName,ServiceCategory";
    let text = format!(
        "{header}\n5,USD,2024-09-18,Usage,t3a.medium,Amazon Elastic Compute Cloud,Compute\n\
        0.25,USD,2024-09-18,Usage,Claude3Sonnet,Amazon Bedrock,AI and Machine Learning\n"
    );
    let read = rows(&text).expect("a table");
    assert_eq!(
        (read[0].as_str(), read.len()),
        (&*format!("2: {}", Skip::OtherService.as_str()), 2)
    );
}

#[test]
fn what_is_not_read_is_named() {
    let text = "model,input_tokens,output_tokens,cacheStorageTokens,tier_name,latency_seconds,note\n\
        o1,1,2,7,gold,3,x\no1,1,2,0,,3,x\no1,1,2,,,,7\n";
    assert_eq!(
        rows(text).expect("a table"),
        ["2:  o1 1//2 cacheStorageTokens, tier_name", "3:  o1 1//2", "4:  o1 1//2"]
    );
}

/// No format may lose a count that it does not know.
#[test]
fn a_column_more_is_never_unread_in_silence() {
    let fixtures = [
        (Format::OpenAiUsage, include_str!("fixtures/openai-usage-1d.csv")),
        (Format::OpenAiUsage, include_str!("fixtures/openai-usage-1m.csv")),
        (Format::OpenAiActivity, include_str!("fixtures/read/openai-activity.csv")),
        (Format::LiteLlm, include_str!("fixtures/read/litellm-few-columns.csv")),
        (Format::Portkey, include_str!("fixtures/read/portkey.csv")),
        (Format::Langfuse, include_str!("fixtures/read/langfuse.csv")),
        (Format::Plain, include_str!("examples/requests-2025-03.csv")),
    ];
    for (format, text) in fixtures {
        let unread = |text: &str| {
            let (mut records, mut named) = (0, 0);
            let read = read(text.as_bytes(), &Options::default(), &mut |item| {
                if let Item::Record(record) = item {
                    records += 1;
                    named += u64::from(record.unread.contains("mystery_tokens"));
                    assert!(record.unread.is_empty() || named > 0, "{format:?}: {}", record.unread);
                }
            });
            assert_eq!(read.expect("a table"), format);
            (records, named)
        };
        let (records, named) = unread(text);
        assert!(records > 0 && named == 0, "{format:?}");
        let mut lines = text.lines();
        let header = lines.next().unwrap_or_default();
        let more: Vec<String> = lines.map(|line| format!("{line},12\n")).collect();
        let more = more.concat();
        let (more_records, named) = unread(&format!("{header},mystery_tokens\n{more}"));
        assert_eq!((more_records, named), (records, records), "{format:?}");
    }
}

/// As a spreadsheet saves a table: a line for itself, a title, blanks, its own dates and numbers, a total.
#[test]
fn a_table_out_of_a_spreadsheet_is_read() {
    let text = "\u{feff}sep=;\r\nUsage, all teams;;;\r\n;;;\r\nDate;Model;Input Tokens;Output Tokens\r\n\
        25.10.2026;o1;1.200.000;12.000\r\n26.10.2026 15:04;o1;1'000;5\r\n;;;\r\nTotal:;;1.201.000;12.005\r\n";
    let title = Skip::Title.as_str();
    let sums =
        "RowSums { input: Some(1201000), output: Some(12005), cost: None, is_inexact: false }";
    assert_eq!(
        rows(text).expect("a table"),
        [
            &*format!("2: {title}"),
            &*format!("3: {title}"),
            "5: 2026-10-25 o1 1200000//12000",
            "6: 2026-10-26T15:04:00Z o1 1000//5",
            "Empty { line: 7 }",
            &*format!("Total {{ line: 8, says: {sums}, rows: {sums} }}"),
        ]
    );
}

/// A total that is not that of the rows is said, and leaves the file open; one that is, is not.
#[test]
fn a_total_is_compared_with_its_rows() {
    let run = |total: &str| {
        let rows = "2026-10-01,o1,7,5\n".repeat(20_000);
        let text =
            format!("date,model,input_tokens,output_tokens\n{rows}Sum,,\"{total}\",100000\n");
        let pipeline = Pipeline::new(&PriceBook::builtin()).threads(3);
        let run = pipeline.read(Input::bytes(text.as_bytes())).expect("a table");
        assert_eq!((run.files[0].records, run.files[0].skipped[&Skip::Total]), (20_000, 1));
        let warnings: Vec<_> = run.warnings.iter().map(ToString::to_string).collect();
        (warnings, run.files[0].is_open())
    };
    assert_eq!(run("140,000"), (vec![], false));
    let (warnings, is_open) = run("140,007");
    assert!(is_open && warnings.len() == 1, "{warnings:?}");
    assert!(
        warnings[0].ends_with(":20002: a total of 140007 input, and the rows come to 140000"),
        "{warnings:?}"
    );
}

/// What another cell decides is assumed, and what nothing decides is refused.
#[test]
fn a_cell_with_two_readings_is_assumed_or_refused() {
    let assumed = |text: &str| {
        let mut found = Vec::new();
        let table = read(text.as_bytes(), &Options::default(), &mut |item| match item {
            Item::Record(record) => {
                found.push(
                    record.assumed.iter().map(Assumption::code).collect::<Vec<_>>().join(","),
                );
            }
            Item::Reject(reject) => found.push(reject.problem.code().to_owned()),
            _ => {}
        });
        table.expect("a table");
        found
    };
    let table = |rows: &str| assumed(&format!("date;model;input_tokens;output_tokens\n{rows}"));
    assert_eq!(table("01/10/2026;o1;1;1\n"), ["two-dates"]);
    assert_eq!(table("01/10/2026;o1;1;1\n25/10/2026;o1;1;1\n"), ["date-order", ""]);
    assert_eq!(
        table("01/10/2026;o1;1;1\n25/10/2026;o1;1;1\n10/25/2026;o1;1;1\n"),
        ["two-dates", "", ""]
    );
    assert_eq!(table("05/05/2026;o1;1,200;1\n"), [""], "counts are whole");
    assert_eq!(table("2026-10-01;o1;12.000;1\n"), ["not-a-count"]);
    assert_eq!(table("2026-10-01;o1;12.000;1\n2026-10-01;o1;1.200.000;1\n"), ["number-signs", ""]);
    assert_eq!(table("2026-10-01;o1;12.000;1\n2026-10-01;o1;1;1.200.000\n"), ["number-signs", ""]);
}

/// A mapping says what dates begin with; it names no column, so every format is still recognised.
#[test]
fn the_order_of_dates_can_be_said() {
    for (order, day) in [("day-first", "2026-10-01"), ("month-first", "2026-01-10")] {
        let mapping = format!("dates-are={order}").parse::<Mapping>().expect("a mapping");
        let options = Options { mapping: Some(&mapping), ..Options::default() };
        let text = "Date,Model,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens\n\
            01/10/2026,o1,0,1,0,1\n";
        let mut days = Vec::new();
        let format = read(text.as_bytes(), &options, &mut |item| {
            if let Item::Record(record) = item {
                assert!(record.assumed.is_empty(), "it was said");
                days.extend(record.period.map(|period| period.to_string()));
            }
        });
        assert_eq!((format.expect("a table"), days), (Format::Cursor, vec![day.to_owned()]));
    }
    assert!("dates-are=sometimes".parse::<Mapping>().is_err());
}

#[test]
fn a_bill_is_a_table_of_costs_where_one_is_expected() {
    let read = |text: &str, is_bill: bool| {
        let mut costs = Vec::new();
        let options = Options { is_bill, ..Options::default() };
        let format = read(text.as_bytes(), &options, &mut |item| match item {
            Item::Record(record) => {
                let reported = record.reported.expect("a cost");
                let period = record.period.map_or_else(String::new, |period| period.to_string());
                costs.push(format!(
                    "{period} {} {} {}",
                    record.model, reported.amount, reported.currency
                ));
            }
            Item::Note(note) => costs.push(note.as_str().to_owned()),
            Item::Reject(reject) => costs.push(reject.problem.to_string()),
            _ => {}
        });
        format.map(|format| (format, costs)).map_err(|error| error.to_string())
    };
    let usd = Note::DollarsAssumed.as_str();
    let bill = |text: &str| {
        let (format, costs) = read(text, true).expect("a bill");
        assert_eq!(format, Format::PlainCost);
        costs
    };
    assert_eq!(
        bill("date,model,amount\n2026-10-01,o1,3.50\nTotal,,3.50\n"),
        ["2026-10-01 o1 3.5 USD", usd]
    );
    let october = "2026-10-01T00:00:00Z/2026-11-01T00:00:00Z";
    assert_eq!(bill("Monat;Betrag (€)\n2026-10;1.234,50\n"), [format!("{october}  1234.5 EUR")]);
    assert_eq!(bill("Month,Cost\nOct 2026,\"$1,234.50\"\n"), [format!("{october}  1234.5 USD")]);
    assert_eq!(
        bill("date,cost,currency\n2026-10-01,(6.50),EUR\n2026-10-01,$1,EUR\n"),
        ["2026-10-01  -6.5 EUR", "`currency EUR` and `an amount in USD` disagree"]
    );
    // Usage with costs is usage.
    let both = "date,model,input_tokens,output_tokens,cost\n2026-10-01,o1,1,1,3.50\n";
    assert_eq!(read(both, true).expect("usage").0, Format::Plain);
    let named = "date,model,input_tokens,output_tokens,amount\n2026-10-01,o1,1,1,3.50\n";
    assert_eq!(bill(named), ["2026-10-01 o1 3.5 USD", usd]);
    assert!(read("date,model,amount\n2026-10-01,o1,3.50\n", false).is_err(), "amounts of what?");
}

#[test]
fn columns_may_be_named_in_other_languages() {
    let german =
        "Datum;Anbieter;Modell;Eingabe-Token;Zwischengespeicherte Token;Ausgabe-Token;Kosten (€)
01.10.2026;openai;gpt-4o;1.200.000;200.000;3.000;6,50
";
    let french = "date,fournisseur,modèle,jetons d'entrée,jetons en cache,jetons de sortie,coût
2026-10-01,openai,gpt-4o,1200000,200000,3000,6.5
";
    let spanish =
        "FECHA\tProveedor\tModelo\tTokens de Entrada\tTokens en caché\tTokens de Salida\tCosto
2026-10-01\topenai\tgpt-4o\t1200000\t200000\t3000\t6.5
";
    for text in [german, french, spanish] {
        assert_eq!(
            rows(text).expect("a table"),
            ["2: 2026-10-01 gpt-4o 1200000/200000/3000"],
            "{text}"
        );
    }
    // As a spreadsheet on Windows writes it.
    let byte = |c: char| if c == '€' { 0x80 } else { u8::try_from(c).expect("of Latin 1") };
    let with_umlaut = german.replace("Kosten", "Währung;Kosten").replace("6,50", "EUR;6,50");
    let windows: Vec<u8> = with_umlaut.chars().map(byte).collect();
    let mut models = Vec::new();
    read(&*windows, &Options::default(), &mut |item| match item {
        Item::Record(record) => models.push(record.model.to_owned()),
        other => panic!("{other:?}"),
    })
    .expect("a table");
    assert_eq!(models, ["gpt-4o"]);
}

#[test]
fn a_word_of_two_meanings_is_not_taken_silently() {
    // Outputs or spending, anything counted, cached or written: they go with the record.
    let text = "Datum;Modell;Eingabe;Ausgabe;Ausgaben;Anzahl;Cache-Token;Bemerkung
2026-10-01;gpt-4o;1000;20;3;2;7;5
2026-10-02;gpt-4o;1000;20;;;0;x
";
    assert_eq!(
        rows(text).expect("a table"),
        [
            "2: 2026-10-01 gpt-4o 1000//20 Ausgaben, Anzahl, Cache-Token",
            "3: 2026-10-02 gpt-4o 1000//20"
        ]
    );
    let open = "Datum;Modell;Eingaben;Ausgaben\n2026-10-01;gpt-4o;1000;20\n";
    assert!(matches!(rows(open), Err(ReadError::UnknownFormat { .. })));
    // Two columns of one meaning must say the same.
    let twice = "Datum;Modell;input_tokens;Eingabe-Token;Ausgabe\n2026-10-01;gpt-4o;1000;1001;20\n";
    let [row] = &rows(twice).expect("a table")[..] else { panic!("one row") };
    assert!(row.contains("input_tokens") && row.contains("Eingabe-Token"), "{row}");
}
