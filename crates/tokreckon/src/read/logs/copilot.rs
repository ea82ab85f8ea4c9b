//! Sessions of GitHub Copilot CLI (`~/.copilot/session-state/…/events.jsonl`).
//!
//! The event `session.shutdown` adds up what each model was asked: `inputTokens` includes cached and
//! written tokens. `requests.cost` counts premium requests, not money. A session that did not end says
//! nothing about its tokens.

use crate::json::Value;

use crate::charge::Shape;
use crate::read::object::{Object, inner, inner_count, period, text};
use crate::read::spelling::Scope;
use crate::read::spellings::OF_AI_SDK;
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::{Item, Options, Problem, Reject, Skip};
use crate::record::{Record, Repeats};

/// Beginnings of the kinds of event.
const EVENTS: [&str; 8] = [
    "session.",
    "assistant.",
    "tool.",
    "user.message",
    "system.message",
    "hook.",
    "subagent.",
    "abort",
];

pub(super) fn recognises(object: &Object) -> bool {
    object.contains_key("data")
        && object.contains_key("timestamp")
        && text(object, "type")
            .is_some_and(|kind| EVENTS.iter().any(|start| kind.starts_with(start)))
}

pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let metrics = inner(object, &["data"]).and_then(|data| inner(data, &["modelMetrics"]));
    let Some(metrics) = metrics else {
        each(Item::Skipped { line, why: Skip::NotUsage });
        return Ok(());
    };
    let at = period(object, &["timestamp"])?;
    for (model, metric) in metrics {
        let Some(metric) = metric.as_object() else { continue };
        let Some(usage) = metric.get("usage").and_then(Value::as_object) else { continue };
        let mut unread = Unread::default();
        let read = OF_AI_SDK
            .read(usage, Scope::Usage, &[], &mut unread)
            .and_then(|totals| Ok((totals, inner_count(inner(metric, &["requests"]), "count")?)));
        let (totals, requests) = match read {
            Ok(read) => read,
            Err(problem) => {
                each(Item::Reject(Reject { line, problem }));
                continue;
            }
        };
        let id = format!("{}/{model}", text(object, "id").unwrap_or(""));
        each(Item::Record(&Record {
            line,
            provider: options.provider_or("github-copilot"),
            model,
            period: at,
            shape: Shape::Sum { requests },
            totals: Some(totals),
            id: &id,
            unread: unread.as_str(),
            repeats: Repeats::UniqueId,
            ..Record::EMPTY
        }));
    }
    Ok(())
}
