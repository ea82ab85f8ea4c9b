//! How many findings chance makes in this audit: the records a check looked at, times how often it
//! was wrong on recorded data.

use super::{Audit, Code};
use crate::money::Exact;

/// A check, what it looked at here, and how often it was wrong on recorded data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ByChance {
    /// The check.
    pub code: Code,
    /// Records of this audit that it looked at.
    pub looked_at: u64,
    /// Findings on recorded data that is what it says, as far as anybody knows.
    pub false_alarms: u64,
    /// Recorded data that it looked at.
    pub recorded: u64,
}

impl ByChance {
    /// How many findings to expect without a cause; with no false alarm on record, the number that
    /// they stay below (95 %, rule of three). Rounded up to 3 places.
    #[must_use]
    pub fn expected(&self) -> Exact {
        let rate = if self.is_bound() { 3 } else { self.false_alarms };
        let thousandths = u128::from(self.looked_at) * u128::from(rate) * 1000;
        let rounded = thousandths.div_ceil(u128::from(self.recorded.max(1)));
        Exact::new(i128::try_from(rounded).unwrap_or(i128::MAX), 3).unwrap_or(Exact::ZERO)
    }

    /// True when [`ByChance::expected`] is an upper bound: no false alarm is on record.
    #[must_use]
    pub const fn is_bound(&self) -> bool {
        self.false_alarms == 0
    }
}

/// A check with a measured rate: how its reasons for not looking begin, whether it needs an answer
/// or a request, and what was measured.
struct Measured {
    code: Code,
    reasons: &'static str,
    needs: Needs,
    false_alarms: u64,
    recorded: u64,
}

/// What a check needs besides counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Counts,
    Answer,
    Request,
}

const fn measured(
    code: Code,
    reasons: &'static str,
    needs: Needs,
    (false_alarms, recorded): (u64, u64),
) -> Measured {
    Measured { code, reasons, needs, false_alarms, recorded }
}

/// What the checks found in recorded data, of how many records (docs/audit.md; a test measures it
/// again). Recordings that are known to be wrong themselves count as false alarms, too.
const MEASURED: [Measured; 8] = [
    measured(Code::TotalsDisagree, "whether totals add up", Needs::Counts, (3, 2_018)),
    measured(Code::ReasoningOfPlainModel, "", Needs::Counts, (1, 7_880)),
    measured(Code::ReasoningOffStep, "reasoning in steps", Needs::Counts, (1, 7_880)),
    measured(Code::OutputUnexplained, OUTPUT, Needs::Answer, (0, 4_343)),
    measured(Code::OutputBelowVisible, OUTPUT, Needs::Answer, (1, 4_343)),
    measured(Code::PromptDiffers, "the prompt counted again", Needs::Request, (6, 1_039)),
    measured(Code::OutputAboveCap, "output against the limit", Needs::Request, (0, 1_334)),
    measured(Code::CachedOffStep, "", Needs::Counts, (2, 32)),
];
const OUTPUT: &str = "output against the visible";

/// What an audit looked at, to set its findings against.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LookedAt {
    /// Records with counts.
    pub(super) records: u64,
    /// Records with cached tokens of a model that reports them in steps.
    pub(super) cached_in_steps: u64,
}

impl LookedAt {
    /// The checks with a measured rate that looked at anything.
    pub(super) fn by_chance(self, not_checked: &[(String, u64)]) -> Vec<ByChance> {
        let looked_at = |check: &Measured| {
            if check.code == Code::CachedOffStep {
                return self.cached_in_steps;
            }
            let reasons = not_checked.iter().filter(|(what, _)| concerns(check, what));
            self.records.saturating_sub(reasons.map(|(_, records)| records).sum())
        };
        let of = |check: &Measured| ByChance {
            code: check.code,
            looked_at: looked_at(check),
            false_alarms: check.false_alarms,
            recorded: check.recorded,
        };
        MEASURED.iter().map(of).filter(|check| check.looked_at > 0).collect()
    }
}

/// True when a reason for not looking is one of this check's.
fn concerns(check: &Measured, what: &str) -> bool {
    (!check.reasons.is_empty() && what.starts_with(check.reasons))
        || (check.needs != Needs::Counts && what.starts_with("answers, prompts"))
        || (check.needs == Needs::Request && what.starts_with("prompts and repeated"))
}

impl Audit {
    /// How many records a check found something in.
    #[must_use]
    pub fn found(&self, code: Code) -> u64 {
        self.findings.iter().filter(|found| found.code == code).map(|found| found.records).sum()
    }
}
