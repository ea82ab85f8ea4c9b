//! Exact LLM usage pricing, estimating and auditing.
//!
//! *Usage becomes money in one straight line. The line is pure; everything that touches the world
//! stands at its two ends.* This library opens no file, asks no clock and uses no network.
//!
//! # A tour, in the order of the modules
//!
//! - [`money`]: exact decimal amounts. Operations are exact or fail; nothing is rounded by accident.
//! - [`time`]: UTC instants and half-open periods. The date is always an argument.
//! - [`usage`]: what was used, as disjoint counts per [`Meter`](usage::Meter), made from what
//!   providers report ([`Totals`](usage::Totals)).
//! - [`price`]: unit prices and [`RateCard`](price::RateCard)s, with the [`Doubt`](price::Doubt)s
//!   that make a price a range.
//! - [`book`]: the [`PriceBook`](book::PriceBook) finds the card for a
//!   [`Query`](book::Query), or says with a type why there is none.
//! - [`charge`]: usage × card = [`Charge`](charge::Charge), line by line.
//! - [`json`]: values of JSON, borrowed from their line.
//! - [`record`], [`read`]: exports in, records out, rejects kept with their line.
//! - [`ledger`], [`report`]: every record charged or named, grouped and totalled; [kept](ledger::saved) to be
//!   added to those of other months and machines.
//! - [`request`]: what would be sent, and how many prompt tokens it will be billed: exact, or a band.
//! - [`audit`]: findings with stable codes, rows and money at stake.
//! - [`reconcile`]: usage against a bill: the gap, by causes that add up to it.
//! - [`pipeline`]: all of it in one call: inputs in, report, audit and comparison out, on every core.
//! - [`reasoning`]: hidden tokens and totals before sending: quantiles, what they rest on, how often they held.
//! - [`estimate`]: tokens before sending × rate cards, and what a provider would refuse.
//! - [`plan`]: rate limits: how long a job takes and what bounds it.
//! - [`differences`]: two price books side by side.
//! - [`sql`]: the book as tables of a warehouse, and views that price there.
//! - [`import`]: price tables of others, read into our own schema.
//!
//! ```
//! use tokreckon::book::PriceBook;
//! use tokreckon::ledger::{Dimension, Ledger, Settings};
//! use tokreckon::read::{Item, Options, read};
//!
//! let export = "model,input_tokens,output_tokens,cached_tokens,timestamp
//! o1-mini,1000000,1000000,500000,2024-10-27T12:00:00Z
//! o1-mini,57,2167,0,2025-04-09T08:10:26Z
//! o1-mini,57,many,0,2025-04-09T08:10:27Z
//! ";
//! let settings = Settings { by: vec![Dimension::Month], ..Settings::default() };
//! let mut ledger = Ledger::new(PriceBook::builtin(), settings);
//! let options = Options { provider: "openai", ..Options::default() };
//! let mut rejects = Vec::new();
//! read(export.as_bytes(), &options, &mut |item| match item {
//!     Item::Record(record) => { ledger.add(record); }
//!     Item::Reject(reject) => rejects.push(format!("line {}: {}", reject.line, reject.problem)),
//!     _ => {}
//! })?;
//! let report = ledger.report()?;
//! let costs: Vec<String> =
//!     report.groups.iter().flat_map(|group| group.costs).map(|(_, c)| c.low.to_string()).collect();
//! assert_eq!(costs, ["14.25", "0.0095975"]);
//! assert_eq!(rejects, ["line 4: `output_tokens` is `many`, not a whole number at or above zero"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The [`cookbook`] has a recipe for what billing code does most.
//!
//! # Features
//!
//! | feature | what it adds | default |
//! |---|---|---|
//! | none | prices, rate cards, own prices: usage in, charge out | |
//! | `read` | responses, exports and logs; ledgers, reports, bills, the pipeline | yes |
//! | `count` | tokens of texts and requests, estimates, rate limits; builds the tokenizer's tables | yes, with `read` |
//! | `audit` | findings, in the pipeline as well | yes, with `count` |
//! | `serde` | `Serialize` for charges, reports and all [`document`]s, which come with `audit`; `Deserialize` for these | |
//!
//! With `default-features = false` there are thirteen crates in the tree, this one and the data included.
//!
//! # Invariants
//!
//! No floats touch money or counts. Unknown is not zero. Ids match by rules in the data or fail
//! with near names. Records in = charged + not charged. Sums are the same in any order.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(feature = "audit"),
    allow(dead_code, unused_imports, reason = "used by the parts that a feature adds")
)]

#[cfg(feature = "read")]
mod lookup;
#[cfg(feature = "read")]
pub mod digest;
pub mod words;
pub mod hint;
pub mod money;
pub mod time;
pub mod usage;
pub mod grade;
pub mod price;
pub mod book;
pub mod charge;
#[cfg(feature = "read")]
pub mod json;
#[cfg(feature = "read")]
mod cloud_meter;
#[cfg(feature = "read")]
pub mod record;
#[cfg(feature = "read")]
pub mod read;
#[cfg(feature = "read")]
pub mod dedup;
#[cfg(feature = "read")]
pub mod ledger;
#[cfg(feature = "read")]
pub mod report;
#[cfg(feature = "read")]
pub mod response;
#[cfg(feature = "count")]
pub mod request;
#[cfg(feature = "read")]
mod agreed;
#[cfg(feature = "audit")]
pub mod audit;
#[cfg(feature = "read")]
pub mod reconcile;
#[cfg(feature = "read")]
pub mod pipeline;
#[cfg(feature = "count")]
pub mod reasoning;
#[cfg(feature = "count")]
pub mod forecast;
#[cfg(feature = "count")]
pub mod estimate;
#[cfg(feature = "count")]
pub mod plan;
#[cfg(feature = "read")]
pub mod differences;
#[cfg(feature = "read")]
pub mod sql;
#[cfg(feature = "read")]
pub mod import;
#[cfg(feature = "read")]
pub mod refresh;
#[cfg(feature = "audit")]
pub mod document;
pub mod prelude;
#[cfg(feature = "audit")]
pub mod cookbook;

/// The Rust blocks of the README are tests; those of the repository's README are among them.
#[cfg(all(doctest, feature = "audit"))]
#[doc = include_str!("../README.md")]
struct Readme;
