//! Cells on the short way, as nearly all are: plain numbers and words.
//!
//! What is read of a cell here is what [`Row`](super::table::Row) reads of it. A cell out of the
//! ordinary is [`Unusual`]: then the whole row is left to the long way. A column that is not there
//! lies beyond all others, and is read as empty.

use super::short::{Places, Short};
use super::{cell, digits};
use crate::money::Exact;
use crate::price::ServiceTier;
use crate::record::Text;
use crate::time::{DAY_SECONDS, Instant, parse_date};

/// A cell out of the ordinary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unusual;

#[expect(clippy::inline_always, reason = "a call a cell costs more than what it does")]
impl<'r> Short<'r> {
    /// A cell as it is written, and whether the quotes in it are doubled.
    #[inline(always)]
    pub(super) fn written(&self, column: usize) -> Result<(&'r [u8], bool), Unusual> {
        let (start, end, doubled) = self.place(column);
        Ok((self.text.get(start..end).ok_or(Unusual)?, doubled))
    }

    #[inline(always)]
    fn place(&self, column: usize) -> (usize, usize, bool) {
        match self.places {
            Places::Bare { line, end } => {
                let (start, to) = line.place(column);
                (start as usize, to.min(end) as usize, false)
            }
            Places::Cells(cells) => cells.written(column),
        }
    }

    /// Where a cell without doubled quotes begins and ends.
    #[inline(always)]
    fn plain(&self, column: usize) -> Result<(usize, usize), Unusual> {
        let (start, end, doubled) = self.place(column);
        if doubled { Err(Unusual) } else { Ok((start, end)) }
    }

    /// A cell without doubled quotes.
    #[inline(always)]
    pub(super) fn bytes(&self, column: usize) -> Result<&'r [u8], Unusual> {
        let (start, end) = self.plain(column)?;
        self.text.get(start..end).ok_or(Unusual)
    }

    /// Text; empty for a null.
    #[inline(always)]
    pub(super) fn words(&self, column: usize) -> Result<Text<'r>, Unusual> {
        let text = self.bytes(column)?;
        Ok(Text::of_utf8(match text {
            // Blanks around it, and what may stand for nothing.
            [..=b' ' | b'-' | b'N' | b'n', ..] | [.., ..=b' '] => {
                if cell::is_null(text) {
                    b""
                } else {
                    text.trim_ascii()
                }
            }
            _ => text,
        }))
    }

    /// A count in digits alone, or with the `.0` that makes it a float; `None` for an empty cell.
    #[inline(always)]
    pub(super) fn count(&self, column: usize) -> Result<Option<u64>, Unusual> {
        let (start, end) = self.plain(column)?;
        if start == end {
            return Ok(None);
        }
        let bytes = self.text;
        let is_float = bytes.get(start..end).is_some_and(|cell| cell.ends_with(b".0"));
        let end = if is_float { end - 2 } else { end };
        digits::count(bytes, start, end).map(Some).ok_or(Unusual)
    }

    /// An exact amount; `None` for an empty cell.
    #[inline]
    pub(super) fn amount(&self, column: usize) -> Result<Option<Exact>, Unusual> {
        let (start, end) = self.plain(column)?;
        if start == end {
            return Ok(None);
        }
        let bytes = self.text;
        if let Some((digits, places)) = digits::amount(bytes, start, end) {
            return Ok(Some(Exact::in_lowest_terms(digits, places)));
        }
        long_amount(bytes.get(start..end).ok_or(Unusual)?)
    }

    /// Whether it was a batch; `None` for an empty cell.
    #[inline]
    pub(super) fn batch(&self, column: usize) -> Result<Option<bool>, Unusual> {
        match self.bytes(column)? {
            b"" => Ok(None),
            b"false" | b"False" | b"FALSE" | b"0" => Ok(Some(false)),
            b"true" | b"True" | b"TRUE" | b"1" => Ok(Some(true)),
            _ => Err(Unusual),
        }
    }

    /// The service tier; `None` for an empty cell.
    #[inline]
    pub(super) fn service_tier(&self, column: usize) -> Result<Option<ServiceTier>, Unusual> {
        match self.bytes(column)? {
            b"" => Ok(None),
            b"default" | b"standard" => Ok(Some(ServiceTier::Standard)),
            b"batch" => Ok(Some(ServiceTier::Batch)),
            b"flex" => Ok(Some(ServiceTier::Flex)),
            b"priority" => Ok(Some(ServiceTier::Priority)),
            _ => Err(Unusual),
        }
    }
}

/// Amounts that come from floats have an exponent, or more digits than most.
fn long_amount(cell: &[u8]) -> Result<Option<Exact>, Unusual> {
    if cell::is_null(cell) {
        return Ok(None);
    }
    cell::amount(cell).map(Some).ok_or(Unusual)
}

/// A date as it was written last, and its day.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastDate {
    text: [u8; 10],
    /// The first second of the day.
    start: i64,
}

impl LastDate {
    /// Before the first row.
    pub(super) const FIRST: Self = Self { text: *b"1970-01-01", start: 0 };

    /// The second of `YYYY-MM-DD hh:mm:ss`, with a fraction or without, in UTC.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call a cell costs more than what it does")]
    pub(super) fn instant(&mut self, cell: &[u8]) -> Result<Instant, Unusual> {
        let (date, rest) = cell.split_first_chunk::<10>().ok_or(Unusual)?;
        let (between, rest) = rest.split_first().ok_or(Unusual)?;
        let (clock, rest) = rest.split_first_chunk::<8>().ok_or(Unusual)?;
        if !matches!(between, b'T' | b' ') || rest != b"Z" && !is_utc(rest) {
            return Err(Unusual);
        }
        if *date != self.text {
            let day = parse_date(date).ok_or(Unusual)?;
            *self = Self { text: *date, start: day * DAY_SECONDS };
        }
        let seconds = digits::clock(*clock).ok_or(Unusual)?;
        Ok(Instant(self.start + i64::from(seconds)))
    }
}

/// True for what may follow a clock in UTC: a fraction, and an offset of nothing.
#[inline]
fn is_utc(mut rest: &[u8]) -> bool {
    if let [b'.', fraction @ ..] = rest {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return false;
        }
        rest = &fraction[digits..];
    }
    matches!(rest, b"" | b"Z" | b"+00:00" | b"+00")
}
