//! What should be known of a run beside its sums.

use std::fmt;

use super::tally::FileTally;
use crate::hint::Hint;
use crate::money::Currency;
use crate::read::Note;
use crate::report::Bounds;
use crate::words::{counted, grouped};

/// Something about the inputs that may make sums other than what is expected of them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// An input could not be read, or not to its end.
    NotRead {
        /// Its name.
        file: String,
        /// Why.
        why: String,
        /// What to do about it, if anything.
        hint: Option<Hint>,
        /// Rows before that, which count.
        rows: u64,
    },
    /// What the rows of an input do not show.
    Note {
        /// Its name.
        file: String,
        /// What there is to say.
        note: Note,
    },
    /// A row says that others come to something else than they do.
    TotalDiffers {
        /// The input's name.
        file: String,
        /// Its line, from 1.
        line: u64,
        /// Of what: `input`, `output`, `cost`.
        what: &'static str,
        /// What it says.
        says: String,
        /// What the rows come to.
        rows: String,
    },
    /// Rows that report what another input reports too, with other counts: both are counted.
    Conflict {
        /// The input's name.
        file: String,
        /// The other one's.
        with: String,
        /// How many rows.
        rows: u64,
    },
    /// Rows that do not count because another input is taken for a later state of theirs. Nobody can
    /// be sure of that.
    LeftOut {
        /// The input's name.
        file: String,
        /// That of the one that counts instead.
        by: String,
        /// How many rows.
        rows: u64,
        /// Their input tokens as far as reported.
        input: u128,
        /// Their output tokens as far as reported.
        output: u128,
        /// What they cost by the book.
        costs: Vec<(Currency, Bounds)>,
        /// True when some of them have no price, so that they cost at least that.
        is_open: bool,
        /// What they cost as they say themselves, as decimal texts.
        reported: Vec<(Currency, String)>,
    },
    /// Every byte is as in another input, and rows have no ids to know copies by: all may count twice.
    SameBytes {
        /// The input's name.
        file: String,
        /// The other one's.
        same_as: String,
        /// How many records.
        records: u64,
    },
}

impl Warning {
    /// What is to be said of the sources of a saved ledger ([`FileTally::all_saved`]).
    #[must_use]
    pub fn of_saved(sources: &[FileTally]) -> Vec<Self> {
        sources.iter().flat_map(Self::notes).chain(Self::conflicts(sources)).collect()
    }

    /// What the rows of an input do not show.
    pub(super) fn notes(input: &FileTally) -> impl Iterator<Item = Self> + '_ {
        let file = || input.name.clone();
        let notes = input.notes.iter().map(move |note| Self::Note { file: file(), note: *note });
        let total = input.differing_total().map(|(line, what, says, rows)| Self::TotalDiffers {
            file: input.name.clone(),
            line,
            what,
            says,
            rows,
        });
        notes.chain(total)
    }

    /// Rows that count in several inputs.
    pub(super) fn conflicts(inputs: &[FileTally]) -> impl Iterator<Item = Self> + '_ {
        let name = |at: usize| inputs.get(at).map_or(String::new(), |input| input.name.clone());
        inputs.iter().flat_map(move |input| {
            input.copies.conflicts.iter().map(move |(with, rows)| Self::Conflict {
                file: input.name.clone(),
                with: name(*with),
                rows: *rows,
            })
        })
    }

    /// Stable code for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotRead { .. } => "not-read",
            Self::Note { .. } => "note",
            Self::TotalDiffers { .. } => "total-differs",
            Self::Conflict { .. } => "conflict",
            Self::LeftOut { .. } => "left-out",
            Self::SameBytes { .. } => "same-bytes",
        }
    }

    /// What to do about it, if anything.
    #[must_use]
    pub fn hint(&self) -> Option<Hint> {
        match self {
            Self::NotRead { hint, .. } => hint.clone(),
            Self::Note { .. } => None,
            Self::TotalDiffers { .. } => {
                Some("rows are missing, or it adds up others than these".into())
            }
            Self::Conflict { .. } | Self::SameBytes { .. } => {
                Some("leave out one of the files".into())
            }
            Self::LeftOut { .. } => Some(
                "where they are different usage, such as of two projects, count every row".into(),
            ),
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRead { file, why, rows, .. } => {
                write!(f, "{file}: {why}{}", rows_before(*rows))
            }
            Self::Note { file, note } => write!(f, "{file}: {}", note.as_str()),
            Self::TotalDiffers { file, line, what, says, rows } => {
                write!(f, "{file}:{line}: a total of {says} {what}, and the rows come to {rows}")
            }
            Self::Conflict { file, with, rows } => write!(
                f,
                "{file}: {rows} rows report what {with} reports too, with other counts; both are counted"
            ),
            Self::LeftOut { file, by, rows, input, output, costs, is_open, reported } => {
                let (rows, input, output) =
                    (counted(*rows, "row"), grouped(*input), grouped(*output));
                write!(f, "{file}: {rows} left out, {input} input and {output} output tokens")?;
                for (currency, Bounds { low, high, open }) in costs {
                    match (open, low == high) {
                        (true, _) => write!(f, ", {low} to unknown {currency}")?,
                        (false, true) => write!(f, ", {low} {currency}")?,
                        (false, false) => write!(f, ", {low} to {high} {currency}")?,
                    }
                }
                if *is_open && costs.is_empty() {
                    write!(f, ", of unknown cost")?;
                }
                for (currency, amount) in reported {
                    write!(f, ", reported as {amount} {currency}")?;
                }
                write!(
                    f,
                    ": {by} has the same keys with at least as much of everything, and is taken for a later export"
                )
            }
            Self::SameBytes { file, same_as, records } => write!(
                f,
                "{file}: every byte as in {same_as}, and no ids to know copies by: all {} of it may count twice",
                counted(*records, "record")
            ),
        }
    }
}

/// What of an input that could not be read to its end is in the sums all the same:
/// `; the 3 rows before that count`.
#[must_use]
pub fn rows_before(rows: u64) -> String {
    match rows {
        0 => String::new(),
        1 => "; the 1 row before that counts".to_owned(),
        rows => format!("; the {} before that count", counted(rows, "row")),
    }
}
