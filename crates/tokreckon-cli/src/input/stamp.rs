//! Files that change while they are read: an answer is about the file as it was found, or it is none.

use std::fs::{File, Metadata, metadata};
use std::io::{self, Error, Read, Seek, SeekFrom, Take};
use std::path::Path;
use std::time::SystemTime;

use tokreckon::digest::Digest;

/// Bytes of a file that are looked at in one place.
const BLOCK: u64 = 512;

/// In how many places, the beginning and the end among them.
const BLOCKS: u64 = 8;

/// How often a file is looked at that changes meanwhile.
const LOOKS: usize = 3;

/// What a file was like when it was found.
#[derive(Clone, Debug)]
pub(super) struct Stamp {
    state: State,
    /// Of bytes all over the file: one that was written anew and is longer by now has others there, one
    /// that was added to has not. `None` where it did not hold still.
    sample: Option<u128>,
}

/// What the system says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    length: u64,
    changed: Option<SystemTime>,
    /// Device, inode and when it was made: another file under the same name is another one, also where
    /// it got the inode of the old one.
    identity: (u64, u64, Option<SystemTime>),
}

impl State {
    fn of(file: &Metadata) -> Option<Self> {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            (file.dev(), file.ino(), file.created().ok())
        };
        #[cfg(not(unix))]
        let identity = (0, 0, file.created().ok());
        file.is_file().then(|| Self { length: file.len(), changed: file.modified().ok(), identity })
    }
}

impl Stamp {
    /// `None` for what is no ordinary file: a pipe has no length, and is read as it comes.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let state = State::of(&metadata(path).ok()?)?;
        let looked_at = || {
            let mut file = File::open(path).ok()?;
            for _ in 0..LOOKS {
                let state = State::of(&file.metadata().ok()?)?;
                let sample = sample(&mut file, state.length).ok()?;
                if State::of(&file.metadata().ok()?)? == state {
                    return Some(Self { state, sample: Some(sample) });
                }
            }
            None
        };
        Some(looked_at().unwrap_or(Self { state, sample: None }))
    }

    /// Bytes of the file when it was found.
    pub(super) const fn length(&self) -> u64 {
        self.state.length
    }

    /// True for the same file with more in it, as a log that somebody writes to.
    fn has_grown_to(&self, file: &mut File) -> io::Result<bool> {
        let (found, Some(now)) = (self.state, State::of(&file.metadata()?)) else {
            return Ok(false);
        };
        let is_longer = now.identity == found.identity && now.length > found.length;
        Ok(is_longer && self.sample == Some(sample(file, found.length)?))
    }

    /// True when the file of this path has more in it than when it was found.
    pub(super) fn has_grown(&self, path: &Path) -> bool {
        File::open(path).and_then(|mut file| self.has_grown_to(&mut file)).unwrap_or(false)
    }
}

/// A digest of bytes in several places of the first `length`, of all of them where they are few.
fn sample(file: &mut File, length: u64) -> io::Result<u128> {
    let mut digest = Digest::default();
    let mut block = Vec::new();
    let last = length.saturating_sub(BLOCK);
    let mut from = 0;
    loop {
        file.seek(SeekFrom::Start(from))?;
        block.clear();
        file.take(BLOCK.min(length - from)).read_to_end(&mut block)?;
        digest.write(&block);
        if from == last {
            return Ok(digest.finish());
        }
        from = last.min(from + BLOCK.max(last / (BLOCKS - 1)));
    }
}

/// A file as far as it went when it was found. Its end is an error when by then it is shorter, holds
/// other bytes, or is another file.
pub(super) struct AsFound {
    file: Take<File>,
    found: Stamp,
}

impl AsFound {
    /// Opens a file that was found before.
    pub(super) fn open(path: &Path, found: Stamp) -> io::Result<Self> {
        Ok(Self { file: File::open(path)?.take(found.length()), found })
    }
}

impl Read for AsFound {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        if read == 0 && !buffer.is_empty() {
            let is_whole = self.file.limit() == 0;
            let file = self.file.get_mut();
            let is_as_found = State::of(&file.metadata()?) == Some(self.found.state);
            if !is_whole || !(is_as_found || self.found.has_grown_to(file)?) {
                return Err(Error::other("it changed while it was read"));
            }
        }
        Ok(read)
    }
}
