//! What a row is as a whole.

use std::borrow::Cow;

use super::super::{cell, columns};
use super::{Row, Source};
use crate::record::fingerprint;

impl<'r> Row<'r> {
    /// The cells of a delimited row that hold something.
    pub(in crate::read) fn filled(&self) -> impl Iterator<Item = Cow<'r, [u8]>> {
        let columns = match &self.source {
            Source::Cells(cells) => cells.len(),
            Source::Columns { .. } | Source::Object { .. } => 0,
        };
        (0..columns).filter_map(|at| self.raw(Some(at)).map(|(_, cell)| cell))
    }

    /// True when every cell but the given ones is empty.
    pub(in crate::read) fn is_blank_but(&self, columns: &[Option<usize>]) -> bool {
        match &self.source {
            Source::Cells(cells) => (0..cells.len())
                .filter(|at| !columns.contains(&Some(*at)))
                .all(|at| cell::is_null(&cells.field(at))),
            Source::Columns { .. } => (0..self.header.columns())
                .filter(|at| !columns.contains(&Some(*at)))
                .all(|at| self.raw(Some(at)).is_none()),
            Source::Object { object, .. } => object.is_empty(),
        }
    }

    /// 128 bits that stand for the whole row.
    pub(in crate::read) fn fingerprint(&self) -> u128 {
        match &self.source {
            Source::Cells(cells) => fingerprint(cells.line()),
            Source::Columns { columns, row } => {
                fingerprint(&columns::line(*columns, self.header.columns(), *row))
            }
            Source::Object { object, .. } => fingerprint(&object.to_string()),
        }
    }

    /// The names that the cells would be, were they those of a header.
    pub(in crate::read) fn as_names(&self) -> Option<Vec<String>> {
        let Source::Cells(cells) = &self.source else { return None };
        let name = |at| String::from_utf8_lossy(cells.field(at).trim_ascii()).into_owned();
        Some((0..cells.len()).map(name).collect())
    }
}
