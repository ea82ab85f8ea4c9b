//! The whole line in one call: inputs → records → copies → cells → report, audit, comparison with a
//! bill, other terms. On every core, within the memory there may be.
//!
//! ```
//! use tokreckon::prelude::*;
//!
//! let export = "model,input_tokens,output_tokens,cached_tokens,timestamp
//! o1-mini,1000000,1000000,500000,2024-10-27T12:00:00Z
//! o1-mini,57,2167,0,2025-04-09T08:10:26Z
//! o1-mini,57,many,0,2025-04-09T08:10:27Z
//! ";
//! let book = PriceBook::builtin();
//! let pipeline = Pipeline::new(&book).by([Dimension::Model, Dimension::Day]).provider("openai");
//! let run = pipeline.read(export.as_bytes())?;
//! let costs = |group: &Group| group.costs[&Currency::USD].low.to_string();
//! let days: Vec<_> = run.report.groups.iter().map(|g| [g.labels[1].clone(), costs(&g)]).collect();
//! assert_eq!(days, [["2024-10-27", "14.25"], ["2025-04-09", "0.0095975"]]);
//! // Nothing is lost: every row is a record, or is named.
//! let file = &run.files[0];
//! assert_eq!((file.rows(), file.records, file.rejected), (3, 2, 1));
//! assert_eq!(run.rejects[0].1.line, 4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What else is asked is said before reading, since records pass by once: [`Pipeline::audited`],
//! [`Pipeline::against`] a [`Bill`](crate::reconcile::Bill), [`Pipeline::as_if`]. Several inputs
//! ([`Pipeline::read_all`]) are looked through for copies of the same requests. A [`Run`] owns its
//! answers, and is the same for any number of threads.
//!
//! Without the feature `audit` there is all but the audit. Nothing here opens a file, asks a clock or uses a network: an [`Input`] is what the caller opens.

#[cfg(not(feature = "audit"))]
mod audits;
mod progress;
mod input;
mod tally;
mod warning;
mod error;
mod setup;
mod taken;
mod left_out;
mod order;
mod shares;
mod parts;
mod run;

/// The audit, or what stands in its place where it is not built.
#[cfg(feature = "audit")]
use crate::audit as audits;

pub use self::error::PipelineError;
pub use self::input::{Input, Opened, Reader};
pub use self::order::Row;
pub use self::progress::{Progress, Tap, Watched};
#[cfg(feature = "audit")]
pub use self::run::Repeated;
pub use self::run::{FilesRead, Run};
pub use self::setup::Pipeline;
pub use self::tally::FileTally;
pub use self::warning::{Warning, rows_before};
