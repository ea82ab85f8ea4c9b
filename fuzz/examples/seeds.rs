//! Cuts samples to seeds: `seeds OUT FOLDER…` fills `OUT/TARGET/` for every target.
//!
//! Seeds are small, so that millions of inputs fit an hour: a header with one row, one line of
//! JSON, a document with one element of every list.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokreckon::import::Source;
use tokreckon::read::{Format, Options, read};

/// Longest seed in bytes.
const MAX_BYTES: usize = 1024;
/// Most rows of one file.
const MAX_ROWS: usize = 6;

fn main() -> io::Result<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let out = args.next().ok_or_else(|| io::Error::other("usage: seeds OUT FOLDER…"))?;
    let mut files = Vec::new();
    for folder in args {
        walk(&folder, &mut files)?;
    }
    let mut seeds: BTreeSet<(String, Vec<u8>)> = BTreeSet::new();
    for path in &files {
        let bytes = fs::read(path)?;
        for (target, piece) in pieces(path, &bytes) {
            seeds.insert((target, piece));
        }
    }
    for (at, (target, seed)) in seeds.iter().enumerate() {
        let folder = out.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("seed-{at:04}")), seed)?;
    }
    let targets: BTreeSet<&String> = seeds.iter().map(|(target, _)| target).collect();
    println!("{} seeds of {} files for {} targets", seeds.len(), files.len(), targets.len());
    for format in Format::ALL {
        if !targets.contains(&format!("read-{}", format.name())) {
            println!("no seed for read-{}", format.name());
        }
    }
    Ok(())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut entries: Vec<PathBuf> = entries.collect::<io::Result<_>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.metadata()?.len() < 4 << 20 {
            files.push(path);
        }
    }
    Ok(())
}

/// The seeds in a file, each with its target.
fn pieces(path: &Path, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
    match ending {
        "toml" => toml_pieces(bytes),
        // Whole: its last line holds a digest of all others.
        "cells" => vec![("saved".to_owned(), bytes.to_owned())],
        "json" | "jsonl" => json_pieces(bytes),
        "csv" | "tsv" => table_pieces(bytes),
        _ => Vec::new(),
    }
}

/// The target of a piece, if it is an export.
fn reader_of(piece: &[u8]) -> Option<String> {
    let options = Options { provider: "openai", ..Options::default() };
    let format = read(piece, &options, &mut |_| {}).ok()?;
    Some(format!("read-{}", format.name()))
}

fn table_pieces(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut lines = bytes.split_inclusive(|&byte| byte == b'\n');
    let Some(header) = lines.next() else { return Vec::new() };
    let rows: Vec<&[u8]> = lines.take(MAX_ROWS).collect();
    let mut pieces: Vec<Vec<u8>> = rows.iter().map(|row| [header, row].concat()).collect();
    pieces.push([header, &rows.concat()].concat());
    let fits = |piece: &Vec<u8>| piece.len() <= MAX_BYTES;
    let named = |piece: Vec<u8>| Some((reader_of(&piece)?, piece));
    pieces.into_iter().filter(fits).filter_map(named).collect()
}

fn json_pieces(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let values = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>();
    let mut found = Vec::new();
    for mut value in values.map_while(Result::ok).take(MAX_ROWS) {
        found.extend(price_tables(&value));
        // The format of a piece that was cut is that of the whole.
        let target = reader_of(value.to_string().as_bytes());
        for most in [3, 1] {
            shorten(&mut value, most);
            let mut piece = value.to_string().into_bytes();
            piece.push(b'\n');
            if piece.len() > MAX_BYTES {
                continue;
            }
            found.extend(target.clone().map(|target| (target, piece.clone())));
            found.push(("read-usage-json".to_owned(), piece.clone()));
            if value.get("custom_id").is_some() && value.get("url").is_some() {
                found.push(("batch-line".to_owned(), piece.clone()));
            }
            let body = value.get("body").unwrap_or(&value);
            if body.get("model").is_some() && body.get("usage").is_none() {
                let body = body.to_string().into_bytes();
                found.push(("request".to_owned(), body.clone()));
                found.push(("estimate".to_owned(), body));
            }
        }
    }
    found
}

/// The parts of a published price table, each a table of its own.
fn price_tables(value: &Value) -> Vec<(String, Vec<u8>)> {
    let one = |key: &str, value: &Value| json!({ key: value }).to_string().into_bytes();
    let mut found: Vec<(Source, Vec<u8>)> = Vec::new();
    for (key, entry) in value.as_object().into_iter().flatten() {
        let source = match entry {
            _ if entry.get("litellm_provider").is_some() => Source::LiteLlm,
            _ if entry.get("models").is_some_and(Value::is_object) => Source::ModelsDev,
            _ => continue,
        };
        found.push((source, one(key, entry)));
    }
    if let Some(rows) = value.get("prices").and_then(Value::as_array) {
        let rows = rows.iter().filter(|row| row.get("vendor").is_some());
        found.extend(rows.map(|row| (Source::LlmPrices, one("prices", &json!([row])))));
        if value["prices"].as_array().is_some_and(|rows| rows.len() < 5) {
            found.push((Source::LlmPrices, value.to_string().into_bytes()));
        }
    }
    for provider in value.as_array().into_iter().flatten() {
        let models = provider.get("models").and_then(Value::as_array).into_iter().flatten();
        for model in models {
            let table = json!([{ "id": provider["id"], "models": [model] }]);
            found.push((Source::GenaiPrices, table.to_string().into_bytes()));
        }
    }
    found
        .into_iter()
        .map(|(source, piece)| (format!("import-{}", source.name().replace('.', "-")), piece))
        .collect()
}

/// Keeps the first elements of every list.
fn shorten(value: &mut Value, most: usize) {
    match value {
        Value::Array(values) => {
            values.truncate(most);
            values.iter_mut().for_each(|value| shorten(value, most));
        }
        Value::Object(fields) => fields.values_mut().for_each(|value| shorten(value, most)),
        _ => {}
    }
}

/// Tables of a price file or a history, each with what stands above the first.
fn toml_pieces(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let text = String::from_utf8_lossy(bytes);
    let target = match &text {
        text if text.contains("[[requests]]") => "history",
        text if text.contains("[columns]") => "format-file",
        _ => "prices",
    };
    let mut tables = text.split("\n[");
    let head = tables.next().unwrap_or_default();
    let mut pieces = vec![head.to_owned()];
    pieces.extend(tables.take(4 * MAX_ROWS).map(|table| format!("{head}\n[{table}")));
    let fits = pieces.into_iter().filter(|piece| piece.len() <= MAX_BYTES);
    fits.map(|piece| (target.to_owned(), piece.into_bytes())).collect()
}
