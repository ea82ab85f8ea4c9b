//! Before sending: what a request says about its output, what a provider would refuse, and what
//! tokens cost that are known within bounds only.
//!
//! ```
//! use tokreckon::book::{PriceBook, Query};
//! use tokreckon::estimate::{Output, Prompts, Sending, cost};
//! use tokreckon::request::Request;
//! use tokreckon::time::Period;
//!
//! let body = r#"{"model": "o1-mini", "max_completion_tokens": 25000,
//!     "messages": [{"role": "user", "content": "Hello!"}]}"#;
//! let sending = Sending::of(&Request::from_json(body)?);
//! assert_eq!(sending.cap, Some(25_000));
//!
//! let day = Period::parse("2025-04-09")?;
//! let card = PriceBook::builtin().find(&Query::new("openai", "o1-mini", day))?;
//! let prompts = [Prompts { low: 57, high: Some(57), cached: 0, requests: 1, writes: sending.cache_writes }];
//! let output = Output { low: 2167, high: Some(2167), thinking: None };
//! let cost = cost(&card, &prompts, output)?;
//! assert_eq!(cost.bounds.single().unwrap().to_string(), "0.0095975");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod sending;
mod check;
mod cost;

pub use check::{RequestFinding, check};
pub use cost::{Cost, Output, Prompts, cost};
pub use sending::{CacheWrites, Sending};
