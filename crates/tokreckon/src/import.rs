//! Price tables of others, read into our own schema: exactly, and with a fate for every price.
//!
//! [`read_table`] takes the JSON that a project publishes and gives one price file per provider
//! ([`Imported::files`], written by [`PriceFile::text`]). Amounts are moved by decimal text
//! arithmetic from their unit to ours; the trace of a calculation with floats is repaired by one
//! rule and listed. A price that our schema cannot say, or that the table contradicts, is listed
//! as well: prices found = written + repeated + left out + in conflict.
//!
//! ```
//! use tokreckon::import::{ImportOptions, Source, read_table};
//!
//! let table = r#"{"gpt-mine": {"litellm_provider": "openai", "mode": "chat",
//!     "input_cost_per_token": 1.5000000000000002e-07, "output_cost_per_pixel": 1e-9}}"#;
//! let options = ImportOptions::new("model_prices.json", 20_778);
//! let imported = read_table(Source::LiteLlm, table.as_bytes(), &options)?;
//! let file = &imported.files[0];
//! assert!(file.text().contains("input = \"0.15\""));
//! assert_eq!(imported.repairs[0].from, "1.5000000000000002e-07");
//! assert_eq!(imported.left_out[0].field, "output_cost_per_pixel");
//! assert_eq!(imported.found, imported.written + imported.left_out.len() as u64);
//! # Ok::<(), tokreckon::import::ImportError>(())
//! ```

mod amount;
mod hours;
mod names;
mod collect;
mod files;
mod text;
mod repeated;
mod litellm;
mod litellm_fields;
mod genai_prices;
mod models_dev;
mod llm_prices;
mod model_prices;
mod cost_calculator;
mod portkey;
mod openrouter;
mod helicone;
mod products;
mod aws;
mod azure;
mod facts;

use serde_json::Value;
use tokreckon_data::schema::File;

use self::collect::Collector;
pub use self::facts::{FactsByModel, ListedFacts, facts};
pub(crate) use self::text::{amount_text, entry_text};
use crate::hint::{Hint, Setting};

/// Whose table it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Source {
    /// LiteLLM's `model_prices_and_context_window.json`: US dollars per token.
    LiteLlm,
    /// The `data.json` or `data_slim.json` of `genai-prices`: US dollars per million tokens.
    GenaiPrices,
    /// The `api.json` of models.dev: US dollars per million tokens.
    ModelsDev,
    /// The `current-v1.json` or `historical-v1.json` of llm-prices: US dollars per million tokens.
    LlmPrices,
    /// The `snapshot.json` of model-prices: US dollars per million tokens, dated.
    ModelPrices,
    /// A price file of openai-cost-calculator, such as `bedrock.json`: US dollars per million tokens.
    CostCalculator,
    /// A price file of Portkey's catalogue, named by its provider: US cents per token.
    Portkey,
    /// OpenRouter's list of models, `/api/v1/models`: US dollars per token.
    OpenRouter,
    /// Helicone's list, `/api/llm-costs`: US dollars per million tokens.
    Helicone,
    /// An offer file of AWS for Bedrock, of one region: US dollars per thousand or million tokens.
    Aws,
    /// A page of Azure's retail prices: US dollars per thousand or million tokens.
    Azure,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 11] = [
        Self::LiteLlm,
        Self::GenaiPrices,
        Self::ModelsDev,
        Self::LlmPrices,
        Self::ModelPrices,
        Self::CostCalculator,
        Self::Portkey,
        Self::OpenRouter,
        Self::Helicone,
        Self::Aws,
        Self::Azure,
    ];

    /// The name for `--from`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LiteLlm => "litellm",
            Self::GenaiPrices => "genai-prices",
            Self::ModelsDev => "models.dev",
            Self::LlmPrices => "llm-prices",
            Self::ModelPrices => "model-prices",
            Self::CostCalculator => "openai-cost-calculator",
            Self::Portkey => "portkey",
            Self::OpenRouter => "openrouter",
            Self::Helicone => "helicone",
            Self::Aws => "aws",
            Self::Azure => "azure",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }

    /// Whose table a document looks like.
    fn recognised(document: &Value) -> Option<Self> {
        let has = |value: &Value, key: &str| value.get(key).is_some();
        match document {
            Value::Array(providers) => {
                let first = providers.first()?;
                (has(first, "models") && has(first, "id")).then_some(Self::GenaiPrices)
            }
            Value::Object(fields) if llm_prices::entries(document).is_some() => {
                fields.keys().next().map(|_| Self::LlmPrices)
            }
            Value::Object(_) if model_prices::is_snapshot(document) => Some(Self::ModelPrices),
            Value::Object(_) if cost_calculator::is_file(document) => Some(Self::CostCalculator),
            Value::Object(_) if aws::is_offer(document) => Some(Self::Aws),
            Value::Object(_) if azure::items(document).is_some() => Some(Self::Azure),
            Value::Object(_) if openrouter::models(document).is_some() => Some(Self::OpenRouter),
            Value::Object(_) if helicone::rows(document).is_some() => Some(Self::Helicone),
            Value::Object(_) if portkey::is_catalogue(document) => Some(Self::Portkey),
            Value::Object(fields) if has(document, "providers") => {
                let inner = fields.get("providers")?;
                if inner.is_array() { Self::recognised(inner) } else { Some(Self::ModelsDev) }
            }
            Value::Object(fields) => fields.values().take(20).find_map(|entry| {
                let is_litellm = has(entry, "litellm_provider");
                let is_models_dev = entry.get("models").is_some_and(Value::is_object);
                match (is_litellm, is_models_dev) {
                    (true, _) => Some(Self::LiteLlm),
                    (_, true) => Some(Self::ModelsDev),
                    _ => None,
                }
            }),
            _ => None,
        }
    }
}

/// What the caller knows about a table.
#[derive(Clone, Copy, Debug)]
pub struct ImportOptions<'o> {
    /// Name of the file, for the source of every price.
    pub file: &'o str,
    /// Day on which the table was seen to hold its prices: days since 1970-01-01.
    pub seen_day: i32,
    /// Commit or version of the table, where the caller knows it.
    pub commit: Option<&'o str>,
    /// Day since which prices without a date hold; not known when `None`.
    pub since_day: Option<i32>,
    /// Takes an amount of 0 for a price of nothing. Tables write 0 as well for what they do not
    /// know, so it is left out otherwise.
    pub zero_is_free: bool,
    /// The only providers to take, by our ids; all when empty.
    pub providers: &'o [String],
}

impl<'o> ImportOptions<'o> {
    /// A table of which the file name and the day are known.
    #[must_use]
    pub const fn new(file: &'o str, seen_day: i32) -> Self {
        Self { file, seen_day, commit: None, since_day: None, zero_is_free: false, providers: &[] }
    }
}

/// A table read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Imported {
    /// One price file per provider, by id.
    pub files: Vec<PriceFile>,
    /// Prices in the table.
    pub found: u64,
    /// Of these, prices in the files.
    pub written: u64,
    /// Further prices in the files: what a price tier does not give again costs there what it
    /// costs below.
    pub filled: u64,
    /// Prices that the table holds once more, with the same amount.
    pub repeated: u64,
    /// Prices of providers that were not asked for.
    pub not_asked: u64,
    /// Numbers that were the trace of a calculation with floats.
    pub repairs: Vec<Repair>,
    /// Prices and ids that the files do not hold, and why. Each price is one entry.
    pub left_out: Vec<LeftOut>,
    /// Prices that contradict another one of the same table.
    pub conflicts: Vec<Conflict>,
    /// Ids by a pattern (`starts with`, `contains`): ours match by rules or not at all.
    pub patterns: Vec<LeftOut>,
    /// Keys that an object of the document has twice: JSON keeps the last one.
    pub repeated_keys: Vec<String>,
}

/// The prices of one provider as a file of our schema.
#[derive(Clone, Debug)]
pub struct PriceFile {
    /// What it says.
    pub file: File,
    /// Where it comes from and what it does not say: comment lines without their `#`.
    pub remarks: Vec<String>,
}

impl PriceFile {
    /// The text of the file, which `schema::read` reads without a mistake.
    #[must_use]
    pub fn text(&self) -> String {
        text::text(&self.file, &self.remarks)
    }

    /// How many unit prices it holds.
    #[must_use]
    pub fn prices(&self) -> u64 {
        self.file.prices.iter().map(|entry| entry.prices.len() as u64).sum()
    }
}

/// A number that was the trace of a calculation with floats.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repair {
    /// Our id of the provider.
    pub provider: String,
    /// Model id as in the table.
    pub model: String,
    /// Where it stands.
    pub field: String,
    /// As written.
    pub from: String,
    /// What was meant, in the same unit.
    pub to: String,
}

/// A price that the files do not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// Our id of the provider.
    pub provider: String,
    /// Model id as in the table.
    pub model: String,
    /// Where it stands.
    pub field: String,
    /// As written, shortened.
    pub value: String,
    /// Why.
    pub why: Why,
}

/// Why a price is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Why {
    /// None of our meters counts it.
    NoMeter,
    /// It holds under a condition that the schema cannot say.
    Condition,
    /// Zero: free, or not known.
    Zero,
    /// Below zero.
    Negative,
    /// Not a number.
    NotANumber,
    /// More digits than a price file keeps.
    TooLong,
    /// A factor on other prices.
    Factor,
    /// Its provider or model has no usable name.
    NoName,
    /// An id that is matched by a pattern.
    Pattern,
}

impl Why {
    /// The reason in a few words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoMeter => "no meter counts it",
            Self::Condition => "under a condition that a price file cannot say",
            Self::Zero => "zero: free, or not known",
            Self::Negative => "below zero",
            Self::NotANumber => "not a number",
            Self::TooLong => "more than 18 digits",
            Self::Factor => "a factor on other prices",
            Self::NoName => "without a usable id",
            Self::Pattern => "ids by a pattern",
        }
    }
}

/// Two prices of one table for the same thing at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conflict {
    /// Our id of the provider.
    pub provider: String,
    /// Model id as in the table.
    pub model: String,
    /// Where the price stands that is kept: the first.
    pub kept_field: String,
    /// It.
    pub kept: String,
    /// Where the other stands.
    pub field: String,
    /// It.
    pub value: String,
}

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// Not JSON.
    #[error("not JSON: {message}")]
    NotJson {
        /// What is wrong, and where.
        message: String,
    },
    /// Not the table that was named.
    #[error("this is not the table of {wanted}: {expected}")]
    AnotherTable {
        /// The name that was given.
        wanted: &'static str,
        /// What such a table begins with.
        expected: &'static str,
        /// What it looks like.
        looks_like: Option<&'static str>,
    },
    /// A table of a limited length.
    #[error("the table has {bytes} bytes, more than {MAX_BYTES}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
}

impl ImportError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<Hint> {
        match self {
            Self::AnotherTable { looks_like: Some(name), .. } => {
                let hint = Hint::from(format!("it looks like that of {name}: add "));
                Some(hint.and(Setting::PriceTable(name), ""))
            }
            _ => None,
        }
    }
}

/// Longest table that is read, in bytes. The largest published one has 3 MB.
pub const MAX_BYTES: usize = 256 << 20;

/// Reads a table.
///
/// # Errors
/// When the bytes are not JSON, or not the table of `source`. What cannot be said in a price file
/// is no error: it is listed.
pub fn read_table(
    source: Source,
    bytes: &[u8],
    options: &ImportOptions<'_>,
) -> Result<Imported, ImportError> {
    if bytes.len() > MAX_BYTES {
        return Err(ImportError::TooLong { bytes: bytes.len() });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let not_json = |error: &serde_json::Error| ImportError::NotJson { message: error.to_string() };
    let document: Value = serde_json::from_slice(bytes).map_err(|error| not_json(&error))?;
    let repeated_keys = repeated::keys(bytes).map_err(|error| not_json(&error))?;
    let mut collector = Collector::new(source, options);
    let (known, expected) = match source {
        Source::LiteLlm => (
            litellm::read(&document, &mut collector),
            "an object of models with `litellm_provider` is expected",
        ),
        Source::GenaiPrices => (
            genai_prices::read(&document, &mut collector),
            "a list of providers with `models` is expected",
        ),
        Source::ModelsDev => (
            models_dev::read(&document, &mut collector),
            "an object of providers with `models` is expected",
        ),
        Source::LlmPrices => (
            llm_prices::read(&document, &mut collector),
            "an object with a list `prices` is expected",
        ),
        Source::ModelPrices => (
            model_prices::read(&document, &mut collector),
            "an object with `schema` and `prices` by provider is expected",
        ),
        Source::CostCalculator => (
            cost_calculator::read(&document, &mut collector),
            "an object with `provider`, `verified_at` and a list `models` is expected",
        ),
        Source::Portkey => (
            portkey::read(&document, &mut collector),
            "an object of models with `pricing_config` is expected",
        ),
        Source::OpenRouter => (
            openrouter::read(&document, &mut collector),
            "an object with a list `data` of models with `pricing` is expected",
        ),
        Source::Helicone => (
            helicone::read(&document, &mut collector),
            "an object with a list `data` of rows with `operator` is expected",
        ),
        Source::Aws => (
            aws::read(&document, &mut collector),
            "an offer file with `offerCode`, `products` and `terms` is expected",
        ),
        Source::Azure => (
            azure::read(&document, &mut collector),
            "an object with a list `Items` of rows with `meterName` and `retailPrice` is expected",
        ),
    };
    if known.is_none() {
        let looks_like = Source::recognised(&document).filter(|other| *other != source);
        let looks_like = looks_like.map(Source::name);
        return Err(ImportError::AnotherTable { wanted: source.name(), expected, looks_like });
    }
    let mut imported = collector.finish();
    imported.repeated_keys = repeated_keys;
    Ok(imported)
}
