//! The short way for a request as nearly all are: one that succeeded, with no tokens written to a cache.
//!
//! Whatever is out of the ordinary is left to [`RowReader::row`](super::RowReader::row), which reads
//! every row; both make the same record.

use super::Columns;
use super::details::Details;
use super::shape::Shapes;
use crate::book::Known;
use crate::price::ServiceTier;
use crate::read::cell;
use crate::read::ordinary::{LastDate, Unusual};
use crate::read::short::Short;
use crate::record::{Besides, Repeats, Request};
use crate::usage::Totals;

/// Which column holds what; one that is not there lies beyond all others.
#[derive(Clone, Debug)]
pub(super) struct Quick {
    id: usize,
    spend: usize,
    total: usize,
    prompt: usize,
    completion: usize,
    start: usize,
    model: usize,
    provider: usize,
    metadata: usize,
    cache_hit: usize,
    api_key: usize,
    team: usize,
    user: usize,
    last_date: LastDate,
    shapes: Shapes,
}

impl Quick {
    pub(super) fn new(columns: &Columns) -> Self {
        let at = |column: Option<usize>| column.unwrap_or(usize::MAX);
        Self {
            id: at(columns.id),
            spend: at(columns.spend),
            total: at(columns.total),
            prompt: at(columns.prompt),
            completion: at(columns.completion),
            start: at(columns.start),
            model: at(columns.model),
            provider: at(columns.provider),
            metadata: at(columns.metadata),
            cache_hit: at(columns.cache_hit),
            api_key: at(columns.api_key),
            team: at(columns.team),
            user: at(columns.user),
            last_date: LastDate::FIRST,
            shapes: Shapes::default(),
        }
    }

    /// Hands over an ordinary request. `fallback_provider` is for a row that names none.
    #[inline]
    pub(super) fn row(
        &mut self,
        row: &Short<'_>,
        fallback_provider: &str,
        take: &mut dyn FnMut(&Request<'_>),
    ) -> Result<(), Unusual> {
        let input = row.count(self.prompt)?.ok_or(Unusual)?;
        let output = row.count(self.completion)?.ok_or(Unusual)?;
        // Of a request without tokens it is to be seen whether it failed.
        if input | output == 0
            || row.words(self.cache_hit)?.as_bytes().eq_ignore_ascii_case(b"true")
        {
            return Err(Unusual);
        }
        let (metadata, doubled) = row.written(self.metadata)?;
        let details = if metadata.is_empty() {
            Details::default()
        } else {
            self.shapes.read(metadata, doubled).ok_or(Unusual)?
        };
        let besides = Besides {
            bucket: None,
            total: row.count(self.total)?,
            zeros: nothing_written(&details)?,
            repeats: Repeats::UniqueId,
        };
        let provider = row.words(self.provider)?.as_str();
        let provider =
            if provider.is_empty() { fallback_provider } else { cell::provider(provider) };
        take(&Request {
            line: row.line,
            provider: provider.into(),
            model: row.words(self.model)?.into(),
            at: self.last_date.instant(row.bytes(self.start)?)?,
            service_tier: Known::Is(ServiceTier::Standard),
            input,
            cache_read: details.cached(),
            output,
            reasoning: details.reasoning(),
            reported_usd: row.amount(self.spend)?,
            project: row.words(self.team)?,
            api_key: row.words(self.api_key)?,
            user: row.words(self.user)?,
            id: row.words(self.id)?,
            besides: Some(&besides),
        });
        Ok(())
    }
}

/// The bits of the counts of written tokens, as far as they are reported and all are zero.
#[inline]
fn nothing_written(details: &Details) -> Result<u32, Unusual> {
    let written = details.written();
    match written {
        [None, None, None] => Ok(0),
        _ if written.into_iter().flatten().any(|count| count > 0) => Err(Unusual),
        [some_time, five, hour] => Ok(Besides::zeros_of(&Totals {
            cache_write: some_time,
            cache_write_5m: five,
            cache_write_1h: hour,
            ..Totals::default()
        })),
    }
}
