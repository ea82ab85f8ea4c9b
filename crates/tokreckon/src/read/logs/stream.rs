//! The events of an Anthropic stream as JSON Lines: the counts of a message stand in two of them.
//!
//! `message_start` has the id, the model and the input; each `message_delta` the counts so far. The
//! last one holds.

use bumpalo::Bump;

use super::Log;
use crate::book::Known;
use crate::json::{Shapes, Value};
use crate::read::facts::{geo, service_tier};
use crate::read::object::{Object, inner, text};
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::usage_object::anthropic_messages;
use crate::read::{Item, Options, Problem, Reject, Skip};
use crate::record::Record;

/// Kinds of event.
const EVENTS: [&str; 7] = [
    "message_start",
    "message_delta",
    "message_stop",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "ping",
];

pub(super) fn recognises(object: &Object) -> bool {
    text(object, "type").is_some_and(|kind| EVENTS.contains(&kind))
}

/// The message whose events are read.
#[derive(Default)]
pub(super) struct Stream {
    open: Option<Message>,
}

struct Message {
    line: u64,
    /// As JSON.
    start: String,
    /// By name, as JSON.
    usage: Vec<(String, String)>,
    /// A `message_delta` was read: the counts are no longer those of the start.
    is_counted: bool,
}

impl Log for Stream {
    fn line(
        &mut self,
        object: &Object,
        line: u64,
        options: &Options<'_>,
        each: Each<'_>,
    ) -> Result<(), Problem> {
        let usage = inner(object, &["usage"]);
        match (text(object, "type"), inner(object, &["message"])) {
            (Some("message_start"), Some(message)) => {
                self.finish(options, each);
                let mut open = Message {
                    line,
                    start: message.to_string(),
                    usage: Vec::new(),
                    is_counted: false,
                };
                open.count(inner(message, &["usage"]));
                self.open = Some(open);
                return Ok(());
            }
            (Some("message_delta"), _) => {
                if let (Some(open), Some(usage)) = (&mut self.open, usage) {
                    open.is_counted = true;
                    // A new sum of cache writes: how long those of the start live is but a part of it.
                    let is_new = usage.get("cache_creation_input_tokens").is_some_and(|new| {
                        open.usage.iter().any(|(name, count)| {
                            name == "cache_creation_input_tokens" && *count != new.to_string()
                        })
                    });
                    if is_new && !usage.contains_key("cache_creation") {
                        open.usage.retain(|(name, _)| name != "cache_creation");
                    }
                    open.count(Some(usage));
                    each(Item::Joined { line });
                    return Ok(());
                }
                if usage.is_some() {
                    return Err(Problem::NoUsageReported {
                        detail: ": its message_start is missing".to_owned(),
                    });
                }
            }
            (Some("message_stop"), _) => self.finish(options, each),
            _ => {}
        }
        each(Item::Skipped { line, why: Skip::NotUsage });
        Ok(())
    }

    fn finish(&mut self, options: &Options<'_>, each: Each<'_>) {
        let Some(open) = self.open.take() else { return };
        if let Err(problem) = open.hand_over(options, each) {
            each(Item::Reject(Reject { line: open.line, problem }));
        }
    }
}

impl Message {
    /// Takes over what a usage says.
    fn count(&mut self, usage: Option<&Object>) {
        let members = usage.into_iter().flatten();
        for (name, value) in members.filter(|(_, value)| !self.is_counted || !value.is_null()) {
            match self.usage.iter_mut().find(|(known, _)| known == name) {
                Some((_, count)) => *count = value.to_string(),
                None => self.usage.push((name.to_owned(), value.to_string())),
            }
        }
    }

    fn hand_over(&self, options: &Options<'_>, each: Each<'_>) -> Result<(), Problem> {
        let (shapes, room) = (Shapes::forgetful(), Bump::new());
        let start = shapes.read(&self.start, &room).and_then(|start| start.as_object());
        let start = start.ok_or(Problem::NoUsage)?;
        let usage = self
            .usage
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), shapes.read(value, &room)?)));
        let usage = Object::of_members(usage, &room)?;
        let mut unread = Unread::default();
        let totals = anthropic_messages(&usage, &mut unread)?;
        if !self.is_counted {
            unread.add(&["message_delta"]);
        }
        let geo = geo(&usage);
        each(Item::Record(&Record {
            line: self.line,
            provider: options.provider,
            model: start.get("model").and_then(Value::as_str).unwrap_or(""),
            service_tier: Known::Is(service_tier(&usage, start, options)?),
            variant: Known::Is(geo.as_deref().unwrap_or("")),
            totals: Some(totals),
            id: text(start, "id").unwrap_or(""),
            unread: unread.as_str(),
            ..Record::EMPTY
        }));
        Ok(())
    }
}
