//! `tokreckon prices refresh`: a folder of price files renewed from tables that were fetched.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use tokreckon::book::PriceBook;
use tokreckon::document::RefreshDocument;
use tokreckon::import::{ImportOptions, PriceFile, Source, facts, read_table};
use tokreckon::refresh::{Change, Fate, RefreshError, Table, fill_facts, renew};
use tokreckon::time::Period;
use tokreckon::words::counted;
use tokreckon_data::schema::{self, Origin};

use crate::Exit;
use crate::args::{OutputFormat, RefreshArgs};
use crate::context::{complain, day, mistake_text, with_hint};
use crate::open;
use crate::options::in_options;
use crate::print::{Align, Sheet, json_document};
use crate::write::Output;

/// Most lines of one fate that a table shows; CSV and JSON have all.
const MAX_SHOWN: usize = 20;

pub(crate) fn refresh(args: &RefreshArgs, out: &mut String) -> Result<Exit> {
    let tables = tables(args)?;
    if args.user {
        if args.output.format == OutputFormat::Json {
            bail!("`--user` writes a folder and says so in words: leave out `--json`");
        }
        return layer(args, &tables, out);
    }
    let files = texts(&args.folder)?;
    let renewal = renew(&files, &tables).map_err(|error| mistakes(&error))?;
    let mut written: Vec<(PathBuf, String)> = Vec::new();
    for file in renewal.files.iter().filter(|file| file.is_changed) {
        written.push((args.folder.join(&file.name), file.text.clone()));
    }
    if let Some(folder) = &args.models {
        let prices: Vec<(String, String)> =
            renewal.files.iter().map(|file| (file.name.clone(), file.text.clone())).collect();
        let facts = fill_facts(&texts(folder)?, &prices, &tables);
        for file in facts.map_err(|error| mistakes(&error))?.into_iter().filter(|f| f.is_changed) {
            written.push((folder.join(&file.name), file.text));
        }
    }
    if args.write {
        for (path, text) in &written {
            Output::new(path)?.write(text)?;
        }
    }
    if args.output.format == OutputFormat::Json {
        let names = written.iter().map(|(path, _)| path.display().to_string()).collect();
        json_document(&RefreshDocument::new(&renewal.changes, names, args.write), out);
    } else {
        print(args, &renewal.changes, out);
        if args.output.format != OutputFormat::Csv {
            print_files(args, written.len(), out);
        }
    }
    if !args.write && !written.is_empty() {
        complain("nothing is written\nhint: `--write` writes the files");
    }
    Ok(if written.is_empty() { Exit::Fine } else { Exit::Findings })
}

fn mistakes(error: &RefreshError) -> anyhow::Error {
    let said: Vec<String> =
        error.mistakes.iter().map(|mistake| mistake_text(&error.name, mistake)).collect();
    anyhow!("{}", said.join("\n"))
}

/// Name and text of each price file of a folder, by name.
fn texts(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for path in listed(folder, "toml")? {
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let text = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
        files.push((name, text));
    }
    if files.is_empty() {
        let hint = "name the folder of the price files, such as `data/prices`".to_owned();
        return Err(with_hint(format!("{}: no price file", folder.display()), Some(hint)));
    }
    Ok(files)
}

fn listed(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("{}: cannot list", folder.display()))?;
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|have| have == ending));
    paths.sort();
    Ok(paths)
}

/// Every table that is named, and every dated file of each history.
fn tables(args: &RefreshArgs) -> Result<Vec<Table>> {
    let mut tables = Vec::new();
    for named in &args.from {
        let (name, path, date) = named
            .split_once('=')
            .and_then(|(name, rest)| rest.rsplit_once('@').map(|(path, day)| (name, path, day)))
            .ok_or_else(|| {
                let hint = "write it like `litellm=model_prices.json@2026-11-20`".to_owned();
                with_hint(format!("`--from {named}` is not TABLE=FILE@DATE"), Some(hint))
            })?;
        tables.push(table(name, Path::new(path), day("--from", date)?, date, false)?);
    }
    for named in &args.history {
        let Some((name, folder)) = named.split_once('=') else {
            bail!("`--history {named}` is not TABLE=FOLDER");
        };
        for path in listed(Path::new(folder), "json")? {
            let stem = path.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into());
            let Some(date) = date_in(&stem) else {
                let hint = "name the files by their days, such as `2025-03-03.json`".to_owned();
                return Err(with_hint(format!("{}: no day", path.display()), Some(hint)));
            };
            tables.push(table(name, &path, day("--history", &date)?, &date, true)?);
        }
    }
    Ok(tables)
}

/// The first `YYYY-MM-DD` of a name.
fn date_in(name: &str) -> Option<String> {
    let starts = name.char_indices().map(|(at, _)| at);
    let dates = starts.filter_map(|at| name.get(at..at + 10));
    dates.filter(|text| Period::parse(text).is_ok()).map(str::to_owned).next()
}

fn table(name: &str, path: &Path, seen_day: i32, date: &str, past: bool) -> Result<Table> {
    let shown = path.display().to_string();
    let bytes = open::bytes(path, "the table")?;
    if name == "tokreckon" {
        let text = String::from_utf8(bytes).with_context(|| shown.clone())?;
        return own(&shown, &text, seen_day);
    }
    let source = Source::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Source::ALL.iter().map(|source| source.name()).collect();
        with_hint(format!("no table `{name}`"), Some(format!("one of {}", known.join(", "))))
    })?;
    // Portkey's files say whose prices they hold by their names alone.
    let file = path.file_name().and_then(|file| file.to_str()).unwrap_or(name);
    let options = ImportOptions::new(file, seen_day);
    let imported = read_table(source, &bytes, &options).map_err(|error| {
        with_hint(format!("{shown}: {error}"), error.hint().as_ref().map(in_options))
    })?;
    Ok(Table {
        source: Some(source),
        evidence: format!("{name} {date}"),
        day: seen_day,
        past,
        files: imported.files.into_iter().map(|file| file.file).collect(),
        facts: if past { BTreeMap::new() } else { facts(source, &bytes) },
    })
}

/// A file of our own form, for what was collected by hand: one file may speak of one provider.
fn own(shown: &str, text: &str, seen_day: i32) -> Result<Table> {
    let (file, mistakes) = schema::read(text, Origin::User);
    if !mistakes.is_empty() {
        let said: Vec<String> = mistakes.iter().map(|m| mistake_text(shown, m)).collect();
        bail!("{}", said.join("\n"));
    }
    Ok(Table {
        source: None,
        evidence: "tokreckon".to_owned(),
        day: seen_day,
        past: false,
        files: vec![file],
        facts: BTreeMap::new(),
    })
}

/// A layer of one's own: of every table what the built-in book lacks, for now.
fn layer(args: &RefreshArgs, tables: &[Table], out: &mut String) -> Result<Exit> {
    let book = PriceBook::builtin();
    let mut written = 0;
    // The first table that has a model speaks for it: two would overlap.
    let mut owners: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut layers: BTreeMap<String, PriceFile> = BTreeMap::new();
    let files = tables.iter().enumerate().filter(|(_, table)| !table.past);
    for (at, file) in files.flat_map(|(at, t)| t.files.iter().map(move |file| (at, file))) {
        for entry in &file.prices {
            let id = entry.models.first().map_or("", String::as_str);
            let owner = *owners.entry((file.provider.clone(), id.to_lowercase())).or_insert(at);
            let is_sold = !book.does_not_sell(&file.provider, id);
            if owner != at
                || !is_sold
                || book.get(&file.provider, id).is_some_and(|f| !f.rates().is_empty())
            {
                continue;
            }
            let layer = layers.entry(file.provider.clone()).or_insert_with(|| PriceFile {
                file: schema::File { prices: Vec::new(), aliases: Vec::new(), ..file.clone() },
                remarks: vec!["What the built-in book lacks, by tables of the day.".to_owned()],
            });
            layer.file.prices.push(entry.clone());
            written += entry.prices.len();
        }
    }
    fs::create_dir_all(&args.folder)?;
    for (provider, layer) in &layers {
        let path = args.folder.join(format!("{provider}.toml"));
        Output::new(&path)?.write(&layer.text())?;
    }
    let _ = writeln!(
        out,
        "{} of {} that the built-in book lacks: use them with `--prices {}`",
        counted(written, "price"),
        counted(layers.len(), "provider"),
        args.folder.display()
    );
    Ok(Exit::Fine)
}

/// The changelog.
fn print(args: &RefreshArgs, changes: &[Change], out: &mut String) {
    let is_csv = args.output.format == OutputFormat::Csv;
    let names = ["fate", "provider", "model", "what", "why"];
    let mut sheet = Sheet::new(names.map(|name| (name, Align::Left)));
    let mut left = Vec::new();
    for fate in Fate::ALL {
        let of_fate: Vec<&Change> = changes.iter().filter(|change| change.fate == fate).collect();
        let shown = if is_csv { of_fate.len() } else { of_fate.len().min(MAX_SHOWN) };
        for change in of_fate.iter().take(shown) {
            let row = [fate.as_str(), &change.provider, &change.model, &change.what, &change.why];
            sheet.row(row.map(str::to_owned).to_vec());
        }
        left.push(format!("{} {}", fate.as_str(), of_fate.len()));
    }
    sheet.print(args.output.format, out);
    if !is_csv {
        let _ = writeln!(out, "\n{}; all with `--format csv`", left.join(", "));
    }
}

fn print_files(args: &RefreshArgs, changed: usize, out: &mut String) {
    let what = if args.write { "renewed" } else { "to renew" };
    let _ = writeln!(out, "{what}: {}", counted(changed, "file"));
}
