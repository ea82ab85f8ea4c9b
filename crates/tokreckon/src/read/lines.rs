//! JSON Lines read by several threads, in blocks of whole lines, where each line stands alone.
//!
//! The first lines are read in order, until one says what the file is. Session logs, whose lines
//! belong together, stay in order. A line of such a log among others is set aside, as is one with
//! counts that grow, and from there on the file is read in order, too: so all of them come one after
//! the other, into one sink.

use std::io::{self, BufRead, Cursor, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::blocks::{Sinks, fill, locked};
use super::json::{Keeps, Reader};
use super::json_lines::Lines;
use super::logs::Stated;
use super::rows::MAX_LINE_BYTES;
use super::{Format, Item, Options, ReadError};

/// How much a thread takes at a time. Tests cut often.
const BLOCK_BYTES: usize = if cfg!(test) { 300 } else { 256 << 10 };
/// How far to look for the end of a line before giving up on blocks.
const MAX_BLOCK_BYTES: usize = if cfg!(test) { 2_000 } else { MAX_LINE_BYTES - 1 };

/// Reads JSON into sinks.
pub(super) fn read<S: Send>(
    input: impl BufRead + Send,
    options: &Options<'_>,
    threads: usize,
    sinks: Sinks<'_, S>,
) -> Result<(Format, Vec<S>), ReadError> {
    let mut sink = (sinks.new)();
    let mut lines = Lines::new(input, Reader::new(options), 0);
    while lines.next(&mut |item| (sinks.item)(&mut sink, item))? {
        if threads > 1 && lines.stand_alone() {
            return read_blocks(lines, options, threads, sinks, sink);
        }
    }
    let format = lines.finish(&mut |item| (sinks.item)(&mut sink, item))?;
    Ok((format, vec![sink]))
}

/// Reads the rest in blocks, and what does not stand alone in order into the first sink.
fn read_blocks<S: Send>(
    lines: Lines<'_, impl BufRead + Send>,
    options: &Options<'_>,
    threads: usize,
    sinks: Sinks<'_, S>,
    mut sink: S,
) -> Result<(Format, Vec<S>), ReadError> {
    let (input, mut reader, number) = lines.into_parts();
    let found = reader.found();
    let keeps = if sinks.requests_in_order { Keeps::Requests } else { Keeps::Growing };
    let (blocks, stop) = (Mutex::new(Blocks::new(input, number)), AtomicBool::new(false));
    let work = || -> Result<(S, (Vec<Aside>, Stated)), ReadError> {
        let mut sink = (sinks.new)();
        let mut reader = Reader::of(found, options);
        let (mut block, mut aside) = (Block::default(), Vec::new());
        while !stop.load(Ordering::Relaxed) && locked(&blocks).next(&mut block)? {
            for (number, line) in block.lines() {
                let mut each = |item: Item<'_>| (sinks.item)(&mut sink, item);
                let stands_alone = reader.line_alone(line, number, keeps, &mut each)?;
                if !stands_alone {
                    aside.push((number, line.to_vec()));
                    stop.store(true, Ordering::Relaxed);
                }
            }
        }
        let stated = std::mem::take(&mut reader.spans);
        reader.finish(&mut |item| (sinks.item)(&mut sink, item));
        Ok((sink, (aside, stated)))
    };
    let parts = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let results = workers.into_iter().map(|worker| match worker.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        results.collect::<Result<Vec<_>, ReadError>>()
    })?;
    let (mut filled, aside): (Vec<S>, Vec<_>) = parts.into_iter().unzip();
    let mut each = |item: Item<'_>| (sinks.item)(&mut sink, item);
    let (aside, stated): (Vec<Vec<Aside>>, Vec<Stated>) = aside.into_iter().unzip();
    for stated in stated {
        reader.spans.absorb(stated, &mut each);
    }
    let mut aside: Vec<Aside> = aside.into_iter().flatten().collect();
    aside.sort_unstable_by_key(|(number, _)| *number);
    for (number, line) in aside {
        reader.line(&line, number, &mut each)?;
    }
    let Blocks { input, rest, number } =
        blocks.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut lines = Lines::new(Cursor::new(rest).chain(input), reader, number).after_first();
    while lines.next(&mut each)? {}
    let format = lines.finish(&mut each)?;
    filled.push(sink);
    Ok((format, filled))
}

/// A line that does not stand alone, with its number.
type Aside = (u64, Vec<u8>);

/// Some whole lines.
#[derive(Default)]
struct Block {
    /// Room for bytes, of which the first `length` are the block's.
    room: Vec<u8>,
    length: usize,
    /// Number of the line before.
    number: u64,
}

impl Block {
    /// Lines with their numbers and line ends, but for empty ones.
    fn lines(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let (mut number, mut rest) = (self.number, &self.room[..self.length]);
        let lines = std::iter::from_fn(move || {
            let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            let line;
            (line, rest) = rest.split_at(end);
            number += 1;
            (!line.is_empty()).then_some((number, line))
        });
        lines.filter(|(_, line)| !line.trim_ascii_start().is_empty())
    }
}

/// What is left of a file.
struct Blocks<R> {
    input: R,
    /// Read already, but not handed out.
    rest: Vec<u8>,
    /// Number of the line before `rest`.
    number: u64,
}

impl<R: BufRead> Blocks<R> {
    const fn new(input: R, number: u64) -> Self {
        Self { input, rest: Vec::new(), number }
    }

    /// The next lines; false when there are none, or none whose end is in sight.
    fn next(&mut self, block: &mut Block) -> io::Result<bool> {
        block.number = self.number;
        block.room.truncate(4 * BLOCK_BYTES);
        block.length = 0;
        let _ = fill(&mut block.room, &mut block.length, &mut &*self.rest, self.rest.len())?;
        self.rest.clear();
        let mut wanted = BLOCK_BYTES.max(2 * block.length).min(MAX_BLOCK_BYTES);
        loop {
            let is_end = fill(&mut block.room, &mut block.length, &mut self.input, wanted)?;
            let bytes = &block.room[..block.length];
            let end = memchr::memrchr(b'\n', bytes).map(|end| end + 1);
            let end = if is_end { Some(block.length) } else { end };
            if let Some(end) = end {
                self.rest.extend_from_slice(&bytes[end..]);
                block.length = end;
                break;
            }
            if wanted >= MAX_BLOCK_BYTES {
                self.rest.extend_from_slice(bytes);
                return Ok(false);
            }
            wanted = (2 * wanted).min(MAX_BLOCK_BYTES);
        }
        self.number += bytecount::count(&block.room[..block.length], b'\n') as u64;
        Ok(block.length > 0)
    }
}

#[cfg(test)]
mod tests;
