//! The short way for a bucket as nearly all are: of text alone, times like those of the row before.
//!
//! Whatever is out of the ordinary is left to [`RowReader::row`](super::RowReader::row), which reads
//! every row; both make the same record.

use super::Columns;
use crate::book::Known;
use crate::price::ServiceTier;
use crate::read::ordinary::Unusual;
use crate::read::short::Short;
use crate::read::{Format, cell};
use crate::record::{Besides, Bucket, Repeats, Request, Text};
use crate::time::{Instant, Period};
use crate::usage::Totals;

/// Which column holds what; one that is not there lies beyond all others.
#[derive(Clone, Debug)]
pub(super) struct Quick {
    start: usize,
    end: usize,
    requests: usize,
    model: usize,
    project: usize,
    user: usize,
    api_key: usize,
    batch: usize,
    service_tier: usize,
    input: usize,
    cached: usize,
    output: usize,
    /// Counts that are zero in nearly every row, and their bits in the order of [`Totals::counts`].
    zeros: Vec<(usize, u32)>,
    last_times: [LastTime; 2],
}

/// A time as a column had it last.
#[derive(Clone, Copy, Debug)]
struct LastTime {
    text: [u8; 10],
    second: i64,
}

impl LastTime {
    /// Before the first row.
    const FIRST: Self = Self { text: *b"0000000000", second: 0 };
}

impl Quick {
    /// The short way for a table of completions; `None` for one of other endpoints.
    pub(super) fn new(columns: &Columns) -> Option<Self> {
        let others = [columns.images, columns.characters, columns.seconds, columns.web_searches];
        if others.iter().any(Option::is_some) || columns.input.is_none() {
            return None;
        }
        let is_zero = Some(0);
        let zeros = [
            (columns.cache_write, Totals { cache_write: is_zero, ..Totals::default() }),
            (columns.audio, Totals { input_audio: is_zero, ..Totals::default() }),
            (columns.cached_audio, Totals { cache_read_audio: is_zero, ..Totals::default() }),
            (columns.image, Totals { input_image: is_zero, ..Totals::default() }),
            (columns.cached_image, Totals { cache_read_image: is_zero, ..Totals::default() }),
            (columns.output_audio, Totals { output_audio: is_zero, ..Totals::default() }),
            (columns.output_image, Totals { output_image: is_zero, ..Totals::default() }),
        ];
        let zeros = zeros.into_iter();
        let zeros =
            zeros.filter_map(|(column, totals)| Some((column?, Besides::zeros_of(&totals))));
        let at = |column: Option<usize>| column.unwrap_or(usize::MAX);
        Some(Self {
            start: columns.start?,
            end: columns.end?,
            requests: at(columns.requests),
            model: at(columns.model),
            project: at(columns.project),
            user: at(columns.user),
            api_key: at(columns.api_key),
            batch: at(columns.batch),
            service_tier: at(columns.service_tier),
            input: columns.input?,
            cached: at(columns.cached),
            output: columns.output?,
            zeros: zeros.collect(),
            last_times: [LastTime::FIRST; 2],
        })
    }

    /// Hands over the bucket of an ordinary row.
    #[inline]
    pub(super) fn row(
        &mut self,
        row: &Short<'_>,
        take: &mut dyn FnMut(&Request<'_>),
    ) -> Result<(), Unusual> {
        let [last_start, last_end] = &mut self.last_times;
        let start = last_start.second(row.bytes(self.start)?)?;
        let end = last_end.second(row.bytes(self.end)?)?;
        if end <= start {
            return Err(Unusual);
        }
        let mut zeros = 0;
        for (column, bit) in &self.zeros {
            match row.bytes(*column)? {
                b"0" | b"0.0" => zeros |= bit,
                b"" => {}
                _ => return Err(Unusual),
            }
        }
        let service_tier = match (row.batch(self.batch)?, row.service_tier(self.service_tier)?) {
            (Some(true), _) => Known::Is(ServiceTier::Batch),
            (_, Some(tier)) => Known::Is(tier),
            _ => Known::Unknown,
        };
        let requests = row.count(self.requests)?;
        let besides = Besides {
            bucket: Some(Bucket { end: Instant(end), requests }),
            total: None,
            zeros,
            repeats: Repeats::Bucket(Format::OpenAiUsage.name()),
        };
        take(&Request {
            line: row.line,
            provider: "openai".into(),
            model: row.words(self.model)?.into(),
            at: Instant(start),
            service_tier,
            input: row.count(self.input)?.ok_or(Unusual)?,
            cache_read: row.count(self.cached)?,
            output: row.count(self.output)?.ok_or(Unusual)?,
            reasoning: None,
            reported_usd: None,
            project: row.words(self.project)?,
            api_key: row.words(self.api_key)?,
            user: row.words(self.user)?,
            id: Text::default(),
            besides: Some(&besides),
        });
        Ok(())
    }
}

impl LastTime {
    /// The second that a time of ten characters means, such as that of Unix.
    #[inline]
    fn second(&mut self, cell: &[u8]) -> Result<i64, Unusual> {
        let text: &[u8; 10] = cell.try_into().map_err(|_| Unusual)?;
        if *text != self.text {
            let Period { start, .. } = cell::time(cell).ok_or(Unusual)?;
            *self = Self { text: *text, second: start.0 };
        }
        Ok(self.second)
    }
}
