//! Logs, metrics and spans of OpenTelemetry (OTLP JSON), a line each.

#![allow(dead_code, reason = "each test uses a part of it")]

#[path = "mod.rs"]
pub(crate) mod support;

use serde_json::{Value, json};
use support::{Sums, read_text};
use tokreckon::read::{Item, Options, read};

pub(crate) const START: u64 = 1_771_000_000;

pub(crate) fn attributes(pairs: &[(&str, &str)]) -> Value {
    let pair = |(key, value): &(&str, &str)| json!({"key": key, "value": {"stringValue": value}});
    Value::Array(pairs.iter().map(pair).collect())
}

/// A point that ends so many minutes after the start.
pub(crate) fn point(labels: &[(&str, &str)], minutes: u64, value: u64) -> Value {
    json!({
        "attributes": attributes(labels), "asInt": value.to_string(),
        "startTimeUnixNano": format!("{START}000000000"),
        "timeUnixNano": format!("{}000000000", START + 60 * minutes),
    })
}

/// A line with one metric of a service: `temporality` 1 is growth, 2 the sum since the start.
pub(crate) fn metric(service: &str, name: &str, temporality: u64, points: &[Value]) -> String {
    let data = json!({"aggregationTemporality": temporality, "dataPoints": points});
    line(service, &json!({"name": name, "sum": data}))
}

pub(crate) fn line(service: &str, metric: &Value) -> String {
    json!({"resourceMetrics": [{
        "resource": {"attributes": attributes(&[("service.name", service)])},
        "scopeMetrics": [{"metrics": [metric]}],
    }]})
    .to_string()
        + "\n"
}

pub(crate) fn claude(kind: &str, minutes: u64, value: u64) -> Value {
    point(&[("type", kind), ("model", "claude-sonnet-4-5")], minutes, value)
}

pub(crate) fn of_conventions(model: &str, kind: &str, value: u64) -> Value {
    point(&[("gen_ai.token.type", kind), ("gen_ai.request.model", model)], 1, value)
}

/// An event of Claude Code, so many seconds after the start.
pub(crate) fn event(service: &str, seconds: u64, [input, output]: [u64; 2]) -> String {
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
pub(crate) fn told(text: &str) -> (u64, u64, Vec<String>) {
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

pub(crate) fn problems(sums: &Sums) -> Vec<&'static str> {
    sums.rejects.iter().map(|reject| reject.problem.code()).collect()
}

pub(crate) const TOKENS: &str = "claude_code.token.usage";
pub(crate) const GEN_AI: &str = "gen_ai.client.token.usage";

/// A span of the service `own`, so many seconds after the start, with its models: 10 input, 1 output.
pub(crate) fn span(at: u64, models: &[(&str, &str)]) -> String {
    let Value::Array(mut pairs) = attributes(models) else { unreachable!() };
    for (name, count) in [("input", "10"), ("output", "1")] {
        let name = format!("gen_ai.usage.{name}_tokens");
        pairs.push(json!({"key": name, "value": {"intValue": count}}));
    }
    let time = format!("{}000000000", START + at);
    let span =
        json!({"spanId": format!("{at:016}"), "startTimeUnixNano": time, "attributes": pairs});
    json!({"resourceSpans": [{
        "resource": {"attributes": attributes(&[("service.name", "own")])},
        "scopeSpans": [{"spans": [span]}],
    }]})
    .to_string()
        + "\n"
}
