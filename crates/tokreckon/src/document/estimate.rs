//! What requests will need and cost, before they are sent.

use super::{AmountDocument, TokensDocument, codes};
use crate::estimate::{Cost, RequestFinding, Sending};
use crate::grade::Doubt;
use crate::price::RateCard;
use crate::reasoning::{Estimate, HardCap, Kind, TokenAmount};
use crate::request::Tokens;

/// What a request will need and cost: what `estimate` answers for one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EstimateDocument {
    /// Shape and its version: [`EstimateDocument::SCHEMA`].
    pub schema: String,
    /// The answer in one line, in two digits, for people; none where a level has no cost.
    pub headline: Option<String>,
    /// What the answer rests on, for people.
    pub notes: Vec<String>,
    /// Who would send the bill.
    pub provider: String,
    /// The model.
    pub model: String,
    /// Effort of reasoning, as asked for.
    pub effort: Option<String>,
    /// The label of own requests of the kind.
    pub label: Option<String>,
    /// Kind of work.
    pub kind: Option<String>,
    /// Whether the model will think; none when not known.
    pub thinking: Option<bool>,
    /// Answers that are asked for.
    pub choices: u32,
    /// Prompt tokens.
    pub prompt: TokensDocument,
    /// `p50`, `p90`, `p99` and `mean`.
    pub levels: Vec<LevelDocument>,
    /// The most that can be billed.
    pub cap: CapDocument,
    /// Chance that an answer reaches the cap, in thousandths, rounded up; none when not known.
    pub cap_reached_per_mille: Option<u16>,
    /// How sources differ about the largest output; none where they do not.
    pub largest_output_disputed: Option<String>,
    /// What of the request has no effect.
    pub not_used: Vec<String>,
    /// What the numbers rest on.
    pub basis: String,
    /// How often such numbers held.
    pub coverage: String,
    /// What is assumed.
    pub assumptions: Vec<String>,
    /// What the provider would refuse, and warnings.
    pub findings: Vec<RequestFindingDocument>,
    /// Where the prices come from.
    pub price: CardDocument,
    /// How long sending takes in a rate limit tier; none where that was not asked.
    pub plan: Option<Vec<String>>,
    /// Whether a budget holds; none without one.
    pub budget: Option<BudgetHeldDocument>,
}

/// A level of an estimate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct LevelDocument {
    /// `p50`, `p90`, `p99` or `mean`.
    pub level: String,
    /// Billed output that is not visible.
    pub hidden: OutputTokensDocument,
    /// Visible answer.
    pub visible: OutputTokensDocument,
    /// All billed output: its own level, not the sum of both.
    pub output: OutputTokensDocument,
    /// What prompt and output cost.
    pub cost: CostDocument,
}

/// Output tokens and what kind of number they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OutputTokensDocument {
    /// How many; none when not known.
    pub tokens: Option<u64>,
    /// `exact`, `estimate`, `cap`, `assumption` or `unknown`.
    pub kind: String,
    /// Which share of recorded requests stayed at or below it; none where not measured.
    pub held: Option<HeldShareDocument>,
}

/// Which share of requests stayed at or below a quantile, in thousandths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct HeldShareDocument {
    /// One model in ten does worse.
    pub low_per_mille: u16,
    /// On average over models.
    pub mean_per_mille: u16,
    /// One model in ten does better.
    pub high_per_mille: u16,
}

/// The most that can be billed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CapDocument {
    /// The most output.
    pub output: CapTokensDocument,
    /// What prompt and output cost then.
    pub cost: CostDocument,
}

/// The most output tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CapTokensDocument {
    /// How many; none without a limit that is known.
    pub tokens: Option<u64>,
    /// `cap` or `unknown`.
    pub kind: String,
    /// Which limit binds.
    pub limit: Option<String>,
}

/// A cost before sending, or why it is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CostDocument {
    /// ISO 4217 code, or a seller's own credits; none without a cost.
    pub currency: Option<String>,
    /// The one number for these tokens, if it is one.
    pub amount: Option<String>,
    /// Lower bound.
    pub low: Option<String>,
    /// Upper bound; none where a count or a price is not known.
    pub high: Option<String>,
    /// Codes of what makes the price a range; see [`Doubt::code`].
    pub price_doubts: Vec<String>,
    /// Why there is no cost.
    pub unknown_because: Option<String>,
}

/// What a provider would refuse, or a warning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RequestFindingDocument {
    /// Stable code.
    pub code: String,
    /// True when the provider refuses the request.
    pub refused: bool,
    /// What, with the figures.
    pub says: String,
}

/// A rate card and the sources of its prices, or why there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CardDocument {
    /// Model id as the book lists it.
    pub model: Option<String>,
    /// Who sends the bill.
    pub provider: Option<String>,
    /// Sources of the prices.
    pub sources: Vec<CardSourceDocument>,
    /// Why there is no card.
    pub unknown_because: Option<String>,
}

/// The source of a price.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CardSourceDocument {
    /// What it is a price of.
    pub meters: String,
    /// Its period, standing, source and notes.
    pub says: String,
}

/// Whether a budget holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BudgetHeldDocument {
    /// True when the cost is known to be within it.
    pub held: bool,
    /// At which level, with the figures.
    pub says: String,
}

impl EstimateDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-estimate/2";

    /// An estimate at a provider, without words for people, a plan and a budget.
    #[must_use]
    pub fn new(
        provider: &str,
        model: &str,
        sending: &Sending,
        prompt: Tokens,
        estimate: &Estimate,
        (levels, cap): (Vec<LevelDocument>, CapDocument),
    ) -> Self {
        Self {
            schema: Self::SCHEMA.to_owned(),
            headline: None,
            notes: Vec::new(),
            provider: provider.to_owned(),
            model: model.to_owned(),
            effort: sending.effort.clone(),
            label: sending.label.clone(),
            kind: sending.work.map(|work| work.word().to_owned()),
            thinking: estimate.thinking,
            choices: sending.choices,
            prompt: prompt.into(),
            levels,
            cap,
            cap_reached_per_mille: estimate.cap_reached_per_mille,
            largest_output_disputed: None,
            not_used: estimate.notes.clone(),
            basis: estimate.basis.to_string(),
            coverage: estimate.basis.coverage(),
            assumptions: Vec::new(),
            findings: Vec::new(),
            price: CardDocument::default(),
            plan: None,
            budget: None,
        }
    }
}

impl LevelDocument {
    /// A level: hidden, visible and all output, and what it costs.
    #[must_use]
    pub fn new(
        level: &str,
        [hidden, visible, output]: [Option<TokenAmount>; 3],
        cost: CostDocument,
    ) -> Self {
        Self {
            level: level.to_owned(),
            hidden: hidden.into(),
            visible: visible.into(),
            output: output.into(),
            cost,
        }
    }
}

impl From<Option<TokenAmount>> for OutputTokensDocument {
    fn from(amount: Option<TokenAmount>) -> Self {
        let (kind, held) = match amount.map(|amount| amount.kind) {
            None => ("unknown", None),
            Some(Kind::Exact) => ("exact", None),
            Some(Kind::Estimate(held)) => ("estimate", held),
            Some(Kind::Cap) => ("cap", None),
            Some(Kind::Assumption) => ("assumption", None),
        };
        Self {
            tokens: amount.map(|amount| amount.tokens),
            kind: kind.to_owned(),
            held: held.map(|held| HeldShareDocument {
                low_per_mille: held.low,
                mean_per_mille: held.mean,
                high_per_mille: held.high,
            }),
        }
    }
}

impl CapDocument {
    /// The most output and what it costs.
    #[must_use]
    pub fn new(cap: Option<HardCap>, cost: CostDocument) -> Self {
        let output = CapTokensDocument {
            tokens: cap.map(|cap| cap.tokens),
            kind: if cap.is_some() { "cap" } else { "unknown" }.to_owned(),
            limit: cap.map(|cap| cap.limit.to_string()),
        };
        Self { output, cost }
    }

    /// The most output of many requests together, each at its limit, and what it costs.
    #[must_use]
    pub fn of_many(tokens: Option<u128>, cost: CostDocument) -> Self {
        let tokens = tokens.and_then(|tokens| u64::try_from(tokens).ok());
        let kind = if tokens.is_some() { "cap" } else { "unknown" }.to_owned();
        let limit = tokens.map(|_| "every answer at its limit".to_owned());
        Self { output: CapTokensDocument { tokens, kind, limit }, cost }
    }
}

impl From<&Result<Cost, String>> for CostDocument {
    fn from(cost: &Result<Cost, String>) -> Self {
        match cost {
            Ok(cost) => {
                let AmountDocument { currency, amount, low, high } =
                    AmountDocument::new(cost.currency, &cost.bounds);
                Self {
                    currency: Some(currency),
                    amount,
                    low: Some(low),
                    high,
                    price_doubts: codes(cost.doubts.iter(), Doubt::code),
                    unknown_because: None,
                }
            }
            Err(reason) => Self { unknown_because: Some(reason.clone()), ..Self::default() },
        }
    }
}

impl From<&RequestFinding> for RequestFindingDocument {
    fn from(finding: &RequestFinding) -> Self {
        Self { code: finding.code.to_owned(), refused: finding.refused, says: finding.says.clone() }
    }
}

impl CardDocument {
    /// A card, and of what prices which source says what; or why there is no card.
    #[must_use]
    pub fn new(card: Result<&RateCard<'_>, &String>, sources: Vec<(String, String)>) -> Self {
        let sources = sources.into_iter().map(|(meters, says)| CardSourceDocument { meters, says });
        Self {
            model: card.ok().map(|card| card.model.to_owned()),
            provider: card.ok().map(|card| card.provider.to_owned()),
            sources: sources.collect(),
            unknown_because: card.err().cloned(),
        }
    }
}

impl From<&(bool, String)> for BudgetHeldDocument {
    fn from((held, says): &(bool, String)) -> Self {
        Self { held: *held, says: says.clone() }
    }
}
