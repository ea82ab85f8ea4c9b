//! The iterations of an Anthropic response: what one request ran besides the answer itself.
//!
//! The top level of a usage counts the messages of its own model. A compaction is not in it, and is
//! added. An advisor, or a model that stood in for another, is charged at its own price: a record of
//! its own, whose id is that of the response and its place. One without output is not billed.

use crate::json::Value;

use super::object::{Object, text};
use super::spelling::{Scope, plus};
use super::spellings::OF_ANTHROPIC;
use super::unread::Unread;
use super::{Problem, names};
use crate::usage::Totals;

/// What a response ran at another model's price.
pub(super) struct Aside<'v> {
    /// Its model.
    pub(super) model: &'v str,
    /// Its place in the list, from 1.
    pub(super) place: usize,
    /// Its counts.
    pub(super) totals: Totals,
}

/// Adds what the top level leaves out, and hands over what other models did. Says of how many
/// requests the counts are.
///
/// # Errors
/// When a count is none, or several are together more than is counted.
pub(super) fn split<'v>(
    usage: &'v Object<'v>,
    model: &'v str,
    totals: &mut Totals,
    unread: &mut Unread,
) -> Result<(u64, Vec<Aside<'v>>), Problem> {
    let Some(Value::Array(iterations)) = usage.first(&names::ITERATIONS) else {
        return Ok((1, Vec::new()));
    };
    let (mut messages, mut added, mut asides) = (Totals::default(), 0_u64, Vec::new());
    let (top, mut count) = ((totals.input, totals.output), 0_u64);
    for (place, iteration) in iterations.iter().enumerate() {
        let Some(iteration) = iteration.as_object() else { continue };
        let counts = OF_ANTHROPIC.read(iteration, Scope::Usage, &[], unread)?;
        let own = text(iteration, "model").unwrap_or(model);
        match text(iteration, "type") {
            _ if own != model => {
                if counts.output.unwrap_or(0) > 0 {
                    asides.push(Aside { model: own, place: place + 1, totals: counts });
                }
            }
            Some("compaction") => {
                add(totals, &counts)?;
                added += 1;
            }
            Some("message") => {
                add(&mut messages, &counts)?;
                count += 1;
            }
            // Whose price another kind without a model has is not known.
            _ => unread.add(&["usage", "iterations"]),
        }
    }
    // Where the messages do not add up to the top level, something is counted that is not known.
    if count > 0 && (messages.input, messages.output) != top {
        unread.add(&["usage", "iterations"]);
    }
    Ok(((count + added).max(1), asides))
}

fn add(sum: &mut Totals, more: &Totals) -> Result<(), Problem> {
    let mut counts = sum.counts();
    for (sum, more) in counts.iter_mut().zip(more.counts()) {
        if let Some(more) = more {
            *sum = Some(plus("iterations", sum.unwrap_or(0), more)?);
        }
    }
    *sum = Totals::from_counts(more.layout, counts);
    Ok(())
}
