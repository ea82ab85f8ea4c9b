//! A table that lies in columns, such as a Parquet file or a data frame: its cells go to the reader of
//! rows as they are, numbers as numbers.
//!
//! [`TableLayout`] lays a format over the names of the columns, as [`read`](super::read()) does over a
//! header; a struct is read whole where the format knows it as an object, else member by member, by
//! the path to it (`usage.input_tokens`). It says which columns are looked at: no others need to be
//! brought from the disk. What other rows show counts for nothing, neither how a column writes its dates
//! nor which row adds up others: a table comes to the same in whatever parts. A [`TableReader`] hands on
//! each row of a batch as an [`Item`]; the line of a row is its number in the table, from 1.

use std::fmt;
use std::io::{self, Read};

use bumpalo::Bump;

use super::body::Body;
use super::columns::Columns;
use super::header::{Header, canonical};
use super::{Format, Item, Options, ReadError, registry, shortened};

/// Room for texts of rows that is kept for the rows to come, in bytes.
const ROOM: usize = 256 << 10;

/// How deep structs are looked into.
const MOST_LEVELS: usize = 16;

/// A column by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableColumn {
    /// What it is called.
    pub name: String,
    /// The members of a struct, in their order; none for anything else.
    pub members: Vec<Self>,
    /// Its cells are bytes that may be no text.
    pub is_bytes: bool,
    /// It stands beside the table, as the `day=2026-11-01` of a folder does: what the table itself says
    /// goes first.
    pub is_beside: bool,
}

/// A whole table, read part by part.
pub trait ColumnTable: Send + Sync {
    /// Its columns, in their order.
    fn columns(&self) -> Vec<TableColumn>;

    /// Into how many parts it can be divided.
    fn parts(&self) -> usize;

    /// Reads one part, by number from 0, and hands on each batch of its rows with the number of its first
    /// row in the table, from 1, in their order.
    ///
    /// # Errors
    /// When the part cannot be read to its end.
    fn part(
        &self,
        part: usize,
        layout: &TableLayout,
        each: &mut dyn FnMut(u64, &dyn Columns),
    ) -> Result<(), ReadError>;

    /// All of its bytes as they lie there, to know it again.
    ///
    /// # Errors
    /// When there are none, or they cannot be read.
    fn bytes(&self) -> io::Result<Box<dyn Read + Send + '_>>;
}

impl fmt::Debug for dyn ColumnTable + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ColumnTable").field("parts", &self.parts()).finish_non_exhaustive()
    }
}

/// Where a column of a layout lies.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColumnPlace {
    /// Number of the column, then those of members.
    pub path: Vec<usize>,
    /// It is looked at.
    pub is_wanted: bool,
}

/// A format laid over the columns of a table.
#[derive(Clone, Debug)]
pub struct TableLayout {
    format: Format,
    header: Header,
    places: Vec<ColumnPlace>,
}

/// Names that may become a header, with their places.
#[derive(Clone, Default)]
struct Names {
    names: Vec<String>,
    paths: Vec<Vec<usize>>,
}

impl Names {
    fn push(&mut self, name: String, path: Vec<usize>) {
        self.names.push(name);
        self.paths.push(path);
    }

    fn header(&self) -> Result<Header, ReadError> {
        Header::new(self.names.clone())
    }

    /// A column and all within it.
    fn push_all(&mut self, column: &TableColumn, name: &str, path: &[usize]) {
        self.push(name.to_owned(), path.to_vec());
        if path.len() < MOST_LEVELS {
            for (at, member) in column.members.iter().enumerate() {
                let path: Vec<usize> = path.iter().copied().chain([at]).collect();
                self.push_all(member, &format!("{name}.{}", member.name), &path);
            }
        }
    }
}

/// The columns that are the table's own, or those beside it, with their numbers.
fn of(columns: &[TableColumn], beside: bool) -> impl Iterator<Item = (usize, &TableColumn)> {
    columns.iter().enumerate().filter(move |(_, column)| column.is_beside == beside)
}

impl TableLayout {
    /// Recognises the format of a table, or takes the one that is named, and finds its columns.
    ///
    /// # Errors
    /// When no format fits, two columns have one name, or one that the format needs is not there.
    pub fn new(columns: &[TableColumn], options: &Options<'_>) -> Result<Self, ReadError> {
        let mut whole = Names::default();
        let mut all = Names::default();
        for (at, column) in of(columns, false) {
            let name = column.name.trim();
            whole.push(name.to_owned(), vec![at]);
            all.push_all(column, name, &[at]);
        }
        let mut others = of(columns, true).filter(|(_, column)| {
            let is_same = |name: &String| canonical(name) == canonical(&column.name);
            !whole.names.iter().any(is_same)
        });
        let mut with_others = all.clone();
        let others: Vec<(usize, &TableColumn)> = others.by_ref().collect();
        for (at, column) in &others {
            with_others.push(column.name.clone(), vec![*at]);
        }
        let mut known = options.format.or_else(|| options.mapped());
        for names in [&whole, &all, &with_others] {
            known = known.or(registry::of_table(&mut names.header()?, options));
        }
        let Some(format) = known else {
            let header = shortened(whole.names.join(",").as_bytes());
            return Err(ReadError::UnknownFormat { header });
        };
        let body = |names: &Names| Body::new(names.header()?, format, options);
        // What the table says by itself goes before what stands beside it.
        let mut chosen = match body(&all) {
            Ok(own) => {
                let reads = |body: &Body| -> Vec<usize> {
                    (0..all.names.len()).filter(|at| body.reader.reads(*at)).collect()
                };
                let before = reads(&own);
                let mut chosen = all.clone();
                for (at, column) in others {
                    let mut more = chosen.clone();
                    more.push(column.name.clone(), vec![at]);
                    if body(&more).is_ok_and(|body| reads(&body) == before) {
                        chosen = more;
                    }
                }
                chosen
            }
            Err(_) => with_others,
        };
        let reader = body(&chosen)?.reader;
        // Of a struct either the whole is looked at or its members are.
        let is_read = |path: &[usize]| {
            let at = chosen.paths.iter().position(|other| other == path);
            at.is_some_and(|at| reader.reads(at))
        };
        let has_members = |path: &[usize]| {
            chosen.paths.iter().any(|other| other.len() > path.len() && other.starts_with(path))
        };
        let is_kept = |path: &[usize]| {
            let within_read = (1..path.len()).any(|length| is_read(&path[..length]));
            is_read(path) || !within_read && !has_members(path)
        };
        let kept: Vec<bool> = chosen.paths.iter().map(|path| is_kept(path)).collect();
        let mut keep = kept.iter();
        chosen.names.retain(|_| keep.next() == Some(&true));
        let mut keep = kept.iter();
        chosen.paths.retain(|_| keep.next() == Some(&true));
        let body = body(&chosen)?;
        let any_bytes = columns.iter().any(has_bytes);
        let places = chosen.paths.into_iter().enumerate().map(|(at, path)| ColumnPlace {
            path,
            is_wanted: body.reader.needs(at) || any_bytes && body.reader.reads(at),
        });
        Ok(Self { format, places: places.collect(), header: body.into_header() })
    }

    /// The format.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Where its columns lie, in the order in which [`Columns::cell`] is asked for them.
    #[must_use]
    pub fn places(&self) -> &[ColumnPlace] {
        &self.places
    }

    /// Their names, in the same order: those of members with the path to them, parted by points.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.header.names
    }

    /// A reader of rows of this layout, with the options that it was made with.
    ///
    /// # Errors
    /// When the options ask for a column that is not there.
    pub fn reader(&self, options: &Options<'_>) -> Result<TableReader, ReadError> {
        let body = Body::new(self.header.clone(), self.format, options)?;
        Ok(TableReader { body, arena: Bump::new() })
    }

    /// True where no row needs those before it.
    #[must_use]
    pub fn rows_stand_alone(&self) -> bool {
        registry::rows_stand_alone(self.format)
    }
}

fn has_bytes(column: &TableColumn) -> bool {
    column.is_bytes || column.members.iter().any(has_bytes)
}

/// Reads rows of one layout.
pub struct TableReader {
    body: Body,
    arena: Bump,
}

impl fmt::Debug for TableReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableReader").finish_non_exhaustive()
    }
}

impl TableReader {
    /// Hands on each row of a batch whose first row has this number.
    pub fn rows(&mut self, first: u64, columns: &dyn Columns, each: &mut dyn FnMut(Item<'_>)) {
        for (row, line) in (0..columns.rows()).zip(first..) {
            self.body.columns(line, (columns, row), &self.arena, each);
            if self.arena.allocated_bytes() > ROOM {
                self.arena.reset();
            }
        }
    }

    /// Hands on what was kept for the rows to come: there are none.
    pub fn finish(mut self, each: &mut dyn FnMut(Item<'_>)) {
        self.body.reader.finish(each);
    }
}

/// Reads a table in its order and hands every row to `each`.
///
/// # Errors
/// When the table cannot be read at all, or not to its end; rows that cannot be read are
/// [`Item::Reject`]s.
pub fn read_column_table(
    table: &dyn ColumnTable,
    options: &Options<'_>,
    each: &mut dyn FnMut(Item<'_>),
) -> Result<Format, ReadError> {
    let layout = TableLayout::new(&table.columns(), options)?;
    let mut reader = layout.reader(options)?;
    for part in 0..table.parts() {
        table.part(part, &layout, &mut |first, columns| reader.rows(first, columns, each))?;
    }
    reader.finish(each);
    Ok(layout.format())
}
