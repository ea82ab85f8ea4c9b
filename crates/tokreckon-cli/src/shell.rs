//! `tokreckon completions` and `tokreckon man`: what shells and manuals need, from the same definitions as the arguments.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap_mangen::Man;

use crate::Exit;
use crate::args::{Args, CompletionsArgs, ManArgs};
use crate::write::Output;

pub(crate) fn completions(args: &CompletionsArgs, out: &mut String) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::definitions(), "tokreckon", &mut script);
    out.push_str(&String::from_utf8_lossy(&script));
    Exit::Fine
}

pub(crate) fn man(args: &ManArgs, out: &mut String) -> Result<Exit> {
    let folder = &args.out;
    fs::create_dir_all(folder)
        .with_context(|| format!("{}: cannot make the folder", folder.display()))?;
    let mut program = Args::definitions().disable_help_subcommand(true);
    program.build();
    pages(&program, folder)?;
    let _ =
        writeln!(out, "{}: manual pages; `man tokreckon` finds them on MANPATH", folder.display());
    Ok(Exit::Fine)
}

/// Writes the page of a command and those of the commands below it.
fn pages(command: &clap::Command, folder: &Path) -> Result<()> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        pages(below, folder)?;
    }
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render(&mut page).context("a manual page")?;
    let page = String::from_utf8(page).context("a manual page")?;
    Output::new(&folder.join(man.get_filename()))?.write(&page)
}
