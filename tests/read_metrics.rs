//! Metrics of OpenTelemetry: each request is counted once, in whatever order its points come, and what is not
//! known is said.

#[path = "read_support/mod.rs"]
mod support;

use serde_json::{Value, json};
use support::{Sums, read_text};
use tokreckon::read::{Item, Options, Problem, Skip, read, read_in_parallel};

const START: u64 = 1_771_000_000;

fn attributes(pairs: &[(&str, &str)]) -> Value {
    let pair = |(key, value): &(&str, &str)| json!({"key": key, "value": {"stringValue": value}});
    Value::Array(pairs.iter().map(pair).collect())
}

/// A point that ends so many minutes after the start.
fn point(labels: &[(&str, &str)], minutes: u64, value: u64) -> Value {
    json!({
        "attributes": attributes(labels), "asInt": value.to_string(),
        "startTimeUnixNano": format!("{START}000000000"),
        "timeUnixNano": format!("{}000000000", START + 60 * minutes),
    })
}

/// A line with one metric of a service: `temporality` 1 is growth, 2 the sum since the start.
fn metric(service: &str, name: &str, temporality: u64, points: &[Value]) -> String {
    let data = json!({"aggregationTemporality": temporality, "dataPoints": points});
    line(service, &json!({"name": name, "sum": data}))
}

fn line(service: &str, metric: &Value) -> String {
    json!({"resourceMetrics": [{
        "resource": {"attributes": attributes(&[("service.name", service)])},
        "scopeMetrics": [{"metrics": [metric]}],
    }]})
    .to_string()
        + "\n"
}

fn claude(kind: &str, minutes: u64, value: u64) -> Value {
    point(&[("type", kind), ("model", "claude-sonnet-4-5")], minutes, value)
}

fn of_conventions(model: &str, kind: &str, value: u64) -> Value {
    point(&[("gen_ai.token.type", kind), ("gen_ai.request.model", model)], 1, value)
}

/// An event of Claude Code, so many seconds after the start.
fn event(service: &str, seconds: u64, [input, output]: [u64; 2]) -> String {
    let count = |name: &str, value: u64| json!({"key": name, "value": {"intValue": value}});
    let mut pairs = vec![count("input_tokens", input), count("output_tokens", output)];
    pairs.push(json!({"key": "model", "value": {"stringValue": "claude-sonnet-4-5"}}));
    json!({"resourceLogs": [{
        "resource": {"attributes": attributes(&[("service.name", service)])},
        "scopeLogs": [{"logRecords": [{
            "timeUnixNano": format!("{}000000000", START + seconds),
            "body": {"stringValue": "claude_code.api_request"}, "attributes": pairs,
        }]}],
    }]})
    .to_string()
        + "\n"
}

/// Input, output, and what was not read of each record.
fn told(text: &str) -> (u64, u64, Vec<String>) {
    let sums = read_text(text);
    let mut unread = Vec::new();
    read(text.as_bytes(), &Options::default(), &mut |item| {
        if let Item::Record(record) = item {
            unread.push(record.unread.to_owned());
        }
    })
    .expect("readable");
    (sums.input, sums.output, unread)
}

fn problems(sums: &Sums) -> Vec<&'static str> {
    sums.rejects.iter().map(|reject| reject.problem.code()).collect()
}

const TOKENS: &str = "claude_code.token.usage";
const GEN_AI: &str = "gen_ai.client.token.usage";

#[test]
fn a_program_and_the_conventions_say_one_thing() {
    let own = |kind| point(&[("type", kind), ("model", "gemini-2.5-flash")], 1, 100);
    let own = metric("gemini-cli", "gemini_cli.token.usage", 2, &[own("input"), own("output")]);
    let same = [of_conventions("gemini-2.5-flash", "input", 100)];
    let repeated = metric("gemini-cli", GEN_AI, 2, &same);
    let sums = read_text(&format!("{own}{repeated}"));
    assert_eq!((sums.records, sums.input, sums.output), (1, 100, 100));
    assert_eq!(sums.skipped(Skip::RepeatsItsParts), 1);
    // Another service, and another model of the same one, are not stated by the program.
    for other in [
        metric("own", GEN_AI, 2, &same),
        metric("gemini-cli", GEN_AI, 2, &[of_conventions("gpt-4o-mini", "input", 100)]),
    ] {
        assert_eq!(read_text(&format!("{own}{other}")).input, 200);
    }
}

#[test]
fn sums_give_way_to_the_requests_that_they_repeat() {
    let sums = [claude("input", 1, 10), claude("output", 1, 5)];
    let sums = metric("claude-code", TOKENS, 2, &sums);
    let event = |service| event(service, 30, [10, 5]);
    assert_eq!(told(&format!("{sums}{}", event("claude-code"))), (10, 5, vec![String::new()]));
    assert_eq!(told(&format!("{}{sums}", event("claude-code"))), (10, 5, vec![String::new()]));
    // An event of another service states nothing of this one.
    let other = told(&format!("{sums}{}", event("elsewhere")));
    assert_eq!((other.0, other.1, other.2.len()), (20, 10, 2));
}

#[test]
fn what_sums_hold_beyond_their_requests_counts() {
    let points = [claude("input", 1, 6), claude("input", 2, 25), claude("output", 2, 5)];
    let sums = metric("claude-code", TOKENS, 2, &points);
    let open = "how much of the sums the requests repeat".to_owned();
    let text = format!("{sums}{}", event("claude-code", 30, [10, 5]));
    assert_eq!(told(&text), (25, 5, vec![String::new(), open]));
    // A request after the last point is in none of the sums.
    let text = text + &event("claude-code", 900, [15, 0]);
    assert_eq!(told(&text).0, 40);
}

#[test]
fn spans_of_a_file_count_for_its_metrics_too() {
    let span = |at: u64| {
        let counts = json!([
            {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "10"}},
            {"key": "gen_ai.usage.output_tokens", "value": {"intValue": "1"}},
            {"key": "gen_ai.response.model", "value": {"stringValue": "gpt-4o"}},
        ]);
        let time = format!("{}000000000", START + at);
        let span =
            json!({"spanId": format!("{at:016}"), "startTimeUnixNano": time, "attributes": counts});
        json!({"resourceSpans": [{
            "resource": {"attributes": attributes(&[("service.name", "own")])},
            "scopeSpans": [{"spans": [span]}],
        }]})
        .to_string()
            + "\n"
    };
    let spans: String = (0..40).map(span).collect();
    let points = [of_conventions("gpt-4o", "input", 400), of_conventions("gpt-4o", "output", 40)];
    let text = spans + &metric("own", GEN_AI, 2, &points);
    let sums = read_text(&text);
    assert_eq!((sums.records, sums.input, sums.output), (40, 400, 40));
    let count = |count: &mut u64, item: Item<'_>| {
        *count += u64::from(matches!(item, Item::Record(_)));
    };
    let read = read_in_parallel(text.as_bytes(), &Options::default(), 3, &|| 0, &count);
    let (_, counts) = read.expect("readable");
    assert_eq!(counts.iter().sum::<u64>(), 40);
}

#[test]
fn points_come_in_any_order() {
    let points: Vec<Value> = (1..=6).map(|at| claude("input", at, 10 * at)).collect();
    let forward = metric("a", TOKENS, 2, &points);
    let mut backward = points.clone();
    backward.reverse();
    backward.push(claude("input", 3, 30));
    let backward = metric("a", TOKENS, 2, &backward);
    assert_eq!((told(&forward).0, told(&backward).0), (60, 60));
    assert_eq!(read_text(&backward).skipped(Skip::NoGrowth), 1, "a point twice is said");
    // A sum that falls under one start contradicts itself; where no start is said it began anew.
    let falls = metric("a", TOKENS, 2, &[claude("input", 1, 50), claude("input", 2, 20)]);
    let sums = read_text(&falls);
    assert_eq!((sums.input, problems(&sums)), (50, vec!["disagree"]));
    let anew = falls.replace(&format!("{START}000000000"), "0");
    assert_eq!((read_text(&anew).input, read_text(&anew).rejects.len()), (70, 0));
}

#[test]
fn growth_that_is_sent_again_counts_once() {
    let again = [claude("input", 1, 7), claude("input", 1, 7), claude("input", 2, 7)];
    let sums = read_text(&metric("a", TOKENS, 1, &again));
    assert_eq!((sums.input, sums.skipped(Skip::NoGrowth)), (14, 1));
}

#[test]
fn families_are_told_apart() {
    let labels = [("type", "input"), ("model", "m")];
    let text = metric("a", TOKENS, 2, &[point(&labels, 1, 10)])
        + &metric("a", "gemini_cli.token.usage", 2, &[point(&labels, 1, 20)]);
    assert_eq!((read_text(&text).records, read_text(&text).input), (2, 30));
}

#[test]
fn sums_that_are_left_out_are_unknown() {
    let histogram = |points: &[Value]| {
        let data = json!({"aggregationTemporality": 2, "dataPoints": points});
        line("own", &json!({"name": GEN_AI, "histogram": data}))
    };
    let mut open = of_conventions("gpt-4o", "output", 0);
    let fields = open.as_object_mut().expect("a point");
    fields.remove("asInt");
    fields.insert("count".to_owned(), json!("3"));
    let input = of_conventions("gpt-4o", "input", 50);
    let unread = format!("{GEN_AI}.sum");
    assert_eq!(told(&histogram(&[input, open.clone()])), (50, 0, vec![unread]));
    let alone = read_text(&histogram(&[open.clone()]));
    assert_eq!((alone.records, problems(&alone)), (0, vec!["no-usage-reported"]));
    // Nothing is nothing.
    open["count"] = json!("0");
    assert_eq!(read_text(&histogram(&[open])).rejects, []);
}

#[test]
fn metrics_that_nobody_knows_are_said() {
    let known = metric("codex", TOKENS, 2, &[claude("input", 1, 10)]);
    for (name, said) in [
        ("codex.turn.token_usage", true),
        ("agent.cost", true),
        ("process.memory.usage", false),
        ("codex.tool.call", false),
        ("gemini_cli.token.efficiency", false),
    ] {
        let unknown = metric("codex", name, 2, &[point(&[], 1, 9)]);
        let alone = read_text(&unknown);
        assert_eq!(alone.rejects.len(), usize::from(said), "{name}");
        let unread = if said { name } else { "" };
        assert_eq!(told(&format!("{known}{unknown}")), (10, 0, vec![unread.to_owned()]), "{name}");
        let zero = metric("codex", name, 2, &[point(&[], 1, 0)]);
        assert_eq!(read_text(&zero).rejects.len(), 0, "{name}");
    }
    // By the unit as well.
    let data = json!({"aggregationTemporality": 2, "dataPoints": [point(&[], 1, 9)]});
    let by_unit = line("codex", &json!({"name": "agent.work", "unit": "{token}", "sum": data}));
    assert_eq!(read_text(&by_unit).rejects.len(), 1);
}

#[test]
fn what_cannot_be_read_is_refused() {
    let good = metric("a", TOKENS, 2, &[claude("input", 1, 10)]);
    for (from, to, code) in [
        ("\"aggregationTemporality\":2", "\"aggregationTemporality\":0", "not-a-word"),
        ("\"timeUnixNano\":\"1771000060000000000\"", "\"timeUnixNano\":\"soon\"", "not-a-time"),
        ("\"asInt\":\"10\"", "\"asInt\":\"10.5\"", "not-a-count"),
        ("\"stringValue\":\"input\"", "\"stringValue\":\"lunar\"", "not-a-word"),
        ("\"key\":\"model\"", "\"key\":\"type\"", "not-json"),
    ] {
        assert!(good.contains(from), "{from}: {good}");
        let sums = read_text(&good.replace(from, to));
        assert_eq!((sums.records, problems(&sums)), (0, vec![code]), "{to}");
    }
    let twice = Problem::NotJson { message: "`type` stands twice in one object".to_owned() };
    assert_eq!(
        read_text(&good.replace("\"key\":\"model\"", "\"key\":\"type\"")).rejects[0].problem,
        twice
    );
    let most = [claude("input", 1, u64::MAX), claude("tool", 1, 1)];
    let most = read_text(&metric("a", TOKENS, 2, &most));
    assert_eq!((most.input, problems(&most)), (u64::MAX, vec!["not-a-count"]));
}

#[test]
fn fast_mode_and_sessions_are_read() {
    let labels =
        [("type", "input"), ("model", "claude-opus-4-6"), ("speed", "fast"), ("session.id", "s")];
    let text = metric("a", TOKENS, 2, &[point(&labels, 1, 10)]);
    let mut found = Vec::new();
    let mut note = |text: &str| {
        read(text.as_bytes(), &Options::default(), &mut |item| {
            if let Item::Record(record) = item {
                found.push(format!(
                    "{:?} {} [{}]",
                    record.service_tier, record.origin.session, record.unread
                ));
            }
        })
        .expect("readable");
    };
    note(&text);
    note(&text.replace("\"fast\"", "\"lunar\""));
    assert_eq!(found, ["Is(Fast) s []", "Is(Standard) s [speed]"]);
}
