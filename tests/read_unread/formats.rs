//! The law over every format: an unknown member that may count, in whatever example of a format, leaves no
//! answer exact. Examples are the fixtures, and every text of JSON or of a table that a test of readers
//! holds: who adds a format with an example adds it to the law.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};
use tokreckon::read::{Format, Item, Options, read};

/// Formats of costs alone, where nothing is priced: what they cost is as they write it.
const OF_COSTS: [Format; 8] = [
    Format::OpenAiCost,
    Format::AnthropicCost,
    Format::DeepSeekCost,
    Format::AzureCost,
    Format::AwsCur,
    Format::GoogleBilling,
    Format::Focus,
    Format::PlainCost,
];

/// Examples of formats that have none elsewhere.
const EXAMPLES: [&str; 10] = [
    "generation_id,created_at,cost_total,cost_web_search,cost_cache,cost_file_processing,byok_usage_inference,tokens_prompt,tokens_completion,tokens_reasoning,tokens_cached,model_permaslug,provider_name,variant,cancelled\ngen-1,2026-06-28 00:00:01.004,0.00000702,0,0,0,0,33,7,0,0,openai/gpt-4o,OpenAI,standard,false\n",
    r#"{"data":[{"date":"2026-06-27","model":"openai/gpt-4.1","model_permaslug":"openai/gpt-4.1-2025-04-14","endpoint_id":"e","provider_name":"OpenAI","usage":0.006656,"byok_usage_inference":0,"requests":1,"prompt_tokens":2048,"completion_tokens":512,"reasoning_tokens":0}]}"#,
    r#"{"data":[{"id":2,"user_id":7,"created_at":1748829620,"type":2,"content":"","username":"u","token_name":"app","model_name":"o1-mini","quota":600,"prompt_tokens":100,"completion_tokens":5,"request_id":"r","elapsed_time":10,"is_stream":false,"system_prompt_reset":false}]}"#,
    r#"{"data":{"items":[{"id":2,"user_id":7,"created_at":1748829620,"type":2,"content":"","username":"u","token_name":"app","model_name":"o1-mini","quota":600,"prompt_tokens":100,"completion_tokens":5,"use_time":1,"is_stream":false,"group":"default","other":"{}"}]}}"#,
    r#"{"data":[{"created":"2026-07-02T23:59:59.999Z","status":"succeeded","model":"openai/gpt-5","cost":{"usd":0.03,"credits":60000},"tokens":{"input":1200,"output":3400,"total":4600},"request_id":"r","inference_id":"i"}]}"#,
    "Date,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost\n2026-03-11T15:20:31.907Z,On-Demand,gpt-5,No,0,12,3020,640,3672,0.05\n",
    "date,username,product,sku,model,quantity,unit_type,applied_cost_per_quantity,gross_amount,discount_amount,net_amount,input,output,cache_read,cache_write\n2026-09-20,u,copilot,copilot_ai_credit,Claude Sonnet 4.5,10,ai-credits,0.01,0.1,0.1,0,1000,100,5000,20\n",
    r#"{"id":"m1","sessionID":"s","role":"assistant","modelID":"gpt-5","providerID":"openai","cost":0.01,"path":{"cwd":"/w"},"time":{"created":1771000000000},"tokens":{"total":375,"input":10,"output":20,"reasoning":5,"cache":{"read":300,"write":40}}}"#,
    r#"{"schema_version":"ATIF-v1.4","session_id":"s","agent":{"name":"a","version":"1","model_name":"openai/gpt-4o"},"steps":[{"step_id":1,"timestamp":"2026-01-15T14:00:03Z","source":"agent","metrics":{"prompt_tokens":700,"completion_tokens":60,"cached_tokens":500}}]}"#,
    r#"{"model":"gpt-oss:20b","created_at":"2026-01-15T14:00:03Z","done":true,"prompt_eval_count":26,"eval_count":298}"#,
];

/// Formats whose counts stand in rows or in texts of their own: an example, and the same with an unknown
/// count in it.
const OF_ANOTHER_FORM: [(Format, &str, &str); 2] = [
    (
        Format::DeepSeekUsage,
        "user_id,utc_date,model,api_key_name,api_key,type,price,amount\nu,2025-06-03,deepseek-chat,k,sk,input_cache_hit_tokens,0.0000005,64000\nu,2025-06-03,deepseek-chat,k,sk,output_tokens,0.000002,12\n",
        "user_id,utc_date,model,api_key_name,api_key,type,price,amount\nu,2025-06-03,deepseek-chat,k,sk,input_cache_hit_tokens,0.0000005,64000\nu,2025-06-03,deepseek-chat,k,sk,holographic_tokens,0.000002,12\n",
    ),
    (
        Format::Cline,
        r#"[{"ts":1771000001000,"type":"say","say":"api_req_started","text":"{\"request\":\"x\",\"tokensIn\":10,\"tokensOut\":5,\"cost\":0.002}"}]"#,
        r#"[{"ts":1771000001000,"type":"say","say":"api_req_started","text":"{\"request\":\"x\",\"tokensIn\":10,\"tokensOut\":5,\"holographic_tokens\":7,\"cost\":0.002}"}]"#,
    ),
];

#[test]
fn an_unknown_count_in_a_row_or_a_text_is_named_or_refused() {
    // A kind of tokens that nobody knows, of a metric.
    let metrics = include_str!("../fixtures/read/otlp-metrics.jsonl");
    let of_metrics = metrics.replace("\"cacheRead\"", "\"holographic_tokens\"");
    let metrics = (Format::OtlpMetrics, metrics, &*of_metrics);
    for (format, known, unknown) in OF_ANOTHER_FORM.into_iter().chain([metrics]) {
        let [known, unknown] = [known, unknown].map(|text| found(text).expect("a format"));
        assert_eq!((known.format, known.named, known.rejects), (format, 0, 0));
        assert!(known.counted > 0 && (unknown.named > 0 || unknown.rejects > 0), "{unknown:?}");
    }
}

/// Every text that may be an example: files, and raw strings in the tests of readers.
fn texts() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests");
    let own = EXAMPLES.iter().enumerate();
    let own = own.map(|(at, text)| (format!("example {}", at + 1), (*text).to_owned()));
    let mut found: BTreeMap<String, String> = own.collect();
    let mut folders = vec![root.join("fixtures"), root.join("examples")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                found.insert(path.display().to_string(), text);
            }
        }
    }
    for entry in std::fs::read_dir(&root).expect("the tests") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
        if !name.starts_with("read_") || path.is_dir() {
            continue;
        }
        let source = std::fs::read_to_string(&path).expect("a source");
        for (at, raw) in source.split("r#\"").skip(1).enumerate() {
            let text = raw.split("\"#").next().unwrap_or("");
            found.insert(format!("{name}, raw string {}", at + 1), text.to_owned());
        }
    }
    found
}

/// What a text comes to: its format, how many records, of how many an unknown member is named, and how
/// many rows were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    format: Format,
    records: usize,
    counted: usize,
    /// Of how many an unknown member is named.
    named: usize,
    rejects: usize,
    /// What is read of the records, as text.
    counts: String,
}

fn found(text: &str) -> Option<Found> {
    let (mut records, mut counted, mut named, mut rejects) = (0, 0, 0, 0);
    let mut counts = String::new();
    let options = Options { provider: "openai", ..Options::default() };
    let outcome = read(text.as_bytes(), &options, &mut |item| match item {
        Item::Record(record) => {
            records += 1;
            let _ = writeln!(counts, "{:?}", record.totals);
            counted += usize::from(record.totals.is_some());
            let is_named =
                |name: &&str| record.unread.contains(*name) || record.unread.ends_with("and more");
            named += usize::from(UNKNOWN.iter().any(is_named));
        }
        Item::Reject(_) => rejects += 1,
        _ => {}
    });
    outcome.ok().map(|format| Found { format, records, counted, named, rejects, counts })
}

/// Members that no reader knows, as they may come tomorrow.
const UNKNOWN: [&str; 3] = ["holographic_tokens", "cachedThoughtTokens", "lunar_search_units"];

/// True for the name of a count of tokens, or of what holds such counts.
fn counts_tokens(name: &str) -> bool {
    name.to_ascii_lowercase().contains("token")
}

/// Objects that hold counts, and lists of attributes of which one is a count, by their paths.
fn places(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            let is_count =
                |(name, value): (&String, &Value)| counts_tokens(name) && value.is_number();
            let is_held = counts_tokens(path.rsplit('/').next().unwrap_or(""))
                && object.values().any(Value::is_number);
            if object.iter().any(is_count) || is_held {
                found.push(path.to_owned());
            }
            for (name, value) in object {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(value, &format!("{path}/{name}"), found);
            }
        }
        Value::Array(values) => {
            let key = |value: &Value| value.get("key")?.as_str().map(counts_tokens);
            if values.iter().any(|value| key(value) == Some(true)) {
                found.push(path.to_owned());
            }
            for (at, value) in values.iter().enumerate() {
                places(value, &format!("{path}/{at}"), found);
            }
        }
        _ => {}
    }
}

/// The texts with one unknown member more where counts are read, each with where it is.
fn with_unknown_members(text: &str, whole: &Found) -> Vec<(String, String)> {
    let documents: Vec<Value> = serde_json::Deserializer::from_str(text)
        .into_iter::<Value>()
        .map_while(Result::ok)
        .collect();
    let mut changed = Vec::new();
    for (at, document) in documents.iter().enumerate() {
        let mut paths = Vec::new();
        places(document, "", &mut paths);
        let with = |change: &dyn Fn(&mut Value), path: &str| {
            let mut document = document.clone();
            change(document.pointer_mut(path).expect("a path"));
            let lines = documents.iter().enumerate();
            let lines = lines.map(|(other, line)| if other == at { &document } else { line });
            lines.map(Value::to_string).collect::<Vec<_>>().join("\n")
        };
        for (turn, path) in paths.into_iter().enumerate() {
            // A request, a row that is no usage, a repetition: other counts there change nothing.
            let other = found(&with(&count_more, &path));
            if other.is_some_and(|other| {
                (&other.counts, other.rejects) == (&whole.counts, whole.rejects)
            }) {
                continue;
            }
            let name = UNKNOWN[turn % UNKNOWN.len()];
            changed.push((
                format!("{path} of document {}", at + 1),
                with(&|value| insert(value, name), &path),
            ));
        }
    }
    changed
}

/// Puts an unknown count into an object, or into a list of attributes with the names of its others.
fn insert(place: &mut Value, name: &str) {
    let prefix = |names: &mut dyn Iterator<Item = &str>| {
        let mut known = names.filter(|key| counts_tokens(key));
        let prefix = known.find_map(|key| Some(key.rsplit_once('.')?.0.to_owned()));
        prefix.map_or(String::new(), |prefix| format!("{prefix}."))
    };
    match place {
        Value::Object(object) => {
            let prefix = prefix(&mut object.keys().map(String::as_str));
            object.insert(format!("{prefix}{name}"), json!(7));
        }
        Value::Array(values) => {
            let prefix = prefix(&mut values.iter().filter_map(|value| value.get("key")?.as_str()));
            values.push(json!({"key": format!("{prefix}{name}"), "value": {"intValue": "7"}}));
        }
        _ => {}
    }
}

/// Adds a thousand to every count that stands in an object or in a list of attributes.
fn count_more(place: &mut Value) {
    let more = |value: &mut Value| {
        // One may be a flag.
        if let Some(count) = value.as_u64().filter(|count| *count > 1) {
            *value = json!(count + 1000);
        } else if let Some(count) = value.as_str().and_then(|text| text.parse::<u64>().ok()) {
            *value = json!((count + 1000).to_string());
        }
    };
    match place {
        Value::Object(object) => object.values_mut().for_each(more),
        Value::Array(values) => {
            let inner =
                values.iter_mut().filter_map(|value| value.get_mut("value")?.as_object_mut());
            inner.for_each(|value| value.values_mut().for_each(more));
        }
        _ => {}
    }
}

/// A table with one unknown column more.
fn with_unknown_columns(text: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let delimiter =
        |line: &str| [';', '\t', '|', ','].into_iter().find(|sign| line.contains(*sign));
    let with = |header: usize, name: &str| {
        let of = |(at, line): (usize, &&str)| match (at.cmp(&header), delimiter(lines[header])) {
            (_, None) | (std::cmp::Ordering::Less, _) => (*line).to_owned(),
            _ if line.is_empty() => String::new(),
            (std::cmp::Ordering::Equal, Some(sign)) => format!("{line}{sign}{name}"),
            (std::cmp::Ordering::Greater, Some(sign)) => format!("{line}{sign}7"),
        };
        lines.iter().enumerate().map(of).collect::<Vec<_>>().join("\n")
    };
    let headers = 0..lines.len().min(10);
    headers.flat_map(|at| UNKNOWN.map(|name| (format!("column {name}"), with(at, name)))).collect()
}

#[test]
fn an_unknown_count_in_any_example_of_any_format_is_named() {
    let mut tried: BTreeMap<Format, usize> = BTreeMap::new();
    let mut broken = BTreeSet::new();
    for (place, text) in texts() {
        let Some(whole) = found(&text).filter(|whole| whole.counted > 0) else { continue };
        let is_json = text.trim_start().starts_with(['{', '[']);
        let changed =
            if is_json { with_unknown_members(&text, &whole) } else { with_unknown_columns(&text) };
        let mut is_named = BTreeMap::new();
        for (what, text) in changed {
            let Some(now) = found(&text) else { continue };
            *tried.entry(whole.format).or_default() += 1;
            let is_refused = now.rejects > whole.rejects || now.records < whole.records;
            *is_named.entry(what).or_insert(false) |= now.named > 0 || is_refused && is_json;
        }
        let unnamed = is_named.into_iter().filter(|(_, is_named)| !is_named);
        broken.extend(unnamed.map(|(what, _)| format!("{} {place}: {what}", whole.format.name())));
    }
    let missing: Vec<&str> = Format::ALL
        .into_iter()
        .filter(|format| !OF_COSTS.contains(format) && !tried.contains_key(format))
        .filter(|format| !OF_ANOTHER_FORM.iter().any(|(other, ..)| other == format))
        .filter(|format| *format != Format::OtlpMetrics)
        .map(Format::name)
        .collect();
    let broken: Vec<String> = broken.into_iter().collect();
    assert!(broken.is_empty(), "{} are not named:\n{}", broken.len(), broken.join("\n"));
    assert_eq!(missing, [""; 0], "formats without an example");
}
