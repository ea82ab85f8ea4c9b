//! Exact prices of LLM usage on Arrow columns, without a row of text in between.
//!
//! | call | rows in | rows out |
//! |---|---|---|
//! | [`price`] | usage | the same rows with what each costs |
//! | [`cells`] | usage | few sums of integer counts, which add up with those of other batches |
//! | [`merge`], [`merge_all`] | cells | cells |
//! | [`report`] | cells | the report of all rows they stand for |
//! | [`cells_of_stream`] | batches of usage, one at a time | the same as of all of them |
//! | [`report_rows`] | a report | its groups, for whatever reads columns |
//! | [`saved`] | cells | the same as a saved ledger, for files |
//!
//! ```
//! use std::sync::Arc;
//!
//! use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
//! use tokreckon::ledger::{Dimension, saved::Prices};
//! use tokreckon::money::Currency;
//! use tokreckon_arrow::{Options, cells, merge, report};
//!
//! let column = |array: ArrayRef| array;
//! let usage = RecordBatch::try_from_iter([
//!     ("model", column(Arc::new(StringArray::from(vec!["o1-mini"; 2])))),
//!     ("timestamp", column(Arc::new(StringArray::from(vec!["2025-04-09T08:10:26Z"; 2])))),
//!     ("input_tokens", column(Arc::new(Int64Array::from(vec![57, 57])))),
//!     ("output_tokens", column(Arc::new(Int64Array::from(vec![2167, 2167])))),
//!     ("cached_tokens", column(Arc::new(Int64Array::from(vec![0, 0])))),
//! ])?;
//! let options = Options::new().provider("openai");
//! let one = cells(&usage, &[], &options)?;
//! let both = merge(&one, &cells(&usage, &[], &options)?, Prices::AsSaved)?;
//! let report = report(&both, &[Dimension::Model], &options, Prices::AsSaved)?;
//! let cost = report.groups.get(0).map(|group| group.costs[&Currency::USD].low.to_string());
//! assert_eq!(cost.as_deref(), Some("0.03839"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Columns are found by their names, as those of CSV are: the formats that
//! [`tokreckon::read`](tokreckon::read::Format) knows, else the usual names, else a
//! [`Mapping`](tokreckon::read::Mapping). A struct is read by the paths to its members
//! (`usage.input_tokens`). What cannot be read is refused by its row, and counted.
//!
//! Money leaves as `decimal128(38, 24)`, and a row that does not fit is an error. Counts leave as
//! `decimal128(38, 0)`: their sums are right in every engine, which sums of money are not.
//!
//! Copies of one request are not looked for by these: that takes all rows in one place. A [`Table`] is an
//! input of the [pipeline](tokreckon::pipeline), which looks for them.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod batch;
mod cells;
mod column;
mod decode;
mod encode;
mod error;
mod options;
mod price;
mod rows;
mod sums;
mod table;

pub use batch::{Batch, Beside, Source, sources, table_columns};
pub use cells::{cells, cells_of_stream, merge, merge_all, report, saved};
pub use error::Error;
pub use options::Options;
pub use price::price;
pub use rows::report_rows;
pub use table::Table;

/// Places of an amount of money in a column: its type is `decimal128(38, 24)`.
pub const MONEY_PLACES: u32 = 24;

/// The Rust blocks of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
