//! Formats for which no sample with right totals exists: fixtures of our own, in their known shapes.

#[path = "read_support/mod.rs"]
mod support;

use std::collections::BTreeSet;

use support::{Sums, read_all, read_text};
use tokreckon::book::Known;
use tokreckon::read::{Format, Item, Note, Options, Skip, read};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("fixtures/read/", $name))
    };
}

#[test]
fn langfuse() {
    let sums = read_text(fixture!("langfuse.csv"));
    assert_eq!((sums.formats[0], sums.records, sums.rows()), (Format::Langfuse, 3, 5));
    assert_eq!(sums.skipped(Skip::NotUsage), 1, "the span around the generations");
    assert_eq!(sums.rejects[0].problem.code(), "no-usage-reported");
    assert_eq!((sums.input, sums.cache_read, sums.output), (119, 80, 25));
    assert_eq!(prompts(fixture!("langfuse.csv")), [100, 50, 9], "inside, beside, none");
    assert_eq!(sums.cost("USD"), "0.000096");
}

/// What Copilot used: tokens where the report has them, else the cost alone; seats are no usage.
#[test]
fn github_usage() {
    let head = "date,username,product,sku,model,quantity,unit_type,applied_cost_per_quantity,gross_amount,discount_amount,net_amount,total_monthly_quota,organization,repository,cost_center_name,aic_quantity,aic_gross_amount,input,output,cache_read,cache_write";
    let rows = [
        "2026-09-20,u,copilot,copilot_ai_credit,Auto: Claude Sonnet 4.5,10,ai-credits,0.01,0.1,0.1,0,1900,o,,,0,0,1000,100,5000,20",
        "2026-09-20,u,copilot,coding_agent_ai_credit,Coding Agent model,5,ai-credits,0.01,0.05,0,0.05,1900,o,,,0,0,,,,",
        "2026-05-20,u,copilot,copilot_premium_request,GPT-5 mini,2,requests,0.04,0.08,0.08,0,300,o,,,1,0.01,,,,",
        "2026-09-20,u,copilot,copilot_business,,1,seats,19,19,0,19,0,o,,,0,0,,,,",
        "2026-09-20,u,actions,actions_linux,,10,minutes,0.006,0.06,0,0.06,0,o,,,0,0,,,,",
    ];
    let text = format!("{head}\n{}\n", rows.join("\n"));
    let sums = read_text(&text);
    assert_eq!((sums.formats[0], sums.records, sums.rows()), (Format::GithubUsage, 3, 5));
    assert_eq!(sums.skipped(Skip::OtherService), 2);
    assert_eq!((sums.input, sums.cache_read, sums.cache_write, sums.output), (1000, 5000, 20, 100));
    assert_eq!(sums.cost("USD"), "0.23", "before what the plan includes");
    let names = support::records(&text);
    assert_eq!(names[0], "github-copilot/claude-sonnet-4.5 []");
    // Without the columns of tokens, as until June 2026.
    let old = text.lines().map(|line| line.rsplitn(5, ',').last().expect("cells"));
    let old: Vec<&str> = old.collect();
    let sums = read_text(&format!("{}\n", old.join("\n")));
    assert_eq!((sums.formats[0], sums.records, sums.input), (Format::GithubUsage, 3, 0));
}

/// Prompt tokens of every record, by the layout its source states.
fn prompts(text: &str) -> Vec<u128> {
    let mut prompts = Vec::new();
    read(text.as_bytes(), &Options::default(), &mut |item| {
        if let Item::Record(record) = item {
            let totals = record.totals.expect("counts");
            prompts.push(totals.to_usage().expect("consistent").prompt_tokens());
        }
    })
    .expect("readable");
    prompts
}

#[test]
fn helicone() {
    let sums = read_text(fixture!("helicone.jsonl"));
    assert_eq!((sums.formats[0], sums.records, sums.rows()), (Format::Helicone, 1, 4));
    assert_eq!((sums.skipped(Skip::AnsweredFromCache), sums.skipped(Skip::Failed)), (1, 1));
    assert_eq!(sums.rejects.len(), 1, "a success without counts is not known, not zero");
    assert_eq!((sums.input, sums.cache_read, sums.output), (100, 40, 20));
}

#[test]
fn portkey() {
    let sums = read_text(fixture!("portkey.jsonl"));
    assert_eq!((sums.formats[0], sums.records, sums.rows()), (Format::Portkey, 3, 4));
    assert_eq!(sums.skipped(Skip::Failed), 1);
    assert_eq!((sums.input, sums.cache_read, sums.output), (1260, 400, 321));
    assert_eq!(sums.cost("USD"), "0.0007431", "cents");
    let mut unread = Vec::new();
    read(fixture!("portkey.jsonl").as_bytes(), &Options::default(), &mut |item| {
        if let Item::Record(record) = item {
            unread.push(record.unread.to_owned());
        }
    })
    .expect("readable");
    assert_eq!(unread, ["", "", "search_units"]);
    let sums = read_text(fixture!("portkey.csv"));
    assert_eq!(
        (sums.formats[0], sums.records, sums.skipped(Skip::Failed)),
        (Format::Portkey, 2, 1)
    );
    assert_eq!((sums.input, sums.cost("USD").as_str()), (1250, "0.000741"));
}

#[test]
fn opentelemetry() {
    let sums = read_text(fixture!("opentelemetry.json"));
    assert_eq!((sums.formats[0], sums.records), (Format::OpenTelemetry, 1));
    assert_eq!(sums.skipped(Skip::RepeatsItsParts), 1, "the agent around the call");
    assert_eq!(sums.skipped(Skip::NotUsage), 1);
    assert_eq!((sums.input, sums.cache_read), (100, 40));
    assert_eq!((sums.output, sums.reasoning), (20, 12));
    assert_eq!(sums.keys, ["gpt-5-mini-2025-08-07  "]);
    let old = read_text(fixture!("opentelemetry-console.jsonl"));
    assert_eq!((old.formats[0], old.input, old.output), (Format::OpenTelemetry, 11, 7));
}

#[test]
fn a_trace_of_langfuse() {
    let observation = |kind: &str, usage: &str| {
        format!(
            r#"{{"id":"{kind}","type":"{kind}","startTime":"2025-12-24T06:01:17.850Z","model":"gemini-2.5-flash","usageDetails":{usage},"totalCost":0.0004}}"#
        )
    };
    let usage = r#"{"input":40,"output":159,"total":199,"completion_details.reasoning":100}"#;
    let all = [observation("SPAN", "{}"), observation("GENERATION", usage)].join(",");
    let sums = read_text(&format!(r#"{{"trace":{{"id":"t"}},"observations":[{all}]}}"#));
    assert_eq!((sums.formats[0], sums.records), (Format::Langfuse, 1));
    assert_eq!((sums.input, sums.output, sums.reasoning), (40, 159, 100));
    assert_eq!((sums.skipped(Skip::NotUsage), sums.cost("USD").as_str()), (1, "0.0004"));
}

#[test]
fn events_of_telemetry() {
    let sums = read_text(fixture!("otlp-logs.jsonl"));
    assert_eq!((sums.formats[0], sums.records, sums.rejects.len()), (Format::OtlpLogs, 4, 0));
    assert_eq!((sums.input, sums.cache_read), (10 + 1005 + 2000 + 11, 300 + 400 + 1500));
    assert_eq!((sums.output, sums.reasoning), (50 + 40 + 70 + 7, 25 + 30));
    assert_eq!((sums.skipped(Skip::NotUsage), sums.cost("USD").as_str()), (2, "0.00087"));
    let models = sums.keys.iter().map(|key| key.trim());
    let expected =
        ["claude-sonnet-4-5-20250929", "gemini-2.5-flash", "gpt-5-codex", "gpt-4o-mini-2024-07-18"];
    assert_eq!(models.collect::<Vec<_>>(), expected);
    // An event that nobody knows and that counts tokens is refused, not passed over.
    let unknown = fixture!("otlp-logs.jsonl").replace("codex.sse_event", "agent.turn");
    assert_eq!(read_text(&unknown).rejects.len(), 1);
}

#[test]
fn sums_of_metrics() {
    let text = fixture!("otlp-metrics.jsonl");
    let sums = read_text(text);
    assert_eq!((sums.formats[0], sums.records, sums.rejects.len()), (Format::OtlpMetrics, 8, 0));
    // Claude Code twice, Gemini CLI and the conventions three times as much as at first.
    assert_eq!((sums.input, sums.cache_read, sums.cache_write), (15 + 303 + 3000, 900 + 120, 20));
    assert_eq!((sums.output, sums.reasoning, sums.requests), (75 + 30 + 600, 15, 0));
    assert_eq!((sums.cost("USD").as_str(), sums.with_cost), ("0.0022", 2));
    assert_eq!(sums.notes, [Note::SumsOfMetrics]);
    // A program that started anew counts from zero again.
    let again =
        format!("{text}{}", text.lines().nth(2).unwrap_or("").replace("\"17710000", "\"17710009"));
    assert_eq!(read_text(&again).input, 15 + 303 + 3000 + 101 + 1000);
    // The events of the same requests count, and of their sums what lies beyond: here of Claude Code and of
    // the conventions.
    let both = format!("{text}{}", fixture!("otlp-logs.jsonl"));
    let both = read_text(&both);
    assert_eq!((both.records, both.input), (6, 15 + 1005 + 2000 + 3000));
    assert_eq!((both.cost("USD").as_str(), both.cache_write), ("0.0022", 20));
    assert_eq!(both.skipped(Skip::RepeatsItsParts), 6);
}

#[test]
fn bills_of_the_clouds() {
    let azure = read_text(fixture!("azure-cost.csv"));
    assert_eq!((azure.formats[0], azure.cost("USD").as_str()), (Format::AzureCost, "0.024069"));
    assert_eq!(azure.skipped(Skip::OtherService), 1);
    let aws = read_text(fixture!("aws-cur.csv"));
    assert_eq!((aws.formats[0], aws.cost("USD").as_str()), (Format::AwsCur, "0.002"));
    assert_eq!((aws.skipped(Skip::Tax), aws.skipped(Skip::OtherService)), (1, 1));
    let google = read_text(fixture!("google-billing.csv"));
    assert_eq!((google.formats[0], google.cost("USD").as_str()), (Format::GoogleBilling, "0.3"));
    assert_eq!((google.skipped(Skip::Tax), google.skipped(Skip::OtherService)), (1, 1));
    // The cost table as the console writes it: dollars of the country that stands above, not rounded row by
    // row, over all days named; without tax, rounding and total.
    let text = fixture!("google-cost-table.csv");
    let table = read_text(text);
    assert_eq!((table.formats[0], table.cost("AUD").as_str()), (Format::GoogleBilling, "4.721354"));
    assert_eq!((table.records, table.skipped(Skip::OtherService)), (3, 3));
    assert_eq!(table.skipped(Skip::Tax), 1);
    let bare = &text[text.find("Billing account name").expect("a header")..];
    assert_eq!(read_text(bare).cost("USD"), "4.721354");
    let mut spans = BTreeSet::new();
    read(bare.as_bytes(), &Options::default(), &mut |item| {
        if let Item::Record(record) = item {
            spans.insert(record.period.map_or_else(String::new, |period| period.to_string()));
        }
    })
    .expect("a bill");
    assert_eq!(
        spans.into_iter().collect::<Vec<_>>(),
        ["2026-06-01T00:00:00Z/2026-07-01T00:00:00Z"]
    );
    for sums in [azure, aws, google, table] {
        assert_eq!(sums.input + sums.output, 0, "billed cost only");
    }
}

#[test]
fn activity_of_2023() {
    for text in [fixture!("openai-activity.csv"), fixture!("openai-legacy.json")] {
        let sums = read_text(text);
        assert_eq!((sums.formats[0], sums.requests), (Format::OpenAiActivity, 4));
        assert_eq!((sums.input, sums.output, sums.cache_read), (1250, 360, 0));
    }
    let groq = read_text(fixture!("groq-activity.json"));
    assert_eq!((groq.input, groq.cache_read, groq.cost("USD").as_str()), (100, 40, "0.0000826"));
    let costs = read_text(fixture!("openai-daily-costs-2023.json"));
    assert_eq!((costs.formats[0], costs.records), (Format::OpenAiCost, 3));
    assert_eq!(costs.cost("USD"), "1.2375", "cents");
}

#[test]
fn stored_completions() {
    let sums = read_text(fixture!("stored-completions.json"));
    assert_eq!((sums.records, sums.input, sums.output), (1, 30, 4));
    assert_eq!(sums.rejects[0].problem.code(), "no-usage-reported");
    assert_eq!(sums.notes, [Note::Partial]);
}

#[test]
fn message_batches() {
    let sums = read_text(fixture!("anthropic-batch.jsonl"));
    assert_eq!((sums.records, sums.skipped(Skip::Failed)), (1, 2));
    assert_eq!((sums.input, sums.cache_read, sums.cache_write), (10, 5, 0));
    assert_eq!((sums.cache_write_5m, sums.cache_write_1h), (20, 10), "their sum is not added");
}

#[test]
fn usage_of_other_endpoints() {
    let sums = read_text(fixture!("openai-images-usage.json"));
    assert_eq!((sums.formats[0], sums.rejects.len()), (Format::OpenAiUsage, 0));
    assert_eq!((sums.images, sums.input, sums.requests), (12, 900, 10));
}

#[test]
fn a_format_by_name() {
    let text = "start_time,end_time,n,input_tokens\n";
    let named = |name: &str| Options { format: Format::from_name(name), ..Options::default() };
    let missing = read(text.as_bytes(), &named("openrouter"), &mut |_| ());
    let missing = missing.expect_err("no such columns").to_string();
    assert_eq!(missing, "no column `generation_id`, which openrouter needs");
    let json = read_all(&[fixture!("helicone.jsonl").as_bytes()], &named("helicone"), true);
    assert_eq!(json.records, 1);
    for format in Format::ALL {
        assert_eq!(Format::from_name(format.name()), Some(format));
    }
}

#[test]
fn every_format_reads_its_header_alone() {
    // A header without rows is 0 records, not an error.
    for text in [
        fixture!("langfuse.csv"),
        fixture!("azure-cost.csv"),
        fixture!("aws-cur.csv"),
        fixture!("google-billing.csv"),
        fixture!("openai-activity.csv"),
    ] {
        let header = text.lines().next().expect("a header");
        let sums: Sums = read_text(header);
        assert_eq!((sums.rows(), sums.formats.len()), (0, 1), "{header}");
    }
}

/// Each seller hands a batch back in lines of its own; what they charge is the price of a batch.
#[test]
fn lines_of_batches() {
    let gemini = r#"{"modelVersion":"gemini-2.5-flash","candidates":[],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":2,"totalTokenCount":12}}"#;
    let claude = r#"{"type":"message","model":"claude-3-haiku-20240307","usage":{"input_tokens":10,"output_tokens":2}}"#;
    let of_batch = |seller: &str| format!("{seller} Batch");
    let cases = [
        (format!(r#"{{"key":"a","response":{gemini}}}"#), of_batch("google")),
        (
            format!(
                r#"{{"status":"","processed_time":"2025-10-20T10:00:00Z","request":{{"contents":[]}},"response":{gemini}}}"#
            ),
            of_batch("google-vertex"),
        ),
        (
            format!(r#"{{"recordId":"C1","modelInput":{{"messages":[]}},"modelOutput":{claude}}}"#),
            of_batch("aws-bedrock"),
        ),
        (
            format!(r#"{{"custom_id":"c","result":{{"type":"succeeded","message":{claude}}}}}"#),
            of_batch(""),
        ),
        (r#"{"key":"b","error":{"code":400}}"#.to_owned(), "Failed".to_owned()),
        (
            r#"{"status":"Bad Request","processed_time":"2025-10-20T10:00:00Z","request":{},"response":{}}"#
                .to_owned(),
            "Failed".to_owned(),
        ),
        (
            r#"{"recordId":"C2","modelInput":{},"error":{"errorCode":400}}"#.to_owned(),
            "Failed".to_owned(),
        ),
        // A key beside more is one of somebody's log.
        (
            format!(r#"{{"key":"a","user":"u","response":{gemini}}}"#),
            " Standard".to_owned(),
        ),
    ];
    for (line, expected) in cases {
        let mut found = Vec::new();
        let options = Options { format: Some(Format::UsageJson), ..Options::default() };
        read(line.as_bytes(), &options, &mut |item| match item {
            Item::Record(record) => {
                let Known::Is(tier) = record.service_tier else { panic!("a known tier") };
                found.push(format!("{} {tier:?}", record.provider));
            }
            Item::Skipped { why, .. } => found.push(format!("{why:?}")),
            Item::Reject(reject) => found.push(reject.problem.to_string()),
            _ => {}
        })
        .expect("readable");
        assert_eq!(found, [expected], "{line}");
    }
}
