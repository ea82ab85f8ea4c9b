//! Reading exports: bytes in, [`Record`]s out, and nothing lost on the way.
//!
//! [`read`] recognises the format by its header or shape, or takes it by name, decodes byte-order
//! marks and UTF-16, and hands every row to the caller as an [`Item`]: a record, an empty bucket,
//! a row that is deliberately not counted ([`Skip`]), or a [`Reject`] with its line and its
//! [`Problem`]. Only a file that cannot be read at all is an error.
//!
//! Which counts include which parts is each format's own business: it is written in the first
//! lines of its module, and as data in [`Format::semantics`].

pub(crate) mod cell;
mod format;
mod suggest;
mod problem;
mod rows;
mod columns;
mod index;
mod digits;
mod written;
mod clock;
mod row_sums;
mod languages;
mod header;
mod field;
mod mapping;
mod object;
mod source;
mod names;
mod json_look;
mod origin;
mod unread;
mod spelling;
mod spellings;
mod spelling_of;
mod row;
mod plan;
mod draft;
mod schema;
mod unread_columns;
mod table;
mod by_hand;
mod reader;
mod upstream;
mod formats;
mod deepseek;
mod registry;
mod body;
mod pair;
mod images;
mod envelope;
mod pieces;
mod facts;
mod iterations;
mod usage_object;
mod otel;
mod claude_code;
mod codex;
mod logs;
mod json;
mod json_lines;
#[cfg(test)]
mod noted;
mod lines;
mod batch_line;
mod blocks;
mod layout;
mod tables;

use std::io::{BufRead, BufReader, Cursor, Read};

use encoding_rs_io::DecodeReaderBytesBuilder;

pub use blocks::{Sinks, read_in_parallel, read_into_sinks};
pub use columns::{ColumnCell, Columns};
pub use field::Field;
pub use format::{Format, Semantics};
pub use layout::{
    ColumnPlace, ColumnTable, TableColumn, TableLayout, TableReader, read_column_table,
};
pub use mapping::{Mapping, MappingError};
pub use problem::{Problem, ReadError, Reject};
pub use row_sums::RowSums;
pub use rows::MAX_LINE_BYTES;
pub use spelling::Use;
pub use spellings::spelled_members;
pub use tables::read_columns_into_sinks;

use crate::price::ServiceTier;
use crate::record::Record;

/// Bytes by which a format is recognised.
const START_BYTES: u64 = 64 << 10;

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
    /// The file is a bill: a table of costs without counts is recognised as well.
    pub is_bill: bool,
    /// The name of a label to read with each row ([`Origin::label`](crate::record::Origin)).
    pub label: Option<&'o str>,
    /// Texts that nobody will look at.
    pub unneeded: Unneeded,
}

impl<'o> Options<'o> {
    /// Who sends the bill: whom the caller names, else whom the source does.
    pub(crate) fn provider_or<'p>(&self, named: &'p str) -> &'p str
    where
        'o: 'p,
    {
        if self.provider.is_empty() { named } else { self.provider }
    }

    /// The format that a mapping stands for.
    fn mapped(&self) -> Option<Format> {
        let is_of_costs = self.mapping.is_some_and(Mapping::is_of_costs);
        let names_columns = self.mapping.is_some_and(|mapping| !mapping.is_of_dates());
        names_columns.then_some(if is_of_costs { Format::PlainCost } else { Format::Plain })
    }
}

/// Texts of records that nobody will look at. In tables they may be left empty: those of a cell that
/// cannot be wrong are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one each for six columns")]
pub struct Unneeded {
    /// Request ids.
    pub id: bool,
    /// Projects.
    pub project: bool,
    /// API keys.
    pub api_key: bool,
    /// Users.
    pub user: bool,
    /// Sessions.
    pub session: bool,
    /// Agents.
    pub agent: bool,
}

/// What reading yields, row by row. The list is closed: whoever reads has to say what becomes of
/// each kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Item<'a> {
    /// A row of usage or cost.
    Record(&'a Record<'a>),
    /// A bucket in which nothing happened.
    Empty {
        /// Its line, from 1.
        line: u64,
    },
    /// A row that belongs to the record of another row, which holds its counts.
    Joined {
        /// Its line, from 1.
        line: u64,
    },
    /// A row that is deliberately not counted.
    Skipped {
        /// Its line, from 1.
        line: u64,
        /// Why.
        why: Skip,
    },
    /// A row that cannot be read.
    Reject(Reject),
    /// A row that adds up others, and is not counted: what it says they come to.
    Total {
        /// Its line, from 1.
        line: u64,
        /// What it says.
        says: &'a RowSums,
        /// What all rows of its table come to that are no such totals.
        rows: &'a RowSums,
    },
    /// Something about the whole file that its rows do not show.
    Note(Note),
}

/// Why a row is deliberately not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Skip {
    /// A request that failed before it used anything.
    Failed,
    /// An answer from a gateway's own cache: the provider was never asked.
    AnsweredFromCache,
    /// Another kind of row: a top-up, a test call, a message of the user, a tool's span.
    NotUsage,
    /// A span or run that repeats the usage of those inside of it.
    RepeatsItsParts,
    /// A counter that has not grown since it was written before.
    NoGrowth,
    /// A message made up on the user's machine.
    Synthetic,
    /// The last line of a log that is still being written.
    CutOff,
    /// Tax.
    Tax,
    /// A bill for something else than models.
    OtherService,
    /// The header once more, in a file made of several.
    Header,
    /// A title above the header of a table.
    Title,
    /// A row that adds up others.
    Total,
}

impl Skip {
    /// Every reason.
    pub const ALL: [Self; 12] = [
        Self::Failed,
        Self::AnsweredFromCache,
        Self::NotUsage,
        Self::RepeatsItsParts,
        Self::NoGrowth,
        Self::Synthetic,
        Self::CutOff,
        Self::Tax,
        Self::OtherService,
        Self::Header,
        Self::Title,
        Self::Total,
    ];

    /// The reason in a few words, after a count of rows: `3 failed`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::AnsweredFromCache => "answered from a gateway's cache",
            Self::NotUsage => "not usage",
            Self::RepeatsItsParts => "repeating their parts",
            Self::NoGrowth => "without growth",
            Self::Synthetic => "synthetic",
            Self::CutOff => "cut off",
            Self::Tax => "tax",
            Self::OtherService => "of other services",
            Self::Header => "repeated header",
            Self::Title => "above the header",
            Self::Total => "adding up others",
        }
    }
}

/// Something about a whole file that its rows do not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Note {
    /// The file is one page of several: it says so itself.
    Partial,
    /// It holds images that were made, without the requests for them.
    ImagesWithoutRequests,
    /// It holds requests that ran on own keys of the user.
    OwnKeys,
    /// It holds sums of metrics, which repeat the logs and spans of the same program.
    SumsOfMetrics,
    /// It holds costs, and nothing in it names their currency.
    DollarsAssumed,
}

impl Note {
    /// Every note.
    pub const ALL: [Self; 5] = [
        Self::Partial,
        Self::ImagesWithoutRequests,
        Self::OwnKeys,
        Self::SumsOfMetrics,
        Self::DollarsAssumed,
    ];

    /// What it says.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OwnKeys => {
                "requests on own keys (BYOK): the cost reported is what the upstream charged, not the gateway"
            }
            Self::SumsOfMetrics => {
                "sums of metrics: logs and spans of the same program hold the same requests, give one of them"
            }
            Self::DollarsAssumed => "assumed: amounts in USD, no currency is named",
            Self::Partial => "the file is one page of several: the rest is missing",
            Self::ImagesWithoutRequests => {
                "images without their requests: images that were sent along are not known, and not counted"
            }
        }
    }
}

/// Reads a file and hands every row to `each`.
///
/// # Errors
/// When the file cannot be read at all; rows that cannot be read are [`Item::Reject`]s.
pub fn read(
    input: impl Read,
    options: &Options<'_>,
    each: &mut dyn FnMut(Item<'_>),
) -> Result<Format, ReadError> {
    let (input, is_json) = begin(input, options)?;
    if is_json {
        return json_lines::read(input, options, each);
    }
    blocks::in_order(table::begin(input, options)?, options, each)
}

/// Files that are known by their first bytes and not read, and the way out.
const NOT_READ: [(&[u8], &str, &str); 5] = [
    (
        b"PK\x03\x04",
        "a ZIP archive or a spreadsheet (.xlsx)",
        "unpack it, or save the sheet as CSV",
    ),
    (
        b"SQLite format 3\0",
        "an SQLite database",
        "export the table: `sqlite3 -csv -header FILE 'select * from …' > usage.csv`",
    ),
    (b"%PDF", "a PDF", "download the usage or the bill as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet (.xls)", "save the sheet as CSV"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it"),
];

/// Decodes the input and looks at its first bytes: whether it is JSON.
fn begin<R: Read>(
    input: R,
    options: &Options<'_>,
) -> Result<(impl BufRead + use<R>, bool), ReadError> {
    let mut decoded = DecodeReaderBytesBuilder::new()
        .bom_override(true)
        .utf8_passthru(true)
        .strip_bom(true)
        .build(input);
    // What the format is recognised by; a first read may yield three bytes only.
    let mut start = Vec::new();
    decoded.by_ref().take(START_BYTES).read_to_end(&mut start)?;
    // Blocks are larger than this buffer, and so are read past it.
    let mut input = BufReader::with_capacity(64 << 10, Cursor::new(start).chain(decoded));
    let start = input.fill_buf()?;
    if start.is_empty() {
        return Err(ReadError::Empty);
    }
    if let Some((_, what, hint)) = NOT_READ.iter().find(|(sign, ..)| start.starts_with(sign)) {
        return Err(ReadError::NotRead { what, hint });
    }
    if let Some(offset) = start.iter().position(|&byte| byte == 0) {
        return Err(ReadError::NotText { offset });
    }
    let Some(first) = start.iter().find(|byte| !byte.is_ascii_whitespace()) else {
        return Err(ReadError::Empty);
    };
    let lines = start.trim_ascii();
    if lines.contains(&b'\r') && !lines.contains(&b'\n') {
        return Err(ReadError::LineEnds);
    }
    let looks_like_json = matches!(first, b'{' | b'[');
    let is_json = match options.format {
        Some(format) if format.is_json_only() => true,
        Some(Format::Plain | Format::PlainCost) => false,
        _ => looks_like_json,
    };
    Ok((input, is_json))
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
