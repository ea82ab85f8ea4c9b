//! A delimited file read by several threads, in blocks of whole rows.
//!
//! A block ends after a line that is a row by itself, which no quoted field can run over (see
//! [`rows`](super::rows)): so every block is read as if it were a file of its own, quotes or not.
//! Lines without quotes are split where they lie; all others are read by [`Rows`]. Every thread
//! hands its rows to a sink of its own; what the sinks hold must add up to the same whatever the
//! order, as sums do.

use std::fmt;
use std::io::{self, BufRead, Chain, Cursor, Read};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;

use bumpalo::Bump;

use super::body::Body;
use super::index::SeparatorIndex;
use super::rows::{Cells, MAX_LINE_BYTES, Rows, Split, split};
use super::table::{Each, Table};
use super::{Format, Item, Options, Problem, ReadError, Reject, begin, lines, registry, table};

/// How much a thread takes at a time. Tests cut often.
const BLOCK_BYTES: usize = if cfg!(test) { 96 } else { 256 << 10 };
/// How far to look for the end of a row before giving up on blocks.
const MAX_BLOCK_BYTES: usize = if cfg!(test) { 1 << 10 } else { 2 * MAX_LINE_BYTES };
/// How often a thread looks whether it may read on before it sleeps.
const SPINS: u32 = 2_000;

/// Several threads, each with a sink of its own.
pub struct Sinks<'s, S> {
    /// Makes a sink.
    pub new: &'s (dyn Fn() -> S + Sync),
    /// Takes an item.
    pub item: &'s (dyn Fn(&mut S, Item<'_>) + Sync),
    /// Hands records that keep their request ([`Evidence::request`](crate::record::Evidence)) to one
    /// sink, in their order: for those who compare one with another.
    pub requests_in_order: bool,
}

impl<S> Clone for Sinks<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Sinks<'_, S> {}

impl<S> fmt::Debug for Sinks<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sinks").finish_non_exhaustive()
    }
}

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
    let sinks = Sinks { new: new_sink, item: each, requests_in_order: false };
    read_into_sinks(input, options, threads, sinks)
}

/// The same as [`read_in_parallel`], with all that may be asked of it.
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
    if threads < 2 || !registry::rows_stand_alone(table.format) {
        let format = in_order(table, options, &mut |item| (sinks.item)(&mut sink, item))?;
        return Ok((format, vec![sink]));
    }
    table.titles(&mut |item| (sinks.item)(&mut sink, item));
    let (header, format) = (table.header.clone(), table.format);
    let blocks = Mutex::new(Blocks::new(table));
    let work = || -> Result<S, ReadError> {
        let mut sink = (sinks.new)();
        let mut worker = Worker::new(Body::new(header.clone(), format, options)?);
        let mut block = Block::default();
        while locked(&blocks).next(&mut block)? {
            worker.read(&block, &mut |item| (sinks.item)(&mut sink, item))?;
        }
        worker.body.reader.finish(&mut |item| (sinks.item)(&mut sink, item));
        Ok(sink)
    };
    let results: Vec<Result<S, ReadError>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let join = |worker: thread::ScopedJoinHandle<'_, _>| match worker.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        workers.into_iter().map(join).collect()
    });
    let mut filled = Vec::new();
    let mut first_error: Option<ReadError> = None;
    for result in results {
        match (result, &first_error) {
            (Ok(sink), _) => filled.push(sink),
            // Of several headers the first one is told, whichever thread found it first.
            (Err(error), Some(first)) if first.line() <= error.line() => {}
            (Err(error), _) => first_error = Some(error),
        }
    }
    if let Some(error) = first_error {
        return Err(error);
    }
    let blocks = blocks.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut body = Body::new(header.clone(), format, options)?;
    let each = &mut |item: Item<'_>| (sinks.item)(&mut sink, item);
    blocks.rest_in_order(&mut body, each)?;
    body.reader.finish(each);
    table::totals(&header, each);
    filled.push(sink);
    Ok((format, filled))
}

/// Reads the rows below a header in their order.
pub(super) fn in_order<R: BufRead>(
    table: Table<R>,
    options: &Options<'_>,
    each: Each<'_>,
) -> Result<Format, ReadError> {
    table.titles(each);
    let (header, format) = (table.header.clone(), table.format);
    let mut worker = Worker::new(Body::new(header.clone(), format, options)?);
    let mut blocks = Blocks::new(table);
    let mut block = Block::default();
    while blocks.next(&mut block)? {
        worker.read(&block, each)?;
    }
    blocks.rest_in_order(&mut worker.body, each)?;
    worker.body.reader.finish(each);
    table::totals(&header, each);
    Ok(format)
}

/// Waits awake for a while: a block is read sooner than a thread goes to sleep and wakes up again.
pub(super) fn locked<T>(blocks: &Mutex<T>) -> MutexGuard<'_, T> {
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
    /// There is no quote in it.
    is_bare: bool,
    delimiter: u8,
}

impl Block {
    fn bytes(&self) -> &[u8] {
        &self.room[..self.length]
    }

    fn fill(&mut self, input: &mut impl Read, wanted: usize) -> io::Result<bool> {
        fill(&mut self.room, &mut self.length, input, wanted)
    }
}

/// Reads until so many bytes of the room are in use; true at the end of the input.
pub(super) fn fill(
    room: &mut Vec<u8>,
    length: &mut usize,
    input: &mut impl Read,
    wanted: usize,
) -> io::Result<bool> {
    if room.len() < wanted {
        room.resize(wanted, 0);
    }
    while *length < wanted {
        match input.read(&mut room[*length..wanted]) {
            Ok(0) => return Ok(true),
            Ok(read) => *length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
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

impl<R: BufRead> Blocks<Chain<Cursor<Vec<u8>>, R>> {
    /// What follows the header.
    fn new(table: Table<R>) -> Self {
        let Table { input, delimiter, next_line, header, .. } = table;
        let (rest, state) = (Vec::new(), State::Open);
        Self { input, rest, next_line, state, delimiter, expected: header.columns() }
    }
}

impl<R: BufRead> Blocks<R> {
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
        block.delimiter = self.delimiter;
        self.next_line += bytecount::count(block.bytes(), b'\n') as u64;
        Ok(block.length > 0)
    }

    /// Reads what no block could be made of, row by row.
    fn rest_in_order(self, body: &mut Body, each: Each<'_>) -> Result<(), ReadError> {
        if self.state != State::Endless {
            return Ok(());
        }
        let input = Cursor::new(self.rest).chain(self.input);
        let mut rows = Rows::from_line(self.next_line, input, self.delimiter);
        while rows.next(Some(body.expected))? {
            body.row(&rows, each)?;
        }
        Ok(())
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
                && fields.len() == self.expected + 1
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
    index: SeparatorIndex,
}

impl Worker {
    fn new(body: Body) -> Self {
        Self { body, index: SeparatorIndex::default() }
    }

    fn read(&mut self, block: &Block, each: Each<'_>) -> Result<(), ReadError> {
        let bytes = block.bytes();
        let Self { body, index } = self;
        if !index.find(bytes, block.delimiter, !block.is_bare, body.expected) {
            // A stray quote, or a cell over several lines.
            let mut rows = Rows::from_line(block.line, bytes, block.delimiter);
            while rows.next(Some(body.expected))? {
                body.row(&rows, each)?;
            }
            return Ok(());
        }
        let (text, arena) = (simdutf8::basic::from_utf8(bytes).ok(), Bump::new());
        for number in 0..index.len() {
            let offsets = index.line(number);
            let (Some(before), Some(line_end)) = (offsets.first(), offsets.last()) else {
                continue;
            };
            let (start, mut end) = (before.wrapping_add(1), *line_end);
            if end > start && bytes.get(end as usize - 1) == Some(&b'\r') {
                end -= 1;
            }
            if start == end {
                continue;
            }
            let line = block.line + number as u64;
            if (end - start) as usize >= MAX_LINE_BYTES - 2 {
                each(Item::Reject(Reject { line, problem: Problem::LineTooLong }));
                continue;
            }
            body.cells(line, Cells::new(bytes, text, offsets, end), &arena, each)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
