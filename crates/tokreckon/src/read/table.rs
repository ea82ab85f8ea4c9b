//! Readers of rows, and the header of a delimited file.

use std::io::BufRead;

use super::header::Header;
use super::row::Row;
use super::rows::{Rows, sniff_delimiter};
use super::{Format, Item, Options, Problem, ReadError, registry, shortened};

/// Where items go.
pub(super) type Each<'e> = &'e mut dyn FnMut(Item<'_>);

/// Turns rows of one format into items.
pub(super) trait RowReader {
    /// Hands the row's item to `each`, or says why it cannot be read.
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem>;

    /// Hands over what was kept for the rows to come: there are none.
    fn finish(&mut self, _each: Each<'_>) {}
}

/// A delimited file whose header has been read.
pub(super) struct Table<R> {
    pub(super) rows: Rows<R>,
    pub(super) header: Header,
    pub(super) format: Format,
}

/// Reads the header of a delimited file.
pub(super) fn begin<R: BufRead>(
    mut input: R,
    options: &Options<'_>,
) -> Result<Table<R>, ReadError> {
    let delimiter = sniff_delimiter(input.fill_buf()?);
    let mut rows = Rows::new(input, delimiter);
    if !rows.next(None)? {
        return Err(ReadError::Empty);
    }
    let cells = rows.cells();
    let names = (0..cells.len())
        .map(|at| String::from_utf8_lossy(cells.field(at).trim_ascii()).into_owned());
    let mut header = Header::new(names.collect())?;
    let mapped = options.mapping.map(|_| Format::Plain);
    let known = options.format.or(mapped).or_else(|| registry::of_header(&mut header));
    let Some(format) = known else {
        return Err(ReadError::UnknownFormat {
            header: shortened(header.names.join(",").as_bytes()),
        });
    };
    Ok(Table { rows, header, format })
}
