//! What people type first works: one screen of help, logs of agents in their places, budgets, labels.

#[path = "program/mod.rs"]
mod program;

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Output;

use self::program::{COMMANDS, PRICES_COMMANDS, printed as said, program};

fn tokreckon(home: &Path, arguments: &[&str]) -> Output {
    program().env("HOME", home).args(arguments).output().expect("it runs")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Writes a file below a folder.
fn put(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, text).expect("written");
}

#[test]
fn help_in_short_fits_one_screen() {
    let home = folder();
    let mut commands = vec![vec![]];
    commands.extend(COMMANDS.map(|command| vec![command]));
    commands.extend(PRICES_COMMANDS.map(|below| vec!["prices", below]));
    for mut command in commands {
        command.push("-h");
        let output = tokreckon(home.path(), &command);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(0), "{command:?}");
        assert!(text.lines().count() <= 24, "{command:?} has {} lines", text.lines().count());
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{command:?}: {line}");
        }
        command.pop();
        if !command.is_empty() {
            assert!(text.contains(&format!("tokreckon {} --help", command.join(" "))), "{text}");
            command.push("--help");
            let long = said(&tokreckon(home.path(), &command));
            assert!(long.lines().count() > text.lines().count(), "{command:?}");
        }
    }
}

const CLAUDE: &str = r#"{"type":"assistant","timestamp":"2026-10-03T10:00:00Z","sessionId":"s1","cwd":"/x","requestId":"r1","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-4-5-20251001","stop_reason":"end_turn","usage":{"input_tokens":1000,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":100,"service_tier":"standard"}}}
"#;

const CODEX: &str = r#"{"timestamp":"2026-10-04T10:00:00Z","type":"session_meta","payload":{"id":"c1","cli_version":"0.50.0"}}
{"timestamp":"2026-10-04T10:00:01Z","type":"turn_context","payload":{"model":"gpt-5.1-codex"}}
{"timestamp":"2026-10-04T10:00:02Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":2000,"cached_input_tokens":500,"output_tokens":300,"reasoning_output_tokens":100,"total_tokens":2300},"last_token_usage":{"input_tokens":2000,"cached_input_tokens":500,"output_tokens":300,"reasoning_output_tokens":100,"total_tokens":2300}}}}
"#;

const GEMINI: &str = r#"{"sessionId":"g1","projectHash":"x","messages":[{"id":"m1","timestamp":"2026-10-05T10:00:00Z","type":"gemini","model":"gemini-2.5-flash","tokens":{"input":400,"output":50,"cached":0,"thoughts":10,"tool":0,"total":460}}]}"#;

const OPENCODE: &str = r#"{"id":"msg_o1","sessionID":"o1","role":"assistant","providerID":"anthropic","modelID":"claude-haiku-4-5","cost":0,"time":{"created":1791280800000},"tokens":{"input":10,"output":20,"reasoning":0,"cache":{"read":0,"write":0}}}"#;

const COPILOT: &str = r#"{"type":"session.start","id":"e1","timestamp":"2026-10-06T10:00:00Z","data":{"sessionId":"p1"}}
{"type":"session.shutdown","id":"e2","timestamp":"2026-10-06T11:00:00Z","data":{"modelMetrics":{"gpt-5.1":{"requests":{"count":1,"cost":1},"usage":{"inputTokens":100,"outputTokens":10,"cacheReadTokens":0,"cacheWriteTokens":0}}}}}
"#;

#[test]
fn logs_of_agents_are_found_in_their_places() {
    let home = folder();
    let at = home.path();
    put(at, ".claude/projects/x/s1.jsonl", CLAUDE);
    put(at, ".claude/settings.json", "{}");
    put(at, ".codex/sessions/2026/10/04/rollout-c1.jsonl", CODEX);
    put(at, ".codex/history.jsonl", "{\"text\":\"hello\"}\n");
    put(at, ".gemini/tmp/x/chats/session-g1.json", GEMINI);
    put(at, ".gemini/tmp/x/logs.json", "[]");
    put(at, ".local/share/opencode/storage/message/o1/msg_o1.json", OPENCODE);
    put(at, ".local/share/opencode/opencode.db", "SQLite format 3");
    put(at, ".copilot/session-state/p1/events.jsonl", COPILOT);
    let output = tokreckon(at, &["report", "--local", "--by", "agent,session"]);
    let text = said(&output);
    for line in [
        "found: claude-code: 1 file in ~/.claude/projects",
        "found: codex: 1 file in ~/.codex/sessions",
        "found: gemini-cli: 1 file in ~/.gemini/tmp",
        "found: opencode: 1 file in ~/.local/share/opencode/storage/message",
        "found: copilot-cli: 1 file in ~/.copilot/session-state",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    for (agent, session) in [
        ("claude-code", "s1"),
        ("codex", "c1"),
        ("gemini-cli", "g1"),
        ("opencode", "o1"),
        ("copilot-cli", "p1"),
    ] {
        let row = |line: &str| line.split_whitespace().take(2).eq([agent, session]);
        assert!(text.lines().any(row), "{agent} {session}\n{text}");
    }
    let problems = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(problems.contains("opencode.db: a database, which is not read"), "{problems}");
    let audit = said(&tokreckon(
        at,
        &["audit", "--local", "-p", "anthropic", "--where", "agent=claude-code"],
    ));
    assert!(audit.contains("found: codex") && audit.contains(" · 1 record"), "{audit}");
}

#[test]
fn variables_say_where_logs_are() {
    let (home, other) = (folder(), folder());
    put(home.path(), ".claude/projects/x/s1.jsonl", CLAUDE);
    put(
        other.path(),
        "one/projects/y/s2.jsonl",
        &CLAUDE.replace("s1", "s2").replace("msg_1", "msg_2"),
    );
    put(
        other.path(),
        "two/projects/y/s3.jsonl",
        &CLAUDE.replace("s1", "s3").replace("msg_1", "msg_3"),
    );
    let folders = ["one", "two"].map(|name| other.path().join(name).display().to_string());
    let mut command = program();
    command.env("HOME", home.path()).env("CLAUDE_CONFIG_DIR", folders.join(","));
    let output = command.args(["report", "--local", "--by", "session"]).output().expect("it runs");
    let text = said(&output);
    assert!(text.contains("s2") && text.contains("s3") && !text.contains("\ns1"), "{text}");
    // Other agents take what stands there as one folder, and a comma is part of its name.
    put(
        other.path(),
        "a,b/sessions/x/wire.jsonl",
        &CLAUDE.replace("s1", "s4").replace("msg_1", "msg_4"),
    );
    let mut command = program();
    command.env("HOME", other.path()).env("KIMI_SHARE_DIR", other.path().join("a,b"));
    let output = command.args(["report", "--local", "--by", "session"]).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("kimi-cli: 1 file") && text.contains("s4"), "{text}");
}

/// The folders of an agent are walked as those that are named: what cannot be listed, or lies too deep, is
/// said.
#[test]
fn what_lies_too_deep_among_local_logs_is_said() {
    let home = folder();
    put(home.path(), ".claude/projects/x/s1.jsonl", CLAUDE);
    let deep = format!(".claude/projects/{}s2.jsonl", "d/".repeat(40));
    put(home.path(), &deep, CLAUDE);
    let output = tokreckon(home.path(), &["report", "--local"]);
    let problem = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(problem.contains("1 folder not looked into"), "{problem}");
}

#[test]
fn without_logs_it_says_where_it_looked() {
    let home = folder();
    let output = tokreckon(home.path(), &["report", "--local"]);
    let problem = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(problem.contains("claude-code, codex") && problem.contains("hint: "), "{problem}");
}

/// Two weeks of one dollar a day at gpt-4o's price of output, and a spike on the last of them.
fn two_weeks(folder: &Path) -> String {
    let mut rows = "time,model,input,output,session,team\n".to_owned();
    for day in 1..=14 {
        let output = if day == 14 { 500_000 } else { 100_000 };
        let _ = writeln!(
            rows,
            "2026-10-{day:02}T10:00:00Z,gpt-4o,0,{output},s{},t{}",
            day % 2,
            day % 3
        );
    }
    put(folder, "usage.csv", &rows);
    folder.join("usage.csv").display().to_string()
}

#[test]
fn budgets_are_told_from_the_days_there_are() {
    let home = folder();
    let file = two_weeks(home.path());
    let run = |budget: &str| {
        tokreckon(home.path(), &["report", &file, "-p", "openai", "--budget", budget])
    };
    // 13 × 1 USD and 5 USD by the 14th; 17 days are left.
    for (budget, code, words) in [
        ("month=17USD", 1, ": exceeded"),
        ("month=20USD", 1, ": will exceed it"),
        ("month=40USD", 0, ": may exceed it"),
        ("month=500USD", 0, ": within it"),
        ("week=$100", 0, ": within it"),
        ("day=4.99", 1, ": exceeded"),
    ] {
        let output = run(budget);
        let text = said(&output);
        let line = text.lines().find(|line| line.starts_with("budget: ")).unwrap_or("");
        assert!(line.ends_with(words), "{budget}: {text}");
        assert_eq!(output.status.code(), Some(code), "{budget}: {text}");
    }
    let text = said(&run("month=40USD"));
    assert!(text.contains("spike: 2026-10-14 cost 5 USD, the median day before it 1"), "{text}");
    let json: serde_json::Value = serde_json::from_slice(
        &tokreckon(
            home.path(),
            &["report", &file, "-p", "openai", "--budget", "month=40USD", "--json"],
        )
        .stdout,
    )
    .expect("JSON");
    assert_eq!(json["budget"]["so_far"][0], "18");
    assert_eq!(json["budget"]["last"], "2026-10-31");
}

/// A record without a price costs nobody knows what: no total of a report is closed, and no budget holds.
#[test]
fn what_has_no_price_leaves_totals_open() {
    let home = folder();
    let file = two_weeks(home.path());
    let row = "2026-10-14T11:00:00Z,no-such-model,5,5,s1,t1\n";
    fs::write(&file, fs::read_to_string(&file).expect("read") + row).expect("written");
    let report = |more: &[&str]| {
        let arguments = [&["report", &file, "-p", "openai"], more].concat();
        String::from_utf8_lossy(&tokreckon(home.path(), &arguments).stdout).into_owned()
    };
    let text = report(&["--by", "meter", "--format", "csv"]);
    let total = text.lines().find(|line| line.starts_with("total")).unwrap_or("");
    assert!(total.contains(",18,unknown"), "{text}");
    for by in ["session", "label:team"] {
        let text = report(&["--by", by, "--format", "csv"]);
        let open = text.lines().filter(|line| line.contains(",unknown,")).count();
        // The total, and the one group that the record is in.
        assert_eq!(open, 2, "{text}");
        let json: serde_json::Value =
            serde_json::from_str(&report(&["--by", by, "--json"])).expect("JSON");
        assert_eq!(json["total"]["costs"][0]["high"], serde_json::Value::Null, "{json}");
        assert_eq!(json["total"]["costs"][0]["low"], "18", "{json}");
    }
    let text = report(&["--budget", "month=500USD"]);
    assert!(text.contains("budget: ≥ 18 of 500 USD"), "{text}");
    assert!(!text.contains(": within it"), "{text}");
}

/// A day that may have cost anything says nothing of those to come, also when it lies before the period.
#[test]
fn nothing_is_foreseen_from_days_that_may_have_cost_anything() {
    let home = folder();
    let file = two_weeks(home.path());
    let known = fs::read_to_string(&file).expect("read");
    let line = |rows: &str| {
        fs::write(&file, format!("{known}{rows}")).expect("written");
        let arguments = ["report", &file, "-p", "openai", "--budget", "week=100USD"];
        let text = said(&tokreckon(home.path(), &arguments));
        text.lines().find(|line| line.starts_with("budget: ")).unwrap_or("").to_owned()
    };
    let closed = line("");
    assert!(
        closed.contains("; at this rate about ") && closed.ends_with(": within it"),
        "{closed}"
    );
    let open = line("2026-10-05T11:00:00Z,no-such-model,5,5,s1,t1\n");
    let expected = "7 of 100 USD from 2026-10-12 to 2026-10-14; days with a cost that is not known say \
                    nothing of 2026-10-18: not known";
    assert_eq!(open, format!("budget: {expected}"));
}

#[test]
fn a_budget_says_what_it_does_not_know() {
    let home = folder();
    let run = |rows: &str, budget: &str| {
        put(home.path(), "some.csv", &format!("time,provider,model,input,output\n{rows}"));
        let file = home.path().join("some.csv").display().to_string();
        let output = tokreckon(home.path(), &["report", &file, "--budget", budget]);
        (output.status.code(), said(&output), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let known = "2026-10-01T10:00:00Z,openai,gpt-4o,0,100000\n";
    let (_, text, _) = run(known, "day=4USD");
    assert!(text.contains("budget: 1 of 4 USD from 2026-10-01 to 2026-10-01: within it"), "{text}");
    // A record without a price, and one without a day, may cost anything.
    for other in ["2026-10-01T10:00:00Z,openai,no-such-model,0,5\n", ",openai,gpt-4o,0,100000\n"] {
        let (_, text, _) = run(&format!("{known}{other}"), "day=4USD");
        assert!(text.contains("budget: ≥ 1 of 4 USD"), "{text}");
        assert!(text.contains(": not known"), "{text}");
    }
    let (code, _, problems) = run(",openai,gpt-4o,0,100000\n", "day=4USD");
    assert_eq!(code, Some(2), "{problems}");
    assert!(problems.contains("hint: say when it was: `--at"), "{problems}");
    let (code, _, problems) = run(known, "day=4CNY");
    assert_eq!(code, Some(2), "{problems}");
    assert!(problems.contains("hint: convert it: `--rate USD=…CNY`"), "{problems}");
}

#[test]
fn groups_by_session_label_and_meter() {
    let home = folder();
    let file = two_weeks(home.path());
    let by = |by: &str| {
        said(&tokreckon(
            home.path(),
            &["report", &file, "-p", "openai", "-q", "--format", "csv", "--by", by],
        ))
    };
    let sessions = by("session");
    assert!(sessions.contains("\ns0,") && sessions.contains("\ns1,"), "{sessions}");
    let teams = by("label:team");
    assert!(teams.starts_with("label:team,") && teams.contains("\nt2,"), "{teams}");
    let meters = by("label:team,meter");
    assert!(meters.starts_with("label:team,meter,quantity,cost"), "{meters}");
    // 100,000 tokens each on the 2nd, 5th, 8th and 11th, 500,000 on the 14th.
    assert!(meters.contains("\nt2,output,900000,9\n"), "{meters}");
    let where_team = tokreckon(
        home.path(),
        &["report", &file, "-p", "openai", "--total", "--where", "label:team=t2"],
    );
    assert_eq!(said(&where_team), "9\n");
    let two = tokreckon(home.path(), &["report", &file, "--by", "label:team,label:env"]);
    assert_eq!(two.status.code(), Some(2));
}

#[test]
fn what_carries_the_bill_has_a_column() {
    let home = folder();
    let rows = "time,model,input,cached,cache-write,output,reasoning
2026-10-01T10:00:00Z,claude-haiku-4-5,1000,0,900,10,0
";
    put(home.path(), "writes.csv", rows);
    put(
        home.path(),
        "thinks.csv",
        "time,model,input,cached,output,reasoning\n2026-10-01T10:00:00Z,gpt-5,10,0,1000,900\n",
    );
    put(
        home.path(),
        "plain.csv",
        "time,model,input,cached,output,reasoning\n2026-10-01T10:00:00Z,gpt-5,10000,0,1000,10\n",
    );
    for (file, has, has_not) in
        [("writes.csv", "cache write", "reasoning"), ("thinks.csv", "reasoning", "cache write")]
    {
        let file = home.path().join(file).display().to_string();
        let text = said(&tokreckon(home.path(), &["report", &file]));
        let heading = text.lines().find(|line| line.contains("records  ")).unwrap_or("");
        assert!(heading.contains(has) && !heading.contains(has_not), "{text}");
    }
    let file = home.path().join("plain.csv").display().to_string();
    let text = said(&tokreckon(home.path(), &["report", &file, "-q"]));
    assert!(!text.contains("reasoning"), "{text}");
}

/// A table whose headers are our own names of fields needs no mapping.
#[test]
fn own_names_of_fields_are_understood() {
    let home = folder();
    let header = "time,end-time,provider,model,id,project,api-key,user,service-tier,variant,line-item,requests,input,cached,cache-write,output,reasoning,cost,currency,session,agent";
    let row = "2026-10-01T10:00:00Z,2026-10-01T11:00:00Z,anthropic,claude-haiku-4-5,i1,p1,k1,u1,standard,,,1,1000,100,200,50,0,0.001,USD,s1,a1";
    put(home.path(), "own.csv", &format!("{header}\n{row}\n"));
    let file = home.path().join("own.csv").display().to_string();
    let text = said(&tokreckon(
        home.path(),
        &["report", &file, "-q", "-f", "csv", "--by", "project,session,agent,meter"],
    ));
    for row in ["p1,s1,a1,input,700,", "p1,s1,a1,cache-read,100,", "p1,s1,a1,output,50,"] {
        assert!(text.contains(row), "{row}\n{text}");
    }
}

/// A table that is not understood gets the mapping to paste.
#[test]
fn a_mapping_to_paste_is_right() {
    let home = folder();
    put(home.path(), "own.csv", "day,llm,tok_in,tok_out,dept\n2026-10-01,gpt-4o,1000,500,search\n");
    let file = home.path().join("own.csv").display().to_string();
    let output = tokreckon(home.path(), &["report", &file]);
    let problem = String::from_utf8_lossy(&output.stderr).into_owned();
    let mapping = problem.split("--map ").nth(1).unwrap_or_else(|| panic!("{problem}"));
    let mapping = mapping.split(['`', '\n', ' ']).next().unwrap_or("");
    let total = said(&tokreckon(home.path(), &["report", &file, "--total", "--map", mapping]));
    // What was cached is not said.
    assert_eq!(total, "0.00625 0.0075\n", "{mapping}\n{problem}");
}

/// What people read above and below a table, programs read in the document, word by word.
#[test]
fn json_says_the_same_words_as_the_table() {
    let home = folder();
    let mut compared = 0;
    for line in [
        "price gpt-4o 1000 500",
        "price tests/fixtures/gemini.jsonl --sources",
        "compare gpt-4o claude-sonnet-4-5 1000 500",
        "prices gpt-4o",
        "report tests/examples/openai-usage-2025-02.csv",
        "audit tests/examples/openai-usage-2025-02.csv",
        "audit tests/examples/hostile.csv",
        "estimate tests/examples/o1-mini.json --at 2025-04-09",
        "estimate tests/examples/o1-mini.json --at 2025-04-09 --compare",
        "estimate tests/examples/batch.jsonl --at 2025-04-09",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let table = said(&tokreckon(home.path(), &words));
        let json = said(&tokreckon(home.path(), &[&words[..], &["--json"]].concat()));
        let json: serde_json::Value = serde_json::from_str(&json).expect(line);
        if let Some(headline) = json["headline"].as_str() {
            assert_eq!(table.lines().next(), Some(headline), "{line}");
        }
        for note in json["notes"].as_array().expect(line) {
            let note = note.as_str().expect("words");
            assert!(table.lines().any(|line| line == note), "{line}: `{note}`\n{table}");
            compared += 1;
        }
    }
    assert!(compared > 20, "only {compared} notes");
}

/// What a question takes for granted stands at every amount that rests on it.
#[test]
fn amounts_of_a_document_say_what_they_take_for_granted() {
    let home = folder();
    let json = |line: &str| -> serde_json::Value {
        let words: Vec<&str> = line.split(' ').collect();
        let text = said(&tokreckon(home.path(), &words));
        serde_json::from_str(&text).expect(line)
    };
    let price = json("price gpt-4o 1000 500 --at 2025-04-09 --json");
    let charge = &price["charges"][0];
    assert_eq!(charge["grade"], "assumed");
    for line in charge["lines"].as_array().expect("lines") {
        assert_eq!(line["grade"], "assumed", "{line}");
        assert_eq!(line["assumptions"], charge["assumptions"], "{line}");
    }
    let compared = json("compare gpt-4o 1000 500 --at 2025-04-09 --json");
    for offer in compared["offers"].as_array().expect("offers") {
        assert_ne!(offer["charge"]["grade"], "exact", "{offer}");
    }
    let strict = json(
        "price -p openai gpt-4o --at 2025-04-09 --input 9 --cached 0 --output 9 --service-tier standard --json",
    );
    assert_eq!(strict["charges"][0]["lines"][0]["grade"], "exact", "{strict}");
    let count = json("count LICENSE-MIT --json");
    assert_eq!(count["texts"][0]["kind"], "assumed", "{count}");
    assert_eq!(
        json("count LICENSE-MIT --encoding cl100k_base --json")["texts"][0]["kind"],
        "exact"
    );
}

#[test]
fn a_file_of_requests_without_any_is_no_estimate() {
    let home = folder();
    put(home.path(), "empty.jsonl", "\n");
    let path = home.path().join("empty.jsonl");
    let output = tokreckon(home.path(), &["estimate", path.to_str().expect("a plain path")]);
    assert_eq!((output.status.code(), said(&output)), (Some(2), String::new()));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no request in it"));
}
