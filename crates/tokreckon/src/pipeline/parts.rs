//! Reading into a ledger, in as many parts as finding copies needs: each reads every input.
//!
//! A record belongs to one part, with its copies; what is no record belongs to the last one that is
//! read. So all parts together count every row once, and what they add up to is the same whatever
//! their number.

use super::error::PipelineError;
use super::input::{Input, total_bytes};
use super::order::{Row, finish, tell_alike};
use super::progress::Tap;
use super::setup::Pipeline;
use super::shares::{Filled, Job, MAX_LISTED};
use super::tally::FileTally;

/// Most times that inputs are read.
const MOST_PARTS: u64 = 1024;

/// Why reading in parts is no use.
const ONCE: &str = "a pipe cannot be read several times";
const BUCKETS: &str = "buckets of exports that overlap are compared all together";
const ORDER: &str = "an audit needs the rows of a log in their order";

/// Reads every input into a ledger and what else takes its records.
///
/// It is an error when finding copies takes more memory than there may be, and the inputs cannot be
/// read in parts.
pub(super) fn read<'b, 'p>(
    pipeline: &'p Pipeline<'b>,
    inputs: &[Input<'_>],
) -> Result<Filled<'b, 'p>, PipelineError> {
    let mut parts = 1;
    loop {
        let tap = pipeline.tap();
        let mut filled = Filled::new(pipeline, &tap);
        let identities = if pipeline.saves() { inputs } else { &[] };
        let identities: Vec<_> = identities.iter().map(Input::identity).collect();
        let job =
            Job { pipeline, inputs, tap: &tap, identities: &identities, part: parts - 1, parts };
        let no_use = filled.read(job)?;
        if tap.is_cancelled() {
            return Err(PipelineError::Cancelled);
        }
        let groups = tap.too_many_groups() as u64;
        if groups > 0 {
            let memory_mb = (pipeline.group_limit() >> 20) as u64;
            return Err(PipelineError::TooManyGroups { memory_mb, groups });
        }
        if !tap.has_no_room() {
            filled.rejects.truncate(MAX_LISTED);
            filled.bytes = identities.iter().map(|identity| identity.bytes()).collect();
            return Ok(filled);
        }
        parts = more_parts(pipeline, inputs, &tap, (parts, no_use))?;
    }
}

/// How many parts to read the inputs in when so many were too few, or why that is no use.
fn more_parts(
    pipeline: &Pipeline<'_>,
    inputs: &[Input<'_>],
    tap: &Tap,
    (before, no_use): (u32, Option<&'static str>),
) -> Result<u32, PipelineError> {
    let total = total_bytes(inputs);
    let no_use = no_use.or_else(|| total.is_none().then_some(ONCE));
    // As much again for what was not read yet, and a quarter more.
    let share = |of: u128| of * u128::from(total.unwrap_or(0)) / u128::from(tap.bytes().max(1));
    let parts = (share(u128::from(before) * 5) / 4 + 1).max(2 * u128::from(before));
    match u32::try_from(parts) {
        Ok(parts) if no_use.is_none() && u64::from(parts) <= MOST_PARTS => Ok(parts),
        _ => {
            let bytes = share(u128::from(before) * pipeline.limit() as u128);
            Err(no_room(pipeline, total.map(|_| (bytes >> 20) + 1), no_use))
        }
    }
}

/// What is said when copies cannot be found in the memory there is.
pub(super) fn no_room(
    pipeline: &Pipeline<'_>,
    about_mb: Option<u128>,
    why: Option<&'static str>,
) -> PipelineError {
    PipelineError::NoRoom { memory_mb: (pipeline.limit() >> 20) as u64, about_mb, why }
}

impl<'b> Filled<'b, '_> {
    /// Reads every part. The first one comes last: what it holds to the end comes at the end. When
    /// there was no room, it says why more parts are no use, if they are none.
    fn read(&mut self, job: Job<'_, '_, 'b>) -> Result<Option<&'static str>, PipelineError> {
        let mut sums: Vec<FileTally> = Vec::new();
        for part in (0..job.parts).rev() {
            let no_use = self.read_part(Job { part, ..job });
            if job.tap.is_shut() {
                return Ok(no_use);
            }
            let files = std::mem::take(&mut self.files);
            if sums.is_empty() {
                sums = files;
                continue;
            }
            for (sum, file) in sums.iter_mut().zip(files) {
                if sum.offered != file.offered * u64::from(job.parts - 1 - part) {
                    return Err(PipelineError::Changed { name: file.name });
                }
                sum.add(file);
            }
        }
        self.files = sums;
        Ok(None)
    }

    fn read_part(&mut self, job: Job<'_, '_, 'b>) -> Option<&'static str> {
        job.tap.begin(total_bytes(job.inputs));
        let several = job.inputs.len() > 1;
        let mut dedup = several.then(|| job.dedup(job.inputs.len())).flatten();
        let compares = dedup.is_some() || (several && self.taken.auditor.is_some());
        for input in job.inputs {
            if compares && !input.is_table() {
                self.read_in_order(job, dedup.as_ref());
            } else {
                self.read_at_once(job, dedup.as_mut());
            }
            if job.tap.is_shut() {
                break;
            }
        }
        let mut dedup = dedup?;
        if job.tap.is_shut() {
            let audits = self.taken.auditor.is_some();
            let is_ordered = audits && !job.inputs.iter().all(Input::is_table);
            let buckets = || dedup.has_too_many_buckets().then_some(BUCKETS);
            return is_ordered.then_some(ORDER).or_else(buckets);
        }
        let mut files = std::mem::take(&mut self.files);
        let mut warnings = std::mem::take(&mut self.warnings);
        let like = self.taken.ledger.sibling();
        let each = &mut |file, row: Row<'_>| self.take(file, row);
        finish(&mut dedup, &mut files, Some(&like), each, &mut warnings);
        if job.is_told() {
            tell_alike(job.inputs, &mut files, &mut warnings);
        }
        (self.files, self.warnings) = (files, warnings);
        None
    }
}
