//! Usage in every spelling that people have, and what a response says about its price.

use tokreckon::book::Known;
use tokreckon::read::{Item, Options, read};
use tokreckon::time::{Period, day_text};
use tokreckon::usage::Totals;

/// One record, in words: meters, then what is said besides.
fn records(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    read(line.as_bytes(), &Options::default(), &mut |item| match item {
        Item::Record(record) => {
            let totals: Totals = record.totals.expect("counts");
            let usage = match totals.to_usage() {
                Ok(usage) => usage,
                Err(error) => return found.push(format!("{error} [{}]", record.unread)),
            };
            let mut words: Vec<String> =
                usage.counts().map(|(meter, count)| format!("{meter} {count}")).collect();
            if usage.unreported.cache {
                words.push("cache?".to_owned());
            }
            if let Known::Is(tier) = record.service_tier
                && tier.as_str() != "standard"
            {
                words.push(tier.to_string());
            }
            if let Known::Is(variant) = record.variant
                && !variant.is_empty()
            {
                words.push(variant.to_owned());
            }
            if let Some(cost) = record.reported {
                words.push(format!("cost {}", cost.amount));
            }
            if !record.unread.is_empty() {
                words.push(format!("[{}]", record.unread));
            }
            found.push(words.join(", "));
        }
        Item::Reject(reject) => found.push(format!("rejected: {}", reject.problem)),
        _ => {}
    })
    .expect("readable");
    found
}

fn one(line: &str) -> String {
    records(line).join(" | ")
}

/// A line, and what it says.
const CASES: &[(&str, &str)] = &[
    // AI SDK: versions 4, 5 and 6.
    (
        r#"{"usage":{"promptTokens":10,"completionTokens":2,"totalTokens":12}}"#,
        "input 10, output 2, cache?",
    ),
    (
        r#"{"model":"gpt-5","usage":{"inputTokens":100,"outputTokens":12,"totalTokens":112,"reasoningTokens":4,"cachedInputTokens":80}}"#,
        "input 20, cache-read 80, output 8, reasoning 4",
    ),
    (
        r#"{"model":"claude-x","usage":{"inputTokens":100,"outputTokens":12,"totalTokens":112,"cachedInputTokens":80}}"#,
        "input 20, cache-read 80, output 12, [whether the input count includes cached tokens]",
    ),
    (
        r#"{"usage":{"inputTokens":4740,"inputTokenDetails":{"noCacheTokens":5,"cacheReadTokens":0,"cacheWriteTokens":4735},"outputTokens":255,"outputTokenDetails":{"textTokens":255,"reasoningTokens":0},"totalTokens":4995}}"#,
        "input 5, cache-write 4735, output 255",
    ),
    (
        r#"{"usage":{"inputTokens":{"total":50,"noCache":10,"cacheRead":40},"outputTokens":{"total":9,"text":4,"reasoning":5}}}"#,
        "input 10, cache-read 40, output 4, reasoning 5",
    ),
    // Camel case of others: the numbers say what lies where.
    (
        r#"{"usage":{"inputTokens":10,"outputTokens":100,"cacheReadTokens":200,"cacheWriteTokens":50}}"#,
        "input 10, cache-read 200, cache-write 50, output 100",
    ),
    (
        r#"{"usage":{"inputTokens":500,"outputTokens":100,"cacheReadTokens":200,"totalTokens":600}}"#,
        "input 300, cache-read 200, output 100",
    ),
    (
        r#"{"usage":{"inputTokens":500,"outputTokens":100,"cacheReadTokens":200,"cacheCreationTokens":5,"totalTokens":805}}"#,
        "input 500, cache-read 200, cache-write 5, output 100",
    ),
    // Bedrock.
    (
        r#"{"stopReason":"end_turn","usage":{"inputTokens":7,"outputTokens":3,"totalTokens":10},"serviceTier":{"type":"flex"}}"#,
        "input 7, output 3, flex",
    ),
    (
        r#"{"usage":{"inputTokens":0,"outputTokens":0,"totalTokens":9,"cacheReadInputTokens":0,"cacheWriteInputTokens":9,"cacheDetails":[{"ttl":"1h","inputTokens":9}]}}"#,
        "cache-write-1h 9",
    ),
    // LangChain, pydantic-ai, own logs, Moonshot, Codex.
    (
        r#"{"usage_metadata":{"input_tokens":90,"output_tokens":5,"total_tokens":95,"input_token_details":{"cache_read":60,"cache_creation":20},"output_token_details":{"reasoning":2}}}"#,
        "input 10, cache-read 60, cache-write 20, output 3, reasoning 2",
    ),
    (
        r#"{"usage":{"input_tokens":90,"cache_read_tokens":60,"cache_write_tokens":20,"output_tokens":5,"details":{"reasoning_tokens":2}}}"#,
        "input 10, cache-read 60, cache-write 20, output 3, reasoning 2",
    ),
    (
        r#"{"input_tokens":10,"output_tokens":100,"cache_read_tokens":200,"cache_creation_tokens":50}"#,
        "input 10, cache-read 200, cache-write 50, output 100",
    ),
    (
        r#"{"usage":{"prompt_tokens":95,"completion_tokens":2,"total_tokens":97,"cached_tokens":90}}"#,
        "input 5, cache-read 90, output 2",
    ),
    (
        r#"{"input_tokens":95,"cached_input_tokens":90,"output_tokens":2,"reasoning_tokens":0}"#,
        "input 5, cache-read 90, output 2",
    ),
    // LiteLLM writes both spellings; gateways fill one of two.
    (
        r#"{"usage":{"prompt_tokens":95,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":60},"cache_read_input_tokens":60,"cache_creation_input_tokens":30,"total_tokens":97}}"#,
        "input 5, cache-read 60, cache-write 30, output 2",
    ),
    (
        r#"{"usage":{"prompt_tokens":95,"completion_tokens":2,"input_tokens":0,"output_tokens":0,"prompt_tokens_details":{"cached_tokens":0}}}"#,
        "input 95, output 2",
    ),
    // Cohere 1 and 2, Voyage, whisper, MiniMax, LlamaIndex.
    (
        r#"{"meta":{"billed_units":{"input_tokens":8,"output_tokens":3},"tokens":{"input_tokens":70,"output_tokens":3}}}"#,
        "input 8, output 3, cache?",
    ),
    (
        r#"{"usage":{"billed_units":{"input_tokens":8,"output_tokens":3},"tokens":{"input_tokens":70,"output_tokens":3}}}"#,
        "input 8, output 3, cache?",
    ),
    // Llama at Bedrock, the Agent Client Protocol, totals of a run.
    (
        r#"{"generation":"x","prompt_token_count":20,"generation_token_count":7,"stop_reason":"stop"}"#,
        "input 20, output 7",
    ),
    (
        r#"{"usage":{"input_tokens":20,"output_tokens":9,"cached_read_tokens":300,"thought_tokens":4}}"#,
        "input 20, cache-read 300, output 5, reasoning 4",
    ),
    (r#"{"meta":{"billed_units":{"search_units":1}}}"#, "search-units 1"),
    (
        r#"{"object":"list","data":[{"object":"embedding","embedding":[0.1]}],"model":"voyage-4","usage":{"total_tokens":10}}"#,
        "input 10, cache?",
    ),
    (r#"{"model":"whisper-1","usage":{"type":"duration","seconds":11}}"#, "audio-seconds 11"),
    (
        r#"{"usage":{"total_tokens":9,"total_characters":0,"prompt_tokens":7,"completion_tokens":2}}"#,
        "input 7, output 2, cache?",
    ),
    (
        r#"{"prompt_llm_token_count":7,"completion_llm_token_count":2,"total_llm_token_count":9}"#,
        "input 7, output 2, cache?",
    ),
    // Gemini in Python's spelling, and cached video.
    (
        r#"{"usage_metadata":{"prompt_token_count":7,"candidates_token_count":2,"thoughts_token_count":3,"total_token_count":12}}"#,
        "input 7, output 2, reasoning 3",
    ),
    (
        r#"{"usageMetadata":{"promptTokenCount":70,"cachedContentTokenCount":50,"promptTokensDetails":[{"modality":"VIDEO","tokenCount":60},{"modality":"TEXT","tokenCount":10}],"cacheTokensDetails":[{"modality":"VIDEO","tokenCount":50}],"candidatesTokenCount":2,"totalTokenCount":72}}"#,
        "input 10, cache-read 50, input-video 10, output 2",
    ),
    // Wrappers.
    (
        r#"{"q":1,"full_response":{"ResponseMetadata":{"HTTPHeaders":{"date":"Sat, 20 Sep 2025 11:08:40 GMT"}},"usage":{"inputTokens":3,"outputTokens":2}}}"#,
        "input 3, output 2",
    ),
    (
        r#"{"result":{"answer":"done"},"usage":{"prompt_tokens":10,"completion_tokens":5}}"#,
        "input 10, output 5, cache?",
    ),
    (
        r#"{"result":{"usage":{"prompt_tokens":10,"completion_tokens":5}}}"#,
        "input 10, output 5, cache?",
    ),
];

#[test]
fn usage_in_every_spelling() {
    for (line, expected) in CASES {
        assert_eq!(one(line), *expected, "{line}");
    }
}

#[test]
fn what_a_response_says_about_its_price() {
    let cases = [
        (
            r#"{"type":"message","usage":{"input_tokens":1,"output_tokens":2,"inference_geo":"us","speed":"fast"}}"#,
            "input 1, output 2, fast, geo=us",
        ),
        (
            r#"{"type":"message","usage":{"input_tokens":1,"output_tokens":2,"inference_geo":"not_available"}}"#,
            "input 1, output 2",
        ),
        (
            r#"{"usage":{"input_tokens":1,"output_tokens":2},"service_tier":"fast"}"#,
            "input 1, output 2, cache?, priority",
        ),
        (
            r#"{"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":2,"totalTokenCount":9,"trafficType":"ON_DEMAND_FLEX"}}"#,
            "input 7, output 2, flex",
        ),
        (
            r#"{"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":2,"totalTokenCount":9,"trafficType":"LUNCH"}}"#,
            "rejected: `trafficType` is `LUNCH`, expected a service tier such as `default` or `flex`",
        ),
        (
            r#"{"usageMetadata":{"promptTokenCount":377,"responseTokenCount":47,"responseTokensDetails":[{"modality":"AUDIO","tokenCount":47}],"thoughtsTokenCount":38,"totalTokenCount":462}}"#,
            "input 377, reasoning 38, output-audio 47",
        ),
        // More tokens than the source tells apart, and what was billed besides tokens.
        (
            r#"{"usage":{"prompt_tokens":5,"completion_tokens":845,"total_tokens":2023}}"#,
            "input 5, output 845, cache?, [usage.total (more than its parts)]",
        ),
        (
            r#"{"usage":{"prompt_tokens":31,"completion_tokens":80,"total_tokens":111,"cost":0.00216775,"cost_details":{"upstream_inference_prompt_cost":0.00000775,"upstream_inference_completions_cost":0.00016},"is_byok":false}}"#,
            "input 31, output 80, cache?, cost 0.00216775, [usage.cost (more than that of its tokens)]",
        ),
        (
            r#"{"usage":{"prompt_tokens":31,"completion_tokens":80,"cost":0.00016775,"cost_details":{"upstream_inference_prompt_cost":0.00000775,"upstream_inference_completions_cost":0.00016},"server_tool_use_details":{"tool_calls_requested":1,"tool_calls_executed":1}}}"#,
            "input 31, output 80, cache?, cost 0.00016775, [usage.server_tool_use_details.tool_calls_executed]",
        ),
        // Searches and other tools.
        (
            r#"{"output":[{"type":"web_search_call","action":{"type":"search"}},{"type":"web_search_call","action":{"type":"open_page"}},{"type":"file_search_call"}],"usage":{"input_tokens":9,"output_tokens":5}}"#,
            "input 9, output 5, web-searches 1, file-searches 1, cache?",
        ),
        // A container in which code runs is paid by the session, which may have begun before.
        (
            r#"{"output":[{"type":"code_interpreter_call","container_id":"c"},{"type":"shell_call","environment":{"type":"container_reference","container_id":"c"}},{"type":"shell_call","environment":{"type":"local"}}],"usage":{"input_tokens":9,"output_tokens":5}}"#,
            "input 9, output 5, cache?, [output.code_interpreter_call, output.shell_call]",
        ),
        (
            r#"{"usage":{"input_tokens":9,"output_tokens":5,"server_side_tool_usage_details":{"file_search_calls":2,"x_search_calls":1}}}"#,
            "input 9, output 5, file-searches 2, cache?, [usage.server_side_tool_usage_details.x_search_calls]",
        ),
        (
            r#"{"modelVersion":"gemini-3-pro","candidates":[{"groundingMetadata":{"webSearchQueries":["a","b",""]}}],"usageMetadata":{"promptTokenCount":7,"totalTokenCount":7}}"#,
            "input 7, web-searches 2",
        ),
        (
            r#"{"modelVersion":"gemini-2.5-pro","candidates":[{"groundingMetadata":{"webSearchQueries":["a","b"]}}],"usageMetadata":{"promptTokenCount":7,"totalTokenCount":7}}"#,
            "input 7, web-searches 1",
        ),
        (
            r#"{"usage":{"prompt_tokens":108,"completion_tokens":3,"total_tokens":111,"citation_tokens":72,"num_search_queries":74,"reasoning_tokens":732}}"#,
            "input 108, output 3, reasoning 732, output-citation 72, web-searches 74, cache?",
        ),
        (
            r#"{"usage":{"prompt_tokens":8,"completion_tokens":3,"total_tokens":11,"search_context_size":"low","cost":{"total_cost":0.005}}}"#,
            "input 8, output 3, cache?, search=low, cost 0.005",
        ),
        // Bedrock's optimised latency costs more.
        (
            r#"{"stopReason":"end_turn","usage":{"inputTokens":9,"outputTokens":5,"totalTokens":14,"cacheReadInputTokens":0},"performanceConfig":{"latency":"optimized"}}"#,
            "input 9, output 5, [performanceConfig.latency]",
        ),
        (
            r#"{"stopReason":"end_turn","usage":{"inputTokens":9,"outputTokens":5,"totalTokens":14,"cacheReadInputTokens":0},"performanceConfig":{"latency":"standard"}}"#,
            "input 9, output 5",
        ),
        (
            r#"{"usage":{"prompt_tokens":8,"completion_tokens":3,"total_tokens":11,"num_sources_used":4}}"#,
            "input 8, output 3, cache?, [usage.num_sources_used]",
        ),
        // OpenRouter on the user's own key: what the upstream charged.
        (
            r#"{"usage":{"prompt_tokens":8,"completion_tokens":3,"cost":0,"is_byok":true,"cost_details":{"upstream_inference_cost":0.25},"prompt_tokens_details":{"cached_tokens":0}}}"#,
            "input 8, output 3, cost 0.25",
        ),
        (
            r#"{"usage":{"prompt_tokens":1,"completion_tokens":1,"prompt_tokens":1000}}"#,
            "rejected: not JSON: `prompt_tokens` stands twice in one object at column 71",
        ),
        (r#"{"usage":{}}"#, "rejected: a response without usage"),
        (
            r#"{"created":"yesterday","usage":{"prompt_tokens":8}}"#,
            "rejected: `created` is `yesterday`, not a time",
        ),
    ];
    for (line, expected) in cases {
        assert_eq!(one(line), expected, "{line}");
    }
}

#[test]
fn iterations_are_charged_at_their_own_models() {
    let compaction = r#"{"id":"m","model":"a","usage":{"input_tokens":23,"output_tokens":10,"iterations":[{"type":"compaction","input_tokens":180,"output_tokens":35},{"type":"message","input_tokens":23,"output_tokens":10}]}}"#;
    assert_eq!(one(compaction), "input 203, output 45");
    let advisor = r#"{"id":"m","model":"a","usage":{"input_tokens":2,"output_tokens":9,"cache_read_input_tokens":5,"iterations":[{"type":"message","input_tokens":1,"output_tokens":4},{"type":"advisor_message","model":"b","input_tokens":100,"output_tokens":7},{"type":"fallback","model":"c","input_tokens":3,"output_tokens":0},{"type":"message","input_tokens":1,"output_tokens":5}]}}"#;
    assert_eq!(records(advisor), ["input 2, cache-read 5, output 9", "input 100, output 7"]);
    let other = r#"{"model":"a","usage":{"input_tokens":2,"output_tokens":9,"iterations":[{"type":"message","input_tokens":1,"output_tokens":4}]}}"#;
    assert_eq!(one(other), "input 2, output 9, [usage.iterations]");
    let kind = r#"{"model":"a","usage":{"input_tokens":2,"output_tokens":9,"iterations":[{"type":"dream","input_tokens":1,"output_tokens":4}]}}"#;
    assert_eq!(one(kind), "input 2, output 9, [usage.iterations]");
}

#[test]
fn spans_in_every_spelling() {
    let spans = [
        ("cache_read.input_tokens", "cache_creation.input_tokens"),
        ("input_tokens.cache_read", "input_tokens.cache_write"),
        ("cache_read_input_tokens", "cache_creation_input_tokens"),
        ("cache_read_tokens", "cache_write_tokens"),
        ("details.cache_read_tokens", "details.cache_write_tokens"),
        ("details.cache_read_input_tokens", "details.cache_creation_input_tokens"),
        ("input_cached_tokens", "cache_creation_tokens"),
    ];
    for (read, written) in spans {
        let span = format!(
            r#"{{"attributes":{{"gen_ai.usage.input_tokens":100,"gen_ai.usage.output_tokens":5,"gen_ai.usage.{read}":60,"gen_ai.usage.{written}":30,"gen_ai.usage.cost":0.5}}}}"#
        );
        assert_eq!(one(&span), "input 10, cache-read 60, cache-write 30, output 5, cost 0.5");
    }
    let unknown = r#"{"attributes":{"gen_ai.usage.input_tokens":100,"gen_ai.usage.magic_tokens":"7","gen_ai.response.search_fee":0.1}}"#;
    assert_eq!(one(unknown), "input 100, cache?, [usage.magic_tokens, gen_ai.response.search_fee]");
    let beside = r#"{"attributes":{"gen_ai.usage.input_tokens":100,"gen_ai.usage.cache_read.input_tokens":400}}"#;
    assert_eq!(one(beside), "input 100, cache-read 400");
}

/// Who answered, what and when, where the usage stands deeper or the form alone tells.
#[test]
fn what_stands_around_a_usage() {
    let cases = [
        // LangChain, as its messages are stored.
        (
            r#"{"lc":1,"type":"constructor","kwargs":{"content":"x","response_metadata":{"model_name":"gpt-5"},"usage_metadata":{"input_tokens":10,"output_tokens":2,"total_tokens":12,"input_token_details":{"cache_read":4}}}}"#,
            "/gpt-5 undated",
        ),
        // Ollama's own interface.
        (
            r#"{"model":"llama3.2","created_at":"2025-10-20T10:00:00Z","done":true,"total_duration":9,"prompt_eval_count":26,"eval_count":298}"#,
            "ollama/llama3.2 2025-10-20",
        ),
        // A prediction at Replicate.
        (
            r#"{"id":"p","model":"openai/o1-mini","input":{"prompt":"x","max_completion_tokens":512},"output":["a","b"],"status":"succeeded","created_at":"2026-11-20T10:00:00.1Z","metrics":{"input_token_count":1000,"output_token_count":100,"predict_time":2.1,"total_time":2.3}}"#,
            "replicate/openai/o1-mini 2026-11-20",
        ),
        // AI SDK.
        (
            r#"{"usage":{"inputTokens":10,"outputTokens":2,"totalTokens":12,"cachedInputTokens":2},"response":{"id":"r","timestamp":"2025-10-20T10:00:00.000Z","modelId":"gpt-5"}}"#,
            "/gpt-5 2025-10-20",
        ),
        // pydantic-ai.
        (
            r#"{"parts":[{"content":"x","part_kind":"text"}],"usage":{"input_tokens":10,"cache_read_tokens":2,"output_tokens":1},"model_name":"gpt-5","timestamp":"2025-10-20T10:00:00Z","kind":"response","provider_name":"azure"}"#,
            "azure-openai/gpt-5 2025-10-20",
        ),
        // Spans of OpenInference as a table.
        (
            r#"{"name":"ChatCompletion","start_time":"2025-10-20T10:00:00Z","context.span_id":"s","attributes.llm.model_name":"gpt-5","attributes.llm.provider":"openai","attributes.llm.token_count.prompt":10,"attributes.llm.token_count.completion":2}"#,
            "openai/gpt-5 2025-10-20",
        ),
    ];
    for (line, expected) in cases {
        let mut found = Vec::new();
        read(line.as_bytes(), &Options::default(), &mut |item| {
            if let Item::Record(record) = item {
                let day = |period: Period| day_text(period.start.day());
                let day = record.period.map_or("undated".to_owned(), day);
                assert_eq!(record.unread, "", "{line}");
                found.push(format!("{}/{} {day}", record.provider, record.model));
            }
        })
        .expect("readable");
        assert_eq!(found, [expected], "{line}");
    }
}

#[test]
fn sums_by_model() {
    let ag2 = r#"{"usage_including_cached_inference":{"total_cost":0.3,"gpt-4o":{"cost":0.3,"prompt_tokens":90,"completion_tokens":9,"total_tokens":99}},"usage_excluding_cached_inference":{"total_cost":0.1,"gpt-4o":{"cost":0.1,"prompt_tokens":30,"completion_tokens":3,"total_tokens":33},"o3":{"cost":0,"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}}"#;
    assert_eq!(
        records(ag2),
        ["input 30, output 3, cache?, cost 0.1", "input 1, output 1, cache?, cost 0"]
    );
    // What the line says beside usages without a cost is what all of them cost.
    let line = |more: &str| {
        let usage = r#"{"prompt_tokens":30,"completion_tokens":3}"#;
        format!(r#"{{"total_cost":0.1,"usage_by_model":{{"gpt-4o":{usage}{more}}}}}"#)
    };
    assert_eq!(records(&line("")), ["input 30, output 3, cache?, cost 0.1"]);
    let mut of_all = Vec::new();
    let two = line(r#","o3":{"prompt_tokens":1,"completion_tokens":1}"#);
    let format = read(two.as_bytes(), &Options::default(), &mut |item| {
        if let Item::Record(record) = item {
            let cost = record.reported.map(|reported| reported.amount.to_string());
            of_all.push((record.totals.is_some(), cost));
        }
    });
    assert!(format.is_ok());
    assert_eq!(of_all, [(true, None), (true, None), (false, Some("0.1".to_owned()))]);
    let agent = r#"{"type":"span.model_request_end","model_usage":{"input_tokens":3,"cache_read_input_tokens":7,"output_tokens":1}}"#;
    assert_eq!(one(agent), "input 3, cache-read 7, output 1");
}

#[test]
fn sums_are_sums() {
    let mut shapes = Vec::new();
    for name in ["num_turns", "calls", "num_requests"] {
        let line = format!(r#"{{"{name}":12,"input_tokens":10,"output_tokens":5}}"#);
        read(line.as_bytes(), &Options::default(), &mut |item| {
            if let Item::Record(record) = item {
                shapes.push(format!("{:?} {}", record.shape, record.unread));
            }
        })
        .expect("readable");
    }
    assert_eq!(shapes, ["Sum { requests: Some(12) } "; 3]);
}
