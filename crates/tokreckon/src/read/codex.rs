//! Sessions of Codex (`~/.codex/sessions/…/*.jsonl`), and what `codex exec --json` prints.
//!
//! A `token_count` event is a request: `last_token_usage` counts it, `total_token_usage` the session so
//! far. Input includes cached and written tokens, output includes reasoning. The same state may be written
//! again, and a session that is rolled back or compacted starts a new series of totals, so a request
//! counts its last usage, at most the growth of a total that grows. A `token_usage_record` (since August
//! 2026) counts one response by its id; the event with the same counts is no second one. The model and the
//! tier come from the event, or from the settings before it. Times are RFC 3339 in UTC; there is no money.
//! Sub-agents and forks replay their parent's events under new times: the same counters in another file
//! are a replay. The first event of a session is told apart by the session it began in, since short
//! sessions may begin alike.

use std::collections::BTreeSet;

use crate::json::Value;

use super::facts::tier_of;
use super::logs::Log;
use super::object::{Object, inner, period, text};
use super::spelling::{Scope, not_a_word};
use super::spellings::OF_OPENAI;
use super::table::Each;
use super::unread::Unread;
use super::{Item, Options, Problem, Skip};
use crate::book::Known;
use crate::charge::Shape;
use crate::price::ServiceTier;
use crate::record::{Record, Repeats, fingerprint};
use crate::usage::Totals;

/// Input, cache reads, cache writes, output, reasoning, total.
type Counters = [Option<u64>; 6];

/// Kinds of line that only these logs have.
const KINDS: [&str; 6] = [
    "event_msg",
    "turn_context",
    "response_item",
    "session_meta",
    "compacted",
    "token_usage_record",
];

/// Beginnings of the kinds of line that `codex exec --json` prints.
const PRINTED: [&str; 3] = ["thread.", "turn.", "item."];

/// Counts and totals that are remembered of a session.
const MAX_REMEMBERED: usize = 100_000;

/// What a session's lines have said so far.
#[derive(Debug, Default)]
pub(super) struct Session {
    model: String,
    tier: Option<ServiceTier>,
    /// The session in which the first event was, as far as the lines say.
    origin: String,
    /// The total before.
    total: Counters,
    /// Totals that were there before: a session that is rolled back writes them again.
    seen: BTreeSet<Counters>,
    /// Counts of events without their record, and of records without their event.
    events: Vec<Counters>,
    records: Vec<Counters>,
}

/// True for a line of such a log.
pub(super) fn recognises(object: &Object) -> bool {
    let kind = text(object, "type").unwrap_or("");
    (object.contains_key("payload") && KINDS.contains(&kind))
        || (PRINTED.iter().any(|start| kind.starts_with(start))
            && ["thread_id", "usage", "item", "error"].iter().any(|key| object.contains_key(key)))
        || kind == "turn.started"
}

impl Log for Session {
    fn line(
        &mut self,
        object: &Object,
        line: u64,
        options: &Options<'_>,
        each: Each<'_>,
    ) -> Result<(), Problem> {
        let payload = inner(object, &["payload"]);
        if let Some(payload) = payload {
            self.settings(payload)?;
        }
        let printed = inner(object, &["usage"]).filter(|_| payload.is_none());
        let kind = payload.and_then(|payload| text(payload, "type"));
        if let Some(usage) = printed {
            return self.turn(usage, line, options, each);
        }
        if let (Some(payload), Some("token_usage_record")) = (payload, text(object, "type")) {
            return self.record(object, payload, line, options, each);
        }
        let event = payload.filter(|_| kind == Some("token_count"));
        let info = event.and_then(|event| event.get("info")).and_then(Value::as_object);
        let Some(info) = info else {
            each(Item::Skipped { line, why: Skip::NotUsage });
            return Ok(());
        };
        if let Some(model) = text(info, "model") {
            model.clone_into(&mut self.model);
        }
        self.event(object, info, line, options, each)
    }
}

impl Session {
    /// Remembers what a line says about those to come.
    fn settings(&mut self, payload: &Object) -> Result<(), Problem> {
        let nested = inner(payload, &["thread_settings"]);
        for settings in [Some(payload), nested].into_iter().flatten() {
            if let Some(model) = text(settings, "model") {
                model.clone_into(&mut self.model);
            }
            match settings.get("service_tier") {
                None => {}
                Some(Value::String(tier)) if *tier != "auto" => {
                    let expected = "a service tier such as `default` or `flex`";
                    let wrong = || not_a_word("service_tier", tier, expected);
                    self.tier = Some(tier_of(tier).ok_or_else(wrong)?);
                }
                Some(_) => self.tier = None,
            }
        }
        if let Some(id) = text(payload, "id").filter(|_| payload.contains_key("cli_version")) {
            let parent = text(payload, "forked_from_id").or_else(|| parent(payload.get("source")?));
            parent.unwrap_or(id).clone_into(&mut self.origin);
        }
        Ok(())
    }

    /// A turn of `codex exec`, which may be several requests.
    fn turn(
        &self,
        usage: &Object,
        line: u64,
        options: &Options<'_>,
        each: Each<'_>,
    ) -> Result<(), Problem> {
        let mut unread = Unread::default();
        let totals = OF_OPENAI.read(usage, Scope::Usage, &[], &mut unread)?;
        each(Item::Record(&Record {
            shape: Shape::Sum { requests: None },
            totals: Some(totals),
            repeats: Repeats::Unknown,
            unread: unread.as_str(),
            ..self.plain(line, options)
        }));
        Ok(())
    }

    /// A response by its id.
    fn record(
        &mut self,
        object: &Object,
        payload: &Object,
        line: u64,
        options: &Options<'_>,
        each: Each<'_>,
    ) -> Result<(), Problem> {
        let usage = inner(payload, &["usage"]).ok_or(Problem::NoUsage)?;
        let mut unread = Unread::default();
        let totals = OF_OPENAI.read(usage, Scope::Usage, &[], &mut unread)?;
        if matched(&mut self.events, counters(&totals)) {
            each(Item::Skipped { line, why: Skip::NoGrowth });
            return Ok(());
        }
        remember(&mut self.records, counters(&totals));
        let id = text(payload, "response_id").unwrap_or("");
        each(Item::Record(&Record {
            period: period(object, &["timestamp"])?,
            totals: Some(totals),
            id,
            repeats: if id.is_empty() { Repeats::Unknown } else { Repeats::UniqueId },
            unread: unread.as_str(),
            ..self.plain(line, options)
        }));
        Ok(())
    }

    fn event(
        &mut self,
        object: &Object,
        info: &Object,
        line: u64,
        options: &Options<'_>,
        each: Each<'_>,
    ) -> Result<(), Problem> {
        let mut unread = Unread::default();
        let mut read = |key: &str| {
            let usage = inner(info, &[key]);
            usage.map(|usage| OF_OPENAI.read(usage, Scope::Usage, &[], &mut unread)).transpose()
        };
        let (last, total) = (read("last_token_usage")?, read("total_token_usage")?);
        let (told, sum) = (last.as_ref().map(counters), total.as_ref().map(counters));
        let used = self.used(told, sum);
        let counted = used.iter().any(|count| count.unwrap_or(0) > 0);
        if !counted || matched(&mut self.records, used) {
            each(Item::Skipped { line, why: Skip::NoGrowth });
            return Ok(());
        }
        remember(&mut self.events, used);
        let period = period(object, &["timestamp"])?;
        // Of a first event no total tells it apart.
        let first = (sum == told).then(|| match &*self.origin {
            "" => format!("{:?}", period.map(|period| period.start)),
            origin => origin.to_owned(),
        });
        let layout = last.or(total).unwrap_or_default().layout;
        let [input, cache_read, cache_write, output, reasoning, total] = used;
        each(Item::Record(&Record {
            period,
            totals: Some(Totals {
                layout,
                input,
                cache_read,
                cache_write,
                output,
                reasoning,
                total,
                ..Totals::default()
            }),
            repeats: Repeats::SameRow(fingerprint(&(&self.model, told, sum, first))),
            unread: unread.as_str(),
            ..self.plain(line, options)
        }));
        Ok(())
    }

    /// What an event counts: its last usage, at most the growth of the total while that grows.
    fn used(&mut self, last: Option<Counters>, total: Option<Counters>) -> Counters {
        let Some(total) = total else {
            return last.unwrap_or_default();
        };
        let before = std::mem::replace(&mut self.total, total);
        let is_new = self.seen.insert(total);
        if self.seen.len() > MAX_REMEMBERED {
            self.seen.clear();
        }
        if !is_new {
            return Counters::default();
        }
        let pairs = || total.into_iter().zip(before);
        if pairs().any(|(now, before)| now.unwrap_or(0) < before.unwrap_or(0)) {
            // A new series: what it had before is not known, what it used last is.
            return last.unwrap_or(total);
        }
        let mut used = [None; 6];
        for (at, (now, before)) in pairs().enumerate() {
            let growth = now.map(|now| now - before.unwrap_or(0));
            let told = last.map_or(growth, |last| last[at]);
            used[at] = told.zip(growth).map(|(told, growth)| told.min(growth));
        }
        used
    }

    fn plain<'r>(&'r self, line: u64, options: &Options<'r>) -> Record<'r> {
        let tier = self.tier.or(options.service_tier).unwrap_or(ServiceTier::Standard);
        Record {
            line,
            provider: options.provider_or("openai"),
            model: &self.model,
            service_tier: Known::Is(tier),
            ..Record::EMPTY
        }
    }
}

/// The thread that started a sub-agent.
fn parent<'v>(source: &Value<'v>) -> Option<&'v str> {
    match source {
        Value::Object(object) => {
            text(object, "parent_thread_id").or_else(|| object.values().find_map(parent))
        }
        _ => None,
    }
}

const fn counters(totals: &Totals) -> Counters {
    [
        totals.input,
        totals.cache_read,
        totals.cache_write,
        totals.output,
        totals.reasoning,
        totals.total,
    ]
}

/// True when counts are among others, from which they are taken.
fn matched(others: &mut Vec<Counters>, counts: Counters) -> bool {
    let at = others.iter().position(|other| *other == counts);
    at.map(|at| others.swap_remove(at)).is_some()
}

fn remember(others: &mut Vec<Counters>, counts: Counters) {
    if others.len() < MAX_REMEMBERED {
        others.push(counts);
    }
}
