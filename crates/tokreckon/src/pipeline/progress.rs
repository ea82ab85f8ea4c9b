//! How far reading has come, and how it is ended.

use std::fmt;
use std::io::{Error, ErrorKind, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::digest::Digest;

/// Rows that a thread counts by itself before it tells.
const TOLD_ROWS: u64 = 1024;

/// Is told how far reading has come, and may end it. Each method may be called by several threads.
pub trait Progress: Send + Sync {
    /// Inputs are read from their beginning: so many bytes, where all of them say how many they have.
    /// Called again when they are read several times to find copies within the memory there is.
    fn begin(&self, _bytes: Option<u64>) {}

    /// So many more bytes were read.
    fn bytes(&self, _read: u64) {}

    /// So many more rows were read.
    fn rows(&self, _read: u64) {}

    /// True to end reading: the run comes to
    /// [`PipelineError::Cancelled`](super::PipelineError::Cancelled).
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Nobody looks.
impl Progress for () {}

/// What an input is read through: its bytes are counted, and it ends when reading is to end.
#[derive(Clone)]
pub struct Tap {
    state: Arc<State>,
    /// Where the digest of the input's bytes is to be kept, if it is.
    identity: Option<Arc<Identity>>,
}

struct State {
    progress: Arc<dyn Progress>,
    no_room: AtomicBool,
    cancelled: AtomicBool,
    bytes: AtomicU64,
    /// What the groups of a ledger may take.
    most_group_bytes: usize,
    /// How many groups there were when that was too much; 0 until then.
    too_many_groups: AtomicUsize,
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tap").field(&self.state.bytes).finish()
    }
}

impl Tap {
    pub(super) fn new(progress: Arc<dyn Progress>, most_group_bytes: usize) -> Self {
        let state = Arc::new(State {
            progress,
            no_room: AtomicBool::new(false),
            cancelled: AtomicBool::new(false),
            bytes: AtomicU64::new(0),
            most_group_bytes,
            too_many_groups: AtomicUsize::new(0),
        });
        Self { state, identity: None }
    }

    /// The same, for an input by whose bytes it is to be known again.
    pub(super) fn of(&self, identity: Option<&Arc<Identity>>) -> Self {
        Self { state: Arc::clone(&self.state), identity: identity.map(Arc::clone) }
    }

    /// The same input, counted. For a packed one it stands before what unpacks it: its packed bytes
    /// are those whose number is known.
    pub fn watch<R: Read>(&self, input: R) -> Watched<R> {
        let digest = self.identity.as_ref().map(|identity| identity.begin());
        Watched { input, tap: self.clone(), digest }
    }

    /// A piece of an input whose bytes are read in no order: counted, and ended when reading is to end.
    pub fn counted<R: Read>(&self, input: R) -> Watched<R> {
        Watched { input, tap: self.of(None), digest: None }
    }

    /// Inputs are read from their beginning.
    pub(super) fn begin(&self, bytes: Option<u64>) {
        self.state.bytes.store(0, Ordering::Relaxed);
        self.state.progress.begin(bytes);
    }

    /// Bytes that were read, packed ones where an input is packed.
    pub(super) fn bytes(&self) -> u64 {
        self.state.bytes.load(Ordering::Relaxed)
    }

    /// There is no room left to find copies: reading further is of no use.
    pub(super) fn no_room(&self) {
        self.state.no_room.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_no_room(&self) -> bool {
        self.state.no_room.load(Ordering::Relaxed)
    }

    /// The groups of a ledger, so many, take so many bytes. A part of it never takes more than the
    /// whole, so that the answer is the same for any number of threads.
    #[inline]
    pub(super) fn tell_groups(&self, bytes: usize, groups: usize) {
        if bytes > self.state.most_group_bytes {
            self.state.too_many_groups.fetch_max(groups, Ordering::Relaxed);
        }
    }

    /// How many groups were too many; 0 when they were not.
    pub(super) fn too_many_groups(&self) -> usize {
        self.state.too_many_groups.load(Ordering::Relaxed)
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.state.cancelled.load(Ordering::Relaxed)
    }

    /// Whoever reads should stop.
    pub(super) fn is_shut(&self) -> bool {
        self.has_no_room() || self.is_cancelled() || self.too_many_groups() > 0
    }
}

/// An input whose bytes are counted as they are read.
#[derive(Debug)]
pub struct Watched<R: Read> {
    input: R,
    tap: Tap,
    /// That of the bytes so far; `None` at the end, or where nobody asks.
    digest: Option<Digest>,
}

impl<R: Read> Watched<R> {
    /// Takes note of what was read. Nothing more is the end.
    fn note(&mut self, piece: &[u8]) {
        if !piece.is_empty() {
            if let Some(digest) = &mut self.digest {
                digest.write(piece);
            }
        } else if let (Some(digest), Some(identity)) = (self.digest.take(), &self.tap.identity) {
            identity.end(digest.finish());
        }
    }
}

/// A reader of rows may stop before the last byte, as behind the end of a JSON document: the digest is
/// that of all bytes.
impl<R: Read> Drop for Watched<R> {
    fn drop(&mut self) {
        let mut piece = vec![0; 64 << 10];
        while self.digest.is_some()
            && !self.tap.is_shut()
            && !self.tap.state.progress.is_cancelled()
        {
            match self.input.read(&mut piece) {
                Ok(read) => self.note(&piece[..read]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Without its end it has no digest, and cannot be saved.
                Err(_) => self.digest = None,
            }
        }
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let state = &*self.tap.state;
        if state.progress.is_cancelled() {
            state.cancelled.store(true, Ordering::Relaxed);
        }
        if self.tap.is_shut() {
            return Err(Error::other("reading was ended"));
        }
        let read = self.input.read(buffer)?;
        state.bytes.fetch_add(read as u64, Ordering::Relaxed);
        state.progress.bytes(read as u64);
        if read > 0 || !buffer.is_empty() {
            self.note(&buffer[..read]);
        }
        Ok(read)
    }
}

/// By what the bytes of an input are known again, each time it was read.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// Tells apart inputs that may be the same bytes and are not the same usage.
    place: String,
    seen: Mutex<Bytes>,
}

/// The bytes of an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Bytes {
    /// They were not read to their end.
    #[default]
    Unseen,
    /// Their digest, the same each time.
    Are(u128),
    /// They were others when they were read again.
    Changed,
}

impl Identity {
    pub(super) fn of(place: &str) -> Arc<Self> {
        Arc::new(Self { place: place.to_owned(), ..Self::default() })
    }

    fn begin(&self) -> Digest {
        let mut digest = Digest::default();
        if !self.place.is_empty() {
            digest.write(self.place.as_bytes());
            digest.write(&[0]);
        }
        digest
    }

    fn end(&self, digest: u128) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = match *seen {
            Bytes::Unseen => Bytes::Are(digest),
            Bytes::Are(before) if before == digest => Bytes::Are(digest),
            Bytes::Are(_) | Bytes::Changed => Bytes::Changed,
        };
    }

    pub(super) fn bytes(&self) -> Bytes {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Rows of one thread, told many at once: a count that threads share costs more than a row.
#[derive(Debug)]
pub(super) struct Rows {
    tap: Tap,
    own: u64,
}

impl Rows {
    pub(super) fn new(tap: &Tap) -> Self {
        Self { tap: tap.clone(), own: 0 }
    }

    #[inline]
    pub(super) fn count(&mut self) {
        self.own += 1;
        if self.own == TOLD_ROWS {
            self.tell();
        }
    }

    fn tell(&mut self) {
        self.tap.state.progress.rows(self.own);
        self.own = 0;
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        self.tell();
    }
}
