//! The traps that exports set, one test each, with rows of our own.

#[path = "read_support/mod.rs"]
mod support;

use support::{read_text, read_texts};
use tokreckon::book::Known;
use tokreckon::charge::Shape;
use tokreckon::price::ServiceTier;
use tokreckon::read::{Format, Item, Options, Skip, read};
use tokreckon::time::Period;
use tokreckon::usage::{Meter, Totals, Usage};

/// A record with its texts, which outlives the reader.
#[derive(Debug)]
struct Kept {
    model: String,
    variant: String,
    line_item: String,
    api_key: String,
    project: String,
    tier: Known<ServiceTier>,
    shape: Shape,
    period: Option<Period>,
    totals: Option<Totals>,
    cost: Option<String>,
}

impl Kept {
    fn usage(&self) -> Usage {
        self.totals.expect("counts").to_usage().expect("consistent")
    }

    fn time(&self) -> String {
        self.period.expect("a time").to_string()
    }
}

fn records(text: &str) -> Vec<Kept> {
    let mut kept = Vec::new();
    read(text.as_bytes(), &Options::default(), &mut |item| match item {
        Item::Record(record) => kept.push(Kept {
            model: record.model.to_owned(),
            variant: match record.variant {
                Known::Is(variant) => variant.to_owned(),
                Known::Unknown => "?".to_owned(),
            },
            line_item: record.line_item.to_owned(),
            api_key: record.api_key.to_owned(),
            project: record.project.to_owned(),
            tier: record.service_tier,
            shape: record.shape,
            period: record.period,
            totals: record.totals,
            cost: record.reported.map(|money| money.to_string()),
        }),
        Item::Reject(reject) => panic!("{}: {}", reject.line, reject.problem),
        _ => {}
    })
    .expect("readable");
    kept
}

fn only(text: &str) -> Kept {
    let mut records = records(text);
    assert_eq!(records.len(), 1, "{records:?}");
    records.remove(0)
}

#[test]
fn trap_1_one_name_two_meanings() {
    let openai = r#"{"model":"gpt-5","usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":60},"output_tokens":1}}"#;
    let anthropic = r#"{"type":"message","model":"claude","usage":{"input_tokens":100,"cache_read_input_tokens":60,"output_tokens":1}}"#;
    assert_eq!(only(openai).usage().prompt_tokens(), 100);
    assert_eq!(only(anthropic).usage().prompt_tokens(), 160);
    let header = "start_time,end_time,start_time_iso,num_model_requests,model,input_tokens,output_tokens,input_cached_tokens,input_audio_tokens,input_cached_audio_tokens";
    let rows = "1769904000,1769990400,,1,m,100,1,30,50,30";
    // The schema of 2025-03-21: audio includes cached audio. Today's does not.
    let old = only(&format!("{header}\n{rows}\n")).usage();
    let new = only(&format!("{header},input_uncached_tokens\n{rows},70\n")).usage();
    assert_eq!((old.count(Meter::InputAudio), new.count(Meter::InputAudio)), (20, 50));
    assert_eq!((old.prompt_tokens(), new.prompt_tokens()), (100, 100));
}

#[test]
fn trap_2_reasoning_inside_or_beside() {
    let inside = r#"{"model":"o3","usage":{"prompt_tokens":1,"completion_tokens":90,"completion_tokens_details":{"reasoning_tokens":64}}}"#;
    let beside = r#"{"modelVersion":"gemini","usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":26,"thoughtsTokenCount":64,"totalTokenCount":91}}"#;
    for text in [inside, beside] {
        let usage = only(text).usage();
        assert_eq!((usage.count(Meter::Output), usage.count(Meter::Reasoning)), (26, 64));
    }
    let header =
        "start_time,end_time,start_time_iso,num_model_requests,model,input_tokens,output_tokens";
    let usage = only(&format!("{header}\n1769904000,1769990400,,1,m,1,90\n")).usage();
    assert!(usage.unreported.reasoning, "not reported is not zero");
}

#[test]
fn trap_3_money_units() {
    let cost = |text: &str| only(text).cost.expect("a cost");
    let openai_2024 = "timestamp,currency,name,cost,project_id,cost_in_major\n1722902400.0,usd,GPT-4,314.654,,3.14654000\n";
    assert_eq!(cost(openai_2024), "3.14654 USD", "cents");
    let admin = r#"{"data":[{"starting_at":"2026-05-04T00:00:00Z","ending_at":"2026-05-05T00:00:00Z","results":[{"currency":"USD","amount":"123.78912","cost_type":"tokens","model":"claude","token_type":"output_tokens","description":"x"}]}],"has_more":false}"#;
    assert_eq!(cost(admin), "1.2378912 USD", "cents");
    let quota = "id,created_at,type,content,token_name,model_name,quota,prompt_tokens,completion_tokens,other\n1,1748829660,2,,app,gpt-4o,4670,3120,410,{}\n";
    assert_eq!(cost(quota), "0.00934 USD", "500,000 quota = 1 USD");
    let deepseek = "user_id,start_time_iso,end_time_iso,model,wallet_type,cost,currency\nu,2026-07-01T00:00:00+08:00,2026-07-02T00:00:00+08:00,deepseek-v4,Paid,10.5000000000000000,CNY\n";
    assert_eq!(cost(deepseek), "10.5 CNY");
    let ticks = r#"{"model":"grok","usage":{"prompt_tokens":1,"completion_tokens":1,"cost_in_usd_ticks":12345}}"#;
    assert_eq!(cost(ticks), "0.0000012345 USD");
}

#[test]
fn trap_4_credits_in_token_fields_are_read_as_reported() {
    let text = r#"{"id":"chatcmpl-1","model":"o1-mini-2024-09-12","created":1744186226,"usage":{"prompt_tokens":95,"completion_tokens":3780,"total_tokens":3875,"completion_tokens_details":{"reasoning_tokens":128}}}"#;
    let totals = only(text).totals.expect("counts");
    assert_eq!((totals.input, totals.output, totals.reasoning), (Some(95), Some(3780), Some(128)));
}

#[test]
fn trap_5_thirty_decimals() {
    let header =
        "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item";
    let text = format!(
        "{header}\n1787616000,1787702400,2026-08-25T00:00:00,,0.003835980000000000000000000000,usd,\"gpt-5-nano, input_tokens\"\n"
    );
    let record = only(&text);
    assert_eq!(record.cost.as_deref(), Some("0.00383598 USD"));
    assert_eq!(
        (record.line_item.as_str(), record.model.as_str()),
        ("gpt-5-nano, input_tokens", "")
    );
}

#[test]
fn traps_6_and_7_float_counts_and_empty_buckets() {
    let text = "start_time,end_time,start_time_iso,end_time_iso,num_model_requests,model,batch,input_tokens,output_tokens\n\
        1769904000,1769990400,a,b,10.0,gpt-5,FALSE,59200.0,1e3\n\
        1769990400,1770076800,a,b,,,,,\n";
    let sums = read_text(text);
    assert_eq!((sums.records, sums.empty), (1, 1));
    assert_eq!((sums.requests, sums.input, sums.output), (10, 59_200, 1_000));
    let empty = "start_time,end_time,start_time_iso,end_time_iso\n1769904000,1769990400,a,b";
    assert_eq!((read_text(empty).formats[0], read_text(empty).empty), (Format::OpenAiUsage, 1));
}

#[test]
fn trap_8_equal_keys_are_added_in_buckets() {
    let text = "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,cost_type,inference_geo,speed\n\
        2026-02-12,Claude Sonnet 4.5,Default,k,message,≤ 200k,input_cache_write_5m,0.75,token,not_available,\n\
        2026-02-12,Claude Sonnet 4.5,Default,k,message,≤ 200k,input_cache_write_5m,1.16,token,not_available,\n\
        2026-02-12,--,Default,k,--,--,--,0.07,web_search,--,--\n";
    let sums = read_text(text);
    assert_eq!((sums.records, sums.cost("USD").as_str()), (3, "1.98"));
    let items: Vec<String> = records(text).into_iter().map(|record| record.line_item).collect();
    let write = "Claude Sonnet 4.5, input_cache_write_5m";
    assert_eq!(items, [write, write, "web_search"]);
}

#[test]
fn trap_9_counters_that_add_up_while_streaming() {
    let chunk = |output: u64, thoughts: u64| {
        format!(
            r#"{{"modelVersion":"gemini","responseId":"r","usageMetadata":{{"promptTokenCount":30,"candidatesTokenCount":{output},"thoughtsTokenCount":{thoughts},"totalTokenCount":{}}}}}"#,
            30 + output + thoughts
        )
    };
    let sums = read_text(&[chunk(0, 100), chunk(12, 210)].join("\n"));
    assert_eq!((sums.records, sums.input, sums.total, sums.duplicates()), (1, 30, 252, 1));
}

const CONSOLE: &str = "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count,inference_geo,speed";

#[test]
fn trap_10_the_open_day_moves() {
    let export = |input: u64| {
        format!(
            "{CONSOLE}\n2026-03-31,claude-haiku-4-5-20251001,k,Default,standard,≤ 200k,{input},0,0,0,1,0,not_available,\n"
        )
    };
    let sums = read_texts(&[&export(1_947_945), &export(1_809_463)]);
    assert_eq!((sums.records, sums.input, sums.replaced()), (1, 1_947_945, 1));
}

#[test]
fn anthropic_console() {
    let rows = records(&format!(
        "{CONSOLE}\n\
        2026-03-31,claude-a,\"nightly, batch\",Default,batch,≤ 200k,1,2,3,4,5,6,not_available,\n\
        2026-03-31 02:00,claude-a,,Team,standard,≤ 200k,1,2,3,4,5,0,us,fast\n"
    ));
    assert_eq!((rows[0].api_key.as_str(), rows[0].project.as_str()), ("nightly, batch", "Default"));
    assert_eq!(rows[0].tier, Known::Is(ServiceTier::Batch));
    assert_eq!(rows[0].time(), "2026-03-31");
    assert_eq!(rows[0].usage().prompt_tokens(), 10, "four disjoint classes");
    assert_eq!(rows[0].usage().count(Meter::WebSearches), 6);
    assert_eq!(rows[1].time(), "2026-03-31T02:00:00Z/2026-03-31T03:00:00Z", "an hour");
    assert_eq!((rows[1].variant.as_str(), rows[1].api_key.as_str()), ("geo=us", ""));
    assert_eq!(rows[1].tier, ServiceTier::from_word("fast").map_or(Known::Unknown, Known::Is));
    assert!(matches!(rows[1].shape, Shape::Sum { requests: None }), "no count of requests");
    let old = "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write,usage_input_tokens_cache_read,usage_output_tokens,web_search_count\n\
        2025-08-04T00:00:00Z,claude-a,k,Default,standard,≤ 200k,512,20000,300000,4100,0\n";
    let usage = only(old).usage();
    assert_eq!(usage.count(Meter::CacheWrite), 20_000, "of unknown lifetime");
}

#[test]
fn openrouter_rows() {
    let header = "generation_id,created_at,cost_total,cost_web_search,cost_cache,byok_usage_inference,tokens_prompt,tokens_completion,tokens_reasoning,tokens_cached,model_permaslug,provider_name,variant,cancelled";
    let rows = records(&format!(
        "{header}\n\
        gen-1,2026-06-27 23:59:59.998,0.026175,0,-0.0324,0,15000,905,640,12000,anthropic/claude,\"Together, Inc.\",standard,false\n\
        gen-2,2026-06-28 00:00:01.004,0,0,0,0.01419,4100,2200,1800,0,openai/o4-mini,OpenAI,free,true\n"
    ));
    assert_eq!(rows[0].cost.as_deref(), Some("0.026175 USD"), "savings are inside already");
    assert_eq!(
        (rows[0].time(), rows[1].time()),
        ("2026-06-27T23:59:59Z".into(), "2026-06-28T00:00:01Z".into())
    );
    assert_eq!(rows[1].model, "openai/o4-mini:free");
    assert_eq!(rows[1].cost.as_deref(), Some("0 USD"), "the customer's own key is not billed");
    assert_eq!(rows[0].usage().prompt_tokens(), 15_000);
}

#[test]
fn deepseek_is_long_and_has_its_own_days() {
    let header =
        "\u{feff}user_id,start_time_iso,end_time_iso,model,api_key_name,api_key,type,price,amount";
    let row = |model: &str, kind: &str, price: &str, amount: u64| {
        format!(
            "u,2026-07-01T00:00:00+08:00,2026-07-02T00:00:00+08:00,{model},\"server, prod\",sk-***,{kind},{price},{amount}\n"
        )
    };
    let text = [
        format!("{header}\n"),
        row("a", "input_cache_hit_tokens", "0.0000002", 1000),
        row("a", "input_cache_miss_tokens", "0.0000045", 10),
        row("a", "output_tokens", "0.0000135", 7),
        row("a", "request_count", "", 3),
        row("b", "output_tokens", "0.000001", 5),
        row("a", "output_tokens", "0.0000135", 1),
    ];
    let rows = records(&text.concat());
    assert_eq!(rows.len(), 3, "rows that stand together are one record");
    assert_eq!(rows[0].time(), "2026-06-30T16:00:00Z/2026-07-01T16:00:00Z");
    assert!(matches!(rows[0].shape, Shape::Sum { requests: Some(3) }));
    assert_eq!(rows[0].usage().prompt_tokens(), 1010);
    assert_eq!(rows[0].cost.as_deref(), Some("0.0003395 XXX"), "the currency is not named");
    assert!(matches!(rows[2].shape, Shape::Sum { requests: None }), "requests do not count twice");
    assert_eq!(read_text(&text.concat()).joined, 3);
}

#[test]
fn litellm_rows() {
    let header = "request_id,call_type,spend,total_tokens,prompt_tokens,completion_tokens,startTime,model,custom_llm_provider,metadata,cache_hit,status";
    let text = format!(
        "{header}\n\
        msg_1,anthropic_messages,2.8499999999999998e-05,12300,11500,800,2026-04-09 23:59:55.014,claude,anthropic,\"{{\"\"usage_object\"\": {{\"\"cache_creation_input_tokens\"\": 2000, \"\"cache_read_input_tokens\"\": 9000}}}}\",False,success\n\
        x_cache_hit1775779205.1,acompletion,0,115,90,25,2026-04-10 00:00:05.021,gpt-4o,openai,{{}},True,success\n\
        x2,acompletion,0,0,0,0,2026-04-10 00:00:06.021,gpt-4o,openai,{{}},None,failure\n\
        x3,acompletion,0,100,100,0,2026-04-10 00:00:07.021,gpt-4o,bedrock,{{}},None,failure\n"
    );
    let rows = records(&text);
    assert_eq!(rows.len(), 2, "a failed stream with tokens counts");
    assert_eq!(rows[0].cost.as_deref(), Some("0.000028499999999999998 USD"));
    assert_eq!(
        (rows[0].usage().prompt_tokens(), rows[0].usage().count(Meter::Input)),
        (11_500, 500)
    );
    let sums = read_text(&text);
    assert_eq!((sums.skipped(Skip::AnsweredFromCache), sums.skipped(Skip::Failed)), (1, 1));
}

#[test]
fn one_api_and_new_api_rows() {
    let header = "id,user_id,created_at,type,content,username,token_name,model_name,quota,prompt_tokens,completion_tokens,use_time,other";
    let text = format!(
        "{header}\n\
        1,7,1748829600,1,top-up，充值,u,,,0,0,0,0,\n\
        2,7,1748829720,2,,u,app,claude,13876,415,777,1,\"{{\"\"claude\"\":true,\"\"cache_tokens\"\":12000,\"\"cache_creation_tokens\"\":3001}}\"\n\
        3,7,1748829840,2,\"two\nlines, \"\"quoted\"\"\",u,img,dall-e-3,20000,1,0,1,\"{{\"\"model_price\"\":0.04}}\"\n\
        4,7,1748830200,2,correction,u,,kling-v1,-1500,0,0,0,{{}}\n\
        5,7,1748830260,6,,u,,kling-v1,9000,0,0,0,{{}}\n\
        6,7,1748830270,5,status_code=429,u,app,gpt-4o,0,0,0,0,{{}}\n"
    );
    let rows = records(&text);
    let costs: Vec<_> = rows.iter().filter_map(|row| row.cost.as_deref()).collect();
    assert_eq!(costs, ["0.027752 USD", "0.04 USD", "-0.003 USD", "-0.018 USD"]);
    assert_eq!(rows[0].usage().prompt_tokens(), 415 + 12_000 + 3_001, "Claude: beside");
    assert_eq!(rows[1].usage().count(Meter::ImagesGenerated), 1, "images, not tokens");
    assert!(rows[2].totals.is_none() && rows[3].totals.is_none(), "money without usage");
    let sums = read_text(&text);
    assert_eq!((sums.skipped(Skip::NotUsage), sums.skipped(Skip::Failed)), (1, 1));
    // In one-api 5 is a test, and 6 is nothing.
    let one_api = text.replace("use_time", "elapsed_time");
    assert_eq!(
        (read_text(&one_api).formats[0], read_text(&one_api).skipped(Skip::NotUsage)),
        (Format::OneApi, 3)
    );
}

#[test]
fn cursor_costs() {
    let header = "Date,Model,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost,Cost to you";
    let rows = records(&format!(
        "{header}\n\
        2025-03-03,claude,4096,2048,30720,1111,37975,\"$1,234.50\",$0.25\n\
        2025-03-04,gpt-4o-mini,120,90,0,55,265,Included,-\n"
    ));
    assert_eq!((rows[0].cost.as_deref(), rows[1].cost.as_deref()), (Some("0.25 USD"), None));
    let totals = rows[0].totals.expect("counts");
    assert_eq!(totals.expected_total(), totals.total.map(u128::from), "the columns are disjoint");
}

#[test]
fn amounts_and_counts_that_are_no_numbers_are_refused_by_column() {
    let header =
        "generation_id,created_at,cost_total,tokens_prompt,tokens_completion,model_permaslug";
    let problems = |row: &str| {
        let sums = read_text(&format!("{header}\n{row}\n"));
        sums.rejects.iter().map(|reject| reject.problem.to_string()).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(
        problems("g,2026-01-01 00:00:00,1_0,1,1,m"),
        "`cost_total` is `1_0`, not a decimal number"
    );
    assert_eq!(
        problems("g,2026-01-01 00:00:00,1,-1,1,m"),
        "`tokens_prompt` is `-1`, not a whole number at or above zero"
    );
    assert_eq!(problems("g,yesterday,1,1,1,m"), "`created_at` is `yesterday`, not a time");
    assert_eq!(problems("g,,1,1,1,m"), "`created_at` is empty");
}

#[test]
fn spans_that_are_no_list_are_refused_and_not_passed_over() {
    for (text, rejected) in [
        (r#"{"resourceSpans": {"scopeSpans": []}}"#, 1),
        (r#"{"resourceSpans": [5, {"scopeSpans": {"spans": []}}]}"#, 2),
        (r#"{"resourceSpans": [{"scopeSpans": [{"spans": 7}, {"spans": ["no span"]}]}]}"#, 2),
        (r#"{"resourceSpans": [{"scopeSpans": [], "resource": {}}]}"#, 0),
    ] {
        let sums = read_text(text);
        assert_eq!((sums.rejects.len(), sums.records), (rejected, 0), "{text}");
    }
}

#[test]
fn counts_that_are_too_many_together_are_refused() {
    let most = u64::MAX;
    let usage = "start_time,end_time,start_time_iso,num_model_requests,model,input_tokens,output_tokens,input_audio_tokens,input_cached_audio_tokens,input_uncached_tokens";
    let log = "id,created_at,type,content,token_name,model_name,quota,prompt_tokens,completion_tokens,other";
    for (text, code) in [
        (
            format!(
                r#"{{"modelVersion":"gemini-2.5-pro","usageMetadata":{{"promptTokenCount":9,"promptTokensDetails":[{{"modality":"AUDIO","tokenCount":{most}}},{{"modality":"AUDIO","tokenCount":1}}]}}}}"#
            ),
            "not-a-count",
        ),
        (
            format!(
                r#"{{"model":"m","usage":{{"inputTokens":9,"outputTokens":1,"cacheReadInputTokens":0,"cacheDetails":[{{"ttl":"5m","inputTokens":{most}}},{{"ttl":"5m","inputTokens":1}}]}}}}"#
            ),
            "not-a-count",
        ),
        (
            format!(
                r#"{{"type":"message","model":"claude","usage":{{"input_tokens":1,"output_tokens":1,"cache_creation_input_tokens":{most},"cache_creation":{{"ephemeral_5m_input_tokens":{most},"ephemeral_1h_input_tokens":1}}}}}}"#
            ),
            "not-a-count",
        ),
        (
            format!(
                r#"{{"type":"message","model":"claude","usage":{{"input_tokens":{most},"output_tokens":1,"iterations":[{{"type":"compaction","input_tokens":1,"output_tokens":1}}]}}}}"#
            ),
            "not-a-count",
        ),
        (format!("{usage}\n1769904000,1769990400,,1,m,9,1,{most},1,0\n"), "not-a-count"),
        (
            format!(
                "{log}\n1,1748829660,2,,app,m,1,3,4,\"{{\"\"cache_creation_tokens\"\":5,\"\"cache_creation_tokens_5m\"\":{most},\"\"cache_creation_tokens_1h\"\":1}}\"\n"
            ),
            "not-a-count",
        ),
        (
            format!(
                "{log}\n1,1748829660,2,,app,m,1,3,4,\"{{\"\"cache_creation_tokens\"\":5,\"\"cache_creation_tokens_5m\"\":6}}\"\n"
            ),
            "disagree",
        ),
    ] {
        let sums = read_text(&text);
        let codes: Vec<&str> = sums.rejects.iter().map(|reject| reject.problem.code()).collect();
        assert_eq!((sums.records, codes), (0, vec![code]), "{text}");
    }
    // What is added to a count is so wherever it stands.
    let gemini = |counts: &str| {
        read_text(&format!(
            r#"{{"id":"a","type":"gemini","model":"m","tokens":{{{counts},"output":1,"thoughts":0}}}}"#
        ))
    };
    assert_eq!(gemini(r#""input":30,"tool":2"#).input, 32);
    assert_eq!(gemini(r#""tool":2,"input":30"#).input, 32);
}
