//! Memory for finding copies: how much there may be, and what happens when it does not suffice.

use std::io::{Error, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokreckon::dedup::{Dedup, Verdict};
use tokreckon::record::Record;

use super::size;
use crate::args::InputArgs;
use crate::context::with_hint;
use crate::print::grouped;

/// Below this nothing useful can be said.
const FEWEST_BYTES: usize = 64 << 10;

/// Most times that files are read.
const MOST_PARTS: u64 = 1024;

/// Bytes for finding copies.
pub(super) fn limit(args: &InputArgs) -> usize {
    args.memory.saturating_mul(1 << 20).max(FEWEST_BYTES)
}

/// Ends the reading of files when there is no room left.
#[derive(Clone, Default)]
pub(super) struct Stop(Arc<Reading>);

#[derive(Default)]
struct Reading {
    is_set: AtomicBool,
    bytes: AtomicU64,
}

impl Stop {
    pub(super) fn is_set(&self) -> bool {
        self.0.is_set.load(Ordering::Relaxed)
    }

    /// The files are read from their beginning.
    pub(super) fn begin(&self) {
        self.0.bytes.store(0, Ordering::Relaxed);
    }

    /// Bytes that were read, as they lie on the disk.
    fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// True for a record that counts here and now.
    pub(super) fn is_new(&self, dedup: &Dedup, file: usize, record: &Record<'_>) -> bool {
        let verdict = dedup.add(file, record);
        if verdict == Verdict::NoRoom {
            self.0.is_set.store(true, Ordering::Relaxed);
        }
        verdict == Verdict::New
    }

    /// The same input, with an end when this is set.
    pub(super) fn watch(&self, input: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        Box::new(Watched { input, stop: self.clone() })
    }

    /// How many parts to read the files in when so many were too few, or why that is no use.
    pub(super) fn parts(
        &self,
        before: u32,
        files: &[PathBuf],
        no_use: Option<&'static str>,
        args: &InputArgs,
    ) -> anyhow::Result<u32> {
        let total = size(files);
        let no_use = no_use.or_else(|| total.is_none().then_some(ONCE));
        // As much again for what was not read yet, and a quarter more.
        let share =
            |of: u128| of * u128::from(total.unwrap_or(0)) / u128::from(self.bytes().max(1));
        let parts = (share(u128::from(before) * 5) / 4 + 1).max(2 * u128::from(before));
        match u32::try_from(parts) {
            Ok(parts) if no_use.is_none() && u64::from(parts) <= MOST_PARTS => Ok(parts),
            _ => {
                let bytes = share(u128::from(before) * limit(args) as u128);
                let about = (bytes >> 20) + 1;
                Err(no_room(args, total.map(|_| about), no_use))
            }
        }
    }
}

/// Why reading in parts is no use.
const ONCE: &str = "a pipe cannot be read several times";
pub(super) const BUCKETS: &str = "buckets of exports that overlap are compared all together";
pub(super) const ORDER: &str = "an audit needs the rows of a log in their order";

/// What is said when copies cannot be found in the memory there is.
pub(super) fn no_room(
    args: &InputArgs,
    about_mb: Option<u128>,
    why: Option<&'static str>,
) -> anyhow::Error {
    let why = why.map_or(String::new(), |why| format!(": {why}"));
    let needs = about_mb.map_or(String::new(), |mb| format!(", it needs about {} MB", grouped(mb)));
    with_hint(
        format!("finding copies takes more than `--memory {}`{needs}{why}", args.memory),
        Some(
            "raise `--memory`, read fewer files at once, or count every row with `--no-dedup`"
                .to_owned(),
        ),
    )
}

struct Watched {
    input: Box<dyn Read + Send>,
    stop: Stop,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.stop.is_set() {
            return Err(Error::other("no room to find copies"));
        }
        let read = self.input.read(buffer)?;
        self.stop.0.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
