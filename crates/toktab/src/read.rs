//! Reading exports: bytes in, [`Record`]s out, and nothing lost on the way.
//!
//! [`read`] recognises the format by its header or shape, or takes it by name, decodes byte-order
//! marks and UTF-16, and hands every row to the caller as an [`Item`]: a record, an empty bucket,
//! or a [`Reject`] with its line and its [`Problem`]. Only a file that cannot be read at all is an
//! error.
//!
//! Which counts include which parts is each format's own business and is written in the first
//! lines of its module.

pub(crate) mod cell;
mod json;
mod openai_cost;
mod openai_usage;
mod plain;
mod rows;
mod table;
mod usage_object;

use std::io::{self, BufReader, Cursor, Read};

use encoding_rs_io::DecodeReaderBytesBuilder;

pub use plain::{Field, Mapping, MappingError};
pub use rows::MAX_LINE_BYTES;

use crate::price::ServiceTier;
use crate::record::Record;

/// An export format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Usage objects or whole responses as JSON or JSON Lines, of any provider.
    UsageJson,
    /// OpenAI's dashboard export of completions usage.
    OpenAiUsage,
    /// OpenAI's dashboard export of costs, in all its variants.
    OpenAiCost,
    /// Any CSV with named columns, under a [`Mapping`].
    Plain,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::UsageJson, Self::OpenAiUsage, Self::OpenAiCost, Self::Plain];

    /// The name for `--from`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UsageJson => "usage-json",
            Self::OpenAiUsage => "openai-usage",
            Self::OpenAiCost => "openai-cost",
            Self::Plain => "csv",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// What the caller knows about a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'o> {
    /// The format; recognised when `None`.
    pub format: Option<Format>,
    /// Who sends the bill, for sources that do not say; empty for not known.
    pub provider: &'o str,
    /// Service tier, for sources that do not say.
    pub service_tier: Option<ServiceTier>,
    /// Columns of a plain CSV; the usual names when `None`.
    pub mapping: Option<&'o Mapping>,
}

/// What reading yields, row by row.
#[expect(clippy::large_enum_variant, reason = "nearly every item is a record, never stored")]
#[derive(Clone, Debug, PartialEq)]
pub enum Item<'a> {
    /// A row of usage or cost.
    Record(Record<'a>),
    /// A bucket in which nothing happened.
    Empty {
        /// Its line, from 1.
        line: u64,
    },
    /// A row that cannot be read.
    Reject(Reject),
}

/// A row that cannot be read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// No format has such a header.
    #[error("no known export has the header `{header}`")]
    UnknownFormat {
        /// The header, shortened.
        header: String,
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
}

impl ReadError {
    /// What to do about it, if anything.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotText { .. } => {
                Some("UTF-16 needs its byte-order mark; unpack archives first".to_owned())
            }
            Self::UnknownFormat { .. } => Some(format!(
                "name the columns with `--map model=…,input=…,output=…,time=…`, or the format with `--from {}`",
                Format::ALL.map(Format::name).join("|")
            )),
            Self::MissingColumn { near, .. } if !near.is_empty() => {
                Some(format!("near names in the header: {}", near.join(", ")))
            }
            _ => None,
        }
    }
}

/// How much of a file is looked at to recognise its format.
const HEAD_BYTES: u64 = 64 << 10;

/// Reads a file and hands every row to `each`.
///
/// # Errors
/// When the file cannot be read at all; rows that cannot be read are [`Item::Reject`]s.
pub fn read(
    input: impl Read,
    options: &Options<'_>,
    each: &mut dyn FnMut(Item<'_>),
) -> Result<Format, ReadError> {
    let mut decoded = DecodeReaderBytesBuilder::new()
        .bom_override(true)
        .utf8_passthru(true)
        .strip_bom(true)
        .build(input);
    // A reader may return as little as it likes at a time: gather enough to recognise the format.
    let mut head = Vec::new();
    decoded.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
    if let Some(offset) = head.iter().position(|&byte| byte == 0) {
        return Err(ReadError::NotText { offset });
    }
    let Some(&first) = head.iter().find(|byte| !byte.is_ascii_whitespace()) else {
        return Err(ReadError::Empty);
    };
    let delimiter = rows::sniff_delimiter(&head);
    let input = BufReader::with_capacity(256 << 10, Cursor::new(head).chain(decoded));
    let looks_like_json = matches!(first, b'{' | b'[');
    if options.format == Some(Format::UsageJson) || (options.format.is_none() && looks_like_json) {
        json::read(input, options, each)?;
        return Ok(Format::UsageJson);
    }
    table::read(input, delimiter, options, each)
}

/// Text for a message: at most 60 characters, without control characters.
pub(crate) fn shortened(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut short: String =
        text.chars().take(60).map(|c| if c.is_control() { '�' } else { c }).collect();
    if text.chars().nth(60).is_some() {
        short.push('…');
    }
    short
}
