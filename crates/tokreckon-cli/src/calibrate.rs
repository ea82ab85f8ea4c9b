//! `tokreckon calibrate`: own logs → a history that `tokreckon estimate --history` learns from.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use tokreckon::pipeline::Row;
use tokreckon::reasoning::{FIRST_ROWS, History, LearntRows};
use tokreckon::words::{counted, grouped};

use crate::Exit;
use crate::args::CalibrateArgs;
use crate::context::complain;
use crate::input::{complain_reject, read_all};
use crate::open;
use crate::write::Output;

pub(crate) fn run(args: &CalibrateArgs, out: &mut String) -> Result<Exit> {
    let mut history = histories(&learnt_before(args)?)?;
    let mut learnt = History::new();
    // What the file holds already is read; from here on reading it would be reading a log.
    let output = args.out.as_deref().map(Output::new).transpose()?;
    let (effort, label) = (args.effort.as_deref(), args.label.as_deref());
    let (mut used, mut left_out, mut exit) = (0u64, 0u64, Exit::Fine);
    let read = read_all(&args.input, &mut |file, row| match row {
        Row::Record(record) => {
            if learnt.push_record(record, effort.unwrap_or(""), label.unwrap_or("")) {
                used += 1;
            } else {
                left_out += 1;
            }
        }
        Row::Reject(reject) => {
            complain_reject(file, &reject);
            exit = exit.max(Exit::Findings);
        }
    })?;
    if read.has_failed() {
        if let Some(out) = &args.out {
            complain(&format!("{}: not written: not every file could be read", out.display()));
        }
        return Ok(Exit::Failed);
    }
    if left_out > 0 {
        let records = counted(left_out, "record");
        complain(&format!("{records} left out: not one request each, or without an output count"));
    }
    let LearntRows { added, known, .. } = history.merge(learnt);
    let older = used.saturating_sub((added + known) as u64);
    let text = history.to_string();
    match args.out.as_deref().zip(output) {
        Some((path, output)) => {
            output.write(&text)?;
            let (rows, kinds) = (counted(history.len(), "request"), history.iter().count());
            let mut others = Vec::new();
            if known > 0 {
                others.push(format!("{} known before", grouped(known as u128)));
            }
            if older > 0 {
                let (older, most) = (grouped(older.into()), grouped(History::MAX_ROWS as u128));
                others.push(format!("{older} older than the newest {most} of their kind"));
            }
            let others = match others.join(", ") {
                none if none.is_empty() => none,
                some => format!(" ({some})"),
            };
            let (used, kinds) = (counted(used, "request"), counted(kinds, "kind"));
            let path = path.display();
            let _ = writeln!(out, "{path}: {used} learnt{others}; {rows} of {kinds} in all");
            standing(&history, out);
        }
        None => out.push_str(&text),
    }
    Ok(exit)
}

/// Kinds that are listed one by one.
const MOST_KINDS: usize = 20;

/// What each kind is good for by now: from how many rows on its bounds are proven, and what changed.
fn standing(history: &History, out: &mut String) {
    for (key, rows) in history.iter().take(MOST_KINDS) {
        let older = History::set_aside(rows);
        let have = rows.len() - older;
        let mut names = vec![key.model.clone()];
        for (what, name) in [("effort", &key.effort), ("label", &key.label)] {
            if !name.is_empty() {
                names.push(format!("{what} {name}"));
            }
        }
        let said = match have {
            0..FIRST_ROWS => format!("used from {FIRST_ROWS} on"),
            FIRST_ROWS..9 => format!("p90 guaranteed after {} more", 9 - have),
            9..99 => format!("p90 guaranteed, p99 after {} more", 99 - have),
            _ => "p90 and p99 guaranteed".to_owned(),
        };
        let _ = write!(out, "{}: {}; {said}", names.join(", "), counted(have, "request"));
        if older > 0 {
            let _ = write!(out, "; {older} older ones set aside: lengths have changed since");
        }
        out.push('\n');
    }
    if let Some(more) = history.iter().count().checked_sub(MOST_KINDS + 1) {
        let _ = writeln!(out, "and {}", counted(more + 1, "further kind"));
    }
}

/// The histories to add to: what `--history` names, and what `--out` holds already, once each.
///
/// It is an error when `--out` is one of the logs, which is no history to add to.
fn learnt_before(args: &CalibrateArgs) -> Result<Vec<PathBuf>> {
    let mut before = args.history.clone();
    let Some(out) = &args.out else { return Ok(before) };
    let Ok(place) = fs::canonicalize(out) else { return Ok(before) };
    let is_out = |path: &PathBuf| fs::canonicalize(path).is_ok_and(|path| path == place);
    if args.input.files.iter().any(is_out) {
        bail!(
            "{}: the file to write is one of those that are read\nhint: give `--out` another name",
            out.display()
        );
    }
    if place.is_file() && !before.iter().any(is_out) {
        before.insert(0, out.clone());
    }
    Ok(before)
}

/// Histories, one after the other.
pub(crate) fn histories(paths: &[PathBuf]) -> Result<History> {
    let mut all = History::new();
    for path in paths {
        all.merge(read(path)?);
    }
    Ok(all)
}

fn read(path: &Path) -> Result<History> {
    let shown = path.display();
    let text = open::text(path, "the history")?;
    text.parse::<History>().map_err(|error| anyhow!("{shown}:{error}"))
}
