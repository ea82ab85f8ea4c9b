//! The text form of a history, `my-history.toml`: one block per key, one line per request.

use std::fmt;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::history::{History, HistoryKey, HistoryRow};
use crate::time::Instant;
use crate::words::toml_string;

/// A text is not a history.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {message}")]
#[non_exhaustive]
pub struct HistoryTextError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl History {
    /// Longest text that is read, in bytes.
    pub const MAX_BYTES: u64 = 64 * 1024 * 1024;
}

/// Largest count that is read: 2^40 tokens.
const MAX_TOKENS: u64 = 1 << 40;

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        for (key, rows) in self.iter() {
            f.write_str("\n[[requests]]\n")?;
            let texts = [("model", &key.model), ("effort", &key.effort), ("label", &key.label)];
            for (name, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
                writeln!(f, "{name} = {}", toml_string(text))?;
            }
            f.write_str("rows = [\n")?;
            for row in rows {
                match row.hidden.zip(row.visible()) {
                    Some((hidden, visible)) => {
                        write!(f, "  [{}, {hidden}, {visible}", row.prompt)?;
                    }
                    None => write!(f, "  [{}, {}", row.prompt, row.output)?,
                }
                // TOML writes years of four digits; nobody asked a model before 1970.
                match row.at.filter(|at| at.0 >= 0 && at.in_utc().is_some()) {
                    Some(at) => writeln!(f, ", {at}],")?,
                    None => f.write_str("],\n")?,
                }
            }
            f.write_str("]\n")?;
        }
        Ok(())
    }
}

const HEAD: &str = "# Own requests, oldest first. Each row: [prompt, hidden, visible] tokens, or \
                    [prompt, output] where hidden tokens were not reported; then its time.\n";

impl FromStr for History {
    type Err = HistoryTextError;

    /// Reads what [`History`]'s `Display` writes.
    fn from_str(text: &str) -> Result<Self, HistoryTextError> {
        let error = |(at, message): Fault| {
            let line = text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
            HistoryTextError { line, message }
        };
        if text.len() as u64 > Self::MAX_BYTES {
            let message = format!("the text is longer than {} bytes", Self::MAX_BYTES);
            return Err(error((0, message)));
        }
        let document = DeTable::parse(text).map_err(|mistake| {
            let at = mistake.span().map_or(0, |span| span.start);
            error((at, format!("not TOML: {}", mistake.message())))
        })?;
        read(document.get_ref()).map_err(error)
    }
}

/// Byte offset and message.
type Fault = (usize, String);

fn read(document: &DeTable<'_>) -> Result<History, Fault> {
    let mut history = History::new();
    for (name, value) in document {
        if name.get_ref() != "requests" {
            return Err((name.span().start, unknown(name.get_ref())));
        }
        for block in list(value, "`requests`")? {
            read_block(block, &mut history)?;
        }
    }
    Ok(history)
}

fn read_block(block: &Spanned<DeValue<'_>>, history: &mut History) -> Result<(), Fault> {
    let DeValue::Table(table) = block.get_ref() else {
        return Err((
            block.span().start,
            "`requests` holds something other than blocks".to_owned(),
        ));
    };
    let mut key = HistoryKey::default();
    let mut rows = None;
    for (name, value) in table {
        match name.get_ref().as_ref() {
            "model" => key.model = string(value, "`model`")?,
            "effort" => key.effort = string(value, "`effort`")?,
            "label" => key.label = string(value, "`label`")?,
            "rows" => rows = Some(list(value, "`rows`")?),
            other => return Err((name.span().start, unknown(other))),
        }
    }
    let at = block.span().start;
    if key.model.is_empty() {
        return Err((at, "`model` is missing in `[[requests]]`".to_owned()));
    }
    for row in rows.ok_or((at, "`rows` is missing in `[[requests]]`".to_owned()))? {
        history.push(key.clone(), read_row(row)?);
    }
    Ok(())
}

fn read_row(row: &Spanned<DeValue<'_>>) -> Result<HistoryRow, Fault> {
    let items = list(row, "a row")?;
    let (counts, at) = match items.split_last() {
        Some((last, counts)) if matches!(last.get_ref(), DeValue::Datetime(_)) => {
            (counts, Some(instant(last)?))
        }
        _ => (items, None),
    };
    let counts = counts.iter().map(count).collect::<Result<Vec<u64>, Fault>>()?;
    match *counts.as_slice() {
        [prompt, hidden, visible] => {
            Ok(HistoryRow { at, ..HistoryRow::split(prompt, hidden, visible) })
        }
        [prompt, output] => Ok(HistoryRow { at, prompt, output, hidden: None }),
        _ => {
            let have = counts.len();
            let wants = "[prompt, hidden, visible] or [prompt, output]";
            Err((row.span().start, format!("a row holds {have} counts, not {wants}")))
        }
    }
}

fn instant(value: &Spanned<DeValue<'_>>) -> Result<Instant, Fault> {
    let DeValue::Datetime(time) = value.get_ref() else {
        return Err((value.span().start, "a time is not one".to_owned()));
    };
    let text = time.to_string();
    text.parse().map_err(|_| (value.span().start, format!("`{text}` is not a time in UTC")))
}

fn count(value: &Spanned<DeValue<'_>>) -> Result<u64, Fault> {
    let at = value.span().start;
    let DeValue::Integer(digits) = value.get_ref() else {
        return Err((at, "a count is not an integer".to_owned()));
    };
    u64::from_str_radix(digits.as_str(), digits.radix())
        .ok()
        .filter(|&count| count <= MAX_TOKENS)
        .ok_or_else(|| (at, format!("`{}` is not a count up to {MAX_TOKENS}", digits.as_str())))
}

fn string(value: &Spanned<DeValue<'_>>, what: &str) -> Result<String, Fault> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text.clone().into_owned()),
        _ => Err((value.span().start, format!("{what} is not a string"))),
    }
}

fn list<'a>(
    value: &'a Spanned<DeValue<'a>>,
    what: &str,
) -> Result<&'a [Spanned<DeValue<'a>>], Fault> {
    match value.get_ref() {
        DeValue::Array(items) => Ok(items),
        _ => Err((value.span().start, format!("{what} is not a list"))),
    }
}

fn unknown(key: &str) -> String {
    format!("unknown key `{key}`")
}
