//! Sessions of Qwen Code (`~/.qwen/projects/…/chats/*.jsonl`): lines of kind `assistant` with Gemini's
//! `usageMetadata`, in which thoughts lie inside of the candidates where the total says so.
//!
//! The provider is whoever the user configured: it is not in the log.

use crate::read::object::{Object, inner, period, text};
use crate::read::spelling::{Placing, Scope, Spelling};
use crate::read::spellings::OF_GEMINI;
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::{Item, Options, Problem, Skip};
use crate::record::{Record, Repeats};

const SPELLING: Spelling = Spelling { placing: Placing::ReasoningByTotal, ..OF_GEMINI };

pub(super) fn recognises(object: &Object) -> bool {
    let has = |name: &str| object.contains_key(name);
    has("sessionId") && has("uuid") && (has("usageMetadata") || is_of_parts(object))
}

/// Messages in Gemini's form: a role and parts.
fn is_of_parts(object: &Object) -> bool {
    inner(object, &["message"]).is_some_and(|message| message.contains_key("parts"))
}

pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let Some(usage) = inner(object, &["usageMetadata"]) else {
        each(Item::Skipped { line, why: Skip::NotUsage });
        return Ok(());
    };
    let mut unread = Unread::default();
    let totals = SPELLING.read(usage, Scope::Usage, &[], &mut unread)?;
    each(Item::Record(&Record {
        line,
        provider: options.provider,
        model: text(object, "model").unwrap_or(""),
        period: period(object, &["timestamp"])?,
        totals: Some(totals),
        project: text(object, "cwd").unwrap_or(""),
        id: text(object, "uuid").unwrap_or(""),
        unread: unread.as_str(),
        repeats: Repeats::UniqueId,
        ..Record::EMPTY
    }));
    Ok(())
}
