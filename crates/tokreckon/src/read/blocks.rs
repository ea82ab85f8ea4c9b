//! A delimited file read by several threads, in blocks of whole rows.
//!
//! A block ends after a line that is a row by itself, which no quoted field can run over (see
//! [`rows`](super::rows)): so every block is read as if it were a file of its own, quotes or not.
//! Lines without quotes are split where they lie; all others are read by [`Rows`]. Every thread
//! hands its rows to a sink of its own; what the sinks hold must add up to the same whatever the
//! order, as sums do.

use std::io::{self, BufRead, Cursor, Read};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;

use super::body::Body;
use super::marks::{Line, Marks};
use super::rows::{Cells, Field, MAX_LINE_BYTES, Rows, Split, split};
use super::short::{Places, Run, Short};
use super::sinks::Sinks;
use super::{Format, Item, Options, ReadError, begin, lines, table};
use crate::record::Request;

/// How much a thread takes at a time. Tests cut often.
const BLOCK_BYTES: usize = if cfg!(test) { 96 } else { 256 << 10 };
/// How far to look for the end of a row before giving up on blocks.
const MAX_BLOCK_BYTES: usize = if cfg!(test) { 1 << 10 } else { 2 * MAX_LINE_BYTES };
/// How often a thread looks whether it may read on before it sleeps.
const SPINS: u32 = 2_000;

/// Reads a file with several threads where its format allows, and hands every row to a thread's sink.
///
/// Rows come in no particular order. Formats whose rows depend on each other and JSON documents are
/// read in order into one sink.
///
/// # Errors
/// When the file cannot be read at all; rows that cannot be read are [`Item::Reject`]s.
pub fn read_in_parallel<S: Send>(
    input: impl Read + Send,
    options: &Options<'_>,
    threads: usize,
    new_sink: &(impl Fn() -> S + Sync),
    each: &(impl Fn(&mut S, Item<'_>) + Sync),
) -> Result<(Format, Vec<S>), ReadError> {
    let request = |sink: &mut S, request: &Request<'_>| each(sink, Item::Record(&request.record()));
    let sinks = Sinks { new: new_sink, item: each, request: &request, requests_in_order: false };
    read_into_sinks(input, options, threads, sinks)
}

/// The same as [`read_in_parallel`], with plain requests in a form of their own.
///
/// # Errors
/// When the file cannot be read at all; rows that cannot be read are [`Item::Reject`]s.
pub fn read_into_sinks<S: Send>(
    input: impl Read + Send,
    options: &Options<'_>,
    threads: usize,
    sinks: Sinks<'_, S>,
) -> Result<(Format, Vec<S>), ReadError> {
    let (input, is_json) = begin(input, options)?;
    if is_json {
        return lines::read(input, options, threads, sinks);
    }
    let mut sink = (sinks.new)();
    let table = table::begin(input, options)?;
    if !table.format.rows_stand_alone() {
        let format = table::finish(table, options, &mut |item| (sinks.item)(&mut sink, item))?;
        return Ok((format, vec![sink]));
    }
    let (header, format) = (table.header, table.format);
    let blocks = Mutex::new(Blocks::new(table.rows, header.columns()));
    let delimiter = blocks.lock().unwrap_or_else(PoisonError::into_inner).delimiter;
    let work = || -> Result<S, ReadError> {
        let mut sink = (sinks.new)();
        let mut worker = Worker::new(Body::new(header.clone(), format, options)?, delimiter);
        let mut block = Block::default();
        while locked(&blocks).next(&mut block)? {
            worker.read(&block, &mut sink, sinks)?;
        }
        worker.body.reader.finish(&mut |item| (sinks.item)(&mut sink, item));
        Ok(sink)
    };
    let mut filled = if threads < 2 {
        vec![work()?]
    } else {
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let results = workers.into_iter().map(|worker| match worker.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            results.collect::<Result<Vec<S>, ReadError>>()
        })?
    };
    let Blocks { input, rest, next_line, state, .. } =
        blocks.into_inner().unwrap_or_else(PoisonError::into_inner);
    if state == State::Endless {
        let input = Cursor::new(rest).chain(input);
        let rows = Rows::from_line(next_line, input, delimiter);
        let table = table::Table { rows, header, format };
        table::finish(table, options, &mut |item| (sinks.item)(&mut sink, item))?;
        filled.push(sink);
    }
    Ok((format, filled))
}

/// Waits awake for a while: a block is read sooner than a thread goes to sleep and wakes up again.
fn locked<T>(blocks: &Mutex<T>) -> MutexGuard<'_, T> {
    for _ in 0..SPINS {
        match blocks.try_lock() {
            Ok(guard) => return guard,
            Err(TryLockError::Poisoned(error)) => return error.into_inner(),
            Err(TryLockError::WouldBlock) => std::hint::spin_loop(),
        }
    }
    blocks.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Some whole rows.
#[derive(Debug, Default)]
struct Block {
    /// Room for bytes, of which the first `length` are the block's.
    room: Vec<u8>,
    length: usize,
    /// Number of its first line.
    line: u64,
    /// Line feeds in it.
    line_feeds: usize,
    /// There is no quote in it.
    is_bare: bool,
}

impl Block {
    fn bytes(&self) -> &[u8] {
        &self.room[..self.length]
    }

    /// Reads until so many bytes are there; true at the end of the input.
    fn fill(&mut self, input: &mut impl Read, wanted: usize) -> io::Result<bool> {
        if self.room.len() < wanted {
            self.room.resize(wanted, 0);
        }
        while self.length < wanted {
            match input.read(&mut self.room[self.length..wanted]) {
                Ok(0) => return Ok(true),
                Ok(read) => self.length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }
}

/// What is left of a file.
struct Blocks<R> {
    input: R,
    /// Read already, but not handed out.
    rest: Vec<u8>,
    /// Number of the line that `rest` begins with.
    next_line: u64,
    state: State,
    delimiter: u8,
    /// Fields of the header.
    expected: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// No end of a row is in sight: the rest is for one thread.
    Endless,
    Ended,
}

impl<R: BufRead> Blocks<R> {
    /// What follows the header.
    fn new(rows: Rows<R>, expected: usize) -> Self {
        let next_line = rows.line() + 1;
        let (input, delimiter) = rows.into_input();
        let (rest, state) = (Vec::new(), State::Open);
        Self { input, rest, next_line, state, delimiter, expected }
    }

    /// The next rows; false when there are none.
    fn next(&mut self, block: &mut Block) -> io::Result<bool> {
        if self.state != State::Open {
            return Ok(false);
        }
        block.room.truncate(4 * BLOCK_BYTES);
        block.length = 0;
        let _ = block.fill(&mut self.rest.as_slice(), self.rest.len());
        let mut wanted = BLOCK_BYTES.max(2 * self.rest.len());
        loop {
            match block.fill(&mut self.input, wanted) {
                Ok(false) => {}
                Ok(true) => {
                    self.state = State::Ended;
                    block.is_bare = memchr::memchr(b'"', block.bytes()).is_none();
                    break;
                }
                Err(error) => {
                    self.state = State::Ended;
                    return Err(error);
                }
            }
            block.is_bare = memchr::memchr(b'"', block.bytes()).is_none();
            if let Some(cut) = self.cut(block) {
                self.rest.clear();
                self.rest.extend_from_slice(&block.bytes()[cut..]);
                block.length = cut;
                break;
            }
            wanted *= 2;
            if wanted > MAX_BLOCK_BYTES {
                self.state = State::Endless;
                self.rest = block.bytes().to_vec();
                return Ok(false);
            }
        }
        block.line = self.next_line;
        block.line_feeds = bytecount::count(block.bytes(), b'\n');
        self.next_line += block.line_feeds as u64;
        Ok(block.length > 0)
    }

    /// Where the last line ends that is surely the end of a row.
    fn cut(&self, block: &Block) -> Option<usize> {
        let bytes = block.bytes();
        let mut end = memchr::memrchr(b'\n', bytes)?;
        if block.is_bare {
            return Some(end + 1);
        }
        let mut fields = Vec::new();
        loop {
            let before = memchr::memrchr(b'\n', &bytes[..end]);
            let line = &bytes[before.map_or(0, |before| before + 1)..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            // With one column any line is a row by itself, and proves nothing.
            if self.expected > 1
                && split(line, self.delimiter, &mut fields) == Split::Row
                && fields.len() == self.expected
            {
                return Some(end + 1);
            }
            end = before?;
        }
    }
}

/// What a thread reads blocks with.
struct Worker {
    body: Body,
    delimiter: u8,
    marks: Marks,
    fields: Vec<Field>,
}

impl Worker {
    fn new(body: Body, delimiter: u8) -> Self {
        Self { body, delimiter, marks: Marks::default(), fields: Vec::new() }
    }

    fn read<S>(&mut self, block: &Block, sink: &mut S, sinks: Sinks<'_, S>) -> io::Result<()> {
        let Self { body, delimiter, marks, fields } = self;
        let bytes = block.bytes();
        marks.find(bytes, *delimiter, block.line_feeds, body.expected);
        let is_utf8 = marks.is_ascii() || std::str::from_utf8(bytes).is_ok();
        let mut at = 0;
        while at < marks.len() {
            if block.is_bare && is_utf8 {
                let expected = body.expected;
                let run = Run { text: bytes, marks, first: at, line: block.line, expected };
                at += body.reader.run(&run, &mut |request| (sinks.request)(sink, request));
                if at >= marks.len() {
                    break;
                }
            }
            let number = block.line + at as u64;
            let line = marks.line(at);
            at += 1;
            let (start, mut end) = (line.start() as usize, line.end() as usize);
            if start < end && bytes[end - 1] == b'\r' {
                end -= 1;
            }
            if start == end {
                continue;
            }
            let line_bytes = &bytes[start..end];
            let is_short = end - start < MAX_LINE_BYTES - 2;
            let is_bare = block.is_bare || memchr::memchr(b'"', line_bytes).is_none();
            if is_bare && is_short && is_utf8 {
                let end = u32::try_from(end).unwrap_or(u32::MAX);
                let row = Short { line: number, text: bytes, places: Places::Bare { line, end } };
                if body.short(&row, &mut |request| (sinks.request)(sink, request)) {
                    continue;
                }
            }
            let is_row = if is_bare {
                bare_fields(line, end, fields);
                true
            } else {
                split(line_bytes, *delimiter, fields) == Split::Row
            };
            if is_row && is_short {
                let line_text = std::str::from_utf8(line_bytes).ok();
                let cells = Cells::new(line_bytes, fields);
                if line_text.is_some() && !(is_utf8 && is_bare) {
                    let places = Places::Cells(cells);
                    let row = Short { line: number, text: line_bytes, places };
                    if body.short(&row, &mut |request| (sinks.request)(sink, request)) {
                        continue;
                    }
                }
                body.cells(number, cells, line_text, &mut |item| (sinks.item)(sink, item));
            } else {
                let mut rows = Rows::from_line(number, &bytes[start..], *delimiter);
                if rows.next(Some(body.expected))? {
                    body.row(&rows, &mut |item| (sinks.item)(sink, item));
                    at += usize::try_from(rows.lines_of_row() - 1).unwrap_or(usize::MAX);
                }
            }
        }
        Ok(())
    }
}

/// The fields of a line without quotes that ends at `end`, as places in the line.
fn bare_fields(line: Line<'_>, end: usize, fields: &mut Vec<Field>) {
    let (start, end) = (line.start(), u32::try_from(end).unwrap_or(u32::MAX));
    fields.clear();
    let places = (0..line.fields()).map(|at| line.place(at));
    fields.extend(places.map(|(from, to)| Field::bare(from - start, to.min(end) - start)));
}

#[cfg(test)]
mod tests;
