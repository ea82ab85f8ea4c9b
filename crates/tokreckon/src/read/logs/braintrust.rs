//! Spans of Braintrust's logs and experiments (JSON, JSON Lines), as its export and API write them.
//!
//! A span of a call to a model has `metrics` with its tokens, `metadata` with the model, and the kind `llm` in
//! `span_attributes`. Spans around it repeat what is inside of them, where they count at all, and are
//! not counted. Cached tokens lie inside the prompt, reasoning inside of the completion, as Braintrust
//! writes them for every provider. `estimated_cost` is what Braintrust computed, in dollars.

use crate::json::Value;
use crate::money::{Currency, Money};
use crate::read::object::{Object, amount, inner, period, text};
use crate::read::spelling::{Field, Member, Placing, Scope, Spelling, To};
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::{Item, Options, Problem, Skip, cell};
use crate::record::{Record, Repeats};
use crate::usage::Layout;

const A_TIME: &str = "a time";

pub(super) const METRICS: &[Member] = &[
    ("prompt_tokens", To::Count(Field::Input)),
    ("completion_tokens", To::Count(Field::Output)),
    ("tokens", To::Count(Field::Total)),
    ("total_tokens", To::Count(Field::Total)),
    ("prompt_cached_tokens", To::Count(Field::CacheRead)),
    ("prompt_cache_creation_tokens", To::Count(Field::CacheWrite)),
    ("prompt_cache_creation_5m_tokens", To::Count(Field::CacheWrite5m)),
    ("prompt_cache_creation_1h_tokens", To::Count(Field::CacheWrite1h)),
    ("completion_reasoning_tokens", To::Count(Field::Reasoning)),
    ("prompt_audio_tokens", To::Count(Field::InputAudio)),
    ("completion_audio_tokens", To::Count(Field::OutputAudio)),
    ("completion_accepted_prediction_tokens", To::Not("inside of the output, at its price")),
    ("completion_rejected_prediction_tokens", To::Not("inside of the output, at its price")),
    ("estimated_cost", To::Not("read with the span")),
    ("start", To::Not(A_TIME)),
    ("end", To::Not(A_TIME)),
    ("duration", To::Not(A_TIME)),
    ("time_to_first_token", To::Not(A_TIME)),
    ("cached", To::Not("true where a proxy answered from its own cache")),
    ("caller_lineno", To::Not("a place in a program")),
];

const SPELLING: Spelling =
    Spelling { placing: Placing::Fixed(Layout::INSIDE), members: METRICS, zeros: &[] };

pub(super) fn recognises(object: &Object) -> bool {
    object.contains_key("span_attributes") && object.contains_key("metrics")
}

pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let kind = inner(object, &["span_attributes"]).and_then(|span| text(span, "type"));
    let metrics = inner(object, &["metrics"]);
    let (Some("llm"), Some(metrics)) = (kind, metrics) else {
        each(Item::Skipped { line, why: Skip::NotUsage });
        return Ok(());
    };
    let is_true = |value: &Value| value.as_bool() == Some(true) || value.as_u64() == Some(1);
    if metrics.get("cached").is_some_and(is_true) {
        each(Item::Skipped { line, why: Skip::AnsweredFromCache });
        return Ok(());
    }
    let mut unread = Unread::default();
    let totals = SPELLING.read(metrics, Scope::Usage, &[], &mut unread)?;
    if totals.input.is_none() && totals.output.is_none() {
        let why = if object.get("error").is_some_and(|error| !error.is_null()) {
            Skip::Failed
        } else {
            Skip::NotUsage
        };
        each(Item::Skipped { line, why });
        return Ok(());
    }
    let metadata = inner(object, &["metadata"]);
    let named = |name| metadata.and_then(|metadata| text(metadata, name)).unwrap_or("");
    let cost = amount(metrics, "estimated_cost")?;
    // The start is in Unix seconds; a span is made when it is sent.
    let began = period(metrics, &["start"])?;
    each(Item::Record(&Record {
        line,
        provider: options.provider_or(cell::provider(named("provider"))),
        model: named("model"),
        period: began.map_or_else(|| period(object, &["created"]), |at| Ok(Some(at)))?,
        totals: Some(totals),
        reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
        project: text(object, "project_id").unwrap_or(""),
        id: text(object, "span_id").or_else(|| text(object, "id")).unwrap_or(""),
        unread: unread.as_str(),
        repeats: Repeats::UniqueId,
        ..Record::EMPTY
    }));
    Ok(())
}
