//! What batch files will need and cost, and requests at every provider.

use super::{
    BudgetHeldDocument, CapDocument, CardDocument, CostDocument, RequestFindingDocument,
    TokensDocument,
};
use crate::estimate::RequestFinding;

/// What a batch file will need and cost: what `estimate` answers for one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EstimateBatchDocument {
    /// Shape and its version: [`EstimateBatchDocument::SCHEMA`].
    pub schema: String,
    /// The answer in one line, in two digits, for people; none where a level has no cost.
    pub headline: Option<String>,
    /// What the answer rests on, for people.
    pub notes: Vec<String>,
    /// What the file is called.
    pub file: String,
    /// Lines that are not blank.
    pub lines: u64,
    /// Lines that cannot be read.
    pub rejected: u64,
    /// Lines whose id another line had before.
    pub duplicate_ids: u64,
    /// The requests to each model.
    pub models: Vec<EstimateModelDocument>,
    /// All of them together: each end is the sum of theirs.
    pub total: Vec<TotalLevelDocument>,
    /// What is assumed.
    pub assumptions: Vec<String>,
    /// What the provider would refuse, and warnings.
    pub findings: Vec<RequestFindingDocument>,
    /// Whether a budget holds; none without one.
    pub budget: Option<BudgetHeldDocument>,
}

/// The requests of a batch file to one model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EstimateModelDocument {
    /// The model.
    pub model: String,
    /// How many requests.
    pub requests: u64,
    /// Their prompt tokens together.
    pub prompt: TokensDocument,
    /// Their levels.
    pub levels: Vec<TotalLevelDocument>,
    /// What the numbers rest on.
    pub basis: String,
    /// Where the prices come from.
    pub price: CardDocument,
    /// How long sending takes in a rate limit tier; empty where that was not asked.
    pub plan: Vec<String>,
}

/// A level of a total.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TotalLevelDocument {
    /// `5 %`, `50 %`, `mean`, `95 %` or `cap`.
    pub level: String,
    /// `exact`, `estimate`, `cap` or `unknown`.
    pub kind: String,
    /// Output tokens; none when not known.
    pub output: Option<String>,
    /// What prompts and output cost.
    pub cost: CostDocument,
}

/// The same requests to models at every provider, cheapest first: what `estimate --compare` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EstimateCompareDocument {
    /// Shape and its version: [`EstimateCompareDocument::SCHEMA`].
    pub schema: String,
    /// The answer in one line, for people; none where no offer has a price.
    pub headline: Option<String>,
    /// What the answer rests on, for people.
    pub notes: Vec<String>,
    /// The models that were asked for.
    pub models: Vec<String>,
    /// One for each model and provider.
    pub offers: Vec<EstimateOfferDocument>,
    /// What a provider would refuse, and warnings.
    pub findings: Vec<RequestFindingDocument>,
}

/// The estimate of one model at one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EstimateOfferDocument {
    /// Who would send the bill.
    pub provider: String,
    /// Model id as the book lists it.
    pub model: String,
    /// How many requests.
    pub requests: u64,
    /// Prompt tokens of all of them, taken to be alike at every provider of a model.
    pub prompt: TokensDocument,
    /// Of one request `p50`, `p90`, `p99` and `mean`; of many `5 %`, `50 %`, `mean` and `95 %` of their sum.
    pub levels: Vec<OfferLevelDocument>,
    /// The most that can be billed.
    pub cap: CapDocument,
    /// What the numbers rest on.
    pub basis: String,
}

/// A level of an estimate at one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OfferLevelDocument {
    /// `p50`, `p90`, `p99` or `mean`; of many requests `5 %`, `50 %`, `mean` or `95 %`.
    pub level: String,
    /// `estimate`.
    pub kind: String,
    /// What prompt and output cost.
    pub cost: CostDocument,
}

impl EstimateBatchDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-estimate-batch/1";

    /// The requests of a batch file of so many lines, without words for people and a budget.
    #[must_use]
    pub fn new(
        file: &str,
        [lines, rejected, duplicate_ids]: [u64; 3],
        models: Vec<EstimateModelDocument>,
        total: Vec<TotalLevelDocument>,
    ) -> Self {
        Self {
            schema: Self::SCHEMA.to_owned(),
            file: file.to_owned(),
            lines,
            rejected,
            duplicate_ids,
            models,
            total,
            ..Self::default()
        }
    }
}

impl EstimateModelDocument {
    /// So many requests to a model.
    #[must_use]
    pub fn new(
        model: &str,
        requests: u64,
        prompt: TokensDocument,
        levels: Vec<TotalLevelDocument>,
        basis: &str,
        price: CardDocument,
        plan: &[String],
    ) -> Self {
        Self {
            model: model.to_owned(),
            requests,
            prompt,
            levels,
            basis: basis.to_owned(),
            price,
            plan: plan.to_vec(),
        }
    }
}

impl TotalLevelDocument {
    /// A level of a total.
    #[must_use]
    pub fn new(level: &str, kind: &str, output: Option<u128>, cost: CostDocument) -> Self {
        Self {
            level: level.to_owned(),
            kind: kind.to_owned(),
            output: output.map(|tokens| tokens.to_string()),
            cost,
        }
    }
}

impl EstimateCompareDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-estimate-compare/1";

    /// Requests to these models, without words for people.
    #[must_use]
    pub fn new(
        models: Vec<String>,
        offers: Vec<EstimateOfferDocument>,
        findings: &[RequestFinding],
    ) -> Self {
        Self {
            schema: Self::SCHEMA.to_owned(),
            headline: None,
            notes: Vec::new(),
            models,
            offers,
            findings: findings.iter().map(RequestFindingDocument::from).collect(),
        }
    }
}

impl EstimateOfferDocument {
    /// Levels with their costs, and the cap, of a model at a provider.
    #[must_use]
    pub fn new<'l>(
        provider: &str,
        model: &str,
        (requests, prompt): (u64, TokensDocument),
        levels: impl IntoIterator<Item = (&'l str, CostDocument)>,
        cap: CapDocument,
        basis: String,
    ) -> Self {
        let levels = levels.into_iter().map(|(level, cost)| OfferLevelDocument {
            level: level.to_owned(),
            kind: "estimate".to_owned(),
            cost,
        });
        let (provider, model) = (provider.to_owned(), model.to_owned());
        Self { provider, model, requests, prompt, levels: levels.collect(), cap, basis }
    }
}
