//! A bill and usage, compared.

use std::collections::BTreeMap;

use super::{AmountDocument, FileDocument};
use crate::money::Exact;
use crate::pipeline::FileTally;
use crate::reconcile::{Compared, GapPart, NotPriced, Reading, Reconciliation};

/// A bill and usage, compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BillDocument {
    /// What the bill comes to, in one line, for people.
    pub headline: String,
    /// The bill's inputs.
    pub files: Vec<FileDocument>,
    /// What was compared by: the coarsest keys that both have.
    pub compared_by: Vec<String>,
    /// What could not be compared by.
    pub not_compared_by: Vec<NotComparedDocument>,
    /// Sums by currency.
    pub sums: Vec<BillSumsDocument>,
    /// How many comparisons came to what.
    pub verdicts: BTreeMap<String, u64>,
    /// Every comparison, the largest gap first.
    pub comparisons: Vec<ComparisonDocument>,
    /// Lines of the bill that name neither a model nor a fee that is known, with their rows.
    pub unknown_line_items: BTreeMap<String, u64>,
    /// Rows of the bill without an amount.
    pub rows_without_amount: u64,
    /// Gaps that were too large a puzzle to try pairs of causes on.
    pub not_tried_in_pairs: u64,
    /// Rows of the usage that were rejected: what they cost is in no sum.
    pub rejected_rows: u64,
}

/// What could not be compared by, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct NotComparedDocument {
    /// The key.
    pub key: String,
    /// Why.
    pub reason: String,
}

/// Sums in one currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BillSumsDocument {
    /// ISO 4217 code, or a seller's own credits.
    pub currency: String,
    /// What was billed.
    pub billed: String,
    /// What the usage costs.
    pub computed: AmountDocument,
    /// The sum of the gaps, each from what is computed nearest to the bill.
    pub gap: String,
    /// Billed minus the most that is computed; none where that has no upper end.
    pub gap_low: Option<String>,
    /// Billed minus the least that is computed.
    pub gap_high: String,
    /// What it is made of.
    pub causes: Vec<CauseSumDocument>,
}

/// What one cause comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CauseSumDocument {
    /// Stable code.
    pub cause: String,
    /// The sum of its parts.
    pub amount: String,
    /// Comparisons that it is a part of.
    pub comparisons: u64,
}

/// Bill and usage under one combination of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ComparisonDocument {
    /// Label by key.
    pub labels: BTreeMap<String, String>,
    /// The bill's text of a line that is compared with nothing; empty otherwise.
    pub line_item: String,
    /// Currency of every amount here.
    pub currency: String,
    /// What was billed; none without a row.
    pub billed: Option<String>,
    /// Rows of the bill.
    pub bill_rows: u64,
    /// What the usage costs; none without usage.
    pub computed: Option<AmountDocument>,
    /// Records of usage.
    pub records: u64,
    /// Both sides by kind of token.
    pub kinds: Vec<KindSumsDocument>,
    /// Billed minus what is computed nearest to it; where a part of the usage has no price, minus
    /// what the others cost at least.
    pub gap: String,
    /// Billed minus the most that is computed; none where that has no upper end.
    pub gap_low: Option<String>,
    /// Billed minus the least that is computed.
    pub gap_high: String,
    /// Usage whose cost has no upper end.
    pub not_priced: Vec<NotPricedDocument>,
    /// What came of it.
    pub verdict: String,
    /// The gap by causes: they add up to it.
    pub parts: Vec<GapPartDocument>,
    /// Other explanations that fit as well.
    pub others: Vec<ExplanationDocument>,
}

/// Both sides of one kind of token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct KindSumsDocument {
    /// Kind of token.
    pub kind: String,
    /// What was billed for it; none without a row.
    pub billed: Option<String>,
    /// What the usage costs; none without usage.
    pub computed: Option<AmountDocument>,
}

/// Records of usage whose cost has no upper end, for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct NotPricedDocument {
    /// As the usage writes it; empty where it names none.
    pub model: String,
    /// Why they have no price, or none for everything.
    pub reason: String,
    /// How many records.
    pub records: u64,
    /// Their tokens, input and output, as reported.
    pub tokens: String,
}

/// A part of a gap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct GapPartDocument {
    /// Stable code of the cause.
    pub cause: String,
    /// How much; above zero when the bill is higher for it.
    pub amount: String,
    /// In words.
    pub what: String,
}

/// Another explanation that fits as well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ExplanationDocument {
    /// Stable codes of its causes.
    pub causes: Vec<String>,
    /// In words.
    pub what: String,
}

impl BillDocument {
    /// A comparison with the bill of these inputs.
    #[must_use]
    pub fn new(result: &Reconciliation, files: &[FileTally]) -> Self {
        let not_compared = result.not_compared.iter();
        let verdicts = result.verdicts().into_iter();
        Self {
            headline: result.headline(),
            files: FileDocument::all(files),
            compared_by: result.keys.iter().map(|key| key.name().to_owned()).collect(),
            not_compared_by: not_compared
                .map(|(key, why)| NotComparedDocument {
                    key: key.name().to_owned(),
                    reason: why.reason().to_owned(),
                })
                .collect(),
            sums: sums(result),
            verdicts: verdicts.map(|(of, cells)| (of.name().to_owned(), cells)).collect(),
            comparisons: result.cells.iter().map(ComparisonDocument::from).collect(),
            unknown_line_items: result.unknown_line_items.clone(),
            rows_without_amount: result.rows_without_amount,
            not_tried_in_pairs: result.not_tried_in_pairs,
            rejected_rows: result.rejected_rows,
        }
    }
}

fn sums(result: &Reconciliation) -> Vec<BillSumsDocument> {
    let causes = |wanted| {
        let of_currency =
            result.causes.iter().filter(move |((currency, _), _)| *currency == wanted);
        of_currency.map(|((_, cause), sum)| CauseSumDocument {
            cause: cause.name().to_owned(),
            amount: sum.amount.to_string(),
            comparisons: sum.cells,
        })
    };
    let sums = result.sums.iter().map(|(currency, sums)| BillSumsDocument {
        currency: currency.to_string(),
        billed: sums.billed.to_string(),
        computed: AmountDocument::new(*currency, &sums.computed),
        gap: sums.gap.to_string(),
        gap_low: sums.gap_low.map(|gap| gap.to_string()),
        gap_high: sums.gap_high.to_string(),
        causes: causes(*currency).collect(),
    });
    sums.collect()
}

impl From<&Compared> for ComparisonDocument {
    fn from(cell: &Compared) -> Self {
        let labels = cell.labels.iter();
        let text = |amount: Option<Exact>| amount.map(|amount| amount.to_string());
        let computed = |bounds| AmountDocument::new(cell.currency, &bounds);
        let kinds = cell.classes.iter().map(|sums| KindSumsDocument {
            kind: sums.class.name().to_owned(),
            billed: text(sums.billed),
            computed: sums.computed.map(computed),
        });
        Self {
            labels: labels.map(|(key, label)| (key.name().to_owned(), label.clone())).collect(),
            line_item: cell.line.clone(),
            currency: cell.currency.to_string(),
            billed: text(cell.billed),
            bill_rows: cell.bill_rows,
            computed: cell.computed.map(computed),
            records: cell.records,
            kinds: kinds.collect(),
            gap: cell.gap.to_string(),
            gap_low: text(cell.gap_low),
            gap_high: cell.gap_high.to_string(),
            not_priced: cell.not_priced.iter().map(NotPricedDocument::from).collect(),
            verdict: cell.verdict.name().to_owned(),
            parts: cell.parts.iter().map(GapPartDocument::from).collect(),
            others: cell.others.iter().map(ExplanationDocument::from).collect(),
        }
    }
}

impl From<&NotPriced> for NotPricedDocument {
    fn from(usage: &NotPriced) -> Self {
        Self {
            model: usage.model.clone(),
            reason: usage.reason.clone(),
            records: usage.records,
            tokens: usage.tokens.to_string(),
        }
    }
}

impl From<&GapPart> for GapPartDocument {
    fn from(part: &GapPart) -> Self {
        Self {
            cause: part.cause.name().to_owned(),
            amount: part.amount.to_string(),
            what: part.what.clone(),
        }
    }
}

impl From<&Reading> for ExplanationDocument {
    fn from(other: &Reading) -> Self {
        let causes = other.causes.iter().map(|cause| cause.name().to_owned());
        Self { causes: causes.collect(), what: other.what.clone() }
    }
}
