//! `calibrate` never loses what was learnt: it adds, and a run that fails writes nothing.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const LOG: &str = r#"{"model":"o1-mini","usage":{"prompt_tokens":57,"completion_tokens":86,"completion_tokens_details":{"reasoning_tokens":64}}}
{"model":"o1-mini","usage":{"prompt_tokens":40,"completion_tokens":150,"completion_tokens_details":{"reasoning_tokens":128}}}
"#;

/// `tokreckon calibrate LOG --out OUT` in a folder.
fn calibrate(folder: &Path, log: &str, out: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tokreckon"))
        .current_dir(folder)
        .args(["calibrate", log, "--no-dedup", "--out", out])
        .output()
        .expect("the program starts")
}

#[test]
fn a_second_run_adds_what_is_new() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("log.jsonl"), LOG).expect("written");
    let more = LOG.replace("\"model\"", "\"created\":1760000000,\"model\"");
    fs::write(folder.path().join("more.jsonl"), more).expect("written");
    for (log, rows, expected) in [
        ("log.jsonl", 2, "h.toml: 2 requests learnt; 2 requests of 1 kind in all"),
        // A log that is learnt again brings nothing new: bounds would be called proven by copies.
        ("log.jsonl", 2, "h.toml: 2 requests learnt (2 known before); 2 requests of 1 kind in all"),
        ("more.jsonl", 4, "h.toml: 2 requests learnt; 4 requests of 1 kind in all"),
        (
            "more.jsonl",
            4,
            "h.toml: 2 requests learnt (2 known before); 4 requests of 1 kind in all",
        ),
    ] {
        let ran = calibrate(folder.path(), log, "h.toml");
        assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
        let text = fs::read_to_string(folder.path().join("h.toml")).expect("a history");
        assert_eq!(text.matches("  [").count(), rows, "{text}");
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert!(said.contains(expected), "{said}");
    }
    let text = fs::read_to_string(folder.path().join("h.toml")).expect("a history");
    assert!(text.contains("[57, 64, 22, 2025-10-09T08:53:20Z],"), "{text}");
}

/// A log of a request each second, from one second up to another.
fn seconds(from: u64, until: u64) -> String {
    let request = |at: u64| {
        LOG.lines().next().expect("a line").replacen('{', &format!("{{\"created\":{at},"), 1)
    };
    (from..until).map(|second| request(1_760_000_000 + second) + "\n").collect()
}

/// A kind keeps its newest 10,000: an older one was not known before, it has no room.
#[test]
fn what_has_no_room_is_not_called_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = "10,000 requests of 1 kind in all";
    for (log, expected) in [
        (
            seconds(0, 10_500),
            "10,500 requests learnt (500 older than the newest 10,000 of their kind)",
        ),
        (
            seconds(0, 10_500),
            "10,500 requests learnt (10,000 known before, 500 older than the newest 10,000 of their kind)",
        ),
        (seconds(0, 400), "400 requests learnt (400 older than the newest 10,000 of their kind)"),
        (seconds(10_400, 10_700), "300 requests learnt (100 known before)"),
        // Some of these leave at once, for those that are there and newer.
        (
            seconds(600, 800),
            "200 requests learnt (100 known before, 100 older than the newest 10,000 of their kind)",
        ),
    ] {
        fs::write(folder.path().join("log.jsonl"), log).expect("written");
        let ran = calibrate(folder.path(), "log.jsonl", "h.toml");
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert!(said.contains(&format!("h.toml: {expected}; {all}")), "{said}");
    }
}

#[test]
fn a_run_that_fails_writes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("log.jsonl"), LOG).expect("written");
    calibrate(folder.path(), "log.jsonl", "h.toml");
    let before = fs::read(folder.path().join("h.toml")).expect("a history");
    let ran = calibrate(folder.path(), "none.jsonl", "h.toml");
    assert_eq!(ran.status.code(), Some(2));
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(said.contains("h.toml: not written"), "{said}");
    assert_eq!(fs::read(folder.path().join("h.toml")).expect("a history"), before);
    // Nor is a history made that holds nothing.
    assert_eq!(calibrate(folder.path(), "none.jsonl", "new.toml").status.code(), Some(2));
    assert!(!folder.path().join("new.toml").exists());
}

#[test]
fn what_is_read_is_not_written() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("log.jsonl"), LOG).expect("written");
    let ran = calibrate(folder.path(), "log.jsonl", "./log.jsonl");
    assert_eq!(ran.status.code(), Some(2));
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(said.contains("the file to write is one of those that are read"), "{said}");
    assert_eq!(fs::read_to_string(folder.path().join("log.jsonl")).expect("there"), LOG);
}
