//! Files that change while they are read: an answer is about the file as it was found, or it is none.

use std::fs::{File, Metadata, metadata};
use std::io::{self, Error, Read, Take};
use std::path::Path;
use std::time::SystemTime;

/// What a file was like when it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    length: u64,
    changed: Option<SystemTime>,
    /// Device, inode and when it was made: another file under the same name is another one, also where
    /// it got the inode of the old one.
    identity: (u64, u64, Option<SystemTime>),
}

impl Stamp {
    /// `None` for what is no ordinary file: a pipe has no length, and is read as it comes.
    pub(super) fn of(path: &Path) -> Option<Self> {
        metadata(path).ok().and_then(|file| Self::of_file(&file))
    }

    fn of_file(file: &Metadata) -> Option<Self> {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            (file.dev(), file.ino(), file.created().ok())
        };
        #[cfg(not(unix))]
        let identity = (0, 0, file.created().ok());
        file.is_file().then(|| Self { length: file.len(), changed: file.modified().ok(), identity })
    }

    /// Bytes of the file when it was found.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// True for the same file with more in it, as a log that somebody writes to.
    fn has_grown_to(&self, now: &Self) -> bool {
        now.identity == self.identity && now.length > self.length
    }

    /// True when the file of this path has more in it than when it was found.
    pub(super) fn has_grown(&self, path: &Path) -> bool {
        Self::of(path).is_some_and(|now| self.has_grown_to(&now))
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
        Ok(Self { file: File::open(path)?.take(found.length), found })
    }
}

impl Read for AsFound {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        if read == 0 && !buffer.is_empty() {
            let now = Stamp::of_file(&self.file.get_ref().metadata()?);
            let is_as_found =
                now.is_some_and(|now| now == self.found || self.found.has_grown_to(&now));
            if self.file.limit() > 0 || !is_as_found {
                return Err(Error::other("it changed while it was read"));
            }
        }
        Ok(read)
    }
}
