//! Sessions of Gemini CLI (`~/.gemini/tmp/…/chats/*.json` and `.jsonl`).
//!
//! A message of kind `gemini` has `tokens`: `input` includes `cached`; `thoughts` lie beside `output`
//! and the results of tools beside `input`. The same message may be written again when its tools have
//! answered: the largest copy of an id counts. Times are RFC 3339 in UTC; there is no money.

use crate::json::Value;

use crate::read::object::{Object, inner, period, text};
use crate::read::spelling::{Field, Member, Placing, Scope, Spelling, To};
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::{Item, Options, Problem, Reject, Skip};
use crate::record::{Record, Repeats};
use crate::usage::Layout;

pub(super) const TOKENS: &[Member] = &[
    ("input", To::Count(Field::Input)),
    ("output", To::Count(Field::Output)),
    ("cached", To::Count(Field::CacheRead)),
    ("thoughts", To::Count(Field::Reasoning)),
    ("tool", To::Plus(Field::Input)),
    ("total", To::Count(Field::Total)),
];

const SPELLING: Spelling =
    Spelling { placing: Placing::Fixed(Layout::GEMINI), members: TOKENS, zeros: &[] };

/// Kinds of line.
const KINDS: [&str; 5] = ["gemini", "user", "info", "error", "warning"];

pub(super) fn recognises(object: &Object) -> bool {
    let is_kind = text(object, "type").is_some_and(|kind| KINDS.contains(&kind));
    object.contains_key("projectHash")
        || (is_kind && inner(object, &["tokens"]).is_some_and(|t| t.contains_key("thoughts")))
        || object.contains_key("$set")
}

pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let Some(Value::Array(messages)) = object.get("messages") else {
        return message(object, line, options, each);
    };
    for value in messages.iter().filter_map(Value::as_object) {
        if let Err(problem) = message(value, line, options, each) {
            each(Item::Reject(Reject { line, problem }));
        }
    }
    Ok(())
}

fn message(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let Some(tokens) = inner(object, &["tokens"]) else {
        each(Item::Skipped { line, why: Skip::NotUsage });
        return Ok(());
    };
    let mut unread = Unread::default();
    let totals = SPELLING.read(tokens, Scope::Usage, &[], &mut unread)?;
    let id = text(object, "id").unwrap_or("");
    each(Item::Record(&Record {
        line,
        provider: options.provider_or("google"),
        model: text(object, "model").unwrap_or(""),
        period: period(object, &["timestamp"])?,
        totals: Some(totals),
        id,
        unread: unread.as_str(),
        repeats: if id.is_empty() { Repeats::Unknown } else { Repeats::Growing },
        ..Record::EMPTY
    }));
    Ok(())
}
