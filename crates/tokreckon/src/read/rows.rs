//! Rows of a delimited text file, from any `BufRead`, without ever swallowing a line silently.
//!
//! Ordinary CSV parsers read a stray quote as the start of a field that goes on to the next quote,
//! however many rows later. Here a quoted field may run over several lines only when the row then
//! has as many fields as the header and none of the lines would have been a row by itself;
//! otherwise the first line is refused and reading goes on with the next.

use std::borrow::Cow;
use std::io::{self, BufRead};

use super::columns::is_odd;

/// Longest line in bytes. A longer one is refused and skipped.
pub const MAX_LINE_BYTES: usize = 16 << 20;
/// Most lines one quoted field may run over.
const MAX_ROW_LINES: usize = 1_000;

/// Why a line is not a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// A quote opens a field and no later line closes it sensibly.
    StrayQuote,
    /// Longer than [`MAX_LINE_BYTES`].
    TooLong,
}

/// The cells of one row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cells<'b> {
    /// The block that the row lies in.
    bytes: &'b [u8],
    /// The same, when all of it is UTF-8.
    text: Option<&'b str>,
    /// The separator before the row, then the end of each of its cells.
    offsets: &'b [u32],
    /// Where the row ends, without its line end.
    end: u32,
}

impl<'b> Cells<'b> {
    #[inline]
    pub(crate) const fn new(
        bytes: &'b [u8],
        text: Option<&'b str>,
        offsets: &'b [u32],
        end: u32,
    ) -> Self {
        Self { bytes, text, offsets, end }
    }

    /// The block that the row lies in.
    #[inline]
    pub(crate) const fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// True when all of the block is text.
    #[inline]
    pub(crate) const fn is_text(&self) -> bool {
        self.text.is_some()
    }

    /// The row as it is written.
    pub(crate) fn line(&self) -> &'b [u8] {
        let start = self.offsets.first().map_or(0, |before| before.wrapping_add(1));
        self.bytes.get(start as usize..self.end as usize).unwrap_or_default()
    }

    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Where a cell lies in the block, quotes and all; nowhere for a cell beyond the end of the row.
    #[inline]
    pub(crate) fn place(&self, index: usize) -> (usize, usize) {
        match self.offsets.get(index..) {
            // The last cell ends before the carriage return of its line.
            Some([before, end, ..]) => {
                (before.wrapping_add(1) as usize, (*end).min(self.end) as usize)
            }
            _ => (0, 0),
        }
    }

    /// Where a cell lies between its quotes; `None` for one without.
    #[inline]
    pub(crate) fn between_quotes(&self, index: usize) -> Option<(usize, usize)> {
        let (start, end) = self.place(index);
        match self.bytes.get(start..end)? {
            [b'"', .., b'"'] => Some((start + 1, end - 1)),
            _ => None,
        }
    }

    /// A cell without its quotes, where none is in it; as it is written otherwise.
    #[inline]
    pub(crate) fn bare(&self, index: usize) -> &'b [u8] {
        let written = self.written(index);
        match written {
            [b'"', inner @ .., b'"'] if !inner.contains(&b'"') => inner,
            _ => written,
        }
    }

    /// A cell as it is written, quotes and all; empty beyond the end of the row.
    #[inline]
    pub(crate) fn written(&self, index: usize) -> &'b [u8] {
        let (start, end) = self.place(index);
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// The text of a cell as nearly all are: without quotes, blanks and words for nothing.
    #[inline]
    pub(crate) fn text(&self, index: usize) -> Option<&'b str> {
        self.text_at(self.place(index))
    }

    /// The same of a cell between quotes.
    pub(crate) fn quoted_text(&self, index: usize) -> Option<&'b str> {
        let text = self.text_at(self.between_quotes(index)?)?;
        (!text.as_bytes().contains(&b'"')).then_some(text)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call a cell costs more than what it does")]
    fn text_at(&self, (start, end): (usize, usize)) -> Option<&'b str> {
        let text = self.text?.get(start..end)?;
        (!is_odd(text) && !text.starts_with('"')).then_some(text)
    }

    /// A cell between its quotes, and whether the quotes in it are doubled.
    fn inner(&self, index: usize) -> (&'b [u8], bool) {
        match self.written(index) {
            [b'"', inner @ .., b'"'] => (inner, memchr::memchr(b'"', inner).is_some()),
            bare => (bare, false),
        }
    }

    /// The same as text, where the whole block is text.
    pub(crate) fn within_quotes(&self, index: usize) -> Option<(&'b str, bool)> {
        let (inner, doubled) = self.inner(index);
        let (start, end) = self.place(index);
        // Without its quotes a cell is two bytes shorter.
        let quote = (end - start - inner.len()) / 2;
        Some((self.text?.get(start + quote..end - quote)?, doubled))
    }

    /// A cell without its quotes; empty beyond the end of the row.
    pub(crate) fn field(&self, index: usize) -> Cow<'b, [u8]> {
        let (bytes, doubled) = self.inner(index);
        if !doubled {
            return Cow::Borrowed(bytes);
        }
        let mut plain = Vec::with_capacity(bytes.len());
        let mut from = 0;
        // Of every two quotes the first is written down, with what is before it.
        for quote in memchr::memchr_iter(b'"', bytes).step_by(2) {
            plain.extend_from_slice(&bytes[from..=quote]);
            from = quote + 2;
        }
        plain.extend_from_slice(bytes.get(from..).unwrap_or(b""));
        Cow::Owned(plain)
    }
}

/// Reads rows one by one into a buffer of its own.
pub(crate) struct Rows<R> {
    input: R,
    delimiter: u8,
    /// The row as it is written, and where its cells end.
    buffer: Vec<u8>,
    offsets: Vec<u32>,
    /// Lines after the first of the row, as they were read.
    ahead: Vec<u8>,
    /// Lines read ahead and given back.
    pending: Vec<u8>,
    pending_at: usize,
    /// After them comes a line that was too long, and was skipped.
    long_after_pending: bool,
    line: u64,
    lines_of_row: u64,
    broken: Option<Broken>,
}

impl<R: BufRead> Rows<R> {
    /// Rows of an input that begins with this line of its file.
    pub(crate) fn from_line(line: u64, input: R, delimiter: u8) -> Self {
        Self { line: line.saturating_sub(1), ..Self::new(input, delimiter) }
    }

    pub(crate) fn new(input: R, delimiter: u8) -> Self {
        Self {
            input,
            delimiter,
            buffer: Vec::new(),
            offsets: Vec::new(),
            ahead: Vec::new(),
            pending: Vec::new(),
            pending_at: 0,
            long_after_pending: false,
            line: 0,
            lines_of_row: 0,
            broken: None,
        }
    }

    /// Reads the next row that is not blank; false at the end. `expected` is the header's field
    /// count, `None` for one line: nothing tells where it would end.
    pub(crate) fn next(&mut self, expected: Option<usize>) -> io::Result<bool> {
        loop {
            self.line += self.lines_of_row;
            self.buffer.clear();
            self.offsets.clear();
            self.broken = None;
            self.lines_of_row = 1;
            match self.append_line()? {
                Line::End => return Ok(false),
                Line::TooLong => {
                    self.broken = Some(Broken::TooLong);
                    return Ok(true);
                }
                Line::Read => {}
            }
            trim_line_end(&mut self.buffer);
            if self.buffer.is_empty() {
                continue;
            }
            match split(&self.buffer, self.delimiter, &mut self.offsets) {
                Split::Row => {}
                Split::Open if expected.is_some() => self.join_lines(expected)?,
                Split::Open | Split::Malformed => {
                    self.offsets.clear();
                    self.broken = Some(Broken::StrayQuote);
                }
            }
            return Ok(true);
        }
    }

    /// Line number of the row, from 1.
    pub(crate) const fn line(&self) -> u64 {
        self.line + 1
    }

    pub(crate) const fn broken(&self) -> Option<Broken> {
        self.broken
    }

    /// The cells of the row.
    pub(crate) fn cells(&self) -> Cells<'_> {
        let end = u32::try_from(self.buffer.len()).expect("a row has a limit far below 2^32 bytes");
        let text = std::str::from_utf8(&self.buffer).ok();
        let offsets = if self.offsets.is_empty() { &[u32::MAX] } else { &*self.offsets };
        Cells::new(&self.buffer, text, offsets, end)
    }

    /// A quoted field goes on: take more lines while that makes sense, or give them back.
    fn join_lines(&mut self, expected: Option<usize>) -> io::Result<()> {
        let first_line = self.buffer.len();
        self.ahead.clear();
        for _ in 1..MAX_ROW_LINES {
            self.buffer.push(b'\n');
            let start = self.buffer.len();
            match self.append_line()? {
                Line::Read => self.lines_of_row += 1,
                line @ (Line::End | Line::TooLong) => {
                    self.buffer.pop();
                    self.long_after_pending = matches!(line, Line::TooLong);
                    break;
                }
            }
            self.ahead.extend_from_slice(&self.buffer[start..]);
            trim_line_end(&mut self.buffer);
            if self.buffer.len() > MAX_LINE_BYTES {
                break;
            }
            let mut alone = Vec::new();
            let is_row = split(&self.buffer[start..], self.delimiter, &mut alone) == Split::Row;
            if is_row
                && expected.is_some_and(|expected| expected > 1 && alone.len() == expected + 1)
            {
                break;
            }
            if !self.buffer[start..].contains(&b'"') {
                // The field is still open.
                continue;
            }
            self.offsets.clear();
            match split(&self.buffer, self.delimiter, &mut self.offsets) {
                Split::Open => {}
                Split::Row if expected.is_none_or(|count| self.offsets.len() == count + 1) => {
                    return Ok(());
                }
                _ => break,
            }
        }
        self.give_back(first_line);
        self.broken = Some(Broken::StrayQuote);
        Ok(())
    }

    /// Keeps the first line and puts the rest before everything still to be read.
    fn give_back(&mut self, first_line: usize) {
        if self.lines_of_row > 1 {
            self.ahead.extend_from_slice(&self.pending[self.pending_at..]);
            self.pending = std::mem::take(&mut self.ahead);
            self.pending_at = 0;
        }
        self.buffer.truncate(first_line);
        self.offsets.clear();
        self.lines_of_row = 1;
    }

    fn append_line(&mut self) -> io::Result<Line> {
        if self.pending_at < self.pending.len() {
            let rest = &self.pending[self.pending_at..];
            let length =
                rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| at + 1);
            self.buffer.extend_from_slice(&rest[..length]);
            self.pending_at += length;
            return Ok(Line::Read);
        }
        if std::mem::take(&mut self.long_after_pending) {
            return Ok(Line::TooLong);
        }
        let before = self.buffer.len();
        let limit = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
        let read = io::Read::take(&mut self.input, limit).read_until(b'\n', &mut self.buffer)?;
        if read == 0 {
            return Ok(Line::End);
        }
        if read == MAX_LINE_BYTES && self.buffer.last() != Some(&b'\n') {
            self.buffer.truncate(before);
            skip_line(&mut self.input)?;
            return Ok(Line::TooLong);
        }
        Ok(Line::Read)
    }
}

enum Line {
    Read,
    TooLong,
    End,
}

/// Reads past the end of the line.
pub(super) fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let available = input.fill_buf()?;
        if available.is_empty() {
            return Ok(());
        }
        let end = available.iter().position(|&byte| byte == b'\n');
        let length = end.map_or(available.len(), |at| at + 1);
        input.consume(length);
        if end.is_some() {
            return Ok(());
        }
    }
}

fn trim_line_end(line: &mut Vec<u8>) {
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
}

/// What a line is by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Split {
    /// A row.
    Row,
    /// It ends inside of a quoted field: more lines may make a row of it.
    Open,
    /// A closing quote is followed by text: no line after it can mend that.
    Malformed,
}

/// Where the cells of one line end, without its line end: the separator before the line, then the
/// end of each cell.
pub(crate) fn split(line: &[u8], delimiter: u8, offsets: &mut Vec<u32>) -> Split {
    offsets.clear();
    offsets.push(u32::MAX);
    let mut at = 0;
    loop {
        if line.get(at) == Some(&b'"') {
            at += 1;
            loop {
                let Some(quote) = memchr::memchr(b'"', &line[at..]) else {
                    return Split::Open;
                };
                at += quote + 1;
                if line.get(at) != Some(&b'"') {
                    break;
                }
                // The second of two: the field goes on.
                at += 1;
            }
            if line.get(at).is_some_and(|byte| *byte != delimiter) {
                return Split::Malformed;
            }
        } else {
            let rest = &line[at..];
            at += memchr::memchr(delimiter, rest).unwrap_or(rest.len());
        }
        offsets.push(u32::try_from(at).expect("a line has a limit far below 2^32 bytes"));
        if at == line.len() {
            return Split::Row;
        }
        at += 1;
    }
}

/// The delimiter of a header line: tab, semicolon, bar or comma, whichever occurs most outside of quotes.
pub(crate) fn sniff_delimiter(header: &[u8]) -> u8 {
    let line = header.split(|&byte| byte == b'\n').next().unwrap_or(b"");
    let mut in_quotes = false;
    let mut counts = [(b',', 0), (b'\t', 0), (b';', 0), (b'|', 0)];
    for &byte in line {
        in_quotes ^= byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(!in_quotes && byte == *delimiter);
        }
    }
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, expected: usize) -> Vec<(u64, Vec<String>, Option<Broken>)> {
        let mut rows = Rows::new(text.as_bytes(), b',');
        let mut all = Vec::new();
        while rows.next(Some(expected)).expect("no i/o error") {
            let fields = (0..rows.cells().len())
                .map(|at| String::from_utf8_lossy(&rows.cells().field(at)).into_owned());
            all.push((rows.line(), fields.collect(), rows.broken()));
        }
        all
    }

    #[test]
    fn quotes_commas_and_line_ends() {
        let rows = read("a,\"b, \"\"c\"\"\",d\r\n\r\n1,,3\n\"x\",y,", 3);
        let texts: Vec<_> =
            rows.iter().map(|(line, fields, _)| (*line, fields.join("|"))).collect();
        let expected = [(1, "a|b, \"c\"|d"), (3, "1||3"), (4, "x|y|")];
        assert_eq!(texts, expected.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn a_field_may_run_over_lines() {
        let rows = read("a,\"two\nlines\",c\n1,2,3\n", 3);
        assert_eq!(rows.iter().map(|(line, ..)| *line).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(rows[0].1[1], "two\nlines");
    }

    #[test]
    fn a_stray_quote_swallows_nothing() {
        let rows = read("1,\"2,3\n4,5,6\n7,8\",9\n10,11,12\n", 3);
        let lines: Vec<_> =
            rows.iter().map(|(line, fields, broken)| (*line, fields.len(), *broken)).collect();
        assert_eq!(
            lines,
            [(1, 0, Some(Broken::StrayQuote)), (2, 3, None), (3, 3, None), (4, 3, None)]
        );
        let unclosed = read("1,2,\"3\n4,5,6", 3);
        assert_eq!(
            unclosed.iter().map(|(_, f, b)| (f.len(), b.is_some())).collect::<Vec<_>>(),
            [(0, true), (3, false)]
        );
    }

    #[test]
    fn lines_are_given_back_as_they_were() {
        let rows = read("1,\"2\n\r\r\n\r\n3,4,5\r", 3);
        let texts: Vec<_> =
            rows.iter().map(|(line, fields, _)| (*line, fields.join("|"))).collect();
        let expected = [(1, ""), (2, "\r"), (4, "3|4|5")];
        assert_eq!(texts, expected.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn finds_the_delimiter() {
        assert_eq!(sniff_delimiter(b"a\tb\tc,d\n"), b'\t');
        assert_eq!(sniff_delimiter(b"a;b;c"), b';');
        assert_eq!(sniff_delimiter(b"\"a\"|\"b,c\""), b'|');
        assert_eq!(sniff_delimiter(b"alone"), b',');
        assert_eq!(sniff_delimiter(b"\"a;b;c\",d"), b',');
    }
}
