//! The short way for a row as nearly all are: whole numbers, plain words, a time like the one before.
//!
//! Whatever is out of the ordinary is left to [`Columns::row`](super::Columns), which reads every
//! row; both make the same record.

use super::{Columns, Field};
use crate::book::Known;
use crate::charge::Shape;
use crate::money::{Currency, Exact, Money};
use crate::price::ServiceTier;
use crate::read::rows::Cells;
use crate::read::table::{Each, Row};
use crate::read::{Item, cell};
use crate::record::{Record, Repeats};
use crate::time::{DAY_SECONDS, Instant, Period, parse_date};
use crate::usage::Totals;

/// A date as it was written last, and its day.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LastDate {
    text: [u8; 10],
    day: i64,
}

/// A cell out of the ordinary.
struct Unusual;

impl Columns {
    /// Hands over the record of an ordinary row; false when the row is not one.
    #[inline]
    pub(super) fn quick(&mut self, row: &Row<'_>, each: Each<'_>) -> bool {
        let Some((cells, text)) = row.cells_as_text() else { return false };
        self.has_usual_columns && self.quick_record(row.line(), cells, text, each).is_ok()
    }

    fn quick_record(
        &mut self,
        line: u64,
        cells: Cells<'_>,
        text: &str,
        each: Each<'_>,
    ) -> Result<(), Unusual> {
        let period = match self.column(Field::Time) {
            Some(column) => Some(self.last_date.instant(bytes(cells, column)?)?),
            None => None,
        };
        let words = |field: Field| words(cells, text, self.column(field));
        let count = |field: Field| count(cells, self.column(field));
        let totals = Totals {
            layout: self.layout,
            input: count(Field::Input)?,
            cache_read: count(Field::CacheRead)?,
            output: count(Field::Output)?,
            reasoning: count(Field::Reasoning)?,
            total: count(Field::Total)?,
            requests: count(Field::Requests)?,
            ..Totals::default()
        };
        let reported = match self.column(Field::Cost) {
            Some(column) => amount(bytes(cells, column)?)?,
            None => None,
        };
        let provider = words(Field::Provider)?;
        each(Item::Record(Record {
            line,
            provider: if provider.is_empty() { &self.provider } else { provider },
            model: words(Field::Model)?,
            period,
            shape: match totals.requests {
                None | Some(1) => Shape::Request,
                requests => Shape::Sum { requests },
            },
            service_tier: self.quick_service_tier(cells)?,
            variant: Known::Is(words(Field::Variant)?),
            totals: Some(totals),
            reported,
            line_item: "",
            project: words(Field::Project)?,
            api_key: words(Field::ApiKey)?,
            user: words(Field::User)?,
            id: words(Field::Id)?,
            repeats: Repeats::SameId,
        }));
        Ok(())
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
    fn instant(&mut self, cell: &[u8]) -> Result<Period, Unusual> {
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
        Ok(Period::at(Instant(seconds)))
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
fn amount(cell: &[u8]) -> Result<Option<Money>, Unusual> {
    if cell.is_empty() {
        return Ok(None);
    }
    let amount = Exact::from_digits(cell).ok_or(Unusual)?;
    Ok(Some(Money { amount, currency: Currency::USD }))
}
