//! Ctrl-C while a file is read: the program ends with 130 and leaves nothing half written behind.

#![cfg(unix)]

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

#[test]
fn an_interrupted_program_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("my-history.toml");
    let mut child = Command::new(env!("CARGO_BIN_EXE_tokreckon"))
        .args(["calibrate", "-", "--out"])
        .arg(&out)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // More than a pipe holds: when it is written, the program is reading.
    let mut pipe = child.stdin.take().expect("a pipe");
    let line = br#"{"model":"o1-mini","usage":{"prompt_tokens":57,"completion_tokens":86}}"#;
    for _ in 0..8_000 {
        pipe.write_all(line).and_then(|()| pipe.write_all(b"\n")).expect("it reads");
    }
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status();
    if !sent.is_ok_and(|sent| sent.success()) {
        println!("skipped: no `kill` to send a signal with");
        child.kill().expect("ended");
        child.wait().expect("ended");
        return;
    }
    let ended = child.wait_with_output().expect("it ends");
    drop(pipe);
    assert_eq!(ended.status.code(), Some(130), "{}", String::from_utf8_lossy(&ended.stderr));
    assert!(ended.stdout.is_empty());
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}
