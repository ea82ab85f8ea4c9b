//! Exact LLM usage pricing, estimating and auditing.
