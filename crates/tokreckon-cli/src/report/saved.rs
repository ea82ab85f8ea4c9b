//! `report --save` and `report *.cells`: ledgers that are kept, and added up without their files.

use std::borrow::Cow;
use std::fmt::Write;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tokreckon::ledger::Settings;
use tokreckon::ledger::saved::{Prices, SavedError, SavedLedger};
use tokreckon::pipeline::{FileTally, Pipeline, Warning};

use super::{OtherTerms, Shown, complain_rejects, exit, refused};
use crate::Exit;
use crate::args::{InputArgs, ReportArgs, ReportFormat};
use crate::context::{book, defaults, layers, settings, with_hint};
use crate::filter::filter;
use crate::input::{self, complain_all};
use crate::keys::without_keys;
use crate::open::cannot_open;
use crate::options::in_options;
use crate::people::People;
use crate::print::Out;
use crate::write::{Output, refuse_output};

/// True where a saved ledger is to be read or written.
pub(super) fn is_asked(args: &ReportArgs) -> bool {
    args.save.is_some() || args.input.files.iter().any(|path| is_cells(path))
}

fn is_cells(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "cells")
}

pub(super) fn run(args: &ReportArgs, out: &mut Out<'_>) -> Result<Exit> {
    #[cfg(feature = "parquet")]
    let columns = super::parquet::output(args)?;
    let save = args.save.as_deref().map(Output::new).transpose()?;
    refuse_what_needs_records(args)?;
    let (cells, others): (Vec<PathBuf>, Vec<PathBuf>) =
        args.input.files.iter().cloned().partition(|path| is_cells(path));
    let reads_files = !others.is_empty() || cells.is_empty();
    if !reads_files {
        refuse_what_reads_files(&args.input)?;
    }
    let layers = layers(&args.book)?;
    let book = book(&layers);
    let (at, tier) = (args.input.at.as_deref(), args.input.service_tier.as_deref());
    let mut settings = settings(&args.grouping.by, &args.grouping.timezone, at, tier, &args.terms)?;
    settings.defaults = defaults(args.answer.strict)?;
    let filter = filter(&args.filter, &settings.zone)?;
    let mut all: Option<SavedLedger> = None;
    if reads_files {
        let input = InputArgs { files: others, ..args.input.clone() };
        let pipeline = input::pipeline(&input, &book)?;
        all = Some(read(&input, pipeline, &settings, args.output.page.show_people)?);
    }
    for path in &cells {
        let part = open(path)?;
        complain_all(&Warning::of_saved(&FileTally::all_saved(&part)));
        match &mut all {
            None => all = Some(part),
            Some(all) => {
                let shown = path.display().to_string();
                all.merge(part).map_err(|error| failed(&shown, &error))?;
            }
        }
    }
    // Its last line is a digest of those before: what is hidden afterwards makes it one that was changed.
    let hidden = |text: &str| match without_keys(text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(hidden) => Some(hidden),
    };
    let all = all.context("nothing to read")?.with_texts(&hidden);
    let all = all.map_err(|error| failed("what was read", &error))?;
    let prices = if args.reprice { Prices::OfThisBook } else { Prices::AsSaved };
    let ledger = all.ledger(&book, settings, prices, filter.as_ref());
    let ledger = ledger.map_err(|error| failed("the saved ledger", &error))?;
    if let Some(save) = save {
        save.write(&all.to_text())?;
    }
    let report = ledger.report().context("the sums")?;
    let people = People::of(&report, args.output.page.show_people);
    let report = people.shown(report)?;
    let files = FileTally::all_saved(&all);
    let other_terms = OtherTerms { scenarios: Vec::new(), reports: Vec::new() };
    let shown = Shown {
        report: &report,
        other_terms: &other_terms,
        meters: None,
        budget: None,
        files: &files,
        #[cfg(feature = "parquet")]
        columns: columns.as_ref(),
    };
    shown.print(args, out)?;
    let for_people = args.output.format.is_for_people();
    let notes = for_people && !args.output.quiet && !args.answer.total;
    if let Some(note) = people.note().filter(|_| notes) {
        let _ = writeln!(out, "{note}");
    }
    let strict = refused(args.answer.strict, &report);
    Ok(exit(&report, &files).max(strict))
}

/// What asks for single records, which a saved ledger does not have.
fn refuse_what_needs_records(args: &ReportArgs) -> Result<()> {
    let asked = [
        ("--as-if", !args.as_if.is_empty()),
        ("--html", args.output.page.html.is_some()),
        ("--format focus", args.output.format == ReportFormat::Focus),
        ("--budget", args.budget.is_some()),
        ("--local", args.local),
        ("--by meter", args.grouping.by.iter().any(|name| name == super::meters::NAME)),
    ];
    if let Some((name, _)) = asked.into_iter().find(|(_, asked)| *asked) {
        bail!("`{name}` needs the files themselves, and does not go with saved ledgers");
    }
    let filters = &args.filter;
    let filtered = filters.since.is_some() || filters.until.is_some() || !filters.wanted.is_empty();
    if args.save.is_some() && filtered {
        return Err(with_hint(
            "`--save` keeps everything that was read",
            Some("say `--since`, `--until` and `--where` when you report on it".to_owned()),
        ));
    }
    Ok(())
}

/// What says how files are read, where there are none.
fn refuse_what_reads_files(args: &InputArgs) -> Result<()> {
    let asked = [
        ("--from", args.from.is_some()),
        ("--provider", args.provider.is_some()),
        ("--map", args.map.is_some()),
        ("--map-file", args.map_file.is_some()),
        ("--at", args.at.is_some()),
        ("--service-tier", args.service_tier.is_some()),
    ];
    match asked.into_iter().find(|(_, asked)| *asked) {
        None => Ok(()),
        Some((name, _)) => Err(with_hint(
            format!("`{name}` says how files are read, and there are saved ledgers only"),
            Some(format!("say `{name}` when you save them")),
        )),
    }
}

/// Reads files into a saved ledger. One that cannot be read to its end is none to keep.
fn read(
    input: &InputArgs,
    pipeline: Pipeline<'_>,
    settings: &Settings,
    show_people: bool,
) -> Result<SavedLedger> {
    let by = settings.by.clone();
    let run = input::run(input, &pipeline.settings(settings.clone()).saving(by))?;
    complain_rejects(&run.rejects, &run.files, show_people);
    let saved = run.saved().map_err(|error| match error {
        SavedError::NotWhole { .. } | SavedError::Changed { .. } => {
            with_hint(error.to_string(), error.hint().as_ref().map(in_options))
        }
        _ => failed("what was read", &error),
    })?;
    saved.context("the ledger")
}

/// Reads a saved ledger.
fn open(path: &Path) -> Result<SavedLedger> {
    let shown = path.display();
    refuse_output(path)?;
    let file = File::open(path)
        .map_err(|error| cannot_open(path, error, format!("{shown}: cannot read")))?;
    SavedLedger::read(BufReader::new(file)).map_err(|error| match &error {
        SavedError::Text { line, problem } => {
            let hint = error.hint().as_ref().map(in_options);
            with_hint(format!("{shown}:{line}: {problem}"), hint)
        }
        _ => failed(&shown.to_string(), &error),
    })
}

fn failed(what: &str, error: &SavedError) -> anyhow::Error {
    with_hint(format!("{what}: {error}"), error.hint().as_ref().map(in_options))
}
