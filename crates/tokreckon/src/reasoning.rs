//! Output before it is billed: recorded answers of others, the user's own history, quantiles that
//! state how often they hold.
//!
//! What an answer will take is known within a factor of two or three at best: the same prompt needs
//! twice as much in one run as in another, and reasoning models bill output that nobody sees. So an
//! [`Estimate`] is never one number: it is p50, p90 and p99 with their measured reliability, the mean,
//! the hard cap, and the basis.
//!
//! ```
//! use tokreckon::reasoning::{EstimateInput, Estimator, History, HistoryKey, HistoryRow};
//!
//! let mut history = History::new();
//! for (hidden, visible) in [(672, 24), (682, 34), (2123, 135), (908, 100), (616, 41)] {
//!     let key = HistoryKey { model: "o1-mini".into(), label: "planner".into(), ..HistoryKey::default() };
//!     history.push(key, HistoryRow::split(430, hidden, visible));
//! }
//! let estimator = Estimator::new(tokreckon_data::PRIORS, history);
//! let input = EstimateInput { label: Some("planner"), ..EstimateInput::new("o1-mini", 430) };
//! let estimate = estimator.estimate(&input);
//! let output = estimate.output.unwrap();
//! assert!(output.p50.tokens < output.p90.tokens && output.p90.tokens < output.p99.tokens);
//! assert_eq!(output.p90_guarantee.to_string(), "no guarantee yet (needs 9 rows, have 5)");
//! assert_eq!(
//!     estimate.basis.to_string(),
//!     "your log: 5 rows of (`o1-mini`, effort `medium`, label `planner`)"
//! );
//! ```
//!
//! Everything is computed in integers and comes out the same on every machine. How well it does
//! is measured by `cargo run --release --example backtest`; the table is in `docs/estimates.md`.

pub(crate) mod fixed;
mod distribution;
mod names;
mod measure;
mod drift;
mod history;
mod history_text;
mod predictive;
mod cap;
mod pool;
mod answer;
mod input;
mod ground;
mod estimator;
mod batch;

pub use answer::{
    Basis, CAP_REACHED, Effort, Estimate, EstimateOrigin, Guarantee, HeldShare, Kind, Level,
    Quantiles, TokenAmount,
};
pub use batch::{Interval, Total};
pub use cap::{CapBounds, Caps, HardCap, Limit, RequestCap, Thinking};
pub use history::{History, HistoryKey, HistoryRow, LearntRows};
pub use history_text::HistoryTextError;
pub use input::{EstimateInput, Estimator, Visible};
pub use measure::{Figures, measure};
pub use names::plain_name;
pub use predictive::FIRST_ROWS;
