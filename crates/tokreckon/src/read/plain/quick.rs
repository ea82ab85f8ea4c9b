//! The short way for a row as nearly all are: whole numbers, plain words, a time like the one before.
//!
//! Whatever is out of the ordinary is left to the reader's `row`, which reads every row; both make
//! the same record.

#[cfg(target_arch = "x86_64")]
use super::wide::WideRun;
use super::{Columns, Field};
use crate::read::Unneeded;
use crate::read::ordinary::Unusual;
#[cfg(target_arch = "x86_64")]
use crate::read::rows::MAX_LINE_BYTES;
use crate::read::short::{Run, Short};
use crate::record::Request;

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
            return simd.vectorize(WideRun { columns: self, run, take, simd });
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
        self.quick_request(&run.row(number).ok_or(Unusual)?, take)
    }

    /// Hands over the request of an ordinary row; false when the row is not one.
    pub(super) fn quick(&mut self, row: &Short<'_>, take: &mut dyn FnMut(&Request<'_>)) -> bool {
        self.is_usual && self.quick_request(row, take).is_ok()
    }

    fn quick_request(
        &mut self,
        row: &Short<'_>,
        take: &mut dyn FnMut(&Request<'_>),
    ) -> Result<(), Unusual> {
        let plan = self.plan;
        let at = self.last_date.instant(row.bytes(plan.time)?)?;
        let provider = row.words(plan.provider)?;
        let (batch, service_tier) = (row.batch(plan.batch)?, row.service_tier(plan.service_tier)?);
        take(&Request {
            line: row.line,
            provider: if provider.is_empty() { (&*self.provider).into() } else { provider.into() },
            model: row.words(plan.model)?.into(),
            at,
            service_tier: self.service_tier_of(batch, service_tier),
            input: row.count(plan.input)?.ok_or(Unusual)?,
            cache_read: row.count(plan.cache_read)?,
            output: row.count(plan.output)?.ok_or(Unusual)?,
            reasoning: row.count(plan.reasoning)?,
            reported_usd: row.amount(plan.cost)?,
            project: row.words(plan.project)?,
            api_key: row.words(plan.api_key)?,
            user: row.words(plan.user)?,
            id: row.words(plan.id)?,
            besides: None,
        });
        Ok(())
    }
}
