//! JSON Lines and JSON documents: one value after the other, each with its line.

use std::io::{BufRead, Read};

use serde_json::Value;

use super::rows::MAX_LINE_BYTES;
use super::{Item, Options, Problem, ReadError, Reject, usage_object};

/// Largest document that is not JSON Lines, in bytes.
const MAX_DOCUMENT_BYTES: u64 = 1 << 30;

/// Reads JSON Lines, or one document (an object, an array, or several one after the other).
pub(super) fn read(
    mut input: impl BufRead,
    options: &Options<'_>,
    each: &mut dyn FnMut(Item<'_>),
) -> Result<(), ReadError> {
    let mut line = Vec::new();
    let mut number = 0;
    let mut first = true;
    loop {
        line.clear();
        let limit = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
        if input.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        if first && serde_json::from_slice::<Value>(&line).is_err_and(|error| error.is_eof()) {
            input.by_ref().take(MAX_DOCUMENT_BYTES).read_to_end(&mut line)?;
            read_document(&line, number, options, each);
            return Ok(());
        }
        first = false;
        read_line(&line, number, options, each);
    }
}

fn read_line(line: &[u8], number: u64, options: &Options<'_>, each: &mut dyn FnMut(Item<'_>)) {
    let line = line.trim_ascii_end();
    match serde_json::from_slice::<Value>(line) {
        Ok(value) => usage_object::read(&value, number, options, each),
        Err(error) => each(Item::Reject(Reject { line: number, problem: not_json(line, &error) })),
    }
}

/// A document that runs over several lines. If it turns out to be JSON Lines whose first line is
/// broken, every line is read by itself.
fn read_document(
    text: &[u8],
    first_line: u64,
    options: &Options<'_>,
    each: &mut dyn FnMut(Item<'_>),
) {
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<Value>();
    let mut read = Vec::new();
    let mut start = 0;
    while let Some(value) = values.next() {
        let line = first_line + count_lines(&text[..start]);
        match value {
            Ok(value) => read.push((line, value)),
            Err(error) if read.is_empty() && has_json_line(text) => {
                drop(error);
                for (at, line) in text.split(|&byte| byte == b'\n').enumerate() {
                    if !line.trim_ascii().is_empty() {
                        read_line(line, first_line + at as u64, options, each);
                    }
                }
                return;
            }
            Err(error) => {
                let line = first_line + u64::try_from(error.line().saturating_sub(1)).unwrap_or(0);
                each(Item::Reject(Reject { line, problem: not_json(text, &error) }));
                break;
            }
        }
        start = values.byte_offset();
        start += text[start..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    }
    for (line, value) in read {
        usage_object::read(&value, line, options, each);
    }
}

fn count_lines(text: &[u8]) -> u64 {
    text.iter().map(|&byte| u64::from(byte == b'\n')).sum()
}

fn has_json_line(text: &[u8]) -> bool {
    let mut lines = text.split(|&byte| byte == b'\n').skip(1);
    lines.any(|line| matches!(serde_json::from_slice::<Value>(line), Ok(Value::Object(_))))
}

fn not_json(text: &[u8], error: &serde_json::Error) -> Problem {
    let single_quoted = text.windows(2).take(200).any(|pair| pair == b"{'" || pair == b"['");
    let message = if single_quoted {
        "single quotes, as Python prints a dict".to_owned()
    } else {
        let text = error.to_string();
        let reason = text.split(" at line ").next().unwrap_or(&text).to_owned();
        format!("{reason} at column {}", error.column())
    };
    Problem::NotJson { message }
}
