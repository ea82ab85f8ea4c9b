//! Sessions of Kimi CLI (`~/.kimi/sessions/…/wire.jsonl`): messages `StatusUpdate` with a
//! `token_usage` whose kinds of input are disjoint. The log names no model.

use crate::read::object::{Object, inner, period, text};
use crate::read::spelling::{Field, Member, Placing, Scope, Spelling, To};
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::{Item, Options, Problem, Skip};
use crate::record::{Record, Repeats};
use crate::usage::Layout;

pub(super) const USAGE: &[Member] = &[
    ("input_other", To::Count(Field::Input)),
    ("output", To::Count(Field::Output)),
    ("input_cache_read", To::Count(Field::CacheRead)),
    ("input_cache_creation", To::Count(Field::CacheWrite)),
];

const SPELLING: Spelling =
    Spelling { placing: Placing::Fixed(Layout::ANTHROPIC), members: USAGE, zeros: &[] };

/// Kinds of message on the wire.
const KINDS: [&str; 6] =
    ["TurnBegin", "StepBegin", "ContentPart", "ToolCall", "ToolResult", "StatusUpdate"];

pub(super) fn recognises(object: &Object) -> bool {
    inner(object, &["message"]).is_some_and(|message| {
        message.contains_key("payload")
            && text(message, "type").is_some_and(|kind| KINDS.contains(&kind))
    })
}

pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let payload = inner(object, &["message"]).and_then(|message| inner(message, &["payload"]));
    let usage = payload.and_then(|payload| inner(payload, &["token_usage"]));
    let (Some(payload), Some(usage)) = (payload, usage) else {
        each(Item::Skipped { line, why: Skip::NotUsage });
        return Ok(());
    };
    let mut unread = Unread::default();
    let totals = SPELLING.read(usage, Scope::Usage, &[], &mut unread)?;
    let id = text(payload, "message_id").unwrap_or("");
    each(Item::Record(&Record {
        line,
        provider: options.provider_or("moonshot"),
        period: period(object, &["timestamp"])?,
        totals: Some(totals),
        id,
        unread: unread.as_str(),
        repeats: if id.is_empty() { Repeats::Unknown } else { Repeats::Growing },
        ..Record::EMPTY
    }));
    Ok(())
}
