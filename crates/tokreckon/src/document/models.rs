//! What is known about models besides their prices.

use std::collections::BTreeMap;

use tokreckon_data::table::{ModelFacts, RateLimit, Statement, Tables};

use crate::book::{Found, PriceBook};

/// Everybody whose models the book knows: what `models` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ProvidersDocument {
    /// Shape and its version: [`ProvidersDocument::SCHEMA`].
    pub schema: String,
    /// Their ids, sorted.
    pub providers: Vec<String>,
}

/// The models of a provider: what `models PROVIDER` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ModelsDocument {
    /// Shape and its version: [`ModelsDocument::SCHEMA`].
    pub schema: String,
    /// Who sells them.
    pub provider: String,
    /// Their ids, sorted.
    pub models: Vec<String>,
}

/// A model: what `models MODEL` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ModelDocument {
    /// Shape and its version: [`ModelDocument::SCHEMA`].
    pub schema: String,
    /// Whose facts these are.
    pub provider: String,
    /// Model id as the book lists it.
    pub model: String,
    /// Facts by name; what is not known is left out.
    pub facts: BTreeMap<String, String>,
    /// Limits by rate limit tier.
    pub rate_limits: Vec<RateLimitDocument>,
    /// What pages say about it.
    pub stated: Vec<StatementDocument>,
    /// Everybody who sells it.
    pub sold_by: Vec<String>,
}

/// The limits of one rate limit tier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RateLimitDocument {
    /// `free`, `1` … `5`.
    pub tier: String,
    /// True when the tier may use the model.
    pub supported: bool,
    /// Requests per minute; none where not stated.
    pub requests_per_minute: Option<u64>,
    /// Tokens per minute; none where not stated.
    pub tokens_per_minute: Option<u64>,
    /// Prompt tokens that may wait in batches; none where not stated.
    pub batch_queue_tokens: Option<u64>,
    /// Where it is said.
    pub source: String,
}

/// What a page says about a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct StatementDocument {
    /// Dotted name such as `parameter.max_tokens.default`.
    pub fact: String,
    /// Value; empty when the page gives none.
    pub value: String,
    /// Unit; empty for none.
    pub unit: String,
    /// `stated`, `supported`, `not-supported`, `not-sourced`, `absent` …
    pub state: String,
    /// Where it is said.
    pub source: String,
    /// Reading help.
    pub note: String,
}

impl ProvidersDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-providers/1";
}

impl From<&PriceBook<'_>> for ProvidersDocument {
    fn from(book: &PriceBook<'_>) -> Self {
        let providers = book.providers().into_iter().map(str::to_owned).collect();
        Self { schema: Self::SCHEMA.to_owned(), providers }
    }
}

impl ModelsDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-models/1";

    /// The models of a provider.
    #[must_use]
    pub fn new(book: &PriceBook<'_>, provider: &str) -> Self {
        Self {
            schema: Self::SCHEMA.to_owned(),
            provider: provider.to_owned(),
            models: book.models(provider).into_iter().map(str::to_owned).collect(),
        }
    }
}

impl ModelDocument {
    /// Name and version of its shape.
    pub const SCHEMA: &str = "tokreckon-model/1";

    /// What a book knows about a model that it was asked for by this id.
    #[must_use]
    pub fn new(book: &PriceBook<'_>, found: &Found<'_>, id: &str) -> Self {
        let (provider, model) = (found.provider, found.model);
        let facts = book.facts(provider, id).map(|(tables, facts)| known_facts(tables, facts));
        let facts = facts.unwrap_or_default().into_iter();
        let stated = book.statements(provider, id).into_iter();
        let limits = book.rate_limits(provider, model).into_iter();
        Self {
            schema: Self::SCHEMA.to_owned(),
            provider: provider.to_owned(),
            model: model.to_owned(),
            facts: facts.map(|(name, value)| (name.to_owned(), value)).collect(),
            rate_limits: limits.map(|(tables, limit)| rate_limit(tables, limit)).collect(),
            stated: stated.map(|(tables, said)| statement(tables, said)).collect(),
            sold_by: book.sellers(id).into_iter().map(|(seller, _)| seller.to_owned()).collect(),
        }
    }

    /// The facts by importance.
    pub fn facts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        FACTS.into_iter().filter_map(|name| Some((name, self.facts.get(name)?.as_str())))
    }
}

/// Names of the facts, by importance.
const FACTS: [&str; 20] = [
    "mode",
    "context window",
    "max input tokens",
    "max output tokens",
    "reasoning",
    "tokenizer",
    "tokenizer basis",
    "modalities in",
    "modalities out",
    "endpoints",
    "features",
    "not supported",
    "snapshots",
    "released",
    "knowledge cutoff",
    "retired",
    "status",
    "open weights",
    "source",
    "sources differ",
];

/// Facts with a value, in the order of [`FACTS`].
fn known_facts(tables: &Tables, facts: &ModelFacts) -> Vec<(&'static str, String)> {
    let text = |piece| tables.str(piece).to_owned();
    let count = |count: u64| if count > 0 { count.to_string() } else { String::new() };
    let flag = |flag: Option<bool>| {
        flag.map_or(String::new(), |flag| if flag { "yes" } else { "no" }.to_owned())
    };
    let values = [
        text(facts.mode),
        count(facts.context_window),
        count(facts.max_input_tokens),
        count(facts.max_output_tokens),
        flag(facts.reasoning),
        text(facts.tokenizer),
        text(facts.tokenizer_basis),
        text(facts.modalities_in),
        text(facts.modalities_out),
        text(facts.endpoints),
        text(facts.features),
        text(facts.features_not_supported),
        text(facts.snapshots),
        text(facts.released),
        text(facts.knowledge_cutoff),
        text(facts.retired),
        text(facts.status),
        flag(facts.open_weights),
        text(facts.source),
        text(facts.disagreements),
    ];
    FACTS.into_iter().zip(values).filter(|(_, value)| !value.is_empty()).collect()
}

fn rate_limit(tables: &Tables, limit: &RateLimit) -> RateLimitDocument {
    let stated = |count: u64| (count > 0).then_some(count);
    RateLimitDocument {
        tier: tables.str(limit.tier).to_owned(),
        supported: limit.supported,
        requests_per_minute: stated(limit.requests_per_minute),
        tokens_per_minute: stated(limit.tokens_per_minute),
        batch_queue_tokens: stated(limit.batch_queue_tokens),
        source: tables.str(limit.source).to_owned(),
    }
}

fn statement(tables: &Tables, said: &Statement) -> StatementDocument {
    let text = |piece| tables.str(piece).to_owned();
    StatementDocument {
        fact: text(said.fact),
        value: text(said.value),
        unit: text(said.unit),
        state: text(said.state),
        source: text(said.source),
        note: text(said.note),
    }
}
