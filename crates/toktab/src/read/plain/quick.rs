//! The short way for a row as nearly all are: whole numbers, plain words, a time like the one before.
//!
//! Whatever is out of the ordinary is left to the reader's `row`, which reads every row; both make
//! the same record.

use super::{Columns, Field};
use crate::money::Exact;
use crate::price::ServiceTier;
use crate::read::short::{Places, Short};
use crate::read::{cell, digits};
use crate::record::Request;
use crate::time::{DAY_SECONDS, Instant, parse_date};

/// A date as it was written last, and its day.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LastDate {
    first: [u8; 8],
    last: [u8; 2],
    /// The first second of the day.
    start: i64,
}

/// Which column holds what; one that is not there lies beyond all others, and is read as empty.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    time: usize,
    id: usize,
    project: usize,
    api_key: usize,
    user: usize,
    provider: usize,
    model: usize,
    service_tier: usize,
    batch: usize,
    input: usize,
    cache_read: usize,
    output: usize,
    reasoning: usize,
    cost: usize,
}

/// A cell out of the ordinary.
struct Unusual;

impl Plan {
    pub(super) fn new(column: impl Fn(Field) -> Option<usize>) -> Self {
        let column = |field| column(field).unwrap_or(usize::MAX);
        Self {
            time: column(Field::Time),
            id: column(Field::Id),
            project: column(Field::Project),
            api_key: column(Field::ApiKey),
            user: column(Field::User),
            provider: column(Field::Provider),
            model: column(Field::Model),
            service_tier: column(Field::ServiceTier),
            batch: column(Field::Batch),
            input: column(Field::Input),
            cache_read: column(Field::CacheRead),
            output: column(Field::Output),
            reasoning: column(Field::Reasoning),
            cost: column(Field::Cost),
        }
    }
}

impl Columns {
    /// Hands over the request of an ordinary row; false when the row is not one.
    pub(super) fn quick(&mut self, row: &Short<'_>, take: &mut dyn FnMut(&Request<'_>)) -> bool {
        if !self.is_usual {
            return false;
        }
        let result = match row.places {
            Places::Bare { line, end } => {
                let place = |column| {
                    let (start, to) = line.place(column);
                    Some((start as usize, to.min(end) as usize))
                };
                self.quick_request(row.line, &Fields { text: row.text, place }, take)
            }
            Places::Cells(cells) => {
                let place = |column| cells.place_or_none(column);
                self.quick_request(row.line, &Fields { text: row.text, place }, take)
            }
        };
        result.is_ok()
    }

    #[inline]
    fn quick_request<'r>(
        &'r mut self,
        line: u64,
        fields: &Fields<'r, impl Fn(usize) -> Option<(usize, usize)>>,
        take: &mut dyn FnMut(&Request<'_>),
    ) -> Result<(), Unusual> {
        let plan = self.plan;
        let at = self.last_date.instant(fields.bytes(plan.time)?)?;
        let provider = fields.words(plan.provider)?;
        let batch = batch(fields.bytes(plan.batch)?)?;
        let service_tier = service_tier(fields.bytes(plan.service_tier)?)?;
        let reported = fields.amount(plan.cost)?;
        let reported = reported.map(|(digits, places)| Exact::in_lowest_terms(digits, places));
        take(&Request {
            line,
            provider: if provider.is_empty() { &self.provider } else { provider },
            model: fields.words(plan.model)?,
            at,
            service_tier: self.service_tier_of(batch, service_tier),
            input: fields.count(plan.input)?.ok_or(Unusual)?,
            cache_read: fields.count(plan.cache_read)?,
            output: fields.count(plan.output)?.ok_or(Unusual)?,
            reasoning: fields.count(plan.reasoning)?,
            reported_usd: reported,
            project: fields.words(plan.project)?,
            api_key: fields.words(plan.api_key)?,
            user: fields.words(plan.user)?,
            id: fields.words(plan.id)?,
            besides: None,
        });
        Ok(())
    }
}

/// A text and where its fields lie: no field is at the start, and one with doubled quotes nowhere.
struct Fields<'r, P> {
    text: &'r str,
    place: P,
}

#[expect(clippy::inline_always, reason = "a call a cell costs more than what it does")]
impl<'r, P: Fn(usize) -> Option<(usize, usize)>> Fields<'r, P> {
    #[inline(always)]
    fn place(&self, column: usize) -> Result<(usize, usize), Unusual> {
        (self.place)(column).ok_or(Unusual)
    }

    #[inline(always)]
    fn bytes(&self, column: usize) -> Result<&'r [u8], Unusual> {
        let (start, end) = self.place(column)?;
        self.text.as_bytes().get(start..end).ok_or(Unusual)
    }

    #[inline(always)]
    fn words(&self, column: usize) -> Result<&'r str, Unusual> {
        let (start, end) = self.place(column)?;
        let text = self.text.get(start..end).ok_or(Unusual)?;
        Ok(match text.as_bytes() {
            [] => "",
            // Blanks around it, and what may stand for nothing.
            [..=b' ' | b'-' | b'N' | b'n', ..] | [.., ..=b' '] => {
                if cell::is_null(text.as_bytes()) { "" } else { text.trim_ascii() }
            }
            _ => text,
        })
    }

    #[inline(always)]
    fn count(&self, column: usize) -> Result<Option<u64>, Unusual> {
        let (start, end) = self.place(column)?;
        if start == end {
            return Ok(None);
        }
        digits::count(self.text.as_bytes(), start, end).map(Some).ok_or(Unusual)
    }

    #[inline(always)]
    fn amount(&self, column: usize) -> Result<Option<(u64, u32)>, Unusual> {
        let (start, end) = self.place(column)?;
        if start == end {
            return Ok(None);
        }
        digits::amount(self.text.as_bytes(), start, end).map(Some).ok_or(Unusual)
    }
}

#[inline]
const fn batch(cell: &[u8]) -> Result<Option<bool>, Unusual> {
    match cell {
        b"" => Ok(None),
        b"false" | b"False" | b"FALSE" | b"0" => Ok(Some(false)),
        b"true" | b"True" | b"TRUE" | b"1" => Ok(Some(true)),
        _ => Err(Unusual),
    }
}

#[inline]
const fn service_tier(cell: &[u8]) -> Result<Option<ServiceTier>, Unusual> {
    match cell {
        b"" => Ok(None),
        b"default" | b"standard" => Ok(Some(ServiceTier::Standard)),
        b"batch" => Ok(Some(ServiceTier::Batch)),
        b"flex" => Ok(Some(ServiceTier::Flex)),
        b"priority" => Ok(Some(ServiceTier::Priority)),
        _ => Err(Unusual),
    }
}

impl LastDate {
    /// The second of `YYYY-MM-DDThh:mm:ssZ`.
    #[inline]
    fn instant(&mut self, cell: &[u8]) -> Result<Instant, Unusual> {
        let cell: &[u8; 20] = cell.try_into().map_err(|_| Unusual)?;
        // Slices of the text, not copies of it: those would have to be read again at once.
        let (Some(first), Some(last), Some(clock), b'T' | b' ', b'Z') = (
            cell.first_chunk::<8>(),
            cell[8..].first_chunk::<2>(),
            cell[11..].first_chunk::<8>(),
            cell[10],
            cell[19],
        ) else {
            return Err(Unusual);
        };
        if u64::from_le_bytes(*first) != u64::from_le_bytes(self.first) || *last != self.last {
            let day = parse_date(&cell[..10]).ok_or(Unusual)?;
            *self = Self { first: *first, last: *last, start: day * DAY_SECONDS };
        }
        let (hour, minute, second) = digits::clock(*clock).ok_or(Unusual)?;
        let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        Ok(Instant(self.start + seconds))
    }
}
