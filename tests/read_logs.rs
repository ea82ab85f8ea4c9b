//! Logs of programs that run agents or tests: each with a session of its own shape and the right counts.

#[path = "read_support/mod.rs"]
mod support;

use std::collections::BTreeSet;

use support::{Sums, counts, read_all, records};
use tokreckon::read::{Format, Item, Options, ReadError, Skip, read};

fn sums(text: &str) -> Sums {
    read_all(&[text.as_bytes()], &Options::default(), true)
}

#[test]
fn gemini_cli() {
    let line = r#"{"id":"g1","timestamp":"2026-04-23T12:53:11Z","type":"gemini","content":"","tokens":{"input":139,"output":18,"cached":30,"thoughts":6,"tool":4,"total":167},"model":"gemini-3-flash-preview"}"#;
    let head =
        r#"{"sessionId":"s","projectHash":"abc","startTime":"2026-04-23T12:52:52Z","kind":"main"}"#;
    let user = r#"{"id":"u1","timestamp":"2026-04-23T12:53:10Z","type":"user","content":"hi"}"#;
    let text = format!("{head}\n{user}\n{line}\n{line}\n");
    assert_eq!(counts(&text), (Format::GeminiCli, 1, [143, 30, 0, 18, 6]));
    let whole = format!(r#"{{"sessionId":"s","projectHash":"abc","messages":[{user},{line}]}}"#);
    assert_eq!(counts(&whole), (Format::GeminiCli, 1, [143, 30, 0, 18, 6]));
    assert_eq!(records(&whole), ["google/gemini-3-flash-preview []"]);
}

#[test]
fn qwen_code() {
    let text = r#"{"uuid":"a","parentUuid":null,"sessionId":"s","timestamp":"2026-04-23T12:53:11Z","type":"user","cwd":"/w","message":{"role":"user","parts":[{"text":"hi"}]}}
{"uuid":"b","sessionId":"s","timestamp":"2026-04-23T12:53:12Z","type":"assistant","cwd":"/w","model":"qwen3-coder-plus","message":{"role":"model","parts":[]},"usageMetadata":{"promptTokenCount":100,"candidatesTokenCount":20,"thoughtsTokenCount":5,"totalTokenCount":120,"cachedContentTokenCount":60}}
"#;
    assert_eq!(counts(text), (Format::QwenCode, 1, [100, 60, 0, 20, 5]));
}

#[test]
fn kimi_cli() {
    let text = r#"{"timestamp":1771000000.5,"message":{"type":"TurnBegin","payload":{"user_input":"hi"}}}
{"timestamp":1771000002.5,"message":{"type":"StatusUpdate","payload":{"context_usage":0.1,"token_usage":{"input_other":10,"output":4,"input_cache_read":90,"input_cache_creation":0},"message_id":"m1"}}}
"#;
    assert_eq!(counts(text), (Format::KimiCli, 1, [10, 90, 0, 4, 0]));
}

#[test]
fn copilot_cli() {
    let text = r#"{"type":"session.start","data":{"sessionId":"s"},"id":"e0","timestamp":"2026-04-22T09:00:00.000Z"}
{"type":"session.shutdown","data":{"modelMetrics":{"claude-sonnet-4.6":{"requests":{"count":12,"cost":12},"usage":{"inputTokens":500,"outputTokens":9,"cacheReadTokens":450,"cacheWriteTokens":20}},"gpt-5":{"requests":{"count":1,"cost":0},"usage":{"inputTokens":10,"outputTokens":1,"cacheReadTokens":0}}}},"id":"e1","timestamp":"2026-04-22T10:00:00.000Z"}
"#;
    assert_eq!(counts(text), (Format::CopilotCli, 2, [510, 450, 20, 10, 0]));
    assert_eq!(records(text), ["github-copilot/claude-sonnet-4.6 []", "github-copilot/gpt-5 []"]);
}

#[test]
fn opencode() {
    let tokens = r#"{"input":10,"output":20,"reasoning":5,"cache":{"read":300,"write":40}}"#;
    let message = format!(
        r#"{{"id":"m1","sessionID":"s","role":"assistant","modelID":"claude-sonnet-4-5","providerID":"anthropic","cost":0.01,"path":{{"cwd":"/w"}},"time":{{"created":1771000000000}},"tokens":{tokens}}}"#
    );
    assert_eq!(counts(&message), (Format::OpenCode, 1, [10, 300, 40, 20, 5]));
    let unsure = "anthropic/claude-sonnet-4-5 [whether the output count includes reasoning]";
    assert_eq!(records(&message), [unsure]);
    let total = message.replace(r#""input":10"#, r#""total":375,"input":10"#);
    assert_eq!(records(&total), ["anthropic/claude-sonnet-4-5 []"]);
    let export = format!(
        r#"{{"info":{{"id":"s"}},"messages":[{{"info":{{"id":"u","sessionID":"s","role":"user"}}}},{{"info":{total},"parts":[]}}]}}"#
    );
    assert_eq!(counts(&export).2, [10, 300, 40, 20, 5]);
}

#[test]
fn pi() {
    let text = r#"{"type":"session","version":3,"id":"x","timestamp":"2026-06-29T08:52:45Z","cwd":"/w"}
{"type":"model_change","id":"a","timestamp":"2026-06-29T08:52:45Z","provider":"anthropic","modelId":"claude-opus-4-8"}
{"type":"message","id":"b","timestamp":"2026-06-29T08:52:58Z","message":{"role":"assistant","content":[],"provider":"anthropic","model":"claude-opus-4-8","usage":{"input":2,"output":487,"cacheRead":8801,"cacheWrite":1914,"totalTokens":11204,"cost":{"total":0.028548},"cacheWrite1h":14},"timestamp":1782723170701,"responseId":"msg_01"}}
"#;
    assert_eq!(counts(text), (Format::Pi, 1, [2, 8801, 1914, 487, 0]));
    let sums = sums(text);
    assert_eq!((sums.cache_write_5m, sums.cache_write_1h), (1900, 14));
    assert_eq!(sums.cost("USD"), "0.028548");
}

#[test]
fn cline() {
    let text = r#"[{"ts":1771000000000,"type":"say","say":"text","text":"hi"},
{"ts":1771000001000,"type":"say","say":"api_req_started","text":"{\"request\":\"x\",\"tokensIn\":10,\"tokensOut\":5,\"cacheWrites\":20,\"cacheReads\":300,\"cost\":0.002}","modelInfo":{"providerId":"anthropic","modelId":"claude-sonnet-4-5","mode":"act"}},
{"ts":1771000002000,"type":"say","say":"api_req_started","text":"{\"apiProtocol\":\"openai\",\"tokensIn\":310,\"tokensOut\":5,\"cacheReads\":300}"},
{"ts":1771000003000,"type":"say","say":"api_req_started","text":"{\"request\":\"x\"}"}]"#;
    let sums = sums(text);
    assert_eq!((sums.formats[0], sums.records), (Format::Cline, 2));
    assert_eq!((sums.input, sums.cache_read, sums.cache_write), (320, 600, 20));
    assert_eq!((sums.skipped(Skip::Failed), sums.cost("USD").as_str()), (1, "0.002"));
}

#[test]
fn aider() {
    let text = r#"{"event":"launched","properties":{},"user_id":"u","time":1723000000}
{"event":"message_send","properties":{"main_model":"claude-3-5-sonnet-20240620","prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"cost":0.0006,"total_cost":0.5},"user_id":"u","time":1723000001}
"#;
    assert_eq!(counts(text), (Format::Aider, 1, [100, 0, 0, 20, 0]));
    assert_eq!(sums(text).cost("USD"), "0.0006");
}

#[test]
fn inspect_ai() {
    let text = r#"{"version":2,"status":"success","eval":{"run_id":"r","created":"2025-05-12T20:27:36-04:00","model":"openai/gpt-4o-mini"},"stats":{"started_at":"2025-05-12T20:27:36-04:00","completed_at":"2025-05-12T20:28:00-04:00","model_usage":{"openai/gpt-4o-mini":{"input_tokens":24323,"output_tokens":281,"total_tokens":24604,"input_tokens_cache_read":9088,"reasoning_tokens":0},"anthropic/claude-x":{"input_tokens":5,"output_tokens":2,"total_tokens":110,"input_tokens_cache_read":100,"input_tokens_cache_write":3}}},"samples":[]}"#;
    assert_eq!(counts(text), (Format::InspectAi, 2, [24328, 9188, 3, 283, 0]));
    assert_eq!(records(text), ["openai/gpt-4o-mini []", "anthropic/claude-x []"]);
}

#[test]
fn promptfoo() {
    let text = r#"{"evalId":"e","results":{"version":3,"timestamp":"2026-04-22T15:48:05.620Z","results":[{"cost":0.00000705,"provider":{"id":"openai:chat:gpt-4o-mini"},"response":{"output":"64","tokenUsage":{"total":44,"prompt":43,"completion":1},"cached":false}},{"provider":{"id":"openai:gpt-4o-mini"},"response":{"tokenUsage":{"total":44,"cached":44},"cached":true}}]}}"#;
    let sums = sums(text);
    assert_eq!((sums.formats[0], sums.records, sums.input), (Format::Promptfoo, 1, 43));
    assert_eq!(sums.skipped(Skip::AnsweredFromCache), 1);
    assert_eq!(records(text), ["openai/gpt-4o-mini []"]);
}

#[test]
fn bedrock_invocations() {
    let text = r#"{"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"2026-03-01T10:00:00Z","accountId":"000000000000","region":"us-east-1","requestId":"r1","operation":"InvokeModel","modelId":"anthropic.claude-sonnet-4-5-20250929-v1:0","input":{"inputTokenCount":10,"cacheReadInputTokenCount":200,"cacheWriteInputTokenCount":30},"output":{"outputTokenCount":5,"outputBodyJson":{"usage":{"input_tokens":10,"output_tokens":5,"cache_creation_input_tokens":30,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":30}}}}}"#;
    assert_eq!(counts(text), (Format::BedrockLog, 1, [10, 200, 30, 5, 0]));
    assert_eq!(sums(text).cache_write_1h, 30);
}

#[test]
fn langsmith() {
    let text = r#"{"id":"a","run_type":"chain","start_time":"2026-03-01T10:00:00","prompt_tokens":100,"completion_tokens":5,"total_tokens":105}
{"id":"b","run_type":"llm","start_time":"2026-03-01T10:00:00","prompt_tokens":100,"completion_tokens":5,"total_tokens":105,"total_cost":"0.01","extra":{"metadata":{"ls_provider":"openai","ls_model_name":"gpt-5","usage_metadata":{"input_tokens":100,"output_tokens":5,"total_tokens":105,"input_token_details":{"cache_read":60}}}}}
"#;
    assert_eq!(counts(text), (Format::LangSmith, 1, [100, 60, 0, 5, 0]));
    assert_eq!(records(text), ["openai/gpt-5 []"]);
}

#[test]
fn braintrust() {
    let text = r#"{"id":"a","span_id":"sa","created":"2026-03-01T10:00:01Z","span_attributes":{"type":"task","name":"answer"},"metrics":{"start":1772359200.5,"end":1772359201.5}}
{"id":"b","span_id":"sb","created":"2026-03-01T10:00:01Z","span_attributes":{"type":"llm","name":"Chat Completion"},"metadata":{"model":"gpt-4o","provider":"openai"},"metrics":{"start":1772359200.5,"end":1772359201.5,"time_to_first_token":0.4,"prompt_tokens":100,"completion_tokens":5,"tokens":105,"prompt_cached_tokens":60,"completion_reasoning_tokens":0,"estimated_cost":0.0002}}
{"id":"c","span_id":"sc","created":"2026-03-01T10:00:01Z","span_attributes":{"type":"llm"},"metadata":{"model":"gpt-4o"},"metrics":{"cached":1,"prompt_tokens":100,"completion_tokens":5}}
"#;
    assert_eq!(counts(text), (Format::Braintrust, 1, [100, 60, 0, 5, 0]));
    assert_eq!(records(text), ["openai/gpt-4o []"]);
    let skipped = sums(text);
    assert_eq!(skipped.skipped(Skip::AnsweredFromCache), 1);
    assert_eq!(skipped.skipped(Skip::NotUsage), 1);
}

#[test]
fn analytics_of_claude_code() {
    let text = r#"{"data":[{"date":"2025-10-20T00:00:00Z","actor":{"type":"user_actor","email_address":"a@example.com"},"organization_id":"o","customer_type":"api","terminal_type":"vscode","core_metrics":{"num_sessions":5},"tool_actions":{},"model_breakdown":[{"model":"claude-sonnet-4-5-20250929","tokens":{"input":1000,"output":50,"cache_read":200,"cache_creation":30},"estimated_cost":{"currency":"USD","amount":12}},{"model":"claude-haiku-4-5-20251001","tokens":{"input":10,"output":5,"cache_read":0,"cache_creation":0},"estimated_cost":{"currency":"USD","amount":1}}]},{"date":"2025-10-20T00:00:00Z","actor":{"type":"api_actor","api_key_name":"ci"},"organization_id":"o","model_breakdown":[]}],"has_more":false,"next_page":null}"#;
    assert_eq!(counts(text), (Format::ClaudeAnalytics, 2, [1010, 200, 30, 55, 0]));
    assert_eq!(sums(text).cost("USD"), "0.13", "cents");
}

#[test]
fn telemetry_of_claude_code() {
    let text = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1771000000000000000","body":{"stringValue":"claude_code.api_request"},"attributes":[{"key":"model","value":{"stringValue":"claude-sonnet-4-5"}},{"key":"input_tokens","value":{"stringValue":"10"}},{"key":"output_tokens","value":{"intValue":"5"}},{"key":"cache_read_tokens","value":{"intValue":"300"}},{"key":"cache_creation_tokens","value":{"intValue":"20"}},{"key":"cost_usd","value":{"doubleValue":0.01}}]},{"body":{"stringValue":"claude_code.user_prompt"}}]}]}]}"#;
    assert_eq!(counts(text), (Format::OtlpLogs, 1, [10, 300, 20, 5, 0]));
    let metrics = sums(r#"{"resourceMetrics":[]}"#);
    assert_eq!(metrics.skipped[&Skip::NotUsage], 1, "said, not passed over");
}

#[test]
fn what_claude_prints() {
    let init = r#"{"type":"system","subtype":"init","session_id":"s","model":"claude-sonnet-4-5"}"#;
    let message = r#"{"type":"assistant","message":{"model":"claude-sonnet-4-5","id":"msg_01","type":"message","role":"assistant","content":[],"stop_reason":null,"usage":{"input_tokens":20,"cache_creation_input_tokens":120,"cache_read_input_tokens":100,"cache_creation":{"ephemeral_5m_input_tokens":120,"ephemeral_1h_input_tokens":0},"output_tokens":1}},"session_id":"s"}"#;
    let result = r#"{"type":"result","subtype":"success","num_turns":2,"result":"Hello","session_id":"s","total_cost_usd":0.05,"usage":{"input_tokens":20,"output_tokens":390},"modelUsage":{"claude-sonnet-4-5":{"inputTokens":20,"outputTokens":390,"cacheReadInputTokens":100,"cacheCreationInputTokens":120,"webSearchRequests":0,"costUSD":0.05,"contextWindow":200000}}}"#;
    let whole = sums(&format!("{init}\n{message}\n{result}\n"));
    assert_eq!((whole.formats[0], whole.records, whole.joined), (Format::ClaudePrint, 1, 1));
    assert_eq!((whole.input, whole.cache_read, whole.cache_write_5m), (20, 100, 120));
    assert_eq!((whole.output, whole.cost("USD").as_str()), (390, "0.05"));
    assert_eq!(counts(result), (Format::ClaudePrint, 1, [20, 100, 120, 390, 0]));
    let cut = records(&format!("{init}\n{message}\n"));
    assert_eq!(cut, ["anthropic/claude-sonnet-4-5 [the rest of the output]"]);
}

#[test]
fn events_of_a_stream() {
    let text = r#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5","usage":{"input_tokens":25,"cache_read_input_tokens":7,"output_tokens":1}}}
{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}
{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}
{"type":"message_stop"}
"#;
    assert_eq!(counts(text), (Format::AnthropicStream, 1, [25, 7, 0, 15, 0]));
    let cut = text.lines().take(2).collect::<Vec<_>>().join("\n");
    assert_eq!(records(&cut), ["/claude-sonnet-4-5 [message_delta]"]);
}

#[test]
fn claude_code_of_2026() {
    let kinds =
        ["permission-mode", "queue-operation", "mode", "ai-title", "last-prompt", "tomorrow"];
    let mut text: String =
        kinds.map(|kind| format!("{{\"type\":\"{kind}\",\"sessionId\":\"s\"}}\n")).concat();
    let line = |model: &str, id: &str, cached: u64, output: u64, content: &str| {
        format!(
            r#"{{"type":"assistant","sessionId":"s","timestamp":"2026-05-04T13:33:27Z","message":{{"model":"{model}","id":"{id}","type":"message","content":[{{"type":"text","text":"{content}"}}],"stop_reason":null,"usage":{{"input_tokens":6,"cache_read_input_tokens":{cached},"output_tokens":{output}}}}}}}"#
        ) + "\n"
    };
    // Another model took over, and had read less.
    text.push_str(&line("claude-a", "msg_1", 9_000, 1, ""));
    text.push_str(&line("claude-b", "msg_1", 8_000, 260, "short"));
    text.push_str(&line("eu.anthropic.claude-a", "msg_bdrk_1", 0, 3, "one two three four five"));
    let sums = sums(&text);
    assert_eq!((sums.formats[0], sums.skipped(Skip::NotUsage)), (Format::ClaudeCode, 6));
    assert_eq!((sums.records, sums.duplicates(), sums.cache_read), (2, 1, 8_000));
    let unfinished = "the rest of the output (unfinished: no stop_reason)";
    let last = format!("aws-bedrock/eu.anthropic.claude-a [{unfinished}]");
    assert_eq!(records(&text)[2], last);
}

fn codex_event(total: [u64; 3], last: [u64; 3], more: &str) -> String {
    let usage = |[input, cached, output]: [u64; 3]| {
        let sum = input + output;
        format!(
            r#"{{"input_tokens":{input},"cached_input_tokens":{cached},"output_tokens":{output},"reasoning_output_tokens":0,"total_tokens":{sum}}}"#
        )
    };
    let (total, last) = (usage(total), usage(last));
    format!(
        r#"{{"timestamp":"2026-06-25T08:00:05Z","type":"event_msg","payload":{{"type":"token_count",{more}"info":{{"total_token_usage":{total},"last_token_usage":{last}}}}}}}"#
    ) + "\n"
}

fn codex_session(id: &str, forked_from: &str) -> String {
    format!(
        r#"{{"timestamp":"2026-06-25T08:00:00Z","type":"session_meta","payload":{{"id":"{id}",{forked_from}"cli_version":"0.140.0"}}}}
{{"timestamp":"2026-06-25T08:00:01Z","type":"turn_context","payload":{{"model":"gpt-5.5"}}}}
"#
    )
}

#[test]
fn codex_counters_fall() {
    let text = codex_session("a", "")
        + &codex_event([100, 0, 10], [100, 0, 10], "")
        + &codex_event([20, 0, 5], [20, 0, 5], "")
        + &codex_event([50, 10, 9], [30, 10, 4], "")
        + &codex_event([50, 10, 9], [30, 10, 4], "")
        // Rolled back to a state that was there before.
        + &codex_event([20, 0, 5], [20, 0, 5], "");
    assert_eq!(counts(&text), (Format::Codex, 3, [150, 10, 0, 19, 0]));
    assert_eq!(sums(&text).skipped(Skip::NoGrowth), 2);
}

#[test]
fn codex_forks_replay_their_parents() {
    let parent = codex_session("a", "")
        + &codex_event([10, 0, 1], [10, 0, 1], "")
        + &codex_event([30, 10, 3], [20, 10, 2], "");
    let fork = codex_session("b", r#""forked_from_id":"a","#)
        + &codex_event([10, 0, 1], [10, 0, 1], "").replace("08:00:05", "09:00:00")
        + &codex_event([30, 10, 3], [20, 10, 2], "").replace("08:00:05", "09:00:01")
        + &codex_event([60, 30, 4], [30, 20, 1], "").replace("08:00:05", "09:01:05");
    let files = [parent.as_bytes(), fork.as_bytes()];
    let sums = read_all(&files, &Options::default(), true);
    assert_eq!((sums.records, sums.input, sums.output), (3, 60, 4));
    // A session of its own that begins alike is no replay.
    let other = fork.replace(r#""forked_from_id":"a","#, "");
    let files = [parent.as_bytes(), other.as_bytes()];
    assert_eq!(read_all(&files, &Options::default(), true).input, 70);
}

#[test]
fn codex_records_and_tiers() {
    let record = r#"{"timestamp":"2026-09-06T08:00:05Z","type":"token_usage_record","payload":{"response_id":"resp_1","service_tier":"fast","usage":{"input_tokens":100,"cached_input_tokens":60,"cache_write_input_tokens":7,"output_tokens":2,"reasoning_output_tokens":1,"total_tokens":102}}}"#;
    let event = codex_event([100, 60, 2], [100, 60, 2], "")
        .replace(
            r#""cached_input_tokens":60"#,
            r#""cached_input_tokens":60,"cache_write_input_tokens":7"#,
        )
        .replace(r#""reasoning_output_tokens":0"#, r#""reasoning_output_tokens":1"#);
    let compaction = record.replace("resp_1", "resp_2").replace("60", "50");
    for text in
        [format!("{record}\n{event}{compaction}\n"), format!("{event}{record}\n{compaction}\n")]
    {
        let text = codex_session("a", "") + &text;
        assert_eq!(counts(&text), (Format::Codex, 2, [200, 110, 14, 4, 2]));
    }
    let settings = r#"{"timestamp":"2026-09-06T08:00:05Z","type":"event_msg","payload":{"type":"thread_settings_applied","thread_settings":{"model":"gpt-5.6-terra","service_tier":"priority"}}}"#;
    let text = format!("{settings}\n{}", codex_event([9, 0, 1], [9, 0, 1], ""));
    let mut tiers = BTreeSet::new();
    read(text.as_bytes(), &Options::default(), &mut |item| {
        if let Item::Record(record) = item {
            tiers.insert(format!("{} {:?}", record.model, record.service_tier));
        }
    })
    .expect("readable");
    assert_eq!(tiers.into_iter().collect::<Vec<_>>(), ["gpt-5.6-terra Is(Priority)"]);
}

#[test]
fn what_codex_prints() {
    let text = r#"{"type":"thread.started","thread_id":"t"}
{"type":"turn.started"}
{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"hi"}}
{"type":"turn.completed","usage":{"input_tokens":24763,"cached_input_tokens":24448,"output_tokens":122}}
"#;
    assert_eq!(counts(text), (Format::Codex, 1, [24763, 24448, 0, 122, 0]));
}

#[test]
fn streams_of_chunks_grow() {
    let chunk = |usage: &str| {
        format!(
            r#"{{"id":"c1","object":"chat.completion.chunk","model":"gpt-5","choices":[],"usage":{usage}}}"#
        ) + "\n"
    };
    let text = chunk("null")
        + &chunk(r#"{"prompt_tokens":100,"completion_tokens":1}"#)
        + &chunk(r#"{"prompt_tokens":100,"completion_tokens":200}"#);
    assert_eq!(counts(&text), (Format::UsageJson, 1, [100, 0, 0, 200, 0]));
    // A stream that ends without usage is a request whose cost is not known.
    let piece = |end: &str| {
        format!(
            r#"{{"id":"c2","object":"chat.completion.chunk","model":"gpt-5","choices":[{{"index":0,"delta":{{}},"finish_reason":{end}}}]}}"#
        ) + "\n"
    };
    let sums = sums(&(piece("null") + &piece("\"stop\"") + &text));
    assert_eq!((sums.records, sums.rejects.len()), (1, 1));
}

#[test]
fn what_is_not_known_is_said_once() {
    let text = "{\"event\":\"click\"}\n".repeat(30);
    let mut items = 0;
    let error = read(text.as_bytes(), &Options::default(), &mut |_| items += 1);
    let error = error.expect_err("nothing is known");
    assert!(matches!(error, ReadError::NothingRecognised { rows: 30 }), "{error}");
    assert_eq!(items, 0);
    let mixed = text + r#"{"usage":{"prompt_tokens":3,"completion_tokens":1}}"#;
    let sums = sums(&mixed);
    assert_eq!((sums.records, sums.rejects.len()), (1, 30));
}

#[test]
fn files_that_are_not_read_are_named() {
    for (start, what) in
        [(&b"PK\x03\x04\x14\0"[..], "ZIP"), (b"SQLite format 3\0", "SQLite"), (b"%PDF-1.7", "PDF")]
    {
        let error = read(start, &Options::default(), &mut |_| ()).expect_err("not read");
        assert!(error.to_string().contains(what), "{error}");
        assert!(error.hint().is_some(), "{error}");
    }
}

#[test]
fn pieces_of_streams_count_once() {
    // Each stream: its lines, records, input, cached, written, output, reasoning.
    let streams: [(&str, u64, [u64; 5]); 8] = [
        // Perplexity ends with a `done` that has the counts of the last piece once more.
        (
            r#"{"id":"a","object":"chat.completion.chunk","model":"sonar","choices":[{"delta":{"content":"x"},"finish_reason":null}],"usage":{"prompt_tokens":11,"completion_tokens":1,"total_tokens":12}}
{"id":"a","object":"chat.completion.chunk","model":"sonar","choices":[{"delta":{},"finish_reason":null}],"usage":{"prompt_tokens":11,"completion_tokens":434,"total_tokens":445}}
{"id":"a","object":"chat.completion.done","model":"sonar","choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":434,"total_tokens":445}}"#,
            1,
            [11, 0, 0, 434, 0],
        ),
        (
            r#"{"type":"response.created","response":{"id":"r","object":"response","model":"gpt-5-nano","usage":null}}
{"type":"response.output_text.delta","delta":"x"}
{"type":"response.completed","response":{"id":"r","object":"response","model":"gpt-5-nano","usage":{"input_tokens":9,"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2}}}}"#,
            1,
            [9, 0, 0, 5, 2],
        ),
        (
            r#"{"messageStart":{"role":"assistant"}}
{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"x"}}}
{"messageStop":{"stopReason":"end_turn"}}
{"metadata":{"metrics":{"latencyMs":9},"usage":{"inputTokens":8,"outputTokens":4,"totalTokens":12}}}"#,
            1,
            [8, 0, 0, 4, 0],
        ),
        (
            r#"{"type":"message-start","id":"m"}
{"type":"content-delta","delta":{"message":{"content":{"text":"x"}}}}
{"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":12,"output_tokens":7},"tokens":{"input_tokens":507,"output_tokens":10}}}}"#,
            1,
            [12, 0, 0, 7, 0],
        ),
        (
            r#"{"event_type":"interaction.created","interaction":{"id":"i"}}
{"event_type":"step.delta","index":0}
{"event_type":"interaction.completed","interaction":{"id":"i","object":"interaction","model":"gemini-2.5-flash","usage":{"total_tokens":1373,"total_input_tokens":22,"input_tokens_by_modality":[{"modality":"text","tokens":22}],"total_cached_tokens":0,"total_output_tokens":973,"total_tool_use_tokens":129,"tool_use_tokens_by_modality":[{"modality":"text","tokens":129}],"total_thought_tokens":249}}}"#,
            1,
            [151, 0, 0, 973, 249],
        ),
        // All pieces of a stream in one line; what a prompt would count is free.
        (
            r#"{"method":"countTokens","response":{"totalTokens":9}}
{"method":"generateContentStream","response":[{"candidates":[{}]},{"candidates":[{}],"usageMetadata":{"promptTokenCount":30,"candidatesTokenCount":1,"totalTokenCount":31}},{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":30,"candidatesTokenCount":8,"totalTokenCount":38}}]}
{"method":"generateContentStream","response":[{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":2,"totalTokenCount":7}}]}"#,
            2,
            [35, 0, 0, 10, 0],
        ),
        (
            r#"{"id":"c","model":"kimi-k3","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}
{"id":"c","model":"kimi-k3","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21,"cached_tokens":4}}"#,
            1,
            [9, 4, 0, 12, 0],
        ),
        (
            r#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","usage":{"input_tokens":2,"cache_creation_input_tokens":3068,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":3068,"ephemeral_1h_input_tokens":0},"output_tokens":69}}}
{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":4,"cache_creation_input_tokens":3337,"cache_read_input_tokens":3068,"output_tokens":120}}
{"type":"message_stop"}"#,
            1,
            [4, 3068, 3337, 120, 0],
        ),
    ];
    for (text, records, expected) in streams {
        let (_, found, expected_here) = counts(text);
        assert_eq!((found, expected_here), (records, expected), "{text}");
    }
}

#[test]
fn a_model_that_cannot_be_read_hides_no_other() {
    let usages = |bad: &str| {
        let good = r#"{"input_tokens":5,"output_tokens":1}"#;
        format!(r#"{{"a":{good},"b":{bad},"c":{good}}}"#)
    };
    let bad = r#"{"input_tokens":-5,"output_tokens":1}"#;
    let camel = |text: String| {
        text.replace("input_tokens", "inputTokens").replace("output_tokens", "outputTokens")
    };
    for text in [
        format!(r#"{{"eval":{{"run_id":"r"}},"stats":{{"model_usage":{}}}}}"#, usages(bad)),
        format!(r#"{{"usage_by_model":{}}}"#, usages(bad)),
        camel(format!(
            r#"{{"type":"result","subtype":"success","session_id":"s","modelUsage":{}}}"#,
            usages(bad)
        )),
        camel(format!(
            r#"{{"type":"session.shutdown","id":"e","timestamp":"2026-04-22T10:00:00Z","data":{{"modelMetrics":{}}}}}"#,
            usages(bad).replace(r#"{"i"#, r#"{"usage":{"i"#).replace(":1}", ":1}}")
        )),
    ] {
        let sums = sums(&text);
        assert_eq!((sums.records, sums.input, sums.rejects.len()), (2, 10, 1), "{text}");
    }
}
