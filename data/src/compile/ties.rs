//! The index of ids that are tied to one model: sorted, so that a look-up reads a few rows of it.

use crate::table::{Model, Text, Tie, TiedBy};

/// The rows of [`crate::table::Tables::ties`] for these models, whose text this is.
pub(super) fn ties(models: &[Model], text: &str) -> Vec<Tie> {
    let of = |piece: Text| {
        let start = piece.start as usize;
        text.get(start..start + piece.len as usize).expect("a piece of this text")
    };
    let mut ties: Vec<Tie> = Vec::new();
    for model in models.iter().filter(|model| model.same_as.len > 0) {
        let maker = of(model.key).rfind('/').map_or(0, |slash| slash + 1);
        let maker = u32::try_from(maker).expect("a part of a text whose length is a u32");
        let Text { start, len } = model.key;
        let bare = Text { start: start + maker, len: len - maker };
        let rows = [
            (model.key, TiedBy::Id),
            (model.same_as, TiedBy::Name),
            (bare, TiedBy::IdWithoutMaker),
        ];
        ties.extend(rows.map(|(id, by)| Tie { id, by, model: model.same_as }));
    }
    ties.sort_by(|a, b| (of(a.id), a.by, of(a.model)).cmp(&(of(b.id), b.by, of(b.model))));
    ties.dedup_by(|a, b| (of(a.id), a.by, of(a.model)) == (of(b.id), b.by, of(b.model)));
    ties
}
