//! A format of named columns as one value.
//!
//! A [`Schema`] says by which names a format is recognised, which column holds what, what the counts
//! include, what a row is, how the format repeats itself, and which columns change nothing though
//! their names look as if they did. Where a format computes, it has a small function. A column that
//! counts or decides a price and is neither read nor known to change nothing goes with the record
//! ([`Record::unread`](crate::record::Record)).

use super::draft::{Draft, Fate};
use super::format::Semantics;
use super::header::Sign;
use super::plan::{Column, Plan, To};
use super::row::Row;
use super::written::Order;
use super::{Format, Problem, Use};
use crate::book::Known;
use crate::money::Currency;
use crate::price::ServiceTier;
use crate::usage::Layout;

/// A format of named columns.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) format: Format,
    /// The name for `--from`.
    pub(super) name: &'static str,
    /// Headers by which it is recognised; none for a format without a delimited form.
    pub(super) header: &'static [Sign],
    /// Objects by which it is recognised.
    pub(super) object: &'static [Sign],
    pub(super) columns: &'static [Column],
    /// Columns that change nothing, with the reason.
    pub(super) irrelevant: &'static [(&'static str, &'static str)],
    pub(super) seller: Seller,
    pub(super) layout: Layout,
    pub(super) rows: Rows,
    pub(super) span: Span,
    /// The service tier of a row that says nothing.
    pub(super) tier: Known<ServiceTier>,
    /// The currency of a row that says nothing; `None` where it must.
    pub(super) currency: Option<Currency>,
    pub(super) copies: Copies,
    /// Which part of a date that begins with the day or the month comes first, where that is known.
    pub(super) dates: Option<Order>,
    /// People write it by hand: a row may add up those above it, or be blank.
    pub(super) by_hand: bool,
    /// A row without content is told by all of its cells.
    pub(super) whole_rows: bool,
    /// Bodies of requests and responses stand beside the counts.
    pub(super) bodies: bool,
    /// Decides before anything else is read what becomes of a row that is not counted.
    pub(super) keep: Option<Keep>,
    /// Computes what the columns alone do not say.
    pub(super) finish: Option<Finish>,
    /// What its counts mean, in words.
    pub(super) meaning: Meaning,
}

/// Says of a row that it is not counted, and why.
pub(super) type Keep = fn(&Row<'_>, &Plan) -> Result<Option<Fate>, Problem>;
/// Completes a record, or says that there is none.
pub(super) type Finish =
    for<'r> fn(&mut Draft<'r>, &Row<'r>, &Plan) -> Result<Option<Fate>, Problem>;

/// What the counts of a format mean, in words, where the layout does not say it all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meaning {
    /// Whether input includes cached tokens, cache writes, and output reasoning.
    pub(super) tokens: [&'static str; 3],
    /// What a row is, the time zone, the unit of money.
    pub(super) rows: [&'static str; 3],
}

/// Who sends the bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seller {
    /// Always this one.
    Is(&'static str),
    /// As the row says, else this one.
    WrittenOr(&'static str),
    /// This one, unless the caller says another.
    Usually(&'static str),
    /// As the row says, else the caller.
    Written,
    /// As the row says in the words of gateways, else the caller.
    Gateway,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    Request,
    Bucket,
    /// A bucket where more requests than one are counted.
    ByRequests,
}

/// Over which time a row goes, where no end is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// As its start is written: a second or a day.
    Start,
    /// An hour, if the start is no day.
    Hour,
    /// A day.
    Day,
    /// The end must be written.
    Written,
    /// There may be no time at all.
    Open,
}

/// What makes two rows copies of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copies {
    SameId,
    UniqueId,
    /// The id where there is one, else the row.
    UniqueIdOrRow,
    SameRow,
    Bucket,
}

impl Copies {
    /// In words.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::SameId => "same id and content in another file",
            Self::UniqueId => "same id in another file: the fullest copy counts",
            Self::UniqueIdOrRow => {
                "same id in another file: the fullest copy counts; without ids nth equal row"
            }
            Self::SameRow => "nth equal row in another file (no ids)",
            Self::Bucket => {
                "equal keys are added; of overlapping exports the one with more in it holds"
            }
        }
    }
}

impl Schema {
    /// What most formats share.
    pub(super) const BASE: Self = Self {
        format: Format::Plain,
        name: "",
        header: &[],
        object: &[],
        columns: &[],
        irrelevant: &[],
        seller: Seller::Written,
        layout: Layout::INSIDE,
        rows: Rows::Request,
        span: Span::Start,
        tier: Known::Is(ServiceTier::Standard),
        currency: Some(Currency::USD),
        copies: Copies::UniqueId,
        dates: None,
        by_hand: false,
        whole_rows: false,
        bodies: false,
        keep: None,
        finish: None,
        meaning: Meaning { tokens: [""; 3], rows: [""; 3] },
    };

    /// What its counts and rows mean.
    pub(super) const fn semantics(&self) -> Semantics {
        let [cached_in_input, cache_write_in_input, reasoning_in_output] = self.meaning.tokens;
        let [row, time_zone, money] = self.meaning.rows;
        Semantics {
            cached_in_input,
            cache_write_in_input,
            reasoning_in_output,
            row,
            time_zone,
            money,
            duplicates: self.copies.as_str(),
        }
    }

    /// What becomes of its columns.
    pub(super) fn uses(&self) -> Vec<(String, Use)> {
        let read = self.columns.iter().flat_map(|column| {
            let of = match column.to {
                To::Field(field) => field.name(),
                To::Own(_) => "worked into the others",
            };
            column.names.iter().map(move |name| ((*name).to_owned(), Use::Read(of)))
        });
        let irrelevant = self.irrelevant.iter();
        let irrelevant = irrelevant.map(|(name, why)| ((*name).to_owned(), Use::Irrelevant(why)));
        read.chain(irrelevant).collect()
    }

    /// True when each cell of a row tells it apart from others or from a row without content.
    pub(super) const fn needs_whole_rows(&self) -> bool {
        self.whole_rows || matches!(self.copies, Copies::SameRow | Copies::UniqueIdOrRow)
    }

    /// True when its rows hold counts of usage.
    pub(super) fn counts(&self) -> bool {
        self.columns.iter().any(|column| matches!(column.to, To::Field(field) if field.is_count()))
    }
}
