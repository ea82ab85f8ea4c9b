//! The short way for a row as nearly all are: whole numbers, plain words, a time like the one before.
//!
//! Whatever is out of the ordinary is left to the reader's `row`, which reads every row; both make
//! the same record.

use super::{Columns, Field};
use crate::money::Exact;
use crate::price::ServiceTier;
use crate::read::rows::MAX_LINE_BYTES;
use crate::read::short::{Places, Run, Short};
use crate::read::{Unneeded, cell, digits};
use crate::record::{Name, Request, Text};
use crate::time::{DAY_SECONDS, Instant, parse_date};

/// A date as it was written last, and its day.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LastDate {
    first: [u8; 8],
    last: [u8; 2],
    /// The first second of the day.
    start: i64,
}

/// Which column holds what; one that is not there or that nobody needs lies beyond
/// all others, and is read as empty.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) time: usize,
    pub(super) id: usize,
    pub(super) project: usize,
    pub(super) api_key: usize,
    pub(super) user: usize,
    pub(super) provider: usize,
    pub(super) model: usize,
    pub(super) service_tier: usize,
    pub(super) batch: usize,
    pub(super) input: usize,
    pub(super) cache_read: usize,
    pub(super) output: usize,
    pub(super) reasoning: usize,
    pub(super) cost: usize,
}

/// A cell out of the ordinary.
pub(super) struct Unusual;

impl Plan {
    pub(super) fn new(unneeded: Unneeded, column: impl Fn(Field) -> Option<usize>) -> Self {
        let column = |field| column(field).unwrap_or(usize::MAX);
        let unless = |is_unneeded, field| if is_unneeded { usize::MAX } else { column(field) };
        Self {
            time: column(Field::Time),
            id: unless(unneeded.id, Field::Id),
            project: unless(unneeded.project, Field::Project),
            api_key: unless(unneeded.api_key, Field::ApiKey),
            user: unless(unneeded.user, Field::User),
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
    /// Hands over the requests of ordinary rows, and says how many they are: the row after them is
    /// none.
    pub(super) fn quick_run(&mut self, run: &Run<'_>, take: &mut dyn FnMut(&Request<'_>)) -> usize {
        if !self.is_usual {
            return 0;
        }
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = pulp::x86::V3::try_new()
            && run.text.len() < MAX_LINE_BYTES - 2
        {
            return simd.vectorize(super::wide::WideRun { columns: self, run, take, simd });
        }
        let mut rows = run.first..run.marks.len();
        let taken = rows.position(|number| self.quick_row(run, number, take).is_err());
        taken.unwrap_or(run.marks.len() - run.first)
    }

    pub(super) fn quick_row(
        &mut self,
        run: &Run<'_>,
        number: usize,
        take: &mut dyn FnMut(&Request<'_>),
    ) -> Result<(), Unusual> {
        let row = run.row(number).ok_or(Unusual)?;
        if self.quick(&row, take) { Ok(()) } else { Err(Unusual) }
    }

    /// Hands over the request of an ordinary row; false when the row is not one.
    pub(super) fn quick(&mut self, row: &Short<'_>, take: &mut dyn FnMut(&Request<'_>)) -> bool {
        let result = match row.places {
            _ if !self.is_usual => Err(Unusual),
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

    #[inline(always)]
    fn quick_request<'r>(
        &'r mut self,
        line: u64,
        fields: &Fields<'r, impl Fn(usize) -> Option<(usize, usize)>>,
        take: &mut dyn FnMut(&Request<'_>),
    ) -> Result<(), Unusual> {
        let plan = self.plan;
        let at = self.last_date.instant(fields.bytes(plan.time)?)?;
        let provider = fields.words(plan.provider)?;
        let batch = batch(fields.word(plan.batch)?)?;
        let service_tier = service_tier(fields.word(plan.service_tier)?)?;
        let reported = fields.amount(plan.cost)?;
        let reported = reported.map(|(digits, places)| Exact::in_lowest_terms(digits, places));
        take(&Request {
            line,
            provider: if provider.is_empty() {
                Name::from(&*self.provider)
            } else {
                provider.into()
            },
            model: fields.words(plan.model)?.into(),
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
    text: &'r [u8],
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
        self.text.get(start..end).ok_or(Unusual)
    }

    #[inline(always)]
    fn words(&self, column: usize) -> Result<Text<'r>, Unusual> {
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

    #[inline(always)]
    fn word(&self, column: usize) -> Result<u64, Unusual> {
        let (start, end) = self.place(column)?;
        word(self.text, start, end)
    }

    #[inline(always)]
    fn count(&self, column: usize) -> Result<Option<u64>, Unusual> {
        let (start, end) = self.place(column)?;
        if start == end {
            return Ok(None);
        }
        digits::count(self.text, start, end).map(Some).ok_or(Unusual)
    }

    #[inline(always)]
    fn amount(&self, column: usize) -> Result<Option<(u64, u32)>, Unusual> {
        let (start, end) = self.place(column)?;
        if start == end {
            return Ok(None);
        }
        digits::amount(self.text, start, end).map(Some).ok_or(Unusual)
    }
}

/// Up to eight bytes as a number; longer ones are none.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a call a cell costs more than what it does")]
fn word(text: &[u8], start: usize, end: usize) -> Result<u64, Unusual> {
    let length = end.wrapping_sub(start);
    if length == 0 {
        return Ok(0);
    }
    let bytes = text.get(end.wrapping_sub(8)..end).and_then(<[u8]>::first_chunk);
    match bytes {
        Some(bytes) if length <= 8 => Ok(u64::from_le_bytes(*bytes) >> (64 - 8 * length)),
        _ => Err(Unusual),
    }
}

/// The same of a text.
const fn word_of(text: &str) -> u64 {
    let (bytes, mut word, mut at) = (text.as_bytes(), 0, text.len());
    while at > 0 {
        at -= 1;
        word = word << 8 | bytes[at] as u64;
    }
    word
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "a call a cell costs more than what it does")]
pub(super) const fn batch(cell: u64) -> Result<Option<bool>, Unusual> {
    const NO: [u64; 4] = [word_of("false"), word_of("False"), word_of("FALSE"), word_of("0")];
    const YES: [u64; 4] = [word_of("true"), word_of("True"), word_of("TRUE"), word_of("1")];
    match cell {
        0 => Ok(None),
        _ if cell == NO[0] || cell == NO[1] || cell == NO[2] || cell == NO[3] => Ok(Some(false)),
        _ if cell == YES[0] || cell == YES[1] || cell == YES[2] || cell == YES[3] => Ok(Some(true)),
        _ => Err(Unusual),
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "a call a cell costs more than what it does")]
pub(super) const fn service_tier(cell: u64) -> Result<Option<ServiceTier>, Unusual> {
    const DEFAULT: u64 = word_of("default");
    const STANDARD: u64 = word_of("standard");
    const BATCH: u64 = word_of("batch");
    const FLEX: u64 = word_of("flex");
    const PRIORITY: u64 = word_of("priority");
    match cell {
        0 => Ok(None),
        DEFAULT | STANDARD => Ok(Some(ServiceTier::Standard)),
        BATCH => Ok(Some(ServiceTier::Batch)),
        FLEX => Ok(Some(ServiceTier::Flex)),
        PRIORITY => Ok(Some(ServiceTier::Priority)),
        _ => Err(Unusual),
    }
}

impl LastDate {
    /// The second of `YYYY-MM-DDThh:mm:ssZ`.
    #[inline(always)]
    pub(super) fn instant(&mut self, cell: &[u8]) -> Result<Instant, Unusual> {
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
