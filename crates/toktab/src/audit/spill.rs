//! Ids that do not fit into memory: on disk, in parts that do.
//!
//! A part holds the ids whose fingerprints begin alike, so that copies meet in one part. Each id
//! takes 48 bytes on disk; in memory there is a buffer for each part, and at the end one part.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom, Write};

use super::duplicates::Noted;

/// Where ids can be written and read again, such as a temporary file.
pub trait Store: Read + Write + Seek + Send {}

impl<T: Read + Write + Seek + Send> Store for T {}

/// Opens a [`Store`], once it is needed.
pub(super) struct Opener(pub(super) Box<dyn FnOnce() -> io::Result<Box<dyn Store>> + Send>);

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opener")
    }
}

const PARTS: usize = 256;
const BYTES: usize = 48;
/// Of one part, written at once.
const SEGMENT: usize = BYTES * 256;

pub(super) struct Spill {
    store: Box<dyn Store>,
    buffers: Vec<Vec<u8>>,
    /// Where the segments of each part begin.
    segments: Vec<Vec<u64>>,
    end: u64,
}

impl fmt::Debug for Spill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spill").field("end", &self.end).finish_non_exhaustive()
    }
}

impl Spill {
    pub(super) fn new(store: Box<dyn Store>) -> Self {
        let (buffers, segments) = (vec![Vec::new(); PARTS], vec![Vec::new(); PARTS]);
        Self { store, buffers, segments, end: 0 }
    }

    /// Writes an id to its part.
    pub(super) fn push(&mut self, noted: &Noted) -> io::Result<()> {
        let part = usize::try_from(noted.entry >> 120).unwrap_or(0) % PARTS;
        let buffer = &mut self.buffers[part];
        buffer.extend_from_slice(&noted.entry.to_le_bytes());
        buffer.extend_from_slice(&noted.at.to_le_bytes());
        buffer.extend_from_slice(&noted.tokens.to_le_bytes());
        buffer.extend_from_slice(&noted.mantissa.to_le_bytes());
        buffer.extend_from_slice(&[noted.scale, noted.currency, 0, 0, 0, 0, 0, 0]);
        if buffer.len() >= SEGMENT {
            self.store.seek(SeekFrom::Start(self.end))?;
            self.store.write_all(buffer)?;
            buffer.clear();
            self.segments[part].push(self.end);
            self.end += SEGMENT as u64;
        }
        Ok(())
    }

    /// Hands over every part, each sorted by fingerprint and then in the order of the input.
    pub(super) fn parts(&mut self, each: &mut dyn FnMut(&[Noted])) -> io::Result<()> {
        let mut segment = vec![0; SEGMENT];
        let mut part = Vec::new();
        for (buffer, places) in self.buffers.iter().zip(&self.segments) {
            part.clear();
            for place in places {
                self.store.seek(SeekFrom::Start(*place))?;
                self.store.read_exact(&mut segment)?;
                part.extend(segment.as_chunks::<BYTES>().0.iter().map(noted));
            }
            part.extend(buffer.as_chunks::<BYTES>().0.iter().map(noted));
            part.sort_unstable_by_key(|noted| (noted.fingerprint(), noted.at));
            each(&part);
        }
        Ok(())
    }
}

fn noted(bytes: &[u8; BYTES]) -> Noted {
    let word = |at: usize| {
        let mut word = [0; 8];
        word.copy_from_slice(&bytes[at..at + 8]);
        u64::from_le_bytes(word)
    };
    Noted {
        entry: u128::from(word(0)) | u128::from(word(8)) << 64,
        at: word(16),
        tokens: word(24),
        mantissa: word(32).cast_signed(),
        scale: bytes[40],
        currency: bytes[41],
    }
}
