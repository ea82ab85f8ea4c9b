//! Session logs of Codex (`~/.codex/sessions/…/*.jsonl`).
//!
//! A `token_count` event is a request: `last_token_usage` counts it, `total_token_usage` counts
//! the session so far. Input includes cached tokens, output includes reasoning. The same state may
//! be written again and counters go down after a compaction, so a request counts only what the
//! highest total so far has grown by, at most what the event says. The model comes from the
//! `turn_context` before, or from the event. Times are RFC 3339 in UTC; there is no money and no
//! id. Sessions of sub-agents and forks replay their parent's events under new times: the same
//! counters in another file are a replay. The first event of a session is told apart by its time
//! as well, since short sessions may begin alike.

use serde_json::Value;

use super::object::{Object, count, inner, period, text};
use super::table::Each;
use super::{Item, Options, Problem, Skip};
use crate::record::{Record, Repeats, fingerprint};
use crate::usage::{Layout, Totals};

/// Names of the counters.
const COUNTERS: [&str; 5] = [
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
    "total_tokens",
];

type Counters = [Option<u64>; COUNTERS.len()];

/// Kinds of line that only these logs have.
const KINDS: [&str; 5] =
    ["event_msg", "turn_context", "response_item", "session_meta", "compacted"];

/// What a session's lines have said so far.
#[derive(Debug, Default)]
pub(super) struct Session {
    model: String,
    /// The highest total of each counter.
    highest: [u64; COUNTERS.len()],
}

/// True for a line of such a log.
pub(super) fn recognises(object: &Object) -> bool {
    object.contains_key("payload") && text(object, "type").is_some_and(|kind| KINDS.contains(&kind))
}

impl Session {
    /// Reads one line.
    pub(super) fn line(
        &mut self,
        object: &Object,
        line: u64,
        options: &Options<'_>,
        each: Each<'_>,
    ) -> Result<(), Problem> {
        let payload = inner(object, &["payload"]);
        if let Some(model) = payload.and_then(|payload| text(payload, "model")) {
            model.clone_into(&mut self.model);
        }
        let event = payload.filter(|payload| text(payload, "type") == Some("token_count"));
        let Some(info) = event.and_then(|event| event.get("info")).and_then(Value::as_object)
        else {
            each(Item::Skipped { line, why: Skip::NotUsage });
            return Ok(());
        };
        if let Some(model) = text(info, "model") {
            model.clone_into(&mut self.model);
        }
        let (last, total) =
            (counters(info, "last_token_usage")?, counters(info, "total_token_usage")?);
        let used = self.grown(last, total);
        if used.iter().all(|count| count.unwrap_or(0) == 0) {
            each(Item::Skipped { line, why: Skip::NoGrowth });
            return Ok(());
        }
        let period = period(object, &["timestamp"])?;
        let time = period.filter(|_| total == last).map(|period| period.start);
        let [input, cache_read, output, reasoning, sum] = used;
        each(Item::Record(&Record {
            line,
            provider: if options.provider.is_empty() { "openai" } else { options.provider },
            model: &self.model,
            period,
            totals: Some(Totals {
                layout: Layout::INSIDE,
                input,
                cache_read,
                output,
                reasoning,
                total: sum,
                ..Totals::default()
            }),
            repeats: Repeats::SameRow(fingerprint(&(&self.model, last, total, time))),
            ..Record::EMPTY
        }));
        Ok(())
    }

    /// What an event counts: its last usage, at most the growth of the highest total.
    fn grown(&mut self, last: Option<Counters>, total: Option<Counters>) -> Counters {
        let Some(total) = total else {
            return last.unwrap_or_default();
        };
        let mut used = [None; COUNTERS.len()];
        for at in 0..COUNTERS.len() {
            let Some(sum) = total[at] else {
                continue;
            };
            let growth = sum.saturating_sub(self.highest[at]);
            self.highest[at] = self.highest[at].max(sum);
            let stated = last.map_or(Some(growth), |last| last[at]);
            used[at] = stated.map(|stated| stated.min(growth));
        }
        used
    }
}

fn counters(info: &Object, key: &str) -> Result<Option<Counters>, Problem> {
    let Some(usage) = inner(info, &[key]) else {
        return Ok(None);
    };
    let mut counters = [None; COUNTERS.len()];
    for (counter, name) in counters.iter_mut().zip(COUNTERS) {
        *counter = count(usage, name)?;
    }
    Ok(Some(counters))
}
