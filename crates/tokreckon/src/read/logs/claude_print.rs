//! What `claude -p` prints with `--output-format json` or `stream-json`.
//!
//! The `result` at the end counts everything, by model in `modelUsage`, with what the program
//! calculated. The messages before it are not counted then: their output is what had been said when
//! they began. Without a result the messages are all there is, and their output is a lower bound. There
//! are no times.

use std::collections::BTreeMap;

use super::Log;
use crate::charge::Shape;
use crate::money::{Currency, Money};
use crate::read::object::{Object, amount, count, inner, text};
use crate::read::spelling::{Placing, Scope, Spelling};
use crate::read::spellings::OF_AI_SDK;
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::usage_object::anthropic_messages;
use crate::read::{Item, Options, Problem, Reject, Skip};
use crate::record::Record;
use crate::usage::{Layout, Totals};

/// `modelUsage`: everything lies beside the input.
const BY_MODEL: Spelling = Spelling { placing: Placing::Fixed(Layout::ANTHROPIC), ..OF_AI_SDK };

pub(super) fn recognises(object: &Object) -> bool {
    let has = |name: &str| object.contains_key(name);
    has("session_id")
        && match text(object, "type") {
            Some("system") => has("subtype"),
            Some("assistant" | "user") => has("message"),
            Some("result") => has("subtype") || has("modelUsage") || has("total_cost_usd"),
            Some("stream_event" | "rate_limit_event") => true,
            _ => false,
        }
}

/// A session, whose messages are kept until its result tells what they cost.
#[derive(Default)]
pub(super) struct Session {
    /// By message id.
    messages: BTreeMap<String, Message>,
    /// The most that a message wrote for an hour: where it is zero, all writes live 5 minutes.
    hour: Option<u64>,
}

struct Message {
    line: u64,
    model: String,
    totals: Totals,
    unread: String,
}

/// Messages that are kept: a session of more is printed by no one.
const MAX_MESSAGES: usize = 100_000;

impl Log for Session {
    fn line(
        &mut self,
        object: &Object,
        line: u64,
        options: &Options<'_>,
        each: Each<'_>,
    ) -> Result<(), Problem> {
        if text(object, "type") == Some("result") {
            // Old versions name no models: what the messages say is all there is.
            if inner(object, &["modelUsage"]).is_none() && !self.messages.is_empty() {
                self.finish(options, each);
                each(Item::Joined { line });
                return Ok(());
            }
            let result = self.result(object, line, options, each);
            self.messages.clear();
            self.hour = None;
            return result;
        }
        let message = inner(object, &["message"]);
        let found = message.and_then(|message| Some((message, inner(message, &["usage"])?)));
        let Some((message, usage)) = found else {
            each(Item::Skipped { line, why: Skip::NotUsage });
            return Ok(());
        };
        let mut unread = Unread::default();
        let totals = anthropic_messages(usage, &mut unread)?;
        self.hour = self.hour.max(totals.cache_write_1h);
        // Whatever the message says about its output, it had only begun.
        unread.add(&["the rest of the output"]);
        if self.messages.len() < MAX_MESSAGES {
            let id = text(message, "id").unwrap_or("").to_owned();
            let model = text(message, "model").unwrap_or("").to_owned();
            let unread = unread.as_str().to_owned();
            self.messages.insert(id, Message { line, model, totals, unread });
        }
        each(Item::Joined { line });
        Ok(())
    }

    fn finish(&mut self, options: &Options<'_>, each: Each<'_>) {
        for (id, message) in std::mem::take(&mut self.messages) {
            each(Item::Record(&Record {
                line: message.line,
                provider: options.provider_or("anthropic"),
                model: &message.model,
                totals: Some(message.totals),
                id: &id,
                unread: &message.unread,
                ..Record::EMPTY
            }));
        }
    }
}

impl Session {
    fn result(
        &self,
        object: &Object,
        line: u64,
        options: &Options<'_>,
        each: Each<'_>,
    ) -> Result<(), Problem> {
        let session = text(object, "session_id").unwrap_or("");
        let turns = count(object, "num_turns")?;
        let Some(models) = inner(object, &["modelUsage"]).filter(|models| !models.is_empty())
        else {
            return Err(Problem::NoUsageReported {
                detail: ": a result without modelUsage".into(),
            });
        };
        let usage = inner(object, &["usage"]);
        let mut sure = Unread::default();
        let whole =
            usage.map_or(Ok(None), |usage| anthropic_messages(usage, &mut sure).map(Some))?;
        let hour = whole.and_then(|whole| whole.cache_write_1h).or(self.hour);
        for (model, usage) in models {
            let Some(usage) = usage.as_object() else { continue };
            let mut unread = Unread::default();
            let read = BY_MODEL.read(usage, Scope::Usage, &[], &mut unread);
            let read = read.and_then(|totals| Ok((totals, amount(usage, "costUSD")?)));
            let (mut totals, cost) = match read {
                Ok(read) => read,
                Err(problem) => {
                    each(Item::Reject(Reject { line, problem }));
                    continue;
                }
            };
            if hour == Some(0) {
                totals.cache_write_5m = totals.cache_write.take();
            }
            let id = format!("{session}/{model}/{line}");
            each(Item::Record(&Record {
                line,
                provider: options.provider_or("anthropic"),
                model,
                shape: Shape::Sum { requests: turns.filter(|_| models.len() == 1) },
                totals: Some(totals),
                reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
                id: &id,
                unread: unread.as_str(),
                ..Record::EMPTY
            }));
        }
        Ok(())
    }
}
