//! How far reading has come, and how it is ended.

use std::fmt;
use std::io::{Error, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

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
pub struct Tap(Arc<State>);

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
        f.debug_tuple("Tap").field(&self.0.bytes).finish()
    }
}

impl Tap {
    pub(super) fn new(progress: Arc<dyn Progress>, most_group_bytes: usize) -> Self {
        Self(Arc::new(State {
            progress,
            no_room: AtomicBool::new(false),
            cancelled: AtomicBool::new(false),
            bytes: AtomicU64::new(0),
            most_group_bytes,
            too_many_groups: AtomicUsize::new(0),
        }))
    }

    /// The same input, counted. For a packed one it stands before what unpacks it: its packed bytes
    /// are those whose number is known.
    pub fn watch<R: Read>(&self, input: R) -> Watched<R> {
        Watched { input, tap: self.clone() }
    }

    /// Inputs are read from their beginning.
    pub(super) fn begin(&self, bytes: Option<u64>) {
        self.0.bytes.store(0, Ordering::Relaxed);
        self.0.progress.begin(bytes);
    }

    /// Bytes that were read, packed ones where an input is packed.
    pub(super) fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// There is no room left to find copies: reading further is of no use.
    pub(super) fn no_room(&self) {
        self.0.no_room.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_no_room(&self) -> bool {
        self.0.no_room.load(Ordering::Relaxed)
    }

    /// The groups of a ledger, so many, take so many bytes. A part of it never takes more than the
    /// whole, so that the answer is the same for any number of threads.
    #[inline]
    pub(super) fn tell_groups(&self, bytes: usize, groups: usize) {
        if bytes > self.0.most_group_bytes {
            self.0.too_many_groups.fetch_max(groups, Ordering::Relaxed);
        }
    }

    /// How many groups were too many; 0 when they were not.
    pub(super) fn too_many_groups(&self) -> usize {
        self.0.too_many_groups.load(Ordering::Relaxed)
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Relaxed)
    }

    /// Whoever reads should stop.
    pub(super) fn is_shut(&self) -> bool {
        self.has_no_room() || self.is_cancelled() || self.too_many_groups() > 0
    }
}

/// An input whose bytes are counted as they are read.
#[derive(Debug)]
pub struct Watched<R> {
    input: R,
    tap: Tap,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let state = &*self.tap.0;
        if state.progress.is_cancelled() {
            state.cancelled.store(true, Ordering::Relaxed);
        }
        if self.tap.is_shut() {
            return Err(Error::other("reading was ended"));
        }
        let read = self.input.read(buffer)?;
        state.bytes.fetch_add(read as u64, Ordering::Relaxed);
        state.progress.bytes(read as u64);
        Ok(read)
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
        self.tap.0.progress.rows(self.own);
        self.own = 0;
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        self.tell();
    }
}
