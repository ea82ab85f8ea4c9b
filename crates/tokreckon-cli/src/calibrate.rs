//! `tokreckon calibrate`: own logs → a history that `tokreckon estimate --history` learns from.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use tokreckon::reasoning::History;

use crate::Exit;
use crate::args::CalibrateArgs;
use crate::context::{complain, counted};
use crate::input::{Row, complain_reject, read_all};
use crate::write::write_file;

pub(crate) fn run(args: &CalibrateArgs, out: &mut String) -> Result<Exit> {
    let mut history = histories(&args.history)?;
    let (effort, label) = (args.effort.as_deref(), args.label.as_deref());
    let (mut used, mut left_out, mut exit) = (0u64, 0u64, Exit::Fine);
    let files = read_all(&args.input, &mut |file, row| match row {
        Row::Record(record) => {
            if history.push_record(record, effort.unwrap_or(""), label.unwrap_or("")) {
                used += 1;
            } else {
                left_out += 1;
            }
        }
        Row::Reject(reject) => {
            complain_reject(file.name, &reject);
            exit = exit.max(Exit::Findings);
        }
    })?;
    if files.iter().any(|file| file.failure.is_some()) {
        exit = Exit::Failed;
    }
    if left_out > 0 {
        let records = counted(left_out, "record");
        complain(&format!(
            "{records} left out: not one request each, or they do not say how much was reasoning"
        ));
    }
    let text = history.to_string();
    match &args.out {
        Some(path) => {
            write_file(path, text.as_bytes())?;
            let (rows, kinds) = (counted(history.len(), "request"), history.iter().count());
            let used = counted(used, "request");
            let kinds = counted(kinds, "kind");
            let _ = writeln!(out, "{}: {used} learnt; {rows} of {kinds} in all", path.display());
        }
        None => out.push_str(&text),
    }
    Ok(exit)
}

/// Histories, one after the other.
pub(crate) fn histories(paths: &[PathBuf]) -> Result<History> {
    let mut all = History::new();
    for path in paths {
        all.extend(read(path)?);
    }
    Ok(all)
}

fn read(path: &Path) -> Result<History> {
    let shown = path.display();
    let text =
        fs::read_to_string(path).with_context(|| format!("{shown}: cannot read the history"))?;
    text.parse::<History>().map_err(|error| anyhow!("{shown}:{error}"))
}
