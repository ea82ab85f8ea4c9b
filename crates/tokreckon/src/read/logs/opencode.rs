//! Messages of opencode (`~/.local/share/opencode/storage/message/…/*.json`, and `opencode export`).
//!
//! A message of the assistant has `tokens`: `cache.read` and `cache.write` lie beside `input`. Whether
//! `output` includes `reasoning` changed between versions and is known only where a `total` tells; else
//! the amount is a lower bound. `cost` is what the program computed, in dollars; zero under a plan.

use crate::json::Value;

use crate::money::{Currency, Money};
use crate::read::object::{Object, amount, inner, period, text};
use crate::read::spelling::{Field, Member, Placing, Scope, Spelling, To};
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::{Item, Options, Problem, Reject, Skip, cell};
use crate::record::{Record, Repeats};
use crate::usage::{Layout, Place, Totals};

pub(super) const TOKENS: &[Member] = &[
    ("total", To::Count(Field::Total)),
    ("input", To::Count(Field::Input)),
    ("output", To::Count(Field::Output)),
    ("reasoning", To::Count(Field::Reasoning)),
    (
        "cache",
        To::In(&[("read", To::Count(Field::CacheRead)), ("write", To::Count(Field::CacheWrite))]),
    ),
];

const SPELLING: Spelling =
    Spelling { placing: Placing::Fixed(Layout::ANTHROPIC), members: TOKENS, zeros: &[] };

pub(super) fn recognises(object: &Object) -> bool {
    is_message(object)
        || (object.contains_key("info") && object.contains_key("messages"))
        || inner(object, &["info"]).is_some_and(is_message)
}

fn is_message(object: &Object) -> bool {
    object.contains_key("sessionID") && object.contains_key("role")
}

pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let Some(Value::Array(messages)) = object.get("messages") else {
        return message(inner(object, &["info"]).unwrap_or(object), line, options, each);
    };
    for value in messages.iter().filter_map(Value::as_object) {
        let value = inner(value, &["info"]).unwrap_or(value);
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
    let totals = placed(&totals, &mut unread);
    let cost = amount(object, "cost")?;
    let provider = text(object, "providerID").unwrap_or("");
    each(Item::Record(&Record {
        line,
        provider: options.provider_or(cell::provider(provider)),
        model: text(object, "modelID").unwrap_or(""),
        period: inner(object, &["time"]).map_or(Ok(None), |time| period(time, &["created"]))?,
        totals: Some(totals),
        reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
        project: inner(object, &["path"]).and_then(|path| text(path, "cwd")).unwrap_or(""),
        id: text(object, "id").unwrap_or(""),
        unread: unread.as_str(),
        repeats: Repeats::UniqueId,
        ..Record::EMPTY
    }));
    Ok(())
}

/// Reasoning inside of the output or beside it, as the total says.
fn placed(totals: &Totals, unread: &mut Unread) -> Totals {
    let layout = Layout { reasoning: Place::Beside, ..totals.layout };
    let beside = Totals { layout, ..*totals };
    let total = totals.total.map(u128::from);
    let reasoning = totals.reasoning.unwrap_or(0);
    if reasoning > totals.output.unwrap_or(0) || total.is_some() && total == beside.expected_total()
    {
        return beside;
    }
    if reasoning > 0 && (total.is_none() || total != totals.expected_total()) {
        unread.add(&["whether the output count includes reasoning"]);
    }
    *totals
}
