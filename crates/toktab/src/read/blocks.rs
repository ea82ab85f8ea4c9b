//! A delimited file read by several threads, in blocks of whole lines.
//!
//! A block without a quote can be cut after any line end. The first block with a quote, and all
//! that follows it, is read by one thread: whether a quoted field runs over a line end is known
//! only to who has read everything before. Every thread hands its rows to a sink of its own; what
//! the sinks hold must add up to the same whatever the order, as sums do.

use std::io::{self, BufRead, Cursor, Read};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::rows::Rows;
use super::{Format, Item, Options, ReadError, begin, json, table};

/// How much a thread takes at a time.
const BLOCK_BYTES: usize = 1 << 20;

/// Reads a file with several threads where its format allows, and hands every row to a thread's sink.
///
/// Rows come in no particular order. Formats whose rows depend on each other, JSON and a single
/// thread are read in order into one sink.
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
    let (input, is_json) = begin(input, options)?;
    let mut sink = new_sink();
    if is_json {
        let format = json::read(input, options, &mut |item| each(&mut sink, item))?;
        return Ok((format, vec![sink]));
    }
    let table = table::begin(input, options)?;
    if threads < 2 || !table.format.rows_stand_alone() {
        let format = table::finish(table, options, &mut |item| each(&mut sink, item))?;
        return Ok((format, vec![sink]));
    }
    let (header, format) = (table.header, table.format);
    let next_line = table.rows.line() + 1;
    let (input, delimiter) = table.rows.into_input();
    let blocks = Mutex::new(Blocks { input, rest: Vec::new(), next_line, state: State::Open });
    let work = || -> Result<S, ReadError> {
        let mut sink = new_sink();
        loop {
            let block = blocks.lock().unwrap_or_else(PoisonError::into_inner).next()?;
            let Some((line, block)) = block else { return Ok(sink) };
            let rows = Rows::from_line(line, block.as_slice(), delimiter);
            let table = table::Table { rows, header: header.clone(), format };
            table::finish(table, options, &mut |item| each(&mut sink, item))?;
        }
    };
    let mut sinks = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let results = workers.into_iter().map(|worker| match worker.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        results.collect::<Result<Vec<S>, ReadError>>()
    })?;
    let Blocks { input, rest, next_line, state } =
        blocks.into_inner().unwrap_or_else(PoisonError::into_inner);
    if state == State::Quoted {
        let input = Cursor::new(rest).chain(input);
        let table = table::Table {
            rows: Rows::from_line(next_line, input, delimiter),
            header: header.clone(),
            format,
        };
        table::finish(table, options, &mut |item| each(&mut sink, item))?;
        sinks.push(sink);
    }
    Ok((format, sinks))
}

/// What is left of a file.
struct Blocks<R> {
    input: R,
    /// Read already, but not handed out.
    rest: Vec<u8>,
    /// Number of the line that `rest` begins with.
    next_line: u64,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// A quote, or a line longer than a block: the rest is for one thread.
    Quoted,
    Ended,
}

impl<R: BufRead> Blocks<R> {
    /// The next lines and the number of the first.
    fn next(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        if self.state != State::Open {
            return Ok(None);
        }
        let mut block = std::mem::take(&mut self.rest);
        let missing = u64::try_from(BLOCK_BYTES.saturating_sub(block.len())).unwrap_or(0);
        let read = (&mut self.input).take(missing).read_to_end(&mut block);
        if let Err(error) = read {
            self.state = State::Ended;
            return Err(error);
        }
        let at_end = block.len() < BLOCK_BYTES;
        let last_line_end = memchr::memrchr(b'\n', &block);
        if memchr::memchr(b'"', &block).is_some() || (last_line_end.is_none() && !at_end) {
            self.rest = block;
            self.state = State::Quoted;
            return Ok(None);
        }
        if at_end {
            self.state = State::Ended;
        } else {
            self.rest = block.split_off(last_line_end.map_or(block.len(), |at| at + 1));
        }
        let first_line = self.next_line;
        self.next_line += memchr::memchr_iter(b'\n', &block).count() as u64;
        Ok((!block.is_empty()).then_some((first_line, block)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write;

    use super::*;
    use crate::read::read;

    /// What became of each line.
    fn lines(items: &mut BTreeMap<u64, String>, item: &Item<'_>) {
        let (line, text) = match item {
            Item::Record(record) => (record.line, format!("{} {:?}", record.model, record.totals)),
            Item::Reject(reject) => (reject.line, reject.problem.to_string()),
            other => (0, format!("{other:?}")),
        };
        items.insert(line, text);
    }

    fn same_as_in_order(text: &str) {
        let options = Options { provider: "openai", ..Options::default() };
        let mut in_order = BTreeMap::new();
        read(text.as_bytes(), &options, &mut |item| lines(&mut in_order, &item)).expect("a table");
        let each = |sink: &mut BTreeMap<u64, String>, item: Item<'_>| lines(sink, &item);
        let (_, sinks) =
            read_in_parallel(text.as_bytes(), &options, 3, &BTreeMap::new, &each).expect("a table");
        let together: BTreeMap<u64, String> = sinks.into_iter().flatten().collect();
        assert_eq!(together.len(), in_order.len());
        assert!(together == in_order);
    }

    #[test]
    fn blocks_read_what_one_thread_reads() {
        let mut text = "model,input_tokens,output_tokens,user\n\n".to_owned();
        for row in 0..120_000 {
            let bad = if row % 1_000 == 7 { "x" } else { "" };
            let _ = writeln!(text, "gpt-4o,{row}{bad},{},someone", row * 3);
        }
        same_as_in_order(&text);
        // A quoted field over two lines, in the third block.
        text.push_str("gpt-4o,1,2,\"two\nlines\"\ngpt-4o,1,2,\"stray\ngpt-4o,3,4,last");
        same_as_in_order(&text);
    }
}
