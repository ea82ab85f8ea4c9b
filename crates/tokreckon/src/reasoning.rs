//! Hidden tokens before they are billed: shipped priors, the user's own history, quantiles that
//! state how often they hold.
//!
//! Reasoning models bill output that nobody sees, often 10 to 100 times the visible answer, and
//! the same prompt needs twice as much in one run as in another. So an [`Estimate`] is never one
//! number: it is p50, p90 and p99 with their measured reliability, the hard cap, and the basis.
//!
//! ```
//! use tokreckon::reasoning::{EstimateInput, Estimator, History, Key, Row};
//!
//! let mut history = History::new();
//! for (hidden, visible) in [(672, 24), (682, 34), (2123, 135), (908, 100), (616, 41)] {
//!     let key = Key { model: "o1-mini".into(), label: "planner".into(), ..Key::default() };
//!     history.push(key, Row { prompt: 430, hidden, visible });
//! }
//! let estimator = Estimator::new(tokreckon_data::PRIORS, history);
//! let input = EstimateInput { label: Some("planner"), ..EstimateInput::new("o1-mini", 430) };
//! let estimate = estimator.estimate(&input);
//! let hidden = estimate.hidden.unwrap();
//! assert!(hidden.p50.tokens < hidden.p90.tokens && hidden.p90.tokens < hidden.p99.tokens);
//! assert_eq!(hidden.p90_guarantee.to_string(), "no guarantee yet (needs 9 rows, have 5)");
//! assert_eq!(
//!     estimate.basis.to_string(),
//!     "your log: 5 rows of (`o1-mini`, effort -, label `planner`)"
//! );
//! ```
//!
//! Everything is computed in integers and comes out the same on every machine. How well it does
//! is measured by `cargo run --release --example backtest`; the table is in `docs/estimates.md`.

mod fixed;
mod distribution;
mod measure;
mod history;
mod history_text;
mod predictive;
mod cap;
mod answer;
mod input;
mod ground;
mod estimator;
mod batch;

pub use answer::{
    Amount, Basis, CAP_REACHED, Estimate, Guarantee, HeldShare, Kind, Level, Origin, Quantiles,
};
pub use batch::{Interval, Total};
pub use cap::{Bounds, Caps, HardCap, Limit, RequestCap, Thinking};
pub use history::{History, Key, Row};
pub use history_text::HistoryTextError;
pub use input::{EstimateInput, Estimator, Visible};
pub use measure::measure;
pub use predictive::FIRST_ROWS;
