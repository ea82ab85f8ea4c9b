//! Laws of the library, on random cases that are the same on every machine.
//!
//! `TOKTAB_CASES=1000000 cargo test --release -p toktab --test laws oracle` scales one law up;
//! `TOKTAB_SEED=17 TOKTAB_CASES=1` runs the one case that a failure names.

mod random;
mod engine;
mod exact;
mod oracle;
mod table;
mod conservation;
mod short_way;
mod short_formats;
mod json_lines;
mod lanes;
mod rows;
mod zone;
mod lines;
