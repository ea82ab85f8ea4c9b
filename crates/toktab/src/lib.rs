//! Exact LLM usage pricing, estimating and auditing.

pub mod request;
