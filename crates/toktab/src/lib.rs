//! Exact LLM usage pricing, estimating and auditing.

mod lookup;
pub mod money;
pub mod time;
pub mod usage;
pub mod price;
pub mod book;
pub mod charge;
pub mod record;
pub mod read;
pub mod ledger;
pub mod report;
pub mod audit;
pub mod reasoning;
pub mod plan;
