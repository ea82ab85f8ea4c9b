//! What a text says, entry by entry, before it is compiled to tables.

use crate::table::Bound;
use crate::words::{Comparison, Meter, Noun, Scope, ServiceTier, Standing, State};

/// A position in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// Everything one text says about one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// Id of the provider.
    pub provider: String,
    /// Name for people; the id when the file gives none.
    pub name: String,
    /// Default currency of the prices; empty for none.
    pub currency: String,
    /// What others call the provider: tables, gateways, tracers. In lower case, with hyphens.
    pub names: Vec<String>,
    /// What tables and gateways put before its model ids, such as `azure/`.
    pub prefixes: Vec<String>,
    /// What the ids of models begin with that tables list under it and it does not sell, in lower
    /// case, such as `gpt-oss`.
    pub not_sold: Vec<String>,
    /// `[[id-rule]]`, in the order of the file.
    pub id_rules: Vec<IdRuleEntry>,
    /// `[[alias]]`.
    pub aliases: Vec<AliasEntry>,
    /// `[same-as]`: ids, and the model that each of them is at every seller.
    pub same_as: Vec<(String, String)>,
    /// `[window.…]`.
    pub windows: Vec<WindowEntry>,
    /// `[calendar.…]`.
    pub calendars: Vec<CalendarEntry>,
    /// `[[tier-rule]]`, in the order of the file.
    pub tier_rules: Vec<TierRuleEntry>,
    /// `[[price]]`.
    pub prices: Vec<PriceEntry>,
    /// `[[model]]`.
    pub models: Vec<ModelEntry>,
    /// `[[stated]]`.
    pub stated: Vec<StatedEntry>,
    /// `[[rate-limit]]`.
    pub rate_limits: Vec<RateLimitEntry>,
}

/// What a service tier or a variant costs by the provider's own rule, where no price of it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierRuleEntry {
    /// The tier; `None` for a rule about a variant.
    pub service_tier: Option<ServiceTier>,
    /// The variant, such as `geo=us`, in every tier; empty for a rule about a tier.
    pub variant: String,
    /// What the ids of its models begin with, in lower case; empty for every model.
    pub models: Vec<String>,
    /// First day of the rule, as Unix seconds.
    pub from: i64,
    /// Share of the standard price of what is read anew and of what is written: digits and scale.
    pub share: (i64, u8),
    /// Share of the standard price of cache reads and writes; `None` where the provider says nothing.
    pub cache_share: Option<(i64, u8)>,
    /// Day on which the rule was last seen: days since 1970-01-01.
    pub seen_day: Option<i32>,
    /// Who says so.
    pub source: String,
}

/// How a model id is rewritten when it is not listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdRuleEntry {
    /// What the id must look like, such as `ft:{base}:{rest}`.
    pub pattern: String,
    /// What it becomes, such as `ft:{base}`.
    pub model: String,
    /// The condition that the rewritten part stood for, such as `geo=us`; empty for none.
    pub variant: String,
}

/// An id that has the prices of another id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AliasEntry {
    /// Where the entry begins.
    pub place: Place,
    /// The id without prices of its own.
    pub id: String,
    /// The id whose prices hold.
    pub of: String,
    /// Who says so.
    pub source: String,
}

/// Hours of the week, in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowEntry {
    /// Name in the file.
    pub name: String,
    /// Minutes of the day `[start, end)`; an end below its start wraps midnight.
    pub hours: Vec<(u16, u16)>,
    /// Days of the week on which the hours start: bit 0 is Monday.
    pub days: u8,
    /// Name of the calendar whose days are excepted; empty for none.
    pub except: String,
}

/// Days such as public holidays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarEntry {
    /// Name in the file.
    pub name: String,
    /// Days since 1970-01-01, ascending.
    pub days: Vec<i32>,
    /// First day for which the list is complete.
    pub complete_from_day: i32,
    /// Day after the last for which the list is complete.
    pub complete_until_day: i32,
    /// Minutes to add to UTC to get the calendar's own days.
    pub utc_offset_minutes: i16,
}

/// Unit prices of one or more models with the same period, conditions and evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceEntry {
    /// Where the entry begins.
    pub place: Place,
    /// Model ids.
    pub models: Vec<String>,
    /// Service tier.
    pub service_tier: ServiceTier,
    /// Further condition such as `geo=us`; empty for none.
    pub variant: String,
    /// Hours in which, or outside of which, the price holds.
    pub window: Option<WindowUse>,
    /// Price tier; `None` for the base price.
    pub above: Option<Above>,
    /// Currency.
    pub currency: String,
    /// Start of the period, inclusive.
    pub from: Bound,
    /// End of the period, exclusive.
    pub until: Bound,
    /// The unit prices, in the order of [`Meter::ALL`].
    pub prices: Vec<UnitPrice>,
    /// How well it is supported.
    pub standing: Standing,
    /// Day on which a source was last seen to hold it, since 1970-01-01.
    pub seen_day: Option<i32>,
    /// Where it comes from; empty when a user does not say.
    pub source: String,
    /// Why the period starts when it starts; empty for not stated.
    pub basis: String,
    /// Competing values; empty for none.
    pub also_seen: String,
    /// Day through which the provider said the price would hold at least.
    pub promised_through_day: Option<i32>,
    /// Anything else worth knowing; empty for none.
    pub note: String,
}

/// A window of the same file, and which side of it is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WindowUse {
    /// Name of the window.
    pub name: String,
    /// True for "not in this window".
    pub outside: bool,
}

/// When a price tier applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Above {
    /// Prompt tokens.
    pub tokens: u64,
    /// How the prompt is compared with them.
    pub comparison: Comparison,
    /// What the price applies to.
    pub scope: Scope,
}

/// One unit price of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitPrice {
    /// Where its key stands.
    pub place: Place,
    /// What is counted.
    pub meter: Meter,
    /// Priced, free, not offered or not sourced.
    pub state: State,
    /// Amount without its decimal point; 0 unless priced.
    pub mantissa: i64,
    /// Digits after the decimal point.
    pub scale: u8,
    /// What one unit counts.
    pub noun: Noun,
    /// How many of them make one unit.
    pub per: u64,
}

/// What is known about a model besides its prices; zero and empty mean "not known".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelEntry {
    /// Where the entry begins.
    pub place: Place,
    /// Model id.
    pub id: String,
    /// See [`crate::table::ModelFacts::mode`]; the other fields likewise.
    pub mode: String,
    /// Tokens, prompt and output together.
    pub context_window: u64,
    /// Largest prompt in tokens.
    pub max_input_tokens: u64,
    /// Largest output in tokens.
    pub max_output_tokens: u64,
    /// Whether it produces reasoning tokens.
    pub reasoning: Option<bool>,
    /// Name of the encoding.
    pub tokenizer: String,
    /// Why that encoding.
    pub tokenizer_basis: String,
    /// Modalities read.
    pub modalities_in: Vec<String>,
    /// Modalities written.
    pub modalities_out: Vec<String>,
    /// Paths such as `/v1/chat/completions`.
    pub endpoints: Vec<String>,
    /// Features known to be supported.
    pub features: Vec<String>,
    /// Features known not to be supported.
    pub features_not_supported: Vec<String>,
    /// Dated ids of the same model.
    pub snapshots: Vec<String>,
    /// Release, `YYYY-MM-DD` or `YYYY-MM`.
    pub released: String,
    /// Knowledge cutoff, `YYYY-MM-DD` or `YYYY-MM`.
    pub knowledge_cutoff: String,
    /// Announced or actual shutdown, `YYYY-MM-DD` or `YYYY-MM`.
    pub retired: String,
    /// States as sources give them.
    pub status: Vec<String>,
    /// Whether the weights are open.
    pub open_weights: Option<bool>,
    /// Who lists the model.
    pub source: String,
    /// Fields in which sources differ.
    pub disagreements: Vec<String>,
}

/// One figure or feature as a page states it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedEntry {
    /// Model id.
    pub model: String,
    /// Dotted name of the fact.
    pub fact: String,
    /// Value; empty when the page gives none.
    pub value: String,
    /// Unit; empty for none.
    pub unit: String,
    /// `stated`, `not-supported`, `absent` …
    pub state: String,
    /// Where it is said.
    pub source: String,
    /// Reading help.
    pub note: String,
}

/// The limits of one rate limit tier for one model; 0 means "not stated".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateLimitEntry {
    /// Where the entry begins.
    pub place: Place,
    /// Model id.
    pub model: String,
    /// `free`, `1` … `5`.
    pub tier: String,
    /// True when the tier may use the model.
    pub supported: bool,
    /// Requests per minute.
    pub requests_per_minute: u64,
    /// Tokens per minute.
    pub tokens_per_minute: u64,
    /// Prompt tokens that may wait in batches.
    pub batch_queue_tokens: u64,
    /// Where it is said.
    pub source: String,
    /// Day it was last seen, since 1970-01-01.
    pub seen_day: Option<i32>,
}
