//! Anthropic's analytics of Claude Code (JSON): what one user did with each model on one day.
//!
//! The tokens are disjoint: cache reads and writes lie beside the input. How long a cache lives is not said.
//! The cost is what Anthropic estimates, in cents of a dollar. Users have an address, programs the name of a key.
//! Source: docs.claude.com, "Claude Code Analytics API", 2025-10.

use crate::charge::Shape;
use crate::json::Value;
use crate::money::{Currency, Money};
use crate::read::object::{Object, amount, inner, period, text};
use crate::read::spelling::{Field, Member, Placing, Scope, Spelling, To};
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::{Item, Options, Problem, Skip};
use crate::record::{Record, Repeats};
use crate::time::Period;
use crate::usage::Layout;

pub(super) const TOKENS: &[Member] = &[
    ("input", To::Count(Field::Input)),
    ("output", To::Count(Field::Output)),
    ("cache_read", To::Count(Field::CacheRead)),
    ("cache_creation", To::Count(Field::CacheWrite)),
];

const SPELLING: Spelling =
    Spelling { placing: Placing::Fixed(Layout::ANTHROPIC), members: TOKENS, zeros: &[] };

pub(super) fn recognises(object: &Object) -> bool {
    object.contains_key("model_breakdown") && object.contains_key("actor")
}

pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let models = object.get("model_breakdown").and_then(Value::as_array).unwrap_or(&[]);
    if models.is_empty() {
        each(Item::Skipped { line, why: Skip::NotUsage });
    }
    let day = period(object, &["date"])?.and_then(|at| Period::day(at.start));
    let actor = inner(object, &["actor"]);
    let named = |name| actor.and_then(|actor| text(actor, name)).unwrap_or("");
    for model in models.iter().filter_map(Value::as_object) {
        let tokens = inner(model, &["tokens"]).ok_or(Problem::NoUsage)?;
        let mut unread = Unread::default();
        let totals = SPELLING.read(tokens, Scope::Usage, &[], &mut unread)?;
        let cost = inner(model, &["estimated_cost"]);
        let cents = cost.map_or(Ok(None), |cost| amount(cost, "amount"))?;
        let dollars = cents.and_then(|cents| cents.shifted(2).ok());
        each(Item::Record(&Record {
            line,
            provider: options.provider_or("anthropic"),
            model: text(model, "model").unwrap_or(""),
            period: day,
            shape: Shape::Sum { requests: None },
            totals: Some(totals),
            reported: dollars.map(|amount| Money { amount, currency: Currency::USD }),
            user: named("email_address"),
            api_key: named("api_key_name"),
            project: text(object, "organization_id").unwrap_or(""),
            unread: unread.as_str(),
            repeats: Repeats::Bucket("claude-analytics"),
            ..Record::EMPTY
        }));
    }
    Ok(())
}
