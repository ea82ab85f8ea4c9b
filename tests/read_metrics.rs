//! Metrics of OpenTelemetry: each request is counted once, in whatever order its points come, and what is not
//! known is said.

#[path = "read_support/telemetry.rs"]
mod telemetry;

use serde_json::{Value, json};
use telemetry::support::read_text;
use telemetry::{
    GEN_AI, START, TOKENS, claude, line, metric, of_conventions, point, problems, told,
};
use tokreckon::grade::Assumption;
use tokreckon::read::{Item, Options, Problem, Skip, read};

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
fn points_without_growth_are_no_records() {
    let histogram = |counts: &[(u64, u64)]| {
        let points: Vec<Value> = counts
            .iter()
            .zip(1..)
            .map(|((tokens, requests), minutes)| {
                let mut point = point(
                    &[("gen_ai.token.type", "input"), ("gen_ai.request.model", "gpt-4o")],
                    minutes,
                    0,
                );
                let fields = point.as_object_mut().expect("a point");
                fields.remove("asInt");
                fields.insert("sum".to_owned(), json!(tokens));
                fields.insert("count".to_owned(), json!(requests.to_string()));
                point
            })
            .collect();
        let data = json!({"aggregationTemporality": 2, "dataPoints": points});
        read_text(&line("own", &json!({"name": GEN_AI, "histogram": data})))
    };
    let sums = histogram(&[(50, 2), (50, 2), (50, 2), (90, 3)]);
    assert_eq!((sums.records, sums.input, sums.requests), (2, 90, 0));
    // Requests without a token are requests.
    assert_eq!(histogram(&[(50, 2), (50, 3)]).records, 2);
    assert_eq!(histogram(&[(0, 0)]).records, 0);
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

/// A sum that does not say when it began may be older than its end, by whose prices it is charged.
#[test]
fn a_sum_without_a_beginning_is_assumed() {
    let assumed = |start: Option<&str>| {
        let mut point = of_conventions("gpt-4o-mini", "input", 100);
        let fields = point.as_object_mut().expect("a point");
        match start {
            Some(start) => fields.insert("startTimeUnixNano".to_owned(), json!(start)),
            None => fields.remove("startTimeUnixNano"),
        };
        let text = metric("own", GEN_AI, 2, &[point]);
        let mut codes = Vec::new();
        let format = read(text.as_bytes(), &Options::default(), &mut |item| {
            if let Item::Record(record) = item {
                codes.extend(record.assumed.iter().map(Assumption::code));
            }
        });
        format.expect("metrics");
        codes
    };
    assert_eq!(assumed(None), ["end-of-sum"]);
    assert_eq!(assumed(Some(&format!("{START}000000000"))), [""; 0]);
}
