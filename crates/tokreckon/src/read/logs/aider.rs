//! Analytics of aider (`aider --analytics-log FILE`): events `message_send` with counts and a cost.
//!
//! Prompt tokens include cached ones, which are not told apart. The model may carry its provider
//! (`openrouter/…`), else it is the maker's. The cost is what the program computed, in dollars.

use crate::money::{Currency, Money};
use crate::read::object::{Object, amount, inner, period, text};
use crate::read::spelling::{Field, Member, Placing, Scope, Spelling, To};
use crate::read::table::Each;
use crate::read::unread::Unread;
use crate::read::{Item, Options, Problem, Skip};
use crate::record::{Record, Repeats, fingerprint};
use crate::usage::Layout;

pub(super) const PROPERTIES: &[Member] = &[
    ("prompt_tokens", To::Count(Field::Input)),
    ("completion_tokens", To::Count(Field::Output)),
    ("total_tokens", To::Count(Field::Total)),
    ("cost", To::Not("read apart")),
    ("total_cost", To::Not("the sum of the session so far")),
];

const SPELLING: Spelling =
    Spelling { placing: Placing::Fixed(Layout::INSIDE), members: PROPERTIES, zeros: &[] };

pub(super) fn recognises(object: &Object) -> bool {
    object.contains_key("event")
        && object.contains_key("user_id")
        && inner(object, &["properties"]).is_some()
}

pub(super) fn line(
    object: &Object,
    line: u64,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<(), Problem> {
    let properties = inner(object, &["properties"]);
    let counted = properties.filter(|properties| properties.contains_key("prompt_tokens"));
    let Some(properties) = counted else {
        each(Item::Skipped { line, why: Skip::NotUsage });
        return Ok(());
    };
    let mut unread = Unread::default();
    let totals = SPELLING.read(properties, Scope::Line, &[], &mut unread)?;
    let cost = amount(properties, "cost")?;
    each(Item::Record(&Record {
        line,
        provider: options.provider,
        model: text(properties, "main_model").unwrap_or(""),
        period: period(object, &["time"])?,
        totals: Some(totals),
        reported: cost.map(|amount| Money { amount, currency: Currency::USD }),
        unread: unread.as_str(),
        repeats: Repeats::SameRow(fingerprint(&(
            text(object, "user_id"),
            object.get("time").map(ToString::to_string),
            totals.counts(),
        ))),
        ..Record::EMPTY
    }));
    Ok(())
}
