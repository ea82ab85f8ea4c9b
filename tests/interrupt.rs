//! A program that is ended at any moment leaves the old file or the new one, and nothing beside it.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Instant;

/// What a shell calls the signals, and their numbers.
const SIGNALS: [(&str, i32); 3] = [("INT", 2), ("TERM", 15), ("HUP", 1)];

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tokreckon"));
    command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
    command
}

/// False when there is no `kill` to send a signal with.
fn send(signal: &str, child: &Child) -> bool {
    let sent = Command::new("kill").arg(format!("-{signal}")).arg(child.id().to_string()).status();
    sent.is_ok_and(|sent| sent.success())
}

/// True where whoever runs the tests ignores a signal, as `nohup` does: so do its children.
fn is_ignored(number: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
    ignored.is_some_and(|bits| bits >> (number - 1) & 1 == 1)
}

/// The arguments that make a page of usage at `page`.
fn write_page(usage: &Path, page: &Path) -> Command {
    let mut command = program();
    command.arg("report").arg(usage).arg("--html").arg(page);
    command
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("a name").file_name();
    entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect()
}

fn usage(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("usage.csv");
    let header = "provider,model,timestamp,input_tokens,output_tokens\n";
    let rows = "openai,o1-mini,2025-03-01,1000,100\n".repeat(50);
    fs::write(&path, format!("{header}{rows}")).expect("written");
    path
}

/// What is done to a file while it is read.
type Change<'c> = (&'c str, &'c dyn Fn(&Path));

#[test]
fn an_interrupted_program_leaves_no_file() {
    for (signal, number) in SIGNALS {
        if is_ignored(number) {
            println!("skipped: SIG{signal} is ignored here");
            continue;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = program()
            .args(["calibrate", "-", "--out"])
            .arg(folder.path().join("my-history.toml"))
            .stdin(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // More than a pipe holds: when it is written, the program is reading.
        let mut pipe = child.stdin.take().expect("a pipe");
        let line = br#"{"model":"o1-mini","usage":{"prompt_tokens":57,"completion_tokens":86}}"#;
        for _ in 0..8_000 {
            pipe.write_all(line).and_then(|()| pipe.write_all(b"\n")).expect("it reads");
        }
        if !send(signal, &child) {
            println!("skipped: no `kill` to send a signal with");
            child.kill().expect("ended");
            child.wait().expect("ended");
            return;
        }
        let status = child.wait().expect("it ends");
        drop(pipe);
        assert_eq!(status.signal(), Some(number), "SIG{signal}: {status}");
        assert_eq!(names(folder.path()), BTreeSet::new());
    }
}

#[test]
fn a_program_that_shall_outlive_its_terminal_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let (usage, page) = (usage(folder.path()), folder.path().join("page.html"));
    // As `nohup` starts it, and then the terminal is closed.
    let script = "trap '' HUP; \"$@\" & sleep 0; kill -HUP $!; wait $!";
    let status = Command::new("sh")
        .args(["-c", script, "sh", env!("CARGO_BIN_EXE_tokreckon"), "report"])
        .arg(&usage)
        .arg("--html")
        .arg(&page)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let Ok(status) = status else {
        println!("skipped: no `sh`");
        return;
    };
    assert!(status.success(), "{status}");
    assert!(page.is_file());
}

/// Ended without a word at moments spread over its whole run: what was there before, or what shall
/// be. The half-written file beside it cannot be removed by a program that is not asked.
#[test]
fn a_killed_program_leaves_the_old_page_or_the_new_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let (usage, page) = (usage(folder.path()), folder.path().join("page.html"));
    let begun = Instant::now();
    assert!(write_page(&usage, &page).status().expect("it runs").success());
    let whole_run = begun.elapsed();
    let new = fs::read(&page).expect("written");
    let (mut old_left, mut new_left) = (0, 0);
    for kill in 0..40 {
        fs::write(&page, b"OLD").expect("written");
        let mut child = write_page(&usage, &page).spawn().expect("it starts");
        sleep(whole_run * kill / 36);
        child.kill().expect("ended");
        child.wait().expect("ended");
        let left = fs::read(&page).expect("there");
        old_left += u32::from(left == b"OLD");
        new_left += u32::from(left == new);
    }
    assert_eq!(old_left + new_left, 40, "{old_left} old, {new_left} new, the rest is neither");
    assert!(old_left > 0, "the kills came too late to say anything");
}

#[test]
fn a_signal_at_any_moment_leaves_nothing_beside_the_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let (usage, page) = (usage(folder.path()), folder.path().join("page.html"));
    let begun = Instant::now();
    assert!(write_page(&usage, &page).status().expect("it runs").success());
    let whole_run = begun.elapsed();
    for kill in 0..40 {
        let mut child = write_page(&usage, &page).spawn().expect("it starts");
        sleep(whole_run * kill / 36);
        let _ = send(SIGNALS[kill as usize % 3].0, &child);
        child.wait().expect("ended");
        assert_eq!(names(folder.path()), ["page.html", "usage.csv"].map(str::to_owned).into());
    }
}

#[test]
fn what_is_read_is_never_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let (usage, link) = (usage(folder.path()), folder.path().join("page.html"));
    std::os::unix::fs::symlink(&usage, &link).expect("a link");
    let before = fs::read(&usage).expect("there");
    let run = |arguments: &[&str]| {
        let run = program().args(arguments).current_dir(folder.path()).status();
        run.expect("it runs").code()
    };
    for refused in [
        &["report", "usage.csv", "--html", "usage.csv"][..],
        &["audit", "usage.csv", "--html", "page.html"],
        &["report", "--recursive", ".", "--html", "./usage.csv"],
        &["report", "-", "--prices", "usage.csv", "--html", "usage.csv"],
        &["calibrate", "usage.csv", "--out", "page.html"],
        &["prices", "import", "--from", "litellm", "usage.csv", "--out", "usage.csv"],
    ] {
        assert_eq!(run(refused), Some(2), "{refused:?}");
        assert_eq!(fs::read(&usage).expect("there"), before, "{refused:?}");
    }
}

/// What a report says of a file that changes after it was found and before it is read: the program
/// waits at a pipe that comes first, and opening that to write says that it does. `None` where no such
/// pipe can be made.
fn report_on_what_changes(change: impl FnOnce(&Path)) -> Option<Output> {
    let folder = tempfile::tempdir().expect("a folder");
    let (usage, gate) = (usage(folder.path()), folder.path().join("gate"));
    if !Command::new("mkfifo").arg(&gate).status().is_ok_and(|made| made.success()) {
        println!("skipped: no `mkfifo`");
        return None;
    }
    let child = program()
        .args(["report", "gate", "usage.csv", "--total"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut pipe = fs::OpenOptions::new().write(true).open(&gate).expect("it reads");
    change(&usage);
    let row = "openai,o1-mini,2025-03-02,1000,100";
    writeln!(pipe, "provider,model,timestamp,input_tokens,output_tokens\n{row}").expect("written");
    drop(pipe);
    Some(child.wait_with_output().expect("it ends"))
}

#[test]
fn a_file_that_changes_while_it_is_read_is_none_to_report_on() {
    let rewritten = |usage: &Path| {
        let text = fs::read_to_string(usage).expect("there").replace("1000,100", "2000,200");
        fs::write(usage, text).expect("written");
    };
    let cut = |usage: &Path| {
        let file = fs::OpenOptions::new().write(true).open(usage).expect("there");
        file.set_len(200).expect("cut");
    };
    let replaced = |usage: &Path| {
        let other = usage.with_extension("other");
        fs::copy(usage, &other).expect("copied");
        fs::rename(other, usage).expect("moved");
    };
    let longer_and_other = |usage: &Path| {
        fs::remove_file(usage).expect("there");
        fs::write(usage, "model,input_tokens\n".repeat(1000)).expect("written");
    };
    // In place, as a shell's `>` does: the same file, and only longer.
    let longer_in_place = |usage: &Path| {
        let text = fs::read_to_string(usage).expect("there").replace("1000,100", "20000,200");
        fs::write(usage, text).expect("written");
    };
    // The first bytes are those of before.
    let longer_at_the_end = |usage: &Path| {
        let text = fs::read_to_string(usage).expect("there");
        let (first, last) = text.split_at(text.len() - 100);
        fs::write(usage, format!("{first}openai,gpt-4o,2025-03-01,7,7\n{last}")).expect("written");
    };
    let changes: [Change<'_>; 6] = [
        ("longer in place", &longer_in_place),
        ("longer at the end", &longer_at_the_end),
        ("rewritten", &rewritten),
        ("cut", &cut),
        ("replaced", &replaced),
        ("longer and another one", &longer_and_other),
    ];
    for (name, change) in changes {
        let Some(output) = report_on_what_changes(change) else { return };
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        let expected = "usage.csv: cannot read: it changed while it was read";
        assert!(said.contains(expected), "{name}: {said}");
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
    }
}

#[test]
fn a_file_that_grows_while_it_is_read_is_reported_as_it_was_found() {
    let Some(same) = report_on_what_changes(|_| ()) else { return };
    assert_eq!(String::from_utf8_lossy(&same.stderr), "");
    let grown = report_on_what_changes(|usage| {
        let mut file = fs::OpenOptions::new().append(true).open(usage).expect("there");
        writeln!(file, "openai,o1-mini,2025-03-01,1000000,100").expect("written");
    });
    let grown = grown.expect("a pipe as before");
    let said = String::from_utf8(grown.stderr).expect("UTF-8");
    let expected = "usage.csv: it grew while it was read; what was added since is not counted";
    assert!(said.contains(expected), "{said}");
    assert_eq!((grown.status.code(), grown.stdout), (same.status.code(), same.stdout));
}
