//! The short way for a row as nearly all are: whole numbers, plain words, a time like the one before.
//!
//! Whatever is out of the ordinary is left to the reader's `row`, which reads every row; both make
//! the same record.

use super::{Columns, Field};
use crate::book::Known;
use crate::money::Exact;
use crate::price::ServiceTier;
use crate::read::cell;
use crate::read::rows::Cells;
use crate::read::table::Row;
use crate::record::Request;
use crate::time::{DAY_SECONDS, Instant, parse_date};

/// A date as it was written last, and its day.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LastDate {
    text: [u8; 10],
    day: i64,
}

/// A cell out of the ordinary.
struct Unusual;

impl Columns {
    /// The request of an ordinary row; `None` when the row is not one.
    #[inline]
    pub(super) fn quick<'r>(&'r mut self, row: &Row<'r>) -> Option<Request<'r>> {
        let (cells, text) = row.cells_as_text()?;
        if !self.is_usual {
            return None;
        }
        self.quick_request(row.line(), cells, text).ok()
    }

    #[inline]
    fn quick_request<'r>(
        &'r mut self,
        line: u64,
        cells: Cells<'r>,
        text: &'r str,
    ) -> Result<Request<'r>, Unusual> {
        let time = bytes(cells, self.column(Field::Time).ok_or(Unusual)?)?;
        let at = self.last_date.instant(time)?;
        let words = |field: Field| words(cells, text, self.column(field));
        let count = |field: Field| count(cells, self.column(field));
        let reported_usd = match self.column(Field::Cost) {
            Some(column) => amount(bytes(cells, column)?)?,
            None => None,
        };
        let provider = words(Field::Provider)?;
        Ok(Request {
            line,
            provider: if provider.is_empty() { &self.provider } else { provider },
            model: words(Field::Model)?,
            at,
            service_tier: self.quick_service_tier(cells)?,
            input: count(Field::Input)?.ok_or(Unusual)?,
            cache_read: count(Field::CacheRead)?,
            output: count(Field::Output)?.ok_or(Unusual)?,
            reasoning: count(Field::Reasoning)?,
            reported_usd,
            project: words(Field::Project)?,
            api_key: words(Field::ApiKey)?,
            user: words(Field::User)?,
            id: words(Field::Id)?,
        })
    }

    #[inline]
    fn quick_service_tier(&self, cells: Cells<'_>) -> Result<Known<ServiceTier>, Unusual> {
        let batch = match self.column(Field::Batch) {
            Some(column) => match bytes(cells, column)? {
                b"" => None,
                b"false" | b"False" | b"FALSE" | b"0" => Some(false),
                b"true" | b"True" | b"TRUE" | b"1" => Some(true),
                _ => return Err(Unusual),
            },
            None => None,
        };
        let tier = match self.column(Field::ServiceTier) {
            Some(column) => match bytes(cells, column)? {
                b"" => None,
                b"default" | b"standard" => Some(ServiceTier::Standard),
                b"batch" => Some(ServiceTier::Batch),
                b"flex" => Some(ServiceTier::Flex),
                b"priority" => Some(ServiceTier::Priority),
                _ => return Err(Unusual),
            },
            None => None,
        };
        Ok(self.service_tier_of(batch, tier))
    }
}

impl LastDate {
    /// The second of `YYYY-MM-DDThh:mm:ssZ`.
    #[inline]
    fn instant(&mut self, cell: &[u8]) -> Result<Instant, Unusual> {
        let (Some(date), Some(clock)) = (cell.first_chunk::<10>(), cell.get(10..)) else {
            return Err(Unusual);
        };
        let [b'T' | b' ', h0, h1, b':', m0, m1, b':', s0, s1, b'Z'] = *clock else {
            return Err(Unusual);
        };
        if *date != self.text {
            let day = parse_date(date).ok_or(Unusual)?;
            *self = Self { text: *date, day };
        }
        let pair = |tens: u8, ones: u8| {
            let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
            if tens > 9 || ones > 9 { 255 } else { i64::from(10 * tens + ones) }
        };
        let (hour, minute, second) = (pair(h0, h1), pair(m0, m1), pair(s0, s1));
        if hour > 23 || minute > 59 || second > 59 {
            return Err(Unusual);
        }
        let seconds = self.day * DAY_SECONDS + hour * 3600 + minute * 60 + second;
        Ok(Instant(seconds))
    }
}

/// A cell as it is written, without doubled quotes.
#[inline]
fn bytes(cells: Cells<'_>, column: usize) -> Result<&[u8], Unusual> {
    cells.plain(column).ok_or(Unusual)
}

#[inline]
fn words<'t>(cells: Cells<'_>, text: &'t str, column: Option<usize>) -> Result<&'t str, Unusual> {
    let Some(column) = column else { return Ok("") };
    let (start, end) = cells.place(column).ok_or(Unusual)?;
    let text = text.get(start..end).ok_or(Unusual)?;
    match text.as_bytes() {
        [] => Ok(""),
        // Blanks around it, and what may stand for nothing.
        [..=b' ' | b'-' | b'N' | b'n', ..] | [.., ..=b' '] => {
            Ok(if cell::is_null(text.as_bytes()) { "" } else { text.trim_ascii() })
        }
        _ => Ok(text),
    }
}

#[inline]
fn count(cells: Cells<'_>, column: Option<usize>) -> Result<Option<u64>, Unusual> {
    let Some(column) = column else { return Ok(None) };
    let digits = bytes(cells, column)?;
    if digits.is_empty() {
        return Ok(None);
    }
    cell::digits(digits).map(Some).ok_or(Unusual)
}

#[inline]
fn amount(cell: &[u8]) -> Result<Option<Exact>, Unusual> {
    if cell.is_empty() {
        return Ok(None);
    }
    Exact::from_digits(cell).map(Some).ok_or(Unusual)
}
