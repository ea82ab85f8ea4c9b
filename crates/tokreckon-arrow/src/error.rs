//! Why columns are not priced.

use arrow_schema::{ArrowError, DataType};
use tokreckon::hint::Hint;
use tokreckon::ledger::saved::SavedError;
use tokreckon::money::InexactError;
use tokreckon::read::ReadError;

/// Why columns are not priced.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No format fits the names of the columns, or a column that it needs is not there.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Cells of a column that is needed are of a type that has no text: durations, intervals, unions.
    #[error("column `{column}` is {data_type}, which is neither text nor number nor time")]
    Type {
        /// The column.
        column: String,
        /// Its type.
        data_type: DataType,
    },
    /// An amount needs more digits than a column of money has.
    #[error("row {row}: {amount} does not fit into decimal128(38, 24)")]
    Digits {
        /// Number of the row, from 1.
        row: u64,
        /// The amount.
        amount: String,
    },
    /// A sum needs more digits than a column of counts has.
    #[error("a sum of `{meter}` does not fit into decimal128(38, 0)")]
    Sum {
        /// What is counted.
        meter: String,
    },
    /// A column of that name is there already.
    #[error("there is a column `{0}` already")]
    Taken(String),
    /// A batch is not what [`cells`](crate::cells) makes.
    #[error("it does not hold cells: {0}")]
    NoCells(String),
    /// Cells that were charged by different price books.
    #[error("the cells were charged by different price books, `{ours}` and `{theirs}`")]
    OtherBook {
        /// Digest of the first.
        ours: String,
        /// Digest of the other.
        theirs: String,
    },
    /// Cells that cannot be added up or priced.
    #[error(transparent)]
    Saved(#[from] SavedError),
    /// An exact sum needs more than 38 digits.
    #[error(transparent)]
    Inexact(#[from] InexactError),
    /// A prices file that cannot be read.
    #[error("prices: {0}")]
    Prices(String),
    /// Columns that do not make a batch.
    #[error(transparent)]
    Arrow(#[from] ArrowError),
}

impl Error {
    /// What to do about it, if anything.
    #[must_use]
    pub fn hint(&self) -> Option<Hint> {
        match self {
            Self::Read(error) => error.hint(),
            Self::Type { .. } => Some("cast it to a number, a time or text".into()),
            Self::OtherBook { .. } => Some(
                "merge them with `Prices::OfThisBook`, and report by the prices of one book".into(),
            ),
            Self::Saved(error) => error.hint(),
            _ => None,
        }
    }
}
