//! The events of an Anthropic stream as JSON Lines: the counts of a message stand in two of them.
//!
//! `message_start` has the id, the model and the input; each `message_delta` the counts so far. The
//! last one holds.

use serde_json::Value;

use super::Log;
use crate::book::Known;
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
    start: Object,
    usage: Object,
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
                let usage = inner(message, &["usage"]).cloned().unwrap_or_default();
                let start = message.clone();
                self.open = Some(Message { line, start, usage, is_counted: false });
                return Ok(());
            }
            (Some("message_delta"), _) => {
                if let (Some(open), Some(usage)) = (&mut self.open, usage) {
                    let told = usage.iter().filter(|(_, value)| !value.is_null());
                    open.usage.extend(told.map(|(name, value)| (name.clone(), value.clone())));
                    open.is_counted = true;
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
    fn hand_over(&self, options: &Options<'_>, each: Each<'_>) -> Result<(), Problem> {
        let mut unread = Unread::default();
        let totals = anthropic_messages(&self.usage, &mut unread)?;
        if !self.is_counted {
            unread.add(&["message_delta"]);
        }
        let geo = geo(&self.usage);
        each(Item::Record(&Record {
            line: self.line,
            provider: options.provider,
            model: self.start.get("model").and_then(Value::as_str).unwrap_or(""),
            service_tier: Known::Is(service_tier(&self.usage, &self.start, options)?),
            variant: Known::Is(geo.as_deref().unwrap_or("")),
            totals: Some(totals),
            id: text(&self.start, "id").unwrap_or(""),
            unread: unread.as_str(),
            ..Record::EMPTY
        }));
        Ok(())
    }
}
