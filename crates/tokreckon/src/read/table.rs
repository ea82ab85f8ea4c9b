//! Readers of rows, and the header of a delimited file.
//!
//! People and spreadsheets write lines above the header: `sep=;`, a title, blanks. The header is the
//! first line, near the top, that is one of a known format or has the columns that are asked for.

use std::io::{self, BufRead, Chain, Cursor, Read};
use std::sync::PoisonError;

use super::header::{Header, is_named};
use super::row::Row;
use super::row_sums::TableSums;
use super::rows::{Cells, Split, sniff_delimiter, split};
use super::{Format, Item, Options, Problem, ReadError, Skip, registry, shortened};
use crate::money::Currency;

/// Where items go.
pub(super) type Each<'e> = &'e mut dyn FnMut(Item<'_>);

/// Turns rows of one format into items.
pub(super) trait RowReader {
    /// Hands the row's item to `each`, or says why it cannot be read.
    fn row(&mut self, row: &Row<'_>, each: Each<'_>) -> Result<(), Problem>;

    /// True for a column that says something to it.
    fn reads(&self, _column: usize) -> bool {
        true
    }

    /// True for a column that it looks at where all that is no text is somewhere else.
    fn needs(&self, _column: usize) -> bool {
        true
    }

    /// Hands over what was kept for the rows to come: there are none.
    fn finish(&mut self, _each: Each<'_>) {}
}

/// A delimited file whose header has been read.
pub(super) struct Table<R> {
    /// What follows the header.
    pub(super) input: Chain<Cursor<Vec<u8>>, R>,
    pub(super) delimiter: u8,
    /// Number of the line after the header.
    pub(super) next_line: u64,
    pub(super) header: Header,
    pub(super) format: Format,
    /// Numbers of the lines above the header.
    above: Vec<u64>,
}

impl<R> Table<R> {
    /// Hands over the lines above the header, which are not counted.
    pub(super) fn titles(&self, each: Each<'_>) {
        for line in &self.above {
            each(Item::Skipped { line: *line, why: Skip::Title });
        }
    }
}

/// Hands over the rows of a table that add up others, when all has been read.
pub(super) fn totals(header: &Header, each: Each<'_>) {
    let sums = header.sums();
    let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
    let TableSums { rows, mut totals } = std::mem::take(&mut *sums);
    totals.sort_by_key(|(line, _)| *line);
    for (line, says) in &totals {
        each(Item::Total { line: *line, says, rows: &rows });
    }
}

/// Lines among which the header is looked for.
const MOST_ABOVE: usize = 30;

/// How far to look ahead for a date that shows in which order the others are written.
const MOST_AHEAD: u64 = if cfg!(test) { 4 << 10 } else { 16 << 20 };

/// Reads the header of a delimited file.
pub(super) fn begin<R: BufRead>(
    mut input: R,
    options: &Options<'_>,
) -> Result<Table<R>, ReadError> {
    let Top { header, format, delimiter, above, bytes, lines } = top(input.fill_buf()?, options)?;
    input.consume(bytes);
    let Some(format) = format else {
        return Err(ReadError::UnknownFormat {
            header: shortened(header.names.join(",").as_bytes()),
        });
    };
    let mut header = header;
    let ahead = look_ahead(&mut input, &mut header, delimiter)?;
    let input = Cursor::new(ahead).chain(input);
    Ok(Table { input, delimiter, next_line: lines + 1, header, format, above })
}

/// Looks below the header for how columns are written: as far as has been read anyway, and farther only
/// where dates may be read in two ways. Gives back what it had to read.
fn look_ahead(input: &mut impl BufRead, header: &mut Header, delimiter: u8) -> io::Result<Vec<u8>> {
    let mut ahead = Vec::new();
    let start = input.fill_buf()?;
    if !header.look_at(start, delimiter) {
        input.by_ref().take(MOST_AHEAD).read_to_end(&mut ahead)?;
        header.look_at(&ahead, delimiter);
    }
    Ok(ahead)
}

/// What stands at the top of a delimited file.
struct Top {
    header: Header,
    /// `None` for a header of no known format.
    format: Option<Format>,
    delimiter: u8,
    above: Vec<u64>,
    /// How long it is, the header included.
    bytes: usize,
    lines: u64,
}

/// Finds the header. Where no line is one, it is taken for the first with the most names in it.
fn top(start: &[u8], options: &Options<'_>) -> Result<Top, ReadError> {
    let (mut said, mut above) = (None, Vec::new());
    let mut best: Option<(usize, Result<Top, ReadError>)> = None;
    let (mut bytes, mut lines) = (0, 0);
    let mut currency = None;
    let mut all = start.split_inclusive(|byte| *byte == b'\n');
    while let Some(line) = all.next().filter(|_| above.len() < MOST_ABOVE) {
        (bytes, lines) = (bytes + line.len(), lines + 1);
        let line = line.trim_ascii_end();
        if line.is_empty() {
            continue;
        }
        if let Some(sign) = separator(line).filter(|_| above.is_empty()) {
            said = Some(sign);
            continue;
        }
        let delimiter = said.unwrap_or_else(|| sniff_delimiter(line));
        let names = names(line, delimiter);
        currency = currency.or_else(|| currency_line(&names));
        let filled = names.iter().filter(|name| !name.is_empty()).count();
        let found = Header::new(names).map(|mut header| {
            if let Some(currency) = currency {
                header.says_currency(currency);
            }
            let format = registry::of_table(&mut header, options);
            Top { header, format, delimiter, above: above.clone(), bytes, lines }
        });
        match found {
            Ok(top) if top.format.is_some() => return Ok(top),
            found if best.as_ref().is_none_or(|(most, _)| *most < filled) => {
                best = Some((filled, found));
            }
            _ => {}
        }
        above.push(lines);
    }
    let (_, best) = best.ok_or(ReadError::Empty)?;
    // What is missing of a format that was asked for is said by its reader.
    best.map(|top| Top { format: options.format.or_else(|| options.mapped()), ..top })
}

/// The delimiter of a line such as `sep=;`, which tells a spreadsheet.
fn separator(line: &[u8]) -> Option<u8> {
    let bare = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match bare {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', sign @ (b',' | b';' | b'\t' | b'|')] => {
            Some(*sign)
        }
        // The tab was taken off with the blanks.
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'='] => Some(b'\t'),
        _ => None,
    }
}

/// What a line above the header says of the currency: `Currency,AUD`, and nothing else.
fn currency_line(names: &[String]) -> Option<Currency> {
    let mut filled = names.iter().filter(|name| !name.is_empty());
    let (what, code) = (filled.next()?, filled.next()?);
    let is_it = is_named(what.trim_end_matches(':'), "currency") && filled.next().is_none();
    code.parse().ok().filter(|_| is_it)
}

/// The cells of a header, which is one line: nothing tells where a quoted name would end on another.
fn names(line: &[u8], delimiter: u8) -> Vec<String> {
    let mut offsets = Vec::new();
    if split(line, delimiter, &mut offsets) != Split::Row {
        return vec![String::from_utf8_lossy(line).into_owned()];
    }
    let cells = Cells::new(line, None, &offsets, u32::try_from(line.len()).unwrap_or(u32::MAX));
    (0..cells.len())
        .map(|at| String::from_utf8_lossy(cells.field(at).trim_ascii()).into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_found_below_titles() {
        let text = "sep=;\nOpenAI usage export;;;\n;;;\nDate;Model;input_tokens;output_tokens\nx\n";
        let table = begin(text.as_bytes(), &Options::default()).expect("a table");
        assert_eq!((table.format, table.delimiter), (Format::Plain, b';'));
        assert_eq!((table.above, table.next_line), (vec![2, 3], 5));
        let none = begin("a report\nwhen,what,how much\n1,2,3\n".as_bytes(), &Options::default());
        let Err(ReadError::UnknownFormat { header }) = none else { panic!("no format") };
        assert_eq!(header, "when,what,how much");
    }

    #[test]
    fn dates_are_looked_for_beyond_what_has_been_read() {
        let early = "01/10/2026,gpt-4o,1,1\n".repeat(100);
        let text = format!("date,model,input_tokens,output_tokens\n{early}25/10/2026,gpt-4o,1,1\n");
        let input = io::BufReader::with_capacity(200, text.as_bytes());
        let mut table = begin(input, &Options::default()).expect("a table");
        assert!(table.header.style(0).order().is_some());
        let mut rows = String::new();
        table.input.read_to_string(&mut rows).expect("text");
        assert!(text.ends_with(&rows) && rows.starts_with("01/10"), "nothing is lost");
    }
}
