//! Session logs of Claude Code (`~/.claude/projects/…/<session>.jsonl`).
//!
//! A line with a `message.usage` is a response, or one of several lines of it: they repeat the
//! message id while `output_tokens` grows. The copy with the most output is the response, within a file and
//! across the files of forked, resumed and side sessions. Input, cache reads and cache writes are
//! disjoint; reasoning lies inside the output. Times are RFC 3339 in UTC. Old versions write
//! `costUSD`, which is what the tool calculated. Lines of the user, of tools and of the program
//! are no usage; messages of the model `<synthetic>` never reached a provider. A last line that is
//! cut off is still being written. An answer without a reason why it stopped that holds more words than
//! it counts tokens was logged before its end: its output is a lower bound. A message id tells who sold
//! the response (`msg_bdrk_…`: Bedrock). Without a message id copies cannot be told apart.

use super::facts::service_tier;
use crate::json::Value;

use super::object::{Object, amount, inner, period, text};
use super::table::Each;
use super::unread::Unread;
use super::usage_object::{anthropic_messages, hand_over};
use super::{Item, Options, Problem, Skip, facts, iterations};
use crate::book::Known;
use crate::charge::Shape;
use crate::money::{Currency, Money};
use crate::record::{Record, Repeats};
use crate::usage::Totals;

/// Kinds of line that only these logs have, also without the session that newer ones name.
const KINDS: [&str; 5] = ["user", "assistant", "system", "summary", "file-history-snapshot"];

/// True for a line of such a log.
pub(super) fn recognises(object: &Object) -> bool {
    let is_kind = text(object, "type").is_some_and(|kind| KINDS.contains(&kind));
    let has_message = inner(object, &["message"]).is_some();
    let has = |key: &str| object.contains_key(key);
    (has_message && (is_kind || has("sessionId") || has("requestId")))
        || (is_kind && (has("leafUuid") || has("messageId")))
        // New kinds of line come with every version.
        || (has("sessionId") && text(object, "type").is_some() && !has("projectHash"))
}

/// Reads one line.
pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let message = inner(object, &["message"]);
    let Some((message, usage)) =
        message.and_then(|message| Some((message, inner(message, &["usage"])?)))
    else {
        each(Item::Skipped { line, why: Skip::NotUsage });
        return Ok(());
    };
    let model = text(message, "model").unwrap_or("");
    let mut unread = Unread::default();
    let mut totals = anthropic_messages(usage, &mut unread)?;
    if model == "<synthetic>" && totals.expected_total().unwrap_or(0) == 0 {
        each(Item::Skipped { line, why: Skip::Synthetic });
        return Ok(());
    }
    let id = text(message, "id").unwrap_or("");
    let cost = amount(object, "costUSD")?;
    let (requests, asides) = iterations::split(usage, model, &mut totals, &mut unread)?;
    let geo = facts::geo(usage);
    if is_unfinished(message, &totals) {
        unread.add(&["the rest of the output (unfinished: no stop_reason)"]);
    }
    let record = Record {
        line,
        provider: options.provider_or(seller(id)),
        model,
        period: period(object, &["timestamp"])?,
        shape: if requests > 1 { Shape::Sum { requests: Some(requests) } } else { Shape::Request },
        variant: Known::Is(geo.as_deref().unwrap_or("")),
        unread: unread.as_str(),
        service_tier: Known::Is(service_tier(usage, message, options)?),
        totals: Some(totals),
        reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
        project: text(object, "cwd").unwrap_or(""),
        id,
        repeats: if id.is_empty() { Repeats::Unknown } else { Repeats::Growing },
        ..Record::EMPTY
    };
    hand_over(&record, &asides, each);
    Ok(())
}

/// Who sold a response, by its id.
fn seller(id: &str) -> &'static str {
    if id.starts_with("msg_bdrk_") {
        "aws-bedrock"
    } else if id.starts_with("msg_vrtx_") {
        "google-vertex"
    } else {
        "anthropic"
    }
}

/// True for an answer whose count is that of an earlier moment: it did not stop, and no token holds
/// more than a word.
fn is_unfinished(message: &Object, totals: &Totals) -> bool {
    let blocks = message.get("content").and_then(Value::as_array).into_iter().flatten();
    let texts = blocks.filter_map(|block| block.get("text")?.as_str());
    let words: usize = texts.map(|text| text.split_whitespace().count()).sum();
    message.get("stop_reason") == Some(&Value::Null)
        && totals.output.is_some_and(|output| output < words as u64)
}
