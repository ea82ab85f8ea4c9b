//! Trajectories of agents: what steps, runs and sub-agents say of the same calls counts once.

#[path = "read_support/mod.rs"]
mod support;

use support::{counts, read_all, read_text as sums, records};
use tokreckon::read::{Format, Item, Options, read};

#[test]
fn trajectories_of_agents() {
    let step = |id: u64, metrics: &str| {
        format!(
            r#"{{"step_id":{id},"timestamp":"2026-01-15T14:00:03Z","source":"agent"{metrics}}}"#
        )
    };
    let one = step(
        1,
        r#","metrics":{"prompt_tokens":700,"completion_tokens":60,"cached_tokens":500,"cost_usd":0.001,"prompt_token_ids":[1,2],"extra":{"reasoning_tokens":20}}"#,
    );
    let two = step(
        2,
        r#","model_name":"openai/gpt-4o-mini","llm_call_count":3,"metrics":{"prompt_tokens":100,"completion_tokens":5}"#,
    );
    let copied = step(
        3,
        r#","is_copied_context":true,"metrics":{"prompt_tokens":9000,"completion_tokens":5}"#,
    );
    let last = r#""final_metrics":{"total_prompt_tokens":800,"total_completion_tokens":65}"#;
    let head = r#"{"schema_version":"ATIF-v1.6","session_id":"s","agent":{"name":"a","version":"1","model_name":"anthropic/claude-sonnet-4-5"}"#;
    let text = format!("{head},\"steps\":[{},{one},{two},{copied}],{last}}}", step(0, ""));
    assert_eq!(counts(&text), (Format::Atif, 2, [800, 500, 0, 65, 20]));
    assert_eq!(records(&text), ["anthropic/claude-sonnet-4-5 []", "openai/gpt-4o-mini []"]);
    // Without counts of its steps the sum of the run counts.
    let text = format!("{head},\"steps\":[{}],{last}}}", step(0, ""));
    assert_eq!(counts(&text), (Format::Atif, 1, [800, 0, 0, 65, 0]));
    let unknown =
        text.replace("\"total_prompt_tokens\"", "\"total_lunar_tokens\":4,\"total_prompt_tokens\"");
    assert_eq!(records(&unknown), ["anthropic/claude-sonnet-4-5 [usage.total_lunar_tokens]"]);
}

#[test]
fn runs_hold_more_than_their_steps() {
    let run = |head: &str, last: &str| {
        let step = r#"{"step_id":1,"metrics":{"prompt_tokens":700,"completion_tokens":60,"cached_tokens":500,"cost_usd":0.001}}"#;
        format!(
            r#"{{"schema_version":"ATIF-v1.6",{head}"agent":{{"model_name":"openai/gpt-5"}},"steps":[{step}],"final_metrics":{last}}}"#
        )
    };
    let session = r#""session_id":"s","#;
    let equal = r#"{"total_prompt_tokens":700,"total_completion_tokens":60,"total_cached_tokens":500,"total_cost_usd":0.001}"#;
    assert_eq!(counts(&run(session, equal)), (Format::Atif, 1, [700, 500, 0, 60, 0]));
    let more = r#"{"total_prompt_tokens":1000,"total_completion_tokens":90,"total_cached_tokens":600,"total_cost_usd":0.003}"#;
    let text = run(session, more);
    assert_eq!(counts(&text), (Format::Atif, 2, [1000, 600, 0, 90, 0]));
    assert_eq!(records(&text)[1], "openai/gpt-5 [final_metrics (more than the steps)]");
    assert_eq!(sums(&text).cost("USD"), "0.003");
    // What contradicts the steps is said.
    let other = equal.replace(r#""total_cached_tokens":500"#, r#""total_cached_tokens":650"#);
    assert_eq!(sums(&run(session, &other)).rejects[0].problem.code(), "disagree");
    // A run without a name: its steps are not those of another file, and itself is seen once.
    let (one, other) = (run("", equal), run("", equal).replace("700", "900"));
    let both = read_all(&[one.as_bytes(), other.as_bytes()], &Options::default(), true);
    assert_eq!((both.records, both.input), (2, 1600));
    let twice = read_all(&[one.as_bytes(), one.as_bytes()], &Options::default(), true);
    assert_eq!((twice.records, twice.input), (1, 700));
}

/// A run with the metrics of its steps, of those inside of it, and of all.
fn run(name: &str, steps: &[&str], inside: &[String], last: &str) -> String {
    let step = |(at, metrics): (usize, &&str)| format!(r#"{{"step_id":{at},{metrics}}}"#);
    let steps: Vec<String> = steps.iter().enumerate().map(step).collect();
    let last = if last.is_empty() { String::new() } else { format!(r#","final_metrics":{last}"#) };
    format!(
        r#"{{"schema_version":"ATIF-v1.6","session_id":"{name}","agent":{{"model_name":"openai/gpt-5"}},"steps":[{}],"subagent_trajectories":[{}]{last}}}"#,
        steps.join(","),
        inside.join(",")
    )
}

fn metrics(input: u64, output: u64) -> String {
    format!(r#""metrics":{{"prompt_tokens":{input},"completion_tokens":{output}}}"#)
}

fn last(input: u64, output: u64) -> String {
    format!(r#"{{"total_prompt_tokens":{input},"total_completion_tokens":{output}}}"#)
}

#[test]
fn runs_may_add_up_those_inside_of_them() {
    let (own, sub) = (metrics(700, 60), metrics(200, 10));
    let bare = run("b", &[&sub], &[], "");
    let summed = run("b", &[&sub], &[], &last(300, 15));
    let nested = run("b", &[], std::slice::from_ref(&bare), &last(200, 10));
    for (steps, inside, total, records, input) in [
        // With and without steps of its own; the one inside says its sum, or not, or has one inside.
        (vec![&*own], &bare, last(900, 70), 2, 900),
        (vec![&*own], &bare, last(700, 60), 2, 900),
        (vec![], &bare, last(200, 10), 1, 200),
        (vec![], &summed, last(300, 15), 2, 300),
        (vec![&*own], &summed, last(1000, 75), 3, 1000),
        (vec![], &nested, last(200, 10), 1, 200),
        // More than all of them: what is beyond counts, and no more.
        (vec![&*own], &bare, last(950, 80), 3, 950),
        (vec![], &bare, last(950, 80), 2, 950),
        // Of a sum that holds less than what is inside nobody knows what it adds up.
        (vec![], &bare, last(100, 80), 2, 200),
    ] {
        let text = run("a", &steps, std::slice::from_ref(inside), &total);
        let (_, found, [all, ..]) = counts(&text);
        assert_eq!((found, all), (records, input), "{text}");
    }
    // Copied steps without any of its own.
    let copied = format!(r#""is_copied_context":true,{own}"#);
    assert_eq!(counts(&run("a", &[&copied], &[], &last(700, 60))).1, 0);
    assert_eq!(counts(&run("a", &[&copied], &[], &last(800, 70))).2[0], 100);
    assert_eq!(counts(&run("a", &[&copied], &[], &last(100, 10))).2[0], 100);
}

#[test]
fn what_cannot_be_read_of_a_run_ends_nothing() {
    let (good, sub) = (metrics(700, 60), run("b", &[&metrics(200, 10)], &[], ""));
    let most = u64::MAX;
    for bad in [
        r#""metrics":{"prompt_tokens":-1,"completion_tokens":5}"#.to_owned(),
        format!(r#""llm_call_count":"two",{}"#, metrics(5, 5)),
        r#""is_copied_context":true,"metrics":{"prompt_tokens":0.5}"#.to_owned(),
    ] {
        let text = run("a", &[&bad, &good], std::slice::from_ref(&sub), "");
        let sums = sums(&text);
        assert_eq!((sums.records, sums.input, sums.rejects.len()), (2, 900, 1), "{bad}");
    }
    let broken = run("c", &[&good], &[], r#"{"total_prompt_tokens":"many"}"#);
    let text = run("a", &[&good], &[broken, sub], "");
    assert_eq!((sums(&text).records, sums(&text).rejects.len()), (3, 1));
    // Sums have room for any counts.
    let text = run("a", &[&metrics(most, 1), &metrics(1, 1)], &[], &last(most, 2));
    read(text.as_bytes(), &Options::default(), &mut |item| {
        assert!(!matches!(item, Item::Reject(_)), "{item:?}");
    })
    .expect("readable");
}
