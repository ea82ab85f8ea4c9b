//! Model invocation logs of Amazon Bedrock (S3 or `CloudWatch`, one JSON object a request).
//!
//! The counts stand in `input` and `output`; cached and written tokens lie beside the input. Where the
//! body of the answer was logged, it says how long written tokens live.

use crate::read::object::{Object, inner, period, text};
use crate::read::spelling::{Field, Member, Placing, Scope, Spelling, To};
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::usage_object::anthropic_messages;
use crate::read::{Item, Options, Problem, Skip};
use crate::record::{Record, Repeats};
use crate::usage::{Layout, Totals};

pub(super) const INPUT: &[Member] = &[
    ("inputTokenCount", To::Count(Field::Input)),
    ("cacheReadInputTokenCount", To::Count(Field::CacheRead)),
    ("cacheWriteInputTokenCount", To::Count(Field::CacheWrite)),
];
pub(super) const OUTPUT: &[Member] = &[("outputTokenCount", To::Count(Field::Output))];

const OF_INPUT: Spelling =
    Spelling { placing: Placing::Fixed(Layout::ANTHROPIC), members: INPUT, zeros: &[] };
const OF_OUTPUT: Spelling =
    Spelling { placing: Placing::Fixed(Layout::ANTHROPIC), members: OUTPUT, zeros: &[] };

pub(super) fn recognises(object: &Object) -> bool {
    text(object, "schemaType") == Some("ModelInvocationLog")
}

pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let (Some(input), Some(output)) = (inner(object, &["input"]), inner(object, &["output"]))
    else {
        each(Item::Skipped { line, why: Skip::Failed });
        return Ok(());
    };
    let mut unread = Unread::default();
    let read = OF_INPUT.read(input, Scope::Line, &[], &mut unread)?;
    let written = OF_OUTPUT.read(output, Scope::Line, &[], &mut unread)?;
    let mut totals = Totals { output: written.output, ..read };
    let usage = inner(output, &["outputBodyJson"]).and_then(|body| inner(body, &["usage"]));
    if let Some(usage) = usage.filter(|usage| usage.contains_key("cache_creation")) {
        let counted = anthropic_messages(usage, &mut unread)?;
        totals.cache_write = counted.cache_write;
        totals.cache_write_5m = counted.cache_write_5m;
        totals.cache_write_1h = counted.cache_write_1h;
    }
    each(Item::Record(&Record {
        line,
        provider: options.provider_or("aws-bedrock"),
        model: text(object, "modelId").unwrap_or(""),
        period: period(object, &["timestamp"])?,
        totals: Some(totals),
        project: text(object, "accountId").unwrap_or(""),
        user: inner(object, &["identity"]).and_then(|who| text(who, "arn")).unwrap_or(""),
        id: text(object, "requestId").unwrap_or(""),
        unread: unread.as_str(),
        repeats: Repeats::UniqueId,
        ..Record::EMPTY
    }));
    Ok(())
}
