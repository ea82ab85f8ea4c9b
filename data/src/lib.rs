//! Prices, model facts and rate limits: text for people, compiled in for machines.
//!
//! The text files are TOML, one per provider, in the folders `prices`, `models` and
//! `rate-limits` of this crate. `build.rs` checks them and compiles them to constants, so a
//! program that uses [`BUILTIN`] parses nothing at start.
//!
//! # A tour
//!
//! - [`words`]: meters, units, service tiers, states and standings, with one spelling each.
//! - [`table`]: the compact form, flat sorted tables over one string of text.
//! - [`BUILTIN`]: the built-in book in that form, named by [`BOOK_HASH`] and [`BOOK_DAY`].
//! - [`schema`]: the text form, read with a position for every mistake.
//! - [`compile`]: from the text form to the compact form, also for users' files.
//! - [`priors`] and [`PRIORS`]: how many hidden and visible tokens models have needed.
//!
//! ```
//! use tokreckon_data::{BUILTIN, table::Tables, words::Meter};
//!
//! let provider = BUILTIN.providers.iter().find(|p| BUILTIN.str(p.id) == "openai").unwrap();
//! let models = Tables::rows(&BUILTIN.models, provider.models);
//! let model = models.iter().find(|m| BUILTIN.str(m.key) == "o1-mini").unwrap();
//! let prices = Tables::rows(&BUILTIN.prices, model.prices);
//! let newest = prices.iter().rfind(|p| p.meter == Meter::Output && p.scale == 2).unwrap();
//! assert_eq!((newest.mantissa, newest.per), (220, 1_000_000)); // 2.20 USD in a batch
//! ```

pub mod words;

pub mod table;

pub mod schema;

pub mod compile;

mod prior_constants;
pub mod priors;

pub mod priors_text;

mod builtin;
mod builtin_priors;

/// What makers bill besides the text of messages; the file itself says how it reads.
pub const COUNTING_FRAMES: &str = include_str!("../counting/frames.toml");

/// Bands of models whose tokenizer is not here; the file itself says how it reads.
pub const COUNTING_BANDS: &str = include_str!("../counting/bands.toml");

/// Ratios by script of vocabularies that are not here; the file itself says how it reads.
pub const COUNTING_SCRIPTS: &str = include_str!("../counting/scripts.toml");

/// Version of these tables: the form they have, and as its last number the newest day on which a
/// source was seen, such as `0.1.20261121`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

pub use builtin::{BOOK_DAY, BOOK_HASH, BUILTIN};
pub use builtin_priors::PRIORS;
