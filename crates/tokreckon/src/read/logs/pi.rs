//! Sessions of pi (`~/.pi/agent/sessions/…/*.jsonl`).
//!
//! A `message` of the assistant has a `usage`: `cacheRead` and `cacheWrite` lie beside `input`, and
//! `cacheWrite1h` is the part of the writes that lives an hour; reasoning lies inside of `output`. The cost
//! is what the program computed, in dollars. Forked sessions copy their messages: a response id counts
//! once.

use bumpalo::Bump;

use crate::money::{Currency, Money};
use crate::read::object::{Object, amount, count, inner, period, text};
use crate::read::spelling::{Field, Member, Placing, Scope, Spelling, To};
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::{Item, Options, Problem, Skip, cell};
use crate::record::{Record, Repeats};
use crate::usage::Layout;

pub(super) const USAGE: &[Member] = &[
    ("input", To::Count(Field::Input)),
    ("output", To::Count(Field::Output)),
    ("cacheRead", To::Count(Field::CacheRead)),
    ("cacheWrite", To::Count(Field::CacheWrite)),
    ("cacheWrite1h", To::Count(Field::CacheWrite1h)),
    ("reasoning", To::Count(Field::Reasoning)),
    ("totalTokens", To::Not("their sum")),
    ("cost", To::Not("read apart")),
];

const SPELLING: Spelling =
    Spelling { placing: Placing::Fixed(Layout::ANTHROPIC), members: USAGE, zeros: &[] };

pub(super) fn recognises(object: &Object) -> bool {
    let usage = inner(object, &["message"]).and_then(|message| inner(message, &["usage"]));
    let has = |name: &str| object.contains_key(name);
    usage.is_some_and(|usage| usage.contains_key("cacheRead") && usage.contains_key("input"))
        || text(object, "type") == Some("session")
            && has("version")
            && has("cwd")
            && has("timestamp")
        || text(object, "type") == Some("model_change") && has("modelId")
}

pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let message = inner(object, &["message"]);
    let found = message.and_then(|message| Some((message, inner(message, &["usage"])?)));
    let Some((message, usage)) = found else {
        each(Item::Skipped { line, why: Skip::NotUsage });
        return Ok(());
    };
    let mut unread = Unread::default();
    // The part that lives an hour is said beside the whole.
    let (room, hour) = (Bump::new(), count(usage, "cacheWrite1h")?);
    let others = usage.iter().filter(|(name, _)| *name != "cacheWrite1h");
    let whole = Object::of_members(others.map(|(name, value)| (name, *value)), &room)?;
    let mut totals = SPELLING.read(&whole, Scope::Usage, &[], &mut unread)?;
    if let Some(hour) = hour {
        let written = totals.cache_write.unwrap_or(hour);
        let rest = written.checked_sub(hour).ok_or_else(|| Problem::Disagree {
            left: format!("cacheWrite1h {hour}"),
            right: format!("cacheWrite {written}"),
        })?;
        totals.cache_write = None;
        totals.cache_write_5m = Some(rest);
        totals.cache_write_1h = Some(hour);
    }
    let cost = inner(usage, &["cost"]).map_or(Ok(None), |cost| amount(cost, "total"))?;
    let provider = text(message, "provider").unwrap_or("");
    let id = text(message, "responseId").or_else(|| text(object, "id")).unwrap_or("");
    each(Item::Record(&Record {
        line,
        provider: options.provider_or(cell::provider(provider)),
        model: text(message, "model").unwrap_or(""),
        period: period(message, &["timestamp"])?
            .map_or_else(|| period(object, &["timestamp"]), |found| Ok(Some(found)))?,
        totals: Some(totals),
        reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
        id,
        unread: unread.as_str(),
        repeats: Repeats::UniqueId,
        ..Record::EMPTY
    }));
    Ok(())
}
