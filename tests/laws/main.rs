//! Laws of the library, on random cases that are the same on every machine.
//!
//! `TOKRECKON_CASES=1000000 cargo test --release -p tokreckon --test laws oracle` scales one law up;
//! `TOKRECKON_SEED=17 TOKRECKON_CASES=1` runs the one case that a failure names.

mod random;
mod engine;
mod exact;
mod oracle;
mod table;
mod conservation;
mod differential;
mod json_lines;
mod routes;
mod rows;
mod zone;
mod lines;
mod splits;
