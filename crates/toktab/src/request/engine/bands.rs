//! Models whose tokenizer is not public or not ours: a band on the `o200k_base` count.

use super::Context;
use crate::request::body::{Body, Entry};
use crate::request::count::RequestCount;
use crate::request::tokens::Tokens;

/// Counts a request within a band.
pub(super) fn count(count: &mut RequestCount, body: &Body<'_>, name: &str, context: Context) {
    let _ = (body, name, context, Entry::Thoughts);
    count.add("todo", "band", Tokens::at_least(0));
}
