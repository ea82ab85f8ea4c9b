//! Recorded requests, and the audit of a set of them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};
use tokreckon::audit::{Audit, Auditor, Code};
use tokreckon::book::PriceBook;
use tokreckon::ledger::{Ledger, Settings};
use tokreckon::read::{Format, Item, Options, read as read_export};
use tokreckon::time::Period;

/// What the folder holds.
pub(crate) struct Facts {
    /// Rows of `requests.csv`.
    pub(crate) rows: Vec<Row>,
    /// Recorded responses that are fit for use, as lines of a log, with their ids.
    pub(crate) recorded: Vec<(String, String)>,
    /// Rows of `aimlapi_unit_test.csv`.
    pub(crate) credits: Vec<Credits>,
}

/// One request of `requests.csv`.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) model: String,
    pub(crate) input: u64,
    pub(crate) output: u64,
    /// `None` where the provider does not say.
    pub(crate) reasoning: Option<u64>,
    pub(crate) visible: u64,
}

/// One response whose counts are not tokens.
#[derive(Clone, Debug)]
pub(crate) struct Credits {
    pub(crate) model: String,
    pub(crate) input: u64,
    pub(crate) output: u64,
    pub(crate) reasoning: u64,
    pub(crate) visible: u64,
}

/// Reads the folder.
pub(crate) fn read(folder: &Path) -> Result<Facts, String> {
    let text = |path: &str| {
        let path = folder.join(path);
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let requests = text("reasoning/requests.csv")?;
    let rows = table(&requests)?;
    let rows = rows.iter().map(|row| {
        Ok(Row {
            model: served(cell(row, "model")?).to_owned(),
            input: number(row, "prompt_tokens")?,
            output: number(row, "completion_tokens")?,
            reasoning: match cell(row, "reasoning_tokens")? {
                "" => None,
                _ => Some(number(row, "reasoning_tokens")?),
            },
            visible: number(row, "visible_o200k")?,
        })
    });
    let rows = rows.collect::<Result<_, String>>()?;
    let samples = text("reasoning/aimlapi_unit_test.csv")?;
    let credits = table(&samples)?;
    let credits = credits.iter().map(|row| {
        let model = cell(row, "model")?;
        Ok(Credits {
            model: listed(model),
            input: number(row, "prompt")?,
            output: number(row, "completion")?,
            reasoning: number(row, "reasoning")?,
            visible: number(row, "visible")?,
        })
    });
    let credits = credits.collect::<Result<_, String>>()?;
    Ok(Facts { rows, recorded: recorded(&folder.join("counting/cases"))?, credits })
}

/// A page with new text between its two marks.
pub(crate) fn between_marks(page: &str, text: &str) -> Option<String> {
    let (before, rest) = page.split_once(FIRST_MARK)?;
    let (_, after) = rest.split_once(LAST_MARK)?;
    Some(format!("{before}{FIRST_MARK}\n\n{}\n\n{LAST_MARK}{after}", text.trim_end()))
}

const FIRST_MARK: &str = "<!-- made by the example `detection` -->";
const LAST_MARK: &str = "<!-- end -->";

/// The audit of a text, and how many records there were.
pub(crate) fn audit(text: &str, format: Format, provider: &str) -> (Audit, u64) {
    let day = Period::parse("2025-06-01").expect("a day");
    let settings = Settings { undated: Some(day), ..Settings::default() };
    let mut ledger = Ledger::new(PriceBook::builtin(), settings);
    let mut auditor = Auditor::default();
    let options = Options { format: Some(format), provider, ..Options::default() };
    let mut records = 0;
    let read = read_export(text.as_bytes(), &options, &mut |item| match item {
        Item::Record(record) => {
            records += 1;
            let outcome = ledger.add(record);
            auditor.observe(0, record, &outcome, &ledger);
        }
        Item::Reject(reject) => auditor.reject(0, &reject),
        _ => {}
    });
    assert!(read.is_ok(), "{read:?}");
    (auditor.finish().expect("ids are kept in memory"), records)
}

/// The audit of rows.
pub(crate) fn audit_rows<'r>(rows: impl Iterator<Item = &'r Row>) -> (Audit, u64) {
    let mut text = "model,input_tokens,output_tokens,reasoning_tokens,visible_tokens\n".to_owned();
    for Row { model, input, output, reasoning, visible } in rows {
        let reasoning = reasoning.map_or(String::new(), |tokens| tokens.to_string());
        let _ = writeln!(text, "{model},{input},{output},{reasoning},{visible}");
    }
    audit(&text, Format::Plain, "openai")
}

/// How many records have a finding.
pub(crate) fn count(audit: &Audit, code: Code) -> u64 {
    let same = audit.findings.iter().filter(|finding| finding.code == code);
    same.map(|finding| finding.records).sum()
}

/// The id in a price list: that in brackets, where the name is not one.
fn listed(name: &str) -> String {
    match name.split_once(" (") {
        Some((_, id)) if id.starts_with("gpt") => id.trim_end_matches(')').to_owned(),
        Some((id, _)) => id.to_owned(),
        None => name.to_owned(),
    }
}

/// The model that a row's name stands for: some name the set-up as well.
fn served(model: &str) -> &str {
    if model.starts_with("o4-mini") { "o4-mini" } else { model }
}

type Table<'t> = Vec<BTreeMap<&'t str, &'t str>>;

fn table(text: &str) -> Result<Table<'_>, String> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().ok_or("an empty table")?.split(',').collect();
    Ok(lines.map(|line| header.iter().copied().zip(line.split(',')).collect()).collect())
}

fn cell<'t>(row: &BTreeMap<&str, &'t str>, name: &str) -> Result<&'t str, String> {
    row.get(name).copied().ok_or_else(|| format!("no column `{name}`"))
}

fn number(row: &BTreeMap<&str, &str>, name: &str) -> Result<u64, String> {
    let text = cell(row, name)?;
    text.parse().map_err(|_| format!("`{name}` is `{text}`"))
}

/// Recorded chats with text output that nobody calls suspicious.
fn recorded(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    paths.sort();
    let mut lines = Vec::new();
    for path in paths {
        let text =
            std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        for line in text.lines() {
            let case: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
            let clean = case["suspicious"].as_array().is_some_and(Vec::is_empty);
            let endpoint = case["endpoint"].as_str().unwrap_or_default();
            let others = ["embed", "images", "input_tokens", "count", "rerank", "audio", "compact"];
            if clean && !others.iter().any(|other| endpoint.contains(other)) {
                lines.push((case["id"].as_str().unwrap_or_default().to_owned(), log_line(&case)));
            }
        }
    }
    Ok(lines)
}

/// A recording as the line of a log.
fn log_line(case: &Value) -> String {
    let mut response = case["response"].clone();
    if !response.is_object() {
        response = json!({});
    }
    response["usage"] = case["usage"].clone();
    response["model"] = case["model"].clone();
    response["id"] = case["id"].clone();
    if let Some(created) = case["date"].as_str().and_then(seconds) {
        response["created"] = created.into();
    }
    let provider = case["provider"].as_str().unwrap_or_default().replace('_', "-");
    json!({ "provider": provider, "request": case["request"], "response": response }).to_string()
}

/// `2025-03-14T…` or `Fri, 14 Mar 2025 …`.
fn seconds(date: &str) -> Option<i64> {
    let instant = date.parse::<jiff::Timestamp>().ok();
    instant
        .or_else(|| jiff::fmt::rfc2822::parse(date).ok().map(|zoned| zoned.timestamp()))
        .map(jiff::Timestamp::as_second)
}
