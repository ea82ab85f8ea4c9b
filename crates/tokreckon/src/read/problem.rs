//! What can be wrong with a row or with a whole file.

use std::io;

use super::{MAX_LINE_BYTES, shortened};
use crate::hint::{Hint, Setting};
use crate::json::Twice;

/// A row that cannot be read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reject {
    /// Its first line, from 1.
    pub line: u64,
    /// Why.
    pub problem: Problem,
}

/// Why a row cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// More or fewer fields than the header.
    #[error("{found} fields, the header has {expected}")]
    FieldCount {
        /// The header's.
        expected: usize,
        /// The row's.
        found: usize,
    },
    /// A quote that no later line closes sensibly.
    #[error("a quote opens a field and is never closed")]
    StrayQuote,
    /// A line longer than the limit.
    #[error("the line is longer than {MAX_LINE_BYTES} bytes")]
    LineTooLong,
    /// A cell that is not UTF-8.
    #[error("`{column}` is not UTF-8 text")]
    NotUtf8 {
        /// Its column.
        column: String,
    },
    /// A needed cell is empty.
    #[error("`{column}` is empty")]
    MissingCell {
        /// Its column.
        column: String,
    },
    /// A cell that is no count.
    #[error("`{column}` is `{value}`, not a whole number at or above zero")]
    NotACount {
        /// Its column.
        column: String,
        /// What it says.
        value: String,
    },
    /// A cell that is no amount.
    #[error("`{column}` is `{value}`, not a decimal number")]
    NotAnAmount {
        /// Its column.
        column: String,
        /// What it says.
        value: String,
    },
    /// A cell that is no time.
    #[error("`{column}` is `{value}`, not a time")]
    NotATime {
        /// Its column.
        column: String,
        /// What it says.
        value: String,
    },
    /// A date that may be either of two days, with nothing in its column to show which.
    #[error("`{column}` is `{value}`, which may be {} or {}", days[0], days[1])]
    TwoDates {
        /// Its column.
        column: String,
        /// What it says.
        value: String,
        /// Both days, with the day read first and with the month read first.
        days: [String; 2],
    },
    /// A cell that is none of the words its column allows.
    #[error("`{column}` is `{value}`, expected {expected}")]
    NotAWord {
        /// Its column.
        column: String,
        /// What it says.
        value: String,
        /// What it may say.
        expected: &'static str,
    },
    /// Two columns of a row that must agree do not.
    #[error("`{left}` and `{right}` disagree")]
    Disagree {
        /// One column and its value.
        left: String,
        /// The other.
        right: String,
    },
    /// Not JSON.
    #[error("not JSON: {message}")]
    NotJson {
        /// What the parser says, with line and column.
        message: String,
    },
    /// A JSON object without usage.
    #[error("no usage object")]
    NoUsage,
    /// A request that failed, or a stream that reported no usage: what it cost is not known.
    #[error("a response without usage{detail}")]
    NoUsageReported {
        /// What is known about it; starts with a colon, or is empty.
        detail: String,
    },
}

impl From<Twice<'_>> for Problem {
    fn from(twice: Twice<'_>) -> Self {
        Self::NotJson { message: shortened(twice.to_string().as_bytes()) }
    }
}

impl Problem {
    /// Stable code for machines.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FieldCount { .. } => "field-count",
            Self::StrayQuote => "stray-quote",
            Self::LineTooLong => "line-too-long",
            Self::NotUtf8 { .. } => "not-utf8",
            Self::MissingCell { .. } => "missing-cell",
            Self::NotACount { .. } => "not-a-count",
            Self::NotAnAmount { .. } => "not-an-amount",
            Self::NotATime { .. } => "not-a-time",
            Self::TwoDates { .. } => "two-dates",
            Self::NotAWord { .. } => "not-a-word",
            Self::Disagree { .. } => "disagree",
            Self::NotJson { .. } => "not-json",
            Self::NoUsage => "no-usage",
            Self::NoUsageReported { .. } => "no-usage-reported",
        }
    }

    /// What to do about it, if anything.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::FieldCount { .. } => {
                Some("the line was cut off, or a value holds the delimiter without quotes")
            }
            Self::StrayQuote => Some("double the quote inside of a quoted value, or remove it"),
            Self::NotUtf8 { .. } => Some("save the file again as UTF-8"),
            Self::NotACount { value, .. } if value.contains(|c: char| c.is_ascii_digit()) => Some(
                "write it in digits alone, such as `1200000`: `12.000` may be either of two numbers",
            ),
            Self::NotAnAmount { value, .. } if value.contains(|c: char| c.is_ascii_digit()) => {
                Some(
                    "write it with a point and nothing else, such as `6.50`: `6,500` may be either of two amounts",
                )
            }
            Self::NotATime { value, .. } if value.contains(|c: char| c.is_ascii_digit()) => {
                Some("write it as `2026-10-31` or `2026-10-31T08:10:26Z`")
            }
            Self::TwoDates { .. } => Some(
                "say in a mapping what dates begin with: `dates-are=day-first` or `dates-are=month-first`",
            ),
            Self::NotJson { message } if message.contains("single quotes") => {
                Some("write it with `json.dumps`")
            }
            Self::NotJson { message } if message.starts_with("EOF") => Some("it was cut off"),
            Self::NoUsage => {
                Some("a `usage` or `usageMetadata` object is expected, bare or in a response")
            }
            _ => None,
        }
    }
}

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Reading failed.
    #[error("cannot read: {0}")]
    Io(#[from] io::Error),
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is not text.
    #[error("the file is not text (a zero byte at offset {offset})")]
    NotText {
        /// Where the first zero byte stands.
        offset: usize,
    },
    /// Its lines end with a carriage return alone.
    #[error("the lines end with a carriage return alone")]
    LineEnds,
    /// No format has such a header.
    #[error("no known export has the header `{header}`")]
    UnknownFormat {
        /// The header, shortened.
        header: String,
    },
    /// It is of a kind that is known and not read.
    #[error("the file is {what}, which is not read")]
    NotRead {
        /// What it is.
        what: &'static str,
        /// The way out.
        hint: &'static str,
    },
    /// It is JSON, and no row is one of a known format.
    #[error("no usage in any of its {rows} rows, and no known format")]
    NothingRecognised {
        /// How many rows.
        rows: usize,
    },
    /// A column that the format needs is not there.
    #[error("no column `{column}`, which {format} needs")]
    MissingColumn {
        /// The format's name.
        format: &'static str,
        /// The column.
        column: String,
        /// Near names in the header.
        near: Vec<String>,
    },
    /// A column is there twice.
    #[error("two columns are called `{column}`")]
    DuplicateColumn {
        /// Its name.
        column: String,
    },
    /// In the middle of the rows stands another header: what follows it belongs to other columns.
    #[error("line {line} is another header")]
    HeaderChanges {
        /// Its line, from 1.
        line: u64,
    },
}

impl ReadError {
    /// The line that it is about; 0 for the whole file.
    pub(super) const fn line(&self) -> u64 {
        match self {
            Self::HeaderChanges { line } => *line,
            _ => 0,
        }
    }

    /// What to do about it, if anything.
    #[must_use]
    pub fn hint(&self) -> Option<Hint> {
        match self {
            Self::NotText { .. } => {
                Some("UTF-16 needs its byte-order mark; unpack archives first".into())
            }
            Self::HeaderChanges { line } => Some(
                format!("these are several exports in one file: split it before line {line}")
                    .into(),
            ),
            Self::NotRead { hint, .. } => Some((*hint).into()),
            Self::NothingRecognised { .. } => {
                let members = Setting::Columns("time=…,model=…,input=…,output=…".into());
                let after =
                    "; a `usage` or `usageMetadata` object is recognised wherever it stands";
                let hint = Hint::around(
                    "name the format with ",
                    Setting::Format,
                    ", or the members with ",
                );
                Some(hint.and(members, after))
            }
            Self::LineEnds => Some("save it with line feeds".into()),
            Self::UnknownFormat { header } => {
                let columns = super::suggest::mapping(header)
                    .map(|mapping| Setting::Columns(mapping.into()))
                    .map(|columns| Hint::around("", columns, ", if that is what the columns hold"));
                let all = ("name the columns with ", Setting::AllColumns, ", or the format with ");
                let by_name = || Hint::around(all.0, all.1, all.2).and(Setting::Format, "");
                Some(columns.unwrap_or_else(by_name))
            }
            Self::MissingColumn { near, .. } if !near.is_empty() => {
                Some(format!("near names in the header: {}", near.join(", ")).into())
            }
            _ => None,
        }
    }
}
