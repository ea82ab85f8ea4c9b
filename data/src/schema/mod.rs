//! Reading the text form of a price book: TOML for people, with a position for every mistake.
//!
//! One file speaks of one provider. It may hold any of these, in any order:
//!
//! | table | says |
//! |---|---|
//! | `names`, `prefixes` | what others call the provider, and what they put before its ids |
//! | `not-sold` | what the ids begin with that tables list under it and it does not sell |
//! | `[[id-rule]]` | how a model id is rewritten when it is not listed |
//! | `[same-as]` | which model an id is at every seller, whatever they call it |
//! | `[[alias]]` | that an id has the prices of another id |
//! | `[window.NAME]`, `[calendar.NAME]` | hours of the week, and days excepted from them |
//! | `[[tier-rule]]` | what a service tier or a variant costs by the provider's rule, where it lists no price of it |
//! | `[[price]]` | unit prices of one or more models in one period under one set of conditions |
//! | `[[model]]` | what is known about a model besides its prices |
//! | `[[stated]]` | one figure or feature as a page states it |
//! | `[[rate-limit]]` | the limits of one rate limit tier |
//!
//! # Shipped files and users' files
//!
//! The schema is the same. A user's file ([`Origin::User`]) may leave out `standing` (it is then
//! `user`), `seen` and `source`, and need not be sorted. Both must say `from`, because a price
//! without a period is a guess; `from = "unknown"` is an answer.
//!
//! # Every key of a price
//!
//! ```
//! # use tokreckon_data::schema::{Origin, read};
//! # let text = r#"
//! provider = "deepseek"                # lower case
//! currency = "USD"                     # of every price below that does not say otherwise
//!
//! [window.peak]                        # UTC; an end below its start wraps midnight
//! hours = ["01:00-04:00", "16:30-00:30"]
//! days = ["mon", "tue", "wed", "thu", "fri"]
//! except = "holidays"
//!
//! [calendar.holidays]
//! utc-offset = "+08:00"                # whose days these are
//! days = [2026-10-01, 2026-10-02]
//! complete-from = 2026-10-01           # outside of this span nothing is known
//! complete-until = 2026-11-01
//! source = "holiday notice for 2026"
//!
//! [[price]]
//! models = ["deepseek-chat"]
//! service-tier = "standard"            # the default
//! variant = "geo=us"                   # a further condition, `key=value`
//! window = "not peak"                  # or "peak"; all hours when absent
//! above = { tokens = 200000, comparison = ">=", scope = "whole-request" }
//! currency = "CNY"
//! from = 2026-10-01T04:00:00Z          # or a day, or "unknown"
//! until = 2027-01-01                   # exclusive; open when absent
//! input = "0.15"                       # per 1,000,000 tokens
//! cache-read = "free"                  # or "not-offered", or "not-sourced"
//! output = "0.60"
//! web-searches = "14 per 1000 requests"
//! images-generated = "0.04 per image"
//! images-read = "0.01 per image"
//! standing = "curated"
//! seen = 2026-11-20                    # when a source was last seen to hold it
//! source = "price page of the provider"
//! basis = "announced"                  # why `from`
//! also-seen = "0.20 (another table)"   # competing values
//! promised-through = 2026-12-31        # "at least through"
//! note = "peak prices are the double"
//! # "#;
//! # assert_eq!(read(text, Origin::Shipped).1, []);
//! ```
//!
//! # Example
//!
//! ```
//! use tokreckon_data::schema::{Origin, read};
//!
//! let text = r#"
//! provider = "openai"
//! currency = "USD"
//!
//! [[price]]
//! models = ["o1-mini"]
//! from = 2025-01-31
//! input = "1.10"
//! ouput = "4.40"
//! "#;
//! let (_, mistakes) = read(text, Origin::User);
//! assert_eq!(mistakes[0].to_string(), "9:1: unknown key `ouput` in `[[price]]`");
//! assert_eq!(mistakes[0].hint, "did you mean `output`?");
//! ```

// A `mod.rs`, because `build.rs` reads this folder through `#[path]`, where only that works.
mod entry;
mod fields;
mod grammar;
mod ids;
mod models;
mod overlap;
mod prices;
mod tiers;
mod windows;

use std::fmt;

use toml::de::{DeTable, DeValue};

use fields::{Fields, Reader};

pub(crate) use models::tier_order;
pub(crate) use overlap::overlaps;

pub use entry::{
    Above, AliasEntry, CalendarEntry, File, IdRuleEntry, ModelEntry, Place, PriceEntry,
    RateLimitEntry, StatedEntry, TierRuleEntry, UnitPrice, WindowEntry, WindowUse,
};
pub use grammar::day_of_date;
pub use ids::folded;

/// Where a text comes from, which decides what it may leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Part of the built-in book: sourced, dated and sorted.
    Shipped,
    /// Given at run time.
    User,
}

/// One mistake in a text, with its position and the cure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong, where and why.
    pub message: String,
    /// What to do about it; empty for nothing to add.
    pub hint: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for Mistake {}

/// Largest text that is read, in bytes.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Reads a text into entries and lists every mistake in it, by position.
///
/// The [`File`] is for use only when there are none; otherwise parts of it are missing. A text
/// that is not TOML gives the mistakes of its syntax only: what its entries say is not known.
#[must_use]
pub fn read(text: &str, origin: Origin) -> (File, Vec<Mistake>) {
    let mut reader = Reader::new(text, origin);
    let mut file = File::default();
    if text.len() > MAX_BYTES {
        let message = format!("text of {} bytes is longer than {MAX_BYTES} bytes", text.len());
        reader.mistake(0, message, "split it into several files");
        return (file, reader.mistakes);
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let offset = error.span().map_or(0, |span| span.start);
        reader.mistake(offset, format!("not TOML: {}", error.message()), "");
    }
    if errors.is_empty() {
        let top = Fields::new("the file", 0, document.get_ref());
        read_file(&mut reader, top, &mut file);
        reader.mistakes.extend(overlaps(&[&file]).into_iter().map(|(_, mistake)| mistake));
    }
    reader.mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    (file, reader.mistakes)
}

/// Reads the tables of a file in the order in which they need each other.
fn read_file(reader: &mut Reader<'_>, mut top: Fields<'_>, file: &mut File) {
    if let Some(provider) = reader.required_text(&mut top, "provider", "say who sends the bill")
        && reader.is_provider_id(&provider)
    {
        file.provider = provider.value;
    }
    file.name = match reader.text(&mut top, "name") {
        Some(name) => name.value,
        None => file.provider.clone(),
    };
    if let Some(currency) = reader.text(&mut top, "currency")
        && reader.is_currency(&currency)
    {
        file.currency = currency.value;
    }
    ids::read_names(reader, &mut top, file);
    windows::read_calendars(reader, &mut top, file);
    windows::read_windows(reader, &mut top, file);
    ids::read_rules(reader, &mut top, file);
    tiers::read_rules(reader, &mut top, file);
    prices::read_prices(reader, &mut top, file);
    ids::read_aliases(reader, &mut top, file);
    ids::read_same_as(reader, &mut top, file);
    models::read_models(reader, &mut top, file);
    models::read_stated(reader, &mut top, file);
    models::read_rate_limits(reader, &mut top, file);
    reader.finish(&top);
}

/// The entries of an array of tables, each with its header's position.
fn each_entry<'a>(
    reader: &mut Reader<'_>,
    top: &mut Fields<'a>,
    key: &'static str,
    what: &'static str,
) -> Vec<Fields<'a>> {
    let Some(value) = top.take(key) else {
        return Vec::new();
    };
    let DeValue::Array(items) = value.get_ref() else {
        let message = format!("`{key}` is {}, not a list of tables", fields::kind(value.get_ref()));
        reader.mistake(value.span().start, message, format!("begin each entry with `{what}`"));
        return Vec::new();
    };
    let mut entries = Vec::new();
    for item in items {
        if let DeValue::Table(table) = item.get_ref() {
            entries.push(Fields::new(what, item.span().start, table));
        } else {
            let message = format!("`{key}` holds {}, not a table", fields::kind(item.get_ref()));
            reader.mistake(item.span().start, message, format!("begin each entry with `{what}`"));
        }
    }
    entries
}
