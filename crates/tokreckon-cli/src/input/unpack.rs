//! Compressed input: `.gz` and `.zst`, recognised by their first bytes, with a limit.
//!
//! Where the bytes are damaged, what comes out is wrong long before a checksum says so: a file is
//! unpacked once to see that it is whole, and only then read.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Error, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

/// Unpacked bytes from which on the ratio counts.
const FREE_BYTES: u64 = 16 << 20;
/// Most unpacked bytes for one packed byte.
const MAX_RATIO: u64 = 200;

/// How a Parquet file begins.
const PARQUET: &[u8] = b"PAR1";
/// How a `.gz` file begins.
const GZ: [u8; 2] = [0x1f, 0x8b];
/// How a frame of a `.zst` file begins, as a number.
const ZST: u32 = 0xfd2f_b528;
/// How frames begin that hold anything but content: 16 numbers from here on (RFC 8878, 3.1.2).
const SKIPPED: u32 = 0x184d_2a50;

/// Unpacks a compressed file to its end and throws it away.
///
/// It is an error when it is cut off, when its content does not match its checksum, or when it
/// expands beyond reason: none of it may count.
pub(super) fn check(path: &Path) -> io::Result<()> {
    let mut start = Vec::new();
    File::open(path)?.take(4).read_to_end(&mut start)?;
    if start.starts_with(&GZ) || is_zst(&start) {
        io::copy(&mut unpack(Box::new(File::open(path)?))?, &mut io::sink())?;
    }
    Ok(())
}

fn is_zst(start: &[u8]) -> bool {
    let start = start.first_chunk().map(|start| u32::from_le_bytes(*start));
    start.is_some_and(|start| start == ZST || start & !0xf == SKIPPED)
}

/// What is in a file.
pub(super) enum Content {
    /// Bytes of text: the unpacked ones, or those of the file itself when it is not compressed.
    Text(Box<dyn Read + Send>),
    /// Those of a Parquet file, whose beginning was looked at.
    Parquet(Box<dyn Read + Send>),
}

/// Unpacks what is compressed, and looks at what it is.
pub(super) fn open(input: Box<dyn Read + Send>) -> io::Result<Content> {
    let packed = Arc::new(AtomicU64::new(0));
    let counted = Counted { input, bytes: Arc::clone(&packed) };
    let mut input = BufReader::with_capacity(128 << 10, counted);
    let start = input.fill_buf()?;
    if start.starts_with(b"PK\x03\x04") {
        return Err(Error::other("it is a ZIP archive; unpack it first"));
    }
    if start.starts_with(PARQUET) {
        return Ok(Content::Parquet(Box::new(input)));
    }
    let unpacked: Box<dyn Read + Send> = if start.starts_with(&GZ) {
        Box::new(MultiGzDecoder::new(input))
    } else if is_zst(start) {
        Box::new(Frames { state: State::Between(input) })
    } else {
        return Ok(Content::Text(Box::new(input)));
    };
    Ok(Content::Text(Box::new(Limited { input: unpacked, packed, unpacked: 0 })))
}

/// The bytes of a file as they are to be read in their order.
fn unpack(input: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    match open(input)? {
        Content::Text(bytes) | Content::Parquet(bytes) => Ok(bytes),
    }
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
/// The first four bytes of a frame, which were read to see what it is, and the rest.
type Frame = Chain<Cursor<[u8; 4]>, Source>;

/// A `.zst` file is one frame after the other.
struct Frames {
    state: State,
}

enum State {
    Between(Source),
    In(Box<StreamingDecoder<Frame, ruzstd::decoding::FrameDecoder>>),
    End,
}

impl Read for Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, State::End) {
                State::End => return Ok(0),
                State::Between(source) => {
                    if let Some(frame) = next_frame(source)? {
                        self.state = State::In(Box::new(frame));
                    }
                }
                State::In(mut frame) => {
                    let read = frame.read(buffer)?;
                    if read > 0 || buffer.is_empty() {
                        self.state = State::In(frame);
                        return Ok(read);
                    }
                    let noted = frame.decoder.get_checksum_from_data();
                    if noted.is_some() && noted != frame.decoder.get_calculated_checksum() {
                        return Err(Error::new(
                            ErrorKind::InvalidData,
                            "damaged: the content does not match its checksum",
                        ));
                    }
                    self.state = State::Between(frame.into_inner().into_inner().1);
                }
            }
        }
    }
}

/// The next frame with content; `None` at the end.
fn next_frame(
    mut source: Source,
) -> io::Result<Option<StreamingDecoder<Frame, ruzstd::decoding::FrameDecoder>>> {
    while !source.fill_buf()?.is_empty() {
        let mut start = [0; 4];
        source.read_exact(&mut start)?;
        if u32::from_le_bytes(start) & !0xf != SKIPPED {
            let frame = Cursor::new(start).chain(source);
            return StreamingDecoder::new(frame).map(Some).map_err(Error::other);
        }
        let mut length = [0; 4];
        source.read_exact(&mut length)?;
        let length = u64::from(u32::from_le_bytes(length));
        if io::copy(&mut source.by_ref().take(length), &mut io::sink())? < length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(None)
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
        unpack(Box::new(Cursor::new(bytes)))?.read_to_end(&mut text)?;
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
    fn what_is_no_content_is_skipped() {
        let skipped = [&[0x5e, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"any"].concat();
        let text = b"model,input_tokens\n";
        let packed = [skipped.clone(), zst(text), skipped.clone(), zst(text), skipped].concat();
        assert_eq!(unpacked(packed.clone()).expect("frames"), text.repeat(2));
        assert!(unpacked(packed[..packed.len() - 1].to_vec()).is_err(), "cut off");
    }

    #[test]
    fn a_flipped_bit_is_found_before_a_row_counts() {
        let text = b"model,input_tokens,output_tokens\n".repeat(1000);
        let file = tempfile::NamedTempFile::new().expect("a file");
        for pack in [gz, zst] {
            let mut packed = pack(&text);
            std::fs::write(file.path(), &packed).expect("written");
            check(file.path()).expect("whole");
            // The last bytes of both are a checksum; in the middle lies content.
            for at in [packed.len() / 2, packed.len() - 5] {
                packed[at] ^= 1;
                std::fs::write(file.path(), &packed).expect("written");
                check(file.path()).expect_err("damaged");
                packed[at] ^= 1;
            }
        }
        std::fs::write(file.path(), &text[..3]).expect("written");
        check(file.path()).expect("not packed");
    }

    #[test]
    fn refuses_what_expands_beyond_reason() {
        let error = unpacked(gz(&vec![b'a'; 64 << 20])).expect_err("a bomb").to_string();
        assert!(error.starts_with("it expands more than 200 to 1"), "{error}");
        let zip = unpacked(b"PK\x03\x04...".to_vec()).expect_err("an archive").to_string();
        assert_eq!(zip, "it is a ZIP archive; unpack it first");
    }
}
