//! Runs of `LangSmith` (export or API, JSON): a run of kind `llm` is a request.
//!
//! Other runs repeat the counts of those inside of them. `prompt_tokens` include cached ones, which
//! `usage_metadata` tells apart. Costs are `LangSmith`'s own, in dollars.

use crate::json::Value;

use crate::money::{Currency, Money};
use crate::read::object::{Object, amount, inner, period, text};
use crate::read::spelling::Scope;
use crate::read::spellings::OF_OPENAI;
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::{Item, Options, Problem, Skip, cell};
use crate::record::{Record, Repeats};

/// Members of a run that are read by their own names, or repeat the usage.
const KNOWN: [&str; 5] =
    ["total_cost", "prompt_cost", "completion_cost", "prompt_token_details", "extra"];

/// Members of a run that repeat its usage, or are parts of the cost.
const REPEATS: [&str; 6] = [
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "completion_token_details",
    "prompt_cost_details",
    "completion_cost_details",
];

pub(super) fn recognises(object: &Object) -> bool {
    object.contains_key("run_type") && object.contains_key("start_time")
}

pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let extra = inner(object, &["extra"]);
    let metadata = extra.and_then(|extra| inner(extra, &["metadata"]));
    let named = |name: &str| metadata.and_then(|metadata| text(metadata, name)).unwrap_or("");
    let usage = metadata.and_then(|metadata| inner(metadata, &["usage_metadata"]));
    let usage = usage.or_else(|| generated(object));
    let counted = usage.is_some() || object.get("prompt_tokens").is_some_and(Value::is_number);
    if text(object, "run_type") != Some("llm") || !counted {
        let why = if counted { Skip::RepeatsItsParts } else { Skip::NotUsage };
        each(Item::Skipped { line, why });
        return Ok(());
    }
    let mut unread = Unread::default();
    let totals = match usage {
        Some(usage) => {
            for (name, value) in object.keys().zip(object.values()) {
                if !REPEATS.contains(&name) && !KNOWN.contains(&name) {
                    unread.elsewhere("", name, value);
                }
            }
            OF_OPENAI.read(usage, Scope::Usage, &KNOWN, &mut unread)?
        }
        None => OF_OPENAI.read(object, Scope::Line, &KNOWN, &mut unread)?,
    };
    let cost = amount(object, "total_cost")?;
    each(Item::Record(&Record {
        line,
        provider: options.provider_or(cell::provider(named("ls_provider"))),
        model: named("ls_model_name"),
        period: period(object, &["start_time"])?,
        totals: Some(totals),
        reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
        project: text(object, "session_name").unwrap_or(""),
        id: text(object, "id").unwrap_or(""),
        unread: unread.as_str(),
        repeats: Repeats::UniqueId,
        ..Record::EMPTY
    }));
    Ok(())
}

/// The usage of the message that was generated.
fn generated<'v>(object: &Object<'v>) -> Option<&'v Object<'v>> {
    inner(inner(object, &["outputs"])?, &["usage_metadata"])
}
