//! Results of promptfoo (`promptfoo eval -o results.json`).
//!
//! Each result names its provider and model (`openai:chat:gpt-4o-mini`) and has a `tokenUsage`:
//! `cached` there counts tokens that promptfoo answered from its own cache, which were not asked for
//! again. The cost is what the program computed, in dollars.

use crate::json::Value;

use super::provider_and_model;
use crate::money::{Currency, Money};
use crate::read::object::{Object, amount, inner, period, text};
use crate::read::spelling::{Field, Member, Placing, Scope, Spelling, To};
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::{Item, Options, Problem, Reject, Skip};
use crate::record::{Record, Repeats};
use crate::time::Period;
use crate::usage::Layout;

pub(super) const TOKENS: &[Member] = &[
    ("total", To::Count(Field::Total)),
    ("prompt", To::Count(Field::Input)),
    ("completion", To::Count(Field::Output)),
    ("cached", To::Not("answered from promptfoo's own cache")),
    ("numRequests", To::Count(Field::Requests)),
    (
        "completionDetails",
        To::In(&[
            ("reasoning", To::Count(Field::Reasoning)),
            ("cacheReadInputTokens", To::Count(Field::CacheRead)),
            ("cacheCreationInputTokens", To::Count(Field::CacheWrite)),
            ("acceptedPrediction", To::Not("inside of the output, at its price")),
            ("rejectedPrediction", To::Not("inside of the output, at its price")),
        ]),
    ),
    ("assertions", To::Not("of the graders, which are not in the results")),
];

const SPELLING: Spelling =
    Spelling { placing: Placing::Fixed(Layout::INSIDE), members: TOKENS, zeros: &[] };

pub(super) fn recognises(object: &Object) -> bool {
    object.contains_key("evalId") && inner(object, &["results"]).is_some()
}

pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let results = inner(object, &["results"]);
    let at = results.map_or(Ok(None), |results| period(results, &["timestamp"]))?;
    let list = results.and_then(|results| results.get("results")).and_then(Value::as_array);
    for item in list.into_iter().flatten().filter_map(Value::as_object) {
        if let Err(problem) = result(item, at, line, options, each) {
            each(Item::Reject(Reject { line, problem }));
        }
    }
    Ok(())
}

fn result(
    item: &Object,
    at: Option<Period>,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let response = inner(item, &["response"]);
    let tokens = response.and_then(|response| inner(response, &["tokenUsage"]));
    let (Some(response), Some(tokens)) = (response, tokens) else {
        each(Item::Skipped { line, why: Skip::Failed });
        return Ok(());
    };
    if response.get("cached").and_then(Value::as_bool) == Some(true) {
        each(Item::Skipped { line, why: Skip::AnsweredFromCache });
        return Ok(());
    }
    let mut unread = Unread::default();
    let totals = SPELLING.read(tokens, Scope::Usage, &[], &mut unread)?;
    let name = inner(item, &["provider"]).and_then(|provider| text(provider, "id")).unwrap_or("");
    let (provider, model) = provider_and_model(name, ':');
    // `openai:chat:gpt-4o`: the kind of call stands between.
    let kinds = ["chat", "completion", "responses", "messages", "embeddings", "embedding"];
    let model = match model.split_once(':') {
        Some((kind, model)) if kinds.contains(&kind) => model,
        _ => model,
    };
    let cost = amount(item, "cost")?.or(amount(response, "cost")?);
    each(Item::Record(&Record {
        line,
        provider: options.provider_or(provider),
        model,
        period: at,
        totals: Some(totals),
        reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
        id: text(item, "id").unwrap_or(""),
        unread: unread.as_str(),
        repeats: Repeats::SameId,
        ..Record::EMPTY
    }));
    Ok(())
}
