//! Reading into a ledger, in as many parts as finding copies needs: each reads every file.
//!
//! A record belongs to one part, with its copies; what is no record belongs to the last one that is
//! read. So all parts together count every row once, and what they add up to is the same whatever
//! their number.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Result;
use tokreckon::dedup::Dedup;
use tokreckon::read::Options;

use super::room::{self, Stop, limit};
use super::shares::{Filled, MAX_LISTED, is_table};
use super::taken::Taken;
use super::{FileTally, files, finish, mapping, options, size};
use crate::args::InputArgs;
use crate::context::with_hint;
use crate::progress;

/// What is to be read, and how.
pub(super) struct Job<'j> {
    args: &'j InputArgs,
    paths: &'j [PathBuf],
    pub(super) options: &'j Options<'j>,
    pub(super) stop: &'j Stop,
    /// The part that is read, and how many there are.
    part: u32,
    pub(super) parts: u32,
}

/// Reads every file into a ledger and what else takes its records: `new` makes them.
///
/// It is an error when finding copies takes more memory than there may be, and the files cannot be
/// read in parts.
pub(crate) fn read_into<'b>(args: &InputArgs, new: &dyn Fn() -> Taken<'b>) -> Result<Filled<'b>> {
    let paths = files::list(&args.files, !args.no_dedup)?;
    let mapping = mapping(args)?;
    let options = options(args, mapping.as_ref())?;
    let mut parts = 1;
    let mut said = BTreeSet::new();
    loop {
        let stop = Stop::default();
        let mut filled =
            Filled { taken: new(), files: Vec::new(), rejects: Vec::new(), whole: None, said };
        let job =
            Job { args, paths: &paths, options: &options, stop: &stop, part: parts - 1, parts };
        let no_use = filled.read(job)?;
        if !stop.is_set() {
            filled.rejects.truncate(MAX_LISTED);
            return Ok(filled);
        }
        said = filled.said;
        parts = stop.parts(parts, &paths, no_use, args)?;
    }
}

impl Job<'_> {
    /// A stage that finds copies in so many files, if any are to be found.
    pub(super) fn dedup(&self, files: usize) -> Option<Dedup> {
        let new = || Dedup::new(files).with_limit(limit(self.args)).of_part(self.part, self.parts);
        (!self.args.no_dedup).then(new)
    }

    /// Whether this part tells how reading went.
    pub(super) const fn is_told(&self) -> bool {
        self.part == 0
    }
}

impl Filled<'_> {
    /// Reads every part. The first one comes last: what it holds to the end comes at the end. When
    /// there was no room, it says why more parts are no use, if they are none.
    fn read(&mut self, mut job: Job<'_>) -> Result<Option<&'static str>> {
        let mut sums: Vec<FileTally> = Vec::new();
        for part in (0..job.parts).rev() {
            job.part = part;
            let no_use = self.read_part(&job);
            if job.stop.is_set() {
                return Ok(no_use);
            }
            let files = std::mem::take(&mut self.files);
            if sums.is_empty() {
                sums = files;
                continue;
            }
            for (sum, file) in sums.iter_mut().zip(files) {
                if sum.offered != file.offered * u64::from(job.parts - 1 - part) {
                    let hint = "files are read several times to find copies within `--memory`";
                    let message = format!("{}: it changed while it was read", file.name);
                    return Err(with_hint(message, Some(hint.to_owned())));
                }
                sum.add(file);
            }
        }
        self.files = sums;
        Ok(None)
    }

    fn read_part(&mut self, job: &Job<'_>) -> Option<&'static str> {
        let _reading = progress::begin(size(job.paths));
        job.stop.begin();
        let several = job.paths.len() > 1;
        let mut dedup = several.then(|| job.dedup(job.paths.len())).flatten();
        let compares = dedup.is_some() || (several && self.taken.auditor.is_some());
        for path in job.paths {
            let is_table = is_table(path);
            if compares && !is_table {
                self.read_in_order(path, job, dedup.as_ref());
            } else {
                self.read_file(path, job, dedup.as_mut());
            }
            if job.stop.is_set() {
                break;
            }
        }
        let mut dedup = dedup?;
        if job.stop.is_set() {
            let is_ordered =
                self.taken.auditor.is_some() && !job.paths.iter().all(|path| is_table(path));
            return is_ordered
                .then_some(room::ORDER)
                .or_else(|| dedup.has_too_many_buckets().then_some(room::BUCKETS));
        }
        let mut files = std::mem::take(&mut self.files);
        let like = self.taken.ledger.sibling();
        let new = || like.sibling();
        finish(&mut dedup, &mut files, Some(&new), &mut |file, row| self.take(file, row));
        if job.is_told() {
            super::tell_alike(job.paths, &mut files);
        }
        self.files = files;
        None
    }
}
