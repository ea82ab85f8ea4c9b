//! Inputs that are no files: whoever runs the program as a library hands them over.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokreckon::pipeline::{Opened, Tap};
use tokreckon::read::ReadError;

type Open = dyn Fn(&Tap) -> Result<Opened<'static>, ReadError> + Send + Sync;

/// A table in memory, such as a data frame, with a path that stands for it among the files.
#[derive(Clone)]
pub struct Given {
    path: PathBuf,
    name: String,
    bytes: u64,
    open: Arc<Open>,
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Given").field(&self.name).finish()
    }
}

impl Given {
    /// A table that is opened each time it is read, and counts for so many bytes. No file has its path.
    pub fn table(
        path: impl Into<PathBuf>,
        name: impl Into<String>,
        bytes: u64,
        open: impl Fn(&Tap) -> Result<Opened<'static>, ReadError> + Send + Sync + 'static,
    ) -> Self {
        Self { path: path.into(), name: name.into(), bytes, open: Arc::new(open) }
    }

    /// What it is called in messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How many bytes it counts for.
    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn open(&self, tap: &Tap) -> Result<Opened<'static>, ReadError> {
        (self.open)(tap)
    }
}

/// All that was handed over.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllGiven(Arc<[Given]>);

impl FromIterator<Given> for AllGiven {
    fn from_iter<I: IntoIterator<Item = Given>>(given: I) -> Self {
        Self(given.into_iter().collect())
    }
}

impl AllGiven {
    /// What a path stands for, if it is none.
    pub(crate) fn at(&self, path: &Path) -> Option<&Given> {
        self.0.iter().find(|given| given.path == path)
    }
}
