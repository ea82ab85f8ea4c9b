//! The compact form of a price book: flat, sorted tables of numbers over one string of text.
//!
//! The built-in book is generated as constants of these types, so a program that uses it
//! parses nothing at start. A user's file is compiled to the same types at run time.

use std::borrow::Cow;

use crate::words::{Comparison, Meter, Noun, Precision, Scope, ServiceTier, Standing, State};

/// A piece of [`Tables::text`]: byte offset and length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Text {
    /// Byte offset.
    pub start: u32,
    /// Length in bytes; 0 means "none".
    pub len: u32,
}

/// A run of rows in another table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Rows {
    /// First row.
    pub start: u32,
    /// Row after the last.
    pub end: u32,
}

/// One side of a period: a UTC instant and how precisely it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Unix seconds; for [`Precision::Day`] the first second of the UTC day; 0 when unknown or open.
    pub seconds: i64,
    /// How precisely it is known.
    pub precision: Precision,
}

/// A seller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Id, lower case, such as `openai`.
    pub id: Text,
    /// Name for people.
    pub name: Text,
    /// What the ids of models begin with that tables list under it and it does not sell, in lower
    /// case, apart by blanks.
    pub not_sold: Text,
    /// Rules that rewrite model ids, tried in order: rows of [`Tables::id_rules`].
    pub id_rules: Rows,
    /// Its models: rows of [`Tables::models`].
    pub models: Rows,
    /// Its rate limits: rows of [`Tables::rate_limits`].
    pub rate_limits: Rows,
}

/// What others call a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderName {
    /// The name, as [`crate::schema::folded`] writes it.
    pub name: Text,
    /// Id of the provider.
    pub provider: Text,
}

/// A text by which a model is found that the book ties to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The text, in lower case.
    pub id: Text,
    /// What of the model it is.
    pub by: TiedBy,
    /// The name of the model at every seller.
    pub model: Text,
}

/// What of a tied model a text is, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TiedBy {
    /// An id at a seller.
    Id,
    /// The name of the model itself.
    Name,
    /// An id at a seller without the maker in front.
    IdWithoutMaker,
}

/// A rule that rewrites a model id, such as `ft:{base}:{rest}` to `ft:{base}`.
///
/// `{name}` matches one or more characters up to the next literal of the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdRule {
    /// What the id must look like.
    pub pattern: Text,
    /// What it becomes.
    pub model: Text,
    /// The condition that the rewritten part stood for, such as `geo=us`: prices of this
    /// variant hold for such an id, others do not. Empty for none.
    pub variant: Text,
}

/// A model id at a provider. Sorted by [`Self::key`] within its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// Id as the provider spells it.
    pub id: Text,
    /// Id in lower case: what look-ups compare.
    pub key: Text,
    /// The id whose prices and facts hold where this id has none of its own; empty for none.
    pub alias_of: Text,
    /// The name of the model at every seller; empty where the book does not tie it to others.
    pub same_as: Text,
    /// Unit prices: rows of [`Tables::prices`].
    pub prices: Rows,
    /// Row of [`Tables::facts`] plus one; 0 for none.
    pub facts: u32,
    /// What pages say about it: rows of [`Tables::statements`].
    pub statements: Rows,
}

/// One unit price of one model for one meter in one period under one set of conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// What is counted.
    pub meter: Meter,
    /// Priced, free, not offered or not sourced.
    pub state: State,
    /// Amount per unit without its decimal point; 0 unless [`State::Priced`].
    pub mantissa: i64,
    /// Digits after the decimal point.
    pub scale: u8,
    /// What one unit counts.
    pub noun: Noun,
    /// How many of them make one unit, such as 1,000,000.
    pub per: u64,
    /// ISO 4217 code or the provider's own credits.
    pub currency: Text,
    /// Service tier.
    pub service_tier: ServiceTier,
    /// Further condition such as `geo=us`; empty for none.
    pub variant: Text,
    /// Row of [`Tables::windows`] plus one; 0 for all hours.
    pub window: u16,
    /// True when the price holds outside of [`Self::window`] instead of inside.
    pub outside_window: bool,
    /// Prompt tokens of the price tier; 0 for the base price.
    pub threshold: u64,
    /// How the prompt is compared with the threshold.
    pub comparison: Comparison,
    /// What the price tier applies to.
    pub scope: Scope,
    /// Start of the period, inclusive.
    pub from: Bound,
    /// End of the period, exclusive.
    pub until: Bound,
    /// How well it is supported.
    pub standing: Standing,
    /// Day on which a source was last seen to hold it: days since 1970-01-01; `i32::MIN` when a
    /// user's price does not say.
    pub seen_day: i32,
    /// Day through which the provider said the price would hold at least; `i32::MIN` for none.
    pub promised_through_day: i32,
    /// Where it comes from.
    pub source: Text,
    /// Why the period starts when it starts.
    pub basis: Text,
    /// Competing values seen elsewhere; empty for none.
    pub also_seen: Text,
    /// Anything else worth knowing; empty for none.
    pub note: Text,
}

/// Hours of the week in which a price holds, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Name in its file.
    pub name: Text,
    /// Minutes of the day `[start, end)`; an end below its start wraps midnight. Unused slots are `(0, 0)`.
    pub hours: [(u16, u16); 4],
    /// Days of the week: bit 0 is Monday, bit 6 Sunday; the day on which the hours start.
    pub days: u8,
    /// Row of [`Tables::calendars`] plus one whose days are excepted; 0 for none.
    pub except: u16,
}

/// Days such as public holidays, and the span in which the list is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Name in its file.
    pub name: Text,
    /// First day for which the list is complete: days since 1970-01-01.
    pub complete_from_day: i32,
    /// Day after the last for which the list is complete.
    pub complete_until_day: i32,
    /// The days: rows of [`Tables::calendar_days`].
    pub days: Rows,
    /// Minutes to add to UTC to get the calendar's own days (480 for China).
    pub utc_offset_minutes: i16,
}

/// What is known about a model besides its prices. Zero and empty mean "not known".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelFacts {
    /// `chat`, `responses`, `embedding`, `image_generation` …
    pub mode: Text,
    /// Tokens, prompt and output together.
    pub context_window: u64,
    /// Largest prompt in tokens. Not the context window.
    pub max_input_tokens: u64,
    /// Largest output in tokens, reasoning included.
    pub max_output_tokens: u64,
    /// Whether the model produces reasoning tokens.
    pub reasoning: Option<bool>,
    /// Name of the encoding.
    pub tokenizer: Text,
    /// Why that encoding.
    pub tokenizer_basis: Text,
    /// Modalities read, separated by blanks.
    pub modalities_in: Text,
    /// Modalities written, separated by blanks.
    pub modalities_out: Text,
    /// Endpoints known to serve it, separated by blanks.
    pub endpoints: Text,
    /// Features known to be supported, separated by blanks.
    pub features: Text,
    /// Features known not to be supported, separated by blanks.
    pub features_not_supported: Text,
    /// Dated ids of the same model, separated by blanks.
    pub snapshots: Text,
    /// Release, `YYYY-MM-DD` or `YYYY-MM`.
    pub released: Text,
    /// Knowledge cutoff, `YYYY-MM-DD` or `YYYY-MM`.
    pub knowledge_cutoff: Text,
    /// Announced or actual shutdown, `YYYY-MM-DD` or `YYYY-MM`.
    pub retired: Text,
    /// States as sources give them, such as `litellm:removed after 2026-02-26`.
    pub status: Text,
    /// Whether the weights are open.
    pub open_weights: Option<bool>,
    /// Who lists the model.
    pub source: Text,
    /// Fields in which sources differ.
    pub disagreements: Text,
}

/// One figure or feature as a provider's page states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Dotted name such as `parameter.max_tokens.default`.
    pub fact: Text,
    /// Value; empty when the page gives none.
    pub value: Text,
    /// Unit; empty for none.
    pub unit: Text,
    /// `stated`, `supported`, `not-supported`, `not-sourced`, `absent` …
    pub state: Text,
    /// Where it is said.
    pub source: Text,
    /// Reading help.
    pub note: Text,
}

/// The limits of one rate limit tier for one model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Model id as the provider spells it.
    pub model: Text,
    /// `free`, `1` … `5`.
    pub tier: Text,
    /// True when the tier may use the model.
    pub supported: bool,
    /// Requests per minute; 0 for not stated.
    pub requests_per_minute: u64,
    /// Tokens per minute; 0 for not stated.
    pub tokens_per_minute: u64,
    /// Prompt tokens that may wait in batches; 0 for not stated.
    pub batch_queue_tokens: u64,
    /// Where it is said.
    pub source: Text,
    /// Day it was last seen: days since 1970-01-01; `i32::MIN` when a user does not say.
    pub seen_day: i32,
}

/// One layer of a price book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    /// All text, each piece once.
    pub text: Cow<'static, str>,
    /// Sellers, sorted by id.
    pub providers: Cow<'static, [Provider]>,
    /// Other names of the providers, sorted by name.
    pub provider_names: Cow<'static, [ProviderName]>,
    /// Rules of all providers.
    pub id_rules: Cow<'static, [IdRule]>,
    /// Models of all providers, each provider's sorted by key.
    pub models: Cow<'static, [Model]>,
    /// Texts by which tied models are found, sorted by (text, what of the model it is).
    pub ties: Cow<'static, [Tie]>,
    /// Unit prices of all models, each model's sorted by (tier, variant, window, threshold, meter, from).
    pub prices: Cow<'static, [Price]>,
    /// Windows of all providers.
    pub windows: Cow<'static, [Window]>,
    /// Calendars of all providers.
    pub calendars: Cow<'static, [Calendar]>,
    /// Days of all calendars: days since 1970-01-01, sorted within a calendar.
    pub calendar_days: Cow<'static, [i32]>,
    /// Model facts.
    pub facts: Cow<'static, [ModelFacts]>,
    /// What pages say.
    pub statements: Cow<'static, [Statement]>,
    /// Rate limits, sorted by (provider, model, tier).
    pub rate_limits: Cow<'static, [RateLimit]>,
}

impl Tables {
    /// The text of a piece; empty for "none".
    #[must_use]
    pub fn str(&self, text: Text) -> &str {
        let start = text.start as usize;
        self.text.get(start..start + text.len as usize).unwrap_or("")
    }

    /// The rows of a run; empty when out of range.
    #[must_use]
    pub fn rows<T>(table: &[T], rows: Rows) -> &[T] {
        table.get(rows.start as usize..rows.end as usize).unwrap_or(&[])
    }
}
