//! Counts one text with tokreckon: measures start-up, memory and the size of a program.

#[expect(dead_code, reason = "one of the counters is used")]
#[path = "../engines.rs"]
mod engines;
#[path = "../once.rs"]
mod once;

fn main() {
    once::run(engines::tokreckon);
}
