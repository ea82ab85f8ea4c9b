//! Findings of an audit.

#![cfg_attr(
    feature = "serde",
    expect(
        clippy::disallowed_types,
        reason = "what serde derives for a flattened part can hold any number; ours are texts and whole"
    )
)]

use std::collections::BTreeMap;

#[cfg(feature = "serde")]
use super::sums;
use super::sums::notes;
use super::{
    BillDocument, FileDocument, GroupDocument, StatisticsDocument, SumsDocument, WrittenGroups,
    by_currency,
};
use crate::audit::{Audit, ByChance, Chance, Finding, RowRef};
use crate::hint::Hint;
use crate::pipeline::FileTally;
use crate::report::{OpenPoint, Report};

/// What an audit found, what it did not look at, and how much of it chance makes.
///
/// `G` are the groups, as in a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(bound(deserialize = "G: serde::de::DeserializeOwned")))]
#[non_exhaustive]
pub struct AuditDocument<G = Vec<GroupDocument>> {
    /// Shape and its version: [`AuditDocument::SCHEMA`].
    pub schema: String,
    /// Groups, their total and the prices: members of the document itself.
    #[cfg_attr(feature = "serde", serde(flatten, deserialize_with = "sums::members"))]
    pub sums: SumsDocument<G>,
    /// Findings, sorted by code and message.
    pub findings: Vec<FindingDocument>,
    /// What was not checked.
    pub not_checked: Vec<NotCheckedDocument>,
    /// How many findings chance makes, by check, where that was measured.
    pub expected_by_chance: Vec<ByChanceDocument>,
    /// The comparison with a baseline; left out where there is none.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub statistics: Option<StatisticsDocument>,
    /// The comparison with a bill; left out where there is none.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub bill: Option<BillDocument>,
}

/// A difference that needs explaining.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FindingDocument {
    /// Stable code.
    pub code: String,
    /// `unpriced`, `impossible` …: what kind it is of.
    pub class: String,
    /// `error`, `warning` or `note`.
    pub severity: String,
    /// What was compared, with figures.
    pub message: String,
    /// What to do about it, if anything.
    pub hint: Option<String>,
    /// How many records.
    pub records: u64,
    /// Their tokens, input and output, as reported.
    pub tokens: String,
    /// What they were charged, at least, by currency.
    pub at_stake: BTreeMap<String, String>,
    /// True when that is an estimate of what was charged too much.
    pub at_stake_is_estimate: bool,
    /// What chance has to do with it; only for what is unusual.
    pub chance: Option<ChanceDocument>,
    /// The first of the records.
    pub rows: Vec<RowDocument>,
}

/// A row of an input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RowDocument {
    /// The input's name.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: u64,
    /// Its own figures, where rows of one finding differ; left out otherwise.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub figures: Option<String>,
}

/// What chance has to do with a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ChanceDocument {
    /// How likely such rows are without a cause, rounded up.
    pub p: String,
    /// The same as an exact fraction, where it is one.
    pub p_exact: Option<String>,
    /// How many such findings chance makes in this audit: at most this, on average.
    pub expected: String,
}

/// What was not checked, and of how many records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct NotCheckedDocument {
    /// The check and why it did not look.
    pub what: String,
    /// How many records.
    pub records: u64,
}

/// How many findings of a check chance makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ByChanceDocument {
    /// The check's code.
    pub code: String,
    /// Records that it looked at.
    pub records: u64,
    /// Records that it found.
    pub found: u64,
    /// How many of these to expect without a cause.
    pub expected: String,
    /// True when that is an upper bound: no false alarm is on record.
    pub expected_is_bound: bool,
    /// What that rests on.
    pub recorded: RecordedDocument,
}

/// How often a check was wrong on recorded data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RecordedDocument {
    /// Findings on data that is what it says, as far as anybody knows.
    pub false_alarms: u64,
    /// Records that it looked at.
    pub records: u64,
}

impl AuditDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-audit/1";

    /// An audit of the inputs of a report; `past` are those of its baseline.
    #[must_use]
    pub fn new(report: &Report, audit: &Audit, files: &[FileTally], past: &[FileTally]) -> Self {
        Self::of(report, WrittenGroups::of(report).iter().collect(), audit, [files, past])
    }
}

impl<'r> AuditDocument<WrittenGroups<'r>> {
    /// The same, of which each group is made when it is written.
    #[must_use]
    pub fn written(
        report: &'r Report,
        audit: &Audit,
        files: &[FileTally],
        past: &[FileTally],
    ) -> Self {
        Self::of(report, WrittenGroups::of(report), audit, [files, past])
    }
}

impl<G> AuditDocument<G> {
    fn of(report: &Report, groups: G, audit: &Audit, [files, past]: [&[FileTally]; 2]) -> Self {
        let not_checked = audit.not_checked.iter();
        let statistics = audit.statistics.as_ref();
        Self {
            schema: AuditDocument::SCHEMA.to_owned(),
            sums: SumsDocument {
                notes: notes(report, has_no_finding, &Hint::to_string),
                files: FileDocument::all(files),
                ..SumsDocument::of(report, groups)
            },
            findings: audit.findings.iter().map(|f| FindingDocument::new(f, files)).collect(),
            not_checked: not_checked
                .map(|(what, records)| NotCheckedDocument { what: what.clone(), records: *records })
                .collect(),
            expected_by_chance: audit
                .by_chance
                .iter()
                .map(|check| ByChanceDocument::new(check, audit))
                .collect(),
            statistics: statistics
                .map(|of| StatisticsDocument::new(of, FileDocument::all(past), files)),
            bill: None,
        }
    }

    /// The same with hints in the words of whoever shows them, such as [`Hint::named`] with the options of
    /// a program.
    #[must_use]
    pub fn with_hints(
        mut self,
        report: &Report,
        audit: &Audit,
        words: &dyn Fn(&Hint) -> String,
    ) -> Self {
        self.sums.notes = notes(report, has_no_finding, words);
        for (document, finding) in self.findings.iter_mut().zip(&audit.findings) {
            document.hint = finding.hint.as_ref().map(words);
        }
        self
    }

    /// The same with a comparison, which belongs to the answer in one line.
    #[must_use]
    pub fn with_bill(mut self, bill: BillDocument) -> Self {
        if !bill.headline.is_empty() {
            self.sums.headline = format!("{} · {}", self.sums.headline, bill.headline);
        }
        self.bill = Some(bill);
        self
    }
}

/// True for what findings do not name: they name the records that were not charged.
fn has_no_finding(point: &OpenPoint) -> bool {
    !point.is_not_charged
}

impl FindingDocument {
    /// A finding in these inputs.
    #[must_use]
    pub fn new(finding: &Finding, files: &[FileTally]) -> Self {
        let rows = finding.rows.iter().enumerate().map(|(at, row)| RowDocument {
            figures: finding.figures.get(at).cloned(),
            ..RowDocument::new(*row, files)
        });
        Self {
            code: finding.code.name().to_owned(),
            class: finding.code.class().name().to_owned(),
            severity: finding.code.rule().severity.name().to_owned(),
            message: finding.message.clone(),
            hint: finding.hint.as_ref().map(Hint::to_string),
            records: finding.records,
            tokens: finding.tokens.to_string(),
            at_stake: by_currency(&finding.at_stake),
            at_stake_is_estimate: finding.stake_is_estimate(),
            chance: finding.chance.as_ref().map(ChanceDocument::from),
            rows: rows.collect(),
        }
    }
}

impl RowDocument {
    /// A row of one of these inputs.
    #[must_use]
    pub fn new(row: RowRef, files: &[FileTally]) -> Self {
        let file = files.get(row.file).map(|file| file.name.clone());
        Self { file, line: row.line, figures: None }
    }
}

impl From<&Chance> for ChanceDocument {
    fn from(chance: &Chance) -> Self {
        Self {
            p: chance.p.to_string(),
            p_exact: chance.p_exact.map(|p| p.to_string()),
            expected: chance.expected.to_string(),
        }
    }
}

impl ByChanceDocument {
    fn new(check: &ByChance, audit: &Audit) -> Self {
        Self {
            code: check.code.name().to_owned(),
            records: check.looked_at,
            found: audit.found(check.code),
            expected: check.expected().to_string(),
            expected_is_bound: check.is_bound(),
            recorded: RecordedDocument {
                false_alarms: check.false_alarms,
                records: check.recorded,
            },
        }
    }
}
