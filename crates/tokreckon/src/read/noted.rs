//! Items as text with their lines, for tests that hold one way of reading against another.

use super::Item;

/// Every item with its line, as text.
pub(super) type Items = Vec<(u64, String)>;

pub(super) fn note(items: &mut Items, item: &Item<'_>) {
    let line = match item {
        Item::Record(record) => record.line,
        Item::Reject(reject) => reject.line,
        Item::Empty { line }
        | Item::Joined { line }
        | Item::Skipped { line, .. }
        | Item::Total { line, .. } => *line,
        Item::Note(_) => 0,
    };
    items.push((line, format!("{item:?}")));
}
