//! A request that a file states more than once, one by one and in sums, is counted once.

#[path = "read_support/telemetry.rs"]
mod telemetry;

use serde_json::{Value, json};
use telemetry::support::read_text;
use telemetry::{
    GEN_AI, START, TOKENS, attributes, claude, event, metric, of_conventions, point, span, told,
};
use tokreckon::read::{Item, Options, read, read_in_parallel};

/// Records with their tiers, users, sessions and costs.
fn kept(text: &str) -> Vec<String> {
    let mut kept = Vec::new();
    read(text.as_bytes(), &Options::default(), &mut |item| {
        if let Item::Record(record) = item {
            let cost = record.reported.map_or("no cost".to_owned(), |cost| cost.to_string());
            let (tier, session) = (record.service_tier, record.origin.session);
            kept.push(format!("{tier:?} [{}] [{session}] {cost}", record.user));
        }
    })
    .expect("readable");
    kept
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
fn a_sum_without_a_start_holds_the_requests_before_its_end() {
    let start = format!("{START}000000000");
    for temporality in [1, 2] {
        let points = [claude("input", 1, 25), claude("output", 1, 5)];
        let sums = metric("claude-code", TOKENS, temporality, &points).replace(&start, "0");
        let found = told(&format!("{sums}{}", event("claude-code", 30, [10, 5])));
        assert_eq!((found.0, found.1, found.2.len()), (25, 5, 2));
        // A request after the end is in none of them.
        assert_eq!(told(&format!("{sums}{}", event("claude-code", 90, [10, 5]))).0, 35);
    }
}

#[test]
fn the_rest_of_several_series_says_what_all_of_them_say() {
    let of = |session: &str, speed: &str| {
        let labels = [
            ("type", "input"),
            ("model", "claude-sonnet-4-5"),
            ("user.id", "u"),
            ("session.id", session),
            ("speed", speed),
        ];
        metric("claude-code", TOKENS, 2, &[point(&labels, 1, 20)])
    };
    let event = event("claude-code", 30, [10, 0]);
    let mixed = of("a", "normal") + &of("b", "normal") + &of("c", "fast") + &event;
    // The event is one at the usual speed: of the fast series nothing is taken off.
    let rest = ["Is(Standard) [u] [] no cost", "Is(Fast) [u] [c] no cost"];
    assert_eq!(kept(&mixed)[1..], rest);
    assert_eq!(told(&mixed).0, 60);
    // What is not read of any of them is not read of the rest.
    let unread = of("a", "normal") + &of("b", "lunar") + &event;
    assert_eq!(told(&unread).2[1], "speed, how much of the sums the requests repeat");
}

#[test]
fn the_cost_of_the_rest_is_known_where_both_say_theirs() {
    let cost = |value: &str| {
        let mut point = point(&[("model", "claude-sonnet-4-5")], 1, 0);
        let fields = point.as_object_mut().expect("a point");
        fields.remove("asInt");
        fields.insert("asDouble".to_owned(), serde_json::from_str(value).expect("a number"));
        metric("claude-code", "claude_code.cost.usage", 2, &[point])
    };
    let tokens = metric("claude-code", TOKENS, 2, &[claude("input", 1, 30)]);
    let event = event("claude-code", 30, [10, 0]);
    let with_cost = event.replace(
        "\"attributes\":[{\"key\":\"input_tokens\"",
        "\"attributes\":[{\"key\":\"cost_usd\",\"value\":{\"doubleValue\":0.25}},{\"key\":\"input_tokens\"",
    );
    assert_ne!(event, with_cost);
    for (sums, event, rest) in [
        (tokens.clone() + &cost("1.5"), &with_cost, "1.25 USD"),
        (tokens.clone() + &cost("1.5"), &event, "no cost"),
        (tokens.clone(), &with_cost, "no cost"),
    ] {
        let kept = kept(&format!("{sums}{event}"));
        assert_eq!((kept.len(), kept[1].ends_with(rest)), (2, true), "{kept:?}");
    }
    // Dollars beyond what an amount holds are refused where they stand: here those of a span and an event.
    let models = [("gen_ai.response.model", "claude-sonnet-4-5"), ("gen_ai.system", "anthropic")];
    let huge = json!({"key": "gen_ai.usage.cost", "value": {"doubleValue": 0.5}}).to_string();
    let huge = huge.replace("0.5", "100000000000000000000000000000000000000");
    let span = span(30, &models).replace("\"own\"", "\"claude-code\"");
    let span = span.replacen(
        "\"attributes\":[{\"key\":\"gen",
        &format!("\"attributes\":[{huge},{{\"key\":\"gen"),
        1,
    );
    let mut refused = Vec::new();
    read(format!("{span}{with_cost}").as_bytes(), &Options::default(), &mut |item| {
        if let Item::Reject(reject) = item {
            refused.push((reject.line, reject.problem.code()));
        }
    })
    .expect("readable");
    assert_eq!(refused, [(2, "not-an-amount")]);
}

#[test]
fn a_program_says_a_response_twice() {
    let record = |name: &str, counts: [(&str, u64); 2], others: &[(&str, &str)]| {
        let Value::Array(mut pairs) = attributes(others) else { unreachable!() };
        pairs.push(json!({"key": "event.name", "value": {"stringValue": name}}));
        for (name, count) in counts {
            pairs.push(json!({"key": name, "value": {"intValue": count}}));
        }
        json!({"resourceLogs": [{
            "resource": {"attributes": attributes(&[("service.name", "gemini-cli")])},
            "scopeLogs": [{"logRecords": [{
                "timeUnixNano": format!("{START}000000000"), "attributes": pairs,
            }]}],
        }]})
        .to_string()
            + "\n"
    };
    let own = |input: u64| {
        let counts = [("input_token_count", input), ("output_token_count", 5)];
        let text = record("gemini_cli.api_response", counts, &[("model", "gemini-2.5-pro")]);
        // What tools gave back is input besides.
        text.replace(
            "[{\"key\":\"model\"",
            "[{\"key\":\"tool_token_count\",\"value\":{\"intValue\":2}},{\"key\":\"model\"",
        )
    };
    let same = |input: u64, id: &str| {
        let counts = [("gen_ai.usage.input_tokens", input), ("gen_ai.usage.output_tokens", 5)];
        let others = [
            ("gen_ai.request.model", "gemini-2.5-pro"),
            ("gen_ai.response.model", "gemini-2.5-pro"),
            ("gen_ai.response.id", id),
        ];
        record("gen_ai.client.inference.operation.details", counts, &others)
    };
    for (text, records, input) in [
        (own(10) + &same(10, "a"), 1, 12),
        (same(10, "a") + &own(10), 1, 12),
        (own(10) + &same(10, "a") + &own(10) + &same(10, "b"), 2, 24),
        // Each is repeated once: what stands there once more is another one.
        (own(10) + &same(10, "a") + &same(10, "b"), 2, 22),
        (own(10) + &same(11, "a"), 2, 23),
        (same(10, "a") + &same(10, "b"), 2, 20),
        (own(10) + &same(10, "a").replace("gemini-cli", "elsewhere"), 2, 22),
        // A span of the same response.
        (span(0, &[("gen_ai.response.id", "a")]) + &same(10, "a") + &same(10, "b"), 2, 20),
    ] {
        let sums = read_text(&text);
        assert_eq!((sums.records, sums.input), (records, input), "{text}");
        assert_eq!(sums.rows(), u64::try_from(text.lines().count()).expect("few"), "{text}");
    }
    // Sums that repeat what waited are taken off.
    let labels = [("gen_ai.request.model", "gemini-2.5-pro")];
    let sums = [("input", 10), ("output", 5)].map(|(kind, value)| {
        point(&[&labels[..], &[("gen_ai.token.type", kind)]].concat(), 1, value)
    });
    let text = same(10, "a") + &metric("gemini-cli", GEN_AI, 2, &sums);
    assert_eq!(told(&text), (10, 5, vec![String::new()]));
}

#[test]
fn counts_under_two_names_must_agree() {
    let plain = span(0, &[("gen_ai.request.model", "gpt-4o")]);
    let with = |name: &str, count: &str| {
        let pair = json!({"key": name, "value": {"intValue": count}});
        plain.replace(
            "\"attributes\":[{\"key\":\"gen_ai.request",
            &format!("\"attributes\":[{pair},{{\"key\":\"gen_ai.request"),
        )
    };
    for (count, input) in [("10", 10), ("0", 10)] {
        let sums = read_text(&with("llm.usage.input_tokens", count));
        assert_eq!((sums.input, sums.rejects.len()), (input, 0), "{count}");
    }
    let sums = read_text(&with("llm.usage.input_tokens", "7"));
    assert_eq!(
        sums.rejects[0].problem.to_string(),
        "`llm.usage.input_tokens 7` and `gen_ai.usage.input_tokens 10` disagree"
    );
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
fn requests_are_found_by_every_name_of_their_model() {
    let (asked, answered) =
        (("gen_ai.request.model", "gpt-4o"), ("gen_ai.response.model", "gpt-4o-2024-08-06"));
    let of = |models: &[(&str, &str)]| {
        let points = [("input", 30), ("output", 3)].map(|(kind, value)| {
            let labels = [&[("gen_ai.token.type", kind)], models].concat();
            point(&labels, 1, value)
        });
        metric("own", GEN_AI, 2, &points)
    };
    for span_says in [&[asked, answered][..], &[asked], &[answered]] {
        let spans: String = (0..3).map(|at| span(at, span_says)).collect();
        for sums_say in [&[asked, answered][..], &[asked], &[answered]] {
            let found = told(&format!("{spans}{}", of(sums_say)));
            // Where one says only what was asked for, and the other only what answered, nobody knows.
            let names = [span_says, sums_say].map(<[_]>::len);
            let is_one = names != [1, 1] || span_says == sums_say;
            assert_eq!(found.0, if is_one { 30 } else { 60 }, "{span_says:?} {sums_say:?}");
        }
    }
    // What two models answered to one name is taken off once.
    let other = ("gen_ai.response.model", "gpt-4o-2024-11-20");
    let text = span(0, &[asked, answered]) + &of(&[asked, answered]) + &of(&[asked, other]);
    assert_eq!(told(&text).0, 10 + 20 + 30);
}

#[test]
fn spans_of_a_file_count_for_its_metrics_too() {
    let span = |at: u64| span(at, &[("gen_ai.response.model", "gpt-4o")]);
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
