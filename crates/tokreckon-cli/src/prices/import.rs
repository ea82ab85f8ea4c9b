//! `tokreckon prices import`: a published price table → price files of our own schema.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use tokreckon::document::{ImportDocument, ImportedProviderDocument};
use tokreckon::import::{ImportOptions, Imported, PriceFile, Source, Why, read_table};
use tokreckon::words::counted;

use crate::Exit;
use crate::args::{ImportArgs, OutputFormat};
use crate::context::{complain, day, now, with_hint};
use crate::open;
use crate::options::in_options;
use crate::print::{Align, Sheet, json_document};
use crate::write::{Output, refuse_output};

/// Most entries of a list that are shown; the price files hold all of them.
const MAX_SHOWN: usize = 20;

pub(crate) fn import(args: &ImportArgs, out: &mut String) -> Result<Exit> {
    let source =
        Source::from_name(&args.from).ok_or_else(|| anyhow!("no table `{}`", args.from))?;
    let shown = open::name(&args.file);
    let bytes = open::bytes(&args.file, "the table")?;
    let today = || Ok(i32::try_from(now()?.start.day())?);
    let options = ImportOptions {
        file: args.file.file_name().and_then(|name| name.to_str()).unwrap_or("table"),
        seen_day: args.seen.as_deref().map_or_else(today, |text| day("--seen", text))?,
        commit: args.commit.as_deref(),
        since_day: args.since.as_deref().map(|text| day("--since", text)).transpose()?,
        zero_is_free: args.zero_is_free,
        providers: &args.providers,
    };
    let imported = read_table(source, &bytes, &options).map_err(|error| {
        with_hint(format!("{shown}: {error}"), error.hint().as_ref().map(in_options))
    })?;
    check_providers(&imported, args)?;
    match &args.out {
        None => to_stdout(&imported, out)?,
        Some(path) => {
            write_files(&imported, args, path)?;
            summary(&imported, args, out);
        }
    }
    talk(&imported);
    let incomplete =
        imported.left_out.len() + imported.conflicts.len() + imported.repeated_keys.len();
    Ok(if incomplete > 0 { Exit::Findings } else { Exit::Fine })
}

/// A provider that was asked for and is not in the table is a mistake.
fn check_providers(imported: &Imported, args: &ImportArgs) -> Result<()> {
    for asked in &args.providers {
        let known = |file: &PriceFile| file.file.provider == *asked;
        if !imported.files.iter().any(known) {
            let hint = "`--provider` takes our ids, such as `openai` or `aws-bedrock`".to_owned();
            return Err(with_hint(format!("no price of `{asked}` in the table"), Some(hint)));
        }
    }
    if imported.files.is_empty() {
        bail!("no price in the table");
    }
    Ok(())
}

/// One provider: the price file itself is the answer.
fn to_stdout(imported: &Imported, out: &mut String) -> Result<()> {
    let [file] = imported.files.as_slice() else {
        let providers = counted(imported.files.len(), "provider");
        let hint = "choose one with `--provider`, or name a folder with `--out`";
        return Err(with_hint(
            format!("the table has prices of {providers}, and a price file speaks of one"),
            Some(hint.to_owned()),
        ));
    };
    out.push_str(&file.text());
    Ok(())
}

/// One file when the path ends with `.toml`, else a folder with a file for each provider.
fn write_files(imported: &Imported, args: &ImportArgs, path: &Path) -> Result<()> {
    let write = |path: &Path, text: &str| {
        let output = Output::new(path)?;
        refuse_output(&args.file)?;
        output.write(text)
    };
    if path.extension().is_some_and(|ending| ending == "toml") {
        let mut text = String::new();
        to_stdout(imported, &mut text)?;
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        return write(path, &text);
    }
    make_folder(path)?;
    for file in &imported.files {
        let name = format!("{}.toml", file.file.provider);
        write(&path.join(name), &file.text())?;
    }
    Ok(())
}

fn make_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("{}: cannot make it", path.display()))
}

/// What became of the prices, by provider.
fn summary(imported: &Imported, args: &ImportArgs, out: &mut String) {
    let document = ImportDocument::from(imported);
    if args.output.format == OutputFormat::Json {
        return json_document(&document, out);
    }
    let counts = |of: &ImportedProviderDocument| {
        [of.models, of.prices, of.repaired, of.left_out, of.conflicts]
    };
    let rows = document.providers.iter().map(|of| (of.provider.clone(), counts(of)));
    let rows: Vec<(String, [u64; 5])> = rows.collect();
    let mut sheet = Sheet::new([
        ("provider", Align::Left),
        ("models", Align::Count),
        ("prices", Align::Count),
        ("repaired", Align::Count),
        ("left out", Align::Count),
        ("conflicts", Align::Count),
    ]);
    for (provider, counts) in &rows {
        let mut cells = vec![provider.clone()];
        cells.extend(counts.iter().map(u64::to_string));
        sheet.row(cells);
    }
    if args.output.format != OutputFormat::Csv {
        let total = (0..5).map(|at| rows.iter().map(|(_, counts)| counts[at]).sum::<u64>());
        sheet.total(
            std::iter::once("total".to_owned()).chain(total.map(|n| n.to_string())).collect(),
        );
    }
    sheet.print(args.output.format, out);
    if args.output.format != OutputFormat::Csv {
        let _ = writeln!(out, "\n{}", account(imported));
    }
}

/// `12 prices = 9 written + 1 repeated + 2 left out + 0 in conflict`.
fn account(imported: &Imported) -> String {
    let mut text = format!(
        "{} in the table = {} written + {} repeated + {} left out + {} in conflict",
        counted(imported.found, "price"),
        imported.written,
        imported.repeated,
        imported.left_out.len(),
        imported.conflicts.len()
    );
    if imported.not_asked > 0 {
        let _ = write!(text, " + {} of other providers", imported.not_asked);
    }
    if imported.filled > 0 {
        let _ = write!(text, "; {} taken over into price tiers", imported.filled);
    }
    text
}

/// The lists behind the counts, to stderr.
fn talk(imported: &Imported) {
    let mut said: Vec<String> = Vec::new();
    for r in &imported.repairs {
        let (model, field) = (&r.model, &r.field);
        said.push(format!("{} {model}: {field} {} is {}", r.provider, r.from, r.to));
    }
    list("repaired float noise", &said);
    said.clear();
    for c in &imported.conflicts {
        let (kept, value) = (&c.kept, &c.value);
        said.push(format!(
            "{} {}: {} is {kept}, {} is {value}; the first is kept",
            c.provider, c.model, c.kept_field, c.field
        ));
    }
    list("contradictions in the table", &said);
    list("keys that are there twice, of which the last counts", &imported.repeated_keys);
    let mut reasons: Vec<Why> = imported.left_out.iter().map(|left| left.why).collect();
    reasons.sort_unstable();
    reasons.dedup();
    for why in reasons {
        let of = imported.left_out.iter().filter(|left| left.why == why);
        let said: Vec<String> =
            of.map(|l| format!("{} {}: {} {}", l.provider, l.model, l.field, l.value)).collect();
        list(&format!("left out, {}", why.as_str()), &said);
    }
    let said: Vec<String> = imported
        .patterns
        .iter()
        .map(|l| format!("{} {}: {}", l.provider, l.model, l.value))
        .collect();
    list("ids by a pattern, which ours do not match", &said);
}

fn list(what: &str, entries: &[String]) {
    if entries.is_empty() {
        return;
    }
    complain(&format!("{} ({})", what, entries.len()));
    for entry in entries.iter().take(MAX_SHOWN) {
        complain(&format!("  {}", crate::print::clean(entry)));
    }
    if entries.len() > MAX_SHOWN {
        let more = entries.len() - MAX_SHOWN;
        complain(&format!("  and {more} more: `--out` with `--format json` lists all"));
    }
}
