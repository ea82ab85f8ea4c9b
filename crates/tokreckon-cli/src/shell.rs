//! `tokreckon completions` and `tokreckon man`: what shells and manuals need, from the same definitions as the arguments.

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result};

use crate::Exit;
use crate::args::{Args, CompletionsArgs, ManArgs};

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
    clap_mangen::generate_to(Args::definitions(), folder)
        .with_context(|| format!("{}: cannot write the pages", folder.display()))?;
    let _ =
        writeln!(out, "{}: manual pages; `man tokreckon` finds them on MANPATH", folder.display());
    Ok(Exit::Fine)
}
