//! Tables as people have them: what is refused, what is read however it is written, what is not read.

use tokreckon::read::{Format, Item, Options, ReadError, Skip, read};
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
    for written in ["9999-12-31T00:00:00Z", "45748", "2025", "20251301", "03/01/2025", "1.74e9"] {
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
            assert!(error.hint().expect("a hint").contains("before line 3"));
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
