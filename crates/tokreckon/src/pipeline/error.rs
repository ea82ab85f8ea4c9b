//! Why a run came to nothing.

use std::io;

use crate::hint::Hint;
use crate::money::InexactError;
use crate::read::ReadError;
use crate::reconcile::ReconcileError;

/// Why a run came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// Records are grouped, saved or chosen by two labels, and a record keeps one.
    #[error("the labels `{first}` and `{second}` are asked for together: a record keeps one")]
    TwoLabels {
        /// The one.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// [`Pipeline::with_baseline`](super::Pipeline::with_baseline) without
    /// [`Pipeline::audited`](super::Pipeline::audited).
    #[error("a baseline is compared by an audit, and none was asked for")]
    NoAudit,
    /// [`Pipeline::saving`](super::Pipeline::saving) with [`Pipeline::only`](super::Pipeline::only): what is
    /// saved stands for its sources, so it is all of them.
    #[error("what is saved is everything that was read, and a part was asked for")]
    FilteredSave,
    /// The one input cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Finding copies takes more memory than there may be, and the inputs cannot be read in parts.
    #[error("finding copies takes more than {memory_mb} MB{}{}", needs(*.about_mb), because(*.why))]
    NoRoom {
        /// What there may be.
        memory_mb: u64,
        /// About what it takes, where that can be said.
        about_mb: Option<u128>,
        /// Why reading the inputs several times is no use.
        why: Option<&'static str>,
    },
    /// Groups take more memory than there may be.
    #[error("{} groups and more take more than {memory_mb} MB", crate::words::grouped((*.groups).into()))]
    TooManyGroups {
        /// What there may be.
        memory_mb: u64,
        /// How many there were by then.
        groups: u64,
    },
    /// An input is read several times to find copies, and was not the same each time.
    #[error("{name}: it changed while it was read")]
    Changed {
        /// Its name.
        name: String,
    },
    /// [`Progress::is_cancelled`](super::Progress::is_cancelled) said so.
    #[error("reading was cancelled")]
    Cancelled,
    /// A sum needs more digits than there are.
    #[error("the sums")]
    Sums(#[source] InexactError),
    /// A sum of the comparison with a bill needs more digits than there are.
    #[error("the comparison with the bill")]
    Reconcile(#[source] ReconcileError),
    /// The store for request ids cannot be written or read.
    #[error("the temporary file for request ids")]
    Store(#[source] io::Error),
}

impl PipelineError {
    /// Stable code for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TwoLabels { .. } => "two-labels",
            Self::NoAudit => "no-audit",
            Self::FilteredSave => "filtered-save",
            Self::Read(_) => "not-read",
            Self::NoRoom { .. } => "no-room",
            Self::TooManyGroups { .. } => "too-many-groups",
            Self::Changed { .. } => "changed",
            Self::Cancelled => "cancelled",
            Self::Sums(_) | Self::Reconcile(_) => "too-many-digits",
            Self::Store(_) => "store",
        }
    }

    /// What to do about it, if anything.
    #[must_use]
    pub fn hint(&self) -> Option<Hint> {
        match self {
            Self::TwoLabels { .. } => Some("ask for one label at a time".into()),
            Self::NoAudit => Some("ask for an audit as well: it needs the time".into()),
            Self::FilteredSave => {
                Some("save all, and choose the part when a report on it is made".into())
            }
            Self::Read(error) => error.hint(),
            Self::NoRoom { .. } => {
                Some("allow more memory, read fewer files at once, or count every row".into())
            }
            Self::TooManyGroups { .. } => Some(
                "group by fewer dimensions, read a part at a time, or allow more memory".into(),
            ),
            Self::Changed { .. } => Some(
                "files are read several times to find copies within the memory there is".into(),
            ),
            _ => None,
        }
    }
}

fn needs(about_mb: Option<u128>) -> String {
    about_mb
        .map_or(String::new(), |mb| format!(", it needs about {} MB", crate::words::grouped(mb)))
}

fn because(why: Option<&'static str>) -> String {
    why.map_or(String::new(), |why| format!(": {why}"))
}
