//! Compressed input: `.gz` and `.zst`, recognised by their first bytes, with a limit.

use std::io::{self, BufRead, BufReader, Error, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

/// Unpacked bytes from which on the ratio counts.
const FREE_BYTES: u64 = 16 << 20;
/// Most unpacked bytes for one packed byte.
const MAX_RATIO: u64 = 200;

/// The unpacked bytes of a file, or the file itself when it is not compressed.
pub(super) fn unpack(input: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let packed = Arc::new(AtomicU64::new(0));
    let counted = Counted { input, bytes: Arc::clone(&packed) };
    let mut input = BufReader::with_capacity(128 << 10, counted);
    let start = input.fill_buf()?;
    if start.starts_with(b"PK\x03\x04") {
        return Err(Error::other("it is a ZIP archive; unpack it first"));
    }
    let unpacked: Box<dyn Read + Send> = if start.starts_with(&[0x1f, 0x8b]) {
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
    input: Box<dyn Read + Send>,
    bytes: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Refuses what expands beyond reason.
struct Limited {
    input: Box<dyn Read + Send>,
    packed: Arc<AtomicU64>,
    unpacked: u64,
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.unpacked += read as u64;
        if self.unpacked > FREE_BYTES
            && self.unpacked / MAX_RATIO > self.packed.load(Ordering::Relaxed)
        {
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).expect("packed");
        encoder.finish().expect("packed")
    }

    fn zst(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    fn unpacked(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        unpack(Box::new(io::Cursor::new(bytes)))?.read_to_end(&mut text)?;
        Ok(text)
    }

    #[test]
    fn unpacks_one_part_after_the_other() {
        let text = b"model,input_tokens,output_tokens\n".repeat(1000);
        assert_eq!(unpacked(text.clone()).expect("plain"), text);
        for pack in [gz, zst] {
            let (start, end) = text.split_at(777);
            assert_eq!(unpacked(pack(&text)).expect("packed"), text);
            assert_eq!(unpacked([pack(start), pack(end)].concat()).expect("parts"), text);
        }
        assert_eq!(unpacked(Vec::new()).expect("empty"), b"");
    }

    #[test]
    fn a_part_that_is_cut_off_is_an_error() {
        for pack in [gz, zst] {
            let packed = pack(&b"model,input_tokens,output_tokens\n".repeat(1000));
            assert!(unpacked(packed[..packed.len() / 2].to_vec()).is_err());
        }
    }

    #[test]
    fn refuses_what_expands_beyond_reason() {
        let error = unpacked(gz(&vec![b'a'; 64 << 20])).expect_err("a bomb").to_string();
        assert!(error.starts_with("it expands more than 200 to 1"), "{error}");
        let zip = unpacked(b"PK\x03\x04...".to_vec()).expect_err("an archive").to_string();
        assert_eq!(zip, "it is a ZIP archive; unpack it first");
    }
}
