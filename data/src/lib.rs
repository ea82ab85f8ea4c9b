//! Prices, model facts and rate limits.
