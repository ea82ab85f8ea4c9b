//! Compressed input: `.gz` and `.zst`, recognised by their first bytes, with a limit.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Error, Read};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

/// Unpacked bytes from which on the ratio counts.
const FREE_BYTES: u64 = 16 << 20;
/// Most unpacked bytes for one packed byte.
const MAX_RATIO: u64 = 200;

/// The unpacked bytes of a file, or the file itself when it is not compressed.
pub(super) fn unpack(input: Box<dyn Read>) -> io::Result<Box<dyn Read>> {
    let packed = Rc::new(Cell::new(0));
    let counted = Counted { input, bytes: Rc::clone(&packed) };
    let mut input = BufReader::with_capacity(128 << 10, counted);
    let start = input.fill_buf()?;
    if start.starts_with(b"PK\x03\x04") {
        return Err(Error::other("it is a ZIP archive; unpack it first"));
    }
    let unpacked: Box<dyn Read> = if start.starts_with(&[0x1f, 0x8b]) {
        Box::new(MultiGzDecoder::new(input))
    } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Box::new(Frames { state: State::Between(input) })
    } else {
        return Ok(Box::new(input));
    };
    Ok(Box::new(Limited { input: unpacked, packed, unpacked: 0 }))
}

/// Counts the bytes that are read.
struct Counted {
    input: Box<dyn Read>,
    bytes: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.bytes.set(self.bytes.get() + read as u64);
        Ok(read)
    }
}

/// Refuses what expands beyond reason.
struct Limited {
    input: Box<dyn Read>,
    packed: Rc<Cell<u64>>,
    unpacked: u64,
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.unpacked += read as u64;
        if self.unpacked > FREE_BYTES && self.unpacked / MAX_RATIO > self.packed.get() {
            let unpacked = self.unpacked;
            return Err(Error::other(format!(
                "it expands more than {MAX_RATIO} to 1 ({unpacked} bytes so far); unpack it first if that is right"
            )));
        }
        Ok(read)
    }
}

type Source = BufReader<Counted>;

/// A `.zst` file is one frame after the other.
struct Frames {
    state: State,
}

enum State {
    Between(Source),
    In(Box<StreamingDecoder<Source, ruzstd::decoding::FrameDecoder>>),
    End,
}

impl Read for Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, State::End) {
                State::End => return Ok(0),
                State::Between(mut source) => {
                    if !source.fill_buf()?.is_empty() {
                        let frame = StreamingDecoder::new(source).map_err(Error::other)?;
                        self.state = State::In(Box::new(frame));
                    }
                }
                State::In(mut frame) => {
                    let read = frame.read(buffer)?;
                    if read > 0 || buffer.is_empty() {
                        self.state = State::In(frame);
                        return Ok(read);
                    }
                    self.state = State::Between(frame.into_inner());
                }
            }
        }
    }
}
