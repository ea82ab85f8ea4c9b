//! A batch as rows of a layout.

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, Fields, Schema};
use tokreckon::read::{ColumnCell, Columns, TableColumn, TableLayout};

use crate::Error;
use crate::column::Column;

/// A column that stands beside a table, as the `day=2026-11-01` of a folder does: its name, and one text
/// for all rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// What it is called.
    pub name: String,
    /// The text; `None` for nothing.
    pub text: Option<String>,
}

/// The columns of a schema and of what stands beside it, for
/// [`TableLayout::new`].
#[must_use]
pub fn table_columns(schema: &Schema, beside: &[Beside]) -> Vec<TableColumn> {
    let others = beside.iter().map(|beside| TableColumn {
        name: beside.name.clone(),
        is_beside: true,
        ..TableColumn::default()
    });
    schema.fields().iter().map(|field| table_column(field)).chain(others).collect()
}

fn table_column(field: &Field) -> TableColumn {
    let members = members(field.data_type());
    TableColumn {
        name: field.name().clone(),
        members: members
            .iter()
            .flat_map(|fields| fields.iter())
            .map(|field| table_column(field))
            .collect(),
        is_bytes: is_bytes(field.data_type()),
        is_beside: false,
    }
}

fn members(data_type: &DataType) -> Option<&Fields> {
    match data_type {
        DataType::Struct(fields) => Some(fields),
        _ => None,
    }
}

fn is_bytes(data_type: &DataType) -> bool {
    match data_type {
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => true,
        DataType::Dictionary(_, values) => is_bytes(values),
        _ => false,
    }
}

/// Where a column of a layout comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is not looked at.
    Unwanted,
    /// A column by its name, or a member by the names on the way to it.
    Path(Vec<String>),
    /// The same text in all rows; `None` for nothing.
    Text(Option<String>),
}

/// Where the columns of a layout come from that was made for a schema and what stands beside it, in its
/// order: batches of it may leave out what is not wanted.
#[must_use]
pub fn sources(schema: &Schema, beside: &[Beside], layout: &TableLayout) -> Vec<Source> {
    let own = schema.fields().len();
    let path_of = |path: &[usize]| {
        let (first, rest) = path.split_first()?;
        let mut field = schema.fields().get(*first)?;
        let mut names = vec![field.name().clone()];
        for at in rest {
            field = members(field.data_type())?.get(*at)?;
            names.push(field.name().clone());
        }
        Some(Source::Path(names))
    };
    let source = |path: &[usize]| match path {
        [at, ..] if *at >= own => {
            Source::Text(beside.get(*at - own).and_then(|beside| beside.text.clone()))
        }
        path => path_of(path).unwrap_or(Source::Unwanted),
    };
    let places = layout.places().iter();
    let wanted =
        places.map(|place| if place.is_wanted { source(&place.path) } else { Source::Unwanted });
    wanted.collect()
}

/// The rows of a batch as a reader of a layout takes them.
pub struct Batch<'b> {
    rows: usize,
    columns: Vec<Column<'b>>,
}

impl std::fmt::Debug for Batch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl<'b> Batch<'b> {
    /// The rows of a batch, their columns found by [`sources`].
    ///
    /// # Errors
    /// [`Error::Type`] when a column that is wanted has no text.
    pub fn new(batch: &'b RecordBatch, sources: &'b [Source]) -> Result<Self, Error> {
        let held = |source: &'b Source| match source {
            Source::Unwanted => Ok(Column::of_one(None)),
            Source::Text(text) => Ok(Column::of_one(text.as_deref())),
            Source::Path(path) => column(batch, path),
        };
        let columns = sources.iter().map(held).collect::<Result<_, _>>()?;
        Ok(Self { rows: batch.num_rows(), columns })
    }
}

/// A column, or a member by the names on the way to it.
pub(crate) fn column<'b>(batch: &'b RecordBatch, path: &[String]) -> Result<Column<'b>, Error> {
    let missing = || {
        let name = path.join(".");
        arrow_schema::ArrowError::SchemaError(format!("the batch has no column `{name}`"))
    };
    let (first, rest) = path.split_first().ok_or_else(missing)?;
    let mut array: &dyn Array = batch.column_by_name(first).ok_or_else(missing)?.as_ref();
    let mut around = Vec::new();
    for name in rest {
        let members = array.as_struct_opt().ok_or_else(missing)?;
        around.extend(members.nulls());
        array = members.column_by_name(name).ok_or_else(missing)?.as_ref();
    }
    let column = Column::new(array).ok_or_else(|| Error::Type {
        column: path.join("."),
        data_type: array.data_type().clone(),
    })?;
    Ok(column.within(around))
}

impl Columns for Batch<'_> {
    fn rows(&self) -> usize {
        self.rows
    }

    #[inline]
    fn cell(&self, column: usize, row: usize) -> ColumnCell<'_> {
        self.columns[column].cell(row)
    }

    fn write(&self, column: usize, row: usize, into: &mut String) {
        self.columns[column].write(row, into);
    }
}
