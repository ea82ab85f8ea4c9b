//! Tasks of Cline, Roo Code and Kilo Code (`…/tasks/<id>/ui_messages.json`).
//!
//! A message `api_req_started` holds, as JSON in a text, the counts of one request: `cacheReads` and
//! `cacheWrites` lie beside `tokensIn`, but for `apiProtocol` `openai`, where they lie inside. The cost is
//! what the program computed, in dollars. The model stands in `modelInfo` where the version writes it.
//! Times are Unix milliseconds and tell requests apart: there is no id.

use bumpalo::Bump;

use crate::json::Shapes;

use crate::money::{Currency, Money};
use crate::read::object::{Object, amount, inner, period, text};
use crate::read::spelling::{Field, Member, Placing, Scope, Spelling, To};
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::{Item, Options, Problem, Skip, cell};
use crate::record::{Record, Repeats, fingerprint};
use crate::usage::Layout;

pub(super) const REQUEST: &[Member] = &[
    ("tokensIn", To::Count(Field::Input)),
    ("tokensOut", To::Count(Field::Output)),
    ("cacheReads", To::Count(Field::CacheRead)),
    ("cacheWrites", To::Count(Field::CacheWrite)),
    ("cost", To::Not("read apart")),
    ("usageMissing", To::Not("a word")),
];

const BESIDE: Spelling =
    Spelling { placing: Placing::Fixed(Layout::ANTHROPIC), members: REQUEST, zeros: &[] };
const INSIDE: Spelling =
    Spelling { placing: Placing::Fixed(Layout::INSIDE), members: REQUEST, zeros: &[] };

pub(super) fn recognises(object: &Object) -> bool {
    let says = |kind: &str| text(object, "type") == Some(kind) && object.contains_key(kind);
    object.contains_key("ts") && (says("say") || says("ask"))
}

pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let is_request = matches!(text(object, "say"), Some("api_req_started" | "deleted_api_reqs"));
    let request = text(object, "text").filter(|_| is_request);
    let (shapes, room) = (Shapes::forgetful(), Bump::new());
    let request = request.and_then(|text| shapes.read(text, &room)?.as_object());
    let Some(request) = request else {
        each(Item::Skipped { line, why: Skip::NotUsage });
        return Ok(());
    };
    if !request.contains_key("tokensIn") && !request.contains_key("tokensOut") {
        each(Item::Skipped { line, why: Skip::Failed });
        return Ok(());
    }
    let mut unread = Unread::default();
    let is_inside = text(request, "apiProtocol") == Some("openai");
    let spelling = if is_inside { &INSIDE } else { &BESIDE };
    let totals = spelling.read(request, Scope::Line, &[], &mut unread)?;
    let model = inner(object, &["modelInfo"]);
    let named = |name: &str| model.and_then(|model| text(model, name)).unwrap_or("");
    let cost = amount(request, "cost")?;
    each(Item::Record(&Record {
        line,
        provider: options.provider_or(cell::provider(named("providerId"))),
        model: named("modelId"),
        period: period(object, &["ts"])?,
        totals: Some(totals),
        reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
        unread: unread.as_str(),
        repeats: Repeats::SameRow(fingerprint(&(
            object.get("ts").map(ToString::to_string),
            totals.counts(),
        ))),
        ..Record::EMPTY
    }));
    Ok(())
}
